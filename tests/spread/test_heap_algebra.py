"""Rounded answers and counts out of a known number, against every true count and every way to tell it, in 40 digits."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from exportmodels.spread.bounded import BetaBinomial, Binomial
from exportmodels.spread.families import Truncated
from exportmodels.spread.heaps import Heaped
from exportmodels.spread.poisson_gamma import NegativeBinomial2, Poisson

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree, logistic, nb2


def told(true, to):
    """Return what someone who rounds to multiples of `to` tells of a true count, with the chance of each answer."""
    below, rest = divmod(true, to)
    near = {to * below: 1.0} if 2 * rest < to else {to * (below + 1): 1.0}
    if 2 * rest == to:
        near = {to * below: 0.5, to * (below + 1): 0.5}
    return {answer or true: chance for answer, chance in near.items()}  # nobody rounds to nothing


def poisson(k, eta):
    return mp.exp(k * eta - mp.exp(eta)) / mp.factorial(k)


def truncated(k, *eta):
    return nb2(k, *eta) / (1 - nb2(0, *eta)) if k else mp.mpf(0)


def rounded(y, base, to, eta):
    return sum(base(k, *eta) * told(k, to).get(y, 0.0) for k in range(max(y - to, 0), y + to + 1))


def reported(y, base, to, *eta):
    own, odds = eta[: len(eta) - len(to)], [mp.exp(e) for e in eta[len(eta) - len(to) :]]
    ways = [base(y, *own), *(rounded(y, base, h, own) for h in to)]
    return sum(share * way for share, way in zip([1, *odds], ways, strict=True)) / (1 + sum(odds))


CASES = {
    "fives and tens": (Heaped(NegativeBinomial2()), nb2, (5, 10), [1.9, -0.5, -0.4, 0.3]),
    "tens of exporters": (Heaped(Truncated(NegativeBinomial2()), (10,)), truncated, (10,), [1.9, -0.5, 0.6]),
    "even numbers": (Heaped(Poisson(), (2,)), poisson, (2,), [1.1, -0.2]),
    "threes, twelves, fours": (Heaped(Poisson(), (3, 12, 4)), poisson, (3, 12, 4), [1.8, -0.2, 0.4, -1.0]),
}
every_case = pytest.mark.parametrize(("family", "base", "to", "eta"), CASES.values(), ids=CASES)


@every_case
def test_answers_are_those_of_all_true_counts(family, base, to, eta):
    counts = [1, max(to) // 2, max(to), *([] if family.least else [0])]
    places = np.repeat(np.array(eta)[:, None], len(counts), axis=1)
    functions = [lambda *e, y=y: reported(y, base, to, *e) for y in counts]
    agree(family.evaluate(np.array(counts, dtype=float), places), functions, places)
    assert family.predictors == (*family.base.predictors, *(f"round_{h}" for h in to))


@every_case
def test_shares_means_and_scores_at_no_rounding(family, base, to, eta):
    at, own = np.array(eta)[:, None], eta[: len(eta) - len(to)]
    odds = np.exp(eta[len(own) :])
    np.testing.assert_allclose(family.shares(at)[:, 0], odds / (1 + odds.sum()), rtol=1e-13)
    np.testing.assert_allclose(family.mean(at), family.base.mean(np.array(own)[:, None]), rtol=1e-14)
    y = np.array([1, 4, 5, 6, 10, 12])
    excess = [[float(rounded(k, base, h, own) / base(k, *own) - 1) for k in y] for h in to]
    found = family.excess(y.astype(float), np.repeat(np.array(own)[:, None], len(y), axis=1))
    np.testing.assert_allclose(found, excess, rtol=1e-10, atol=1e-12)


@every_case
def test_drawn_answers(family, base, to, eta):
    n = 30_000
    drawn = family.draw(np.repeat(np.array(eta)[:, None], n, axis=1), np.random.default_rng(5))
    for y in range(family.least, 21):
        p = float(reported(y, base, to, *eta))
        assert (drawn == y).mean() == pytest.approx(p, abs=4.5 * np.sqrt(p * (1 - p) / n) + 1e-12)


def test_starts_are_the_excess_at_multiples():
    family = Heaped(NegativeBinomial2(), (4, 10))
    y = np.array([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 20, 11.0])
    weight = np.linspace(0.5, 2, 12)
    start, far = family.start(y, weight), y > 5
    np.testing.assert_allclose(start[:2], NegativeBinomial2().start(y, weight))
    for found, to in zip(start[2:], (4, 10), strict=True):
        at = weight[far & (y % to == 0)].sum() / weight[far].sum()
        assert logistic(found) == pytest.approx((at - 1 / to) / (1 - 1 / to) / 2, rel=1e-12)
    low, high = np.array([1.0, 2, 3]), np.array([20.0, 40, 40])
    assert [float(logistic(e)) for e in family.start(low, np.ones(3))[2:]] == pytest.approx([0.025, 0.025])
    assert [float(logistic(e)) for e in family.start(high, np.ones(3))[2:]] == pytest.approx([0.45, 0.45])
    assert logistic(family.start(np.array([2.0, 5.0]), np.ones(2))[3]) == pytest.approx(0.025)  # half of ten is not far


def binomial(k, size, p):
    return mp.binomial(size, k) * p**k * (1 - p) ** (size - k)


def beta_binomial(k, size, share, precision):
    a, b = share * precision, (1 - share) * precision
    return mp.binomial(size, k) * mp.beta(k + a, size - k + b) / mp.beta(a, b)


@pytest.mark.parametrize("size", [1, 8])
def test_counts_out_of_a_known_number(size):
    y = np.array([0.0, 1.0, size, max(size - 3, 0), 0.0, size])
    eta = np.array([[-1.2, 0.4, 2.0, 0.3, 6.0, -6.0], [0.7, -1.5, 2.5, 6.0, 0.1, 0.2]])
    ks = [int(k) for k in y]
    agree(Binomial(size).evaluate(y, eta[:1]), [lambda e, k=k: binomial(k, size, logistic(e)) for k in ks], eta[:1])
    exact = [lambda e, f, k=k: beta_binomial(k, size, logistic(e), mp.exp(f)) for k in ks]
    agree(BetaBinomial(size).evaluate(y, eta), exact, eta)
    for family in (Binomial(size), BetaBinomial(size)):
        np.testing.assert_allclose(family.mean(eta), size / (1 + np.exp(-eta[0])), rtol=1e-13)
        assert np.isneginf(family.loglike(np.full(6, size + 1.0), eta[: len(family.predictors)])).all()


def test_starts_out_of_a_known_number():
    y, weight = np.array([0.0, 1, 1, 3, 8, 8, 2]), np.array([1.0, 2, 1, 0.5, 1, 1, 3])
    share = np.average(y, weights=weight) / 8
    variance = np.average((y - 8 * share) ** 2, weights=weight)
    odds = np.log(share / (1 - share))
    assert Binomial(8).start(y, weight) == pytest.approx([odds])
    found = BetaBinomial(8).start(y, weight)
    likeness = 1 / (1 + np.exp(found[1]))  # the correlation of two regions of a firm
    assert found[0] == pytest.approx(odds)
    assert 8 * share * (1 - share) * (1 + 7 * likeness) == pytest.approx(variance)
    for family in (Binomial(8), BetaBinomial(8)):
        assert family.start(np.zeros(3), np.ones(3))[0] == pytest.approx(np.log(0.01 / 0.99))
        assert family.start(np.full(3, 8.0), np.ones(3))[0] == pytest.approx(np.log(0.99 / 0.01))
    assert BetaBinomial(8).start(np.full(3, 4.0), np.ones(3))[1] == pytest.approx(np.log(1 / 0.02 - 1))
    assert BetaBinomial(8).start(np.array([0.0, 8.0]), np.ones(2))[1] == pytest.approx(np.log(1 / 0.8 - 1))


@pytest.mark.parametrize(("family", "eta"), [(Binomial(8), [-0.4]), (BetaBinomial(8), [-0.4, 0.9])])
def test_draws_out_of_a_known_number(family, eta):
    n = 30_000
    drawn = family.draw(np.repeat(np.array(eta)[:, None], n, axis=1), np.random.default_rng(5))
    assert drawn.dtype == float
    for k in range(9):
        p = family.probability(k, np.array(eta)[:, None])[0]
        assert (drawn == k).mean() == pytest.approx(p, abs=4.5 * np.sqrt(p * (1 - p) / n))
