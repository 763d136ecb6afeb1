"""The least informative distribution over given cells that has given expectations."""

import numpy as np

from ...core.errors import ConvergenceError

STEPS = 200
EXACT = 1e-9


def least_informative(features: np.ndarray, targets: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return the probabilities closest to `prior` under which the features have their target expectations.

    Minimizes the Kullback-Leibler divergence sum p log(p / prior) subject to features' p = targets, by Newton's
    method on the dual, whose solution is p proportional to prior * exp(features @ lambda).

    Parameters
    ----------
    features : numpy.ndarray
        One row a cell, one column a condition (an indicator for a probability, a number for a mean).
    targets : numpy.ndarray
        The expectation of each column.
    prior : numpy.ndarray
        Weight of each cell before the conditions; they need not add up to one.

    Returns
    -------
    numpy.ndarray
        Probabilities of the cells.

    Raises
    ------
    ConvergenceError
        If no distribution over the cells meets the targets.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.arange(7.0)
    >>> chances = least_informative(values[:, None], np.array([2.0]), np.ones(7))
    >>> round(float(chances @ values), 6)
    2.0
    """
    centred = features - targets
    centred = centred / np.abs(centred).max(axis=0)
    multipliers = np.zeros(len(targets))
    chances, height = _tilted(centred, prior, multipliers)
    for _ in range(STEPS):
        gap = chances @ centred
        if np.abs(gap).max() < EXACT:
            return chances
        curvature = (centred * chances[:, None]).T @ centred - np.outer(gap, gap)
        step = np.linalg.lstsq(curvature, gap, rcond=1e-13)[0]
        length = 1.0
        while length > EXACT:
            nearer, lower = _tilted(centred, prior, multipliers - length * step)
            if lower <= height - 1e-4 * length * (gap @ step):
                break
            length /= 2
        multipliers, chances, height = multipliers - length * step, nearer, lower
    raise ConvergenceError(f"no distribution over the cells meets the targets: still {np.abs(gap).max():.2g} away")


def _tilted(centred: np.ndarray, prior: np.ndarray, multipliers: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the tilted probabilities and the log of their normalizer, which the dual minimizes."""
    exponent = centred @ multipliers
    top = exponent.max()
    weights = prior * np.exp(exponent - top)
    total = weights.sum()
    return weights / total, top + float(np.log(total))


def with_mean(values: np.ndarray, mean: float, prior: np.ndarray | None = None) -> np.ndarray:
    """Return the least informative probabilities of `values` that have the given mean."""
    prior = np.ones(len(values)) if prior is None else prior
    return least_informative(np.asarray(values, dtype=float)[:, None], np.array([mean]), prior)
