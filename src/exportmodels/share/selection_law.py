"""Laws of selected outcomes: a share that is seen of firms that chose to export, with causes in common with the choice.

Outcomes are two columns: the share, anything where it is not seen, and whether it is seen.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr, ndtri

from .bivariate import log_probability, slopes

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)
_SQRT_2_OVER_PI = np.sqrt(2 / np.pi)


def mills(a: np.ndarray) -> np.ndarray:
    """Return phi(a) / Phi(a), the mean of a standard normal above -a."""
    return _SQRT_2_OVER_PI / erfcx(-a / np.sqrt(2))


@dataclass(frozen=True)
class NormalSelection:
    """Heckman's model: (u, e / s) bivariate normal with correlation rho; y = eta_0 + e is seen where eta_1 + u > 0.

    With t = atanh(rho), z = (y - eta_0) / s and w = eta_1 cosh t + z sinh t, a seen row has log-likelihood
    log phi(z) - log s + log Phi(w), another one log Phi(-eta_1).

    Parameters
    ----------
    predictors : tuple of str
        Mean of all firms, choice, log s, t.
    """

    predictors: tuple[str, ...] = ("mean", "select", "log_scale", "atanh_rho")

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        z, w = self._standard(y, eta)
        seen = -0.5 * z * z - _LOG_SQRT_2PI - eta[2] + log_ndtr(w)
        return np.where(y[:, 1] > 0, seen, log_ndtr(-eta[1]))

    @staticmethod
    def _standard(y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = np.where(y[:, 1] > 0, (y[:, 0] - eta[0]) * np.exp(-eta[2]), 0.0)
        return z, eta[1] * np.cosh(eta[3]) + z * np.sinh(eta[3])

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (4, n) and second derivatives (4, 4, n)."""
        (z, w), s, n = self._standard(y, eta), np.exp(eta[2]), len(y)
        c, h = np.cosh(eta[3]), np.sinh(eta[3])
        slope = np.stack([-h / s, c, -z * h, eta[1] * h + z * c])
        bend = np.zeros((4, 4, n))
        bend[0, 2], bend[0, 3], bend[1, 3], bend[2, 2], bend[2, 3], bend[3, 3] = h / s, -c / s, h, z * h, -z * c, w
        bend += np.triu(np.ones((4, 4)), 1).T[:, :, None] * bend.transpose(1, 0, 2)
        ratio = mills(w)
        first = ratio * slope
        second = -ratio * (w + ratio) * slope[:, None] * slope[None] + ratio * bend
        first[0] += z / s
        first[2] += z * z - 1
        second[0, 0] -= 1 / s**2
        second[0, 2] -= 2 * z / s
        second[2, 0] -= 2 * z / s
        second[2, 2] -= 2 * z * z
        return _unseen(y, eta[1], first, second)

    def parts(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean of all firms, the choice, and the covariance of both errors."""
        return eta[0], eta[1], np.exp(eta[2]) * np.tanh(eta[3])

    def potential(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share were all firms to choose it."""
        return eta[0]

    def selected(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share of firms that choose it."""
        mean, choice, pull = self.parts(eta)
        return mean + pull * mills(choice)

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share of all firms, zero where they do not choose it."""
        return ndtr(eta[1]) * self.selected(eta)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return what independence would give."""
        seen = y[:, 1] > 0
        mean = np.average(y[seen, 0], weights=weight[seen])
        spread = np.sqrt(np.average((y[seen, 0] - mean) ** 2, weights=weight[seen]))
        return np.array([mean, ndtri(np.average(seen, weights=weight)), np.log(max(spread, 1e-6)), 0.0])


@dataclass(frozen=True)
class TwoStepSelection(NormalSelection):
    """The same model as the two-step estimator knows it: the covariance of both errors is a coefficient."""

    predictors: tuple[str, ...] = ("mean", "select", "mills")

    def parts(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean of all firms, the choice, and the covariance of both errors."""
        return eta[0], eta[1], eta[2]


@dataclass(frozen=True)
class FractionalSelection:
    """A fractional probit mean with a choice: E(y | v) = P(A < eta_0 | v), the choice is made where eta_1 + u > 0.

    A and -u are standard normal with correlation rho = tanh(eta_2), so that the mean share of those who choose is
    Phi2(eta_0, eta_1; rho) / Phi(eta_1). A seen row has quasi-log-likelihood y log Phi2(eta_0, eta_1; rho) +
    (1 - y) log Phi2(-eta_0, eta_1; -rho), another one log Phi(-eta_1).

    Parameters
    ----------
    predictors : tuple of str
        Mean of all firms, choice, atanh of the correlation.
    """

    predictors: tuple[str, ...] = ("mean", "select", "atanh_rho")

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        seen, value = y[:, 1] > 0, log_ndtr(-eta[1])
        share, (a, b, t) = y[seen, 0], eta[:, seen]
        rho = np.tanh(t)
        value[seen] = share * log_probability(a, b, rho) + (1 - share) * log_probability(-a, b, -rho)
        return value

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (3, n) and second derivatives (3, 3, n)."""
        seen, n = y[:, 1] > 0, len(y)
        share, (a, b, t) = y[seen, 0], eta[:, seen]
        rho = np.tanh(t)
        first, second = np.zeros((3, n)), np.zeros((3, 3, n))
        yes, yes2 = slopes(a, b, rho)
        no, no2 = slopes(-a, b, -rho)
        turn = np.array([-1.0, 1.0, -1.0])
        first[:, seen] = share * yes + (1 - share) * turn[:, None] * no
        second[..., seen] = share * yes2 + (1 - share) * np.outer(turn, turn)[:, :, None] * no2
        return _unseen(y, eta[1], first, second)

    def potential(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share were all firms to choose it."""
        return ndtr(eta[0])

    def selected(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share of firms that choose it."""
        return np.exp(log_probability(eta[0], eta[1], np.tanh(eta[2])) - log_ndtr(eta[1]))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share of all firms, zero where they do not choose it."""
        return np.exp(log_probability(eta[0], eta[1], np.tanh(eta[2])))

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return what independence would give."""
        seen = y[:, 1] > 0
        share = np.average(y[seen, 0], weights=weight[seen])
        return np.array([ndtri(np.clip(share, 1e-6, 1 - 1e-6)), ndtri(np.average(seen, weights=weight)), 0.0])


def _unseen(y: np.ndarray, choice: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put the derivatives of log Phi(-choice) into the rows that are not seen."""
    hidden = y[:, 1] == 0
    ratio = mills(-choice[hidden])
    first[:, hidden], second[..., hidden] = 0.0, 0.0
    first[1, hidden], second[1, 1, hidden] = -ratio, -ratio * (ratio - choice[hidden])
    return first, second
