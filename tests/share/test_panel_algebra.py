"""Fractional panels against the estimating equations written out firm by firm, and averages counted by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from exportmodels.core.errors import ConvergenceError, DataError, OptionError
from exportmodels.core.links import LINKS
from exportmodels.share import PanelFractional, gee
from exportmodels.share.gee import exchangeable
from exportmodels.share.panel_fractional import averages, changes_within


def panel(seed=0, firms=12, within=0.8):
    rng = np.random.default_rng(seed)
    years = rng.integers(1, 5, firms)
    firm = rng.permutation(np.repeat(np.arange(firms), years))
    unseen = within * rng.normal(size=firms)[firm]
    frame = pd.DataFrame({"firm": firm, "x": rng.normal(size=len(firm)), "z": rng.normal(size=len(firm))})
    frame["share"] = norm.cdf(0.2 + 0.5 * frame["x"] + unseen + 0.5 * rng.normal(size=len(firm))).round(3)
    frame["weight"] = rng.uniform(0.5, 2, firms)[firm]
    return frame


class ByHand:
    """The estimating equations under one correlation, from the working covariance of each firm's years."""

    def __init__(self, data, b, weight):
        x, y = np.column_stack([np.ones(len(data)), data["x"]]), data["share"].to_numpy()
        mean = norm.cdf(x @ b)
        gradient, sd = x * norm.pdf(x @ b)[:, None], np.sqrt(mean * (1 - mean))
        standard = (y - mean) / sd
        self.groups = [np.flatnonzero(data["firm"] == firm) for firm in sorted(set(data["firm"]))]
        products, pairs = 0.0, 0.0
        for rows in self.groups:
            for k, i in enumerate(rows):
                for j in rows[:k]:
                    products, pairs = products + weight[i] * standard[i] * standard[j], pairs + weight[i]
        self.dispersion = weight @ standard**2 / (weight.sum() - 2)
        self.alpha = products / (pairs - 2) / self.dispersion
        self.scores, self.bread = np.zeros((len(y), 2)), np.zeros((2, 2))
        for rows in self.groups:
            same = np.eye(len(rows)) + self.alpha * (1 - np.eye(len(rows)))
            inverse = np.linalg.inv(np.outer(sd[rows], sd[rows]) * same)
            self.scores[rows] = gradient[rows] * (inverse @ (y - mean)[rows])[:, None]
            self.bread += weight[rows[0]] * gradient[rows].T @ inverse @ gradient[rows]
        self.scale = weight @ standard**2 / weight.sum()


def solved(data, weight, of_one=None, start=(0.0, 0.0)):
    x, y = np.column_stack([np.ones(len(data)), data["x"]]), data["share"].to_numpy()
    of_one = weight if of_one is None else of_one
    return exchangeable(y, x, LINKS["probit"], data["firm"].to_numpy(), weight, of_one, np.array(start))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", [5, 3])
def test_estimating_equations_under_one_correlation(seed, weighted):
    data = panel(seed)
    weight = data["weight"].to_numpy() if weighted else np.ones(len(data))
    found, alpha = solved(data, weight)
    hand = ByHand(data, found.theta, weight)
    assert 0.05 < alpha < 0.95
    assert alpha == pytest.approx(hand.alpha, rel=1e-9)
    step = np.linalg.solve(hand.bread, weight @ hand.scores)
    assert np.sqrt(step @ hand.bread @ step) < 1e-10
    np.testing.assert_allclose(found.influence, hand.scores @ np.linalg.inv(hand.bread), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.covariance, hand.scale * np.linalg.inv(hand.bread), rtol=1e-9)


def test_the_correlation_counts_pairs_by_weights_of_mean_one():
    data = panel(3)
    weight = data["weight"].to_numpy()
    mean_one = weight / weight.mean()
    found, alpha = solved(data, 50 * weight, mean_one)
    assert alpha == pytest.approx(ByHand(data, found.theta, mean_one).alpha, rel=1e-9)
    model = PanelFractional.from_formula("share ~ x", data, firm="firm", weights="weight", working="exchangeable")
    fits = [model.fit(), PanelFractional.from_formula("share ~ x", data.assign(weight=50 * weight), firm="firm",
            weights="weight", working="exchangeable").fit()]  # fmt: skip
    np.testing.assert_allclose(fits[1].params, fits[0].params, rtol=1e-9)
    np.testing.assert_allclose(fits[1].bse, fits[0].bse, rtol=1e-8)


def test_too_few_pairs_have_no_correlation():
    data = panel(1).drop_duplicates("firm")
    twice = pd.concat([data, data.head(2)])  # two pairs, and two coefficients
    _, alpha = solved(twice, np.ones(len(twice)))
    assert alpha == 0
    thrice = pd.concat([data, data.head(3)])
    assert solved(thrice, np.ones(len(thrice)), start=(0.1, 0.1))[1] != 0


def test_what_has_no_solution_is_named(monkeypatch):
    data = panel(0)
    with pytest.raises(ConvergenceError, match="no solution that 200 Fisher steps find"):
        solved(data.assign(x=1.0), np.ones(len(data)))  # collinear
    monkeypatch.setattr(gee, "_STEPS", 2)
    with pytest.raises(ConvergenceError, match="no solution that 2 Fisher steps find; use working='independence'"):
        solved(data, np.ones(len(data)))


