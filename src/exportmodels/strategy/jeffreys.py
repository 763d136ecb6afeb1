"""Jeffreys' penalty for binary likelihoods: half the log determinant of the information, with its derivatives."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ..core.family import LinearObjective
from ..core.links import LINKS, Link

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)

Curvature = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


def logit_curvature(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the expected information per firm of a logit, p (1 - p), and its first two derivatives in eta."""
    p = expit(eta)
    v = p * (1 - p)
    return v, v * (1 - 2 * p), v * (1 - 6 * v)


def probit_curvature(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the expected information per firm of a probit, f^2 / (F (1 - F)), and its first two derivatives."""
    link = LINKS["probit"]
    yes, no = link.logs(eta)
    log_density = -0.5 * eta * eta - _LOG_SQRT_2PI
    return _from_logs(link, eta, 2 * log_density - yes - no, -2 * eta, -2.0)


def cloglog_curvature(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the expected information per firm of a complementary log-log, and its first two derivatives."""
    link, mu = LINKS["cloglog"], np.exp(eta)
    yes, no = link.logs(eta)
    return _from_logs(link, eta, 2 * (eta - mu) - yes - no, 2 * (1 - mu), -2 * mu)


def _from_logs(
    link: Link, eta: np.ndarray, value: np.ndarray, density_slope: np.ndarray, density_bend: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return v = f^2 / (F S) and its derivatives from log v and the derivatives of 2 log f."""
    yes, no, yes2, no2 = link.slopes(eta)
    v, slope = np.exp(value), density_slope - yes - no
    return v, v * slope, v * (slope * slope + density_bend - yes2 - no2)


CURVATURES: dict[str, Curvature] = {
    "logit": logit_curvature,
    "probit": probit_curvature,
    "cloglog": cloglog_curvature,
}


@dataclass(frozen=True)
class Penalized:
    """A binary log-likelihood plus half the log determinant of its expected information.

    Parameters
    ----------
    plain : LinearObjective
        The log-likelihood of one predictor.
    curvature : callable
        Takes eta (n,), returns the expected information per firm and its first two derivatives.
    """

    plain: LinearObjective
    curvature: Curvature

    def _parts(
        self, theta: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        x = self.plain.matrices[0] @ self.plain.bases[0]
        weight = np.ones(len(x)) if self.plain.weight is None else self.plain.weight
        v, slope, bend = (weight * part for part in self.curvature(self.plain.predictors(theta)[0]))
        inverse = np.linalg.inv(x.T @ (x * v[:, None]))
        leverage = np.einsum("ij,ij->i", x @ inverse, x)
        return x, v, slope, bend, inverse, leverage

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return penalized log-likelihood, its score, and the negative of its exact Hessian."""
        value, score, information = self.plain.evaluate(theta)
        try:
            x, _, slope, bend, inverse, leverage = self._parts(theta)
        except np.linalg.LinAlgError:
            return -np.inf, score, information
        sign, log_determinant = np.linalg.slogdet(inverse)
        if sign <= 0:
            return -np.inf, score, information
        p = x.shape[1]
        # d I / d b_k = X' diag(slope x_k) X for every k at once, shape (p, p, p)
        pairs = (x[:, :, None] * x[:, None, :]).reshape(len(x), p * p)
        turned = (inverse @ ((x * slope[:, None]).T @ pairs).reshape(p, p, p)).reshape(p, p * p)
        swapped = turned.reshape(p, p, p).transpose(0, 2, 1).reshape(p, p * p)
        hessian = 0.5 * (x.T @ (x * (bend * leverage)[:, None]) - turned @ swapped.T)
        return value - 0.5 * log_determinant, score + 0.5 * x.T @ (slope * leverage), information - hessian

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the penalized score, weights not applied, shape (n, p)."""
        x, _, slope, _, _, leverage = self._parts(theta)
        weight = 1.0 if self.plain.weight is None else self.plain.weight
        return self.plain.scores(theta) + 0.5 * x * (slope * leverage / weight)[:, None]

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Return the expected information without the penalty, on which standard errors rest."""
        x, v, *_ = self._parts(theta)
        return x.T @ (x * v[:, None])
