"""Moments of the covariates over the risk sets, event by event: for tests of proportionality and Firth's penalty."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .partial_likelihood import PartialLikelihood


@dataclass(frozen=True)
class EventMoments:
    """Moments over the risk set that each event sees; with Efron's ties its l-th one counts tied firms 1 - l/d.

    Parameters
    ----------
    likelihood : PartialLikelihood
        The likelihood whose events these are.
    risk : ndarray, shape (n,)
        The rows' hazards relative to each other, times their weights.
    slot : ndarray, shape (E,)
        The slot of each event.
    weight : ndarray, shape (E,)
        Its weight.
    rest : ndarray, shape (E,)
        The sum of risks that it sees.
    part : ndarray, shape (E,)
        The share l/d by which tied firms are left out.
    mean : ndarray, shape (E, p)
        Mean covariates.
    square : ndarray, shape (E, p, p)
        Mean squares and products.
    """

    likelihood: PartialLikelihood
    risk: np.ndarray
    slot: np.ndarray
    weight: np.ndarray
    rest: np.ndarray
    part: np.ndarray
    mean: np.ndarray
    square: np.ndarray

    @classmethod
    def of(cls, likelihood: PartialLikelihood, theta: np.ndarray) -> "EventMoments":
        """Return the moments at some coefficients, in the coordinates of the likelihood's matrix."""
        sets, matrix = likelihood.sets, likelihood.matrix
        n, p = matrix.shape
        risk = likelihood.risk(theta)
        times = likelihood.count.astype(int)
        slot = np.repeat(np.arange(sets.size), times)
        part = np.zeros(len(slot))
        if likelihood.efron:
            part = (np.arange(len(slot)) - np.repeat(np.cumsum(times) - times, times)) / np.repeat(times, times)
        pairs = (matrix[:, :, None] * matrix[:, None, :]).reshape(n, p * p)
        sums = _seen(likelihood, slot, part, risk, np.hstack([np.ones((n, 1)), matrix, pairs]))
        rest, means = sums[:, 0], sums[:, 1:] / sums[:, :1]
        weight = likelihood.mean[slot]
        return cls(likelihood, risk, slot, weight, rest, part, means[:, :p], means[:, p:].reshape(-1, p, p))

    @cached_property
    def spread(self) -> np.ndarray:
        """Covariances, shape (E, p, p): what each event adds to the information."""
        return self.square - self.mean[:, :, None] * self.mean[:, None, :]

    def average(self, values: np.ndarray) -> np.ndarray:
        """Return means over the risk sets of values of the rows (n, m), shape (E, m)."""
        return _seen(self.likelihood, self.slot, self.part, self.risk, values) / self.rest[:, None]

    def credited(self, values: np.ndarray) -> np.ndarray:
        """Return sums over the events of values (E, m) times the row's share in what they see, shape (n, m)."""
        sets = self.likelihood.sets
        each = values / self.rest[:, None]
        first = np.searchsorted(self.slot, np.arange(sets.size))
        total = sets.over_risk(np.add.reduceat(each, first))
        if self.likelihood.efron:
            own = np.flatnonzero(sets.event)
            total[own] -= np.add.reduceat(each * self.part[:, None], first)[sets.last[own]]
        return total * self.risk[:, None]


def _seen(
    likelihood: PartialLikelihood, slot: np.ndarray, part: np.ndarray, risk: np.ndarray, values: np.ndarray
) -> np.ndarray:
    at_risk, events = likelihood.sets.sums(risk, values)
    return at_risk[slot] - part[:, None] * events[slot]
