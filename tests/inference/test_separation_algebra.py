"""Separation against all directions of small data: points on a line and in a plane, by hand and on a fine circle."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.design import Design
from exportmodels.core.errors import DataError, OptionError, OutcomeError, SeparationError
from exportmodels.inference import detect_separation
from exportmodels.inference.separation import Separation, recession, refuse_separation

ONE = np.ones(6)
X = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
LINE = [
    ([0, 0, 0, 1, 1, 1], True, True, {"one": "-", "x": "+"}),
    ([1, 1, 1, 0, 0, 0], True, True, {"one": "+", "x": "-"}),
    ([0, 0, 1, 0, 1, 1], False, False, {}),
    ([1, 0, 0, 0, 0, 1], False, False, {}),
    ([0, 0, 0, 0, 0, 0], True, True, {"one": "-"}),
]


@pytest.mark.parametrize(("y", "separated", "complete", "signs"), LINE)
@pytest.mark.parametrize("unit", [1.0, 1e8, 1e-8])
def test_points_on_a_line(y, separated, complete, signs, unit):
    found = detect_separation(y, pd.DataFrame({"one": ONE, "x": X * unit}))
    assert (found.separated, found.complete) == (separated, complete)
    assert signs.items() <= {name: "+" if sign > 0 else "-" for name, sign in found.directions.items()}.items()
    assert set(found.directions.values()) <= {-1.0, 1.0}


def test_ties_make_it_quasi_complete():
    found = detect_separation([0, 0, 1, 0, 1, 1], np.column_stack([ONE, [1, 2, 3, 3, 4, 5]]), ["one", "x"])
    assert (found.separated, found.complete) == (True, False)
    assert found.directions == {"one": -1.0, "x": 1.0}
    assert str(found) == "The outcome 'outcome' is separated up to ties (quasi-completely) by 'one' (-), 'x' (+)."


def test_a_level_without_variation_is_the_only_infinite_column():
    """Firms with a licence all export; the others do or do not, whatever their age."""
    licence, age = np.array([1, 1, 0, 0, 0, 0.0]), np.array([2, 7, 1, 2, 3, 4.0])
    found = detect_separation([1, 1, 1, 0, 1, 0], {"one": ONE, "age": age, "licence": licence})
    assert (found.separated, found.complete, found.directions) == (True, False, {"licence": 1.0})
    assert found.sentence("export") == (
        "The outcome 'export' is separated up to ties (quasi-completely) by 'licence' (+)."
    )
    assert str(Separation(False, False, {})) == "No combination of the covariates separates 'outcome'."
    assert "separated completely by 'x' (-)" in Separation(True, True, {"x": -1.0}).sentence("y")


def rays(contrasts):
    """All directions in the plane that could bound or span those in which no contrast falls, in whole numbers."""
    turned = contrasts[:, ::-1] * [-1, 1]
    candidates = np.vstack([turned, -turned, contrasts, [[1, 0], [-1, 0], [0, 1], [0, -1]]])
    return candidates[(candidates @ contrasts.T >= 0).all(axis=1) & candidates.any(axis=1)]


@pytest.mark.parametrize("seed", range(40))
def test_against_all_directions_of_the_plane(seed):
    """Random contrasts of two coefficients, in whole numbers, against all edges of a cone."""
    rng = np.random.default_rng(seed)
    contrasts = rng.integers(-3, 4, (int(rng.integers(1, 6)), 2))
    ways = rays(contrasts)
    rising = ways[(ways @ contrasts.T > 0).any(axis=1)]
    found = recession(contrasts.astype(float), ["a", "b"])
    assert found.separated == (len(rising) > 0)
    assert found.complete == (contrasts @ rising.sum(axis=0) > 0).all()
    signs = np.sign(rising).T.tolist()
    for own, name in zip(signs, "ab", strict=True):
        assert found.directions.get(name, 0.0) in ({*own, 0.0} if found.separated else {0.0})
    assert found.separated == bool(found.directions)


def test_a_likelihood_of_both_sides():
    """Rows between, such as shares, hold both ways; a column of zeros is no direction."""
    design = Design(np.column_stack([ONE, X, 0 * X]), ("one", "x", "none"))
    up = np.array([False, False, False, True, True, True])
    with pytest.raises(
        SeparationError, match=r"'y' is separated completely by .*'x' \(\+\)\. All is one along it"
    ) as e:
        refuse_separation(design, up, ~up, "y", "All is one")
    assert "none" not in str(e.value)
    refuse_separation(design, up | (X == 1), ~up, "y", "All is one")
    refuse_separation(design, up, ~up | (X == 6), "y", "All is one")


def test_many_rows_and_copies_change_nothing():
    y, x = np.tile([0, 0, 1, 0, 1, 1], 500), np.tile(X, 500)
    assert not detect_separation(y, np.column_stack([np.ones(3000), x])).separated
    some = detect_separation(np.r_[y, 1], np.column_stack([np.ones(3001), np.r_[x, 2.0], np.r_[0 * x, 1.0]]))
    assert (some.separated, some.complete, some.directions) == (True, False, {"x3": 1.0})


def test_what_has_no_answer():
    for y, x, names, error, said in (
        ([0, 1], X, None, DataError, "a row for each of the 2 outcomes"),
        ([0, 1], np.ones((3, 1)), None, DataError, r"its shape is \(3, 1\)"),
        ([0, 1], np.ones((2, 0)), None, DataError, "and columns"),
        ([0, 2], np.ones((2, 1)), None, OutcomeError, "0 or 1"),
        ([0, 1], np.ones((2, 2)), ["a"], OptionError, "1 for 2 columns"),
        ([0, 1], np.array([[1.0], [1e200]]), ["big"], DataError, "big"),
    ):
        with pytest.raises(error, match=said):
            detect_separation(y, x, names)
