"""The multinomial family: one predictor a level beside the base, probabilities that add up to one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Softmax:
    """Log-likelihood eta_y - log(1 + sum_k exp(eta_k)), with eta = 0 for the base, level 0.

    Parameters
    ----------
    predictors : tuple of str
        The levels beside the base.
    """

    predictors: tuple[str, ...]

    def _shares(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities of the levels beside the base (K, n), and log(1 + sum_k exp(eta_k))."""
        top = np.maximum(eta.max(axis=0), 0.0)
        shares = np.exp(eta - top)
        total = shares.sum(axis=0) + np.exp(-top)
        shares /= total
        return shares, top + np.log(total)

    def _chosen(self, y: np.ndarray) -> np.ndarray:
        return y == np.arange(1, len(self.predictors) + 1)[:, None]

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        return (eta * self._chosen(y)).sum(axis=0) - self._shares(eta)[1]

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (K, n) and second derivatives (K, K, n)."""
        shares, _ = self._shares(eta)
        second = shares[:, None] * shares
        for k, share in enumerate(shares):
            second[k, k] -= share
        return self._chosen(y) - shares, second

    def expected(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]]:
        """Return the information of rows (n, K, K), and its derivatives (n, K, K, K), for predictors (n, K).

        With them comes a function that takes weights (n, K, K) of its elements, symmetric ones, and returns the second
        derivatives of their weighted sum (n, K, K).
        """
        shares = self._shares(eta.T)[0].T
        same = np.eye(len(self.predictors))
        information = same * shares[:, :, None] - shares[:, :, None] * shares[:, None, :]
        slopes = same[:, :, None] * information[:, :, None, :]
        slopes -= information[:, :, None, :] * shares[:, None, :, None]
        slopes -= shares[:, :, None, None] * information[:, None, :, :]

        def second(weights: np.ndarray) -> np.ndarray:
            pull = weights.diagonal(axis1=1, axis2=2) - 2 * (weights @ shares[:, :, None])[:, :, 0]
            moved = shares * (pull - (shares * pull).sum(axis=1)[:, None])
            cross = moved[:, :, None] * shares[:, None, :]
            return same * moved[:, :, None] - cross - cross.swapaxes(1, 2) - 2 * information @ weights @ information

        return information, slopes, second

    def probabilities(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of each level, shape (n, K + 1)."""
        shares, log_total = self._shares(eta)
        return np.column_stack([np.exp(-log_total), *shares])

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of a level other than the base, shape (n,)."""
        return self._shares(eta)[0].sum(axis=0)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return levels drawn from the model as numbers from zero, shape (n,)."""
        ends = self.probabilities(eta).cumsum(axis=1)[:, :-1]
        return (rng.random((eta.shape[1], 1)) > ends).sum(axis=1).astype(float)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the log ratios of the level shares to the base's."""
        sizes = np.bincount(y.astype(int), weight, len(self.predictors) + 1)
        return np.log(sizes[1:] / sizes[0])
