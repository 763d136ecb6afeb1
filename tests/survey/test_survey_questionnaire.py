"""The questionnaire as data: complete, consistent with itself, and printed whole."""

import itertools

import numpy as np
import pandas as pd
import pytest

from exportmodels import survey
from exportmodels.core.errors import OptionError
from exportmodels.survey.answered import Answered, conditions
from exportmodels.survey.cells import key
from exportmodels.survey.reading import tidy
from exportmodels.survey.tables import items, table

INSTRUMENT = survey.Questionnaire()

# Counted in Appendix I of the report (pages 65-71): answers of each question with codes, boxes of each with boxes.
ANSWERS = {
    "A4": 6,
    "A5": 4,
    "A6": 4,
    "A7": 5,
    "A8": 5,
    "A9": 3,
    "A10": 3,
    "A11": 2,
    "A12": 3,
    "A15": 2,
    "B1": 4,
    "B4": 5,
}
ANSWERS |= {
    "B5": 4,
    "B13": 3,
    "B14": 5,
    "B15": 5,
    "B16": 5,
    "B17": 3,
    "B18": 3,
    "B19": 3,
    "B20a": 7,
    "B20b": 7,
    "B22": 2,
}
ANSWERS |= {"B24": 2, "C4": 11, "C5": 4, "D1_fit": 3, "D2_fit": 5}
BOXES = {"B3": 8, "B12": 8, "B21": 16, "C1": 8, "C3": 8, "D1": 13, "D2": 13, "D3": 11, "D4": 11}


def test_every_question_of_the_appendix_is_there_once():
    numbers = table("questionnaire").drop_duplicates("question").groupby("section")["number"].apply(list)
    expected = {"A": range(1, 16), "C": range(1, 6), "D": range(1, 5), "E": range(1, 9)}
    for section, printed in expected.items():
        assert numbers[section] == [str(number) for number in printed]
    assert numbers["B"] == [str(number) for number in sorted([*range(1, 26), 20])]
    assert len(set(items())) == len(table("questionnaire"))


@pytest.mark.parametrize(("item", "count"), ANSWERS.items())
def test_questions_have_as_many_answers_as_printed(item, count):
    assert len(INSTRUMENT.labels(item)) == count
    assert (INSTRUMENT.codes["item"] == item).sum() == count


@pytest.mark.parametrize(("question", "count"), BOXES.items())
def test_questions_have_as_many_boxes_as_printed(question, count):
    boxes = INSTRUMENT.items.query("question == @question and type != 'text'")
    assert len(boxes) == count
    assert boxes["option_nl"].is_unique
    assert boxes["option_en"].is_unique


def test_every_item_has_wording_in_both_languages_and_codes_where_its_type_has_codes():
    table_of_items = INSTRUMENT.items
    assert (table_of_items[["wording_nl", "wording_en", "section_nl", "section_en"]] != "").all().all()
    coded = table_of_items["type"].isin(["single", "multi", "scale", "rank"])
    assert ((table_of_items["scale"] != "") == coded).all()
    assert set(table_of_items.index[coded]) == set(INSTRUMENT.codes["item"])


@pytest.mark.parametrize("item", [item for item in items() if items()[item].scale])
def test_no_two_codes_can_be_written_alike(item):
    meanings = {}
    for language in ("nl", "en"):
        for code, label in survey.Questionnaire(language).labels(item).items():
            for text in (str(code), label):
                assert meanings.setdefault(key(text), code) == code


def test_gates_and_faults_name_items_and_questions_that_exist():
    questions = set(INSTRUMENT.items["question"])
    for item in items():
        for gate, codes in conditions(item):
            assert set(codes) <= set(INSTRUMENT.labels(gate))
    assert {name for names in INSTRUMENT.faults["items"] for name in names.split()} <= questions
    assert set(INSTRUMENT.routes["next"]) <= questions


def walk(answers):
    """Return the questions that a respondent with these answers reaches, following the routes from A1 on."""
    routes = {(route.item, route.code): route.next for route in table("routes").itertuples()}
    order = list(dict.fromkeys(item.question for item in items().values()))
    place, reached = 0, []
    while place < len(order):
        question = order[place]
        reached.append(question)
        given = [(item, str(code)) for item, code in answers.items() if items()[item].question == question]
        jumps = [routes[step] for step in [*given, (question, "")] if step in routes]
        place = order.index(jumps[0]) if jumps else place + 1
    return set(reached)


