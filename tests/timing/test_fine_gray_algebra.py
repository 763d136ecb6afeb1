"""Fine and Gray's partial likelihood against its definition firm by firm: ties, weights, late entry, and influences."""

import sys
from pathlib import Path

import numpy as np
import pytest

from exportmodels.timing.fine_gray_likelihood import FineGrayObjective

sys.path.insert(0, str(Path(__file__).parent))
from complex_steps import curvature, gradient

# Places in time with ties; the last firms are cut off, or make the other move, at the last of them.
N, K = 40, 9
RNG = np.random.default_rng(6)
PLACE = np.r_[RNG.integers(0, K, N - 3), [K - 1] * 3]
CODE = np.r_[RNG.choice(3, N - 3, p=[0.35, 0.35, 0.3]), [0, 1, 2]]
FIRST = np.where(RNG.random(N) < 0.5, np.minimum(RNG.integers(0, 6, N), PLACE), 0)
FIRST[PLACE == 2] = 0
X = np.column_stack([RNG.normal(size=N), RNG.integers(0, 2, N)])
WEIGHT = RNG.uniform(0.5, 2, N)
BASE = np.array([[1.3, 0.2], [-0.3, 0.8]])
THETA = np.array([0.4, -0.5])


def objective(late, weight):
    return FineGrayObjective(X, BASE, PLACE, CODE == 1, CODE == 2, weight, FIRST if late else None)


class Definition:
    """Risk sets, and weights of firms with another event, from the shares not cut off (G) and under observation (H).

    Where `moved` weights are given, H changes by what they do to each factor of its product, and G, as Fine and Gray
    have it (1999, section 5), by what they do to the cumulated hazard of being cut off after T up to and with t.
    """

    def __init__(self, late, weight, moved=None):
        first = FIRST if late else np.zeros(N, dtype=int)
        self.weight = weight if moved is None else moved
        self.there = [(first <= k) & (k <= PLACE) for k in range(K)]
        before, now = (np.array([self._cut_off(w, k) for k in range(K)]) for w in (weight, self.weight))
        self.left = np.cumprod(np.r_[1.0, 1 - before[:-1]])
        self.moved = np.exp(np.cumsum(before - now))
        self.come = np.ones(K, dtype=complex)
        for k in range(K - 1, 0, -1):
            entering = (first == k) & (first > 0)
            self.come[k - 1] = self.come[k] * (1 - self.weight[entering].sum() / self.weight[self.there[k]].sum())

    def _cut_off(self, weight, k):
        return weight[(k == PLACE) & (CODE == 0)].sum() / weight[self.there[k]].sum()

    def share(self, i, k):
        """What firm i counts in the risk set of time k."""
        if self.there[k][i]:
            return 1.0
        if CODE[i] != 2 or PLACE[i] >= k:
            return 0.0
        kept = self.left * self.come * self.moved
        return kept[k] / kept[PLACE[i]]

    def sums(self, risk):
        """Yield time by time who has the event, and what each firm adds to the sum over the risk set."""
        for k in range(K):
            now = (k == PLACE) & (CODE == 1)
            if now.any():
                yield k, now, np.array([self.share(i, k) for i in range(N)]) * risk

    def loglike(self, theta):
        eta, total = X @ (BASE @ theta), 0.0
        for _, now, each in self.sums(self.weight * np.exp(eta)):
            total = total + self.weight[now] @ eta[now] - self.weight[now].sum() * np.log(each.sum())
        return total

    def score(self, theta):
        total = 0.0
        for _, now, each in self.sums(self.weight * np.exp(X @ (BASE @ theta))):
            total = total + self.weight[now] @ (X[now] - each @ X / each.sum())
        return total @ BASE


CASES = pytest.mark.parametrize(
    ("late", "weight"),
    [(False, np.ones(N)), (False, WEIGHT), (True, np.ones(N)), (True, WEIGHT)],
    ids=["plain", "weighted", "late", "late and weighted"],
)


@CASES
def test_value_and_derivatives(late, weight):
    ours, exact = objective(late, weight), Definition(late, weight)
    value, score, information = ours.evaluate(THETA)
    assert value == ours.loglike(THETA) == pytest.approx(np.real(exact.loglike(THETA)), rel=1e-12)
    np.testing.assert_allclose(score, gradient(exact.loglike, THETA), rtol=1e-9)
    np.testing.assert_allclose(information, -curvature(exact.loglike, THETA), rtol=1e-8)


@CASES
def test_scores_are_the_derivatives_of_the_score_in_the_weights(late, weight):
    found = objective(late, weight).scores(THETA)
    for i in range(N):
        moved = Definition(late, weight, weight + 1e-30j * (np.arange(N) == i))
        np.testing.assert_allclose(found[i], moved.score(THETA).imag / 1e-30, rtol=1e-9, atol=1e-11)


@CASES
def test_the_baseline_rises_by_the_events_over_the_risk_set(late, weight):
    step, variance = objective(late, weight).baseline(THETA)
    rises, squares = np.zeros(K), np.zeros(K)
    for k, now, each in Definition(late, weight).sums(weight * np.exp(X @ (BASE @ THETA))):
        rises[k] = weight[now].sum() / each.sum().real
        squares[k] = rises[k] / each.sum().real
    np.testing.assert_allclose(step, rises, rtol=1e-12)
    np.testing.assert_allclose(variance, squares, rtol=1e-12)


def test_shares_not_yet_cut_off_and_come_under_observation():
    ours, exact = objective(True, WEIGHT), Definition(True, WEIGHT)
    np.testing.assert_allclose(ours.observed, (exact.left * exact.come).real, rtol=1e-12)
    np.testing.assert_allclose(ours.at_risk, [WEIGHT[there].sum() for there in exact.there], rtol=1e-12)
    assert not objective(False, WEIGHT).entering.any()
