"""Cox's likelihood of many draws at once, and by cells of year and event: against sums over each risk set."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError
from exportmodels.core.sample import Sample
from exportmodels.core.standardizing import standardize
from exportmodels.timing import cox_batch, cox_cells
from exportmodels.timing.cox_batch import CoxBatch, refit_at_once
from exportmodels.timing.cox_cells import CoxCells
from exportmodels.timing.partial_likelihood import PartialLikelihood

sys.path.insert(0, str(Path(__file__).parent))
from complex_steps import curvature, gradient

N = 36
RNG = np.random.default_rng(8)
STRATUM = np.repeat([0, 1], N // 2)
DURATION = RNG.integers(1, 6, N).astype(float)
EVENT = RNG.random(N) < 0.6
ENTRY = np.where(RNG.random(N) < 0.5, np.minimum(RNG.integers(0, 4, N), DURATION - 0.5), 0.0)
DURATION[0], EVENT[0], ENTRY[0] = 7.0, False, 6.5  # comes after all events
X = np.column_stack([RNG.normal(5, 1, N), RNG.integers(0, 2, N)])
WEIGHT, OFFSET, COPIES = RNG.uniform(0.5, 2, N), RNG.normal(0, 0.4, N), RNG.integers(1, 4, N)
THETA = np.array([0.3, -0.4])
DATA = {
    "plain": {},
    "late": {"entry": ENTRY, "strata": STRATUM},
    "weighted": {"strata": STRATUM, "weights": WEIGHT, "offset": OFFSET},
    "counted": {"frequency": COPIES},
    "shifted": {"frequency": COPIES, "offset": OFFSET},
    "offset": {"offset": OFFSET},
}
CASES = pytest.mark.parametrize("case", DATA)
TIES = pytest.mark.parametrize("efron", [True, False], ids=["efron", "breslow"])


def rows_of(case, efron=True, rows=slice(None), x=X):
    given = {name: values[rows] for name, values in DATA[case].items()}
    columns = {"event": EVENT[rows]} | {name: given[name] for name in ("entry", "strata") if name in given}
    labels = pd.RangeIndex(len(DURATION[rows]))
    parts = (given.get(name) for name in ("frequency", "weights", "offset"))
    sample = Sample(DURATION[rows], {}, columns, *parts, labels, labels >= 0, "years")
    return PartialLikelihood.of(sample, standardize(x[rows], True), efron)


def log_partial(case, efron, frequency, theta, rows=slice(None)):
    """The log partial likelihood, event by event; coefficients are those of standardized columns."""
    given = {name: values[rows] for name, values in DATA[case].items()}
    duration, event, x = DURATION[rows], EVENT[rows], X[rows]
    n = len(duration)
    entry, strata = given.get("entry", np.zeros(n)), given.get("strata", np.zeros(n))
    weight = given.get("weights", np.ones(n)) * frequency
    eta = (x - x.mean(axis=0)) / x.std(axis=0) @ theta + given.get("offset", np.zeros(n))
    total = 0.0
    for group in np.unique(strata):
        for time in np.unique(duration[event & (strata == group)]):
            own = strata == group
            at_risk, now = own & (entry < time) & (time <= duration), own & event & (time == duration)
            count = int(frequency[now].sum())
            total = total + weight[now] @ eta[now]
            for place in range(count):
                share = np.where(now, 1 - (place / count if efron else 0), 1.0) * at_risk
                total = total - weight[now].sum() / count * np.log((weight * share) @ np.exp(eta))
    return total


# Many draws at once --------------------------------------------------------------------------------------------------


def batch_of(case, efron=True):
    plain, kept = rows_of(case, efron)
    weights = DATA[case].get("weights")
    return CoxBatch.of(plain, None if weights is None else weights[kept]), kept, plain


def draws_of(kept, number):
    rng = np.random.default_rng(1)
    return np.column_stack([rng.multinomial(N, np.full(N, 1 / N)) for _ in range(number)]).astype(float)


@CASES
@TIES
def test_score_and_information_of_each_draw(case, efron):
    batch, kept, plain = batch_of(case, efron)
    frequency = draws_of(kept, 5)
    thetas = THETA[:, None] + np.random.default_rng(2).normal(0, 0.3, (2, 5))
    turned = np.linalg.solve(plain.base, np.diag(1 / X.std(axis=0)) @ thetas)
    score, information = batch.evaluate(turned, frequency[kept])
    turn = np.diag(X.std(axis=0)) @ plain.base
    for r in range(5):

        def loglike(theta, r=r):
            return log_partial(case, efron, frequency[:, r], turn @ theta)

        np.testing.assert_allclose(score[:, r], gradient(loglike, turned[:, r]), rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(information[r], -curvature(loglike, turned[:, r]), rtol=1e-8, atol=1e-8)


@CASES
@TIES
def test_maxima_of_the_draws(case, efron):
    batch, kept, plain = batch_of(case, efron)
    frequency = draws_of(kept, 6)
    theta, reached = batch.maximize(frequency[kept])
    assert reached.all()
    for r in range(6):
        own = np.diag(X.std(axis=0)) @ plain.base @ theta[:, r]
        slope = gradient(lambda t, r=r: log_partial(case, efron, frequency[:, r], t), own)
        np.testing.assert_allclose(slope, 0, atol=1e-7)


def test_draws_without_a_maximum_are_left_open():
    """Nobody has the event; one firm has it, the one of the highest size; one column is constant; and a usual draw."""
    batch, kept, _ = batch_of("plain")
    none = (~EVENT).astype(float)
    first = EVENT & (DURATION[EVENT].min() == DURATION)
    alone = np.zeros(N)
    alone[np.flatnonzero(first)[0]] = 1.0
    alone[(X[:, 0] < X[alone > 0, 0]) & (X[:, 1] != X[alone > 0, 1])] = 1.0
    alone[EVENT & (np.arange(N) != np.flatnonzero(first)[0])] = 0.0
    constant = (X[:, 1] == 1).astype(float)
    usual = draws_of(kept, 1)[:, 0]
    frequency = np.column_stack([none, alone, constant, usual])
    _, reached = batch.maximize(frequency[kept])
    assert reached.tolist() == [False, False, False, True]


def test_risks_are_scaled_draw_by_draw_by_the_largest():
    usual, once, theta = CoxBatch.of(rows_of("plain")[0], None), np.ones((N, 1)), np.zeros((2, 1))
    shifted = replace(usual, offset=np.full(N, 900.0))
    for one, other in zip(shifted.evaluate(theta, once), usual.evaluate(theta, once), strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_allclose(one, other, rtol=1e-10)
    far = np.array([[0.0, 400.0], [0.0, 0.0]])
    score, _ = usual.evaluate(far, np.ones((N, 2)))
    np.testing.assert_allclose(score[:, :1], usual.evaluate(far[:, :1], once)[0], rtol=1e-10)


@TIES
def test_years_in_which_nobody_of_a_draw_is_at_risk(efron):
    batch, kept, plain = batch_of("plain", efron)
    early = np.where(DURATION < 4, 2.0, 0.0)[:, None]
    score, _ = batch.evaluate(np.zeros((2, 1)), early[kept])
    turn = np.diag(X.std(axis=0)) @ plain.base
    exact = gradient(lambda t: log_partial("plain", efron, early[:, 0], turn @ t), np.zeros(2))
    np.testing.assert_allclose(score[:, 0], exact, rtol=1e-9)


def test_newton_steps_of_draws_and_those_that_are_not_safe():
    usual = np.array([[4.0, 1.0], [1.0, 9.0]])

    def correlated(r, size):
        return size**2 * np.array([[1.0, r], [r, 1.0]])

    cases = [  # information, score, whether the step is safe
        (usual, [1.0, 2.0], True),
        (np.full((2, 2), np.nan), [1.0, 2.0], False),
        (usual, [np.inf, 2.0], False),
        (correlated(1 - 1e-11, 1e6), [1.0, 2.0], False),  # singular
        (correlated(1 - 1e-9, 1e6), [1.0, 2.0], True),
        (np.diag([1.0, 0.9e-6]), [1.0, 2.0], False),  # a standard error beyond 1000
        (np.diag([1.0, 1.1e-6]), [1.0, 2.0], True),
        (correlated(0.999, 0.01), [1.0, 2.0], False),  # another
        (correlated(0.99, 0.01), [1.0, 2.0], True),
        (np.diag([1e12, 1.0]), [1.0, 2.0], True),  # badly scaled, not singular
    ]
    information, score = np.array([case[0] for case in cases]), np.array([case[1] for case in cases]).T
    with np.errstate(all="ignore"):
        step, usable = cox_batch._newton(score, information)
    assert usable.tolist() == [case[2] for case in cases]
    for k in np.flatnonzero(usable):
        np.testing.assert_allclose(step[:, k], np.linalg.solve(information[k], score[:, k]), rtol=1e-5)


def test_batches_of_draws(monkeypatch):
    batch = batch_of("plain")[0]
    draws = [np.full(N, float(k)) for k in range(5)]
    monkeypatch.setattr(cox_batch, "_HELD", 2 * batch.matrix.size)
    found = list(batch.batches(draws))
    assert [part.shape for part in found] == [(N, 2), (N, 2), (N, 1)]
    np.testing.assert_array_equal(np.hstack(found), np.column_stack(draws))
    monkeypatch.setattr(cox_batch, "_HELD", 1)
    assert [part.shape for part in batch.batches(draws)] == [(N, 1)] * 5


def test_a_table_that_is_too_large_is_not_made(monkeypatch):
    plain, _ = rows_of("plain")
    size = len(plain.raw) * plain.sets.size * 3
    for largest, made in ((size, True), (size - 1, False)):
        monkeypatch.setattr(cox_batch, "_LARGEST", largest)
        assert (CoxBatch.of(plain, None) is not None) == made


def test_draws_that_are_left_open_are_refitted_or_counted_as_lost():
    batch, kept, _ = batch_of("late")
    assert not kept.all()
    usual = draws_of(kept, 2)
    none = (~EVENT).astype(float)
    draws = [usual[:, 0], none, 2 * none, 3 * none, usual[:, 1]]

    def refit(draw):
        if draw.max() > 1:
            raise DataError("nothing happens")
        return np.array([7.0, 8.0])

    back = np.array([[2.0, 0.5], [0.0, 3.0]])
    found, failed = refit_at_once(batch, kept, back, refit, iter(draws), "draws", False)
    theta, _ = batch.maximize(usual[kept])
    np.testing.assert_allclose(found, [back @ theta[:, 0], [7, 8], back @ theta[:, 1]], rtol=1e-12)
    assert failed == 2


# Cells ---------------------------------------------------------------------------------------------------------------

MANY = np.tile(np.arange(N), 5)


def cells_of(case, efron=True):
    return CoxCells.of(rows_of(case, efron, MANY)[0])


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(cox_cells, "_ROWS", 1)
    monkeypatch.setattr(cox_cells, "_BLOCK", 4)


@pytest.mark.parametrize("case", ["plain", "weighted", "counted", "shifted", "offset"])
@TIES
def test_likelihood_by_cells(small, case, efron):
    cells = cells_of(case, efron)
    frequency = DATA[case].get("frequency", np.ones(N))[MANY]
    turn = np.diag(X.std(axis=0)) @ cells.plain.base

    def loglike(theta):
        return log_partial(case, efron, frequency, turn @ theta, MANY)

    value, score, information = cells.evaluate(THETA)
    assert value == cells.loglike(THETA) == pytest.approx(loglike(THETA), rel=1e-12)
    np.testing.assert_allclose(score, gradient(loglike, THETA), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(information, -curvature(loglike, THETA), rtol=1e-7, atol=1e-7)
    assert max(block.shape[1] for block in cells.blocks) == 4
    assert cells.evaluate(np.zeros(2))[0] == pytest.approx(loglike(np.zeros(2)), rel=1e-12)
    assert len(cells.last) == 1
    np.testing.assert_array_equal(cells.scores(THETA), cells.plain.scores(THETA))


def test_risks_beyond_the_numbers_are_left_to_the_rows(small, monkeypatch):
    cells = cells_of("plain")
    expected = log_partial("plain", True, np.ones(5 * N), np.diag(X.std(axis=0)) @ cells.plain.base @ THETA, MANY)
    own = X @ cells.plain.base @ THETA
    largest = (own - own.mean()).max()
    for limit, kept in ((largest * 1.001, True), (largest * 0.999, False)):
        monkeypatch.setattr(cox_cells, "_LARGEST", limit)
        assert (cells._sums(cells.plain.base @ THETA) is not None) == kept
        assert cells_of("plain").loglike(THETA) == pytest.approx(expected, rel=1e-12)


def test_cells_are_made_where_they_pay(monkeypatch):
    plain, _ = rows_of("plain", rows=MANY)
    cells = 2 * plain.sets.size
    for rows, made in ((len(MANY) // cells, True), (len(MANY) // cells + 1, False)):
        monkeypatch.setattr(cox_cells, "_ROWS", rows)
        assert (CoxCells.of(plain) is not None) == made
    monkeypatch.setattr(cox_cells, "_ROWS", 1)
    assert CoxCells.of(rows_of("late", rows=MANY)[0]) is None
