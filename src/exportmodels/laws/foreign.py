"""Adapters of statsmodels, lifelines, scikit-survival, firthmodels and classifiers, told by what they are."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.outcomes import Binary, Count, Duration, Outcome
from .adapter import Adapter, Fitted, NoEstimate
from .case import Case

_ALWAYS = {"has intercept"}
# Standard errors beyond this, for a covariate of standard deviation one, are of a likelihood that rises for ever.
_ENDLESS = 1e3


class ForeignAdapter(Adapter):
    """Base of the adapters of other packages; a refusal of any kind is no estimate.

    Parameters
    ----------
    estimator : type
        The class.
    options : mapping
        What it is built with.
    """

    tolerance = 1e-3
    errors = (Exception,)

    def __init__(self, estimator: type, options: Mapping[str, Any]):
        self.estimator, self.options = estimator, dict(options)
        said = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        self.name = f"{estimator.__module__.split('.')[0]} {estimator.__name__}" + (f"({said})" if said else "")
        self.imports = (f"from {estimator.__module__} import {estimator.__name__}",)

    def fit(self, case: Case, covariance: str | None = None) -> Fitted:
        """Fit a case that is not collinear; a warning that the search did not converge is a refusal too."""
        design = case.frame[list(case.covariates)].to_numpy(float)
        gap = design - design.mean(axis=0)
        if np.linalg.matrix_rank(gap / np.maximum(np.abs(gap).max(axis=0), 1e-300)) < gap.shape[1]:
            raise NoEstimate("covariates are constant or collinear")
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            fitted = self._estimate(case, covariance)
        for one in said:
            if one.category.__name__ == "ConvergenceWarning" and "may harm convergence" not in str(one.message):
                raise NoEstimate(str(one.message).splitlines()[0])
        return fitted

    def _estimate(self, case: Case, covariance: str | None) -> Fitted:
        raise NotImplementedError

    def _said(self) -> str:
        return "".join(f", {name}={value!r}" for name, value in self.options.items())


def _refuse_endless(case: Case, bse: Any) -> None:
    """Take what is reported of a likelihood without a maximum, often with a warning, for no estimate."""
    spread = case.frame[list(case.covariates)].std().to_numpy()
    if (np.asarray(bse) * spread > _ENDLESS).any():
        raise NoEstimate("the likelihood rises for ever along a covariate")


def _design(case: Case) -> pd.DataFrame:
    return case.frame.assign(Intercept=1.0)[["Intercept", *case.covariates]].astype(float)


class StatsmodelsAdapter(ForeignAdapter):
    """A binary or count model of statsmodels: Logit, Probit, Poisson, NegativeBinomial."""

    show = "print(fit.params, fit.bse, fit.llf)"
    covariances = ("nonrobust", "robust", "clustered")
    KINDS: ClassVar[dict[str, Outcome]] = {
        "Logit": Binary(),
        "Probit": Binary(),
        "Poisson": Count(),
        "NegativeBinomial": Count(),
    }

    # How outcomes are drawn from linear predictors.
    DRAWS: ClassVar[dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]]] = {
        "Logit": lambda eta, rng: (rng.logistic(size=len(eta)) < eta).astype(int),
        "Probit": lambda eta, rng: (rng.normal(size=len(eta)) < eta).astype(int),
        "Poisson": lambda eta, rng: rng.poisson(np.exp(eta)),
    }

    def __init__(self, estimator: type, options: Mapping[str, Any]):
        super().__init__(estimator, options)
        self.kind = self.KINDS[estimator.__name__]
        counts, symmetric = isinstance(self.kind, Count), estimator.__name__ in ("Logit", "Probit")
        canonical = estimator.__name__ in ("Logit", "Poisson")
        self.can = frozenset(
            {*_ALWAYS, "likelihood", "intercept", "frequency"}
            | ({"offset"} if counts else set())
            | ({"symmetric"} if symmetric else set())
            | ({"canonical"} if canonical else set())
            | ({"draws"} if estimator.__name__ in self.DRAWS else set())
        )

    def _estimate(self, case: Case, covariance: str | None) -> Fitted:
        """Fit a case; frequencies go where statsmodels takes them, as `freq_weights`."""
        frame = case.frame
        given: dict[str, Any] = {**self.options}
        if "offset" in case.roles:
            given["offset"] = frame["offset"]
        if "frequency" in case.roles:
            given["freq_weights"] = frame["frequency"]
        how: dict[str, Any] = {}
        if covariance == "robust":
            how = {"cov_type": "HC0"}
        elif covariance == "clustered":
            how = {"cov_type": "cluster", "cov_kwds": {"groups": frame["clusters"], "use_correction": False}}
        results = self.estimator(case.y, _design(case), **given).fit(disp=0, maxiter=200, **how)
        if not results.mle_retvals["converged"] or not np.isfinite(results.bse).all():
            raise NoEstimate("statsmodels did not converge")
        _refuse_endless(case, results.bse[list(case.covariates)])

        def predict(other: Case) -> np.ndarray:
            moved = {"offset": other.frame["offset"]} if "offset" in other.roles else {}
            return np.asarray(results.predict(_design(other), **moved))

        return Fitted(results.params, results.bse, float(results.llf), predict, native=results, pvalues=results.pvalues)

    def draw(self, case: Case, params: pd.Series, rng: np.random.Generator) -> Case:
        """Return the case with outcomes drawn from the model with these coefficients."""
        law = self.DRAWS[self.estimator.__name__]
        return case.assign(y=law(_design(case).to_numpy() @ params.to_numpy(), rng))

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python."""
        roles = "".join(
            f', {name}=data["{role}"]'
            for role, name in (("offset", "offset"), ("frequency", "freq_weights"))
            if role in case.roles
        )
        how = {"robust": ', cov_type="HC0"', "clustered": ', cov_type="cluster", cov_kwds={"groups": data["clusters"]}'}
        design = f"data.assign(Intercept=1.0)[{['Intercept', *case.covariates]!r}]"
        name = self.estimator.__name__
        return f'fit = {name}(data["y"], {design}{roles}{self._said()}).fit(disp=0{how.get(covariance or "", "")})'


