"""The generalized gamma distribution against 60 digits, on both sides of every place where a series takes over."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from exportmodels.timing.generalized_gamma import GENGAMMA
from exportmodels.timing.latencies import LOGNORMAL, WEIBULL

sys.path.insert(0, str(Path(__file__).parent))
from precise import check

# On both sides of 1/4, where Stirling's series ends, and of zero; nearer to zero than 1/500 the law is interpolated.
SHAPES = [0.3, -0.2, 1.0, 2.0, -0.7]
LOG_T, LOCATION, LOG_SCALE = np.array([-1.0, 0.9, 2.2, 3.1]), 1.1, -0.4


class Method:
    def __init__(self, method):
        self.evaluate = method


def eta(shape, n=4):
    return np.repeat([[LOCATION], [LOG_SCALE], [shape]], n, axis=1)


def noise(log_t, mu, zeta):
    return (mp.mpf(float(log_t)) - mu) / mp.exp(zeta)


def above(w, q):
    """P(W > w), from the incomplete gamma function whose tail this is."""
    if q == 0:
        return mp.ncdf(-w)
    if abs(q) < 0.01:
        return mp.quad(lambda v: mp.exp(log_density(v, q)), [w, w + 4, w + 40])
    a = 1 / q**2
    u = a * mp.exp(q * w)
    return mp.gammainc(a, u, mp.inf, regularized=True) if q > 0 else mp.gammainc(a, 0, u, regularized=True)


def below(w, q):
    return above(-w, -q)


def log_density(w, q):
    """Density by the definition: a exp(q W) is gamma distributed of shape a = 1/q^2."""
    if q == 0:
        return mp.log(mp.npdf(w))
    a = 1 / q**2
    return mp.log(abs(q)) + a * mp.log(a) - mp.loggamma(a) + a * (q * w - mp.exp(q * w))


@pytest.mark.parametrize("shape", [*SHAPES, 0.24, 0.26, -0.24, -0.26, 0.01, -3.0])
def test_densities(shape):
    """In log t from -6 on, so that the remainders of the exponential are taken from their series and without it."""
    log_t = np.array([-6.0, -1.0, 0.9, 1.1 + 1.99 * np.exp(-0.4) / abs(shape), 1.1 + 2.01 * np.exp(-0.4) / abs(shape)])

    def precise(t, mu, zeta, q):
        return log_density(noise(t, mu, zeta), q) - zeta - mp.mpf(float(t))

    check(Method(GENGAMMA.log_density), log_t, eta(shape, 5), precise, rtol=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_tails(shape):
    for method, tail in ((GENGAMMA.log_survival, above), (GENGAMMA.log_failure, below)):
        own = LOG_T[[0, 2]] if tail is below else LOG_T[[1, 3]]

        def precise(t, mu, zeta, q, tail=tail):
            return mp.log(tail(noise(t, mu, zeta), q))

        check(Method(method), own, eta(shape, 2), precise, rtol=1e-7)


@pytest.mark.parametrize("shape", [0.0, -1.9e-3, 2.1e-3])
def test_values_near_the_log_normal(shape):
    q = mp.mpf(shape)
    for method, tail in ((GENGAMMA.log_survival, above), (GENGAMMA.log_failure, below)):
        with mp.workdps(30):
            exact = [float(mp.log(tail(noise(t, LOCATION, LOG_SCALE), q))) for t in LOG_T[1:3]]
        np.testing.assert_allclose(method(LOG_T[1:3], eta(shape, 2))[0], exact, rtol=1e-9)
    mixed = np.array([shape, 0.5, shape, -0.5])
    together = GENGAMMA.log_survival(LOG_T, np.vstack([eta(0)[:2], mixed]))
    for i, q in enumerate(mixed):
        alone = GENGAMMA.log_survival(LOG_T[i : i + 1], eta(q, 1))
        for one, other in zip(together, alone, strict=True):
            np.testing.assert_allclose(one[..., i], other[..., 0], rtol=1e-11)


@pytest.mark.parametrize(("shape", "member"), [(1.0, WEIBULL), (0.0, LOGNORMAL)])
def test_members(shape, member):
    event, later = np.array([1.0, 0.0, 1.0, 0.0]), LOG_T + 0.4
    for ours, theirs in (
        (GENGAMMA.log_ending(LOG_T, event, eta(shape)), member.log_ending(LOG_T, event, eta(shape)[:2])),
        (GENGAMMA.log_between(LOG_T, later, eta(shape)), member.log_between(LOG_T, later, eta(shape)[:2])),
    ):
        np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-10)
        np.testing.assert_allclose(ours[1][:2], theirs[1], rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(ours[2][:2, :2], theirs[2], rtol=1e-7, atol=1e-9)
    for share in (0.02, 0.5, 0.9):
        np.testing.assert_allclose(
            GENGAMMA.quantile(share, eta(shape)), member.quantile(share, eta(shape)[:2]), rtol=1e-9
        )
    np.testing.assert_allclose(GENGAMMA.mean(eta(shape)), member.mean(eta(shape)[:2]), rtol=1e-9)


@pytest.mark.parametrize("shape", [*SHAPES, 1e-3])
def test_quantiles_and_means(shape):
    for share in (0.02, 0.5, 0.9):
        t = np.log(GENGAMMA.quantile(share, eta(shape, 1))[0])
        assert float(below(noise(t, LOCATION, LOG_SCALE), mp.mpf(shape))) == pytest.approx(share, rel=1e-9)
    q, scale = mp.mpf(shape), mp.exp(LOG_SCALE)
    mean = mp.quad(lambda w: mp.exp(LOCATION + scale * w + log_density(w, q)), [-40, -8, -2, 0, 2, 8, 40])
    assert GENGAMMA.mean(eta(shape, 1))[0] == pytest.approx(float(mean), rel=1e-8)


def test_means_of_heavy_tails_are_infinite():
    """1/q^2 + scale/q must be above zero: with a shape of -0.7, the scale below 1/0.7."""
    scales = np.array([1.0, 1.42, 1.44, 3.0])
    found = GENGAMMA.mean(np.stack([np.zeros(4), np.log(scales), np.full(4, -0.7)]))
    assert np.isfinite(found).tolist() == [True, True, False, False]


def test_where_the_search_begins():
    log_t, weight = np.array([0.0, 1.0, 4.0]), np.array([1.0, 2.0, 1.0])
    variance = (1.5**2 + 2 * 0.5**2 + 2.5**2) / 4
    found = GENGAMMA.start(log_t, np.ones(3), weight)
    np.testing.assert_allclose(found, [1.5, np.log(variance) / 2, 0.5], rtol=1e-14)
    np.testing.assert_allclose(GENGAMMA.start(np.ones(3), np.ones(3), weight), [1.0, np.log(0.1), 0.5], rtol=1e-14)
