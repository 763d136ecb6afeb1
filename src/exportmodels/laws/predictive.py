"""Laws about predictions: averages, ranges, sums to one, falling curves, intervals, and effects."""

from dataclasses import replace

import numpy as np

from ..core.levels import Choice, Picks
from ..core.outcomes import Binary, Count, Duration, Share
from .case import Case
from .rows import predictions
from .trial import LawBroken, Trial, law


@law("average prediction", "Predictions of a canonical link average to the outcome.", kinds=(Binary, Share, Count),
     needs="canonical, intercept")  # fmt: skip
def average(trial: Trial, case: Case) -> None:
    """Compare weighted averages."""
    case = case.without("upper")
    fitted = trial.first(case, trial.plain(case))
    weight = np.ones(len(case))
    for role in {"frequency", "weights"} & case.roles:
        weight = weight * case.frame[role].to_numpy()
    found = predictions(fitted, case)
    if found.size:
        trial.same_number(np.average(case.y, weights=weight), np.average(found, weights=weight), "average", factor=30.0)


@law("probabilities sum to one", "The probabilities of all levels, or of a set's alternatives, sum to one.",
     kinds=(Choice, Picks))  # fmt: skip
def sum_to_one(trial: Trial, case: Case) -> None:
    """Add them up."""
    found = predictions(trial.first(case, trial.plain(case)), case)
    if not found.size:
        return
    if isinstance(case.kind, Picks):
        total = np.bincount(case.frame["choice_set"], found)
    else:
        total = found.sum(axis=1)
    if not np.abs(total - 1).max() < 1e-9:
        raise LawBroken(f"probabilities sum to {total[np.argmax(np.abs(total - 1))]:.10g}")


@law("range of predictions", "Probabilities and shares lie between 0 and 1; counts and times are not negative.",
     needs="quantities")  # fmt: skip
def ranges(trial: Trial, case: Case) -> None:
    """Look at every quantity of the model."""
    results = trial.first(case, trial.plain(case)).native
    for name, quantity in results.model.quantities.items():
        values = results.predict(which=name).to_numpy(dtype=float)
        if np.isnan(values).any():
            raise LawBroken(f"{name} is not a number in some row")
        bounded = quantity.scale in ("logit", "cloglog")
        if (bounded or quantity.scale == "log") and values.min() < 0:
            raise LawBroken(f"{name} is {values.min():.6g}, below zero")
        if bounded and values.max() > 1 + 1e-12:
            raise LawBroken(f"{name} is {values.max():.6g}, above one")


@law("curves fall", "Survival curves fall, from one at most to zero at least.", kinds=(Duration,), needs="quantities")
def curves_fall(trial: Trial, case: Case) -> None:
    """Look at the curve of every row."""
    results = trial.first(case, trial.plain(case)).native
    if "survival" not in results.model.quantities:
        return
    curve = results.predict(which="survival").to_numpy()
    if not ((curve >= 0) & (curve <= 1)).all():
        raise LawBroken("a survival curve leaves the range from 0 to 1")
    if np.diff(curve, axis=1).max(initial=0.0) > 1e-12:
        raise LawBroken("a survival curve rises")


@law("new rows", "The fitted rows, given as new data, have the same predictions.", needs="quantities")
def new_rows(trial: Trial, case: Case) -> None:
    """Predict a copy of the data."""
    fitted = trial.first(case, trial.plain(case))
    copied = Case(case.frame.copy(), case.kind, case.covariates, case.outcome, case.roles, case.dummies)
    trial.same_number(predictions(fitted, case), predictions(fitted, copied), "prediction")


@law("order of new rows", "The fitted rows in another order have their own predictions.", needs="quantities",
     unless="choice_set")  # fmt: skip
def order_of_new_rows(trial: Trial, case: Case) -> None:
    """Predict the data from the last row to the first, each under its label."""
    fitted = trial.first(case, trial.plain(case))
    turned = replace(case, frame=case.frame.iloc[::-1])
    trial.same_number(predictions(fitted, case), predictions(fitted, turned)[::-1], "prediction")


@law("interval of predictions", "The interval of a prediction contains it.", needs="quantities")
def intervals(trial: Trial, case: Case) -> None:
    """Look at the first quantity."""
    results = trial.first(case, trial.plain(case)).native
    table = results.predict(alpha=0.05)
    slack = 1e-9 * (1 + table["estimate"].abs())
    inside = (table["lower"] <= table["estimate"] + slack) & (table["estimate"] <= table["upper"] + slack)
    if not (inside & (table["se"] >= 0)).all():
        raise LawBroken(f"a prediction lies outside its interval: {table[~inside].head(1).to_dict('records')}")


@law("delta method", "The standard error of a prediction is what its derivatives and the covariance make of it.",
     needs="quantities")  # fmt: skip
def delta_method(trial: Trial, case: Case) -> None:
    """Differentiate in the user's coordinates, one coefficient at a time."""
    results = trial.first(case, trial.plain(case)).native
    quantity, designs = results.model.quantity("mean"), results.model.design_matrices()
    said = results.predict(alpha=0.05)["se"].to_numpy()
    # errors of few clusters, or of a perfect fit, may cancel to rounding, which has no derivatives
    if quantity.beside or not said.max() > 1e-9:
        return
    theta, step = results.params.to_numpy(), 1e-4 * results.bse.to_numpy()
    slopes = []
    for k, h in enumerate(step):
        up, down = (np.ravel(quantity.rows(theta + s * h * np.eye(len(theta))[k], designs)) for s in (1, -1))
        slopes.append((up - down) / 2e-4)
    correlation = results.cov_params().to_numpy() / np.outer(results.bse, results.bse)
    if np.linalg.eigvalsh(correlation)[0] < 1e-4:  # differences along single coefficients then say nothing
        return
    found = np.sqrt(np.maximum(np.einsum("jm,jk,km->m", slopes, correlation, slopes), 0))
    gap = np.abs(found - said) / (said + 1e-3 * said.max() + 1e-12)
    if not gap.max() < 1e-3:
        raise LawBroken(f"standard error {said[np.argmax(gap)]:.6g}, by derivatives {found[np.argmax(gap)]:.6g}")


@law("effect of a yes or no", "The average effect of a 0/1 variable is the difference of the average predictions with "
     "it and without it.", needs="quantities", unless="choice_set")  # fmt: skip
def effect(trial: Trial, case: Case) -> None:
    """Put every row into both groups."""
    groups = [c for c in case.covariates if set(case.frame[c]) == {0, 1}]
    if not groups:
        return
    results = trial.first(case, trial.plain(case)).native
    weight = results.model.sample.total_weight
    mean = [
        np.average(results.predict(case.frame.assign(Intercept=1.0, **{groups[0]: value})), axis=0, weights=weight)
        for value in (0, 1)
    ]
    if results.model.quantity("mean").finish is None:
        said = results.effects([groups[0]])["estimate"].to_numpy()
        trial.same_number(np.ravel(mean[1] - mean[0]), said, "effect", factor=10.0)


LAWS = (average, sum_to_one, ranges, curves_fall, new_rows, order_of_new_rows, intervals, delta_method, effect)
