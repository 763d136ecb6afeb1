"""Outcomes of this package: shares whose ends are a case of their own, and numbers between limits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError, OutcomeError, rows, rows_that
from ..core.frames import LARGEST, numbers
from ..core.outcomes import Share


@dataclass(frozen=True)
class EndedShare(Share):
    """Shares whose ends some models cannot reach, and others model by a probability.

    Parameters
    ----------
    unreached : tuple of float
        The ends, 0 or 1, at which no share may lie.
    needed : tuple of float
        The ends at which some share must lie.
    piled : bool
        Whether some share must lie at an end, whichever it is.
    instead : str
        What to do where a share lies at an end that is not reached, or none at any.
    """

    unreached: tuple[float, ...] = ()
    needed: tuple[float, ...] = ()
    piled: bool = False
    instead: str = ""

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the shares."""
        read = super().read(values, name, labels)
        self.check_ends(read, name, labels)
        return read

    def check_ends(self, known: np.ndarray, name: str, labels: pd.Index) -> None:
        """Refuse shares at ends that are not reached, and ends that no share lies at; unknown shares are missing."""
        for end in self.unreached:
            if (known == end).any():
                raise OutcomeError(
                    f"outcome {name!r} is exactly {end:g} in {rows(labels[known == end])}; {self.instead}"
                )
        for end in self.needed:
            if not (known == end).any():
                raise OutcomeError(
                    f"outcome {name!r} is nowhere exactly {end:g}, so that end has no probability to estimate; "
                    "leave it out, or use share.Fractional"
                )
        if self.piled and not _at_an_end(known):
            raise OutcomeError(f"outcome {name!r} is nowhere exactly 0 or 1; {self.instead}")

    def estimable(self, read: np.ndarray) -> bool:
        """Whether the shares vary, and lie at each end that has a probability."""
        known = read if read.ndim == 1 else np.where(read[:, 0] == read[:, 1], read[:, 0], np.nan)
        reached = all((known == end).any() for end in self.needed) and (not self.piled or _at_an_end(known))
        return bool(np.ptp(read, axis=0).any()) and reached


def _at_an_end(known: np.ndarray) -> bool:
    return bool(((known == 0) | (known == 1)).any())


@dataclass(frozen=True)
class LimitedShare(Share):
    """A number observed between two limits; a share, unless a limit lies outside 0 and 1.

    Parameters
    ----------
    lower, upper : float
        The limits; infinite where there is none.
    within : str
        Where values must lie strictly between the limits: what to do with the others, for the message.
    """

    lower: float = 0.0
    upper: float = 1.0
    within: str = ""

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the values."""
        read = numbers(values, f"outcome {name!r}", labels)
        if self.lower >= 0 and self.upper <= 1:
            self.refuse_outside(read, name, labels)
        outside = (read <= self.lower) | (read >= self.upper)
        if self.within and outside.any():
            raise OutcomeError(
                f"outcome {name!r} must lie strictly between {self.lower:g} and {self.upper:g} here; "
                f"{rows_that('hold', labels[outside])} {read[outside][0]:g}; {self.within}"
            )
        if read.size and np.ptp(read) == 0:
            raise OutcomeError(f"outcome {name!r} does not vary: every value is {read[0]:g}")
        return read


def ends(lower: float | None, upper: float | None) -> tuple[float, float]:
    """Return limits as numbers, infinite where there is none."""
    low, high = (-np.inf if lower is None else float(lower)), (np.inf if upper is None else float(upper))
    low, high = (limit if abs(limit) < LARGEST else np.copysign(np.inf, limit) for limit in (low, high))
    if not low < high:
        raise OptionError(f"the lower limit must lie below the upper one; they are {lower} and {upper}")
    return low, high
