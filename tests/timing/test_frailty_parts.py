"""What frailties are made of: identical firms, weights of groups, survival of mixtures, variances of zero."""

import numpy as np
import pytest
from scipy.special import log_ndtr

from exportmodels.core import links
from exportmodels.core.errors import BoundaryError, ConvergenceError, OptionError, WeightError
from exportmodels.timing.discrete_hazard_likelihood import Spells
from exportmodels.timing.frailty import (
    FRAILTIES,
    NEAR_ZERO,
    Frail,
    group_weights,
    refuse_all_gone,
    refuse_no_variance,
)

N, T = 24, 5
RNG = np.random.default_rng(4)
SPELLS = Spells(np.zeros(N, dtype=int), RNG.integers(0, T, N), RNG.random(N) < 0.6)
ENTRY = RNG.integers(0, 3, N)
X = np.column_stack([RNG.normal(size=N).round(1), RNG.integers(0, 2, N)])
BASELINE = np.column_stack([np.ones(T), np.arange(T)])
BASIS = np.eye(5) + 0.2 * RNG.normal(size=(5, 5))
THETA = np.array([-1.1, 0.3, 0.4, -0.5, -0.2])
LINKS = {"cloglog": links.CLogLogLink(), "logit": links.LogitLink(), "probit": links.ProbitLink()}
LOG_SURVIVAL = {
    "cloglog": lambda eta: -np.exp(eta),
    "logit": lambda eta: -np.log(1 + np.exp(eta)),
    "probit": lambda eta: log_ndtr(-eta),
}
KINDS = pytest.mark.parametrize("kind", ["gamma", "normal"])


def frail(rows=slice(None), late=True, group=None, weight=None):
    spells = SPELLS.take(rows)
    # copies of a firm do not all enter in the same year
    entry = np.minimum(ENTRY[rows] * (np.arange(len(spells.last)) // N % 2), spells.last) if late else None
    return Frail(LINKS["cloglog"], spells, entry, group, weight, BASELINE), X[rows], BASIS


def agree(one, other):
    for ours, theirs in zip(one.evaluate(THETA), other.evaluate(THETA), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("late", [False, True], ids=["early", "late"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@KINDS
def test_identical_firms_become_one(kind, weighted, late):
    family, rows = FRAILTIES[kind], np.tile(np.arange(N), 12)
    weight = np.random.default_rng(3).uniform(0.5, 2, len(rows)) if weighted else None
    few, many = (make(*frail(rows, late, None, weight)) for make in (family.objective, family.whole))
    entry = many.entry if late else np.zeros(len(rows))
    kinds = np.column_stack([many.spells.last, many.spells.event, many.matrix, entry])
    assert (len(few.matrix), len(many.matrix)) == (len(np.unique(kinds, axis=0)), 12 * N)
    agree(few, many)
    apart = family.objective(*frail(late=late))
    assert len(apart.matrix) == N
    agree(apart, family.whole(*frail(late=late)))


@KINDS
def test_entry_in_the_first_year_is_none(kind):
    family = FRAILTIES[kind]
    parts, x, basis = frail(late=False)
    zero = Frail(parts.link, parts.spells, np.zeros(N, dtype=int), None, None, BASELINE)
    agree(family.objective(zero, x, basis), family.whole(parts, x, basis))


@KINDS
def test_rows_that_share_a_frailty_stay_apart(kind):
    family, rows = FRAILTIES[kind], np.tile(np.arange(N), 12)
    group, weight = np.arange(len(rows)) // 4, np.random.default_rng(3).uniform(0.5, 2, len(rows) // 4)
    parts, x, basis = frail(rows, True, group, weight)
    alone = Spells(parts.spells.first, parts.spells.last, parts.spells.event & (np.arange(len(rows)) % 4 == 1))
    parts = Frail(parts.link, alone, parts.entry, group, weight, BASELINE)
    ours = family.objective(parts, x, basis)
    assert len(ours.matrix) == len(rows)
    agree(ours, family.whole(parts, x, basis))


def test_blocks_of_a_normal_frailty_are_sorted_by_their_last_year():
    spells = FRAILTIES["normal"].objective(*frail()).spells
    np.testing.assert_array_equal(spells.last, np.sort(SPELLS.last))


def test_years_observed_and_groups_counted():
    group = np.arange(N) % 5
    late = frail(group=group)[0]
    assert (late.groups, frail()[0].groups) == (5, N)
    assert late.observed.first is late.entry
    np.testing.assert_array_equal(late.observed.last, SPELLS.last)
    np.testing.assert_array_equal(late.observed.event, SPELLS.event)
    early = frail(late=False)[0]
    assert early.observed is early.spells


@pytest.mark.parametrize(("link", "kind"), [("cloglog", "gamma"), *((link, "normal") for link in LINKS)])
def test_survival_of_the_mixture(link, kind):
    eta = np.random.default_rng(5).normal(-1, 1, (3, 4))
    log_variance = 0.6
    if kind == "gamma":
        exact = -np.log(1 + np.exp(log_variance) * np.cumsum(np.exp(eta), axis=1)) / np.exp(log_variance)
    else:
        u = np.linspace(-12, 12, 4001)[:, None, None]
        curves = np.exp(np.cumsum(LOG_SURVIVAL[link](eta + np.exp(log_variance / 2) * u), axis=2))
        exact = np.log((curves * np.exp(-(u**2) / 2)).sum(axis=0) * 0.006 / np.sqrt(2 * np.pi))
    np.testing.assert_allclose(FRAILTIES[kind].log_survival(LINKS[link], eta, log_variance), exact, rtol=1e-9)


def test_what_a_frailty_cannot_do():
    gamma, normal = FRAILTIES["gamma"], FRAILTIES["normal"]
    twice, once = np.array([True, True, False]), np.array([True, False, True])
    group = np.array([0, 0, 1])
    gamma.check("cloglog", None, twice)
    gamma.check("cloglog", group, once)
    normal.check("logit", group, twice)
    with pytest.raises(OptionError, match="not 'logit'"):
        gamma.check("logit", None, once)
    with pytest.raises(OptionError, match="one event a group"):
        gamma.check("cloglog", group, twice)


def test_weights_of_groups():
    weight, group = np.array([2.0, 3.0, 2.0]), np.array([1, 0, 1])
    np.testing.assert_array_equal(group_weights(weight, group), [3, 2])
    assert group_weights(weight, None) is weight and group_weights(None, group) is None
    with pytest.raises(WeightError, match="one weight"):
        group_weights(np.array([2.0, 3.0, 1.0]), group)


class Slope:
    """An objective whose score in the log-variance is known."""

    def __init__(self, slope):
        self.slope = slope

    def evaluate(self, theta):
        assert theta.tolist() == [0.5, 1.5, NEAR_ZERO]
        return 0.0, np.array([1.0, -1.0, self.slope]), np.eye(3)


def test_a_likelihood_that_falls_with_the_variance_has_its_maximum_at_zero():
    refuse_no_variance(Slope(0.1), np.array([0.5, 1.5]))
    for slope in (0.0, -0.1):
        with pytest.raises(BoundaryError, match="zero, its boundary"):
            refuse_no_variance(Slope(slope), np.array([0.5, 1.5]))
    assert np.exp(NEAR_ZERO) == pytest.approx(1e-4)


def test_a_year_in_which_all_have_the_event_is_without_a_maximum():
    refuse_all_gone(np.array([[-3.0, 5.0]]))
    with pytest.raises(ConvergenceError, match="no maximum"):
        refuse_all_gone(np.array([[-3.0, 5.1]]))
