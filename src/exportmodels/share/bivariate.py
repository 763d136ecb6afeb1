"""The bivariate normal distribution function, vectorized, with its derivatives and its digits in the far tail."""

import numpy as np
from scipy.special import log_ndtr, ndtr, owens_t

_LOG_2PI = np.log(2 * np.pi)
# Below this probability Owen's formula has lost half its digits, and the integral is taken instead.
_SMALL = 1e-7


def log_probability(a: np.ndarray, b: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return log P(A < a, B < b) for standard normal A and B with correlation rho."""
    value = _owen(a, b, rho)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.log(value)
    small = ~(value > _SMALL)
    if small.any():
        result[small] = _integral(a[small], b[small], rho[small])
    return result


def _owen(a: np.ndarray, b: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return the probability by two of Owen's T functions."""
    r = np.sqrt((1 - rho) * (1 + rho))
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(a == 0, np.sign(b) * np.inf, (b - rho * a) / (a * r))
        second = np.where(b == 0, np.sign(a) * np.inf, (a - rho * b) / (b * r))
    both_zero = (a == 0) & (b == 0)
    apart = (a * b < 0) | ((a * b == 0) & (a + b < 0))
    value = 0.5 * (ndtr(a) + ndtr(b)) - owens_t(a, first) - owens_t(b, second) - 0.5 * apart
    return np.where(both_zero, 0.25 + np.arcsin(rho) / (2 * np.pi), value)


def _integral(a: np.ndarray, b: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return the logarithm of the integral of phi(t) Phi((b - rho t) / r) below a, by a double-exponential rule."""
    flip = b < a  # integrate over the variable whose limit lies farther out
    a, b = np.where(flip, b, a), np.where(flip, a, b)
    r = np.sqrt((1 - rho) * (1 + rho))
    v = np.linspace(-4.0, 4.0, 161)
    step = np.exp(0.5 * np.pi * np.sinh(v))
    log_weight = np.log(0.5 * np.pi * np.cosh(v) * (v[1] - v[0])) + np.log(step)
    t = a[:, None] - step
    height = -0.5 * t * t - 0.5 * _LOG_2PI + log_ndtr((b[:, None] - rho[:, None] * t) / r[:, None]) + log_weight
    top = height.max(axis=1)
    return top + np.log(np.exp(height - top[:, None]).sum(axis=1))


def slopes(a: np.ndarray, b: np.ndarray, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return derivatives of log P(A < a, B < b) in a, b and t = atanh(rho): (3, n) and (3, 3, n).

    With c = cosh t and s = sinh t, the conditional arguments are u = b c - a s and v = a c - b s, and the density is
    phi(a) phi(u) c.
    """
    t = np.arctanh(rho)
    c, s = np.cosh(t), np.sinh(t)
    u, v = b * c - a * s, a * c - b * s
    total = log_probability(a, b, rho)
    normal = -0.5 * _LOG_2PI
    by_a = np.exp(normal - 0.5 * a * a + log_ndtr(u) - total)
    by_b = np.exp(normal - 0.5 * b * b + log_ndtr(v) - total)
    # the density, and dP/dt = density (1 - rho^2) = phi(a) phi(u) / c
    pair = np.exp(2 * normal - 0.5 * (a * a + u * u) - total)
    first = np.stack([by_a, by_b, pair / c])
    second = np.empty((3, 3, len(a)))
    second[0, 0] = -a * by_a - s * pair
    second[1, 1] = -b * by_b - s * pair
    second[0, 1] = second[1, 0] = c * pair
    second[0, 2] = second[2, 0] = -v * pair
    second[1, 2] = second[2, 1] = -u * pair
    second[2, 2] = pair / c * (u * v - s / c)
    return first, second - first[:, None] * first[None]
