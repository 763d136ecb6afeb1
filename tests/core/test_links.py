"""Links against arithmetic in 120 digits, far into both tails."""

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.links import LINKS

mp.mp.dps = 120
PRECISE = {
    "logit": lambda x: 1 / (1 + mp.exp(-x)),
    "probit": mp.ncdf,
    "cloglog": lambda x: -mp.expm1(-mp.exp(x)),
    "loglog": lambda x: mp.exp(-mp.exp(-x)),
    "cauchit": lambda x: mp.atan(x) / mp.pi + mp.mpf(1) / 2,
}
ETA = np.array([-25.0, -19.0, -12.0, -9.3, -5.0, -2.0, -0.6, 0.0, 0.3, 1.0, 1.7, 2.9])


def logs(name, x):
    """Return log F and log(1 - F); the upper tail of the two that underflow by their own formulas."""
    below = PRECISE[name](x)
    above = {"probit": lambda: mp.ncdf(-x), "cloglog": lambda: mp.exp(-mp.exp(x))}.get(name, lambda: 1 - below)()
    return mp.log(below), mp.log(above)


def precise(name, x, k, order):
    return float(mp.diff(lambda t: logs(name, t)[k], mp.mpf(x), order))


def test_every_link_is_here():
    assert set(LINKS) == set(PRECISE)


@pytest.mark.parametrize("name", PRECISE)
def test_values(name):
    link = LINKS[name]
    np.testing.assert_allclose(link.probability(ETA), [float(PRECISE[name](mp.mpf(x))) for x in ETA], rtol=1e-12)
    shares = np.array([1e-3, 0.02, 0.4, 0.5, 0.93])
    np.testing.assert_allclose(link.probability(link.quantile(shares)), shares, rtol=1e-11)
    for k, found in enumerate(link.logs(ETA)):
        np.testing.assert_allclose(found, [float(logs(name, mp.mpf(x))[k]) for x in ETA], rtol=1e-11, atol=1e-16)
    np.testing.assert_allclose(link.no(ETA)[0], link.logs(ETA)[1], rtol=1e-11)


@pytest.mark.parametrize("name", PRECISE)
def test_slopes(name):
    link = LINKS[name]
    for found, (k, order) in zip(link.slopes(ETA), [(0, 1), (1, 1), (0, 2), (1, 2)], strict=True):
        np.testing.assert_allclose(found, [precise(name, x, k, order) for x in ETA], rtol=1e-9, atol=1e-16)
    for found, order in zip(link.no(ETA)[1:], (1, 2), strict=True):
        np.testing.assert_allclose(found, [precise(name, x, 1, order) for x in ETA], rtol=1e-9, atol=1e-16)
