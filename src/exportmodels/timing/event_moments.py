"""Moments of the covariates over the risk sets, event by event: for tests of proportionality and Firth's penalty."""

from dataclasses import dataclass

import numpy as np

from .partial_likelihood import PartialLikelihood


@dataclass(frozen=True)
class EventMoments:
    """Moments over the risk set that each event sees; with Efron's ties its l-th one counts tied firms 1 - l/d.

    Parameters
    ----------
    slot : ndarray of int, shape (E,)
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
        risk = likelihood.risk(theta)
        times = likelihood.count.astype(int)
        slot = np.repeat(np.arange(sets.size), times)
        part = np.zeros(len(slot))
        if likelihood.efron:
            part = (np.arange(len(slot)) - np.repeat(np.cumsum(times) - times, times)) / np.repeat(times, times)

        def seen(sums: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
            at_risk, events = sums
            return at_risk[slot] - (part * events[slot].T).T

        rest = seen(sets.sums(risk))
        mean = seen(sets.sums(risk, matrix)) / rest[:, None]
        rows = [seen(sets.sums(risk * column, matrix)) for column in matrix.T]
        square = np.stack(rows, axis=1) / rest[:, None, None]
        return cls(slot, likelihood.mean[slot], rest, part, mean, square)

    @property
    def spread(self) -> np.ndarray:
        """Covariances, shape (E, p, p): what each event adds to the information."""
        return self.square - self.mean[:, :, None] * self.mean[:, None, :]

    def average(self, likelihood: PartialLikelihood, values: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """Return means over the risk sets of a value of each row (n,), and of it times the covariates, (E, 1 + p)."""
        risk = likelihood.risk(theta) * values
        both = np.column_stack([np.ones(len(risk)), likelihood.matrix])
        at_risk, events = likelihood.sets.sums(risk, both)
        return (at_risk[self.slot] - self.part[:, None] * events[self.slot]) / self.rest[:, None]
