"""Laws about outcomes: reversed, renamed, reordered, in brackets that hold one value, in another unit."""

import numpy as np

from ..core.levels import Choice, Ordered
from ..core.outcomes import Amount, Binary, Count, Duration, Share
from .adapter import Fitted
from .case import Case
from .trial import LawBroken, Trial, law


@law("reversed outcome", "One less the outcome turns slopes around, and predictions into one less themselves.",
     kinds=(Binary, Share), needs="symmetric")  # fmt: skip
def reversed_outcome(trial: Trial, case: Case) -> None:
    """Take the outcome from one."""
    ends = case.outcome[::-1]
    other = case.assign(**{to: 1 - case.frame[by] for to, by in zip(case.outcome, ends, strict=True)})
    if "offset" in case.roles:
        other = other.assign(offset=-case.frame["offset"])
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    slopes = b.params * [1.0 if name.startswith("[") else -1.0 for name in b.params.index]
    trial.same(a, Fitted(slopes, b.bse), but=lambda name: name.startswith("[") or name == "Intercept")
    if "penalized" not in trial.adapter.can:
        trial.same_likelihood(a, b)
    if a.predict is not None and b.predict is not None:
        trial.same_number(1 - a.predict(case), b.predict(other), "prediction", factor=30.0)


@law("reversed levels", "Levels in the opposite order turn slopes around, and keep each level's probability.",
     kinds=(Ordered,), needs="symmetric")  # fmt: skip
def reversed_levels(trial: Trial, case: Case) -> None:
    """Count the levels from the other end."""
    other = case.assign(y=-case.y)
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    trial.same(
        Fitted(a.params[list(case.covariates)], None if a.bse is None else a.bse[list(case.covariates)]),
        Fitted(-b.params[list(case.covariates)], None if b.bse is None else b.bse[list(case.covariates)]),
    )
    if "penalized" not in trial.adapter.can:
        trial.same_likelihood(a, b)
    if a.predict is not None and b.predict is not None:
        trial.same_number(a.predict(case), b.predict(other)[:, ::-1], "probability", factor=30.0)


@law("names of levels", "Levels by other names have the same probabilities, whichever is the base.", kinds=(Choice,))
def level_names(trial: Trial, case: Case) -> None:
    """Give the levels names in the opposite alphabetical order; ordered ones keep their order."""
    levels = sorted(case.y.unique())
    ordered = isinstance(case.kind, Ordered)
    names = {level: 10 * k + 1 if ordered else f"level {9 - k}" for k, level in enumerate(levels)}
    other = case.assign(y=[names[value] for value in case.y])
    a, b = trial.first(case, trial.plain(case)), trial.then(other, trial.plain(case))
    if "penalized" not in trial.adapter.can:
        trial.same_likelihood(a, b)
    if a.predict is not None and b.predict is not None:
        found = b.predict(other)
        trial.same_number(a.predict(case), found if ordered else found[:, ::-1], "probability", factor=30.0)


@law("merged levels", "Merging the two least levels of a scale leaves less to explain: the likelihood does not fall.",
     kinds=(Ordered,), needs="likelihood", unless="penalized")  # fmt: skip
def merged_levels(trial: Trial, case: Case) -> None:
    """Merge neighbouring levels: each row's level is then more probable, at the same coefficients already."""
    levels = sorted(case.y.unique())
    if len(levels) < 3:
        return
    merged = case.assign(y=case.y.where(case.y != levels[0], levels[1]))
    a, b = trial.first(case, trial.plain(case)), trial.first(merged, trial.plain(case))  # merged, they may be separated
    if a.llf is not None and b.llf is not None and not b.llf >= a.llf - trial.tolerance * (1 + abs(a.llf)):
        raise LawBroken(f"the log-likelihood is {a.llf:.10g} with all levels, {b.llf:.10g} with two of them merged")


@law("brackets of one value", "Brackets that hold one value are that value.", kinds=(Count,), needs="upper")
def degenerate_counts(trial: Trial, case: Case) -> None:
    """Give each count as a bracket from itself to itself."""
    plain = case.without("upper")
    bracketed = plain.assign(upper=plain.y).using("upper")
    kind = trial.one(plain)
    trial.unchanged(plain, bracketed, kind)


@law("intervals of one time", "Intervals that hold one time are that time; endless ones are censored.",
     kinds=(Duration,), needs="upper, event")  # fmt: skip
def degenerate_intervals(trial: Trial, case: Case) -> None:
    """Give each duration as an interval."""
    plain = case.without("upper").using("event")
    limits = plain.assign(upper=np.where(plain.frame["event"] == 1, plain.y, np.inf)).using("upper").without("event")
    kind = trial.one(plain)
    trial.unchanged(plain, limits, kind)


@law("unit of time", "Another unit of time moves the intercept of the logarithm of time, and no other estimate.",
     kinds=(Duration,), needs="accelerated, intercept")  # fmt: skip
def unit_of_time(trial: Trial, case: Case) -> None:
    """Count months instead of years."""
    names = [*case.outcome, *({"upper", "entry"} & case.roles)]
    months = case.assign(**{name: 12 * case.frame[name] for name in names})
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(months, kind)
    trial.same(a, Fitted(b.params - np.log(12) * (b.params.index == "Intercept"), b.bse))


@law("order of times", "Only the order of times counts: a rising function of time changes nothing.",
     kinds=(Duration,), needs="partial")  # fmt: skip
