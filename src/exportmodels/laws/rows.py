"""Laws about rows: their order, copies of them, frequencies, sampling weights, clusters and missing values."""

import numpy as np

from ..core.levels import Picks
from .adapter import Fitted
from .case import Case
from .trial import LawBroken, Trial, law


@law("row order", "Rows in another order change nothing, and predictions move with their rows.")
def row_order(trial: Trial, case: Case) -> None:
    """Turn the rows around."""
    turned = case.take(np.arange(len(case))[::-1])
    kind = trial.one(case)
    a, b = trial.first(case, kind), trial.then(turned, kind)
    trial.same(a, b)
    trial.same_likelihood(a, b)
    trial.same_number(predictions(a, case), predictions(b, turned)[::-1], "prediction", factor=30.0)


def predictions(fitted: Fitted, case: Case) -> np.ndarray:
    """Return predictions of a case's rows, or nothing where there are none to have."""
    return np.zeros(0) if fitted.predict is None else fitted.predict(case)


@law("twice the same", "The same call gives the same numbers, and leaves the data as they were.")
def repeatable(trial: Trial, case: Case) -> None:
    """Fit again, and look at the data."""
    before = case.frame.copy(deep=True)
    a, b = trial.first(case, trial.plain(case)), trial.then(case, trial.plain(case))
    trial.same(a, b)
    if not before.equals(case.frame):
        raise LawBroken("the fit has changed the data frame")


@law("finite", "Every estimate, standard error, log-likelihood and prediction of a fit is a finite number.")
def finite(trial: Trial, case: Case) -> None:
    """Look for NaN and infinity under every covariance."""
    for kind in trial.kinds(case):
        fitted = trial.first(case, kind)
        for what, values in (
            ("estimate", fitted.params),
            ("standard error", fitted.bse),
            ("log-likelihood", fitted.llf),
            ("prediction", predictions(fitted, case)),
        ):
            if values is not None and not np.isfinite(np.asarray(values, dtype=float)).all():
                raise LawBroken(f"a {what} of the {kind} fit is not finite: {np.asarray(values)}")


@law("two copies", "Twice the data leave the estimates, and divide standard errors by the square root of two.",
     unless="penalized, partial, corrected estimates, corrected errors")  # fmt: skip
def two_copies(trial: Trial, case: Case) -> None:
    """Write every row twice."""
    twice = case.repeated(2)
    kind = trial.one(case, "nonrobust", "robust")
    a, b = trial.first(case, kind), trial.then(twice, kind)
    trial.same(a, b, factor=np.sqrt(2))
    if "likelihood" in trial.adapter.can:
        trial.same_likelihood(a, b, times=2)


@law("many copies", "Rows repeated many times are rows with that frequency.", needs="frequency", unless="apart")
def many_copies(trial: Trial, case: Case) -> None:
    """Repeat the rows until identical ones pay to be collapsed."""
    times = 230 // len(case) + 1
    a = trial.first(case.assign(frequency=np.full(len(case), times)).using("frequency"), trial.plain(case))
    b = trial.then(case.without("frequency").repeated(times), trial.plain(case))
    trial.same(a, b)
    trial.same_likelihood(a, b)


@law("frequency", "A row with frequency three is three rows, under every covariance.", needs="frequency")
def frequency(trial: Trial, case: Case) -> None:
    """Write the rows out."""
    counted = case.using("frequency")
    written = counted.repeated(counted.frame["frequency"]).without("frequency")
    kind = trial.one(counted)
    trial.unchanged(counted, written, kind)


@law("frequency zero", "A row with frequency zero is no row.", needs="frequency")
def frequency_zero(trial: Trial, case: Case) -> None:
    """Add rows of frequency zero to the rows."""
    counted = case.using("frequency")
    more = counted.repeated(2)
    nothing = np.tile([1, 0], len(case)) * more.frame["frequency"]
    kind = trial.one(counted)
    trial.unchanged(counted, more.assign(frequency=nothing), kind)


