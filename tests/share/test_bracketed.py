"""Bracketed shares: what printed brackets mean, corners, and what the model says in shares."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, OutcomeError
from exportmodels.share import Bracketed
from exportmodels.share.brackets import REPORT, close_gaps, parse, read_answers

EDGES = np.array([0, 0.1, 0.25, 0.5, 0.75, 1])


def firms(n=400, seed=1, dist="logitnormal"):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "age": rng.normal(20, 8, n)})
    location = -1 + 1.2 * frame["niche"] + 0.02 * frame["age"]
    if dist == "beta":
        mean = 1 / (1 + np.exp(-location))
        frame["share"] = rng.beta(4 * mean, 4 * (1 - mean))
    else:
        frame["share"] = 1 / (1 + np.exp(-location - 0.9 * rng.normal(size=n)))
    place = np.searchsorted(EDGES, frame["share"]) - 1
    frame["answer"] = pd.Categorical(np.array(REPORT)[place], categories=REPORT, ordered=True)
    return frame.assign(lower=EDGES[place], upper=EDGES[place + 1])


@pytest.mark.parametrize(
    ("label", "lower", "upper"),
    [
        ("<10%", 0, 0.1),
        ("less than 10 %", 0, 0.1),
        ("minder dan 10%", 0, 0.1),
        ("26 - 50 %", 0.26, 0.5),
        ("26–50", 0.26, 0.5),
        ("0.25 to 0.5", 0.25, 0.5),
        ("more than 75%", 0.75, 1),
        ("meer dan 75 %", 0.75, 1),
        (">75%", 0.75, 1),
        ("35 %", 0.35, 0.35),
        ("12,5%", 0.125, 0.125),
        ("0", 0, 0),
    ],
)
def test_printed_brackets(label, lower, upper):
    bracket = parse(label)
    assert (bracket.lower, bracket.upper) == (lower, upper)


@pytest.mark.parametrize("label", ["most of it", "50-25%", "110%", "-5%", ""])
def test_what_is_no_bracket(label):
    with pytest.raises(OutcomeError, match="no bracket"):
        parse(label)


def test_gaps_are_closed_and_said_so():
    closed, notes = close_gaps([parse(label) for label in REPORT])
    assert [(b.lower, b.upper) for b in closed] == list(pairwise(EDGES))
    assert len(notes) == 2
    assert "between 25% and 26% is closed" in notes[0]


def test_a_gap_is_closed_though_the_neighbour_was_not_answered():
    answers = read_answers(pd.Series(["26-50%", "<10%", ">75%"], name="share"))
    assert answers.limits["lower"].tolist() == [0.25, 0, 0.75]
    answers = read_answers(pd.Series(["31-60%", "<10%"], name="share"))
    assert answers.limits["lower"].tolist() == [0.31, 0]


@pytest.mark.parametrize("dist", ["logitnormal", "normal", "beta"])
def test_categories_texts_and_limits_are_the_same_answers(dist):
    data = firms()
    by_category = Bracketed.from_formula("answer ~ niche + age", data, dist=dist).fit()
    by_text = Bracketed.from_formula("answer ~ niche + age", data.assign(answer=data["answer"].astype(str)), dist=dist)
    by_limits = Bracketed.from_formula("lower, upper ~ niche + age", data, dist=dist).fit()
    columns = np.column_stack([np.ones(400), data[["niche", "age"]]])
    arrays = Bracketed(data[["lower", "upper"]].to_numpy(), columns, dist=dist)
    for other in (by_text.fit(), by_limits, arrays.fit()):
        np.testing.assert_allclose(other.params, by_category.params, rtol=1e-12)
        assert other.llf == pytest.approx(by_category.llf, rel=1e-14)
    assert by_category.model.endog_names == "answer"
    assert any("26-50%" in note for note in by_category.notes)
    assert not any("closed" in note for note in by_limits.notes)


@pytest.mark.parametrize("dist", ["logitnormal", "normal", "beta"])
def test_narrow_brackets_approach_known_shares(dist):
    data = firms(200)
    exact = Bracketed.from_formula("share ~ niche", data, dist=dist).fit()
    same = Bracketed.from_formula(
        "lower + upper ~ niche", data.assign(lower=data["share"], upper=data["share"]), dist=dist
    )
    np.testing.assert_array_equal(same.fit().params, exact.params)
    narrow = data.assign(lower=data["share"] - 1e-5, upper=data["share"] + 1e-5)
    near = Bracketed.from_formula("lower + upper ~ niche", narrow, dist=dist).fit()
    np.testing.assert_allclose(near.params, exact.params, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(near.bse, exact.bse, rtol=1e-4)


def test_known_shares_and_brackets_are_mixed():
    data = firms()
    mixed = data["answer"].astype(object).where(data.index % 3 > 0, data["share"])
    results = Bracketed.from_formula("answer ~ niche + age", data.assign(answer=mixed)).fit()
    known = data.index % 3 == 0
    limits = data.assign(
        lower=data["lower"].where(~known, data["share"]), upper=data["upper"].where(~known, data["share"])
    )
    other = Bracketed.from_formula("lower + upper ~ niche + age", limits).fit()
    np.testing.assert_allclose(other.params, results.params, rtol=1e-12)
    assert "134 of 400 shares are known exactly" in results.notes[-1]
    assert len(results.model.brackets) == 5


def test_brackets_lose_precision_and_no_level():
    data = firms(4000)
    exact = Bracketed.from_formula("share ~ niche", data).fit()
    bracketed = Bracketed.from_formula("answer ~ niche", data).fit()
    assert (bracketed.bse > exact.bse).all()
    assert (np.abs(bracketed.params - exact.params) < 4 * np.sqrt(bracketed.bse**2 - exact.bse**2)).all()


def test_quantities_speak_in_shares():
    data = firms().rename(columns={"answer": "foreign_share"})
    results = Bracketed.from_formula("foreign_share ~ niche", data).fit()
    brackets = results.predict(which="brackets")
    assert list(brackets.columns) == list(REPORT)
    np.testing.assert_allclose(brackets.sum(axis=1), 1)
    np.testing.assert_allclose(results.predict(which="more_than_half"), brackets[[">75%", "51-75%"]].sum(axis=1))
    table = results.findings("niche").table.set_index(["quantity", "group"])
    half = table.loc[("probability that more than half of sales are made abroad", "niche=1")]
    assert (half["published"], half["figure"]) == (0.63, "34")
    assert half["lower"] < half["estimate"] < half["upper"]
    assert table.loc[("probability of a share in the bracket: 10-25%", "niche=0"), "published"] == 0.24


def test_bracket_table_adds_up():
    data = firms(300)
    results = Bracketed.from_formula("answer ~ niche", data).fit()
    table = results.bracket_table()
    assert table["observed"].tolist() == data["answer"].value_counts().reindex(list(REPORT)).tolist()
    np.testing.assert_allclose(table[["observed", "fitted"]].sum(), 300)
    known = Bracketed.from_formula("share ~ niche", data).fit().bracket_table()
    assert known["observed"].tolist() == table["observed"].tolist()
    outside = Bracketed.from_formula("answer ~ niche", data, dist="normal").fit().bracket_table()
    assert {"0%", "elsewhere"} < set(outside.index)
    np.testing.assert_allclose(outside["fitted"].sum(), 300)


def with_ends(n=500):
    data = firms(n, dist="beta")
    end = np.random.default_rng(3).choice(3, n, p=[0.7, 0.2, 0.1])
    return data.assign(share=np.select([end == 1, end == 2], [0.0, 1.0], data["share"]))


@pytest.mark.parametrize("dist", ["logitnormal", "beta"])
def test_corners_have_their_observed_frequency(dist):
    data = with_ends()
    results = Bracketed.from_formula("share ~ niche", data, dist=dist, corner="both", zero="niche").fit()
    nothing = results.predict(which="nothing").groupby(data["niche"]).mean()
    np.testing.assert_allclose(nothing, (data["share"] == 0).groupby(data["niche"]).mean(), atol=0.03)
    between = data[(data["share"] > 0) & (data["share"] < 1)]
    inner = Bracketed.from_formula("share ~ niche", between, dist=dist).fit()
    np.testing.assert_allclose(results.params[inner.params.index], inner.params, rtol=1e-9)
    table = results.bracket_table()
    np.testing.assert_allclose(table["fitted"].sum(), 500)
    assert table.loc["0%", "observed"] == (data["share"] == 0).sum()


def test_the_top_bracket_holds_the_corner_at_one():
    data = with_ends()
    answers = data["share"].where(data["share"] <= 0.75, ">75%").astype(object)
    results = Bracketed.from_formula("answers ~ niche", data.assign(answers=answers), dist="beta", corner="zero").fit()
    assert "everything" not in results.model.quantities
    both = data["share"].where((data["share"] <= 0.75) | (data["share"] == 1), ">75%").astype(object)
    one = Bracketed.from_formula("both ~ niche", data.assign(both=both), dist="beta", corner="both").fit()
    assert one.converged
    assert one.predict(which="everything").between(0, 1).all()


@pytest.mark.parametrize("dist", ["logitnormal", "beta"])
def test_ends_without_a_corner_are_refused_with_the_way_out(dist):
    data = with_ends()
    with pytest.raises(OutcomeError, match=r"exactly 0 in rows .*corner='both'.*Fractional"):
        Bracketed.from_formula("share ~ niche", data, dist=dist)
    with pytest.raises(OutcomeError, match="exactly 1 in rows"):
        Bracketed.from_formula("share ~ niche", data, dist=dist, corner="zero")


def test_what_is_refused():
    data = firms(50)
    with pytest.raises(OutcomeError, match=r"'lower, upper' must lie between 0 and 1 \(percentages"):
        Bracketed.from_formula("lower + upper ~ niche", data.assign(upper=100 * data["upper"]))
    with pytest.raises(OutcomeError, match="lower limit below its upper"):
        Bracketed.from_formula("upper + lower ~ niche", data)
    with pytest.raises(OutcomeError, match="two columns"):
        Bracketed.from_formula("lower + upper + share ~ niche", data)
    with pytest.raises(OutcomeError, match="'answer': 'much' is no bracket"):
        Bracketed.from_formula("answer ~ niche", data.assign(answer="much"))
    with pytest.raises(OutcomeError, match="does not vary"):
        Bracketed.from_formula("answer ~ niche", data.assign(answer="26-50%"))
    with pytest.raises(OptionError, match=r"zero= gives covariates of \[zero\]"):
        Bracketed.from_formula("answer ~ niche", data, zero="age")
    with pytest.raises(OptionError, match=r"scale= .*log_precision"):
        Bracketed.from_formula("answer ~ niche", data, scale="age", dist="beta")


def test_missing_answers_are_counted():
    data = firms(60)
    data.loc[3:5, "answer"] = np.nan
    results = Bracketed.from_formula("answer ~ niche", data).fit()
    assert results.nobs == 57
    assert "3 of 60 rows" in results.notes[0]


def test_frequencies_are_repeated_rows():
    data = firms(80).assign(copies=lambda d: 1 + d.index % 3)
    weighted = Bracketed.from_formula("answer ~ niche", data, frequency="copies", dist="beta").fit("robust")
    repeated = Bracketed.from_formula("answer ~ niche", data.loc[data.index.repeat(data["copies"])], dist="beta")
    np.testing.assert_allclose(weighted.bse, repeated.fit("robust").bse, rtol=1e-9)


@pytest.mark.parametrize("dist", ["normal", "logitnormal", "beta"])
@pytest.mark.parametrize("corner", ["one", "both"])
def test_fitted_brackets_add_up_with_a_corner_at_one(dist, corner):
    data = firms()
    ones = np.arange(len(data)) % 5 == 0
    zeros = (np.arange(len(data)) % 7 == 1) & (corner == "both")
    known = data["share"].mask(ones, 1.0).mask(zeros, 0.0)
    limits = {side: data[side].mask(ones | zeros, known) for side in ("lower", "upper")}
    table = Bracketed.from_formula("lower + upper ~ niche", data.assign(**limits), dist=dist, corner=corner).fit()
    table = table.bracket_table()
    np.testing.assert_allclose(table[["observed", "fitted"]].sum(), len(data))
    assert table.loc[">75%", "observed"] >= ones.sum()


def test_notes_on_gaps_are_in_the_order_of_the_brackets():
    results = Bracketed.from_formula("answer ~ 1", firms()[::-1]).fit()
    said = [note.split("'")[1] for note in results.notes if "is read as above" in note]
    assert said == ["26-50%", "51-75%"]
