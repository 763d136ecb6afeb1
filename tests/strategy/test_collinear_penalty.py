"""Jeffreys' penalty of columns that are nearly, or wholly, collinear: half a log determinant in many digits."""

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.bernoulli import Bernoulli
from exportmodels.core.family import LinearObjective
from exportmodels.core.links import LINKS
from exportmodels.strategy import jeffreys
from exportmodels.strategy.intervals import INTERVALS
from exportmodels.strategy.jeffreys import CURVATURES, Penalized
from exportmodels.strategy.jeffreys_rows import PenalizedRows
from exportmodels.strategy.ordered_information import expected_information
from exportmodels.strategy.softmax import Softmax

N = 20
RNG = np.random.default_rng(9)
AGE, Y = RNG.normal(size=N), RNG.integers(0, 2, N).astype(float)
WEIGHT, OFFSET = RNG.uniform(0.5, 2, N), RNG.normal(size=N)
WEIGHTS = pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weighted"])
GAPS = pytest.mark.parametrize(("gap", "rtol"), [(2e-3, 1e-12), (1e-7, 1e-7)])
NOTHING_NEW = pytest.mark.parametrize("column", [np.zeros(N), AGE, 3 - 2 * AGE], ids=["zero", "twin", "sum"])


def half_log_determinant(rows, informations, weight):
    """Return 1/2 log det of the sum of w R' I R over rows, in 50 digits."""
    with mp.workdps(50):
        total = mp.zeros(rows.shape[2])
        for w, r, information in zip(np.ones(N) if weight is None else weight, rows, informations, strict=True):
            r = mp.matrix(r.tolist())
            total += mp.mpf(float(w)) * (r.T * mp.matrix(information.tolist()) * r)
        return float(mp.log(mp.det(total)) / 2)


def columns(gap):
    return np.column_stack([np.ones(N), AGE, AGE + gap * np.cos(np.arange(N))])


def binary(x, weight, link, offset=OFFSET):
    plain = LinearObjective(Bernoulli(LINKS[link]), Y, (x,), (np.eye(x.shape[1]),), weight, offset)
    return Penalized(plain, CURVATURES[link])


@pytest.mark.parametrize("small", [0, 100], ids=["many", "few"])
@pytest.mark.parametrize("link", CURVATURES)
@WEIGHTS
@GAPS
def test_binary(monkeypatch, link, weight, small, gap, rtol):
    monkeypatch.setattr(jeffreys, "SMALL", small)
    x, theta = columns(gap), np.array([0.1, 0.4, -0.2])
    offset = OFFSET if weight is None else None
    objective = binary(x, weight, link, offset)
    v = CURVATURES[link](x @ theta + (0 if offset is None else offset))[0]
    exact = half_log_determinant(x[:, None], v[:, None, None], weight)
    found = objective.evaluate(theta)[0] - objective.plain.evaluate(theta)[0]
    assert found == pytest.approx(exact, rel=rtol)


@pytest.mark.parametrize("small", [0, 100], ids=["many", "few"])
@pytest.mark.parametrize("link", CURVATURES)
@NOTHING_NEW
def test_binary_without_information(monkeypatch, link, small, column):
    monkeypatch.setattr(jeffreys, "SMALL", small)
    objective = binary(np.column_stack([np.ones(N), AGE, column]), WEIGHT, link)
    value, score, information = objective.evaluate(np.zeros(3))
    assert (value, score.tolist()) == (-np.inf, [0.0, 0.0, 0.0])
    np.testing.assert_allclose(information, objective.plain.evaluate(np.zeros(3))[2], rtol=1e-11)


class Flat:
    """A log-likelihood that says nothing."""

    def evaluate(self, theta):
        return 0.0, np.ones(len(theta)), np.eye(len(theta))


LAWS = {
    "ordered": (lambda eta: expected_information(INTERVALS["logit"], eta), np.array([-1.0, 0.8])),
    "modes": (Softmax(("b", "c")).expected, np.array([-0.3, 0.4])),
}


def of_levels(x, weight, law):
    """Two predictors, each with a constant of its own, that share covariates (ordered levels) or do not (modes)."""
    expected, constants = LAWS[law]
    own = np.broadcast_to(np.eye(2), (N, 2, 2))
    shared = np.repeat(-x[:, None, 1:], 2, axis=1)
    rows = np.concatenate([own, shared], axis=2)
    return PenalizedRows(Flat(), rows, expected, weight), np.r_[constants, 0.4 * np.ones(x.shape[1] - 1)]


@pytest.mark.parametrize("law", LAWS)
@WEIGHTS
@GAPS
def test_levels(law, weight, gap, rtol):
    objective, theta = of_levels(columns(gap), weight, law)
    informations = objective.expected(objective.rows @ theta)[0]
    exact = half_log_determinant(objective.rows, informations, weight)
    assert objective.evaluate(theta)[0] == pytest.approx(exact, rel=rtol)


@pytest.mark.parametrize("law", LAWS)
@NOTHING_NEW
def test_levels_without_information(law, column):
    x = np.column_stack([np.ones(N), AGE, column])
    objective, theta = of_levels(x, WEIGHT, law)
    value, score, information = objective.evaluate(theta)
    assert value == -np.inf
    np.testing.assert_array_equal(score, np.ones(4))
    np.testing.assert_array_equal(information, np.eye(4))
    pulls = objective.pulls(theta)
    assert pulls.shape == (N, 4) and np.isnan(pulls).all()
