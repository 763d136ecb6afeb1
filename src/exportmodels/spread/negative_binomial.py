"""Negative binomial counts: over-dispersed numbers of export countries, zeros included."""

from typing import Any

from ..core.options import choose
from ..core.outcomes import Count
from .counts import CountModel
from .poisson_gamma import NegativeBinomial2

FORMS = {"nb2": NegativeBinomial2()}


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
    form : {"nb2"}
        Variance m + alpha m^2.
    alpha : array_like or str, shape (n, q), optional
        Covariates of log alpha (terms with a formula); a constant by default.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the log mean: the log of an exposure.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a count is negative or not whole.
    ConvergenceError
        If there is no over-dispersion, so that alpha goes to zero.

    Notes
    -----
    With m = exp(x'b) and alpha = exp(z'g), under `[log_alpha]`, the log-likelihood is::

        sum_i  sum_{j<y_i} log(1 + alpha j) + y_i log m - (y_i + 1/alpha) log(1 + alpha m) - log y_i!

    Standard errors rest on the observed information of both parts jointly.

    References
    ----------
    .. [1] Cameron, A. C. and Trivedi, P. K. (2013). Regression Analysis of Count Data, 2nd ed., section 3.3. Cambridge
       University Press.

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

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        form: str = "nb2",
        alpha: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.form = form
        self._family = choose("form", form, FORMS)
        super().__init__(
            outcome,
            exog,
            equations={"log_alpha": alpha},
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
    def family(self) -> NegativeBinomial2:
        """The chosen form."""
        return self._family
