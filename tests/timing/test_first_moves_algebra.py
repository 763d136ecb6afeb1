"""Competing first moves in discrete time: shares, years and starting values by hand, year after year."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError, OutcomeError, SeparationError
from exportmodels.timing import CompetingHazard

N = 90
RNG = np.random.default_rng(14)
MOVES = ["none", "export", "import", "plant"]
FIRMS = pd.DataFrame({"size": RNG.normal(5, 2, N), "niche": RNG.integers(0, 2, N), "since": RNG.integers(0, 2, N)})
FIRMS["years"] = FIRMS["since"] + RNG.integers(0, 5, N)
FIRMS["move"] = RNG.choice(MOVES, N, p=[0.3, 0.3, 0.2, 0.2])
FIRMS.loc[FIRMS["years"] == 5, "move"] = "none"
FIRMS["w"], FIRMS["copies"] = RNG.uniform(0.5, 2, N), RNG.integers(1, 3, N)
OPTIONS = {"event": "move", "censored": "none", "entry": "since"}
CAUSES = MOVES[1:]
# baseline and slopes of each move
OWN = np.array([[-1.5, 0.2, 0.1, 0.3], [-2.0, -0.1, 0.05, 0.6], [-1.0, 0.3, -0.2, -0.4]])


def model_of(data=FIRMS, **options):
    return CompetingHazard.from_formula("years ~ size + niche", data, **OPTIONS | {"baseline": "linear"} | options)


def shares_by_hand(x, years):
    """The share whose first move is k by the end of a year: added up over the years in which it is made."""
    waiting, made = 1.0, np.zeros(3)
    for t in range(years + 1):
        odds = np.exp(OWN[:, 0] + OWN[:, 1] * t + OWN[:, 2:] @ x)
        made = made + waiting * odds / (1 + odds.sum())
        waiting = waiting / (1 + odds.sum())
    return made


def test_shares_of_first_moves_by_year():
    model, rows = model_of(), FIRMS.head(7)[["size", "niche"]].to_numpy()
    found = model.incidence(OWN.ravel(), [rows])
    assert found.shape == (7, 6, 3)
    for x, own in zip(rows, found, strict=True):
        for t in range(6):
            np.testing.assert_allclose(own[t], shares_by_hand(x, t), rtol=1e-12)
    theta, designs = OWN.ravel(), [rows]
    assert model.horizon == 4
    years = [sum(1 - shares_by_hand(x, t).sum() for t in range(4)) for x in rows]
    np.testing.assert_allclose(model.quantity("years").rows(theta, designs), years, rtol=1e-12)
    for name, until in (("first", 4), ("within 1", 1)):
        quantity = model.quantity(name)
        np.testing.assert_allclose(quantity.rows(theta, designs), [shares_by_hand(x, until) for x in rows], rtol=1e-12)
        assert (quantity.unit, quantity.scale, quantity.columns) == ("share", "logit", tuple(CAUSES))
    for until in (0, 5):
        exact = [shares_by_hand(x, until) for x in rows]
        np.testing.assert_allclose(model.first_within(until).rows(theta, designs), exact, rtol=1e-12)
    for k, cause in enumerate(CAUSES):
        quantity = model.quantity(f"incidence {cause}")
        exact = [[shares_by_hand(x, t)[k] for t in range(6)] for x in rows]
        np.testing.assert_allclose(quantity.rows(theta, designs), exact, rtol=1e-12)
        assert (quantity.unit, quantity.scale, quantity.told) == ("share", "logit", False)
        assert quantity.columns == ("t=0", "t=1", "t=2", "t=3", "t=4", "t=5")
    assert (model.quantity("years").unit, model.quantity("years").scale) == ("years", "log")


def test_labels_say_the_years_and_the_move():
    model = model_of()
    assert model.first_within(1).label == "share of first moves within 1 year"
    assert model.first_within(2).label == "share of first moves within 2 years"
    assert model.quantity("years").label == "expected years until the first move, counted up to 4"
    assert model.quantity("incidence plant").label == "share of firms whose first move is plant, by year"
    assert list(model.quantities) == ["years", "first", "within 1", *(f"incidence {cause}" for cause in CAUSES)]
    for years in (-1, 6):
        with pytest.raises(OptionError, match=f"nothing of year {years}: durations go to 5"):
            model.first_within(years)


def test_moves_all_in_the_first_year_are_counted_up_to_the_first():
    early = FIRMS.assign(years=lambda d: d["since"] * 0 + np.arange(N) % 3, since=0)
    early["move"] = np.where(early["years"] == 0, np.resize(CAUSES, N), "none")
    assert model_of(early, baseline=0).horizon == 1


def loglike_by_hand(model, theta, data, weight):
    """The log-likelihood, and the events expected of each move, firm-year by firm-year."""
    x = data[["size", "niche"]].to_numpy()
    parts, at = [], 0
    for baseline in model.baselines:
        q = len(baseline.names)
        parts.append((baseline.matrix @ theta[at : at + q], x @ theta[at + q : at + q + x.shape[1]]))
        at += q + x.shape[1]
    value, expected = 0.0, np.zeros(3)
    for i, (row, w) in enumerate(zip(data.itertuples(), weight, strict=True)):
        k = MOVES.index(row.move) - 1
        for t in range(row.since, row.years + 1):
            odds = np.exp([alpha[t] + eta[i] for alpha, eta in parts])
            chance = odds / (1 + odds.sum())
            expected += w * chance
            value += w * np.log(1 - chance.sum() if k < 0 or t < row.years else chance[k])
    return value, expected


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("baseline", ["dummies", "linear", "log"])
def test_without_covariates_the_start_is_the_maximum(baseline, weighted):
    """At it, as many events of each move are expected as happened."""
    options = {"weights": "w", "frequency": "copies"} if weighted else {}
    model = model_of(baseline=baseline, **options)
    problem = model.problem(model.sample)
    theta = problem.back @ problem.start
    weight = (FIRMS["w"] * FIRMS["copies"]).to_numpy() if weighted else np.ones(N)
    slopes = [name.endswith(("size", "niche")) for name in model.param_names]
    np.testing.assert_allclose(theta[slopes], 0, atol=1e-12)
    value, expected = loglike_by_hand(model, theta, FIRMS, weight)
    np.testing.assert_allclose(expected, [weight[FIRMS["move"] == cause].sum() for cause in CAUSES], rtol=1e-6)
    assert problem.llnull == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("drift", [1.0, 1e-5], ids=["apart", "nearly collinear"])
def test_the_engine_and_the_user_mean_the_same_coefficients(drift):
    data = FIRMS.assign(niche=lambda d: d["size"] + drift * np.random.default_rng(3).normal(size=N))
    model = model_of(data)
    assert model.sample.designs[""].standardized.tame == (drift == 1)
    problem = model.problem(model.sample)
    theta = problem.start + np.random.default_rng(4).normal(0, 0.2, len(problem.start))
    exact = loglike_by_hand(model, problem.back @ theta, data, np.ones(N))[0]
    assert problem.objective.evaluate(theta)[0] == pytest.approx(exact, rel=1e-9)


def test_what_is_noted():
    results = model_of().fit()
    at_risk = (FIRMS["years"] - FIRMS["since"] + 1).sum()
    counts = ", ".join(f"{(FIRMS['move'] == cause).sum()} {cause}" for cause in CAUSES)
    assert results.model.notes(None)[0] == f"{counts}, in {at_risk} firm-years at risk."
    assert results.df_model == 6
    assert results.model.param_names[:4] == ["[export] Intercept", "[export] t", "[export] size", "[export] niche"]
    assert not any("merged" in note for note in results.model.notes(None))
    merged = model_of(baseline="dummies").notes(None)
    assert sum(note.startswith(tuple(f"[{cause}] Years" for cause in CAUSES)) for note in merged) == 3
    few = FIRMS.assign(move=FIRMS["move"].where((FIRMS["move"] != "plant") | (FIRMS.index % 4 == 0), "none"))
    assert any("merge rare causes" in note for note in model_of(few, baseline=0).notes(None))


def test_weighted_counts_are_noted():
    weight = FIRMS["w"] * FIRMS["copies"]
    model = model_of(weights="w", frequency="copies")
    at_risk = (weight * (FIRMS["years"] - FIRMS["since"] + 1)).sum()
    counts = ", ".join(f"{weight[FIRMS['move'] == cause].sum():g} {cause}" for cause in CAUSES)
    assert model.notes(None)[0] == f"{counts}, in {at_risk:g} firm-years at risk."


def drawn(model, kept):
    """A draw of the sample in which some firms do not occur."""
    return model.problem(model.sample.reweighted(np.asarray(kept, dtype=float)))


def test_draws_without_an_estimate():
    plants, late = FIRMS["move"] == "plant", FIRMS["years"] == 2
    with pytest.raises(SeparationError, match="no firm makes the move 'plant' in this draw"):
        drawn(model_of(), ~plants)
    with pytest.raises(SeparationError, match=r"niche = 0 has the event.*merge rare causes"):
        drawn(model_of(), ~plants | (FIRMS["niche"] == 1))
    assert np.isfinite(drawn(model_of(), ~(plants & late)).llnull)
    with pytest.raises(SeparationError, match="in t=2 no firm at risk has the event"):
        drawn(model_of(baseline="dummies"), ~(plants & late))


def test_durations_and_entries_are_whole_years():
    with pytest.raises(OutcomeError, match="whole years"):
        model_of(FIRMS.assign(since=0.5, years=lambda d: d["years"] + 1))
    at_once = model_of(FIRMS.assign(since=lambda d: d["years"]))
    assert at_once._at_risk.sum() == N


def test_what_is_taken_for_granted():
    data = FIRMS.assign(code=[MOVES.index(move) for move in FIRMS["move"]])
    usual = CompetingHazard.from_formula("years ~ size", data, event="code")
    assert (usual.causes, usual.baseline_kind) == ([1, 2, 3], "dummies")
    gaps = data.assign(size=data["size"].where(data.index > 2))
    assert len(CompetingHazard.from_formula("years ~ size", gaps, event="code").sample.labels) == N - 3
    with pytest.raises(DataError, match="rows 0, 1, 2"):
        CompetingHazard.from_formula("years ~ size", gaps, event="code", missing="raise")
