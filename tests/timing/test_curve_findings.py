"""What survival curves find, row by row: medians, expected years and shares, beside the published figures."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.timing import KaplanMeier

N = 60
RNG = np.random.default_rng(7)
FIRMS = pd.DataFrame({"years_to_export": RNG.integers(0, 12, N), "exported": RNG.random(N) < 0.8})
FIRMS["niche"], FIRMS["exported"] = np.repeat([0, 1], N // 2), FIRMS["exported"].astype(int)
FIRMS.loc[[0, N - 1], ["years_to_export", "exported"]] = [[10, 0], [11, 0]]
FIRMS.loc[(FIRMS["niche"] == 0) & (FIRMS["years_to_export"] > 10), "years_to_export"] = 10


def curves(by="niche", data=FIRMS):
    return KaplanMeier.from_formula(f"years_to_export ~ {by}", data, event="exported").fit()


def test_every_finding_is_one_of_the_curves():
    fitted, alpha = curves(), 0.2
    found = fitted.findings(alpha)
    table, by = found.table.set_index(["quantity", "group"]), ["niche=0", "niche=1"]
    median, mean = fitted.median(alpha), fitted.restricted_mean(None, alpha)
    quantities = list(dict.fromkeys(found.table["quantity"]))
    assert len(quantities) == 5
    for quantity, exact in ((quantities[0], median), (quantities[1], mean.iloc[:2])):
        own = table.loc[quantity]
        assert (own["unit"] == "years").all()
        for column in ("estimate", "lower", "upper"):
            np.testing.assert_array_equal(own.loc[by, column].astype(float), exact[column])
    assert table.loc[quantities[0], "se"].isna().all()
    columns = ["estimate", "se", "lower", "upper"]
    gap = table.loc[(quantities[1], "1 less 0"), columns]
    np.testing.assert_array_equal(gap.astype(float), mean.iloc[2][columns])
    for quantity, years in zip(quantities[2:], (1, 5, 10), strict=True):
        share, own = fitted.survival([years], alpha), table.loc[quantity]
        assert (own["unit"] == "share").all() and list(own.index) == by
        np.testing.assert_allclose(own["estimate"].astype(float), 1 - share["estimate"])
        np.testing.assert_allclose(own["lower"].astype(float), 1 - share["upper"])
        np.testing.assert_allclose(own["upper"].astype(float), 1 - share["lower"])
        np.testing.assert_allclose(own["se"].astype(float), share["se"])
        assert f"{years} year" in quantity
    assert quantities[0].startswith("median years until the event")
    assert quantities[1].endswith("counted up to 10")
    assert (found.by, found.alpha) == ("niche", alpha)


def test_published_years_stand_beside_expected_ones():
    table = curves().findings().table
    marked = table["published"].notna()
    expected = table["quantity"].str.startswith("expected years") & table["group"].isin(["niche=0", "niche=1"])
    assert marked.tolist() == expected.tolist()
    assert table.loc[marked, "figure"].map(type).eq(str).all()
    assert curves(data=FIRMS.rename(columns={"niche": "old"}), by="old").findings().table["published"].isna().all()
    assert curves(by="1").findings().table["published"].isna().all()
    assert set(curves(by="1").findings().table["group"]) == {"all"}


@pytest.mark.parametrize(("last", "shares"), [(9, 2), (10, 3)])
def test_shares_are_told_for_years_that_all_groups_have_seen(last, shares):
    data = FIRMS.assign(years_to_export=FIRMS["years_to_export"].clip(upper=last))
    found = curves(data=data).findings().table["quantity"]
    assert found.nunique() == 2 + shares
    short = data.assign(years_to_export=np.minimum(data["years_to_export"], np.where(data["niche"] == 1, 3, 12)))
    assert curves(data=short).findings().table["quantity"].nunique() == 2 + 1


def test_curves_print_in_a_line():
    events = FIRMS.groupby("niche")["exported"].sum()
    assert repr(curves()) == f"<KaplanMeier curves: niche=0: {events[0]} events, niche=1: {events[1]} events>"
    assert repr(curves(by="1")) == f"<KaplanMeier curves: all: {events.sum()} events>"
