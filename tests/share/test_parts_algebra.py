"""Laws made of parts, two-part, scaled and summed, against their definitions in many digits."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.bernoulli import Bernoulli
from exportmodels.core.links import LINKS
from exportmodels.share.beta_law import BetaShare
from exportmodels.share.heteroskedastic import ScaledBernoulli
from exportmodels.share.hurdle_law import Parts
from exportmodels.share.normal import TruncatedNormal
from exportmodels.share.summed import Summed

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree as compare
from expansions import logistic

EXACT = {"logit": logistic, "probit": mp.ncdf, "cloglog": lambda x: -mp.expm1(-mp.exp(x))}


def agree(family, cases):
    """Compare values and derivatives of rows, each (outcome, predictors, exact likelihood), with the exact ones."""
    y, eta = np.array([case[0] for case in cases], dtype=float), np.array([case[1] for case in cases], dtype=float).T
    compare((family.loglike(y, eta), *family.derivatives(y, eta)), [exact for *_, exact in cases], eta, 1e-9, 1e-9)


def fraction(y, p):
    return p**y * (1 - p) ** (1 - y)


def beta(y, mean, log_precision):
    p, q = logistic(mean) * mp.exp(log_precision), (1 - logistic(mean)) * mp.exp(log_precision)
    return mp.mpf(y) ** (p - 1) * (1 - mp.mpf(y)) ** (q - 1) / mp.beta(p, q)


def above_zero(y, mean, log_scale):
    s = mp.exp(log_scale)
    return mp.npdf(y, mean, s) / mp.ncdf(mean / s)


# a two-part model

INNER = {
    "fractional": (Bernoulli(LINKS["cloglog"]), lambda y, m: fraction(y, EXACT["cloglog"](m)), [[0.4], [-1.2]]),
    "beta": (BetaShare(), beta, [[0.4, 0.9], [-1.2, 2.0]]),
    "truncated": (TruncatedNormal((0.0, np.inf)), above_zero, [[0.4, -0.6], [-0.3, 0.2]]),
}
every_inner = pytest.mark.parametrize(("inner", "exact", "places"), INNER.values(), ids=INNER)


@every_inner
@pytest.mark.parametrize("link", ["logit", "probit"])
def test_shares_above_zero_have_a_probability_and_a_law(inner, exact, places, link):
    chance = EXACT[link]
    cases = []
    for at, choice in zip(places, (0.7, -1.1), strict=True):
        cases += [(y, [*at, choice], lambda *e, y=y: chance(e[-1]) * exact(y, *e[:-1])) for y in (0.05, 0.8)]
        cases.append((0.0, [*at, choice], lambda *e: 1 - chance(e[-1])))
    agree(Parts(inner, LINKS[link]), cases)


@every_inner
def test_what_a_two_part_model_says(inner, exact, places):
    family, eta = (
        Parts(inner, LINKS["probit"]),
        np.column_stack([[*at, c] for at, c in zip(places, (0.7, -1.1), strict=True)]),
    )
    assert family.predictors == (*inner.predictors, "participate")
    exports = np.array([float(mp.ncdf(c)) for c in (0.7, -1.1)])
    above = inner.mean(eta[:-1])
    np.testing.assert_allclose(family.participates(eta), exports, rtol=1e-13)
    np.testing.assert_array_equal(family.mean_above(eta), above)
    np.testing.assert_allclose(family.mean(eta), exports * above, rtol=1e-13)
    if not isinstance(inner, Bernoulli):
        wanted = 1 - exports + exports * inner.below(0.3, eta[:-1])
        np.testing.assert_allclose(family.below(0.3, eta), wanted, rtol=1e-12)


Y, WEIGHT = np.array([0.0, 0.2, 0.0, 0.7, 0.4]), np.array([1.0, 2.0, 0.5, 1.5, 3.0])


@every_inner
def test_both_parts_start_by_themselves(inner, exact, places):
    start = Parts(inner, LINKS["probit"]).start(Y, WEIGHT)
    np.testing.assert_array_equal(start[:-1], inner.start(Y[Y > 0], WEIGHT[Y > 0]))
    assert float(mp.ncdf(start[-1])) == pytest.approx(6.5 / 8)


class Given:
    """A generator whose draws are given."""

    def random(self, size):
        assert size == 4
        return np.array([0.1, 0.6, 0.7, 0.8])

    def beta(self, p, q):
        self.parameters = p, q
        return np.array([0.2, 0.3, 0.4, 0.5])


def test_draws_are_zero_or_of_the_inner_law():
    eta = np.array([[0.4] * 4, [0.9] * 4, [np.log(0.65 / 0.35)] * 4])
    rng = Given()
    np.testing.assert_array_equal(Parts(BetaShare(), LINKS["logit"]).draw(eta, rng), [0.2, 0.3, 0.0, 0.0])
    mean = float(logistic(0.4))
    np.testing.assert_allclose(rng.parameters, [[mean * np.exp(0.9)] * 4, [(1 - mean) * np.exp(0.9)] * 4])
    fractional = Parts(Bernoulli(LINKS["probit"]), LINKS["logit"])
    np.testing.assert_array_equal(fractional.draw(eta[[0, 2]], rng), [0.2, 0.3, 0.0, 0.0])
    mean = float(mp.ncdf(0.4))
    np.testing.assert_allclose(rng.parameters, [[2 * mean] * 4, [2 - 2 * mean] * 4])


# a mean with a scale, and a mean of two sums


@pytest.mark.parametrize("link", EXACT)
def test_a_mean_whose_index_has_a_scale(link):
    family, whole = ScaledBernoulli(LINKS[link]), EXACT[link]
    places = [(0.7, 0.4), (-1.2, -0.3), (0.0, 0.8)]
    cases = [(y, at, lambda m, c, y=y: fraction(y, whole(m * mp.exp(-c)))) for at in places for y in (0.0, 0.35, 1.0)]
    agree(family, cases)
    eta = np.array(places).T
    np.testing.assert_allclose(family.index(eta), (eta[0] / np.exp(eta[1]))[None])
    np.testing.assert_allclose(family.mean(eta), [float(whole(m * mp.exp(-c))) for m, c in places], rtol=1e-12)
    start = family.start(Y, WEIGHT)
    assert (float(whole(start[0])), start[1]) == pytest.approx((Y @ WEIGHT / 8, 0))


@pytest.mark.parametrize("link", EXACT)
def test_a_mean_of_two_summed_predictors(link):
    family, whole = Summed(LINKS[link], "control"), EXACT[link]
    assert family.predictors == ("probability", "control")
    places = [(0.7, 0.4), (-1.2, -0.3), (0.9, -0.9)]
    agree(family, [(y, at, lambda m, c, y=y: fraction(y, whole(m + c))) for at in places for y in (0.0, 0.35, 1.0)])
    np.testing.assert_allclose(family.mean(np.array(places).T), [float(whole(m + c)) for m, c in places], rtol=1e-12)
    start = family.start(Y, WEIGHT)
    assert (float(whole(start[0])), start[1]) == pytest.approx((Y @ WEIGHT / 8, 0))


def test_draws_of_a_scaled_index():
    eta = np.array([[1.2] * 4, [0.5] * 4])  # F(1.2 exp(-0.5)) = 0.674
    np.testing.assert_array_equal(ScaledBernoulli(LINKS["logit"]).draw(eta, Given()), [1, 1, 0, 0])
