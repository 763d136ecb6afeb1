"""Fine and Gray's model against its definition written with loops, Cox without competition, and refits."""

import pickle

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, OutcomeError, SeparationError
from exportmodels.timing import Cox, FineGray


def firms(n=120, seed=1, late=False):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "size": rng.normal(size=n)})
    time = np.round(rng.exponential(5 * np.exp(-0.3 * frame.niche)), 1) + 0.1
    end = np.round(rng.uniform(0, 8, n), 1) + 0.1
    frame["years"], frame["code"] = np.minimum(time, end), np.where(time <= end, 1 + (rng.random(n) < 0.4), 0)
    since = np.where(np.arange(n) % 3 > 0, np.round(frame.years * rng.uniform(0, 0.9, n), 1), 0.0)
    frame["since"] = np.minimum(since, frame.years - 0.1).round(1) if late else 0.0
    return frame.assign(move=np.array(["none", "export", "import"])[frame.code])


def fit(data, formula="years ~ niche + size", **options):
    return FineGray.from_formula(formula, data, **({"event": "move", "cause": "export", "censored": "none"} | options))


def by_loops(data, theta):
    """The log partial likelihood: weights and risk sets firm by firm."""
    years, code, since = data.years.to_numpy(), data.code.to_numpy(), data.since.to_numpy()
    eta = data[["niche", "size"]].to_numpy() @ theta

    def observed(t):
        share = 1.0
        for u in np.unique(years[years < t]):
            share *= 1 - ((years == u) & (code == 0)).sum() / ((years >= u) & (since < u)).sum()
        for u in np.unique(since[(since >= t) & (since > 0)]):
            share *= 1 - (since == u).sum() / ((since <= u) & (years > u)).sum()
        return share

    total = 0.0
    for i in np.flatnonzero(code == 1):
        t = years[i]
        risk = sum(
            np.exp(eta[j]) * (since[j] < t if years[j] >= t else (code[j] == 2) * observed(t) / observed(years[j]))
            for j in range(len(data))
        )
        total += eta[i] - np.log(risk)
    return total


@pytest.mark.parametrize("late", [False, True])
def test_likelihood_score_and_information_are_those_of_the_definition(late):
    data = firms(60, late=late)
    model = fit(data, entry="since")
    problem = model.problem(model.sample)
    back, user = np.linalg.inv(problem.back), np.array([0.4, -0.2])
    value, score, information = problem.objective.evaluate(back @ user)
    score, information = back.T @ score, back.T @ information @ back
    np.testing.assert_allclose(value, by_loops(data, user), rtol=1e-12)
    step = 1e-4
    for j, move in enumerate(step * np.eye(2)):
        slope = (by_loops(data, user + move) - by_loops(data, user - move)) / (2 * step)
        np.testing.assert_allclose(score[j], slope, rtol=1e-6)
        ends = [back.T @ problem.objective.evaluate(back @ (user + sign * move))[1] for sign in (1, -1)]
        np.testing.assert_allclose(information[j], (ends[1] - ends[0]) / (2 * step), rtol=1e-6)


@pytest.mark.parametrize("late", [False, True])
def test_scores_are_what_a_little_more_of_a_firm_does_to_the_estimate(late):
    data = firms(80, late=late)
    results = fit(data, entry="since").fit()
    problem = results.model.problem(results.model.sample)
    theta = np.linalg.solve(problem.back, results.params)
    influence = problem.scores(theta) @ np.linalg.inv(problem.objective.evaluate(theta)[2]) @ problem.back.T
    for i in range(0, 80, 7):
        ends = [
            fit(data.assign(w=np.where(np.arange(80) == i, 1 + h, 1.0)), weights="w", entry="since")
            .fit("robust")
            .params
            for h in (1e-4, -1e-4)
        ]
        # Fine and Gray treat the estimate of G to first order: terms of one over the number at risk are left out
        np.testing.assert_allclose(influence[i], (ends[0] - ends[1]) / 2e-4, rtol=0.05, atol=1e-3)


