"""A linear predictor's covariates: a checked matrix with named columns, and its standardized twin for the engine."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from .errors import DataError
from .frames import LARGEST, matrix_of, numbers, refuse_extremes, to_pandas
from .terms import Terms
from .threads import narrow

# A smallest eigenvalue of the correlations below this is looked at again by QR, which sees twice as many digits.
_SUSPICIOUS = 1e-7
_COLLINEAR = 1e-10
# Below this the columns are made orthogonal: the way to the maximum is long along a direction in which they cancel.
_NARROW = 1e-3


# Rows a block of a pass over a matrix.
_BLOCK = 8192


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
        ones, store = np.ones(min(n, _BLOCK)), np.empty((min(n, _BLOCK), p))
        with narrow(n, p), np.errstate(invalid="ignore", over="ignore"):  # the caller names what is not finite
            for first in range(0, n, _BLOCK):
                some = matrix[first : first + _BLOCK]
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
class Design:
    """Covariates of one linear predictor.

    Parameters
    ----------
    matrix : ndarray, shape (n, p)
        One row a firm, one column a coefficient.
    names : tuple of str, length p
        Names of the columns.
    terms : Terms, optional
        The formula that built it; None for a matrix given as it is.
    absorbed : bool, default False
        Whether an intercept is part of the model elsewhere (a baseline, thresholds) and must not be a column.
    anchored : bool, default False
        Whether the predictor must have no intercept at all: it is zero where its covariates are.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    terms: Terms | None = None
    absorbed: bool = False
    anchored: bool = False

    @property
    def bare(self) -> bool:
        """Whether a constant may not be a column."""
        return self.absorbed or self.anchored

    @cached_property
    def moments(self) -> Moments:
        """Means and spreads of the columns."""
        return Moments.of(self.matrix)

    @cached_property
    def constant(self) -> int | None:
        """Position of the constant column, None where there is none."""
        flat = np.flatnonzero(self.moments.flat & (self.moments.mean != 0))
        return int(flat[0]) if len(flat) else None

    @property
    def standardized(self) -> "Standardized":
        """The columns standardized for the engine; centred where an intercept takes up the means."""
        return standardize(self.matrix, self.centred, self.moments)

    @property
    def centred(self) -> bool:
        """Whether an intercept, in this predictor or elsewhere in the model, takes up the columns' means."""
        return self.constant is not None or self.absorbed

    def variables(self, labels: pd.Index) -> pd.DataFrame:
        """Return the variables behind the columns: those of the data for a formula, else the columns themselves."""
        if self.terms is not None:
            return self.terms.frame
        return pd.DataFrame(self.matrix, columns=list(self.names), index=labels)

    def take(self, kept: np.ndarray) -> "Design":
        """Return the design of some rows, standardized like the whole, so that refits share coordinates."""
        taken = replace(self, matrix=self.matrix[kept])
        taken.__dict__.update(moments=self.moments, constant=self.constant)
        return taken

    def rebuild(self, newdata: Any) -> np.ndarray:
        """Return the matrix of new rows: a frame for a formula, an array or frame of the same columns otherwise."""
        if self.terms is not None:
            matrix = self.terms.build(to_pandas(newdata))
            return _without_intercept(matrix, self.terms)[0] if self.bare else matrix
        if isinstance(newdata, pd.DataFrame):
            absent = [name for name in self.names if name not in newdata.columns]
            if absent:
                raise DataError(f"the new data lack the column {absent[0]!r} that the model was fitted with")
            newdata = newdata[list(self.names)]
        matrix = matrix_of(newdata, "the new data")
        matrix = matrix[:, None] if matrix.ndim == 1 and len(self.names) == 1 else np.atleast_2d(matrix)
        if matrix.shape[1] != len(self.names):
            raise DataError(f"the new data have {matrix.shape[1]} columns, the model {len(self.names)}")
        return matrix


def _without_intercept(matrix: np.ndarray, terms: Terms) -> tuple[np.ndarray, list[str]]:
    names = list(terms.info.column_names)
    keep = [j for j, name in enumerate(names) if name != "Intercept"]
    return matrix[:, keep], [names[j] for j in keep]


