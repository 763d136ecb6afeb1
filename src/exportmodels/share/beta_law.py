"""The beta law of a share, known exactly or up to a bracket, in the predictors of its mean and its precision."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betainc, betaln, digamma

from ..core.family import EvaluatedAtOnce
from ..core.links import LINKS, Link
from ..core.special import trigamma
from .normal import limits

# Nodes of the double-exponential rule lie 1/20 apart, which is fine enough for a precision of 500; finer ones are taken
# beyond. They reach 7, which is far enough at the ends for parameters down to 0.03; farther is gone for smaller ones.
_REACH, _EACH, _PRECISION, _FINEST, _FARTHEST = 7, 20, 500.0, 16, 25


@lru_cache(maxsize=512)
def _nodes(lower: float, upper: float, reach: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Return log t and log(1 - t) at the nodes between two limits, shape (m, 2), and logs of dt / (t (1 - t))."""
    v = np.linspace(-reach, reach, 2 * reach * each + 1)
    log_x, log_rest = -np.logaddexp(0.0, -np.pi * np.sinh(v)), -np.logaddexp(0.0, np.pi * np.sinh(v))
    width = upper - lower
    with np.errstate(divide="ignore"):
        log_t = np.logaddexp(np.log(lower), np.log(width) + log_x)
        log_away = np.logaddexp(np.log1p(-upper), np.log(width) + log_rest)
    step = np.log(width) + log_x + log_rest + np.log(np.pi * np.cosh(v) * (v[1] - v[0]))
    return np.column_stack([log_t, log_away]), step - log_t - log_away


def bracket_integral(
    lower: np.ndarray, upper: np.ndarray, p: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Integrate t^(p-1) (1-t)^(q-1) between limits.

    Returns
    -------
    tuple of ndarray
        The logarithm of the integral, (n,); mean (2, n) and covariance (2, 2, n) of log t and log(1 - t) under the law
        within the bracket, which are its first and second derivatives.
    """
    value, mean, covariance = np.empty(len(p)), np.empty((2, len(p))), np.empty((2, 2, len(p)))
    finer = np.sqrt(max((p + q).max(initial=0.0) / _PRECISION, 1.0))
    each = _EACH * int(min(2 ** np.ceil(np.log2(finer)), _FINEST))
    smallest = max(min(p.min(initial=1.0), q.min(initial=1.0)), 1e-10)
    reach = int(np.clip(np.ceil(np.arcsinh(45 / (np.pi * smallest))), _REACH, _FARTHEST))
    brackets, group = np.unique(np.column_stack([lower, upper]), axis=0, return_inverse=True)
    for g, (low, high) in enumerate(brackets):
        own = group == g
        logs, step = _nodes(float(low), float(high), reach, each)
        height = np.column_stack([p[own], q[own]]) @ logs.T + step
        top = height.max(axis=1)
        density = np.exp(height - top[:, None])
        total = density.sum(axis=1)
        value[own] = top + np.log(total)
        middle = logs[len(logs) // 2]
        apart = logs - middle
        products = np.column_stack([apart, apart[:, [0]] * apart, apart[:, 1] ** 2])
        m = (density @ products).T / total
        mean[:, own] = m[:2] + middle[:, None]
        cross = m[3] - m[0] * m[1]
        covariance[:, :, own] = np.array([[m[2] - m[0] ** 2, cross], [cross, m[4] - m[1] ** 2]])
    return value, mean, covariance


def divide_by_beta(value: np.ndarray, first: np.ndarray, second: np.ndarray, p: np.ndarray, q: np.ndarray) -> None:
    """Take log B(p, q) and its derivatives off, in place; p and q are the first two of the parameters."""
    total = p + q
    value -= betaln(p, q)
    first[:2] += digamma(total) - np.stack([digamma(p), digamma(q)])
    second[:2, :2] += trigamma(total)
    second[0, 0] -= trigamma(p)
    second[1, 1] -= trigamma(q)


@dataclass(frozen=True)
class BetaShare(EvaluatedAtOnce):
    """Shares between 0 and 1 that follow a beta law with mean mu = F(eta_0) and precision phi = exp(eta_1).

    The variance is mu (1 - mu) / (1 + phi); the usual parameters are p = mu phi and q = (1 - mu) phi.

    Parameters
    ----------
    link : Link
        The distribution function F.
    predictors : tuple of str
        Predictor of the mean and log of the precision.
    """

    link: Link = LINKS["logit"]
    predictors: tuple[str, ...] = ("mean", "log_precision")

    def parameters(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return p and q, each positive however far out the mean."""
        yes, no = self.link.logs(eta[0])
        return np.exp(yes + eta[1]), np.exp(no + eta[1])

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood (n,), first (2, n) and second derivatives (2, 2, n) in one go."""
        p, q = self.parameters(eta)
        value, slope, bend = self.in_parameters(y, p, q)
        return value, *self.in_predictors(eta, p, q, slope, bend)

    def in_predictors(
        self, eta: np.ndarray, p: np.ndarray, q: np.ndarray, slope: np.ndarray, bend: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Turn derivatives with respect to p and q into those with respect to the predictors."""
        yes, _, yes2, _ = self.link.slopes(eta[0])
        turn = p * yes
        gap = slope[0] - slope[1]
        first = np.stack([gap * turn, p * slope[0] + q * slope[1]])
        cross = turn * (p * (bend[0, 0] - bend[0, 1]) + q * (bend[0, 1] - bend[1, 1]) + gap)
        location = (bend[0, 0] - 2 * bend[0, 1] + bend[1, 1]) * turn**2 + gap * p * (yes2 + yes**2)
        precision = p * p * bend[0, 0] + 2 * p * q * bend[0, 1] + q * q * bend[1, 1] + first[1]
        return first, np.array([[location, cross], [cross, precision]])

    @staticmethod
    def in_parameters(y: np.ndarray, p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood (n,), first (2, n) and second derivatives (2, 2, n) with respect to p and q."""
        lower, upper = limits(y)
        known = lower == upper
        value, first, second = np.empty(len(p)), np.empty((2, len(p))), np.zeros((2, 2, len(p)))
        first[:, known] = np.log(lower[known]), np.log1p(-lower[known])
        value[known] = (p[known] - 1) * first[0, known] + (q[known] - 1) * first[1, known]
        if not known.all():
            value[~known], first[:, ~known], second[..., ~known] = bracket_integral(
                *(part[~known] for part in (lower, upper, p, q))
            )
        divide_by_beta(value, first, second, p, q)
        return value, first, second

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share."""
        return betainc(*self.parameters(eta), share)

    def everything(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of exactly one, which is zero."""
        return np.zeros(eta.shape[1])

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share."""
        return self.link.probability(eta[0])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares."""
        return rng.beta(*self.parameters(eta))

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return moment estimates from the middles of the answers."""
        middle = np.clip(np.mean(limits(y), axis=0), 1e-3, 1 - 1e-3)
        mean = np.average(middle, weights=weight)
        variance = max(np.average((middle - mean) ** 2, weights=weight), 1e-6)
        return np.array([self.link.quantile(mean), np.log(max(mean * (1 - mean) / variance - 1, 0.3))])