def order_of_times(trial: Trial, case: Case) -> None:
    """Square times, and stretch them."""
    names = [*case.outcome, *({"upper", "entry"} & case.roles)]
    other = case.assign(**{name: 3 * case.frame[name] ** 2 + case.frame[name] for name in names})
    kind = trial.one(case)
    trial.unchanged(case, other, kind)


@law("censored before the first event", "A row that is censored before the first event changes no estimate and yields "
     "no NaN.", kinds=(Duration,), needs="partial")  # fmt: skip
def censored_early(trial: Trial, case: Case) -> None:
    """Add a firm that leaves before anything happens."""
    later = case.without("strata", "entry").assign(y=case.y + 2)
    more = later.take([*range(len(case)), 0])
    last = np.arange(len(more)) == len(case)
    extra = more.assign(
        y=more.y.where(~last, 1),
        event=more.frame["event"].where(~last, 0),
        clusters=more.frame["clusters"].where(~last, 77),
    )
    kind = trial.one(case)
    a, b = trial.first(later, kind), trial.then(extra, kind)
    trial.same(a, b)


@law("censored after the last event", "When a row is censored does not matter once the last event has happened.",
     kinds=(Duration,), needs="partial", unless="subdistribution")  # fmt: skip
def censored_late(trial: Trial, case: Case) -> None:
    """Let firms that outlast the last event be seen for longer."""
    last = case.y[case.frame["event"] > 0].max()
    open_ = (case.frame["event"] == 0) & (case.y >= last)
    other = case.assign(y=case.y.where(~open_, case.y + 5))
    kind = trial.one(case)
    trial.same(trial.first(case, kind), trial.then(other, kind))


@law("names of causes", "Causes by other names, in another order, are the same causes.", kinds=(Duration,),
     needs="causes")  # fmt: skip
def cause_names(trial: Trial, case: Case) -> None:
    """Give the second cause a name that comes first."""
    other = case.assign(event=case.frame["event"].replace(2, -1))
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(other, kind)
    names = [name.replace("[-1]", "[2]") for name in b.params.index]
    trial.same(a, Fitted(b.params.set_axis(names), None if b.bse is None else b.bse.set_axis(names)))
    trial.same_likelihood(a, b)


@law("entry at zero", "Observed from time zero on is observed from the beginning.", kinds=(Duration,), needs="entry")
def entry_at_zero(trial: Trial, case: Case) -> None:
    """Say zero."""
    plain = case.without("entry")
    entered = plain.assign(entry=np.zeros(len(case))).using("entry")
    kind = trial.one(plain)
    trial.unchanged(plain, entered, kind)


@law("spells cut in two", "A spell cut in two, the second part entering where the first is censored, is the same "
     "spell.", kinds=(Duration,), needs="entry, event", unless="subdistribution")  # fmt: skip
def cut_spells(trial: Trial, case: Case) -> None:
    """Cut every spell of more than one unit of time that began at zero."""
    case = case.without("upper", "frequency")
    whole = "exact times" not in trial.adapter.can
    entry = case.frame["entry"] if "entry" in case.roles else np.zeros(len(case))
    start = case.assign(entry=entry, clusters=np.arange(len(case))).using("entry", "event")
    cut = ((case.y >= 2) & (start.frame["entry"] == 0)).to_numpy()
    parts = start.repeated(np.where(cut, 2, 1))
    first = np.r_[True, np.diff(parts.frame["clusters"]) > 0] & np.repeat(cut, np.where(cut, 2, 1))
    second = np.r_[False, first[:-1]]
    parts = parts.assign(
        y=np.where(first, 0 if whole else 1, parts.y),
        event=np.where(first, 0, parts.frame["event"]),
        entry=np.where(second, 1, parts.frame["entry"]),
    )
    for kind in ("nonrobust", "clustered"):
        if kind in trial.kinds(start):
            trial.unchanged(start, parts, kind)


@law("one stratum", "One stratum of all rows is none.", kinds=(Duration,), needs="strata")
def one_stratum(trial: Trial, case: Case) -> None:
    """Put all rows in one stratum."""
    plain = case.without("strata")
    other = plain.assign(strata=np.ones(len(case), dtype=int)).using("strata")
    kind = trial.one(plain)
    trial.unchanged(plain, other, kind)


@law("unit of amounts", "Amounts in another unit have the same coefficients and the same robust errors.",
     kinds=(Amount,), needs="robust")  # fmt: skip
def unit_of_amounts(trial: Trial, case: Case) -> None:
    """Count in thousands."""
    kind = trial.one(case, "robust", "clustered")
    a, b = trial.first(case, kind), trial.then(case.assign(y=case.y / 1000), kind)
    trial.same(a, b, but=lambda name: name == "Intercept")


@law("half of the share", "Half of the outcome has half of the coefficients of a line.", kinds=(Share,),
     needs="linear")  # fmt: skip
def halved(trial: Trial, case: Case) -> None:
    """Divide the outcome by two."""
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(case.assign(y=case.y / 2), kind)
    trial.same(a, Fitted(2 * b.params, None if b.bse is None else 2 * b.bse))


LAWS = (
    reversed_outcome,
    reversed_levels,
    level_names,
    merged_levels,
    degenerate_counts,
    degenerate_intervals,
    unit_of_time,
    order_of_times,
    censored_early,
    censored_late,
    cause_names,
    entry_at_zero,
    cut_spells,
    one_stratum,
    unit_of_amounts,
    halved,
)