def three(seed):
    """Three firms in two years each."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"firm": np.repeat(np.arange(3), 2), "x": rng.normal(size=6), "share": rng.uniform(0.05, 0.95, 6)}
    )


@pytest.mark.parametrize(("seed", "alpha"), [(3, "-1.38"), (9, "1.88")])
def test_correlations_that_cannot_be_are_named(seed, alpha):
    with pytest.raises(ConvergenceError, match=f"estimated at {alpha}, which cannot be: .* working='independence'"):
        solved(three(seed), np.ones(6))


def test_two_years_may_have_a_correlation_down_to_minus_one():
    found, alpha = solved(three(14), np.ones(6))
    assert alpha == pytest.approx(ByHand(three(14), found.theta, np.ones(6)).alpha, rel=1e-8)
    assert -1 < alpha < -0.5


def test_three_years_cannot_all_be_apart(monkeypatch):
    data = pd.DataFrame({"firm": np.repeat(np.arange(4), 3), "x": np.tile([0.0, 1.0, 0.4], 4)})
    data["share"] = [0.2, 0.7, 0.5, 0.3, 0.8, 0.4, 0.1, 0.6, 0.6, 0.3, 0.5, 0.5]
    monkeypatch.setattr(gee, "_correlation", lambda *_: -0.4)
    assert solved(data, np.ones(12))[1] == -0.4
    monkeypatch.setattr(gee, "_correlation", lambda *_: -0.6)
    with pytest.raises(ConvergenceError, match=r"estimated at -0\.6, which cannot be"):
        solved(data, np.ones(12))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", [0, 1])
def test_a_search_that_goes_astray_is_silent(seed):
    with pytest.raises(ConvergenceError, match="no solution"):
        solved(three(seed), np.ones(6))


# averages


FRAME = pd.DataFrame(
    {
        "share": [0.1, 0.2, 0.3, 0.4, 0.5, np.nan, 0.7],
        "rd": [1.0, 3.0, 2.0, 2.0, 5.0, 9.0, 4.0],
        "niche": [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0],
        "year": [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 3.0],
        "firm": ["a", "a", "b", "b", "c", "c", "d"],
    },
    index=list("tuvwxyz"),
)


def test_averages_are_over_complete_rows_of_covariates_that_change():
    table = averages(FRAME["share"], FRAME[["rd", "niche", "year"]], FRAME["firm"])
    assert list(table.columns) == ["rd", "year", "years=1"]
    assert list(table.index) == list(FRAME.index)
    np.testing.assert_array_equal(table["rd"], [2, 2, 2, 2, 5, np.nan, 4])
    np.testing.assert_array_equal(table["year"], [1.5, 1.5, 1.5, 1.5, 1, np.nan, 3])
    np.testing.assert_array_equal(table["years=1"], [0, 0, 0, 0, 1, np.nan, 1])


def test_averages_that_are_the_same_for_all_firms_are_left_out():
    table = averages(
        FRAME["share"].head(4), FRAME[["rd", "year"]].head(4).assign(rd=[1, 3, 5, 2]), FRAME["firm"].head(4)
    )
    assert list(table.columns) == ["rd"]


def test_rows_without_a_firm_or_a_covariate_are_left_out():
    gaps = FRAME.assign(share=0.5)
    table = averages(gaps["share"], gaps[["rd"]].drop("t").reindex(gaps.index), gaps["firm"].where(gaps.index != "w"))
    np.testing.assert_array_equal(table["rd"], [np.nan, 3, 2, np.nan, 7, 7, 4])
    np.testing.assert_array_equal(table["years=1"], [np.nan, 1, 1, np.nan, 0, 0, 1])
    array = averages(gaps["share"].to_numpy(), gaps[["rd", "niche"]].to_numpy(), gaps["firm"].to_numpy())
    assert list(array.columns) == ["x1", "years=1"]
    np.testing.assert_array_equal(array["x1"], [2, 2, 2, 2, 7, 7, 4])


def test_panels_of_several_lengths_have_an_indicator_for_each_but_the_longest():
    data = panel(0)
    table = averages(data["share"], data[["x"]], data["firm"])
    years = data.groupby("firm")["x"].transform("size")
    assert list(table.columns) == ["x", "years=1", "years=2", "years=3"]
    for length in (1, 2, 3):
        np.testing.assert_array_equal(table[f"years={length}"], years == length)


@pytest.mark.parametrize("zero", [0.0, 1e9])
def test_what_changes_within_firms(zero):
    firm = np.array([1, 1, 2, 2])
    assert changes_within(pd.Series([1.0, 2.0, 3.0, 3.0]) + zero, firm)
    assert not changes_within(pd.Series([1.0, 1.0, 3.0, 3.0]) + zero, firm)
    assert not changes_within(1e-9 * pd.Series([1.0, 1.0, 3.0, 3.0 + 1e-11]), firm)
    assert changes_within(1e-9 * pd.Series([1.0, 1.0, 3.0, 3.0 + 1e-9]), firm)


def test_what_averages_are_refused():
    y, x, firm = FRAME["share"], FRAME[["rd"]], FRAME["firm"]
    with pytest.raises(OptionError, match="needs firm="):
        averages(y, x, None)
    with pytest.raises(DataError, match="as many rows as each other"):
        averages(y, x, firm.head(5))
    with pytest.raises(DataError, match="as many rows as each other"):
        averages(y.head(5), x, firm)
    with pytest.raises(DataError, match="needs firms and a covariate"):
        averages(y, x[[]], firm)
    with pytest.raises(DataError, match="no firm has two complete rows"):
        averages(y, x, np.arange(7))
    with pytest.raises(DataError, match="no covariate changes within firms"):
        averages(y, FRAME[["niche"]], firm)
