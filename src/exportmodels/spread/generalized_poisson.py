"""Generalized Poisson counts: numbers of export countries that vary more, or less, than Poisson."""

from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.errors import ConvergenceError, rows
from ..core.newton import Maximum, maximize
from ..core.options import choose
from ..core.outcomes import Count
from ..core.problem import Problem
from ..core.sample import Sample
from ..core.several_starts import with_no_higher_beside
from .counts import DISTRIBUTIONS, CountModel
from .families import CountFamily

# A log mean this far above the largest count is no mean: the distribution has a limit where it goes to infinity.
_ENDLESS = 6.0

FORMS = {form: DISTRIBUTIONS[form] for form in ("gp1", "gp2")}


class GeneralizedPoisson(CountModel):
    """Generalized Poisson count model.

    The number of export countries where it may be under-dispersed too: alpha is negative then, and zero gives Poisson.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Counts: 0, 1, 2, ...
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean; a constant is not added.
    form : {"gp2", "gp1"}
        Variance m (1 + alpha m)^2 or m (1 + alpha)^2.
    alpha : array_like or str, shape (n, q), optional
        Covariates of alpha (terms with a formula); a constant by default.
    upper : array_like or str, shape (n,), optional
        Where a count is known only to lie between the outcome and this limit (both included): brackets; infinite for
        "this many or more".
    top_code : int, optional
        Counts of this size or above are known only to be that large.
    at_most : int, optional
        The largest count that can be; the distribution is truncated there.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the log mean: the log of an exposure.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a count is negative, not whole, or above `at_most`.
    SeparationError
        If all counts of a cell are the least that can be, or at the upper limit: its coefficient is infinite.

    Notes
    -----
    With m = exp(x'b), alpha = z'g under `[alpha]`, and g = alpha m (gp2) or alpha (gp1), the log-likelihood is::

        sum_i  log m + (y_i - 1) log(m + g y_i) - y_i log(1 + g) - (m + g y_i) / (1 + g) - log y_i!

    For negative alpha counts with m + g y <= 0 have no probability, and the others sum to slightly less than one.

    References
    ----------
    .. [1] Consul, P. C. and Famoye, F. (1992). Generalized Poisson regression model. Communications in Statistics -
       Theory and Methods 21, 89-109.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import GeneralizedPoisson
    >>> firms = pd.DataFrame({"countries": [0, 1, 30, 2, 5, 1, 60, 12, 0, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> results = GeneralizedPoisson.from_formula("countries ~ niche", firms, form="gp1").fit()
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(2).to_string())
    0     2.41
    1    30.39
    """

    kind = Count(unit="export countries")
    equations = {"alpha": "alpha"}
    variants = ({"form": "gp2"}, {"form": "gp1"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        form: str = "gp2",
        alpha: Any = None,
        upper: Any = None,
        top_code: int | None = None,
        at_most: int | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.form = form
        self._counts = choose("form", form, FORMS)
        super().__init__(
            outcome,
            exog,
            equations={"alpha": alpha},
            upper=upper,
            top_code=top_code,
            at_most=at_most,
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Generalized Poisson count model ({self.form.upper()})"

    @property
    def counts(self) -> CountFamily:
        """The chosen form."""
        return self._counts

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample; the climb begins at a Poisson model, since there may be several maxima."""
        problem, poisson = super().problem(sample), copy(self)
        poisson._counts = DISTRIBUTIONS["poisson"]
        own: Any = problem.objective
        first = replace(own, family=poisson.family, matrices=own.matrices[:1], bases=own.bases[:1])
        size = len(own.bases[0])
        mean = maximize(first, problem.start[:size], tol=1e-8, drift=np.inf)
        return replace(problem, start=np.r_[mean.theta, problem.start[size:]]) if mean.converged else problem

    def name_limits(self, estimates: dict[str, float], eta: np.ndarray, maximum: Maximum) -> None:
        """Raise the error that names the limit, where a mean goes to infinity; see `CountModel.name_limits`."""
        far = eta[0] > np.log(np.max(self.sample.outcome) + 1) + _ENDLESS
        if far.any():
            named = rows(self.sample.labels[far])
            raise ConvergenceError(
                f"the mean goes to infinity for {far.sum()} of {len(far)} firms, such as {named}: the likelihood has a "
                "limit there; use spread.NegativeBinomial, or fewer covariates"
            )
        super().name_limits(estimates, eta, maximum)

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Return the maximum that the climb ends at, unless another one beside it is higher."""
        return with_no_higher_beside(problem.objective, super().solve(problem, start, max_iter), max_iter=max_iter)