def build_design(
    source: Any, labels: pd.Index, *, absorbed: bool = False, anchored: bool = False, where: str = ""
) -> Design:
    """Build and check the design of one predictor.

    Parameters
    ----------
    source : Terms, DataFrame or array_like, shape (n, p)
        A formula's terms or the columns themselves.
    labels : pandas.Index, shape (n,)
        Row labels for messages.
    absorbed : bool, default False
        Whether the model has its own intercept elsewhere.
    anchored : bool, default False
        Whether the predictor has no intercept at all.
    where : str, default ""
        The equation's name, for messages.

    Raises
    ------
    DataError
        If a column is not finite, constant, empty or collinear with others, or there are fewer rows than columns.
    """
    if isinstance(source, Terms):
        matrix = source.build()
        names = list(source.info.column_names)
        if absorbed or anchored:
            matrix, names = _without_intercept(matrix, source)
        design = Design(matrix, tuple(names), source, absorbed, anchored)
    else:
        matrix, names = _columns(source, labels)
        design = Design(matrix, tuple(names), None, absorbed, anchored)
    check_design(design, labels, where)
    return design


def _columns(source: Any, labels: pd.Index) -> tuple[np.ndarray, list[str]]:
    if isinstance(source, pd.DataFrame):
        parts = [numbers(source[name], f"column {name!r}", labels, finite=False) for name in source.columns]
        return _side_by_side(parts, len(labels)), list(map(str, source.columns))
    array = np.ascontiguousarray(matrix_of(source, "the covariates"))
    array = array[:, None] if array.ndim == 1 else array
    return array, [f"x{j + 1}" for j in range(array.shape[1])]


def _side_by_side(columns: list[np.ndarray], n: int) -> np.ndarray:
    """Return a matrix of columns, written in blocks of rows that stay in the cache until all columns are in."""
    matrix = np.empty((n, len(columns)))
    for first in range(0, n, _BLOCK):
        for j, values in enumerate(columns):
            matrix[first : first + _BLOCK, j] = values[first : first + _BLOCK]
    return matrix


def check_design(design: Design, labels: pd.Index, where: str = "") -> None:
    """Raise `DataError` if a column is not finite, constant, empty or collinear, or there are too few rows."""
    matrix, names = design.matrix, design.names
    place = f" of the equation [{where}]" if where else ""
    n, p = matrix.shape
    if n <= p and n < 2 + p:
        raise DataError(f"{n} rows cannot carry {p} coefficients{place}; there must be more rows than columns")
    if not (np.abs(design.moments.mean) + design.moments.sd <= LARGEST).all():
        for j, name in enumerate(names):
            refuse_extremes(matrix[:, j], f"column {name!r}{place}", labels)
    for j in map(int, np.flatnonzero(design.moments.flat)):
        if j == design.constant and not design.bare:
            continue
        why = (
            "the model has its own intercept; leave the column out"
            if design.absorbed
            else "this predictor has no constant; leave the column out"
            if design.anchored
            else "it says nothing beside the intercept"
            if matrix[0, j] != 0
            else "no row has this level or value; drop it (pandas: cat.remove_unused_categories())"
        )
        raise DataError(f"column {names[j]!r}{place} is constant at {matrix[0, j]:g}: {why}")
    _refuse_collinear(design, place)


def _pivoted_qr(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from scipy.linalg import qr

    return qr(matrix, mode="r", pivoting=True)


def _refuse_collinear(design: Design, place: str) -> None:
    if design.moments.narrowest(design.centred) >= _SUSPICIOUS:
        return
    triangle, order = _pivoted_qr(_scaled(design.matrix, design.centred, design.moments))
    diagonal = np.abs(np.diag(triangle))
    rank = int((diagonal > _COLLINEAR * diagonal[0]).sum())
    if rank == design.matrix.shape[1]:
        return
    weights = np.linalg.solve(triangle[:rank, :rank], triangle[:rank, rank])
    partners = [design.names[order[k]] for k in np.flatnonzero(np.abs(weights) > 1e-6)]
    raise DataError(
        f"column {design.names[order[rank]]!r}{place} is a linear combination of {', '.join(map(repr, partners))}; "
        "leave one of them out"
    )


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


def _scaled(matrix: np.ndarray, centred: bool, moments: Moments) -> np.ndarray:
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
        back[k] -= np.where(np.arange(len(scale)) == k, 0.0, centre / (scale * moments.mean[k]))
    narrowest = moments.narrowest(centred)
    if narrowest < _NARROW:
        q, triangle = np.linalg.qr(_scaled(matrix, centred, moments))
        size = np.sqrt(len(matrix))
        return Standardized(matrix, back @ np.linalg.inv(triangle / size), centre, False, partial(np.multiply, q, size))
    # far from zero, or nearly collinear, uncentred columns cancel: each loses the digits that the other leaves
    tame = bool(((centre / scale) ** 2 < 1e6 * narrowest).all())
    return Standardized(matrix, back, centre, tame, partial(_scaled, matrix, centred, moments))
