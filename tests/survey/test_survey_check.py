"""Checking answers: every rule finds its fault, names it in a sentence, and finds nothing in good answers."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import survey
from exportmodels.core.errors import OptionError

REGIONS = list(survey.Questionnaire().items.query("question == 'B12'").index)
GOOD = {
    **dict.fromkeys(REGIONS),
    **{
        "firm": "a",
        "A2": 12,
        "A3": 1985,
        "A4": 4,
        "A7": 5,
        "A9": 3,
        "A14": 45,
        "B1": 4,
        "B5": 1,
        "B6": 1990,
        "B8": 1990,
    },
    **{
        "B11": 3,
        "B12_neighbours": 1,
        "B12_eu15": 1,
        "B12_africa": 1,
        "B17": 1,
        "B17_percent": 10,
        "B19": 2,
        "C1_network": 1,
    },
    **{"C1_none": None, "C1_only_trade": None, "C2": 1999, "C4": 2, "C5": 4, "D1_fit": 3, "D2_fit": 4},
}
NO_EXPORT = dict.fromkeys(["B6", "B8", "B11", *REGIONS, "B17", "B17_percent", "B19", "C1_network", "C2", "C4"])
NO_EXPORT["B5"] = 4


def faults(**changes):
    return survey.check(pd.DataFrame([{**GOOD, **changes}]))


def test_good_answers_have_no_faults():
    none = survey.check(pd.DataFrame([GOOD, {**GOOD, "firm": "b"}]))
    assert none.empty
    assert none.columns.tolist() == ["row", "firm", "item", "rule", "value", "message"]
    assert survey.check(pd.DataFrame({"A3": [1985]})).empty


YEAR = "which is no year since 1600; a year has four digits"
SIZE = "B17 gives the direction, this its size"
UNUSED = "D1_iwt is 2 (Known, but not yet used)"
FAULTS = [
    ({"A7": 6}, "unknown code", "A7 is '6'; its codes are 1, 2, 3, 4, 5"),
    ({"A9": "Mars"}, "unknown code", "A9 is 'Mars'; its codes are 1, 2, 3"),
    ({"A4": 0}, "unknown code", "A4 is '0'; its codes are 1, 2, 3, 4, 5, 6"),
    ({"B11": "many"}, "no number", "B11 is 'many', which is no number"),
    ({"A2": -1}, "impossible number", "A2 is -1; employees are 0 or more"),
    ({"A14": 7}, "impossible number", "A14 is 7; an age is a whole number between 15 and 110"),
    ({"B11": 3.5}, "impossible number", "B11 is 3.5; countries are a whole number between 0 and 250"),
    ({"B11": 300}, "impossible number", "B11 is 300; countries are a whole number between 0 and 250"),
    ({"B17_percent": -5}, "impossible number", f"B17_percent is -5; {SIZE}"),
    ({"B17_percent": 120, "B17": 3}, "impossible number", "B17_percent is 120; exports cannot fall by more than 100%"),
    ({"A3": 85}, "impossible year", f"A3 is 85, {YEAR}"),
    ({"C2": 1999.5}, "impossible year", f"C2 is 1999.5, {YEAR}"),
    ({"C2": 2009}, "future year", "C2 is 2009, after the survey in 2008"),
    ({"B6": 1984}, "before founding", "B6 is 1984, before the firm was founded (A3 is 1985)"),
    (
        {"B8": 1988},
        "before first export",
        "B8 is 1988: the first export outside the EU lies before the first export of all (B6 is 1990)",
    ),
    ({"B2": 1990}, "not asked", "B2 is 1990, but is not asked: B1 is 4 (No)"),
    ({"B3_africa": "x"}, "not asked", "B3_africa is 1 (Yes), but is not asked: B1 is 4 (No)"),
    ({"B23": "war"}, "not asked", "B23 is 'war', but is not asked: B5 is 1 (Goods only)"),
    ({"B20a": 6}, "not asked", "B20a is 6 (Better product range), but is not asked: B19 is 2 (About equal)"),
    ({"D2_iwt": 2, "D1_iwt": 2}, "not asked", f"D2_iwt is 2 (Dissatisfied), but is not asked: {UNUSED}"),
    (
        {"B11": 0},
        "contradiction",
        "the firm exports (B5 is 1 (Goods only)), but to no country (B11 is 0)",
    ),
    (
        {"B11": 1},
        "contradiction",
        "B11 is 1: the firm exports to fewer countries than regions are ticked in B12",
    ),
    (
        {"C1_only_trade": 1, **NO_EXPORT},
        "contradiction",
        "C1_only_trade is ticked: imports or exports only, but the firm does neither (B1 and B5 are 4 (No))",
    ),
]


@pytest.mark.parametrize(("changes", "rule", "message"), FAULTS)
def test_each_rule_names_its_fault(changes, rule, message):
    found = faults(**changes)
    assert found[["row", "firm", "item", "rule", "message"]].to_numpy().tolist() == [
        [0, "a", next(iter(changes)), rule, message]
    ]
    assert found["value"].notna().all()


def test_an_exporter_ticks_some_region():
    found = faults(**dict.fromkeys(REGIONS, 0))
    assert found[["item", "rule"]].to_numpy().tolist() == [["B12", "contradiction"]]
    assert found["value"].isna().all()
    assert found["message"].item() == "the firm exports (B5 is 1 (Goods only)), but to no region of B12"


def test_a_second_boundary_is_no_fault():
    assert faults(B6=1985, B8=1985, C2=2008, A2=0, B11=250, B17_percent=500).empty
    assert faults(B11=2).empty  # Germany is a neighbour and in the EU-15
    assert faults(B11=1, B12_africa=None).empty


def test_a_change_of_nothing_and_open_boxes_are_no_answers():
    assert faults(B19=2, B19_percent=0, B3_africa=0, B21_risk=None).empty


def test_activities_that_exclude_each_other():
    activities = ["subsidiary", "plant", "license", "joint_venture", "network", "other", "none", "only_trade"]
    firm = {"B1": 4, "B5": 1, **{f"C1_{name}": 0 for name in activities}}
    cases = [{"C1_none": 1}, {"C1_only_trade": 1, "C1_plant": 1}, {"C1_none": 1, "C1_only_trade": 1, "B5": 4}]
    found = survey.check(pd.DataFrame([{**firm, **case} for case in cases]))
    assert found[["row", "item", "rule"]].to_numpy().tolist() == [
        [0, "C1_none", "contradiction"],
        [1, "C1_only_trade", "contradiction"],
        [2, "C1_none", "contradiction"],
        [2, "C1_only_trade", "contradiction"],
    ]


def test_ranks_are_given_once():
    reasons = survey.Questionnaire().items.query("question == 'B21' and type == 'rank'").index
    ranks = {"B5": 4, **dict.fromkeys(reasons), "B21_risk": 1, "B21_culture": 2}
    found = survey.check(pd.DataFrame([ranks, {**ranks, "B21_language": 2}]))
    assert found[["row", "item", "rule"]].to_numpy().tolist() == [[1, "B21", "contradiction"]]


def test_a_broken_route_is_followed_to_its_end():
    found = faults(**{**NO_EXPORT, "B19": 1, "B20a": 3})
    assert found["item"].tolist() == ["B19", "B20a"]
    assert found["message"].str.endswith("but is not asked: B5 is 4 (No)").all()


def test_undecided_routes_are_no_faults():
    assert survey.check(pd.DataFrame({"B5": [None], "B6": [1990], "A3": [1980]})).empty


def test_rows_without_answers_and_firms_in_two_rows():
    frame = pd.DataFrame({"firm": ["a", "b", "a"], "A3": [1985, None, 1990], "E1": ["", " ", ""]}, index=[7, 8, 9])
    frame = pd.concat([frame, pd.DataFrame({"firm": [None, None], "A3": [1985, 1985]}, index=[10, 11])])
    found = survey.check(frame)
    assert found[["row", "firm", "item", "rule"]].to_numpy().tolist() == [
        [7, "a", "firm", "same firm"],
        [8, "b", "", "no answers"],
        [9, "a", "firm", "same firm"],
    ]


def test_rows_keep_their_labels_even_when_these_are_not_unique():
    found = survey.check(pd.DataFrame({"A3": [1985, 3000, 4000]}, index=["x", "x", "y"]))
    assert found["row"].tolist() == ["x", "y"]
    assert found["value"].tolist() == [3000, 4000]


def test_the_year_of_the_survey_moves_the_future():
    frame = pd.DataFrame({"A3": [2015]})
    assert survey.check(frame)["rule"].tolist() == ["future year"]
    assert survey.check(frame, surveyed=2015).empty
    for wrong in (20, True, 2008.5, np.nan, "2008"):
        with pytest.raises(OptionError, match="surveyed"):
            survey.check(frame, surveyed=wrong)
        with pytest.raises(OptionError, match="surveyed"):
            survey.derive(frame, surveyed=wrong)
