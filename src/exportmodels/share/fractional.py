"""Fractional response: the mean share of foreign sales, zeros and ones included, by quasi-likelihood."""

from typing import Any, ClassVar

from ..core.bernoulli import Bernoulli
from ..core.family_model import FamilyModel
from ..core.links import LINKS
from ..core.options import choose
from ..core.outcomes import Share
from ..core.quantities import Quantity


class Fractional(FamilyModel):
    """Fractional response model.

    The mean share of a firm's sales made abroad is F(x'b), with F a distribution function, so that predictions stay
    between 0 and 1 and firms at both ends need no special treatment. Only the mean is modelled; standard errors are
    therefore robust by default.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, both included.
    exog : array_like or data frame, shape (n, p)
        Covariates; a constant is not added.
    link : {"logit", "probit", "cloglog", "loglog", "cauchit"}
        The function F.
    weights : array_like, shape (n,), optional
        Sampling weights.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the linear predictor.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a share lies outside 0 and 1, or all shares are the same.
    DataError
        If a covariate is not finite, constant or collinear.
    OptionError
        If the link is unknown.

    Notes
    -----
    Bernoulli quasi-log-likelihood, maximized by Newton steps::

        sum_i  y_i log F(x_i'b) + (1 - y_i) log(1 - F(x_i'b))

    It is consistent for b whenever the mean is right [1]_; the covariance is the sandwich of its score contributions
    with the observed information as bread.

    References
    ----------
    .. [1] Papke, L. E. and Wooldridge, J. M. (1996). Econometric methods for fractional response variables with an
       application to 401(k) plan participation rates. Journal of Applied Econometrics 11, 619-632.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import Fractional
    >>> firms = pd.DataFrame({"share": [0, .1, .3, .8, .05, 0, .6, 1], "niche": [0, 0, 1, 1, 0, 0, 1, 1]})
    >>> results = Fractional.from_formula("share ~ niche", firms).fit()
    >>> print(results.params.round(4).to_string())
    Intercept   -3.2452
    niche        3.9761
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(4).to_string())
    0    0.0375
    1    0.6750
    """

    kind = Share()
    default_covariance: ClassVar[str] = "robust"

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        link: str = "logit",
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.link = link
        self._link = choose("link", link, LINKS)
        super().__init__(outcome, exog, weights=weights, frequency=frequency, offset=offset, missing=missing)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Fractional response model ({self.link})"

    @property
    def family(self) -> Bernoulli:
        """The Bernoulli family under the chosen link."""
        return Bernoulli(self._link)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The mean share."""
        return {"mean": self.quantity_of("mean share of sales made abroad", "share", self.family.mean, scale="logit")}
