"""Fractional response: the mean share of foreign sales, zeros and ones included, by quasi-likelihood."""

from typing import Any, ClassVar

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.family_model import FamilyModel
from ..core.links import LINKS, Link
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Share
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..inference.separation import refuse_separation
from .functional_form import FractionalResults
from .heteroskedastic import ScaledBernoulli
from .quantities import mean_share


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
    scale : array_like or str, shape (n, q), optional
        Covariates of the log of the standard deviation by which the linear predictor is divided (terms with a formula);
        no constant. With the probit link this is the heteroskedastic fractional probit.
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
    SeparationError
        If all firms of some cell have a share of 0, or all of 1, so that a coefficient is infinite.
    OptionError
        If the link is unknown.

    Notes
    -----
    Bernoulli quasi-log-likelihood, maximized by Newton steps::

        sum_i  y_i log F(x_i'b) + (1 - y_i) log(1 - F(x_i'b))

    It is consistent for b whenever the mean is right [1]_; the covariance is the sandwich of its score contributions
    with the observed information as bread. With `scale` the mean is F(x'b exp(-z'g)), g under `[log_scale]`.

    `FractionalResults` has tests of the mean: `reset()`, `ggoff()` for the link, `p_test(rival)` [2]_; `compare_links`
    lays them side by side.

    References
    ----------
    .. [1] Papke, L. E. and Wooldridge, J. M. (1996). Econometric methods for fractional response variables with an
       application to 401(k) plan participation rates. Journal of Applied Econometrics 11, 619-632.
    .. [2] Ramalho, E. A., Ramalho, J. J. S. and Murteira, J. M. R. (2011). Alternative estimating and testing empirical
       strategies for fractional regression models. Journal of Economic Surveys 25, 19-68.

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
    equations = {"scale": "log_scale"}
    anchored = ("log_scale",)
    variants: ClassVar = tuple({"link": link} for link in LINKS)
    results_class = FractionalResults
    default_covariance: ClassVar[str] = "robust"

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        link: str = "logit",
        scale: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.link = link
        self.link_function: Link = choose("link", link, LINKS)
        self._family: Bernoulli | ScaledBernoulli = (Bernoulli if scale is None else ScaledBernoulli)(
            self.link_function
        )
        super().__init__(
            outcome,
            exog,
            equations={"log_scale": scale},
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    @property
    def title(self) -> str:
        """The first line of the summary."""
        scaled = ", heteroskedastic" if isinstance(self._family, ScaledBernoulli) else ""
        return f"Fractional response model ({self.link}{scaled})"

    @property
    def family(self) -> Bernoulli | ScaledBernoulli:
        """The Bernoulli family under the chosen link, with a scale where it has covariates."""
        return self._family

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The mean share."""
        return {"mean": mean_share(self, self.family)}

    def index(self, eta: np.ndarray) -> np.ndarray:
        """Return what the link is a function of, shape (n,)."""
        return self._family.index(eta)[0] if isinstance(self._family, ScaledBernoulli) else eta[0]

    def mean_gradient(self, theta: np.ndarray) -> np.ndarray:
        """Return the derivatives of the used rows' mean shares in the coefficients, shape (n, p)."""
        designs = self.design_matrices()
        eta = self.predictors(theta, designs)
        index = self.index(eta)
        slope = self.link_function.probability(index) * self.link_function.slopes(index)[0]
        if isinstance(self._family, ScaledBernoulli):
            parts = [slope * np.exp(-eta[1]), -slope * index]
        else:
            parts = [slope]
        return np.hstack([design * part[:, None] for design, part in zip(designs[: len(parts)], parts, strict=True)])

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Where there is no maximum, look for cells in which all shares are 0 or all are 1, and name them."""
        if not maximum.converged:
            design, y = self.sample.designs[""], self.sample.outcome
            refuse_separation(design, y > 0, y < 1, self.endog_names, "All shares are 0, or all are 1,")
        super().examine(maximum, problem)
