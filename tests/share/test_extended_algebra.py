"""The extended-support beta law against its definition in many digits: likelihood, derivatives, mean, draws, start."""

import sys
from math import factorial
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.links import LINKS
from exportmodels.share.beta_law import BetaShare
from exportmodels.share.extended_law import ExtendedBetaShare, exponential_nodes

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree as compare
from expansions import logistic

ONE, TWO = ((1.0, 1.0),), ((0.5, 0.3), (2.0, 0.7))


def likelihood(y, nodes, link=logistic):
    """The density of a share, or the probability of an end, averaged over the factors of the exceedance."""

    def given(u, p, q):
        end = u / (1 + 2 * u)
        if y in (0, 1):
            return mp.betainc(*((p, q) if y == 0 else (q, p)), 0, end, regularized=True)
        x = (y + u) / (1 + 2 * u)
        return x ** (p - 1) * (1 - x) ** (q - 1) / mp.beta(p, q) / (1 + 2 * u)

    def averaged(mean, log_precision, log_exceedance):
        p, q = link(mean) * mp.exp(log_precision), (1 - link(mean)) * mp.exp(log_precision)
        return sum(mp.mpf(chance) * given(factor * mp.exp(log_exceedance), p, q) for factor, chance in nodes)

    return averaged


def agree(family, cases, link=logistic):
    y, eta = np.array([y for y, _ in cases], dtype=float), np.array([at for _, at in cases]).T
    exact = [likelihood(share, family.nodes, link) for share, _ in cases]
    compare(family.evaluate(y, eta), exact, eta, 1e-8, atol=1e-9)


PLACES = [(0.3, 0.9, -2.0), (-1.6, 2.5, -0.3), (1.1, -0.6, 0.8)]
SHARES = [0.35, 0, 1, 0.02]


@pytest.mark.parametrize("nodes", [ONE, TWO], ids=["one", "two"])
def test_likelihoods_where_firms_have_exceedances_of_their_own(nodes):
    agree(ExtendedBetaShare(nodes=nodes), [(y, at) for at in PLACES for y in SHARES])


@pytest.mark.parametrize("nodes", [ONE, TWO], ids=["one", "two"])
def test_likelihoods_where_all_have_the_same(nodes):
    agree(ExtendedBetaShare(nodes=nodes), [(y, (*at[:2], -0.7)) for at in PLACES for y in SHARES])


def test_exceedances_that_differ_by_a_factor_are_not_the_same():
    agree(ExtendedBetaShare(), [(y, (0.3, 0.9, u)) for y in SHARES for u in (-2.0, -1.0)])


def test_the_link_of_the_mean():
    agree(ExtendedBetaShare(LINKS["probit"], TWO), [(y, PLACES[0]) for y in SHARES], mp.ncdf)


@pytest.mark.parametrize("some", [slice(0, 0), [0, 3], [1], [2]], ids=["no", "between", "zero", "one"])
def test_rows_of_one_kind(some):
    family, y = ExtendedBetaShare(nodes=TWO), np.array(SHARES, dtype=float)
    same = np.repeat(np.array(PLACES[0])[:, None], 4, axis=1)
    for eta in (same, same + 0.1 * np.arange(4)):
        for part, whole in zip(family.evaluate(y[some], eta[:, some]), family.evaluate(y, eta), strict=True):
            np.testing.assert_allclose(part, whole[..., some], rtol=1e-12)


def test_probabilities_far_out_keep_their_digits():
    agree(ExtendedBetaShare(), [(0, (4.0, 5.0, -3.0)), (1, (-4.0, 5.0, -3.0))])  # 1e-170 and less
    assert ExtendedBetaShare().loglike(np.zeros(1), np.array([[4.0], [5.0], [-3.0]]))[0] < -200


def test_rows_do_not_disturb_each_other():
    family, y = ExtendedBetaShare(nodes=TWO), np.array([0.35, 0.999, 0.0])
    eta = np.array([[0.2, -7.0, 5.0], [0.1, 7.0, 7.0], [-1.0, -7.0, -7.0]])
    whole = family.evaluate(y, eta)
    assert whole[0].min() < -800
    for row in range(3):
        for part, same in zip(family.evaluate(y[[row]], eta[:, [row]]), whole, strict=True):
            np.testing.assert_allclose(part[..., 0], same[..., row], rtol=1e-8, atol=1e-9)


