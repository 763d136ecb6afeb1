"""A Bernoulli mean of two summed predictors: the model's own, and what stands for causes that are not seen."""

from dataclasses import dataclass

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.links import Link


@dataclass(frozen=True)
class Summed:
    """Log-likelihood y log F(eta_0 + eta_1) + (1 - y) log(1 - F(eta_0 + eta_1)), for y in [0, 1].

    Parameters
    ----------
    link : Link
        The distribution function F.
    second : str
        Name of the second predictor.
    """

    link: Link
    second: str

    @property
    def predictors(self) -> tuple[str, ...]:
        """The mean's own predictor and the second."""
        return ("probability", self.second)

    @property
    def _whole(self) -> Bernoulli:
        return Bernoulli(self.link)

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        return self._whole.loglike(y, eta.sum(axis=0)[None])

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (2, n) and second derivatives (2, 2, n)."""
        first, second = self._whole.derivatives(y, eta.sum(axis=0)[None])
        return np.repeat(first, 2, axis=0), np.tile(second, (2, 2, 1))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta_0 + eta_1), shape (n,)."""
        return self.link.probability(eta.sum(axis=0))

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the estimate without covariates."""
        return np.r_[self._whole.start(y, weight), 0.0]
