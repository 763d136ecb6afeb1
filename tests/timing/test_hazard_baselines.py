"""Duration dependence: which years are merged, and polynomials, logarithms and splines of the year by other means."""

import numpy as np
import pytest
from scipy.interpolate import BSpline, CubicSpline

from exportmodels.core.errors import DataError, OptionError
from exportmodels.timing.discrete_hazard_baselines import BASELINES, build_baseline

AT_RISK = np.array([100.0, 80, 60, 50, 40, 30, 20, 10, 6, 3])
EVENTS = np.array([10.0, 12, 8, 5, 4, 3, 2, 1, 1, 1])
YEARS = np.arange(10.0)


def names_of(at_risk, events):
    return build_baseline("dummies", np.array(at_risk, dtype=float), np.array(events, dtype=float))


@pytest.mark.parametrize(
    ("at_risk", "events", "names", "merged"),
    [
        ([9, 7, 4], [2, 3, 1], ["t=0", "t=1", "t=2"], None),
        ([9, 7, 4], [2, 0, 1], ["t=0", "t=1-2"], "t=1-2"),
        ([9, 7, 4], [0, 0, 1], ["t=0-2"], "t=0-2"),
        ([9, 7, 4], [2, 3, 4], ["t=0", "t=1-2"], "t=1-2"),
        ([9, 7, 4, 2, 2], [2, 0, 1, 0, 2], ["t=0", "t=1-2", "t=3-4"], "t=1-2, t=3-4"),
        ([9, 7, 4, 2, 2], [2, 0, 1, 0, 0], ["t=0", "t=1-4"], "t=1-4"),
        ([9, 7, 5, 4, 2], [2, 1, 1, 0, 0], ["t=0", "t=1", "t=2-4"], "t=2-4"),
        ([0, 0, 4, 2], [0, 0, 1, 1], ["t=0-2", "t=3"], "t=0-2"),
    ],
)
def test_years_in_which_no_firm_or_every_firm_has_the_event_are_merged(at_risk, events, names, merged):
    baseline = names_of(at_risk, events)
    assert list(baseline.names) == names
    ranges = [[int(year) for year in name[2:].split("-")] for name in names]
    own = np.array([[r[0] <= t <= r[-1] for r in ranges] for t in range(len(events))], dtype=float)
    np.testing.assert_array_equal(baseline.matrix, own)
    np.testing.assert_array_equal(baseline.matrix @ baseline.constant, np.ones(len(events)))
    assert baseline.periods == len(events)
    assert [note.rsplit("year: ", 1)[1] for note in baseline.notes] == ([] if merged is None else [f"{merged}."])


def test_a_sample_in_which_all_have_the_event_at_once_has_no_hazard():
    with pytest.raises(DataError, match="first year at risk"):
        names_of([5, 3], [5, 3])


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("log", {"Intercept": np.ones(10), "log(t+1)": np.log(YEARS + 1)}),
        ("linear", {"Intercept": np.ones(10), "t": YEARS}),
        ("quadratic", {"Intercept": np.ones(10), "t": YEARS, "t^2": YEARS**2}),
        ("cubic", {"Intercept": np.ones(10), "t": YEARS, "t^2": YEARS**2, "t^3": YEARS**3}),
        (0, {"Intercept": np.ones(10)}),
        (4, {"Intercept": np.ones(10), "t": YEARS, "t^2": YEARS**2, "t^3": YEARS**3, "t^4": YEARS**4}),
    ],
)
def test_functions_of_the_year(kind, columns):
    baseline = build_baseline(kind, AT_RISK, EVENTS)
    assert list(baseline.names) == list(columns)
    np.testing.assert_allclose(baseline.matrix, np.column_stack(list(columns.values())), rtol=1e-14)
    np.testing.assert_array_equal(baseline.constant, np.eye(len(columns))[0])
    assert baseline.notes == []


# Events by year: 10, 22, 30, 35, 39, 42, 44, 45, 46, 47 of 47 so far; quarters are reached in years 1, 2 and 4.
@pytest.mark.parametrize(("knots", "inner"), [(None, [1.0, 2.0, 4.0]), ([2.5, 6.0], [2.5, 6.0])])
def test_splines(knots, inner):
    own = build_baseline("spline", AT_RISK, EVENTS, knots)
    ends = np.r_[[0.0] * 4, inner, [9.0] * 4]
    exact = np.column_stack([BSpline(ends, row, 3)(YEARS) for row in np.eye(len(inner) + 4)])
    np.testing.assert_allclose(own.matrix, exact, atol=1e-12)
    assert own.names == tuple(f"bs(t)[{k}]" for k in range(len(inner) + 4))
    natural = build_baseline("natural", AT_RISK, EVENTS, knots)
    places = np.r_[0.0, inner, 9.0]
    exact = np.column_stack([CubicSpline(places, row, bc_type="natural")(YEARS) for row in np.eye(len(places))])
    np.testing.assert_allclose(natural.matrix, exact, atol=1e-12)
    assert natural.names == tuple(f"cr(t)[{k}]" for k in range(len(places)))
    for baseline in (own, natural):
        np.testing.assert_allclose(baseline.matrix @ baseline.constant, np.ones(10), rtol=1e-12)


