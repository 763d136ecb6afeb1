"""The Bernoulli family with a scale: the index is divided by a standard deviation that has covariates of its own."""

from dataclasses import dataclass

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.links import Link


@dataclass(frozen=True)
class ScaledBernoulli:
    """Log-likelihood y log F(u) + (1 - y) log(1 - F(u)) with the index u = eta_0 exp(-eta_1), for y in [0, 1].

    Parameters
    ----------
    link : Link
        The distribution function F.
    predictors : tuple of str
        The location and the log of the scale.
    """

    link: Link
    predictors: tuple[str, ...] = ("probability", "log_scale")

    @property
    def _whole(self) -> Bernoulli:
        return Bernoulli(self.link)

    def index(self, eta: np.ndarray) -> np.ndarray:
        """Return the scaled index u, shape (1, n)."""
        return (eta[0] * np.exp(-eta[1]))[None]

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        return self._whole.loglike(y, self.index(eta))

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (2, n) and second derivatives (2, 2, n)."""
        u, shrink = self.index(eta), np.exp(-eta[1])
        (slope,), ((bend,),) = self._whole.derivatives(y, u)
        cross = -shrink * (u[0] * bend + slope)
        second = np.array([[bend * shrink**2, cross], [cross, u[0] ** 2 * bend + u[0] * slope]])
        return np.stack([slope * shrink, -u[0] * slope]), second

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return F(u), shape (n,)."""
        return self.link.probability(self.index(eta)[0])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return outcomes drawn from the model: 1 with probability F(u), else 0, shape (n,)."""
        return self._whole.draw(self.index(eta), rng)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the estimate without covariates, where the scale is one."""
        return np.r_[self._whole.start(y, weight), 0.0]
