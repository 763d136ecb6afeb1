"""The bias of order 1/n of a beta regression: its estimate, and the score adjusted so that it vanishes.

The beta law is an exponential family in T = (log y, log(1 - y)) with parameters p and q, so that the cumulants of T are
polygamma functions. With F the expected information, the adjusted score is U + A, where A_t is half the trace of
F^-1 E(U U' U_t + H U_t), H the Hessian (Kosmidis and Firth, 2009, Biometrika 96, 793-804).
"""

from dataclasses import replace

import numpy as np
from scipy.special import polygamma

from ..core.covariance import inverse
from ..core.errors import ConvergenceError
from ..core.family import LinearObjective
from ..core.newton import Maximum
from ..core.special import trigamma
from .beta_law import BetaShare

# Steps that still move the estimate this far, in standard errors, are followed by another.
_CLOSE, _STEPS = 1e-10, 200


def adjustment(objective: LinearObjective, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the adjustment of the score, (p,), and the expected information, (p, p)."""
    family = objective.family
    assert isinstance(family, BetaShare)
    eta = objective.predictors(theta)
    weight = np.ones(eta.shape[1]) if objective.weight is None else objective.weight
    x = [matrix @ base for matrix, base in zip(objective.matrices, objective.bases, strict=True)]
    slope, variance, moments = _moments(family, eta)
    row = np.einsum("rai,rsi,sbi->abi", slope, variance, slope) * weight
    information = np.block([[x[a].T @ (row[a, b][:, None] * x[b]) for b in range(2)] for a in range(2)])
    covariance, parts = inverse(information), objective.parts
    leverage = np.array(
        [[np.einsum("ij,jk,ik->i", x[a], covariance[parts[a], parts[b]], x[b]) for b in range(2)] for a in range(2)]
    )
    pull = 0.5 * weight * np.einsum("abi,abci->ci", leverage, moments)
    return np.concatenate([pull[c] @ x[c] for c in range(2)]), information


def _moments(family: BetaShare, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, by row, dp and dq in the predictors, the covariance of T, and E(u_a u_b u_c + h_ab u_c)."""
    p, q = family.parameters(eta)
    yes, _, yes2, _ = family.link.slopes(eta[0])
    turn = p * yes
    slope = np.array([[turn, p], [-turn, q]])
    bend = np.empty((2, 2, 2, len(p)))
    bend[:, 0, 0] = p * (yes2 + yes**2), -p * (yes2 + yes**2)
    bend[:, 0, 1] = bend[:, 1, 0] = turn, -turn
    bend[:, 1, 1] = p, q
    total = trigamma(p + q)
    variance = np.array([[trigamma(p) - total, -total], [-total, trigamma(q) - total]])
    third = np.broadcast_to(-polygamma(2, p + q), (2, 2, 2, len(p))).copy()
    third[0, 0, 0] += polygamma(2, p)
    third[1, 1, 1] += polygamma(2, q)
    moments = np.einsum("rsti,rai,sbi,tci->abci", third, slope, slope, slope, optimize=True)
    moments += np.einsum("rabi,rsi,sci->abci", bend, variance, slope, optimize=True)
    return slope, variance, moments


def reduced(objective: LinearObjective, maximum: Maximum, *, once: bool) -> Maximum:
    """Return the estimate with its bias estimated and subtracted (`once`), or with the root of the adjusted score.

    Raises
    ------
    ConvergenceError
        If the adjusted score has no root that Fisher steps find.
    """
    if once:
        pull, information = adjustment(objective, maximum.theta)
        return _moved(objective, maximum, maximum.theta + np.linalg.solve(information, pull), maximum.distance, 1)
    theta = maximum.theta
    for step in range(_STEPS):
        pull, information = adjustment(objective, theta)
        move = np.linalg.solve(information, objective.evaluate(theta)[1] + pull)
        theta = theta + move
        distance = float(np.sqrt(move @ information @ move))
        if distance < _CLOSE:
            return _moved(objective, maximum, theta, distance, step + 1)
    raise ConvergenceError(
        f"the bias-reducing score has no root after {_STEPS} Fisher steps: distance {distance:.2g} standard errors; "
        "use bias='correct' or bias=None"
    )


def _moved(objective: LinearObjective, maximum: Maximum, theta: np.ndarray, distance: float, steps: int) -> Maximum:
    loglike, score, information = objective.evaluate(theta)
    return replace(
        maximum,
        theta=theta,
        loglike=loglike,
        score=score,
        information=information,
        iterations=maximum.iterations + steps,
        distance=distance,
    )
