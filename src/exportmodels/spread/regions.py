"""Export regions: how many of the report's eight a firm sells to, and which."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import ConvergenceError, DataError, OptionError
from ..core.family_model import FamilyModel
from ..core.frames import listed, numbers, to_pandas
from ..core.newton import Maximum
from ..core.options import checked, choose, within
from ..core.outcomes import Count, Outcome
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..data.yardsticks import published_for
from ..inference.separation import refuse_separation
from .bounded import BetaBinomial, Binomial
from .families import CountFamily

_FAMILIES = {"binomial": Binomial, "betabinomial": BetaBinomial}

# At a log precision of this the beta-binomial is the binomial to four digits; at minus this regions are all or none.
_FARTHEST = 10.0
# Log-odds this far from zero mean that nearly no region, or nearly every one, is sold to: worth a look for separation.
_EXTREME = 15.0
# Probabilities up to half of the regions are added up region by region.
_MOST_REGIONS = 10_000


class Regions(FamilyModel):
    """Number of export regions, out of a known number.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Counts from 0 to `out_of`.
    exog : array_like or data frame, shape (n, p)
        Covariates of the log-odds that a region is served; a constant is not added.
    dist : {"betabinomial", "binomial"}
        Whether firms differ beyond their covariates in how readily they enter regions, or not.
    out_of : int, default 8
        The number of regions that there are; the report's questionnaire has eight.
    precision : array_like or str, shape (n, q), optional
        Covariates of the log precision (terms with a formula), for betabinomial; a constant by default.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the log-odds.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a count is negative, not whole, or above `out_of`.
    ConvergenceError
        If counts vary no more than binomial ones, so that the precision goes to infinity.

    See Also
    --------
    region_presence : the regions one by one.

    Notes
    -----
    With p = logistic(x'b) and precision f = exp(z'g), under `[log_precision]`, the log-likelihood of the beta-binomial
    is::

        sum_i  log C(R, y_i) + log B(y_i + p f, R - y_i + (1 - p) f) - log B(p f, (1 - p) f)

    The correlation between two regions of one firm is 1 / (1 + f).

    References
    ----------
    .. [1] Prentice, R. L. (1986). Binary regression using an extended beta-binomial distribution, with discussion of
       correlation induced by covariate measurement errors. Journal of the American Statistical Association 81, 321-327.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import Regions
    >>> firms = pd.DataFrame({"regions": [1, 1, 3, 2, 8, 1, 5, 8, 2, 7], "niche": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]})
    >>> results = Regions.from_formula("regions ~ niche", firms).fit()
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(2).to_string())
    0    3.44
    1    4.72
    """

    kind = Count(unit="export regions")
    equations = {"precision": "log_precision"}
    variants = ({"dist": "betabinomial"}, {"dist": "binomial"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "betabinomial",
        out_of: int = 8,
        precision: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        family = choose("dist", dist, _FAMILIES)
        if dist == "binomial" and precision is not None:
            raise OptionError("precision= takes covariates of the beta-binomial's precision; dist='binomial' has none")
        self.dist, self.out_of = dist, within("out_of", out_of, 2, _MOST_REGIONS)
        self._family = family(self.out_of)
        super().__init__(
            outcome,
            exog,
            equations={"log_precision": precision},
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Number of export regions out of {self.out_of} ({self.dist})"

    @property
    def outcome_type(self) -> Outcome:
        """A count from 0 to `out_of`."""
        return Count(unit=self.kind.unit, at_most=self.out_of)

    @property
    def family(self) -> CountFamily:
        """The chosen distribution."""
        return self._family

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean number of export regions, P(one region) and P(more than half of them)."""
        family, half = self.family, self.out_of // 2
        return {
            "mean": self.quantity_of(
                "mean number of export regions",
                self.kind.unit,
                family.mean,
                scale="log",
                published=published_for("regions"),
            ),
            "single": self.quantity_of(
                "probability of a single export region",
                "probability",
                lambda eta: family.probability(1, eta),
                scale="logit",
            ),
            "more_than_half": self.quantity_of(
                f"probability of more than {half} export regions",
                "probability",
                lambda eta: 1 - family.at_most(half, eta),
                scale="logit",
            ),
        }

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Name the cell without variation, or the limit, where the precision goes to infinity or to zero."""
        theta = problem.back @ maximum.theta
        eta = self.predictors(theta, self.design_matrices())[0]
        if not maximum.converged or np.abs(eta).max() > _EXTREME:
            y, said = self.sample.outcome, f"All counts are 0, or all are {self.out_of},"
            refuse_separation(self.sample.designs[""], y > 0, y < self.out_of, self.endog_names, said)
        estimates = dict(zip(self.param_names, theta, strict=True))
        log_precision = estimates.get("[log_precision]", 0.0)
        if log_precision > _FARTHEST:
            raise ConvergenceError(
                f"outcome {self.endog_names!r} varies no more than a binomial count: the precision goes to infinity; "
                "use dist='binomial', which is its limit"
            )
        if log_precision < -_FARTHEST:
            raise ConvergenceError(
                f"outcome {self.endog_names!r} is 0 or {self.out_of} for nearly every firm, so the precision goes to "
                "zero; model whether it is, with strategy.Logit"
            )
        super().examine(maximum, problem)


@checked
def region_presence(firms: Any, *, prefix: str = "export_", firm: str = "firm") -> pd.DataFrame:
    """Stack the regions of a firms table: one row for each firm and region, with whether the firm sells there.

    Parameters
    ----------
    firms : data frame
        One row a firm, a 0/1 column a region.
    prefix : str, default ``"export_"``
        What the names of the region columns begin with.
    firm : str, default "firm"
        The column that identifies firms; made from the row labels where there is none.

    Returns
    -------
    DataFrame
        The other columns repeated, `region` (a category), and `present` (0, 1; missing where the answer is).

    Raises
    ------
    DataError
        If no column begins with the prefix, one of them holds no numbers, or a column is called as the new ones.

    Examples
    --------
    The effect of a niche product by region, with errors that allow a firm's regions to depend on each other:

    >>> import pandas as pd
    >>> from exportmodels.spread import region_presence
    >>> from exportmodels.strategy import Logit
    >>> firms = pd.DataFrame({
    ...     "niche": [0, 0, 0, 1, 1, 1, 0, 1],
    ...     "export_eu15": [1, 1, 1, 1, 0, 1, 0, 1],
    ...     "export_asia": [0, 0, 1, 1, 1, 0, 0, 1],
    ... })
    >>> stacked = region_presence(firms)
    >>> results = Logit.from_formula("present ~ region + niche", stacked).fit(clusters="firm")
    >>> print(results.effects(["niche"])[["estimate"]].round(3).to_string())
           estimate
    niche      0.25
    """
    frame = to_pandas(firms)
    columns = [name for name in frame.columns if str(name).startswith(prefix)]
    if not columns:
        raise DataError(f"no column begins with {prefix!r}; there are: {listed(frame.columns)}")
    clash = [name for name in ("region", "present") if name in frame.columns]
    if clash:
        raise DataError(
            f"the firms table has a column {clash[0]!r} already; rename it, the regions make one of that name"
        )
    frame = frame.copy()
    for name in columns:
        frame[name] = numbers(frame[name], f"column {name!r}", frame.index, finite=False)
    if firm not in frame.columns:
        frame = frame.assign(**{firm: frame.index})
    others = [name for name in frame.columns if name not in columns]
    stacked = frame.melt(id_vars=others, value_vars=columns, var_name="region", value_name="present")
    names = [str(name).removeprefix(prefix) for name in columns]
    regions = pd.Categorical(stacked["region"].map(dict(zip(columns, names, strict=True))), categories=names)
    stacked = stacked.assign(region=regions)
    stacked.attrs = dict(frame.attrs)
    return stacked
