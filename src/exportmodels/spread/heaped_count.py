"""Heaped counts: numbers of export countries that some respondents round to fives and tens."""

from copy import copy
from typing import Any

import numpy as np

from ..core.errors import ConvergenceError, OptionError
from ..core.hypotheses import Test
from ..core.model import Model
from ..core.newton import Maximum, maximize
from ..core.options import choose
from ..core.outcomes import Count, Outcome
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..inference.boundary import boundary_test
from .count_results import CountResults
from .counts import DISTRIBUTIONS, CountModel, count_quantities, dispersion
from .families import CountFamily, Truncated
from .heaps import Heaped

# Log-odds of rounding this low mean fewer than one rounder in a thousand; this high, that nobody else is left.
_NOBODY, _EVERYBODY = -7.0, 15.0


class HeapedResults(CountResults):
    """Results of a heaped-count model."""

    model: "HeapedCount"

    def heaping_test(self, *, draws: int = 20_000, seed: int = 0) -> Test:
        """Test that nobody rounds, by the likelihood ratio at its distribution on the boundary.

        Under the null all shares of rounders are zero, the edge of what they can be; the statistic is then a mixture of
        chi-squared distributions whose weights depend on the information [1]_, and are simulated from it where more
        than two kinds of rounding are tested.

        Parameters
        ----------
        draws, seed : int
            Of the simulation.

        Returns
        -------
        Test
            The statistic and its p-value.

        References
        ----------
        .. [1] Self, S. G. and Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and
           likelihood ratio tests under nonstandard conditions. Journal of the American Statistical Association 82,
           605-610.
        """
        model = self.model
        if model.sample.weights is not None:
            raise OptionError("with sampling weights the likelihood is a pseudo-likelihood; there is no ratio test")
        exact = model.without_rounding()
        problem = exact.problem(exact.sample)
        maximum = maximize(problem.objective, problem.start)
        exact.examine(maximum, problem)
        covariance = model.shares_at_null(problem, maximum)
        return boundary_test("no rounding", 2 * (self.llf - maximum.loglike), covariance, draws=draws, seed=seed)


