"""Laws about firms seen in several rows: names of firms and years, missing years, and what effects take up."""

import numpy as np

from ..core.outcomes import Amount
from .case import Case
from .columns import carried
from .trial import Trial, law

# Groups of rows that may bear any names; years keep their order.
_GROUPS = ("firm", "destination", "year")


@law("names of firms", "Firms, destinations and years by other names are the same ones.", needs="firm")
def names(trial: Trial, case: Case) -> None:
    """Turn numbers into texts: of firms and destinations in another order."""
    renamed = case.assign(
        **{
            role: [f"in {number}" if role == "year" else f"of {9999 - number}" for number in case.frame[role]]
            for role in _GROUPS
            if role in case.roles
        }
    )
    kind = trial.one(case)
    trial.unchanged(case, renamed, kind)


@law("incomplete years", "A firm's row with a missing value is as if it were not there.", needs="firm, drops missing")
def incomplete(trial: Trial, case: Case) -> None:
    """Leave every fifth row out, or make its last covariate missing."""
    kept = np.arange(len(case)) % 5 < 4
    column = case.covariates[-1]
    gaps = case.assign(**{column: case.frame[column].astype(float).where(kept)})
    fewer, kind = case.take(np.flatnonzero(kept)), trial.one(case)
    trial.unchanged(fewer, gaps, kind)


def _moved(trial: Trial, case: Case, role: str) -> None:
    """Add to the last covariate a multiple of the number of the group that a row is of."""
    column = case.covariates[-1]
    step = float(np.ptp(case.frame[column])) / 8 * (case.frame[role] % 8)
    other = case.assign(**{column: case.frame[column] + step})
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    trial.same(a, b, but=carried(case))
    trial.same_likelihood(a, b)


@law("constants of firms", "What is added to a covariate in all rows of a firm is taken up by the firm's effect.",
     needs="firm effects")  # fmt: skip
def constants_of_firms(trial: Trial, case: Case) -> None:
    """Add a number of the firm."""
    _moved(trial, case, "firm")


@law("constants of destinations", "What is added to a covariate in all rows of a destination is taken up by that "
     "destination's effect.", needs="firm effects, destination")  # fmt: skip
def constants_of_destinations(trial: Trial, case: Case) -> None:
    """Add a number of the destination."""
    _moved(trial, case, "destination")


@law("firms and destinations", "Firms and destinations change places without moving an estimate.",
     needs="firm effects, destination")  # fmt: skip
def changed_places(trial: Trial, case: Case) -> None:
    """Call firms destinations, and destinations firms."""
    other = case.assign(firm=case.frame["destination"], destination=case.frame["firm"])
    kind = trial.one(case)
    trial.unchanged(case, other, kind)


@law("a firm of one row", "A firm observed once moves no slope beside effects of firms, and no robust error.",
     needs="firm effects, robust")  # fmt: skip
def once(trial: Trial, case: Case) -> None:
    """Add a row of a new firm, with the outcome and the covariates of the first one."""
    more = case.take([*range(len(case)), 0])
    last = np.arange(len(more)) == len(case)
    alone = more.assign(firm=more.frame["firm"].where(~last, 5000))
    kind = None if "corrected errors" in trial.adapter.can else "robust"
    a, b = trial.first(case, kind), trial.then(alone, kind)
    if kind is None:
        trial.same_params(a.params, b.params, a.bse, but=carried(case))
    else:
        trial.same(a, b, but=carried(case))


@law("a firm without exports", "A firm that exports nothing to any destination changes nothing.", kinds=(Amount,),
     needs="firm effects")  # fmt: skip
def nothing(trial: Trial, case: Case) -> None:
    """Add a firm with rows like the first three, all zero."""
    more = case.take([*range(len(case)), 0, 1, 2])
    last = np.arange(len(more)) >= len(case)
    idle = more.assign(y=more.y.where(~last, 0.0), firm=more.frame["firm"].where(~last, 5000))
    kind = trial.one(case, "nonrobust", "robust")
    trial.unchanged(case, idle, kind)


LAWS = (
    names,
    incomplete,
    constants_of_firms,
    constants_of_destinations,
    changed_places,
    once,
    nothing,
)
