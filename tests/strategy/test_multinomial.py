"""Multinomial logit against R's multinom and brmultinom and differences; separated and empty levels."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, OutcomeError, SeparationError
from exportmodels.strategy import FirthLogit, Logit, MultinomialLogit
from exportmodels.strategy.softmax import Softmax

TRIGGER = pd.DataFrame(
    {
        "start_trigger": ["prospection", "local_partner", "other"] * 2,
        "niche": [1, 1, 1, 0, 0, 0],
        "firms": [8, 0, 6, 3, 4, 4],
    }
)


@pytest.fixture
def firms():
    """Four routes; the figures of R below are of this table."""
    rows = [(m, v, a) for m in "abcd" for v in (0, 1) for a in (5, 20, 60)]
    count = [7, 9, 3, 5, 2, 6, 4, 8, 5, 6, 7, 3, 2, 5, 9, 8, 3, 7, 1, 4, 8, 9, 6, 2]
    return pd.DataFrame(rows, columns=["mode", "niche", "age"]).assign(n=count)


def test_agrees_with_multinom_of_r(firms):
    """R 4.2.2, nnet 7.3-18: multinom(mode ~ niche + age, weights = n, reltol = 1e-16), polished by Newton steps."""
    results = MultinomialLogit.from_formula("mode ~ niche + age", firms, frequency="n").fit()
    np.testing.assert_allclose(results.params, R_PARAMS, rtol=1e-8)
    np.testing.assert_allclose(results.bse, R_ERRORS, rtol=1e-8)
    np.testing.assert_allclose(results.llf, R_LLF, rtol=1e-10)


def test_penalty_agrees_with_brmultinom_of_r(firms):
    """R 4.2.2, brglm2 0.9: brmultinom(type = "AS_mean", epsilon = 1e-13), base the first level."""
    results = MultinomialLogit.from_formula("mode ~ niche + age", firms, frequency="n", penalty="jeffreys").fit()
    np.testing.assert_allclose(results.params, R_FIRTH, rtol=1e-8)
    np.testing.assert_allclose(results.bse, R_FIRTH_ERRORS, rtol=1e-8)


def test_slopes_of_the_information():
    family, eta = Softmax(("b", "c", "d")), np.array([[0.4, -0.7, 1.1]])
    information, slopes, second = family.expected(eta)
    weights = np.add.outer(np.arange(3.0), np.arange(3.0))[None] ** 2
    np.testing.assert_allclose(information[0], -family.derivatives(np.zeros(1), eta.T)[1][..., 0], rtol=1e-14)
    for k, step in enumerate(1e-6 * np.eye(3)):
        up, down = family.expected(eta + step), family.expected(eta - step)
        np.testing.assert_allclose(slopes[..., k], (up[0] - down[0]) / 2e-6, rtol=1e-7, atol=1e-9)
        bend = np.einsum("ij,nijk->nk", weights[0], (up[1] - down[1]) / 2e-6)
        np.testing.assert_allclose(second(weights)[:, k], bend, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("penalty", [None, "jeffreys"])
def test_two_levels_are_a_binary_model(penalty, firms):
    firms = firms.assign(c=(firms["mode"] == "c").map({True: "yes", False: "no"}))
    ours = MultinomialLogit.from_formula("c ~ niche + age", firms, frequency="n", penalty=penalty).fit()
    theirs = (FirthLogit if penalty else Logit).from_formula("c ~ niche + age", firms, frequency="n").fit()
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-7)
    np.testing.assert_allclose(ours.bse, theirs.bse, rtol=1e-7)
    np.testing.assert_allclose(ours.pvalues, theirs.pvalues, rtol=1e-6)
    np.testing.assert_allclose([ours.llf, ours.llnull], [theirs.llf, theirs.llnull], rtol=1e-10)


def test_probabilities_and_effects_add_up(firms):
    results = MultinomialLogit.from_formula("mode ~ niche + age", firms, frequency="n").fit("robust")
    np.testing.assert_allclose(results.predict().sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(results.effects(["niche"])["estimate"].sum(), 0, atol=1e-14)
    shares = firms.groupby("mode")["n"].sum() / firms["n"].sum()
    np.testing.assert_allclose(np.average(results.predict(), axis=0, weights=firms["n"]), shares, rtol=1e-9)
    assert results.df_model == 6


def test_separated_levels_are_named_and_penalized():
    with pytest.raises(SeparationError, match=r"'\[other\] niche' \(\+\).*penalty='jeffreys'"):
        MultinomialLogit.from_formula("start_trigger ~ niche", TRIGGER, frequency="firms").fit()
    model = MultinomialLogit.from_formula("start_trigger ~ niche", TRIGGER, frequency="firms", penalty="jeffreys")
    results = model.fit()
    assert results.converged and results.bse.max() < 3
    table = results.findings("niche").table.set_index(["quantity", "group"])
    assert table.loc[("probability of start_trigger: prospection", "niche=1"), "published"] == 0.57


def test_draws_follow_the_probabilities():
    eta = np.repeat([[0.3], [-0.5], [1.0]], 40_000, axis=1)
    family = Softmax(("b", "c", "d"))
    drawn = family.draw(eta, np.random.default_rng(5))
    np.testing.assert_allclose(np.bincount(drawn.astype(int)) / 40_000, family.probabilities(eta)[0], atol=0.01)


def test_bad_input_is_named(firms):
    with pytest.raises(OutcomeError, match="no complete row holds: e"):
        MultinomialLogit.from_formula("mode ~ niche", firms.assign(mode=firms["mode"].astype(CATEGORIES)))
    with pytest.raises(OutcomeError, match="one class only"):
        MultinomialLogit.from_formula("mode ~ niche", firms.assign(mode="a"))
    with pytest.raises(OptionError, match="penalty"):
        MultinomialLogit.from_formula("mode ~ niche", firms, penalty="l2")


CATEGORIES = pd.CategoricalDtype(list("abcde"))
R_PARAMS = [
    -0.1214291156192,
    0.3217212609127,
    0.0003517693211261,
    -0.8015053327463,
    0.6496238059984,
    0.01869532043833,
    -0.6306872241615,
    0.7144485024498,
    0.008118139799508,
]
R_ERRORS = [
    0.4715888347799,
    0.5094949915383,
    0.01148233545656,
    0.5067439497888,
    0.5129721239563,
    0.0110417677628,
    0.5086107249025,
    0.5253251471278,
    0.01152280598515,
]
R_LLF = -175.792973289
R_FIRTH = [
    -0.1168222774465,
    0.3093176519287,
    0.0003145128603313,
    -0.7694891945852,
    0.6221109941955,
    0.01786336981473,
    -0.6054236113833,
    0.685646252874,
    0.00774298039485,
]
R_FIRTH_ERRORS = [
    0.4721282688957,
    0.5087950259302,
    0.01144186407651,
    0.5057778366317,
    0.5121549408163,
    0.01102033916318,
    0.5074860172868,
    0.523879314664,
    0.01148200450014,
]
