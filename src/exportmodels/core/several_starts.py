"""The best of several maxima: for likelihoods that are not concave, which one start may leave at a lower maximum."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from .covariance import axes
from .errors import ConvergenceError
from .newton import Maximum, Objective, maximize
from .problem import Problem

# Log-likelihoods that differ by less than this, relative to their size, are those of one maximum.
_SAME = 1e-7
# How often a higher maximum is looked for beside the last one.
_MOST_CLIMBS = 5


@dataclass(frozen=True)
class BestMaximum(Maximum):
    """The highest of the maxima that were found.

    Parameters
    ----------
    starts : int
        From how many starting values.
    lower : tuple of float
        The log-likelihoods of the other maxima, the highest first.
    """

    starts: int = 1
    lower: tuple[float, ...] = ()

    @property
    def note(self) -> str:
        """What a reader must know where there was more than one maximum; empty otherwise."""
        if not self.lower:
            return ""
        return (
            f"the likelihood has several maxima: {1 + len(self.lower)} were found from {self.starts} starting values. "
            f"This is the highest; the next has a log-likelihood lower by {self.loglike - self.lower[0]:.3g}"
        )


def best_of(objective: Objective, starts: Iterable[np.ndarray], *, max_iter: int = 100) -> Maximum:
    """Maximize from several starting values, and keep the highest maximum.

    Where a start climbs higher than every maximum without reaching one, the likelihood has its supremum there, and
    that unfinished climb is returned: the caller says what it means.

    Parameters
    ----------
    objective : Objective
        The log-likelihood.
    starts : iterable of ndarray, shape (p,)
        Starting values; the likelihood must be finite at one of them.
    max_iter : int, default 100
        The most steps from each.

    Raises
    ------
    ConvergenceError
        If the log-likelihood is finite at no start.
    """
    climbs: list[Maximum] = []
    for start in starts:
        try:
            with np.errstate(all="ignore"):
                climbs.append(maximize(objective, start, max_iter=max_iter))
        except (ConvergenceError, np.linalg.LinAlgError):
            continue
    if not climbs:
        raise ConvergenceError("the log-likelihood is finite at none of the starting values; give others with start=")
    slack = _SAME * (1 + max(abs(climb.loglike) for climb in climbs))
    best = max(climbs, key=lambda climb: climb.loglike + slack * climb.converged)
    lower: list[float] = []
    for value in sorted((climb.loglike for climb in climbs if climb.converged), reverse=True):
        if value < min([best.loglike, *lower]) - slack:
            lower.append(value)
    own = {field.name: getattr(best, field.name) for field in fields(Maximum)}
    return BestMaximum(**own, starts=len(climbs), lower=tuple(lower))


def or_from_elsewhere(problem: Problem, maximum: Maximum, last: Iterable[float], *, max_iter: int = 100) -> Maximum:
    """Return a maximum, or where the climb ended nowhere a higher one from other values of the last coefficient.

    Parameters
    ----------
    problem : Problem
        The likelihood, and where the first climb began.
    maximum : Maximum
        Where it ended.
    last : iterable of float
        Values of the last coefficient to begin at.
    max_iter : int, default 100
        The most steps from each.
    """
    if maximum.converged:
        return maximum
    other = best_of(problem.objective, [np.append(problem.start[:-1], value) for value in last], max_iter=max_iter)
    return other if other.converged and other.loglike > maximum.loglike else maximum


def with_no_higher_beside(objective: Objective, maximum: Maximum, *, max_iter: int = 100) -> Maximum:
    """Look half a standard error to all sides of a maximum; where it is higher there, climb on, and look again.

    Parameters
    ----------
    objective : Objective
        The log-likelihood.
    maximum : Maximum
        Where a climb ended.
    max_iter : int, default 100
        The most steps of another climb.
    """
    for _ in range(_MOST_CLIMBS):
        if not maximum.converged:
            break
        half = 0.5 * axes(maximum.information)[1]
        beside = [maximum.theta + step for step in np.hstack([half, -half]).T]
        with np.errstate(all="ignore"):
            heights = np.nan_to_num([objective.evaluate(theta)[0] for theta in beside], nan=-np.inf)
        if heights.max() <= maximum.loglike + _SAME * (1 + abs(maximum.loglike)):
            break
        higher = best_of(objective, [beside[int(heights.argmax())]], max_iter=max_iter)
        if not higher.converged:
            break
        maximum = higher
    return maximum
