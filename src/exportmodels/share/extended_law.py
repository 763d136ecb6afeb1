"""The extended-support beta law: a beta law that reaches beyond 0 and 1, where what lies beyond shows at the ends."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import betainc

from ..core.family import EvaluatedAtOnce
from ..core.links import LINKS, Link
from .beta_law import BetaShare, bracket_integral, divide_by_beta

# Where the search for the exceedance begins.
_EXCEEDANCE = 0.1


@cache
def exponential_nodes(count: int) -> tuple[tuple[float, float], ...]:
    """Return nodes and probabilities of an exponential variable of mean one (Gauss-Laguerre)."""
    nodes, weights = np.polynomial.laguerre.laggauss(count)
    return tuple(zip(nodes.tolist(), weights.tolist(), strict=True))


@dataclass(frozen=True)
class ExtendedBetaShare(EvaluatedAtOnce):
    """Shares that are max(0, min(1, (1 + 2 u) B - u)), B a beta variable with mean F(eta_0) and precision exp(eta_1).

    The exceedance u is exp(eta_2) times a factor that is one, or is drawn from a law with a few nodes.

    Parameters
    ----------
    link : Link
        The distribution function F.
    nodes : tuple of (float, float)
        Values of the factor and their probabilities.
    predictors : tuple of str
        Predictor of the mean, logs of the precision and of the exceedance.
    """

    link: Link = LINKS["logit"]
    nodes: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    predictors: tuple[str, ...] = ("mean", "log_precision", "log_exceedance")

    @property
    def _inner(self) -> BetaShare:
        return BetaShare(self.link)

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood (n,), first (3, n) and second derivatives (3, 3, n).

        They are those of a mixture over the nodes, which is added up node by node.
        """
        p, q = self._inner.parameters(eta)
        u = np.exp(eta[2])
        value = np.full(len(y), -np.inf)
        slope, bend = np.zeros((3, len(y))), np.zeros((3, 3, len(y)))
        for factor, probability in self.nodes:
            one, own, curve = _given(y, p, q, factor * u)
            total = np.logaddexp(value, np.log(probability) + one)
            kept, part = np.exp(value - total), np.exp(np.log(probability) + one - total)
            slope = kept * slope + part * own
            bend = kept * bend + part * (curve + own[:, None] * own)
            value = total
        bend -= slope[:, None] * slope
        divide_by_beta(value, slope, bend, p, q)
        first, second = np.empty((3, len(y))), np.empty((3, 3, len(y)))
        first[:2], second[:2, :2] = self._inner.in_predictors(eta, p, q, slope, bend)
        turn = p * self.link.slopes(eta[0])[0]
        first[2], second[2, 2] = slope[2], bend[2, 2]
        second[0, 2] = second[2, 0] = turn * (bend[0, 2] - bend[1, 2])
        second[1, 2] = second[2, 1] = p * bend[0, 2] + q * bend[1, 2]
        return value, first, second

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share; one from one on."""
        if share >= 1:
            return np.ones(eta.shape[1])
        p, q = self._inner.parameters(eta)
        return self._mixed(eta, lambda u: betainc(p, q, (share + u) / (1 + 2 * u)))

    def everything(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of exactly one."""
        p, q = self._inner.parameters(eta)
        return self._mixed(eta, lambda u: betainc(q, p, u / (1 + 2 * u)))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share, ends included."""
        p, q = self._inner.parameters(eta)

        def given(u: np.ndarray) -> np.ndarray:
            low, high = u / (1 + 2 * u), (1 + u) / (1 + 2 * u)
            between = betainc(p, q, high) - betainc(p, q, low)
            within = betainc(p + 1, q, high) - betainc(p + 1, q, low)
            return betainc(q, p, low) + (1 + 2 * u) * p / (p + q) * within - u * between

        return self._mixed(eta, given)

    def _mixed(self, eta: np.ndarray, given: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        u = np.exp(eta[2])
        return np.sum([probability * given(factor * u) for factor, probability in self.nodes], axis=0)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares."""
        factors, probabilities = np.array(self.nodes).T
        u = np.exp(eta[2]) * rng.choice(factors, p=probabilities / probabilities.sum(), size=eta.shape[1])
        return np.clip((1 + 2 * u) * self._inner.draw(eta[:2], rng) - u, 0.0, 1.0)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return moment estimates of the mean and precision, and a small exceedance."""
        return np.r_[self._inner.start(y, weight), np.log(_EXCEEDANCE)]


def _given(y: np.ndarray, p: np.ndarray, q: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log-likelihood, first (3, n) and second derivatives (3, 3, n) in p, q and log u for a known exceedance.

    The beta function, which all exceedances share, is left out.
    """
    value, slope, bend = np.empty(len(y)), np.empty((3, len(y))), np.empty((3, 3, len(y)))
    for rows, part, order in (
        ((y > 0) & (y < 1), _between, [0, 1, 2]),
        (y == 0, _at_zero, [0, 1, 2]),
        (y == 1, _at_zero, [1, 0, 2]),
    ):
        if not rows.any():
            continue
        # a share of one under p and q is a share of zero under q and p
        first, second = ((p, q)[k][rows] for k in order[:2])
        one, own, curve = part(y[rows], first, second, u[rows])
        value[rows], slope[:, rows] = one, own[order]
        bend[:, :, rows] = curve[np.ix_(order, order)]
    return value, slope, bend


def _between(y: np.ndarray, p: np.ndarray, q: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares between: log density and its derivatives."""
    w, a, b = 2 * u / (1 + 2 * u), u / (y + u), u / (1 - y + u)
    scale = np.log1p(2 * u)
    low, high = np.log(y + u) - scale, np.log(1 - y + u) - scale
    slope = np.stack([low, high, (p - 1) * (a - w) + (q - 1) * (b - w) - w])
    bend = np.zeros((3, 3, len(y)))
    bend[0, 2] = bend[2, 0] = a - w
    bend[1, 2] = bend[2, 1] = b - w
    bend[2, 2] = (p - 1) * (a * (1 - a) - w * (1 - w)) + (q - 1) * (b * (1 - b) - w * (1 - w)) - w * (1 - w)
    return (p - 1) * low + (q - 1) * high - scale, slope, bend


def _at_zero(y: np.ndarray, p: np.ndarray, q: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of zero: log of the integral up to u / (1 + 2 u), and its derivatives, those in log u by its end."""
    w, scale = 2 * u / (1 + 2 * u), np.log1p(2 * u)
    low, high = np.log(u) - scale, np.log1p(u) - scale
    value, mean, covariance = bracket_integral(np.zeros(len(u)), u / (1 + 2 * u), p, q)
    # the density at the end times the end's slope, over the integral
    hazard = np.exp(p * low + (q - 1) * high - scale - value)
    slope, bend = np.empty((3, len(u))), np.empty((3, 3, len(u)))
    slope[:2], slope[2], bend[:2, :2] = mean, hazard, covariance
    bend[0, 2] = bend[2, 0] = hazard * (low - mean[0])
    bend[1, 2] = bend[2, 1] = hazard * (high - mean[1])
    bend[2, 2] = hazard * (p * (1 - w) + (q - 1) * (u / (1 + u) - w) - w - hazard)
    return value, slope, bend
