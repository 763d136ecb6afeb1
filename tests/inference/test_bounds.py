"""Bounds under non-response: the report's own figures, the defining equations, and coverage."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from exportmodels.core.errors import DataError, OptionError, WeightError
from exportmodels.inference import nonresponse_bounds


@pytest.mark.parametrize(
    ("yes", "no", "silent", "lower", "upper"),
    [
        (80, 670, 250, 0.08, 0.33),  # exporters in Belgium, report of 2009, section 1.4
        (274, 286, 440, 0.27, 0.71),  # importers in Belgium, the same section
        (110, 780, 110, 0.11, 0.22),  # foreign subsidiaries in Belgium, the same section
    ],
)
def test_the_reports_own_bounds(yes, no, silent, lower, upper):
    bounds = nonresponse_bounds([1, 0, np.nan], frequency=[yes, no, silent])
    assert (round(bounds.lower, 2), round(bounds.upper, 2)) == (lower, upper)
    assert (bounds.answered, bounds.nobs) == (yes + no, 1000)


def test_interval_solves_the_equation_of_imbens_and_manski():
    bounds = nonresponse_bounds([1, 0, np.nan], frequency=[30, 60, 10], alpha=0.1)
    assert bounds.lower_se == pytest.approx(np.sqrt(0.3 * 0.7 / 100))
    assert bounds.upper_se == pytest.approx(np.sqrt(0.4 * 0.6 / 100))
    steps = (bounds.lower - bounds.conf_int[0]) / bounds.lower_se
    assert steps == pytest.approx((bounds.conf_int[1] - bounds.upper) / bounds.upper_se)
    width = (bounds.upper - bounds.lower) / max(bounds.lower_se, bounds.upper_se)
    assert norm.cdf(steps + width) - norm.cdf(-steps) == pytest.approx(0.9, abs=1e-10)


def test_with_all_answers_the_bounds_meet_and_the_interval_is_the_usual_one():
    shares = np.array([0.0, 0.1, 0.5, 0.9, 0.3])
    bounds = nonresponse_bounds(shares)
    error = shares.std() / np.sqrt(5)
    assert bounds.lower == bounds.upper == pytest.approx(0.36)
    assert bounds.conf_int == pytest.approx((0.36 - norm.ppf(0.975) * error, 0.36 + norm.ppf(0.975) * error))


def test_with_wide_bounds_only_one_side_can_err():
    bounds = nonresponse_bounds([1, 0, np.nan], frequency=[200, 200, 600])
    assert (bounds.lower - bounds.conf_int[0]) / bounds.lower_se == pytest.approx(norm.ppf(0.95))


def test_brackets_bound_the_mean_by_their_ends():
    lower = pd.Series([0.0, 0.10, 0.25, np.nan, 0.60])
    upper = pd.Series([0.0, 0.25, 0.50, np.nan, 0.60])
    bounds = nonresponse_bounds(lower, upper)
    assert bounds.lower == pytest.approx((0.10 + 0.25 + 0.60) / 5)
    assert bounds.upper == pytest.approx((0.25 + 0.50 + 1 + 0.60) / 5)
    assert bounds.answered == 4


def test_brackets_open_on_one_side_are_answers():
    bounds = nonresponse_bounds([0.75, np.nan, np.nan, 0.5], [np.nan, 0.1, np.nan, 0.5], alpha=0.1)
    assert (bounds.lower, bounds.upper) == pytest.approx((1.25 / 4, 2.6 / 4))
    assert (bounds.answered, bounds.nobs, bounds.alpha) == (3, 4, 0.1)
    low, high = bounds.conf_int
    assert str(bounds) == (f"between 0.3125 and 0.65 (90% interval {low:.4g} to {high:.4g}); 3 of 4 firms answered")


def test_frequency_is_repetition_and_weights_are_shares():
    rows = [1, 1, 1, 0, np.nan, np.nan]
    assert nonresponse_bounds([1, 0, np.nan], frequency=[3, 1, 2]) == nonresponse_bounds(rows)
    weighted = nonresponse_bounds([1, 0, np.nan], weights=[2.0, 5.0, 3.0])
    assert (weighted.lower, weighted.upper) == pytest.approx((0.2, 0.5))
    assert weighted.lower_se == pytest.approx(np.sqrt((2 * 0.8) ** 2 + (5 * 0.2) ** 2 + (3 * 0.2) ** 2) / 10)
    assert nonresponse_bounds([1, 0, np.nan], weights=[20.0, 50.0, 30.0]).conf_int == pytest.approx(weighted.conf_int)


def test_other_limits_scale_the_bounds():
    years = nonresponse_bounds([2.0, 10.0, np.nan], limits=(0, 30))
    assert (years.lower, years.upper) == pytest.approx((4.0, 14.0))


def test_the_interval_stays_within_the_limits_and_may_be_a_point():
    bounds = nonresponse_bounds([0, 0, np.nan])
    assert bounds.conf_int[0] == 0
    assert nonresponse_bounds([0.5, 0.5]).conf_int == (0.5, 0.5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"values": [0.2, 45.0]}, DataError, "limits 0 to 1.*row 1"),
        ({"values": [0.5, 0.2], "upper": [0.4, 0.3]}, DataError, "must not end below its start; row 0"),
        ({"values": ["many", 0.2]}, DataError, "must be numeric"),
        ({"values": []}, DataError, "no rows"),
        ({"values": [0.2, 0.3], "frequency": [1.5, 2]}, WeightError, "whole numbers"),
        ({"values": [0.2, 0.3], "weights": [-1, 2]}, WeightError, "must not be negative"),
        ({"values": [0.2, 0.3], "frequency": [0, 0]}, WeightError, "all zero"),
        ({"values": [0.2, 0.3], "weights": [1, 2, 3]}, WeightError, "one a row"),
        ({"values": [0.2, 0.3], "upper": [0.4]}, DataError, "as many upper ends"),
        ({"values": [0.2], "upper": ["many"]}, DataError, "upper must be numeric; row 0 holds 'many'"),
        ({"values": [0.2], "limits": (1, 0)}, OptionError, "the smaller first"),
        ({"values": [1.0], "limits": (1, 1)}, OptionError, "the smaller first"),
        ({"values": [0.2], "limits": (0, np.inf)}, OptionError, "two finite numbers"),
        ({"values": [0.2], "limits": (0, 1, 2)}, OptionError, "two finite numbers"),
        ({"values": [0.2], "alpha": 0.0}, OptionError, "alpha must lie"),
        ({"values": [0.2], "alpha": 1.0}, OptionError, "alpha must lie"),
        ({"values": [0.2], "alpha": 5}, OptionError, "alpha must lie"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=message):
        nonresponse_bounds(**arguments)


@pytest.mark.slow
@pytest.mark.parametrize("silent", [0.0, 0.02, 0.3])
def test_the_interval_covers_the_worst_point_at_its_level(silent):
    """Where the true share is the upper bound itself, coverage is the level and not far above."""
    rng = np.random.default_rng(20090701)
    n, runs, yes = 400, 4000, 0.3
    covered = 0
    for counts in rng.multinomial(n, [yes, 1 - yes - silent, silent], size=runs):
        low, high = nonresponse_bounds([1, 0, np.nan], frequency=counts).conf_int
        covered += low <= yes + silent <= high
    assert abs(covered / runs - 0.95) < 0.005 + 5 * np.sqrt(0.95 * 0.05 / runs)
