"""Quantiles of a survival curve that falls in steps, and of its limits."""

import numpy as np

from ..core.errors import OptionError

# Shares this close to the wanted one count as it.
_NEAR = 1e-10


def curve_quantile(times: np.ndarray, survival: np.ndarray, p: float) -> float:
    """Return the time at which a curve falls to 1 - p; infinity where it never does.

    Parameters
    ----------
    times : ndarray, shape (T,)
        Ascending times.
    survival : ndarray, shape (T,)
        The share left after each time.
    p : float
        The share that has had the event.

    Returns
    -------
    float
        The first time at which the curve is below 1 - p. Where it stays at exactly 1 - p for a while, the middle of
        that while.
    """
    reached = np.flatnonzero(survival <= 1 - p + _NEAR)
    if not len(reached):
        return float(np.inf)
    first = reached[0]
    if survival[first] < 1 - p - _NEAR:
        return float(times[first])
    below = np.flatnonzero(survival < 1 - p - _NEAR)
    return float((times[first] + times[below[0] if len(below) else -1]) / 2)


def share_of(p: float) -> float:
    """Return the share that a quantile is asked for, or refuse one that is none."""
    if not 0 < p < 1:
        raise OptionError(f"p must lie between 0 and 1; it is {p:g}")
    return p
