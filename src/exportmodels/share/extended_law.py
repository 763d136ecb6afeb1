"""The extended-support beta law: a beta law that reaches beyond 0 and 1, where what lies beyond shows at the ends."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import betainc, betaln

from ..core.family import EvaluatedAtOnce
from ..core.links import LINKS, Link
from .beta_integral import Nodes
from .beta_law import BetaShare, divide_by_beta

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

    def _exceedances(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the exceedances at the nodes, (m, n), or (m, 1) where all rows have the same; and probabilities."""
        factors, probabilities = np.array(self.nodes).T
        same = eta.shape[1] > 0 and np.ptp(eta[2]) == 0
        return np.outer(factors, np.exp(eta[2, :1] if same else eta[2])), probabilities

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood (n,), first (3, n) and second derivatives (3, 3, n), those of a mixture."""
        p, q = self._inner.parameters(eta)
        u, probabilities = self._exceedances(eta)
        value, slope, bend = np.empty(len(y)), np.empty((3, len(y))), np.empty((3, 3, len(y)))
        for rows, part in (((y > 0) & (y < 1), _between), ((y == 0) | (y == 1), _at_end)):
            if rows.any():
                given = part(y[rows], p[rows], q[rows], u if u.shape[1] == 1 else u[:, rows])
                value[rows], slope[:, rows], bend[:, :, rows] = _averaged(probabilities, *given)
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
            none, all_ = betainc(p, q, low), betainc(q, p, low)
            between, log_beta = 1 - none - all_, betaln(p, q)
            # the beta law's mean over a range is its mean times the probability under p + 1, which differs by the ends
            ends = np.exp(p * np.log(high) + q * np.log(low) - log_beta) - np.exp(
                p * np.log(low) + q * np.log(high) - log_beta
            )
            return all_ + (1 + 2 * u) * (p * between - ends) / (p + q) - u * between

        return self._mixed(eta, given)

    def _mixed(self, eta: np.ndarray, given: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        u, probabilities = self._exceedances(eta)
        return probabilities @ given(u)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares."""
        factors, probabilities = np.array(self.nodes).T
        u = np.exp(eta[2]) * rng.choice(factors, p=probabilities / probabilities.sum(), size=eta.shape[1])
        return np.clip((1 + 2 * u) * self._inner.draw(eta[:2], rng) - u, 0.0, 1.0)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return moment estimates of the mean and precision, and a small exceedance."""
        return np.r_[self._inner.start(y, weight), np.log(_EXCEEDANCE)]


def _averaged(
    probabilities: np.ndarray, value: np.ndarray, slope: np.ndarray, bend: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the logs of averaged likelihoods (n,) and their derivatives, for those at each node, (m, n)."""
    joint = np.log(probabilities)[:, None] + value
    top = joint.max(axis=0)
    shares = np.exp(joint - top)
    total = shares.sum(axis=0)
    shares /= total
    mean = (shares * slope).sum(axis=1)
    apart = slope - mean[:, None]
    return top + np.log(total), mean, (shares * (bend + apart[:, None] * apart)).sum(axis=2)


# The three below return log-likelihoods (m, n), first (3, m, n) and second derivatives (3, 3, m, n) in p, q and log u,
# where u is known: m of them a row, (m, n) or the same for all, (m, 1). They leave out the beta function, as all u do.


def _between(y: np.ndarray, p: np.ndarray, q: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares between: log density and its derivatives."""
    w, a, b = 2 * u / (1 + 2 * u), u / (y + u), u / (1 - y + u)
    scale = np.log1p(2 * u)
    low, high = np.log(y + u) - scale, np.log(1 - y + u) - scale
    slope = np.stack([low, high, (p - 1) * (a - w) + (q - 1) * (b - w) - w])
    bend = np.zeros((3, *slope.shape))
    bend[0, 2] = bend[2, 0] = a - w
    bend[1, 2] = bend[2, 1] = b - w
    bend[2, 2] = (p - 1) * (a * (1 - a) - w * (1 - w)) + (q - 1) * (b * (1 - b) - w * (1 - w)) - w * (1 - w)
    return (p - 1) * low + (q - 1) * high - scale, slope, bend


def _at_end(y: np.ndarray, p: np.ndarray, q: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of zero or one: log of the integral up to the end, and its derivatives.

    A share of one under p and q is a share of zero under q and p.
    """
    one, swapped = y == 1, [1, 0, 2]
    value, slope, bend = _at_zero(np.where(one, q, p), np.where(one, p, q), u)
    return value, np.where(one, slope[swapped], slope), np.where(one, bend[swapped][:, swapped], bend)


def _at_zero(p: np.ndarray, q: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of zero: log of the integral up to u / (1 + 2 u), and its derivatives, those in log u by its end."""
    w, scale = 2 * u / (1 + 2 * u), np.log1p(2 * u)
    low, high = np.log(u) - scale, np.log1p(u) - scale
    shape = (len(u), len(p))
    ends = (u / (1 + 2 * u)).ravel()
    # one end for all rows of a node, or one a row
    beside = [np.broadcast_to(part, shape).reshape(len(ends), -1) for part in (p, q)]
    integrals = Nodes.between(np.zeros(len(ends)), ends, p, q).integrals(*beside)
    value, mean, covariance = (part.reshape(*part.shape[:-2], *shape) for part in integrals)
    # the density at the end times the end's slope, over the integral
    hazard = np.exp(p * low + (q - 1) * high - scale - value)
    slope, bend = np.empty((3, *shape)), np.empty((3, 3, *shape))
    slope[:2], slope[2], bend[:2, :2] = mean, hazard, covariance
    bend[0, 2] = bend[2, 0] = hazard * (low - mean[0])
    bend[1, 2] = bend[2, 1] = hazard * (high - mean[1])
    bend[2, 2] = hazard * (p * (1 - w) + (q - 1) * (u / (1 + u) - w) - w - hazard)
    return value, slope, bend
