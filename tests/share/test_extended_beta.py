"""Extended-support beta regression: its limits, the beta and the Tobit model, its predictions and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, OptionError, OutcomeError
from exportmodels.share import Beta, ExtendedBeta, Tobit
from exportmodels.share.beta_law import BetaShare
from exportmodels.share.extended_law import ExtendedBetaShare, exponential_nodes
from exportmodels.share.normal import NormalShare

Y = np.array([0.0, 0.02, 0.3, 0.8, 1.0])
MIXED = ExtendedBetaShare(nodes=exponential_nodes(20))


def sample(n=400, seed=0, exceedance=0.1):
    rng = np.random.default_rng(seed)
    niche = rng.integers(0, 2, n)
    mean = 1 / (1 + np.exp(1 - 1.5 * niche))
    reach = (1 + 2 * exceedance) * rng.beta(4 * mean, 4 * (1 - mean)) - exceedance
    return pd.DataFrame({"niche": niche, "share": reach.clip(0, 1)})


@pytest.mark.parametrize("family", [ExtendedBetaShare(), MIXED])
def test_without_exceedance_it_is_the_beta_law(family):
    inside, eta = Y[1:-1], np.array([[-0.4, 0.1, 0.9], [1.0, 2.0, 0.3]])
    gaps = []
    for exceedance in (1e-3, 1e-4, 1e-5):
        own = np.vstack([eta, np.full(3, np.log(exceedance))])
        gaps.append(np.abs(family.loglike(inside, own) - BetaShare().loglike(inside, eta)).max())
        gaps.append(np.abs(family.mean(own) - BetaShare().mean(eta)).max())
        gaps.append(np.maximum(family.below(0.0, own), family.everything(own)).max())
    assert (np.diff(np.reshape(gaps, (3, 3)), axis=0) < 0).all()
    assert max(gaps[-3:-1]) < 1e-3


def test_without_exceedance_the_estimates_are_those_of_beta_regression():
    firms = sample(exceedance=1e-6)
    assert firms["share"].between(0, 1, inclusive="neither").all()
    beta = Beta.from_formula("share ~ niche", firms).fit()
    firms.loc[firms["share"].idxmin(), "share"] = 0.0
    results = ExtendedBeta.from_formula("share ~ niche", firms, dist="xb").fit()
    assert results.params["[log_exceedance]"] < -5
    np.testing.assert_allclose(results.params.iloc[:3], beta.params, atol=0.1)


@pytest.mark.parametrize("spread", [0.1, 0.4])
def test_far_out_it_is_a_two_limit_tobit_model(spread):
    location, gaps = np.linspace(-0.2, 1.1, 5), []
    tobit = NormalShare(ends=(0.0, 1.0))
    normal = np.stack([location, np.full(5, np.log(spread))])
    for u in (10.0, 100.0, 1000.0):
        width = 1 + 2 * u
        mean = (location + u) / width
        precision = width**2 * mean * (1 - mean) / spread**2 - 1
        eta = np.stack([np.log(mean / (1 - mean)), np.log(precision), np.full(5, np.log(u))])
        extended = ExtendedBetaShare()
        gaps.append(np.abs(extended.loglike(Y, eta) - tobit.loglike(Y, normal)).max())
        np.testing.assert_allclose(extended.mean(eta), tobit.mean(normal), atol=0.02 / u)
        np.testing.assert_allclose(extended.everything(eta), tobit.everything(normal), atol=0.02 / u)
    assert gaps[0] > 50 * gaps[1] > 500 * gaps[2]


def test_a_normal_law_is_fitted_as_well_as_by_tobit_or_named():
    infinite = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"x": rng.normal(size=300)})
        frame["share"] = (0.4 + 0.3 * frame["x"] + 0.3 * rng.normal(size=300)).clip(0, 1)
        try:
            extended = ExtendedBeta.from_formula("share ~ x", frame, dist="xb").fit()
        except ConvergenceError as error:
            assert "share.Tobit" in str(error)
            infinite += 1
        else:
            assert extended.llf > Tobit.from_formula("share ~ x", frame).fit().llf
    assert 0 < infinite < 8


@pytest.mark.parametrize("dist", ["xbx", "xb"])
def test_predictions_are_of_what_shows(dist):
    firms = sample(20_000, seed=1)
    results = ExtendedBeta.from_formula("share ~ niche", firms, dist=dist, precision="niche").fit()
    groups = pd.DataFrame({"niche": [0, 1]})
    shares = firms.groupby("niche")["share"]
    seen = {
        "mean": shares.mean(),
        "nothing": shares.agg(lambda y: (y == 0).mean()),
        "everything": shares.agg(lambda y: (y == 1).mean()),
        "more_than_half": shares.agg(lambda y: (y > 0.5).mean()),
    }
    for which, figure in seen.items():
        np.testing.assert_allclose(results.predict(groups, which), figure, atol=0.025)
    if dist == "xb":
        interval = results.conf_int().loc["[log_exceedance]"]
        assert interval[0] < np.log(0.1) < interval[1]


def test_refusals_name_the_model_to_take():
    firms = sample()
    with pytest.raises(OutcomeError, match=r"nowhere exactly 0 or 1; use share\.Beta"):
        ExtendedBeta.from_formula("share ~ niche", firms.assign(share=firms["share"].clip(0.01, 0.99)))
    with pytest.raises(OutcomeError, match="between 0 and 1"):
        ExtendedBeta.from_formula("share ~ niche", firms.assign(share=2 * firms["share"]))
    with pytest.raises(OptionError, match="dist"):
        ExtendedBeta.from_formula("share ~ niche", firms, dist="beta")
    model = ExtendedBeta.from_formula("share ~ niche", firms)
    assert not model.outcome_type.estimable(firms["share"].clip(0.01, 0.99).to_numpy())


@pytest.mark.slow
@pytest.mark.parametrize("dist", ["xbx", "xb"])
def test_intervals_cover(dist):
    """Exceedances are drawn from the exponential law itself, not from the nodes that stand for it."""
    truth, covered, runs = np.array([-0.6, 0.8, np.log(5.0), np.log(0.15)]), np.zeros(4), 100
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=500)
        mean = 1 / (1 + np.exp(-truth[0] - truth[1] * x))
        u = 0.15 * (rng.exponential(size=500) if dist == "xbx" else 1)
        share = ((1 + 2 * u) * rng.beta(5 * mean, 5 * (1 - mean)) - u).clip(0, 1)
        results = ExtendedBeta.from_formula("share ~ x", pd.DataFrame({"x": x, "share": share}), dist=dist).fit()
        covered += np.abs(results.params - truth) < 1.96 * results.bse
    assert (np.abs(covered / runs - 0.95) < 0.06).all()


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_the_figure_of_exporters_is_no_yardstick_where_there_are_others(end):
    firms = sample().assign(share=lambda d: d["share"].clip(0.01, 0.99))
    firms.loc[firms["share"].sample(20, random_state=1).index, "share"] = end
    text = str(ExtendedBeta.from_formula("share ~ niche", firms, dist="xb").fit().findings("niche"))
    assert ("the 2009 report published" in text) == (end == 1.0)


def test_an_exceedance_that_is_hardly_known_is_said_to_be():
    rng = np.random.default_rng(0)
    firms = pd.DataFrame({"niche": rng.integers(0, 2, 400), "age": rng.normal(size=400)})
    firms["group"] = rng.integers(0, 40, 400)
    firms["share"] = (0.2 + 0.3 * firms["niche"] + 0.1 * firms["age"] + 0.35 * rng.normal(size=400)).clip(0, 1)
    vague = ExtendedBeta.from_formula("share ~ niche + age", firms, dist="xb").fit()
    known = ExtendedBeta.from_formula("share ~ niche + age", firms, dist="xbx").fit()
    assert vague.bse["[log_exceedance]"] > 2 > known.bse["[log_exceedance]"]
    assert f"a standard error of {vague.bse['[log_exceedance]']:.2g}" in vague.notes[-1]
    assert not any("hardly known" in note for note in known.notes)


def test_a_climb_that_leads_past_the_maximum_begins_elsewhere():
    """The likelihood of these shares is all but flat from an exceedance of one on."""
    shares, firms = [0, 0.05, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1], [13, 10, 10, 6, 6, 11, 13, 19, 14, 25]
    model = ExtendedBeta(shares, np.ones(10), frequency=firms, dist="xb")
    results = model.fit()
    far = model.fit(start=[*results.params.iloc[:2], 4.0])
    np.testing.assert_allclose(far.params, results.params, rtol=1e-5)
