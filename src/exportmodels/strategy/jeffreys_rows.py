"""Jeffreys' penalty for outcomes of several levels: half the log determinant of their expected information."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core.newton import Objective
from .jeffreys import COLLINEAR, SMALL

Second = Callable[[np.ndarray], np.ndarray]
Expected = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, Second]]


@dataclass(frozen=True)
class _Penalty:
    """The penalty at some coefficients.

    Parameters
    ----------
    value : float
        Half the log determinant.
    turned : ndarray, shape (n, K, p)
        The rows in coordinates in which the information is the unit matrix.
    leverage : ndarray, shape (n, K, K)
        Their squares and products.
    slopes, second
        What `expected` returns beside the information.
    """

    value: float
    turned: np.ndarray
    leverage: np.ndarray
    slopes: np.ndarray
    second: Second

    @property
    def pulls(self) -> np.ndarray:
        """Its derivatives in each row's predictors, weights not applied, shape (n, K)."""
        n, k = self.leverage.shape[:2]
        return 0.5 * (self.leverage.reshape(n, 1, k * k) @ self.slopes.reshape(n, k * k, k))[:, 0]


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
        Takes predictors (n, K), returns each row's expected information (n, K, K), its derivatives in the predictors
        (n, K, K, K), the last axis being the predictor moved, and a function that takes weights (n, K, K) and returns
        the second derivatives of the weighted sum of the information's elements (n, K, K).
    weight : ndarray, shape (n,), optional
        Multiplies each row's log-likelihood.
    """

    plain: Objective
    rows: np.ndarray
    expected: Expected
    weight: np.ndarray | None = None

    def _weighted(self, values: np.ndarray) -> np.ndarray:
        return values if self.weight is None else (values.T * self.weight).T

    def _squares(self, inner: np.ndarray) -> np.ndarray:
        """Return the sum over rows of weight times R' M R, for M of shape (n, K, K)."""
        size = self.rows.shape[2]
        return self.rows.reshape(-1, size).T @ (self._weighted(inner) @ self.rows).reshape(-1, size)

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Return the expected information without the penalty, on which standard errors rest."""
        return self._squares(self.expected(self.rows @ theta)[0])

    def _penalty(self, theta: np.ndarray) -> _Penalty | None:
        """Return the penalty, None where the information is singular."""
        expected, slopes, second = self.expected(self.rows @ theta)
        try:
            factor = self._factor(expected)
        except np.linalg.LinAlgError:
            return None
        turned = self.rows @ np.linalg.inv(factor).T
        value = float(np.log(np.abs(factor.diagonal())).sum())
        return _Penalty(value, turned, turned @ turned.swapaxes(1, 2), slopes, second)

    def _factor(self, expected: np.ndarray) -> np.ndarray:
        """Return a triangular root of the information; of nearly collinear rows by QR, which sees more digits."""
        information = self._squares(expected)
        factor = np.linalg.cholesky(information)
        if (factor.diagonal() ** 2 >= COLLINEAR * information.diagonal()).all():
            return factor
        turned = np.linalg.cholesky(expected).transpose(0, 2, 1) @ self.rows
        weighted = turned if self.weight is None else turned * np.sqrt(self.weight)[:, None, None]
        return np.linalg.qr(weighted.reshape(-1, self.rows.shape[2]))[1].T

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return penalized log-likelihood, its score and the negative of its Hessian.

        As with `Penalized`, the second derivatives of the penalty are left out in large samples.
        """
        value, score, information = self.plain.evaluate(theta)
        penalty = self._penalty(theta)
        if penalty is None:
            return -np.inf, score, information
        score = score + np.tensordot(self._weighted(penalty.pulls), self.rows, 2)
        if len(self.rows) <= SMALL:
            information = information - self._bend(penalty)
        return value + penalty.value, score, information

    def _bend(self, penalty: _Penalty) -> np.ndarray:
        """Return the penalty's second derivatives, shape (p, p)."""
        n, k, p = self.rows.shape
        turned = penalty.turned
        pairs = (turned[:, :, None, :, None] * turned[:, None, :, None, :]).reshape(n * k * k, p * p)
        moved = (self._weighted(penalty.slopes) @ self.rows[:, None]).reshape(n * k * k, p)
        across = pairs.T @ moved  # how each coefficient moves the information, in units of itself
        return 0.5 * (self._squares(penalty.second(penalty.leverage)) - across.T @ across)

    def pulls(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the penalty's gradient, weights not applied, shape (n, p)."""
        penalty = self._penalty(theta)
        pulls = np.full(self.rows.shape[:2], np.nan) if penalty is None else penalty.pulls
        return (pulls[:, None] @ self.rows)[:, 0]
