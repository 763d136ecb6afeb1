"""Poisson counts: numbers of export countries, zeros included, by likelihood or pseudo-likelihood."""

from typing import Any

from ..core.outcomes import Count
from . import poisson_gamma
from .counts import CountModel
from .families import CountFamily


class Poisson(CountModel):
    """Poisson count model.

    The mean number of export countries. With robust errors it needs nothing but the right mean, whatever the
    distribution; its own errors hold only where the variance is the mean, which `dispersion_tests` examine.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Counts: 0, 1, 2, ...
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean; a constant is not added.
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
    With m = exp(x'b) the log-likelihood is::

        sum_i  y_i log m_i - m_i - log y_i!

    A count between limits adds the log of the sum of its probabilities.

    References
    ----------
    .. [1] Cameron, A. C. and Trivedi, P. K. (2013). Regression Analysis of Count Data, 2nd ed., chapter 3. Cambridge
       University Press.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import Poisson
    >>> firms = pd.DataFrame({"countries": [0, 1, 30, 2, 5, 1, 60, 12, 0, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> results = Poisson.from_formula("countries ~ niche", firms).fit("robust")
    >>> print(results.params.round(4).to_string())
    Intercept    0.4055
    niche        3.0524
    """

    kind = Count(unit="export countries")
    variants = ({}, {"at_most": 200})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        upper: Any = None,
        top_code: int | None = None,
        at_most: int | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        super().__init__(
            outcome,
            exog,
            upper=upper,
            top_code=top_code,
            at_most=at_most,
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    @property
    def counts(self) -> CountFamily:
        """The Poisson distribution."""
        return poisson_gamma.Poisson()
