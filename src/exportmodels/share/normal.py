"""The normal law between limits: log-likelihoods of known, bracketed and censored values, with their derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_ndtr, ndtr, ndtri

from ..core.family import EvaluatedAtOnce

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)


def log_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return log(Phi(b) - Phi(a)) for a < b, computed in the tail where no digits are lost."""
    with np.errstate(invalid="ignore", divide="ignore"):
        flip = a + b > 0  # where both are infinite, either tail will do
        low, high = np.where(flip, -b, a), np.where(flip, -a, b)
        top = log_ndtr(high)
        return top + np.log(-np.expm1(log_ndtr(low) - top))


def point_parts(z: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log phi(z) - log s, z = (y - mu) / s, and its derivatives in mu and log s: (n,), (2, n) and (2, 2, n)."""
    value, cross = -0.5 * z * z - _LOG_SQRT_2PI - np.log(s), -2 * z / s
    return value, np.stack([z / s, z * z - 1]), np.array([[-1 / s**2, cross], [cross, -2 * z * z]])


def between_parts(a: np.ndarray, b: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log(Phi(b) - Phi(a)), a and b limits less mu over s, and its derivatives with respect to mu and log s.

    These are moments of the normal law at the two limits: with g = phi / (Phi(b) - Phi(a)) there, the sums m_k of
    a^k g(a) - b^k g(b).
    """
    total = log_between(a, b)
    low, high = (np.exp(-0.5 * z * z - _LOG_SQRT_2PI - total) for z in (a, b))
    a, b = np.where(np.isfinite(a), a, 0.0), np.where(np.isfinite(b), b, 0.0)
    m0, m1, m2, m3 = (a**k * low - b**k * high for k in range(4))
    cross = (m2 - m0 - m0 * m1) / s
    second = np.array([[(m1 - m0 * m0) / s**2, cross], [cross, m3 - m1 - m1 * m1]])
    return total, np.stack([m0 / s, m1]), second


def limits(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper limits of an outcome (n, 2), or of known values (n,), which are both."""
    return (y, y) if y.ndim == 1 else (y[:, 0], y[:, 1])


@dataclass(frozen=True)
class NormalShare(EvaluatedAtOnce):
    """A share that is normal, or whose log-odds are, known exactly or up to a bracket.

    Parameters
    ----------
    logit : bool, default False
        Whether the log-odds are normal instead of the share.
    ends : tuple of (float, float)
        Where the normal law is censored: values at or beyond an end stand for all latent values there.
    predictors : tuple of str
        Location and log of the standard deviation.
    """

    logit: bool = False
    ends: tuple[float, float] = (-np.inf, np.inf)
    predictors: tuple[str, ...] = ("location", "log_scale")

    def scaled(self, limit: np.ndarray) -> np.ndarray:
        """Return shares on the scale on which they are normal."""
        if not self.logit:
            return limit
        with np.errstate(divide="ignore"):
            return np.log(limit) - np.log1p(-limit)

    def _latent(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = limits(y)
        low, high = self.ends
        below = np.where(upper <= low, -np.inf, self.scaled(np.minimum(lower, high)))
        above = np.where(upper >= high, np.inf, self.scaled(np.maximum(upper, low)))
        return below, above

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood on the share's own scale (n,), first (2, n) and second derivatives (2, 2, n)."""
        (lower, upper), s = self._latent(y), np.exp(eta[1])
        a, b = (lower - eta[0]) / s, (upper - eta[0]) / s
        known, n = lower == upper, len(a)
        value, first, second = np.empty(n), np.empty((2, n)), np.empty((2, 2, n))
        value[known], first[:, known], second[..., known] = point_parts(a[known], s[known])
        value[~known], first[:, ~known], second[..., ~known] = between_parts(a[~known], b[~known], s[~known])
        if self.logit:
            share = limits(y)[0][known]
            value[known] -= np.log(share) + np.log1p(-share)
        return value, first, second

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share; one from the upper end on, where the law is censored there."""
        if share < self.ends[0] or share >= self.ends[1]:
            return np.full(eta.shape[1], float(share >= self.ends[1]))
        return ndtr((self.scaled(np.asarray(share)) - eta[0]) / np.exp(eta[1]))

    def everything(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of the upper end."""
        return ndtr((eta[0] - self.ends[1]) / np.exp(eta[1]))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share; that of the log-odds' law by the trapezoidal rule, which converges geometrically."""
        mu, s = eta[0], np.exp(eta[1])
        if self.logit:
            nodes = np.linspace(-8.5, 8.5, 171)
            density = np.exp(-0.5 * nodes * nodes)
            weights = density / density.sum()
            return np.sum([w * expit(mu + s * z) for w, z in zip(weights, nodes, strict=True)], axis=0)
        a, b = ((end - mu) / s for end in self.ends)
        low, high = (end if np.isfinite(end) else 0.0 for end in self.ends)
        middle = mu * (ndtr(b) - ndtr(a)) + s * (_density(a) - _density(b))
        return low * ndtr(a) + high * ndtr(-b) + middle

    def mean_between(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean of values strictly between the ends."""
        return mean_between(self.ends, eta)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares."""
        latent = eta[0] + np.exp(eta[1]) * rng.standard_normal(eta.shape[1])
        return expit(latent) if self.logit else np.clip(latent, *self.ends)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return mean and log standard deviation of the middles of the answers, on the latent scale."""
        middle = np.mean(limits(y), axis=0)
        if self.logit:
            middle = self.scaled(np.clip(middle, 0.01, 0.99))
        mean = np.average(middle, weights=weight)
        variance = np.average((middle - mean) ** 2, weights=weight)
        return np.array([mean, 0.5 * np.log(max(variance, 1e-12 * max(1.0, mean**2)))])


@dataclass(frozen=True)
class TruncatedNormal(EvaluatedAtOnce):
    """Values that are seen only between two ends, of a normal law.

    Parameters
    ----------
    ends : tuple of (float, float)
        The ends; values outside are not in the sample.
    predictors : tuple of str
        Location and log of the standard deviation before truncation.
    """

    ends: tuple[float, float] = (0.0, 1.0)
    predictors: tuple[str, ...] = ("location", "log_scale")

    def _limits(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        s = np.exp(eta[1])
        return (self.ends[0] - eta[0]) / s, (self.ends[1] - eta[0]) / s, s

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood (n,), first (2, n) and second derivatives (2, 2, n)."""
        a, b, s = self._limits(eta)
        whole, seen = point_parts((y - eta[0]) / s, s), between_parts(a, b, s)
        value, first, second = (one - other for one, other in zip(whole, seen, strict=True))
        return value, first, second

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share."""
        a, b, s = self._limits(eta)
        at = np.clip((share - eta[0]) / s, a, b)
        return np.exp(log_between(a, at) - log_between(a, b))

    def everything(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of exactly one, which is zero."""
        return np.zeros(eta.shape[1])

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean of what is seen."""
        return mean_between(self.ends, eta)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw values by inversion."""
        a, b, s = self._limits(eta)
        flip = a > 0  # the lower tail keeps the digits
        low, high = np.where(flip, ndtr(-b), ndtr(a)), np.where(flip, ndtr(-a), ndtr(b))
        z = ndtri(low + rng.random(len(s)) * (high - low))
        return eta[0] + s * np.where(flip, -z, z)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the mean and log standard deviation of what is seen."""
        return NormalShare().start(y, weight)


def _density(z: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * z * z - _LOG_SQRT_2PI)


def mean_between(ends: tuple[float, float], eta: np.ndarray) -> np.ndarray:
    """Return the mean of a normal law between two ends, for location and log scale `eta`."""
    s = np.exp(eta[1])
    a, b = ((end - eta[0]) / s for end in ends)
    return eta[0] + s * s * between_parts(a, b, s)[1][0]
