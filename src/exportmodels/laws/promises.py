"""What an estimator of this package can do, read off its class or tried out on an example."""

import warnings
from contextlib import suppress
from dataclasses import replace
from inspect import Parameter, signature
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..core.errors import BoundaryError, ExportModelsError, OptionError, OutcomeError
from ..core.family import Family
from ..core.family_model import FamilyModel
from ..core.levels import Choice
from ..core.model import Model
from ..core.outcomes import Count, Duration, Outcome
from ..share.stacked import Solved
from .case import ROLES, Case
from .cases import example
from .drawing import can_draw

if TYPE_CHECKING:
    from .ours import ModelAdapter

# Links whose distribution is symmetric, and further predictors that reversing the outcome leaves alone or swaps.
_SYMMETRIC = ("logit", "probit")
_REVERSIBLE = {"scale", "precision", "zero", "one", "nonparallel", "instruments"}
# Groups of rows that laws speak of where an estimator cannot do without them; those that may share a frailty.
_GROUPS = {"firm", "year", "destination", "shared"}
_SHARING = ("firm", "shared")
# Ordinary cases that are tried.
_CASES = 20


def needed(estimator: type[Model]) -> set[str]:
    """Return the options without which a model cannot be built."""
    return {name for name, one in signature(estimator).parameters.items() if one.default is Parameter.empty}


def roles_of(adapter: "ModelAdapter") -> frozenset[str]:
    """Return the roles of columns that a class takes under some options; groups where it cannot do without."""
    estimator = adapter.estimator
    taken = {*estimator.column_options, *estimator.equations} & set(ROLES)
    plain = frozenset(taken - (_GROUPS - needed(estimator)))
    for role in _SHARING if adapter.options.get("frailty") else ():
        if role in taken and not _refused(adapter, example(estimator.kind, plain | {role, "frail"})):
            plain |= {role}
            break
    case = example(estimator.kind, plain)
    return frozenset(
        role
        for role in plain
        if not (_refused(adapter, case.using(role)) and not _refused(adapter, case.without(role)))
    )


def _refused(adapter: "ModelAdapter", case: Case) -> bool:
    """Return whether the options, and not the data, forbid the model of a case."""
    try:
        model = adapter.model(case)
        if adapter.options.get("frailty"):  # which only the likelihood refuses
            model.problem(model.sample)
    except OptionError:
        return True
    except ExportModelsError:
        return False
    return False


def kind_of(adapter: "ModelAdapter") -> Outcome:
    """Return the outcome type, as the options narrow it."""
    kind = adapter.estimator.kind
    narrower = [kind]
    if isinstance(kind, Count):
        narrower += [replace(kind, at_least=1), replace(kind, at_most=8)]
    for one in narrower:
        try:
            found = adapter.model(example(one, adapter.roles)).outcome_type
        except OutcomeError:
            continue
        return kind if isinstance(kind, Choice) else found
    return kind


def covariances_of(adapter: "ModelAdapter") -> tuple[str, ...]:
    """Return the covariances there are: robust ones where rows, or groups of them, have scores of their own."""
    try:
        with warnings.catch_warnings(action="ignore"):
            adapter.fit(example(adapter.kind, adapter.can), "robust")
    except OptionError:
        return ("nonrobust",)
    except ExportModelsError:
        pass
    return ("nonrobust", "robust", "clustered")


