"""Selection models: derivatives, both methods against R and the truth, independence, and what is refused."""

import json
import warnings
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from exportmodels.core.errors import ConvergenceError, IdentificationWarning, OptionError, OutcomeError
from exportmodels.share import Fractional, Selection
from exportmodels.share.bivariate import log_probability, slopes
from exportmodels.share.selection_law import FractionalSelection, NormalSelection
from exportmodels.strategy import Probit

ORACLES = Path(__file__).parents[1] / "oracles"


def firms(n=4000, seed=1, rho=0.6, fractional=False):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "border": rng.normal(size=n), "city": rng.integers(0, 50, n)})
    choice, taste = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n).T
    seen = (0.2 + 0.3 * frame["niche"] + 0.8 * frame["border"] + choice > 0).to_numpy()
    location = -0.3 + 0.5 * frame["niche"]
    # A < location is yes where A = -taste, so that high tastes go with exporting
    share = (taste > -location) * 1.0 if fractional else location + 0.5 * taste
    return frame.assign(share=np.where(seen, share, np.nan), exports=seen.astype(float))


def fitted(data, **options):
    return Selection.from_formula("share ~ niche", data, select="niche + border", seen="exports", **options)


@pytest.mark.parametrize(
    ("a", "b", "t"),
    [(0.3, -0.5, 0.4), (-1, 2, -0.9), (0, 0, 0.5), (0, 1, 0.3), (-6, -5, 0.3), (-3, -4, -0.9), (2, 3, 1.5)],
)
def test_bivariate_normal_probabilities(a, b, t):
    with mp.workdps(25):
        rho = mp.tanh(t)
        points = [a - 16, a - 8, a - 4, a - 2, a - 1, a - 0.25, a]
        exact = mp.quad(lambda x: mp.npdf(x) * mp.ncdf((b - rho * x) / mp.sqrt(1 - rho**2)), points)
        value = log_probability(*(np.array([float(x)]) for x in (a, b, rho)))[0]
        np.testing.assert_allclose(value, float(mp.log(exact)), rtol=1e-10)


