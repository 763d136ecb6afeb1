"""Two-part models: whether a firm sells abroad, and which share of its sales it sells there if it does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.errors import OptionError
from ..core.family_model import FamilyModel
from ..core.links import LINKS, Link
from ..core.newton import Maximum
from ..core.options import choose
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..inference.separation import refuse_separation
from .amounts import EndedShare
from .beta_law import BetaShare
from .corners import refuse_idle
from .hurdle_law import Parts
from .normal import TruncatedNormal
from .quantities import above_half, mean_share
from .truncated import refuse_flat

DISTRIBUTIONS: dict[str, Callable[[Link], Any]] = {
    "fractional": Bernoulli,
    "beta": BetaShare,
    "truncated": lambda link: TruncatedNormal((0.0, float("inf"))),
}

# A predictor this far from zero means a fitted probability of exporting near 0 or 1: worth a look for separation.
_EXTREME = 5.0


class TwoPart(FamilyModel):
    """Two-part model.

    Whether a firm sells abroad may have other causes than how much it sells there. The first part is a binary model of
    exporting, the second a model of the share of exporters; means and effects put them together.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, zeros among them.
    exog : array_like or data frame, shape (n, p)
        Covariates of the share of exporters; a constant is not added.
    dist : {"fractional", "beta", "truncated"}
        The second part: the mean share alone; a beta law (shares below 1); or a normal law truncated at zero, which
        with `participation="probit"` is Cragg's hurdle.
    link : {"logit", "probit", "cloglog", "loglog", "cauchit"}
        The function F of the second part's mean, F(x'b); not for the truncated normal law.
    participation : {"logit", "probit", "cloglog", "loglog", "cauchit"}
        The distribution function of the first part.
    participate : array_like or str, shape (n, q), optional
        Covariates of exporting (terms with a formula); those of the share by default.
    scale, precision : array_like or str, shape (n, q), optional
        Covariates of the truncated law's log standard deviation, of the beta law's log precision; constants by default.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If no share is 0 (then one part is enough), or some share is 1 and the second part is a beta law.
    SeparationError
        If some cell has exporters only, or none, or shares of 1 only.
    ConvergenceError
        If the truncated law's standard deviation goes to infinity.
    OptionError
        If an option has an unknown value, or covariates are given of what the second part does not have.

    Notes
    -----
    With G the participation function under `[participate]` and f the second part::

        sum_i  log(1 - G(z_i'g))                  where y_i = 0
               log G(z_i'g) + log f(y_i; x_i'b)   where y_i > 0

    where log f is the Bernoulli quasi-log-likelihood for `dist="fractional"`; errors are robust by default. The mean
    share of all firms is G(z'g) times the mean of exporters.

    One part or two: `p_test(one, two)` and `p_test(two, one)` ask whether either adds to the other's mean. A Tobit
    model with `upper=None` is nested in Cragg's hurdle; `two.lr_test(tobit)` tests it.

    References
    ----------
    .. [1] Ramalho, J. J. S. and da Silva, J. V. (2009). A two-part fractional regression model for the financial
       leverage decisions of micro, small, medium and large firms. Quantitative Finance 9, 621-636.
    .. [2] Cragg, J. G. (1971). Some statistical models for limited dependent variables with application to the demand
       for durable goods. Econometrica 39, 829-844.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import TwoPart
    >>> firms = pd.DataFrame({"share": [0, 0, .1, 0, .3, .6, 0, .2, .8, .7, 0, 1], "niche": [0] * 6 + [1] * 6})
    >>> results = TwoPart.from_formula("share ~ niche", firms).fit()
    >>> print(results.params.round(3).to_string())
    Intercept                 -0.693
    niche                      1.424
    [participate] Intercept    0.000
    [participate] niche        0.693
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(3).to_string())
    0    0.167
    1    0.450
    """

    kind = EndedShare(needed=(0.0,))
    equations = {"scale": "log_scale", "precision": "log_precision", "participate": "participate"}
    column_options = ("frequency", "weights")
    default_covariance = "robust"
    variants: ClassVar = ({}, {"participation": "probit"}, {"participation": "probit", "dist": "truncated"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "fractional",
        link: str = "logit",
        participation: str = "logit",
        participate: Any = None,
        scale: Any = None,
        precision: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.dist, self.link, self.participation = dist, link, participation
        inner = choose("dist", dist, DISTRIBUTIONS)(choose("link", link, LINKS))
        if dist == "truncated" and link != "logit":
            raise OptionError(f"link={link!r} is the second part's mean function, which a truncated normal law has not")
        self._family = Parts(inner, choose("participation", participation, LINKS))
        equations = {
            "log_scale": scale,
            "log_precision": precision,
            "participate": exog if participate is None else participate,
        }
        refuse_idle(self.equations, equations, self._family.predictors)
        super().__init__(outcome, exog, equations=equations, weights=weights, frequency=frequency, missing=missing)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        second = self.dist if self.dist == "truncated" else f"{self.dist} {self.link}"
        return f"Two-part model ({self.participation}, then {second})"

    @property
    def outcome_type(self) -> EndedShare:
        """Shares with zeros; a beta law does not take ones."""
        unreached = (1.0,) if self.dist == "beta" else ()
        return EndedShare(needed=(0.0,), unreached=unreached, instead="use dist='fractional' or share.InflatedBeta")

    @property
    def family(self) -> Parts:
        """Both parts."""
        return self._family

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean share of all firms, P(exporting), mean share of exporters, and P(share > 50 %) where there is a law."""
        family = self._family
        # a normal law that is truncated at zero alone may have its mean beyond one
        scale = "log" if self.dist == "truncated" else "logit"
        mean = mean_share(self, family)
        parts = {
            "mean": replace(mean, label=f"{mean.label}, all firms", scale=scale),
            "participation": self.quantity_of(
                "probability of selling abroad", "probability", family.participates, scale="logit"
            ),
            "exporters": self.quantity_of("mean share of exporters", "share", family.mean_above, scale=scale),
        }
        if self.dist != "fractional":
            parts["more_than_half"] = above_half(self, family)
        return parts

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Look for cells without variation in either part where there may be no maximum, and name them."""
        eta = self.predictors(problem.back @ maximum.theta, self.design_matrices())
        if not maximum.converged or np.abs(eta[-1]).max() > _EXTREME:
            y, name = self.sample.outcome, self.endog_names
            first = self.sample.designs["participate"]
            refuse_separation(first, y > 0, y == 0, name, "All firms sell abroad, or none does,")
            if self.dist == "fractional":
                second = self.sample.designs[""]
                refuse_separation(second, y > 0, (y > 0) & (y < 1), name, "All exporters sell everything abroad")
        if self.dist == "truncated":
            refuse_flat(self, maximum, "use dist='fractional', or share.Tobit")
        super().examine(maximum, problem)
