"""Binary models: derivatives in high precision, penalties, separation named, findings beside the published figure."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.bernoulli import Bernoulli
from exportmodels.core.errors import OptionError, OutcomeError, SeparationError
from exportmodels.core.links import LINKS
from exportmodels.strategy import CLogLog, FirthLogit, Logit, Probit
from exportmodels.strategy.jeffreys import CURVATURES

PRECISE = {
    "logit": lambda e: 1 / (1 + mp.exp(-e)),
    "probit": lambda e: mp.erfc(-e / mp.sqrt(2)) / 2,
    "cloglog": lambda e: -mp.expm1(-mp.exp(e)),
}
ETA = [-30.0, -6.0, -1.3, -0.01, 0.4, 1.1, 1.9]


@pytest.fixture
def separated():
    """Niche and mass firms with a plant abroad: no mass firm has one (the numbers of niche firms are made up)."""
    return pd.DataFrame({"plant": [0] * 19 + [0] * 12 + [1] * 5, "niche": [0] * 19 + [1] * 17})


@pytest.fixture
def firms():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, 80), "age": rng.normal(20, 8, 80)})
    return frame.assign(plant=(rng.random(80) < 0.2 + 0.4 * frame["niche"]).astype(int))


@pytest.mark.parametrize("link", CURVATURES)
def test_derivatives_and_curvatures_against_fifty_digits(link):
    mp.mp.dps = 60
    f = PRECISE[link]

    def expected(e):
        return mp.diff(f, e) ** 2 / (f(e) * (1 - f(e)))

    for eta in ETA if link != "probit" else [e for e in ETA if e > -8]:
        family, at = Bernoulli(LINKS[link]), np.array([[eta]])
        for y in (0.0, 1.0):
            loglike = (lambda e: mp.log(f(e))) if y else (lambda e: mp.log(1 - f(e)))
            first, second = family.derivatives(np.array([y]), at)
            np.testing.assert_allclose(first[0, 0], float(mp.diff(loglike, eta)), rtol=1e-9)
            np.testing.assert_allclose(second[0, 0, 0], float(mp.diff(loglike, eta, 2)), rtol=1e-9, atol=1e-300)
        ours = [part[0] for part in CURVATURES[link](at[0])]
        exact = [float(mp.diff(expected, eta, k, h=mp.mpf(10) ** -15)) for k in range(3)]
        np.testing.assert_allclose(ours, exact, rtol=1e-8)


@pytest.mark.parametrize("build", [FirthLogit, lambda y, x: Probit(y, x, penalty="jeffreys")])
def test_penalized_score_and_hessian_by_differences(build, firms):
    model = build(firms["plant"], firms[["niche", "age"]].assign(one=1.0))
    objective = model.problem(model.sample).objective
    theta, h = np.array([0.3, -0.2, -0.5]), 1e-5
    _, score, information = objective.evaluate(theta)
    for k, step in enumerate(h * np.eye(3)):
        up, down = objective.evaluate(theta + step), objective.evaluate(theta - step)
        np.testing.assert_allclose((up[0] - down[0]) / (2 * h), score[k], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose((down[1] - up[1]) / (2 * h), information[k], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(objective.scores(theta).sum(axis=0), score, rtol=1e-10)


@pytest.mark.parametrize("estimator", [Logit, Probit, CLogLog])
def test_separation_is_named_with_its_alternative(estimator, separated):
    with pytest.raises(SeparationError, match=r"'plant'.*'niche'.*(FirthLogit|penalty)"):
        estimator.from_formula("plant ~ niche", separated).fit()


@pytest.mark.parametrize("estimator", [Probit, CLogLog])
def test_penalty_makes_the_estimate_finite(estimator, separated):
    results = estimator.from_formula("plant ~ niche", separated, penalty="jeffreys").fit()
    assert results.converged and results.bse.max() < 2
    assert results.separation.separated
    assert any("separated" in note for note in results.notes)
    lower, upper = results.conf_int().loc["niche"]
    assert 0 < lower < results.params["niche"] < upper < 10


def test_penalized_test_of_all_covariates_does_not_depend_on_units(firms):
    wide = firms.assign(age=firms["age"] * 365)
    one, other = (FirthLogit.from_formula("plant ~ niche + age", data).fit() for data in (firms, wide))
    np.testing.assert_allclose([one.llr, one.llf], [other.llr, other.llf], rtol=1e-10)
    test = one.lr_test(FirthLogit.from_formula("plant ~ 1", firms).fit())
    np.testing.assert_allclose(test.statistic, one.llr, rtol=1e-10)
    alone = one.lr_test(FirthLogit.from_formula("plant ~ niche", firms).fit())
    np.testing.assert_allclose(alone.pvalue, one.pvalues["age"], rtol=1e-8)


@pytest.mark.parametrize("build", [FirthLogit, lambda y, x: FirthLogit(y, x, correction="flac")])
def test_robust_errors_of_many_identical_firms(build):
    rng = np.random.default_rng(0)
    x = np.c_[np.ones(600), rng.integers(0, 2, 600), rng.integers(0, 3, 600)]
    y = (rng.random(600) < 0.3 + 0.2 * x[:, 1]).astype(int)
    penalized, plain = build(y, x), Logit(y, x)
    np.testing.assert_allclose(penalized.fit("robust").bse, plain.fit("robust").bse, rtol=0.02)
    clusters = rng.integers(0, 40, 600)
    np.testing.assert_allclose(penalized.fit(clusters=clusters).bse, plain.fit(clusters=clusters).bse, rtol=0.02)


def test_findings_put_the_published_share_beside_the_probability(separated):
    table = Probit.from_formula("plant ~ niche", separated, penalty="jeffreys").fit().findings("niche").table
    assert table["unit"].eq("probability").all()
    assert table["published"].iloc[:2].tolist() == [0.0, 0.06]


def test_bad_input_is_named(firms):
    with pytest.raises(OptionError, match="penalty must be one of None, 'jeffreys'; not 'ridge'"):
        Probit.from_formula("plant ~ niche", firms, penalty="ridge")
    with pytest.raises(OutcomeError, match="'age' must be 0 or 1"):
        CLogLog.from_formula("age ~ niche", firms)


def test_draws_have_the_model_s_probabilities():
    eta = np.full((1, 20_000), -0.7)
    for link in CURVATURES:
        family = Bernoulli(LINKS[link])
        drawn = family.draw(eta, np.random.default_rng(1))
        assert abs(drawn.mean() - family.mean(eta)[0]) < 4 * 0.5 / np.sqrt(20_000)


def test_nearly_collinear_separated_firms_have_one_estimate_in_any_order():
    x = np.arange(26.0)
    firms = pd.DataFrame({"one": 1.0, "age": x, "size": x + np.where(x > 18, 0.01 * (x - 18), 0.0)})
    outcome = np.r_[np.zeros(20), 1, 1, 1, 1, 0, 1]
    a = CLogLog(outcome, firms, penalty="jeffreys").fit()
    b = CLogLog(outcome[::-1], firms[::-1].reset_index(drop=True), penalty="jeffreys").fit()
    np.testing.assert_allclose(a.params, b.params, rtol=1e-8)