def test_a_spline_lies_between_the_first_and_the_last_year_at_risk():
    at_risk, events = np.r_[0.0, 0.0, AT_RISK, 0.0], np.r_[0.0, 0.0, EVENTS, 0.0]
    for kind in ("spline", "natural"):
        whole, late = build_baseline(kind, AT_RISK, EVENTS).matrix, build_baseline(kind, at_risk, events).matrix
        np.testing.assert_allclose(late[2:-1], whole, atol=1e-12)
        np.testing.assert_allclose(late[[0, 1, -1]], whole[[0, 0, -1]], atol=1e-12)


def test_quartiles_at_the_ends_are_no_inner_knots():
    """Half of the events in year 0, the rest in years 5 and 9: quartiles are 0, 0 and 5."""
    events = np.array([20.0, 0, 0, 0, 0, 10, 0, 0, 0, 10])
    assert build_baseline("natural", AT_RISK, events).names == ("cr(t)[0]", "cr(t)[1]", "cr(t)[2]")
    exact = CubicSpline([0.0, 5.0, 9.0], [0.0, 1.0, 0.0], bc_type="natural")(YEARS)
    np.testing.assert_allclose(build_baseline("natural", AT_RISK, events).matrix[:, 1], exact, atol=1e-12)
    early = np.array([0.0, 20, 0, 0, 0, 10, 0, 0, 10, 0])  # 1, 1, 5: the first year with events is none either
    np.testing.assert_allclose(build_baseline("natural", AT_RISK, early).matrix[:, 1], exact, atol=1e-12)
    late = np.array([0.0, 10, 0, 0, 0, 10, 0, 0, 20, 0])  # 1, 5, 8
    np.testing.assert_allclose(build_baseline("natural", AT_RISK, late).matrix[:, 1], exact, atol=1e-12)


@pytest.mark.parametrize(
    ("events", "inner"),
    [
        ([5, 0, 5, 0, 0, 10, 0, 10, 0, 10], [2, 5, 7]),  # quarters reached exactly
        ([0.5, 20, 0, 0, 0, 10, 0, 0, 9.5, 0], [1, 5]),  # weighted, less than one event in the first year
    ],
)
def test_quartiles_of_the_years_with_events(events, inner):
    own = build_baseline("natural", AT_RISK, np.array(events, dtype=float)).matrix
    exact = [CubicSpline([0.0, *inner, 9.0], row, bc_type="natural")(YEARS) for row in np.eye(len(inner) + 2)]
    np.testing.assert_allclose(own, np.column_stack(exact), atol=1e-12)


def test_as_many_coefficients_as_the_years_can_bear():
    events = np.array([5.0, 3, 2, 0, 0])
    at_risk = np.array([20.0, 12, 6, 3, 2])
    assert len(build_baseline("cubic", at_risk, events).names) == 4  # three years with events and one without
    with pytest.raises(DataError, match="5 coefficients, but the events fall in only 3 different years of 5 at risk"):
        build_baseline(4, at_risk, events)
    few = np.array([20.0, 12, 0, 0])
    assert build_baseline("linear", few, np.array([5.0, 3, 0, 0])).names == ("Intercept", "t")
    with pytest.raises(DataError, match=r"'quadratic' has 3 coefficients, but .* 2 different years of 2 at risk"):
        build_baseline("quadratic", few, np.array([5.0, 3, 0, 0]))
    assert build_baseline("linear", few, np.array([0.5, 0.3, 0, 0])).names == ("Intercept", "t")  # weighted events
    thin = np.array([0.9, 0.6, 0.4])
    assert len(build_baseline("quadratic", thin, thin / 3).names) == 3
    with pytest.raises(DataError, match=r"'log' has 2 coefficients, but .* 1 different years of 1 "):
        build_baseline("log", np.array([9.0, 0]), np.array([5.0, 0]))


@pytest.mark.parametrize("knots", [[0.0, 4.0], [4.0, 9.0], [-1.0], [12.0]])
def test_knots_lie_between_the_years_at_risk(knots):
    with pytest.raises(OptionError, match="between 0 and 9"):
        build_baseline("spline", AT_RISK, EVENTS, knots)


def test_options_that_go_with_no_baseline():
    for kind in ("constant", -1):
        with pytest.raises(OptionError, match=f"one of {', '.join(BASELINES)} or a degree"):
            build_baseline(kind, AT_RISK, EVENTS)
    for kind in ("dummies", "log", 2):
        with pytest.raises(OptionError, match="knots= belong to"):
            build_baseline(kind, AT_RISK, EVENTS, [3.0])