def test_bivariate_slopes_against_differences():
    at, h = np.random.default_rng(0).normal(size=(3, 40)), 1e-5
    first, second = slopes(at[0], at[1], np.tanh(at[2]))
    for k in range(3):
        step = np.zeros((3, 1))
        step[k] = h
        (a, b, t), (c, d, u) = at + step, at - step
        rise = log_probability(a, b, np.tanh(t)) - log_probability(c, d, np.tanh(u))
        np.testing.assert_allclose(rise / (2 * h), first[k], rtol=1e-5, atol=1e-8)
        turn = slopes(a, b, np.tanh(t))[0] - slopes(c, d, np.tanh(u))[0]
        np.testing.assert_allclose(turn / (2 * h), second[k], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("family", [NormalSelection(), FractionalSelection()])
def test_derivatives_of_the_laws(family):
    rng, h = np.random.default_rng(0), 1e-5
    y, eta = (
        np.column_stack([rng.random(40), rng.integers(0, 2, 40)]),
        0.7 * rng.normal(size=(len(family.predictors), 40)),
    )
    first, second = family.derivatives(y, eta)
    for k in range(len(eta)):
        step = np.zeros((len(eta), 1))
        step[k] = h
        rise = family.loglike(y, eta + step) - family.loglike(y, eta - step)
        np.testing.assert_allclose(rise / (2 * h), first[k], rtol=1e-6, atol=1e-7)
        turn = family.derivatives(y, eta + step)[0] - family.derivatives(y, eta - step)[0]
        np.testing.assert_allclose(turn / (2 * h), second[k], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", ["selection_mroz", "selection_mroz_city"])
def test_two_steps_agree_with_r(case):
    figures = json.loads((ORACLES / "figures" / f"{case}.json").read_text())
    call, data = dict(figures["call"]), pd.read_csv(ORACLES / "data" / f"{figures['data']}.csv")
    results = Selection.from_formula(call.pop("formula"), data, method="two-step", **call).fit()
    for name, ours in (("params", results.params), ("bse", results.bse)):
        theirs = pd.Series(figures["two_step"][name])
        np.testing.assert_allclose(ours[theirs.index], theirs, rtol=1e-6)
    assert np.isnan(results.llf)
    assert "nan" not in str(results.summary())


@pytest.mark.parametrize("method", ["ml", "two-step"])
def test_finds_the_truth(method):
    results = fitted(firms(20_000), method=method).fit(clusters="city")
    truth = {"Intercept": -0.3, "niche": 0.5, "[select] Intercept": 0.2, "[select] niche": 0.3, "[select] border": 0.8}
    truth |= {"[mills]": 0.3} if method == "two-step" else {"[log_scale]": np.log(0.5), "[atanh_rho]": np.arctanh(0.6)}
    gaps = results.params - pd.Series(truth)
    assert (gaps.abs() < 4.5 * results.bse).all()
    naive = firms(20_000).groupby("niche")["share"].mean()
    assert naive[0] > results.predict(pd.DataFrame({"niche": [0], "border": [0.0]}), which="potential")[0] + 0.1


def test_two_step_errors_count_the_first_step():
    data = firms(1500)
    model = fitted(data, method="two-step")
    simple, robust = model.fit(), model.fit("robust")
    np.testing.assert_allclose(simple.bse, robust.bse, rtol=0.15)
    np.testing.assert_allclose(robust.bse, model.fit("bootstrap", replications=200).bse, rtol=0.25)


@pytest.mark.parametrize("seed", [13, 64])
def test_two_step_errors_that_do_not_exist_are_named(seed):
    with pytest.raises(ConvergenceError, match=r"estimated correlation .* is -?[1-9]\.\d\d; use method='ml'"):
        fitted(firms(50, seed=seed), method="two-step").fit()


def test_fractional_outcome_finds_the_truth():
    results = fitted(firms(20_000, fractional=True), dist="fractional").fit("robust")
    truth = [-0.3, 0.5, 0.2, 0.3, 0.8, np.arctanh(0.6)]
    assert (np.abs(results.params - truth) < 4.5 * results.bse).all()
    assert results.predict().between(0, 1).all()
    np.testing.assert_allclose(
        results.predict(), results.predict(which="participation") * results.predict(which="exporters")
    )


def test_without_correlation_it_is_two_models():
    data = firms(3000, rho=0.0)
    results = fitted(data.assign(share=data["share"].clip(0, 1)), dist="fractional").fit()
    first = Probit.from_formula("exports ~ niche + border", data).fit()
    seen = data[data["exports"] == 1].assign(share=lambda d: d["share"].clip(0, 1))
    second = Fractional.from_formula("share ~ niche", seen, link="probit").fit()
    law, y = FractionalSelection(), results.model.sample.outcome
    eta = results.model.predictors(np.r_[second.params, first.params, 0.0], results.model.design_matrices())
    assert law.loglike(y, eta).sum() == pytest.approx(first.llf + second.llf, rel=1e-10)
    assert results.independence_test().pvalue > 0.001


def test_the_fractional_law_has_robust_errors_and_a_wald_test():
    model = fitted(firms(300, fractional=True), dist="fractional")
    results = model.fit()
    assert results.cov_type == "robust"
    np.testing.assert_allclose(results.bse, model.fit("robust").bse)
    test, wald = results.independence_test(), results.wald_test("[atanh_rho]")
    assert "Wald test of independence" in test.name
    assert (test.statistic, test.pvalue) == pytest.approx((wald.statistic, wald.pvalue))
    pd.testing.assert_series_equal(results.correlation(), results.correlation(method="wald"))
    with pytest.raises(OptionError, match="no profile"):
        results.correlation(method="profile")
    assert model.fit(clusters=np.arange(300) // 3).cov_type == "clustered"


@pytest.mark.parametrize("seed", [5, 20, 26, 29])
def test_the_interval_of_the_correlation_is_open_where_the_likelihood_stays_flat(seed):
    results = fitted(firms(50, seed=seed)).fit()
    lower, upper = results.correlation()[["lower", "upper"]]
    profile = results._profile()
    assert -1 <= lower < np.tanh(results.params["[atanh_rho]"]) < upper <= 1
    for end in (lower, upper):
        if abs(end) < 1:
            assert profile.deviance(np.arctanh(end)) == pytest.approx(3.841459, abs=1e-4)
        else:
            assert profile.deviance(6.0 * end) < 3.841459


def test_independence_and_the_correlation():
    results = fitted(firms(2000)).fit()
    test = results.independence_test()
    data = firms(2000)
    seen = data[data["exports"] == 1]
    first = Probit.from_formula("exports ~ niche + border", data).fit()
    residual = seen["share"] - seen.groupby("niche")["share"].transform("mean")
    normal = -0.5 * len(seen) * (np.log(2 * np.pi * np.mean(residual**2)) + 1)
    assert test.statistic == pytest.approx(2 * (results.llf - first.llf - normal), rel=1e-6)
    for method in ("profile", "wald"):
        rho = results.correlation(method=method)
        assert rho["lower"] < 0.6 < rho["upper"]
        assert rho["lower"] < rho["rho"] < rho["upper"]
    with pytest.raises(OptionError, match="no likelihood"):
        fitted(data, method="two-step").fit().independence_test()


def test_participation_is_a_share_above_zero_unless_said():
    data = firms(600)
    said = fitted(data).fit()
    zeros = data.assign(share=data["share"].abs() + 0.01).fillna({"share": 0.0})
    unsaid = Selection.from_formula("share ~ niche", zeros, select="niche + border")
    np.testing.assert_array_equal(unsaid.sample.outcome[:, 1], said.model.sample.outcome[:, 1])
    np.testing.assert_allclose(
        said.predict(which="participation"), ndtr(said.model.design_matrices()[1] @ said.params[2:5])
    )
    assert f"the share of {int(data['exports'].sum())} of 600 firms is seen" in said.notes


def test_warns_without_an_exclusion_restriction():
    with pytest.warns(IdentificationWarning, match="rests on the normal law alone") as caught:
        model = Selection.from_formula("share ~ niche + border", firms(400), seen="exports")
    assert caught[0].filename == __file__
    assert any("normal law alone" in note for note in model.fit().notes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted(firms(400))


def test_what_is_refused():
    data = firms(300)
    with pytest.raises(OutcomeError, match="seen in all rows"):
        fitted(data.assign(exports=1.0, share=data["share"].fillna(0)))
    with pytest.raises(OutcomeError, match="must lie between 0 and 1"):
        fitted(data.assign(share=data["share"] + 1), dist="fractional")
    with pytest.raises(OptionError, match="of the normal model"):
        fitted(data, dist="fractional", method="two-step")
    with pytest.raises(OutcomeError, match="seen' must be 0 or 1"):
        fitted(data.assign(exports=2.0))


def test_a_choice_without_reasons_says_nothing_of_selection():
    rng = np.random.default_rng(0)
    seen = rng.random(200) < 0.6
    firms = pd.DataFrame({"share": np.where(seen, rng.random(200), np.nan), "seen": seen.astype(int)})
    with pytest.warns(IdentificationWarning):
        model = Selection.from_formula("share ~ 1", firms, seen="seen", select="1", method="two-step")
    with pytest.raises(ConvergenceError, match="Mills ratio"):
        model.fit()
