"""Reading answers: codes and labels, both languages, files of several shapes, and what cannot be read."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from exportmodels import survey
from exportmodels.core.errors import AnswersError, DataError, ExportModelsWarning
from exportmodels.survey.tables import items

CODED = [item for item in items() if items()[item].scale]
FRAME = pd.DataFrame({"firm": ["a", "b"], "A3": [1985, 1990], "A9": [3, 1], "B5": [1, 4], "B7": ["Frankrijk", None]})


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("change", [str, str.upper, lambda label: f"  {label.replace(' ', '')} "])
def test_labels_in_either_language_are_the_codes(language, change):
    labels = survey.Questionnaire(language).labels
    longest = max(len(labels(item)) for item in CODED)
    codes = pd.DataFrame({item: [*labels(item), *[None] * (longest - len(labels(item)))] for item in CODED})
    words = codes.apply(lambda column: column.map(lambda code: change(labels(column.name)[code]), na_action="ignore"))
    expected, found = survey.read(codes), survey.read(words)
    pd.testing.assert_frame_equal(found, expected)
    assert (found.dtypes[CODED] == "Int64").all()
    for item in CODED:
        back = found[item].map(labels(item), na_action="ignore")
        assert back.dropna().tolist() == list(labels(item).values())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_delimiters_and_encodings(tmp_path, delimiter, encoding):
    lines = [["firm", "b3_ASIA pacific", "B7", "A2"], ["x1", "Azië-Pacific", '"Zuid, ""Afrika""; é"', '"12,5"']]
    path = write(tmp_path / "answers.csv", "\r\n".join(delimiter.join(line) for line in lines), encoding)
    answers = survey.read(path)
    assert answers["B3_asia_pacific"].item() == 1
    assert answers["B7"].item() == 'Zuid, "Afrika"; é'
    assert answers["A2"].item() == 12.5
    assert answers.index.tolist() == [1]
    assert answers["firm"].tolist() == ["x1"]


@pytest.mark.parametrize("make", [pl.from_pandas, lambda f: pl.from_pandas(f).lazy(), pa.Table.from_pandas])
def test_frames_of_other_makes(make):
    pd.testing.assert_frame_equal(survey.read(make(FRAME)), survey.read(FRAME))


def test_reading_twice_changes_nothing():
    once = survey.read(
        pd.DataFrame({"A7": ["6", "niet", 5, None], "B6": ["ca. 1990", 1.5, "", "1991"]}, index=list("abcd"))
    )
    pd.testing.assert_frame_equal(survey.read(once), once)
    assert once["A7"].tolist()[:3] == ["6", "niet", 5]
    assert once["B6"].tolist()[0] == "ca. 1990"


def test_cells_of_every_type_are_read():
    cells = [1, 1.0, "1", True, "yes", "JA", "x", "true", "buurlanden", np.int8(1), np.bool_(True)]
    assert survey.read(pd.DataFrame({"B3_neighbours": cells}))["B3_neighbours"].eq(1).all()
    assert survey.read(pd.DataFrame({"B3_neighbours": [True, False]}))["B3_neighbours"].tolist() == [1, 0]
    assert survey.read(pd.DataFrame({"B3_neighbours": ["True", "FALSE"]}))["B3_neighbours"].tolist() == [1, 0]
    blanks = [None, np.nan, pd.NA, pd.NaT, "", " ", "NA", "n/a", "."]
    assert survey.read(pd.DataFrame({"A9": blanks, "B6": blanks, "B1": 1}))[["A9", "B6"]].isna().all().all()


def test_codes_with_a_decimal_point_are_codes(tmp_path):
    frame = pd.DataFrame(
        {"B5": [4, None, 1], "A9": [3, 1, None], "B3_neighbours": [None, None, 0], "A3": [1985, 1970, 1990]}
    )
    path = tmp_path / "answers.csv"
    frame.to_csv(path, index=False)
    assert "4.0" in path.read_text()
    read = survey.read(path)
    pd.testing.assert_frame_equal(read[list(frame)].reset_index(drop=True), survey.read(frame)[list(frame)])
    assert survey.check(read).empty
    odd = survey.read(pd.DataFrame({"B5": ["4,0", "4.5", "4.00", "9.0"]}))
    assert odd["B5"].tolist() == [4, "4.5", "4.00", "9.0"]


def test_namibia_is_a_country():
    assert survey.read(pd.DataFrame({"B7": ["NA", None]}))["B7"].tolist()[0] == "NA"


@pytest.mark.parametrize("cell", ["inf", "1e5", "1_000", "1.000.000", "twelve", [1, 2], 10**400, float("inf"), "١٢x"])
def test_what_is_no_number_keeps_its_text(cell):
    answers = survey.read(pd.DataFrame({"A2": pd.Series([cell, 3], dtype=object)}))
    assert answers["A2"].tolist() == [str(cell), 3]
    assert survey.check(answers)["rule"].tolist() == ["no number"]


def test_other_columns_are_kept_and_named():
    frame = FRAME.assign(region=["Gent", "Brugge"]).rename(columns={"A9": "A_9x", "B7": "B12_neigbours"})
    with pytest.warns(ExportModelsWarning, match=r"A_9x, B12_neigbours \(B12_neighbours\?\), region"):
        answers = survey.read(frame)
    assert answers.attrs["extra"] == ["A_9x", "B12_neigbours", "region"]
    assert answers["region"].tolist() == ["Gent", "Brugge"]


def test_firms_are_numbered_where_the_file_does_not_name_them():
    assert survey.read(FRAME.drop(columns="firm"))["firm"].tolist() == [1, 2]


def test_attributes_stay():
    frame = FRAME.copy()
    frame.attrs["synthetic"] = True
    assert survey.read(frame).attrs["synthetic"] is True


def test_short_lines_blank_lines_and_unnamed_columns(tmp_path):
    path = write(tmp_path / "answers.csv", "A3;B5;;\n1985;1;;\n\n1990\n")
    answers = survey.read(path)
    assert answers["A3"].tolist() == [1985, 1990]
    assert answers.columns.tolist() == ["firm", "A3", "B5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("name,age\nx,3\n", r"no column is an item .* name, age"),
        ("A3,B5\n", "no rows"),
        ("A3,a3 \n1,2\n", "both item A3"),
        ("A3,x,x\n1,2,3\n", "two columns named 'x'"),
        ("A3,B5\n1985,1\n1990,1,Gent\n", "answer 2 has more cells than the header"),
        ('A3,B5\n1985,"1\n', "quotation marks"),
    ],
)
def test_files_that_are_no_answers(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        survey.read(write(tmp_path / "answers.csv", text))


def test_files_that_are_no_text(tmp_path):
    (tmp_path / "answers.csv").write_bytes(b"A3,B5\n1985,\x81\xff\n")
    with pytest.raises(AnswersError, match="UTF-8"):
        survey.read(tmp_path / "answers.csv")
    with pytest.raises(AnswersError, match="cannot be read"):
        survey.read(tmp_path / "nowhere.csv")
    with pytest.raises(AnswersError, match="cannot be read"):
        survey.read(str(tmp_path))
    with pytest.raises(DataError, match="int"):
        survey.read(3)
    with pytest.raises(AnswersError, match="rename one"):
        survey.read(pd.DataFrame([[1, 2, 3]], columns=["A3", 1, "1"]))
