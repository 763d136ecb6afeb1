"""Inflated beta regression: probabilities of exactly nothing and exactly everything, and a beta law between."""

from typing import Any, ClassVar

from ..core.family_model import FamilyModel
from ..core.links import LINKS
from ..core.options import choose
from ..core.quantities import Quantity
from .amounts import EndedShare
from .beta_law import BetaShare
from .corners import Cornered, refuse_idle
from .quantities import above_half, everything, mean_share, nothing

INFLATIONS = {"zero": (0.0,), "one": (1.0,), "both": (0.0, 1.0)}


class InflatedBeta(FamilyModel):
    """Inflated beta regression model.

    Firms that sell nothing abroad, firms that sell everything abroad, and a beta law for those between, each with
    covariates of its own.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, the inflated ends among them.
    exog : array_like or data frame, shape (n, p)
        Covariates of the mean between the ends; a constant is not added.
    inflate : {"both", "zero", "one"}
        The ends that have a probability of their own.
    link : {"logit", "probit", "cloglog", "loglog", "cauchit"}
        The function F with mean F(x'b) between the ends.
    precision : array_like or str, shape (n, q), optional
        Covariates of the log precision (terms with a formula); a constant by default.
    zero, one : array_like or str, shape (n, q), optional
        Covariates of the log-odds of an end against a share between; a constant by default.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If no share lies at an inflated end, or some share at an end that is not inflated.
    OptionError
        If an option has an unknown value, or covariates are given of an end that is not inflated.

    Notes
    -----
    With P0 and P1 the probabilities of the ends, from a multinomial logit whose base is a share between (`[zero]` and
    `[one]`), and f the beta density of `Beta`::

        sum_i  log P0                      where y_i = 0
               log P1                      where y_i = 1
               log(1 - P0 - P1) + log f(y_i)  between

    The three parts separate, so each may be read by itself; means and effects combine them.

    References
    ----------
    .. [1] Ospina, R. and Ferrari, S. L. P. (2012). A general class of zero-or-one inflated beta regression models.
       Computational Statistics and Data Analysis 56, 1609-1623.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import InflatedBeta
    >>> firms = pd.DataFrame({"share": [0, 0, .1, .05, .3, 0, .6, .8, .7, .5], "niche": [0] * 5 + [1] * 5})
    >>> results = InflatedBeta.from_formula("share ~ niche", firms, inflate="zero", zero="niche").fit()
    >>> print(results.params.round(3).to_string())
    Intercept          -1.778
    niche               2.390
    [log_precision]     2.664
    [zero] Intercept   -0.405
    [zero] niche       -0.981
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(3).to_string())
    0    0.087
    1    0.519
    """

    kind = EndedShare(needed=(0.0, 1.0))
    equations = {"precision": "log_precision", "zero": "zero", "one": "one"}
    column_options = ("frequency", "weights")
    variants: ClassVar = ({}, {"link": "probit"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        inflate: str = "both",
        link: str = "logit",
        precision: Any = None,
        zero: Any = None,
        one: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.inflate, self.link = inflate, link
        self._ends = choose("inflate", inflate, INFLATIONS)
        self._family = Cornered(BetaShare(choose("link", link, LINKS)), self._ends)
        equations = {"log_precision": precision, "zero": zero, "one": one}
        refuse_idle(self.equations, equations, self._family.predictors)
        super().__init__(outcome, exog, equations=equations, weights=weights, frequency=frequency, missing=missing)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        at = {"both": "0 and 1", "zero": "0", "one": "1"}[self.inflate]
        return f"Inflated beta regression model ({self.link}, inflated at {at})"

    @property
    def outcome_type(self) -> EndedShare:
        """Shares that lie at each inflated end, and at no other."""
        return EndedShare(
            unreached=tuple(end for end in (0.0, 1.0) if end not in self._ends),
            needed=self._ends,
            instead="say inflate='both', or use share.Fractional",
        )

    @property
    def family(self) -> Cornered:
        """The beta law with its ends."""
        return self._family

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean share, P(share > 50 %), mean share between the ends, and the probability of each end."""
        family = self._family
        between = self.quantity_of("mean share strictly between 0 and 1", "share", family.inner.mean, scale="logit")
        parts = {"mean": mean_share(self, family), "more_than_half": above_half(self, family), "between": between}
        if 0.0 in self._ends:
            parts["nothing"] = nothing(self, family)
        if 1.0 in self._ends:
            parts["everything"] = everything(self, family)
        return parts
