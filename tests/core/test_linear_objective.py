"""The objective of a family against sums over rows written out by hand: weights, offsets, two predictors, blocks."""

import numpy as np
import pytest

from exportmodels.core import family as module
from exportmodels.core.family import LinearObjective, block_diagonal, collapse

N = 50
RNG = np.random.default_rng(11)
X, Z = RNG.normal(size=(N, 2)), RNG.normal(size=(N, 3))
BASES = (np.array([[2.0, 0.5], [0.0, 1.0]]), np.diag([1.0, 3.0, 0.2]))
Y, WEIGHT, OFFSET = RNG.normal(size=N), RNG.uniform(0.5, 2, N), RNG.normal(size=N)
THETA = np.array([0.3, -0.2, 0.1, 0.4, -0.5])


class Normal:
    """The normal law: its mean, and the logarithm of its standard deviation."""

    predictors = ("mean", "log_scale")

    def loglike(self, y, eta):
        return -0.5 * ((y - eta[0]) / np.exp(eta[1])) ** 2 - eta[1]

    def derivatives(self, y, eta):
        gap, precision = y - eta[0], np.exp(-2 * eta[1])
        first = np.stack([gap * precision, gap**2 * precision - 1])
        cross = -2 * gap * precision
        return first, np.array([[-precision, cross], [cross, -2 * gap**2 * precision]])


def objective(weight, offset):
    return LinearObjective(Normal(), Y, (X, Z), BASES, weight, offset)


def by_hand(weight, offset):
    """Return log-likelihood, scores of the rows and information, a row at a time."""
    total, scores, information = 0.0, [], np.zeros((5, 5))
    for i in range(N):
        rows = np.zeros((2, 5))
        rows[0, :2], rows[1, 2:] = X[i] @ BASES[0], Z[i] @ BASES[1]
        eta = rows @ THETA + [offset[i], 0.0]
        first, second = Normal().derivatives(Y[i], eta)
        total += weight[i] * Normal().loglike(Y[i], eta)
        scores.append(rows.T @ first)
        information -= weight[i] * rows.T @ second @ rows
    return total, np.array(scores), information


@pytest.mark.parametrize("block", [7, 8192], ids=["blocks", "whole"])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weight"])
@pytest.mark.parametrize("offset", [None, OFFSET], ids=["", "offset"])
def test_sums_over_rows(monkeypatch, weight, offset, block):
    monkeypatch.setattr(module, "_BLOCK", block)
    own = objective(weight, offset)
    factors, added = np.ones(N) if weight is None else weight, np.zeros(N) if offset is None else offset
    total, scores, information = by_hand(factors, added)
    value, score, found = own.evaluate(THETA)
    assert value == pytest.approx(total, rel=1e-12)
    np.testing.assert_allclose(score, factors @ scores, rtol=1e-10)
    np.testing.assert_allclose(found, information, rtol=1e-10)
    np.testing.assert_allclose(own.scores(THETA), scores, rtol=1e-10)
    np.testing.assert_allclose(own.outer(THETA, None), scores.T @ scores, rtol=1e-9)
    np.testing.assert_allclose(own.outer(THETA, WEIGHT), (scores * WEIGHT[:, None]).T @ scores, rtol=1e-9)


def test_some_rows_keep_their_weights_and_offsets():
    chosen = np.arange(0, N, 3)
    value = objective(WEIGHT, OFFSET).rows(chosen).evaluate(THETA)[0]
    left = np.where(np.isin(np.arange(N), chosen), WEIGHT, 0.0)
    assert value == pytest.approx(by_hand(left, OFFSET)[0], rel=1e-12)


def test_blocks_on_a_diagonal():
    found = block_diagonal([np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0]])])
    np.testing.assert_array_equal(found, [[1, 2, 0], [3, 4, 0], [0, 0, 5]])


TWICE = np.repeat(np.arange(100), 2)


@pytest.mark.parametrize("weight", [None, np.arange(200.0)], ids=["", "weight"])
def test_identical_rows_become_one(weight):
    y, x = TWICE % 2, np.column_stack([TWICE % 5, TWICE % 3])
    first, count = collapse(y, (x,), None, weight)
    assert len(first) == 30  # 2 x 5 x 3
    for row, total in zip(first, count, strict=True):
        same = (y == y[row]) & (x == x[row]).all(axis=1)
        assert total == (same.sum() if weight is None else weight[same].sum())
    assert count.dtype == float


def test_rows_that_differ_in_the_extra_column_alone_stay():
    y, x, extra = TWICE % 2, (TWICE % 5)[:, None], np.arange(200.0) % 40
    first, _ = collapse(y, (x,), extra, None)
    assert len(first) == len(np.unique(np.column_stack([y, x, extra]), axis=0))


def test_few_rows_and_rows_that_are_all_different_stay_as_they_are():
    y, x = TWICE % 2, (TWICE % 5)[:, None]
    assert collapse(y[:199], (x[:199],), None, None) is None
    assert collapse(y, (np.arange(200.0)[:, None],), None, None) is None
    assert collapse(y, (np.where(np.arange(200) < 122, np.arange(200), 500)[:, None],), None, None) is None


@pytest.mark.parametrize("distinct", [118, 121])
def test_collapsing_pays_below_three_fifths(distinct):
    different = np.where(np.arange(200) < distinct, np.arange(200), 0)[:, None]
    assert (collapse(np.zeros(200), (different,), None, None) is None) == (distinct > 120)
