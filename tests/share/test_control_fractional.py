"""Endogenous covariates: the truth found, errors that count the first step, diagnostics, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from exportmodels.core.errors import OptionError
from exportmodels.share import ControlFractional, Fractional


def firms(n=4000, seed=1, common=0.8):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "subsidy": rng.normal(size=n), "fair": rng.normal(size=n)})
    unseen = rng.normal(size=n)
    frame["rd"] = 0.5 * frame["niche"] + 0.7 * frame["subsidy"] + 0.3 * frame["fair"] + unseen
    index = -0.5 + 0.4 * frame["rd"] + 0.3 * frame["niche"] + common * unseen
    return frame.assign(share=rng.binomial(10, ndtr(index)) / 10)


def model(data, **options):
    options = {"endogenous": "rd", "instruments": "subsidy + fair"} | options
    return ControlFractional.from_formula("share ~ rd + niche", data, **options)


def test_finds_the_truth_that_the_plain_model_misses():
    data = firms(20_000)
    results = model(data).fit()
    assert list(results.params.index) == ["Intercept", "rd", "niche", "[control] rd"]
    assert (np.abs(results.params - [-0.5, 0.4, 0.3, 0.8]) < 4 * results.bse).all()
    plain = Fractional.from_formula("share ~ rd + niche", data, link="probit").fit()
    assert plain.params["rd"] > 0.6
    assert results.exogeneity_test().pvalue < 1e-6
    assert model(firms(common=0.0)).fit().exogeneity_test().pvalue > 0.001


def test_is_the_plain_model_with_the_residual_added():
    data = firms(500)
    w = np.column_stack([np.ones(500), data[["niche", "subsidy", "fair"]]])
    residual = data["rd"] - w @ np.linalg.lstsq(w, data["rd"], rcond=None)[0]
    by_hand = Fractional.from_formula("share ~ rd + niche + v", data.assign(v=residual), link="probit").fit()
    results = model(data).fit()
    np.testing.assert_allclose(results.params, by_hand.params, rtol=1e-8)
    np.testing.assert_allclose(results.predict(), by_hand.predict(), rtol=1e-8)
    assert (results.bse.iloc[:3] > by_hand.bse.iloc[:3]).all()


def test_errors_count_the_first_step():
    fit = model(firms(600)).fit()
    again = model(firms(600)).fit("bootstrap", replications=300)
    np.testing.assert_allclose(fit.bse, again.bse, rtol=0.15)


@pytest.mark.slow
def test_intervals_cover():
    covered = np.zeros(4)
    for seed in range(300):
        results = model(firms(500, seed)).fit()
        covered += np.abs(results.params - [-0.5, 0.4, 0.3, 0.8]) < 1.96 * results.bse
    assert (np.abs(covered / 300 - 0.95) < 0.045).all()


def test_effects_average_over_the_unseen():
    data = firms(8000)
    results = model(data).fit()
    control = results.model.sample.designs["control"].matrix[:, 0]
    index = results.params["Intercept"] + results.params["niche"] * data["niche"] + results.params["rd"] * data["rd"]
    density = np.exp(-0.5 * (index + results.params["[control] rd"] * control) ** 2) / np.sqrt(2 * np.pi)
    expected = results.params["rd"] * density.mean()
    assert results.effects(["rd"])["estimate"].iloc[0] == pytest.approx(expected, rel=1e-6)


def test_first_stage_is_the_robust_wald_test():
    import statsmodels.api as sm

    data = firms(500)
    x = np.column_stack([np.ones(500), data[["niche", "subsidy", "fair"]]])
    theirs = sm.OLS(data["rd"], x).fit(cov_type="HC0").wald_test(np.eye(4)[2:], use_f=False, scalar=True)
    ours = model(data).fit().first_stage()
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-8)
    assert ours.df == 2


def test_what_is_refused():
    with pytest.raises(OptionError, match="no column of the design"):
        model(firms(200), endogenous="profit")
    with pytest.raises(OptionError, match="needs instruments"):
        model(firms(200), instruments=None)
