"""Fine and Gray's model against its definition written with loops, Cox without competition, and refits."""

import pickle

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, SeparationError
from exportmodels.timing import Cox, FineGray


def firms(n=120, seed=1):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "size": rng.normal(size=n)})
    time = np.round(rng.exponential(5 * np.exp(-0.3 * frame.niche)), 1) + 0.1
    end = np.round(rng.uniform(0, 8, n), 1) + 0.1
    frame["years"], frame["code"] = np.minimum(time, end), np.where(time <= end, 1 + (rng.random(n) < 0.4), 0)
    return frame.assign(move=np.array(["none", "export", "import"])[frame.code])


def fit(data, formula="years ~ niche + size", **options):
    return FineGray.from_formula(formula, data, **({"event": "move", "cause": "export", "censored": "none"} | options))


def by_loops(data, theta):
    """The log partial likelihood: weights and risk sets firm by firm."""
    years, code = data.years.to_numpy(), data.code.to_numpy()
    eta = data[["niche", "size"]].to_numpy() @ theta

    def observed(t):
        share = 1.0
        for u in np.unique(years[years < t]):
            share *= 1 - ((years == u) & (code == 0)).sum() / (years >= u).sum()
        return share

    total = 0.0
    for i in np.flatnonzero(code == 1):
        t = years[i]
        risk = sum(
            np.exp(eta[j]) * (1.0 if years[j] >= t else observed(t) / observed(years[j]) * (code[j] == 2))
            for j in range(len(data))
        )
        total += eta[i] - np.log(risk)
    return total


def test_likelihood_score_and_information_are_those_of_the_definition():
    data = firms(60)
    model = fit(data)
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


def test_scores_are_what_a_little_more_of_a_firm_does_to_the_estimate():
    data = firms(80)
    results = fit(data).fit()
    problem = results.model.problem(results.model.sample)
    theta = np.linalg.solve(problem.back, results.params)
    influence = problem.scores(theta) @ np.linalg.inv(problem.objective.evaluate(theta)[2]) @ problem.back.T
    for i in range(0, 80, 7):
        ends = [
            fit(data.assign(w=np.where(np.arange(80) == i, 1 + h, 1.0)), weights="w").fit("robust").params
            for h in (1e-4, -1e-4)
        ]
        # Fine and Gray treat the estimate of G to first order: terms of one over the number at risk are left out
        np.testing.assert_allclose(influence[i], (ends[0] - ends[1]) / 2e-4, rtol=0.05, atol=1e-3)


def test_without_competing_events_it_is_cox_with_breslow_ties():
    data = firms().assign(move=lambda d: np.where(d.code == 1, "export", "none"), hit=lambda d: (d.code == 1) * 1)
    cox = Cox.from_formula("years ~ niche + size", data, event="hit", ties="breslow")
    ours = fit(data)
    np.testing.assert_allclose(ours.fit("nonrobust").bse, cox.fit("nonrobust").bse, rtol=1e-9)
    np.testing.assert_allclose(ours.fit().params, cox.fit().params, rtol=1e-9)
    np.testing.assert_allclose(ours.fit().bse, cox.fit("robust").bse, rtol=1e-8)


def test_frequencies_are_repeated_rows():
    data = firms().assign(copies=lambda d: 1 + d.index % 3)
    many = fit(data.loc[data.index.repeat(data.copies)])
    one = fit(data, frequency="copies")
    np.testing.assert_allclose(one.fit().params, many.fit().params, rtol=1e-10)
    np.testing.assert_allclose(one.fit().bse, many.fit().bse, rtol=1e-9)


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
