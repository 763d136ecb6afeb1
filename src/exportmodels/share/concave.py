"""The truncated normal likelihood in the coordinates in which it is concave, as a way to good starting values."""

from dataclasses import dataclass, replace

import numpy as np

from ..core.errors import ConvergenceError
from ..core.newton import Objective, maximize
from ..core.problem import Problem
from ..core.sample import Sample

# At a hundred times the standard deviation that is seen the law is flat between the limits: its slopes are rounding.
_FLATTEST = 1e-4


@dataclass(frozen=True)
class Natural:
    """A likelihood of coefficients b and log s as one of b q and q, with s falling as the root of q.

    For a truncated normal law these are natural parameters of an exponential family: the log-likelihood is concave in
    them, while in b and log s a step can end where it is flat.

    Parameters
    ----------
    objective : Objective
        The log-likelihood, of b and then log s.
    unit : float
        The log s at which q is one.
    """

    objective: Objective
    unit: float

    def usual(self, natural: np.ndarray) -> np.ndarray:
        """Return b and log s."""
        q = natural[-1]
        return np.append(natural[:-1] / q, self.unit - 0.5 * np.log(q))

    def evaluate(self, natural: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        q = natural[-1]
        if q < _FLATTEST:
            return -np.inf, np.zeros_like(natural), np.eye(len(natural))
        theta = self.usual(natural)
        loglike, score, information = self.objective.evaluate(theta)
        slopes = np.eye(len(theta)) / q
        slopes[:-1, -1], slopes[-1, -1] = -theta[:-1] / q, -0.5 / q
        inner = slopes.T @ information @ slopes
        inner[:-1, -1] += score[:-1] / q**2
        inner[-1, :-1] += score[:-1] / q**2
        inner[-1, -1] -= (2 * score[:-1] @ theta[:-1] + 0.5 * score[-1]) / q**2
        return loglike, slopes.T @ score, inner


def climbed(problem: Problem, sample: Sample) -> Problem:
    """Return a problem of b and log s that starts where a climb of the concave form from least squares has ended."""
    x = sample.designs[""].standardized.matrix
    y = sample.outcome if sample.offset is None else sample.outcome - sample.offset
    root = np.ones(len(y)) if sample.total_weight is None else np.sqrt(sample.total_weight)
    b = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
    spread = np.linalg.norm(root * (y - x @ b)) / np.linalg.norm(root)
    if spread == 0:
        return problem
    natural = Natural(problem.objective, float(np.log(spread)))
    try:
        top = maximize(natural, np.append(b, 1.0), tol=1e-8)
    except ConvergenceError:
        return problem
    return replace(problem, start=natural.usual(top.theta))
