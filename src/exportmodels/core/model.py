"""The base of every estimator: one constructor, formulas, one fit, and the objective that a subclass supplies."""

from collections.abc import Mapping
from copy import copy
from types import SimpleNamespace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from .covariance import Covariance, Draws, kind_meant, refit_each, resampled
from .errors import ConvergenceError, DataError, OptionError, OutcomeError
from .frames import column, to_pandas
from .newton import Maximum, maximize, permitted_drift
from .options import checked
from .outcomes import Outcome
from .problem import Problem
from .quantities import Quantity
from .results import Results
from .sample import Sample, collect
from .terms import Terms, evaluate, evaluate_several, split_formula
from .threads import narrow


class Model:
    """Base of the estimators; not used by itself.

    Attributes
    ----------
    kind : Outcome
        What the outcome may be.
    column_options : tuple of str
        Options that take a column: a name with a formula, an array otherwise.
    equations : dict of str to str
        Options that take covariates of a further linear predictor, and the predictor's name.
    absorbed : bool
        Whether the first equation has its intercept elsewhere.
    needs_covariates : bool
        Whether nothing can be estimated without covariates.
    anchored : tuple of str
        Predictors that have no intercept at all: they are zero where their covariates are.
    partial : bool
        Whether only the order of times counts, and the likelihood is a partial one.
    default_covariance : str
        The `cov_type` used when none is named.
    counted : str
        What `nobs` counts: firms, or rows where a firm has several.
    variants : tuple of dict
        The sets of options under which the public laws hold the estimator.
    """

    kind: ClassVar[Outcome]
    column_options: ClassVar[tuple[str, ...]] = ("frequency", "weights", "offset")
    equations: ClassVar[Mapping[str, str]] = {}
    absorbed: ClassVar[bool] = False
    needs_covariates: ClassVar[bool] = False
    anchored: ClassVar[tuple[str, ...]] = ()
    partial: ClassVar[bool] = False
    default_covariance: ClassVar[str] = "nonrobust"
    counted: ClassVar[str] = "firms"
    variants: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    results_class: type[Results] = Results

    sample: Sample
    formula: str | None = None
    frame: pd.DataFrame | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Have every estimator's constructor and fit refuse options that they do not have, or of other types."""
        super().__init_subclass__(**options)
        for name in {"__init__", "fit"} & set(vars(cls)):
            setattr(cls, name, checked(getattr(cls, name)))

    @checked
    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
        columns: Mapping[str, Any] | None = None,
        equations: Mapping[str, Any] | None = None,
    ):
        self.sample = collect(
            outcome,
            {"": exog, **{name: source for name, source in (equations or {}).items() if source is not None}},
            self.outcome_type,
            columns=columns or {},
            absorbed=self.absorbed,
            anchored=self.anchored,
            frequency=frequency,
            weights=weights,
            offset=offset,
            missing=missing,
        )
        if (self.partial or self.needs_covariates) and not self.sample.designs[""].names:
            raise DataError(f"{type(self).__name__} needs a covariate: a formula such as `outcome ~ niche`")

    @property
    def title(self) -> str:
        """The first line of the summary: the first line of the estimator's docstring, or its own choice."""
        return (type(self).__doc__ or type(self).__name__).strip().splitlines()[0].rstrip(".")

    @property
    def outcome_type(self) -> Outcome:
        """The outcome type that this model reads; options may narrow it."""
        return self.kind

    @property
    def nobs(self) -> int:
        """Number of firms, or of other units that are independent of each other."""
        return self.sample.nobs

    @classmethod
    def from_formula(cls, formula: str, data: Any, **options: Any) -> Self:
        """Build the model from a formula and a data frame.

        Parameters
        ----------
        formula : str
            `"outcome ~ terms"`, in patsy's language; `"lower + upper ~ terms"` where an outcome is two columns.
        data : data frame
            pandas, polars, Arrow, or a dict of columns.
        **options
            The constructor's options. Column-valued ones accept a column name; further equations accept terms such as
            `"niche + age"`.

        Returns
        -------
        Model
            The model, ready to fit.

        Raises
        ------
        FormulaError
            If the formula cannot be read or names a column that the data do not have.
        DataError
            If a column breaks a rule; the message names it, the rule and the rows.
        """
        import patsy

        frame = to_pandas(data)
        env = patsy.EvalEnvironment.capture(1)
        left, right = split_formula(formula)
        right, options = cls.adapt(right, frame, options)
        for name in cls.column_options:
            if isinstance(options.get(name), str):
                options[name] = column(frame, options[name], name)
        for name in cls.equations:
            if isinstance(options.get(name), str):
                options[name] = Terms(options[name].strip().removeprefix("~"), frame, env)
        read = evaluate_several if cls.kind.several else evaluate
        model = cls(read(left, frame, env), Terms(right, frame, env), **options)
        model.formula, model.frame = formula, frame
        return model

    @classmethod
    def adapt(cls, terms: str, frame: pd.DataFrame, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the terms and options as the estimator reads them: words of its own in a formula become options."""
        return terms, options

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample, standardized, with starting values."""
        raise NotImplementedError

    def null_loglike(self) -> float:
        """Return the log-likelihood without covariates, where its problem does not know it."""
        return float("nan")

    @property
    def param_names(self) -> list[str]:
        """Flat names of the coefficients."""
        raise NotImplementedError

    def ancillary(self, name: str) -> bool:
        """Whether a coefficient is an intercept or another that a model without covariates has too."""
        return name.endswith("Intercept") or (name.startswith("[") and name.endswith("]"))

    @property
    def quantities(self) -> dict[str, Quantity]:
        """What the model predicts, by name; the first is the default of `predict`."""
        raise NotImplementedError

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Return the estimate, in the engine's coordinates; an estimator that corrects the maximum does so here."""
        # errors that rest on another information do not need that of the last step
        drift = permitted_drift(len(self.sample.labels)) if problem.information is None else np.inf
        return maximize(problem.objective, start, max_iter=max_iter, drift=drift)

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Raise the error that names the cause, if the engine's stop is no estimate."""
        if not maximum.converged:
            worst = np.argmax(np.abs(maximum.theta))
            raise ConvergenceError(
                f"no maximum was found in {maximum.iterations} Newton steps: distance {maximum.distance:.2g} standard "
                f"errors, information {'' if maximum.positive_definite else 'not '}positive definite; the coefficient "
                f"farthest out is {self.param_names[worst]!r}: look for a cell of it in which the outcome does not vary"
            )

    def notes(self, maximum: Maximum) -> list[str]:
        """Return what a reader must know of this fit beside the certificate."""
        return []

    @checked
    def fit(
        self,
        cov_type: str | None = None,
        *,
        clusters: Any = None,
        debiased: bool = False,
        replications: int = 999,
        seed: int = 0,
        start: Any = None,
        max_iter: int = 100,
        progress: bool | None = None,
    ) -> Results:
        """Maximize the likelihood.

        Parameters
        ----------
        cov_type : {"nonrobust", "robust", "clustered", "bootstrap", "jackknife"}, optional
            How standard errors are made. Default: clustered where `clusters` is given, robust with sampling weights,
            else the estimator's own default.
        clusters : str or array_like, shape (n,), optional
            Cluster labels: a column name with a formula.
        debiased : bool, default False
            Multiply robust covariances by n/(n-1), clustered ones by G/(G-1).
        replications, seed : int
            Number of bootstrap refits, and the seed that makes them repeatable.
        start : array_like, shape (p,), optional
            Starting values in the order of the coefficients.
        max_iter : int, default 100
            The most Newton steps.
        progress : bool, optional
            Show a progress bar over refits; by default on a terminal.

        Returns
        -------
        Results
            A new object; the model is unchanged.

        Raises
        ------
        ConvergenceError, SeparationError
            If there is no maximum; the message names the cause.
        OptionError, WeightError
            If options contradict each other.
        """
        labels = None if clusters is None else self.sample.align(clusters, "clusters", self.frame)
        kind = self.covariance_kind(cov_type, labels)
        with narrow(len(self.sample.labels), self.sample.width):
            problem = self.problem(self.sample)
            first = problem.start if start is None else problem.own_start(start, self.param_names)
            maximum = self.solve(problem, first, max_iter)
            self.examine(maximum, problem)
            if kind in ("bootstrap", "jackknife"):
                covariance = self._resampled(kind, labels, replications, seed, progress)
            else:
                covariance = problem.covariance(kind, maximum, self.sample, self.nobs, labels, debiased)
        return self.results_class(self, problem.estimate(maximum.theta), covariance, maximum, problem.llnull)

    def covariance_kind(self, cov_type: str | None, clusters: np.ndarray | None) -> str:
        """Return the covariance that is meant: the one asked for, else the one that weights and clusters call for."""
        own = self.default_covariance
        return kind_meant(cov_type, own, clustered=clusters is not None, weighted=self.sample.weights is not None)

    def refit(self, frequency: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        """Return the coefficients, in the user's coordinates, with other frequencies of the used rows."""
        sample = self.sample.reweighted(frequency)
        if not self.outcome_type.estimable(sample.outcome):
            raise OutcomeError(f"outcome {sample.name!r} does not vary in this draw")
        drawn = copy(self)
        drawn.sample = sample
        problem = drawn.problem(sample)
        first = problem.start if start is None else np.linalg.solve(problem.back, start)
        maximum = drawn.solve(problem, first)
        drawn.examine(maximum, problem)
        return problem.estimate(maximum.theta)

    def refits(self, draws: Draws, title: str, show: bool | None = None) -> tuple[np.ndarray, int]:
        """Return the coefficients of the draws that have an estimate, and how many have none.

        Parameters
        ----------
        draws : Draws
            Frequencies of the used rows.
        title : str
            What a progress bar says.
        show : bool, optional
            Whether to show it; by default on a terminal.
        """
        return refit_each(self.refit, draws, title, show)

    def _resampled(
        self,
        kind: str,
        clusters: np.ndarray | None,
        replications: int,
        seed: int,
        progress: bool | None,
    ) -> Covariance:
        frequency = self.sample.frequency
        return resampled(
            kind,
            self.refits,
            np.ones(len(self.sample.labels)) if frequency is None else frequency,
            clusters,
            replications=replications,
            seed=seed,
            show_progress=progress,
        )

    def quantity(self, which: str | Quantity) -> Quantity:
        """Return one of the model's quantities, or say which there are; "mean" is the first."""
        if isinstance(which, Quantity):
            return which
        known = self.quantities
        if which == "mean":
            return next(iter(known.values()))
        if which not in known:
            raise OptionError(f"which must be one of {', '.join(known)}; not {which!r}")
        return known[which]

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the matrices of the linear predictors, of the used rows or of new ones."""
        designs = self.sample.designs.values()
        if newdata is None:
            return [design.matrix for design in designs]
        if any(design.terms is not None for design in designs):
            newdata = to_pandas(newdata)
        return [design.rebuild(newdata) for design in designs]

    def covariates(self) -> pd.DataFrame:
        """Return the variables behind the designs, on the used rows: columns of the data, not of the matrix."""
        parts: dict[str, pd.Series] = {}
        for design in self.sample.designs.values():
            source = design.variables(self.sample.labels)
            for name in source.columns:
                parts.setdefault(name, source[name])
        return pd.DataFrame(parts, index=self.sample.labels)

    def predict(self, params: Any, exog: Any = None, which: str = "mean") -> np.ndarray:
        """Return a quantity for given coefficients; see `Results.predict` for labels and intervals."""
        return self.quantity(which).rows(np.asarray(params, dtype=float), self.design_matrices(exog))

    @property
    def endog_names(self) -> str:
        """The outcome's name."""
        return self.sample.name

    @property
    def exog_names(self) -> list[str]:
        """Names of the coefficients."""
        return self.param_names

    @property
    def data(self) -> SimpleNamespace:
        """The model's data frame and coefficient names."""
        return SimpleNamespace(frame=self.frame, param_names=self.param_names)
