"""Wald and likelihood-ratio tests."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .errors import FormulaError, OptionError
from .frames import matrix_of
from .options import shown
from .special import chi_squared_tail

if TYPE_CHECKING:
    from .results import Results


@dataclass(frozen=True)
class Test:
    """A test result.

    Parameters
    ----------
    name : str
        What was tested.
    statistic : float
        The test statistic.
    df : int
        Degrees of freedom of its chi-squared distribution.
    pvalue : float
        The p-value.
    note : str
        What the reader must know of it.
    """

    __test__ = False

    name: str
    statistic: float
    df: float
    pvalue: float
    note: str = ""

    def __str__(self) -> str:
        text = f"{self.name}: chi2({self.df:g}) = {self.statistic:.4f}, p = {self.pvalue:.4g}"
        return f"{text} ({self.note})" if self.note else text


def chi_squared(name: str, statistic: float, df: float, note: str = "") -> Test:
    """Return a test whose statistic is chi-squared under the null."""
    return Test(name, float(statistic), df, chi_squared_tail(df, statistic), note)


def wald_test(results: "Results", hypotheses: Any) -> Test:
    """Test linear restrictions; see `Results.wald_test`."""
    matrix, value, name = restrictions(hypotheses, list(results.params.index))
    gap = matrix @ results.params.to_numpy() - value
    covariance = matrix @ results.cov_params().to_numpy() @ matrix.T
    rank = np.linalg.matrix_rank(covariance, hermitian=True)
    if rank < len(gap):
        raise OptionError(
            f"the {len(gap)} restrictions are not independent under this covariance (rank {rank}); test fewer at once"
        )
    return chi_squared(f"Wald test of {name}", gap @ np.linalg.solve(covariance, gap), len(gap))


def lr_test(results: "Results", restricted: "Results") -> Test:
    """Compare a fit with a restricted one; see `Results.lr_test`."""
    df = len(results.params) - len(restricted.params)
    if df <= 0:
        raise OptionError("the restricted model must have fewer coefficients than the full one; swap them")
    if results.nobs != restricted.nobs:
        raise OptionError(
            f"the fits rest on {results.nobs} and {restricted.nobs} firms; fit both on the same complete rows"
        )
    if results.model.sample.weights is not None:
        raise OptionError("with sampling weights the likelihood is a pseudo-likelihood; use wald_test")
    gap = 2 * (results.llf - restricted.llf)
    if gap < -1e-6 * (1 + abs(results.llf)):
        raise OptionError("the restricted fit has the higher likelihood, so the models are not nested")
    return chi_squared("likelihood-ratio test", max(gap, 0.0), df)


def restrictions(hypotheses: Any, names: list[str]) -> tuple[np.ndarray, np.ndarray, str]:
    """Return `R`, `q` and a name of the hypothesis `R params = q`.

    `hypotheses` is a coefficient name, a list of names (jointly zero), a text of equations such as
    `"niche = 0, age = employees"`, or a matrix (r, p).
    """
    if isinstance(hypotheses, np.ndarray | pd.DataFrame):
        matrix = np.atleast_2d(matrix_of(hypotheses, "the restrictions"))
        if matrix.shape[1] != len(names):
            raise OptionError(f"the matrix has {matrix.shape[1]} columns, the model {len(names)} coefficients")
        return matrix, np.zeros(len(matrix)), f"{len(matrix)} restrictions"
    if isinstance(hypotheses, str) and hypotheses in names:
        hypotheses = [hypotheses]
    if isinstance(hypotheses, str):
        parts = [_equation(text, names) for text in _split(hypotheses)]
    elif not isinstance(hypotheses, Iterable):
        raise OptionError(f"hypotheses are a text, names of coefficients or a matrix; not {shown(hypotheses)}")
    else:
        parts = [(_unit(name, names), 0.0) for name in hypotheses]
    if not parts:
        raise OptionError(f"there is nothing to test; write for instance '{names[-1]} = 0'")
    label = hypotheses if isinstance(hypotheses, str) else ", ".join(f"{name} = 0" for name in hypotheses)
    return np.array([row for row, _ in parts]), np.array([value for _, value in parts]), label


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^(\[]*[)\]])", text) if part.strip()]


def _unit(name: str, names: list[str]) -> np.ndarray:
    if name not in names:
        raise FormulaError(f"{name!r} is no coefficient; there are: {', '.join(names)}")
    return (np.array(names) == name).astype(float)


def _equation(text: str, names: list[str]) -> tuple[np.ndarray, float]:
    if text in names:
        return _unit(text, names), 0.0
    for position in [m.start() for m in re.finditer("=", text)]:
        left, right = text[:position].strip(), text[position + 1 :].strip()
        try:
            (a, va), (b, vb) = _side(left, names), _side(right, names)
        except FormulaError:
            continue
        return a - b, vb - va
    raise FormulaError(f"{text!r} is no restriction; write for instance '{names[-1]} = 0'")


def _side(text: str, names: list[str]) -> tuple[np.ndarray, float]:
    """Read a sum of coefficients, multiples of them, and numbers."""
    total, constant, rest = np.zeros(len(names)), 0.0, text
    longest = sorted(names, key=len, reverse=True)
    number = r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
    first = True
    while rest:
        match = re.match(rf"\s*([-+])?\s*(?:({number})\s*(\*)?\s*)?", rest)
        sign, factor, times = match.groups() if match else (None, None, None)
        if not first and sign is None:
            raise FormulaError(f"cannot read {rest!r}")
        rest, first = rest[match.end() :] if match else rest, False
        size = (-1.0 if sign == "-" else 1.0) * float(factor or 1.0)
        name = next((n for n in longest if rest.startswith(n)), None) if times or not factor else None
        if name is None and (times or factor is None):
            raise FormulaError(f"cannot read {rest!r}; coefficients are: {', '.join(names)}")
        if name is None:
            constant += size
        else:
            total += size * _unit(name, names)
            rest = rest[len(name) :]
        rest = rest.strip()
    return total, constant
