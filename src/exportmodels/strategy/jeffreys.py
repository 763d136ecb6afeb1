"""Jeffreys' penalty for binary likelihoods: half the log determinant of the information, with its derivatives."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..core.family import LinearObjective, evaluate
from ..core.links import LINKS, Link
from ..core.special import expit

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)
# Columns of which less than this share is their own are looked at by QR.
COLLINEAR = 1e-4
# Of which less than this is their own, it is rounding, and so is the determinant: the information counts as singular.
NOTHING = 1e-26
# Up to so many rows the penalty's second derivatives are those of all rows.
SMALL = 2000
# Of more rows they are those of the rows whose leverage is above this: a thousand a coefficient, at most.
LITTLE = 1e-3

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

        The Hessian of the penalty is exact in small samples. In large ones firms of little leverage, of which it is
        nothing beside that of the log-likelihood, are left out: the score alone decides where the maximum is.
        """
        if len(self.plain.outcome) > SMALL:
            return self._of_many(theta)
        x, eta = self.x, self._eta(theta)
        loglike, first, second = evaluate(self.plain.family, self.plain.outcome, eta)
        v, slope, bend = map(self._weighted, self.curvature(eta[0]))
        expected = x.T @ (x * v[:, None])
        information = expected if self._canonical else x.T @ (x * -self._weighted(second[0, 0])[:, None])
        factor = self._factor(expected, theta)
        if factor is None:
            return -np.inf, np.zeros_like(theta), information
        turned = x @ np.linalg.inv(factor).T  # rows whose squared lengths are leverages
        leverage = np.einsum("ij,ij->i", turned, turned)
        score = (self._weighted(first[0]) + 0.5 * slope * leverage) @ x
        value = self._weighted(loglike).sum() + np.log(np.abs(factor.diagonal())).sum()
        return float(value), score, information - self._bend(turned, slope, bend * leverage)

    def _bend(self, turned: np.ndarray, slope: np.ndarray, bend: np.ndarray) -> np.ndarray:
        """Return the penalty's second derivatives, shape (p, p), for bends that are times the leverage."""
        x, p = self.x, self.x.shape[1]
        pairs = (turned[:, :, None] * turned[:, None, :]).reshape(len(x), p * p)
        moved = (x * slope[:, None]).T @ pairs  # how each coefficient moves the information, in units of itself
        return 0.5 * (x.T @ (x * bend[:, None]) - moved @ moved.T)

    def _of_many(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the same for many rows, block by block."""
        value, score, information = self.plain.evaluate(theta)
        factor = self._factor(information if self._canonical else self.information(theta), theta)
        if factor is None:
            return -np.inf, np.zeros_like(theta), information
        base = self.plain.bases[0]
        inverse, pull, far = np.linalg.inv(factor).T, np.zeros(len(theta)), []
        half = base @ inverse
        for block in self.plain.blocks():
            x = self.plain.matrices[0][block]
            v, slope, _ = self.curvature(self.plain.predictors(theta, block)[0])
            turned = x @ half
            leverage = np.einsum("ij,ij->i", turned, turned)
            pull += (slope * leverage if self.plain.weight is None else slope * leverage * self.plain.weight[block]) @ x
            far.append(block.start + np.flatnonzero(v * leverage > LITTLE))
        few = replace(self, plain=self.plain.rows(np.concatenate(far)))
        _, slope, bend = map(few._weighted, self.curvature(few._eta(theta)[0]))
        turned = few.x @ inverse
        bend *= np.einsum("ij,ij->i", turned, turned)
        value += float(np.log(np.abs(factor.diagonal())).sum())
        return value, score + 0.5 * base.T @ pull, information - few._bend(turned, slope, bend)

    @property
    def _canonical(self) -> bool:
        """Whether the observed and the expected information are the same."""
        return self.curvature is logit_curvature

    def _factor(self, expected: np.ndarray, theta: np.ndarray) -> np.ndarray | None:
        """Return a triangular root of the expected information; None where it is singular."""
        try:
            factor = np.linalg.cholesky(expected)
        except np.linalg.LinAlgError:
            return None
        if (factor.diagonal() ** 2 < COLLINEAR * expected.diagonal()).any():
            v = self._weighted(self.curvature(self._eta(theta)[0])[0])
            factor = np.linalg.qr(self.x * np.sqrt(v)[:, None])[1].T  # sees twice as many digits
        return factor if (factor.diagonal() ** 2 > NOTHING * expected.diagonal()).all() else None

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
        if self._canonical:
            return self.plain.evaluate(theta)[2]
        v = self._weighted(self.curvature(self._eta(theta)[0])[0])
        return self.x.T @ (self.x * v[:, None])
