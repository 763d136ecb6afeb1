"""A linear predictor's covariates: a checked matrix with named columns, and its standardized twin for the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .errors import DataError, rows
from .frames import numbers
from .terms import Terms

# A pivot of the standardized Gram matrix below this is looked at again by QR, which sees twice as many digits.
_SUSPICIOUS_PIVOT = 1e-8
_COLLINEAR = 1e-10


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
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    terms: Terms | None = None
    absorbed: bool = False

    @property
    def constant(self) -> int | None:
        """Position of the constant column, None where there is none."""
        if not len(self.matrix):
            return None
        candidates = np.flatnonzero(self.matrix[0] != 0)
        flat = [j for j in candidates if (self.matrix[:, j] == self.matrix[0, j]).all()]
        return int(flat[0]) if flat else None

    def rebuild(self, newdata: Any) -> np.ndarray:
        """Return the matrix of new rows: a frame for a formula, an array or frame of the same columns otherwise."""
        if self.terms is not None:
            matrix = self.terms.build(newdata)
            return _without_intercept(matrix, self.terms)[0] if self.absorbed else matrix
        if isinstance(newdata, pd.DataFrame):
            absent = [name for name in self.names if name not in newdata.columns]
            if absent:
                raise DataError(f"the new data lack the column {absent[0]!r} that the model was fitted with")
            newdata = newdata[list(self.names)]
        matrix = np.asarray(newdata, dtype=float)
        matrix = matrix[:, None] if matrix.ndim == 1 and len(self.names) == 1 else np.atleast_2d(matrix)
        if matrix.shape[1] != len(self.names):
            raise DataError(f"the new data have {matrix.shape[1]} columns, the model {len(self.names)}")
        return matrix


def _without_intercept(matrix: np.ndarray, terms: Terms) -> tuple[np.ndarray, list[str]]:
    names = list(terms.info.column_names)
    keep = [j for j, name in enumerate(names) if name != "Intercept"]
    return matrix[:, keep], [names[j] for j in keep]


def build_design(source: Any, labels: pd.Index, *, absorbed: bool = False, where: str = "") -> Design:
    """Build and check the design of one predictor.

    Parameters
    ----------
    source : Terms, DataFrame or array_like, shape (n, p)
        A formula's terms or the columns themselves.
    labels : pandas.Index, shape (n,)
        Row labels for messages.
    absorbed : bool, default False
        Whether the model has its own intercept elsewhere.
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
        if absorbed:
            matrix, names = _without_intercept(matrix, source)
        design = Design(matrix, tuple(names), source, absorbed)
    else:
        frame = source if isinstance(source, pd.DataFrame) else _as_frame(source)
        columns = [numbers(frame[name], f"column {name!r}", labels, finite=False) for name in frame.columns]
        matrix = np.column_stack(columns) if columns else np.empty((len(labels), 0))
        design = Design(matrix, tuple(map(str, frame.columns)), None, absorbed)
    _check(design, labels, where)
    return design


def _as_frame(source: Any) -> pd.DataFrame:
    array = np.asarray(source)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2:
        raise DataError(f"covariates must be a matrix (rows, columns); these have {array.ndim} dimensions")
    return pd.DataFrame(array, columns=[f"x{j + 1}" for j in range(array.shape[1])])


def _check(design: Design, labels: pd.Index, where: str) -> None:
    matrix, names = design.matrix, design.names
    place = f" of the equation [{where}]" if where else ""
    n, p = matrix.shape
    if n <= p and n < 2 + p:
        raise DataError(f"{n} rows cannot carry {p} coefficients{place}; there must be more rows than columns")
    if not np.isfinite(matrix.sum()):
        for j in range(p):
            wrong = ~np.isfinite(matrix[:, j])
            if wrong.any():
                bad = matrix[wrong, j][0]
                raise DataError(f"column {names[j]!r}{place} must be finite; {rows(labels[wrong])} hold {bad}")
    constant = design.constant
    spread = np.ptp(matrix, axis=0) if n else np.zeros(p)
    for j in map(int, np.flatnonzero(spread == 0)):
        if j == constant and not design.absorbed:
            continue
        why = (
            "the model has its own intercept; leave the column out"
            if design.absorbed
            else "it says nothing beside the intercept"
            if matrix[0, j] != 0
            else "no row has this level or value; drop it (pandas: cat.remove_unused_categories())"
        )
        raise DataError(f"column {names[j]!r}{place} is constant at {matrix[0, j]:g}: {why}")
    _refuse_collinear(matrix, names, constant is not None or design.absorbed, place)


def _refuse_collinear(matrix: np.ndarray, names: Sequence[str], centre: bool, place: str) -> None:
    scaled = standardize(matrix, centre).matrix
    gram = scaled.T @ scaled / max(len(scaled), 1)
    if gram.size == 0 or np.linalg.eigvalsh(gram)[0] > _SUSPICIOUS_PIVOT:
        return
    from scipy.linalg import qr

    _, triangle, order = qr(scaled, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int((diagonal > _COLLINEAR * diagonal[0]).sum())
    if rank == matrix.shape[1]:
        return
    weights = np.linalg.solve(triangle[:rank, :rank], triangle[:rank, rank])
    partners = [names[order[k]] for k in np.flatnonzero(np.abs(weights) > 1e-6)]
    raise DataError(
        f"column {names[order[rank]]!r}{place} is a linear combination of {', '.join(map(repr, partners))}; "
        "leave one of them out"
    )


@dataclass(frozen=True)
class Standardized:
    """Columns with mean zero and variance one, and the way back.

    Parameters
    ----------
    matrix : ndarray, shape (n, p)
        The standardized columns.
    back : ndarray, shape (p, p)
        `back @ b` turns coefficients of the standardized columns into those of the original ones.
    centre : ndarray, shape (p,)
        What was subtracted from each column; where an intercept is absorbed, the model must add `-centre @ b` to it.
    """

    matrix: np.ndarray
    back: np.ndarray
    centre: np.ndarray


def standardize(matrix: np.ndarray, centred: bool) -> Standardized:
    """Standardize columns; they are centred only where an intercept takes up the means.

    A constant column stays as it is, and its coefficient takes up the means of the others.
    """
    n, p = matrix.shape
    mean = matrix.mean(axis=0) if n else np.zeros(p)
    size = np.sqrt(np.maximum(np.einsum("ij,ij->j", matrix, matrix) / max(n, 1) - mean**2, 0))
    flat = np.ptp(matrix, axis=0) == 0 if n else np.ones(p, bool)
    if (size[~flat] < 1e-7 * np.abs(mean[~flat])).any():  # cancellation: recompute about the mean
        size = np.sqrt(np.mean((matrix - mean) ** 2, axis=0))
    centre = np.where(flat | (not centred), 0.0, mean)
    scale = np.where(flat, 1.0, size if centred else np.sqrt(size**2 + mean**2))
    scale[scale == 0] = 1.0
    back = np.diag(1 / scale)
    constants = np.flatnonzero(flat & (matrix[0] != 0)) if n else np.empty(0, int)
    if centred and len(constants):
        k = constants[0]
        back[k] -= np.where(np.arange(p) == k, 0.0, centre / (scale * matrix[0, k]))
    return Standardized((matrix - centre) / scale, back, centre)
