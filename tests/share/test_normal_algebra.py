"""Normal laws of a share against their definitions in many digits: brackets, ends, means, draws, starts."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.special import ndtr

from exportmodels.share.normal import NormalShare, TruncatedNormal, log_between

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree as compare


def between(mu, log_scale, low, high):
    """The normal probability between two limits, from the tail in which it lies."""
    s = mp.exp(log_scale)
    a, b = (low - mu) / s, (high - mu) / s
    return mp.ncdf(-a) - mp.ncdf(-b) if a + b > 0 else mp.ncdf(b) - mp.ncdf(a)


def density(mu, log_scale, y):
    return mp.npdf(y, mu, mp.exp(log_scale))


def log_odds(share):
    return {0: -mp.inf, 1: mp.inf}.get(share) or mp.log(share / (1 - share))


def agree(family, cases, rtol=1e-9):
    """Compare values and derivatives of rows, each (outcome, predictors, exact likelihood), with the exact ones."""
    y, eta = np.array([case[0] for case in cases], dtype=float), np.array([case[1] for case in cases], dtype=float).T
    found = family.loglike(y, eta), *family.derivatives(y, eta)
    compare(found, [exact for *_, exact in cases], eta, rtol, atol=1e-9)


PLACES = [(0.3, -0.5), (-1.7, 0.4), (2.1, -1.0)]


@pytest.mark.parametrize("at", PLACES)
def test_known_values_and_brackets_of_a_normal_share(at):
    brackets = [(0.1, 0.25), (0.0, 0.5), (0.5, np.inf), (-np.inf, 0.2)]
    cases = [([y, y], at, lambda m, c, y=y: density(m, c, y)) for y in (-0.2, 0.7)]
    cases += [([low, high], at, lambda m, c, low=low, high=high: between(m, c, low, high)) for low, high in brackets]
    agree(NormalShare(), cases)
    agree(NormalShare(), [(0.4, at, lambda m, c: density(m, c, 0.4))])


@pytest.mark.parametrize("at", PLACES)
def test_known_values_and_brackets_of_normal_log_odds(at):
    cases = [
        ([y, y], at, lambda m, c, y=y: density(m, c, log_odds(mp.mpf(y))) / (mp.mpf(y) * (1 - mp.mpf(y))))
        for y in (0.02, 0.5, 0.9)
    ]
    for low, high in [(0.0, 0.1), (0.25, 0.5), (0.75, 1.0)]:
        limits = log_odds(mp.mpf(low)), log_odds(mp.mpf(high))
        cases.append(([low, high], at, lambda m, c, ends=limits: between(m, c, *ends)))
    agree(NormalShare(logit=True), cases)


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.0, np.inf), (-np.inf, 1.0), (0.2, 0.6)])
def test_at_and_beyond_an_end_lie_all_latent_values_there(at, ends):
    low, high = ends
    inside = [0.3, 0.55]
    cases = [([y, y], at, lambda m, c, y=y: density(m, c, y)) for y in inside]
    if np.isfinite(low):
        cases += [([y, y], at, lambda m, c: between(m, c, -mp.inf, low)) for y in (low, low - 0.1)]
    if np.isfinite(high):
        cases += [([y, y], at, lambda m, c: between(m, c, high, mp.inf)) for y in (high, high + 0.1)]
        cases += [([0.4, y], at, lambda m, c: between(m, c, 0.4, mp.inf)) for y in (high, high + 0.1)]
        cases += [([high - 0.05, 2.0], at, lambda m, c: between(m, c, high - 0.05, mp.inf))]
    if np.isfinite(low):  # a bracket is open below: one that begins at the end does not hold it
        cases += [([low, 0.5], at, lambda m, c: between(m, c, low, 0.5))]
    agree(NormalShare(ends=ends), cases)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        *[(-3.0, 1.0), (-1.0, 3.0), (-1.0, 1.0), (12.0, 12.5), (-12.5, -12.0), (40.0, 41.0), (-41.0, -40.0)],
        *[(-np.inf, 0.3), (0.3, np.inf), (40.0, np.inf), (-np.inf, np.inf), (0.4, 0.4)],
    ],
)
def test_probabilities_between_limits(a, b):
    exact = float(mp.log(between(0, 0, mp.mpf(a), mp.mpf(b))))
    with np.errstate(all="raise", under="ignore"):
        assert log_between(np.array([a]), np.array([b]))[0] == pytest.approx(exact, rel=1e-13)


def integral(function, low, high):
    with mp.workdps(15):
        return float(mp.quad(function, np.linspace(low, high, 5).tolist()))


@pytest.mark.parametrize("ends", [(-np.inf, np.inf), (0.0, 1.0), (0.0, np.inf), (-np.inf, 0.8), (0.3, 0.8)])
@pytest.mark.parametrize("at", PLACES)
def test_means_of_normal_shares(at, ends):
    mu, s = at[0], np.exp(at[1])
    low, high = np.clip((mu - 12 * s, mu + 12 * s), *ends)
    inner = integral(lambda t: t * mp.npdf(t, mu, s), low, high)
    outer = sum(end * ndtr(sign * (end - mu) / s) for end, sign in zip(ends, (1, -1), strict=True) if np.isfinite(end))
    eta = np.array([[mu, 7.0], [at[1], 0.1]])
    assert NormalShare(ends=ends).mean(eta)[0] == pytest.approx(inner + outer, rel=1e-10)
    seen = inner / integral(lambda t: mp.npdf(t, mu, s), low, high)
    if np.isfinite(ends).any():
        for mean in (NormalShare(ends=ends).mean_between(eta), TruncatedNormal(ends).mean(eta)):
            assert mean.shape == (2,) and mean[0] == pytest.approx(seen, rel=1e-9)


@pytest.mark.parametrize("ends", [(-np.inf, np.inf), (0.0, 1.0), (0.0, np.inf), (-np.inf, 0.8), (0.3, 0.8)])
def test_distributions_of_normal_shares(ends):
    family, eta = NormalShare(ends=ends), np.array(PLACES).T
    z = lambda share: (share - eta[0]) / np.exp(eta[1])  # noqa: E731
    np.testing.assert_allclose(family.everything(eta), ndtr(-z(ends[1])), rtol=1e-13)
    for share in (-0.5, 0.0, 0.3, 0.5, 0.8, 1.0):
        seen = np.zeros(3) if share < ends[0] else np.ones(3) if share >= ends[1] else ndtr(z(share))
        np.testing.assert_allclose(family.below(share, eta), seen, rtol=1e-13)


def test_log_odds_of_the_ends_are_infinite():
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(NormalShare(logit=True).scaled(np.array([0.0, 0.5, 1.0])), [-np.inf, 0.0, np.inf])


@pytest.mark.parametrize(("mu", "log_scale"), [*PLACES, (0.5, 2.0)])
def test_means_and_distributions_of_normal_log_odds(mu, log_scale):
    family, eta, s = NormalShare(logit=True), np.array([[mu], [log_scale]]), np.exp(log_scale)
    mean = integral(lambda t: mp.npdf(t, mu, s) / (1 + mp.exp(-t)), mu - 12 * s, mu + 12 * s)
    assert family.mean(eta)[0] == pytest.approx(mean, rel=1e-11)
    assert family.below(0.3, eta)[0] == pytest.approx(ndtr((np.log(0.3 / 0.7) - mu) / s), rel=1e-13)
    assert (family.below(0.0, eta)[0], family.below(1.0, eta)[0], family.everything(eta)[0]) == (0.0, 1.0, 0.0)


class Given:
    """A generator whose draws are given."""

    def __init__(self, values):
        self.values = np.array(values)

    def standard_normal(self, size):
        assert size == len(self.values)
        return self.values

    random = standard_normal


Z = np.array([-2.5, -0.7, 0.1, 0.9, 2.2])


@pytest.mark.parametrize("at", PLACES)
def test_draws_are_quantiles(at):
    eta = np.repeat(np.array(at)[:, None], 5, axis=1)
    for family in (NormalShare(), NormalShare(logit=True)):
        drawn = family.draw(eta, Given(Z))
        below = [family.below(share, eta)[0] for share in drawn]
        np.testing.assert_allclose(below, ndtr(Z), rtol=1e-9)
    np.testing.assert_array_equal(
        NormalShare(ends=(0.2, 0.6)).draw(eta, Given(Z)), np.clip(NormalShare().draw(eta, Given(Z)), 0.2, 0.6)
    )
    for ends in [(0.0, 1.0), (0.0, np.inf), (-np.inf, 0.4)]:
        family = TruncatedNormal(ends)
        drawn = family.draw(eta, Given(ndtr(Z)))
        assert (drawn > ends[0]).all() and (drawn < ends[1]).all()
        below = np.array([family.below(share, eta)[0] for share in drawn])
        upwards = drawn[-1] > drawn[0]
        np.testing.assert_allclose(below, ndtr(Z if upwards else -Z), rtol=1e-9)


def test_draws_far_in_a_tail_keep_their_digits():
    for mu, sign in [(-15.0, 1), (16.0, -1)]:  # between 0 and 1, the law is all but exponential
        drawn = TruncatedNormal().draw(np.array([[mu] * 5, [0.0] * 5]), Given(ndtr(Z)))
        away = drawn if sign == 1 else 1 - drawn
        assert ((away > 0) & (away < 1)).all()
        assert len(set(np.round(away, 6))) == 5 and np.median(away) == pytest.approx(np.log(2) / 15, rel=0.3)


WEIGHT = np.array([1.0, 2.0, 0.5, 1.5])
ANSWERS = np.array([[0.2, 0.2], [0.25, 0.5], [0.0, 0.1], [0.75, 1.0]])
MIDDLES = ANSWERS.mean(axis=1)


def weighted(values):
    mean = np.average(values, weights=WEIGHT)
    return mean, np.average((values - mean) ** 2, weights=WEIGHT)


def test_starts_are_moments_of_the_middles():
    mean, variance = weighted(MIDDLES)
    for family in (NormalShare(), NormalShare(ends=(0.0, 1.0)), TruncatedNormal()):
        start = family.start(ANSWERS, WEIGHT)
        np.testing.assert_allclose([start[0], np.exp(2 * start[1])], [mean, variance], rtol=1e-12)
    start = NormalShare(logit=True).start(ANSWERS, WEIGHT)
    np.testing.assert_allclose([start[0], np.exp(2 * start[1])], weighted(np.log(MIDDLES / (1 - MIDDLES))), rtol=1e-12)
    start = NormalShare(logit=True).start(np.array([0.0, 1.0]), np.ones(2))
    np.testing.assert_allclose([start[0], np.exp(start[1])], [0, np.log(99)], atol=1e-12)
    for size, least in [(0.5, 1e-12), (1000.0, 1e-6)]:
        start = NormalShare().start(np.full(3, size), np.ones(3))
        np.testing.assert_allclose([start[0], np.exp(2 * start[1])], [size, least], rtol=1e-9)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.0, np.inf), (-np.inf, 0.9)])
def test_truncated_values(ends):
    cases = [
        (y, at, lambda m, c, y=y: density(m, c, y) / between(m, c, mp.mpf(ends[0]), mp.mpf(ends[1])))
        for at in PLACES
        for y in (0.05, 0.6)
    ]
    agree(TruncatedNormal(ends), cases, rtol=1e-8)
    family = TruncatedNormal(ends)
    eta = np.array(PLACES).T
    s = np.exp(eta[1])
    whole = ndtr((ends[1] - eta[0]) / s) - ndtr((ends[0] - eta[0]) / s)
    for share in (0.05, 0.6):
        exact = (ndtr((share - eta[0]) / s) - ndtr((ends[0] - eta[0]) / s)) / whole
        np.testing.assert_allclose(family.below(share, eta), exact, rtol=1e-9)
    at_ends = [(ends[0], 0.0), (ends[0] - 1, 0.0), (ends[1], 1.0), (ends[1] + 1, 1.0)]
    for share, certain in [(share, certain) for share, certain in at_ends if np.isfinite(share)]:
        with np.errstate(all="raise", under="ignore"):
            np.testing.assert_array_equal(family.below(share, eta), np.full(3, certain))
    np.testing.assert_array_equal(family.everything(eta), np.zeros(3))
