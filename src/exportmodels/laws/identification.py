"""Laws about what identifies an effect: instruments, and the selection of those whose outcome is seen."""

import numpy as np

from .case import Case
from .trial import LawBroken, Trial, law


@law("unit of an instrument", "An instrument in another unit, from another zero, is the same instrument.",
     needs="instruments, has intercept")  # fmt: skip
def unit_of_instrument(trial: Trial, case: Case) -> None:
    """Multiply the instrument, and add a constant."""
    other = case.assign(instruments=250.0 * case.frame["instruments"] + 70.0)
    kind = trial.one(case)
    trial.same(trial.first(case, kind), trial.then(other, kind))


@law("instruments beside covariates", "An instrument that leans on an exogenous covariate is the same instrument.",
     needs="instruments")  # fmt: skip
def leaning(trial: Trial, case: Case) -> None:
    """Add the last covariate to the instrument, in units in which it varies alike."""
    if len(case.covariates) < 2:
        return
    column = case.frame[case.covariates[-1]]
    unit = 2.0 ** np.round(np.log2(4.0 / (float(np.ptp(column)) or 1.0)))
    other = case.assign(instruments=case.frame["instruments"] + unit * (column - column.min()))
    kind = trial.one(case)
    trial.same(trial.first(case, kind), trial.then(other, kind))


@law("its own instrument", "A covariate that is its own instrument gives least squares: residuals are orthogonal to "
     "all covariates.", needs="instruments, linear")  # fmt: skip
def own_instrument(trial: Trial, case: Case) -> None:
    """Multiply residuals by the covariates."""
    case = case.assign(instruments=case.frame["x1"].astype(float))
    fitted = trial.first(case, trial.plain(case))
    weight = case.frame["weights"].to_numpy() if "weights" in case.roles else np.ones(len(case))
    assert fitted.predict is not None
    left = weight * (case.y.to_numpy() - fitted.predict(case))
    for name in case.covariates:
        column = case.frame[name].to_numpy(dtype=float)
        away = column - np.average(column, weights=weight)
        correlation = left @ away / np.sqrt((left @ left) * (away @ away))
        if not abs(correlation) < 1e-6:
            raise LawBroken(f"residuals and {name} are correlated: {correlation:.3g}")


@law("outcomes not seen", "What stands where an outcome is not seen does not matter.", needs="seen")
def unseen(trial: Trial, case: Case) -> None:
    """Write numbers where outcomes are missing."""
    seen = case.frame["seen"] == 1
    other = case.assign(y=case.y.where(seen, 0.01 * np.arange(len(case))))
    kind = trial.one(case)
    trial.unchanged(case, other, kind)


@law("unit of a reason", "A reason to be selected in another unit, from another zero, leaves all other estimates.",
     needs="select, has intercept")  # fmt: skip
def unit_of_reason(trial: Trial, case: Case) -> None:
    """Multiply it, and add a constant."""
    other = case.assign(select=250.0 * case.frame["select"] + 70.0)
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    changed = {"[select] Intercept", "[select] select"}
    trial.same(a, b, but=lambda name: name in changed)
    trial.same_likelihood(a, b)


LAWS = (unit_of_instrument, leaning, own_instrument, unseen, unit_of_reason)
