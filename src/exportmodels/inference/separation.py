"""Separation: does some combination of covariates predict a binary outcome perfectly, and which columns do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..core.design import Design
from ..core.errors import DataError, OptionError, OutcomeError, SeparationError
from ..core.frames import column_of_numbers, matrix_of, refuse_extremes, to_pandas
from ..core.options import checked

_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Separation:
    """What was found.

    Parameters
    ----------
    separated : bool
        Whether a maximum-likelihood estimate does not exist.
    complete : bool
        Whether the outcome is predicted without exception (complete separation) or up to ties (quasi-complete).
    directions : dict of str to float
        Columns whose coefficients are infinite, with the sign of the infinity.
    """

    separated: bool
    complete: bool
    directions: dict[str, float]

    def sentence(self, outcome: str) -> str:
        """Say it in words."""
        if not self.separated:
            return f"No combination of the covariates separates {outcome!r}."
        named = ", ".join(f"{name!r} ({'+' if sign > 0 else '-'})" for name, sign in self.directions.items())
        how = "completely" if self.complete else "up to ties (quasi-completely)"
        return f"The outcome {outcome!r} is separated {how} by {named}."

    def __str__(self) -> str:
        return self.sentence("outcome")


@checked
def detect_separation(outcome: Any, exog: Any, names: Sequence[str] | None = None) -> Separation:
    """Detect complete and quasi-complete separation of a binary outcome by linear programming.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1.
    exog : array_like or data frame, shape (n, p)
        Covariates, the constant included.
    names : sequence of str, length p, optional
        Names of the columns.

    Returns
    -------
    Separation
        Whether the data are separated, how, and by which columns.

    Raises
    ------
    DataError
        If covariates or outcomes are no numbers, not finite, or not as many.
    OptionError
        If there are not as many names as columns.

    Notes
    -----
    With signs s_i = 2 y_i - 1, the data are separated if some b has s_i x_i'b >= 0 for all firms and > 0 for one. The
    programme maximizes sum_i s_i x_i'b over such b within -1 <= b <= 1 [1]_.

    References
    ----------
    .. [1] Konis, K. (2007). Linear programming algorithms for detecting separated data in binary logistic regression
       models. DPhil thesis, University of Oxford.

    Examples
    --------
    >>> from exportmodels.inference import detect_separation
    >>> print(detect_separation([0, 0, 0, 1, 1, 0], {"const": [1] * 6, "licence": [0, 0, 0, 1, 1, 0]}))
    The outcome 'outcome' is separated completely by 'licence' (+).
    """
    table = to_pandas(exog) if isinstance(exog, dict) else exog
    x, y = matrix_of(table, "exog"), column_of_numbers(outcome, "outcome")
    if x.ndim != 2 or len(x) != len(y) or not x.size:
        raise DataError(f"exog must have a row for each of the {len(y)} outcomes, and columns; its shape is {x.shape}")
    if not np.isin(y, (0, 1)).all():
        raise OutcomeError("the outcome must be 0 or 1")
    known = getattr(table, "columns", None) if names is None else names
    named = [f"x{j + 1}" for j in range(x.shape[1])] if known is None else [str(name) for name in known]
    if len(named) != x.shape[1]:
        raise OptionError(f"names must be one a column: there are {len(named)} for {x.shape[1]} columns")
    for values, name in zip(x.T, named, strict=True):
        refuse_extremes(values, name, pd.RangeIndex(len(y)))
    return recession((2 * y - 1)[:, None] * x, named)


def recession(contrasts: np.ndarray, names: Sequence[str]) -> Separation:
    """Look for a direction along which a likelihood never falls, so that its maximum lies at infinity.

    Parameters
    ----------
    contrasts : ndarray, shape (m, p)
        Rows c such that the likelihood rises in c'b, for each of them: x_i or -x_i of a yes or no; what was chosen less
        each alternative of a choice set.
    names : sequence of str, length p
        Names of the coefficients.
    """
    from scipy.optimize import linprog

    scale = np.abs(contrasts).max(axis=0)
    signed = np.unique(contrasts / np.where(scale > 0, scale, 1.0), axis=0)
    best = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs")
    if best.status != 0 or -best.fun < _TOLERANCE * len(signed):
        return Separation(False, False, {})
    infinite = (np.abs(best.x) > _TOLERANCE) & (scale > 0)
    directions = {name: float(np.sign(b)) for name, b, far in zip(names, best.x, infinite, strict=True) if far}
    widest = linprog(
        np.r_[np.zeros(signed.shape[1]), -1.0],
        A_ub=np.c_[-signed, np.ones(len(signed))],
        b_ub=np.zeros(len(signed)),
        bounds=[(-1, 1)] * signed.shape[1] + [(None, 1)],
        method="highs",
    )
    return Separation(True, bool(widest.status == 0 and -widest.fun > _TOLERANCE), directions)


def refuse_separation(design: Design, up: np.ndarray, down: np.ndarray, outcome: str, said: str) -> None:
    """Raise `SeparationError`, with the columns, if some direction of a predictor never lowers the likelihood.

    Parameters
    ----------
    design : Design
        The predictor's covariates.
    up, down : ndarray of bool, shape (n,)
        The rows whose likelihood rises in the predictor, and those whose likelihood falls; a share between is both.
    outcome : str
        The outcome's name.
    said : str
        What is so along the direction, for the message.
    """
    found = recession(np.vstack([design.matrix[up], -design.matrix[down]]), design.names)
    if found.separated:
        raise SeparationError(
            f"{found.sentence(outcome)} {said} along it, and the estimate is infinite; merge the level, or leave the "
            "column out"
        )