def below(share, at, nodes):
    p, q = logistic(at[0]) * mp.exp(at[1]), (1 - logistic(at[0])) * mp.exp(at[1])
    parts = [(chance, factor * mp.exp(at[2])) for factor, chance in nodes]
    return float(sum(c * mp.betainc(p, q, 0, (share + u) / (1 + 2 * u), regularized=True) for c, u in parts))


@pytest.mark.parametrize("nodes", [ONE, TWO], ids=["one", "two"])
@pytest.mark.parametrize("exceedance", [None, -0.7], ids=["own", "same"])
def test_distributions_and_means(nodes, exceedance):
    family = ExtendedBetaShare(nodes=nodes)
    places = [at if exceedance is None else (*at[:2], exceedance) for at in PLACES]
    eta = np.array(places).T
    for share in (0.0, 0.3, 0.95):
        np.testing.assert_allclose(family.below(share, eta), [below(share, at, nodes) for at in places], rtol=1e-11)
    np.testing.assert_array_equal(family.below(1.0, eta), np.ones(3))
    np.testing.assert_array_equal(family.below(1.5, eta), np.ones(3))
    ones = [1 - below(1.0, at, nodes) for at in places]
    np.testing.assert_allclose(family.everything(eta), ones, rtol=1e-9)
    with mp.workdps(15):  # the mean of a share is the integral of the probability of more
        means = [1 - float(mp.quad(lambda t, at=at: below(t, at, nodes), [0, 0.2, 0.5, 0.8, 1])) for at in places]
    np.testing.assert_allclose(family.mean(eta), means, rtol=1e-8)


@pytest.mark.parametrize("count", [3, 8])
def test_nodes_integrate_polynomials_of_an_exponential_variable(count):
    nodes, weights = np.array(exponential_nodes(count)).T
    assert len(nodes) == count
    for power in range(2 * count):
        assert weights @ nodes**power == pytest.approx(factorial(power), rel=1e-10)


class Given:
    """A generator whose draws are given."""

    def choice(self, values, p, size):
        np.testing.assert_allclose([*values, *p], [0.5, 2.0, 0.3, 0.7])
        return np.resize(values, size)

    def beta(self, p, q):
        self.parameters = p, q
        return np.array([0.02, 0.5, 0.6, 0.99])


def test_draws_reach_beyond_the_ends_and_show_at_them():
    eta, rng = np.array([[0.3] * 4, [0.9] * 4, np.log([0.1, 0.2, 0.3, 0.4])]), Given()
    drawn = ExtendedBetaShare(nodes=TWO).draw(eta, rng)
    # exceedances 0.05, 0.4, 0.15 and 0.8
    np.testing.assert_allclose(drawn, [0.0, 0.5, 1.3 * 0.6 - 0.15, 1.0])
    mean, precision = 1 / (1 + np.exp(-0.3)), np.exp(0.9)
    np.testing.assert_allclose(rng.parameters[0], mean * precision)
    np.testing.assert_allclose(rng.parameters[1], (1 - mean) * precision)


def test_factors_are_drawn_by_their_probabilities_though_these_do_not_quite_sum_to_one():
    class Half(Given):
        def choice(self, values, p, size):
            np.testing.assert_allclose(p, [0.3, 0.7])
            return np.resize(values, size)

    family = ExtendedBetaShare(nodes=((0.5, 0.15), (2.0, 0.35)))
    assert family.draw(np.array([[0.3] * 4, [0.9] * 4, [0.0] * 4]), Half()).shape == (4,)


def test_starts_are_those_of_the_beta_law_with_a_small_exceedance():
    y, weight = np.array([0.0, 0.4, 1.0, 0.7]), np.array([1.0, 2.0, 1.0, 0.5])
    start = ExtendedBetaShare().start(y, weight)
    np.testing.assert_array_equal(start[:2], BetaShare().start(y, weight))
    assert np.exp(start[2]) == pytest.approx(0.1)
