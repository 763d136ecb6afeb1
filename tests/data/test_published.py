"""The published figures: bases and counts follow from the percentages, and the contradictions from arithmetic."""

import subprocess
import sys
from itertools import product

import pandas as pd
import pytest

from exportmodels import data
from exportmodels.data.bases import counts_behind, in_words, rounds_to

NUMBERS = data.published()
PERCENTS = NUMBERS[NUMBERS["statistic"] == "percent"]
SETS = data.recount()


def counts(figure, group, outcome=None):
    rows = PERCENTS.query("figure == @figure and group == @group").dropna(subset=["count"])
    rows = rows if outcome is None else rows[rows["outcome"] == outcome]
    return rows.set_index("category")["count"].to_dict()


def value(figure, outcome, group="all", category="", statistic="percent"):
    keys = ["figure", "outcome", "group", "category", "statistic"]
    return NUMBERS.set_index(keys).loc[(figure, outcome, group, category, statistic), "value"]


def test_table_is_tidy():
    expected = ["figure", "section", "outcome", "category", "group", "statistic", "value", "base", "count", "note"]
    assert NUMBERS.columns.tolist() == expected
    assert NUMBERS["value"].notna().all()
    assert set(NUMBERS["statistic"]) == {"percent", "mean", "minimum", "maximum", "count"}
    assert not NUMBERS.duplicated(["figure", "outcome", "category", "group", "statistic"]).any()


def test_returned_frames_are_the_callers_own():
    mine = data.published()
    mine.loc[0, "value"] = -1
    assert data.published().loc[0, "value"] == NUMBERS.loc[0, "value"] != -1


def test_every_figure_and_section_of_the_survey_is_there():
    assert {str(figure) for figure in range(9, 36)} <= set(NUMBERS["figure"])
    assert {"1", "2", "3", "5", "table 1", "1.2 text", "1.3 text", "1.4 text", "1.5 text"} <= set(NUMBERS["figure"])


@pytest.mark.parametrize(
    "row", list(SETS.itertuples()), ids=lambda row: f"{row.figure}-{row.outcomes[:12]}-{row.group}"
)
def test_bases_and_counts_are_found_by_the_search(row):
    if len(row.bases) != 1:
        assert row.counts == {}
        return
    assert (NUMBERS.loc[list(row.counts), "base"] == row.bases[0]).all()
    assert NUMBERS.loc[list(row.counts), "count"].to_dict() == row.counts


def test_no_count_of_a_percentage_comes_from_anywhere_else():
    found = {index for counts in SETS["counts"] for index in counts}
    others = PERCENTS.drop(index=list(found)).dropna(subset=["count"])
    whole = others["figure"].eq("9") & others["value"].eq(100)
    assert (others.loc[~whole, "count"] == 0).all() and (others.loc[~whole, "value"] == 0).all()


def test_counts_round_to_the_printed_percentage():
    printed = PERCENTS[~PERCENTS["note"].str.startswith("in words")].dropna(subset=["count", "base"])
    assert len(printed) > 130
    for row in printed.itertuples():
        assert rounds_to(row.count, row.base, int(row.value != int(row.value))) == row.value


def test_complete_answers_add_up_to_the_base():
    for figure, outcome in [("9", "turnover"), ("23", "rd"), ("14", "increase_reason"), ("15", "start_trigger")]:
        answers = counts(figure, "all", outcome)
        assert sum(answers.values()) == PERCENTS.query("figure == @figure and group == 'all'")["base"].max()


def test_rounding_is_half_up_as_in_the_report():
    assert (rounds_to(7, 8), rounds_to(1, 8), rounds_to(1, 8, 1)) == (88, 13, 12.5)


def test_words_span_what_the_report_calls_almost_two_thirds():
    low, high = in_words(66.7, "almost")
    printed = value("34", "foreign_share", "niche", ">50%"), value("26", "countries", "niche", ">10")
    assert low <= min(printed) and max(printed) <= high


def test_figure_33_is_determined_with_figure_14():
    """25 firms told their reason, 9 of them new customers, 6 new markets and 4 the product range (figure 14)."""
    third, reasons = in_words(33.3, "about"), counts("14", "all")
    splits = [
        (high, low)
        for high in range(1, 25)
        for low in [25 - high]
        for ranged, markets, customers in product(
            counts_behind(25, high), counts_behind(third, high), counts_behind(67, low)
        )
        if ranged <= reasons["product range"]
        and markets <= reasons["new markets"]
        and customers <= reasons["new customers"]
    ]
    assert splits == [(16, 9)]


def test_43_firms_expect_something_of_their_exports():
    """Only 43 answers agree with the 20 niche and mass firms that expect an increase and the 6 others with a reason."""
    niche, mass = counts("31", "niche")["increase"], counts("31", "mass")["increase"]
    reasons = [counts(figure, group) for figure, group in [("14", "all"), ("32", "niche"), ("32", "mass")]]
    others = sum(reasons[0].values()) - sum(reasons[1].values()) - sum(reasons[2].values())
    least = niche + mass + others
    possible = data.possible_bases([60, 5], asked=50, at_least=1)
    assert [base for base, found in possible.items() if any(up >= least for up, _ in found)] == [43]


def test_exporters_agree_between_figures():
    assert sum(counts("10", "all", "exports").values()) == 43
    assert counts("31", "niche")["increase"] + counts("31", "mass")["increase"] == 20


