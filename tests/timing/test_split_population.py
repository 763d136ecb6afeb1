"""Split populations against 60-digit arithmetic, and where they must say that they cannot tell."""

import pickle
import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, OptionError, SeparationError, SmallSampleWarning
from exportmodels.core.newton import maximize
from exportmodels.timing import AFT, DiscreteHazard, SplitPopulation, split_population
from exportmodels.timing.censoring import CensoredTimes, code_times
from exportmodels.timing.discrete_hazard_likelihood import Spells
from exportmodels.timing.follow_up import FollowUp
from exportmodels.timing.latencies import LOGLOGISTIC, LOGNORMAL, WEIBULL
from exportmodels.timing.mixed_hazards import MixedObjective
from exportmodels.timing.mixing import ImmuneMixing
from exportmodels.timing.split_latency import SplitLatency

sys.path.insert(0, str(Path(__file__).parent))
from precise import check

MELANOMA = Path(__file__).parents[1] / "oracles" / "data" / "melanoma.csv"
TIMES = [(0.3, 0.3), (9.0, 9.0), (2.5, np.inf), (30.0, np.inf), (0.0, 1.0), (1.0, 2.0), (4.0, 6.0)]


def firms(n=500, seed=4, immune=0.4, longest=25.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "size": rng.normal(size=n)})
    ever = rng.random(n) < 1 / (1 + np.exp(-(np.log((1 - immune) / immune) + 0.8 * frame["size"])))
    time = np.where(ever, np.exp(1.2 - 0.5 * frame.niche + 0.6 * np.log(rng.exponential(size=n))), np.inf)
    end = rng.uniform(longest / 8, longest, n)
    frame["time"], frame["exported"] = np.minimum(time, end), (time <= end).astype(int)
    frame["since"] = np.where(np.arange(n) % 3 == 0, frame.time / 2, 0.0)
    return frame.assign(years=np.floor(frame.time).astype(int), first=np.floor(frame.since).astype(int))


@pytest.mark.parametrize(("name", "latency"), [("weibull", WEIBULL), ("normal", LOGNORMAL), ("logistic", LOGLOGISTIC)])
def test_derivatives_against_sixty_digits(name, latency):
    tails = {"weibull": lambda w: mp.exp(-mp.exp(w)), "normal": lambda w: mp.ncdf(-w)}
    tail = tails.get(name, lambda w: 1 / (1 + mp.exp(w)))
    densities = {"weibull": lambda w: mp.exp(w - mp.exp(w)), "normal": mp.npdf}
    density = densities.get(name, lambda w: mp.exp(w) / (1 + mp.exp(w)) ** 2)

    def loglike(times, mu, zeta, chance):
        lower, upper, entry = times
        p = 1 / (1 + mp.exp(-chance))

        def noise(t):
            return (mp.log(mp.mpf(float(t))) - mu) / mp.exp(zeta)

        def survival(t):
            return 1 - p + p * (1 if t == 0 else tail(noise(t)))

        before = mp.log(survival(entry))
        if lower == upper:
            return mp.log(p * density(noise(lower)) / mp.exp(zeta) / mp.mpf(float(lower))) - before
        return mp.log(survival(lower) - (survival(upper) if upper < np.inf else 0)) - before

    class Raw:
        def evaluate(self, y, eta):
            return CensoredTimes(SplitLatency(latency)).evaluate(code_times(*y.T), eta)

    times = np.array([(a, b, 0.0) for a, b in TIMES] + [(3.0, 3.0, 1.5), (3.0, np.inf, 2.0), (3.0, 4.0, 0.5)])
    eta = np.repeat([[1.1], [-0.4], [0.3]], len(times), axis=1)
    check(Raw(), times, eta, loglike, rtol=1e-9)


