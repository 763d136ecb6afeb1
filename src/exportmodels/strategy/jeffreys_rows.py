"""Jeffreys' penalty for outcomes of several levels: half the log determinant of their expected information."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..core.newton import Objective
from .jeffreys import COLLINEAR, LITTLE, NOTHING, SMALL

Second = Callable[[np.ndarray], np.ndarray]
Expected = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, Second]]


@dataclass(frozen=True)
class _Turned:
    """Rows in coordinates in which the information is the unit matrix.

    Parameters
    ----------
    rows : ndarray, shape (n, K, p)
        The rows.
    expected, slopes, second
        Their expected information and its derivatives.
    """

    rows: np.ndarray
    expected: np.ndarray
    slopes: np.ndarray
    second: Second

    @cached_property
    def leverage(self) -> np.ndarray:
        """Squares and products of the rows, shape (n, K, K)."""
        return self.rows @ self.rows.swapaxes(1, 2)

    @property
    def shares(self) -> np.ndarray:
        """The leverage of each firm as a number, shape (n,)."""
        return (self.leverage * self.expected).sum(axis=(1, 2))

    @property
    def pulls(self) -> np.ndarray:
        """The derivatives of half the log determinant in the rows' predictors, weights not applied, shape (n, K)."""
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

    def _root(self, expected: np.ndarray) -> tuple[float, np.ndarray]:
        """Return half the log determinant of the information, and a root of its inverse, shape (p, p)."""
        factor = self._factor(expected)
        return float(np.log(np.abs(factor.diagonal())).sum()), np.linalg.inv(factor).T

    def _factor(self, expected: np.ndarray) -> np.ndarray:
        """Return a triangular root of the information; of nearly collinear rows by QR, which sees more digits."""
        information = self._squares(expected)
        factor = np.linalg.cholesky(information)
        if (factor.diagonal() ** 2 >= COLLINEAR * information.diagonal()).all():
            return factor
        turned = np.linalg.cholesky(expected).transpose(0, 2, 1) @ self.rows
        weighted = turned if self.weight is None else turned * np.sqrt(self.weight)[:, None, None]
        factor = np.linalg.qr(weighted.reshape(-1, self.rows.shape[2]))[1].T
        if (factor.diagonal() ** 2 <= NOTHING * information.diagonal()).any():
            raise np.linalg.LinAlgError("the information is singular to working precision")
        return factor

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return penalized log-likelihood, its score and the negative of its Hessian.

        As with `Penalized`, firms of little leverage are left out of the penalty's Hessian in large samples.
        """
        value, score, information = self.plain.evaluate(theta)
        at = self.expected(self.rows @ theta)
        try:
            half, inverse = self._root(at[0])
        except np.linalg.LinAlgError:
            return -np.inf, score, information
        few, turned = self, _Turned(self.rows @ inverse, *at)
        score = score + np.tensordot(self._weighted(turned.pulls), self.rows, 2)
        if len(self.rows) > SMALL:
            far = turned.shares > LITTLE
            few = replace(self, rows=self.rows[far], weight=None if self.weight is None else self.weight[far])
            turned = _Turned(few.rows @ inverse, *self.expected(few.rows @ theta))
        return value + half, score, information - few._bend(turned)

    def _bend(self, turned: _Turned) -> np.ndarray:
        """Return the penalty's second derivatives, shape (p, p)."""
        n, k, p = self.rows.shape
        own = turned.rows
        pairs = (own[:, :, None, :, None] * own[:, None, :, None, :]).reshape(n * k * k, p * p)
        moved = (self._weighted(turned.slopes) @ self.rows[:, None]).reshape(n * k * k, p)
        across = pairs.T @ moved  # how each coefficient moves the information, in units of itself
        return 0.5 * (self._squares(turned.second(turned.leverage)) - across.T @ across)

    def pulls(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the penalty's gradient, weights not applied, shape (n, p).

        They are NaN where the information is singular.
        """
        at = self.expected(self.rows @ theta)
        try:
            turned = _Turned(self.rows @ self._root(at[0])[1], *at)
        except np.linalg.LinAlgError:
            return np.full((len(self.rows), len(theta)), np.nan)
        return (turned.pulls[:, None] @ self.rows)[:, 0]
