"""Tobit: a share whose piles at 0 and 1 are all that is seen of a normal law that goes on beyond them."""

from typing import Any, ClassVar

from ..core.errors import OptionError
from ..core.family_model import FamilyModel
from ..core.newton import Maximum
from ..core.quantities import Quantity
from .amounts import LimitedShare, ends
from .normal import NormalShare
from .quantities import everything, mean_share, nothing


class Tobit(FamilyModel):
    """Tobit model.

    One process for whether and how much: the share that a firm would like to make abroad is normal, and shows as 0
    where it lies below 0 and as 1 where it lies above 1. Other limits, or one limit alone, make it a model of other
    amounts.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, both included; any number where a limit lies outside. Values at or beyond a limit are
        censored there.
    exog : array_like or data frame, shape (n, p)
        Covariates of the latent mean; a constant is not added.
    lower, upper : float or None, default 0 and 1
        The limits; None where there is none.
    scale : array_like or str, shape (n, q), optional
        Covariates of the log standard deviation (terms with a formula); a constant by default.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the latent mean.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a share lies outside 0 and 1, or no value lies strictly between the limits.
    OptionError
        If the limits are in the wrong order, or there is none.

    Notes
    -----
    With latent mean m = x'b, standard deviation s = exp(z'g), g under `[log_scale]`, and limits L and U::

        sum_i  log Phi((L - m) / s)         where y_i <= L
               log phi((y_i - m) / s) / s   where L < y_i < U
               log Phi((m - U) / s)         where y_i >= U

    A variable has three marginal effects: `effects(which="latent")` on the share that would be, `effects()` on the mean
    of the share that is, both ends counted, and `effects(which="between")` on the mean among firms between the limits;
    `effects(which="probability")` is that on the probability of lying between.

    References
    ----------
    .. [1] Tobin, J. (1958). Estimation of relationships for limited dependent variables. Econometrica 26, 24-36.
    .. [2] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., chapter 17. MIT
       Press.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import Tobit
    >>> firms = pd.DataFrame({"share": [0, 0, .1, 0, .3, .6, 1, 0, .5, .9], "niche": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]})
    >>> results = Tobit.from_formula("share ~ niche", firms).fit()
    >>> print(results.params.round(3).to_string())
    Intercept     -0.180
    niche          0.788
    [log_scale]   -0.796
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(3).to_string())
    0    0.103
    1    0.579
    """

    kind = LimitedShare()
    equations = {"scale": "log_scale"}
    variants: ClassVar = ({}, {"upper": None})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        lower: float | None = 0.0,
        upper: float | None = 1.0,
        scale: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.ends = ends(lower, upper)
        if lower is None and upper is None:
            raise OptionError("a Tobit model needs a limit: give lower=, upper= or both")
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
        limits = " and ".join(f"{end:g}" for end in self.ends if abs(end) < float("inf"))
        return f"Tobit model (censored at {limits})"

    @property
    def outcome_type(self) -> LimitedShare:
        """A share, or a number where a limit lies outside 0 and 1."""
        return LimitedShare(lower=self.ends[0], upper=self.ends[1])

    @property
    def family(self) -> NormalShare:
        """The censored normal law."""
        return NormalShare(ends=self.ends)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean of what is seen, latent mean, mean between the limits, P(between), and P(each limit)."""
        family, (low, high), name = self.family, self.ends, self.endog_names
        share = self.ends == (0.0, 1.0)

        def between(eta: Any) -> Any:
            return 1 - family.below(low, eta) - family.everything(eta)

        parts = {
            "mean": mean_share(self, family) if share else self.quantity_of(f"mean of {name}", "", family.mean),
            "latent": self.quantity_of(f"mean of {name} without limits", "", lambda eta: eta[0]),
            "between": self.quantity_of(f"mean of {name} between the limits", "", family.mean_between),
            "probability": self.quantity_of(
                f"probability of {name} between the limits", "probability", between, scale="logit"
            ),
        }
        if low == 0:
            parts["nothing"] = nothing(self, family)
        if high == 1:
            parts["everything"] = everything(self, family)
        return parts

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how many values lie at each limit."""
        y, weight = self.sample.outcome, self.sample.frequency
        at = [(y <= self.ends[0], self.ends[0]), (y >= self.ends[1], self.ends[1])]
        counts = [f"{int(rows.sum() if weight is None else weight[rows].sum())} at {end:g}" for rows, end in at]
        return [f"of {self.sample.nobs} values, {', '.join(c for c in counts if 'inf' not in c)} are censored"]
