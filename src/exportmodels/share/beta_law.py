"""The beta law of a share, known exactly or up to a bracket, in the predictors of its mean and its precision."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln, digamma

from ..core.family import EvaluatedAtOnce
from ..core.links import LINKS, Link
from ..core.special import trigamma
from .beta_integral import Nodes
from .normal import limits

# Bracketed rows are taken together up to so many, whose nodes a core's cache can hold.
_TOGETHER = 256


def divide_by_beta(value: np.ndarray, first: np.ndarray, second: np.ndarray, p: np.ndarray, q: np.ndarray) -> None:
    """Take log B(p, q) and its derivatives off, in place; p and q are the first two of the parameters."""
    parameters = np.stack([p, q, p + q])
    slope, bend = digamma(parameters), trigamma(parameters)
    value -= betaln(p, q)
    first[:2] += slope[2] - slope[:2]
    second[:2, :2] += bend[2]
    second[0, 0] -= bend[0]
    second[1, 1] -= bend[1]


def _within(y: np.ndarray, p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the logs of integrals over brackets (n,), their first (2, n) and second derivatives (2, 2, n)."""
    brackets, group = np.unique(y, axis=0, return_inverse=True)
    nodes, parts = Nodes.between(brackets[:, 0], brackets[:, 1], p, q), []
    for first in range(0, len(p), _TOGETHER):
        rows = slice(first, first + _TOGETHER)
        parts.append(nodes[group[rows]].integrals(p[rows, None], q[rows, None]))
    value, slope, bend = (np.concatenate(part, axis=-2)[..., 0] for part in zip(*parts, strict=True))
    return value, slope, bend


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
            inside = _within(*(part[~known] for part in (y, p, q)))
            value[~known], first[:, ~known], second[..., ~known] = inside
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
