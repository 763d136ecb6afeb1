"""Cox: curves against R, exact derivatives, and samples that trip other programs."""

import mpmath
import numpy as np
import pandas as pd
import pytest
from oracles import cases, load

from exportmodels.core.errors import DataError, FormulaError, OptionError, OutcomeError, SeparationError
from exportmodels.timing import Cox


def firms(n=200, seed=1, years=12, strata=3):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=n), "niche": rng.integers(0, 2, n).astype(float)})
    waited = np.floor(rng.exponential(6 * np.exp(-0.5 * frame["x"] - 0.4 * frame["niche"])))
    cut = rng.integers(1, years, n)
    frame["years"] = np.minimum(waited, cut)
    frame["exported"] = (waited <= cut).astype(float)
    frame["entry"] = np.where(rng.random(n) < 0.4, rng.integers(0, 3, n), 0.0)
    frame["entry"] = frame["entry"].where(frame["entry"] < frame["years"], 0.0)
    frame["sector"] = rng.integers(0, strata, n)
    frame["weight"] = rng.uniform(0.5, 2, n)
    frame["copies"] = rng.integers(1, 4, n)
    return frame


def fit(data, formula="years ~ x + niche", kind=None, clusters=None, **options):
    return Cox.from_formula(formula, data, event="exported", **options).fit(kind, clusters=clusters)


CURVES = [case for case in cases("timing.Cox", "baseline") if "mean" in load(case)["baseline"]]


@pytest.mark.parametrize("case", CURVES)
def test_baseline_is_that_of_r(case):
    oracle = load(case)
    figures, ours = oracle["baseline"]["zero"], oracle.model().fit().baseline_hazard()
    upto = np.searchsorted(ours["time"], figures["time"], side="right")
    np.testing.assert_allclose(np.r_[0, ours["cumulated hazard"]][upto], figures["cumhaz"], rtol=1e-7, atol=1e-14)


@pytest.mark.parametrize("case", [case for case in CURVES if "frequency" not in case])
def test_survival_and_its_limits_are_those_of_r(case):
    oracle = load(case)
    results = oracle.model().fit()
    for figures in oracle["baseline"]["rows"]:
        ours = results.predict(oracle.frame.iloc[[figures["row"]]], results.model.survival(figures["time"]), alpha=0.05)
        inner = (np.array(figures["survival"]) > 0) & (np.array(figures["survival"]) < 1)
        assert inner.any()
        for name, values in (
            ("survival", ours["estimate"]),
            ("std_cumhaz", ours["se"] / ours["estimate"]),
            ("lower", ours["lower"]),
            ("upper", ours["upper"]),
        ):
            expected = np.array(figures[name], dtype=float)[inner]
            np.testing.assert_allclose(values.to_numpy()[inner], expected, rtol=1e-5, err_msg=name)


def test_strata_have_their_own_baselines_as_in_r():
    oracle = load("cox_lung_strata_efron")
    ours = oracle.model().fit().baseline_hazard()
    for level, figures in oracle["baseline"]["zero"].items():
        own = ours[ours["stratum"] == level]
        upto = np.searchsorted(own["time"], figures["time"], side="right")
        np.testing.assert_allclose(np.r_[0, own["cumulated hazard"]][upto], figures["cumhaz"], rtol=1e-9)


def loglike(data, b, efron):
    """The definition, firm by firm, in many digits."""
    total = mpmath.mpf(0)
    eta = {i: mpmath.fdot([b[0], b[1]], [row.x, row.niche]) for i, row in data.iterrows()}
    for _, stratum in data.groupby("sector"):
        events = stratum[stratum["exported"] == 1]
        for time, now in events.groupby("years"):
            seen = (stratum["years"] >= time) & ((stratum["entry"] < time) | (stratum["entry"] == 0))
            weight = mpmath.fsum(now["weight"]) / len(now)
            risk = mpmath.fsum(row.weight * mpmath.exp(eta[i]) for i, row in stratum[seen].iterrows())
            tied = mpmath.fsum(row.weight * mpmath.exp(eta[i]) for i, row in now.iterrows())
            total += mpmath.fsum(row.weight * eta[i] for i, row in now.iterrows())
            for place in range(len(now)):
                total -= weight * mpmath.log(risk - (mpmath.mpf(place) / len(now) * tied if efron else 0))
    return total


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_derivatives_are_those_of_the_definition(ties):
    data = firms(40)
    model = Cox.from_formula(
        "years ~ x + niche", data, event="exported", entry="entry", strata="sector", weights="weight", ties=ties
    )
    problem = model.problem(model.sample)
    theta = np.array([0.3, -0.2])
    value, score, information = problem.objective.evaluate(theta)
    with mpmath.workdps(40):
        back = mpmath.matrix(problem.back.tolist())

        def exact(*t):
            return loglike(data, back * mpmath.matrix(t), ties == "efron")

        at = tuple(map(mpmath.mpf, theta.tolist()))
        slopes = [float(mpmath.diff(exact, at, order)) for order in ((1, 0), (0, 1))]
        bends = [float(mpmath.diff(exact, at, order)) for order in ((2, 0), (1, 1), (0, 2))]
        np.testing.assert_allclose(value, float(exact(*at)), rtol=1e-12)
    np.testing.assert_allclose(score, slopes, rtol=1e-9)
    np.testing.assert_allclose(information[[0, 0, 1], [0, 1, 1]], -np.array(bends), rtol=1e-8)
    np.testing.assert_allclose(data["weight"].to_numpy() @ problem.scores(theta), score, rtol=1e-9)


