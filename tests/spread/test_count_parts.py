"""Count distributions made of others, against mixtures and sums written out: truncation, tails, brackets."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from exportmodels.spread import families
from exportmodels.spread.consul import Consul
from exportmodels.spread.families import Between, CountFamily, Truncated
from exportmodels.spread.logs import Log, log_one_minus
from exportmodels.spread.poisson_gamma import NegativeBinomial2, Poisson

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree as compare
from expansions import nb2


def poisson(k, eta):
    return mp.exp(k * eta - mp.exp(eta)) / mp.factorial(k)


def agree(found, functions, eta, rtol=1e-9):
    """Compare the rows of a `Log` with the logs of exact functions of the predictors, one each row."""
    compare((found.value, found.first, found.second), functions, eta, rtol)


def rows(*columns):
    return np.array(columns, dtype=float)


def at(k, family, eta):
    return family.log(np.full(eta.shape[1], float(k)), eta)


ETA = rows([-8.0, -0.5, 0.4, 1.5, 3.4], [0.5, -1.0, -3.0, 0.2, 1.0])
EACH = range(ETA.shape[1])


def test_complement():
    found = at(0, NegativeBinomial2(), ETA).complement()
    agree(found, [lambda *e: 1 - nb2(0, *e) for _ in EACH], ETA)


def test_complements_are_silent_at_both_ends():
    ends = Log(np.array([0.0, -800.0]), np.zeros((1, 2)), np.zeros((1, 1, 2)))
    with np.errstate(all="raise", under="ignore", invalid="ignore"):
        np.testing.assert_array_equal(ends.complement().value, [-np.inf, 0.0])


def test_total():
    found = Log.total([at(k, NegativeBinomial2(), ETA) for k in (0, 3, 4)])
    agree(found, [lambda *e: nb2(0, *e) + nb2(3, *e) + nb2(4, *e) for _ in EACH], ETA)
    log = at(1, Poisson(), ETA[:1])
    with np.errstate(all="raise"):
        far = Log.total([Log(log.value - 2000, log.first, log.second)] * 2)
    np.testing.assert_allclose(far.value, log.value - 2000 + np.log(2), rtol=1e-14)
    np.testing.assert_allclose(far.first, log.first, rtol=1e-13)
    np.testing.assert_allclose(far.second, log.second, rtol=1e-12, atol=1e-13)


def test_impossible_cases_add_nothing():
    nothing = Log(np.full(1, -np.inf), np.zeros((1, 1)), np.zeros((1, 1, 1)))
    with np.errstate(all="raise", invalid="ignore"):
        assert Log.total([nothing, nothing]).value[0] == -np.inf
    assert Log.total([nothing, at(0, Poisson(), np.zeros((1, 1)))]).value[0] == -1.0


def test_shares():
    log_odds = rows([0.3, -30.0, 900.0], [2.0, 1.0, 899.0])
    classes = [lambda a, b: 1 / (1 + mp.exp(a) + mp.exp(b))]
    classes += [
        lambda a, b: mp.exp(a) / (1 + mp.exp(a) + mp.exp(b)),
        lambda a, b: mp.exp(b) / (1 + mp.exp(a) + mp.exp(b)),
    ]
    for found, exact in zip(Log.shares(log_odds), classes, strict=True):
        agree(found, [exact] * 3, log_odds, rtol=1e-7)
        np.testing.assert_allclose(found.probability, np.exp(found.value))


def test_sums_differences_rows_and_places():
    left, right = at(2, NegativeBinomial2(), ETA), at(5, NegativeBinomial2(), ETA)
    agree(left + right, [lambda *e: nb2(2, *e) * nb2(5, *e) for _ in EACH], ETA)
    agree(left - right, [lambda *e: nb2(2, *e) / nb2(5, *e) for _ in EACH], ETA)
    chosen = np.array([3, 1])
    agree((left - right)[chosen], [lambda *e: nb2(2, *e) / nb2(5, *e)] * 2, ETA[:, chosen])
    left.put(chosen, right[chosen])
    agree(left, [lambda *e, k=k: nb2(k, *e) for k in (2, 5, 2, 5, 2)], ETA)
    wide = np.insert(ETA, 1, 0.7, axis=0)
    agree(right.padded(3, [0, 2]), [lambda a, _, c: nb2(5, a, c) for _ in EACH], wide)
    constant = Log.constant(-0.5, left)
    np.testing.assert_array_equal(constant.value, np.full(5, -0.5))
    assert not constant.first.any() and not constant.second.any()
    assert constant.first.shape == left.first.shape and constant.second.shape == left.second.shape


def test_log_of_one_less():
    lam = np.array([1e-300, 1e-12, 0.1, 0.69, 0.7, 5.0, 40.0, 60.0])
    with mp.workdps(45):
        exact = [float(mp.log(-mp.expm1(-mp.mpf(float(value))))) for value in lam]
    np.testing.assert_allclose(log_one_minus(lam), exact, rtol=1e-14)
    with np.errstate(all="raise"):
        assert log_one_minus(np.zeros(1))[0] == -np.inf


# Between limits, and truncated


def test_between():
    family = NegativeBinomial2()
    agree(family.between(2, 4, ETA), [lambda *e: sum(nb2(k, *e) for k in (2, 3, 4)) for _ in EACH], ETA)
    agree(family.between(3, 3, ETA), [lambda *e: nb2(3, *e) for _ in EACH], ETA)
    agree(family.between(2, np.inf, ETA), [lambda *e: 1 - nb2(0, *e) - nb2(1, *e) for _ in EACH], ETA, rtol=1e-7)
    for low in (0, -1):
        agree(family.between(low, np.inf, ETA), [lambda *e: mp.mpf(1) for _ in EACH], ETA)
    np.testing.assert_allclose(family.at_most(3, ETA), np.exp(family.between(0, 3, ETA).value), rtol=1e-13)
    np.testing.assert_allclose(family.probability(3, ETA), np.exp(family.between(3, 3, ETA).value), rtol=1e-13)


@pytest.mark.parametrize("eta", [-9.0, -3.0, 0.0, 1.0, 1.3, 1.6])
def test_upper_tails_have_their_digits(eta):
    """From a tail of 1e-50, over those where a sum upwards takes over, to one of a half."""
    exact = lambda e: mp.gammainc(9, 0, mp.exp(e), regularized=True)  # noqa: E731
    with np.errstate(all="raise", under="ignore"):
        found = Poisson().between(9, np.inf, rows([eta, 2.0]))
    agree(found, [exact] * 2, rows([eta, 2.0]))


def test_a_tail_too_long_to_be_added_up_is_one_less_the_rest(monkeypatch):
    """With four terms at most the sum upwards does not end, and is used only where it is the better of the two."""
    monkeypatch.setattr(families, "_MOST_TERMS", 4)
    eta = rows([1.0, -4.0])  # tails of 4e-3 and 1e-19
    found = Poisson().between(9, np.inf, eta)
    exact = [float(mp.log(mp.gammainc(9, 0, mp.exp(mp.mpf(e)), regularized=True))) for e in eta[0]]
    assert found.value[0] == pytest.approx(exact[0], rel=1e-9)
    four = [float(mp.log(sum(poisson(k, mp.mpf(e)) for k in range(9, 13)))) for e in eta[0]]
    assert found.value[1] == pytest.approx(four[1], rel=1e-12)
    assert found.value[1] == pytest.approx(exact[1], rel=1e-4)


def test_the_parts_of_a_tail_are_settled_row_by_row():
    total, settled = Poisson()._upper(9, rows([0.0, 1.0, 2.0]))
    agree(total, [lambda e: mp.gammainc(9, 0, mp.exp(e), regularized=True)] * 3, rows([0.0, 1.0, 2.0]))
    assert settled.all()


TRUNCATED = {
    "least 1": (Truncated(NegativeBinomial2()), 1, 4000),
    "1 to 6": (Truncated(NegativeBinomial2(), 1, 6), 1, 6),
    "0 to 6": (Truncated(NegativeBinomial2(), 0, 6), 0, 6),
}
WIDE = rows([0.4, 1.1], [-1.5, -0.3])


def mass(low, high, *e):
    return sum(nb2(k, *e) for k in range(low, high + 1)) if high < 100 else 1 - nb2(0, *e)


@pytest.mark.parametrize(("family", "low", "high"), TRUNCATED.values(), ids=TRUNCATED)
def test_truncation_divides_by_what_is_seen(family, low, high):
    for k in {low, 2, 6}:
        agree(at(k, family, WIDE), [lambda *e, k=k: nb2(k, *e) / mass(low, high, *e)] * 2, WIDE)
        value = family.loglike(np.full(2, float(k)), WIDE)
        np.testing.assert_allclose(value, at(k, family, WIDE).value, rtol=1e-12)
    agree(family.between(2, 5, WIDE), [lambda *e: mass(2, 5, *e) / mass(low, high, *e)] * 2, WIDE)
    agree(family.between(0, 3, WIDE), [lambda *e: mass(low, 3, *e) / mass(low, high, *e)] * 2, WIDE)
    agree(family.between(0, np.inf, WIDE), [lambda *e: mp.mpf(1)] * 2, WIDE)
    upper = [lambda *e: (mass(low, high, *e) - mass(low, 3, *e)) / mass(low, high, *e)] * 2
    agree(family.between(4, np.inf, WIDE), upper, WIDE, rtol=1e-8)
    outside = [*([0] if low else []), *([high + 1] if high < 100 else [])]
    for k in outside:
        assert (family.loglike(np.full(2, float(k)), WIDE) == -np.inf).all()
    y = np.arange(low, min(high, 900) + 1)
    p = np.array([family.probability(int(k), WIDE) for k in y])
    np.testing.assert_allclose(p.sum(axis=0), 1, rtol=1e-10)
    np.testing.assert_allclose(family.mean(WIDE), y @ p, rtol=1e-9)
    assert family.predictors == ("log_mean", "log_alpha")
    assert family.at_most(low - 1, WIDE).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("together", [1, 4, 7])
def test_counts_are_added_up_in_slabs(monkeypatch, together):
    family = Truncated(NegativeBinomial2(), 1, 9)
    call = lambda: (family.mean(WIDE), family.at_most(6, WIDE), family.between(3, 8, WIDE).value)  # noqa: E731
    whole = call()
    monkeypatch.setattr(families, "_TOGETHER", together)
    np.testing.assert_allclose(call(), whole, rtol=1e-13)


def test_truncation_starts_below_the_mean_of_what_is_seen():
    y, weight = np.array([1.0, 1.0, 2.0, 4.0]), np.array([3.0, 1.0, 1.0, 4.0])
    mean = np.average(y, weights=weight)
    start = Truncated(Poisson()).start(y, weight)
    seen = Truncated(Poisson()).mean(start[:, None])[0]  # of which the start is a first approximation
    assert seen == pytest.approx(mean, rel=0.05) and np.exp(start[0]) < mean
    assert Truncated(Poisson()).start(np.ones(3), np.ones(3))[0] == pytest.approx(np.log(0.05))
    whole = NegativeBinomial2()
    np.testing.assert_array_equal(Truncated(whole, 0, 9).start(y, weight), whole.start(y, weight))
    assert Truncated(whole).start(y, weight)[1] == whole.start(y, weight)[1]


def test_brackets_and_exact_counts_mix():
    family = Between(NegativeBinomial2())
    eta = np.repeat(WIDE, 3, axis=1)
    y = np.array([[2, 2], [2, 4], [3, np.inf], [0, 0], [2, 4], [0, np.inf]])
    exact = [
        lambda *e: nb2(2, *e),
        lambda *e: mass(2, 4, *e),
        lambda *e: 1 - mass(0, 2, *e),
        lambda *e: nb2(0, *e),
        lambda *e: mass(2, 4, *e),
        lambda *e: mp.mpf(1),
    ]
    agree(family.log(y, eta), exact, eta, rtol=1e-8)
    agree(family.log(y[:, 0], eta), [lambda *e, k=int(k): nb2(k, *e) for k in y[:, 0]], eta)
    value, first, second = family.evaluate(y, eta)
    np.testing.assert_array_equal(value, family.loglike(y, eta))
    np.testing.assert_array_equal(first, family.derivatives(y, eta)[0])
    np.testing.assert_array_equal(second, family.derivatives(y, eta)[1])
    np.testing.assert_array_equal(family.mean(eta), np.exp(eta[0]))
    assert (family.predictors, family.least) == (("log_mean", "log_alpha"), 0)
    assert Between(Truncated(Poisson())).least == 1


def test_brackets_start_from_their_middles():
    family, weight = Between(NegativeBinomial2()), np.array([1.0, 2.0, 3.0])
    y = np.array([[2, 2], [2, 7], [4, np.inf]])
    np.testing.assert_array_equal(family.start(y, weight), family.start(np.array([2.0, 4.5, 7.0]), weight))
    np.testing.assert_array_equal(family.start(y[:, 0], weight), NegativeBinomial2().start(y[:, 0], weight))


def test_a_base_without_a_law_has_none():
    for call in (CountFamily().log, CountFamily().start):
        with pytest.raises(NotImplementedError):
            call(np.zeros(1), np.zeros((1, 1)))
    with pytest.raises(NotImplementedError):
        CountFamily().mean(np.zeros((1, 1)))


def test_under_dispersed_tails_end_with_their_support():
    with np.errstate(all="raise", under="ignore"):
        beyond, edge = Consul(2).loglike(np.array([3.0, 2.0]), rows([0.0, 0.0], [-0.5, -0.5]))
    assert np.isnan(beyond) and edge == -np.inf
    eta = rows([1.0], [-0.03])
    p = sum(Consul(2).probability(k, eta)[0] for k in range(9, 33) if np.exp(1.0) * (1 - 0.03 * k) > 0)
    assert np.exp(Consul(2).between(9, np.inf, eta).value[0]) == pytest.approx(p, rel=1e-11)
