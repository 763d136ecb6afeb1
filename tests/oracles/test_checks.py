"""What is asked beside a fit, against R: residuals, proportionality, rank tests, incidence, Brant's test."""

import numpy as np
import pandas as pd
import pytest
from oracles import cases, load

from exportmodels import timing
from exportmodels.share import PanelShare, hausman_test, p_test
from exportmodels.strategy import ExactLogit, brant_test

CHECKED = cases("timing.Cox", having="residuals")


def close(ours, figures, tolerance=1e-8):
    np.testing.assert_allclose(ours, figures, rtol=tolerance, atol=1e-12)


@pytest.mark.parametrize("case", CHECKED)
@pytest.mark.parametrize("kind", ["martingale", "deviance", "score", "dfbeta", "schoenfeld"])
def test_residuals_of_cox(case, kind):
    oracle = load(case)
    figures, ours = oracle["residuals"][kind], oracle.model().fit().residuals(kind)
    if isinstance(figures, list):
        close(ours.iloc[: len(figures)], figures)
    elif kind != "schoenfeld" or "strata" not in oracle["call"]:  # R orders these by stratum first
        close(ours[list(figures)].iloc[:8], pd.DataFrame(figures))


@pytest.mark.parametrize("case", CHECKED)
@pytest.mark.parametrize("transform", ["km", "rank", "identity"])
def test_proportionality(case, transform):
    oracle = load(case)
    figures = oracle["proportionality"][transform]
    table = oracle.model().fit().proportionality_test(transform).loc[figures["term"]]
    close(table["statistic"], figures["statistic"], 1e-7)
    assert list(table["df"]) == figures["df"]


@pytest.mark.parametrize("case", cases("timing.logrank_test"))
def test_rank_tests(case):
    oracle = load(case)
    test = timing.logrank_test(**oracle["call"], data=oracle.frame)
    close(test.statistic, oracle["statistic"])
    assert test.df == oracle["df"]
    if oracle["call"]["rho"] == 0:
        close(test.table["expected"], oracle["expected"])


@pytest.mark.parametrize("case", cases("timing.CumulativeIncidence"))
def test_incidence_and_grays_test(case):
    oracle = load(case)
    call = dict(oracle["call"])
    curves = timing.CumulativeIncidence.from_formula(call.pop("formula"), oracle.frame, **call).fit()
    table = curves.table().set_index(["group", "move"])
    for group, figures in oracle["groups"].items():
        for cause in ("1", "2"):
            ours = table.loc[(group, int(cause))].set_index("time").loc[figures["time"]]
            close(ours["incidence"], figures[cause]["incidence"])
            if "se_survfit" in figures[cause]:
                close(ours["se"], figures[cause]["se_survfit"])
    for cause, figures in oracle.numbers.get("gray", {}).items():
        test = curves.gray_test(int(cause))
        close([test.statistic, test.df], [figures["statistic"], figures["df"]])


@pytest.mark.parametrize("case", cases(having="brant"))
def test_brant(case):
    oracle = load(case)
    table = brant_test(oracle.model().fit())
    for name, figures in oracle["brant"].items():
        close(table.loc[name, ["chi2", "df"]].astype(float), [figures["chi2"], figures["df"]])


@pytest.mark.parametrize("case", cases("strategy.ExactLogit"))
def test_exact_logit(case):
    oracle = load(case)
    options = {name: value for name, value in oracle["call"].items() if name != "formula"}
    results = ExactLogit.from_formula(f"{oracle['call']['formula']} - 1", oracle.frame, **options).fit()
    limits = results.conf_int()
    for name, figures in oracle["exact"].items():
        ours = [results.params[name], results.pvalues[name], *limits.loc[name]]
        close(ours, [figures["estimate"], figures["pvalue"], figures["lower"], figures["upper"]], 1e-7)
        if figures["se"] is not None:
            close(results.bse[name], figures["se"], 1e-7)


@pytest.mark.parametrize("case", cases("share.IVShare", having="checks"))
def test_instruments(case):
    oracle = load(case)
    figures = oracle["checks"]
    plain = {"gmm": "robust"}.get(oracle["call"]["method"], "nonrobust")
    results = oracle.model().fit(plain)
    stage = results.first_stage().iloc[0]
    if "first_stage_rsquared" in figures:
        close(stage["rsquared"], figures["first_stage_rsquared"])
        close(stage["partial_rsquared"], figures["partial_rsquared"])
    if "kappa" in figures:
        close(results.linear.kappa, figures["kappa"])
    for name in {"sargan", "j"} & figures.keys():
        close(results.overidentification_test().statistic, figures[name])


@pytest.mark.parametrize("case", cases("share.Fractional", having="form"))
def test_functional_form(case):
    oracle = load(case)
    figures, results = oracle["form"], oracle.model().fit()
    rival = oracle.public.from_formula(oracle["call"]["formula"], oracle.frame, link=figures["rival"]).fit()
    ours = {"reset2": results.reset(2), "reset3": results.reset(3), "ggoff": results.ggoff()}
    for name, test in (ours | {"p_test": results.p_test(rival)}).items():
        close(test.statistic, figures[name]["statistic"], 1e-7)
        assert test.df == figures[name]["df"]
    if oracle["call"]["link"] == "logit":  # the general test is the same one under the canonical link
        close(p_test(results, rival).statistic, figures["p_test"]["statistic"], 1e-6)


@pytest.mark.parametrize("case", cases("share.hausman_test"))
def test_hausman(case):
    oracle = load(case)
    models = [
        PanelShare.from_formula(data=oracle.frame, effects=effects, **oracle["call"]) for effects in ("fixed", "random")
    ]
    test = hausman_test(*(model.fit("nonrobust") for model in models))
    close(test.statistic, oracle["statistic"])
    assert test.df == oracle["df"]
