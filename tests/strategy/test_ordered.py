"""Ordered models against R's clm, against differences; Brant's test; separated and empty levels."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from exportmodels.core.errors import DataError, FormulaError, OptionError, OutcomeError, SeparationError
from exportmodels.strategy import FirthLogit, Logit, OrderedLogit, OrderedProbit, Probit, brant_test

MARKET = pd.CategoricalDtype(["local", "european", "global"], ordered=True)


@pytest.fixture
def firms():
    rng = np.random.default_rng(11)
    n = 150
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "age": rng.normal(20, 8, n).round(1)})
    latent = 0.8 * frame["niche"] + 0.05 * frame["age"] + rng.logistic(size=n)
    return frame.assign(scale=np.searchsorted([0.0, 1, 2, 3], latent) + 1, city=rng.integers(0, 15, n))


@pytest.fixture
def market():
    """The relevant market of niche and mass firms (figure 25 of the report of 2009)."""
    return pd.DataFrame(
        {
            "market": pd.Series(["local", "european", "global"] * 2, dtype=MARKET),
            "niche": [0, 0, 0, 1, 1, 1],
            "firms": [9, 6, 4, 0, 8, 9],
        }
    )


@pytest.mark.parametrize("penalty", [None, "jeffreys"])
@pytest.mark.parametrize("estimator", [OrderedLogit, OrderedProbit])
def test_score_and_information_by_differences(estimator, penalty, firms):
    model = estimator.from_formula("scale ~ niche", firms, nonparallel="age", penalty=penalty)
    problem = model.problem(model.sample)
    objective, theta, h = problem.objective, problem.start + 0.05, 1e-5
    _, score, information = objective.evaluate(theta)
    for k, step in enumerate(h * np.eye(len(theta))):
        up, down = objective.evaluate(theta + step), objective.evaluate(theta - step)
        np.testing.assert_allclose((up[0] - down[0]) / (2 * h), score[k], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose((down[1] - up[1]) / (2 * h), information[k], rtol=1e-5, atol=2e-5)
    np.testing.assert_allclose(problem.scores(theta).sum(axis=0), score, rtol=1e-9, atol=1e-9)


def test_agrees_with_clm_of_r():
    """Bitterness of wine (Randall 1989); figures of R 4.2.2, ordinal 2022.11-16, `clm(rating ~ temp + contact)`."""
    counts = {
        ("no", "cold"): [4, 9, 5, 0, 0],
        ("no", "warm"): [0, 5, 8, 3, 2],
        ("yes", "cold"): [1, 7, 8, 2, 0],
        ("yes", "warm"): [0, 1, 5, 7, 5],
    }
    rows = [(c, t, k + 1, n) for (c, t), cells in counts.items() for k, n in enumerate(cells)]
    wine = pd.DataFrame(rows, columns=["contact", "temp", "rating", "n"])
    results = OrderedLogit.from_formula("rating ~ temp + contact", wine, frequency="n").fit()
    names = ["temp[T.warm]", "contact[T.yes]", "[cut] 1|2", "[cut] 2|3", "[cut] 3|4", "[cut] 4|5"]
    params = [2.50310200790, 1.52779765810, -1.34438341126, 1.25080879842, 3.46688692647, 5.00640420427]
    errors = [0.528680100825, 0.476622629648, 0.517102045324, 0.437880202962, 0.597760424608, 0.730906343667]
    np.testing.assert_allclose(results.params[names], params, rtol=1e-9)
    np.testing.assert_allclose(results.bse[names], errors, rtol=1e-9)
    np.testing.assert_allclose(results.llf, -86.491923365649, rtol=1e-13)


@pytest.mark.parametrize(("ordered", "binary"), [(OrderedLogit, Logit), (OrderedProbit, Probit)])
def test_two_levels_are_a_binary_model(ordered, binary, firms):
    firms = firms.assign(high=(firms["scale"] > 2).astype(int))
    one = ordered.from_formula("high ~ niche + age", firms)
    other = binary.from_formula("high ~ niche + age", firms)
    for options in ({}, {"cov_type": "robust"}, {"clusters": "city"}):
        ours, theirs = one.fit(**options), other.fit(**options)
        np.testing.assert_allclose(ours.params[["niche", "age"]], theirs.params[["niche", "age"]], rtol=1e-8)
        np.testing.assert_allclose(ours.params["[cut] 0|1"], -theirs.params["Intercept"], rtol=1e-8)
        np.testing.assert_allclose(ours.bse.iloc[:2], theirs.bse[["niche", "age"]], rtol=1e-8)
    assert ours.df_model == theirs.df_model == 2
    np.testing.assert_allclose([ours.llf, ours.llnull], [theirs.llf, theirs.llnull], rtol=1e-12)


def test_penalty_of_two_levels_is_firth_s(firms):
    firms = firms.assign(high=(firms["scale"] > 4).astype(int)).head(50)
    ours = OrderedLogit.from_formula("high ~ niche + age", firms, penalty="jeffreys").fit()
    theirs = FirthLogit.from_formula("high ~ niche + age", firms).fit()
    np.testing.assert_allclose(ours.params.iloc[:2], theirs.params[["niche", "age"]], rtol=1e-7)
    np.testing.assert_allclose(ours.conf_int().iloc[:2], theirs.conf_int().loc[["niche", "age"]], rtol=1e-6)
    np.testing.assert_allclose(ours.penalized_llf, theirs.penalized_llf, rtol=1e-10)


def test_levels_of_few_rows_and_frequencies_collapse_to_the_same(market):
    long = market.loc[market.index.repeat(market["firms"])].reset_index(drop=True)
    many = pd.concat([long] * 10, ignore_index=True)
    one = OrderedLogit.from_formula("market ~ niche", market, frequency="firms").fit("robust")
    ten = OrderedLogit.from_formula("market ~ niche", many).fit("robust")
    np.testing.assert_allclose(one.params, ten.params, rtol=1e-9)
    np.testing.assert_allclose(one.bse, ten.bse * np.sqrt(10), rtol=1e-8)
    np.testing.assert_allclose(one.predict().sum(axis=1), 1.0, rtol=1e-14)


def test_effects_and_scale(firms):
    results = OrderedLogit.from_formula("scale ~ niche + age", firms).fit()
    effects = results.effects()
    for name in ("niche", "age"):
        np.testing.assert_allclose(effects.filter(like=f"{name} | ", axis=0)["estimate"].sum(), 0, atol=1e-12)
    probabilities = results.predict()
    np.testing.assert_allclose(results.predict(which="scale"), probabilities @ np.arange(1, 6), rtol=1e-12)
    np.testing.assert_allclose(results.predict(which="above")["3"], probabilities[["4", "5"]].sum(axis=1), rtol=1e-12)


def test_nonparallel_contains_parallel(firms):
    parallel = OrderedLogit.from_formula("scale ~ niche + age", firms).fit()
    free = OrderedLogit.from_formula("scale ~ niche", firms, nonparallel="age").fit()
    assert free.lr_test(parallel).df == 3
    names = [f"[{cut}] age" for cut in ("1|2", "2|3", "3|4", "4|5")]
    assert set(names) < set(free.params.index)
    arrays = OrderedLogit(firms["scale"], firms[["niche"]], nonparallel=firms["age"]).fit()
    np.testing.assert_allclose(arrays.params, free.params, rtol=1e-9)
    wide = pd.DataFrame({"niche": [0], "age": [-3000.0]})
    with pytest.raises(DataError, match="thresholds cross"):
        free.predict(wide)


def test_brant_by_hand(firms):
    """Two thresholds and one dichotomous covariate: the log odds ratios of the two dichotomies and their covariance."""
    counts = pd.DataFrame({"level": [1, 2, 3] * 2, "niche": [0] * 3 + [1] * 3, "n": [9, 6, 4, 2, 6, 9]})
    table = brant_test(OrderedLogit.from_formula("level ~ niche", counts, frequency="n").fit())
    gap, variance = 0.0, 0.0
    for sign, (low, middle, high) in ((-1, (9, 6, 4)), (1, (2, 6, 9))):
        n = low + middle + high
        gap += sign * (np.log(high / (low + middle)) - np.log((middle + high) / low))
        upper, lower = high / n, (middle + high) / n
        variance += (1 / (n * upper * (1 - upper)) + 1 / (n * lower * (1 - lower))) - 2 / (n * (1 - upper) * lower)
    np.testing.assert_allclose(table.loc["niche", "chi2"], gap**2 / variance, rtol=1e-8)
    with pytest.raises(OptionError, match="nonparallel"):
        brant_test(OrderedLogit.from_formula("scale ~ niche", firms, nonparallel="age").fit())


def test_separated_thresholds_are_named_and_penalized():
    rows = [("local", 0, 9), ("european", 0, 6), ("european", 1, 8), ("global", 1, 9)]
    data = pd.DataFrame(rows, columns=["market", "niche", "n"]).astype({"market": MARKET})
    with pytest.raises(SeparationError, match=r"'market'.*'niche' \(\+\).*penalty='jeffreys'"):
        OrderedLogit.from_formula("market ~ niche", data, frequency="n").fit()
    for estimator in (OrderedLogit, OrderedProbit):
        results = estimator.from_formula("market ~ niche", data, frequency="n", penalty="jeffreys").fit()
        assert results.converged and results.bse.max() < 3
        assert results.conf_int().loc["niche", 0] > 0
        assert any("separated" in note for note in results.notes)


def test_findings_stand_beside_the_published_figure(market):
    table = OrderedLogit.from_formula("market ~ niche", market, frequency="firms").fit().findings("niche").table
    local = table[table["quantity"].eq("probability of market: local")]
    assert local["published"].iloc[:2].tolist() == [0.47, 0.0]


def test_draws_follow_the_probabilities(firms):
    model = OrderedLogit.from_formula("scale ~ niche + age", firms)
    ends = np.repeat(np.array([[-0.5], [0.4], [1.0], [2.0]]), 40_000, axis=1)
    drawn = model.family.draw(ends, np.random.default_rng(5))
    shares = np.bincount(drawn.astype(int)) / 40_000
    np.testing.assert_allclose(shares, np.diff([0, *expit([-0.5, 0.4, 1.0, 2.0]), 1]), atol=0.01)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"scale": list("abcde") * 30}, OutcomeError, "a, b, c, d, e have no order"),
        ({"scale": 3}, OutcomeError, "one class only"),
        ({"age": 4.0}, DataError, "'age' is constant"),
        ({"age": np.inf}, DataError, "'age'.*finite"),
    ],
)
def test_bad_input_is_named(firms, change, error, words):
    with pytest.raises(error, match=words):
        OrderedLogit.from_formula("scale ~ niche + age", firms.assign(**change))


def test_empty_levels_are_named(market):
    with pytest.raises(OutcomeError, match="no complete row holds: global"):
        OrderedProbit.from_formula("market ~ niche", market[market["market"] != "global"], frequency="firms")
    with pytest.raises(OutcomeError, match=r"no order.*ordered=True"):
        OrderedLogit.from_formula("market ~ niche", market.assign(market=market["market"].astype(str)))
    with pytest.raises(OptionError, match="intercept"):
        OrderedLogit.from_formula("market ~ 1", market, nonparallel="0 + niche", frequency="firms")
    with pytest.raises(FormulaError, match="'wealth'"):
        OrderedLogit.from_formula("market ~ wealth", market, frequency="firms")


@pytest.mark.parametrize("estimator", [OrderedLogit, OrderedProbit])
def test_a_covariate_stands_in_one_place_only(estimator):
    rng = np.random.default_rng(3)
    answers = pd.DataFrame(
        {"age": rng.normal(size=200), "niche": rng.integers(0, 2, 200), "grade": rng.integers(1, 5, 200)}
    )
    answers["months"] = 12 * answers["age"] + 6
    for formula, moving, named in (
        ("niche + age", "age", "'age' stands"),
        ("months + niche", "age", "'months' stands"),
    ):
        with pytest.raises(DataError, match=f"{named} among the covariates and in nonparallel="):
            estimator.from_formula(f"grade ~ {formula}", answers, nonparallel=moving)
    assert estimator.from_formula("grade ~ niche", answers, nonparallel="age").fit().converged
