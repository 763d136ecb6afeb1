"""Correct digits of ours and of the peers on the certified references, for the documentation."""

import json
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import CoxPHFitter, LogLogisticAFTFitter, LogNormalAFTFitter, WeibullAFTFitter
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.discrete.truncated_model import HurdleCountModel, TruncatedLFNegativeBinomialP, TruncatedLFPoisson
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.othermod.betareg import BetaModel

ROOT = Path(__file__).parent.parent
FOUND = [json.loads((ROOT / "tests" / "certified" / name).read_text()) for name in ("references.json", "further.json")]
DATA = pd.DataFrame({column: values for part in FOUND for column, values in part["data"].items()})
DATA["inner"] = (DATA["share"] * 13 + 0.5) / 14
X, XZ = (sm.add_constant(DATA[columns].astype(float)) for columns in (["x"], ["x", "z"]))
ABOUT = (
    "The fewest correct digits (log relative error, at most 16) among coefficients, among standard errors, and of the "
    "log-likelihood, with each package's defaults. Of peers only what they estimate in the same parametrization is "
    "looked at, so not dispersions, scales and thresholds. Standard errors are those of the observed information; "
    "statsmodels' binomial GLM (complementary log-log, fractional) takes the expected one, which differs unless "
    "the link is the logit."
)


class Fit(NamedTuple):
    """What a package says, by our names."""

    params: Mapping[str, float]
    bse: Mapping[str, float]
    llf: float | None


def of_statsmodels(results: Any, names: list[str] | None = None) -> Fit:
    """Read results of statsmodels; names where its own are not those of the columns."""
    names = names or [{"const": "Intercept"}.get(name, name) for name in results.model.exog_names]
    estimates, errors = (np.asarray(values).ravel("F") for values in (results.params, results.bse))
    return Fit(dict(zip(names, estimates, strict=False)), dict(zip(names, errors, strict=False)), results.llf)


def of_lifelines(fitter: Any, time: str, columns: list[str]) -> Fit:
    """Fit a model of lifelines; of a regression with several parameters, read the location's."""
    table = fitter.fit(DATA[[time, "event", *columns]], time, "event").summary
    if isinstance(table.index, pd.MultiIndex):
        table = table.loc[table.index[0][0]]
    return Fit(table["coef"], table["se(coef)"], fitter.log_likelihood_)


def binomial(outcome: str, link: Any) -> Fit:
    fit = of_statsmodels(sm.GLM(DATA[outcome], XZ, sm.families.Binomial(link())).fit())
    return fit if outcome == "yes" else fit._replace(llf=None)  # that of shares has binomial coefficients in it


def discrete(model: Any, outcome: str, exog: pd.DataFrame, *args: Any, names: list[str] | None = None) -> Fit:
    return of_statsmodels(model(DATA[outcome], exog, *args).fit(disp=0), names)


def cox(time: str, ties: str) -> Fit:
    return of_statsmodels(sm.PHReg(DATA[time], DATA[["x", "z"]], DATA["event"], ties=ties).fit(), ["x", "z"])


def ordered(link: str) -> Fit:
    return of_statsmodels(OrderedModel(DATA["grade"].to_numpy(), DATA[["x"]].to_numpy(), distr=link).fit(disp=0), ["x"])


def conditional() -> Fit:
    return of_statsmodels(ConditionalLogit(DATA["picked"], DATA[["z"]], groups=DATA["chooser"]).fit(disp=0), ["z"])


def hurdle() -> Fit:
    """Of the counts: its zeros are a censored count, not a logit; its likelihood is the same, since x is binary."""
    return discrete(HurdleCountModel, "few", X, names=["", " ", "Intercept", "x"])


