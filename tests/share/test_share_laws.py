"""The laws of a share: derivatives against 50-digit arithmetic, moments, limits and draws."""

from functools import partial

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.links import LINKS
from exportmodels.share.beta_law import BetaShare
from exportmodels.share.corners import Cornered
from exportmodels.share.extended_law import ExtendedBetaShare, exponential_nodes
from exportmodels.share.normal import NormalShare, TruncatedNormal, log_between

LIMITS = [(0.2, 0.2), (0.9, 0.9), (0.0, 0.1), (0.25, 0.5), (0.75, 1.0), (0.5, 0.501)]
KNOWN = [(0.05, 0.05), (0.2, 0.2), (0.9, 0.9)]
ENDS = [(0.0, 0.0), (1.0, 1.0)]


@pytest.fixture(autouse=True)
def fifty_digits():
    with mp.workdps(50):
        yield


def normal_density(mu, log_scale, t):
    return mp.npdf(t, mu, mp.exp(log_scale))


def normal_between(mu, log_scale, low, high):
    s = mp.exp(log_scale)
    a, b = (low - mu) / s, (high - mu) / s
    return mp.ncdf(-a) - mp.ncdf(-b) if a + b > 0 else mp.ncdf(b) - mp.ncdf(a)


def logit(t):
    return -mp.inf if t == 0 else mp.inf if t == 1 else mp.log(t / (1 - t))


def beta_parameters(mean, log_precision):
    return mp.exp(log_precision) / (1 + mp.exp(-mean)), mp.exp(log_precision) / (1 + mp.exp(mean))


def beta_between(mean, log_precision, low, high):
    p, q = beta_parameters(mean, log_precision)
    return mp.betainc(p, q, low, high, regularized=True)


def beta_density(mean, log_precision, t):
    p, q = beta_parameters(mean, log_precision)
    return t ** (p - 1) * (1 - t) ** (q - 1) / mp.beta(p, q)


def plain(between, density, scaled, low, high, *eta):
    low, high = mp.mpf(low), mp.mpf(high)
    if low == high:
        jacobian = 1 / (low * (1 - low)) if scaled is logit else 1
        return mp.log(density(*eta, scaled(low)) * jacobian)
    return mp.log(between(*eta, scaled(low), scaled(high)))


def cornered(inner, low, high, *eta):
    zero, one = eta[-2:]
    total = 1 + mp.exp(zero) + mp.exp(one)
    if low == high and low in (0, 1):
        return mp.log(mp.exp(one if low else zero) / total)
    inside = mp.exp(inner(low, high, *eta[:-2])) / total
    return mp.log(inside + (mp.exp(one) / total if high == 1 else 0))


def censored(low, high, *eta):
    low = -mp.inf if high == 0 else mp.mpf(low)
    high = mp.inf if high == 1 else mp.mpf(high)
    return mp.log(normal_between(*eta, low, high) if low < high else normal_density(*eta, low))


def truncated(low, _, mu, log_scale):
    return mp.log(normal_density(mu, log_scale, mp.mpf(low)) / normal_between(mu, log_scale, mp.mpf(0), mp.mpf(1)))


def above_zero(low, _, mu, log_scale):
    return mp.log(normal_density(mu, log_scale, mp.mpf(low)) / normal_between(mu, log_scale, mp.mpf(0), mp.inf))


def extended(nodes, low, _, mean, log_precision, log_exceedance):
    p, q = beta_parameters(mean, log_precision)
    total = mp.mpf(0)
    for factor, probability in nodes:
        u = factor * mp.exp(log_exceedance)
        end = u / (1 + 2 * u)
        if low in (0, 1):
            total += probability * mp.betainc(*((q, p) if low else (p, q)), 0, end, regularized=True)
        else:
            at = (mp.mpf(low) + u) / (1 + 2 * u)
            total += probability * at ** (p - 1) * (1 - at) ** (q - 1) / mp.beta(p, q) / (1 + 2 * u)
    return mp.log(total)


def same(t):
    return t


