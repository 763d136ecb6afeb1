"""Truncated regression: shares of a sample that holds only firms between two limits."""

from typing import Any, ClassVar

import numpy as np

from ..core.errors import ConvergenceError, OptionError
from ..core.family_model import FamilyModel
from ..core.newton import Maximum
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from .amounts import LimitedShare, ends
from .concave import climbed
from .normal import TruncatedNormal
from .quantities import mean_share

# A standard error of the log scale with which its interval spans a factor of 50: the sample says nothing of it.
_FLAT = 1.0


class TruncatedRegression(FamilyModel):
    """Truncated regression model.

    The share of sales made abroad where firms without any never entered the sample: a normal law of which only the part
    between the limits is seen. Where they did enter, use `Tobit` or `TwoPart`.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Values strictly between the limits.
    exog : array_like or data frame, shape (n, p)
        Covariates of the mean before truncation; a constant is not added.
    lower, upper : float or None, default 0 and 1
        The limits; None where there is none.
    scale : array_like or str, shape (n, q), optional
        Covariates of the log standard deviation (terms with a formula); a constant by default.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the mean before truncation.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a value lies at or beyond a limit; the message names the rows and the models that can take them.
    ConvergenceError
        If the sample looks flat or like the far tail of a normal law, so that its standard deviation goes to infinity.

    Notes
    -----
    With m = x'b, s = exp(z'g), g under `[log_scale]`, and limits L and U::

        sum_i  log phi((y_i - m) / s) - log s - log(Phi((U - m) / s) - Phi((L - m) / s))

    References
    ----------
    .. [1] Hausman, J. A. and Wise, D. A. (1977). Social experimentation, truncated distributions, and efficient
       estimation. Econometrica 45, 919-938.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import TruncatedRegression
    >>> firms = pd.DataFrame({"share": [.3, .35, .45, .5, .4, .6, .65, .55, .75, .7], "niche": [0] * 5 + [1] * 5})
    >>> results = TruncatedRegression.from_formula("share ~ niche", firms).fit()
    >>> print(results.params.round(3).to_string())
    Intercept      0.400
    niche          0.250
    [log_scale]   -2.649
    """

    kind = LimitedShare(
        within="they are not truncated but censored there: use share.Tobit, share.TwoPart or share.Fractional"
    )
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
            raise OptionError("truncation needs a limit: give lower=, upper= or both")
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
    def outcome_type(self) -> LimitedShare:
        """Numbers strictly between the limits."""
        return LimitedShare(lower=self.ends[0], upper=self.ends[1], within=self.kind.within)

    @property
    def family(self) -> TruncatedNormal:
        """The truncated normal law."""
        return TruncatedNormal(self.ends)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean of what is seen, and mean before truncation."""
        share = self.ends == (0.0, 1.0)
        name = self.endog_names
        mean = mean_share(self, self.family) if share else self.quantity_of(f"mean of {name}", "", self.family.mean)
        return {
            "mean": mean,
            "latent": self.quantity_of(f"mean of {name} before truncation", "", lambda eta: eta[0]),
        }

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood, started from the maximum of its concave form where the scale has no covariates."""
        problem = super().problem(sample)
        return problem if "log_scale" in sample.designs else climbed(problem, sample)

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Name the limit, where the standard deviation goes to infinity."""
        refuse_flat(self, maximum, "use share.Beta for these firms alone, or a sample with the others and share.Tobit")
        super().examine(maximum, problem)


def refuse_flat(model: FamilyModel, maximum: Maximum, instead: str) -> None:
    """Raise `ConvergenceError` where a truncated law's standard deviation goes to infinity, and say what to use."""
    designs = model.sample.designs
    first, varying = len(designs[""].names), "log_scale" in designs
    scale = slice(first, first + (len(designs["log_scale"].names) if varying else 1))
    # a scale that falls to zero, as the covariates leave no error, is another matter
    wide = maximum.theta[scale].max() > np.log(np.std(model.sample.outcome))
    flat = wide and not maximum.positive_definite and not varying
    if flat or np.linalg.pinv(maximum.information, hermitian=True).diagonal()[scale].max() > _FLAT**2:
        raise ConvergenceError(
            f"the standard deviation of {model.endog_names!r} before truncation goes to infinity: between the limits "
            f"the sample looks flat or like the far tail of a normal law, and says nothing of the rest; {instead}"
        )
