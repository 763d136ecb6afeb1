"""Tests on the boundary: weights against simulation, and the level they keep."""

import numpy as np
import pytest
from scipy.special import chdtrc

from exportmodels.core.errors import OptionError
from exportmodels.inference import boundary_test
from exportmodels.inference.boundary import _weights


def test_one_parameter_halves_the_pvalue():
    assert boundary_test("none", 3.84).pvalue == pytest.approx(chdtrc(1, 3.84) / 2)
    assert boundary_test("none", 0.0).pvalue == 1.0


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.6])
def test_weights_of_two_are_those_that_simulation_gives(correlation):
    covariance = np.array([[2.0, correlation * np.sqrt(6)], [correlation * np.sqrt(6), 3.0]])
    padded = np.block([[covariance, np.zeros((2, 1))], [np.zeros((1, 2)), np.eye(1)]])
    exact, three = _weights(covariance, 0, 0), _weights(padded, 40_000, 1)
    # a third, independent parameter is positive half of the time
    np.testing.assert_allclose(three, np.convolve(exact, [0.5, 0.5]), atol=0.012)


def test_independent_parameters_have_binomial_weights():
    np.testing.assert_allclose(_weights(np.eye(4), 40_000, 2), [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16], atol=0.012)


def test_a_singular_covariance_is_refused():
    with pytest.raises(OptionError, match="positive definite"):
        boundary_test("none", 1.0, np.ones((2, 2)))
