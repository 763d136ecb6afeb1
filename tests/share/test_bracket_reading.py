"""Brackets as they are printed, and what is read of them: labels, gaps, columns, limits, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OutcomeError
from exportmodels.share.brackets import REPORT, Bracket, ShareLimits, close_gaps, parse, percent, read_answers

PRINTED = {
    (0.26, 0.5): "26-50%; 26 - 50 %; 26% - 50%; 26–50%; 26—50; 26 to 50%; 26 tot 50; 26 t/m 50 %;  26-50% ",
    (
        0.0,
        0.1,
    ): "<10%; <=10%; ≤ 10 %; less than 10%; Under 10%; below 10; up to 10%; at most 10%; MINDER DAN 10%; tot 10 %",
    (0.75, 1.0): ">75%; >=75%; ≥75; more than 75%; over 75 %; above 75%; at least 75%; meer dan 75%",
    (0.125, 0.125): "12,5%; 12.5 %; 12.5; 0.125",
    (0.5, 0.75): "0.5-0.75; 0,5 tot 0,75",
    (0.005, 0.01): "0.5-1%",
    (0.01, 0.01): "1%",
    (0.01, 0.02): "1-2; 1-2%",
    (0.0, 1.0): "0-100%; 0 - 1",
    (0.0, 0.0): "0; 0%",
    (1.0, 1.0): "1; 100%; 100",
}


@pytest.mark.parametrize(
    ("limits", "label"), [(limits, label) for limits, labels in PRINTED.items() for label in labels.split("; ")]
)
def test_printed_brackets(limits, label):
    assert parse(label) == Bracket(label, *limits)


@pytest.mark.parametrize(
    "label", ["50-25%", "110%", "101-105", "-5%", "", "26-50-75%", "about 10%", "10% or so", "<", "%", "<1000"]
)
def test_what_is_no_bracket_is_shown(label):
    with pytest.raises(OutcomeError) as error:
        parse(label)
    assert str(error.value).startswith(repr(label))


def brackets(*limits):
    return [Bracket(f"{low}-{high}", low, high) for low, high in limits]


def limits(found):
    return [(bracket.lower, bracket.upper) for bracket in found]


def test_gaps_of_one_per_cent_are_closed():
    closed, notes = close_gaps([parse(label) for label in REPORT])
    assert limits(closed) == [(0, 0.1), (0.1, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]
    assert [bracket.label for bracket in closed] == list(REPORT)
    assert notes == [
        "bracket '26-50%' is read as above 25% up to 50%: the gap between 25% and 26% is closed",
        "bracket '51-75%' is read as above 50% up to 75%: the gap between 50% and 51% is closed",
    ]


def test_wider_gaps_and_known_shares_are_left():
    given = brackets((0.0, 0.2), (0.22, 0.4), (0.41, 0.41), (0.405, 0.6), (0.6, 0.8), (0.81, 1.0))
    closed, notes = close_gaps(given[::-1])
    assert limits(closed)[::-1] == [(0, 0.2), (0.22, 0.4), (0.41, 0.41), (0.4, 0.6), (0.6, 0.8), (0.8, 1)]
    assert [note.split("'")[1] for note in notes] == ["0.405-0.6", "0.81-1.0"]


def test_a_known_share_below_is_no_bracket_to_begin_at():
    assert limits(close_gaps(brackets((0.25, 0.25), (0.26, 0.6)))[0]) == [(0.25, 0.25), (0.26, 0.6)]


def test_of_several_ends_the_nearest_is_taken():
    assert limits(close_gaps(brackets((0.1, 0.25), (0.1, 0.253), (0.26, 0.6)))[0])[-1] == (0.253, 0.6)


def test_brackets_of_the_report_close_without_their_neighbours_and_others_do_not():
    assert limits(close_gaps(brackets((0.26, 0.5)))[0]) == [(0.25, 0.5)]
    assert limits(close_gaps(brackets((0.26, 0.6)))[0]) == [(0.26, 0.6)]


@pytest.mark.parametrize(
    ("share", "written"), [(0.26, "26%"), (0.123456, "12.3456%"), (1.0, "100%"), (0.0, "0%"), (0.07, "7%")]
)
def test_per_cents(share, written):
    assert percent(share) == written


OWN = limits(close_gaps([parse(label) for label in REPORT])[0])


def test_labels_are_read_row_by_row():
    answers = read_answers(pd.Series(["26-50%", None, "<10%", "51-60%"], index=[7, 8, 9, 5], name="abroad"))
    assert answers.limits.index.tolist() == [7, 8, 9, 5]
    np.testing.assert_array_equal(answers.limits, [[0.25, 0.5], [np.nan] * 2, [0, 0.1], [0.5, 0.6]])
    assert list(answers.limits.columns) == ["lower", "upper"]
    assert answers.name == "abroad"
    assert limits(answers.brackets) == [(0, 0.1), (0.25, 0.5), (0.5, 0.6)]
    assert len(answers.notes) == 2


def test_brackets_that_overlap_are_told_in_the_reports():
    answers = read_answers(pd.Series(["<10%", "5-20%"], name="abroad"))
    np.testing.assert_array_equal(answers.limits, [[0, 0.1], [0.05, 0.2]])
    assert limits(answers.brackets) == OWN


def test_levels_that_nobody_chose_are_brackets_too():
    levels = pd.Categorical(["26-60%", "26-60%"], categories=["10-25%", "26-60%", "61-100%"])
    answers = read_answers(pd.Series(levels, name="abroad"))
    np.testing.assert_array_equal(answers.limits, [[0.25, 0.6]] * 2)
    assert limits(answers.brackets) == [(0.1, 0.25), (0.25, 0.6), (0.6, 1)]
    texts = read_answers(pd.Series(["26-60%", "26-60%"], name="abroad"))
    np.testing.assert_array_equal(texts.limits, [[0.26, 0.6]] * 2)


def test_numbers_and_labels_are_mixed():
    answers = read_answers(pd.Series([0.3, "<10%", 1, "35%"], dtype=object, name="abroad"))
    np.testing.assert_array_equal(answers.limits, [[0.3, 0.3], [0, 0.1], [1, 1], [0.35, 0.35]])
    assert limits(answers.brackets) == [(0, 0.1)]
    known = read_answers(pd.Series([0.3, np.nan, 1], name="abroad"))
    np.testing.assert_array_equal(known.limits, [[0.3, 0.3], [np.nan] * 2, [1, 1]])
    assert (known.name, limits(known.brackets), known.notes) == ("abroad", OWN, [])
    alone = read_answers(pd.Series(["30%", "35%"], name="abroad"))
    assert limits(alone.brackets) == OWN


def test_limits_are_two_columns():
    frame = pd.DataFrame({"from": [0.1, 0.2], "to": [0.3, 0.2]}, index=[4, 2])
    answers = read_answers(frame)
    assert (answers.name, limits(answers.brackets), answers.notes) == ("from, to", OWN, [])
    pd.testing.assert_frame_equal(answers.limits, frame.set_axis(["lower", "upper"], axis=1))
    np.testing.assert_array_equal(read_answers(frame.to_numpy()).limits, frame)
    np.testing.assert_array_equal(read_answers(np.array([0.1, 0.4])).limits, [[0.1, 0.1], [0.4, 0.4]])
    assert read_answers([0.1, 0.4]).name == "y"
    for columns, named in [(np.zeros((3, 3)), "3"), (frame[["from"]], "1")]:
        with pytest.raises(OutcomeError, match=f"two columns, lower and upper; here are {named}$"):
            read_answers(columns)


def test_other_frames_are_read_alike():
    polars = pytest.importorskip("polars")
    answers = read_answers(polars.Series("abroad", ["<10%", "26-50%"]))
    np.testing.assert_array_equal(answers.limits, [[0, 0.1], [0.25, 0.5]])
    assert answers.name == "abroad"
    answers = read_answers(polars.DataFrame({"from": [0.1], "to": [0.3]}))
    np.testing.assert_array_equal(answers.limits, [[0.1, 0.3]])


@pytest.mark.parametrize(("answer", "words"), [("most", "'most' is no bracket"), ((1, 2), r"\(1, 2\) is no bracket")])
def test_answers_that_are_no_brackets_are_shown_with_their_column(answer, words):
    series = pd.Series(["<10%", None], name="abroad", dtype=object)
    series.iloc[1] = answer
    with pytest.raises(OutcomeError, match=f"^outcome 'abroad': {words}"):
        read_answers(series)


LABELS = pd.Index(["a", "b", "c"])


def read(lower, upper, **options):
    return ShareLimits(**options).read(pd.DataFrame({"lower": lower, "upper": upper}), "limits", LABELS)


def test_limits_are_read():
    np.testing.assert_array_equal(read([0, 0.2, 0.5], [0.1, 0.2, 1]), [[0, 0.1], [0.2, 0.2], [0.5, 1]])
    assert ShareLimits().name == "" and ShareLimits.several
    np.testing.assert_array_equal(read([0, 0.0, 0.0], [0.1, 0.2, 0.1]), [[0, 0.1], [0, 0.2], [0, 0.1]])
    assert ShareLimits().read(pd.DataFrame({"lower": [], "upper": []}), "limits", LABELS[:0]).shape == (0, 2)


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        ([0.1, -0.1, 0.1], [0.2, 0.2, 0.3], "must lie between 0 and 1; row b holds -0.1"),
        ([0.1, 0.1, 0.1], [0.2, 0.2, 1.3], "must lie between 0 and 1.*; row c holds 1.3"),
        ([0.1, 0.4, 0.1], [0.2, 0.2, 0.3], "must have its lower limit below its upper limit; row b holds 0.4"),
        ([0.1, 0.1, 0.1], [0.3, 0.3, 0.3], "does not vary: every share lies in 0.1 to 0.3"),
    ],
)
def test_limits_that_are_none_are_refused_by_the_outcomes_name(lower, upper, words):
    with pytest.raises(OutcomeError, match=f"^outcome 'limits' {words}"):
        read(lower, upper)
    with pytest.raises(OutcomeError, match=f"^outcome 'abroad' {words}"):
        read(lower, upper, name="abroad")


def test_only_known_shares_lie_at_an_end():
    at = [0.0, 0.2, 0.3], [0.1, 0.2, 1.0]
    read(*at, unreached=(0.0, 1.0))
    with pytest.raises(OutcomeError, match="is exactly 0 in row a; say so"):
        read([0.0, 0.2, 0.3], [0.0, 0.2, 0.4], unreached=(0.0,), instead="say so")
    with pytest.raises(OutcomeError, match="is nowhere exactly 0"):
        read(*at, needed=(0.0,))
    with pytest.raises(OutcomeError, match="'abroad' is nowhere exactly 0"):
        read(*at, needed=(0.0,), name="abroad")


def test_limits_that_are_no_numbers_are_refused_by_name_and_row():
    with pytest.raises(DataError, match=r"outcome 'limits'.*\b[bB]\b"):
        read([0.1, "much", 0.2], [0.2, 0.3, 0.4])


def test_answers_that_cannot_be_compared_are_refused():
    with pytest.raises(DataError, match=r"\bthe outcome\b"):
        read_answers(pd.Series([["<10%"], ["10-25%"]], name="abroad"))