def test_whole_years_against_fifty_digits():
    rng = np.random.default_rng(0)
    entry, n = rng.integers(0, 3, 12), 12
    last, event, x, z = entry + rng.integers(0, 4, n), rng.random(n) < 0.5, rng.normal(size=n), rng.normal(size=n)
    baseline = np.column_stack([np.ones(7), np.arange(7)])
    extra = np.column_stack([np.ones(n), z])
    spells = Spells(np.zeros(n, dtype=int), last, event)
    objective = MixedObjective(ImmuneMixing(), spells, entry, x[:, None], extra, None, None, baseline, np.eye(5))
    theta = np.array([-1.0, 0.1, 0.5, 0.3, -0.4])

    def precise(a, slope, b, g, h):
        total = mp.mpf(0)
        for i in range(n):
            p = 1 / (1 + mp.exp(-g - h * mp.mpf(z[i])))
            hazard = [mp.exp(a + slope * t + b * mp.mpf(x[i])) for t in range(8)]
            survival = [1 - p + p * mp.exp(-sum(hazard[:t], mp.mpf(0))) for t in range(8)]
            end = survival[last[i] + 1]
            total += mp.log(survival[last[i]] - end if event[i] else end) - mp.log(survival[entry[i]])
        return total

    with mp.workdps(50):
        value, step = precise(*map(mp.mpf, theta)), mp.mpf(10) ** -15
        slopes = [
            (precise(*[mp.mpf(v) + step * (k == j) for k, v in enumerate(theta)]) - value) / step for j in range(5)
        ]
    ours = objective.evaluate(theta)
    np.testing.assert_allclose(ours[0], float(value), rtol=1e-13)
    np.testing.assert_allclose(ours[1], np.array(slopes, dtype=float), rtol=1e-10)
    for j, move in enumerate(1e-5 * np.eye(5)):
        curve = (objective.evaluate(theta + move)[1] - objective.evaluate(theta - move)[1]) / 2e-5
        np.testing.assert_allclose(ours[2][j], -curve, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dist", ["weibull", "exponential", "lognormal", "loglogistic", "discrete"])
def test_the_split_model_is_recovered_and_immune_firms_are_found(dist):
    data = firms(3000)
    outcome, entry = ("years", "first") if dist == "discrete" else ("time", "since")
    model = SplitPopulation.from_formula(
        f"{outcome} ~ niche", data, event="exported", entry=entry, incidence="size", dist=dist
    )
    results = model.fit()
    assert results.immune_test().pvalue < 1e-10
    np.testing.assert_allclose(results.params["[incidence] size"], 0.8, atol=0.25)
    table = results.predict(which="ever", alpha=0.05)
    assert ((table.lower < table.estimate) & (table.estimate < table.upper)).all()
    survival = results.predict(which="survival")
    assert (np.diff(survival, axis=1) <= 0).all()
    assert (survival.iloc[:, -1] > 1 - results.predict(which="ever") - 1e-12).all()
    pd.testing.assert_series_equal(pickle.loads(pickle.dumps(results)).predict(), results.predict())
    assert any("Follow-up: the last event" in note for note in results.notes)


SKEWED = [("thickness", "loglogistic", "time"), ("sex", "weibull", "time"), ("sex", "discrete", "year")]


@pytest.mark.filterwarnings("ignore:Follow-up may be too short")
@pytest.mark.parametrize(("terms", "dist", "outcome"), SKEWED)
def test_the_highest_of_several_maxima_is_found(terms, dist, outcome, monkeypatch):
    # a few thick tumours: the first start, half of the censored immune, climbs to a lower maximum
    data = pd.read_csv(MELANOMA)
    options = {"event": "event", "incidence": "thickness", "dist": dist}
    model = SplitPopulation.from_formula(f"{outcome} ~ {terms}", data, **options)
    problem, best = model.problem(model.sample), model.fit()
    first = maximize(problem.objective, problem.start)
    assert first.converged
    assert best.llf > first.loglike + 0.5
    assert any("several maxima: 2 were found" in note for note in best.notes)
    # a start of the user's own is the only one
    own = model.fit(start=problem.back @ problem.start)
    np.testing.assert_allclose(own.llf, first.loglike, rtol=1e-12)
    assert not any("several maxima" in note for note in own.notes)
    # with many rows the starts are tried on a part of them
    monkeypatch.setattr(split_population, "_MANY_ROWS", 500)
    monkeypatch.setattr(split_population, "_PART", 400)
    copies = pd.concat([data] * 4, ignore_index=True)
    many = SplitPopulation.from_formula(f"{outcome} ~ {terms}", copies, **options).fit()
    np.testing.assert_allclose(many.params, best.params, rtol=1e-6)


def test_a_part_without_immune_firms_is_named():
    data = firms(400)
    data.loc[data.niche == 1, ["time", "exported"]] = np.c_[1 + data.time % 5, np.ones(400)][data.niche == 1]
    model = SplitPopulation.from_formula("time ~ 1", data, event="exported", incidence="niche")
    with pytest.raises(SeparationError, match=r"zero in a part of the firms.*'\[incidence\] niche'"):
        model.fit()


def test_one_maximum_is_not_called_several():
    model = SplitPopulation.from_formula("time ~ niche", firms(800), event="exported", incidence="size")
    assert not any("several maxima" in note for note in model.fit().notes)


def test_frequencies_are_repeated_rows():
    data = firms(300).assign(copies=lambda d: 1 + d.index % 3)
    repeated = data.loc[data.index.repeat(data.copies)]
    for dist, outcome in (("weibull", "time"), ("discrete", "years")):
        options = {"event": "exported", "incidence": "size", "dist": dist}
        one = SplitPopulation.from_formula(f"{outcome} ~ niche", data, frequency="copies", **options)
        many = SplitPopulation.from_formula(f"{outcome} ~ niche", repeated, **options)
        for kind in ("nonrobust", "robust"):
            np.testing.assert_allclose(one.fit(kind).bse, many.fit(kind).bse, rtol=1e-8)


@pytest.mark.parametrize("dist", ["weibull", "discrete"])
def test_the_test_of_no_immune_firms_lies_at_the_boundary(dist):
    data = firms(400, immune=1e-12, seed=8)
    outcome, plain = ("time", AFT) if dist == "weibull" else ("years", DiscreteHazard)
    model = SplitPopulation.from_formula(f"{outcome} ~ niche", data, event="exported", dist=dist)
    without, with_it = model.without_immune()
    options = {} if dist == "weibull" else {"baseline": "log"}
    np.testing.assert_allclose(
        without, plain.from_formula(f"{outcome} ~ niche", data, event="exported", **options).fit().llf, rtol=1e-10
    )
    if with_it is None:
        with pytest.raises(ConvergenceError, match="estimated at zero, its boundary"):
            model.fit()
    else:
        with pytest.warns(SmallSampleWarning, match="too short"):
            test = model.fit().immune_test()
        np.testing.assert_allclose(test.statistic, 2 * (with_it - without), rtol=1e-9)
        assert 0.01 < test.pvalue < 0.5


def test_an_unfinished_climb_towards_no_immune_firms_names_the_boundary():
    rng = np.random.default_rng(0)
    years = np.floor(rng.exponential(4, 200))
    data = pd.DataFrame({"years": np.minimum(years, 20), "moved": years <= 20, "x": rng.normal(size=200)})
    model = SplitPopulation.from_formula("years ~ x", data, event="moved", dist="discrete")
    problem = model.problem(model.sample)
    climb = maximize(problem.objective, problem.start, max_iter=3)
    assert not climb.converged
    assert climb.theta[-1] < 8
    with pytest.raises(ConvergenceError, match="estimated at zero, its boundary"):
        model.examine(climb, problem)


@pytest.mark.filterwarnings("error")
def test_a_sample_in_which_every_firm_has_the_event_lies_at_the_boundary():
    data = pd.DataFrame({"years": np.arange(60) % 9, "moved": 1, "x": np.arange(60) % 2})
    with pytest.raises(ConvergenceError, match="estimated at zero, its boundary"):
        SplitPopulation.from_formula("years ~ x", data, event="moved", dist="discrete").fit()


def test_a_short_follow_up_is_warned_of():
    data = firms(300, longest=4.0)
    model = SplitPopulation.from_formula("time ~ niche", data, event="exported")
    with pytest.warns(SmallSampleWarning, match="Follow-up may be too short"):
        results = model.fit()
    assert any("compare several" in note for note in results.notes)


def test_the_check_of_follow_up_counts_late_events():
    time, event = np.array([1.0, 2, 3, 5, 6, 9]), np.array([1, 1, 1, 0, 1, 0]) > 0
    check = FollowUp.of(time, event, None)
    # the last event at 6, watched until 9: events in (3, 6] are late, one of six firms
    assert (check.last_event, check.last_time, check.late_events) == (6, 9, 1)
    np.testing.assert_allclose(check.pvalue, (5 / 6) ** 6)


@pytest.mark.parametrize(
    ("changes", "options", "error", "message"),
    [
        ({}, {"dist": "discrete", "upper": "time"}, OptionError, "leave upper= out"),
        ({}, {"dist": "discrete", "scale": "size"}, OptionError, "has no scale"),
        ({}, {"event": None}, OptionError, "event= is needed"),
        ({"exported": lambda d: d.exported * d.niche}, {}, SeparationError, "niche = 0 has the event"),
    ],
)
def test_bad_input_is_refused(changes, options, error, message):
    outcome = "years" if options.get("dist") == "discrete" else "time"
    with pytest.raises(error, match=message):
        SplitPopulation.from_formula(
            f"{outcome} ~ niche", firms(100).assign(**changes), **({"event": "exported"} | options)
        ).fit()
