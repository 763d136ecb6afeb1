"""Resampling and pooling agree with what they stand for: brute-force refits, Rubin's formulas, exact small cases."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, OptionError
from exportmodels.inference import bootstrap, jackknife, pool, score_bootstrap
from exportmodels.share import Fractional
from exportmodels.strategy import Logit


@pytest.fixture
def firms():
    rng = np.random.default_rng(11)
    n = 80
    frame = pd.DataFrame(
        {"niche": np.tile([0, 1], n // 2), "age": rng.integers(1, 30, n), "region": np.arange(n) // 10}
    )
    frame["share"] = np.round(rng.beta(1 + frame["niche"], 2), 2)
    return frame


def test_jackknife_is_leaving_rows_out(firms):
    model = Fractional.from_formula("share ~ niche + age", firms)
    rows = [
        Fractional.from_formula("share ~ niche + age", firms.drop(index=i)).fit().params.to_numpy() for i in firms.index
    ]
    centred = np.array(rows) - np.mean(rows, axis=0)
    expected = np.sqrt((len(firms) - 1) / len(firms) * (centred**2).sum(axis=0))
    np.testing.assert_allclose(model.fit("jackknife").bse, expected, rtol=1e-10)
    np.testing.assert_allclose(jackknife(model.fit())["se"], expected, rtol=1e-10)


def test_cluster_jackknife_leaves_whole_clusters_out(firms):
    model = Fractional.from_formula("share ~ niche", firms)
    left = [
        Fractional.from_formula("share ~ niche", firms[firms["region"] != g]).fit().params.to_numpy() for g in range(8)
    ]
    centred = np.array(left) - np.mean(left, axis=0)
    np.testing.assert_allclose(
        model.fit("jackknife", clusters="region").bse, np.sqrt(7 / 8 * (centred**2).sum(axis=0)), rtol=1e-10
    )


def test_bootstrap_repeats_with_its_seed_and_resembles_robust_errors(firms):
    model = Fractional.from_formula("share ~ niche", firms)
    first, again = (model.fit("bootstrap", replications=400, seed=3).bse for _ in range(2))
    pd.testing.assert_series_equal(first, again)
    np.testing.assert_allclose(first, model.fit().bse, rtol=0.15)


def test_intervals_of_a_statistic(firms):
    results = Fractional.from_formula("share ~ niche", firms).fit()
    drawn = bootstrap(results, lambda b: np.exp(b["niche"]), replications=300, bca=True)
    for method in ("percentile", "basic", "bca"):
        lower, upper = drawn.conf_int(method=method).iloc[0]
        assert lower < np.exp(results.params["niche"]) < upper
    narrow, wide = (drawn.conf_int(alpha).iloc[0] for alpha in (0.5, 0.01))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    with pytest.raises(OptionError, match="percentile"):
        drawn.conf_int(method="student")


def test_draws_without_an_estimate_are_counted_or_refused():
    firms = pd.DataFrame({"plant": [0] * 17 + [1] * 3, "niche": [0, 1] * 8 + [0, 1, 1, 0]})
    model = Logit.from_formula("plant ~ niche", firms)
    results = model.fit("bootstrap", replications=100)
    assert any("refits had no estimate" in note for note in results.notes)
    lonely = firms.assign(plant=[0] * 18 + [1] * 2, niche=[0] * 18 + [0, 1])
    lonely.loc[0, "niche"] = 1
    with pytest.raises(ConvergenceError, match="no estimate"):
        Logit.from_formula("plant ~ niche", lonely).fit("bootstrap", replications=100)


def test_pooling_follows_rubin(firms):
    rng = np.random.default_rng(0)
    fits = [
        Fractional.from_formula(
            "share ~ niche + age", firms.assign(age=firms["age"] + rng.normal(0, 5, len(firms)))
        ).fit()
        for _ in range(5)
    ]
    pooled = pool(fits)
    estimates = np.array([fit.params for fit in fits])
    within = np.mean([fit.cov_params().to_numpy() for fit in fits], axis=0)
    np.testing.assert_allclose(pooled.params, estimates.mean(axis=0))
    np.testing.assert_allclose(pooled.cov_params(), within + 1.2 * np.cov(estimates.T))
    assert (pooled.df < fits[0].df_resid).all()
    assert pooled.missing_information["age"] > pooled.missing_information["niche"]
    with pytest.raises(OptionError, match="two fits"):
        pool(fits[:1])


def test_score_bootstrap_is_the_robust_score_test_in_large_samples(firms):
    results = Fractional.from_formula("share ~ niche + age", firms).fit()
    drawn = score_bootstrap(results, "niche", replications=4999)
    assert drawn.pvalue == pytest.approx(results.pvalues["niche"], abs=0.02)
    at_estimate = score_bootstrap(results, f"niche = {float(results.params['niche'])!r}", replications=99)
    assert abs(at_estimate.statistic) < 1e-6


def test_score_bootstrap_enumerates_signs_with_few_clusters(firms):
    results = Fractional.from_formula("share ~ age", firms).fit(clusters="region")
    drawn = score_bootstrap(results, "age", clusters="region", replications=20_000)
    assert drawn.clusters == 8
    # with eight clusters there are 2^8 sign vectors, so p-values are multiples of 2 / 2^8 up to simulation error
    assert abs(drawn.pvalue * 128 - round(drawn.pvalue * 128)) < 1.5
