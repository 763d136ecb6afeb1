"""The rows a model is fitted on: outcome, designs, weights and other columns, checked and aligned once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .design import Design, build_design
from .errors import DataError, OptionError, WeightError, rows, rows_that
from .frames import LARGEST, distinct, matrix_of, numbers, series_of, to_pandas
from .outcomes import Outcome
from .terms import Terms


@dataclass(frozen=True)
class Sample:
    """What an estimator sees of the data.

    Parameters
    ----------
    outcome : ndarray, shape (n,) or (n, m)
        The outcome of the used rows.
    designs : dict of str to Design
        One design an equation; the first equation is named "".
    columns : dict of str to ndarray, shape (n,)
        Other columns of the estimator's own: event, entry, strata.
    frequency, weights, offset : ndarray, shape (n,), optional
        How many identical firms a row stands for; sampling weights; what is added to the first linear predictor.
    labels : pandas.Index, shape (n,)
        Row labels of the used rows.
    used : ndarray of bool, shape (N,)
        Which of the given rows are used.
    name : str
        The outcome's name.
    offset_name : str, optional
        The offset's name, by which new rows bring theirs.
    """

    outcome: np.ndarray
    designs: dict[str, Design]
    columns: dict[str, np.ndarray]
    frequency: np.ndarray | None
    weights: np.ndarray | None
    offset: np.ndarray | None
    labels: pd.Index
    used: np.ndarray
    name: str
    offset_name: str | None = None

    @property
    def nobs(self) -> int:
        """Number of firms: rows, or the sum of their frequencies."""
        return len(self.labels) if self.frequency is None else int(self.frequency.sum())

    @property
    def width(self) -> int:
        """Number of columns of all designs."""
        return sum(design.matrix.shape[1] for design in self.designs.values())

    @property
    def missing(self) -> int:
        """Number of rows left out because something was missing."""
        return int(len(self.used) - self.used.sum())

    @property
    def total_weight(self) -> np.ndarray | None:
        """Frequency times sampling weight, None where both are one."""
        if self.frequency is None or self.weights is None:
            return self.weights if self.frequency is None else self.frequency
        return self.frequency * self.weights

    def mean_one(self, among: np.ndarray | slice = slice(None)) -> "Sample":
        """Return the sample with sampling weights of mean one over some rows, so that a penalty keeps its size."""
        if self.weights is None:
            return self
        counts = None if self.frequency is None else self.frequency[among]
        return replace(self, weights=self.weights / np.average(self.weights[among], weights=counts))

    def reweighted(self, frequency: np.ndarray) -> "Sample":
        """Return the sample with other frequencies; rows of frequency zero go."""
        kept = frequency > 0
        return Sample(
            outcome=self.outcome[kept],
            designs={name: design.take(kept) for name, design in self.designs.items()},
            columns={name: values[kept] for name, values in self.columns.items()},
            frequency=frequency[kept],
            weights=None if self.weights is None else self.weights[kept],
            offset=None if self.offset is None else self.offset[kept],
            labels=self.labels[kept],
            used=kept,
            name=self.name,
            offset_name=self.offset_name,
        )

    def places(self, newdata: Any) -> np.ndarray | None:
        """Return which of the used rows new data are, by their labels; None where they are others."""
        if not isinstance(newdata, pd.DataFrame) or len(newdata) != len(self.labels):
            return None
        if newdata.index.equals(self.labels):
            return np.arange(len(newdata))
        place = self.labels.get_indexer(newdata.index) if self.labels.is_unique else np.zeros(0, dtype=int)
        return place if (np.bincount(place + 1, minlength=len(newdata) + 1)[1:] == 1).all() else None

    def offsets(self, newdata: Any, n: int) -> list[np.ndarray]:
        """Return the offset as a column, shape (n, 1), in a list that is empty where there is none.

        New rows bring theirs in a column of its name, or keep that of the used rows where they have their labels. Rows
        of an array have none.

        Raises
        ------
        DataError
            If new rows of a frame have no offset.
        """
        if self.offset is None:
            return []
        if newdata is None:
            return [self.offset[:, None]]
        if not (hasattr(newdata, "columns") or isinstance(newdata, dict)):
            return [np.zeros((n, 1))]
        frame, name = to_pandas(newdata), self.offset_name
        if name is not None and name in frame.columns:
            return [numbers(frame[name], f"column {name!r}", frame.index)[:, None]]
        used = self.places(frame)
        if used is None:
            raise DataError(
                "the new rows need an offset, as the fitted ones have: "
                + ("give offset= under a name, and them a column of it" if name is None else f"a column {name!r}")
            )
        return [self.offset[used][:, None]]

    def align(self, values: Any, role: str, frame: pd.DataFrame | None) -> np.ndarray:
        """Return a column that was given after the fit's rows were chosen (clusters) on those rows.

        `values` is a column name of the model's frame, or an array over all given rows or over the used ones.
        """
        if isinstance(values, str):
            if frame is None:
                raise OptionError(
                    f"{role}={values!r} names a column, but the model was built from arrays; give the array"
                )
            from .frames import column

            values = column(frame, values, role)
        given = series_of(values, role).reset_index(drop=True)
        series = given.astype(object)
        if len(series) == len(self.used):
            series = series[self.used]
        elif len(series) != len(self.labels):
            raise DataError(f"{role} has {len(series)} rows, the data {len(self.used)}")
        gone = series.isna().to_numpy()
        if gone.any():
            raise DataError(f"{role} is missing in {rows(self.labels[gone])}; every used row needs one")
        if given.dtype == object:
            distinct(series.set_axis(self.labels), role)
        return series.to_numpy()


def collect(
    outcome: Any,
    equations: Mapping[str, Any],
    kind: Outcome,
    *,
    columns: Mapping[str, Any],
    absorbed: bool,
    anchored: Collection[str] = (),
    frequency: Any = None,
    weights: Any = None,
    offset: Any = None,
    missing: str = "drop",
) -> Sample:
    """Align everything on the complete rows, check it, and build the designs.

    Raises
    ------
    DataError, OutcomeError, WeightError, FormulaError
        With column, rule and rows, whatever is wrong with the data.
    """
    if missing not in ("drop", "raise"):
        raise OptionError(f"missing must be 'drop' or 'raise', not {missing!r}")
    outcome = outcome if isinstance(outcome, pd.DataFrame) else series_of(outcome, "y")
    equations = {name: tabular(source, name) for name, source in equations.items()}
    options = {"frequency": frequency, "weights": weights, "offset": offset, **columns}
    series = {name: series_of(values, name) for name, values in options.items() if values is not None}
    for name in columns:
        if name in series and series[name].dtype == object:
            distinct(series[name], name)
    labels = _common_index(outcome, equations, series)
    outcome, series = _labelled(outcome, labels), {name: _labelled(one, labels) for name, one in series.items()}
    gone = _missing_rows(outcome, equations, series, len(labels))
    if missing == "raise" and gone.any():
        raise DataError(f"values are missing in {rows(labels[gone])}; drop them or say missing='drop'")
    counts = _weight(series.get("frequency"), "frequency", labels, gone)
    if counts is not None:
        gone = gone | (counts == 0)
    factors = _weight(series.get("weights"), "weights", labels, gone)
    used = ~gone
    if not used.any():
        raise DataError(f"no complete row is left: all {len(labels)} rows miss the outcome or a covariate")
    kept = _take(labels, used)
    name = str(outcome.name) if isinstance(outcome, pd.Series) else ", ".join(map(str, outcome.columns))
    return Sample(
        outcome=kind.read(_take(outcome, used), name, kept),
        designs={
            equation: build_design(
                _take(source, used),
                kept,
                absorbed=absorbed and not equation,
                anchored=equation in anchored,
                where=equation,
            )
            for equation, source in equations.items()
        },
        columns={key: _take(series[key], used).to_numpy() for key in columns if key in series},
        frequency=None if counts is None else counts[used],
        weights=None if factors is None else factors[used],
        offset=numbers(_take(series["offset"], used), "offset", kept) if "offset" in series else None,
        labels=kept,
        used=used,
        name=name,
        offset_name=None if getattr(offset, "name", None) is None else str(offset.name),
    )


def tabular(source: Any, name: str) -> Any:
    """Return covariates as terms, a frame or a float matrix; raise `DataError` where they are none of these."""
    if isinstance(source, Terms):
        return source
    if isinstance(source, pd.Series):
        return source.to_frame()
    if hasattr(source, "columns") or isinstance(source, dict):
        return to_pandas(source)
    return matrix_of(source, f"the covariates{f' of [{name}]' if name else ''}")


def _common_index(
    outcome: pd.Series | pd.DataFrame, equations: Mapping[str, Any], series: Mapping[str, pd.Series]
) -> pd.Index:
    labels = outcome.index
    sources = {f"the covariates{f' of [{name}]' if name else ''}": x for name, x in equations.items()} | dict(series)
    for name, source in sources.items():
        frame = source.frame if isinstance(source, Terms) else source
        if len(frame) != len(labels):
            raise DataError(f"{name} must have as many rows as the outcome: {len(frame)} against {len(labels)}")
        index = frame.index if isinstance(frame, pd.DataFrame | pd.Series) else None
        if index is None or isinstance(index, pd.RangeIndex):
            continue
        if isinstance(labels, pd.RangeIndex):
            labels = index
        elif not index.equals(labels):
            raise DataError(f"{name} and the outcome have different row labels; align them first (reindex)")
    return labels


def _missing_rows(
    outcome: pd.Series | pd.DataFrame, equations: Mapping[str, Any], series: Mapping[str, pd.Series], n: int
) -> np.ndarray:
    gone = np.zeros(n, dtype=bool)
    for source in (outcome, *equations.values(), *series.values()):
        if isinstance(source, Terms):
            gone |= source.missing
        elif isinstance(source, np.ndarray):
            if np.isnan(source.sum()):  # one cheap pass first
                gone |= np.isnan(source.reshape(n, -1)).any(axis=1)
        else:
            absent = source.isna().to_numpy()
            gone |= absent if absent.ndim == 1 else absent.any(axis=1)
    return gone


def _labelled(values: Any, labels: pd.Index) -> Any:
    return values if values.index.equals(labels) else values.set_axis(labels)


def _take(source: Any, used: np.ndarray) -> Any:
    """Return the used rows; the source itself, not a copy, where these are all."""
    if used.all():
        return source
    return source.take(used) if isinstance(source, Terms) else source[used]


def _weight(series: pd.Series | None, role: str, labels: pd.Index, gone: np.ndarray) -> np.ndarray | None:
    """Check weights on rows that are not missing; frequencies are whole numbers, sampling weights positive."""
    if series is None:
        return None
    try:
        values = numbers(series, role, labels, finite=False)
    except DataError as error:
        raise WeightError(str(error)) from None
    values = np.where(gone, 0.0 if role == "frequency" else 1.0, values)
    rules = {
        "must be finite": ~np.isfinite(values),
        "must not be negative": values < 0,
    }
    if role == "frequency":
        rules["must be whole numbers (sampling weights go into weights=)"] = values != np.floor(values)
        rules["must be numbers of firms"] = values > 2.0**53
    else:
        rules["must be positive; leave rows of weight zero out"] = values == 0
        rules["must lie between 1e-100 and 1e100"] = (values < 1 / LARGEST) | (values > LARGEST)
    for rule, wrong in rules.items():
        if wrong.any():
            raise WeightError(f"{role} {rule}; {rows_that('hold', labels[wrong])} {values[wrong][0]:g}")
    return values
