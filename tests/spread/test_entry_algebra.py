"""Order of entry against loops over firms, and the binomial law of scipy: any index, any names, every origin."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from exportmodels.core.errors import DataError
from exportmodels.spread import entry_test, sprinkler_index

YEARS = {
    "b": [2001, 1999, 2004, 2000],
    "a": [2003, 2003, 2006],
    "d": [2005],
    "e": [1999, 2002],
    "c": [1998, 2003, 2000, 1999, 1999],
}
LAST = {"a": 2007, "b": 2005, "c": 2004, "d": 2006, "e": 2003}
FOUNDED = {"a": 2001, "b": 1999, "c": 1996, "d": 2000, "e": 1998}
FRAME = pd.DataFrame(
    [(firm, market, year) for firm, years in YEARS.items() for market, year in enumerate(years)],
    columns=["firm", "market", "year"],
)
FRAME = FRAME.assign(last=FRAME["firm"].map(LAST), founded=FRAME["firm"].map(FOUNDED))
SHUFFLED = FRAME.sample(frac=1, random_state=4)
LAYOUTS = {
    "in order": FRAME,
    "shuffled": SHUFFLED,
    "with other labels": SHUFFLED.set_index(np.arange(len(FRAME))[::-1] * 3),
    "with categories": SHUFFLED.assign(firm=pd.Categorical(SHUFFLED["firm"], list("abcdef"))),
}
ORIGINS = {"first entry": None, "founding": "founded", "one year": 1995}


def start_of(firm, origin):
    return {None: min(YEARS[firm]), "founded": FOUNDED[firm]}.get(origin, origin)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("origin", ORIGINS.values(), ids=ORIGINS)
@pytest.mark.parametrize("until", ["last", 2008, None])
def test_index_and_tails(layout, origin, until):
    found = sprinkler_index(LAYOUTS[layout], within=3, origin=origin, until=until)
    assert set(found.index) == set(YEARS) and len(found) == 5
    for firm, years in YEARS.items():
        last = {"last": LAST[firm], None: 2006}.get(until, until)
        start = start_of(firm, origin)
        early, span, m = sum(year < start + 3 for year in years), last - start + 1, len(years)
        row = found.loc[firm]
        assert (row["markets"], row["first"], row["years"], row["early"]) == (m, min(years), span, early)
        assert row["waves"] == len(set(years))
        if m == 1:
            assert row[["index", "p_sprinkler", "p_waterfall"]].isna().all()
            continue
        assert row["index"] == pytest.approx(early / m)
        given = origin is None
        drawn = binom(m - given, min(1, 3 / span))
        assert row["p_sprinkler"] == pytest.approx(drawn.sf(early - given - 1))
        assert row["p_waterfall"] == pytest.approx(drawn.cdf(early - given))


@pytest.mark.parametrize("origin", ORIGINS.values(), ids=ORIGINS)
def test_all_firms_together(origin):
    test, given = entry_test(SHUFFLED, within=2, origin=origin, until="last"), origin is None
    total, early = np.ones(1), 0
    for firm, years in YEARS.items():
        span = LAST[firm] - start_of(firm, origin) + 1
        if len(years) == 1 or span <= 2:
            continue
        early += sum(year < start_of(firm, origin) + 2 for year in years) - given
        for _ in range(len(years) - given):
            total = np.convolve(total, [1 - 2 / span, 2 / span])
    assert (test.statistic, test.firms) == (early, 4)
    assert test.expected == pytest.approx(total @ np.arange(len(total)))
    assert test.pvalue == pytest.approx(min(1, 2 * min(total[early:].sum(), total[: early + 1].sum())))


def test_columns_may_have_other_names():
    names = {"firm": "f", "market": "m", "year": "y", "founded": "b"}
    own = {name: other for name, other in names.items() if name != "founded"}
    whole = sprinkler_index(SHUFFLED, origin="founded", until="last")
    other = sprinkler_index(SHUFFLED.rename(columns=names), **own, origin="b", until="last")
    pd.testing.assert_frame_equal(whole, other)
    one, again = entry_test(FRAME), entry_test(FRAME.rename(columns=names), **own)
    assert one == again


def test_the_end_of_the_first_years_and_of_all():
    same = pd.DataFrame({"firm": "a", "market": range(3), "year": [2000, 2002, 2003]})
    assert sprinkler_index(same, within=3, until=2003).loc["a", "early"] == 2
    assert sprinkler_index(same, within=4, until=2003).loc["a", "p_sprinkler"] == 1.0
    with pytest.raises(DataError, match="more than 4 years after its first entry"):
        entry_test(same, within=4, until=2003)
    with pytest.raises(DataError, match="more than 4 years after the origin"):
        entry_test(same, within=4, until=2003, origin=2000)
    assert entry_test(same, within=3, until=2003).firms == 1
    with pytest.raises(DataError, match=r"row 2 are entries after the firm was last observed"):
        sprinkler_index(same, until=2002)
    with pytest.raises(DataError, match=r"row 0 are entries before the year"):
        sprinkler_index(same, origin=2001)
    with pytest.raises(DataError, match="several years for a"):
        sprinkler_index(same.assign(until=[2003, 2004, 2004]), until="until")
