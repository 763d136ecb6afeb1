"""Tests of over-dispersion and frequencies of counts, by sums over firms."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import ndtr
from scipy.stats import nbinom, poisson

from exportmodels.core.errors import OptionError
from exportmodels.spread import NegativeBinomial, Poisson, ZeroTruncated, dispersion_tests, rootogram
from exportmodels.spread.dispersion import frequencies

matplotlib.use("Agg")
RNG = np.random.default_rng(6)
N = 60
FIRMS = pd.DataFrame({"x": RNG.normal(size=N), "known": RNG.normal(0, 0.3, N), "n": RNG.integers(1, 4, N)})
FIRMS["wild"] = RNG.poisson(RNG.gamma(1.0, np.exp(1 + 0.3 * FIRMS["x"] + FIRMS["known"])))
FIRMS["even"] = np.full(N, 3) + (np.arange(N) % 2)
OPTIONS = {"frequency": "n", "offset": "known"}


def test_tests_of_over_dispersion():
    results = Poisson.from_formula("wild ~ x", FIRMS, **OPTIONS).fit()
    each = FIRMS.loc[FIRMS.index.repeat(FIRMS["n"])]
    y, eta = each["wild"], results.params["Intercept"] + results.params["x"] * each["x"] + each["known"]
    mu = np.exp(eta)
    excess = ((y - mu) ** 2 - y) / mu
    flat, steep = (sm.OLS(excess, on).fit(cov_type="HC0").tvalues.iloc[0] for on in (np.ones_like(mu), mu))
    score = sum((y - mu) ** 2 - y) / np.sqrt(2 * sum(mu**2))
    wider = NegativeBinomial.from_formula("wild ~ x", FIRMS, **OPTIONS).fit()
    shape = np.exp(-wider.params["[log_alpha]"])
    mean = np.exp(wider.params["Intercept"] + wider.params["x"] * each["x"] + each["known"])
    ratio = 2 * (nbinom.logpmf(y, shape, shape / (shape + mean)).sum() - poisson.logpmf(y, mu).sum())
    table = dispersion_tests(results)
    assert list(table.index) == [
        "regression, variance m (1 + a)",
        "regression, variance m + a m^2",
        "score, NB2",
        "likelihood ratio, NB2",
    ]
    np.testing.assert_allclose(table["statistic"], [flat, steep, score, ratio], rtol=1e-8)
    np.testing.assert_allclose(table["p"].iloc[:3], ndtr(-np.array([flat, steep, score])), rtol=1e-8)
    assert table["p"].iloc[3] == pytest.approx(ndtr(-np.sqrt(ratio)), rel=1e-8)  # half of chi-squared(1)


def test_counts_that_vary_less_have_no_likelihood_ratio():
    table = dispersion_tests(Poisson.from_formula("even ~ x", FIRMS).fit())
    assert table.loc["likelihood ratio, NB2"].tolist() == [0.0, 1.0]


def test_which_counts_can_be_tested():
    with pytest.raises(OptionError, match="exact counts without a ceiling"):
        dispersion_tests(Poisson.from_formula("wild ~ x", FIRMS, top_code=5).fit())
    with pytest.raises(OptionError, match="exact counts without a ceiling"):
        dispersion_tests(Poisson.from_formula("wild ~ x", FIRMS, at_most=200).fit())
    some = FIRMS[FIRMS["wild"] > 0]
    truncated = ZeroTruncated.from_formula("wild ~ x", some, dist="poisson").fit()
    assert list(dispersion_tests(truncated).index) == ["likelihood ratio, NB2"]


def test_frequencies_are_sums_over_firms():
    results = Poisson.from_formula("wild ~ x", FIRMS, **OPTIONS).fit()
    mu = np.exp(results.params["Intercept"] + results.params["x"] * FIRMS["x"] + FIRMS["known"])
    counts, observed, expected = frequencies(results, 7)
    assert counts.tolist() == list(range(8))
    assert observed.tolist() == [FIRMS["n"][FIRMS["wild"] == k].sum() for k in range(8)]
    np.testing.assert_allclose(expected, [(FIRMS["n"] * poisson.pmf(k, mu)).sum() for k in range(8)], rtol=1e-10)
    assert frequencies(results)[0][-1] == int(np.quantile(FIRMS["wild"], 0.98))
    some = FIRMS[FIRMS["wild"] > 0]
    assert frequencies(ZeroTruncated.from_formula("wild ~ x", some, dist="poisson").fit(), 5)[0].tolist() == [
        *range(1, 6)
    ]
    many = FIRMS.assign(wild=FIRMS["wild"] + 100)
    assert frequencies(Poisson.from_formula("wild ~ x", many).fit())[0][-1] == 60


def test_bars_hang_from_what_is_expected():
    results = Poisson.from_formula("wild ~ x", FIRMS, **OPTIONS).fit()
    ax = plt.subplots()[1]
    assert rootogram(results, 4, ax) is ax
    counts, observed, expected = frequencies(results, 4)
    bars = ax.patches
    np.testing.assert_allclose([bar.get_x() + bar.get_width() / 2 for bar in bars], counts)
    np.testing.assert_allclose([bar.get_height() for bar in bars], np.sqrt(observed))
    np.testing.assert_allclose([bar.get_y() + bar.get_height() for bar in bars], np.sqrt(expected))
    np.testing.assert_allclose(ax.lines[0].get_xydata(), np.column_stack([counts, np.sqrt(expected)]))
    plt.close("all")
