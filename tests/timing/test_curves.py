"""Kaplan-Meier and Nelson-Aalen against R, and what their variances, quantiles and plots must be."""

from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from oracles import cases, load

from exportmodels.core.errors import FormulaError, OptionError, OutcomeError, WeightError
from exportmodels.timing import KaplanMeier, NelsonAalen
from exportmodels.timing.quantiles import curve_quantile

mpl.use("Agg")


def fitted(oracle, estimator=KaplanMeier):
    call = dict(oracle["call"])
    clusters, by, outcome = call.pop("clusters", None), call.pop("by", "1"), call.pop("duration")
    return estimator.from_formula(f"{outcome} ~ {by}", oracle.frame, **call).fit(clusters=clusters)


def close(ours, figures, rtol=1e-9):
    known = np.array(figures, dtype=float)
    at = np.isfinite(known)
    np.testing.assert_allclose(np.asarray(ours, dtype=float)[at], known[at], rtol=rtol, atol=1e-14)


@pytest.mark.parametrize("case", cases("timing.KaplanMeier"))
def test_curves_are_those_of_r(case):
    oracle = load(case)
    results = fitted(oracle)
    table = results.table()
    assert len(oracle["groups"]) == len(results.levels)
    for level, figures in oracle["groups"].items():
        own, curve = table[table["group"].astype(str) == level], figures["curve"]
        names = {"time": "time", "at risk": "n_risk", "events": "n_event", "cut off": "n_censor", "se": "std_err"}
        names |= {name: name for name in ("survival", "lower", "upper")}
        for ours, theirs in names.items():
            close(own[ours], curve[theirs])


@pytest.mark.parametrize("case", cases("timing.KaplanMeier"))
def test_quantiles_and_restricted_means_are_those_of_r(case):
    oracle = load(case)
    results = fitted(oracle)
    counted = not {"weights", "clusters"} & set(oracle["call"])
    for level, figures in oracle["groups"].items():
        at = [str(known) for known in results.levels].index(level)
        quantiles, mean = figures["quantiles"], figures["restricted_mean"]
        for k, p in enumerate(quantiles["at"]):
            ours = results.quantile(p).iloc[at]
            expected = [quantiles[name][k] for name in ("time", "lower", "upper")]
            np.testing.assert_array_equal(ours, [np.inf if time is None else time for time in expected])
        ours = results.restricted_mean(mean["tau"]).iloc[at]
        np.testing.assert_allclose(ours["estimate"], mean["mean"], rtol=1e-12)
        if counted:  # R leaves weights and clusters out of this one
            np.testing.assert_allclose(ours["se"], mean["std_err"], rtol=1e-10)


@pytest.mark.parametrize("case", cases("timing.KaplanMeier"))
def test_cumulated_hazards_are_those_of_r(case):
    oracle = load(case)
    table = fitted(oracle, NelsonAalen).table()
    for level, figures in oracle["groups"].items():
        own, curve = table[table["group"].astype(str) == level], figures["curve"]
        close(own["cumulated hazard"], curve["cumhaz"])
        close(own["se"], curve["std_cumhaz"])


@pytest.mark.parametrize("interval", ["log", "linear", "logit", "arcsine"])
def test_other_intervals_contain_the_curve_and_stay_in_range(interval):
    table = (
        KaplanMeier.from_formula("time ~ sex", load("km_lung_sex").frame, event="event").fit(interval=interval).table()
    )
    assert ((table["lower"] <= table["survival"]) & (table["survival"] <= table["upper"])).all()
    assert table["lower"].min() >= 0
    assert table["upper"].max() <= 1
    usual = fitted(load("km_lung_sex")).table()
    np.testing.assert_allclose(table["upper"] - table["lower"], usual["upper"] - usual["lower"], atol=0.12)


def test_other_intervals_by_hand():
    # one event among four: a share of 0.75 with the error of a logarithm sqrt(1 / (4 * 3))
    data, z, e = {"t": [1, 2, 2, 2], "d": [1, 0, 0, 0]}, 1.959963984540054, np.sqrt(1 / 12)
    model = KaplanMeier.from_formula("t ~ 1", data, event="d")
    by_hand = {
        "log": (0.75 * np.exp(-z * e), 1.0),
        "linear": (0.75 - z * 0.75 * e, 1.0),
        "logit": tuple(1 / (1 + np.exp(-np.log(3) + s * z * e / 0.25)) for s in (1, -1)),
        "arcsine": tuple(np.sin(np.arcsin(np.sqrt(0.75)) + s * z / 2 * e * np.sqrt(3)) ** 2 for s in (-1, 1)),
    }
    for interval, limits in by_hand.items():
        first = model.fit(interval=interval).table().iloc[0]
        np.testing.assert_allclose([first["lower"], first["upper"]], limits, rtol=1e-9)


