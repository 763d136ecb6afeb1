"""Estimators in steps: moment equations at their solution, in the form in which the engine knows a likelihood."""

from dataclasses import dataclass

import numpy as np

from ..core.covariance import inverse
from ..core.problem import Problem


@dataclass(frozen=True)
class Solved:
    """Coefficients that solve stacked moment equations, and how each row moves them.

    As an objective it is minus half the squared distance from the solution in standard errors, so that the inverse of
    its information is the covariance under the model, and the sandwich of its scores that of the stacked moments.

    Parameters
    ----------
    theta : ndarray, shape (p,)
        The solution, in the user's coordinates.
    influence : ndarray, shape (n, p)
        The rows' influence on it, weights not applied: their moments through the inverse Jacobian of all steps.
    covariance : ndarray, shape (p, p)
        The covariance under the model.
    """

    theta: np.ndarray
    influence: np.ndarray
    covariance: np.ndarray

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return minus half the squared distance from the solution, its gradient, and the information."""
        information = inverse(self.covariance)
        score = information @ (self.theta - theta)
        return -0.5 * float((self.theta - theta) @ score), score, information

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' influence in the metric of the information, shape (n, p)."""
        return self.influence @ inverse(self.covariance)

    def problem(self) -> Problem:
        """Return it as an estimator's problem; it starts at the solution, and there is no likelihood."""
        return Problem(self, self.theta, np.eye(len(self.theta)), self.scores)


def weighted_gram(x: np.ndarray, z: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the sum over rows of weight times the outer product of x and z."""
    return x.T @ (weight[:, None] * z)
