"""The base of every estimator: one fit, of the problem that a subclass supplies, and what can be asked of it."""

from collections.abc import Mapping
from copy import copy
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from .covariance import Covariance, Draws, kind_meant, refit_each, resampled
from .errors import ConvergenceError, OptionError, OutcomeError
from .newton import Maximum, maximize, permitted_drift
from .options import checked
from .problem import Problem
from .quantities import Quantity
from .results import Results
from .sample import Sample
from .specification import Specification
from .threads import narrow


class Model(Specification):
    """Base of the estimators; not used by itself. What it reads is said by the attributes of `Specification`.

    Attributes
    ----------
    default_covariance : str
        The `cov_type` used when none is named.
    variants : tuple of dict
        The sets of options under which the public laws hold the estimator.
    results_class : type
        What a fit returns.
    """

    default_covariance: ClassVar[str] = "nonrobust"
    variants: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    results_class: type[Results] = Results

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

    def predict(self, params: Any, exog: Any = None, which: str = "mean") -> np.ndarray:
        """Return a quantity for given coefficients; see `Results.predict` for labels and intervals."""
        return self.quantity(which).rows(np.asarray(params, dtype=float), self.design_matrices(exog))

    @property
    def exog_names(self) -> list[str]:
        """Names of the coefficients."""
        return self.param_names

    @property
    def data(self) -> SimpleNamespace:
        """The model's data frame and coefficient names."""
        return SimpleNamespace(frame=self.frame, param_names=self.param_names)
