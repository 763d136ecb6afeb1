"""What a subclass of the model base supplies: a likelihood in the engine's coordinates, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .newton import Objective


@dataclass(frozen=True)
class Problem:
    """A likelihood ready for the engine, and the way back to the user's coordinates.

    Parameters
    ----------
    objective : Objective
        The log-likelihood in standardized coordinates.
    start : ndarray, shape (p,)
        Where to start.
    back : ndarray, shape (p, p)
        `back @ theta` are the coefficients in the user's coordinates.
    scores : callable
        Takes standardized coefficients, returns score contributions of the used rows (n, p), weights not applied.
    llnull : float
        The log-likelihood of the model without covariates; NaN where there is no such model.
    information : callable, optional
        Takes standardized coefficients, returns the information that standard errors rest on, where that is not the
        objective's own (a penalized likelihood).
    outer : callable, optional
        Takes standardized coefficients and factors (n,) or None, returns the sum of the rows' factor times the outer
        product of their scores, for objectives that can do so without writing out the scores.
    corrected : callable, optional
        Takes the coefficients of the maximum, in the user's coordinates, and returns the estimate where they differ.
    """

    objective: Objective
    start: np.ndarray
    back: np.ndarray
    scores: Callable[[np.ndarray], np.ndarray]
    llnull: float = np.nan
    information: Callable[[np.ndarray], np.ndarray] | None = None
    outer: Callable[[np.ndarray, np.ndarray | None], np.ndarray] | None = None
    corrected: Callable[[np.ndarray], np.ndarray] | None = None

    def estimate(self, theta: np.ndarray) -> np.ndarray:
        """Return the estimate that a maximum stands for, in the user's coordinates."""
        own = self.back @ theta
        return own if self.corrected is None else self.corrected(own)

    def meat(self, theta: np.ndarray, factor: np.ndarray | None) -> np.ndarray:
        """Return the sum over rows of `factor` times the outer product of the row's score, shape (p, p)."""
        if self.outer is not None:
            return self.outer(theta, factor)
        scores = self.scores(theta)
        return scores.T @ (scores if factor is None else scores * factor[:, None])
