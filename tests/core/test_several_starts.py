"""The best of several maxima: the highest is kept, and an unfinished climb above all of them is not hidden."""

import numpy as np
import pytest

from exportmodels.core.errors import ConvergenceError
from exportmodels.core.newton import maximize
from exportmodels.core.several_starts import best_of, with_no_higher_beside


class Curve:
    """A log-likelihood of one coefficient, from its value, slope and bend."""

    def __init__(self, value, slope, bend):
        self.parts = value, slope, bend

    def evaluate(self, theta):
        value, slope, bend = (float(part(theta[0])) for part in self.parts)
        return value, np.array([slope]), np.array([[-bend]])


# maxima at -1 and 1, the right one higher by 0.2
HILLS = Curve(lambda x: -((x * x - 1) ** 2) + 0.1 * x, lambda x: -4 * x**3 + 4 * x + 0.1, lambda x: -12 * x**2 + 4)


@pytest.mark.parametrize("starts", [(-2.0, 2.0), (2.0, -2.0), (-2.0, 0.9, -0.8, 1.3)])
def test_the_highest_maximum_is_kept(starts):
    best = best_of(HILLS, [np.array([x]) for x in starts])
    assert best.converged and best.theta[0] > 0.9
    assert best.starts == len(starts) and len(best.lower) == 1
    np.testing.assert_allclose(best.loglike - best.lower[0], 0.2, rtol=1e-2)
    assert "2 were found" in best.note


def test_one_maximum_has_no_note():
    best = best_of(HILLS, [np.array([0.8]), np.array([1.5])])
    assert best.lower == () and best.note == ""


def test_a_climb_without_end_above_the_maximum_is_not_hidden():
    # a hill at zero of height -1, and a slope that rises towards zero for ever
    def bump(x):
        return -1 - x * x if abs(x) < 1 else -np.exp(-abs(x) / 50)

    def slope(x):
        return -2 * x if abs(x) < 1 else np.sign(x) * np.exp(-abs(x) / 50) / 50

    rising = Curve(bump, slope, lambda x: -2.0 if abs(x) < 1 else -np.exp(-abs(x) / 50) / 2500)
    best = best_of(rising, [np.array([0.1]), np.array([60.0])], max_iter=5)
    assert not best.converged
    assert best.lower == (-1.0,)


def test_starts_without_a_likelihood_are_passed_over():
    roots = Curve(lambda x: -(x**2) if x < 5 else np.nan, lambda x: -2 * x, lambda x: -2.0)
    assert best_of(roots, [np.array([9.0]), np.array([1.0])]).starts == 1
    with pytest.raises(ConvergenceError, match="none of the starting values"):
        best_of(roots, [np.array([9.0])])


def test_a_higher_maximum_within_half_a_standard_error_is_climbed():
    low = Curve(*(lambda x, part=part: part(x) / 50 for part in (
        lambda x: -((x * x - 1) ** 2) + x, lambda x: -4 * x**3 + 4 * x + 1, lambda x: -12 * x**2 + 4
    )))  # fmt: skip
    left = maximize(low, np.array([-0.8]))
    assert left.converged and left.theta[0] < -0.7
    best = with_no_higher_beside(low, left)
    assert best.converged and best.theta[0] > 1
    assert with_no_higher_beside(low, best) is best


def test_a_higher_maximum_farther_off_is_another_matter():
    left = maximize(HILLS, np.array([-2.0]))
    assert with_no_higher_beside(HILLS, left) is left