@pytest.mark.parametrize("late", [False, True])
def test_without_competing_events_it_is_cox_with_breslow_ties(late):
    data = firms(late=late)
    data = data.assign(move=np.where(data.code == 1, "export", "none"), hit=(data.code == 1) * 1)
    cox = Cox.from_formula("years ~ niche + size", data, event="hit", ties="breslow", entry="since")
    ours = fit(data, entry="since")
    np.testing.assert_allclose(ours.fit("nonrobust").bse, cox.fit("nonrobust").bse, rtol=1e-9)
    np.testing.assert_allclose(ours.fit().params, cox.fit().params, rtol=1e-9)
    np.testing.assert_allclose(ours.fit().bse, cox.fit("robust").bse, rtol=1e-8)


@pytest.mark.parametrize("late", [False, True])
def test_frequencies_are_repeated_rows(late):
    data = firms(late=late).assign(copies=lambda d: 1 + d.index % 3)
    many = fit(data.loc[data.index.repeat(data.copies)], entry="since")
    one = fit(data, frequency="copies", entry="since")
    np.testing.assert_allclose(one.fit().params, many.fit().params, rtol=1e-10)
    np.testing.assert_allclose(one.fit().bse, many.fit().bse, rtol=1e-9)


def test_entry_at_the_beginning_changes_nothing():
    without, with_it = fit(firms()).fit(), fit(firms(), entry="since").fit()
    np.testing.assert_array_equal(without.params, with_it.params)
    np.testing.assert_allclose(without.bse, with_it.bse, rtol=1e-13)


def test_late_entry_recovers_what_it_hides():
    # firms are seen only from a late entry on, whatever they did: those that move early are missing
    rng = np.random.default_rng(3)
    n = 40_000
    x = rng.integers(0, 2, n)
    # 1 - F = exp(-L(t) exp(b x)) for the move of interest, with L(t) = 0.5 (1 - exp(-t))
    share = 1 - np.exp(-0.5 * np.exp(0.7 * x))
    own = rng.random(n) < share
    u = rng.random(n) * share
    time = np.where(own, -np.log1p(2 * np.log1p(-u) / np.exp(0.7 * x)), rng.exponential(1.0, n))
    end, since = rng.uniform(0.5, 4, n), np.where(rng.random(n) < 0.3, 0.0, rng.uniform(0, 1.5, n))
    years = np.minimum(time, end)
    data = pd.DataFrame({"years": years, "x": x, "since": since})
    data["move"] = np.where(time <= end, np.where(own, "export", "import"), "none")
    seen = data[data.since < data.years]
    results = fit(seen, "years ~ x", entry="since").fit()
    assert abs(results.params["x"] - 0.7) < 3 * results.bse["x"] < 0.15
    ignored = fit(seen, "years ~ x").fit()
    assert abs(ignored.params["x"] - 0.7) > 2 * abs(results.params["x"] - 0.7)


def test_a_time_without_observed_firms_is_refused():
    data = firms(60).assign(since=lambda d: np.where(d.years > 3, 3.0, 0.0))
    data = data[(data.years < 2.5) | (data.years > 3.5)]
    with pytest.raises(OutcomeError, match="came under observation after the time before"):
        fit(data, entry="since").fit()


def test_shares_rise_and_agree():
    results = fit(firms()).fit()
    curve = results.predict(which="incidence")
    assert (np.diff(curve, axis=1) > 0).all()
    np.testing.assert_allclose(curve.iloc[:, -1], results.predict(), rtol=1e-12)
    table = results.findings("niche").table
    assert ((table.lower < table.estimate) & (table.estimate < table.upper)).all()
    pd.testing.assert_series_equal(pickle.loads(pickle.dumps(results)).predict(), results.predict())


def test_faults_are_named():
    with pytest.raises(OptionError, match="cause= must name one of the events: export, import; not 'licence'"):
        fit(firms(), cause="licence")
    with pytest.raises(SeparationError, match="niche = 0 has the event"):
        fit(firms().assign(move=lambda d: np.where(d.niche == 1, d.move, "import"))).fit()
    with pytest.raises(OptionError, match="last time observed"):
        fit(firms()).share_within(99)
