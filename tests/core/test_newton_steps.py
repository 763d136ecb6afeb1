"""The engine where Newton's own step would not do: far starts, functions that are not concave, and no maximum."""

import numpy as np
import pytest

from exportmodels.core.newton import maximize, newton_step

MATRIX = np.array([[4.0, 1.0], [1.0, 9.0]]) * np.outer([1e-4, 1e3], [1e-4, 1e3])


class Function:
    """A function of one coefficient with its first derivative and minus its second."""

    def __init__(self, value, first, minus_second):
        self.parts, self.places = (value, first, minus_second), []

    def evaluate(self, theta):
        self.places.append(float(theta[0]))
        value, first, second = (part(theta[0]) for part in self.parts)
        return float(value), np.array([first]), np.array([[second]])


def log_cosh():
    return Function(lambda t: -np.log(np.cosh(t)), lambda t: -np.tanh(t), lambda t: 1 / np.cosh(t) ** 2)


def cauchy():
    square = lambda t: 1 + t * t  # noqa: E731
    return Function(
        lambda t: -np.log(square(t)), lambda t: -2 * t / square(t), lambda t: 2 * (1 - t * t) / square(t) ** 2
    )


def test_a_step_solves_the_equations_whatever_the_units():
    score = np.array([3e-4, -2e3])
    step, ridge = newton_step(MATRIX, score)
    assert ridge == 0
    np.testing.assert_allclose(MATRIX @ step, score, rtol=1e-12)


def test_a_ridge_makes_the_step_one_uphill():
    information, score = np.array([[-1.0, 0.0], [0.0, 4.0]]), np.array([2.0, 1.0])
    step, ridge = newton_step(information, score)
    assert ridge == 10.0  # 1e-4, then ten times as much until the scaled information is positive definite
    np.testing.assert_allclose(step, score / (np.diag(information) + ridge * np.abs(np.diag(information))), rtol=1e-12)


def test_without_an_information_the_step_is_the_score_in_its_units():
    step, ridge = newton_step(np.array([[4.0, np.inf], [np.inf, 16.0]]), np.array([2.0, 8.0]))
    assert ridge == np.inf
    np.testing.assert_allclose(step, [0.5, 0.5])


@pytest.mark.parametrize("start", [1.5, -3.0, 6.0])
def test_steps_that_overshoot_are_halved(start):
    function = log_cosh()
    maximum = maximize(function, np.array([start]))
    assert maximum.converged
    assert maximum.theta[0] == pytest.approx(0, abs=1e-9)
    assert max(map(abs, function.places)) <= abs(start) + 8  # no step is longer than eight


@pytest.mark.parametrize("start", [0.9, 5.0, -40.0])
def test_where_a_function_is_not_concave_it_is_climbed_all_the_same(start):
    maximum = maximize(cauchy(), np.array([start]))
    assert maximum.converged and maximum.positive_definite
    assert maximum.theta[0] == pytest.approx(0, abs=1e-9)


def test_the_certificate_of_a_quadratic():
    class Quadratic:
        def evaluate(self, theta):
            return float(-0.5 * theta @ MATRIX @ theta), -MATRIX @ theta, MATRIX

    maximum = maximize(Quadratic(), np.array([5.0, 2e-3]))
    correlation = 1 / 6  # of the two coefficients, in units of the diagonal
    assert maximum.condition == pytest.approx((1 + correlation) / (1 - correlation), rel=1e-9)
    assert (maximum.converged, maximum.positive_definite, maximum.iterations) == (True, True, 1)
    assert maximum.loglike == pytest.approx(0, abs=1e-20)
    np.testing.assert_allclose(maximum.theta, 0, atol=1e-10)
    np.testing.assert_array_equal(maximum.information, MATRIX)
    assert maximum.distance < 1e-8


def test_nothing_to_estimate_is_a_maximum_of_condition_one():
    class Constant:
        def evaluate(self, theta):
            return -3.0, np.empty(0), np.empty((0, 0))

    maximum = maximize(Constant(), np.empty(0))
    assert (maximum.loglike, maximum.condition, maximum.converged) == (-3.0, 1.0, True)


def test_a_limit_at_infinity_is_no_maximum():
    rising = Function(lambda t: -np.exp(-t), lambda t: np.exp(-t), lambda t: np.exp(-t))
    maximum = maximize(rising, np.array([0.0]), max_iter=20)
    assert not maximum.converged
    assert maximum.iterations == 20
    assert maximum.distance == pytest.approx(np.exp(-maximum.theta[0] / 2))
