"""Outcome types: what an outcome may be, checked once at the door, with the unit its predictions are told in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from .errors import OutcomeError, rows_that
from .frames import distinct, numbers, plain, series_of

Yardstick = Callable[..., Any]


@dataclass(frozen=True)
class Outcome:
    """Base of the outcome types.

    Parameters
    ----------
    unit : str
        The unit of the outcome, for sentences: "years", "export countries".

    Attributes
    ----------
    several : bool
        Whether a formula may name several columns, `lower + upper ~ terms`, which are then read as a frame.
    """

    several: ClassVar[bool] = False
    unit: str = ""

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the outcome as a float array, or raise `OutcomeError` naming column, rule and rows."""
        raise NotImplementedError

    def estimable(self, read: np.ndarray) -> bool:
        """Whether resampled rows still say something: false where a binary outcome or a share no longer varies."""
        return True


def _numeric(values: Any, name: str, labels: pd.Index) -> np.ndarray:
    try:
        return numbers(values, f"outcome {name!r}", labels)
    except OutcomeError:
        raise
    except ValueError as error:
        raise OutcomeError(str(error)) from None


def refuse(wrong: np.ndarray, values: np.ndarray, name: str, labels: pd.Index, rule: str) -> None:
    """Raise `OutcomeError` with the rule and the first offending rows, if there are any."""
    if wrong.any():
        raise OutcomeError(f"outcome {name!r} {rule}; {rows_that('hold', labels[wrong])} {values[wrong][0]:g}")


@dataclass(frozen=True)
class Binary(Outcome):
    """A yes or no: 0/1, booleans, or a column of two levels, of which the second is the event."""

    unit: str = "probability"

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return 0.0 and 1.0."""
        series = plain(series_of(values, f"outcome {name!r}").set_axis(labels))
        levels = self.levels(series)
        if levels is not None:
            if len(levels) != 2:
                raise OutcomeError(
                    f"outcome {name!r} must have two levels; it has {len(levels)}: {', '.join(map(str, levels))}"
                )
            read = (series == levels[1]).to_numpy(dtype=float)
        else:
            read = _numeric(series, name, labels)
            refuse(~np.isin(read, (0.0, 1.0)), read, name, labels, "must be 0 or 1")
        if read.size and (read == read[0]).all():
            raise OutcomeError(f"outcome {name!r} has one class only: every row is {series.iloc[0]}")
        return read

    def estimable(self, read: np.ndarray) -> bool:
        """Whether both classes occur."""
        return bool(np.ptp(read) > 0)

    @staticmethod
    def levels(series: pd.Series) -> list[Any] | None:
        """Return the levels of a text or categorical column, None for numbers and booleans."""
        if isinstance(series.dtype, pd.CategoricalDtype):
            return list(series.cat.categories)
        if pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_bool_dtype(series.dtype):
            return None
        levels = sorted(distinct(series, "the outcome"), key=str)
        return None if set(levels) <= {True, False} else levels


@dataclass(frozen=True)
class Share(Outcome):
    """A share between 0 and 1, both ends included."""

    unit: str = "share"

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the shares."""
        read = _numeric(values, name, labels)
        self.refuse_outside(read, name, labels)
        if read.size and np.ptp(read) == 0:
            raise OutcomeError(f"outcome {name!r} does not vary: every share is {read[0]:g}")
        return read

    @staticmethod
    def refuse_outside(read: np.ndarray, name: str, labels: pd.Index) -> None:
        """Raise `OutcomeError` if a share lies outside 0 and 1."""
        hint = " (percentages? divide by 100)" if (read > 1).any() and read.max() <= 100 else ""
        refuse((read < 0) | (read > 1), read, name, labels, f"must lie between 0 and 1{hint}")

    def estimable(self, read: np.ndarray) -> bool:
        """Whether the shares vary."""
        return bool(np.ptp(read) > 0)


@dataclass(frozen=True)
class Amount(Outcome):
    """An amount of money or goods: zero or more, not necessarily whole."""

    unit: str = "exports"

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the amounts."""
        read = _numeric(values, name, labels)
        refuse(read < 0, read, name, labels, "must not be negative")
        if not read.any():
            raise OutcomeError(f"outcome {name!r} is zero in every row")
        return read

    def estimable(self, read: np.ndarray) -> bool:
        """Whether anything is exported."""
        return bool(read.any())


@dataclass(frozen=True)
class Count(Outcome):
    """A count of whole things, at least `at_least` and at most `at_most`."""

    unit: str = "markets"
    at_least: int = 0
    at_most: int | None = None

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the counts as floats."""
        read = _numeric(values, name, labels)
        refuse(read != np.floor(read), read, name, labels, "must be whole numbers")
        refuse(read > 2.0**53, read, name, labels, "must be counts, of which a float knows each")
        refuse(read < self.at_least, read, name, labels, f"must be at least {self.at_least}")
        if self.at_most is not None:
            refuse(read > self.at_most, read, name, labels, f"must be at most {self.at_most}")
        return read


@dataclass(frozen=True)
class Duration(Outcome):
    """A time until an event, zero or more; event, entry and other columns are checked by `read_spell`."""

    unit: str = "years"

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the durations."""
        read = _numeric(values, name, labels)
        refuse(read < 0, read, name, labels, "must not be negative")
        return read

    @staticmethod
    def read_event(values: Any, labels: pd.Index) -> np.ndarray:
        """Return the event indicator as 0.0 and 1.0; at least one event is needed."""
        event = _numeric(values, "event", labels)
        refuse(~np.isin(event, (0.0, 1.0)), event, "event", labels, "must be 0 or 1")
        if not event.any():
            raise OutcomeError("there are no events: every duration is censored, so no hazard can be estimated")
        return event

    @staticmethod
    def read_entry(values: Any, duration: np.ndarray, labels: pd.Index, *, strictly: bool = True) -> np.ndarray:
        """Return entry times, which lie before the exit (or not after it, where `strictly` is false).

        Zero means observed from the beginning, and goes with every duration, zero included.
        """
        entry = _numeric(values, "entry", labels)
        refuse(entry < 0, entry, "entry", labels, "must not be negative")
        late = (entry >= duration) & (entry > 0) if strictly else entry > duration
        refuse(late, entry, "entry", labels, "must lie before the end of the duration")
        return entry
