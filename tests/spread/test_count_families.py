"""Count distributions: derivatives, sums to one, means, draws, and what they are made of."""

import mpmath
import numpy as np
import pytest
from scipy.stats import nbinom

from exportmodels.spread.bounded import BetaBinomial, Binomial
from exportmodels.spread.consul import Consul
from exportmodels.spread.families import Between, Truncated
from exportmodels.spread.heaps import Heaped
from exportmodels.spread.logs import Log
from exportmodels.spread.poisson_gamma import NegativeBinomial2, NegativeBinomialP, Poisson
from exportmodels.spread.zeros import HurdleCounts, ZeroInflatedCounts

WHOLE = {
    "poisson": (Poisson(), [[1.2]]),
    "nb2": (NegativeBinomial2(), [[1.2], [-0.4]]),
    "nb1": (NegativeBinomialP(1.0), [[1.2], [0.3]]),
    "nbp": (NegativeBinomialP(), [[1.2], [-0.1], [1.6]]),
    "gp1": (Consul(1), [[1.2], [0.3]]),
    "gp2": (Consul(2), [[1.2], [0.15]]),
}
FAMILIES = {
    **WHOLE,
    **{f"{name}, no zeros": (Truncated(family), eta) for name, (family, eta) in WHOLE.items()},
    "nb2 up to 12": (Truncated(NegativeBinomial2(), 0, 12), [[1.2], [-0.4]]),
    "poisson from 1 to 8": (Truncated(Poisson(), 1, 8), [[1.2]]),
    "binomial": (Binomial(8), [[0.4]]),
    "beta-binomial": (BetaBinomial(8), [[0.4], [0.7]]),
    "inflated nb2": (ZeroInflatedCounts(NegativeBinomial2()), [[1.2], [-0.4], [-0.7]]),
    "hurdle nb1": (HurdleCounts(Truncated(NegativeBinomialP(1.0))), [[1.2], [0.3], [0.6]]),
    "heaped nb2": (Heaped(Truncated(NegativeBinomial2())), [[2.2], [-0.4], [-0.5], [-1.2]]),
}
every_family = pytest.mark.parametrize(("family", "eta"), FAMILIES.values(), ids=FAMILIES)


def differences(function, eta, k, h=1e-3):
    """Return the derivative of `function` in predictor `k` by central differences of the fourth order."""
    step = np.zeros_like(eta)
    step[k] = h
    return (8 * (function(eta + step) - function(eta - step)) - function(eta + 2 * step) + function(eta - 2 * step)) / (
        12 * h
    )


@every_family
def test_derivatives_agree_with_differences(family, eta):
    y = np.arange(family.least, (getattr(family, "most", None) or getattr(family, "size", 12)) + 1, dtype=float)
    rng = np.random.default_rng(1)
    eta = np.repeat(eta, len(y), axis=1) + rng.normal(0, 0.03, (len(eta), len(y)))
    first, second = family.derivatives(y, eta)
    for k in range(len(eta)):
        np.testing.assert_allclose(first[k], differences(lambda e: family.loglike(y, e), eta, k), rtol=1e-7, atol=1e-8)
        slope = differences(lambda e: family.derivatives(y, e)[0], eta, k)
        np.testing.assert_allclose(second[k], slope, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(second, np.swapaxes(second, 0, 1), rtol=1e-13, atol=1e-15)


@every_family
def test_probabilities_sum_to_one_and_give_the_mean(family, eta):
    eta = np.array(eta)
    counts = np.arange(family.least, 900)
    p = np.array([family.probability(int(k), eta)[0] for k in counts])
    assert p.sum() == pytest.approx(1, abs=1e-10)
    if not isinstance(family, Heaped):  # its mean is of the true counts
        assert counts @ p == pytest.approx(family.mean(eta)[0], rel=1e-9)
    assert family.at_most(5, eta)[0] == pytest.approx(p[counts <= 5].sum(), rel=1e-12)


@every_family
def test_draws_have_the_probabilities(family, eta):
    drawn = family.draw(np.repeat(eta, 40_000, axis=1), np.random.default_rng(3))
    assert drawn.min() >= family.least
    for k in (1, 2, 5, 10):
        p = family.probability(k, np.array(eta))[0]
        assert (drawn == k).mean() == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / 40_000) + 1e-12)


def test_negative_binomials_agree_with_scipy():
    y = np.arange(0.0, 60.0)
    m, a, power = 7.0, 0.6, 1.4
    for family, eta, alpha in [
        (NegativeBinomial2(), [np.log(m), np.log(a)], a),
        (NegativeBinomialP(1.0), [np.log(m), np.log(a)], a / m),
        (NegativeBinomialP(), [np.log(m), np.log(a), power], a * m ** (power - 2)),
    ]:
        found = family.loglike(y, np.repeat(np.array(eta)[:, None], 60, axis=1))
        np.testing.assert_allclose(found, nbinom.logpmf(y, 1 / alpha, 1 / (1 + alpha * m)), rtol=1e-11)


