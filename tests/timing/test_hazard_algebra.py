"""Discrete-time hazards of one event and of several, against sums over all firm-years."""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.special import log_ndtr

from exportmodels.core import links
from exportmodels.timing import competing_likelihood, discrete_hazard_likelihood, proportional_objective
from exportmodels.timing.competing_likelihood import CompetingObjective
from exportmodels.timing.discrete_hazard_likelihood import GridObjective, Spells, blocks, later
from exportmodels.timing.proportional_objective import ProportionalObjective

sys.path.insert(0, str(Path(__file__).parent))
from complex_steps import curvature, gradient

N, T = 30, 6
RNG = np.random.default_rng(21)
FIRST = RNG.integers(0, 3, N)
LAST = np.minimum(FIRST + RNG.integers(0, 5, N), T - 1)
EVENT = RNG.random(N) < 0.5
CAUSE = np.where(EVENT, RNG.integers(1, 4, N), 0)
X = np.column_stack([RNG.normal(size=N), RNG.integers(0, 2, N)])
WEIGHT = RNG.uniform(0.5, 2, N)
BASELINE = np.column_stack([np.ones(T), np.arange(T) / 3])
CLOCK = np.sqrt(np.arange(T))
SPELLS = Spells(FIRST, LAST, EVENT)
LOG_SURVIVAL = {
    "cloglog": lambda eta: -np.exp(eta),
    "logit": lambda eta: -np.log(1 + np.exp(eta)),
    "probit": lambda eta: log_ndtr(-eta),
}
LINKS = {"cloglog": links.CLogLogLink(), "logit": links.LogitLink(), "probit": links.ProbitLink()}
THETA = np.array([-0.8, 0.3, 0.5, -0.4, 0.2])


def firm_loglike(link, own, shift=0.0):
    """The firms' log-likelihoods at coefficients of baseline, covariates and, if there are more, a changing effect."""
    total = np.zeros(N, dtype=complex)
    for t in range(T):
        changing = CLOCK[t] * X[:, 1] * own[4] if len(own) > 4 else 0.0
        survive = LOG_SURVIVAL[link](BASELINE[t] @ own[:2] + X @ own[2:4] + changing + shift)
        happened = np.where(EVENT & (t == LAST), np.log(1 - np.exp(survive)), survive)
        total += np.where((t >= FIRST) & (t <= LAST), happened, 0.0)
    return total


def many_firms_a_block(monkeypatch, rows, fewest):
    monkeypatch.setattr(discrete_hazard_likelihood, "_ROWS", rows)
    monkeypatch.setattr(discrete_hazard_likelihood, "_FEWEST", fewest)


