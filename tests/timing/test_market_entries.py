"""Spells of repeated entries, checked by hand, and the models that read them."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, FormulaError, OptionError, OutcomeError
from exportmodels.timing import Cox, market_entries

FIRMS = pd.DataFrame({"firm": ["a", "b", "c"], "founded": [1990, 2000, 2001], "surveyed": 2008, "niche": [1, 0, 1]})
ENTRIES = pd.DataFrame(
    {
        "firm": ["a", "a", "a", "c", "c"],
        "market": ["FR", "DE", "JP", "FR", "US"],
        "year": [1994, 1991, 1994, 2001, 2008],
    }
)


def many(n=300, seed=5):
    rng = np.random.default_rng(seed)
    firms = pd.DataFrame({"firm": range(n), "founded": 2000, "surveyed": 2012, "niche": rng.integers(0, 2, n)})
    made = []
    for firm, niche in zip(firms.firm, firms.niche, strict=True):
        time, k = 0.0, 0
        while True:
            time += rng.exponential(4 * np.exp(-0.6 * niche))
            if time > 12:
                break
            made.append((firm, f"m{k}", 2000 + time))
            k += 1
    return firms, pd.DataFrame(made, columns=["firm", "market", "year"])


def test_spells_between_entries_by_hand():
    spells = market_entries(FIRMS, ENTRIES)
    columns = ["order", "market", "entry", "duration", "gap", "event", "entered"]
    assert list(spells.columns) == [*FIRMS.columns, *columns]
    assert spells.firm.tolist() == ["a", "a", "a", "b", "c", "c"]
    assert spells.order.tolist() == [1, 2, 3, 1, 1, 2]
    assert spells.duration.tolist() == [1, 4, 18, 8, 0, 7]
    np.testing.assert_allclose(spells.entry, [0, 1, 4, 0, 0, 0], atol=1e-8)
    assert spells.entry.iloc[-1] > 0
    assert spells.gap.tolist() == [1, 3, 14, 8, 0, 7]
    assert spells.event.tolist() == [1, 1, 0, 0, 1, 1]
    assert spells.entered.tolist() == [1, 2, 0, 0, 1, 1]
    assert spells.market.iloc[1] == "FR, JP"
    assert spells.niche.tolist() == [1, 1, 1, 0, 1, 1]


def test_spells_of_each_market_by_hand():
    spells = market_entries(FIRMS, ENTRIES, spells="markets", markets=["FR", "US", "CN"])
    assert spells.market.tolist() == ["FR", "US", "CN"] * 3
    assert spells.duration.tolist() == [4, 18, 18, 8, 8, 8, 0, 7, 7]
    assert spells.event.tolist() == [1, 0, 0, 0, 0, 0, 1, 1, 0]


def test_markets_are_those_that_some_firm_enters_from_the_beginning():
    spells = market_entries(FIRMS, ENTRIES.sample(frac=1, random_state=3), spells="markets")
    assert sorted(spells.market.unique()) == ["DE", "FR", "JP", "US"]
    assert len(spells) == 12
    assert spells.entry.tolist() == [0.0] * 12
    by_hand = {("a", "DE"): 1, ("a", "FR"): 4, ("a", "JP"): 4, ("c", "FR"): 0, ("c", "US"): 7}
    own = spells[spells.event == 1].set_index(["firm", "market"])["duration"]
    assert own.to_dict() == by_hand
    assert spells.event.dtype.kind == "i"


def test_order_of_rows_and_names_of_columns_do_not_matter():
    usual = market_entries(FIRMS, ENTRIES)
    mixed = ENTRIES.sample(frac=1, random_state=3).rename(columns={"firm": "id", "market": "to", "year": "when"})
    firms = FIRMS.rename(columns={"firm": "id", "founded": "since", "surveyed": "until"})
    names = {"firm": "id", "market": "to", "year": "when", "start": "since", "end": "until"}
    other = market_entries(firms, mixed, **names)
    columns = ["order", "entry", "duration", "gap", "event", "entered"]
    pd.testing.assert_frame_equal(other[columns], usual[columns])
    together = other.market[other.entered == 2].iloc[0]
    assert sorted(together.split(", ")) == ["FR", "JP"]
    assert other.market[other.event == 0].isna().all()


@pytest.mark.parametrize(
    ("role", "table"),
    [("firm", "entries"), ("market", "entries"), ("year", "entries"), ("start", "firms"), ("end", "firms")],
)
def test_a_column_that_is_missing_is_named_with_its_role(role, table):
    with pytest.raises(FormulaError, match=f"nowhere.*{role}|{role}.*nowhere"):
        market_entries(FIRMS, ENTRIES, **{role: "nowhere"})


def test_rows_that_hold_no_year_or_a_second_entry_are_named():
    late = ENTRIES.set_axis([f"r{k}" for k in range(5)])
    with pytest.raises(OutcomeError, match="they do in row r4 of the entries"):
        market_entries(FIRMS, late.assign(year=[1994, 1991, 1994, 2001, 2009]))
    with pytest.raises(DataError, match="row r4 of the entries repeat"):
        market_entries(FIRMS, late.assign(market=["FR", "DE", "JP", "FR", "FR"]))
    with pytest.raises(DataError, match="year must be finite; row r2 holds nan"):
        market_entries(FIRMS, late.assign(year=[1994, 1991, np.nan, 2001, 2008]))


def test_models_of_repeated_entries_read_them():
    firms, entries = many()
    spells = market_entries(firms, entries)
    options = {"event": "event", "firm": "firm"}
    everyone = Cox.from_formula("duration ~ niche", spells, entry="entry", **options).fit("robust")
    assert everyone.nobs == len(firms)
    total = Cox.from_formula("duration ~ niche", spells, entry="entry", strata="order", **options).fit("robust")
    gap = Cox.from_formula("gap ~ niche", spells, strata="order", **options).fit("robust")
    for fit in (everyone, total, gap):
        low, high = fit.conf_int().loc["niche"]
        assert low < 0.6 < high
    # with firms that enter at a constant rate, time since the last entry is as good a clock as time since founding
    np.testing.assert_allclose(gap.params["niche"], everyone.params["niche"], atol=0.15)


def test_conditional_risk_sets_hold_only_firms_with_as_many_entries():
    firms, entries = many(40)
    spells = market_entries(firms, entries)
    second = spells[spells.order == 2]
    alone = Cox.from_formula("gap ~ niche", second, event="event").fit()
    first = Cox.from_formula("gap ~ niche", spells[spells.order == 1], event="event").fit()
    both = Cox.from_formula("gap ~ niche", spells[spells.order <= 2], event="event", strata="order")
    together = both.problem(both.sample).objective
    at = np.array([0.3])
    back = both.problem(both.sample).back
    apart = sum(
        fit.model.problem(fit.model.sample).objective.loglike(
            np.linalg.solve(fit.model.problem(fit.model.sample).back, at)
        )
        for fit in (first, alone)
    )
    np.testing.assert_allclose(together.loglike(np.linalg.solve(back, at)), apart, rtol=1e-10)


@pytest.mark.parametrize(
    ("firms", "entries", "options", "error", "message"),
    [
        (pd.concat([FIRMS, FIRMS]), ENTRIES, {}, DataError, "holds 'a' twice"),
        (FIRMS, ENTRIES.assign(firm="z"), {}, DataError, "belong to no firm"),
        (FIRMS, ENTRIES.assign(year=1980), {}, OutcomeError, "must not lie before 'founded'; they do in rows 0, 1"),
        (FIRMS, ENTRIES.assign(year=2010), {}, OutcomeError, "must not lie after 'surveyed'"),
        (FIRMS, ENTRIES.assign(market="FR"), {}, DataError, "a firm enters a market once"),
        (FIRMS.assign(surveyed=1980), ENTRIES, {}, OutcomeError, "'surveyed' must not lie before 'founded'"),
        (FIRMS.assign(event=1), ENTRIES, {}, DataError, "has a column 'event' already"),
        (FIRMS, ENTRIES, {"spells": "weekly"}, OptionError, "spells must be one of"),
    ],
)
def test_faults_are_named(firms, entries, options, error, message):
    with pytest.raises(error, match=message):
        market_entries(firms, entries, **options)
