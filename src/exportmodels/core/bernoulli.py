"""The Bernoulli family under any link: binary outcomes, and shares by quasi-likelihood."""

from dataclasses import dataclass

import numpy as np

from .links import Link, LogitLink


@dataclass(frozen=True)
class Bernoulli:
    """Log-likelihood y log F(eta) + (1 - y) log(1 - F(eta)), for y in [0, 1].

    Parameters
    ----------
    link : Link
        The distribution function F.
    predictors : tuple of str
        The name of the one predictor.
    """

    link: Link
    predictors: tuple[str, ...] = ("probability",)

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        yes, no = self.link.logs(eta[0])
        return np.where(y > 0, y * yes, 0.0) + np.where(y < 1, (1 - y) * no, 0.0)

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (1, n) and second derivatives (1, 1, n)."""
        if isinstance(self.link, LogitLink):
            p = self.link.probability(eta[0])
            return (y - p)[None], (p * (p - 1))[None, None]
        yes, no, yes2, no2 = self.link.slopes(eta[0])
        return (y * yes + (1 - y) * no)[None], (y * yes2 + (1 - y) * no2)[None, None]

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood and both derivatives, with one exponential for the logit."""
        if not isinstance(self.link, LogitLink):
            return (self.loglike(y, eta), *self.derivatives(y, eta))
        x = eta[0]
        tail = np.exp(-np.abs(x))
        p = np.where(x > 0, 1.0, tail) / (1 + tail)
        return y * x - np.maximum(x, 0.0) - np.log1p(tail), (y - p)[None], (p * (p - 1))[None, None]

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta), shape (n,)."""
        return self.link.probability(eta[0])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return outcomes drawn from the model: 1 with probability F(eta), else 0, shape (n,)."""
        return (rng.random(eta.shape[1]) < self.mean(eta)).astype(float)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the predictor at the mean of y, which is the estimate without covariates."""
        return np.array([self.link.quantile(np.average(y, weights=weight))])
