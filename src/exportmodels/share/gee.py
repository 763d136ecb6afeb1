"""Generalized estimating equations for shares: the years of a firm equally correlated, as a working guess."""

import numpy as np

from ..core.covariance import codes
from ..core.errors import ConvergenceError
from ..core.links import Link
from .stacked import Solved, weighted_gram

_STEPS, _CLOSE = 200, 1e-12


def exchangeable(
    y: np.ndarray,
    x: np.ndarray,
    link: Link,
    firm: np.ndarray,
    weight: np.ndarray,
    of_one: np.ndarray,
    start: np.ndarray,
) -> tuple[Solved, float]:
    """Solve the estimating equations under one correlation between all years of a firm.

    Parameters
    ----------
    y, x : ndarray, shapes (n,) and (n, p)
        Shares and covariates.
    link : Link
        The mean is F(x'b).
    firm : ndarray, shape (n,)
        Firm labels.
    weight : ndarray, shape (n,)
        Weights; the same in all years of a firm.
    of_one : ndarray, shape (n,)
        The weights, sampling weights among them of mean one, by which the correlation counts pairs of years.
    start : ndarray, shape (p,)
        Where to start.

    Returns
    -------
    tuple of Solved and float
        The solution, and the working correlation.

    Raises
    ------
    ConvergenceError
        If the equations have no solution that Fisher steps find, or only at a correlation that cannot be.
    """
    number, groups = codes(firm)
    years = np.bincount(number, minlength=groups)[number]
    b = start
    with np.errstate(divide="ignore", invalid="ignore"):  # far from a solution
        for _ in range(_STEPS):
            mean = link.probability(x @ b)
            unit = 1 / np.sqrt(mean * (1 - mean))
            gradient = x * (mean * link.slopes(x @ b)[0] * unit)[:, None]
            residual = (y - mean) * unit
            alpha = _correlation(residual, number, groups, of_one, x.shape[1])
            share = alpha / (1 + (years - 1) * alpha)
            whole = np.column_stack([np.bincount(number, column, groups) for column in gradient.T])[number]
            spread = (residual - share * np.bincount(number, residual, groups)[number]) / (1 - alpha)
            scores = gradient * spread[:, None]
            bread = (weighted_gram(gradient, gradient, weight) - weighted_gram(gradient, whole, weight * share)) / (
                1 - alpha
            )
            if not np.isfinite(bread).all() or np.linalg.matrix_rank(bread, hermitian=True) < len(bread):
                break
            step = np.linalg.solve(bread, weight @ scores)
            b = b + step
            if np.sqrt(step @ bread @ step) < _CLOSE:
                if not -1 / (years.max() - 1) < alpha < 1:
                    raise ConvergenceError(
                        f"the correlation between the years of a firm is estimated at {alpha:.3g}, which cannot be: "
                        "the firms are too few for it; use working='independence'"
                    )
                scale = float(weight @ residual**2 / weight.sum())
                return Solved(b, scores @ np.linalg.inv(bread), scale * np.linalg.inv(bread)), alpha
    raise ConvergenceError(
        f"the estimating equations have no solution that {_STEPS} Fisher steps find; use working='independence'"
    )


def _correlation(residual: np.ndarray, number: np.ndarray, groups: int, weight: np.ndarray, p: int) -> float:
    """Return the mean product of two years' residuals over their mean square, coefficients taken off the counts."""
    sums, squares = np.bincount(number, residual, groups), np.bincount(number, residual**2, groups)
    count = np.bincount(number, minlength=groups)
    heavy = np.bincount(number, weight, groups) / count
    pairs = heavy @ (count * (count - 1) / 2)
    scale = heavy @ squares / (weight.sum() - p)
    return float(heavy @ (sums**2 - squares) / 2 / (pairs - p) / scale) if pairs > p else 0.0
