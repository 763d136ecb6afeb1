"""Fractional response in panels: firms seen in several years, with unobserved causes that go with the covariates."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError
from ..core.frames import distinct, numbers, series_of
from ..core.hypotheses import Test, chi_squared
from ..core.links import LINKS
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Share
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.results import Results
from ..core.sample import Sample, tabular
from ..core.terms import Terms
from .gee import exchangeable
from .quantities import mean_share
from .summed import Summed, SummedModel

WORKING = {"independence": False, "exchangeable": True}


class PanelResults(Results):
    """A fitted panel model."""

    def mundlak_test(self) -> Test:
        """Test whether the firms' averages matter: if not, unseen causes do not go with the covariates.

        Indicators of the number of years in an unbalanced panel are no averages, and not tested.
        """
        names = [name for name in self.params.index if name.startswith("[average] ") and "] years=" not in name]
        test = self.wald_test(names)
        return chi_squared("Mundlak test", test.statistic, test.df, f"{self.cov_type} errors")


class PanelFractional(SummedModel):
    """Fractional response model for panels, with correlated random effects.

    The share of sales made abroad of firms seen in several years. What is not seen of a firm and does not change may
    go with its covariates: it is a normal variable around their averages over the firm's years, so that coefficients
    speak of changes within firms. Panels may be unbalanced.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, both included; one row a firm and year.
    exog : array_like or data frame, shape (n, p)
        Covariates, years among them where wanted; a constant is not added. The averages are added by the model.
    firm : array_like or str, shape (n,)
        Which firm a row is of.
    link : {"probit", "logit", "cloglog", "loglog", "cauchit"}
        The function F of the mean; only the probit keeps its form when the unseen cause is averaged out.
    working : {"independence", "exchangeable"}
        Pooled quasi-likelihood, or estimating equations under one correlation between all years of a firm, which are
        more efficient; both are right whatever the correlation.
    weights : array_like, shape (n,), optional
        Sampling weights, the same in all years of a firm.
    missing : {"drop", "raise"}
        What is done with incomplete rows; averages are over complete ones.

    Raises
    ------
    DataError
        If no firm has two years, or no covariate changes within firms.
    OutcomeError
        If a share lies outside 0 and 1.

    Notes
    -----
    The mean is F(x_it'b + a_i'c), a_i the averages of those covariates that change within firms (`[average] x`), and
    in an unbalanced panel also indicators of the number of years. Coefficients are relative to the spread of the unseen
    cause; `effects()` averages over it, each firm's averages held. Errors are clustered by firm. Predictions for new
    rows are those of a firm with the mean averages.

    References
    ----------
    .. [1] Papke, L. E. and Wooldridge, J. M. (2008). Panel data methods for fractional response variables with an
       application to test pass rates. Journal of Econometrics 145, 121-133.
    .. [2] Wooldridge, J. M. (2019). Correlated random effects models with unbalanced panels. Journal of Econometrics
       211, 137-150.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from exportmodels.share import PanelFractional
    >>> rng = np.random.default_rng(1)
    >>> firms = pd.DataFrame({"firm": np.repeat(np.arange(200), 4), "rd": rng.normal(size=800)})
    >>> unseen = np.repeat(rng.normal(size=200), 4)
    >>> firms["rd"] += unseen
    >>> firms["share"] = 1 / (1 + np.exp(1 - 0.3 * firms["rd"] - unseen))
    >>> results = PanelFractional.from_formula("share ~ rd", firms, firm="firm").fit()
    >>> print(results.params.round(3).to_string())
    Intercept      -0.538
    rd              0.171
    [average] rd    0.461
    >>> print(results.mundlak_test())
    Mundlak test: chi2(1) = 607.9197, p = 3.171e-134 (clustered errors)
    """

    kind = Share()
    needs_covariates = True
    column_options = ("weights", "firm")
    anchored = ("average",)
    default_covariance = "clustered"
    counted = "rows"
    variants: ClassVar = ({}, {"link": "logit"}, {"working": "exchangeable"})
    results_class = PanelResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        firm: Any,
        link: str = "probit",
        working: str = "independence",
        weights: Any = None,
        missing: str = "drop",
    ):
        self.link, self.working = link, working
        self._link, self._gee = choose("link", link, LINKS), choose("working", working, WORKING)
        super().__init__(
            outcome,
            exog,
            columns={"firm": firm},
            equations={"average": averages(outcome, exog, firm)},
            weights=weights,
            missing=missing,
        )
        self.refuse_collinear()

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Fractional response model for panels ({self.link}, {self.working})"

    @property
    def family(self) -> Summed:
        """The Bernoulli family of the covariates and the firms' averages."""
        return Summed(self._link, "average")

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The mean share."""
        return {"mean": mean_share(self, self.family)}

    def covariates(self) -> pd.DataFrame:
        """Return the variables behind the covariates, the averages left out."""
        return self.sample.designs[""].variables(self.sample.labels)

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return covariates and averages; the used rows keep their averages, new ones get the mean of them."""
        own, average = self.sample.designs[""], self.sample.designs["average"].matrix
        if newdata is None:
            return [own.matrix, average]
        matrix = own.rebuild(newdata)
        used = self.sample.places(newdata)
        other = np.repeat(average.mean(axis=0)[None], len(matrix), axis=0)
        return [matrix, other if used is None else average[used]]

    def fit(self, cov_type: str | None = None, *, clusters: Any = None, **options: Any) -> Results:
        """Maximize the likelihood, or solve the estimating equations; see `Model.fit`. Errors go by firm."""
        by_firm = clusters is None and cov_type in (None, "clustered", "bootstrap", "jackknife")
        return super().fit(cov_type, clusters=self.sample.columns["firm"] if by_firm else clusters, **options)

    def problem(self, sample: Sample) -> Problem:
        """Return the pooled likelihood, or the solved estimating equations."""
        pooled = super().problem(sample)
        if not self._gee:
            return pooled
        x = self.rows_objective(sample)[1][0].matrix
        weight, of_one = (
            np.ones(len(x)) if one.total_weight is None else one.total_weight for one in (sample, sample.mean_one())
        )
        start = super().solve(pooled, pooled.start).theta
        solved, _ = exchangeable(sample.outcome, x, self._link, sample.columns["firm"], weight, of_one, start)
        return replace(solved.problem(), back=pooled.back)

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Maximize; estimating equations have no likelihood."""
        maximum = super().solve(problem, start, max_iter)
        return replace(maximum, loglike=np.nan) if self._gee else maximum

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how many firms there are, and in how many years."""
        years = pd.Series(self.sample.columns["firm"]).value_counts()
        span = f"{years.min()}" if years.min() == years.max() else f"{years.min()} to {years.max()}"
        return [f"{len(years)} firms in {span} years each"]

    @property
    def small_sample(self) -> tuple[str, ...]:
        """What is corrected for the size of the sample: the working correlation counts coefficients."""
        return ("estimates", "errors") if self._gee else ()


