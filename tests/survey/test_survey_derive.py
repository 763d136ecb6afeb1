"""The firms table: each column worked out by hand from answers, and what blanks and routes imply."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import survey
from exportmodels.core.errors import AnswersError, ExportModelsWarning

REGIONS = [
    "neighbours",
    "eu15",
    "rest_europe",
    "north_america",
    "south_america",
    "middle_east",
    "asia_pacific",
    "africa",
]


def column(name, surveyed=2008, **answers):
    return survey.derive(pd.DataFrame(answers), surveyed=surveyed)[name].tolist()


def test_a_whole_firm():
    answers = {
        **{"firm": "x", "A1_description": "Machines", "A2": 50, "A3": 1985, "A4": 4, "A5": 2, "A6": 3, "A7": 4},
        **{"A8": 5, "A9": 3, "A10": 2, "A11": 2, "A12": 3, "A14": 48, "A15": 2, "B1": 3, "B2": 1986, "B3_eu15": 1},
        **{"B3_africa": None, "B4": 4, "B5": 1, "B6": 1991, "B7": "Nederland", "B8": 1998, "B9": "USA"},
        **{"B10": "Duitsland", "B11": 22, "B13": 3, "B14": 3, "B15": 1, "B16": 5, "B17": 3, "B17_percent": 15},
        **{f"B12_{region}": 1 if place < 5 else None for place, region in enumerate(REGIONS)},
        **{"B18": 2, "B19": 1, "B19_percent": "30%", "B20a": 3, "C1_network": 1, "C1_plant": None, "C2": 1997},
        **{"C3_asia_pacific": 1, "C4": 2, "C5": 4, "D1_fit": 3, "D1_iwt": 2, "D2_fit": 4, "D3_legal": 1, "D4_legal": 0},
    }
    firm = survey.derive(pd.DataFrame([answers])).iloc[0].to_dict()
    expected = {
        **{
            "firm": "x",
            "sector": "Machines",
            "employees": 50,
            "size": "small",
            "founded": 1985,
            "surveyed": 2008,
            "age": 23,
        },
        **{"turnover": "1,000,001-5,000,000", "offering": "business", "rd": "2-4%", "rd_high": 1, "product_scale": 4},
        **{"product": "niche", "niche": 1, "distinct": 5, "market": "global", "family": "external", "listed": 0},
        **{"experience": "substantial", "respondent_age": 48, "respondent_male": 0, "imports": "both", "importer": 1},
        **{
            "first_import": 1986,
            "years_to_import": 1,
            "import_eu15": 1,
            "import_africa": 0,
            "import_category": "final goods",
        },
        **{
            "exports": "goods",
            "exporter": 1,
            "first_export": 1991,
            "years_to_export": 6,
            "first_export_outside_eu": 1998,
        },
        **{"years_to_export_outside_eu": 13, "duration": 6, "exported": 1, "first_destination": "Nederland"},
        **{"first_destination_outside_eu": "USA", "main_destination": "Duitsland", "countries": 22, "regions": 5},
        **{f"export_{region}": float(place < 5) for place, region in enumerate(REGIONS)},
        **{"plans_new_markets": "yes", "foreign_share": "26-50%", "share_lower": 0.25, "share_upper": 0.5},
        **{"share_outside_eu": "<10%", "share_from_belgium": ">75%", "past_trend": "decrease", "past_change": -15},
        **{
            "expectation": "equal",
            "expected_trend": "increase",
            "expected_change": 30,
            "increase_reason": "new markets",
        },
        **{"plant": 0, "network": 1, "first_other_activity": 1997, "years_to_other": 12, "activity_asia_pacific": 1},
        **{"start_reason": "growth", "start_trigger": "prospection", "support_known_fit": 1, "support_known_iwt": 1},
        **{"support_used_fit": 1, "support_used_iwt": 0, "satisfaction_fit": 4, "need_legal": 1, "received_legal": 0},
    }
    assert np.isnan(firm.pop("share"))
    assert firm == expected


def test_columns_come_in_the_order_and_with_the_kinds_of_the_table_of_columns():
    every = survey.Questionnaire().items.index
    firms = survey.derive(pd.DataFrame([dict.fromkeys(every)]))
    columns = survey.columns().drop(index=["weight", "stratum", "cluster"])
    assert firms.columns.tolist() == columns.index.tolist()
    for name, row in columns.iterrows():
        if row["kind"] in ("number", "flag"):
            assert firms[name].dtype == float
        elif row["kind"] in ("category", "ordered"):
            assert tuple(firms[name].cat.categories) == row["levels"]
            assert firms[name].cat.ordered == (row["kind"] == "ordered")


def test_only_what_the_items_allow():
    assert survey.derive(pd.DataFrame({"A3": [1985]})).columns.tolist() == ["firm", "founded", "surveyed", "age"]
    assert "years_to_export" not in survey.derive(pd.DataFrame({"B6": [1985]}))
    assert "regions" not in survey.derive(pd.DataFrame({"B12_africa": [1]}))


def test_duration_ends_at_the_first_export_or_at_the_survey():
    answers = {"A3": [1990, 1990, 1990, 1990, 1990], "B5": [1, 4, 4, 2, None], "B6": [1994, None, None, None, None]}
    answers["B22"] = [None, 2, 1, None, None]
    np.testing.assert_array_equal(column("duration", surveyed=2009, **answers), [4, 19, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(column("exported", surveyed=2009, **answers), [1, 0, 1, 1, np.nan])
    np.testing.assert_array_equal(column("years_to_export", **answers), [4, *[np.nan] * 4])


def test_firms_that_do_not_export_have_nothing_abroad():
    answers = {"B5": [4, 1, None], "B11": [None, 3, None], "B14": [None, 5, None]}
    answers |= {f"B12_{region}": [None, int(region in REGIONS[:2]), None] for region in REGIONS}
    for name, expected in {
        "countries": [0, 3, np.nan],
        "regions": [0, 2, np.nan],
        "export_africa": [0, 0, np.nan],
        "share": [0, np.nan, np.nan],
        "share_lower": [0, 0.75, np.nan],
        "share_upper": [0, 1, np.nan],
    }.items():
        np.testing.assert_array_equal(column(name, **answers), expected, err_msg=name)
    assert survey.derive(pd.DataFrame(answers))["foreign_share"].isna().tolist() == [True, False, True]


def test_brackets_meet():
    firms = survey.derive(pd.DataFrame({"B14": [1, 2, 3, 4, 5, None]}))
    assert firms["share_lower"].tolist()[:5] == [0, 0.1, 0.25, 0.5, 0.75]
    assert firms["share_upper"].tolist()[:4] == firms["share_lower"].tolist()[1:5]
    assert firms["share_upper"][4] == 1
    assert firms.loc[5, ["share_lower", "share_upper"]].isna().all()


def test_open_boxes_are_no_when_the_question_is_answered():
    frame = pd.DataFrame({"D3_legal": [1, None, 0], "D3_finance": [None, None, None]})
    np.testing.assert_array_equal(survey.derive(frame)["need_finance"], [0, np.nan, 0])


def test_firms_without_other_activities_have_them_nowhere():
    frame = pd.DataFrame({"C1_none": [1, None, None], "C1_only_trade": [None, 1, None], "C3_africa": [None, None, 1]})
    frame["C1_plant"] = [None, None, 1]
    firms = survey.derive(frame)
    assert firms["activity_africa"].tolist() == [0, 0, 1]
    assert firms["no_international"].tolist() == [1, 0, 0]


def test_groups_of_size_and_product():
    sizes = column("size", A2=[0, 9.5, 10, 50, 50.5, 250, 251, None, -3])
    assert sizes[:7] == ["micro", "micro", "small", "small", "medium", "medium", "large"]
    assert pd.isna(sizes[7:]).all()
    assert column("product", A7=[1, 2, 3, 4, 5]) == ["mass", "mass", "middle", "niche", "niche"]
    np.testing.assert_array_equal(column("niche", A7=[1, 2, 3, 4, 5, None]), [0, 0, np.nan, 1, 1, np.nan])
    np.testing.assert_array_equal(column("rd_high", A6=[1, 2, 3, 4, None]), [0, 0, 1, 1, np.nan])


def test_changes_have_a_sign():
    changes = column("expected_change", B19=[1, 2, 3, 1, None], B19_percent=[30, None, 15, None, 3])
    np.testing.assert_array_equal(changes, [30, 0, -15, np.nan, np.nan])


def test_the_sector_is_the_nace_code_or_else_the_description():
    assert column("sector", A1_nace=["28.2", None], A1_description=["Machines", "Bakkerij"]) == ["28.2", "Bakkerij"]
    assert column("sector", A1_description=["Machines"]) == ["Machines"]


def test_answers_that_are_not_in_the_code_book_are_counted_and_missing():
    with pytest.warns(ExportModelsWarning, match=r"3 answers .* \(items A7, B6\)"):
        firms = survey.derive(pd.DataFrame({"A7": [6, "x", 5], "B6": ["soon", 1999, 2000], "A3": 1980}))
    np.testing.assert_array_equal(firms["product_scale"], [np.nan, np.nan, 5])
    np.testing.assert_array_equal(firms["years_to_export"], [np.nan, 19, 20])


def test_other_columns_index_and_attributes_stay():
    frame = pd.DataFrame({"A3": [1985, 1990], "weight": [1.5, 2.0], "region": ["Gent", "Brugge"]}, index=["p", "q"])
    frame.attrs["synthetic"] = True
    firms = survey.derive(frame)
    assert firms.columns.tolist() == ["firm", "founded", "surveyed", "age", "weight", "region"]
    assert firms.index.tolist() == ["p", "q"]
    labels = {name: survey.columns()["label"][name] for name in firms.columns[:5] if name != "weight"}
    assert firms.attrs == {"synthetic": True, "labels": labels}
    assert firms["weight"].tolist() == [1.5, 2.0]


def test_other_columns_may_not_hide_derived_ones():
    with pytest.raises(AnswersError, match="age"):
        survey.derive(pd.DataFrame({"A3": [1985], "age": [3]}))


def test_impossible_years_are_left_for_the_models_to_refuse():
    assert column("years_to_export", A3=[1990], B6=[1985]) == [-5]
