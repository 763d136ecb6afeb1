"""Residuals and tests of proportionality against R 4.2.2, survival 3.5-3 (resid, cox.zph), and what they sum to."""

import numpy as np
import pandas as pd
import pytest
from oracles import load

from exportmodels.core.errors import OptionError
from exportmodels.timing import Cox

ORDER = {
    "lung": ["age", "sex", "ecog"],
    "heart": ["age", "year", "surgery", "transplant"],
    "veteran": ["trt", "celltype", "karno"],
}
NAMES = ["age", "sex[T.male]", "ecog"]
LUNG, HEART, VETERAN = (load(f"cox_{name}_efron").frame for name in ("lung", "heart", "veteran"))


def lung(ties="efron", **options):
    return Cox.from_formula("quarter ~ age + sex + ecog", LUNG, event="event", ties=ties, **options).fit()


def heart(**options):
    terms = "stop ~ age + year + surgery + transplant"
    return Cox.from_formula(terms, HEART, event="event", entry="start", **options).fit()


def veteran():
    return Cox.from_formula("time ~ trt + celltype + karno", VETERAN, event="event", strata="prior").fit()


# coxph(Surv(quarter, event) ~ age + sex + ecog), resid(fit, type)
@pytest.mark.parametrize(
    ("kind", "rows", "figures"),
    [
        ("martingale", [0, 1, 9, 99], [0.069941467542979, 0.21529955569337, 0.58036654043372, 0.21838353507717]),
        ("deviance", [0, 1, 9, 99], [0.071642014859273, 0.233039386986, 0.75895602458523, 0.23667521093037]),
        (
            "score",
            [0, 9, 99],
            [
                [1.1194081645958, 0.041593999114284, 0.052482898962439],
                [-1.353561592376, 0.19033970101073, 0.54318599008609],
                [-1.2445892410029, 0.088936948990033, 0.043610476706003],
            ],
        ),
        (
            "dfbeta",
            [0, 9, 99],
            [
                [8.4214040000396e-05, 0.0012440378015703, 0.00053254673864371],
                [-0.00023308400579753, 0.0061896703228627, 0.0079175469729266],
                [-0.00011742477264992, 0.0026408920041588, 0.00096516476917567],
            ],
        ),
        (
            "schoenfeld",
            [0, 29, 99],
            [
                [-7.6848539806721, -0.71735036923284, 0.83454894431542],
                [-3.4203505135253, -0.68587794951779, 0.90449449062961],
                [11.936803792831, -0.66178042017907, 0.99689305061127],
            ],
        ),
        (
            "scaled schoenfeld",
            [0, 29, 99],
            [
                [-0.12073432969266, -2.5349584128238, 2.3824610043895],
                [-0.065032324913069, -2.3892254219659, 2.3983687542708],
                [0.14112152284635, -2.3050923891454, 2.0926205339511],
            ],
        ),
    ],
)
def test_residuals_are_those_of_r(kind, rows, figures):
    ours = lung().residuals(kind).iloc[rows]
    ours = ours if ours.ndim == 1 else ours[NAMES]
    np.testing.assert_allclose(ours, figures, rtol=5e-8)  # R stops some 1e-8 before the maximum


def test_residuals_under_late_entry_are_those_of_r():
    np.testing.assert_allclose(heart().residuals().iloc[[0, 49]], [0.56666156668186, 0.17568719862399], rtol=1e-10)


# cox.zph(fit, transform)$table[, "chisq"], GLOBAL last
@pytest.mark.parametrize(
    ("results", "transform", "statistics"),
    [
        (lung, "km", [0.044829760349042, 1.3623182967977, 1.4464625083342, 3.2276172742688]),
        (lung, "rank", [0.049845025599009, 1.391291035498, 1.8478699098166, 3.7044916655637]),
        (heart, "km", [0.86687469646901, 1.716414369208, 0.097395060264985, 0.2029343866506, 3.4731022189515]),
        (heart, "rank", [0.83071608297972, 1.0518677513389, 0.0038478592824116, 0.2524384819356, 2.684326748473]),
        (heart, "identity", [1.7572909424675, 1.5122003544879, 1.3761105679466, 0.1220293033139, 4.6879482827523]),
        (heart, "log", [0.4365690236482, 1.0578983044956, 0.0099433788423069, 0.12665444163929, 2.1162988719993]),
        (veteran, "km", [0.23969871305648, 12.13920083968, 15.409120659088, 22.182350288594]),
        (veteran, "rank", [0.24804361436178, 12.276675334804, 15.941458936645, 22.600688881991]),
        (veteran, "log", [0.23418952272075, 11.379680745694, 12.183597574, 20.62563303209]),
    ],
)
def test_proportionality_is_that_of_r(results, transform, statistics):
    table = results().proportionality_test(transform)
    rows = [*ORDER[results.__name__], "all"]
    np.testing.assert_allclose(table.loc[rows, "statistic"], statistics, rtol=1e-7)
    assert table.loc["all", "df"] == table["df"].iloc[:-1].sum()


@pytest.mark.parametrize("more", [{}, {"strata": "inst"}, {"frequency": "repeats"}])
def test_residuals_sum_to_zero(more):
    results = lung(**more)
    weight = np.ones(len(LUNG)) if "frequency" not in more else LUNG["repeats"].to_numpy()
    weight = weight[results.model.sample.used]
    assert abs(weight @ results.residuals("martingale")) < 1e-9
    np.testing.assert_allclose(weight @ results.residuals("score"), 0, atol=1e-8)
    gaps = results.residuals("schoenfeld")
    assert (np.diff(gaps["time"]) >= 0).all() or "strata" in more
    if not more:
        np.testing.assert_allclose(gaps[NAMES].sum(), 0, atol=1e-8)


def test_dfbeta_is_about_the_change_without_the_row():
    results = heart()
    moves = results.residuals("dfbeta")
    for row in (3, 40, 120):
        without = Cox.from_formula(
            "stop ~ age + year + surgery + transplant", HEART.drop(index=row), event="event", entry="start"
        ).fit()
        np.testing.assert_allclose(
            (results.params - without.params) / results.bse, moves.loc[row] / results.bse, atol=0.1
        )


def test_an_effect_that_fades_is_found():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, 2000)
    early = rng.exponential(1 / np.exp(1.0 * x))
    time = np.where(early < 0.5, early, 0.5 + rng.exponential(1.0, 2000))
    results = Cox(time, pd.DataFrame({"x": x}), event=np.ones(2000)).fit()
    assert results.proportionality_test().loc["x", "p"] < 1e-6


def test_bad_options_are_named():
    with pytest.raises(OptionError, match="kind must be one of"):
        lung().residuals("pearson")
    with pytest.raises(OptionError, match="transform must be one of"):
        lung().proportionality_test("sqrt")
    with pytest.raises(OptionError, match="needs times above zero"):
        lung().proportionality_test("log")
    with pytest.raises(OptionError, match="need ties="):
        lung(ties="exact").residuals()
