"""Columns in the engine's coordinates: means, spreads and correlations in one pass, and standardized twins."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from .threads import narrow

# Below this the columns are made orthogonal: the way to the maximum is long along a direction in which they cancel.
_NARROW = 1e-3
# Rows a block of a pass over a matrix.
BLOCK = 8192


@dataclass(frozen=True)
class Moments:
    """Means, spreads and correlations of columns, found in one pass.

    Parameters
    ----------
    mean, sd : ndarray, shape (p,)
        Mean and standard deviation of each column.
    gram : ndarray, shape (p, p)
        Cross-products about the mean, over n.
    flat : ndarray of bool, shape (p,)
        Which columns are constant.
    """

    mean: np.ndarray
    sd: np.ndarray
    gram: np.ndarray
    flat: np.ndarray

    @classmethod
    def of(cls, matrix: np.ndarray) -> "Moments":
        """Add up blocks of rows, about a typical row so that large means cost no digits."""
        n, p = matrix.shape
        shift = np.median(matrix[: 2 * (min(n, 101) // 2) - 1], axis=0) if n > 2 else matrix[0]
        total, square = np.zeros(p), np.zeros((p, p))
        ones, store = np.ones(min(n, BLOCK)), np.empty((min(n, BLOCK), p))
        with narrow(n, p), np.errstate(invalid="ignore", over="ignore"):  # the caller names what is not finite
            for first in range(0, n, BLOCK):
                some = matrix[first : first + BLOCK]
                gap = np.subtract(some, shift, out=store[: len(some)])
                total += ones[: len(some)] @ gap
                square += gap.T @ gap
            mean = total / n
            gram = square / n - np.outer(mean, mean)
            flat = np.diag(square) == 0
            return cls(shift + mean, np.sqrt(np.maximum(np.diag(gram), 0.0)), gram, flat)

    def centre(self, centred: bool) -> np.ndarray:
        """What to subtract from each column: its mean, nothing from a constant."""
        return np.where(self.flat | (not centred), 0.0, self.mean)

    def scale(self, centred: bool) -> np.ndarray:
        """What to divide each column by: its standard deviation, or its root mean square where it is not centred."""
        scale = np.where(self.flat, 1.0, self.sd if centred else np.hypot(self.sd, self.mean))
        return np.where(scale > 0, scale, 1.0)

    def narrowest(self, centred: bool) -> float:
        """Return the smallest eigenvalue of the columns' correlations: near zero where they are nearly collinear."""
        gram = self.gram if centred else self.gram + np.outer(self.mean, self.mean)
        varying = np.flatnonzero(np.diag(gram) > 0)
        size = np.sqrt(np.diag(gram)[varying])
        correlation = gram[np.ix_(varying, varying)] / np.outer(size, size)
        return float(np.linalg.eigvalsh(correlation)[0]) if len(varying) else 1.0


@dataclass(frozen=True)
class Standardized:
    """Columns of mean zero and variance one, and the way back.

    Parameters
    ----------
    raw : ndarray, shape (n, p)
        The original columns.
    matrix : ndarray, shape (n, p)
        The standardized ones; orthogonal where the original ones are nearly collinear.
    back : ndarray, shape (p, p)
        `back @ b` turns coefficients of the standardized columns into those of the original ones.
    centre : ndarray, shape (p,)
        What was subtracted from each column; a model that absorbs the intercept must add `-centre @ back @ b` to it.
    tame : bool
        Whether the original columns with `back` give the same arithmetic to ten digits, so that no copy is needed.
    """

    raw: np.ndarray
    back: np.ndarray
    centre: np.ndarray
    tame: bool
    _make: Callable[[], np.ndarray]

    @cached_property
    def matrix(self) -> np.ndarray:
        """The standardized columns, made when they are needed."""
        return self._make()


def scaled(matrix: np.ndarray, centred: bool, moments: Moments) -> np.ndarray:
    """Return the columns less their means, where they are centred, over their spreads."""
    standard = matrix - moments.centre(centred)
    standard /= moments.scale(centred)
    return standard


def standardize(matrix: np.ndarray, centred: bool, moments: Moments | None = None) -> Standardized:
    """Standardize columns; they are centred only where an intercept takes up the means.

    A constant column stays as it is, and its coefficient takes up the means of the others. Nearly collinear columns are
    made orthogonal, so that the information is well conditioned in the engine's coordinates.
    """
    moments = Moments.of(matrix) if moments is None else moments
    centre, scale = moments.centre(centred), moments.scale(centred)
    back = np.diag(1 / scale)
    constants = np.flatnonzero(moments.flat & (moments.mean != 0))
    if centred and len(constants):
        k = constants[0]
        back[k] -= centre / (scale * moments.mean[k])  # nothing of itself: a constant has no centre
    narrowest = moments.narrowest(centred)
    if narrowest < _NARROW:
        q, triangle = np.linalg.qr(scaled(matrix, centred, moments))
        # signs and sizes by which a constant stays as it is: models start from it
        size = np.sqrt(len(matrix)) * np.where(np.diag(triangle) < 0, -1.0, 1.0)
        size[constants] *= np.abs(moments.mean[constants])
        turn = np.linalg.inv(triangle / size[:, None])
        return Standardized(matrix, back @ turn, centre, False, partial(np.multiply, q, size))
    # far from zero, or nearly collinear, uncentred columns cancel: each loses the digits that the other leaves
    tame = bool(((centre / scale) ** 2 < 1e6 * narrowest).all())
    return Standardized(matrix, back, centre, tame, partial(scaled, matrix, centred, moments))
