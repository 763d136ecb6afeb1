"""Numbers at risk, of events and of censored firms at each time: all that curves and rank tests need of the data."""

from dataclasses import dataclass

import numpy as np

from .clock import Clock


@dataclass(frozen=True)
class Observations:
    """Durations with their events, entries and weights, checked.

    Parameters
    ----------
    duration : ndarray, shape (n,)
        Time at which observation ended.
    event : ndarray of bool, shape (n,)
        Whether it ended with the event.
    entry : ndarray, shape (n,), optional
        Time after which observation began; zero for the beginning.
    weight : ndarray, shape (n,), optional
        Frequency times sampling weight.
    """

    duration: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None = None
    weight: np.ndarray | None = None

    def take(self, chosen: np.ndarray | slice) -> "Observations":
        """Return some of them."""
        parts = (self.duration, self.event, self.entry, self.weight)
        return Observations(*(None if part is None else part[chosen] for part in parts))  # type: ignore[arg-type]


@dataclass(frozen=True)
class RiskTable:
    """Counts at the times at which some firm of any group leaves.

    Parameters
    ----------
    times : ndarray, shape (T,)
        The times, ascending.
    at_risk, events, censored : ndarray, shape (G, T)
        For each group: who is observed just before the time and has not had the event, who has it then, and whose
        observation ends then without it. Weighted, where there are weights.
    """

    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray

    @classmethod
    def of(cls, spells: Observations, group: np.ndarray | None = None, groups: int = 1) -> "RiskTable":
        """Count the spells of each group.

        A firm is at risk after its entry and up to its exit, the exit included; one with entry zero is at risk from
        time zero on, so that an event at time zero counts.
        """
        clock, place = Clock.of(spells.duration)
        size = len(clock.times)
        cell = 2 * place + spells.event
        if group is not None:
            cell += (2 * size) * group.astype(cell.dtype)
        left = np.bincount(cell, spells.weight, 2 * size * groups).reshape(groups, size, 2)
        leaving = left.sum(axis=2)
        at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1].astype(float)
        if spells.entry is not None:
            start = clock.after(spells.entry) + (0 if group is None else (size + 1) * group)
            entering = np.bincount(start, spells.weight, (size + 1) * groups).reshape(groups, size + 1)
            at_risk -= np.cumsum(entering[:, :0:-1], axis=1)[:, ::-1]
        seen = leaving.any(axis=0)
        events, censored = left[:, seen, 1].astype(float), left[:, seen, 0].astype(float)
        return cls(clock.times[seen], at_risk[:, seen], events, censored)

    def group(self, g: int) -> "RiskTable":
        """Return one group's own table, with the times at which its firms leave."""
        own = (self.events[g] > 0) | (self.censored[g] > 0)
        parts = (part[g, own][None] for part in (self.at_risk, self.events, self.censored))
        return RiskTable(self.times[own], *parts)

    def at_risk_at(self, times: np.ndarray) -> np.ndarray:
        """Return how many are at risk at any times, shape (G, m): just before the next time at which one leaves."""
        place = np.searchsorted(self.times, times)
        return np.hstack([self.at_risk, np.zeros((len(self.at_risk), 1))])[:, place]
