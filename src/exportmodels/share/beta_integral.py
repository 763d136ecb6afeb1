"""Integrals of a beta law between limits, with their derivatives: double-exponential quadrature in logarithms."""

from dataclasses import dataclass
from typing import Self

import numpy as np

# Nodes lie 1/8 apart, which is fine enough for p + q of 13, and closer in step with the root of it beyond: a law in the
# middle of its limits has its standard deviation 1.4 nodes wide, of which the trapezoidal rule keeps all digits.
_COARSEST, _FINEST, _FINENESS = 8, 320, 2.2
# What is below exp(-45) of the largest is left out, for parameters down to the smallest.
_GONE, _SMALLEST = 45.0, 1e-10
# Rows are taken together up to so many nodes: enough to hide numpy's overhead, and few enough for a core's cache.
_TOGETHER = 65_536


@dataclass(frozen=True)
class Nodes:
    """Nodes t between one or more pairs of limits.

    Parameters
    ----------
    logs : ndarray, shape (g, 2, m)
        Logarithms of t and of 1 - t.
    step : ndarray, shape (g, m)
        Logarithms of dt / (t (1 - t)).
    powers : ndarray, shape (g, m, 5)
        The two logarithms less those of the node in the middle, and their squares and product.
    """

    logs: np.ndarray
    step: np.ndarray
    powers: np.ndarray

    @classmethod
    def between(cls, lower: np.ndarray, upper: np.ndarray, p: np.ndarray, q: np.ndarray) -> Self:
        """Return the nodes between limits, (g,), that are enough for parameters `p` and `q`."""
        left = p.min(initial=1.0) if (lower == 0).any() else 1.0
        right = q.min(initial=1.0) if (upper == 1).any() else 1.0
        log_s, log_rest, log_share = _unit_interval(left, right, (p + q).max(initial=1.0))
        width = np.log(upper - lower)[:, None]
        with np.errstate(divide="ignore"):
            log_t = np.logaddexp(np.log(lower)[:, None], width + log_s)
            log_away = np.logaddexp(np.log1p(-upper)[:, None], width + log_rest)
        middle = len(log_s) // 2
        a, b = (part - part[:, [middle]] for part in (log_t, log_away))
        powers = np.stack([a, b, a * a, a * b, b * b], axis=-1)
        return cls(np.stack([log_t, log_away], axis=1), width + log_share - log_t - log_away, powers)

    def __getitem__(self, pairs: np.ndarray) -> "Nodes":
        """Return the nodes between some of the pairs, or between one pair several times."""
        return Nodes(self.logs[pairs], self.step[pairs], self.powers[pairs])

    def integrals(self, p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Integrate t^(p-1) (1-t)^(q-1) between each pair of limits for several parameters, (g, n).

        Returns
        -------
        tuple of ndarray
            The logarithms of the integrals, (g, n); means (2, g, n) and covariances (2, 2, g, n) of log t and
            log(1 - t) under the law within the limits, which are their first and second derivatives.
        """
        parameters, value, moments = np.stack([p, q], axis=-1), np.empty(p.shape), np.empty((*p.shape, 5))
        together = max(_TOGETHER // self.step.size, 1)
        for first in range(0, p.shape[1], together):
            rows = slice(first, first + together)
            height = parameters[:, rows] @ self.logs + self.step[:, None]
            top = height.max(axis=-1, keepdims=True)
            density = np.exp(height - top)
            total = density.sum(axis=-1, keepdims=True)
            value[:, rows] = (top + np.log(total))[..., 0]
            moments[:, rows] = density @ self.powers / total
        a, b, aa, ab, bb = moments.transpose(2, 0, 1)
        middle, cross = self.logs[:, :, [self.logs.shape[-1] // 2]], ab - a * b
        mean = np.stack([a, b]) + middle.swapaxes(0, 1)
        return value, mean, np.array([[aa - a * a, cross], [cross, bb - b * b]])


def _unit_interval(left: float, right: float, total: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log s and log(1 - s) at nodes between 0 and 1, and logs of their shares of the interval.

    `left` and `right` are the exponents of s and 1 - s with which an integrand vanishes at the ends, `total` is how
    steep it may be between.
    """
    each = np.clip(_FINENESS * np.sqrt(total), _COARSEST, _FINEST)
    reach = [np.arcsinh(_GONE / (np.pi * max(end, _SMALLEST))) for end in (left, right)]
    v = np.arange(-np.ceil(reach[0] * each), np.ceil(reach[1] * each) + 1) / each
    odds = np.pi * np.sinh(v)
    log_s, log_rest = -np.logaddexp(0.0, -odds), -np.logaddexp(0.0, odds)
    return log_s, log_rest, log_s + log_rest + np.log(np.pi * np.cosh(v) / each)
