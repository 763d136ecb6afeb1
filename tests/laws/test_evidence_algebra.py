"""The sequential tests of the laws by hand: wealths as products, where they stop, and how often they err."""

from itertools import product
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.outcomes import Binary
from exportmodels.laws import statistical
from exportmodels.laws.adapter import Adapter, Fitted, NoEstimate
from exportmodels.laws.evidence import Evidence
from exportmodels.laws.simulation import benign
from exportmodels.laws.statistical import FALSE_ALARM, LAWS, _bet, centre, consistency, coverage, pvalues, rejected
from exportmodels.laws.trial import LawBroken, Trial
from exportmodels.share import Fractional

STEPS = (0.25, 0.5, 1.0, 2.0, 4.0)
PHI = NormalDist()


def wealths(history, lower, upper):
    """Mean over events, edges and alternatives of the products of likelihood ratios, sample by sample."""
    came, parts = np.asarray(history, dtype=bool), []
    for edge, way in ((lower, -1), (upper, 1)):
        if not 0 < edge < 1:
            continue
        for step in STEPS:
            odds = edge / (1 - edge) * np.exp(way * step)
            q = odds / (1 + odds)
            parts.append(np.cumsum(np.log(np.where(came, q / edge, (1 - q) / (1 - edge))), axis=0))
    return np.mean(np.exp(np.minimum(parts, 600)), axis=(0, 2))


@pytest.mark.parametrize(("lower", "upper"), [(0.9, 0.98), (0.3, 0.3), (0.7, 1.0), (0.0, 0.2)])
def test_wealth_is_the_mean_of_likelihood_ratios(lower, upper):
    evidence, history = Evidence(lower, upper), []
    assert evidence.against == pytest.approx(1.0) and evidence.band == (lower, upper)
    for events in np.random.default_rng(2).random((12, 3)) < [0.9, 0.5, 0.2]:
        evidence.observe(list(events))
        history.append(events)
        assert evidence.against == pytest.approx(wealths(history, lower, upper)[-1], rel=1e-12)
    assert evidence.count == 12
    np.testing.assert_array_equal(evidence.happened, np.sum(history, axis=0))
    each = [wealths(np.array(history)[:, [k]], lower, upper)[-1] for k in range(3)]
    assert evidence.worst == np.argmax(each)


@pytest.mark.parametrize(("lower", "upper"), [(0.85, 0.95), (0.4, 1.0), (0.0, 0.6)])
def test_a_fair_game_at_the_edges_whatever_happened_before(lower, upper):
    """The expectation over all histories of six samples, at the edge and within: one at most, as Ville needs."""
    for p in {lower, upper, (lower + upper) / 2} - {0.0, 1.0}:
        expected = 0.0
        for history in product((False, True), repeat=6):
            evidence = Evidence(lower, upper)
            for came in history:
                evidence.observe([came])
            expected += evidence.against * np.prod([p if came else 1 - p for came in history])
        assert expected <= 1 + 1e-12
        one_sided = {lower, upper} & {0.0, 1.0}
        if one_sided and p in (lower, upper):
            assert expected == pytest.approx(1.0)


@pytest.mark.parametrize("alpha", [0.2, 0.01])
def test_false_alarms_of_the_stopped_game_by_enumeration(alpha):
    """The chance that 11 looks ever see the wealth at 1/alpha, added up over all histories."""
    edge, reached = 0.8, {}

    def alarm(each, p, left):
        if np.mean(each) >= 1 / alpha:
            return 1.0
        if not left:
            return 0.0
        return p * alarm(each * won, p, left - 1) + (1 - p) * alarm(each * lost, p, left - 1)

    evidence = Evidence(edge, 1.0)
    won, lost = np.exp(evidence._won), np.exp(evidence._lost)
    for p in (edge, 0.9, 0.4):
        reached[p] = alarm(np.ones(len(won)), p, 11)
    assert reached[0.9] <= reached[edge] <= alpha
    assert reached[0.4] > 10 * reached[edge]


def test_evidence_beyond_all_numbers_is_still_a_number():
    evidence = Evidence(0.9, 0.98)
    for _ in range(2000):
        evidence.observe([False, True])
    assert np.isfinite(evidence.against) and evidence.against > 1e300 and evidence.worst == 0


# The laws

TRUTH = pd.Series({"Intercept": 1.0, "x1": -0.5, "x2": 0.0})
NULL = np.array([False, False, True])


def fitted(params, bse=(0.1, 0.1, 0.1), p=0.9):
    series = [None if one is None else pd.Series(one, TRUTH.index) for one in (params, bse)]
    return Fitted(series[0], series[1], pvalues=None if p is None else pd.Series(p, TRUTH.index))


def held(law, samples):
    """Return at which sample a law stops, None where it does not."""
    seen = []

    class Watched(SimpleNamespace):
        def __iter__(self):
            for one in samples:
                seen.append(one)
                yield one

    trial = Trial(Adapter(), shared={"simulation": Watched(truth=TRUTH, null=NULL)})
    try:
        law.check(trial, None)
    except LawBroken as broken:
        return len(seen), str(broken)
    return None, len(seen)


