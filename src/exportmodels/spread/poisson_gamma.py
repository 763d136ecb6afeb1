"""Poisson and negative binomial log-probabilities with their derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from .families import CountFamily

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
class Poisson(CountFamily):
    """Poisson: mean and variance are exp(eta)."""

    predictors: tuple[str, ...] = ("log_mean",)

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-probability of each count, shape (n,)."""
        return y * eta[0] - np.exp(eta[0]) - gammaln(y + 1)

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (1, n) and second derivatives (1, 1, n)."""
        mu = np.exp(eta[0])
        return (y - mu)[None], -mu[None, None]

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count."""
        return np.exp(eta[0])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the log of the mean."""
        return np.array([np.log(max(np.average(y, weights=weight), 0.05))])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row."""
        return rng.poisson(np.exp(eta[0])).astype(float)


@dataclass(frozen=True)
class NegativeBinomial2(CountFamily):
    """Negative binomial (NB2): mean m = exp(eta_0), variance m + alpha m^2 with alpha = exp(eta_1)."""

    predictors: tuple[str, ...] = ("log_mean", "log_alpha")

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-probability of each count, shape (n,)."""
        mu, alpha = np.exp(eta)
        lam = np.log1p(alpha * mu) / alpha
        return _rising(y, alpha)[0] + y * (eta[0] - alpha * lam) - lam - gammaln(y + 1)

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (2, n) and second derivatives (2, 2, n)."""
        mu, alpha = np.exp(eta)
        u = alpha * mu
        _, rising, rising2 = _rising(y, alpha)
        gap, pull = _log_gap(u) / alpha, u / (1 + u)
        first = np.stack([(y - mu) / (1 + u), rising + gap - y * pull])
        cross = -(y - mu) * pull / (1 + u)
        curve = rising2 - gap + pull**2 / alpha - y * pull / (1 + u)
        return first, np.array([[-(1 + alpha * y) * mu / (1 + u) ** 2, cross], [cross, curve]])

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count."""
        return np.exp(eta[0])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return moment estimates."""
        mean = max(np.average(y, weights=weight), 0.05)
        variance = np.average((y - mean) ** 2, weights=weight)
        return np.log([mean, min(max((variance - mean) / mean**2, 0.05), 5.0)])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row: Poisson, with a mean that is gamma."""
        mu, alpha = np.exp(eta)
        return rng.poisson(rng.gamma(1 / alpha, alpha * mu)).astype(float)


@dataclass(frozen=True)
class NegativeBinomialP(CountFamily):
    """Negative binomial (NB-P): mean m, variance m + alpha m^P; NB1 is P = 1.

    It is NB2 with alpha m^(P - 2) in the place of alpha, so that its derivatives follow from those of NB2.

    Parameters
    ----------
    power : float, optional
        P; a predictor of its own where it is None.
    """

    power: float | None = None

    @property
    def predictors(self) -> tuple[str, ...]:  # type: ignore[override]
        """The mean, the dispersion, and the power where it is estimated."""
        return ("log_mean", "log_alpha") if self.power is not None else ("log_mean", "log_alpha", "power")

    def _as_nb2(self, eta: np.ndarray) -> np.ndarray:
        power = eta[2] if self.power is None else self.power
        return np.stack([eta[0], eta[1] + (power - 2) * eta[0]])

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-probability of each count, shape (n,)."""
        return _NB2.loglike(y, self._as_nb2(eta))

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (K, n) and second derivatives (K, K, n), by the chain rule."""
        first, second = _NB2.derivatives(y, self._as_nb2(eta))
        chain = np.zeros((2, len(eta), eta.shape[1]))
        chain[0, 0] = chain[1, 1] = 1.0
        chain[1, 0] = (eta[2] if self.power is None else self.power) - 2
        if self.power is None:
            chain[1, 2] = eta[0]
        bent = np.einsum("jan,jkn,kbn->abn", chain, second, chain)
        if self.power is None:
            bent[0, 2] += first[1]
            bent[2, 0] += first[1]
        return np.einsum("jn,jan->an", first, chain), bent

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count."""
        return np.exp(eta[0])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the moment estimates of NB2, at the same variance for the mean firm."""
        log_mean, log_alpha = _NB2.start(y, weight)
        if self.power is None:
            return np.array([log_mean, log_alpha, 2.0])
        return np.array([log_mean, log_alpha + (2 - self.power) * log_mean])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row."""
        return _NB2.draw(self._as_nb2(eta), rng)


_NB2 = NegativeBinomial2()
