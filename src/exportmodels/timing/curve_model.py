"""Base of the curves without a model: durations by group, read and checked once."""

from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError, WeightError
from ..core.frames import column, distinct, numbered, series_of, to_pandas
from ..core.options import checked, checked_methods
from ..core.outcomes import Duration
from ..core.sample import Sample, collect
from ..core.terms import evaluate, split_formula
from .cumulated import Path, Units
from .risk_table import Observations, RiskTable


class CurveModel:
    """Base of `KaplanMeier` and `NelsonAalen`; not used by itself.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Time until the event or the end of observation, zero or more.
    by : array_like, shape (n,), or data frame, optional
        Group of each row; a frame's columns are crossed.
    event : array_like, shape (n,)
        1 where the duration ends with the event, 0 where it is cut off.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry); zero, the default, means from the beginning.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.
    """

    column_options: ClassVar[tuple[str, ...]] = ("event", "entry", "weights", "frequency")
    frame: pd.DataFrame | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Have every constructor and fit refuse options that it does not have, or of other types."""
        super().__init_subclass__(**options)
        checked_methods(cls)

    @checked
    def __init__(
        self,
        outcome: Any,
        by: Any = None,
        *,
        event: Any = None,
        entry: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        if event is None:
            raise OptionError("event= is needed: 1 where the duration ends with the event, 0 where it is cut off")
        self.by, levels, groups = _numbered(by)
        sample = collect(
            outcome,
            {},
            Duration(),
            columns={"event": event, "entry": entry, "by": groups},
            absorbed=False,
            weights=weights,
            frequency=frequency,
            missing=missing,
        )
        self.event_name = str(getattr(event, "name", None) or "event")
        self.sample, self.levels = _checked(sample, levels)

    @classmethod
    def from_formula(cls, formula: str, data: Any, **options: Any) -> Self:
        """Build the curves from a formula and a data frame.

        Parameters
        ----------
        formula : str
            `"years ~ sector"`, `"years ~ sector + size"` for every combination, `"years ~ 1"` for all firms together.
        data : data frame
            pandas, polars, Arrow, or a dict of columns.
        **options
            The constructor's options, columns by their names.

        Raises
        ------
        FormulaError
            If the formula cannot be read or names a column that the data do not have.
        """
        frame = to_pandas(data)
        left, right = split_formula(formula)
        for name in cls.column_options:
            if isinstance(options.get(name), str):
                options[name] = column(frame, options[name], name)
        names = [name.strip() for name in right.split("+") if name.strip() not in ("1", "")]
        by = None if not names else frame[[str(column(frame, name, "the formula").name) for name in names]]
        model = cls(evaluate(left, frame), by, **options)
        model.frame = frame
        return model

    @property
    def spells(self) -> Observations:
        """The durations with their events, entries and weights."""
        columns = self.sample.columns
        return Observations(self.sample.outcome, columns["event"], columns.get("entry"), self.sample.total_weight)

    @property
    def group(self) -> np.ndarray | None:
        """The number of each row's group, shape (n,); None where there is one group."""
        return self.sample.columns["by"] if len(self.levels) > 1 else None

    def paths(self, cov_type: str | None, clusters: Any, survivors: bool) -> list[Path]:
        """Return the cumulated hazard of each group with its variance; see `Path.of`."""
        labels = None if clusters is None else self.sample.align(clusters, "clusters", self.frame)
        weights, frequency = self.sample.weights, self.sample.frequency
        if cov_type is None:
            cov_type = "clustered" if labels is not None else "nonrobust" if weights is None else "robust"
        if cov_type not in ("nonrobust", "robust", "clustered"):
            raise OptionError(f"cov_type must be one of nonrobust, robust, clustered; not {cov_type!r}")
        if (cov_type == "clustered") != (labels is not None):
            raise OptionError("cov_type='clustered' and clusters= go together")
        if cov_type == "nonrobust" and weights is not None:
            raise WeightError(
                "with sampling weights Greenwood's variance is wrong; use cov_type='robust' or 'clustered'"
            )
        table = RiskTable.of(self.spells, self.group, len(self.levels))
        paths = []
        for g in range(len(self.levels)):
            own = None if self.group is None else self.group == g
            units = None if cov_type == "nonrobust" else Units.of(self.spells, own, frequency, weights, labels)
            paths.append(Path.of(table.group(g), units, survivors))
        return paths


def _numbered(by: Any) -> tuple[str, list[Any], pd.Series | None]:
    """Return the name of a grouping, its levels in their order, and the number of each row's level, NaN for none."""
    if by is None:
        return "", ["all"], None
    if isinstance(by, pd.DataFrame) and by.shape[1] > 1:
        number = by.apply(_sortable).groupby(list(by.columns), observed=True).ngroup()
        first = ~number.duplicated() & number.notna() & (number >= 0)
        texts = by[first].astype(str).agg(", ".join, axis=1)
        levels = list(texts.iloc[np.argsort(number[first].to_numpy())])
        return ", ".join(map(str, by.columns)), levels, number.where(number >= 0).astype(float)
    if isinstance(by, pd.DataFrame):
        if by.empty:
            raise DataError("by has no column, or no row, to group by")
        by = by.iloc[:, 0]
    series = series_of(by, "group")
    distinct(series, "by")
    if isinstance(series.dtype, pd.CategoricalDtype):
        code, found = series.cat.codes.to_numpy(), list(series.cat.categories)
    else:
        code, unique = numbered(series)
        found = [int(level) if isinstance(level, float) and level.is_integer() else level for level in unique]
    own = pd.Series(np.where(code < 0, np.nan, code), index=series.index)
    return str(series.name if series.name is not None else "group"), found, own


def _sortable(column: pd.Series) -> pd.Series:
    """Return a column whose levels have an order, of whatever types they are."""
    if column.dtype != object:
        return column
    distinct(column, f"column {column.name!r}")
    code, levels = numbered(column)
    return pd.Series(pd.Categorical.from_codes(code, pd.Index(levels, dtype=object), ordered=True), column.index)


def _checked(sample: Sample, levels: list[Any]) -> tuple[Sample, list[Any]]:
    """Return the sample with event, entry and groups checked, and the levels that some row has."""
    labels, columns = sample.labels, dict(sample.columns)
    columns["event"] = Duration.read_event(columns["event"], labels) > 0
    if "entry" in columns:
        columns["entry"] = Duration.read_entry(columns["entry"], sample.outcome, labels)
    if "by" not in columns:
        return replace(sample, columns=columns), levels
    number = columns["by"].astype(np.int64)
    held = np.flatnonzero(np.bincount(number))
    columns["by"] = np.searchsorted(held, number)
    return replace(sample, columns=columns), [levels[k] for k in held]