def stops(history, lower, upper):
    """The first sample at which a hundred estimators, twelve bets each, keep 1e-6 altogether."""
    return 1 + int(np.flatnonzero(wealths(history, lower, upper) >= 12 / 1e-8)[0])


def test_the_stated_false_alarm():
    """Four laws, p-values at three levels: as many bets as the bound is shared among, or fewer."""
    assert FALSE_ALARM == 1e-8 and 100 * FALSE_ALARM <= 1e-6
    assert [one.name for one in LAWS] == ["coverage", "p-values", "centre", "consistency"]
    assert len(LAWS) * len(statistical._LEVELS) >= 3 + len(statistical._LEVELS)


def band(level):
    return tuple(2 * PHI.cdf(PHI.inv_cdf(level / 2) / factor) for factor in (1 / 1.2, 1.2))


def test_how_often_tests_with_wrong_errors_reject():
    for level, factor in product((0.05, 0.25, 0.5), (0.8, 1.0, 1.2)):
        draws = PHI.inv_cdf(1 - level / 2) / factor  # the true quantile that the reported one stands for
        assert rejected(level, factor) == pytest.approx(2 * (1 - PHI.cdf(draws)), rel=1e-12)
    assert rejected(0.05, 1.2) > 0.1 > 0.05 > 0.02 > rejected(0.05, 1 / 1.2)


def test_coverage_stops_when_the_evidence_is_there():
    """The first coefficient is 1.97 standard errors off in all samples, the second 1.95, the third never."""
    z = PHI.inv_cdf(0.975)
    samples = [SimpleNamespace(small=fitted(TRUTH + np.array([1.01 * z * 0.1, -0.99 * z * 0.1, 0])))] * 400
    low, high = band(0.05)
    at, said = held(coverage, samples)
    assert at == stops([[0, 1, 1]] * 400, 1 - high, 1 - low)
    assert said.startswith(f"Intercept: the interval contains the truth in 0 of {at} samples")
    assert f"between {1 - high:.3f} and {1 - low:.3f}" in said
    fair = [SimpleNamespace(small=fitted(TRUTH + (0.0 if k % 20 else 1.0))) for k in range(400)]
    assert held(coverage, fair) == (None, 400)


@pytest.mark.parametrize("level", [0.05, 0.25, 0.5])
def test_pvalues_stop_at_each_level(level):
    """P-values as they should be below a level, and all the others at it; those of true effects do not matter."""
    p = np.full(200, level)
    p[::4] = min(level, 0.25)
    p[::20] = 0.05
    at, said = held(pvalues, [SimpleNamespace(small=fitted(TRUTH, p=[1e-9, 1e-9, one])) for one in p])
    place = [0.05, 0.25, 0.5].index(level)
    assert at == 200 * place + stops(np.ones((200, 1)), *band(level))
    assert said.startswith(f"x2: p <= {level:g} in {at - 200 * place} of {at - 200 * place} samples")
    uniform = [SimpleNamespace(small=fitted(TRUTH, p=(k * 0.6180339887) % 1)) for k in range(200)]
    assert held(pvalues, uniform) == (None, 600)


def test_pvalues_that_are_never_small():
    at, said = held(pvalues, [SimpleNamespace(small=fitted(TRUTH, p=0.9))] * 150)
    assert at == 150 + stops(np.zeros((150, 1)), *band(0.25))
    assert said.startswith("x2: p <= 0.25 in 0 of ")


def test_centre_and_consistency_stop_too():
    low, high = PHI.cdf(-0.3), PHI.cdf(0.3)
    above = [SimpleNamespace(small=fitted(TRUTH + np.array([0.0, 1e-9, 0.1 * (-1) ** k]))) for k in range(400)]
    at, said = held(centre, above)
    assert at == stops([[0, 1, k % 2 == 0] for k in range(400)], low, high)
    assert said.split(":")[0] in ("Intercept", "x1") and "the estimate lies above the truth" in said
    both = [SimpleNamespace(small=fitted(TRUTH + 0.1 * (-1) ** k)) for k in range(400)]
    assert held(centre, both) == (None, 400)

    same = [SimpleNamespace(small=fitted(TRUTH + 0.1), large=fitted(TRUTH - 0.1))] * 400
    at, said = held(consistency, same)
    assert at == stops([[0, 0, 0]] * 400, 0.7, 1.0) and "nine times the rows" in said
    nearer = [SimpleNamespace(small=fitted(TRUTH + 0.1), large=fitted(TRUTH - 0.09))] * 400
    assert held(consistency, nearer) == (None, 400)


@pytest.mark.parametrize("law", [coverage, pvalues])
def test_what_has_no_errors_has_no_coverage(law):
    with pytest.raises(NoEstimate, match="the estimator has no"):
        held(law, [SimpleNamespace(small=fitted(TRUTH, None, None))])


