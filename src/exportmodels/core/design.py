"""A linear predictor's covariates: a matrix with named columns, checked for what could not be estimated."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from .errors import DataError
from .frames import LARGEST, matrix_of, numbers, refuse_extremes, to_pandas
from .standardizing import BLOCK, Moments, Standardized, scaled, standardize
from .terms import Terms

# A smallest eigenvalue of the correlations below this is looked at again by QR, which sees twice as many digits.
_SUSPICIOUS = 1e-7
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
    for first in range(0, n, BLOCK):
        for j, values in enumerate(columns):
            matrix[first : first + BLOCK, j] = values[first : first + BLOCK]
    return matrix


def check_design(design: Design, labels: pd.Index, where: str = "") -> None:
    """Raise `DataError` if a column is not finite, constant, empty or collinear, or there are too few rows."""
    matrix, names = design.matrix, design.names
    place = f" of the equation [{where}]" if where else ""
    n, p = matrix.shape
    if n <= p:
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
    triangle, order = _pivoted_qr(scaled(design.matrix, design.centred, design.moments))
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
