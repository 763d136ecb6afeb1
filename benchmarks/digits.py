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
CERTIFIED = ROOT / "tests" / "certified"
FOUND = {path.stem: json.loads(path.read_text()) for path in sorted(CERTIFIED.glob("*.json")) if path.stem != "curves"}
TABLES = {name: pd.DataFrame(found["data"]) for name, found in FOUND.items()}
TABLES["references"]["inner"] = (TABLES["references"]["share"] * 13 + 0.5) / 14
R = json.loads((CERTIFIED / "peers" / "r.json").read_text())
# The first tables have the same rows, and the second all columns of the first.
DATA = TABLES["further"].assign(inner=TABLES["references"]["inner"])
COUNTS, STEPS, DURATIONS, CHOICES, HARD = (TABLES[name] for name in ("counts", "steps", "durations", "choices", "hard"))
X, XZ = (sm.add_constant(DATA[columns].astype(float)) for columns in (["x"], ["x", "z"]))
ABOUT = (
    "The fewest correct digits (log relative error, at most 16) among coefficients, among standard errors, and of the "
    "log-likelihood, with each package's defaults. Of peers only what they estimate in the same parametrization is "
    "looked at. Standard errors are those of the observed information; where a peer takes the expected one, as "
    "generalized linear models do unless the link is canonical, few digits are no fault. Digits beyond the thirteenth "
    "are those of rounding, and say nothing. No entry: the peer has no such model, or another parametrization, or was "
    "not looked at."
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


def of_lifelines(fitter: Any, time: str, columns: list[str], data: pd.DataFrame = DATA, **options: Any) -> Fit:
    """Fit a model of lifelines; of a regression with several parameters, read the location's."""
    used = [time, "event", *columns, *(name for names in options.values() for name in np.atleast_1d(names))]
    table = fitter.fit(data[used], time, "event", **options).summary
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


def conditional(data: pd.DataFrame, groups: str, names: list[str]) -> Fit:
    return of_statsmodels(ConditionalLogit(data["picked"], data[names], groups=data[groups]).fit(disp=0), names)


def hurdle() -> Fit:
    """Of the counts: its zeros are a censored count, not a logit; its likelihood is the same, since x is binary."""
    return discrete(HurdleCountModel, "few", X, names=["", " ", "Intercept", "x"])


def generalized_poisson(power: int) -> Fit:
    exog = sm.add_constant(COUNTS[["x"]].astype(float))
    fit = sm.GeneralizedPoisson(COUNTS["count"], exog, p=power).fit(disp=0)
    return of_statsmodels(fit, ["Intercept", "x", "[alpha]"])


def gravity() -> Fit:
    effects = pd.get_dummies(COUNTS[["firm", "place"]].astype(str), drop_first=True, dtype=float)
    exog = sm.add_constant(pd.concat([COUNTS[["far"]].astype(float), effects], axis=1))
    return of_statsmodels(sm.GLM(COUNTS["sales"], exog, sm.families.Poisson()).fit())


def equations(working: Any) -> Fit:
    exog = sm.add_constant(STEPS[["rd"]].assign(average=STEPS.groupby("firm")["rd"].transform("mean")))
    probit = sm.families.Binomial(sm.families.links.Probit())
    fit = sm.GEE(STEPS["share"], exog, STEPS["firm"], family=probit, cov_struct=working).fit()
    names = ["Intercept", "rd", "[average] rd"]
    return Fit(dict(zip(names, fit.params, strict=True)), dict(zip(names, fit.bse, strict=True)), None)


def of_years(model: Any, outcome: str, **options: Any) -> Fit:
    exog = sm.add_constant(HARD[["year"]].astype(float).assign(square=HARD["year"].astype(float) ** 2))
    fit = model(HARD[outcome], exog, **options).fit(disp=0)
    return of_statsmodels(fit, ["Intercept", "year", "I(year ** 2)"])._replace(llf=None)


def distant_logit() -> Fit:
    return of_statsmodels(sm.Logit(HARD["yes"], sm.add_constant(HARD[["distant"]].astype(float))).fit(disp=0))


def distant_cox() -> Fit:
    fit = sm.PHReg(HARD["time"], HARD[["distant"]].astype(float), HARD["event"]).fit()
    return of_statsmodels(fit, ["distant"])


def stratified() -> Fit:
    rows = DURATIONS.loc[DURATIONS.index.repeat(DURATIONS["many"])]
    return of_lifelines(CoxPHFitter(), "time", ["x", "z"], rows, entry_col="entry", strata=["group"])


ROUTES = ["[2] Intercept", "[2] x", "[3] Intercept", "[3] x"]
STATSMODELS: dict[str, Callable[[], Fit]] = {
    "strategy.Logit": lambda: discrete(sm.Logit, "yes", XZ),
    "strategy.Logit (quadratic in years)": lambda: of_years(sm.Logit, "yes"),
    "strategy.Logit (far from zero)": distant_logit,
    "share.Fractional (quadratic in years)": lambda: of_years(sm.GLM, "share", family=sm.families.Binomial()),
    "spread.Poisson (quadratic in years)": lambda: of_years(sm.Poisson, "count"),
    "timing.Cox (far from zero), event=event": distant_cox,
    "strategy.Probit": lambda: discrete(sm.Probit, "yes", XZ),
    "strategy.CLogLog": lambda: binomial("yes", sm.families.links.CLogLog),
    "strategy.OrderedLogit": lambda: ordered("logit"),
    "strategy.OrderedProbit": lambda: ordered("probit"),
    "strategy.MultinomialLogit": lambda: discrete(sm.MNLogit, "route", X, names=ROUTES),
    "strategy.ConditionalLogit, choice_set=chooser": lambda: conditional(DATA, "chooser", ["z"]),
    "strategy.ConditionalLogit, choice_set=firm": lambda: conditional(CHOICES, "firm", ["cost", "near"]),
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
    "spread.GeneralizedPoisson": lambda: generalized_poisson(2),
    "spread.GeneralizedPoisson, form=gp1": lambda: generalized_poisson(1),
    "spread.GravityPoisson, firm=firm, destination=place": gravity,
    "share.PanelFractional, firm=firm": lambda: equations(sm.cov_struct.Independence()),
    "share.PanelFractional, firm=firm, working=exchangeable": lambda: equations(sm.cov_struct.Exchangeable()),
    "timing.Cox, event=event": lambda: cox("time", "breslow"),
    "timing.Cox (ties), event=event": lambda: cox("years", "efron"),
    "timing.Cox (ties), event=event, ties=breslow": lambda: cox("years", "breslow"),
}
LIFELINES: dict[str, Callable[[], Fit]] = {
    "timing.Cox, event=event": lambda: of_lifelines(CoxPHFitter(), "time", ["x", "z"]),
    "timing.Cox (ties), event=event": lambda: of_lifelines(CoxPHFitter(), "years", ["x", "z"]),
    "timing.Cox, event=event, entry=entry, strata=group, frequency=many": stratified,
    "timing.Cox (far from zero), event=event": lambda: of_lifelines(CoxPHFitter(), "time", ["distant"], HARD),
    "timing.AFT, dist=weibull, event=event": lambda: of_lifelines(WeibullAFTFitter(), "time", ["x"]),
    "timing.AFT, dist=lognormal, event=event": lambda: of_lifelines(LogNormalAFTFitter(), "time", ["x"]),
    "timing.AFT, dist=loglogistic, event=event": lambda: of_lifelines(LogLogisticAFTFitter(), "time", ["x"]),
}


def title(case: dict[str, Any]) -> str:
    """Name a case: the estimator, what is hard in it, its options, and a covariance that is not that of the model."""
    formula, name = case["formula"], case["estimator"]
    marks = {
        " (ties)": formula.startswith("years") and name == "timing.Cox",
        " (quadratic in years)": "I(year" in formula,
        " (far from zero)": "distant" in formula,
    }
    name += "".join(mark for mark, holds in marks.items() if holds)
    covariance = {name: value for name, value in case["fit"].items() if value in ("robust", "clustered")}
    options = {**case["options"], **covariance}
    return ", ".join([name, *(f"{name}={value}" for name, value in options.items())])


def ours(case: dict[str, Any], table: pd.DataFrame) -> Fit:
    """Fit ours."""
    package, name = case["estimator"].split(".")
    model = getattr(import_module(f"exportmodels.{package}"), name)
    results = model.from_formula(case["formula"], table, **case["options"]).fit(**case["fit"])
    maximum = "penalized_llf" if "penalized_llf" in case else "llf"
    return Fit(results.params, results.bse, getattr(results, maximum) if maximum in case else None)


def of_r(name: str) -> Fit | None:
    """Read what R said."""
    found = R["cases"].get(name)
    if found is None:
        return None
    parts = ({key: float(value) for key, value in found.get(part, {}).items()} for part in ("params", "bse"))
    return Fit(*parts, float(found["llf"]) if "llf" in found else None)


def digits(found: float, certified: str) -> float:
    """Return the number of correct digits, by the log relative error; none of no number."""
    error = abs(found / float(certified) - 1)
    return round(float(-np.log10(np.clip(error, 1e-16, 1))), 1) if np.isfinite(error) else 0.0


def correct(fit: Fit, case: dict[str, Any]) -> dict[str, Any]:
    """Return the digits of each coefficient and error, and of the likelihood, that the fit shares with the case."""
    found: dict[str, Any] = {}
    for part in ("params", "bse"):
        values, certified = getattr(fit, part), case[part]
        found[part] = {name: digits(values[name], certified[name]) for name in certified if name in values}
    maximum = case.get("llf") or case.get("penalized_llf")
    if fit.llf is not None and maximum:
        found["llf"] = digits(fit.llf, maximum)
    return found


def cell(found: dict[str, Any] | None) -> str:
    """Show the fewest digits of coefficients, of errors, and those of the likelihood."""
    if found is None:
        return ""
    parts = [min(found[part].values(), default=None) for part in ("params", "bse")]
    return " / ".join("--" if part is None else f"{part:.1f}" for part in (*parts, found.get("llf")))


def compared(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the digits of each peer that has the model."""
    name = title(case)
    fits = {package: makers[name]() for package, makers in PEERS.items() if name in makers}
    said = of_r(name)
    return {package: correct(fit, case) for package, fit in {**fits, **({"R": said} if said else {})}.items()}


def main() -> None:
    """Print the table, and keep it for the documentation and the peers' digits for the tests."""
    warnings.simplefilter("ignore")
    columns = ["statsmodels", "lifelines", "R"]
    rows, kept = [("Case", "exportmodels", *columns)], []
    for table, case in ((table, case) for table, found in FOUND.items() for case in found["cases"]):
        peers = compared(case)
        rows.append((title(case), cell(correct(ours(case, TABLES[table]), case)), *map(cell, map(peers.get, columns))))
        print(*rows[-1], sep=" | ", flush=True)
        if peers:
            named = {key: case[key] for key in ("estimator", "formula", "options", "fit")}
            kept.append({"table": table, **named, "digits": peers})
    (CERTIFIED / "peers" / "digits.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    used = ", ".join(f"{package} {version(package)}" for package in ("exportmodels", "statsmodels", "lifelines"))
    of_programs = ", ".join(f"{package} {number}" for package, number in R["versions"].items())
    lines = [f"{ABOUT} {used}, R {R['R']} with {of_programs}.", "", ".. list-table::"]
    lines += ["   :header-rows: 1", "   :widths: 36 16 16 16 16", ""]
    for cells in rows:
        lines += [f"   {'* -' if k == 0 else '  -'} {text}".rstrip() for k, text in enumerate(cells)]
    (ROOT / "docs" / "digits.inc").write_text("\n".join([*lines, ""]), encoding="utf-8")


PEERS = {"statsmodels": STATSMODELS, "lifelines": LIFELINES}

if __name__ == "__main__":
    main()
