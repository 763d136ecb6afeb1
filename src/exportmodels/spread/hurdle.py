"""Hurdle counts: whether a firm exports, and to how many countries if it does."""

from typing import Any

import numpy as np

from ..core.design import Design
from ..core.model import Model
from ..core.options import choose
from ..core.outcomes import Count
from ..core.quantities import Quantity
from ..data.yardsticks import published_for
from .counts import DISTRIBUTIONS, CountModel, dispersion
from .families import CountFamily, Truncated
from .zeros import HurdleCounts


class Hurdle(CountModel):
    """Hurdle count model.

    Whether a firm exports at all (the extensive margin), and the number of export countries of those that do; each with
    covariates of its own.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Counts: 0, 1, 2, ...
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean of the counts before truncation; a constant is not added.
    dist : {"nb2", "nb1", "nbp", "poisson", "gp1", "gp2"}
        The distribution that is truncated at zero.
    participation : array_like or str, shape (n, q), optional
        Covariates of the log-odds of exporting (terms with a formula, `"1"` for a constant); those of the counts by
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
        If all firms of a cell export, or none does, or all its exporters have one country: its coefficient is infinite.

    Notes
    -----
    With p = logistic(z'g) under `[participation]` the log-likelihood is::

        sum_{y_i = 0} log(1 - p_i)  +  sum_{y_i > 0} log p_i + log f(y_i | x_i) - log(1 - f(0 | x_i))

    The two sums share no coefficient, so the fit is that of a logit and of `ZeroTruncated` on the exporters.

    References
    ----------
    .. [1] Mullahy, J. (1986). Specification and testing of some modified count data models. Journal of Econometrics 33,
       341-365.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import Hurdle
    >>> firms = pd.DataFrame({"countries": [0, 0, 3, 0, 5, 1, 0, 8, 0, 9, 2, 7], "niche": [0, 0, 0, 0, 0, 0] + [1] * 6})
    >>> results = Hurdle.from_formula("countries ~ niche", firms, dist="poisson").fit()
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]}), which="participation").round(3).to_string())
    0    0.500
    1    0.667
    """

    kind = Count(unit="export countries")
    column_options = Model.column_options
    equations = {"participation": "participation", "alpha": "log_alpha"}
    variants = ({"dist": "poisson"}, {"dist": "nb2", "participation": "1"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "nb2",
        participation: Any = None,
        alpha: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.dist = dist
        counts = choose("dist", dist, DISTRIBUTIONS)
        self._counts = HurdleCounts(Truncated(counts))
        super().__init__(
            outcome,
            exog,
            equations=dispersion(counts, alpha) | {"participation": exog if participation is None else participation},
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Hurdle count model ({self.dist})"

    @property
    def counts(self) -> CountFamily:
        """The distribution of all counts."""
        return self._counts

    @property
    def cells(self) -> list[tuple[Design | None, np.ndarray, np.ndarray, str]]:
        """Those of exporting or not, then those of the counts of exporters."""
        y = self.sample.outcome
        exporting, counting = self.sample.designs.get("participation"), self.sample.designs[""]
        return [
            (exporting, y > 0, y == 0, "All firms export, or none does,"),
            (counting, y > 1, y > 0, "All exporters have one export country"),
        ]

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Those of all count models, the probability of exporting, and the mean of those who do."""
        exporters = self._counts.base
        return super().quantities | {
            "participation": self.quantity_of(
                "probability of exporting",
                "probability",
                self._counts.share,
                scale="logit",
            ),
            "intensive": self.quantity_of(
                "mean number of export countries of exporters",
                self.unit,
                lambda eta: exporters.mean(eta[:-1]),
                scale="log",
                published=published_for("countries"),
            ),
        }
