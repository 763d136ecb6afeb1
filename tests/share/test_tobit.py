"""Censored and truncated shares: printed results, three marginal effects, uneven scales, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, OutcomeError
from exportmodels.share import Bracketed, Tobit, TruncatedRegression

AFFAIRS = Path(__file__).parents[1] / "oracles" / "data" / "affairs.csv"
TERMS = "affairs ~ age + yearsmarried + religiousness + occupation + rating"
# Kleiber, C. and Zeileis, A. (2008). Applied Econometrics with R, section 5.5; the second is AER 1.2, ?tobit.
PRINTED = {
    None: ([8.17420, -0.17933, 0.55414, -1.68622, 0.32605, -2.28497, 2.10986], -705.57622),
    4.0: ([7.90098, -0.17760, 0.53230, -1.61634, 0.32419, -2.20701, 2.07232], -500.04276),
}


def firms(n=3000, seed=1, scale=0.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "age": rng.normal(size=n), "city": rng.integers(0, 50, n)})
    spread = 0.4 * np.exp(scale * frame["age"])
    latent = 0.2 + 0.3 * frame["niche"] + 0.15 * frame["age"] + spread * rng.normal(size=n)
    return frame.assign(latent=latent, share=latent.clip(0, 1))


@pytest.mark.parametrize("upper", PRINTED)
def test_printed_tobit(upper):
    data = pd.read_csv(AFFAIRS).assign(age=lambda d: 10 * d["age"])
    results = Tobit.from_formula(TERMS, data, upper=upper).fit()
    figures, llf = PRINTED[upper]
    np.testing.assert_allclose(results.params, figures, atol=6e-6)
    assert results.llf == pytest.approx(llf, abs=6e-6)


def test_finds_the_truth_and_the_scale():
    data = firms(20_000, scale=0.3)
    results = Tobit.from_formula("share ~ niche + age", data, scale="age").fit()
    truth = np.array([0.2, 0.3, 0.15, np.log(0.4), 0.3])
    assert list(results.params.index)[-2:] == ["[log_scale] Intercept", "[log_scale] age"]
    assert (np.abs(results.params - truth) < 4 * results.bse).all()


def test_is_a_bracketed_normal_share_with_corners():
    data = firms()
    tobit = Tobit.from_formula("share ~ niche + age", data).fit(clusters="city")
    bracketed = Bracketed.from_formula("share ~ niche + age", data, dist="normal", corner="both").fit(clusters="city")
    np.testing.assert_allclose(tobit.params, bracketed.params, rtol=1e-10)
    np.testing.assert_allclose(tobit.bse, bracketed.bse, rtol=1e-9)
    np.testing.assert_allclose(tobit.predict(), bracketed.predict(), rtol=1e-9)


def test_three_marginal_effects():
    results = Tobit.from_formula("share ~ niche + age", firms()).fit()
    latent, seen, between = (
        results.effects(["age"], which)["estimate"].iloc[0] for which in ("latent", "mean", "between")
    )
    assert latent == pytest.approx(results.params["age"], rel=1e-6)
    inside = results.predict(which="probability")
    # McDonald and Moffitt (1980): on the mean of what is seen the effect is the latent one times P(between)
    assert seen == pytest.approx(latent * inside.mean(), rel=1e-6)
    assert 0 < between < latent
    corners = results.predict(which="nothing") + results.predict(which="everything")
    np.testing.assert_allclose(corners + inside, 1)


def test_says_how_many_are_censored():
    data = firms(500)
    notes = Tobit.from_formula("share ~ niche", data).fit().notes
    zeros, ones = (data["share"] == 0).sum(), (data["share"] == 1).sum()
    assert notes[-1] == f"of 500 values, {zeros} at 0, {ones} at 1 are censored"
    assert "at 0 are" in Tobit.from_formula("share ~ niche", data, upper=None).fit().notes[-1]


@pytest.mark.parametrize("upper", [1.0, None])
def test_truncated_regression_finds_the_truth(upper):
    data = firms(40_000)
    kept = data[(data["latent"] > 0) & (data["latent"] < (1 if upper else np.inf))]
    results = TruncatedRegression.from_formula("latent ~ niche + age", kept, upper=upper).fit()
    assert (np.abs(results.params - [0.2, 0.3, 0.15, np.log(0.4)]) < 4 * results.bse).all()
    assert results.predict().mean() == pytest.approx(kept["latent"].mean(), rel=0.01)
    assert (results.predict(which="latent") < results.predict()).mean() > 0.5


def test_what_is_refused():
    data = firms(100)
    with pytest.raises(OutcomeError, match=r"between 0 and 1 here; rows .*share.Tobit"):
        TruncatedRegression.from_formula("share ~ niche", data)
    with pytest.raises(OutcomeError, match="must lie between 0 and 1"):
        Tobit.from_formula("latent ~ niche", data)
    with pytest.raises(OptionError, match="below the upper one"):
        Tobit.from_formula("share ~ niche", data, lower=1, upper=0)
    with pytest.raises(OptionError, match="needs a limit"):
        Tobit.from_formula("share ~ niche", data, lower=None, upper=None)


def test_findings_have_no_gap_where_there_is_no_unit():
    rng = np.random.default_rng(0)
    firms = pd.DataFrame({"niche": rng.integers(0, 2, 200)})
    firms["share"] = (0.2 + 0.2 * firms["niche"] + 0.3 * rng.normal(size=200)).clip(0, 1)
    assert "  " not in str(Tobit.from_formula("share ~ niche", firms).fit().findings("niche"))
