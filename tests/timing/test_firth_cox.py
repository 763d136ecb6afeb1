"""Firth's penalty on Cox: its slope, a case that can be done by hand, and samples without an unpenalized estimate."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from exportmodels.core.errors import OptionError, SeparationError
from exportmodels.timing import Cox
from exportmodels.timing.firth_cox import FirthLikelihood


def firms(n=60, seed=4):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=n), "niche": rng.integers(0, 2, n).astype(float)})
    frame["years"] = np.floor(rng.exponential(6 * np.exp(-0.5 * frame["x"])))
    frame["exported"] = (rng.random(n) < 0.6).astype(float)
    frame["sector"], frame["copies"] = rng.integers(0, 3, n), rng.integers(1, 4, n)
    return frame


def monotone():
    """Every firm of the second group exports before any of the first."""
    return pd.DataFrame(
        {
            "years": [1, 2, 2, 3, 4, 5, 6, 7, 8, 8],
            "exported": [1, 1, 1, 1, 0, 0, 0, 1, 1, 0],
            "niche": [1.0] * 4 + [0.0] * 6,
        }
    )


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_derivatives_are_those_of_the_penalized_likelihood(ties):
    data = firms()
    model = Cox.from_formula(
        "years ~ x + niche",
        data.assign(years=data["years"] + 1, watched=data["years"] * (data["x"] > 1)),
        event="exported",
        entry="watched",
        strata="sector",
        frequency="copies",
        ties=ties,
        penalty="jeffreys",
    )
    likelihood, theta, step = model.likelihood(model.sample)[0], np.array([0.3, -0.2]), 1e-3
    _, score, information = likelihood.evaluate(theta)
    weights = np.array([1, -8, 8, -1]) / (12 * step)
    for k, direction in enumerate(np.eye(2) * step):
        at = [theta + m * direction for m in (-2, -1, 1, 2)]
        np.testing.assert_allclose(score[k], weights @ [likelihood.loglike(t) for t in at], rtol=1e-8)
        np.testing.assert_allclose(-information[k], weights @ [likelihood.evaluate(t)[1] for t in at], rtol=1e-8)


def test_monotone_likelihood_has_an_estimate_with_the_penalty_alone():
    data = monotone()
    with pytest.raises(SeparationError, match=r"monotone.*'niche'.*penalty='jeffreys'"):
        Cox.from_formula("years ~ niche", data, event="exported", ties="breslow").fit()
    results = Cox.from_formula("years ~ niche", data, event="exported", ties="breslow", penalty="jeffreys").fit()

    def penalized(b):  # the definition with one 0/1 covariate: p = share of the risk in group 1
        total, information = 0.0, 0.0
        for time in np.unique(data.loc[data["exported"] == 1, "years"]):
            seen, now = data["years"] >= time, (data["years"] == time) & (data["exported"] == 1)
            one, zero = (seen & (data["niche"] == 1)).sum() * np.exp(b), (seen & (data["niche"] == 0)).sum()
            total += data.loc[now, "niche"].sum() * b - now.sum() * np.log(one + zero)
            information += now.sum() * one * zero / (one + zero) ** 2
        return -(total + 0.5 * np.log(information))

    best = minimize_scalar(penalized, bracket=(0, 3), tol=1e-14)
    np.testing.assert_allclose(results.params["niche"], best.x, rtol=1e-6)
    lower, upper = results.conf_int().loc["niche"]
    z = 1.959963984540054**2
    for limit in (lower, upper):
        if np.isfinite(limit):
            np.testing.assert_allclose(2 * (penalized(limit) - best.fun), z, rtol=1e-6)
    assert lower > 0
    assert results.pvalues["niche"] < 0.05
    assert results.llr == pytest.approx(2 * (penalized(0.0) - best.fun), rel=1e-8)
    assert "Firth's penalty" in str(results.summary())


def test_penalty_fades_with_the_sample():
    data = firms(4000)
    plain = Cox.from_formula("years ~ x + niche", data, event="exported").fit()
    firth = Cox.from_formula("years ~ x + niche", data, event="exported", penalty="jeffreys").fit()
    np.testing.assert_allclose(firth.params, plain.params, atol=2e-3)
    np.testing.assert_allclose(firth.conf_int(), plain.conf_int(), atol=3e-3)
    assert firth.converged


def test_recoded_covariates_recode_the_estimate():
    data = firms()
    one = Cox.from_formula("years ~ x + niche", data, event="exported", penalty="jeffreys").fit()
    two = Cox.from_formula(
        "years ~ z + niche", data.assign(z=100 * data["x"] + 7), event="exported", penalty="jeffreys"
    ).fit()
    np.testing.assert_allclose(two.params["z"] * 100, one.params["x"], rtol=1e-7)
    np.testing.assert_allclose(two.llf, one.llf, rtol=1e-10)


def test_collapsed_likelihood_is_the_same():
    model = Cox.from_formula("years ~ niche", firms(1000), event="exported", penalty="jeffreys")
    whole = model.likelihood(model.sample)[0]
    assert isinstance(whole, FirthLikelihood)
    theta = np.array([0.4])
    for ours, other in zip(whole.collapsed.evaluate(theta), whole.evaluate(theta), strict=True):
        np.testing.assert_allclose(ours, other, rtol=1e-10)


def test_penalty_refuses_what_it_cannot_do():
    with pytest.raises(OptionError, match="penalty must be one of"):
        Cox.from_formula("years ~ x", firms(), event="exported", penalty="firth")
    with pytest.raises(OptionError, match="cannot be combined"):
        Cox.from_formula("years ~ x", firms(), event="exported", penalty="jeffreys", ties="exact")
