"""Concentration and order of entry: by hand, by enumeration, and what is refused."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError
from exportmodels.spread import concentration, entry_test, sprinkler_index
from exportmodels.strategy import classify_entry

SHARES = np.array([[0.5, 0.3, 0.2, 0.0], [0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0]])


def test_indices_by_hand():
    firms = concentration(SHARES).firms
    np.testing.assert_allclose(firms["herfindahl"], [0.38, 0.25, 1.0])
    np.testing.assert_allclose(firms["normalized"], [(0.38 - 1 / 3) / (2 / 3), 0.0, np.nan])
    np.testing.assert_allclose(
        firms["entropy"], [-(0.5 * np.log(0.5) + 0.3 * np.log(0.3) + 0.2 * np.log(0.2)), np.log(4), 0]
    )
    np.testing.assert_allclose(firms["theil"], np.log([3, 4, 1]) - firms["entropy"], atol=1e-15)
    np.testing.assert_allclose(firms["effective"], 1 / firms["herfindahl"])
    assert list(firms["top_share"]) == [0.5, 0.25, 1.0] and list(firms["markets"]) == [3, 4, 1]


def test_units_order_and_layout_do_not_matter():
    wide = pd.DataFrame(SHARES * 700, columns=list("wxyz"), index=pd.Index(list("abc"), name="firm"))
    long = wide.reset_index().melt(id_vars="firm", var_name="market", value_name="sales").sample(frac=1, random_state=1)
    for other in (concentration(wide).firms, concentration(long).firms):
        np.testing.assert_allclose(other, concentration(SHARES).firms)


def test_jackknife_error_of_a_mean_is_the_textbook_one():
    rng = np.random.default_rng(0)
    sales = rng.gamma(0.5, 1, (40, 6))
    found = concentration(sales)
    values = found.firms["herfindahl"]
    row = found.table.loc[("herfindahl", "all")]
    assert row["se"] == pytest.approx(values.std(ddof=1) / np.sqrt(40), rel=1e-10)
    drawn = concentration(sales, intervals="bootstrap", replications=4000).table.loc[("herfindahl", "all")]
    assert drawn["se"] == pytest.approx(row["se"], rel=0.06)
    assert drawn["lower"] < row["estimate"] < drawn["upper"]


def test_groups_and_their_difference():
    rng = np.random.default_rng(1)
    sales, by = rng.gamma(0.5, 1, (60, 5)), np.repeat(["mass", "niche"], 30)
    for intervals in ("jackknife", "bootstrap"):
        table = concentration(sales, by=by, intervals=intervals).table.loc["effective"]
        gap = table.loc["niche less mass"]
        assert gap["estimate"] == pytest.approx(table.loc["niche", "estimate"] - table.loc["mass", "estimate"])
        assert gap["se"] == pytest.approx(np.hypot(table.loc["niche", "se"], table.loc["mass", "se"]), rel=0.1)
        assert gap["lower"] < gap["estimate"] < gap["upper"]


@pytest.mark.parametrize("intervals", ["jackknife", "bootstrap"])
def test_intervals_need_two_firms_with_the_index(intervals):
    """The normalized index is missing for firms with one market: here for all but one, and then for all but two."""
    one = np.array([[1, 0], [1, 2], [3, 0], [0, 1.0]])
    lonely = concentration(one, intervals=intervals).table.loc[("normalized", "all")]
    assert lonely["estimate"] == pytest.approx(1 / 9) and lonely[["se", "lower", "upper"]].isna().all()
    two = concentration(np.vstack([one, [[1, 3.0]]]), intervals=intervals).table
    assert two.notna().all(axis=None) and two.loc[("normalized", "all"), "se"] > 0


def test_names_are_not_sales_and_scale_does_not_overflow():
    wide = pd.DataFrame({"firm": [101, 102], "FR": [1.0, 1e100], "DE": [3.0, 1e100]})
    firms = concentration(wide).firms
    assert list(firms.index) == [101, 102]
    np.testing.assert_allclose(firms["herfindahl"], [0.625, 0.5])


@pytest.mark.parametrize(
    ("sales", "options", "error", "words"),
    [
        ([[1, -1]], {}, DataError, "must not be negative"),
        ([[1, np.nan]], {}, DataError, "write 0"),
        ([[0, 0], [1, 2]], {}, DataError, "sell nothing"),
        ([[1, 2]], {"intervals": "exact"}, OptionError, "jackknife"),
        ([[1, 2]], {"by": ["a", "b"]}, DataError, "by has 2 entries"),
        ([[1, 2]], {"by": [None]}, DataError, "no group"),
        ([[1, 2]], {"by": pd.Series(["a", "b"], index=[0, 0])}, DataError, "several entries for one firm"),
        ([[1, 2]], {"replications": 0}, OptionError, "replications"),
        ([[1, 2]], {"alpha": 2}, OptionError, "alpha"),
        ([], {}, DataError, "no firms"),
    ],
)
def test_unusable_sales_are_named(sales, options, error, words):
    with pytest.raises(error, match=words):
        concentration(np.array(sales, dtype=float), **options)


def test_repeated_markets_are_named():
    frame = pd.DataFrame({"firm": ["a", "a"], "market": ["FR", "FR"], "sales": [1, 2]})
    with pytest.raises(DataError, match="repeat a firm and market"):
        concentration(frame)
    with pytest.raises(DataError, match="'market' is missing in row 1"):
        concentration(frame.assign(market=["FR", None]))
    with pytest.raises(DataError, match="no rows"):
        concentration(frame.iloc[:0])
    with pytest.raises(DataError, match="one row a firm"):
        concentration(frame.drop(columns="market"))


def entries(years, until=2009):
    return pd.DataFrame({"firm": "a", "market": range(len(years)), "year": years}), until


def test_p_values_are_those_of_enumeration():
    frame, until = entries([2000, 2001, 2001, 2008])
    found = sprinkler_index(frame, within=2, until=until).iloc[0]
    early = [sum(offset < 2 for offset in offsets) for offsets in product(range(10), repeat=3)]
    assert found["early"] == 3
    assert found["p_sprinkler"] == pytest.approx(np.mean(np.array(early) >= 2))
    assert found["p_waterfall"] == pytest.approx(np.mean(np.array(early) <= 2))


def test_counted_from_the_founding_the_first_entry_is_random_too():
    frame, until = entries([2000, 2001, 2001, 2008])
    born = frame.assign(founded=1998)
    found = sprinkler_index(born, within=4, origin="founded", until=until).iloc[0]
    early = [sum(offset < 4 for offset in offsets) for offsets in product(range(12), repeat=4)]
    assert (found["first"], found["early"], found["years"], found["index"]) == (2000, 3, 12, 0.75)
    assert found["p_sprinkler"] == pytest.approx(np.mean(np.array(early) >= 3))
    assert found["p_waterfall"] == pytest.approx(np.mean(np.array(early) <= 3))
    test = entry_test(born, within=4, origin="founded", until=until)
    assert (test.statistic, test.expected) == (3, pytest.approx(4 * 4 / 12))
    assert test.pvalue == pytest.approx(2 * found["p_sprinkler"])
    pd.testing.assert_frame_equal(
        sprinkler_index(born, origin="founded", until=until), sprinkler_index(born, origin=1998, until=until)
    )
    at_first = sprinkler_index(frame.assign(start=2000), origin="start", until=until)
    assert at_first["early"].equals(sprinkler_index(frame, until=until)["early"])
    late = frame.assign(founded=1980)
    assert classify_entry(late, origin="founded", until=until)["strategy"].item() == "waterfall"
    assert classify_entry(late, until=until)["strategy"].item() == "sprinkler"


def test_entries_in_random_order_are_rejected_as_often_as_they_should_be():
    rng = np.random.default_rng(5)
    rejected = 0
    for _ in range(300):
        firms = []
        for firm in range(6):
            markets, first, last = rng.integers(2, 7), 1990 + rng.integers(0, 5), 2005
            years = np.r_[first, rng.integers(first, last + 1, markets - 1)]
            firms.append(pd.DataFrame({"firm": firm, "market": range(markets), "year": years}))
        rejected += entry_test(pd.concat(firms), until=2005).pvalue < 0.05
    assert rejected <= 300 * 0.05 + 3 * np.sqrt(300 * 0.05 * 0.95)


def test_sprinklers_and_waterfalls_are_told_apart():
    together = pd.concat([entries([1990] * 5)[0].assign(firm=k) for k in range(5)])
    one_by_one = pd.concat([entries([1990, 1994, 1998, 2002, 2006])[0].assign(firm=k) for k in range(5)])
    assert (classify_entry(together, until=2009)["strategy"] == "sprinkler").all()
    assert (classify_entry(one_by_one, until=2009)["strategy"] == "waterfall").all()
    early = entry_test(together, until=2009)
    assert early.pvalue < 1e-6 and early.statistic == 20 and early.expected == pytest.approx(20 * 3 / 20)
    late = entry_test(one_by_one, until=2009)
    assert late.statistic == 0 and late.pvalue == pytest.approx(2 * (17 / 20) ** 20)
    assert str(late) == "early entries of 5 firms: 0, 3.0 expected in random order, exact p = 0.07752"
    assert classify_entry(entries([2007, 2008, 2009])[0], until=2009)["short"].all()


@pytest.mark.parametrize(
    ("frame", "options", "error", "words"),
    [
        (entries([2000.5, 2001])[0], {}, DataError, "whole years"),
        (entries([2000, 2011])[0], {"until": 2009}, DataError, "after the firm was last observed"),
        (entries([2000, 2001])[0].assign(market="FR"), {}, DataError, "repeat a firm and market"),
        (entries([2000, 2001])[0].assign(firm=["a", None]), {}, DataError, "'firm' is missing in row 1"),
        (entries([2000, 2001])[0].assign(end=[2004, 2005]), {"until": "end"}, DataError, "several years for a"),
        (entries(pd.to_datetime(["2000-01-01", "2001-01-01"]))[0], {}, DataError, "dates"),
        (entries([2000, 2001])[0], {"until": np.nan}, OptionError, "until"),
        (entries([2000, 2001])[0], {"origin": "founded"}, Exception, "founded"),
        (entries([2000, 2001])[0], {"origin": True}, OptionError, "origin"),
        (entries([2000, 2001])[0], {"origin": 2001}, DataError, "row 0 .*before"),
        (
            entries([2000, 2001])[0].assign(founded=[1990, 1991]),
            {"origin": "founded"},
            DataError,
            "several years for a",
        ),
        (entries([2000, 2001])[0], {"within": 0}, OptionError, "within"),
        (entries([2000, 2001])[0].drop(columns="year"), {}, Exception, "year"),
    ],
)
def test_unusable_entries_are_named(frame, options, error, words):
    with pytest.raises(error, match=words):
        sprinkler_index(frame, **options)
    with pytest.raises(OptionError, match="share"):
        classify_entry(entries([2000, 2001])[0], share=0.0)
