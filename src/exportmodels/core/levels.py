"""Outcomes of named levels: unordered choices and ordered scales, read as the numbers of their levels."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from .errors import OutcomeError, rows_that, shown
from .frames import distinct, natural, plain, series_of
from .outcomes import Binary, Outcome


@dataclass(frozen=True)
class Choice(Outcome):
    """One of several named levels in no order: an entry mode, a first destination.

    Parameters
    ----------
    levels : tuple
        The levels as they stand in the data; the first is the base.
    """

    unit: str = "probability"
    levels: tuple[Any, ...] = ()

    @classmethod
    def of(cls, values: Any) -> Self:
        """Return the outcome type with a column's levels: its categories, or its distinct values in order."""
        series = plain(series_of(values, "y"))
        if isinstance(series.dtype, pd.CategoricalDtype):
            return cls(levels=tuple(series.cat.categories))
        return cls(levels=tuple(sorted(distinct(series, "the outcome"), key=natural)))

    @property
    def names(self) -> tuple[str, ...]:
        """The levels as texts, whole numbers without decimals."""
        return tuple(f"{level:g}" if isinstance(level, float) else str(level) for level in self.levels)

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return each row's level as a number, counted from zero; every level must occur."""
        series = plain(series_of(values, f"outcome {name!r}").set_axis(labels))
        read = np.full(len(series), np.nan)
        for k, level in enumerate(self.levels):
            read[(series == level).to_numpy(dtype=bool)] = k
        unknown = np.isnan(read)
        if unknown.any():
            raise OutcomeError(
                f"outcome {name!r} must be one of {', '.join(self.names)}; {rows_that('hold', labels[unknown])} "
                f"{shown(series[unknown].iloc[0])}"
            )
        if len(self.levels) < 2:
            raise OutcomeError(f"outcome {name!r} has one class only: every row is {series.iloc[0]}")
        empty = [text for k, text in enumerate(self.names) if not (read == k).any()]
        if empty:
            raise OutcomeError(
                f"outcome {name!r} has levels that no complete row holds: {', '.join(empty)}; drop them (pandas: "
                "cat.remove_unused_categories()) or merge them with others"
            )
        return read

    def estimable(self, read: np.ndarray) -> bool:
        """Whether every level occurs."""
        return len(np.unique(read)) == len(self.levels)


@dataclass(frozen=True)
class Ordered(Choice):
    """One of several levels in their order: a scale from 1 to 5, brackets; numbers or an ordered categorical."""

    @classmethod
    def of(cls, values: Any) -> Self:
        """Return the outcome type with a column's levels in their order, or raise `OutcomeError` if it has none."""
        found, dtype = super().of(values), getattr(values, "dtype", None)
        if isinstance(dtype, pd.CategoricalDtype):
            ordered = bool(dtype.ordered)
        else:
            ordered = all(isinstance(level, int | float | np.number | np.bool_) for level in found.levels)
        if not ordered:
            raise OutcomeError(
                f"the levels {', '.join(found.names)} have no order; give numbers or an ordered categorical "
                "(pandas: astype(pd.CategoricalDtype([...], ordered=True)))"
            )
        return found


@dataclass(frozen=True)
class Picks(Outcome):
    """Whether an alternative of a choice set was picked: 0 or 1 for each alternative, at least one of each."""

    unit: str = "probability"

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return 0.0 and 1.0."""
        return Binary().read(values, name, labels)

    def estimable(self, read: np.ndarray) -> bool:
        """Whether something was picked and something was not."""
        return Binary().estimable(read)