# What varies by less than this part of its range, within firms or between them, varies by rounding.
SAME = 1e-10


def changes_within(values: pd.Series, firm: np.ndarray) -> bool:
    """Return whether a column changes within firms, whatever its unit and its zero."""
    within = values.groupby(firm).agg(np.ptp)
    return bool(within.max() > SAME * np.ptp(values))


def averages(outcome: Any, exog: Any, firm: Any) -> pd.DataFrame:
    """Return the firms' averages of the covariates that change within firms, and indicators of the number of years.

    Raises
    ------
    DataError
        If no firm has two complete rows, or no covariate changes within a firm.
    OptionError
        If no firms are named.
    """
    if firm is None:
        raise OptionError("a panel needs firm=, which firm each row is of")
    y, firm, exog = series_of(outcome, "y"), series_of(firm, "firm").reset_index(drop=True), tabular(exog, "")
    distinct(firm, "firm")
    y = pd.Series(numbers(y, f"outcome {y.name!r}", y.index, finite=False))
    if not len(y) == len(firm) == len(exog.frame if isinstance(exog, Terms) else exog):
        raise DataError("the outcome, the covariates and firm must have as many rows as each other")
    names = list(exog.info.column_names if isinstance(exog, Terms) else pd.DataFrame(exog).columns)
    if not names or not len(y):
        raise DataError("PanelFractional needs firms and a covariate: a formula such as `share ~ niche`")
    if isinstance(exog, Terms):
        index, gone = exog.frame.index, exog.missing
        complete = ~(gone | y.isna().to_numpy() | firm.isna().to_numpy())
        kept = exog.take(complete)
        x, names = kept.build(), list(kept.info.column_names)
    else:
        frame = exog if isinstance(exog, pd.DataFrame) else pd.DataFrame(exog)
        index, names = frame.index, [f"x{j + 1}" if isinstance(j, int) else str(j) for j in names]
        complete = ~(frame.isna().any(axis=1).to_numpy() | y.isna().to_numpy() | firm.isna().to_numpy())
        parts = [numbers(frame[name], f"column {name!r}", index, finite=False) for name in frame.columns]
        x = np.column_stack(parts)[complete]
    columns, by = pd.DataFrame(x, columns=names), pd.factorize(firm[complete])[0]
    zero = columns.min()
    means = (columns - zero).groupby(by).transform("mean")
    years = columns.groupby(by)[names[0]].transform("size")
    if not years.max() >= 2:
        raise DataError("no firm has two complete rows; use share.Fractional")
    differ = [name for name in names if np.ptp(means[name]) > SAME * np.ptp(columns[name])]
    changes = [name for name in differ if changes_within(columns[name], by)]
    if not changes:
        raise DataError("no covariate changes within firms, so their averages say nothing; use share.Fractional")
    table = means[changes] + zero[changes]
    for length in sorted(years.unique())[:-1]:
        table = table.assign(**{f"years={length}": (years == length).astype(float)})
    whole = pd.DataFrame(np.nan, index=range(len(y)), columns=table.columns)
    whole.loc[complete] = table.to_numpy()
    return whole.set_axis(index, axis=0)
