"""One Newton engine: it maximizes any log-likelihood that gives score and information, and certifies the maximum."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .errors import ConvergenceError

# Squared distance to the maximum, in standard errors, at which the last step is taken: 1e-8 standard errors.
_TOLERANCE = 1e-16
_LONGEST_STEP = 8.0
# How far the returned information may be from that at the estimate, relative to itself. One more pass over the rows is
# a sixth of a fit, so of many, where a step of 1e-8 standard errors changes little, eleven digits are enough.
_DRIFT, _DRIFT_OF_MANY, _MANY_ROWS = 1e-14, 1e-11, 5_000
# Eigenvalues of the information, scaled to a unit diagonal, this far below the largest are rounding.
_SINGULAR = 1e-13


class Objective(Protocol):
    """A log-likelihood as the engine sees it: a function of a vector."""

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score (p,) and information, the negative Hessian (p, p)."""
        ...


class RowObjective(Objective, Protocol):
    """A log-likelihood that is a sum over rows, and knows their shares of the score."""

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied, shape (n, p)."""
        ...


@dataclass(frozen=True)
class Maximum:
    """Where the engine stopped, and the evidence that it is a maximum.

    Parameters
    ----------
    theta : ndarray, shape (p,)
        The estimate, in the coordinates of the objective.
    loglike : float
        The log-likelihood there.
    score : ndarray, shape (p,)
        Its gradient at the last evaluation.
    information : ndarray, shape (p, p)
        The negative Hessian at the last evaluation, which was at the estimate or so near that it is the same there.
    iterations : int
        Number of Newton steps.
    distance : float
        Length of the last Newton step in standard errors, `sqrt(score' information^-1 score)`: a scaled gradient.
    condition : float
        Condition number of the information, scaled to a unit diagonal.
    positive_definite : bool
        Whether the information is positive definite.
    converged : bool
        Whether the distance is below the tolerance and the information positive definite.
    """

    theta: np.ndarray
    loglike: float
    score: np.ndarray
    information: np.ndarray
    iterations: int
    distance: float
    condition: float
    positive_definite: bool
    converged: bool


def maximize(
    objective: Objective, start: np.ndarray, *, max_iter: int = 100, tol: float = _TOLERANCE, drift: float = _DRIFT
) -> Maximum:
    """Maximize by Newton steps, halved until the log-likelihood rises, ridged where it is not concave.

    Parameters
    ----------
    objective : Objective
        The log-likelihood, in coordinates of about unit scale.
    start : ndarray, shape (p,)
        Where to start; the log-likelihood must be finite there.
    max_iter : int, default 100
        The most steps.
    tol : float, default 1e-16
        The squared distance to the maximum, in standard errors, that counts as reached.
    drift : float, default 1e-14
        If the last step changes the information by more than this, relative to itself, it is evaluated once more.

    Returns
    -------
    Maximum
        Not necessarily converged: the caller knows best what a failure means.

    Raises
    ------
    ConvergenceError
        If the log-likelihood or a derivative is not finite at the start.
    """
    theta = np.asarray(start, dtype=float)
    with np.errstate(over="ignore", invalid="ignore"):
        loglike, score, information = objective.evaluate(theta)
    if not (np.isfinite(loglike) and np.isfinite(score).all() and np.isfinite(information).all()):
        raise ConvergenceError(
            "the log-likelihood or a derivative is not finite at the starting values; give others with start="
        )
    gain = np.inf
    earlier: tuple[np.ndarray, np.ndarray] | None = (theta, information)
    for iteration in range(max_iter + 1):
        step, ridge = newton_step(information, score)
        gain = float(score @ step) if step.size else 0.0
        reached = ridge == 0 and gain <= tol
        settled = reached and (earlier is None or _drift(information, gain, theta, *earlier) <= drift)
        trial = None if settled else _line_search(objective, theta, loglike, step, gain)
        if trial is None and reached:
            return _certified(theta + step, loglike + gain / 2, score, information, iteration, gain, True)
        if trial is None or iteration == max_iter:
            break
        earlier = None if reached else (theta, information)
        theta, loglike, score, information = trial
    # rounding may forbid a rise although the maximum is reached to working precision; the score has more digits
    rounded = ridge == 0 and gain <= 1e-9 * max(tol / _TOLERANCE, 1.0)
    if rounded:
        with np.errstate(all="ignore"):
            last = objective.evaluate(theta + step)
        if all(np.isfinite(part).all() for part in last):
            theta, (loglike, score, information) = theta + step, last
    return _certified(theta, loglike, score, information, iteration, gain, rounded)


def permitted_drift(rows: int) -> float:
    """Return the `drift` of `maximize` for so many rows."""
    return _DRIFT if rows < _MANY_ROWS else _DRIFT_OF_MANY


def _drift(
    information: np.ndarray, gain: float, theta: np.ndarray, old_theta: np.ndarray, old_information: np.ndarray
) -> float:
    """Return the relative change of the information that the next step brings, if it changes as over the last one."""
    move = theta - old_theta
    moved = float(move @ information @ move)
    if gain <= 0 or moved <= 0:
        return np.inf if gain > 0 else 0.0
    scale = np.sqrt(information.diagonal())
    units = np.outer(scale, scale)
    factor = np.linalg.cholesky(information / units)
    turned = np.linalg.solve(factor, np.linalg.solve(factor, (information - old_information) / units).T)
    return float(np.linalg.norm(turned) * np.sqrt(gain / moved))


def newton_step(information: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, float]:
    """Solve for the Newton step; add a ridge, in units of the diagonal, until the information is positive definite."""
    scale = np.sqrt(np.maximum(np.abs(information.diagonal()), 1e-300))
    scaled = information / (scale[:, None] * scale)
    ridge = 0.0
    while True:
        try:
            factor = np.linalg.cholesky(scaled + ridge * np.eye(len(scaled)) if ridge else scaled)
        except np.linalg.LinAlgError:
            ridge = max(10 * ridge, 1e-4)
            if ridge > 1e8 or not np.isfinite(scaled).all():
                return score / scale**2, np.inf
            continue
        inner = np.linalg.solve(factor.T, np.linalg.solve(factor, score / scale))
        return inner / scale, ridge


def _line_search(
    objective: Objective, theta: np.ndarray, loglike: float, step: np.ndarray, gain: float
) -> tuple[np.ndarray, float, np.ndarray, np.ndarray] | None:
    longest = np.abs(step).max()
    length = min(1.0, _LONGEST_STEP / longest) if longest > 0 else 1.0
    slack = 1e-13 * (1 + abs(loglike))
    for _ in range(40):
        candidate = theta + length * step
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value, score, information = objective.evaluate(candidate)
        usable = np.isfinite(value) and np.isfinite(score).all() and np.isfinite(information).all()
        if usable and value >= loglike + 1e-4 * length * gain - slack:
            return candidate, value, score, information
        length /= 2 if length > 1e-3 else 8
    return None


def _certified(
    theta: np.ndarray,
    loglike: float,
    score: np.ndarray,
    information: np.ndarray,
    iterations: int,
    gain: float,
    reached: bool,
) -> Maximum:
    scale = np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    values = np.linalg.eigvalsh(information / np.outer(scale, scale)) if theta.size else np.ones(1)
    positive = bool(values[0] > _SINGULAR * values[-1])
    return Maximum(
        theta=theta,
        loglike=loglike,
        score=score,
        information=information,
        iterations=iterations,
        distance=float(np.sqrt(max(gain, 0.0))),
        condition=float(values[-1] / values[0]) if positive else np.inf,
        positive_definite=positive,
        converged=bool(reached and positive),
    )
