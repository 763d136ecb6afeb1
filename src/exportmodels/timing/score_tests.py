"""Score tests of terms that a discrete-time hazard leaves out, without fitting it again."""

from collections.abc import Callable, Sequence

import numpy as np

from ..core.errors import DataError
from .discrete_hazard_likelihood import GridObjective

# The share of added terms that the model's own leave, below which nothing but rounding is left.
_COLLINEAR = 1e-10
# Takes covariates (n, p), periods (T,) and predictors (T, n) of a block; returns added covariates, each (T, n).
Added = Callable[[np.ndarray, np.ndarray, np.ndarray], Sequence[np.ndarray]]


def squared_predictor(x: np.ndarray, years: np.ndarray, eta: np.ndarray) -> list[np.ndarray]:
    """Return the square of the linear predictor."""
    return [eta**2]


def times_clock(columns: Sequence[int], clock: np.ndarray) -> Added:
    """Return what makes products of covariates with a function of time."""

    def added(x: np.ndarray, years: np.ndarray, eta: np.ndarray) -> list[np.ndarray]:
        return [np.outer(clock[years], x[:, j]) for j in columns]

    return added


def added_terms(grid: GridObjective, theta: np.ndarray, added: Added) -> float:
    """Return the score statistic of added covariates that may change with time, at the estimate without them.

    Parameters
    ----------
    grid : GridObjective
        The likelihood, in the coordinates of `theta`.
    theta : ndarray, shape (p,)
        The estimate.
    added : callable
        Makes the added covariates of a block of firms.
    """
    information = grid.evaluate(theta)[2]
    alpha, slopes = grid.split(theta)
    score: np.ndarray | float = 0.0
    own: np.ndarray | float = 0.0
    across: np.ndarray | float = 0.0
    for block in grid.blocks():
        low, high, _, first, second = grid.grid(block, alpha, slopes)
        x, years = grid.matrix[block], np.arange(low, high)
        if grid.weight is not None:
            first, second = first * grid.weight[block], second * grid.weight[block]
        terms = added(x, years, grid.predictor(block, low, high, alpha, slopes))
        score = score + np.array([np.sum(first * z) for z in terms])
        own = own - np.array([[np.sum(second * z * other) for other in terms] for z in terms])
        across = across - np.array([_products(grid, x, years, second * z) for z in terms])
    reduced = own - across @ np.linalg.solve(information, np.transpose(across))
    size = np.sqrt(np.maximum(np.diag(own), np.finfo(float).tiny))
    if np.linalg.eigvalsh(reduced / np.outer(size, size))[0] < _COLLINEAR:
        raise DataError(
            "what the test would add is a combination of the model's own terms in the years observed: nothing to test"
        )
    return float(score @ np.linalg.solve(reduced, score))


def _products(grid: GridObjective, x: np.ndarray, years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the sums over firm-years of `values` times the model's own covariates."""
    parts = [values.sum(axis=1) @ grid.baseline[years], values.sum(axis=0) @ x]
    if grid.clock is not None:
        parts.append((grid.clock[years] @ values) @ x[:, grid.varying])
    return np.concatenate(parts)