NORMAL = partial(plain, normal_between, normal_density, same)
LOGIT_NORMAL = partial(plain, normal_between, normal_density, logit)
BETA = partial(plain, beta_between, beta_density, same)
ONE, FEW = ((1.0, 1.0),), exponential_nodes(5)
LAWS = {
    "normal": (NormalShare(), NORMAL, LIMITS),
    "tobit": (NormalShare(ends=(0.0, 1.0)), censored, LIMITS + ENDS),
    "truncated": (TruncatedNormal((0.0, 1.0)), truncated, KNOWN),
    "truncated below": (TruncatedNormal((0.0, np.inf)), above_zero, KNOWN),
    "logitnormal": (NormalShare(logit=True), LOGIT_NORMAL, LIMITS),
    "beta": (BetaShare(), BETA, LIMITS),
    "extended beta": (ExtendedBetaShare(), partial(extended, ONE), KNOWN + ENDS),
    "mixed extended beta": (ExtendedBetaShare(nodes=FEW), partial(extended, FEW), KNOWN + ENDS),
    "cornered logitnormal": (
        Cornered(NormalShare(logit=True), (0.0, 1.0)),
        partial(cornered, LOGIT_NORMAL),
        LIMITS + ENDS,
    ),
    "cornered beta": (Cornered(BetaShare(), (0.0, 1.0)), partial(cornered, BETA), LIMITS + ENDS),
}
POINTS = [(0.3, 0.2, -0.5, -1.0), (-1.4, 1.5, 0.7, 0.1), (2.0, -0.8, -3.0, 2.0)]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("law", LAWS)
def test_value_and_derivatives_against_fifty_digits(law, point):
    family, reference, rows = LAWS[law]
    k = len(family.predictors)
    point = point[:k]
    y = np.array(rows)[:, 0] if isinstance(family, TruncatedNormal | ExtendedBetaShare) else np.array(rows)
    eta = np.repeat(np.array(point)[:, None], len(rows), axis=1)
    value, (first, second) = family.loglike(y, eta), family.derivatives(y, eta)
    for i, (low, high) in enumerate(rows):
        function = partial(reference, low, high)
        np.testing.assert_allclose(value[i], float(function(*map(mp.mpf, point))), rtol=1e-10, atol=1e-12)
        for j in range(k):
            order = tuple(int(a == j) for a in range(k))
            exact = float(mp.diff(function, point, order))
            np.testing.assert_allclose(first[j, i], exact, rtol=1e-9, atol=1e-9)
            for m in range(j, k):
                both = tuple(order[a] + int(a == m) for a in range(k))
                np.testing.assert_allclose(second[j, m, i], float(mp.diff(function, point, both)), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(second, second.transpose(1, 0, 2), rtol=1e-13)


@pytest.mark.parametrize("law", LAWS)
def test_draws_agree_with_mean_and_distribution(law):
    family = LAWS[law][0]
    eta = np.repeat(np.array([0.4, -0.6, -1.0, -0.7])[: len(family.predictors), None], 200_000, axis=1)
    shares = family.draw(eta, np.random.default_rng(1))
    assert abs(shares.mean() - family.mean(eta)[0]) < 5 * shares.std() / np.sqrt(shares.size)
    for limit in (0.0, 0.1, 0.5, 0.9):
        assert abs((shares <= limit).mean() - family.below(limit, eta)[0]) < 0.006
    assert abs((shares == 1).mean() - family.everything(eta)[0]) < 0.006


@pytest.mark.parametrize("law", LAWS)
def test_the_mean_is_the_integral_of_the_survival_function(law):
    family = LAWS[law][0]
    eta = np.array([0.4, 0.9, -1.0, -0.7])[: len(family.predictors), None]
    grid, weight = np.polynomial.legendre.leggauss(2000)
    reach = 12.0 if law in ("normal", "truncated below") else 0.0
    points = -reach + (1 + 2 * reach) * (grid + 1) / 2
    above = np.array([1 - family.below(t, eta)[0] for t in points])
    assert abs(-reach + (1 + 2 * reach) * weight @ above / 2 - family.mean(eta)[0]) < 2e-4


@pytest.mark.parametrize(("a", "b"), [(-40.0, -39.0), (30.0, 31.0), (-1e-3, 1e-3), (-np.inf, -38.0), (8.0, np.inf)])
def test_probabilities_between_far_limits_keep_their_digits(a, b):
    low, high = (mp.mpf(x) for x in (a, b))
    exact = mp.log(mp.ncdf(-low) - mp.ncdf(-high) if a + b > 0 else mp.ncdf(high) - mp.ncdf(low))
    np.testing.assert_allclose(log_between(np.array([a]), np.array([b]))[0], float(exact), rtol=1e-13)


@pytest.mark.parametrize("eta", [(-30.0, 2.0), (40.0, 2.0), (0.0, 12.0), (0.5, -3.0)])
def test_the_beta_law_stays_finite_far_out(eta):
    family, y = BetaShare(), np.array([(0.3, 0.3), (0.0, 0.1), (0.25, 0.5), (0.75, 1.0)])
    at = np.repeat(np.array(eta)[:, None], len(y), axis=1)
    assert np.isfinite(family.loglike(y, at)).all()
    first, second = family.derivatives(y, at)
    assert np.isfinite(first).all()
    assert np.isfinite(second).all()


@pytest.mark.parametrize("precision", [0.2, 50.0, 2000.0, 9000.0])
def test_beta_brackets_at_every_precision(precision):
    family = BetaShare()
    for low, high in [(0.0, 0.1), (0.1, 0.25), (0.25, 0.5), (0.75, 1.0)]:
        eta = np.array([[-0.8], [np.log(precision)]])
        exact = float(plain(beta_between, beta_density, same, low, high, mp.mpf(-0.8), mp.log(precision)))
        if exact > -300:
            np.testing.assert_allclose(family.loglike(np.array([[low, high]]), eta)[0], exact, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("mean", [-9.0, -6.0, 7.0])
def test_beta_brackets_at_means_near_the_ends(mean):
    family = BetaShare()
    for low, high in [(0.0, 0.1), (0.1, 0.25), (0.75, 1.0)]:
        eta = np.array([[mean], [2.0]])
        exact = float(plain(beta_between, beta_density, same, low, high, mp.mpf(mean), mp.mpf(2)))
        np.testing.assert_allclose(family.loglike(np.array([[low, high]]), eta)[0], exact, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("link", LINKS)
def test_beta_links_against_differences(link):
    family, h = BetaShare(LINKS[link]), 1e-5
    y, eta = np.array([0.1, 0.5, 0.97]), np.array([[0.3, -0.6, 1.1], [1.0, 0.2, 2.0]])
    first, second = family.derivatives(y, eta)
    for k in range(2):
        step = np.zeros((2, 1))
        step[k] = h
        up, down = family.loglike(y, eta + step), family.loglike(y, eta - step)
        np.testing.assert_allclose(first[k], (up - down) / (2 * h), rtol=1e-7, atol=1e-8)
        up, down = family.derivatives(y, eta + step)[0], family.derivatives(y, eta - step)[0]
        np.testing.assert_allclose(second[k], (up - down) / (2 * h), rtol=1e-7, atol=1e-7)
