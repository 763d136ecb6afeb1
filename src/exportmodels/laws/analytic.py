"""Laws of calculus: the gradient vanishes at the estimate, derivatives are those of the value, errors those of the
curvature.
"""

import numpy as np

from ..core.covariance import axes
from .case import Case
from .trial import LawBroken, Trial, law

# Half the width of difference quotients, and how far from the estimate derivatives are looked at, in standard errors.
_STEP, _AWAY = 1e-3, 0.4


def _objective(trial: Trial, case: Case):  # type: ignore[no-untyped-def]
    """Return the objective, the estimate and directions of one standard error."""
    fitted = trial.first(case, trial.plain(case))
    if fitted.objective is None:
        return None
    objective, theta = fitted.objective()
    information = objective.evaluate(theta)[2]
    values, root = axes(information)
    if not values[0] > 0:
        raise LawBroken(f"the information is not positive definite at the estimate: eigenvalue {values[0]:.3g}")
    return objective, theta, root


@law("score zero", "At the estimate the score is zero, measured in standard errors, and the information positive "
     "definite.", needs="likelihood")  # fmt: skip
def score_zero(trial: Trial, case: Case) -> None:
    """Measure the Newton step that is left."""
    found = _objective(trial, case)
    if found is None:
        return
    objective, theta, root = found
    left = root.T @ objective.evaluate(theta)[1]
    if not np.abs(left).max() <= 10 * trial.tolerance:
        raise LawBroken(f"the estimate is {np.abs(left).max():.3g} standard errors from the maximum")


@law("derivatives", "Score and information are the derivatives of the log-likelihood.", needs="likelihood")
def derivatives(trial: Trial, case: Case) -> None:
    """Compare with fourth-order difference quotients, near the estimate."""
    found = _objective(trial, case)
    if found is None:
        return
    objective, theta, root = found
    at = theta + _AWAY * root @ np.cos(np.arange(len(theta)) + 1.0)
    value, score, information = objective.evaluate(at)
    if not np.isfinite(value):
        return
    for direction in root.T:
        ends = [objective.evaluate(at + k * _STEP * direction)[:2] for k in (-2, -1, 1, 2)]
        slope, bend = ((e[0] - 8 * e[1] + 8 * e[2] - e[3]) / (12 * _STEP) for e in zip(*ends, strict=True))
        trial.same_number(direction @ score, slope, "slope of the log-likelihood", factor=100.0)
        trial.same_number(root.T @ information @ direction, -root.T @ bend, "curvature", factor=100.0)


@law("maximum", "No other coefficients near the estimate have a higher log-likelihood.", needs="likelihood")
def maximum(trial: Trial, case: Case) -> None:
    """Step half a standard error in every direction."""
    found = _objective(trial, case)
    if found is None:
        return
    objective, theta, root = found
    top = objective.evaluate(theta)[0]
    for direction in np.hstack([root, -root]).T:
        value = objective.evaluate(theta + 0.5 * direction)[0]
        if value > top + 1e-9 * (1 + abs(top)):
            raise LawBroken(f"the log-likelihood is {top:.10g} at the estimate, {value:.10g} half an error away")


@law("null model", "The log-likelihood without covariates is that of the model fitted without them.",
     needs="likelihood, intercept, quantities", unless="penalized, select")  # fmt: skip
def null_model(trial: Trial, case: Case) -> None:
    """Fit the intercept alone, where that has an estimate: its likelihood may be reached at an end only."""
    full = trial.first(case, trial.plain(case))
    if not np.isnan(full.native.llnull):
        null = trial.first(case.explained_by(()), trial.plain(case))
        trial.same_number(null.llf, full.native.llnull, "log-likelihood without covariates")


LAWS = (score_zero, derivatives, maximum, null_model)
