"""Separation with two sets of fixed effects: which covariates are infinite because some cells export nothing."""

from dataclasses import dataclass

import numpy as np

_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Perfect:
    """What is fitted perfectly.

    Parameters
    ----------
    rows : ndarray of bool, shape (n,)
        Rows without exports whose mean goes to zero along the direction.
    slopes : ndarray, shape (p,)
        The direction of the coefficients; all zero where the effects do it alone.
    """

    rows: np.ndarray
    slopes: np.ndarray


def perfect_fit(y: np.ndarray, x: np.ndarray, firm: np.ndarray, destination: np.ndarray) -> Perfect | None:
    """Look for a direction of coefficients and effects along which the Poisson likelihood never falls.

    The index must stay as it is where something is exported, and never rise where nothing is: a linear programme,
    sparse in the effects.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack

    n, p = x.shape
    scale = np.abs(x).max(axis=0)
    ones, at = np.ones(n), np.arange(n)
    numbers = [np.unique(group, return_inverse=True)[1] for group in (firm, destination)]
    effects = [csr_matrix((ones, (at, number))) for number in numbers]
    index = hstack([csr_matrix(x / np.where(scale > 0, scale, 1.0)), *effects], format="csr")
    zero = y == 0
    nothing = index[zero]
    best = linprog(
        np.asarray(nothing.sum(axis=0)).ravel(),
        A_ub=nothing,
        b_ub=np.zeros(nothing.shape[0]),
        A_eq=index[~zero],
        b_eq=np.zeros(n - nothing.shape[0]),
        bounds=(-1, 1),
        method="highs",
    )
    if best.status != 0 or -best.fun < _TOLERANCE * n:
        return None
    slopes = np.where(np.abs(best.x[:p]) > _TOLERANCE, best.x[:p], 0.0)
    return Perfect(index @ best.x < -_TOLERANCE, slopes)
