"""Discrete-time hazards against R, against 50-digit arithmetic, and against the firm-year table written out."""

import json
import pickle
import tracemalloc
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError, OutcomeError, SeparationError
from exportmodels.timing import DiscreteHazard, person_period

ORACLES = Path(__file__).parents[1] / "oracles"
CASES = sorted(path.stem for path in ORACLES.glob("figures/hazard_*.json"))
LINKS = ("cloglog", "logit", "probit")


def oracle(case):
    figures = json.loads((ORACLES / "figures" / f"{case}.json").read_text())
    data = pd.read_csv(ORACLES / "data" / f"{figures['data']}.csv")
    return figures, data.query(figures["rows"]) if "rows" in figures else data


def close(ours, figures, tolerance=1e-8):
    figures = pd.Series(figures)
    np.testing.assert_allclose(ours[figures.index], figures, rtol=tolerance)


def firms(n=300, seed=1, years=6, late=True):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "size": rng.normal(50, 20, n)})
    first = rng.integers(0, 3, n) if late else np.zeros(n, int)
    frame["years"] = first + rng.integers(0, years, n)
    frame["exported"] = (rng.random(n) < 0.4 + 0.3 * frame.niche).astype(int)
    return frame.assign(entry=first, city=rng.integers(0, 20, n))


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_r(case):
    figures, data = oracle(case)
    call = {key: value for key, value in figures["call"].items() if key not in ("formula", "duration")}
    model = DiscreteHazard.from_formula(figures["call"]["formula"], data, **call)
    results = model.fit()
    assert results.nobs == figures["nobs"]
    close(results.params, figures["params"])
    np.testing.assert_allclose(results.llf, figures["llf"], rtol=1e-12)
    close(model.fit("robust").bse, figures["bse_robust"])
    if "bse" in figures:
        close(results.bse, figures["bse"])
    if "bse_clustered" in figures:
        close(model.fit(clusters=figures["clusters"]).bse, figures["bse_clustered"])
    _compare_curve(results, figures)


def _compare_curve(results, figures):
    model, curve = results.model, figures["baseline"]
    years, q = curve["t"], len(model.baseline.names)
    zero = pd.DataFrame(np.zeros((1, results.df_model)), columns=model.sample.designs[""].names)
    theta, designs = results.params.to_numpy(), [zero.to_numpy()]
    np.testing.assert_allclose(model.predictor(theta, designs)[0][years], curve["eta"], rtol=1e-9)
    for which in ("hazard", "survival"):
        np.testing.assert_allclose(model.quantity(which).rows(theta, designs)[0][years], curve[which], rtol=1e-9)
    if results.cov_type == "nonrobust":
        lines = model.baseline.matrix @ results.covariance.root[:q]
        np.testing.assert_allclose(np.sqrt((lines**2).sum(axis=1))[years], curve["eta_se"], rtol=1e-8)


@pytest.mark.parametrize("baseline", ["dummies", "quadratic", "spline"])
@pytest.mark.parametrize("link", LINKS)
def test_same_as_the_firm_year_table(link, baseline):
    data = firms()
    options = {"link": link, "baseline": baseline}
    model = DiscreteHazard.from_formula("years ~ niche + size", data, event="exported", entry="entry", **options)
    table = person_period(data, "years", "exported", "entry")
    long = DiscreteHazard.from_formula("exported ~ niche + size", table, period="period", firm="firm", **options)
    short_fit, long_fit = model.fit("robust"), long.fit("robust")
    np.testing.assert_allclose(long_fit.params, short_fit.params, rtol=1e-9)
    np.testing.assert_allclose(long_fit.bse, short_fit.bse, rtol=1e-8)
    assert long_fit.nobs == short_fit.nobs == len(data)
    np.testing.assert_allclose([long_fit.llf, long_fit.bic], [short_fit.llf, short_fit.bic], rtol=1e-12)


def test_a_covariate_that_changes_with_time_is_a_binary_model_of_the_table():
    import statsmodels.api as sm

    data = firms()
    table = person_period(data, "years", "exported", "entry")
    table["old"] = (table["period"] * table["size"] > 100).astype(float)
    fit = DiscreteHazard.from_formula("exported ~ old + niche", table, period="period", baseline="log").fit()
    table["log"], table["one"] = np.log(table["period"] + 1), 1.0
    family = sm.families.Binomial(sm.families.links.CLogLog())
    other = sm.GLM(table["exported"], table[["one", "log", "old", "niche"]], family=family).fit(tol=1e-13)
    np.testing.assert_allclose(fit.params, other.params, rtol=1e-9)


