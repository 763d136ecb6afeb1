"""Negative binomial counts: over-dispersed numbers of export countries, zeros included."""

from typing import Any

from ..core.options import choose
from ..core.outcomes import Count
from .counts import DISTRIBUTIONS, CountModel
from .families import CountFamily

FORMS = {form: DISTRIBUTIONS[form] for form in ("nb1", "nb2", "nbp")}


class NegativeBinomial(CountModel):
    """Negative binomial count model.

    The number of export countries when its variance exceeds its mean, as it does wherever a few firms sell to the whole
    world and most to their neighbours.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Counts: 0, 1, 2, ...
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean; a constant is not added.
    form : {"nb2", "nb1", "nbp"}
        Variance m + alpha m^2, m (1 + alpha), or m + alpha m^P with P estimated under `[power]`.
    alpha : array_like or str, shape (n, q), optional
        Covariates of log alpha (terms with a formula); a constant by default.
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
    ConvergenceError
        If there is no over-dispersion, so that alpha goes to zero.

    Notes
    -----
    With m = exp(x'b) and alpha = exp(z'g), under `[log_alpha]`, the log-likelihood of NB2 is::

        sum_i  sum_{j<y_i} log(1 + alpha j) + y_i log m - (y_i + 1/alpha) log(1 + alpha m) - log y_i!

    NB1 and NB-P have alpha m^(P - 2) in the place of alpha. Standard errors rest on the observed information of all
    parts jointly.

    References
    ----------
    .. [1] Cameron, A. C. and Trivedi, P. K. (2013). Regression Analysis of Count Data, 2nd ed., section 3.3. Cambridge
       University Press.
    .. [2] Greene, W. (2008). Functional forms for the negative binomial model for count data. Economics Letters 99,
       585-590.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import NegativeBinomial
    >>> firms = pd.DataFrame({"countries": [0, 1, 30, 2, 5, 1, 60, 12, 0, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> results = NegativeBinomial.from_formula("countries ~ niche", firms).fit()
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(2).to_string())
    0     1.50
    1    31.75
    """

    kind = Count(unit="export countries")
    equations = {"alpha": "log_alpha"}
    variants = ({"form": "nb2"}, {"form": "nb1"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        form: str = "nb2",
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
            equations={"log_alpha": alpha},
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
        return f"Negative binomial count model ({self.form.upper()})"

    @property
    def counts(self) -> CountFamily:
        """The chosen form."""
        return self._counts
