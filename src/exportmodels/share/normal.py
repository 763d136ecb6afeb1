"""The normal law between limits: log-likelihoods of known, bracketed and censored values, with their derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_ndtr, ndtr

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)


def log_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return log(Phi(b) - Phi(a)) for a < b, computed in the tail where no digits are lost."""
    flip = a + b > 0
    low, high = np.where(flip, -b, a), np.where(flip, -a, b)
    top = log_ndtr(high)
    with np.errstate(invalid="ignore", divide="ignore"):
        return top + np.log(-np.expm1(log_ndtr(low) - top))


def point_slopes(z: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return derivatives of log phi(z) - log s, z = (y - mu) / s, in mu and log s: (2, n) and (2, 2, n)."""
    cross = -2 * z / s
    return np.stack([z / s, z * z - 1]), np.array([[-1 / s**2, cross], [cross, -2 * z * z]])


def between_slopes(a: np.ndarray, b: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return derivatives of log(Phi(b) - Phi(a)), a and b limits less mu over s, with respect to mu and log s.

    They are moments of the normal law at the two limits: with g = phi / (Phi(b) - Phi(a)) there, the sums m_k of
    a^k g(a) - b^k g(b).
    """
    total = log_between(a, b)
    low, high = (np.exp(-0.5 * z * z - _LOG_SQRT_2PI - total) for z in (a, b))
    a, b = np.where(np.isfinite(a), a, 0.0), np.where(np.isfinite(b), b, 0.0)
    m0, m1, m2, m3 = (a**k * low - b**k * high for k in range(4))
    cross = (m2 - m0 - m0 * m1) / s
    return np.stack([m0 / s, m1]), np.array([[(m1 - m0 * m0) / s**2, cross], [cross, m3 - m1 - m1 * m1]])


def limits(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper limits of an outcome (n, 2), or of known values (n,), which are both."""
    return (y, y) if y.ndim == 1 else (y[:, 0], y[:, 1])


@dataclass(frozen=True)
class NormalShare:
    """A share that is normal, or whose log-odds are, known exactly or up to a bracket.

    Parameters
    ----------
    logit : bool, default False
        Whether the log-odds are normal instead of the share.
    censored : tuple of (bool, bool)
        Whether a share of 0, and of 1, stands for all latent values at or beyond it.
    predictors : tuple of str
        Location and log of the standard deviation.
    """

    logit: bool = False
    censored: tuple[bool, bool] = (False, False)
    predictors: tuple[str, ...] = ("location", "log_scale")

    def scaled(self, limit: np.ndarray) -> np.ndarray:
        """Return shares on the scale on which they are normal."""
        if not self.logit:
            return limit
        with np.errstate(divide="ignore"):
            return np.log(limit) - np.log1p(-limit)

    def _latent(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = limits(y)
        below = np.where((upper == 0) & self.censored[0], -np.inf, self.scaled(lower))
        above = np.where((upper == 1) & self.censored[1], np.inf, self.scaled(upper))
        return below, above

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, on the share's own scale, shape (n,)."""
        (lower, upper), s = self._latent(y), np.exp(eta[1])
        a, b = (lower - eta[0]) / s, (upper - eta[0]) / s
        value, known = np.empty(len(a)), lower == upper
        value[known] = -0.5 * a[known] ** 2 - _LOG_SQRT_2PI - eta[1][known]
        if self.logit:
            share = limits(y)[0][known]
            value[known] -= np.log(share) + np.log1p(-share)
        value[~known] = log_between(a[~known], b[~known])
        return value

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (2, n) and second derivatives (2, 2, n)."""
        (lower, upper), s = self._latent(y), np.exp(eta[1])
        a, b = (lower - eta[0]) / s, (upper - eta[0]) / s
        known = lower == upper
        first, second = np.empty((2, len(a))), np.empty((2, 2, len(a)))
        first[:, known], second[..., known] = point_slopes(a[known], s[known])
        first[:, ~known], second[..., ~known] = between_slopes(a[~known], b[~known], s[~known])
        return first, second

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share; one from the upper corner on, where there is one."""
        if share >= 1 and self.censored[1]:
            return np.ones(eta.shape[1])
        return ndtr((self.scaled(np.asarray(share)) - eta[0]) / np.exp(eta[1]))

    def everything(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of the upper corner."""
        return ndtr((eta[0] - 1) / np.exp(eta[1])) if self.censored[1] else np.zeros(eta.shape[1])

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share; that of the log-odds' law by the trapezoidal rule, which converges geometrically."""
        mu, s = eta[0], np.exp(eta[1])
        if self.logit:
            nodes = np.linspace(-8.5, 8.5, 171)
            density = np.exp(-0.5 * nodes * nodes)
            weights = density / density.sum()
            return np.sum([w * expit(mu + s * z) for w, z in zip(weights, nodes, strict=True)], axis=0)
        low = (0.0 - mu) / s if self.censored[0] else np.full_like(mu, -np.inf)
        high = (1.0 - mu) / s if self.censored[1] else np.full_like(mu, np.inf)
        densities = (np.exp(-0.5 * z * z - _LOG_SQRT_2PI) for z in (low, high))
        return ndtr(-high) + mu * (ndtr(high) - ndtr(low)) + s * np.subtract(*densities)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares."""
        latent = eta[0] + np.exp(eta[1]) * rng.standard_normal(eta.shape[1])
        if self.logit:
            return expit(latent)
        low, high = (0.0 if self.censored[0] else -np.inf), (1.0 if self.censored[1] else np.inf)
        return np.clip(latent, low, high)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return mean and log standard deviation of the middles of the answers, on the latent scale."""
        lower, upper = limits(y)
        middle = (lower + upper) / 2
        if self.logit:
            middle = self.scaled(np.clip(middle, 0.01, 0.99))
        mean = np.average(middle, weights=weight)
        variance = np.average((middle - mean) ** 2, weights=weight)
        return np.array([mean, 0.5 * np.log(max(variance, 1e-6))])
