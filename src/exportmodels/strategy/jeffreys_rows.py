"""Jeffreys' penalty for outcomes of several levels: half the log determinant of their expected information."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core.newton import Objective
from .jeffreys import COLLINEAR

Expected = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

# Step of the differences that make the penalty's second derivatives from its first ones.
_STEP = 1e-5


@dataclass(frozen=True)
class PenalizedRows:
    """A log-likelihood plus half the log determinant of its expected information.

    Parameters
    ----------
    plain : Objective
        The log-likelihood.
    rows : ndarray, shape (n, K, p)
        Derivatives of each row's K predictors in the coefficients; the predictors are linear in them.
    expected : callable
        Takes predictors (n, K), returns each row's expected information (n, K, K) and its derivatives in the predictors
        (n, K, K, K), the last axis being the predictor moved.
    weight : ndarray, shape (n,), optional
        Multiplies each row's log-likelihood.
    """

    plain: Objective
    rows: np.ndarray
    expected: Expected
    weight: np.ndarray | None = None

    def _information(self, expected: np.ndarray) -> np.ndarray:
        n, predictors, p = self.rows.shape
        weighted = expected if self.weight is None else expected * self.weight[:, None, None]
        return self.rows.reshape(n * predictors, p).T @ (weighted @ self.rows).reshape(n * predictors, p)

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Return the expected information without the penalty, on which standard errors rest."""
        return self._information(self.expected(self.rows @ theta)[0])

    def _pulls(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log determinant, and the derivatives of its half in each row's predictors, weights not applied."""
        expected, slopes = self.expected(self.rows @ theta)
        try:
            factor = self._factor(expected)
        except np.linalg.LinAlgError:
            return -np.inf, np.full(self.rows.shape[:2], np.nan)
        turned = self.rows @ np.linalg.inv(factor).T
        leverage = turned @ turned.transpose(0, 2, 1)
        log_determinant = 2 * float(np.log(np.abs(factor.diagonal())).sum())
        return log_determinant, 0.5 * np.einsum("njk,njkl->nl", leverage, slopes)

    def _factor(self, expected: np.ndarray) -> np.ndarray:
        """Return a triangular root of the information; of nearly collinear rows by QR, which sees more digits."""
        information = self._information(expected)
        factor = np.linalg.cholesky(information)
        if (factor.diagonal() ** 2 >= COLLINEAR * information.diagonal()).all():
            return factor
        turned = np.linalg.cholesky(expected).transpose(0, 2, 1) @ self.rows
        weighted = turned if self.weight is None else turned * np.sqrt(self.weight)[:, None, None]
        return np.linalg.qr(weighted.reshape(-1, self.rows.shape[2]))[1].T

    def _gradient(self, theta: np.ndarray) -> np.ndarray:
        _, pulls = self._pulls(theta)
        weighted = pulls if self.weight is None else pulls * self.weight[:, None]
        return np.einsum("nk,nkp->p", weighted, self.rows)

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return penalized log-likelihood, its score and the negative of its Hessian."""
        value, score, information = self.plain.evaluate(theta)
        log_determinant, _ = self._pulls(theta)
        if not np.isfinite(log_determinant):
            return -np.inf, score, information
        steps = _STEP * np.eye(len(theta))
        bend = np.array([self._gradient(theta + step) - self._gradient(theta - step) for step in steps]) / (2 * _STEP)
        return value + 0.5 * log_determinant, score + self._gradient(theta), information - 0.5 * (bend + bend.T)

    def pulls(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the penalty's gradient, weights not applied, shape (n, p)."""
        return np.einsum("nk,nkp->np", self._pulls(theta)[1], self.rows)
