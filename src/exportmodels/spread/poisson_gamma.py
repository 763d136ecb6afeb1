"""Poisson and negative binomial log-likelihoods with their derivatives, whole and truncated at zero."""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

# Counts up to this many are summed term by term, which is exact for any dispersion; beyond it log-gamma takes over.
_TABLE, _LOOP = 5_000, 300


def _rising(y: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sum_{j<y} log(1 + alpha j) and its first two derivatives with respect to log alpha.

    The sum is log-gamma(y + 1/alpha) - log-gamma(1/alpha) + y log alpha without its cancellation for small alpha.
    """
    if len(y) and np.ptp(alpha) == 0 and y.max() <= _TABLE:
        u = alpha[0] * np.arange(int(y.max()))
        at = y.astype(int)
        sums = (np.r_[0.0, np.cumsum(terms)][at] for terms in (np.log1p(u), u / (1 + u), u / (1 + u) ** 2))
        value, first, second = sums
        return value, first, second
    if len(y) and y.max() <= _LOOP:
        return _rising_by_row(y, alpha)
    r = 1 / alpha
    gap = digamma(y + r) - digamma(r)
    value = gammaln(y + r) - gammaln(r) + y * np.log(alpha)
    first = y - r * gap
    second = r * gap + r * r * (polygamma(1, y + r) - polygamma(1, r))
    return value, first, second


def _rising_by_row(y: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    value, first, second = np.zeros((3, len(y)))
    for j in range(1, int(y.max())):
        u = np.where(y > j, alpha * j, 0.0)
        value += np.log1p(u)
        first += u / (1 + u)
        second += u / (1 + u) ** 2
    return value, first, second


def _log_gap(u: np.ndarray) -> np.ndarray:
    """Return log(1 + u) - u / (1 + u), which cancels for small u."""
    series = u * u * (0.5 - u * (2 / 3 - u * (0.75 - 0.8 * u)))
    return np.where(u < 1e-3, series, np.log1p(u) - u / (1 + u))


@dataclass(frozen=True)
class Poisson:
    """Poisson: mean and variance are exp(eta).

    Parameters
    ----------
    truncated : bool, default False
        Whether zeros are not observed.
    """

    truncated: bool = False
    predictors: tuple[str, ...] = ("log_mean",)

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        mu = np.exp(eta[0])
        whole = y * eta[0] - mu - gammaln(y + 1)
        return whole - log_one_minus(mu) if self.truncated else whole

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (1, n) and second derivatives (1, 1, n)."""
        mu = np.exp(eta[0])
        if not self.truncated:
            return (y - mu)[None], -mu[None, None]
        mean = mu / -np.expm1(-mu)
        return (y - mean)[None], (mean * (mean - mu - 1))[None, None]

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count, given at least one where truncated."""
        mu = np.exp(eta[0])
        return mu / -np.expm1(-mu) if self.truncated else mu

    def probability(self, k: int, eta: np.ndarray) -> np.ndarray:
        """Return P(Y = k), given at least one where truncated."""
        return np.exp(self.loglike(np.full(eta.shape[1], float(k)), eta))

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the log of the mean, less what truncation adds to it."""
        mean = np.average(y, weights=weight)
        return np.array([np.log(max(mean - self.truncated * np.exp(1 - mean), 0.05))])


@dataclass(frozen=True)
class NegativeBinomial2:
    """Negative binomial (NB2): mean m = exp(eta_0), variance m + alpha m^2 with alpha = exp(eta_1).

    Parameters
    ----------
    truncated : bool, default False
        Whether zeros are not observed.
    """

    truncated: bool = False
    predictors: tuple[str, ...] = ("log_mean", "log_alpha")

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        mu, alpha = np.exp(eta)
        lam = np.log1p(alpha * mu) / alpha
        whole = _rising(y, alpha)[0] + y * (eta[0] - alpha * lam) - lam - gammaln(y + 1)
        return whole - log_one_minus(lam) if self.truncated else whole

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (2, n) and second derivatives (2, 2, n)."""
        mu, alpha = np.exp(eta)
        u = alpha * mu
        _, rising, rising2 = _rising(y, alpha)
        gap, pull = _log_gap(u) / alpha, u / (1 + u)
        first = np.stack([(y - mu) / (1 + u), rising + gap - y * pull])
        cross = -(y - mu) * pull / (1 + u)
        curve = rising2 - gap + pull**2 / alpha - y * pull / (1 + u)
        second = np.array([[-(1 + alpha * y) * mu / (1 + u) ** 2, cross], [cross, curve]])
        return self._truncate(mu, alpha, u, gap, first, second) if self.truncated else (first, second)

    @staticmethod
    def _truncate(
        mu: np.ndarray, alpha: np.ndarray, u: np.ndarray, gap: np.ndarray, first: np.ndarray, second: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add the derivatives of -log(1 - exp(-lam)), where lam = log(1 + alpha mu) / alpha is -log P(0)."""
        with np.errstate(over="ignore"):
            k = 1 / np.expm1(np.log1p(u) / alpha)
        slope = np.stack([mu / (1 + u), -gap])
        cross = -mu * u / (1 + u) ** 2
        bend = np.array([[mu / (1 + u) ** 2, cross], [cross, gap - (u / (1 + u)) ** 2 / alpha]])
        return first - k * slope, second + k * (1 + k) * slope[:, None] * slope[None] - k * bend

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count, given at least one where truncated."""
        mu, alpha = np.exp(eta)
        return mu / -np.expm1(-np.log1p(alpha * mu) / alpha) if self.truncated else mu

    def probability(self, k: int, eta: np.ndarray) -> np.ndarray:
        """Return P(Y = k), given at least one where truncated."""
        return np.exp(self.loglike(np.full(eta.shape[1], float(k)), eta))

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return moment estimates."""
        mean = np.average(y, weights=weight)
        variance = np.average((y - mean) ** 2, weights=weight)
        alpha = min(max((variance - mean) / mean**2, 0.05), 5.0)
        return np.array([np.log(max(mean - 0.5 * self.truncated, 0.3)), np.log(alpha)])


def log_one_minus(lam: np.ndarray) -> np.ndarray:
    """Return log(1 - exp(-lam)) without loss of digits at either end."""
    with np.errstate(divide="ignore"):
        return np.where(lam < np.log(2), np.log(-np.expm1(-lam)), np.log1p(-np.exp(-lam)))


Family = Poisson | NegativeBinomial2


def at_most(family: Family, k: int, eta: np.ndarray) -> np.ndarray:
    """Return P(Y <= k), given at least one where truncated."""
    return np.sum([family.probability(j, eta) for j in range(int(family.truncated), k + 1)], axis=0)
