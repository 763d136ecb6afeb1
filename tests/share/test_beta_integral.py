"""Integrals of a beta law between limits agree with mpmath, derivatives too, whatever the parameters."""

import mpmath
import numpy as np
import pytest

from exportmodels.share.beta_integral import Nodes


def moments(lower, upper, p, q):
    """Return the log of the incomplete beta function and its derivatives in p and q, by differences in 60 digits."""

    def log_integral(a, b):
        if upper == 1:  # that of the rest keeps the digits
            return mpmath.log(mpmath.betainc(b, a, 0, 1 - mpmath.mpf(lower)))
        return mpmath.log(mpmath.betainc(a, b, lower, upper))

    def slope(*order):
        return mpmath.diff(log_integral, (p, q), order)

    second = [[slope(2, 0), slope(1, 1)], [slope(1, 1), slope(0, 2)]]
    return float(log_integral(p, q)), np.array([slope(1, 0), slope(0, 1)], float), np.array(second, float)


@pytest.mark.parametrize(
    ("lower", "upper"), [(0.0, 0.1), (0.0, 1e-5), (0.0, 0.4999), (0.1, 0.25), (0.75, 1.0), (0.0, 1.0)]
)
@pytest.mark.parametrize(
    ("p", "q"),
    [(0.3, 0.8), (1.0, 1.0), (2.0, 5.0), (12.0, 3.0), (40.0, 60.0), (70.0, 40.0), (3.0, 200.0), (250.0, 250.0)],
)
def test_integrals_and_their_derivatives_agree_with_mpmath(lower, upper, p, q):
    with mpmath.workdps(60):
        value, mean, covariance = moments(lower, upper, p, q)
    parameters = (np.array([[p]]), np.array([[q]]))
    found = Nodes.between(np.array([lower]), np.array([upper]), *parameters).integrals(*parameters)
    assert found[0][0, 0] == pytest.approx(value, rel=1e-13, abs=1e-13)
    np.testing.assert_allclose(found[1][:, 0, 0], mean, rtol=1e-12)
    np.testing.assert_allclose(found[2][:, :, 0, 0], covariance, rtol=1e-9)


def test_many_pairs_of_limits_and_parameters_are_as_each_by_itself():
    rng = np.random.default_rng(0)
    lower, p, q = np.array([0.0, 0.0, 0.3]), rng.uniform(0.5, 9, (3, 2000)), rng.uniform(0.5, 9, (3, 2000))
    upper = lower + 0.2
    together = Nodes.between(lower, upper, p, q).integrals(p, q)
    for g, n in ((0, 0), (1, 1500), (2, 1999)):
        own = (p[g : g + 1, [n]], q[g : g + 1, [n]])
        alone = Nodes.between(lower[[g]], upper[[g]], *own).integrals(*own)
        for one, all_ in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[..., 0, 0], all_[..., g, n], rtol=1e-11, atol=1e-14)
