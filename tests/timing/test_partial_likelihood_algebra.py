"""Cox's partial likelihood against its definition, event by event: ties, late entry, strata, weights, offsets."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln

from exportmodels.core.errors import OptionError
from exportmodels.core.sample import Sample
from exportmodels.core.standardizing import standardize
from exportmodels.timing import partial_likelihood as module
from exportmodels.timing import risk_sets, tie_sums
from exportmodels.timing.exact_ties import ExactLikelihood, subset_sums
from exportmodels.timing.partial_likelihood import PartialLikelihood
from exportmodels.timing.risk_sets import RiskSets, add_rows
from exportmodels.timing.tie_sums import TieSums

# Durations with ties; strata of which two have no event, and one a single one; entries of which some come after every
# event.
N = 40
RNG = np.random.default_rng(3)
STRATUM = np.repeat(range(6), [11, 4, 4, 10, 8, 3])
DURATION = RNG.integers(1, 7, N) * 1.5
EVENT = np.where(STRATUM == 2, np.arange(N) == 16, (RNG.random(N) < 0.6) & ~np.isin(STRATUM, (1, 5)))
ENTRY = np.where(RNG.random(N) < 0.5, np.minimum(RNG.integers(0, 6, N) * 1.5, DURATION - 0.5), 0.0)
X = RNG.normal(size=(N, 2)) * [1.0, 3.0] + [0.5, 20.0]
WEIGHT, OFFSET, COPIES = RNG.uniform(0.5, 2, N), RNG.normal(0, 0.4, N), RNG.integers(1, 4, N)
THETA = np.array([0.4, -0.3])

DATA = {
    "plain": {},
    "entry": {"entry": ENTRY},
    "strata": {"strata": STRATUM},
    "all": {"entry": ENTRY, "strata": STRATUM, "weights": WEIGHT, "offset": OFFSET},
    "counted": {"entry": ENTRY, "frequency": COPIES},
    "both": {"strata": STRATUM, "frequency": COPIES, "weights": WEIGHT},
}


def likelihood(case="all", efron=True, tame=True, rows=slice(None)):
    given = {name: values[rows] for name, values in DATA[case].items()}
    columns = {"event": EVENT[rows]} | {name: given[name] for name in ("entry", "strata") if name in given}
    labels = pd.RangeIndex(len(X[rows]))
    sample = Sample(
        DURATION[rows],
        {},
        columns,
        *(given.get(name) for name in ("frequency", "weights", "offset")),
        labels,
        labels >= 0,
        "years",
    )
    covariates = standardize(X[rows], True)
    if not tame:
        object.__setattr__(covariates, "tame", False)
    return PartialLikelihood.of(sample, covariates, efron)


def moments():
    """Return the centre and the scale of the coefficients that the objective is a function of."""
    return X.mean(axis=0), X.std(axis=0)


def events(case):
    """Return, stratum by stratum and time by time, who is at risk and who has the event."""
    entry, strata = DATA[case].get("entry", np.zeros(N)), DATA[case].get("strata", np.zeros(N, dtype=int))
    for group in np.unique(strata):
        for time in np.unique(DURATION[EVENT & (strata == group)]):
            own = strata == group
            yield time, own & (entry < time) & (time <= DURATION), own & EVENT & (time == DURATION)


class Definition:
    """Sums over events, each written out; `weight` may be complex, so that derivatives in it are exact."""

    def __init__(self, case, efron, weight=None):
        given = DATA[case]
        copies = given.get("frequency", np.ones(N))
        self.weight = given.get("weights", np.ones(N)) * copies if weight is None else weight
        centre, scale = moments()
        self.z = (X - centre) / scale
        self.risk = np.exp(self.z @ THETA + given.get("offset", 0.0))
        self.loglike, self.score, self.information = 0.0, np.zeros(2), np.zeros((2, 2))
        self.expected, self.means, self.steps, self.variances = np.zeros(N), np.zeros((N, 2)), [], []
        for _, at_risk, now in events(case):
            self._add(at_risk, now, int(copies[now].sum()), efron)

    def _add(self, at_risk, now, count, efron):
        w, z, mean_weight = self.weight, self.z, self.weight[now].sum() / count
        self.loglike = self.loglike + w[now] @ np.log(self.risk[now])
        self.score = self.score + w[now] @ z[now]
        step, variance = 0.0, 0.0
        for place in range(count):
            share = np.where(now, 1 - (place / count if efron else 0), 1.0) * at_risk
            each = w * self.risk * share
            rest = each.sum()
            mean = each @ z / rest
            self.loglike = self.loglike - mean_weight * np.log(rest)
            self.score = self.score - mean_weight * mean
            self.information = self.information + mean_weight * ((z.T * each) @ z / rest - np.outer(mean, mean))
            self.expected = self.expected + mean_weight * self.risk * share / rest
            self.means = self.means + np.where(now[:, None], mean / count, 0.0)
            step, variance = step + mean_weight / rest, variance + (mean_weight / rest) ** 2
        self.steps.append(step)
        self.variances.append(variance)


CASES = pytest.mark.parametrize("case", DATA)
TIES = pytest.mark.parametrize("efron", [True, False], ids=["efron", "breslow"])


@CASES
@TIES
def test_value_and_derivatives(monkeypatch, case, efron):
    exact = Definition(case, efron)
    for tame, block in ((True, 7), (False, 4096)):
        monkeypatch.setattr(module, "_BLOCK", block)
        ours, kept = likelihood(case, efron, tame)
        value, score, information = ours.evaluate(THETA)
        assert value == ours.loglike(THETA) == pytest.approx(exact.loglike, rel=1e-12)
        np.testing.assert_allclose(score, exact.score, rtol=1e-10)
        np.testing.assert_allclose(information, exact.information, rtol=1e-10)
    ratio = ours.risk(THETA) / (exact.risk * exact.weight)[kept]
    np.testing.assert_allclose(ratio, 1 / exact.risk[kept].max(), rtol=1e-12)


@CASES
@TIES
def test_what_each_row_has_had(case, efron):
    ours, kept = likelihood(case, efron)
    exact = Definition(case, efron)
    assert kept.tolist() == [any(at_risk[i] for _, at_risk, _ in events(case)) for i in range(N)]
    assert not exact.expected[~kept].any()
    np.testing.assert_allclose(ours.martingale(THETA), (EVENT - exact.expected)[kept], rtol=1e-10, atol=1e-14)
    hazard = ours.hazard(THETA)
    np.testing.assert_allclose(hazard.step, exact.steps, rtol=1e-12)
    np.testing.assert_allclose(hazard.variance, exact.variances, rtol=1e-12)
    gaps, rows = ours.gaps(THETA)
    order = [i for _, _, now in events(case) for i in np.flatnonzero(now)]
    np.testing.assert_array_equal(np.flatnonzero(kept)[rows], order)
    np.testing.assert_allclose(gaps @ ours.base, (exact.z - exact.means)[order], rtol=1e-10, atol=1e-12)


@CASES
@TIES
def test_scores_are_the_derivatives_of_the_score_in_the_weights(case, efron):
    ours, kept = likelihood(case, efron)
    weight = Definition(case, efron).weight
    for found, i in zip(ours.scores(THETA), np.flatnonzero(kept), strict=True):
        moved = Definition(case, efron, weight + 1e-30j * (np.arange(N) == i))
        np.testing.assert_allclose(found, moved.score.imag / 1e-30, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", ["plain", "all"])
def test_some_rows_keep_the_events(case):
    whole, _ = likelihood(case)
    chosen = np.r_[np.arange(len(whole.raw)), 3]
    twice = whole.rows(chosen)
    weight = np.ones(len(whole.raw)) if whole.weight is None else whole.weight
    doubled = replace(whole, weight=np.where(np.arange(len(weight)) == 3, 2, 1) * weight)
    for one, other in zip(twice.evaluate(THETA), doubled.evaluate(THETA), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("case", DATA)
def test_identical_rows_become_one(case):
    rows = np.tile(np.arange(N), 8)
    many, _ = likelihood(case, rows=rows)
    single, _ = likelihood(case)
    few = many.collapsed
    assert len(few.raw) == len(single.raw)
    for one, other in zip(few.evaluate(THETA), many.evaluate(THETA), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)
    assert single.collapsed is single


@pytest.mark.parametrize("table", [2**20, -(10**6)], ids=["table", "search"])
@CASES
def test_risk_sets_are_those_of_the_definition(monkeypatch, case, table):
    monkeypatch.setattr(risk_sets, "_TABLE", table)
    given = DATA[case]
    sets, kept = RiskSets.of(DURATION, EVENT, given.get("entry"), given.get("strata"))
    slots = list(events(case))
    assert (sets.size, sets.time.tolist()) == (len(slots), [time for time, _, _ in slots])
    strata = given.get("strata", np.zeros(N, dtype=int))
    sizes = [len(np.unique(DURATION[EVENT & (strata == group)])) for group in range(strata.max() + 1)]
    np.testing.assert_array_equal(sets.bounds, np.r_[0, np.cumsum(sizes)])
    member = np.array([at_risk[kept] for _, at_risk, _ in slots])  # (K, n)
    np.testing.assert_array_equal(sets.first, member.argmax(axis=0))
    np.testing.assert_array_equal(sets.last, len(slots) - 1 - member[::-1].argmax(axis=0))
    np.testing.assert_array_equal(sets.event, EVENT[kept])
    assert sets.late == ("entry" in given)
    rng = np.random.default_rng(8)
    values, matrix = rng.normal(size=kept.sum()), rng.normal(size=(kept.sum(), 3))
    now = np.array([happened[kept] for _, _, happened in slots])
    for found, among in zip(sets.sums(values), (member, now), strict=True):
        np.testing.assert_allclose(found, among @ values, rtol=1e-10, atol=1e-12)
    for found, among in zip(sets.sums(values, matrix), (member, now), strict=True):
        np.testing.assert_allclose(found, among @ (values[:, None] * matrix), rtol=1e-10, atol=1e-12)
    steps = rng.normal(size=(sets.size, 2))
    np.testing.assert_allclose(sets.over_risk(steps), member.T @ steps, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(sets.over_risk(steps[:, 0]), member.T @ steps[:, 0], rtol=1e-10, atol=1e-12)
    parts = [steps[begin:end] for begin, end in pairwise(sets.bounds)]
    np.testing.assert_allclose(sets.cumulate(steps), np.concatenate([part.cumsum(axis=0) for part in parts]))
    backwards = np.concatenate([part[::-1].cumsum(axis=0)[::-1] for part in parts])
    np.testing.assert_allclose(sets.from_end(steps), backwards, rtol=1e-10, atol=1e-12)


def test_rows_are_added_by_group():
    group, weight, rows = np.array([2, 0, 2, 3]), np.array([1.0, 2.0, 3.0, 0.5]), np.arange(8.0).reshape(4, 2)
    found = add_rows(group, weight, rows, 5)
    np.testing.assert_array_equal(found, [[4, 6], [0, 0], [12, 16], [3, 3.5], [0, 0]])


TIE = [(10.0, 3.0, 4), (7.0, 7.0, 3), (5.0, 2.0, 1), (1e4, 3e2, 300), (300.0, 299.0, 257), (1e4, 250.0, 2)]


@pytest.mark.parametrize("many", [256, 1, 1e9], ids=["both", "closed", "one by one"])
def test_sums_over_ties(monkeypatch, many):
    monkeypatch.setattr(tie_sums, "_MANY", many)
    found = TieSums.efron(*np.array(TIE).T)
    for k, (at_risk, tied, count) in enumerate(TIE):
        part = np.arange(count) / count
        rest = at_risk - part * tied
        exact = {"log": np.log(rest), "one": 1 / rest, "part": part / rest}
        exact |= {"one2": 1 / rest**2, "part2": part / rest**2, "parts2": (part / rest) ** 2}
        for name, terms in exact.items():
            assert getattr(found, name)[k] == pytest.approx(terms.sum(), rel=1e-8, abs=0), name


def test_two_events_at_every_time():
    found = TieSums.efron(np.array([10.0, 5.0]), np.array([3.0, 2.0]), np.array([2.0, 2.0]))
    np.testing.assert_allclose(found.one, [1 / 10 + 1 / 8.5, 1 / 5 + 1 / 4], rtol=1e-14)


def test_few_ties_and_small_ones_keep_all_digits():
    """The closed form of few events, or of a small part of the risk set, would lose digits."""
    for at_risk, tied, count in ((1e4, 250.0, 2), (1e4, 30.0, 300), (1e4, 300.0, 256)):
        found = TieSums.efron(*np.array([[at_risk, tied, count], [5.0, 2.0, 1]]).T)
        part = np.arange(count) / count
        assert found.parts2[0] == pytest.approx(((part / (at_risk - part * tied)) ** 2).sum(), rel=1e-13, abs=0)


def test_without_ties_efron_is_breslow():
    at_risk, count = np.array([3.0, 2.5]), np.array([1.0, 1.0])
    for found in (TieSums.efron(at_risk, np.array([1.0, 0.5]), count), TieSums.breslow(at_risk, count)):
        np.testing.assert_allclose(found.log, np.log(at_risk), rtol=1e-15)
        np.testing.assert_allclose([found.one, found.one2], [1 / at_risk, 1 / at_risk**2], rtol=1e-15)
        assert not np.any([found.part, found.part2, found.parts2])


@pytest.mark.parametrize("case", ["plain", "entry", "strata"])
def test_exact_ties_by_enumeration(case):
    rows = np.arange(0, N, 2)
    ours = ExactLikelihood.of(likelihood(case, efron=False, rows=rows)[0])
    centre, scale = X[rows].mean(axis=0), X[rows].std(axis=0)
    z, inside = (X - centre) / scale, np.isin(np.arange(N), rows)
    value, score, information = 0.0, np.zeros(2), np.zeros((2, 2))
    for _, at_risk, now in events(case):
        happened = np.flatnonzero(now & inside)
        if len(happened):
            sets = np.array(list(combinations(np.flatnonzero(at_risk & inside), len(happened))))
            totals = z[sets].sum(axis=1)
            odds = np.exp(totals @ THETA)
            mean = odds @ totals / odds.sum()
            value += z[happened].sum(axis=0) @ THETA - np.log(odds.sum())
            score += z[happened].sum(axis=0) - mean
            information += (totals.T * odds) @ totals / odds.sum() - np.outer(mean, mean)
    found = ours.evaluate(THETA)
    assert found[0] == ours.loglike(THETA) == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(found[1], score, rtol=1e-10)
    np.testing.assert_allclose(found[2], information, rtol=1e-10)
    assert ours.collapsed is ours and ours.sets is ours.plain.sets
    np.testing.assert_array_equal(ours.hazard(THETA).step, ours.plain.hazard(THETA).step)
    with pytest.raises(OptionError, match="no scores of their own"):
        ours.scores(THETA)


def test_exact_ties_repeat_rows_by_their_frequency():
    counted, _ = likelihood("counted", efron=False)
    repeated, _ = likelihood("entry", efron=False, rows=np.repeat(np.arange(N), COPIES))
    ours, theirs = ExactLikelihood.of(counted), ExactLikelihood.of(repeated)
    assert ours.plain.weight is None and len(ours.plain.raw) == len(repeated.raw)
    one, other = (part.loglike(np.linalg.solve(part.plain.base, [0.2, -0.1])) for part in (ours, theirs))
    assert one == pytest.approx(other, rel=1e-12)


def one_set(eta, x, count):
    return (part[0] for part in subset_sums(eta, x, np.ones((1, len(eta)), dtype=bool), np.array([count])))


@pytest.mark.parametrize(("count", "shift"), [(1, 0.0), (150, 30.0), (150, -700.0), (299, 5.0), (300, 2.0)])
def test_subsets_of_equal_odds_are_counted(count, shift):
    """All subsets of 150 out of 300 firms of equal odds: binomial coefficients, and sampling without replacement."""
    x = np.random.default_rng(8).normal(size=(300, 2))
    value, mean, spread = one_set(np.full(300, shift), x, count)
    choose = gammaln(301) - gammaln(count + 1) - gammaln(301 - count)
    assert value == pytest.approx(choose + count * shift, rel=1e-10, abs=1e-9)
    np.testing.assert_allclose(mean, count * x.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(spread, count * (1 - count / 300) * np.cov(x.T), rtol=1e-7, atol=1e-9)


def test_subsets_of_very_unequal_odds():
    eta = np.array([-400.0, -1.0, 0.0, 2.0, 400.0])
    value, mean, spread = one_set(eta, np.eye(5), 2)
    odds = np.exp(eta[1:4])
    assert value == pytest.approx(400 + np.log(odds.sum()), rel=1e-14)
    np.testing.assert_allclose(mean, [0, *odds / odds.sum(), 1], rtol=1e-10, atol=1e-100)
    np.testing.assert_allclose(np.diag(spread)[1:4], mean[1:4] * (1 - mean[1:4]), rtol=1e-8)