def agree(objective, loglike, theta):
    value, score, information = objective.evaluate(theta)
    assert value == pytest.approx(np.real(loglike(theta)), rel=1e-11)
    np.testing.assert_allclose(score, gradient(loglike, theta), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(information, -curvature(loglike, theta), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(("weighted", "block"), [(False, 4), (True, 4096)])
@pytest.mark.parametrize("varying", [False, True], ids=["fixed", "varying"])
@pytest.mark.parametrize("link", LINKS)
def test_a_grid_of_firm_years(monkeypatch, link, varying, weighted, block):
    many_firms_a_block(monkeypatch, block, 4)
    size = 4 + varying
    basis = np.eye(size) + 0.2 * np.random.default_rng(1).normal(size=(size, size))
    options = {"varying": (1,), "clock": CLOCK} if varying else {}
    objective = GridObjective(LINKS[link], SPELLS, X, WEIGHT if weighted else None, BASELINE, basis, **options)
    weight, theta = WEIGHT if weighted else np.ones(N), THETA[:size]
    assert len(list(objective.blocks())) == 8
    agree(objective, lambda t: weight @ firm_loglike(link, basis @ t), theta)
    scores = gradient(lambda t: firm_loglike(link, basis @ t), theta).T
    np.testing.assert_allclose(objective.scores(theta), scores, rtol=1e-9, atol=1e-11)
    information, rows = objective.information_and_scores(theta)
    np.testing.assert_allclose(rows, scores, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(information, objective.evaluate(theta)[2], rtol=1e-12, atol=1e-12)

    def shifted(shift):
        return firm_loglike(link, basis @ theta, shift[0])

    exact = shifted([0.0]).real, gradient(shifted, np.zeros(1))[0], curvature(shifted, np.zeros(1))[0, 0]
    for ours, theirs in zip(objective.rows_at(theta), exact, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("large", [1, 10**9], ids=["cell by cell", "ending by ending"])
@pytest.mark.parametrize("rows", [3, 4096])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_proportional_hazards_cell_by_cell(monkeypatch, weighted, rows, large):
    many_firms_a_block(monkeypatch, rows, 3)
    monkeypatch.setattr(proportional_objective, "_LARGE", large)
    weight = WEIGHT if weighted else None
    basis = np.eye(4) + 0.2 * np.random.default_rng(1).normal(size=(4, 4))
    whole = ProportionalObjective(LINKS["cloglog"], SPELLS, X, weight, BASELINE, basis)
    weight = WEIGHT if weighted else np.ones(N)
    agree(
        whole.prepared(),
        lambda t: weight @ firm_loglike("cloglog", basis @ t),
        THETA[:4],
    )


@pytest.mark.parametrize("kind", [GridObjective, ProportionalObjective])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_identical_firms_become_one(kind, weighted):
    rows = np.tile(np.arange(N), 10)
    weight = np.random.default_rng(3).uniform(0.5, 2, len(rows)) if weighted else None
    many = kind(LINKS["cloglog"], SPELLS.take(rows), X[rows], weight, BASELINE, np.eye(4))
    few = many.prepared()
    assert len(few.matrix) == N
    totals = np.bincount(rows, weight)
    agree(few, lambda t: totals @ firm_loglike("cloglog", t), THETA[:4])


def test_orders_in_which_blocks_are_narrow():
    order = GridObjective.order(SPELLS)
    np.testing.assert_array_equal(order, sorted(range(N), key=lambda i: (LAST[i], FIRST[i], i)))
    cells = sorted(range(N), key=lambda i: (EVENT[i], FIRST[i], LAST[i], i))
    np.testing.assert_array_equal(ProportionalObjective.order(SPELLS), cells)
    for scale in (33, 100):  # too many cells for numbers of 16 bits
        far = Spells(scale * FIRST, scale * LAST, EVENT)
        np.testing.assert_array_equal(ProportionalObjective.order(far), cells)


def test_cells_lie_together():
    every = [(e, f, t) for e in (False, True) for f in range(T) for t in range(f, T)] * 2
    event, first, last = (np.array(part) for part in zip(*np.random.default_rng(2).permutation(every), strict=True))
    order = ProportionalObjective.order(Spells(first, last, event > 0))
    cells = list(zip(event[order], first[order], last[order], strict=True))
    assert cells == sorted(cells)


def test_firms_that_differ_in_entry_alone_stay_apart():
    rows = np.repeat(np.arange(10), 30)
    spells, x, entry = SPELLS.take(rows), X[rows], np.arange(300) % 3
    first, weight = spells.distinct(entry, (x,), None)
    assert len(first) == 30 and set(weight) == {10.0}
    assert len(spells.distinct(None, (x,), None)[0]) == 10


@pytest.mark.parametrize("kind", [GridObjective, ProportionalObjective])
def test_years_that_no_firm_reaches(kind):
    """As in a draw of the sample; all firms that stay longest have the event."""
    few = np.flatnonzero((LAST < T - 2) & (EVENT | (LAST < T - 3)))
    assert EVENT[few][LAST[few] == T - 3].any()
    objective = kind(LINKS["cloglog"], SPELLS.take(few), X[few], None, BASELINE, np.eye(4)).prepared()
    agree(objective, lambda t: firm_loglike("cloglog", t)[few].sum(), THETA[:4])


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_firms_at_risk_and_events_by_year(weight):
    at_risk, events = SPELLS.totals(weight, T + 2)  # two years more than any firm has
    own = np.ones(N) if weight is None else weight
    for t in range(T + 2):
        assert at_risk[t] == pytest.approx(own[(t >= FIRST) & (t <= LAST)].sum(), abs=1e-12)
        assert events[t] == pytest.approx(own[EVENT & (t == LAST)].sum(), abs=1e-12)
    assert len(at_risk) == len(events) == T + 2


def test_rows_in_blocks(monkeypatch):
    np.testing.assert_array_equal(later(np.array([1.0, 2, 4])), [6, 4])
    monkeypatch.setattr(discrete_hazard_likelihood, "_ROWS", 100)
    assert list(blocks(3, 3, 1)) == []
    assert [(b.start, b.stop) for b in blocks(50, 131, 1)] == [*pairwise(range(50, 131, 10)), (130, 131)]
    assert [(b.start, b.stop) for b in blocks(0, 24, 16)] == [(0, 16), (16, 24)]
    assert [(b.start, b.stop) for b in blocks(0, 8000, 16)][:2] == [(0, 100), (100, 200)]


# Several first moves -------------------------------------------------------------------------------------------------

CAUSES = [np.column_stack([np.ones(T), np.arange(T) / 3]), np.ones((T, 1)), np.column_stack([np.ones(T), CLOCK])]
STARTS = [slice(0, 4), slice(4, 7), slice(7, 11)]
MOVES = np.array([-1.5, 0.2, 0.4, -0.3, -1.0, 0.5, 0.1, -2.0, 0.3, -0.2, 0.6])
TURN = np.eye(11) + 0.1 * RNG.normal(size=(11, 11))


def move_loglike(own):
    """The logarithms of what each firm did in each year: it waited, or made a move."""
    total = np.zeros(N, dtype=complex)
    for t in range(T):
        eta = [base[t] @ own[at][:-2] + X @ own[at][-2:] for base, at in zip(CAUSES, STARTS, strict=True)]
        made = sum(np.where((k + 1 == CAUSE) & (t == LAST), e, 0.0) for k, e in enumerate(eta))
        total += np.where((t >= FIRST) & (t <= LAST), made - np.log(1 + sum(np.exp(e) for e in eta)), 0.0)
    return total


@pytest.mark.parametrize(("weighted", "block"), [(False, 7), (True, 1024)])
def test_several_moves(monkeypatch, weighted, block):
    monkeypatch.setattr(competing_likelihood, "_ROWS", block)
    objective = CompetingObjective(FIRST, LAST, CAUSE, X, WEIGHT if weighted else None, CAUSES, TURN)
    weight = WEIGHT if weighted else np.ones(N)
    assert objective.parts == STARTS
    agree(objective, lambda t: weight @ move_loglike(TURN @ t), MOVES)
    scores = gradient(lambda t: move_loglike(TURN @ t), MOVES).T
    np.testing.assert_allclose(objective.scores(MOVES), scores, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_identical_firms_with_several_moves_become_one(weighted):
    rows = np.tile(np.arange(N), 10)
    weight = np.random.default_rng(3).uniform(0.5, 2, len(rows)) if weighted else None
    many = CompetingObjective(FIRST[rows], LAST[rows], CAUSE[rows], X[rows], weight, CAUSES, np.eye(11))
    few = many.prepared()
    assert len(few.matrix) == N
    np.testing.assert_array_equal(few.last, np.sort(LAST))
    totals = np.bincount(rows, weight)
    agree(few, lambda t: totals @ move_loglike(t), MOVES)
    single = replace(many.rows(np.arange(N)), weight=None)
    assert single.prepared().weight is None


def test_moves_that_are_nearly_certain_or_hardly_ever_made():
    objective = CompetingObjective(FIRST, LAST, CAUSE, X, None, CAUSES, np.eye(11))
    for level in (-800.0, 800.0):
        theta = MOVES.copy()
        theta[[0, 4, 7]] += level
        value, score, information = objective.evaluate(theta)
        assert np.isfinite(value) and np.isfinite(score).all() and np.isfinite(information).all()
        years = (LAST - FIRST + 1) - (CAUSE > 0)
        exact = years.sum() if level > 0 else (CAUSE > 0).sum()
        assert value == pytest.approx(-800.0 * exact, rel=0.02)


def test_one_extreme_firm_leaves_the_others_their_digits():
    x = X.copy()
    x[0] = 2000.0
    whole = CompetingObjective(FIRST, LAST, CAUSE, x, None, CAUSES, np.eye(11))
    others = move_loglike(MOVES)[1:].sum().real
    alone = whole.rows(np.array([0])).evaluate(MOVES)[0]
    assert whole.evaluate(MOVES)[0] - alone == pytest.approx(others, rel=1e-9)
