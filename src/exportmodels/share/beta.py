"""Beta regression: shares strictly between 0 and 1, with mean and precision of their own."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ..core.family import LinearObjective
from ..core.family_model import FamilyModel
from ..core.links import LINKS
from ..core.newton import Maximum
from ..core.options import choose
from ..core.problem import Problem
from ..core.quantities import Quantity
from .amounts import EndedShare
from .beta_bias import adjustment, reduced
from .beta_law import BetaShare
from .quantities import above_half, mean_share

BIASES: dict[str | None, str] = {
    None: "",
    "correct": "the estimates are corrected for their bias of order 1/n",
    "reduce": "the score is adjusted so that the bias of order 1/n vanishes",
}


class Beta(FamilyModel):
    """Beta regression model.

    The share of sales made abroad of firms that sell at home and abroad: a beta law whose mean and precision have
    covariates. Unlike `Fractional` it says how shares spread, and asks for shares strictly between 0 and 1.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares strictly between 0 and 1.
    exog : array_like or data frame, shape (n, p)
        Covariates of the mean; a constant is not added.
    link : {"logit", "probit", "cloglog", "loglog", "cauchit"}
        The function F with mean F(x'b).
    precision : array_like or str, shape (n, q), optional
        Covariates of the log precision (terms with a formula); a constant by default.
    bias : {None, "correct", "reduce"}
        What is done about the bias of maximum likelihood in small samples, which makes shares look more precise than
        they are: nothing; its estimate subtracted; or the score adjusted so that there is none of order 1/n.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the predictor of the mean.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a share is 0 or 1 or lies outside: `InflatedBeta`, `ExtendedBeta` and `Fractional` take zeros and ones.
    OptionError
        If the link or the kind of bias treatment is unknown.

    Notes
    -----
    With mean m = F(x'b) and precision f = exp(z'g), g under `[log_precision]`, the variance is m (1 - m) / (1 + f) and
    the log-likelihood::

        sum_i  log Gamma(f) - log Gamma(m f) - log Gamma((1 - m) f)
               + (m f - 1) log y_i + ((1 - m) f - 1) log(1 - y_i)

    With `bias`, standard errors rest on the expected information [3]_, without it on the observed one.

    References
    ----------
    .. [1] Ferrari, S. L. P. and Cribari-Neto, F. (2004). Beta regression for modelling rates and proportions. Journal
       of Applied Statistics 31, 799-815.
    .. [2] Smithson, M. and Verkuilen, J. (2006). A better lemon squeezer? Maximum-likelihood regression with
       beta-distributed dependent variables. Psychological Methods 11, 54-71.
    .. [3] Gruen, B., Kosmidis, I. and Zeileis, A. (2012). Extended beta regression in R: shaken, stirred, mixed, and
       partitioned. Journal of Statistical Software 48(11).

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import Beta
    >>> firms = pd.DataFrame({"share": [.1, .05, .3, .2, .15, .6, .8, .7, .5, .9], "niche": [0] * 5 + [1] * 5})
    >>> results = Beta.from_formula("share ~ niche", firms).fit()
    >>> print(results.params.round(3).to_string())
    Intercept         -1.603
    niche              2.481
    [log_precision]    2.479
    >>> print(Beta.from_formula("share ~ niche", firms, bias="reduce").fit().params.round(3).to_string())
    Intercept         -1.555
    niche              2.412
    [log_precision]    2.109
    """

    kind = EndedShare(
        unreached=(0.0, 1.0), instead="use share.InflatedBeta, share.ExtendedBeta or share.Fractional, which take them"
    )
    equations = {"precision": "log_precision"}
    variants: ClassVar = ({}, {"link": "probit"}, {"link": "cloglog"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        link: str = "logit",
        precision: Any = None,
        bias: str | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.link, self.bias = link, bias
        self._link = choose("link", link, LINKS)
        choose("bias", bias, BIASES)
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
        return f"Beta regression model ({self.link})"

    @property
    def family(self) -> BetaShare:
        """The beta law under the chosen link."""
        return BetaShare(self._link)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean share, and P(share > 50 %)."""
        return {"mean": mean_share(self, self.family), "more_than_half": above_half(self, self.family)}

    def problem(self, sample: Any) -> Problem:
        """Return the likelihood; where the bias is treated, errors rest on the expected information."""
        plain = super().problem(sample)
        if self.bias is None:
            return plain
        return replace(plain, information=lambda theta: adjustment(_linear(plain), theta)[1])

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Maximize, then treat the bias."""
        maximum = super().solve(problem, start, max_iter)
        if self.bias is None or not maximum.converged:
            return maximum
        return reduced(_linear(problem), maximum, once=self.bias == "correct")

    def notes(self, maximum: Maximum) -> list[str]:
        """Say what was done about the bias."""
        return [BIASES[self.bias]] if self.bias else []


def _linear(problem: Problem) -> LinearObjective:
    objective = problem.objective
    assert isinstance(objective, LinearObjective)
    return objective
