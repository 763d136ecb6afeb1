"""Which rows a model sees: missing values, weights and frequencies, labels of several makes, columns given later."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, FormulaError, OptionError, WeightError
from exportmodels.core.outcomes import Count, Duration
from exportmodels.core.sample import Sample, _weight, collect, tabular
from exportmodels.core.terms import Terms

NAN = np.nan
FIRMS = pd.DataFrame(
    {
        "markets": [3, 0, 5, 1, 2, 4, 7, 0.0],
        "age": [4, NAN, 2, 8, 6, 1, 3, 5],
        "rd": [0.1, 0.2, 0.3, 0.4, NAN, 0.0, 0.7, 0.9],
        "copies": [1, 2, 1, 3, 1, 0, 2, 1],
        "weight": [0.5, 1, 2, 1, 1, 1, 4, 1.5],
        "shift": [0.0, 1, 2, 3, 4, 5, 6, NAN],
    },
    index=list("abcdefgh"),
)
ROWS = FIRMS.index


def sample(rows=FIRMS, **options):
    equations = options.pop("equations", {"": Terms("age", rows)})
    return collect(rows["markets"], equations, Count(), **{"columns": {}, "absorbed": False, **options})


def test_rows_with_anything_missing_go():
    """Row b has no age, e no spending, h no offset, and f stands for no firm."""
    found = sample(
        equations={"": Terms("age", FIRMS), "scale": FIRMS[["rd"]]},
        frequency=FIRMS["copies"],
        weights=FIRMS["weight"],
        offset=FIRMS["shift"],
        columns={"region": pd.Series(list("xyxyxyxy"), index=ROWS)},
    )
    assert list(found.labels) == list("acdg")
    assert found.used.tolist() == [letter in "acdg" for letter in "abcdefgh"]
    np.testing.assert_array_equal(found.outcome, [3, 5, 1, 7])
    np.testing.assert_array_equal(found.frequency, [1, 1, 3, 2])
    np.testing.assert_array_equal(found.weights, [0.5, 2, 1, 4])
    np.testing.assert_array_equal(found.offset, [0, 2, 3, 6])
    np.testing.assert_array_equal(found.columns["region"], ["x", "x", "y", "x"])
    np.testing.assert_array_equal(found.designs[""].matrix, [[1, 4], [1, 2], [1, 8], [1, 3]])
    np.testing.assert_array_equal(found.designs["scale"].matrix, [[0.1], [0.3], [0.4], [0.7]])
    np.testing.assert_array_equal(found.total_weight, [0.5, 2, 3, 8])
    assert (found.nobs, found.missing, found.width, found.name) == (7, 4, 3, "markets")


def test_nothing_given_is_nothing():
    found = sample()
    assert found.frequency is found.weights is found.offset is found.total_weight is None
    assert (found.nobs, found.missing, found.columns) == (7, 1, {})
    whole = sample(equations={"": FIRMS[["copies"]]})
    assert whole.used.all() and whole.missing == 0 and whole.nobs == 8


def test_rows_without_a_weight_go():
    found = sample(frequency=[1, 1, 1, 1, 1, 1, 1, NAN], weights=[NAN, *[1.0] * 7])
    assert list(found.labels) == list("cdefg")
    assert found.total_weight.tolist() == [1.0] * 5


def test_one_kind_of_weight():
    counted, weighted = sample(frequency=FIRMS["copies"]), sample(weights=FIRMS["weight"])
    np.testing.assert_array_equal(counted.total_weight, [1, 1, 3, 1, 2, 1])
    assert (counted.nobs, counted.missing) == (9, 2)
    np.testing.assert_array_equal(weighted.total_weight, [0.5, 2, 1, 1, 1, 4, 1.5])
    assert weighted.nobs == 7


@pytest.mark.parametrize("counts", [None, FIRMS["copies"]])
def test_weights_of_mean_one(counts):
    found = sample(weights=FIRMS["weight"], frequency=counts)
    copies = np.ones(len(found.labels)) if counts is None else found.frequency
    np.testing.assert_allclose(copies @ found.mean_one().weights / copies.sum(), 1.0, rtol=1e-14)
    some = np.arange(len(copies)) < 3
    part = found.mean_one(some)
    np.testing.assert_allclose(copies[some] @ part.weights[some] / copies[some].sum(), 1.0, rtol=1e-14)
    np.testing.assert_allclose(part.weights / found.weights, part.weights[0] / found.weights[0], rtol=1e-14)
    assert sample().mean_one().weights is None


def test_other_frequencies():
    found = sample(
        frequency=FIRMS["copies"], weights=FIRMS["weight"], offset=FIRMS["shift"],
        columns={"year": pd.Series(range(8), index=ROWS)},
    )  # fmt: skip
    drawn = found.reweighted(np.array([2.0, 0, 1, 0, 5])[: len(found.labels)])
    assert list(drawn.labels) == ["a", "d", "g"]
    np.testing.assert_array_equal(drawn.frequency, [2, 1, 5])
    np.testing.assert_array_equal(drawn.weights, [0.5, 1, 4])
    np.testing.assert_array_equal(drawn.offset, [0, 3, 6])
    np.testing.assert_array_equal(drawn.outcome, [3, 1, 7])
    np.testing.assert_array_equal(drawn.columns["year"], [0, 3, 6])
    np.testing.assert_array_equal(drawn.designs[""].matrix, [[1, 4], [1, 8], [1, 3]])
    assert (drawn.nobs, drawn.name, drawn.used.tolist()) == (8, "markets", [True, False, True, False, True])
    bare = sample().reweighted(np.arange(7.0))
    assert bare.weights is bare.offset is None and bare.nobs == 21


def test_columns_given_later():
    found = sample()
    region = pd.Series(list("xyzxyzxy"), index=ROWS, name="region")
    for values in (region, region.to_numpy(), region.drop("b"), region.drop("b").tolist(), region.set_axis(range(8))):
        assert found.align(values, "clusters", None).tolist() == list("xzxyzxy")
    assert found.align("region", "clusters", FIRMS.assign(region=region)).tolist() == list("xzxyzxy")
    assert found.align(np.arange(8), "clusters", None).tolist() == [0, 2, 3, 4, 5, 6, 7]
    gone = region.mask(ROWS == "b")
    assert found.align(gone, "clusters", None).tolist() == list("xzxyzxy")
    for values, frame, error, said in (
        ("region", None, OptionError, "clusters='region' names a column, but the model was built from arrays"),
        ("region", FIRMS, FormulaError, "clusters names the column 'region'"),
        (region[:5], None, DataError, "clusters has 5 rows, the data 8"),
        (region.mask(ROWS == "d"), None, DataError, "clusters is missing in row d"),
        (pd.Series([[1], *range(7)], index=ROWS), None, DataError, "clusters must hold one value in a cell; row a"),
    ):
        with pytest.raises(error, match=said):
            found.align(values, "clusters", frame)


def test_what_is_refused():
    two = {"": Terms("age", FIRMS), "scale": FIRMS["rd"]}
    for options, error, said in (
        ({"missing": "keep"}, OptionError, "'drop' or 'raise', not 'keep'"),
        ({"missing": "raise"}, DataError, "values are missing in row b"),
        ({"missing": "raise", "equations": two}, DataError, "missing in rows b, e"),
        ({"weights": FIRMS["weight"][:5]}, DataError, "weights must have as many rows as the outcome: 5 against 8"),
        ({"equations": {"": FIRMS[["age"]][:6]}}, DataError, "the covariates must have as many rows .* 6 against 8"),
        ({"equations": {**two, "scale": FIRMS["rd"][:6]}}, DataError, r"the covariates of \[scale\] must"),
        ({"offset": FIRMS["shift"].set_axis(list("hgfedcba"))}, DataError, "offset and the outcome have different row"),
        ({"offset": ["a"] * 8}, DataError, "offset must be numeric"),
        ({"offset": [np.inf] * 8}, DataError, "offset must be finite"),
        ({"weights": [NAN] * 8}, DataError, "all 8 rows miss"),
        ({"frequency": [0] * 8}, DataError, "no complete row is left"),
        ({"columns": {"region": [[1], *"bcdefgh"]}}, DataError, "region must"),
        (
            {"columns": {"region": pd.Series([[1], *"bcdefgh"])}},
            DataError,
            "region must hold one value in a cell; row 0",
        ),
        ({"frequency": [1, 1, 1, 1.5, 1, 1, 1, 1]}, WeightError, "frequency must be whole numbers .*; row d holds 1.5"),
        ({"weights": [1, 1, 1, -1.5, 1, 1, 1, 1]}, WeightError, "weights must not be negative; row d holds -1.5"),
    ):
        with pytest.raises(error, match=said):
            sample(**options)
    assert sample(missing="raise", equations={"": FIRMS[["copies"]]}).used.all()


@pytest.mark.parametrize("strict", ["drop", "raise"])
def test_arrays_take_the_labels_of_others(strict):
    found = collect(
        FIRMS["markets"].to_numpy(), {"": FIRMS[["copies", "weight"]].to_numpy()}, Count(), columns={}, absorbed=True,
        offset=pd.Series(np.arange(8.0), index=ROWS), missing=strict,
    )  # fmt: skip
    assert list(found.labels) == list(ROWS) and found.name == "y"
    assert found.designs[""].absorbed
    assert collect([1.0, 2, 3], {"": [[1.0], [2], [4]]}, Count(), columns={}, absorbed=False).labels.tolist() == [
        0,
        1,
        2,
    ]


def test_missing_in_arrays_and_in_outcomes_of_two_columns():
    matrix = FIRMS[["age", "rd"]].to_numpy()
    found = collect(FIRMS["markets"], {"": matrix}, Count(), columns={}, absorbed=False)
    assert list(found.labels) == list("acdfgh")
    single = collect(FIRMS["markets"], {"": FIRMS["age"].to_numpy()}, Count(), columns={}, absorbed=False)
    assert list(single.labels) == list("acdefgh")

    class Pair(Count):
        def read(self, values, name, labels):
            assert name == "low, high" and values.index.equals(labels)
            return values.to_numpy()

    pair = pd.DataFrame({"low": [1, 2, NAN, 4, 5, 6, 7, 8], "high": [2, 3, 4, NAN, 6, 7, 8, 9]}, index=ROWS)
    found = collect(pair, {"": FIRMS[["copies"]]}, Pair(), columns={}, absorbed=False)
    assert list(found.labels) == list("abefgh") and found.outcome.shape == (6, 2)


def test_where_intercepts_are_elsewhere():
    equations = {"": Terms("age", FIRMS), "scale": Terms("copies", FIRMS), "shape": Terms("copies", FIRMS)}
    found = sample(equations=equations, absorbed=True, anchored=("shape",))
    options = {name: (one.absorbed, one.anchored) for name, one in found.designs.items()}
    assert options == {"": (True, False), "scale": (False, False), "shape": (False, True)}
    assert found.designs["scale"].names == ("Intercept", "copies") and found.designs["shape"].names == ("copies",)
    with pytest.raises(DataError, match=r"of the equation \[scale\]"):
        sample(equations={"": Terms("age", FIRMS), "scale": FIRMS[["copies", "copies"]].set_axis(["p", "q"], axis=1)})


@pytest.mark.parametrize(
    ("role", "value", "said"),
    [
        ("frequency", NAN, "must be finite"),
        ("frequency", -1.0, "must not be negative"),
        ("frequency", 1.5, r"must be whole numbers \(sampling weights go into weights=\)"),
        ("frequency", 2.0**60, "must be numbers of firms"),
        ("weights", np.inf, "must be finite"),
        ("weights", -1.0, "must not be negative"),
        ("weights", 0.0, "must be positive; leave rows of weight zero out"),
        ("weights", 1e-101, "must lie between 1e-100 and 1e100"),
        ("weights", 1e101, "must lie between 1e-100 and 1e100"),
    ],
)
def test_weights_that_cannot_be(role, value, said):
    gone = np.array([False, False, True])
    with pytest.raises(WeightError, match=f"{role} {said}; row q holds"):
        _weight(pd.Series([1.0, value, 2.0]), role, pd.Index(list("pqr")), gone)
    found = _weight(pd.Series([1.0, 2.0, value]), role, pd.Index(list("pqr")), gone)
    assert found.tolist() == [1.0, 2.0, 0.0 if role == "frequency" else 1.0]


def test_weights_at_the_ends_of_what_can_be():
    labels, none = pd.Index(list("pqr")), np.zeros(3, dtype=bool)
    assert _weight(pd.Series([0, 1, 2**53]), "frequency", labels, none).tolist() == [0, 1, 2.0**53]
    assert _weight(pd.Series([1e-100, 1, 1e100]), "weights", labels, none).tolist() == [1e-100, 1, 1e100]
    assert _weight(None, "weights", labels, none) is None
    with pytest.raises(WeightError, match="weights must be numeric"):
        _weight(pd.Series(["a", "b", "c"]), "weights", labels, none)


def test_covariates_of_any_make():
    terms = Terms("age", FIRMS)
    assert tabular(terms, "") is terms
    assert list(tabular(FIRMS["age"], "").columns) == ["age"]
    assert tabular(FIRMS, "") is FIRMS
    assert list(tabular({"age": [1, 2]}, "").columns) == ["age"]
    assert tabular([[1, 2], [3, 4]], "").dtype == float
    for name, said in (("", "the covariates must be numbers"), ("scale", r"the covariates of \[scale\] must be")):
        with pytest.raises(DataError, match=said):
            tabular(["a"], name)


def test_a_sample_of_durations_keeps_its_columns():
    columns = {"event": [1, 0, 1, 1], "entry": None}
    found = collect([1.0, 2, 3, 4], {"": [[1.0], [2], [4], [3]]}, Duration(), absorbed=True, columns=columns)
    assert isinstance(found, Sample) and list(found.columns) == ["event"]
