"""A clock: the distinct times of a sample in order, and each time as its place among them."""

from dataclasses import dataclass

import numpy as np

# Whole times up to so many ticks (or up to the number of rows) are their own places; others are sorted.
_TICKS = 2**14


@dataclass(frozen=True)
class Clock:
    """Times in ascending order.

    Parameters
    ----------
    times : ndarray, shape (T,)
        The times; for whole years every year from 0 to the last one, whether it occurs or not.
    whole : bool
        Whether they are 0, 1, 2, ...
    """

    times: np.ndarray
    whole: bool

    @classmethod
    def of(cls, duration: np.ndarray) -> tuple["Clock", np.ndarray]:
        """Return the clock of some durations, and the place of each one, shape (n,)."""
        last = duration.max()
        if last < max(_TICKS, len(duration)):
            place = duration.astype(np.int32)
            if (place == duration).all():
                return cls(np.arange(int(last) + 1, dtype=float), True), place
        times, places = np.unique(duration, return_inverse=True)
        return cls(times, False), places

    def after(self, entry: np.ndarray) -> np.ndarray:
        """Return the place of the first time after each entry; zero (observed from the beginning) comes before all."""
        if self.whole:
            place = np.minimum(entry, len(self.times)).astype(np.int32) + 1
        else:
            place = np.searchsorted(self.times, entry, side="right")
        return np.where(entry > 0, np.minimum(place, len(self.times)), 0)
