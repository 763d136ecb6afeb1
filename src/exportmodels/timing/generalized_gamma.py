"""The generalized gamma distribution of a time: Weibull, gamma and log-normal are members of it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
from scipy.special import digamma, gammainc, gammaincc, gammainccinv, gammaincinv, gammaln, polygamma

from .latencies import Parts, log_between, log_ending

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)
# Step of differences in the shape, for which incomplete gamma functions have no closed derivative; and their weights.
_STEP = 0.02
_MOVES = np.arange(-3, 4)
_SLOPE = np.array([-1, 9, -45, 0, 45, -9, 1]) / 60
_CURVE = np.array([2, -27, 270, -490, 270, -27, 2]) / 180
# Closer to zero than this a function of the shape is interpolated between shapes on both sides.
_NEAR, _APART = 2e-3, 0.01
# Stirling's series of log Gamma(a), in powers of the shape q = a^(-1/2).
_STIRLING = {2: 1 / 12, 6: -1 / 360, 10: 1 / 1260, 14: -1 / 1680, 18: 1 / 1188}
# Derivatives of exponential functions less their first terms, (terms lost, order), and the coefficients of their
# series, the highest power first: so many that below two all digits are right.
_ORDERS = ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))
_SERIES = np.array(
    [
        [factorial(k) / factorial(k - order) / factorial(k + lost) for k in range(order + 28, order - 1, -1)]
        for lost, order in _ORDERS
    ]
)
# Incomplete gamma functions, and the sign of the shape for which each is not asked.
_TAILS = ((gammaincc, False), (gammainc, True))


@dataclass(frozen=True)
class GeneralizedGamma:
    """log T = eta_0 + exp(eta_1) W, with a exp(q W) gamma-distributed of shape a = 1/q^2, and q = eta_2.

    The density of W is log f(w) = -log(2 pi)/2 - r(q) - (exp(q w) - 1 - q w) / q^2, with r the error of Stirling's
    formula for log Gamma(1/q^2); it is smooth in q, also at zero, where it is the normal density.
    """

    predictors: tuple[str, ...] = ("location", "log_scale", "shape")

    def log_density(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log f(t), on the time scale, and derivatives."""
        w, scale, q = _noise(log_t, eta)
        value, slopes, curves = _log_noise(w, q)
        first, second = _chain(w, scale, slopes, curves)
        first[1] -= 1.0
        return value - eta[1] - log_t, first, second

    def log_survival(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(T > t), and derivatives."""
        w, scale, q = _noise(log_t, eta)
        value, slopes, curves = _log_tail(w, q)
        return value, *_chain(w, scale, slopes, curves)

    def survival(self, log_t: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return P(T > t), which takes a fraction of the time of its derivatives."""
        w, _, q = _noise(log_t, eta)
        return np.exp(_through_zero(_Tail(w), q))

    def log_ending(self, log_t: np.ndarray, event: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log f(t) where a time ends with the event, log P(T > t) elsewhere, and derivatives."""
        return log_ending(self, log_t, event, eta)

    def log_failure(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(T <= t), and derivatives: -W has the shape -q."""
        w, scale, q = _noise(log_t, eta)
        value, slopes, curves = _log_tail(-w, -q)
        return value, *_chain(w, scale, tuple(-s for s in slopes), curves)

    def log_between(self, log_a: np.ndarray, log_b: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log P(a < T <= b), and derivatives."""
        return log_between(self, log_a, log_b, eta)

    def quantile(self, p: float, eta: np.ndarray) -> np.ndarray:
        """Return the time by which a share p has the event."""

        def noise(q: np.ndarray) -> np.ndarray:
            a = q**-2.0
            return np.log(np.where(q > 0, gammaincinv(a, p), gammainccinv(a, p)) / a) / q

        return np.exp(eta[0] + np.exp(eta[1]) * _through_zero(noise, eta[2]))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return E[T], infinite where the tail is too heavy."""
        scale = np.exp(eta[1])

        def log_moment(q: np.ndarray) -> np.ndarray:
            a, power = q**-2.0, scale / q
            inside = a + power > 0
            moment = gammaln(np.where(inside, a + power, 1.0)) - gammaln(a) - power * np.log(a)
            return np.where(inside, moment, np.inf)

        return np.exp(eta[0] + _through_zero(log_moment, eta[2]))

    def start(self, log_t: np.ndarray, event: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the mean and the logarithm of the spread of log T, and a shape between log-normal and Weibull."""
        centre = np.average(log_t, weights=weight)
        spread = np.sqrt(np.average((log_t - centre) ** 2, weights=weight))
        return np.array([centre, np.log(max(spread, 0.1)), 0.5])


def _noise(log_t: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    scale = np.exp(eta[1])
    return (log_t - eta[0]) / scale, scale, eta[2]


def _chain(
    w: np.ndarray, scale: np.ndarray, slopes: tuple[np.ndarray, ...], curves: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Turn derivatives in (w, q) into those in location, log-scale and shape."""
    (slope, shape), (curve, cross, shaped) = slopes, curves
    first = np.stack([-slope / scale, -slope * w, shape])
    both = (curve * w + slope) / scale
    rows = [
        [curve / scale**2, both, -cross / scale],
        [both, curve * w * w + slope * w, -cross * w],
        [-cross / scale, -cross * w, shaped],
    ]
    return first, np.array(rows)


def _log_noise(w: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return the log-density of W with derivatives in w and q: value, (w, q), (ww, wq, qq)."""
    x = q * w
    error, rest = _stirling_error(q), _remainders(x)
    value = -_LOG_SQRT_2PI - error[0] - w**2 * rest[2, 0]
    slopes = (-w * rest[1, 0], -error[1] - w**3 * rest[2, 1])
    curves = (-np.exp(x), -(w**2) * rest[1, 1], -error[2] - w**4 * rest[2, 2])
    return value, slopes, curves


def _remainders(x: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """Return derivatives of (exp(x) less its first terms) / x^lost, by (lost, order); series have no hole at zero."""
    small = np.abs(x) < 2
    near, series = np.where(small, x, 0.0), np.zeros((len(_ORDERS), *x.shape))
    for coefficients in _SERIES.T:
        series *= near
        series += coefficients[:, None]
    if small.all():
        return dict(zip(_ORDERS, series, strict=True))
    far = np.where(small, 2.0, x)
    grown = np.exp(far)
    formulas = (
        (grown - 1) / far,
        ((far - 1) * grown + 1) / far**2,
        (grown - 1 - far) / far**2,
        ((far - 2) * grown + far + 2) / far**3,
        ((far**2 - 4 * far + 6) * grown - 2 * far - 6) / far**4,
    )
    return dict(zip(_ORDERS, np.where(small, series, formulas), strict=True))


def _stirling_error(q: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return r = log Gamma(a) - (a - 1/2) log a + a - log(2 pi)/2 at a = 1/q^2, and two derivatives in q."""
    if q.size > 1 and (q == q.flat[0]).all():  # the shape that all firms have
        return tuple(np.full(q.shape, part) for part in _stirling_error(q.flat[:1]))
    small = np.abs(q) < 0.25
    near, far = np.where(small, q, 0.0), np.where(small, 1.0, q)
    if not small.any():
        return _stirling_far(far)
    series = [
        sum(c * factorial(k) / factorial(k - order) * near ** (k - order) for k, c in _STIRLING.items())
        for order in range(3)
    ]
    return tuple(np.where(small, s, d) for s, d in zip(series, _stirling_far(far), strict=True))


def _stirling_far(q: np.ndarray) -> tuple[np.ndarray, ...]:
    a = q**-2.0
    slope = digamma(a) - np.log(a) + 0.5 / a
    curve = polygamma(1, a) - 1 / a - 0.5 / a**2
    return (
        gammaln(a) - (a - 0.5) * np.log(a) + a - _LOG_SQRT_2PI,
        -2 * slope / q**3,
        4 * curve / q**6 + 6 * slope / q**4,
    )


def _log_tail(w: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return log P(W > w) with derivatives in w and q: value, (w, q), (ww, wq, qq)."""
    nearby = _through_zero(_Tail(w), q + _STEP * _MOVES[:, None])
    value, shape = nearby[3], _SLOPE @ nearby / _STEP
    noise, (slope, shaped), _ = _log_noise(w, q)
    hazard = np.exp(noise - value)
    return value, (-hazard, shape), (-hazard * (slope + hazard), -hazard * (shaped - shape), _CURVE @ nearby / _STEP**2)


@dataclass(frozen=True)
class _Tail:
    """The function log P(W > w) of the shape, shape (n,) or (m, n), away from zero."""

    w: np.ndarray

    def __call__(self, shape: np.ndarray) -> np.ndarray:
        """Return incomplete gamma functions, of the upper or the lower tail by the sign of the shape."""
        a = shape**-2.0
        u = a * np.exp(shape * self.w)
        upper = shape > 0
        some = [np.zeros_like(u) if (upper == skipped).all() else of(a, u) for of, skipped in _TAILS]
        with np.errstate(divide="ignore"):
            return np.log(np.where(upper, *some))


def _through_zero(function: Callable[[np.ndarray], np.ndarray], q: np.ndarray) -> np.ndarray:
    """Evaluate a function that is smooth in q but written with 1/q: near zero, between values on both sides."""
    near = np.abs(q) < _NEAR
    if not near.any():
        return function(q)
    at = np.where(near, q, 1.0)
    pairs = [function(at + k * _APART) + function(at - k * _APART) for k in (1, 2, 3)]
    between = (15 * pairs[0] - 6 * pairs[1] + pairs[2]) / 20
    return between if near.all() else np.where(near, between, function(np.where(near, 1.0, q)))


GENGAMMA = GeneralizedGamma()