def influence_by_refits(data, clusters=None):
    """Squared changes of curve, cumulated hazard and restricted mean when one firm (cluster) weighs a little more."""

    def read(weights):
        call = {"event": "event", "entry": "entry", "weights": weights}
        curve = KaplanMeier.from_formula("years ~ 1", data, **call).fit()
        hazard = NelsonAalen.from_formula("years ~ 1", data, **call).fit()
        mean = curve.restricted_mean(4.5)["estimate"].to_numpy()
        return np.r_[curve.table()["survival"], hazard.table()["cumulated hazard"], mean]

    base, step = data["weight"].to_numpy(), 1e-5
    groups = np.arange(len(data)) if clusters is None else data[clusters].to_numpy()
    moves = [
        (read(base * (1 + step * (groups == g))) - read(base * (1 - step * (groups == g)))) / (2 * step)
        for g in np.unique(groups)
    ]
    return np.sqrt((np.array(moves) ** 2).sum(axis=0))


@pytest.mark.parametrize("clusters", [None, "sector"])
def test_robust_variances_are_sums_of_squared_influences(clusters):
    rng = np.random.default_rng(3)
    n = 40
    data = pd.DataFrame(
        {"years": rng.integers(1, 8, n), "event": rng.integers(0, 2, n), "sector": rng.integers(0, 6, n)}
    )
    data["entry"] = np.where(rng.random(n) < 0.3, data["years"] - 1, 0) * 0.5
    data["weight"] = rng.uniform(0.5, 2, n)
    call = {"event": "event", "entry": "entry", "weights": "weight"}
    curve = KaplanMeier.from_formula("years ~ 1", data, **call).fit(clusters=clusters)
    hazard = NelsonAalen.from_formula("years ~ 1", data, **call).fit(clusters=clusters)
    ours = np.r_[curve.table()["se"], hazard.table()["se"], curve.restricted_mean(4.5)["se"]]
    np.testing.assert_allclose(ours, influence_by_refits(data, clusters), rtol=1e-5)


def test_median_of_a_curve_that_stays_at_one_half_is_the_middle():
    times, share = np.array([1.0, 2, 4, 7]), np.array([0.8, 0.5, 0.5, 0.2])
    assert curve_quantile(times, share, 0.5) == 4.5
    assert curve_quantile(times, share, 0.2) == 1.5
    assert curve_quantile(times, np.array([0.8, 0.5, 0.5, 0.5]), 0.5) == 4.5
    assert curve_quantile(times, share, 0.9) == np.inf


def test_nobody_left_claims_nothing_about_the_upper_limit():
    data = {"t": [1, 2, 3], "d": [1, 1, 1]}
    table = KaplanMeier.from_formula("t ~ 1", data, event="d").fit().table()
    assert table["survival"].iloc[-1] == 0
    assert table["upper"].iloc[-1] == table["upper"].iloc[-2] > 0
    assert table["se"].iloc[-1] == 0


def test_groups_are_crossed_in_the_order_of_their_levels():
    data = load("km_lung_sex").frame.assign(
        old=lambda d: pd.Categorical(np.where(d["age"] > 60, "old", "young"), ["young", "old"])
    )
    curves = KaplanMeier.from_formula("time ~ old + sex", data, event="event").fit()
    assert curves.levels == ["young, female", "young, male", "old, female", "old, male"]
    young = KaplanMeier.from_formula("time ~ sex", data[data["old"] == "young"], event="event").fit()
    np.testing.assert_allclose(curves.median().iloc[:2], young.median())
    assert KaplanMeier.from_formula("time ~ old", data, event="event").levels == ["young", "old"]


def test_counts_at_risk_and_shares_between_times():
    data = {"t": [0, 1, 1, 3, 5], "d": [1, 1, 0, 1, 0]}
    curves = KaplanMeier.from_formula("t ~ 1", data, event="d").fit()
    assert curves.at_risk([0, 1, 2, 3, 6]).to_numpy().tolist() == [[5, 4, 2, 2, 0]]
    np.testing.assert_allclose(curves.survival([0.5, 1, 4])["estimate"], [0.8, 0.6, 0.3])
    assert np.isnan(curves.survival([6])["estimate"].iloc[0])


