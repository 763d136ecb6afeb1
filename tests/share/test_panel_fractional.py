"""Fractional panels: pooled and by estimating equations against other programs, effects, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, DataError
from exportmodels.share import Fractional, PanelFractional


def panel(firms=300, years=5, seed=3, unbalanced=False):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"firm": np.repeat(np.arange(firms), years), "year": np.tile(np.arange(years), firms)})
    unseen = rng.normal(size=firms)[frame["firm"]]
    frame["rd"] = 0.7 * unseen + rng.normal(size=len(frame))
    frame["niche"] = rng.integers(0, 2, firms)[frame["firm"]]
    from scipy.special import ndtr

    index = -0.4 + 0.5 * frame["rd"] + 0.3 * frame["niche"] + 0.6 * unseen
    frame["share"] = rng.binomial(6, ndtr(index)) / 6
    if unbalanced:
        frame = frame[rng.random(len(frame)) > 0.3 * (frame["firm"] % 2)]
    return frame.reset_index(drop=True)


def test_pooled_is_a_fractional_probit_with_averages():
    data = panel()
    results = PanelFractional.from_formula("share ~ rd + niche", data, firm="firm").fit()
    by_hand = data.assign(average=data.groupby("firm")["rd"].transform("mean"))
    plain = Fractional.from_formula("share ~ rd + niche + average", by_hand, link="probit").fit(clusters="firm")
    assert list(results.params.index) == ["Intercept", "rd", "niche", "[average] rd"]
    np.testing.assert_allclose(results.params, plain.params, rtol=1e-8)
    np.testing.assert_allclose(results.bse, plain.bse, rtol=1e-7)
    assert results.cov_type == "clustered"
    np.testing.assert_allclose(results.effects(["rd"]), plain.effects(["rd"]), rtol=1e-6, atol=1e-99)
    assert results.mundlak_test().pvalue < 1e-6
    assert "300 firms in 5 years each" in results.notes


@pytest.mark.parametrize("unbalanced", [False, True])
def test_estimating_equations_agree_with_statsmodels(unbalanced):
    import statsmodels.api as sm

    data = panel(120, unbalanced=unbalanced)
    model = PanelFractional.from_formula("share ~ rd", data, firm="firm", working="exchangeable")
    results = model.fit()
    x = np.hstack(model.design_matrices())
    family = sm.families.Binomial(sm.families.links.Probit())
    gee = sm.GEE(data["share"], x, groups=data["firm"], family=family, cov_struct=sm.cov_struct.Exchangeable())
    theirs = gee.fit(ctol=1e-12, maxiter=200)
    np.testing.assert_allclose(results.params, theirs.params, rtol=2e-4)
    np.testing.assert_allclose(results.bse, theirs.bse, rtol=2e-3)
    assert np.isnan(results.llf)


def test_unbalanced_panels_count_the_years():
    data = panel(unbalanced=True)
    data.loc[3, "rd"] = np.nan
    results = PanelFractional.from_formula("share ~ rd + C(year)", data, firm="firm").fit()
    names = [name for name in results.params.index if name.startswith("[average]")]
    assert "[average] rd" in names
    assert "[average] C(year)[T.2]" in names
    assert "[average] years=4" in names
    assert results.nobs == len(data) - 1
    test = results.mundlak_test()
    wald = results.wald_test([name for name in names if "years=" not in name])
    assert (test.statistic, test.df) == (wald.statistic, wald.df)
    assert str(test).startswith("Mundlak test: chi2(")


def test_effects_are_within_firms():
    data = panel(4000)
    effect = PanelFractional.from_formula("share ~ rd + niche", data, firm="firm").fit().effects(["rd"]).iloc[0]
    naive = Fractional.from_formula("share ~ rd + niche", data, link="probit").fit().effects(["rd"]).iloc[0]
    rng, draws = np.random.default_rng(0), 400_000
    from scipy.stats import norm

    unseen = rng.normal(size=draws)
    index = -0.4 + 0.5 * (0.7 * unseen + rng.normal(size=draws)) + 0.3 * rng.integers(0, 2, draws) + 0.6 * unseen
    truth = 0.5 * norm.pdf(index).mean()
    assert abs(effect["estimate"] - truth) < 4 * effect["se"] + 1e-3
    assert naive["estimate"] > truth + 0.03


def test_new_rows_have_the_mean_averages():
    data = panel()
    results = PanelFractional.from_formula("share ~ rd + niche", data, firm="firm").fit()
    new = results.predict(pd.DataFrame({"rd": [0.0, 1.0], "niche": [0, 0]}), alpha=0.05)
    assert new["estimate"].diff().iloc[1] > 0
    arrays = PanelFractional(data["share"], data.assign(one=1.0)[["one", "rd", "niche"]], firm=data["firm"]).fit()
    np.testing.assert_allclose(arrays.params, results.params, rtol=1e-9)


def test_bootstrap_draws_firms():
    data = panel(100)
    model = PanelFractional.from_formula("share ~ rd", data, firm="firm")
    np.testing.assert_allclose(model.fit("bootstrap", replications=200).bse, model.fit().bse, rtol=0.25)


def test_what_is_refused():
    data = panel(50)
    with pytest.raises(DataError, match="no firm has two"):
        PanelFractional.from_formula("share ~ rd", data[data["year"] == 0], firm="firm")
    with pytest.raises(DataError, match="changes within firms"):
        PanelFractional.from_formula("share ~ niche", data, firm="firm")


def test_five_firms_are_too_few_for_a_correlation():
    firms = pd.DataFrame({"firm": [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 5]})
    firms["x"] = [0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    firms["rd"] = [2, -0.25, 1.5, 1, 0.5, -0.75, 1.75, 2.5, -1.5, 1, 0.25, -1.25, 3, 0.5]
    firms["share"] = [0, 0.5, 0.125, 1, 0.25, 0, 0.75, 0.5, 0.375, 0.0625, 0.875, 0.25, 0.5, 0]
    with pytest.raises(ConvergenceError, match="too few"):
        PanelFractional.from_formula("share ~ rd + x", firms, firm="firm", working="exchangeable").fit()
