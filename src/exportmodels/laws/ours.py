"""The adapter of this package's estimators: everything is read off the class, so that a new one needs no listing."""

from collections.abc import Mapping
from functools import cached_property
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import ExportModelsError
from ..core.model import Model
from ..core.outcomes import Binary, Outcome
from ..core.results import Results
from .adapter import Adapter, Differentiable, Fitted, NoEstimate
from .case import ROLES, Case
from .drawing import drawn
from .promises import covariances_of, kind_of, needed, promises_of, roles_of

# Further predictors of mixtures; promises that take more rows to be seen; and the endogenous covariate's name.
_MIXED = {"inflation", "incidence"}
_SEVERAL = {"corrected estimates", "frail", "long tails", "near the ends"}
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
        return kind_of(self)

    @property
    def rows(self) -> tuple[int, int]:  # type: ignore[override]
        """The fewest and the most rows: mixtures are told from their parts, and causes in common from none, in more."""
        if {"seen", "nest"} & self.can or ("frail" in self.can and not self.can & {"firm", "shared"}):
            return 120, 200
        several = _MIXED & set(self.estimator.equations) or _SEVERAL & self.can
        return (60, 100) if several else Adapter.rows

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles of columns that the class takes under the options."""
        return roles_of(self)

    @cached_property
    def can(self) -> frozenset[str]:  # type: ignore[override]
        """What the class takes and promises, seen on an example."""
        return promises_of(self)

    @cached_property
    def covariances(self) -> tuple[str, ...]:  # type: ignore[override]
        """The covariances there are under the options."""
        return covariances_of(self)

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
        taken = {*self.estimator.column_options, *self.estimator.equations}
        return [role for role in ROLES if role in case.roles & taken]

    @property
    def _endogenous(self) -> dict[str, Any]:
        return {"endogenous": _ENDOGENOUS} if "endogenous" in needed(self.estimator) else {}

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
            return problem.objective, results.certificate.theta

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
