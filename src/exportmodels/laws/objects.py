"""Laws about models and results as objects: frames of other makes, formulas, starting values, pickles, tests."""

import pickle
from typing import Any

import numpy as np

from .adapter import Fitted
from .case import Case
from .trial import LawBroken, Trial, law


@law("frames of other makes", "pandas, polars and numpy give the same fit, and so does a formula.", needs="quantities")
def other_frames(trial: Trial, case: Case) -> None:
    """Fit by a formula on pandas and on polars, and on bare arrays."""
    from .ours import ModelAdapter

    adapter = trial.adapter
    assert isinstance(adapter, ModelAdapter)
    a = trial.first(case, trial.plain(case))
    model = adapter.model(case)
    frames: list[Any] = [case.frame]
    try:
        import polars
    except ModuleNotFoundError:
        pass
    else:
        frames.append(polars.DataFrame(case.frame.to_dict(orient="list")))
    for frame in frames:
        other = adapter.estimator.from_formula(adapter.formula(case), frame, **adapter.words(case), **adapter.options)
        b = adapter.estimate(other, trial.plain(case))
        trial.same(a, Fitted(b.params, b.bse))
    if model.formula is None and len(case.outcome) == 1 and case.frame[case.outcome[0]].dtype != object:
        c = adapter.estimate(adapter.bare(case), trial.plain(case))
        trial.same_params(a.params, c.params.set_axis(a.params.index), a.bse)


@law("pickle", "A fit that was pickled and read again says the same.", needs="quantities")
def pickled(trial: Trial, case: Case) -> None:
    """Send the results through pickle."""
    results = trial.first(case, trial.plain(case)).native
    again = pickle.loads(pickle.dumps(results))
    trial.same(Fitted(results.params, results.bse), Fitted(again.params, again.bse))
    trial.same_number(results.predict(), again.predict(), "prediction")
    if str(results.summary()) != str(again.summary()):
        raise LawBroken("the summaries differ")


@law("starting values", "Another start leads to the same estimate.", needs="quantities", unless="linear")
def starting_values(trial: Trial, case: Case) -> None:
    """Start half a standard error away."""
    from .ours import ModelAdapter

    assert isinstance(trial.adapter, ModelAdapter)
    a = trial.first(case, trial.plain(case))
    away = a.params.to_numpy() + 0.5 * a.native.covariance.root @ np.cos(np.arange(len(a.params)))
    b = trial.adapter.estimate(trial.adapter.model(case), trial.plain(case), start=away)
    trial.same(a, Fitted(b.params, b.bse))


@law("Wald test", "The Wald statistic of one coefficient is the square of its z statistic.", needs="quantities")
def wald(trial: Trial, case: Case) -> None:
    """Test the last coefficient that has a name, and an error: robust ones of a single distinct time are zero."""
    results = trial.first(case, trial.plain(case)).native
    name = case.covariates[-1]
    if name in results.params.index and results.bse[name] > 0:
        test = results.wald_test(name)
        trial.same_number(results.tvalues[name] ** 2, test.statistic, "statistic", factor=10.0)


@law("likelihood-ratio test", "The likelihood-ratio statistic is twice the difference of two fits.",
     needs="quantities, likelihood", unless="penalized")  # fmt: skip
def likelihood_ratio(trial: Trial, case: Case) -> None:
    """Leave the last covariate out; the smaller model may have no estimate, when its dispersion has none."""
    case = case.without("weights")
    if len(case.covariates) < 2:
        return
    full, fewer = trial.first(case), trial.first(case.explained_by(case.covariates[:-1]))
    test = full.native.lr_test(fewer.native)
    trial.same_number(2 * (full.llf - fewer.llf), test.statistic, "statistic", factor=10.0)  # type: ignore[operator]


LAWS = (other_frames, pickled, starting_values, wald, likelihood_ratio)
