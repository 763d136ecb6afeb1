"""Profile likelihood: intervals and tests of one coefficient, the others re-estimated for each of its values."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .errors import ConvergenceError
from .newton import Maximum, Objective, maximize
from .options import upper_end
from .special import chi_squared_tail, normal_quantile

# Beyond this many standard errors from the estimate a likelihood that still has not fallen enough counts as flat.
_FLAT = 200.0


@dataclass(frozen=True)
class Constrained:
    """An objective on the plane `contrast @ theta = value`.

    Parameters
    ----------
    objective : Objective
        The log-likelihood.
    plane : ndarray, shape (p, p - 1)
        An orthonormal basis of the directions in which the contrast does not change.
    point : ndarray, shape (p,)
        A point on the plane.
    """

    objective: Objective
    plane: np.ndarray
    point: np.ndarray

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information along the plane."""
        value, score, information = self.objective.evaluate(self.point + self.plane @ theta)
        return value, self.plane.T @ score, self.plane.T @ information @ self.plane


@dataclass
class Profile:
    """The profile likelihood of a contrast of the coefficients.

    Parameters
    ----------
    objective : Objective
        The log-likelihood, in the engine's coordinates.
    maximum : Maximum
        Its maximum.
    contrast : ndarray, shape (p,)
        The contrast, in the same coordinates.
    se : float
        Its Wald standard error, as a first guess of the scale.
    """

    objective: Objective
    maximum: Maximum
    contrast: np.ndarray
    se: float

    def __post_init__(self) -> None:
        self._unit = self.contrast / (self.contrast @ self.contrast)
        _, _, directions = np.linalg.svd(self.contrast[None])
        self._plane = directions[1:].T
        bent = np.linalg.solve(self.maximum.information, self.contrast)
        self._path = bent / (self.contrast @ bent)
        self._restart()

    def _restart(self) -> None:
        self._last, self._at = self.maximum.theta, self.estimate

    @property
    def estimate(self) -> float:
        """The contrast at the maximum."""
        return float(self.contrast @ self.maximum.theta)

    def deviance(self, value: float) -> float:
        """Return twice the fall of the log-likelihood when the contrast is held at a value."""
        held = Constrained(self.objective, self._plane, self._unit * value)
        near = self._last + self._path * (value - self._at)
        try:
            best = maximize(held, self._plane.T @ near)
        except ConvergenceError:  # too far from the last point: go half the way first
            if abs(value - self._at) < 1e-6 * self.se:
                raise
            self.deviance((value + self._at) / 2)
            return self.deviance(value)
        self._last, self._at = held.point + held.plane @ best.theta, value
        return max(2 * (self.maximum.loglike - best.loglike), 0.0)

    def limit(self, side: int, alpha: float, farthest: float = np.inf) -> float:
        """Return the lower (-1) or upper (+1) limit at level 1 - alpha; infinite where the profile is flat.

        Parameters
        ----------
        side : {-1, 1}
            Which limit.
        alpha : float
            One less the level of the interval.
        farthest : float
            The absolute value of the contrast at which the profile counts as flat, if it has not fallen enough there.
        """
        from scipy.optimize import brentq

        z = normal_quantile(upper_end(alpha))
        most = min(_FLAT, (farthest - side * self.estimate) / self.se)

        @cache  # the search meets its first points again, from another start: they must not change sides
        def excess(distance: float) -> float:
            return float(np.sqrt(self.deviance(self.estimate + side * distance * self.se))) - z

        self._restart()
        near, far = 0.0, min(z, most)
        while excess(far) < 0:
            if far >= most:
                return side * np.inf
            near, far = far, min(2 * far, most)
        return self.estimate + side * self.se * brentq(excess, near, far, xtol=1e-10, rtol=1e-12)

    def pvalue(self, null: float = 0.0) -> float:
        """Return the likelihood-ratio p-value of the contrast being `null`."""
        self._restart()
        return chi_squared_tail(1, self.deviance(null))
