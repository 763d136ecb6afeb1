"""Durations from calendar years, the models that read them, and their description by cohort."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import data, survey
from exportmodels.core.errors import DataError, OptionError, OutcomeError
from exportmodels.timing import AFT, Cox, DiscreteHazard, Durations, KaplanMeier

FIRMS = pd.DataFrame(
    {"founded": [1990, 2000, 2003, 1940, 2007], "export": [1995, 2000, np.nan, 1985, np.nan], "survey": 2008},
    index=list("abcde"),
)


def read(**options):
    return Durations.from_years("founded", "export", "survey", data=FIRMS, **options)


def test_calendar_years_imply_an_interval_of_two_years():
    frame = read().frame
    assert frame["duration"].tolist() == [5, 0, 5, 45, 1]
    assert frame["event"].tolist() == [1, 1, 0, 1, 0]
    assert frame["lower"].tolist() == [4, 0, 4, 44, 0]
    assert frame["upper"].tolist() == [6, 1, np.inf, 46, np.inf]
    assert list(frame.index) == list("abcde")


def test_interval_covers_what_days_would_have_told():
    rng = np.random.default_rng(0)
    start, wait = rng.uniform(1990, 2000, 500), rng.exponential(4, 500)
    exact = Durations.from_years(start, np.where(start + wait < 2009, start + wait, np.nan), 2009, granularity="exact")
    years = Durations.from_years(np.floor(start), np.floor(np.where(start + wait < 2009, start + wait, np.nan)), 2009)
    known = exact.duration.to_numpy()
    assert (years.lower <= known).all()
    assert (known <= years.upper).all()
    assert (exact.lower == exact.duration).all()


def test_late_entry_leaves_out_firms_with_an_earlier_event():
    durations = read(observed_from=1990)
    assert durations.unobserved == 1
    assert np.isnan(durations.duration["d"])
    assert durations.entry[["a", "b"]].tolist() == [0, 0]
    later = read(observed_from=1995)
    assert later.entry["a"] == 4.5
    assert later.first_year["a"] == 5
    assert later.duration["a"] == 5


def test_numbers_and_arrays_are_read_as_columns_are():
    one = read().frame
    two = Durations.from_years(FIRMS["founded"].to_numpy(), FIRMS["export"].to_numpy(), 2008).frame
    np.testing.assert_array_equal(one, two)


def test_late_entry_means_the_same_to_all_models():
    rng = np.random.default_rng(5)
    n = 400
    founded = rng.integers(1960, 2000, n)
    export = founded + rng.geometric(0.12, n) - 1
    table = pd.DataFrame(
        {"founded": founded, "export": np.where(export <= 2005, export, np.nan), "x": rng.normal(size=n)}
    )
    durations = Durations.from_years("founded", "export", 2005, data=table, observed_from=1985)
    known = durations.columns(table).query("duration == duration")
    curve = KaplanMeier.from_formula("duration ~ 1", known, event="event", entry="entry").fit().table()
    by_hand = [
        ((known["duration"] == t) & (known["event"] == 1)).sum()
        / ((known["duration"] >= t) & (known["first_year"] <= t)).sum()
        for t in curve["time"]
    ]
    np.testing.assert_allclose(curve["events"] / curve["at risk"], by_hand)
    cox = Cox.from_formula("duration ~ x", known, event="event", entry="entry").fit()
    hazard = DiscreteHazard.from_formula("duration ~ x", known, event="event", entry="first_year").fit()
    np.testing.assert_allclose(cox.params["x"], hazard.params["x"], atol=0.02)
    aft = AFT.from_formula("lower ~ x", known, upper="upper", entry="entry").fit()
    assert aft.converged


def test_description_stands_beside_figure_16():
    firms = survey.derive(data.synthetic_flanders(300, seed=1))
    durations = Durations.from_years("founded", "first_export", "surveyed", data=firms)
    table = durations.describe()
    assert table.loc["founded before 1950", "published mean"] == 45
    assert table.loc["founded in the last decade", "published mean"] == 1.3
    assert table.loc["founded before 1950", "published first year"] == pytest.approx(0.17)
    assert table.loc["all", "firms"] == 300
    curve = KaplanMeier(durations.duration, event=durations.event).fit()
    assert table.loc["all", "median"] == curve.median()["estimate"].iloc[0]
    assert table.loc["all", "first year"] == pytest.approx(1 - curve.survival([0])["estimate"].iloc[0])


def test_bad_years_are_named():
    with pytest.raises(OutcomeError, match=r"before the founding of the firm.*; row a holds"):
        Durations.from_years("founded", "export", 2008, data=FIRMS.assign(export=[1980] + [np.nan] * 4))
    with pytest.raises(OutcomeError, match="after the survey"):
        Durations.from_years("founded", "export", 1994, data=FIRMS.query("founded < 1994"))
    with pytest.raises(OutcomeError, match="whole years"):
        Durations.from_years([1990.5], [1995.0], 2008)
    with pytest.raises(OptionError, match="need data="):
        Durations.from_years("founded", "export", 2008)
    with pytest.raises(OptionError, match="granularity must be one of"):
        read(granularity="month")
    with pytest.raises(DataError, match="'duration' already"):
        read().columns(FIRMS.assign(duration=1))
