"""Resampled statistics of a fit with a closed form: bootstrap, jackknife, and intervals by their definitions."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.covariance import bootstrap_draws
from exportmodels.core.errors import ConvergenceError, OptionError
from exportmodels.inference import bootstrap, jackknife
from exportmodels.inference.resampling import Resampled
from exportmodels.share import Fractional

N = 18
RNG = np.random.default_rng(2)
NICHE = np.arange(N) % 2
REGION = np.array(list("xyzxyzxyyzzxxyzxyz"))
SHARE = np.round(RNG.uniform(0.05, 0.95, N), 2)
COPIES = RNG.integers(1, 4, N).astype(float)
FIRMS = pd.DataFrame({"share": SHARE, "niche": NICHE, "region": REGION, "copies": COPIES})


def logit_means(weight):
    """Log odds of the mean share of mass firms, and how much larger those of niche firms are."""
    odds = [np.log(m / (1 - m)) for m in (np.average(SHARE[k == NICHE], weights=weight[k == NICHE]) for k in (0, 1))]
    return np.array([odds[0], odds[1] - odds[0]])


@pytest.fixture(scope="module")
def fit():
    return Fractional.from_formula("share ~ niche", FIRMS).fit()


@pytest.fixture(scope="module")
def counted():
    return Fractional.from_formula("share ~ niche", FIRMS, frequency="copies").fit()


def test_bootstrap_refits_on_each_draw(counted):
    drawn = bootstrap(counted, replications=6, seed=4)
    expected = [logit_means(draw) for draw in bootstrap_draws(COPIES, None, 6, 4)]
    np.testing.assert_allclose(drawn.replicates, expected, rtol=1e-7)
    np.testing.assert_allclose(drawn.estimate, logit_means(COPIES), rtol=1e-9)
    np.testing.assert_allclose(drawn.bse, np.std(expected, axis=0, ddof=1), rtol=1e-7)
    assert list(drawn.replicates.columns) == list(drawn.estimate.index) == ["Intercept", "niche"]
    assert (drawn.failed, drawn.jackknife) == (0, None)
    assert len(bootstrap(counted).replicates) == 999


@pytest.mark.parametrize("clusters", ["region", REGION], ids=["name", "array"])
def test_bootstrap_of_clusters_and_of_a_statistic(counted, clusters):
    drawn = bootstrap(counted, lambda b: np.exp(b["niche"]), clusters=clusters, replications=5, bca=True)
    expected = [np.exp(logit_means(draw)[1]) for draw in bootstrap_draws(COPIES, REGION, 5, 0)]
    np.testing.assert_allclose(drawn.replicates[0], expected, rtol=1e-7)
    np.testing.assert_allclose(drawn.estimate, [np.exp(logit_means(COPIES)[1])], rtol=1e-9)
    left = [np.exp(logit_means(np.where(g == REGION, 0, COPIES))[1]) for g in "xyz"]
    np.testing.assert_allclose(drawn.jackknife[0], left, rtol=1e-7)


def test_jackknife_of_a_statistic(fit):
    def named(b):
        return pd.Series({"ratio": np.exp(b["niche"]), "base": b["Intercept"]})

    def value(weight):
        base, more = logit_means(weight)
        return np.array([np.exp(more), base])

    found = jackknife(fit, named)
    left = np.array([value(np.where(np.arange(N) == i, 0.0, 1.0)) for i in range(N)])
    estimate = value(np.ones(N))
    bias = (N - 1) * (left.mean(axis=0) - estimate)
    assert list(found.index) == ["ratio", "base"]
    np.testing.assert_allclose(found["estimate"], estimate, rtol=1e-9)
    np.testing.assert_allclose(found["bias"], bias, rtol=1e-5)
    np.testing.assert_allclose(found["corrected"], estimate - bias, rtol=1e-6)
    np.testing.assert_allclose(found["se"], np.sqrt((N - 1) * np.var(left, axis=0)), rtol=1e-6)


def test_jackknife_of_clusters(fit):
    found = jackknife(fit, clusters="region")
    left = np.array([logit_means(1.0 * (g != REGION)) for g in "xyz"])
    np.testing.assert_allclose(found["se"], np.sqrt(2 * np.var(left, axis=0)), rtol=1e-6)
    np.testing.assert_allclose(found["bias"], 2 * (left.mean(axis=0) - logit_means(np.ones(N))), rtol=1e-5)


def test_what_is_said_of_the_refits(monkeypatch, fit):
    told = []

    def refits(draws, title, show):
        told.append((len(draws), title, show))
        return np.array([[0.0, 1.0], [0.5, 2.0]]), failed

    monkeypatch.setattr(fit.model, "refits", refits, raising=False)
    failed = 2
    assert bootstrap(fit, replications=4, bca=False, progress=True).failed == 2
    jackknife_failed = 9
    failed = jackknife_failed
    jackknife(fit, progress=False)
    assert told == [(4, "bootstrap refits", True), (N, "jackknife refits", False)]
    failed = 0
    bootstrap(fit, replications=4, bca=True, progress=False)
    assert told[2:] == [(4, "bootstrap refits", False), (N, "jackknife refits", False)]
    failed = 3
    with pytest.raises(ConvergenceError, match="3 of 4 bootstrap refits have no estimate"):
        bootstrap(fit, replications=4)
    failed = 10
    with pytest.raises(ConvergenceError, match=f"10 of {N} jackknife refits"):
        jackknife(fit)


PHI = NormalDist()
VALUES = np.round(RNG.normal(1.0, 2.0, (40, 2)), 3)
LEFT = RNG.gamma(2.0, size=(15, 2))
DRAWN = Resampled(
    pd.Series({"a": 0.9, "b": 1.4}),
    pd.DataFrame(VALUES, columns=["a", "b"]),
    0,
    pd.DataFrame(LEFT, columns=["a", "b"]),
)


def quantile(values, p):
    """Linear interpolation between order statistics, the first at 0 and the last at 1."""
    ordered, place = np.sort(values), p * (len(values) - 1)
    below = int(place)
    return ordered[below] + (place - below) * (ordered[min(below + 1, len(values) - 1)] - ordered[below])


@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_percentile_and_basic_intervals(alpha):
    for k, name in enumerate("ab"):
        low, high = quantile(VALUES[:, k], alpha / 2), quantile(VALUES[:, k], 1 - alpha / 2)
        np.testing.assert_allclose(DRAWN.conf_int(alpha).loc[name], [low, high], rtol=1e-12)
        mirrored = [2 * DRAWN.estimate[name] - high, 2 * DRAWN.estimate[name] - low]
        np.testing.assert_allclose(DRAWN.conf_int(alpha, "basic").loc[name], mirrored, rtol=1e-12)
    pd.testing.assert_frame_equal(DRAWN.conf_int(), DRAWN.conf_int(0.05, "percentile"))


def efron(values, estimate, left, alpha):
    """The interval of Efron (1987), equations 2.3 and 6.6, with the jackknife's acceleration."""
    share = min(max(sum(v < estimate for v in values) / len(values), 0.5 / len(values)), 1 - 0.5 / len(values))
    z0, gaps = PHI.inv_cdf(share), left.mean() - left
    a = sum(gaps**3) / (6 * sum(gaps**2) ** 1.5) if any(gaps) else 0.0
    ends = []
    for level in (alpha / 2, 1 - alpha / 2):
        z = z0 + PHI.inv_cdf(level)
        ends.append(quantile(values, PHI.cdf(z0 + z / (1 - a * z))))
    return ends


@pytest.mark.parametrize("estimate", [0.9, VALUES[7, 0], VALUES.min() - 1, VALUES.max() + 1])
@pytest.mark.parametrize("left", [LEFT, np.ones((5, 2))], ids=["skew", "flat"])
def test_bias_corrected_and_accelerated_intervals(estimate, left):
    jackknifed = pd.DataFrame(left, columns=["a", "b"])
    drawn = Resampled(pd.Series({"a": estimate, "b": 1.4}), DRAWN.replicates, 0, jackknifed)
    for alpha in (0.05, 0.4):
        expected = [efron(VALUES[:, k], drawn.estimate.iloc[k], left[:, k], alpha) for k in range(2)]
        np.testing.assert_allclose(drawn.conf_int(alpha, "bca"), expected, rtol=1e-9)


def test_intervals_there_are_not():
    with pytest.raises(OptionError, match="method must be"):
        DRAWN.conf_int(method="studentized")
    with pytest.raises(OptionError, match="alpha must lie"):
        DRAWN.conf_int(alpha=5.0)
    with pytest.raises(OptionError, match="bca=True"):
        Resampled(DRAWN.estimate, DRAWN.replicates, 0).conf_int(method="bca")
