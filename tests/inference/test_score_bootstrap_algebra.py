"""The score bootstrap of a fractional logit: scores and information by hand, p-values by all sign vectors."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from exportmodels.core.errors import DataError, OptionError
from exportmodels.inference import score_bootstrap
from exportmodels.inference.wild_scores import _studentized
from exportmodels.share import Fractional

N = 12
RNG = np.random.default_rng(6)
NICHE = np.tile([0.0, 1.0], N // 2)
REGION = np.repeat(list("qrst"), 3)
SHARE = np.round(expit(RNG.normal(0.4 * NICHE, 1.0)), 2)
COPIES = RNG.integers(1, 4, N).astype(float)
WEIGHT = RNG.uniform(0.5, 2.0, N)
FIRMS = pd.DataFrame({"share": SHARE, "niche": NICHE, "region": REGION, "copies": COPIES, "weight": WEIGHT})
CASES = {
    "plain": ({}, np.ones(N)),
    "frequency": ({"frequency": "copies"}, COPIES),
    "both": ({"frequency": "copies", "weights": "weight"}, COPIES * WEIGHT),
}


def along(total, effect):
    """Each row's part of the step from the estimate with the effect held to the one without, for the effect."""
    base = brentq(lambda a: total @ (SHARE - expit(a + effect * NICHE)), -20, 20, xtol=1e-14)
    mean = expit(base + effect * NICHE)
    x = np.column_stack([np.ones(N), NICHE])
    information = (x.T * (total * mean * (1 - mean))) @ x
    return (x * (total * (SHARE - mean))[:, None]) @ np.linalg.inv(information)[1]


def statistic(parts):
    return parts.sum() / np.sqrt(((parts - parts.mean()) ** 2).sum())


def exact_pvalue(parts, points):
    """Share of all vectors of weights whose statistic is at least as large."""
    found = [statistic(np.array(w) * parts) for w in product(points, repeat=len(parts))]
    return np.mean(np.abs(found) >= abs(statistic(parts)) * (1 - 1e-9))


WEBB = [sign * np.sqrt(size / 2) for sign in (-1, 1) for size in (1, 2, 3)]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("hypothesis", "effect"), [("niche", 0.0), ("niche = 0.4", 0.4), ("niche = 1.2", 1.2)])
def test_four_clusters(case, hypothesis, effect):
    options, total = CASES[case]
    fit = Fractional.from_formula("share ~ niche", FIRMS, **options).fit()
    sums = np.array([along(total, effect)[region == REGION].sum() for region in "qrst"])
    for name, points in (("rademacher", [-1.0, 1.0]), ("webb", WEBB)):
        found = score_bootstrap(fit, hypothesis, clusters="region", weights=name, seed=1)
        assert found.statistic == pytest.approx(statistic(sums), rel=1e-7)
        p = exact_pvalue(sums, points)
        assert found.pvalue == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / 9999) + 1e-12)
        assert (found.clusters, found.replications) == (4, 9999)
    assert score_bootstrap(fit, hypothesis, clusters=REGION, weights="webb", seed=1) == found


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("effect", [0.0, -1.0, 2.0])
def test_each_firm_is_its_own_cluster(case, effect):
    options, total = CASES[case]
    fit = Fractional.from_formula("share ~ niche", FIRMS, **options).fit()
    parts = along(total, effect)
    found = score_bootstrap(fit, f"niche = {effect}")
    p = exact_pvalue(parts, [-1.0, 1.0])
    assert found.statistic == pytest.approx(statistic(parts), rel=1e-7)
    assert found.pvalue == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / 9999) + 1e-12)
    assert found.clusters == N
    assert found == score_bootstrap(fit, f"niche = {effect}", replications=9999, weights="rademacher", seed=0)
    assert score_bootstrap(fit, f"niche = {effect}", replications=2000, seed=1).pvalue != found.pvalue


def test_a_model_of_one_coefficient_has_nothing_to_estimate():
    fit = Fractional.from_formula("share ~ 1", FIRMS).fit()
    found = score_bootstrap(fit, "Intercept = 0.5", clusters="region")
    rows = SHARE - expit(0.5)
    sums = np.array([rows[region == REGION].sum() for region in "qrst"])
    assert found.statistic == pytest.approx(statistic(sums), rel=1e-9)


def test_large_coefficients_are_tested_like_small_ones():
    """Another unit of the covariate changes neither statistic nor p-value."""
    fit = Fractional.from_formula("share ~ niche", FIRMS).fit()
    small = Fractional.from_formula("share ~ niche", FIRMS.assign(niche=NICHE / 1e4)).fit()
    one = score_bootstrap(fit, "niche = 0.7", clusters="region")
    other = score_bootstrap(small, "niche = 7000", clusters="region")
    assert (other.statistic, other.pvalue) == (pytest.approx(one.statistic, rel=1e-6), one.pvalue)


def test_draws_that_are_the_same_in_all_clusters_are_beyond_all():
    with np.errstate(all="raise"):
        found = _studentized(np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 4.0], [-2.0, -2.0, -2.0]]))
    np.testing.assert_allclose(found, [np.inf, statistic(np.array([1.0, 2.0, 4.0])), -np.inf])


def test_it_reads_as_one_line():
    fit = Fractional.from_formula("share ~ niche", FIRMS).fit()
    found = score_bootstrap(fit, "niche = 0.7", clusters="region", replications=99)
    assert str(found).startswith("score bootstrap test of niche = 0.7: t = ")
    assert str(found).endswith("(4 clusters, 99 draws)")


def test_what_is_refused():
    fit = Fractional.from_formula("share ~ niche", FIRMS).fit()
    for options, said in (
        ({"weights": "mammen"}, "weights must be"),
        ({"replications": 0}, "replications must be .* at least 1"),
        ({"seed": -1}, "seed must be .* at least 0"),
        ({"hypothesis": "niche = 0, Intercept = 0"}, "one restriction"),
    ):
        with pytest.raises(OptionError, match=said):
            score_bootstrap(fit, **{"hypothesis": "niche", **options})
    with pytest.raises(DataError, match="score bootstrap needs at least two clusters"):
        score_bootstrap(fit, "niche", clusters=np.zeros(N))
    assert score_bootstrap(fit, "niche", replications=1).replications == 1
    even = Fractional.from_formula("share ~ 1", FIRMS.assign(share=[0.2, 0.8] * 6)).fit()
    with pytest.raises(DataError, match="same in all clusters"):
        score_bootstrap(even, "Intercept = 1", clusters=np.repeat([1, 2, 3], 4))
