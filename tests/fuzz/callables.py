"""Every public function and class of the package that is no estimator, found by introspection, with valid arguments.

Arguments are guessed from the names of parameters; those that cannot be are in `EXAMPLES`, by the function's name.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from fuzzing import MODELS, answered, case_of, fitted

import exportmodels
from exportmodels import data, laws, survey
from exportmodels.core.model import Model
from exportmodels.core.results import Results
from exportmodels.timing.curve_model import CurveModel

# Estimators, their fits and curves are thrown at elsewhere in this folder; errors are made by the package.
ELSEWHERE = (Model, CurveModel, Results, BaseException)
# Strategies refuse in Hypothesis's words, when something is drawn.
OF_OTHERS = ("exportmodels.laws.strategies",)
MISSING = inspect.Parameter.empty


def _members(module: ModuleType) -> Iterator[Any]:
    """Yield what can be called of what the `__all__` of a package names, and those of its packages."""
    own = [name for name, one in vars(module).items() if getattr(one, "__module__", "") == module.__name__]
    for name in getattr(module, "__all__", own):
        public = getattr(module, name)
        if inspect.ismodule(public) and public.__name__ not in OF_OTHERS:
            yield from _members(public)
        elif callable(public) and not name.startswith("_"):
            yield public


def _runs(public: type) -> bool:
    """Return whether building something runs code of ours; records take what they are given."""
    return "__post_init__" in vars(public) or ("__init__" in vars(public) and not is_dataclass(public))


@cache
def public_callables() -> dict[str, Callable[..., Any]]:
    """Return name -> function, class that is built by hand, or class method of a public class."""
    found, members = {}, list(_members(exportmodels))
    curves = [one for one in members if inspect.isclass(one) and issubclass(one, CurveModel)]
    made = {inspect.signature(one.fit).return_annotation for one in curves}  # which nobody else makes
    for public in members:
        if not inspect.isclass(public):
            found[_name(public)] = public
        elif not issubclass(public, ELSEWHERE):
            if _runs(public) and not made & {public, public.__name__}:
                found[_name(public)] = public
            for name, method in vars(public).items():
                if isinstance(method, classmethod | staticmethod) and not name.startswith("_"):
                    found[f"{_name(public)}.{name}"] = getattr(public, name)
    return dict(sorted(found.items()))


def _name(public: Any) -> str:
    return f"{public.__module__.split('.')[1]}.{public.__name__}"


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return what a function takes; where to draw is matplotlib's, and further options are the estimator's."""
    given = inspect.signature(function).parameters.values()
    return [one for one in given if one.kind is not one.VAR_KEYWORD and one.name != "ax"]


@cache
def answers() -> pd.DataFrame:
    return data.synthetic_flanders(30, seed=1)


@cache
def firms() -> pd.DataFrame:
    return survey.derive(answers())


@cache
def entries() -> pd.DataFrame:
    """Return the markets that each firm entered after its founding, with sales."""
    known = firms()[["firm", "founded"]].dropna()
    rows = known.loc[known.index.repeat(3)].reset_index(drop=True)
    number = np.arange(len(rows))
    year = np.minimum(rows["founded"].astype(int) + number % 5, 2008)
    market = np.array(["NL", "FR", "DE"])[number % 3]
    return rows.assign(market=market, year=year, sales=1.0 + number % 7)


def subjects() -> pd.DataFrame:
    return case_of(MODELS["Cox"]).frame


def fit(model: str, right: str = "x1 + x2", cov_type: str | None = None, **options: Any) -> Results:
    """Return a fit of a model to its own case with other terms or options."""
    return MODELS[model].from_formula(f"y ~ {right}", case_of(MODELS[model]).frame, **options).fit(cov_type)