def promises_of(adapter: "ModelAdapter") -> frozenset[str]:
    """Return what the class takes and promises, seen on an example."""
    estimator, kind = adapter.estimator, adapter.kind
    able = {"has intercept", "drops missing", "quantities", *adapter.roles}
    if "incidence" in estimator.equations:
        able |= {"immune"}
    if adapter.options.get("frailty"):
        able |= {"frail"}
    if isinstance(kind, Duration):
        able |= _of_times(adapter, frozenset(able))
    model = _posed(adapter, frozenset(able))
    able |= _of_likelihood(model)
    if "firm" in able and _takes_up_firms(adapter, frozenset(able)):
        able |= {"firm effects"}
    able |= {f"corrected {what}" for what in getattr(model, "small_sample", ())}
    if getattr(model, "to", ()):
        able |= {"heaps"}
    if "partial" not in able and {"exact times", "intercept"} <= able:
        able |= {"accelerated"}
    if getattr(model, "link", None) in _SYMMETRIC and set(estimator.equations) <= _REVERSIBLE:
        able |= {"symmetric"}
    if can_draw(model, kind) and _reads_its_draws(adapter, example(kind, frozenset(able))):
        able |= {"draws"}
    family = getattr(model, "family", None)
    predictors = getattr(family, "predictors", ())
    if "inflation" in predictors and len(predictors) > 2:
        able |= {"surplus zeros"}
    if len(getattr(family, "nodes", ())) == 1:  # an exceedance that all firms share
        able |= {"near the ends"}
    if isinstance(model, FamilyModel) and "penalized" not in able and _is_canonical(family, model):
        able |= {"canonical"}
    return frozenset(able)


def _posed(adapter: "ModelAdapter", able: frozenset[str]) -> Model:
    """Return the model of an ordinary case, the first that poses a problem: a frailty's variance may be zero."""
    for seed in range(_CASES):
        model = adapter.model(example(adapter.kind, able, seed=seed))
        with suppress(BoundaryError):
            if type(model).problem is not Model.problem:
                model.problem(model.sample)
            break
    return model


def _of_likelihood(model: Model) -> set[str]:
    """Return what a model maximizes, and whether it has a column of ones."""
    able = set() if model.absorbed else {"intercept"}
    if type(model).problem is Model.problem:
        return able | {"linear", "symmetric"}
    problem = model.problem(model.sample)
    if not isinstance(problem.objective, Solved):
        able |= {"likelihood"}
    if hasattr(model.results_class, "penalized_llf") or problem.corrected is not None:
        able |= {"penalized"}
    return able


def _reads_its_draws(adapter: "ModelAdapter", case: Case) -> bool:
    """Return whether outcomes drawn with all coefficients zero are outcomes: a law may reach beyond what can be."""
    zero = pd.Series(0.0, index=adapter.model(case).param_names)
    try:
        with np.errstate(all="ignore"):  # some parameters cannot be zero
            adapter.model(adapter.draw(case, zero, np.random.default_rng(0)))
    except ExportModelsError:
        return False
    return True


def _takes_up_firms(adapter: "ModelAdapter", able: frozenset[str]) -> bool:
    """Return whether a covariate that does not vary within firms is refused, because firms have effects."""
    case = example(adapter.kind, able, columns=("scale", "scale"))
    try:
        adapter.model(case.assign(x2=case.frame["firm"]))
    except ExportModelsError:
        return True
    return False


def _of_times(adapter: "ModelAdapter", able: frozenset[str]) -> set[str]:
    """Return what durations may be, by trying them."""
    plain, found = example(adapter.kind, able), set()
    if adapter.estimator.partial:
        found.add("partial")
    if "shape" in getattr(getattr(adapter.model(plain), "latency", None), "predictors", ()):
        found.add("long tails")
    tried = {
        "exact times": plain.assign(y=plain.y + 0.5),
        "zero times": plain.assign(y=plain.y.where(plain.y > 1, 0)),
        "causes": plain.assign(event=plain.frame["event"] * (1 + np.arange(len(plain)) % 2)).using("event"),
    }
    for promise, other in tried.items():
        with suppress(ExportModelsError):
            adapter.model(other)
            found.add(promise)
    return found | ({"subdistribution"} if {"partial", "causes"} <= found else set())


def _is_canonical(family: Family | None, model: FamilyModel) -> bool:
    """Return whether the first derivative is outcome less mean, so that predictions average to the outcome."""
    if family is None or len(family.predictors) > 1 or model.sample.outcome.ndim > 1:
        return False
    y = model.sample.outcome
    eta = np.linspace(-1, 1, len(y))[None]
    gap = family.derivatives(y, eta)[0][0] - (y - family.mean(eta))
    return bool(np.abs(gap).max() < 1e-10)
