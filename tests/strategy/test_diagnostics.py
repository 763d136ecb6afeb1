"""Diagnostics of binary fits against statsmodels, R, and pairs of firms counted one by one."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from exportmodels.core.errors import DataError, OptionError, OutcomeError
from exportmodels.strategy import (
    ROC,
    Calibration,
    CLogLog,
    FirthLogit,
    Logit,
    OrderedLogit,
    Probit,
    calibration,
    hosmer_lemeshow,
    influence,
    link_test,
    roc,
)

matplotlib.use("Agg")
FORMULA = "plant ~ niche + rd"


@pytest.fixture
def firms():
    rng = np.random.default_rng(9)
    n = 90
    frame = pd.DataFrame(
        {"niche": rng.integers(0, 2, n), "rd": rng.integers(0, 6, n)}, index=[f"f{i}" for i in range(n)]
    )
    chance = 1 / (1 + np.exp(1.5 - frame["niche"] - 0.3 * frame["rd"]))
    return frame.assign(plant=(rng.random(n) < chance).astype(int))


def collapsed(firms):
    return firms.groupby(["plant", "niche", "rd"]).size().rename("n").reset_index()


@pytest.mark.parametrize(
    ("estimator", "link"),
    [(Logit, sm.families.links.Logit()), (Probit, sm.families.links.Probit()), (CLogLog, sm.families.links.CLogLog())],
)
def test_influence_agrees_with_statsmodels(firms, estimator, link):
    table = influence(estimator.from_formula(FORMULA, firms).fit())
    exog = sm.add_constant(firms[["niche", "rd"]])
    peer = sm.GLM(firms["plant"], exog, family=sm.families.Binomial(link)).fit(tol=1e-12)
    theirs = peer.get_influence(observed=False)
    np.testing.assert_allclose(table["leverage"], theirs.hat_matrix_exog_diag, rtol=1e-6)
    np.testing.assert_allclose(table["pearson"], peer.resid_pearson, rtol=1e-6)
    np.testing.assert_allclose(table["deviance"], peer.resid_deviance, rtol=1e-6)
    if estimator is Logit:
        np.testing.assert_allclose(table["cook"], theirs.cooks_distance[0], rtol=1e-6)


def test_one_step_is_close_to_leaving_a_firm_out(firms):
    results = Logit.from_formula(FORMULA, firms).fit()
    table = influence(results)
    for name in table["cook"].nlargest(3).index:
        without = Logit.from_formula(FORMULA, firms.drop(name)).fit().params
        change = (results.params - without) / results.bse
        np.testing.assert_allclose(table.loc[name].filter(like="dfbeta"), change, atol=0.05)


def test_identical_firms_may_share_a_row(firms):
    long = Logit.from_formula(FORMULA, firms).fit()
    short = Logit.from_formula(FORMULA, collapsed(firms), frequency="n").fit()
    for function in (hosmer_lemeshow, link_test):
        np.testing.assert_allclose(function(short).statistic, function(long).statistic, rtol=1e-8)
    np.testing.assert_allclose([roc(short).auc, roc(short).se], [roc(long).auc, roc(long).se], rtol=1e-12)
    np.testing.assert_allclose(calibration(short).table, calibration(long).table, rtol=1e-10)
    ours = pd.concat([firms, influence(long)], axis=1).groupby(["plant", "niche", "rd"])["cook"].first()
    np.testing.assert_allclose(influence(short)["cook"], ours, rtol=1e-8)


def test_hosmer_lemeshow_by_hand(firms):
    results = Logit.from_formula(FORMULA, firms).fit()
    p = results.predict()
    group = pd.cut(p, np.unique(np.quantile(p, np.linspace(0, 1, 6))), include_lowest=True)
    parts = pd.DataFrame({"y": firms["plant"], "p": p}).groupby(group, observed=True)
    o, e, n = parts["y"].sum(), parts["p"].sum(), parts.size()
    expected = ((o - e) ** 2 / e + (n - o - (n - e)) ** 2 / (n - e)).sum()
    test = hosmer_lemeshow(results, groups=5)
    np.testing.assert_allclose(test.statistic, expected, rtol=1e-10)
    assert test.df == len(n) - 2


def test_area_by_counting_pairs(firms):
    p, y = Logit.from_formula(FORMULA, firms).fit().predict().to_numpy(), firms["plant"].to_numpy() == 1
    wins = (p[y][:, None] > p[~y]) + 0.5 * (np.abs(p[y][:, None] - p[~y]) < 1e-12)
    curve = ROC.of(y, p.round(12))
    np.testing.assert_allclose(curve.auc, wins.mean(), rtol=1e-12)
    variance = wins.mean(axis=1).var(ddof=1) / y.sum() + wins.mean(axis=0).var(ddof=1) / (~y).sum()
    np.testing.assert_allclose(curve.se, np.sqrt(variance), rtol=1e-10)
    np.testing.assert_allclose(np.trapezoid(curve.found, curve.false_alarms), curve.auc, rtol=1e-12)
    lower, upper = curve.interval()
    assert 0 < lower < curve.auc < upper < 1


@pytest.mark.slow
def test_interval_of_the_area_covers():
    rng, covered = np.random.default_rng(1), 0
    truth = 0.7602499389065233  # Phi(1 / sqrt 2)
    for _ in range(1000):
        y = np.repeat([0, 1], [25, 25])
        lower, upper = ROC.of(y, rng.normal(y)).interval()
        covered += lower < truth < upper
    assert 0.93 < covered / 1000 < 0.98


def test_perfect_predictions():
    assert ROC.of([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]).interval() == (1.0, 1.0)


def test_link_test_sees_a_missing_square_and_not_else():
    rng = np.random.default_rng(3)
    x = rng.normal(size=2000)
    design = pd.DataFrame({"one": 1.0, "x": x})
    right = (rng.random(2000) < 1 / (1 + np.exp(-x))).astype(int)
    wrong = (rng.random(2000) < 1 / (1 + np.exp(1 - x**2 - x))).astype(int)
    assert link_test(Logit(right, design).fit()).pvalue > 0.05
    assert link_test(Logit(wrong, design).fit()).pvalue < 1e-6
    assert link_test(FirthLogit(wrong, design).fit()).pvalue < 1e-6


def test_calibration_and_plots(firms):
    results = Logit.from_formula(FORMULA, firms).fit()
    found = calibration(results, groups=4)
    assert found.table["firms"].sum() == 90
    np.testing.assert_allclose(found.brier, ((firms["plant"] - results.predict()) ** 2).mean(), rtol=1e-12)
    assert ((found.table["lower"] <= found.table["observed"]) & (found.table["observed"] <= found.table["upper"])).all()
    for drawing in (found, roc(results)):
        assert drawing.plot().get_xlabel()


def test_bad_input_is_named(firms):
    ordered = OrderedLogit.from_formula("rd ~ niche", firms).fit()
    weighted = Logit.from_formula(FORMULA, firms.assign(w=1.5), weights="w").fit()
    one = Logit.from_formula("plant ~ niche", firms).fit()
    for function in (influence, hosmer_lemeshow, roc, calibration, link_test):
        with pytest.raises(OptionError, match="OrderedLogit"):
            function(ordered)
    with pytest.raises(OptionError, match="sampling weights"):
        influence(weighted)
    with pytest.raises(OptionError, match="only 1 groups"):
        hosmer_lemeshow(one)
    with pytest.raises(OptionError, match="at least 3"):
        hosmer_lemeshow(one, groups=2)
    with pytest.raises(OutcomeError, match="both"):
        ROC.of([1, 1], [0.2, 0.3])
    with pytest.raises(DataError, match="probabilities"):
        Calibration.of([1, 0], [0.2, 1.3])


def test_curves_and_calibration_read_as_text(firms):
    results = Logit.from_formula(FORMULA, firms).fit()
    assert repr(roc(results)).startswith("area under the ROC curve 0.")
    text = repr(calibration(results, groups=3))
    assert text == str(calibration(results, groups=3)) and "predicted" in text and "Brier score 0." in text
