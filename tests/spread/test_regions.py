"""Export regions: the beta-binomial against scipy, its limit, and regions stacked."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import betabinom

from exportmodels.core.errors import ConvergenceError, DataError, OptionError, OutcomeError
from exportmodels.spread import Regions, region_presence
from exportmodels.spread.bounded import BetaBinomial


@pytest.fixture(scope="module")
def firms():
    """Regions of 300 firms that differ in their readiness. Synthetic."""
    rng = np.random.default_rng(8)
    niche = rng.integers(0, 2, 300)
    share = 1 / (1 + np.exp(-(-0.5 + 0.9 * niche)))
    frame = pd.DataFrame({"niche": niche, "regions": rng.binomial(8, rng.beta(2 * share, 2 * (1 - share)))})
    return frame.assign(even=rng.binomial(8, share))


def test_beta_binomial_agrees_with_scipy():
    y, share, precision = np.arange(9.0), 0.3, 2.5
    eta = np.repeat([[np.log(share / (1 - share))], [np.log(precision)]], 9, axis=1)
    expected = betabinom.logpmf(y, 8, share * precision, (1 - share) * precision)
    np.testing.assert_allclose(BetaBinomial(8).loglike(y, eta), expected, rtol=1e-12)


def test_the_binomial_is_a_grouped_logit(firms):
    results = Regions.from_formula("regions ~ niche", firms, dist="binomial").fit()
    both = np.column_stack([firms["regions"], 8 - firms["regions"]])
    peer = sm.GLM(both, sm.add_constant(firms[["niche"]]), family=sm.families.Binomial()).fit()
    np.testing.assert_allclose(results.params, peer.params, rtol=1e-7)
    np.testing.assert_allclose(results.bse, peer.bse, rtol=1e-5)
    assert results.llf == pytest.approx(peer.llf, rel=1e-9)


def test_firms_that_differ_are_found(firms):
    loose = Regions.from_formula("regions ~ niche", firms).fit()
    even = Regions.from_formula("regions ~ niche", firms, dist="binomial").fit()
    assert loose.llf > even.llf + 20
    assert loose.params["[log_precision]"] == pytest.approx(np.log(2), abs=3 * loose.bse["[log_precision]"])
    assert loose.bse["niche"] > 1.3 * even.bse["niche"]
    with pytest.raises(ConvergenceError, match="dist='binomial'"):
        Regions.from_formula("even ~ niche", firms).fit()


def test_wrong_regions_and_options_are_named(firms):
    with pytest.raises(OutcomeError, match="at most 5"):
        Regions.from_formula("regions ~ niche", firms, out_of=5)
    with pytest.raises(OptionError, match="dist must be"):
        Regions.from_formula("regions ~ niche", firms, dist="poisson")
    with pytest.raises(OptionError, match="binomial"):
        Regions.from_formula("regions ~ niche", firms, dist="binomial", precision="niche")
    with pytest.raises(DataError, match="no column begins"):
        region_presence(firms)


def test_stacked_regions_keep_firms_and_missing_answers():
    firms = pd.DataFrame({"firm": ["a", "b"], "export_eu": [1, 0], "export_asia": [np.nan, 1.0], "niche": [1, 0]})
    stacked = region_presence(firms)
    assert list(stacked["region"].cat.categories) == ["eu", "asia"]
    assert stacked.groupby("firm", observed=True)["present"].sum().to_dict() == {"a": 1.0, "b": 1.0}
    assert stacked["present"].isna().sum() == 1
