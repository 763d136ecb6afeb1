"""Distributions of a time, as functions of its logarithm and linear predictors: Weibull, log-normal, log-logistic."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from scipy.special import gamma

from ..core.links import LINKS, Link

# Value, first (K, n) and second derivatives (K, K, n) with respect to the linear predictors.
Parts = tuple[np.ndarray, np.ndarray, np.ndarray]

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)
# Nodes of the integral under a survival curve, and the power that draws them towards zero.
_NODES, _POWER = 96, 6
# Times and rows whose survival is found at once: few enough for a core's cache.
_BLOCK = 3072


class Latency(Protocol):
    """A distribution of the time T of those who have the event.

    All methods take logarithms of times, (n,), and the linear predictors `eta`, (K, n).
    """

    @property
    def predictors(self) -> tuple[str, ...]:
        """Names of the linear predictors."""
        ...

    def log_density(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log f(t), on the time scale, and derivatives."""
        ...

    def log_survival(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(T > t), and derivatives."""
        ...

    def log_ending(self, log_t: np.ndarray, event: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log f(t) where a time ends with the event, log P(T > t) elsewhere, and derivatives."""
        ...

    def log_failure(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(T <= t), and derivatives."""
        ...

    def log_between(self, log_a: np.ndarray, log_b: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(a < T <= b), and derivatives."""
        ...

    def quantile(self, p: float, eta: np.ndarray) -> np.ndarray:
        """Return the time by which a share p has the event."""
        ...

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return E[T], infinite where the tail is too heavy."""
        ...

    def start(self, log_t: np.ndarray, event: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return predictors, shape (K,), to start from."""
        ...


@dataclass(frozen=True)
class LocationScale:
    """Accelerated times: log T = eta_0 + exp(eta_1) W, with W of a fixed distribution.

    Parameters
    ----------
    link : Link
        The distribution function of W.
    log_noise : callable
        Takes w, returns the logarithm of the density of W and its first two derivatives.
    moment : callable
        Takes s, returns E[exp(s W)].
    fixed : bool
        Whether the scale is one and no predictor.
    """

    link: Link
    log_noise: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
    moment: Callable[[np.ndarray], np.ndarray]
    fixed: bool = False

    @property
    def predictors(self) -> tuple[str, ...]:
        """Location, and the logarithm of the scale where it is estimated."""
        return ("location",) if self.fixed else ("location", "log_scale")

    def scale(self, eta: np.ndarray) -> np.ndarray:
        """Return the scale, shape (n,)."""
        return np.ones_like(eta[0]) if self.fixed else np.exp(eta[1])

    def log_density(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log f(t), on the time scale, and derivatives."""
        return self.log_ending(log_t, np.ones(len(log_t)), eta)

    def log_survival(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(T > t), and derivatives."""
        scale = self.scale(eta)
        z = (log_t - eta[0]) / scale
        value, slope, curve = self.link.no(z)
        return value, *self._chain(z, scale, slope, curve)

    def log_ending(self, log_t: np.ndarray, event: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log f(t) where a time ends with the event, log P(T > t) elsewhere, and derivatives."""
        scale = self.scale(eta)
        z = (log_t - eta[0]) / scale
        pairs = zip(self.log_noise(z), self.link.no(z), strict=True)
        value, slope, curve = (ended * event + lasting * (1 - event) for ended, lasting in pairs)
        first, second = self._chain(z, scale, slope, curve)
        if self.fixed:
            return value - event * log_t, first, second
        first[1] -= event
        return value - event * (eta[1] + log_t), first, second

    def log_failure(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(T <= t), and derivatives."""
        scale = self.scale(eta)
        z = (log_t - eta[0]) / scale
        slope, _, curve, _ = self.link.slopes(z)
        return self.link.logs(z)[0], *self._chain(z, scale, slope, curve)

    def _chain(
        self, z: np.ndarray, scale: np.ndarray, slope: np.ndarray, curve: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Turn derivatives in z into derivatives in location and log-scale."""
        if self.fixed:
            return -slope[None], curve[None, None]
        along, bent = slope * z, curve * z
        cross = (bent + slope) / scale
        first = np.stack([-slope / scale, -along])
        second = np.stack([curve / scale**2, cross, cross, bent * z + along])
        return first, second.reshape(2, 2, -1)

    def log_between(self, log_a: np.ndarray, log_b: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(a < T <= b), and derivatives."""
        return log_between(self, log_a, log_b, eta)

    def quantile(self, p: float, eta: np.ndarray) -> np.ndarray:
        """Return the time by which a share p has the event."""
        return np.exp(eta[0] + self.scale(eta) * self.link.quantile(np.array(p)))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return E[T], infinite where the tail is too heavy."""
        return np.exp(eta[0]) * self.moment(self.scale(eta))

    def start(self, log_t: np.ndarray, event: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the mean and the logarithm of the spread of log T."""
        centre = np.average(log_t, weights=weight)
        spread = np.sqrt(np.average((log_t - centre) ** 2, weights=weight))
        return np.array([centre, np.log(max(spread, 0.1))])[: len(self.predictors)]


def log_ending(latency: Latency, log_t: np.ndarray, event: np.ndarray, eta: np.ndarray) -> Parts:
    """Return log f(t) where a time ends with the event, log P(T > t) elsewhere, from the two methods."""
    size, n = eta.shape
    parts = np.zeros(n), np.zeros((size, n)), np.zeros((size, size, n))
    for method, rows in ((latency.log_density, event > 0), (latency.log_survival, event == 0)):
        if rows.any():
            put(parts, rows, method(log_t[rows], eta[:, rows]))
    return parts


def put(whole: Parts, rows: np.ndarray, pieces: Parts) -> None:
    """Write the values of some rows into those of all."""
    for part, piece in zip(whole, pieces, strict=True):
        part[..., rows] = piece


def log_between(latency: Latency, log_a: np.ndarray, log_b: np.ndarray, eta: np.ndarray) -> Parts:
    """Return log P(a < T <= b) and derivatives, as a difference of whichever tails are the smaller."""
    large, small = latency.log_survival(log_a, eta), latency.log_survival(log_b, eta)
    early = np.flatnonzero(large[0] > -np.log(2))
    if early.size:
        for parts, log_t in ((large, log_b), (small, log_a)):
            put(parts, early, latency.log_failure(log_t[early], eta[:, early]))
    return log_difference(large, small)


def log_difference(large: Parts, small: Parts) -> Parts:
    """Return log(exp(large) - exp(small)) and derivatives, from those of both."""
    value = large[0] + np.log(-np.expm1(small[0] - large[0]))
    first, second = np.zeros_like(large[1]), np.zeros_like(large[2])
    for sign, (log_p, slope, curve) in ((1, large), (-1, small)):
        share = sign * np.exp(log_p - value)
        first += share * slope
        second += share * (curve + slope[:, None] * slope)
    return value, first, second - first[:, None] * first


@cache
def _unit_rule() -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights on the unit interval; finding them takes longer than using them."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1) / 2, weights / 2


def survival_at(latency: Latency, log_t: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Return P(T > t) at several times, (m,), for every row, shape (m, n)."""
    return np.hstack([np.empty((len(log_t), 0)), *_survivals(latency, log_t, eta)])


def restricted_mean(latency: Latency, horizon: float, eta: np.ndarray) -> np.ndarray:
    """Return E[min(T, horizon)], the area under the survival curve, by Gauss-Legendre quadrature."""
    u, weight = _unit_rule()
    log_t, weight = np.log(horizon) + _POWER * np.log(u), weight * _POWER * u ** (_POWER - 1)
    return horizon * np.hstack([np.empty(0), *(weight @ part for part in _survivals(latency, log_t, eta))])


def _survivals(latency: Latency, log_t: np.ndarray, eta: np.ndarray) -> Iterator[np.ndarray]:
    """Yield P(T > t) at several times, (m, ...), for one block of rows after the other."""
    m = len(log_t)
    rows = max(_BLOCK // max(m, 1), 1)
    for first in range(0, eta.shape[1], rows):
        part = eta[:, first : first + rows]
        at = np.repeat(log_t, part.shape[1]), np.tile(part, m)
        own = getattr(latency, "survival", None)  # where derivatives cost more than values
        values = np.exp(latency.log_survival(*at)[0]) if own is None else own(*at)
        yield values.reshape(m, part.shape[1])


def _log_gumbel(w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rate = np.exp(w)
    return w - rate, 1 - rate, -rate


def _log_normal(w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return -0.5 * w * w - _LOG_SQRT_2PI, -w, np.full_like(w, -1.0)


def _log_logistic(w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    value, slope, curve = LINKS["logit"].no(w)
    return 2 * value + w, 1 + 2 * slope, 2 * curve


def _logistic_moment(scale: np.ndarray) -> np.ndarray:
    angle = np.pi * np.where(scale < 1, scale, 0.5)
    return np.where(scale < 1, angle / np.sin(angle), np.inf)


def _gumbel_moment(scale: np.ndarray) -> np.ndarray:
    return gamma(1 + scale)


def _normal_moment(scale: np.ndarray) -> np.ndarray:
    return np.exp(scale * scale / 2)


EXPONENTIAL = LocationScale(LINKS["cloglog"], _log_gumbel, np.ones_like, fixed=True)
WEIBULL = LocationScale(LINKS["cloglog"], _log_gumbel, _gumbel_moment)
LOGNORMAL = LocationScale(LINKS["probit"], _log_normal, _normal_moment)
LOGLOGISTIC = LocationScale(LINKS["logit"], _log_logistic, _logistic_moment)