@law("whole weights", "Sampling weights that are whole numbers give the estimates of rows repeated as often.",
     needs="weights", unless="penalized, partial, corrected estimates")  # fmt: skip
def whole_weights(trial: Trial, case: Case) -> None:
    """Use the frequencies as weights."""
    plain = case.without("weights")
    weighted = plain.assign(weights=plain.frame["frequency"].astype(float)).using("weights").without("frequency")
    a = trial.first(weighted, trial.plain(weighted))
    b = trial.then(plain.without("frequency").repeated(plain.frame["frequency"]))
    trial.same_params(a.params, b.params, a.bse)


@law("scale of weights", "Sampling weights say nothing by their size: seven times all of them change nothing.",
     needs="weights, robust")  # fmt: skip
def weight_scale(trial: Trial, case: Case) -> None:
    """Multiply the weights."""
    weighted = case.using("weights")
    larger = weighted.assign(weights=7 * weighted.frame["weights"])
    kind = trial.one(weighted)
    trial.same(trial.first(weighted, kind), trial.then(larger, kind))


@law("equal weights", "Equal sampling weights are none, for estimates and robust errors.", needs="weights, robust")
def equal_weights(trial: Trial, case: Case) -> None:
    """Give every row the same weight."""
    plain = case.without("weights")
    weighted = plain.assign(weights=np.full(len(case), 2.5)).using("weights")
    kind = trial.one(weighted)
    trial.same(trial.first(plain, kind), trial.then(weighted, kind))


@law("clusters of one", "Clusters of one row each give the robust standard errors.", needs="clustered, robust")
def clusters_of_one(trial: Trial, case: Case) -> None:
    """Make every row a cluster, or every set of alternatives, or all rows of a frailty."""
    case = case.without("frequency")
    alone = case.assign(clusters=_units(trial, case))
    trial.same(trial.first(alone, "robust"), trial.then(alone, "clustered"))


def _units(trial: Trial, case: Case) -> np.ndarray:
    """Return the numbers of what is independent of each other: rows, sets of alternatives, firms with a frailty."""
    if isinstance(case.kind, Picks):
        return case.frame["choice_set"].to_numpy()
    grouped = {"frail", "firm"} <= trial.adapter.can
    return case.frame["firm"].to_numpy() if grouped else np.arange(len(case))


@law("names of clusters", "Clusters by other names, in another order, are the same clusters.", needs="clustered")
def cluster_names(trial: Trial, case: Case) -> None:
    """Turn numbers into texts whose order is another."""
    renamed = case.assign(clusters=[f"c{9 - number}" for number in case.frame["clusters"]])
    trial.same(trial.first(case, "clustered"), trial.then(renamed, "clustered"))


@law("copies in a cluster", "Copies of a row that form a cluster have the robust errors of the row alone.",
     needs="clustered, robust", unless="penalized, partial, corrected estimates, corrected errors")  # fmt: skip
def copies_in_a_cluster(trial: Trial, case: Case) -> None:
    """Repeat the rows, the copies in one cluster."""
    case = case.without("frequency")
    marked = case.assign(clusters=_units(trial, case))
    trial.same(trial.first(marked, "robust"), trial.then(marked.repeated(3), "clustered"))


@law("missing rows", "Rows in which a covariate is missing are left out.", needs="drops missing")
def missing_rows(trial: Trial, case: Case) -> None:
    """Add rows that miss the first covariate."""
    more = case.repeated(2)
    values = more.frame[case.covariates[0]].astype(float).to_numpy().copy()
    values[1::2] = np.nan
    kind = trial.one(case)
    trial.unchanged(case, more.assign(**{case.covariates[0]: values}), kind)


LAWS = (
    row_order,
    repeatable,
    finite,
    two_copies,
    many_copies,
    frequency,
    frequency_zero,
    whole_weights,
    weight_scale,
    equal_weights,
    clusters_of_one,
    cluster_names,
    copies_in_a_cluster,
    missing_rows,
)