class HazardAdapter(ForeignAdapter):
    """Base of the adapters of Cox's model."""

    kind = Duration()
    can = frozenset({"event", "partial", "exact times", "has intercept", "likelihood"})

    def _fitted(self, case: Case, params: Any, bse: Any, llf: float | None) -> Fitted:
        names = list(case.covariates)
        errors = None if bse is None else pd.Series(np.asarray(bse, dtype=float), index=names)
        if errors is not None and not np.isfinite(errors).all():
            raise AssertionError("standard errors are not finite")
        return Fitted(pd.Series(np.asarray(params, dtype=float), index=names), errors, llf)


class PHRegAdapter(HazardAdapter):
    """statsmodels' PHReg."""

    show = "print(fit.params, fit.bse, fit.llf)"
    covariances = ("nonrobust", "clustered")
    can = HazardAdapter.can | {"entry", "strata"}

    def _estimate(self, case: Case, covariance: str | None) -> Fitted:
        frame = case.frame
        columns = {role: frame[role].to_numpy() for role in ("entry", "strata") if role in case.roles}
        model = self.estimator(
            case.y.to_numpy(float), frame[list(case.covariates)].to_numpy(float), frame["event"].to_numpy(), **columns,
            **{"ties": "efron", **self.options},
        )  # fmt: skip
        results = model.fit(groups=frame["clusters"].to_numpy() if covariance == "clustered" else None)
        _refuse_endless(case, results.bse)
        return Fitted(
            pd.Series(results.params, index=list(case.covariates)),
            pd.Series(results.bse, index=list(case.covariates)),
            float(results.llf),
            native=results,
        )

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python."""
        roles = "".join(f', {role}=data["{role}"]' for role in ("entry", "strata") if role in case.roles)
        groups = 'groups=data["clusters"]' if covariance == "clustered" else ""
        return (
            f'fit = PHReg(data["y"], data[{list(case.covariates)!r}], data["event"]{roles}, ties="efron"'
            f"{self._said()}).fit({groups})"
        )


class LifelinesAdapter(HazardAdapter):
    """lifelines' CoxPHFitter."""

    covariances = ("nonrobust", "robust", "clustered")
    can = HazardAdapter.can | {"entry", "strata", "frequency"}
    show = "print(fit.params_, fit.standard_errors_)"

    def _columns(self, case: Case, covariance: str | None) -> dict[str, Any]:
        columns: dict[str, Any] = {"duration_col": "y", "event_col": "event"}
        names = {"entry": "entry_col", "frequency": "weights_col"}
        columns |= {names[role]: role for role in names if role in case.roles}
        if "strata" in case.roles:
            columns["strata"] = ["strata"]
        if covariance in ("robust", "clustered"):
            columns["robust"] = True
        if covariance == "clustered":
            columns["cluster_col"] = "clusters"
        return columns

    def _frame(self, case: Case, columns: dict[str, Any]) -> pd.DataFrame:
        named = {name for value in columns.values() if not isinstance(value, bool) for name in np.atleast_1d(value)}
        return case.frame[[*case.covariates, *sorted(named)]]

    def _estimate(self, case: Case, covariance: str | None) -> Fitted:
        columns = self._columns(case, covariance)
        fitter = self.estimator(**self.options)
        fitter.fit(self._frame(case, columns), **columns)
        params, bse = fitter.params_[list(case.covariates)], fitter.standard_errors_[list(case.covariates)]
        _refuse_endless(case, bse)
        return Fitted(params.rename_axis(None), bse.rename_axis(None), float(fitter.log_likelihood_), native=fitter)

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python."""
        columns = self._columns(case, covariance)
        said = ", ".join(f"{name}={value!r}" for name, value in columns.items())
        used = list(self._frame(case, columns).columns)
        return f"fit = CoxPHFitter({self._said()[2:]}).fit(data[{used!r}], {said})"


class SksurvAdapter(HazardAdapter):
    """scikit-survival's CoxPHSurvivalAnalysis, which has no standard errors."""

    covariances: tuple[str, ...] = ()
    can = HazardAdapter.can - {"likelihood"}
    show = "print(fit.coef_)"

    def _estimate(self, case: Case, covariance: str | None) -> Fitted:
        frame = case.frame
        outcome = np.array(list(zip(frame["event"] == 1, case.y, strict=True)), dtype=[("event", bool), ("y", float)])
        fitted = self.estimator(**{"ties": "efron", **self.options}).fit(frame[list(case.covariates)], outcome)
        return self._fitted(case, fitted.coef_, None, None)

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python."""
        return (
            'y = data[["event", "y"]].astype({"event": bool}).to_records(index=False)\n'
            f'fit = CoxPHSurvivalAnalysis(ties="efron"{self._said()}).fit(data[{list(case.covariates)!r}], y)'
        )


class FirthCoxAdapter(SksurvAdapter):
    """firthmodels' FirthCoxPH, whose ties are Breslow's."""

    covariances: tuple[str, ...] = ("nonrobust",)
    can = SksurvAdapter.can | {"penalized"}
    show = "print(fit.coef_, fit.bse_)"

    def _estimate(self, case: Case, covariance: str | None) -> Fitted:
        frame = case.frame
        fitted = self.estimator(**self.options).fit(
            frame[list(case.covariates)].to_numpy(float), (frame["event"].to_numpy() == 1, case.y.to_numpy(float))
        )
        return self._fitted(case, fitted.coef_, fitted.bse_, None)

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python."""
        build = f"FirthCoxPH({self._said()[2:]})"
        return f'fit = {build}.fit(data[{list(case.covariates)!r}], (data["event"] == 1, data["y"]))'