def test_findings_stand_beside_published_years():
    rng = np.random.default_rng(0)
    firms = pd.DataFrame({"years_to_export": rng.integers(0, 12, 80), "exported": 1, "niche": np.repeat([0, 1], 40)})
    found = KaplanMeier.from_formula("years_to_export ~ niche", firms, event="exported").fit().findings()
    assert "the 2009 report published" in str(found)
    assert found.table["quantity"].str.startswith("median years").sum() == 2


def test_hazard_by_year_is_events_over_firm_years_at_risk():
    data = {"t": [0, 1, 1, 2, 2, 2], "d": [1, 1, 0, 1, 1, 0]}
    rates = NelsonAalen.from_formula("t ~ 1", data, event="d").fit().rates()
    np.testing.assert_allclose(rates["rate"], [1 / 6, 1 / 5, 2 / 3])
    np.testing.assert_allclose(rates["se"].iloc[1], 1 / 5)


@pytest.mark.parametrize("columns", [1, 2])
def test_the_counts_at_risk_lie_within_the_figure_of_given_axes(columns):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, columns, squeeze=False)
    curves = KaplanMeier.from_formula("time ~ sex", load("km_lung_sex").frame, event="event").fit()
    for ax in axes[0]:
        curves.plot(ax)
    figure.canvas.draw()
    for text in (text for ax in axes[0] for text in ax.texts):
        box, whole = text.get_window_extent(), figure.bbox
        assert whole.x0 <= box.x0
        assert whole.y0 <= box.y0
        assert box.x1 <= whole.x1
    boxes = [ax.get_tightbbox() for ax in axes[0]]
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))
    plt.close(figure)


def test_plots_go_to_the_axes_given():
    import matplotlib.pyplot as plt

    data = load("km_lung_sex").frame
    figure, (left, middle, right) = plt.subplots(1, 3)
    assert KaplanMeier.from_formula("time ~ sex", data, event="event").fit().plot(left) is left
    hazards = NelsonAalen.from_formula("time ~ sex", data, event="event").fit()
    assert hazards.plot(middle) is middle
    assert hazards.plot_rates(right, edges=[0, 100, 400, 1100]) is right
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["sex=female", "sex=male"]
    assert {"at risk", "89", "133"} <= {text.get_text() for text in left.texts}
    figure.canvas.draw()
    plt.close(figure)


def test_bad_input_is_named():
    data = {"t": [1, 2, -1], "d": [1, 0, 1], "w": [1.0, 2, 3]}
    with pytest.raises(OutcomeError, match="must not be negative; row 2"):
        KaplanMeier.from_formula("t ~ 1", data, event="d")
    data["t"] = [1, 2, 3]
    with pytest.raises(OptionError, match="event= is needed"):
        KaplanMeier.from_formula("t ~ 1", data)
    with pytest.raises(FormulaError, match="'size'"):
        KaplanMeier.from_formula("t ~ size", data, event="d")
    model = KaplanMeier.from_formula("t ~ 1", data, event="d", weights="w")
    with pytest.raises(WeightError, match="Greenwood"):
        model.fit("nonrobust")
    with pytest.raises(OptionError, match="interval must be one of"):
        model.fit(interval="loglog")
    with pytest.raises(OptionError, match="horizon must lie"):
        model.fit().restricted_mean(7)


def test_curves_print_in_a_line():
    data = load("km_lung_sex").frame
    hazards = NelsonAalen.from_formula("time ~ sex", data, event="event").fit()
    assert repr(hazards) == "<NelsonAalen curves: sex=female: 52 events, sex=male: 107 events>"


def test_findings_put_a_short_name_of_the_event_in_brackets():
    data = pd.DataFrame({"years": [0, 1, 2, 3, 4, 5], "e": [1, 1, 0, 1, 1, 0]})
    said = str(KaplanMeier.from_formula("years ~ 1", data, event="e").fit().findings())
    assert "Share with the event (e) within 1 year" in said
    assert "Share exported within 1 year" in str(
        KaplanMeier.from_formula("years ~ 1", data.rename(columns={"e": "exported"}), event="exported").fit().findings()
    )
