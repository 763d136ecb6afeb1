"""Adapters: what the laws need to know of an estimator, whoever wrote it, and how they fit it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.options import checked
from ..core.outcomes import Outcome
from .case import Case


class NoEstimate(Exception):
    """The estimator says that it has no estimate for a case."""


class Differentiable(Protocol):
    """What an estimator maximizes, as a function of a vector."""

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return value, gradient (p,) and the negative Hessian (p, p)."""
        ...


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit as the laws see it.

    Parameters
    ----------
    params : Series, shape (p,)
        The coefficients; those of a covariate bear its name, alone or after a prefix in brackets.
    bse : Series, shape (p,), optional
        Their standard errors.
    llf : float, optional
        The maximized log-likelihood.
    predict : callable, optional
        Takes a case, returns the predictions of its rows, shape (n,) or (n, m).
    objective : callable, optional
        Returns the log-likelihood as an `Objective`, and the estimate in its coordinates.
    native : object
        The results object of the package.
    pvalues : Series, shape (p,), optional
        The p-values of the hypotheses that each coefficient is zero.
    """

    params: pd.Series
    bse: pd.Series | None = None
    llf: float | None = None
    predict: Callable[[Case], np.ndarray] | None = None
    objective: Callable[[], tuple["Differentiable", np.ndarray]] | None = None
    native: Any = field(default=None, repr=False)
    pvalues: pd.Series | None = None


class Adapter:
    """An estimator as the laws see it; subclass it, or make one by `adapt`.

    Attributes
    ----------
    name : str
        How tables call the estimator.
    kind : Outcome
        What its outcome is: an outcome type of this package, such as `Binary()`, `Share()`, `Count()`, `Duration()`.
    can : frozenset of str
        What it takes and promises, see the notes.
    covariances : tuple of str
        Of "nonrobust", "robust" and "clustered", those it has; the first is the one without options.
    tolerance : float
        How close to the maximum it claims to come, in standard errors.
    rows : tuple of int
        The fewest and the most rows of the cases it is tried on.
    errors : tuple of type
        The exceptions by which it says that a case has no estimate.
    imports : tuple of str
        What the code of `call` must import first.
    show : str
        The line of code that prints what `call` found.

    Notes
    -----
    `can` holds roles of columns (event, entry, upper, frequency, weights, offset, strata, choice_set, nest,
    alternative, firm, shared, year, destination, instruments, select, seen) and these promises:

    - "likelihood": `llf` is the maximum of a likelihood;
    - "linear": the mean is a line, found in closed form;
    - "firm effects": what does not vary within firms is taken up by effects of firms;
    - "corrected errors", "corrected estimates": factors for the size of the sample that cannot be asked away, such as
      degrees of freedom taken by effects, so that copies of the data do not give what the data give;
    - "penalized": the estimate maximizes something else than the likelihood;
    - "apart": each coefficient is estimated by itself, so that they do not turn with the covariates;
    - "intercept": the design has a column of ones named `Intercept`;
    - "has intercept": a constant added to a covariate is taken up, by such a column or otherwise;
    - "symmetric": reversing the outcome reverses the model;
    - "canonical": predictions average to the outcome;
    - "partial": only the order of times counts, as in Cox's model;
    - "accelerated": covariates multiply time, and an intercept sets its unit;
    - "exact times", "zero times": durations need not be whole, and may be zero;
    - "long tails": durations have a single mode, and some are many times as long as others;
    - "causes": events are of several kinds, 1 among them;
    - "subdistribution": after events of another kind firms stay at risk, weighted by who is still observed;
    - "frail": rows, or groups of them, differ in how soon they have the event, by what is not seen;
    - "immune": some of those who are observed for long never have the event;
    - "near the ends": more shares lie near zero and one than about one half;
    - "surplus zeros": far more counts are zero than one distribution of the others has;
    - "heaps": many counts are multiples of ten;
    - "drops missing": rows with missing values are left out;
    - "draws": outcomes can be drawn from known coefficients, see `draw`;
    - "quantities": fits are `Results` of this package.
    """

    name: str = "estimator"
    kind: Outcome
    can: frozenset[str] = frozenset()
    covariances: tuple[str, ...] = ("nonrobust",)
    tolerance: float = 1e-4
    rows: tuple[int, int] = (12, 40)
    errors: tuple[type[Exception], ...] = ()
    imports: tuple[str, ...] = ()
    show: str = "print(fit)"

    def fit(self, case: Case, covariance: str | None = None) -> Fitted:
        """Fit a case.

        Parameters
        ----------
        case : Case
            The data; roles in use are among those the estimator takes.
        covariance : {"nonrobust", "robust", "clustered"}, optional
            The kind of standard errors; by default what the estimator gives unasked.
        """
        raise NotImplementedError

    def call(self, case: Case, covariance: str | None = None) -> str:
        """Return the fit as Python, of a data frame named `data`, for counterexamples that a reader can run."""
        return f"# {self.name} of data" + (f", {covariance} errors" if covariance else "")

    def draw(self, case: Case, params: pd.Series, rng: np.random.Generator) -> Case:
        """Return the case with outcomes drawn from the model with these coefficients; what "draws" promises."""
        raise NotImplementedError

    @property
    def capabilities(self) -> frozenset[str]:
        """Everything that a law may ask for: promises, roles and covariances, and "errors" where it has any."""
        return self.can | set(self.covariances) | ({"errors"} if self.covariances else set())

    def __repr__(self) -> str:
        return f"<adapter of {self.name}>"


@checked
def adapt(estimator: Any, **options: Any) -> Adapter:
    """Return the adapter of an estimator: of this package, statsmodels, lifelines, scikit-survival, or your own.

    Parameters
    ----------
    estimator : type or object
        A model class of this package or of statsmodels, a fitter of lifelines, an estimator of scikit-survival or with
        scikit-learn's methods, or an `Adapter`, which is returned as it is.
    **options
        Options of the estimator, such as `link="probit"`; for foreign estimators also `kind` where it cannot be told.
    """
    from . import foreign, ours

    if isinstance(estimator, Adapter):
        return estimator
    for make in (ours.adapter_of, foreign.adapter_of):
        found = make(estimator, options)
        if found is not None:
            return found
    raise OptionError(
        f"{estimator!r} is no estimator that the laws know; subclass laws.Adapter: say kind, can and covariances, and "
        "write fit(case, covariance)"
    )