def test_means_of_export_markets_need_extreme_firms_in_between():
    """Figure 26 for 14 niche and 17 mass firms; the other ten exporters make up the rest of the mean."""
    fewest, most = 14 * 33.5 + 17 * 5.5, 14 * 34.5 + 17 * 6.5
    assert (29.5 * 41 - most) / 10 > 60
    assert (14.55 * 41 - fewest) / 10 < 3.41
    eleven_or_more = 18 - counts("26", "niche")[">10"] - (17 - counts("26", "mass")["<=10"])
    assert (fewest + 11 * eleven_or_more + 2 * 2) / 40 > 16


def test_waiting_years_before_1950_decide_between_the_two_means():
    left = {mean: (mean * 43 - 6 * 45) / 37 for mean in (7.4, 10)}
    assert round(left[7.4], 1) == value("16", "years_to_export", "founded in the last decade", statistic="mean")
    assert round(left[10], 1) == 4.3


def test_figures_without_a_base():
    assert data.possible_bases([9, 8], asked=50, at_least=1) == {}
    assert data.possible_bases([2, 3], asked=50, at_least=1) == {}
    assert data.possible_bases([49], asked=17, at_least=1) == {}
    assert data.possible_bases([36, 29, 26], asked=36, at_least=18) == {}
    assert list(data.possible_bases([61, 29, 8], asked=50, at_least=1)) == [38, 49]
    assert [base for base in range(40, 51) if counts_behind(46, base) and counts_behind(74, base)] == [46, 50]


def test_figure_20_has_fewer_than_50_answers():
    """Half know IWT, half of them used it; two thirds know Delcredere, 7% of them used it."""
    half_of_half = [n for n in range(42, 51) for known in counts_behind(50, n) if counts_behind(50, known)]
    delcredere = [
        n for n in range(42, 51) for known in counts_behind(in_words(66.7, "about"), n) if counts_behind(7, known)
    ]
    assert sorted(set(half_of_half) & set(delcredere)) == [44]
    assert min(base for base in range(1, 50) if counts_behind(59, base)) == 17


def test_six_subsidiaries_cannot_hold():
    """Of 4 niche, 2 mass and 2 other firms, 3, 2 and 1 have a network; 3, 1 and 2 would have a subsidiary."""
    groups = [(4, 3, 3), (2, 2, 1), (2, 1, 2)]
    at_least = sum(max(0, networks + subsidiaries - firms) for firms, networks, subsidiaries in groups)
    assert at_least == 4 > value("5.4 text", "network", "subsidiary", statistic="count")


def test_british_determinants_fit_167_mentions_but_for_promotion():
    british = NUMBERS.query("figure == 'table 1' and group == 'British exporters'")
    misfits = british[[not counts_behind(percent, 167, decimals=1) for percent in british["value"]]]
    assert misfits["category"].tolist() == ["promotion"]


def test_contradictions_quote_published_values():
    """Values said to be printed are in the table, unless the conclusion derives them."""
    found = data.contradictions()
    assert found["conclusion"].str.len().gt(30).all()
    kept = found.dropna(subset=["kept"])
    assert ((kept["kept"] == kept["value_a"]) | (kept["kept"] == kept["value_b"])).all()
    derived = found["place_a"].eq("summary") | found["value_a"].eq(107)
    for row in found[(found["statistic"] != "count") & ~derived & (found["outcome"] != "employees")].itertuples():
        figure = row.place_a.removeprefix("figure ")
        assert value(figure, row.outcome, row.group, row.category, row.statistic) == row.value_a


def test_yardstick_prefers_what_the_contradictions_keep():
    assert data.yardstick("countries") == data.Yardstick(14.5, "18", None, None, "")
    assert data.yardstick("years_to_export").value == 10
    assert data.yardstick("countries", "all", "percent", "1").value == 12.5
    assert data.yardstick("market", "mass", "percent", "local") == data.Yardstick(47, "25", 19, 9, "")
    assert data.yardstick("years_to_import").value == 2.2
    assert data.yardstick("employees", "niche") is None


def test_contrasts_are_tables_of_firms():
    found = data.contrasts()
    assert len(found) == 33
    assert (found["niche_count"] <= found["niche_base"]).all() and (found["niche_base"] <= 17).all()
    assert (found["mass_count"] <= found["mass_base"]).all() and (found["mass_base"] <= 19).all()
    above_ten = found.query("outcome == 'countries' and category == '>10'")
    assert above_ten.iloc[0, 3:].tolist() == [9, 14, 2, 17]
    assert not found.duplicated(["figure", "outcome", "category"]).any()


def test_outcomes_are_columns_of_the_firms_table():
    from exportmodels import survey

    firms = survey.columns()
    survey_rows = NUMBERS[NUMBERS["section"].str.startswith("5") & ~NUMBERS["group"].str.contains("2003")]
    beyond = {
        "mailed",
        "responses",
        "activities_beyond_trade",
        "years_from_export_to_other",
        "main_destination_not_first",
        "support_used_any",
        "support_organizations_used",
        "satisfaction_other_organizations",
    }
    assert set(survey_rows["outcome"]) - set(firms.index) == beyond
    for row in survey_rows[~survey_rows["note"].str.startswith("the sum of")].itertuples():
        levels = firms["levels"].get(row.outcome, ())
        ranged = any(sign in row.category for sign in "<>")
        assert row.category == "" or not levels or ranged or row.category in levels, row


def test_published_figures_do_not_load_the_heavy_libraries():
    script = (
        "import sys; from exportmodels import data; data.yardstick('countries'); data.contrasts();"
        "assert not {'scipy', 'statsmodels', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert isinstance(data.contrasts(), pd.DataFrame)
