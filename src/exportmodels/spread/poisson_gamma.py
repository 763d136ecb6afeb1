"""Poisson and negative binomial log-probabilities with their derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from .families import CountFamily
from .logs import Log

# Counts up to this many are summed term by term, which is exact for any dispersion; beyond it log-gamma takes over.
_TABLE, _LOOP = 5_000, 300


def _rising(y: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sum_{j<y} log(1 + alpha j) and its first two derivatives with respect to log alpha.

    The sum is log-gamma(y + 1/alpha) - log-gamma(1/alpha) + y log alpha without its cancellation for small alpha. The
    dispersion has one value for all rows, or one for each.
    """
    if len(y) and len(alpha) == 1 and y.max() <= _TABLE:
        u = alpha * np.arange(int(y.max()))
        sums = np.zeros((3, len(u) + 1))
        np.cumsum([np.log1p(u), u / (1 + u), u / (1 + u) ** 2], axis=1, out=sums[:, 1:])
        value, first, second = sums[:, y.astype(int)]
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


def _log_gap(u: np.ndarray, log: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Return log(1 + u) - u / (1 + u), which cancels for small u, given its two terms."""
    gap = log - pull
    small = np.flatnonzero(u < 1e-3)
    if len(small):
        v = u[small]
        gap[small] = v * v * (0.5 - v * (2 / 3 - v * (0.75 - 0.8 * v)))
    return gap


def _log_factorial(y: np.ndarray) -> np.ndarray:
    if len(y) and y.max() <= _TABLE:
        return gammaln(np.arange(1.0, y.max() + 2))[y.astype(int)]
    return gammaln(y + 1)


@dataclass(frozen=True)
class Poisson(CountFamily):
    """Poisson: mean and variance are exp(eta)."""

    predictors: tuple[str, ...] = ("log_mean",)

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each count with its derivatives."""
        mu = np.exp(eta[0])
        return Log(y * eta[0] - mu - _log_factorial(y), (y - mu)[None], -mu[None, None])

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

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each count with its derivatives."""
        mu, alpha = np.exp(eta[0]), np.exp(eta[1, :1] if len(y) and np.ptp(eta[1]) == 0 else eta[1])
        u = alpha * mu
        log, wide = np.log1p(u), 1 + u
        pull = u / wide
        rising, rising1, rising2 = _rising(y, alpha)
        gap = _log_gap(u, log, pull) / alpha
        value = rising + y * (eta[0] - log) - log / alpha - _log_factorial(y)
        left = (y - mu) / wide
        first, second = np.empty((2, len(y))), np.empty((2, 2, len(y)))
        first[0], first[1] = left, rising1 + gap - y * pull
        second[0, 0] = -(1 + alpha * y) * mu / wide**2
        second[0, 1] = second[1, 0] = -left * pull
        second[1, 1] = rising2 - gap + pull**2 / alpha - y * pull / wide
        return Log(value, first, second)

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

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each count; its derivatives by the chain rule."""
        nb2 = _NB2.log(y, self._as_nb2(eta))
        chain = np.zeros((2, len(eta), eta.shape[1]))
        chain[0, 0] = chain[1, 1] = 1.0
        chain[1, 0] = (eta[2] if self.power is None else self.power) - 2
        if self.power is None:
            chain[1, 2] = eta[0]
        second = np.einsum("jan,jkn,kbn->abn", chain, nb2.second, chain)
        if self.power is None:
            second[0, 2] += nb2.first[1]
            second[2, 0] += nb2.first[1]
        return Log(nb2.value, np.einsum("jn,jan->an", nb2.first, chain), second)

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
