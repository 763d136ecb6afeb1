"""Over-dispersion, rootograms and Vuong's test, against simulation and known distributions."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import chdtrc

from exportmodels.core.errors import OptionError
from exportmodels.inference import lr_test, vuong_test
from exportmodels.inference.vuong import _weighted_tail
from exportmodels.spread import (
    GeneralizedPoisson,
    HeapedCount,
    Hurdle,
    NegativeBinomial,
    Poisson,
    ZeroInflated,
    ZeroTruncated,
    dispersion_tests,
    rootogram,
)
from exportmodels.spread.dispersion import frequencies


@pytest.fixture(scope="module")
def firms():
    """Counts of 300 firms: Poisson, over-dispersed, and with a hurdle. Synthetic."""
    rng = np.random.default_rng(2)
    niche = rng.integers(0, 2, 300)
    mean = np.exp(1 + 0.5 * niche)
    frame = pd.DataFrame({"niche": niche, "even": rng.poisson(mean), "wild": rng.poisson(rng.gamma(1.5, mean / 1.5))})
    return frame.assign(hurdle=np.where(rng.uniform(size=300) < 0.5, 0, np.maximum(frame["even"], 1)))


def test_only_what_is_over_dispersed_is_found(firms):
    wild = dispersion_tests(Poisson.from_formula("wild ~ niche", firms).fit())
    even = dispersion_tests(Poisson.from_formula("even ~ niche", firms).fit())
    assert (wild["p"] < 1e-4).all()
    assert (even["p"] > 0.05).all()


def test_regression_tests_are_least_squares_with_robust_errors(firms):
    results = Poisson.from_formula("wild ~ niche", firms).fit()
    mu = results.predict()
    excess = ((firms["wild"] - mu) ** 2 - firms["wild"]) / mu
    peer = sm.OLS(excess, mu).fit(cov_type="HC0")
    assert dispersion_tests(results)["statistic"].iloc[1] == pytest.approx(peer.tvalues.iloc[0], rel=1e-10)


def test_frequencies_count_as_repeated_firms(firms):
    counts = firms.groupby(["niche", "wild"]).size().rename("times").reset_index()
    whole = dispersion_tests(Poisson.from_formula("wild ~ niche", firms).fit())
    short = dispersion_tests(Poisson.from_formula("wild ~ niche", counts, frequency="times").fit())
    pd.testing.assert_frame_equal(whole, short, rtol=1e-8)


def test_a_rootogram_holds_all_firms(firms):
    matplotlib.use("Agg")
    results = Hurdle.from_formula("hurdle ~ niche", firms, dist="poisson").fit()
    _, observed, expected = frequencies(results, most=40)
    assert observed.sum() == 300 and expected.sum() == pytest.approx(300, abs=1e-6)
    assert observed[0] == pytest.approx(expected[0], abs=1e-6)  # the hurdle fits the zeros exactly
    ax = rootogram(results)
    tops = [bar.get_y() + bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(tops, ax.lines[0].get_ydata())
    matplotlib.pyplot.close(ax.figure)


def test_vuong_tells_a_hurdle_from_a_poisson(firms):
    hurdle = Hurdle.from_formula("hurdle ~ niche", firms, dist="poisson").fit()
    table = vuong_test(hurdle, NegativeBinomial.from_formula("hurdle ~ niche", firms).fit())
    assert (table["p"] < 0.01).all() and (table["statistic"] > 0).all()
    swapped = vuong_test(NegativeBinomial.from_formula("hurdle ~ niche", firms).fit(), hurdle)
    np.testing.assert_allclose(swapped["statistic"].iloc[1:], -table["statistic"].iloc[1:], rtol=1e-9)


def test_indistinguishable_models_are_called_so(firms):
    nb1, nb2 = (NegativeBinomial.from_formula("wild ~ 1", firms, form=form).fit() for form in ("nb1", "nb2"))
    with np.errstate(divide="ignore", invalid="ignore"):
        assert vuong_test(nb1, nb2).loc["distinguishable", "statistic"] == pytest.approx(0, abs=1e-8)


def test_weighted_chi_squared_tails():
    assert _weighted_tail(5.0, np.ones(3)) == pytest.approx(chdtrc(3, 5.0), abs=1e-6)
    assert _weighted_tail(4.0, np.array([2.0, 2.0])) == pytest.approx(chdtrc(2, 2.0), abs=1e-6)
    drawn = np.random.default_rng(0).chisquare(1, (200_000, 3)) @ [3.0, 1.0, 0.2]
    assert _weighted_tail(6.0, np.array([3.0, 1.0, 0.2])) == pytest.approx((drawn > 6).mean(), abs=0.004)


def test_fits_that_cannot_be_compared_are_refused(firms):
    poisson = Poisson.from_formula("wild ~ niche", firms).fit()
    with pytest.raises(OptionError, match="same firms"):
        vuong_test(poisson, ZeroTruncated.from_formula("wild ~ niche", firms[firms["wild"] > 0]).fit())
    with pytest.raises(OptionError, match=r"spread\.Poisson"):
        dispersion_tests(NegativeBinomial.from_formula("wild ~ niche", firms).fit())
    with pytest.raises(OptionError, match="exact counts"):
        rootogram(Poisson.from_formula("even ~ niche", firms, top_code=5).fit())


def test_likelihood_ratios_at_the_edge_have_half_of_their_distribution_at_zero(firms):
    some = firms[firms["wild"] > 0]
    pairs = [
        (NegativeBinomial.from_formula("wild ~ niche", firms), Poisson.from_formula("wild ~ niche", firms)),
        (
            ZeroTruncated.from_formula("wild ~ niche", some),
            ZeroTruncated.from_formula("wild ~ niche", some, dist="poisson"),
        ),
        (
            Hurdle.from_formula("wild ~ niche", firms, dist="nb2"),
            Hurdle.from_formula("wild ~ niche", firms, dist="poisson"),
        ),
        (
            ZeroInflated.from_formula("hurdle ~ niche", firms, dist="poisson", inflation="1"),
            Poisson.from_formula("hurdle ~ niche", firms),
        ),
    ]
    for full, restricted in pairs:
        wide, narrow = full.fit(), restricted.fit()
        for test in (wide.lr_test(narrow), lr_test(wide, narrow)):
            assert test.pvalue == pytest.approx(chdtrc(1, 2 * (wide.llf - narrow.llf)) / 2)
            assert "half of the null distribution" in test.note
        for first, second in ((wide, narrow), (narrow, wide)):
            with pytest.raises(OptionError, match="nested models are not for Vuong's test"):
                vuong_test(first, second)


def test_likelihood_ratios_inside_stay_chi_squared(firms):
    wide = NegativeBinomial.from_formula("wild ~ niche", firms).fit()
    narrow = NegativeBinomial.from_formula("wild ~ 1", firms).fit()
    test = wide.lr_test(narrow)
    assert test.pvalue == pytest.approx(chdtrc(1, 2 * (wide.llf - narrow.llf))) and not test.note
    general = GeneralizedPoisson.from_formula("wild ~ niche", firms).fit()
    assert not general.lr_test(Poisson.from_formula("wild ~ niche", firms).fit()).note


def test_likelihood_ratios_with_more_than_an_edge_are_refused(firms):
    poisson = Poisson.from_formula("wild ~ 1", firms).fit()
    with pytest.raises(OptionError, match=r"without \[log_alpha\] .* 1 further coefficient:"):
        NegativeBinomial.from_formula("wild ~ niche", firms).fit().lr_test(poisson)
    heaped = firms.assign(wild=np.where((firms["wild"] > 3) & (firms["even"] > 2), 10, firms["wild"] + 1))
    rounding = HeapedCount.from_formula("wild ~ niche", heaped, to=(10,)).fit()
    with pytest.raises(OptionError, match="use heaping_test"):
        rounding.lr_test(ZeroTruncated.from_formula("wild ~ niche", heaped).fit())


def test_truncated_poisson_is_tested_against_truncated_nb2(firms):
    some = firms[firms["wild"] > 0]
    fits = {dist: ZeroTruncated.from_formula("wild ~ niche", some, dist=dist).fit() for dist in ("poisson", "nb2")}
    table = dispersion_tests(fits["poisson"])
    ratio = 2 * (fits["nb2"].llf - fits["poisson"].llf)
    assert list(table.index) == ["likelihood ratio, NB2"]
    np.testing.assert_allclose(table.iloc[0], [ratio, chdtrc(1, ratio) / 2], rtol=1e-7)
    with pytest.raises(OptionError, match="dist='poisson'"):
        dispersion_tests(fits["nb2"])
