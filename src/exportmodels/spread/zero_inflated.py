"""Zero-inflated counts: firms that would never export among those that happen to have no export country."""

from typing import Any

import numpy as np

from ..core.design import Design
from ..core.errors import ConvergenceError, rows
from ..core.model import Model
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Count
from ..core.quantities import Quantity
from .counts import DISTRIBUTIONS, CountModel, dispersion
from .families import CountFamily
from .zeros import ZeroInflatedCounts

# Log-odds of a sure zero this low mean one in fifty thousand.
_NEVER = -11.0


class ZeroInflated(CountModel):
    """Zero-inflated count model.

    The number of export countries where a zero has two sources: firms that would never export, and firms that could but
    have no foreign customer now.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Counts: 0, 1, 2, ...
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean of the counts; a constant is not added.
    dist : {"nb2", "nb1", "nbp", "poisson", "gp1", "gp2"}
        The distribution of the counts.
    inflation : array_like or str, shape (n, q), optional
        Covariates of the log-odds of a sure zero (terms with a formula, `"1"` for a constant); those of the counts by
        default.
    alpha : array_like or str, shape (n, r), optional
        Covariates of log alpha (terms with a formula); a constant by default. Not for poisson.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the log mean of the counts.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a count is negative or not whole.
    SeparationError
        If all counts of a cell are zero, or none is: its coefficient is infinite.
    ConvergenceError
        If there are no zeros beyond those of the counts, so that the inflation goes to zero.

    Notes
    -----
    With pi = logistic(z'g) under `[inflation]` the log-likelihood is::

        sum_{y_i = 0} log(pi_i + (1 - pi_i) f(0 | x_i))  +  sum_{y_i > 0} log(1 - pi_i) + log f(y_i | x_i)

    The signs of `[inflation]` are those of never exporting.

    References
    ----------
    .. [1] Lambert, D. (1992). Zero-inflated Poisson regression, with an application to defects in manufacturing.
       Technometrics 34, 1-14.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import ZeroInflated
    >>> firms = pd.DataFrame({"countries": [0, 0, 3, 0, 5, 1, 0, 8, 0, 9, 2, 7], "niche": [0, 0, 0, 0, 0, 0] + [1] * 6})
    >>> model = ZeroInflated.from_formula("countries ~ niche", firms, dist="poisson", inflation="1")
    >>> print(model.fit().params.round(3).to_string())
    Intercept                1.013
    niche                    0.857
    [inflation] Intercept   -0.431
    """

    kind = Count(unit="export countries")
    needs_covariates = True
    column_options = Model.column_options
    equations = {"inflation": "inflation", "alpha": "log_alpha"}
    variants = ({"dist": "poisson"}, {"dist": "nb2"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "nb2",
        inflation: Any = None,
        alpha: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.dist = dist
        counts = choose("dist", dist, DISTRIBUTIONS)
        self._counts = ZeroInflatedCounts(counts)
        super().__init__(
            outcome,
            exog,
            equations=dispersion(counts, alpha) | {"inflation": exog if inflation is None else inflation},
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Zero-inflated count model ({self.dist})"

    @property
    def counts(self) -> CountFamily:
        """The distribution of all counts."""
        return self._counts

    @property
    def cells(self) -> list[tuple[Design | None, np.ndarray, np.ndarray, str]]:
        """Those of the counts, then those of the inflation."""
        zero = self.sample.outcome == 0
        inflation = self.sample.designs.get("inflation")
        return [*super().cells, (inflation, zero, ~zero, "No firm has a count of zero, or all have,")]

    def name_limits(self, estimates: dict[str, float], eta: np.ndarray, maximum: Maximum) -> None:
        """Say so, where no zeros are left for the inflation, of all firms or of some."""
        never = eta[-1] < _NEVER
        if never.all() or (never.any() and not maximum.converged):
            where, instead = "", "use the count model without it"
            if not never.all():
                where = f" in {never.sum()} of {len(never)} firms, such as {rows(self.sample.labels[never])}"
                instead = "use fewer covariates of it, inflation='1'"
            raise ConvergenceError(
                f"outcome {self.endog_names!r} has no zeros beyond those of its counts{where}: the inflation goes to "
                f"zero; {instead}, or Hurdle"
            )
        super().name_limits(estimates, eta, maximum)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Those of all count models, and the probability of a sure zero."""
        return super().quantities | {
            "never": self.quantity_of(
                "probability of never exporting",
                "probability",
                self._counts.share,
                scale="logit",
            )
        }
