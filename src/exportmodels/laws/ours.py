"""The adapter of this package's estimators: everything is read off the class, so that a new one needs no listing."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import ExportModelsError, OutcomeError
from ..core.family import Family
from ..core.family_model import FamilyModel
from ..core.levels import Choice
from ..core.model import Model
from ..core.outcomes import Binary, Count, Duration, Outcome
from ..core.results import Results
from ..share.stacked import Solved
from .adapter import Adapter, Differentiable, Fitted, NoEstimate
from .case import ROLES, Case
from .cases import example
from .drawing import can_draw, drawn

# Links whose distribution is symmetric, further predictors of mixtures, and those that reversing the outcome leaves
# alone or swaps.
_SYMMETRIC = ("logit", "probit")
_MIXED = {"inflation", "incidence"}
_REVERSIBLE = {"scale", "precision", "zero", "one", "nonparallel", "instruments"}
# Groups of rows that laws speak of where an estimator cannot do without them, and the endogenous covariate's name.
_GROUPS = {"firm", "year", "destination"}
_ENDOGENOUS = "x1"


class ModelAdapter(Adapter):
    """A model class of this package, or one derived from its base, under some options.

    Parameters
    ----------
    estimator : type
        The model class.
    options : mapping
        The options it is built with.
    """

    covariances: tuple[str, ...] = ("nonrobust", "robust", "clustered")
    tolerance = 1e-6
    errors = (ExportModelsError,)
    show = "print(fit.params, fit.bse, fit.llf)"

    def __init__(self, estimator: type[Model], options: Mapping[str, Any]):
        self.estimator, self.options = estimator, dict(options)
        said = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        self.name = estimator.__name__ + (f"({said})" if said else "")
        module = estimator.__module__.split(".")
        home = ".".join(module[:2]) if module[0] == "exportmodels" else estimator.__module__
        self.imports = (f"from {home} import {estimator.__name__}",)

    @cached_property
    def kind(self) -> Outcome:  # type: ignore[override]
        """The outcome type, as the options narrow it."""
        kind = self.estimator.kind
        narrower = [kind]
        if isinstance(kind, Count):
            narrower += [replace(kind, at_least=1), replace(kind, at_most=8)]
        for one in narrower:
            try:
                found = self.model(example(one, self.roles)).outcome_type
            except OutcomeError:
                continue
            return kind if isinstance(kind, Choice) else found
        return kind

    @property
    def rows(self) -> tuple[int, int]:  # type: ignore[override]
        """The fewest and the most rows: mixtures are told from their parts, and causes in common from none, in more."""
        if "seen" in self.can:
            return 120, 200
        several = _MIXED & set(self.estimator.equations) or "corrected estimates" in self.can
        return (60, 100) if several else Adapter.rows

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles of columns that the class takes; groups of rows only where it cannot do without."""
        taken = {*self.estimator.column_options, *self.estimator.equations} & set(ROLES)
        return frozenset(taken - (_GROUPS - self._needed))

    @cached_property
    def _needed(self) -> set[str]:
        """Options without which the model cannot be built."""
        return {name for name, one in signature(self.estimator).parameters.items() if one.default is Parameter.empty}

    @cached_property
    def can(self) -> frozenset[str]:  # type: ignore[override]
        """What the class takes and promises, seen on an example."""
        able = {"has intercept", "drops missing", "quantities", *self.roles}
        if "incidence" in self.estimator.equations:
            able |= {"immune"}
        if isinstance(self.kind, Duration):
            able |= self._of_times(frozenset(able))
        model = self.model(example(self.kind, frozenset(able)))
        if not model.absorbed:
            able |= {"intercept"}
        if type(model).problem is Model.problem:
            able |= {"linear", "symmetric"}
        elif not isinstance(model.problem(model.sample).objective, Solved):
            able |= {"likelihood"}
        if "firm" in able and self._takes_up_firms(frozenset(able)):
            able |= {"firm effects"}
        able |= {f"corrected {what}" for what in getattr(model, "small_sample", ())}
        if getattr(model, "to", ()):
            able |= {"heaps"}
        if "partial" not in able and {"exact times", "intercept"} <= able:
            able |= {"accelerated"}
        if hasattr(model.results_class, "penalized_llf") or (
            "linear" not in able and model.problem(model.sample).corrected is not None
        ):
            able |= {"penalized"}
        if getattr(model, "link", None) in _SYMMETRIC and set(self.estimator.equations) <= _REVERSIBLE:
            able |= {"symmetric"}
        if can_draw(model, self.kind) and self._reads_its_draws(example(self.kind, frozenset(able))):
            able |= {"draws"}
        family = getattr(model, "family", None)
        if isinstance(model, FamilyModel) and "penalized" not in able and _is_canonical(family, model):
            able |= {"canonical"}
        return frozenset(able)

    def _reads_its_draws(self, case: Case) -> bool:
        """Return whether outcomes drawn with all coefficients zero are outcomes: a law may reach beyond what can be."""
        zero = pd.Series(0.0, index=self.model(case).param_names)
        try:
            self.model(self.draw(case, zero, np.random.default_rng(0)))
        except ExportModelsError:
            return False
        return True

    def _takes_up_firms(self, able: frozenset[str]) -> bool:
        """Return whether a covariate that does not vary within firms is refused, because firms have effects."""
        case = example(self.kind, able, columns=("scale", "scale"))
        try:
            self.model(case.assign(x2=case.frame["firm"]))
        except ExportModelsError:
            return True
        return False

    def _of_times(self, able: frozenset[str]) -> set[str]:
        """Return what durations may be, by trying them."""
        plain, found = example(self.kind, able), set()
        if self.estimator.partial:
            found.add("partial")
        tried = {
            "exact times": plain.assign(y=plain.y + 0.5),
            "zero times": plain.assign(y=plain.y.where(plain.y > 1, 0)),
            "causes": plain.assign(event=plain.frame["event"] * (1 + np.arange(len(plain)) % 2)).using("event"),
        }
        for promise, other in tried.items():
            with suppress(ExportModelsError):
                self.model(other)
                found.add(promise)
        return found | ({"subdistribution"} if {"partial", "causes"} <= found else set())

    def model(self, case: Case) -> Model:
        """Return the model of a case, ready to fit."""
        frame = case.frame.assign(Intercept=1.0)
        if any(isinstance(self.options.get(name), str) for name in self.estimator.equations):
            return self.estimator.from_formula(self.formula(case), frame, **self.words(case), **self.options)
        outcome = frame[case.outcome[0]] if len(case.outcome) == 1 else frame[list(case.outcome)]
        return self.estimator(
            outcome, frame[self._design(case)], **self._columns(case), **self._endogenous, **self.options
        )

    def bare(self, case: Case) -> Model:
        """Return the model of a case with one outcome column, built from arrays without names."""
        frame, design = case.frame.assign(Intercept=1.0), self._design(case)
        columns: dict[str, Any] = {role: source.to_numpy() for role, source in self._columns(case).items()}
        named: dict[str, Any] = {role: f"x{1 + design.index(name)}" for role, name in self._endogenous.items()}
        return self.estimator(case.y.to_numpy(), frame[design].to_numpy(), **columns, **named, **self.options)

    def _design(self, case: Case) -> list[str]:
        return list(case.covariates) if self._absorbed else ["Intercept", *case.covariates]

    def _columns(self, case: Case) -> dict[str, Any]:
        frame = case.frame.assign(Intercept=1.0)
        columns: dict[str, Any] = {role: frame[role] for role in self._used(case)}
        for role in set(columns) & set(self.estimator.equations):
            columns[role] = frame[[*([] if role in self.estimator.anchored else ["Intercept", *case.covariates]), role]]
        return columns

    def _used(self, case: Case) -> list[str]:
        return [role for role in ROLES if role in case.roles & self.roles]

    @property
    def _endogenous(self) -> dict[str, Any]:
        return {"endogenous": _ENDOGENOUS} if "endogenous" in self._needed else {}

    def formula(self, case: Case) -> str:
        """Return the case's formula."""
        return f"{' + '.join(case.outcome)} ~ {' + '.join(case.covariates) or '1'}"

    def words(self, case: Case) -> dict[str, str]:
        """Return what options say of the case's columns beside a formula: their names, or terms of an equation."""
        said = {role: role for role in self._used(case)} | self._endogenous
        for role in set(said) & set(self.estimator.equations):
            said[role] = role if role in self.estimator.anchored else " + ".join([*case.covariates, role])
        return said

    @cached_property
    def _absorbed(self) -> bool:
        return bool(self.estimator.absorbed)

    def fit(self, case: Case, covariance: str | None = None) -> Fitted:
        """Fit a case."""
        clusters = case.frame["clusters"].to_numpy() if covariance == "clustered" else None
        return self.fitted(self.estimate(self.model(case), covariance, clusters=clusters), case)

    def estimate(self, model: Model, covariance: str | None, **options: Any) -> Results:
        """Return the fit of a model, with errors as the laws mean them."""
        return model.fit(covariance, **self._plainly(covariance), **options)

    def _plainly(self, covariance: str | None) -> dict[str, bool]:
        """Return the options by which errors that are asked for are those of large samples, as the laws mean them."""
        return {"debiased": False} if covariance and self._debiases else {}

    @cached_property
    def _debiases(self) -> bool:
        corrects = signature(self.estimator.fit).parameters.get("debiased")
        return corrects is not None and bool(corrects.default)

    def fitted(self, results: Results, case: Case | None = None) -> Fitted:
        """Return results as the laws see them."""

        def predict(other: Case) -> np.ndarray:
            if other is case:
                return results.predict().to_numpy()
            return results.predict(other.frame.assign(Intercept=1.0)).to_numpy()

        def objective() -> tuple[Differentiable, np.ndarray]:
            problem = results.model.problem(results.model.sample)
            theta = results.certificate.theta
            if not hasattr(problem.objective, "at"):
                return problem.objective, theta
            results.model.solve(problem, theta)  # over nuisance parameters too
            return problem.objective, problem.objective.at

        likely = "likelihood" in self.can
        llf = float(results.llf) if likely else None
        found = objective if likely else None
        return Fitted(results.params, results.bse, llf, predict, found, results, results.pvalues)

    def draw(self, case: Case, params: pd.Series, rng: np.random.Generator) -> Case:
        """Return the case with outcomes drawn from the model with these coefficients."""
        return drawn(self.model(case), case, params.to_numpy(), rng)

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python."""
        said = [f"{name}={value!r}" for name, value in {**self.words(case), **self.options}.items()]
        how = [f'"{covariance}"'] if covariance else []
        how += ['clusters="clusters"'] if covariance == "clustered" else []
        how += [f"{name}={value}" for name, value in self._plainly(covariance).items()]
        build = ", ".join([f'"{self.formula(case)}"', "data", *said])
        return f"fit = {self.estimator.__name__}.from_formula({build}).fit({', '.join(how)})"


class ExactAdapter(ModelAdapter):
    """ExactLogit: conditional distributions, one coefficient at a time; no intercept, likelihood or predictions."""

    covariances = ()
    rows = (12, 20)  # type: ignore[assignment]
    can = frozenset(
        {"has intercept", "drops missing", "symmetric", "penalized", "apart", "frequency", "offset", "strata"}
    )
    kind = Binary()

    def fit(self, case: Case, covariance: str | None = None) -> Fitted:
        """Fit a case."""
        results: Any = self.model(case).fit()
        if results.params.isna().any():
            raise NoEstimate("the other sums leave nothing of a coefficient to estimate")
        return Fitted(results.params, None if results.bse.isna().any() else results.bse)


def _is_canonical(family: Family | None, model: FamilyModel) -> bool:
    """Return whether the first derivative is outcome less mean, so that predictions average to the outcome."""
    if family is None or len(family.predictors) > 1 or model.sample.outcome.ndim > 1:
        return False
    y = model.sample.outcome
    eta = np.linspace(-1, 1, len(y))[None]
    gap = family.derivatives(y, eta)[0][0] - (y - family.mean(eta))
    return bool(np.abs(gap).max() < 1e-10)


def adapter_of(estimator: Any, options: Mapping[str, Any]) -> ModelAdapter | None:
    """Return the adapter of a model class of this package, None for anything else."""
    if not (isinstance(estimator, type) and issubclass(estimator, Model)):
        return None
    from ..strategy import ExactLogit

    return (ExactAdapter if issubclass(estimator, ExactLogit) else ModelAdapter)(estimator, options)


def public_models() -> list[type[Model]]:
    """Return every public model of the package, found through the tables of its four folders."""
    from importlib import import_module

    found = []
    for package in ("timing", "share", "spread", "strategy"):
        home = import_module(f"exportmodels.{package}")
        for name in home.__all__:
            public = getattr(home, name)
            if isinstance(public, type) and issubclass(public, Model) and hasattr(public, "kind"):
                found.append(public)
    return found


def all_ours() -> list[ModelAdapter]:
    """Return the adapters of every public model under each of its `variants`."""
    made = [adapter_of(model, variant) for model in public_models() for variant in model.variants]
    return [adapter for adapter in made if adapter is not None]
