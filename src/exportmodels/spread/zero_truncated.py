"""Zero-truncated counts: the number of export countries of firms that export."""

from typing import Any

from ..core.options import choose
from ..core.outcomes import Count
from .counts import DISTRIBUTIONS, CountModel, dispersion
from .families import CountFamily


class ZeroTruncated(CountModel):
    """Zero-truncated count model.

    The number of export countries of exporters, who have at least one.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Counts: 1, 2, 3, ...
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean before truncation; a constant is not added.
    dist : {"nb2", "nb1", "nbp", "poisson", "gp1", "gp2"}
        The distribution that is truncated.
    alpha : array_like or str, shape (n, q), optional
        Covariates of log alpha (terms with a formula); a constant by default. Not for poisson.
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
        Added to the log mean.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a count is zero, negative or not whole.
    SeparationError
        If all counts of a cell are the least that can be, or at the upper limit: its coefficient is infinite.
    ConvergenceError
        If there is no over-dispersion, so that alpha goes to zero.

    Notes
    -----
    The log-likelihood is that of the whole distribution less the log probability of one or more::

        sum_i  log f(y_i | x_i) - log(1 - f(0 | x_i))

    with f Poisson, or negative binomial with variance m + alpha m^2, alpha under `[log_alpha]`. Predictions are of
    the number of countries given at least one.

    References
    ----------
    .. [1] Cameron, A. C. and Trivedi, P. K. (2013). Regression Analysis of Count Data, 2nd ed., section 4.3. Cambridge
       University Press.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import ZeroTruncated
    >>> firms = pd.DataFrame({"countries": [1, 4, 30, 6, 5, 2, 60, 12, 9, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> results = ZeroTruncated.from_formula("countries ~ niche", firms, dist="nb2").fit()
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(2).to_string())
    0     4.50
    1    31.75
    """

    kind = Count(unit="export countries", at_least=1)
    least = 1
    equations = {"alpha": "log_alpha"}
    variants = ({"dist": "nb2"}, {"dist": "poisson"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "nb2",
        alpha: Any = None,
        upper: Any = None,
        top_code: int | None = None,
        at_most: int | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.dist = dist
        self._counts = choose("dist", dist, DISTRIBUTIONS)
        super().__init__(
            outcome,
            exog,
            equations=dispersion(self._counts, alpha),
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
        return f"Zero-truncated count model ({self.dist})"

    @property
    def counts(self) -> CountFamily:
        """The chosen distribution, before truncation."""
        return self._counts
