"""Whatever is thrown at reading, checking and deriving: a result, or an error of the package's own family."""

import warnings

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from exportmodels import survey
from exportmodels.core.errors import ExportModelsError, ExportModelsWarning
from exportmodels.survey.tables import items

ITEMS = list(items())
LABELS = sorted({label for item in ITEMS for label in survey.Questionnaire("nl").labels(item).values()})
CELLS = st.one_of(
    st.sampled_from(["", "1", "2", "3", "4", "5", "0", "1985", "2010", "x", "ja", "NO", "NA", "12,5", "30%", "1e9"]),
    st.sampled_from(LABELS),
    st.text(max_size=8),
)
OBJECTS = st.one_of(
    CELLS,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.binary(max_size=3),
    st.lists(st.integers(), max_size=2),
    st.sampled_from([pd.NA, pd.NaT, pd.Timestamp("2001-01-01"), 10**400]),
)
HEADERS = st.one_of(st.sampled_from([*ITEMS, "firm", " b6 ", "B12-africa"]), st.text(max_size=5))


def use(source):
    """Read, check and derive; errors of the family pass, any other fails the test. Answers are never lost."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ExportModelsWarning)
        try:
            answers = survey.read(source)
        except ExportModelsError:
            return None
        faults = survey.check(answers)
        assert faults["row"].isin(answers.index).all()
        assert faults["message"].ne("").all()
        try:
            firms = survey.derive(answers)
        except ExportModelsError:
            return answers
    assert firms.index.equals(answers.index)
    return answers


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "answers.csv"
    path.write_bytes(content)
    use(path)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(HEADERS, min_size=1, max_size=8),
    st.data(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_any_file_of_cells(tmp_path_factory, header, data, delimiter, encoding):
    lines = data.draw(st.lists(st.lists(CELLS, max_size=len(header) + 1), max_size=5))
    text = "\n".join(delimiter.join(line) for line in [header, *lines])
    path = tmp_path_factory.mktemp("fuzz") / "answers.csv"
    path.write_bytes(text.encode(encoding, errors="replace"))
    use(path)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(ITEMS), st.lists(OBJECTS, min_size=3, max_size=3), min_size=1, max_size=8))
def test_any_frame_of_objects(columns):
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    answers = use(frame)
    assert set(columns) <= set(answers.columns)
    pd.testing.assert_frame_equal(survey.read(answers), answers)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(ITEMS, CELLS)), min_size=1, max_size=2))
def test_whole_questionnaires_full_of_anything(rows):
    answers = use(pd.DataFrame(rows))
    coded = [item for item in ITEMS if items()[item].type != "text"]
    listed = survey.check(answers)
    unknown = listed["rule"].isin(["unknown code", "no number"]).sum()
    assert unknown == sum(isinstance(cell, str) for item in coded for cell in answers[item])