def test_firms_cut_off_before_the_first_event_change_nothing_and_yield_no_nan():
    data = firms()
    data["years"] += 1
    early = data.head(20).assign(years=0.5, exported=0.0)
    both = pd.concat([data, early], ignore_index=True)
    for kind, clusters in (("nonrobust", None), ("robust", None), ("clustered", "sector")):
        one, two = fit(data, kind=kind, clusters=clusters), fit(both, kind=kind, clusters=clusters)
        assert np.isfinite(two.bse).all()
        np.testing.assert_allclose(two.params, one.params, rtol=1e-9)
        np.testing.assert_allclose(two.bse, one.bse, rtol=1e-9)
        np.testing.assert_allclose(two.llf, one.llf, rtol=1e-12)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("more", [{}, {"entry": "entry", "strata": "sector"}, {"weights": "weight"}])
def test_frequency_is_repetition(ties, more):
    data = firms()
    repeated = data.loc[data.index.repeat(data["copies"])].reset_index(drop=True)
    kind = "robust" if "weights" in more else "nonrobust"
    one = fit(data, kind=kind, ties=ties, frequency="copies", **more)
    many = fit(repeated, kind=kind, ties=ties, **more)
    np.testing.assert_allclose(one.params, many.params, rtol=1e-9)
    np.testing.assert_allclose(one.bse, many.bse, rtol=1e-9)
    np.testing.assert_allclose(one.llf, many.llf, rtol=1e-12)
    np.testing.assert_allclose(one.predict(data), many.predict(data), rtol=1e-8)


def test_many_ties_among_many_firms_converge():
    data = firms(100_000, years=30)
    results = fit(data)
    assert results.converged
    assert data["years"].nunique() <= 30
    # rows are identical in many copies, and are fitted as one: the same as firm by firm on a subsample
    np.testing.assert_allclose(results.certificate.distance, 0, atol=1e-8)


def test_collapsed_rows_give_the_same_fit():
    data = firms(2000)[["niche", "years", "exported", "entry", "sector"]]
    model = Cox.from_formula("years ~ niche", data, event="exported", entry="entry", strata="sector")
    problem = model.problem(model.sample)
    raw, _ = model.likelihood(model.sample)
    assert len(problem.objective.matrix) < len(raw.matrix) / 5
    for ours, whole in zip(problem.objective.evaluate(np.array([0.4])), raw.evaluate(np.array([0.4])), strict=True):
        np.testing.assert_allclose(ours, whole, rtol=1e-12)


def test_monotone_likelihood_names_the_column():
    data = firms(60)
    data["never"] = (data["exported"] == 0) & (data["x"] > 0)
    with pytest.raises(SeparationError, match=r"never.*= 1 has the event"):
        fit(data.assign(never=data["never"].astype(float)), "years ~ x + never")
    data["ahead"] = -data["years"] + np.where(data["exported"] == 1, 0.5, 0.0)
    with pytest.raises(SeparationError, match=r"monotone.*'ahead'"):
        fit(data, "years ~ ahead", ties="breslow")


