"""Jeffreys' penalty for binary likelihoods: half the log determinant of the information, with its derivatives."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.family import LinearObjective
from ..core.links import LINKS, Link
from ..core.special import expit

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)
# Columns of which less than this share is their own are looked at by QR.
COLLINEAR = 1e-4
# Up to so many rows the penalty's second derivatives are worth their cost.
_SMALL = 2000

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

    @cached_property
    def x(self) -> np.ndarray:
        """The standardized covariates, shape (n, p)."""
        return self.plain.matrices[0] @ self.plain.bases[0]

    def _eta(self, theta: np.ndarray) -> np.ndarray:
        eta = self.x @ theta
        return (eta if self.plain.offset is None else eta + self.plain.offset)[None]

    def _weighted(self, part: np.ndarray) -> np.ndarray:
        return part if self.plain.weight is None else part * self.plain.weight

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return penalized log-likelihood, its score, and the negative of its Hessian.

        The Hessian of the penalty is exact in small samples. In large ones it is nothing beside that of the
        log-likelihood, and left out: the score alone decides where the maximum is.
        """
        x, eta = self.x, self._eta(theta)
        first, second = self.plain.family.derivatives(self.plain.outcome, eta)
        value = self._weighted(self.plain.family.loglike(self.plain.outcome, eta)).sum()
        v, slope, bend = map(self._weighted, self.curvature(eta[0]))
        expected = x.T @ (x * v[:, None])
        canonical = self.curvature is logit_curvature  # then observed and expected information are the same
        information = expected if canonical else x.T @ (x * -self._weighted(second[0, 0])[:, None])
        try:
            factor = np.linalg.cholesky(expected)
        except np.linalg.LinAlgError:
            return -np.inf, np.zeros_like(theta), information
        if (factor.diagonal() ** 2 < COLLINEAR * expected.diagonal()).any():
            factor = np.linalg.qr(x * np.sqrt(v)[:, None])[1].T  # sees twice as many digits
        turned = x @ np.linalg.inv(factor).T  # rows whose squared lengths are leverages
        leverage = np.einsum("ij,ij->i", turned, turned)
        score = (self._weighted(first[0]) + 0.5 * slope * leverage) @ x
        if len(x) <= _SMALL:
            p = x.shape[1]
            pairs = (turned[:, :, None] * turned[:, None, :]).reshape(len(x), p * p)
            moved = (x * slope[:, None]).T @ pairs  # how each coefficient moves the information, in units of itself
            information = information + 0.5 * (moved @ moved.T - x.T @ (x * (bend * leverage)[:, None]))
        return float(value + np.log(np.abs(factor.diagonal())).sum()), score, information

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the penalized score, weights not applied, shape (n, p)."""
        eta = self._eta(theta)
        first, _ = self.plain.family.derivatives(self.plain.outcome, eta)
        _, slope, _ = self.curvature(eta[0])
        return self.x * (first[0] + 0.5 * slope * self.spread(theta))[:, None]

    def spread(self, theta: np.ndarray) -> np.ndarray:
        """Return the variance of each row's predictor, x' I^-1 x, shape (n,)."""
        turned = self.x @ np.linalg.inv(np.linalg.cholesky(self.information(theta))).T
        return np.einsum("ij,ij->i", turned, turned)

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Return the expected information without the penalty, on which standard errors rest."""
        v = self._weighted(self.curvature(self._eta(theta)[0])[0])
        return self.x.T @ (self.x * v[:, None])
