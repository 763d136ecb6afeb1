"""The delta method: standard errors and intervals of any smooth function of an estimate."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .options import upper_end
from .special import expit, normal_quantile

SCALES: dict[str, tuple[Callable, Callable, Callable]] = {
    # link, its inverse, its derivative
    "identity": (lambda q: q, lambda z: z, np.ones_like),
    "log": (np.log, np.exp, lambda q: 1 / q),
    "logit": (lambda q: np.log(q / (1 - q)), expit, lambda q: 1 / (q * (1 - q))),
    "cloglog": (lambda q: np.log(-np.log(q)), lambda z: np.exp(-np.exp(z)), lambda q: 1 / (q * np.log(q))),
}


# Length of a difference step, in standard errors.
_STEP = 5e-3


@dataclass(frozen=True)
class Delta:
    """Estimates with their covariance.

    Parameters
    ----------
    estimate : ndarray, shape (m,)
        The function at the estimate.
    covariance : ndarray, shape (m, m), or variances, shape (m,)
        Its delta-method covariance, or only the diagonal.
    """

    estimate: np.ndarray
    covariance: np.ndarray

    @property
    def se(self) -> np.ndarray:
        """Standard errors, shape (m,)."""
        variance = self.covariance if self.covariance.ndim == 1 else np.diag(self.covariance)
        return np.sqrt(np.maximum(variance, 0.0))

    def interval(self, alpha: float = 0.05, scale: str = "identity") -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper limits, symmetric on the given scale so that they stay in the outcome's range."""
        link, back, slope = SCALES[scale]
        z = normal_quantile(upper_end(alpha))
        with np.errstate(divide="ignore", invalid="ignore"):
            middle, half = link(self.estimate), z * self.se * np.abs(slope(self.estimate))
            ends = np.sort([back(middle - half), back(middle + half)], axis=0)
        at_bound = ~np.isfinite(middle) | ~np.isfinite(half)
        ends[:, at_bound] = self.estimate[at_bound]
        return ends[0], ends[1]


def delta(
    function: Callable[[np.ndarray], np.ndarray], theta: np.ndarray, root: np.ndarray, *, full: bool = False
) -> Delta:
    """Apply the delta method along the columns of a square root of the covariance, by four-point differences.

    Parameters
    ----------
    function : callable
        Takes `theta` (p,), returns a vector (m,).
    theta : ndarray, shape (p,)
        The estimate.
    root : ndarray, shape (p, q)
        A square root of its covariance: `root @ root.T`. Steps along its columns are small in standard errors, so badly
        scaled or nearly collinear covariates do no harm.
    full : bool, default False
        Whether to return the whole covariance of the m values; otherwise their variances.
    """
    estimate = np.atleast_1d(function(theta))
    slopes = []
    for direction in root.T:
        at = [np.atleast_1d(function(theta + k * _STEP * direction)) for k in (-2, -1, 1, 2)]
        slopes.append((at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * _STEP))
    gradient = np.array(slopes).reshape(len(slopes), len(estimate))
    return Delta(estimate, gradient.T @ gradient if full else np.einsum("jm,jm->m", gradient, gradient))
