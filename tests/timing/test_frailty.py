"""Frailty, effects that change with time, and their tests: against mpmath integrals and firm-year tables."""

import pickle

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, DataError, FormulaError, OptionError, WeightError
from exportmodels.timing import DiscreteHazard, person_period


def frail_firms(n=500, seed=3, variance=1.0, groups=None):
    rng = np.random.default_rng(seed)
    unseen = rng.gamma(1 / variance, variance, n if groups is None else groups)
    sector = np.arange(n) if groups is None else rng.integers(0, groups, n)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "size": rng.normal(0, 1, n), "sector": sector})
    rate = 0.15 * np.exp(0.8 * frame.niche + 0.3 * frame["size"]) * unseen[sector]
    time = np.floor(rng.exponential(size=n) / rate)
    end = rng.integers(4, 15, n)
    frame["exported"] = (time <= end).astype(int)
    frame["years"] = np.minimum(time, end).astype(int)
    frame["entry"] = np.where(np.arange(n) % 3 == 0, np.minimum(frame.years, 2), 0)
    return frame


def precise_loglike(data, theta, frailty, link, late):
    """Sum over sectors of log E[prod P(row | u)], less the years before entry, typed from the definition."""
    a, slope, niche, size, log_variance = map(mp.mpf, map(float, theta))

    def rows_given(group, u, until, event):
        total = mp.mpf(0)
        for row in group.itertuples():
            last = row.entry - 1 if until == "entry" else row.years
            for t in range(last + 1):
                eta = a + slope * t + niche * row.niche + size * mp.mpf(row.size) + u
                if link == "cloglog":
                    survive = -mp.exp(eta)
                else:
                    survive = -mp.log(1 + mp.exp(eta)) if link == "logit" else mp.log(mp.ncdf(-eta))
                fails = event and row.exported and t == row.years
                total += mp.log(1 - mp.exp(survive)) if fails else survive
        return mp.exp(total)

    def mean(group, until, event):
        if frailty == "normal":
            sd = mp.exp(log_variance / 2)
            return mp.quad(lambda u: mp.npdf(u) * rows_given(group, sd * u, until, event), [-9, -3, 0, 3, 9])
        v = mp.exp(log_variance)

        def inside(z):
            return z ** (1 / v - 1) * mp.exp(-z / v) * rows_given(group, mp.log(z), until, event)

        return mp.quad(inside, [0, 0.1, 1, 4, 30]) / (mp.gamma(1 / v) * v ** (1 / v))

    total = mp.mpf(0)
    for _, group in data.groupby("sector"):
        total += mp.log(mean(group, "end", True))
        if late:
            total -= mp.log(mean(group, "entry", False))
    return total