def _precise_loglike(data, link):
    """The log-likelihood of (level, slope in t, niche, size), typed as the docstring prints it."""

    def survive(eta):
        if link == "cloglog":
            return -mp.exp(eta)
        return mp.log(mp.ncdf(-eta)) if link == "probit" else -mp.log(1 + mp.exp(eta))

    def loglike(*theta):
        a, slope, b, c = theta
        total = mp.mpf(0)
        for row in data.itertuples():
            for t in range(row.entry, row.years + 1):
                eta = a + slope * t + b * row.niche + c * mp.mpf(row.size)
                fails = row.exported and t == row.years
                total += mp.log(1 - mp.exp(survive(eta))) if fails else survive(eta)
        return total

    return loglike


@pytest.mark.parametrize("link", LINKS)
def test_score_and_information_against_fifty_digits(link):
    data = firms(12)
    model = DiscreteHazard.from_formula(
        "years ~ niche + size", data, event="exported", entry="entry", link=link, baseline="linear"
    )
    problem = model.problem(model.sample)
    user = np.array([-1.5, 0.2, 0.4, -0.01])
    loglike, score, information = problem.objective.evaluate(np.linalg.solve(problem.back, user))
    back = np.linalg.inv(problem.back)
    score, information = back.T @ score, back.T @ information @ back
    with mp.workdps(50):
        precise, step = _precise_loglike(data, link), mp.mpf(10) ** -15

        def at(*moves):
            return precise(*(mp.mpf(v) + sum(s * step for k, s in moves if k == j) for j, v in enumerate(user)))

        slopes = [float((at((j, 1)) - at((j, -1))) / (2 * step)) for j in range(4)]
        curves = [
            [
                float(
                    (at((j, 1), (k, 1)) - at((j, 1), (k, -1)) - at((j, -1), (k, 1)) + at((j, -1), (k, -1)))
                    / (4 * step**2)
                )
                for k in range(4)
            ]
            for j in range(4)
        ]
        np.testing.assert_allclose(loglike, float(precise(*user)), rtol=1e-14)
    np.testing.assert_allclose(score, slopes, rtol=1e-11)
    np.testing.assert_allclose(information, -np.array(curves), rtol=1e-10)
    np.testing.assert_allclose(
        back.T @ problem.scores(np.linalg.solve(problem.back, user)).sum(axis=0), slopes, rtol=1e-11
    )


def test_years_without_events_are_merged_and_named():
    data = pd.DataFrame({"years": [0, 0, 0, 2, 2, 3, 4, 6, 7], "exported": [1, 0, 1, 1, 1, 0, 0, 1, 0]})
    results = DiscreteHazard.from_formula("years ~ 1", data, event="exported").fit()
    assert list(results.params.index) == ["t=0", "t=1-2", "t=3-7"]
    assert any("t=1-2, t=3-7" in note for note in results.notes)
    hazard = results.predict(data.head(1), which="hazard").iloc[0]
    at_risk = {"t=0": (2, 9), "t=1": (2, 12), "t=2": (2, 12), "t=3": (1, 12), "t=7": (1, 12)}
    for year, (events, firm_years) in at_risk.items():
        np.testing.assert_allclose(hazard[year], events / firm_years, rtol=1e-12)