ROUTES = ["[2] Intercept", "[2] x", "[3] Intercept", "[3] x"]
STATSMODELS: dict[str, Callable[[], Fit]] = {
    "strategy.Logit": lambda: discrete(sm.Logit, "yes", XZ),
    "strategy.Probit": lambda: discrete(sm.Probit, "yes", XZ),
    "strategy.CLogLog": lambda: binomial("yes", sm.families.links.CLogLog),
    "strategy.OrderedLogit": lambda: ordered("logit"),
    "strategy.OrderedProbit": lambda: ordered("probit"),
    "strategy.MultinomialLogit": lambda: discrete(sm.MNLogit, "route", X, names=ROUTES),
    "strategy.ConditionalLogit, choice_set=chooser": conditional,
    "share.Fractional": lambda: binomial("share", sm.families.links.Logit),
    "share.Fractional, link=probit": lambda: binomial("share", sm.families.links.Probit),
    "share.Beta": lambda: discrete(BetaModel, "inner", X),
    "spread.Poisson": lambda: discrete(sm.Poisson, "count", X),
    "spread.NegativeBinomial": lambda: discrete(sm.NegativeBinomial, "count", X),
    "spread.NegativeBinomial, form=nb1": lambda: discrete(sm.NegativeBinomial, "count", X, "nb1"),
    "spread.ZeroTruncated": lambda: discrete(TruncatedLFNegativeBinomialP, "count", X),
    "spread.ZeroTruncated, dist=poisson": lambda: discrete(TruncatedLFPoisson, "count", X),
    "spread.Hurdle, dist=poisson": hurdle,
    "spread.ZeroInflated, dist=poisson, inflation=1": lambda: discrete(
        sm.ZeroInflatedPoisson, "few", X, names=["[inflation] Intercept", "Intercept", "x"]
    ),
    "timing.Cox, event=event": lambda: cox("time", "breslow"),
    "timing.Cox (ties), event=event": lambda: cox("years", "efron"),
    "timing.Cox (ties), event=event, ties=breslow": lambda: cox("years", "breslow"),
}
LIFELINES: dict[str, Callable[[], Fit]] = {
    "timing.Cox, event=event": lambda: of_lifelines(CoxPHFitter(), "time", ["x", "z"]),
    "timing.Cox (ties), event=event": lambda: of_lifelines(CoxPHFitter(), "years", ["x", "z"]),
    "timing.AFT, dist=weibull, event=event": lambda: of_lifelines(WeibullAFTFitter(), "time", ["x"]),
    "timing.AFT, dist=lognormal, event=event": lambda: of_lifelines(LogNormalAFTFitter(), "time", ["x"]),
    "timing.AFT, dist=loglogistic, event=event": lambda: of_lifelines(LogLogisticAFTFitter(), "time", ["x"]),
}


def title(case: dict[str, Any]) -> str:
    """Name a case: the estimator and its options."""
    tied = " (ties)" if case["formula"].startswith("years") and case["estimator"] == "timing.Cox" else ""
    return ", ".join([case["estimator"] + tied, *(f"{name}={value}" for name, value in case["options"].items())])


def ours(case: dict[str, Any]) -> Fit:
    """Fit ours."""
    package, name = case["estimator"].split(".")
    model = getattr(import_module(f"exportmodels.{package}"), name)
    results = model.from_formula(case["formula"], DATA, **case["options"]).fit("nonrobust")
    return Fit(results.params, results.bse, results.llf if "llf" in case else results.penalized_llf)


def digits(found: float, certified: str) -> float:
    """Return the number of correct digits, by the log relative error."""
    value = float(certified)
    return float(-np.log10(np.clip(abs(found - value) / abs(value), 1e-16, 1)))


def cell(fit: Fit, case: dict[str, Any]) -> str:
    """Return the fewest correct digits of coefficients and errors, and those of the likelihood."""
    shared = [name for name in case["params"] if name in fit.params]
    parts = [
        min(digits(fit.params[name], case["params"][name]) for name in shared),
        min(digits(fit.bse[name], case["bse"][name]) for name in shared),
    ]
    if fit.llf is not None:
        parts.append(digits(fit.llf, case.get("llf") or case["penalized_llf"]))
    return " / ".join(f"{part:.1f}" for part in parts)


def main() -> None:
    """Print the table and keep it for the documentation."""
    warnings.simplefilter("ignore")
    rows = [("Case", "exportmodels", "statsmodels", "lifelines")]
    for case in (case for part in FOUND for case in part["cases"]):
        name = title(case)
        peers = [cell(fits[name](), case) if name in fits else "" for fits in (STATSMODELS, LIFELINES)]
        rows.append((name, cell(ours(case), case), *peers))
        print(*rows[-1], sep=" | ", flush=True)
    used = ", ".join(f"{package} {version(package)}" for package in ("exportmodels", "statsmodels", "lifelines"))
    lines = [f"{ABOUT} {used}.", "", ".. list-table::", "   :header-rows: 1", "   :widths: 40 20 20 20", ""]
    for cells in rows:
        lines += [f"   {'* -' if k == 0 else '  -'} {text}".rstrip() for k, text in enumerate(cells)]
    (ROOT / "docs" / "digits.inc").write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
