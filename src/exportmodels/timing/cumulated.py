"""The cumulated hazard of one group and its variance: from counts, or from each firm's influence on it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..core.covariance import codes
from .risk_sets import add_rows
from .risk_table import Observations, RiskTable

# So many numbers of influence are held at a time.
_HELD = 4_000_000


@dataclass(frozen=True)
class Units:
    """The rows of a group, for variances from their influence.

    Parameters
    ----------
    spells : Observations
        Durations, events and entries; the weight is frequency times sampling weight.
    square : ndarray, shape (n,)
        Frequency times the square of the sampling weight.
    cluster : ndarray of int, shape (n,), optional
        Rows whose influences are added up before they are squared.
    """

    spells: Observations
    square: np.ndarray
    cluster: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        spells: Observations,
        chosen: np.ndarray | None,
        frequency: np.ndarray | None,
        weights: np.ndarray | None,
        clusters: np.ndarray | None,
    ) -> "Units":
        """Return the chosen rows, or all of them."""
        rows = slice(None) if chosen is None else chosen
        factor = np.ones(len(spells.duration))
        for part, power in ((frequency, 1), (weights, 2)):
            factor = factor if part is None else factor * part**power
        return cls(spells.take(rows), factor[rows], None if clusters is None else codes(clusters[rows])[0])

    def squared(self, influence: np.ndarray) -> np.ndarray:
        """Add up squares of the rows' (or the clusters') influences (n, m), weights not applied; shape (m,)."""
        if self.cluster is None:
            return self.square @ influence**2
        weight = np.ones(len(influence)) if self.spells.weight is None else self.spells.weight
        return (add_rows(self.cluster, weight, influence, int(self.cluster.max()) + 1) ** 2).sum(axis=0)


@dataclass(frozen=True)
class Path:
    """A cumulated hazard, or the negative logarithm of a survival curve.

    Parameters
    ----------
    table : RiskTable
        The group's counts.
    step, variance : ndarray, shape (T,)
        What it rises by at each time, and the variance of its value then.
    rest : ndarray, shape (T,)
        What an event weighs against: those at risk, less the events themselves for a survival curve.
    units : Units, optional
        The rows, where variances come from their influence.
    """

    table: RiskTable
    step: np.ndarray
    variance: np.ndarray
    rest: np.ndarray
    units: Units | None = None

    @classmethod
    def of(cls, table: RiskTable, units: Units | None, survivors: bool) -> "Path":
        """Return the path of a survival curve (`survivors`) or of Nelson and Aalen's cumulated hazard."""
        at_risk, events = table.at_risk[0], table.events[0]
        rest = at_risk - events if survivors else at_risk
        with np.errstate(divide="ignore"):
            step = -np.log1p(-events / at_risk) if survivors else events / at_risk
            counted = np.cumsum(np.divide(events, at_risk * rest, where=events > 0, out=np.zeros_like(rest)))
        path = cls(table, step, counted, rest, units)
        return path if units is None else cls(table, step, path._from_influence(), rest, units)

    @property
    def times(self) -> np.ndarray:
        """The times, shape (T,)."""
        return self.table.times

    def _weigh(self, value: np.ndarray | float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Return what an event at each time adds, and what having been at risk up to it takes away."""
        events = self.table.events[0]
        gain = np.divide(value, self.rest, where=self.rest > 0, out=np.zeros_like(self.rest))
        return gain, np.cumsum(gain * events / self.table.at_risk[0])

    def _from_influence(self) -> np.ndarray:
        variance = np.empty(len(self.times))
        for block in self._blocks():
            variance[block] = self.units.squared(self._influence(self.times[block]))  # type: ignore[union-attr]
        return variance

    def _blocks(self) -> Iterator[slice]:
        size = max(_HELD // max(len(self.units.square), 1), 1)  # type: ignore[union-attr]
        for first in range(0, len(self.times), size):
            yield slice(first, first + size)

    def _influence(self, at: np.ndarray) -> np.ndarray:
        """Return each row's influence on the path at some times, shape (n, m)."""
        gain, exposed = self._weigh()
        spells = self.units.spells  # type: ignore[union-attr]
        place = np.searchsorted(self.times, spells.duration)
        upto = np.searchsorted(self.times, at, side="right") - 1
        over = np.r_[exposed, 0.0]
        own = spells.event * gain[place]
        influence = np.where(place[:, None] <= upto, own[:, None], 0.0) - over[np.minimum(place[:, None], upto)]
        if spells.entry is not None:
            before = np.searchsorted(self.times, spells.entry, side="right") - 1
            before = np.where(spells.entry > 0, before, -1)
            influence += over[np.minimum(before[:, None], upto)]
        return influence

    def area(self, limit: float) -> tuple[float, float]:
        """Return the area under exp(-path) up to a time, and its variance."""
        inside = self.times < limit
        share = np.r_[1.0, np.exp(-np.cumsum(self.step[inside]))]
        pieces = share * np.diff(np.r_[0.0, self.times[inside], limit])
        after = np.zeros(len(self.times))
        after[inside] = np.cumsum(pieces[::-1])[::-1][1:]
        if self.units is None:
            counted = np.diff(self.variance, prepend=0.0)
            return float(pieces.sum()), float(np.where(after > 0, after, 0.0) ** 2 @ np.where(after > 0, counted, 0.0))
        gain, exposed = self._weigh(after)
        spells = self.units.spells
        place, over = np.searchsorted(self.times, spells.duration), np.r_[exposed, 0.0]
        influence = spells.event * gain[place] - over[place]
        if spells.entry is not None:
            before = np.searchsorted(self.times, spells.entry, side="right") - 1
            influence += over[np.where(spells.entry > 0, before, -1)]
        return float(pieces.sum()), float(self.units.squared(influence[:, None])[0])