class HeapedCount(CountModel):
    """Count model with rounded answers.

    The number of export countries when some respondents say 10, 15 or 20 for something near it. The share of those who
    round is estimated beside the model, which is about the true counts.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Reported counts: 1, 2, 3, ..., or from 0 with `truncated=False`.
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean; a constant is not added.
    dist : {"nb2", "nb1", "nbp", "poisson", "gp1", "gp2"}
        The distribution of the true counts.
    to : tuple of int, default (5, 10)
        What is rounded to. Someone who rounds to 10 reports the nearest multiple of 10; counts half-way go either way,
        and counts that would become zero are told as they are.
    truncated : bool, default True
        Whether the firms are exporters, who have at least one country.
    alpha : array_like or str, shape (n, q), optional
        Covariates of log alpha (terms with a formula); a constant by default. Not for poisson.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the log mean.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a count is negative, zero where it must not be, or not whole.
    SeparationError
        If all counts of a cell are the least that can be, or at the upper limit: its coefficient is infinite.
    ConvergenceError
        If nobody rounds to one of `to`, so that the share goes to zero.

    Notes
    -----
    With s_h the share that rounds to h, a multinomial logit under `[round_5]`, `[round_10]`, the log-likelihood is::

        sum_i  log( (1 - sum_h s_h) f(y_i) + sum_h s_h sum_{j rounds to y_i} f(j) )

    References
    ----------
    .. [1] Heitjan, D. F. and Rubin, D. B. (1990). Inference from coarse data via multiple imputation with application
       to age heaping. Journal of the American Statistical Association 85, 304-314.
    .. [2] Wang, H. and Heitjan, D. F. (2008). Modeling heaping in self-reported cigarette counts. Statistics in
       Medicine 27, 3789-3804.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import HeapedCount
    >>> told = [1, 2, 3, 5, 5, 7, 10, 10, 10, 20, 20, 12, 30, 30, 50, 10, 4, 20, 15, 40, 8, 10, 2, 1]
    >>> model = HeapedCount.from_formula("countries ~ 1", pd.DataFrame({"countries": told}), to=(10,))
    >>> results = model.fit()
    >>> print(round(float(results.predict(which="round_10").iloc[0]), 2), results.heaping_test().pvalue < 0.001)
    0.7 True
    """

    kind = Count(unit="export countries")
    column_options = Model.column_options
    results_class = HeapedResults
    equations = {"alpha": "log_alpha"}
    variants = ({"dist": "nb2", "to": (10,)},)

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "nb2",
        to: tuple[int, ...] = (5, 10),
        truncated: bool = True,
        alpha: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        if not len(to) or min(to) < 2 or len(set(to)) < len(to):
            raise OptionError(f"to must hold different whole numbers of at least 2, such as (5, 10); not {to!r}")
        self.dist, self.to, self.truncated = dist, tuple(map(int, to)), truncated
        whole = choose("dist", dist, DISTRIBUTIONS)
        self.true_counts: CountFamily = Truncated(whole) if truncated else whole
        super().__init__(
            outcome,
            exog,
            equations=dispersion(whole, alpha),
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Count model with rounded answers ({self.dist})"

    @property
    def outcome_type(self) -> Outcome:
        """A count of at least one where it is truncated."""
        return Count(unit=self.unit, at_least=int(self.truncated))

    @property
    def counts(self) -> CountFamily:
        """The distribution of reported counts."""
        return Heaped(self.true_counts, self.to) if self.to else self.true_counts

    def without_rounding(self) -> "HeapedCount":
        """Return the same model, in which every count is exact."""
        exact = copy(self)
        exact.to = ()
        return exact

    def shares_at_null(self, problem: Problem, maximum: Maximum) -> np.ndarray:
        """Return the covariance of the shares of rounders where all counts are exact, by the outer product of scores.

        `problem` and `maximum` are those of the model without rounding.
        """
        exact = self.without_rounding()
        eta = exact.predictors(problem.back @ maximum.theta, exact.design_matrices())
        excess = Heaped(self.true_counts, self.to).excess(self.sample.outcome, eta)
        scores = np.column_stack([problem.scores(maximum.theta), excess.T])
        weight = self.sample.total_weight
        outer = scores.T @ (scores if weight is None else scores * weight[:, None])
        return np.linalg.inv(outer)[-len(self.to) :, -len(self.to) :]

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Those of the true counts, and the share that rounds to each of `to`."""
        heaped = Heaped(self.true_counts, self.to)

        def share(k: int) -> Quantity:
            label = f"share of firms that round to multiples of {self.to[k]}"
            return self.quantity_of(label, "probability", lambda eta: heaped.shares(eta)[k], scale="logit")

        shares = {f"round_{h}": share(k) for k, h in enumerate(self.to)}
        return count_quantities(self, self.true_counts) | shares

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Name the kind of rounding that nobody does, or that leaves nobody who is exact."""
        estimates = dict(zip(self.param_names, problem.back @ maximum.theta, strict=True))
        for h in self.to:
            if estimates[f"[round_{h}]"] < _NOBODY:
                others = tuple(other for other in self.to if other != h)
                instead = f"to={others!r}" if others else "ZeroTruncated or NegativeBinomial"
                raise ConvergenceError(
                    f"outcome {self.endog_names!r} shows no rounding to multiples of {h}: its share goes to zero; "
                    f"use {instead}"
                )
            if estimates[f"[round_{h}]"] > _EVERYBODY:
                raise ConvergenceError(
                    f"outcome {self.endog_names!r} shows nobody who is exact: the share who round to multiples of {h} "
                    "goes to one; give brackets, the limits between which each count lies (upper=)"
                )
        super().examine(maximum, problem)