def test_who_is_asked_agrees_with_the_routes():
    gates = ["B1", "B5", "B19", "B22", "B24"]
    for codes in itertools.product([1, 4], [2, 4], [1, 2, 3], [1, 2], [1, 2]):
        for box in ("C1_none", "C1_only_trade", "C1_network"):
            boxes = {"C1_none": 0, "C1_only_trade": 0, "C1_network": 0, box: 1}
            answers = {**dict(zip(gates, codes, strict=True)), **boxes}
            if answers["B5"] == 4:
                del answers["B19"]
            if answers["B5"] == 2:
                del answers["B22"], answers["B24"]
            asked = Answered(tidy(pd.DataFrame({item: [code] for item, code in answers.items()})))
            reached = walk(answers)
            for item in items().values():
                if (item.type == "text" and item.option_nl) or item.type == "percent" or item.question == "D2":
                    continue  # asked by an answer within the question, not by a route
                state = asked.asked(item.id)[0]
                expected = item.question in reached
                if item.question == "B23":
                    expected = expected and answers.get("B22") == 1
                assert (state == 1) == expected, (answers, item.id, state)


def test_each_item_names_the_columns_it_feeds():
    feeds = INSTRUMENT.items["firms"]
    assert "years_to_export" in feeds["A3"].split()
    assert feeds["B14"].split() == ["foreign_share", "share", "share_lower", "share_upper"]
    assert feeds["D1_fit"].split() == ["support_known_fit", "support_used_fit"]
    assert feeds["E2"] == ""


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_printed_instrument_shows_every_question_item_code_and_fault(language):
    instrument = survey.Questionnaire(language)
    printed = " ".join(str(instrument).split())
    for item in items().values():
        assert " ".join(getattr(item, f"wording_{language}").split()) in printed
        if item.option_nl:
            assert f"{item.id} {' '.join(getattr(item, f'option_{language}').split())}" in printed
        for code, label in instrument.labels(item.id).items():
            assert item.scale == "tick" or f"{code} {' '.join(label.split())}" in printed
    for fault in instrument.faults["fault"]:
        assert fault in printed


def test_routes_and_conditions_are_printed():
    printed = str(survey.Questionnaire("en"))
    assert "4  No -> go to B21" in printed
    assert "C1_only_trade  Imports/exports only -> go to C5" in printed
    assert "D2_fit  Flanders Investment & Trade [asked if D1_fit=3]" in printed


def test_tables_given_out_can_be_changed_without_harm():
    for given in (INSTRUMENT.items, INSTRUMENT.codes, INSTRUMENT.routes, INSTRUMENT.faults, survey.columns()):
        del given[given.columns[-1]]
    assert INSTRUMENT.items.columns[-1] == "firms"
    assert INSTRUMENT.codes.columns[-1] == "level"
    assert INSTRUMENT.routes.columns[-1] == "next"
    assert INSTRUMENT.faults.columns[-1] == "treatment"
    assert survey.columns().columns[-1] == "question"


def test_wrong_options_are_named():
    with pytest.raises(OptionError, match="'fr'"):
        survey.Questionnaire("fr")
    with pytest.raises(OptionError, match="B20"):
        INSTRUMENT.labels("B20")


def test_columns_have_labels_kinds_and_levels():
    columns = survey.columns()
    assert columns.index.is_unique
    assert columns["label"].ne("").all()
    categories = columns["kind"].isin(["category", "ordered"])
    assert (columns["levels"].map(len) > 0).equals(categories)
    assert columns.loc["exports", "levels"] == ("none", "goods", "services", "both")
    assert columns.loc["past_trend", "levels"] == ("decrease", "stable", "increase")
    assert columns.loc["need_skills", "label"] == "Needs support: Development of skills for international business"
    assert set(columns["kind"]) == {"id", "text", "number", "flag", "category", "ordered"}
    flags = columns[columns["kind"].eq("flag") & columns["codes"].ne("")]
    for row in flags.itertuples():
        assert {int(code) for code in row.codes.split("|")} < set(INSTRUMENT.labels(row.items))
    assert np.all(columns.loc[columns["items"].ne(""), "question"] != "")
