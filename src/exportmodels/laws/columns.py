"""Laws about covariates: their units, zero, base level and order, and whether more of them fit better."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ..core.levels import Picks
from .adapter import Fitted
from .case import Case
from .trial import LawBroken, Trial, law


def belongs(column: str) -> Callable[[str], bool]:
    """Return whether a coefficient is one of a column's: `x1`, `[log_scale] x1`."""
    return lambda name: name == column or name.endswith(f" {column}")


def carried(case: Case) -> Callable[[str], bool]:
    """Return whether a coefficient is none of a covariate's, so that a shift of covariates may move it."""
    return lambda name: not any(belongs(column)(name) for column in case.covariates)


def _agree(trial: Trial, case: Case, a: Fitted, other: Case, b: Fitted) -> None:
    if "penalized" not in trial.adapter.can:
        trial.same_likelihood(a, b)
    trial.same_predictions(a, case, b, other)


@law("unit of a covariate", "A covariate in units a thousand times smaller has a coefficient a thousand times larger.")
def unit(trial: Trial, case: Case) -> None:
    """Divide the first covariate by a thousand."""
    column = case.covariates[0]
    other = case.assign(**{column: case.frame[column] / 1000.0})
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    turned = b.params.index.map(belongs(column)).to_numpy(dtype=bool)
    factor = np.where(turned, 1e-3, 1.0)
    back = Fitted(b.params * factor, None if b.bse is None else b.bse * factor)
    trial.same(a, back)
    _agree(trial, case, a, other, b)


@law("zero of a covariate", "A constant added to a covariate moves no slope, no likelihood and no prediction.",
     needs="has intercept")  # fmt: skip
def zero(trial: Trial, case: Case) -> None:
    """Add a number to the last covariate."""
    column = case.covariates[-1]
    other = case.assign(**{column: case.frame[column] + 3.0})
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    trial.same(a, b, but=carried(case))
    _agree(trial, case, a, other, b)


@law("linear recoding", "Adding one covariate to another moves coefficients accordingly, and nothing else.",
     unless="apart")  # fmt: skip
def recoding(trial: Trial, case: Case) -> None:
    """Add the last covariate to the first, in units in which they vary alike."""
    if len(case.covariates) < 2:
        return
    one, two = case.covariates[0], case.covariates[-1]
    spreads = [float(np.ptp(case.frame[name])) or 1.0 for name in (one, two)]
    unit = float(2.0 ** np.round(np.log2(spreads[0] / spreads[1])))
    other = case.assign(**{one: case.frame[one] + unit * case.frame[two]})
    a, b = trial.first(case, trial.plain(case)), trial.then(other, trial.plain(case))
    back = b.params.copy()
    for name in b.params.index:
        if belongs(two)(name):
            back[name] += unit * b.params[name.removesuffix(two) + one]
    trial.same_params(a.params, back, a.bse)
    _agree(trial, case, a, other, b)


@law("base level", "Another base level of a category turns its contrasts around, and nothing else.",
     needs="has intercept", unless="apart")  # fmt: skip
def base_level(trial: Trial, case: Case) -> None:
    """Make the first level of a category that the data hold as two dummies the base instead of another."""
    for one, two in case.dummies:
        other = case.assign(**{one: 1 - case.frame[one] - case.frame[two]})
        a, b = trial.first(case, trial.plain(case)), trial.then(other, trial.plain(case))
        back = b.params.copy()
        for name in b.params.index:
            if belongs(two)(name):
                back[name] -= b.params[name.removesuffix(two) + one]
            if belongs(one)(name):
                back[name] *= -1
        trial.same_params(a.params, back, a.bse, but=carried(case))
        _agree(trial, case, a, other, b)


@law("column order", "Covariates in another order have the same coefficients.")
def column_order(trial: Trial, case: Case) -> None:
    """Turn the covariates around."""
    other = case.explained_by(case.covariates[::-1])
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    trial.same(a, b)
    _agree(trial, case, a, other, b)


@law("more columns", "A further covariate never lowers the maximized log-likelihood.", needs="likelihood",
     unless="penalized")  # fmt: skip
def more_columns(trial: Trial, case: Case) -> None:
    """Leave the last covariate out; the smaller model may have no estimate, when its dispersion has none."""
    if len(case.covariates) < 2:
        return
    full, fewer = trial.first(case, trial.plain(case)), trial.first(case.explained_by(case.covariates[:-1]))
    if full.llf is None or fewer.llf is None:
        return
    if not full.llf >= fewer.llf - trial.tolerance * (1 + abs(full.llf)):
        raise LawBroken(f"the log-likelihood is {full.llf:.10g} with a covariate more, {fewer.llf:.10g} without it")


@law("a covariate of noise in a set", "What is the same for all alternatives of a set cancels.", kinds=(Picks,))
def set_shift(trial: Trial, case: Case) -> None:
    """Add the number of the set to an attribute."""
    column = case.covariates[0]
    other = case.assign(**{column: case.frame[column] + case.frame["choice_set"].astype(float)})
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    trial.same(a, b)
    _agree(trial, case, a, other, b)


@law("constant offset", "A constant added to the offset is taken from the intercept.", needs="offset, intercept")
def constant_offset(trial: Trial, case: Case) -> None:
    """Add a half to the offset."""
    before = case.using("offset")
    after = before.assign(offset=before.frame["offset"] + 0.5)
    kind = trial.one(before)
    a, b = trial.first(before, kind), trial.then(after, kind)
    moved = b.params + 0.5 * (b.params.index == "Intercept")
    trial.same(a, Fitted(moved, b.bse))
    trial.same_likelihood(a, b)


@law("offset along a covariate", "A multiple of a covariate in the offset is taken from its coefficient.",
     needs="offset")  # fmt: skip
def offset_along(trial: Trial, case: Case) -> None:
    """Add a multiple of the first covariate to the offset."""
    before, column = case.using("offset"), case.covariates[0]
    step = 0.25 / max(float(np.abs(case.frame[column]).max()), 1e-12)
    after = before.assign(offset=before.frame["offset"] + step * before.frame[column])
    a, b = trial.first(before, trial.plain(before)), trial.then(after, trial.plain(before))
    moved = b.params + step * np.asarray(b.params.index == column)
    trial.same_params(a.params, pd.Series(moved, index=b.params.index), a.bse)
    trial.same_likelihood(a, b)


LAWS = (
    unit,
    zero,
    recoding,
    base_level,
    column_order,
    more_columns,
    set_shift,
    constant_offset,
    offset_along,
)