GUESSES: dict[str, Callable[[], Any]] = {
    "adapter": lambda: laws.adapt(MODELS["Logit"]),
    "answers": answers,
    "asked": lambda: 16,
    "by": lambda: "x2",
    "data": subjects,
    "duration": lambda: "y",
    "entries": entries,
    "estimator": lambda: MODELS["Logit"],
    "event": lambda: "event",
    "firms": firms,
    "hypotheses": lambda: "x1 = 0",
    "hypothesis": lambda: "x1 = 0",
    "name": lambda: "no frailty",
    "outcome": lambda: "countries",
    "path": lambda: Path(__file__).parents[1] / "survey" / "files" / "enterprise_synthetic.sav",
    "percents": lambda: [64, 21],
    "pvalues": lambda: pd.Series([0.01, 0.2, 0.03], index=["a", "b", "c"]),
    "sales": entries,
    "sentence": lambda: "More firms make no difference.",
    "source": answers,
    "statistic": lambda: 2.7,
    "table": lambda: [[9, 5], [3, 14]],
    "values": lambda: pd.Series([0.1, np.nan, 0.4, 0.9]),
}
"""What a parameter of a name is given where it has no default."""

SMALLER = {"draws": 20, "examples": 2, "replications": 4, "rows": 60}
"""What a number is given where its default takes long."""

EXAMPLES: dict[str, Callable[[], dict[str, Any]]] = {
    "inference.detect_separation": lambda: {"outcome": [0, 1, 0, 1], "exog": {"x1": [1.0, 2.0, 3.0, 1.0]}},
    "inference.lr_test": lambda: {"results": fit("Logit"), "restricted": fit("Logit", "x1")},
    "inference.pool": lambda: {"fits": [fit("Logit"), fit("Logit")]},
    "inference.rake": lambda: {"margins": {"sector": {"a": 0.3, "b": 0.3, "c": 0.4}, "x2": {0: 0.5, 1: 0.5}}},
    "inference.vuong_test": lambda: {"first": fit("Poisson"), "second": fit("Poisson", "x3")},
    "report.figure": lambda: {"name": "market", "firms": firms()},
    "share.compare_links": lambda: {"results": {link: fit("Fractional", link=link) for link in ("logit", "cloglog")}},
    "share.hausman_test": lambda: {
        way: fit("PanelShare", cov_type="nonrobust", firm="unit", year="year", effects=way)
        for way in ("fixed", "random")
    },
    "share.p_test": lambda: {"results": fit("Fractional"), "rival": fit("Fractional", link="cloglog")},
    "strategy.Calibration.of": lambda: {"outcome": np.array([0, 1] * 9), "probability": np.linspace(0.1, 0.9, 18)},
    "strategy.ROC.of": lambda: {"outcome": np.array([0, 1] * 9), "probability": np.linspace(0.1, 0.9, 18)},
    "strategy.iia_test": lambda: {"results": fitted(MODELS["MultinomialLogit"]), "drop": "c"},
    "strategy.published_drivers": lambda: {"by": "rd_high"},
    "timing.Durations.from_years": lambda: {
        "founded": "founded", "first_export": "first_export", "surveyed": 2008, "data": firms(),
    },
    "timing.logrank_test": lambda: {"outcome": "y", "by": "x2", "data": subjects()},
    "timing.market_entries": lambda: {"firms": firms()[["firm", "founded", "surveyed", "niche"]]},
}  # fmt: skip
"""What cannot be guessed from names."""


@cache
def example(name: str) -> dict[str, Any]:
    """Return valid arguments of a public function, found by trying the fits of all estimators where it takes one."""
    function, given = public_callables()[name], EXAMPLES.get(name, dict)()
    for one in parameters(function):
        if one.name in SMALLER and isinstance(one.default, int):
            given[one.name] = SMALLER[one.name]
        elif one.name in GUESSES and one.default is MISSING:
            given.setdefault(one.name, GUESSES[one.name]())
    needed = [one.name for one in parameters(function) if one.default is MISSING and one.name not in given]
    if needed == ["results"]:
        for model in MODELS.values():
            if answered(function, **given, results=fitted(model)) is not None:
                return given | {"results": fitted(model)}
    assert not needed, f"{name} needs {', '.join(needed)}: add an example to EXAMPLES, or a guess to GUESSES"
    return given