@pytest.mark.parametrize(
    ("frailty", "link", "late"),
    [
        ("gamma", "cloglog", True),
        ("gamma", "cloglog", False),
        ("normal", "cloglog", True),
        ("normal", "logit", False),
        ("normal", "probit", True),
    ],
)
def test_likelihood_and_score_against_integrals(frailty, link, late):
    data = frail_firms(14, groups=9, variance=0.5)
    if frailty == "gamma":
        data["exported"] = data["exported"] * ~data.duplicated("sector")
    data["entry"] = data["entry"] if late else 0
    options = {"baseline": "linear", "link": link, "event": "exported", "entry": "entry", "shared": "sector"}
    model = DiscreteHazard.from_formula("years ~ niche + size", data, frailty=frailty, **options)
    theta = np.array([-1.6, 0.05, 0.5, 0.2, -0.3])
    parts = model.frail(model.sample)
    objective = model.frailty_family.whole(parts, model.sample.designs[""].matrix, np.eye(5))
    value, score, information = objective.evaluate(theta)
    with mp.workdps(20):
        np.testing.assert_allclose(value, float(precise_loglike(data, theta, frailty, link, late)), rtol=1e-8)
    step = 1e-4
    for j, move in enumerate(step * np.eye(5)):
        at = [objective.evaluate(theta + k * move) for k in (-2, -1, 1, 2)]
        slope = (at[0][0] - 8 * at[1][0] + 8 * at[2][0] - at[3][0]) / (12 * step)
        curve = (at[0][1] - 8 * at[1][1] + 8 * at[2][1] - at[3][1]) / (12 * step)
        np.testing.assert_allclose(score[j], slope, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(information[j], -curve, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(objective.scores(theta).sum(axis=0), score, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("frailty", ["gamma", "normal"])
def test_frequencies_table_and_fit_agree(frailty):
    data = frail_firms(200, variance=1.0).assign(size=lambda d: d["size"].round(), copies=lambda d: 1 + d.index % 2)
    options = {"event": "exported", "baseline": "log", "frailty": frailty}
    one = DiscreteHazard.from_formula("years ~ niche + size", data, frequency="copies", entry="entry", **options)
    many = DiscreteHazard.from_formula(
        "years ~ niche + size", data.loc[data.index.repeat(data.copies)], entry="entry", **options
    )
    np.testing.assert_allclose(one.fit().bse, many.fit().bse, rtol=1e-7)
    np.testing.assert_allclose(one.fit("robust").bse, many.fit("robust").bse, rtol=1e-7)
    table = person_period(data, "years", "exported")
    del options["event"]
    long = DiscreteHazard.from_formula("exported ~ niche + size", table, period="period", firm="firm", **options)
    short = DiscreteHazard.from_formula("years ~ niche + size", data, event="exported", **options)
    np.testing.assert_allclose(long.fit().params, short.fit().params, rtol=1e-6)
    np.testing.assert_allclose(long.fit("robust").bse, short.fit("robust").bse, rtol=1e-5)


def test_predictions_average_over_the_frailty():
    data = frail_firms(600, variance=1.5)
    for frailty in ("gamma", "normal"):
        results = DiscreteHazard.from_formula(
            "years ~ niche", data, event="exported", baseline="log", frailty=frailty
        ).fit()
        hazard, survival = results.predict(which="hazard"), results.predict(which="survival")
        np.testing.assert_allclose(survival, np.cumprod(1 - hazard, axis=1), rtol=1e-10)
        rows, draws = data.head(1), 200_000
        theta = results.params.to_numpy()
        eta = results.model.predictor(theta, results.model.design_matrices(rows))[0]
        rng, variance = np.random.default_rng(0), np.exp(theta[-1])
        unseen = (
            rng.gamma(1 / variance, variance, draws)
            if frailty == "gamma"
            else np.exp(np.sqrt(variance) * rng.normal(size=draws))
        )
        simulated = np.exp(-unseen[:, None] * np.cumsum(np.exp(eta))).mean(axis=0)
        np.testing.assert_allclose(survival.iloc[0], simulated, atol=5e-3)
        pd.testing.assert_series_equal(pickle.loads(pickle.dumps(results)).predict(), results.predict())
        assert results.llnull < results.llf
        assert results.df_model == 1


def test_frailty_is_tested_at_the_boundary():
    options = {"event": "exported", "baseline": "log"}
    strong = DiscreteHazard.from_formula("years ~ niche + size", frail_firms(800, variance=1.5), **options).fit()
    test = strong.frailty_test("gamma")
    assert test.pvalue < 0.05
    with_it = DiscreteHazard.from_formula(
        "years ~ niche + size", frail_firms(800, variance=1.5), frailty="gamma", **options
    ).fit()
    np.testing.assert_allclose(with_it.frailty_test().statistic, test.statistic, rtol=1e-8)
    np.testing.assert_allclose(2 * (with_it.llf - strong.llf), test.statistic, rtol=1e-8)
    none = frail_firms(60, variance=1e-9, seed=5)
    model = DiscreteHazard.from_formula("years ~ niche + size", none, frailty="gamma", **options)
    with pytest.raises(ConvergenceError, match="estimated at zero, its boundary"):
        model.fit()
    plain = DiscreteHazard.from_formula("years ~ niche + size", none, **options).fit()
    assert plain.frailty_test().pvalue == 1
    assert plain.frailty_test().statistic == 0


@pytest.mark.parametrize("baseline", ["log", "linear", "dummies"])
def test_a_hazard_without_limit_before_late_entry_is_named(baseline):
    data = frail_firms(200, variance=2.0).assign(entry=lambda d: d["years"].clip(upper=2))
    options = {"event": "exported", "entry": "entry", "baseline": baseline, "frailty": "gamma"}
    with pytest.raises(ConvergenceError, match="no maximum: it rises for ever with the hazard of early years"):
        DiscreteHazard.from_formula("years ~ niche", data, **options).fit()


@pytest.mark.parametrize("link", ["cloglog", "logit", "probit"])
def test_an_effect_that_changes_is_a_column_of_the_firm_year_table(link):
    data = frail_firms(300).assign(kind=lambda d: d.index % 3)
    options = {"link": link, "baseline": "log"}
    short = DiscreteHazard.from_formula(
        "years ~ niche + C(kind) + size + niche:t + C(kind):t", data, event="exported", entry="entry", **options
    )
    table = person_period(data, "years", "exported", "entry")
    t = table["period"]
    table = table.assign(niche_t=t * table.niche, one_t=t * (table.kind == 1), two_t=t * (table.kind == 2))
    long = DiscreteHazard.from_formula(
        "exported ~ niche + C(kind) + size + niche_t + one_t + two_t", table, period="period", firm="firm", **options
    )
    ours, theirs = short.fit(), long.fit()
    assert list(ours.params.index[-3:]) == ["niche:t", "C(kind)[T.1]:t", "C(kind)[T.2]:t"]
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.bse, theirs.bse, rtol=1e-7)
    np.testing.assert_allclose(short.fit("robust").bse, long.fit("robust").bse, rtol=1e-7)
    row = data.head(1)
    eta = short.predictor(ours.params.to_numpy(), short.design_matrices(row))[0]
    hazards = table.head(1).assign(period=4, niche_t=4 * row.niche, one_t=0, two_t=0)
    again = long.predictor(theirs.params.to_numpy(), long.design_matrices(hazards))[0]
    np.testing.assert_allclose(eta[4], again[4], rtol=1e-6)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_score_tests_are_those_of_the_firm_year_table(link):
    import statsmodels.api as sm

    data = frail_firms(300)
    fit = DiscreteHazard.from_formula(
        "years ~ niche + size", data, event="exported", entry="entry", link=link, baseline="linear"
    ).fit()
    table = person_period(data, "years", "exported", "entry")
    design = np.column_stack([np.ones(len(table)), table["period"], table["niche"], table["size"]])
    links = {"cloglog": sm.families.links.CLogLog(), "logit": sm.families.links.Logit()}
    glm = sm.GLM(table["exported"].to_numpy(), design, family=sm.families.Binomial(links[link]))
    eta = design @ fit.params.to_numpy()
    t = table["period"].to_numpy()[:, None]
    cases = {
        fit.link_test(): (eta**2)[:, None],
        fit.proportionality_test(): t * design[:, 2:],
        fit.proportionality_test(["size"], "log"): np.log1p(t) * design[:, 3:],
    }
    for test, extra in cases.items():
        chi2, pvalue, df = (np.squeeze(part) for part in glm.score_test(fit.params.to_numpy(), exog_extra=extra))
        np.testing.assert_allclose([test.statistic, test.pvalue, test.df], [chi2, pvalue, df], rtol=1e-7)


def test_proportionality_is_tested_of_the_effects_that_do_not_change_yet():
    data, options = frail_firms(300), {"event": "exported", "entry": "entry", "baseline": "linear"}
    fit = DiscreteHazard.from_formula("years ~ niche + size + niche:t", data, **options).fit()
    rest = fit.proportionality_test()
    assert rest.df == 1
    assert rest == fit.proportionality_test(["size"])
    added = DiscreteHazard.from_formula("years ~ niche + size + niche:t + size:t", data, **options).fit()
    np.testing.assert_allclose(rest.statistic, added.tvalues["size:t"] ** 2, rtol=0.05)
    assert fit.proportionality_test(clock="log").df == 2
    with pytest.raises(OptionError, match="effect of 'niche' change with t already: its own coefficient, 'niche:t'"):
        fit.proportionality_test(["niche", "size"])
    with pytest.raises(OptionError, match="choose clock='log'"):
        added.proportionality_test()


def test_a_score_test_of_what_the_model_has_already_is_refused():
    at_once = frail_firms(60).query("entry == 0").assign(years=0)
    fit = DiscreteHazard.from_formula("years ~ niche", at_once, event="exported").fit()
    with pytest.raises(DataError, match="nothing to test"):
        fit.proportionality_test()


def test_a_column_t_is_no_year_and_an_outcome_t_explains_nothing():
    data, options = frail_firms(300), {"event": "exported", "baseline": "linear"}
    waited = data.rename(columns={"years": "t"})
    for outcome in ("t", "np.floor(t)"):
        with pytest.raises(OptionError, match="the outcome would explain itself"):
            DiscreteHazard.from_formula(f"{outcome} ~ niche + niche:t", waited, **options)
    dated = data.assign(t=data["size"])
    fit = DiscreteHazard.from_formula("years ~ niche + niche:t", dated, **options).fit()
    assert "`t` in the formula is the column 't' of the data, not the year" in str(fit.summary())
    table = person_period(data, "years", "exported").rename(columns={"period": "t"})
    by_year = DiscreteHazard.from_formula("exported ~ niche + niche:t", table, period="t", firm="firm", baseline=1)
    short = DiscreteHazard.from_formula("years ~ niche + niche:t", data, **options).fit()
    np.testing.assert_allclose(by_year.fit().params, short.params, rtol=1e-7)


@pytest.mark.parametrize(
    ("formula", "options", "error", "message"),
    [
        ("years ~ niche", {"frailty": "gamma", "link": "logit"}, OptionError, "goes with link='cloglog'"),
        ("years ~ niche", {"frailty": "weibull"}, OptionError, "frailty must be one of"),
        ("years ~ niche", {"shared": "sector"}, OptionError, "shared= says which rows share"),
        ("years ~ niche", {"frailty": "gamma", "shared": "kind"}, OptionError, "allows one event a group"),
        ("years ~ niche + niche:t", {"frailty": "normal"}, OptionError, "cannot be fitted together"),
        ("years ~ niche + t", {}, FormulaError, "by itself is the baseline"),
        ("years ~ niche + size:t", {}, OptionError, "add its effect at t=0"),
        (
            "years ~ niche",
            {"frailty": "normal", "shared": "kind", "weights": "size"},
            WeightError,
            "must have one weight",
        ),
    ],
)
def test_contradictions_are_refused(formula, options, error, message):
    data = frail_firms(50).assign(kind=lambda d: d.index % 3, size=lambda d: d["size"] + 10)
    with pytest.raises(error, match=message):
        DiscreteHazard.from_formula(formula, data, event="exported", **options).fit()