def test_bad_input_is_named():
    data = firms(50)
    with pytest.raises(OptionError, match="event= is needed"):
        Cox(data["years"], data[["x"]])
    with pytest.raises(OptionError, match="ties must be one of"):
        fit(data, ties="Efron")
    with pytest.raises(OutcomeError, match="no events"):
        fit(data.assign(exported=0))
    with pytest.raises(OutcomeError, match="must not be negative; row 3"):
        fit(data.assign(years=data["years"].where(data.index != 3, -1)))
    results = fit(data, strata="sector")
    with pytest.raises(FormulaError, match="without a baseline"):
        results.predict(data.assign(sector=9))
    with pytest.raises(OptionError, match="times must ascend"):
        results.model.survival([1, 1000])


def test_median_is_where_the_curve_and_its_limits_cross_one_half():
    data = firms(300)
    results = fit(data, entry="entry", strata="sector")
    new = data.head(4)
    medians = results.predict(new, "median", alpha=0.1)
    times = results.model.baseline.times
    curves = results.predict(new, results.model.survival(list(times)), alpha=0.1)
    for label, row in medians.iterrows():
        for column, curve in (("estimate", "estimate"), ("lower", "lower"), ("upper", "upper")):
            crossed = times[curves.loc[label, curve].to_numpy() <= 0.5]
            assert row[column] == crossed[0] if len(crossed) else row[column] == np.inf


def test_rows_of_one_firm_are_counted_and_clustered_as_one():
    data = load("cox_heart_efron").frame
    results = Cox.from_formula(
        "stop ~ age + year + surgery + transplant", data, event="event", entry="start", firm="id"
    ).fit("robust")
    assert results.nobs == data["id"].nunique()
    assert results.cov_type == "clustered"
    figures = load("cox_heart_efron")["bse_clustered"]
    np.testing.assert_allclose(results.bse[list(figures)], list(figures.values()), rtol=1e-8)


def test_exact_ties_of_thousands_do_not_overflow():
    data = firms(3000, years=4)
    results = fit(data, ties="exact")
    assert results.converged
    np.testing.assert_allclose(results.params, fit(data).params, rtol=0.5)


def test_exact_ties_repeat_frequencies_and_refuse_what_they_cannot_do():
    data = firms(80)
    repeated = data.loc[data.index.repeat(data["copies"])]
    one, many = fit(data, ties="exact", frequency="copies"), fit(repeated, ties="exact")
    np.testing.assert_allclose(one.params, many.params, rtol=1e-10)
    np.testing.assert_allclose(one.llf, many.llf, rtol=1e-12)
    with pytest.raises(OptionError, match="no scores of their own"):
        fit(data, kind="robust", ties="exact")
    with pytest.raises(OptionError, match="and weights= cannot be combined"):
        fit(data, ties="exact", weights="weight")


def test_a_covariate_constant_within_strata_is_named():
    data = firms().assign(region=lambda d: d["sector"] % 2)
    quiet = data.head(8).assign(sector=9, exported=0.0, region=[0, 1] * 4)
    for sample, options in ((data, {}), (data, {"penalty": "jeffreys"}), (pd.concat([data, quiet]), {})):
        with pytest.raises(DataError, match="'region' is constant within the strata of 'sector'"):
            fit(sample.reset_index(drop=True), "years ~ x + region", strata="sector", **options)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_a_firm_cut_off_before_the_first_event_leaves_clustered_errors_as_they_are(ties):
    data = firms().query("years > 1").assign(years=lambda d: d["years"] + 1)
    early = data.head(3).assign(years=[0.5, 0.5, 1.0], exported=0.0, entry=0.0)
    more = pd.concat([early, data], ignore_index=True)
    more["firm"] = np.arange(len(more))
    whole = Cox.from_formula("years ~ x + niche", more, event="exported", ties=ties).fit(clusters="firm")
    rest = Cox.from_formula("years ~ x + niche", more.iloc[3:], event="exported", ties=ties).fit(clusters="firm")
    assert np.isfinite(whole.bse).all()
    np.testing.assert_allclose(whole.params, rest.params, rtol=1e-9)
    np.testing.assert_allclose(whole.bse, rest.bse, rtol=1e-9)
    alone = Cox.from_formula("years ~ x + niche", more, event="exported", ties=ties, firm="firm").fit("robust")
    np.testing.assert_allclose(alone.bse, whole.bse, rtol=1e-12)


def test_an_unknown_stratum_is_written_as_the_number_it_is():
    results = fit(firms(), strata="sector")
    with pytest.raises(FormulaError, match="'sector' holds 7, a stratum without a baseline"):
        results.predict(pd.DataFrame({"x": [0.0], "niche": [0.0], "sector": [7]}))
