"""Enterprise Survey files become the firms table: codes, labels, years, faults, and files that lack something."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from exportmodels.core.errors import AnswersError, OptionError
from exportmodels.survey.enterprise import check_enterprise, read_enterprise_survey

FILES = Path(__file__).parent / "files"
SAV, DTA = FILES / "enterprise_synthetic.sav", FILES / "enterprise_synthetic.dta"
FIRMS = {
    "idstd": [1.0, 2.0, 3.0],
    "a14y": [2020.0, 2020.0, 2020.0],
    "b5": [2000.0, 1990.0, 2010.0],
    "d8": [2000.0, np.nan, 2015.0],
    "d3a": [60.0, 100.0, 0.0],
    "d3b": [10.0, 0.0, 100.0],
    "d3c": [30.0, 0.0, 0.0],
    "wmedian": [2.0, 3.0, 4.0],
}


@pytest.fixture
def survey(tmp_path):
    """Write a small file: the three firms above with columns replaced, added or (None) left out."""

    def write(name="survey.sav", options=None, **columns):
        answers = {key: values for key, values in (FIRMS | columns).items() if values is not None}
        writer = pyreadstat.write_sav if name.endswith("sav") else pyreadstat.write_dta
        writer(pd.DataFrame(answers), tmp_path / name, **(options or {}))
        return tmp_path / name

    return write


@pytest.fixture(scope="module")
def firms():
    return read_enterprise_survey(SAV)


# the synthetic file


def test_spss_and_stata_files_give_the_same_table(firms):
    pd.testing.assert_frame_equal(firms, read_enterprise_survey(DTA))
    assert len(firms) == 200
    assert firms.attrs["synthetic"]


def test_timing_and_shares_follow_from_the_raw_codes(firms):
    raw, _ = pyreadstat.read_sav(SAV)
    raw.index += 1
    sound = raw[(raw["b5"] > 1000) & ~(raw["d8"] < raw["b5"]) & (raw["d8"].isna() | raw["d8"].between(1900, 2023))]
    sound = sound[sound["d3b"] >= 0]
    table = firms.loc[sound.index]
    years = np.where(sound["d8"].notna(), sound["d8"], sound["a14y"]) - sound["b5"]
    np.testing.assert_array_equal(table["duration"], years)
    np.testing.assert_array_equal(table["exported"], sound["d8"].notna())
    np.testing.assert_array_equal(table["share"], (sound["d3b"] + sound["d3c"]) / 100)
    np.testing.assert_array_equal(table["exporter"], table["share"] > 0)
    np.testing.assert_array_equal(table["weight"], sound["wmedian"])
    assert len(sound) == 195


def test_negative_codes_are_never_values(firms):
    assert not (firms.select_dtypes("number") < 0).any(axis=None)
    assert firms["rd_any"].isna().sum() == 2
    assert firms["new_product"].isna().sum() == 3
    assert set(firms["new_product"].dropna()) == {0.0, 1.0}
    assert any("h1 3, h8 2" in note for note in firms.attrs["notes"])


def test_labels_are_kept_whole_and_in_the_order_of_their_codes(firms):
    industries = ["Food", "Textiles", "Other manufacturing", "Construction", "Retail", "Other services"]
    assert list(firms["sector"].cat.categories) == industries
    assert not firms["sector"].cat.ordered
    assert "Construction" not in set(firms["sector"])
    assert list(firms["region"].cat.categories) == ["Capital", "Coast", "Highlands", "9"]
    assert list(firms["main_market"].cat.categories) == ["local", "national", "international"]
    assert firms["main_market"].cat.ordered and firms["sampling_size"].cat.ordered
    assert firms["stratum"].nunique() == 45
    assert set(firms["main_destination"].dropna()) == {"Neighbour", "Overseas"}


@pytest.mark.parametrize("path", [SAV, DTA], ids=["sav", "dta"])
def test_every_planted_fault_is_listed_and_nothing_else(path):
    found = check_enterprise(path)
    assert [*zip(found["row"], found["item"], found["rule"], strict=True)] == [
        (2, "b5", "impossible year"),
        (3, "h2", "not asked"),
        (5, "d8", "before founding"),
        (7, "a2", "no label"),
        (11, "d8", "no year"),
        (14, "d3b", "contradiction"),
        (15, "d8", "future year"),
    ]
    assert (found["firm"] == found["row"] + 5000).all()
    assert found["message"].tolist() == [
        "b5 is 205, which is no year since 1600; a year has four digits",
        "h2 is 1, but is not asked: the firm has no new product (h1)",
        "d8 is 2001, before the establishment was founded (b5 is 2005)",
        "a2 is 9, a code to which the file gives no label",
        "d8 is -9: the firm exports, but does not say since which year",
        "d3a, d3b and d3c are 100, 10 and 0, which do not add to 100 % of sales",
        "d8 is 20015, after the interview in 2023",
    ]


def test_a_fault_leaves_its_consequences_unknown_and_the_row_in_place(firms):
    faults = check_enterprise(SAV).set_index("item")
    before, silent, typo = (firms.loc[row] for row in faults.loc["d8", "row"])
    assert before["exported"] == silent["exported"] == typo["exported"] == 1
    assert np.isnan([firm["duration"] for firm in (before, silent, typo)]).all()
    assert np.isnan(firms.loc[faults.loc["b5", "row"], "founded"])
    assert firms["duration"].isna().sum() == 5


def test_attributes_are_plain_values_that_pandas_can_copy_and_compare(firms):
    assert json.loads(json.dumps(firms.attrs)) == firms.attrs
    assert len(pd.concat([firms, firms])) == 400
    assert set(firms.attrs["labels"]) == set(firms.columns)
    assert sum(fault["count"] for fault in firms.attrs["faults"]) == len(check_enterprise(SAV))
    assert any("how many countries" in sentence for sentence in firms.attrs["cannot_answer"])


def test_an_exporter_by_direct_exports_only(firms):
    direct = read_enterprise_survey(SAV, exports="direct")
    indirect_only = (firms["share_direct"] == 0) & (firms["share_indirect"] > 0)
    assert indirect_only.sum() > 0
    assert (direct.loc[indirect_only, "exporter"] == 0).all() and (direct.loc[indirect_only, "share"] == 0).all()
    pd.testing.assert_series_equal(direct["duration"], firms["duration"])
    assert any("first direct export" in sentence for sentence in direct.attrs["cannot_answer"])
    assert not any("no exports at present" in note for note in direct.attrs["notes"])


# answers


def test_size_classes_are_those_of_the_report(survey):
    sizes = read_enterprise_survey(survey(l1=[9.0, 10.0, 50.0]))["size"]
    more = read_enterprise_survey(survey(l1=[51.0, 250.0, 251.0]))["size"]
    assert [*sizes, *more] == ["micro", "small", "small", "medium", "medium", "large"]
    assert list(sizes.cat.categories) == ["micro", "small", "medium", "large"] and sizes.cat.ordered


def test_novel_counts_every_firm_but_new_to_market_only_innovators(survey):
    table = read_enterprise_survey(survey(h1=[1.0, 2.0, -9.0], h2=[2.0, np.nan, np.nan]))
    np.testing.assert_array_equal(table["new_to_market"], [0, np.nan, np.nan])
    np.testing.assert_array_equal(table["novel"], [0, 0, np.nan])


def test_foreign_owned_from_a_tenth(survey):
    table = read_enterprise_survey(survey(b2b=[10.0, 9.0, -9.0]))
    np.testing.assert_array_equal(table["foreign_owned"], [1, 0, np.nan])


def test_an_exporter_without_a_year_has_exported_for_an_unknown_time(survey):
    path = survey(d8=[np.nan, np.nan, -9.0])
    table = read_enterprise_survey(path)
    np.testing.assert_array_equal(table["exported"], [1, 0, 1])
    np.testing.assert_array_equal(table["duration"], [np.nan, 30, np.nan])
    assert [message.partition(":")[0] for message in check_enterprise(path)["message"]] == ["d8 is missing", "d8 is -9"]


def test_an_unknown_part_leaves_the_share_open_but_not_always_the_export_status(survey):
    path = survey(d8=[np.nan] * 3, d3a=[-9.0, -9.0, 100.0], d3b=[-9.0, -9.0, 0.0], d3c=[30.0, 0.0, 0.0])
    table = read_enterprise_survey(path)
    np.testing.assert_array_equal(table["exporter"], [1, np.nan, 0])
    np.testing.assert_array_equal(table["share"], [np.nan, np.nan, 0])
    np.testing.assert_array_equal(table["exported"], [1, np.nan, 0])
    np.testing.assert_array_equal(table["duration"], [np.nan, np.nan, 10])


def test_shares_are_the_nearest_number_to_the_percentages(survey):
    table = read_enterprise_survey(survey(d3a=[20.0, 100.0, 0.0], d3b=[70.0, 0.0, 35.0], d3c=[10.0, 0.0, 65.0]))
    assert list(table["share"]) == [0.8, 0, 1]  # 0.7 + 0.1 is 0.7999999999999999


def test_more_than_all_sales_cannot_be_exported(survey):
    path = survey(d3a=[0.0, 100.0, -9.0], d3b=[90.0, 0.0, 0.0], d3c=[20.0, 0.0, 101.0])
    table = read_enterprise_survey(path)
    np.testing.assert_array_equal(table["share"], [np.nan, 0, np.nan])
    found = check_enterprise(path)
    assert [*zip(found["item"], found["rule"], strict=True)] == [
        ("d3b", "impossible number"),
        ("d3c", "impossible number"),
    ]


def test_a_firm_that_stopped_exporting_has_exported(survey):
    table = read_enterprise_survey(survey(d3a=[60.0, 100.0, 100.0], d3b=[10.0, 0.0, 0.0]))
    np.testing.assert_array_equal(table["exporter"], [1, 0, 0])
    np.testing.assert_array_equal(table["exported"], [1, 0, 1])
    np.testing.assert_array_equal(table["duration"], [0, 30, 5])
    assert "A year of first export but no exports at present: 1 of 3 firms." in table.attrs["notes"]
    assert not any("stopped exporting" in sentence for sentence in table.attrs["cannot_answer"])
    everyone = read_enterprise_survey(survey())
    assert any("stopped exporting" in sentence for sentence in everyone.attrs["cannot_answer"])


@pytest.mark.parametrize("year", [205.0, 2021.0, 1999.5, 20015.0])
def test_impossible_years_become_unknown_and_are_counted(survey, year):
    table = read_enterprise_survey(survey(b5=[2000.0, year, 2010.0]))
    assert np.isnan(table.loc[2, ["founded", "age", "duration"]].astype(float)).all()
    assert [(fault["item"], fault["count"], fault["rows"]) for fault in table.attrs["faults"]] == [("b5", 1, [2])]
    assert any(
        note.startswith("b5, ") and note.endswith("year (1): taken as unknown.") for note in table.attrs["notes"]
    )


def test_weights_that_are_not_positive_and_identifiers_given_twice_are_faults(survey):
    found = check_enterprise(survey(wmedian=[0.0, 1.0, 2.0], idstd=[7.0, 8.0, 7.0]))
    assert list(found["item"]) == ["idstd", "wmedian", "idstd"]
    assert np.isnan(read_enterprise_survey(survey(wmedian=[0.0, 1.0, 2.0]))["weight"][1])


def test_codes_that_the_question_does_not_have(survey):
    path = survey(e1=[1.0, 7.0, 3.0], h8=[1.0, 2.0, 3.0])
    table = read_enterprise_survey(path)
    assert list(table["main_market"].isna()) == [False, True, False]
    np.testing.assert_array_equal(table["rd_any"], [1, 0, np.nan])
    assert check_enterprise(path)["message"].tolist() == [
        "e1 is 7; its codes are 1, 2, 3",
        "h8 is 3; its codes are 1, 2",
    ]


def test_numbers_typed_as_text_are_read_and_words_are_faults(survey):
    path = survey(l1=["12", "many", ""])
    np.testing.assert_array_equal(read_enterprise_survey(path)["employees"], [12, np.nan, np.nan])
    assert check_enterprise(path)["message"].tolist() == ["l1 is 'many', which is no number"]


# labels


def test_a_label_that_two_codes_share_stays_two_levels(survey):
    labels = {"a2": {-9: "Don't know", 1: "North ", 2: "Other", 12: "Other"}}
    table = read_enterprise_survey(survey(a2=[1.0, 12.0, -9.0], options={"variable_value_labels": labels}))
    assert list(table["region"].cat.categories) == ["North", "Other (2)", "Other (12)"]
    assert table["region"].tolist()[:2] == ["North", "Other (12)"] and table["region"].isna()[3]


def test_codes_without_any_labels_go_by_their_number_and_are_no_fault(survey):
    path = survey(a2=[10.0, 2.0, np.nan])
    assert list(read_enterprise_survey(path)["region"].cat.categories) == ["2", "10"]
    assert check_enterprise(path).empty


def test_stata_letters_for_missing_values_are_no_levels(survey):
    region = pd.Series([1, "a", 2], dtype=object)
    options = {
        "variable_value_labels": {"a2": {1: "North", 2: "South", "a": "Refused"}},
        "missing_user_values": {"a2": ["a"]},
    }
    table = read_enterprise_survey(survey("survey.dta", options, a2=region))
    assert list(table["region"].cat.categories) == ["North", "South"]
    assert list(table["region"].isna()) == [False, True, False]


def test_stata_integers_with_missing_values_are_numbers(survey, tmp_path):
    integers = pd.DataFrame(
        FIRMS | {"d8": pd.array([2000, None, 2015], dtype="Int16"), "l1": np.array([5, 6, 7], "int8")}
    )
    integers.to_stata(tmp_path / "integers.dta", write_index=False)
    pd.testing.assert_frame_equal(
        read_enterprise_survey(tmp_path / "integers.dta"), read_enterprise_survey(survey(l1=[5.0, 6.0, 7.0]))
    )


def test_codes_that_the_file_declares_missing_are_unknown(survey):
    table = read_enterprise_survey(survey(l1=[99.0, 5.0, 6.0], options={"missing_ranges": {"l1": [99]}}))
    np.testing.assert_array_equal(table["employees"], [np.nan, 5, 6])


# strata and countries


def test_without_strata_industry_region_and_size_are_crossed(survey):
    labels = {"a4a": {1: "Food", 2: "Retail"}, "a2": {1: "North"}, "a6a": {1: "Small", 2: "Large"}}
    path = survey(a4a=[1.0, 2.0, 1.0], a2=[1.0] * 3, a6a=[1.0, 2.0, np.nan], options={"variable_value_labels": labels})
    assert read_enterprise_survey(path)["stratum"].tolist()[:2] == ["Food / North / Small", "Retail / North / Large"]
    assert read_enterprise_survey(path)["stratum"].isna()[3]
    assert "stratum" not in read_enterprise_survey(survey())


def test_strata_are_nested_in_countries_and_the_year_may_follow_the_country(survey):
    path = survey(country=["Kenya2018", "Kenya2018", "Peru2023"], strata=[1.0, 2.0, 1.0], a14y=None)
    table = read_enterprise_survey(path)
    assert table["stratum"].tolist() == ["Kenya2018 / 1", "Kenya2018 / 2", "Peru2023 / 1"]
    assert table["surveyed"].tolist() == [2018, 2018, 2023]


# the year of the interview


@pytest.mark.parametrize(
    ("columns", "name", "title", "option", "year", "source"),
    [
        ({}, "survey.sav", "", None, 2020, "a14y"),
        ({"a15y": [2021.0] * 3}, "survey.sav", "", None, 2021, "a15y"),
        ({"YEAR": [2019.0] * 3, "a20y": [2018.0] * 3}, "survey.sav", "", None, 2019, "year"),
        ({"a20y": [2018.0] * 3}, "survey.sav", "", None, 2018, "a20y"),
        ({}, "survey.sav", "Enterprise Survey 2017", None, 2017, "file label"),
        ({}, "Kenya-2018-full-data.dta", "", None, 2018, "file name"),
        ({}, "survey.sav", "", 2016, 2016, "option"),
        ({"When": [2022.0] * 3}, "survey.sav", "", "when", 2022, "when"),
    ],
)
def test_the_year_of_the_interview_is_found_by_several_rules(survey, columns, name, title, option, year, source):
    if source != "a14y":
        columns = {"a14y": None} | columns
    table = read_enterprise_survey(survey(name, {"file_label": title}, **columns), surveyed=option)
    assert table["surveyed"].tolist() == [year] * 3
    assert table.attrs["surveyed_from"] == {source: 3}


def test_rules_fill_what_those_before_leave_open(survey):
    table = read_enterprise_survey(survey(a14y=[2020.0, -9.0, 20.0], a20y=[2019.0, 2018.0, np.nan]))
    np.testing.assert_array_equal(table["surveyed"], [2020, 2018, np.nan])
    assert table.attrs["surveyed_from"] == {"a14y": 1, "a20y": 1}
    assert "No year of the interview: 1 of 3 firms." in table.attrs["notes"]


def test_a_file_without_any_year_asks_for_it(survey):
    with pytest.raises(AnswersError, match=r"does not say in which year .* surveyed=2018"):
        read_enterprise_survey(survey("from-2018-to-2019.sav", a14y=None))


# what a file lacks, and options


def test_variables_are_found_in_any_case(survey):
    capital = {name.upper(): values for name, values in FIRMS.items()}
    table = read_enterprise_survey(survey(**dict.fromkeys(FIRMS), **capital), weights="WMEDIAN")
    pd.testing.assert_frame_equal(table, read_enterprise_survey(survey()))


def test_absent_items_leave_their_columns_out_with_a_note(survey):
    table = read_enterprise_survey(survey(d3a=None, idstd=None))
    assert not {"novel", "size", "main_market", "importer", "share_national"} & set(table)
    assert table["firm"].tolist() == [1, 2, 3]
    note = next(note for note in table.attrs["notes"] if note.startswith("Items that the file lacks"))
    assert "h2 (new_to_market)" in note and "d3a (share_national)" in note and "b5" not in note


def test_an_essential_variable_that_is_absent_is_named(survey):
    with pytest.raises(AnswersError, match=r"survey\.sav lacks b5 \(year the establishment .*\), d3c"):
        read_enterprise_survey(survey(b5=None, d3c=None))


def test_weights(survey):
    path = survey(wstrict=[1.0, 1.5, 2.0])
    assert read_enterprise_survey(path, weights="wstrict")["weight"].tolist() == [1, 1.5, 2]
    assert "weight" not in read_enterprise_survey(path, weights=None)
    with pytest.raises(AnswersError, match=r"lacks wweak \(sampling weight\).*Weights in this file: wmedian, wstrict"):
        read_enterprise_survey(path, weights="wweak")


def test_options_that_do_not_exist(survey):
    with pytest.raises(OptionError, match=r"'any' .* or 'direct'"):
        read_enterprise_survey(survey(), exports="indirect")
    with pytest.raises(OptionError, match="surveyed is 20"):
        read_enterprise_survey(survey(), surveyed=20)
    with pytest.raises(AnswersError, match="no variable 'when'"):
        read_enterprise_survey(survey(), surveyed="when")


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "answers.csv").write_text("b5,d8\n")
    (tmp_path / "broken.sav").write_bytes(b"not an SPSS file")
    for name, message in {
        "answers.csv": "they end in .sav",
        "none.sav": "There is no file",
        "broken.sav": "cannot be read as a .sav file",
    }.items():
        with pytest.raises(AnswersError, match=message):
            read_enterprise_survey(tmp_path / name)


def test_a_file_without_rows_is_no_survey(survey):
    with pytest.raises(AnswersError, match="has no rows"):
        read_enterprise_survey(survey(**{name: [] for name in FIRMS}))


def test_text_in_another_encoding_than_declared_is_read_as_latin_1(survey):
    path = survey(a2=[1.0] * 3, options={"variable_value_labels": {"a2": {1: "R\u00e9gion un"}}})
    content = path.read_bytes()
    assert content.count("R\u00e9gion un".encode()) == 1
    path.write_bytes(content.replace("R\u00e9gion un".encode(), b"R\xe9gion un "))
    assert read_enterprise_survey(path)["region"].tolist() == ["R\u00e9gion un"] * 3


# a real file, where there is one


@pytest.fixture(scope="module")
def real():
    path = os.environ.get("EXPORTMODELS_ENTERPRISE_SURVEY")
    if not path:
        pytest.skip("EXPORTMODELS_ENTERPRISE_SURVEY names no file")
    return path


def test_a_real_file_obeys_the_rules_of_the_table(real):
    table = read_enterprise_survey(real, weights=None)
    assert not (table.select_dtypes("number") < 0).any(axis=None)
    assert table["share"].dropna().between(0, 1).all()
    known = table["duration"].notna()
    assert (table.loc[known, "duration"] <= table.loc[known, "age"]).all()
    assert sum(fault["count"] for fault in table.attrs["faults"]) == len(check_enterprise(real, weights=None))


def test_the_figures_of_kenya_2025(real):
    table = read_enterprise_survey(real)
    if len(table) != 1024 or set(table["surveyed"]) != {2025}:
        pytest.skip("not the file of Kenya 2025")
    exporters = table[table["exporter"] == 1]
    assert len(exporters) == 215
    assert exporters["years_to_export"].median() == 3
    assert (exporters["years_to_export"] <= 1).sum() == 71
    assert (exporters["years_to_export"] == 0).sum() == 40
    assert (100 * exporters["share"]).round().mod(10).eq(0).sum() == 182  # heaped at tens
    assert check_enterprise(real).empty