def test_a_bet_makes_its_own_samples_once(monkeypatch):
    made = []

    class Samples(SimpleNamespace):
        def __iter__(self):
            return iter([0] * 60)

    def simulation(adapter, case):
        made.append((adapter, case))
        return Samples(truth=TRUTH, null=NULL)

    monkeypatch.setattr(statistical, "Simulation", simulation)
    adapter = SimpleNamespace()
    trial = Trial(adapter)
    for _ in range(2):
        with pytest.raises(LawBroken, match="x1: it rains in"):
            _bet(trial, "case", lambda a, b: [True], (0.1, 0.2), "it rains", lambda one: one.truth.index[[1]])
    assert made == [(adapter, "case")]


# The table


class Coin(Adapter):
    """The log odds of a coin without covariates' effects: an estimator in closed form."""

    name, kind = "coin", Binary()
    can = frozenset({"intercept", "has intercept", "draws"})
    errors = (ZeroDivisionError,)

    def fit(self, case, covariance=None):
        x = np.column_stack([np.ones(len(case)), case.frame[list(case.covariates)]])
        y, inverse = case.y.to_numpy(dtype=float), np.linalg.pinv(x.T @ x)
        if np.ptp(y) == 0:
            raise ZeroDivisionError("nothing varies")
        b = inverse @ x.T @ y
        se = np.sqrt(np.diag(inverse) * np.var(y - x @ b))
        names = ["Intercept", *case.covariates]
        p = [2 * PHI.cdf(-abs(t)) for t in b / se]
        return Fitted(*(pd.Series(one, names) for one in (b, se)), pvalues=pd.Series(p, names))

    def draw(self, case, params, rng):
        x = np.column_stack([np.ones(len(case)), case.frame[list(case.covariates)]])
        return case.assign(y=x @ params.to_numpy() + rng.normal(size=len(case)))


class Loud(Coin):
    """One whose errors are half as large as they should be."""

    def fit(self, case, covariance=None):
        found = super().fit(case, covariance)
        return Fitted(found.params, found.bse / 2, pvalues=found.pvalues)


def test_the_table_of_an_estimator(monkeypatch):
    asked = []
    own = statistical.Simulation

    def simulation(*given):
        asked.append((given[0].name, len(given[1]), *given[2:]))
        return own(*given)

    def ordinary(adapter, rows, seed):
        asked.append((rows, seed))
        return benign(adapter, rows, seed)

    monkeypatch.setattr(statistical, "Simulation", simulation)
    monkeypatch.setattr(statistical, "benign", ordinary)
    verdict = statistical.check_statistics(Coin(), draws=100, rows=60, seed=3)
    assert verdict.held and verdict.name == "coin"
    assert verdict.table["law"].tolist() == [one.name for one in LAWS]
    assert verdict.table["verdict"].tolist() == ["held"] * 4
    assert verdict.table["found"].tolist() == ["100 samples"] * 4
    assert asked == [(60, 3), ("coin", 60, 100, 3)]

    verdict = statistical.check_statistics(Loud(), draws=100, rows=60)
    assert list(verdict.counterexamples) == ["coverage"] and not verdict.held
    assert verdict.table.set_index("law")["verdict"].to_dict() == {
        "coverage": "broken", "p-values": "held", "centre": "held", "consistency": "held"
    }  # fmt: skip
    assert verdict.table["found"].iloc[0] == verdict.counterexamples["coverage"].message
    assert asked[-1][-1] == 0


def test_options_are_those_of_the_estimator():
    assert statistical.check_statistics(Fractional, draws=1, rows=60, link="probit").name == "Fractional(link='probit')"


def test_what_the_laws_do_not_speak_of():
    class Silent(Coin):
        can = frozenset({"intercept"})

        def fit(self, case, covariance=None):
            raise ZeroDivisionError("is not asked")

    verdict = statistical.check_statistics(Silent())
    assert verdict.table["verdict"].tolist() == ["does not apply"] * 4 and verdict.held
    assert verdict.table["found"].str.contains("needs draws").all()

    class Bare(Loud):
        covariances = ()

    verdict = statistical.check_statistics(Bare(), draws=100, rows=60)
    assert verdict.table["verdict"].tolist() == ["does not apply"] * 2 + ["held"] * 2 and verdict.held

    class Errorless(Coin):
        def fit(self, case, covariance=None):
            return Fitted(super().fit(case, covariance).params)

    verdict = statistical.check_statistics(Errorless(), draws=2, rows=60)
    assert verdict.table["verdict"].tolist() == ["never tried"] * 2 + ["held"] * 2 and verdict.held

    class Nowhere(Coin):
        def fit(self, case, covariance=None):
            raise ZeroDivisionError("never")

    with pytest.raises(statistical.OptionError, match="of 30 rows; give more by rows="):
        statistical.check_statistics(Nowhere(), rows=30)
    with pytest.raises(statistical.OptionError, match="give more by rows="):
        statistical.check_statistics(Nowhere(), rows=1)
    assert statistical.check_statistics(Coin(), draws=1, rows=60).held
    for options in ({"draws": 0}, {"rows": 0}, {"seed": -1}):
        with pytest.raises(statistical.OptionError, match=f"{next(iter(options))} must be a whole number of at least"):
            statistical.check_statistics(Coin(), **options)
