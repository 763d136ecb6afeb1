"""Adjusted curves: averages of predictions, errors by delta method, refits and simulation, differences, the plot."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError
from exportmodels.timing import Cox

mpl.use("Agg")


def firms(n, rng):
    x = rng.normal(size=n)
    niche = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(float)
    waited = np.ceil(rng.exponential(8 * np.exp(-0.5 * x - 0.6 * niche)))
    seen = rng.integers(3, 16, n)
    return pd.DataFrame({"x": x, "niche": niche, "years": np.minimum(waited, seen), "exported": (waited <= seen) * 1.0})


def fit(data, **options):
    return Cox.from_formula("years ~ x + niche", data, event="exported", **options).fit()


def test_curves_are_averages_of_predictions():
    data = firms(150, np.random.default_rng(0))
    results, times = fit(data), [1.0, 4.0, 8.0]
    ours = results.adjusted_curves("niche", times).table()
    for level in (0, 1):
        predicted = results.predict(data.assign(niche=level), results.model.survival(times))
        np.testing.assert_allclose(ours.loc[ours["group"] == level, "estimate"], predicted.mean(), rtol=1e-12)
    gap = results.adjusted_curves("niche", times).differences()
    np.testing.assert_allclose(
        gap["estimate"], np.diff(ours["estimate"].to_numpy().reshape(2, 3), axis=0)[0], rtol=1e-12
    )
    assert (gap["upper"] < 0).any()


def test_default_times_are_those_with_events():
    data = firms(100, np.random.default_rng(1))
    curves = fit(data).adjusted_curves("niche")
    np.testing.assert_array_equal(curves.times, np.unique(data.loc[data["exported"] == 1, "years"]))


def test_delta_errors_are_about_those_of_refits():
    results = fit(firms(300, np.random.default_rng(2)))
    one = results.adjusted_curves("niche", [2.0, 6.0])
    two = results.adjusted_curves("niche", [2.0, 6.0], method="bootstrap", replications=200, progress=False)
    np.testing.assert_allclose(two.curves.se, one.curves.se, rtol=0.25)
    np.testing.assert_allclose(two.differences()["se"], one.differences()["se"], rtol=0.25)


@pytest.mark.slow
def test_intervals_cover_the_truth():
    rng, covered, truth = np.random.default_rng(5), [], firms(400_000, np.random.default_rng(9))
    shares = []
    for niche in (0, 1):
        rate = np.exp(0.5 * truth["x"] + 0.6 * niche) / 8
        shares.append(np.exp(-4 * rate).mean())
    for _ in range(300):
        table = fit(firms(200, rng)).adjusted_curves("niche", [4.0]).table()
        covered.append((table["lower"] <= shares) & (shares <= table["upper"]))
    np.testing.assert_allclose(np.mean(covered, axis=0), 0.95, atol=0.04)


def test_strata_are_groups_too():
    data = firms(200, np.random.default_rng(3)).assign(sector=lambda d: np.where(d["x"] > 0, "b", "a"))
    results = fit(data, strata="sector")
    curves = results.adjusted_curves("sector", [2.0, 5.0])
    assert curves.levels == ["a", "b"]
    medians = results.findings("niche").table
    assert medians["quantity"].str.startswith("median").sum() == 2


def test_plot_and_bad_options():
    import matplotlib.pyplot as plt

    results = fit(firms(100, np.random.default_rng(4)))
    figure, ax = plt.subplots()
    curves = results.adjusted_curves("niche")
    assert curves.plot(ax) is ax
    assert repr(curves).startswith("<AdjustedCurves: niche=0")
    assert len(repr(curves)) < 100
    assert len(ax.get_lines()) == 2
    plt.close(figure)
    with pytest.raises(OptionError, match="must be a group"):
        results.adjusted_curves("x")
    with pytest.raises(OptionError, match="method must be"):
        results.adjusted_curves("niche", method="wild")