class ClassifierAdapter(ForeignAdapter):
    """A binary classifier in scikit-learn's manner, with `coef_`, `intercept_` and `predict_proba`."""

    kind = Binary()
    covariances = ()
    show = "print(fit.coef_, fit.intercept_)"

    def __init__(self, estimator: type, options: Mapping[str, Any]):
        super().__init__(estimator, options)
        from inspect import signature

        self._weighs = "sample_weight" in signature(estimator.fit).parameters  # type: ignore[attr-defined]
        self.can = frozenset({*_ALWAYS, "symmetric", "penalized"} | ({"frequency"} if self._weighs else set()))

    def _estimate(self, case: Case, covariance: str | None) -> Fitted:
        """Fit a case; frequencies go in as `sample_weight`."""
        names = list(case.covariates)
        weight = {"sample_weight": case.frame["frequency"].to_numpy()} if "frequency" in case.roles else {}
        fitted = self.estimator(**self.options).fit(case.frame[names].to_numpy(float), case.y.to_numpy(int), **weight)
        coefficients = np.r_[np.ravel(fitted.intercept_), np.ravel(fitted.coef_)]

        def predict(other: Case) -> np.ndarray:
            return fitted.predict_proba(other.frame[names].to_numpy(float))[:, 1]

        return Fitted(pd.Series(coefficients, index=["Intercept", *names]), None, None, predict, native=fitted)

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python."""
        weight = ', sample_weight=data["frequency"]' if "frequency" in case.roles else ""
        build = f"{self.estimator.__name__}({self._said()[2:]})"
        return f'fit = {build}.fit(data[{list(case.covariates)!r}], data["y"]{weight})'


def adapter_of(estimator: Any, options: Mapping[str, Any]) -> Adapter | None:
    """Return the adapter of an estimator of another package, None for anything unknown."""
    if not isinstance(estimator, type):
        return None
    home, name = estimator.__module__.split(".")[0], estimator.__name__
    if home == "statsmodels":
        if name in StatsmodelsAdapter.KINDS:
            return StatsmodelsAdapter(estimator, options)
        return PHRegAdapter(estimator, options) if name == "PHReg" else None
    if home == "lifelines" and name == "CoxPHFitter":
        return LifelinesAdapter(estimator, options)
    if home == "firthmodels" and name == "FirthCoxPH":
        return FirthCoxAdapter(estimator, options)
    if home == "sksurv" and name == "CoxPHSurvivalAnalysis":
        return SksurvAdapter(estimator, options)
    if hasattr(estimator, "fit") and hasattr(estimator, "predict_proba"):
        return ClassifierAdapter(estimator, options)
    return None
