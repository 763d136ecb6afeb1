"""Generalized Poisson log-probabilities, of Consul and Famoye, with their derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from .families import CountFamily
from .logs import Log


@dataclass(frozen=True)
class Consul(CountFamily):
    """Generalized Poisson: mean m = exp(eta_0), variance m (1 + g)^2 with g = alpha m^(P - 1) and alpha = eta_1.

    Parameters
    ----------
    power : int
        P: 1 or 2.
    predictors : tuple of str
        The mean and the dispersion, which may be negative.
    """

    power: int = 2
    predictors: tuple[str, ...] = ("log_mean", "alpha")

    def _spread(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return m, g, and the derivative of g with respect to alpha."""
        mu = np.exp(eta[0])
        slope = mu if self.power == 2 else np.ones_like(mu)
        return mu, eta[1] * slope, slope

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each count; NaN or minus infinity where alpha leaves it none."""
        mu, g, slope = self._spread(eta)
        at, wide = mu + g * y, 1 + g
        with np.errstate(invalid="ignore", divide="ignore"):
            value = eta[0] + (y - 1) * np.log(at) - y * np.log1p(g) - at / wide - gammaln(y + 1)
            by_mean = 1 + (y - 1) * mu / at - mu / wide
            by_g = (y - 1) * y / at - y / wide - (y - mu) / wide**2
            mean2 = (y - 1) * mu * g * y / at**2 - mu / wide
            mean_g = -(y - 1) * mu * y / at**2 + mu / wide**2
            g2 = -(y - 1) * y**2 / at**2 + y / wide**2 + 2 * (y - mu) / wide**3
            if self.power == 1:
                return Log(value, np.stack([by_mean, by_g]), np.array([[mean2, mean_g], [mean_g, g2]]))
            cross = slope * (mean_g + g * g2 + by_g)
            bend = mean2 + 2 * g * mean_g + g**2 * g2 + g * by_g
            first = np.stack([by_mean + g * by_g, slope * by_g])
            return Log(value, first, np.array([[bend, cross], [cross, slope**2 * g2]]))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count."""
        return np.exp(eta[0])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return moment estimates, of over-dispersion at least: the other side has edges."""
        mean = max(np.average(y, weights=weight), 0.05)
        variance = np.average((y - mean) ** 2, weights=weight)
        g = max(np.sqrt(variance / mean) - 1, 0.0)
        return np.array([np.log(mean), g / mean if self.power == 2 else g])
