"""Score tests of added terms against the likelihood with those terms in it, written out firm-year by firm-year."""

import sys
from pathlib import Path

import numpy as np
import pytest

from exportmodels.core.errors import DataError
from exportmodels.core.links import CLogLogLink, LogitLink
from exportmodels.timing import discrete_hazard_likelihood
from exportmodels.timing.discrete_hazard_likelihood import GridObjective, Spells
from exportmodels.timing.score_tests import added_terms, squared_predictor, times_clock

sys.path.insert(0, str(Path(__file__).parent))
from complex_steps import curvature, gradient

N, T = 30, 6
RNG = np.random.default_rng(21)
FIRST = RNG.integers(0, 3, N)
LAST = np.minimum(FIRST + RNG.integers(0, 5, N), T - 1)
EVENT = RNG.random(N) < 0.5
X = np.column_stack([RNG.normal(size=N), RNG.integers(0, 2, N)])
WEIGHT = RNG.uniform(0.5, 2, N)
BASELINE = np.column_stack([np.ones(T), np.arange(T) / 3])
CLOCK, OTHER = np.sqrt(np.arange(T)), np.arange(T) ** 2 / 10
LOG_SURVIVAL = {"cloglog": lambda eta: -np.exp(eta), "logit": lambda eta: -np.log(1 + np.exp(eta))}
LINKS = {"cloglog": CLogLogLink(), "logit": LogitLink()}
THETA = np.array([-0.8, 0.3, 0.5, -0.4, 0.2])
ADDED = {
    "squared": (squared_predictor, lambda i, t, eta: [eta**2]),
    "clock": (times_clock([1, 0], OTHER), lambda i, t, eta: [OTHER[t] * X[i, 1], OTHER[t] * X[i, 0]]),
}


def predictor(i, t, own):
    changing = CLOCK[t] * X[i, 1] * own[4] if len(own) > 4 else 0.0
    return BASELINE[t] @ own[:2] + X[i] @ own[2:4] + changing


@pytest.mark.parametrize("varying", [False, True], ids=["fixed", "varying"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kind", ADDED)
def test_the_statistic_is_that_of_the_larger_likelihood(monkeypatch, kind, link, weighted, varying):
    monkeypatch.setattr(discrete_hazard_likelihood, "_FEWEST", 7)
    size = 4 + varying
    options = {"varying": (1,), "clock": CLOCK} if varying else {}
    spells, given = Spells(FIRST, LAST, EVENT), WEIGHT if weighted else None
    grid = GridObjective(LINKS[link], spells, X, given, BASELINE, np.eye(size), **options)
    make, by_hand = ADDED[kind]
    weight, theta = WEIGHT if weighted else np.ones(N), THETA[:size]
    terms = len(by_hand(0, 0, 0.0))

    def loglike(both):
        own, extra = both[:size], both[size:]
        total = 0.0
        for i in range(N):
            for t in range(FIRST[i], LAST[i] + 1):
                # the added terms are columns of numbers, made at the estimate without them
                eta = predictor(i, t, own) + extra @ np.array(by_hand(i, t, predictor(i, t, theta)))
                survive = LOG_SURVIVAL[link](eta)
                failed = EVENT[i] and t == LAST[i]
                total = total + weight[i] * (np.log(1 - np.exp(survive)) if failed else survive)
        return total

    at = np.r_[theta, np.zeros(terms)]
    score, information = gradient(loglike, at)[size:], -curvature(loglike, at)
    exact = score @ np.linalg.inv(information)[size:, size:] @ score
    assert added_terms(grid, theta, make) == pytest.approx(exact, rel=1e-7)


@pytest.mark.parametrize("clock", [np.ones(T), np.zeros(T)], ids=["constant", "zero"])
def test_terms_that_the_model_has_already(clock):
    grid = GridObjective(LogitLink(), Spells(FIRST, LAST, EVENT), X, None, BASELINE, np.eye(4))
    with pytest.raises(DataError, match="nothing to test"):
        added_terms(grid, THETA[:4], times_clock([0], clock))
    with pytest.raises(DataError, match="nothing to test"):
        added_terms(grid, THETA[:4], times_clock([0, 0], OTHER))


def test_the_unit_of_an_added_term_does_not_matter():
    grid = GridObjective(LogitLink(), Spells(FIRST, LAST, EVENT), X, None, BASELINE, np.eye(4))
    usual = added_terms(grid, THETA[:4], times_clock([0, 1], OTHER))
    assert added_terms(grid, THETA[:4], times_clock([0, 1], 1e-7 * OTHER)) == pytest.approx(usual, rel=1e-8)
