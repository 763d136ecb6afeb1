"""Risk sets: which events each row of a sample could have had, and sums over the rows at risk at each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .clock import Clock

# Up to this many possible slots, and some for each event, are looked up in a table; more are searched for.
_TABLE = 2**20


@dataclass(frozen=True)
class RiskSets:
    """Rows as ranges of slots; a slot is a time at which some row of a stratum has the event.

    Parameters
    ----------
    time : ndarray, shape (K,)
        The time of each slot; ascending within a stratum, one stratum after the other.
    bounds : ndarray, shape (G + 1,)
        Where the slots of each stratum begin and end.
    first, last : ndarray, shape (n,)
        The first and the last slot at which a row is at risk; a row with the event has it at its last.
    event : ndarray of bool, shape (n,)
        Whether the row has the event.
    late : bool
        Whether some row comes under observation after the first slot of its stratum.
    """

    time: np.ndarray
    bounds: np.ndarray
    first: np.ndarray
    last: np.ndarray
    event: np.ndarray
    late: bool

    @classmethod
    def of(
        cls,
        duration: np.ndarray,
        event: np.ndarray,
        entry: np.ndarray | None = None,
        stratum: np.ndarray | None = None,
    ) -> tuple["RiskSets", np.ndarray]:
        """Return the risk sets of the rows that are at risk at some event, and which rows these are.

        A row is at risk after its entry and up to its end, the end included; with entry zero it is at risk from time
        zero on, so that an event at time zero counts. Rows that are at risk at no event say nothing and are left out.
        """
        clock, place = Clock.of(duration)
        ticks, strata = len(clock.times), 1 if stratum is None else int(stratum.max()) + 1
        offset = 0 if stratum is None else stratum.astype(np.int64) * ticks
        code = place + offset
        slots, before = _slots(code[event], ticks * strata)
        last = before(code + 1) - 1
        bounds = before(np.arange(strata + 1) * ticks)
        own = bounds[0] if stratum is None else bounds[stratum]
        first = np.broadcast_to(own, last.shape) if entry is None else before(clock.after(entry) + offset)
        kept = first <= last
        sets = cls(
            clock.times[slots % ticks],
            bounds,
            np.ascontiguousarray(first[kept]),
            last[kept],
            event[kept],
            bool((first != own).any()),
        )
        return sets, kept

    @property
    def size(self) -> int:
        """Number of slots."""
        return len(self.time)

    def sums(self, weight: np.ndarray, matrix: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Add up over the rows at risk in each slot, and over those that have the event then.

        Parameters
        ----------
        weight : ndarray, shape (n,)
            What is added up.
        matrix : ndarray, shape (n, p), optional
            Rows that are added up instead, each times its weight.

        Returns
        -------
        tuple of ndarray, shapes (K,) or (K, p)
        """

        def add(index: np.ndarray, size: int) -> np.ndarray:
            return np.bincount(index, weight, size) if matrix is None else add_rows(index, weight, matrix, size)

        ending = add(2 * self.last + self.event, 2 * self.size)
        events = ending[1::2]
        at_risk = self.from_end(ending[::2] + events)
        if self.late:
            entering = self.from_end(add(self.first, self.size))
            entering[:-1] = entering[1:]
            entering[self.bounds[1:][np.diff(self.bounds) > 0] - 1] = 0.0
            at_risk -= entering
        return at_risk, events

    def from_end(self, values: np.ndarray) -> np.ndarray:
        """Cumulate over the slots of each stratum, backwards."""
        return self._cumulate(values[::-1], self.size - self.bounds[::-1])[::-1]

    def cumulate(self, values: np.ndarray) -> np.ndarray:
        """Cumulate over the slots of each stratum."""
        return self._cumulate(values, self.bounds)

    @staticmethod
    def _cumulate(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        total = np.empty_like(values, dtype=float)
        for begin, end in pairwise(bounds):
            np.cumsum(values[begin:end], axis=0, out=total[begin:end])
        return total

    def over_risk(self, values: np.ndarray) -> np.ndarray:
        """Return for each row the sum of values (K, ...) over the slots at which it is at risk."""
        cumulated = self.cumulate(values)
        total = cumulated[self.last]
        if self.late:
            begin = np.zeros(self.size, dtype=bool)
            begin[self.bounds[:-1][np.diff(self.bounds) > 0]] = True
            before = np.roll(cumulated, 1, axis=0)
            before[begin] = 0.0
            total -= before[self.first]
        return total


def _slots(events: np.ndarray, size: int) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Return the codes at which events happen, and a function that counts those below any code from 0 to `size`."""
    if size <= _TABLE + 8 * len(events):
        happened = np.bincount(events, minlength=size) > 0
        below = np.zeros(size + 1, dtype=np.int32)
        np.cumsum(happened, out=below[1:])
        return np.flatnonzero(happened), below.__getitem__
    slots = np.unique(events)
    return slots, lambda code: np.searchsorted(slots, code).astype(np.int32)


def add_rows(index: np.ndarray, weight: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """Add up rows of a matrix (n, p), each times its weight, by group, shape (size, p)."""
    from scipy.sparse import csc_array

    ends = np.arange(len(index) + 1, dtype=np.int32)
    return csc_array((weight, index, ends), shape=(size, len(index))) @ matrix
