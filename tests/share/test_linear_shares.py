"""Linear panels and instruments: the same numbers as linearmodels, under our formulas and tests."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError
from exportmodels.share import IVShare, PanelShare, hausman_test


def panel(firms=200, years=5, seed=3, common=0.1):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"firm": np.repeat(np.arange(firms), years), "year": np.tile(np.arange(2000, 2000 + years), firms)}
    )
    unseen = rng.normal(size=firms)[frame["firm"]]
    frame["rd"] = unseen * (common > 0) + rng.normal(size=len(frame))
    frame["niche"] = rng.integers(0, 2, firms)[frame["firm"]]
    noise = (common or 0.1) * unseen + 0.05 * rng.normal(size=len(frame))
    return frame.assign(share=(0.5 + 0.04 * frame["rd"] + 0.05 * frame["niche"] + noise).clip(0, 1))


def instrumented(n=800, seed=4):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=["subsidy", "fair"]).assign(niche=rng.integers(0, 2, n))
    unseen = rng.normal(size=n)
    frame["rd"] = 0.6 * frame["subsidy"] + 0.4 * frame["fair"] + unseen
    frame["city"] = rng.integers(0, 40, n)
    noise = 0.08 * unseen + 0.05 * rng.normal(size=n)
    return frame.assign(share=(0.5 + 0.04 * frame["rd"] + 0.05 * frame["niche"] + noise).clip(0, 1))


@pytest.mark.parametrize(
    ("effects", "name", "options"),
    [("fixed", "PanelOLS", {"entity_effects": True}), ("random", "RandomEffects", {}), ("pooled", "PooledOLS", {})],
)
def test_panels_are_those_of_linearmodels(effects, name, options):
    from linearmodels import panel as linearmodels

    data = panel()
    ours = PanelShare.from_formula("share ~ rd", data, firm="firm", year="year", effects=effects).fit()
    table = data.assign(one=1.0).set_index(["firm", "year"])
    model = getattr(linearmodels, name)(table["share"], table[["one", "rd"]], **options)
    theirs = model.fit(cov_type="clustered", cluster_entity=True, debiased=True, group_debias=True)
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.bse["rd"], theirs.std_errors["rd"], rtol=1e-10)
    assert ours.rsquared == pytest.approx(theirs.rsquared)
    summary = str(ours.summary())
    assert "nan" not in summary
    assert "no likelihood is maximized" in summary
    assert "certified" not in summary
    assert "Newton" not in summary
    assert f"Rows: {len(data):>33}" in summary
    np.testing.assert_allclose(ours.effects(["rd"])["estimate"], theirs.params["rd"], rtol=1e-8)


def test_fixed_effects_are_the_within_regression():
    data = panel()
    ours = PanelShare.from_formula("share ~ rd", data, firm="firm", year="year").fit()
    within = data[["share", "rd"]] - data.groupby("firm")[["share", "rd"]].transform("mean")
    assert ours.params["rd"] == pytest.approx(
        (within["rd"] @ within["share"]) / (within["rd"] @ within["rd"]), rel=1e-10
    )
    timed = PanelShare.from_formula("share ~ rd", data, firm="firm", year="year", time_effects=True).fit("robust")
    assert timed.params["rd"] != pytest.approx(ours.params["rd"], rel=1e-9)


def test_hausman_and_mundlak_tell_correlated_effects():
    def fits(data):
        return [
            PanelShare.from_formula("share ~ rd", data, firm="firm", year="year", effects=effects).fit("nonrobust")
            for effects in ("fixed", "random")
        ]

    fixed, random = fits(panel())
    assert hausman_test(fixed, random).pvalue < 1e-6
    assert random.mundlak_test().pvalue < 1e-6
    fixed, random = fits(panel(common=0.0))
    assert hausman_test(fixed, random).pvalue > 0.001
    assert random.mundlak_test().pvalue > 0.001
    gap, ratio = fixed.params["rd"] - random.params["rd"], random.linear.s2 / fixed.linear.s2
    spread = ratio * fixed.bse["rd"] ** 2 - random.bse["rd"] ** 2
    assert hausman_test(fixed, random).statistic == pytest.approx(gap**2 / spread, rel=1e-6)


@pytest.mark.parametrize(("method", "name"), [("2sls", "IV2SLS"), ("liml", "IVLIML"), ("gmm", "IVGMM")])
@pytest.mark.parametrize("kind", ["robust", "clustered"])
def test_instruments_are_those_of_linearmodels(method, name, kind):
    from linearmodels import iv

    data = instrumented()
    options = {"endogenous": "rd", "instruments": "subsidy + fair", "method": method}
    ours = IVShare.from_formula("share ~ rd + niche", data, **options).fit(
        kind, clusters="city" if kind == "clustered" else None
    )
    clusters = {"clusters": data["city"]} if kind == "clustered" else {}
    table = data.assign(one=1.0)
    extra = {"weight_type": kind, **clusters} if method == "gmm" else {}
    model = getattr(iv, name)(data["share"], table[["one", "niche"]], data["rd"], data[["subsidy", "fair"]], **extra)
    theirs = model.fit(cov_type=kind, **clusters)
    assert list(ours.params.index) == ["Intercept", "rd", "niche"]
    np.testing.assert_allclose(ours.params, theirs.params[["one", "rd", "niche"]], rtol=1e-9)
    np.testing.assert_allclose(ours.bse, theirs.std_errors[["one", "rd", "niche"]], rtol=1e-9)
    assert ours.overidentification_test().pvalue > 0.001
    if kind == "robust":
        assert list(ours.first_stage().columns) == [
            "rsquared",
            "partial_rsquared",
            "shea_rsquared",
            "statistic",
            "pvalue",
            "law",
        ]
        assert ours.first_stage()["statistic"].iloc[0] > 10
        assert ours.first_stage()["law"].iloc[0] == "chi2(2)"


def test_diagnostics():
    data = instrumented()
    model = IVShare.from_formula("share ~ rd + niche", data, endogenous="rd", instruments="subsidy + fair")
    assert model.fit().exogeneity_test().pvalue < 1e-6
    assert model.fit("nonrobust").overidentification_test().name.startswith("Sargan")
    just = IVShare.from_formula("share ~ rd + niche", data, endogenous="rd", instruments="subsidy").fit()
    with pytest.raises(OptionError, match="nothing to test"):
        just.overidentification_test()


def test_what_is_refused():
    data = panel(30)
    with pytest.raises(DataError, match="'niche' does not change within firms"):
        PanelShare.from_formula("share ~ rd + niche", data, firm="firm", year="year")
    with pytest.raises(DataError, match="more than one row in year"):
        PanelShare.from_formula("share ~ rd", pd.concat([data, data.head(1)]), firm="firm", year="year")
    with pytest.raises(OptionError, match="is not there for linear models"):
        PanelShare.from_formula("share ~ rd", data, firm="firm", year="year").fit("bootstrap")
    with pytest.raises(OptionError, match="rests on nonrobust"):
        fit = PanelShare.from_formula("share ~ rd", data, firm="firm", year="year").fit()
        hausman_test(fit, fit)
    with pytest.raises(OptionError, match="no column of the design"):
        IVShare.from_formula("share ~ rd", instrumented(), endogenous="profit", instruments="subsidy")
    with pytest.raises(OptionError, match="as many instruments"):
        IVShare.from_formula("share ~ rd + fair", instrumented(), endogenous=["rd", "fair"], instruments="subsidy")