def test_brackets_add_up_what_lies_in_them():
    family, eta = Truncated(NegativeBinomial2()), np.array([[1.2], [-0.4]])
    between = Between(family)
    p = np.array([family.probability(k, eta)[0] for k in range(1, 11)])
    y = np.array([[3.0, 3.0], [2.0, 5.0], [11.0, np.inf], [1.0, np.inf]])
    found = np.exp(between.loglike(y, np.repeat(eta, 4, axis=1)))
    np.testing.assert_allclose(found, [p[2], p[1:5].sum(), 1 - p.sum(), 1.0], rtol=1e-12)
    first, second = between.derivatives(y, np.repeat(eta, 4, axis=1))
    for k in range(2):
        slope = differences(lambda e: between.loglike(y, e), np.repeat(eta, 4, axis=1), k)
        np.testing.assert_allclose(first[k], slope, rtol=1e-8, atol=1e-9)
        curve = differences(lambda e: between.derivatives(y, e)[0], np.repeat(eta, 4, axis=1), k)
        np.testing.assert_allclose(second[k], curve, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("to", [2, 3, 5, 10])
def test_everybody_who_rounds_reports_something(to):
    reported, base = np.arange(1.0, 900.0), Truncated(NegativeBinomial2())
    eta = np.repeat([[2.2], [-0.4]], len(reported), axis=1)
    told = Heaped(base, (to,)).rounded(reported, eta, to, base.log(reported, eta)).probability
    assert told.sum() == pytest.approx(1, abs=1e-12)
    assert (told[(reported > to / 2) & (reported % to > 0)] == 0).all()


def test_who_rounds_to_tens_reports_the_nearest():
    base, reported = Truncated(Poisson()), np.array([3.0, 5.0, 10.0, 11.0, 20.0])
    eta = np.full((1, 5), 2.0)
    p = np.array([np.nan, *(base.probability(k, eta)[0] for k in range(1, 30))])
    told = Heaped(base, (10,)).rounded(reported, eta, 10, base.log(reported, eta)).probability
    ten, twenty = (p[y - 4 : y + 5].sum() + (p[y - 5] + p[y + 5]) / 2 for y in (10, 20))
    np.testing.assert_allclose(told, [p[3], p[5] / 2, ten, 0, twenty], rtol=1e-12)


def test_complements_and_sums_of_logs():
    p = np.array([1e-300, 1e-9, 0.3, 1 - 1e-9])
    log = Log(np.log(p), np.ones((1, 4)), np.zeros((1, 1, 4)))
    np.testing.assert_allclose(log.complement().value, np.log1p(-p), rtol=1e-9)
    np.testing.assert_allclose(Log.total([log, log.complement()]).value, 0.0, atol=1e-15)
    assert sum(share.probability for share in Log.shares(np.array([[0.3], [2.0]])))[0] == pytest.approx(1)


def test_far_predictors_do_not_overflow():
    y = np.array([0.0, 1.0, 200.0])
    for eta in ([-40.0, -20.0], [6.0, 8.0], [-40.0, 8.0], [6.0, -20.0]):
        family = NegativeBinomial2()
        both = np.repeat(np.array(eta)[:, None], 3, axis=1)
        assert np.isfinite(family.loglike(y, both)).all()
        assert all(np.isfinite(part).all() for part in family.derivatives(y, both))
        assert np.isfinite(Truncated(family).loglike(y[1:], both[:, 1:])).all()


def poisson_tail(low, mean):
    return mpmath.log(mpmath.gammainc(low, 0, mean, regularized=True))


def negative_binomial_tail(low, mean, alpha):
    u = mpmath.mpf(alpha) * mean
    return mpmath.log(mpmath.betainc(low, 1 / mpmath.mpf(alpha), 0, u / (1 + u), regularized=True))


@pytest.mark.parametrize(
    ("family", "eta", "exact"),
    [
        *[(Poisson(), [m], lambda e: poisson_tail(50, mpmath.exp(e[0]))) for m in (0.0, 1.6, 2.3, 3.0, 3.9, 5.0)],
        *[
            (NegativeBinomial2(), eta, lambda e: negative_binomial_tail(50, mpmath.exp(e[0]), mpmath.exp(e[1])))
            for eta in ([-1.0, -3.0], [0.5, -1.0], [1.6, -0.5], [3.0, 0.4], [1.0, 3.0], [5.0, 0.0])
        ],
        *[
            (
                NegativeBinomialP(1.0),
                eta,
                lambda e: negative_binomial_tail(50, mpmath.exp(e[0]), mpmath.exp(e[1] - e[0])),
            )
            for eta in ([-1.0, -3.0], [0.5, -1.0], [1.6, 0.5], [3.9, 1.0])
        ],
    ],
)
def test_upper_tails_and_their_derivatives_agree_with_the_incomplete_gamma_and_beta(family, eta, exact):
    with mpmath.workdps(60):
        value = float(exact([mpmath.mpf(e) for e in eta]))
        orders = [tuple(np.eye(len(eta), dtype=int)[k]) for k in range(len(eta))]
        slopes = [float(mpmath.diff(lambda *e: exact(e), tuple(eta), order)) for order in orders]
        bends = [float(mpmath.diff(lambda *e: exact(e), tuple(eta), tuple(2 * k for k in order))) for order in orders]
    found = Between(family).log(np.array([[50.0, np.inf]]), np.array(eta)[:, None])
    assert found.value[0] == pytest.approx(value, rel=1e-11)
    np.testing.assert_allclose(found.first[:, 0], slopes, rtol=1e-9)
    np.testing.assert_allclose(np.diagonal(found.second[:, :, 0]), bends, rtol=1e-7, atol=1e-9)


def test_upper_tails_of_truncated_counts_end_where_these_do():
    eta = np.array([[1.0, 2.0]])
    family = Truncated(Poisson(), 1, 60)
    p = np.array([family.probability(k, eta) for k in range(50, 61)])
    open_end = Between(family).log(np.repeat([[50.0, np.inf]], 2, axis=0), eta)
    np.testing.assert_allclose(open_end.value, np.log(p.sum(axis=0)), rtol=1e-12)


def test_upper_tail_of_under_dispersed_counts_stops_with_their_support():
    found = Between(Consul(2)).log(np.array([[9.0, np.inf]]), np.array([[1.0], [-0.03]]))
    p = [Consul(2).probability(k, np.array([[1.0], [-0.03]]))[0] for k in range(9, 34)]
    assert found.value[0] == pytest.approx(np.log(np.nansum(p)), rel=1e-12)
