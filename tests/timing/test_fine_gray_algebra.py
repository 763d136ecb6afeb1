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


# In the last case eight firms are all gone, none by the other move, before the others come.
EARLY = np.arange(N) < 8
DATA = {
    "early": {"place": PLACE, "code": CODE, "first": np.zeros(N, dtype=int)},
    "late": {"place": PLACE, "code": CODE, "first": FIRST},
    "gap": {
        "place": np.where(EARLY, np.arange(N) % 3, np.maximum(PLACE, 3)),
        "code": np.where(EARLY, np.arange(N) % 3 < 2, CODE),
        "first": np.where(EARLY, 0, np.maximum(FIRST, 3)),
    },
}


def objective(case, weight):
    place, code, first = DATA[case].values()
    return FineGrayObjective(X, BASE, place, code == 1, code == 2, weight, None if case == "early" else first)


class Definition:
    """Risk sets, and weights of firms with another event, from the shares not cut off (G) and under observation (H).

    Where `moved` weights are given, H changes by what they do to each factor of its product, and G, as Fine and Gray
    have it (1999, section 5), by what they do to the cumulated hazard of being cut off after T up to and with t.
    """

    def __init__(self, case, weight, moved=None):
        self.place, self.code, self.first = DATA[case].values()
        self.times = self.place.max() + 1
        self.weight = weight if moved is None else moved
        self.there = [(self.first <= k) & (k <= self.place) for k in range(self.times)]
        before, now = (np.array([self._cut_off(w, k) for k in range(self.times)]) for w in (weight, self.weight))
        self.left, self.moved = 1 - before, np.exp(before - now)
        self.come = 1 - np.array([self._entering(k) for k in range(self.times)])

    def _cut_off(self, weight, k):
        return weight[(self.place == k) & (self.code == 0)].sum() / weight[self.there[k]].sum()

    def _entering(self, k):
        return self.weight[(self.first == k) & (self.first > 0)].sum() / self.weight[self.there[k]].sum()

    def share(self, i, k):
        """What firm i counts in the risk set of time k."""
        at = self.place[i]
        if self.there[k][i]:
            return 1.0
        if self.code[i] != 2 or at >= k:
            return 0.0
        return self.left[at:k].prod() * self.moved[at + 1 : k + 1].prod() / self.come[at + 1 : k + 1].prod()

    def sums(self, risk):
        """Yield time by time who has the event, and what each firm adds to the sum over the risk set."""
        for k in range(self.times):
            now = (self.place == k) & (self.code == 1)
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


CASES = pytest.mark.parametrize("case", DATA)
WEIGHTS = pytest.mark.parametrize("weight", [np.ones(N), WEIGHT], ids=["plain", "weighted"])


@CASES
@WEIGHTS
def test_value_and_derivatives(case, weight):
    ours, exact = objective(case, weight), Definition(case, weight)
    value, score, information = ours.evaluate(THETA)
    assert value == ours.loglike(THETA) == pytest.approx(np.real(exact.loglike(THETA)), rel=1e-12)
    np.testing.assert_allclose(score, gradient(exact.loglike, THETA), rtol=1e-9)
    np.testing.assert_allclose(information, -curvature(exact.loglike, THETA), rtol=1e-8)


@CASES
@WEIGHTS
def test_scores_are_the_derivatives_of_the_score_in_the_weights(case, weight):
    found = objective(case, weight).scores(THETA)
    for i in range(N):
        moved = Definition(case, weight, weight + 1e-30j * (np.arange(N) == i))
        np.testing.assert_allclose(found[i], moved.score(THETA).imag / 1e-30, rtol=1e-9, atol=1e-11)


def test_nobody_is_there_between_the_early_firms_and_the_others():
    exact = Definition("gap", WEIGHT)
    assert exact.left[2] == exact.come[3] == 0


@CASES
@WEIGHTS
def test_the_baseline_rises_by_the_events_over_the_risk_set(case, weight):
    step, variance = objective(case, weight).baseline(THETA)
    rises, squares = np.zeros(len(step)), np.zeros(len(step))
    for k, now, each in Definition(case, weight).sums(weight * np.exp(X @ (BASE @ THETA))):
        rises[k] = weight[now].sum() / each.sum().real
        squares[k] = rises[k] / each.sum().real
    np.testing.assert_allclose(step, rises, rtol=1e-12)
    np.testing.assert_allclose(variance, squares, rtol=1e-12)


def test_shares_not_yet_cut_off_and_come_under_observation():
    ours, exact = objective("late", WEIGHT), Definition("late", WEIGHT)
    left, come = np.cumprod(np.r_[1.0, exact.left[:-1]]), np.cumprod(np.r_[1.0, exact.come[:0:-1]])[::-1]
    np.testing.assert_allclose(ours.observed, left * come, rtol=1e-12)
    np.testing.assert_allclose(ours.at_risk, [WEIGHT[there].sum() for there in exact.there], rtol=1e-12)
    assert not objective("early", WEIGHT).entering.any()
