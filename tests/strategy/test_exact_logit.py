"""Exact logit against Fisher's and the exact Mantel-Haenszel test of R, and outcomes written out one by one."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, OutcomeError
from exportmodels.inference import fisher_exact, midp_exact
from exportmodels.strategy import ConditionalLogit, ExactLogit
from exportmodels.strategy.exact_logit import whole_units

# group by answer in three strata
TABLES = [[[2, 8], [5, 7]], [[1, 9], [6, 4]], [[3, 4], [2, 8]]]


def long(tables):
    rows = [
        (s, group, answer, count)
        for s, table in enumerate(tables)
        for group, cells in enumerate(table)
        for answer, count in enumerate(cells)
    ]
    return pd.DataFrame(rows, columns=["stratum", "group", "answer", "n"])


@pytest.fixture
def firms():
    rng = np.random.default_rng(3)
    n = 13
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "rd": rng.integers(0, 4, n), "age": rng.integers(2, 9, n)})
    return frame.assign(plant=rng.integers(0, 2, n), sector=np.sort(rng.integers(0, 2, n)), lean=rng.normal(0, 0.5, n))


@pytest.mark.parametrize("table", [[[9, 5], [2, 15]], [[5, 12], [0, 19]], [[2, 8], [5, 7]], [[1, 3], [3, 1]]])
def test_one_grouping_is_fisher_s_test(table):
    data = long([table])
    results = ExactLogit.from_formula("answer ~ group", data, frequency="n").fit()
    fisher, midp = fisher_exact(table), midp_exact(table)
    np.testing.assert_allclose(results.pvalues["group"], fisher.pvalue, rtol=1e-10)
    np.testing.assert_allclose(np.exp(results.conf_int().loc["group"]), fisher.conf_int, rtol=1e-8)
    np.testing.assert_allclose(np.exp(results.conf_int(midp=True).loc["group"]), midp.conf_int, rtol=1e-8)
    if not results.median_unbiased["group"]:
        np.testing.assert_allclose(np.exp(results.params["group"]), fisher.odds_ratio, rtol=1e-9)


def test_strata_agree_with_the_exact_mantel_haenszel_test_of_r():
    """R 4.2.2: mantelhaen.test(exact = TRUE), whose limits are good to about 2e-4."""
    results = ExactLogit.from_formula("answer ~ group", long(TABLES), frequency="n", strata="stratum").fit()
    np.testing.assert_allclose(results.pvalues["group"], MANTEL_HAENSZEL[0], rtol=1e-8)
    np.testing.assert_allclose(np.exp(results.params["group"]), MANTEL_HAENSZEL[1], rtol=1e-4)
    np.testing.assert_allclose(np.exp(results.conf_int().loc["group"]), MANTEL_HAENSZEL[2:], rtol=3e-4)


def test_strata_agree_with_the_conditional_likelihood():
    """With one covariate the estimate maximizes the conditional likelihood of several picks a stratum."""
    data = long(TABLES)
    data = data.loc[data.index.repeat(data["n"])]
    exact = ExactLogit.from_formula("answer ~ group", data, strata="stratum").fit()
    conditional = ConditionalLogit.from_formula("answer ~ group", data, choice_set="stratum").fit()
    np.testing.assert_allclose(exact.params["group"], conditional.params["group"], rtol=1e-8)
    np.testing.assert_allclose(exact.bse["group"], conditional.bse["group"], rtol=1e-8)


@pytest.mark.parametrize("options", [{}, {"strata": "sector"}, {"offset": "lean"}])
def test_against_outcomes_written_out(firms, options):
    model = ExactLogit.from_formula("plant ~ niche + rd + age", firms, **options)
    results = model.fit()
    x, y = firms[["niche", "rd", "age"]].to_numpy(), firms["plant"].to_numpy()
    stratum = firms["sector"].to_numpy() if "strata" in options else np.zeros(len(y), int)
    lean = firms["lean"].to_numpy() if "offset" in options else np.zeros(len(y))
    outcomes = np.array(list(product((0, 1), repeat=len(y))))
    events = np.stack([outcomes[:, stratum == s].sum(axis=1) for s in np.unique(stratum)], axis=1)
    same = (events == [y[stratum == s].sum() for s in np.unique(stratum)]).all(axis=1)
    sums, weight = outcomes @ x, np.exp(outcomes @ lean)
    for j, name in enumerate(model.param_names):
        held = same & (np.delete(sums, j, axis=1) == np.delete(y @ x, j)).all(axis=1)
        total = pd.Series(weight[held]).groupby(sums[held, j]).sum()
        null = results.distributions[name].null
        np.testing.assert_allclose(null, total / total.sum(), rtol=1e-10)
        np.testing.assert_allclose(np.diff(results.distributions[name].support), np.diff(total.index), rtol=1e-12)


def test_sampled_distribution_is_the_enumerated_one(firms):
    formula = "plant ~ niche + rd + age"
    exact = ExactLogit.from_formula(formula, firms, strata="sector").fit()
    drawn = ExactLogit.from_formula(formula, firms, strata="sector", draws=20_000).fit()
    for name, distribution in exact.distributions.items():
        sampled = drawn.distributions[name]
        seen = np.isin(np.round(distribution.support, 9), np.round(sampled.support, 9))
        assert distribution.null[~seen].sum() < 1e-3
        np.testing.assert_allclose(sampled.null, distribution.null[seen], atol=0.015)
        assert abs(drawn.test(name, "score") - exact.test(name, "score")) < 0.02
    assert any("sampled" in note for note in drawn.notes)
    again = ExactLogit.from_formula(formula, firms, strata="sector", draws=20_000).fit()
    pd.testing.assert_series_equal(again.pvalues, drawn.pvalues)


def test_median_unbiased_where_the_likelihood_rises_for_ever():
    firms = pd.DataFrame({"plant": [0] * 31 + [1] * 5, "niche": [0] * 19 + [1] * 17})
    results = ExactLogit.from_formula("plant ~ niche", firms).fit()
    distribution = results.distributions["niche"]
    assert results.median_unbiased["niche"] and np.isnan(results.bse["niche"])
    np.testing.assert_allclose(distribution.probabilities(results.params["niche"])[-1], 0.5, rtol=1e-10)
    assert results.conf_int().loc["niche", 1] == np.inf and 0 < results.params["niche"] < 5
    assert "median unbiased" in str(results.summary())


def test_order_units_and_reversal(firms):
    one = ExactLogit.from_formula("plant ~ niche + rd", firms).fit()
    other = ExactLogit.from_formula(
        "absent ~ niche + rd",
        firms.assign(absent=1 - firms["plant"], rd=firms["rd"] / 8 + 3).sample(frac=1, random_state=1),
    ).fit()
    np.testing.assert_allclose(other.params, -one.params * [1, 8], rtol=1e-9)
    np.testing.assert_allclose(other.pvalues, one.pvalues, rtol=1e-9)
    np.testing.assert_allclose(other.conf_int()[0], -one.conf_int()[1] * [1, 8], rtol=1e-9)


def test_determined_coefficients_are_named():
    rng = np.random.default_rng(1)
    firms = pd.DataFrame({"y": [0, 1] * 6, "x": rng.normal(size=12), "z": rng.integers(0, 2, 12)})
    results = ExactLogit.from_formula("y ~ x + z", firms).fit()
    assert results.distributions["z"].degenerate
    assert any("nothing can be said of z" in note for note in results.notes)
    assert results.pvalues["z"] == 1 and results.conf_int().loc["z"].tolist() == [-np.inf, np.inf]


def test_whole_units():
    steps, unit = whole_units(np.array([0.25, 0.75, 1.5]))
    assert steps.tolist() == [0, 2, 5] and unit == 0.25
    steps, unit = whole_units(np.array([2001.0, 2004.0, 2010.0]))
    assert steps.tolist() == [0, 1, 3] and unit == 3


def test_too_large_and_bad_options_are_named():
    rng = np.random.default_rng(5)
    firms = pd.DataFrame({name: rng.integers(0, 10**5, 60) for name in ("a", "b", "c")}).assign(
        y=rng.integers(0, 2, 60)
    )
    with pytest.raises(OptionError, match="draws=100_000"):
        ExactLogit.from_formula("y ~ a + b", firms).fit()
    with pytest.raises(OptionError, match="draws must be at least 1000"):
        ExactLogit.from_formula("y ~ a", firms, draws=10)
    with pytest.raises(OutcomeError, match="one class"):
        ExactLogit.from_formula("y ~ a", firms.assign(y=1))
    with pytest.raises(OptionError, match="method"):
        ExactLogit.from_formula("y ~ m", firms.assign(m=firms["a"] % 2)).fit().test("m", "wald")


MANTEL_HAENSZEL = [0.172019723886, 0.427093700074, 0.111252525287, 1.47797979227]


def test_a_sample_is_not_told_to_be_a_sample(firms, monkeypatch):
    monkeypatch.setattr("exportmodels.strategy.exact_network._NODES", 3)
    with pytest.raises(OptionError, match=r"groups of firms; round covariates"):
        ExactLogit.from_formula("plant ~ niche + age", firms, draws=1000).fit()
    with pytest.raises(OptionError, match=r"give draws=100_000 to sample it, or round covariates"):
        ExactLogit.from_formula("plant ~ niche + age", firms).fit()


def test_results_name_themselves(firms):
    results = ExactLogit.from_formula("plant ~ niche + age", firms).fit()
    assert repr(results) == f"<ExactLogit results: {len(firms)} firms, 2 coefficients>"
