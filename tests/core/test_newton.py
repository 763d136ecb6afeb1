"""The engine's promise about what it returns: the information is that at the estimate."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError
from exportmodels.core.newton import maximize, permitted_drift
from exportmodels.spread import NegativeBinomial

X = np.column_stack([np.ones(40), np.linspace(-1, 1, 40), np.tile([0.0, 1.0], 20)])
Y = np.random.default_rng(3).poisson(np.exp(X @ [0.5, 1.0, -0.5]))


class Counts:
    """A Poisson log-likelihood that counts its evaluations."""

    def __init__(self):
        self.evaluations = 0

    def evaluate(self, theta):
        self.evaluations += 1
        mean = np.exp(X @ theta)
        return float(Y @ np.log(mean) - mean.sum()), X.T @ (Y - mean), X.T @ (X * mean[:, None])


@pytest.mark.parametrize("seed", range(40))
def test_information_is_that_at_the_estimate(seed):
    start = np.random.default_rng(seed).normal(size=3)
    plain, exact = Counts(), Counts()
    without = maximize(plain, start, drift=np.inf)
    maximum = maximize(exact, start)
    np.testing.assert_allclose(maximum.information, exact.evaluate(maximum.theta)[2], rtol=1e-13)
    np.testing.assert_allclose(maximum.theta, without.theta, rtol=1e-10)
    assert maximum.converged and without.converged
    assert exact.evaluations - 1 <= plain.evaluations + 1


def test_a_start_near_the_maximum_is_left_for_it():
    best = maximize(Counts(), np.zeros(3))
    near = best.theta + 3e-9 / np.sqrt(np.diag(best.information))
    np.testing.assert_allclose(maximize(Counts(), near).information, best.information, rtol=1e-13)


def test_many_rows_are_spared_another_pass():
    starts = [np.random.default_rng(seed).normal(size=3) for seed in range(40)]
    few, many = Counts(), Counts()
    for start in starts:
        maximize(few, start, drift=permitted_drift(1_000))
        maximize(many, start, drift=permitted_drift(1_000_000))
    assert many.evaluations < few.evaluations


def test_a_singular_information_is_told_in_words():
    firms = pd.DataFrame({"x": [0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]})
    firms["count"] = [1, 4, 2, 9, 3, 1, 12, 5, 2, 1, 20, 3, 6, 2]
    with pytest.raises(ConvergenceError, match="no over-dispersion"):
        NegativeBinomial.from_formula("count ~ x", firms, form="nbp").fit()


def test_a_start_without_derivatives_is_refused():
    class Cliff:
        def evaluate(self, theta):
            return -1.0, np.zeros(1), np.full((1, 1), np.nan)

    with pytest.raises(ConvergenceError, match="derivative is not finite at the starting values"):
        maximize(Cliff(), np.zeros(1))
