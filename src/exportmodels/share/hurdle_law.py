"""The law of a two-part model: whether a share is above zero, and a law of the share where it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.family import EvaluatedAtOnce, evaluate
from ..core.links import Link


@dataclass(frozen=True)
class Parts(EvaluatedAtOnce):
    """A share that is above zero with probability F(eta_last), and follows an inner law, or has an inner mean, there.

    Parameters
    ----------
    inner : family
        Of the share where it is above zero; its predictors come first.
    participation : Link
        The distribution function F.
    """

    inner: Any
    participation: Link

    @property
    def predictors(self) -> tuple[str, ...]:
        """The inner predictors, then `participate`."""
        return (*self.inner.predictors, "participate")

    def _seen(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which rows are above zero, and an outcome that the inner law takes in every row."""
        above = y > 0
        return above, np.where(above, y, 0.5)

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood, first (K, n) and second derivatives (K, K, n); the parts share no predictors."""
        above, inner = self._seen(y)
        k, n = len(eta) - 1, len(y)
        value, slope, bend = evaluate(self.inner, inner, eta[:-1])
        total, *choice = Bernoulli(self.participation).evaluate(above.astype(float), eta[-1:])
        first, second = np.zeros((k + 1, n)), np.zeros((k + 1, k + 1, n))
        first[:k], second[:k, :k] = slope * above, bend * above
        first[k:], second[k:, k:] = choice
        return total + np.where(above, value, 0.0), first, second

    def participates(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of a share above zero."""
        return self.participation.probability(eta[-1])

    def mean_above(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean of shares above zero."""
        return self.inner.mean(eta[:-1])

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share, zeros included."""
        return self.participates(eta) * self.mean_above(eta)

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share, where the inner law has one."""
        return 1 - self.participates(eta) * (1 - self.inner.below(share, eta[:-1]))

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares; of an inner mean alone, by a beta law with that mean and precision two."""
        if isinstance(self.inner, Bernoulli):
            mean = self.mean_above(eta)
            above = rng.beta(2 * mean, 2 * (1 - mean))
        else:
            above = self.inner.draw(eta[:-1], rng)
        return np.where(rng.random(eta.shape[1]) < self.participates(eta), above, 0.0)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the starts of both parts."""
        above = y > 0
        inner = self.inner.start(y[above], weight[above])
        return np.r_[inner, Bernoulli(self.participation).start(above.astype(float), weight)]
