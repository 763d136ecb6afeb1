"""What a subclass of the model base supplies: a likelihood in the engine's coordinates, and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .covariance import Covariance, clustered, inverse, sandwich, square_root
from .errors import OptionError
from .frames import matrix_of
from .newton import Maximum, Objective
from .sample import Sample

if TYPE_CHECKING:
    from .model import Model


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
    llnull : float, optional
        The log-likelihood of the model without covariates; NaN where there is no such model, None where it takes time
        and is left to the model's `null_loglike`, for when it is asked for.
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
    llnull: float | None = np.nan
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

    def own_start(self, start: Any, names: Sequence[str]) -> np.ndarray:
        """Return the user's starting values in the coordinates of the objective."""
        values = matrix_of(start, "the starting values")
        if values.shape != (len(self.back),):
            raise OptionError(f"start must hold {len(self.back)} values: {', '.join(names)}")
        return np.linalg.solve(self.back, values)

    def covariance(
        self, kind: str, maximum: Maximum, sample: Sample, units: int, clusters: np.ndarray | None, debiased: bool
    ) -> Covariance:
        """Return the covariance of the coefficients of a maximum: of the information, or robust, or of clusters.

        Parameters
        ----------
        kind : {"nonrobust", "robust", "clustered"}
            Which of them.
        maximum : Maximum
            The maximum.
        sample : Sample
            The rows and their weights.
        units : int
            How many of them are independent of each other.
        clusters : ndarray, shape (n,), optional
            Labels of the used rows.
        debiased : bool
            Whether to correct for the number of units or clusters.
        """
        bread = inverse(maximum.information if self.information is None else self.information(maximum.theta))
        if kind == "nonrobust":
            return Covariance(square_root(bread), kind).transformed(self.back)
        if clusters is None:
            factor = sample.total_weight if sample.weights is None else sample.total_weight * sample.weights
            covariance = sandwich(bread, self.meat(maximum.theta, factor), units, debiased)
        else:
            covariance = clustered(bread, self.scores(maximum.theta), sample.total_weight, clusters, debiased)
        return covariance.transformed(self.back)


def problem_of(model: "Model") -> Problem:
    """Return the problem that a model was fitted by, or say that there is none: linear models are solved at once."""
    try:
        return model.problem(model.sample)
    except NotImplementedError:
        raise OptionError(f"{type(model).__name__} has no scores by rows, on which this rests") from None
