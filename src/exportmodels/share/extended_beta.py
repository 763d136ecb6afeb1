"""Extended-support beta regression: shares with piles at 0 and 1, of one beta law that goes on beyond them."""

from typing import Any, ClassVar

import numpy as np

from ..core.errors import ConvergenceError
from ..core.family_model import FamilyModel
from ..core.links import LINKS
from ..core.newton import Maximum
from ..core.options import choose
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.several_starts import or_from_elsewhere, with_no_higher_beside
from .amounts import EndedShare
from .extended_law import ExtendedBetaShare, exponential_nodes
from .quantities import above_half, everything, mean_share, nothing

DISTRIBUTIONS = {"xbx": 20, "xb": 0}
# An exceedance beyond this is a normal law in all that can be seen.
_FAR = 1e3
# A standard error of the log exceedance at which its interval spans a factor of 50 either way.
_VAGUE = 2.0
# Log exceedances to begin at where the first one leads nowhere.
_ELSEWHERE = (-2.0, 1.0)


class ExtendedBeta(FamilyModel):
    """Extended-support beta regression model.

    One process for whether and how much, as in `Tobit`, for shares that are skewed and spread unevenly: the share that
    a firm would like to make abroad follows a beta law that reaches beyond 0 and 1 by an exceedance, and shows as 0 or
    1 where it lies beyond. Where the exceedance goes to zero this is `Beta`; where one exceedance for all firms goes to
    infinity, a two-limit `Tobit` model.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, some of them exactly 0 or 1.
    exog : array_like or data frame, shape (n, p)
        Covariates of the mean of the beta law; a constant is not added.
    dist : {"xbx", "xb"}
        Whether the exceedance varies between firms by an exponential law, whose mean is estimated, or is one number for
        all, whose estimate may be infinite.
    link : {"logit", "probit", "cloglog", "loglog", "cauchit"}
        The function F with mean F(x'b).
    precision : array_like or str, shape (n, q), optional
        Covariates of the log precision (terms with a formula); a constant by default.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the predictor of the mean.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a share lies outside 0 and 1, or none at either: `Beta` is the model then.
    ConvergenceError
        If the exceedance goes to infinity: `Tobit` is the model then.
    OptionError
        If the law or the link is unknown.

    Notes
    -----
    With m = F(x'b), f = exp(z'g) under `[log_precision]`, u the exceedance and B(. ; p, q) the beta distribution
    function, b its density, p = m f and q = (1 - m) f, a firm's likelihood given u is::

        B(u / (1 + 2u); p, q)                    where y_i = 0
        b((y_i + u) / (1 + 2u); p, q) / (1 + 2u) where 0 < y_i < 1
        B(u / (1 + 2u); q, p)                    where y_i = 1

    and the log-likelihood is the sum of their logarithms: under "xb" at u = exp(`[log_exceedance]`), under "xbx"
    averaged over an exponential law of u with that mean, by Gauss-Laguerre quadrature with 20 nodes as in the paper.
    F(x'b) is the mean on the extended support; `predict()` and `effects()` speak of the mean share of what shows.

    References
    ----------
    .. [1] Kosmidis, I. and Zeileis, A. (2025). Extended-support beta regression for [0, 1] responses. Journal of the
       Royal Statistical Society C, https://doi.org/10.1093/jrsssc/qlaf039.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import ExtendedBeta
    >>> firms = pd.DataFrame({"share": [0, .05, 0, .1, .02, .3, .6, .2, .8, 1, .4, .7], "niche": [0] * 6 + [1] * 6})
    >>> results = ExtendedBeta.from_formula("share ~ niche", firms).fit()
    >>> print(results.params.round(3).to_string())
    Intercept          -1.711
    niche               2.078
    [log_precision]     1.912
    [log_exceedance]   -1.632
    >>> groups = pd.DataFrame({"niche": [0, 1]})
    >>> print(results.predict(groups).round(3).to_string())
    0    0.093
    1    0.619
    >>> print(results.predict(groups, "nothing").round(3).to_string())
    0    0.449
    1    0.008
    """

    kind = EndedShare(piled=True, instead="use share.Beta")
    equations = {"precision": "log_precision"}
    variants: ClassVar = ({}, {"link": "probit"}, {"dist": "xb"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "xbx",
        link: str = "logit",
        precision: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.dist, self.link = dist, link
        count, chosen = choose("dist", dist, DISTRIBUTIONS), choose("link", link, LINKS)
        self._family = ExtendedBetaShare(chosen, exponential_nodes(count)) if count else ExtendedBetaShare(chosen)
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
        return f"Extended-support beta regression model ({self.dist}, {self.link})"

    @property
    def family(self) -> ExtendedBetaShare:
        """The extended-support beta law, or the mixture of such laws."""
        return self._family

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean share, P(share > 50 %), and the probability of each end."""
        family = self._family
        return {
            "mean": mean_share(self, family),
            "more_than_half": above_half(self, family),
            "nothing": nothing(self, family),
            "everything": everything(self, family),
        }

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Climb from elsewhere too where a climb ends nowhere: it may have followed a ridge past the maximum."""
        maximum = super().solve(problem, start, max_iter)
        if maximum.converged:
            return with_no_higher_beside(problem.objective, maximum, max_iter=max_iter)
        return or_from_elsewhere(problem, maximum, _ELSEWHERE, max_iter=max_iter // 3)

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Say so where the exceedance goes to infinity."""
        exceedance = float(np.exp(problem.estimate(maximum.theta)[-1]))
        if exceedance > (_FAR if maximum.converged else 10):
            raise ConvergenceError(
                f"the exceedance goes to infinity (it has reached {exceedance:.3g}): the shares spread like a normal "
                "law that goes on beyond 0 and 1; use share.Tobit"
            )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Say so where the exceedance cannot be told from others many times as large or small."""
        error = float(np.sqrt(np.linalg.inv(maximum.information)[-1, -1]))
        if error < _VAGUE:
            return []
        return [
            f"the exceedance is hardly known (its log has a standard error of {error:.2g}), which blurs the others: "
            "a normal law beyond 0 and 1 may describe the shares as well; see share.Tobit"
        ]
