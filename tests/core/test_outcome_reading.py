"""What outcomes may be, at each of their bounds: numbers, levels, durations; and columns of every make as numbers."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, FormulaError, OutcomeError
from exportmodels.core.frames import (
    column,
    column_of_numbers,
    distinct,
    listed,
    matrix_of,
    natural,
    numbered,
    numbers,
    plain,
    refuse_extremes,
    series_of,
    to_pandas,
)
from exportmodels.core.levels import Choice, Ordered, Picks
from exportmodels.core.outcomes import Amount, Binary, Count, Duration, Share

LABELS = pd.Index(list("pqr"))


def read(kind, values, name="y"):
    return kind.read(values, name, LABELS[: len(values)])


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (Binary(), [0, 1, 1], [0, 1, 1]),
        (Binary(), [True, False, True], [1, 0, 1]),
        (Binary(), np.array([True, False, None], dtype=object)[[0, 1, 0]], [1, 0, 1]),
        (Binary(), ["no", "yes", "no"], [0, 1, 0]),
        (Binary(), pd.Categorical(["b", "a", "b"], categories=["b", "a"]), [0, 1, 0]),
        (Share(), [0, 0.5, 1], [0, 0.5, 1]),
        (Amount(), [0, 0, 1e-9], [0, 0, 1e-9]),
        (Count(), [0, 5, 2**53], [0, 5, 2.0**53]),
        (Count(at_least=1, at_most=5), [1, 3, 5], [1, 3, 5]),
        (Duration(), [0, 0.5, 7], [0, 0.5, 7]),
        (Picks(), [0, 1, 0], [0, 1, 0]),
        (Choice(levels=("a", "b")), ["b", "a", "b"], [1, 0, 1]),
        (Ordered(levels=(1, 2, 5)), [5, 1, 2], [2, 0, 1]),
    ],
)
def test_what_can_be_read(kind, values, expected):
    found = read(kind, values)
    assert found.dtype == float
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (Binary(), [0, 2, 1], "outcome 'y' must be 0 or 1; row q holds 2"),
        (Binary(), [1, 1, 1], "one class only: every row is 1"),
        (Binary(), ["a", "b", "c"], "must have two levels; it has 3: a, b, c"),
        (Binary(), pd.Categorical(["a", "a", "a"]), "must have two levels; it has 1"),
        (Binary(), ["a", "a", "a"], "two levels; it has 1"),
        (Share(), [0.2, 1.5, -1], r"between 0 and 1 \(percentages\? divide by 100\); rows q, r hold 1.5"),
        (Share(), [0.2, 100, 0], r"percentages\? divide by 100"),
        (Share(), [0.2, 101, 0], "between 0 and 1; row q holds 101"),
        (Share(), [0.2, -0.1, 0], "between 0 and 1; row q holds -0.1"),
        (Share(), [1.0, -0.1, 0], "between 0 and 1; row q holds -0.1"),
        (Binary(), [1], "one class only"),
        (Share(), [0.2, 0.2, 0.2], "does not vary: every share is 0.2"),
        (Share(), ["a", "b", "c"], "outcome 'y' must be numeric"),
        (Amount(), [1, -1e-9, 1], "must not be negative; row q holds -1e-09"),
        (Amount(), [0, 0, 0], "zero in every row"),
        (Count(), [1, 1.5, 1], "must be whole numbers; row q holds 1.5"),
        (Count(), [1, 2.0**54, 1], "of which a float knows each; row q"),
        (Count(at_least=1), [1, 0, 1], "must be at least 1; row q holds 0"),
        (Count(at_most=5), [1, 6, 1], "must be at most 5; row q holds 6"),
        (Duration(), [1, -1, 1], "must not be negative; row q holds -1"),
        (Duration(), [1, np.inf, 1], "must be finite; row q holds inf"),
        (Picks(), [1, 1, 1], "one class only"),
        (Choice(levels=("a", "b")), ["a", "c", "b"], "must be one of a, b; row q holds 'c'"),
        (Choice(levels=("a",)), ["a", "a", "a"], "one class only: every row is a"),
        (Choice(levels=("a", "b", "c")), ["a", "b", "a"], "levels that no complete row holds: c; drop them"),
        (Ordered(levels=(1.0, 2.5, 3.0)), [1.0, 2.5, 2.5], "no complete row holds: 3;"),
    ],
)
def test_what_cannot_be_read(kind, values, said):
    with pytest.raises(OutcomeError, match=said) as error:
        read(kind, values)
    assert str(error.value).startswith("outcome 'y' ")


@pytest.mark.parametrize("kind", [Binary(), Share(), Amount(), Count(), Duration()])
def test_cells_of_outcomes_that_are_no_numbers(kind):
    for value, said in (("many", "numeric; row q holds 'many'"), (np.inf, "finite; row q holds inf")):
        if kind == Binary() and value == "many":
            continue  # a level
        with pytest.raises(OutcomeError, match=f"outcome 'y' must be {said}"):
            read(kind, [1, value, 0])


def test_levels_of_several_types():
    """Numbers and texts beside each other are levels in the order of their texts; true and false alone are none."""
    assert Binary.levels(pd.Series([2, "a", 2], dtype=object)) == [2, "a"]
    assert Binary.levels(pd.Series([True, False], dtype=object)) is None
    assert Binary.levels(pd.Series([True], dtype=object)) is None
    assert Binary.levels(pd.Series([True, "no"], dtype=object)) == [True, "no"]
    assert Binary.levels(pd.Series([0, 1])) is Binary.levels(pd.Series([True, False])) is None


@pytest.mark.parametrize("kind", [Binary(), Share(), Picks()])
def test_draws_without_variation_say_nothing(kind):
    assert not kind.estimable(np.ones(3)) and not kind.estimable(np.zeros(3))
    assert kind.estimable(np.array([0.0, 1.0]))


def test_draws_of_other_outcomes():
    assert Amount().estimable(np.array([0.0, 1.0])) and not Amount().estimable(np.zeros(3))
    assert Count().estimable(np.zeros(3))
    assert Choice(levels=("a", "b", "c")).estimable(np.array([2.0, 0, 1, 1]))
    assert not Choice(levels=("a", "b", "c")).estimable(np.array([2.0, 0, 0]))


def test_events_and_entries():
    duration = np.array([3.0, 0.0, 2.0])
    with pytest.raises(OutcomeError, match="'entry' must lie before"):
        Duration.read_entry([3.0, 0, 0], duration, LABELS)
    for reading in (Duration.read_event, lambda values, labels: Duration.read_entry(values, duration, labels)):
        with pytest.raises(OutcomeError, match=r"outcome '(event|entry)' must be numeric; row q holds 'many'"):
            reading([1, "many", 0], LABELS)
    np.testing.assert_array_equal(Duration.read_event([1, 0, True], LABELS), [1, 0, 1])
    np.testing.assert_array_equal(Duration.read_entry([2.5, 0, 0], duration, LABELS), [2.5, 0, 0])
    np.testing.assert_array_equal(Duration.read_entry([3, 0, 2], duration, LABELS, strictly=False), [3, 0, 2])
    for values, strictly, said in (
        ([3.0, 0, 0], True, "entry' must lie before the end of the duration; row p holds 3"),
        ([4.0, 0, 0], False, "must lie before the end of the duration; row p holds 4"),
        ([0, 1, 0], True, "row q holds 1"),
        ([0, -1, 0], True, "outcome 'entry' must not be negative; row q"),
    ):
        with pytest.raises(OutcomeError, match=said):
            Duration.read_entry(values, duration, LABELS, strictly=strictly)
    for event, said in (([0, 2, 1], "outcome 'event' must be 0 or 1; row q"), ([0, 0, 0], "no events")):
        with pytest.raises(OutcomeError, match=said):
            Duration.read_event(event, LABELS)


def test_levels_in_their_order():
    assert Choice.of(["b", "a", None, "b"]).levels == ("a", "b")
    assert Choice.of([10, 9, 2.5]).levels == (2.5, 9, 10)
    assert Choice.of(np.array([10, "9", 2, "a"], dtype=object)).levels == (2, 10, "9", "a")
    assert Choice.of(pd.Categorical(["b", "a"], categories=["b", "a", "c"])).levels == ("b", "a", "c")
    scale = pd.Categorical(["small", "large"], categories=["small", "large"], ordered=True)
    for values in (scale, pd.Series(scale), pd.CategoricalIndex(scale)):
        assert Ordered.of(values).levels == Choice.of(values).levels == ("small", "large")
        np.testing.assert_array_equal(read(Ordered.of(values), values), [0, 1])
    assert Ordered.of([3, 1, 2, 1]).levels == (1, 2, 3)
    assert Ordered.of(pd.Series(pd.Categorical(["x"], categories=["z", "x"], ordered=True))).levels == ("z", "x")
    assert Ordered.of([True, False]).levels == (False, True)
    for values in (["a", "b"], pd.Series(pd.Categorical(["a", "b"])), [1, "b"]):
        with pytest.raises(OutcomeError, match="have no order"):
            Ordered.of(values)
    assert Choice(levels=(1.0, 2.5, "x")).names == ("1", "2.5", "x")


# Columns and frames


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([True, False, True], [1, 0, 1]),
        (["1", "2.5", "3"], [1, 2.5, 3]),
        (pd.Categorical([5, 1, 5]), [5, 1, 5]),
        (pd.array([1, 2, 3], dtype="Int64"), [1, 2, 3]),
        (pd.array([1, None, 3], dtype="Int64"), [1, np.nan, 3]),
        (pd.array([True, False, None], dtype="boolean"), [1, 0, np.nan]),
        ([None, 2, 3], [np.nan, 2, 3]),
        ([2**70, 1, 2], [2.0**70, 1, 2]),
        (np.array([[1.0], [2.0], [3.0]]), [1, 2, 3]),
        (np.array([True, "2", None], dtype=object), [1, 2, np.nan]),
    ],
)
def test_columns_that_are_numbers(values, expected):
    found = numbers(values, "x", LABELS, finite=False)
    assert found.dtype == float
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["1", "many", "3"], "x must be numeric; row q holds 'many'"),
        (pd.to_datetime(["2009", "2010", "2011"]), "x must be numeric; it holds datetime64"),
        ([1j, 2, 3], "it holds complex128"),
        (np.array([1, 2j, 3], dtype=object), "x must be numeric; row q holds 2j"),
        ([1, 10**400, 3], "x must be numeric; row q holds 1000"),
        ([1, [2], 3], "one column of values; its rows have different lengths"),
        ([1, np.inf, 2], "x must be finite; row q holds inf"),
        ([1, np.nan, 2], "x must be finite; row q holds nan"),
        ([1, 2, -1e101], "lie within 1e100 of zero: rescale it; row r holds -1e[+]101"),
        (np.ones((3, 2)), "must have one dimension; it has 2"),
        (np.zeros(3, dtype=[("a", float)]), "not of records"),
    ],
)
def test_columns_that_are_none(values, said):
    with pytest.raises(DataError, match=said):
        numbers(values, "x", LABELS)
    with pytest.raises(DataError, match=said.replace("row q", "row 1").replace("row r", "row 2")):
        column_of_numbers(values, "x")


def test_extremes():
    refuse_extremes(np.array([1e100, -1e100]), "x", LABELS)
    refuse_extremes(np.array([]), "x", LABELS)
    np.testing.assert_array_equal(column_of_numbers([1, np.inf], "x", finite=False), [1, np.inf])


def test_series_of_any_make():
    named = pd.Series([1, 2], name="age")
    assert series_of(named, "x") is named
    assert series_of(pd.Series([1, 2]), "x").name == series_of([1, 2], "x").name == "x"

    class Foreign:
        def to_pandas(self):
            return pd.Series([5, 6])

    assert series_of(Foreign(), "x").tolist() == [5, 6] and series_of(Foreign(), "x").name == "x"


def test_plain_types():
    assert plain(pd.Series([1, 2], dtype="Int64")).dtype == float
    assert plain(pd.Series([True, False], dtype="boolean")).dtype == bool
    mixed = plain(pd.Series([True, None], dtype="boolean", name="b", index=["u", "v"]))
    assert mixed.dtype == object and mixed.name == "b" and list(mixed.index) == ["u", "v"]
    floats = plain(pd.Series([1, None], dtype="Int64", name="i", index=["u", "v"]))
    assert floats.name == "i" and list(floats.index) == ["u", "v"] and np.isnan(floats.iloc[1])
    category = pd.Series(pd.Categorical(["a"]))
    assert plain(category) is category


def test_levels_are_numbered():
    code, levels = numbered(np.array([10, 9, "b", 10, "a", None], dtype=object))
    assert (code.tolist(), levels) == ([1, 0, 3, 1, 2, -1], [9, 10, "a", "b"])
    assert sorted([3, "10", 2.5, "9", np.int64(1)], key=natural) == [1, 2.5, 3, "10", "9"]
    assert distinct(pd.Series([2, None, 1, 2]), "x") == [2, 1]
    with pytest.raises(DataError, match="one value in a cell; row 1 holds several"):
        distinct(pd.Series([2, [1], 3], dtype=object), "x")


def test_frames_and_matrices():
    frame = pd.DataFrame({"a": [1, 2]})
    assert to_pandas(frame) is frame
    assert to_pandas({"a": [1, 2]}).equals(frame)
    for data, said in (
        ([1, 2], "data is a list; give a data frame"),
        ({"a": [1, 2], "b": [1]}, "no data frame"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns named 'a'"),
    ):
        with pytest.raises(DataError, match=said):
            to_pandas(data)
    assert matrix_of([[1, 2]], "x").dtype == float and matrix_of([1, 2], "x").ndim == 1
    for values, said in (
        (["a"], "x must be numbers"),
        (np.ones((1, 1, 1)), "they have 3 dimensions"),
        (3.0, "0 dimen"),
    ):
        with pytest.raises(DataError, match=said):
            matrix_of(values, "x")
    assert column(frame, "a", "by").tolist() == [1, 2]
    with pytest.raises(FormulaError, match="by names the column 'b', which the data do not have; they have: a"):
        column(frame, "b", "by")
    assert listed(range(12)) == ", ".join(map(str, range(12)))
    assert listed(range(14)).endswith("10, 11 and 2 more") and listed("abc", 2) == "a, b and 1 more"