def test_curves_years_and_shares_agree_with_each_other():
    results = DiscreteHazard.from_formula("years ~ niche + size", firms(), event="exported", entry="entry").fit()
    survival, hazard = results.predict(which="survival"), results.predict(which="hazard")
    np.testing.assert_allclose(survival, np.cumprod(1 - hazard, axis=1), rtol=1e-12)
    np.testing.assert_allclose(results.predict(which="within 5"), 1 - survival["t=5"], rtol=1e-12)
    horizon = results.model.horizon
    np.testing.assert_allclose(results.predict(), survival.iloc[:, :horizon].sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(
        results.predict(which=results.model.expected_years(3)), survival.iloc[:, :3].sum(axis=1), rtol=1e-12
    )
    table = results.findings("niche").table
    assert set(table["unit"]) == {"years", "share"}
    assert ((table["lower"] < table["estimate"]) & (table["estimate"] < table["upper"])).all()
    with pytest.raises(OptionError, match="say nothing of year 40"):
        results.model.share_within(40)


def test_frequencies_are_repeated_rows_and_identical_rows_are_collapsed():
    data = firms(400).assign(size=lambda d: d["size"].round(-1), copies=lambda d: 1 + d.index % 3)
    repeated = data.loc[data.index.repeat(data["copies"])]
    for link in LINKS:
        options = {"event": "exported", "entry": "entry", "link": link}
        one = DiscreteHazard.from_formula("years ~ niche", data, frequency="copies", **options)
        many = DiscreteHazard.from_formula("years ~ niche", repeated, **options)
        collapsed = one.problem(one.sample).objective
        assert len(collapsed.matrix) < len(data)
        for kind in ("nonrobust", "robust"):
            np.testing.assert_allclose(one.fit(kind).bse, many.fit(kind).bse, rtol=1e-9)
        np.testing.assert_allclose(one.fit().llf, many.fit().llf, rtol=1e-12)


def test_robust_and_resampled_covariances_go_by_firm():
    table = person_period(firms(40, late=False), "years", "exported")
    model = DiscreteHazard.from_formula("exported ~ niche", table, period="period", firm="firm", baseline="linear")
    np.testing.assert_array_equal(model.fit("robust").bse, model.fit(clusters="firm").bse)
    assert model.fit("bootstrap", replications=20).covariance.clusters == 40
    assert model.fit("jackknife").covariance.clusters == 40


def test_memory_grows_with_firms_and_not_with_firm_years():
    peaks = []
    for years in (3, 60):
        data = firms(20_000, years=years, late=False)
        model = DiscreteHazard.from_formula("years ~ niche + size", data, event="exported", baseline="log")
        tracemalloc.start()
        model.fit()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_pickled_results_predict():
    results = DiscreteHazard.from_formula("years ~ niche", firms(), event="exported", baseline="spline").fit()
    again = pickle.loads(pickle.dumps(results))
    pd.testing.assert_series_equal(again.predict(), results.predict())


def test_a_level_without_events_is_named():
    data = firms(60).assign(exported=lambda d: d["exported"] * d["niche"])
    with pytest.raises(SeparationError, match=r"rows with niche = 0 has the event"):
        DiscreteHazard.from_formula("years ~ niche", data, event="exported").fit()


def test_a_covariate_that_separates_is_named():
    data = firms(60, late=False).assign(size=lambda d: d["exported"] * 10.0 + np.arange(60) / 10)
    with pytest.raises(SeparationError, match="'size' has no finite estimate"):
        DiscreteHazard.from_formula("years ~ size", data.assign(years=0), event="exported", baseline=0).fit()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"years": 1.5}, OutcomeError, "'years' must be whole years here; .* rows 0, 1, 2"),
        ({"years": -1}, OutcomeError, "must not be negative"),
        ({"years": 20_000}, OutcomeError, "at most 1000 periods"),
        ({"exported": 0}, OutcomeError, "no events"),
        ({"exported": 2}, OutcomeError, "must be 0 or 1"),
        ({"years": 0, "entry": 0, "exported": 1}, DataError, "every firm has its event in its first year"),
        ({"entry": 50}, OutcomeError, "must lie before the end"),
        ({"size": 3.0}, DataError, "'size' is constant at 3"),
    ],
)
def test_bad_data_are_refused(changes, error, message):
    with pytest.raises(error, match=message):
        DiscreteHazard.from_formula(
            "years ~ niche + size", firms().assign(**changes), event="exported", entry="entry"
        ).fit()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"link": "loglog"}, "link must be one of"),
        ({"baseline": "weekly"}, "baseline must be one of dummies"),
        ({"baseline": 1.5}, "baseline must be a text or a whole number"),
        ({"knots": [1]}, "knots= belong to"),
        ({"baseline": "spline", "knots": [99]}, "knots must lie between 0 and"),
        ({"event": None}, "event= is needed"),
        ({"period": "years"}, "leave event= and entry= out"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        DiscreteHazard.from_formula("years ~ niche", firms(), **({"event": "exported"} | options))


def test_a_baseline_richer_than_the_events_is_refused():
    data = pd.DataFrame({"years": [0, 0, 1, 1, 1, 2], "exported": [1, 0, 0, 1, 0, 0]})
    with pytest.raises(DataError, match="has 5 coefficients, but the events fall in only 2"):
        DiscreteHazard.from_formula("years ~ 1", data, event="exported", baseline=4)


def test_the_firm_year_table_keeps_labels_and_names_faults():
    data = pd.DataFrame({"d": [1, 0], "e": [0, 1], "x": ["a", "b"]}, index=["first", "second"])
    table = person_period(data, "d", "e", period="t")
    assert table.to_dict("list") == {
        "firm": ["first", "first", "second"],
        "t": [0, 1, 0],
        "d": [1, 1, 0],
        "e": [0, 0, 1],
        "x": ["a", "a", "b"],
    }
    with pytest.raises(DataError, match="column 'x' already"):
        person_period(data, "d", "e", period="x")
    with pytest.raises(OutcomeError, match="whole years"):
        person_period(data.assign(d=0.5), "d", "e")
