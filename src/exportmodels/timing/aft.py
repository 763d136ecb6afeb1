"""Accelerated failure times: what multiplies the years until an event."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ConvergenceError, OptionError
from ..core.family_model import FamilyModel
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Duration
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from . import aft_quantities as says
from .censoring import CensoredTimes, longest_event, refuse_no_times, with_coded_times
from .discrete_hazard_checks import few_events, refuse_empty_levels
from .generalized_gamma import GENGAMMA
from .latencies import EXPONENTIAL, LOGLOGISTIC, LOGNORMAL, WEIBULL, Latency
from .quantiles import share_of

DISTRIBUTIONS: dict[str, Latency] = {
    "exponential": EXPONENTIAL,
    "weibull": WEIBULL,
    "lognormal": LOGNORMAL,
    "loglogistic": LOGLOGISTIC,
    "gengamma": GENGAMMA,
}
# A shape of the generalized gamma distribution that only an infinite estimate has.
_ENDLESS = 15.0
_REMEDY = "or fit Cox with Firth's penalty"


class AFT(FamilyModel):
    """Accelerated failure time model.

    Covariates stretch or shrink the time until the event (a first export, say): exp(b) is the factor by which a unit
    of a covariate multiplies the years.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Years until the event or the end of observation, above zero. With `upper` the lower end of an interval, which
        may be zero.
    exog : array_like or data frame, shape (n, p)
        Covariates of the location; a constant is not added.
    event : array_like, shape (n,), optional
        1 where the duration ended with the event, 0 where it was cut off (right censoring).
    upper : array_like, shape (n,), optional
        Upper end of the interval (outcome, upper] in which the event happened; infinite where it has not happened yet,
        equal to the outcome where the time is known exactly. A lower end of zero is left censoring. With `event` given
        too, rows without the event are open to the right.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry); zero for the beginning.
    dist : {"weibull", "exponential", "lognormal", "loglogistic", "gengamma"}
        Distribution of the time.
    scale : str or array_like, shape (n, q), optional
        Covariates of the logarithm of the scale, with a constant.
    weights : array_like, shape (n,), optional
        Sampling weights.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a duration is negative, or zero without an interval, an upper end lies below the lower one, entry lies after
        the end, or there are no events.
    DataError
        If a covariate is not finite, constant or collinear.
    SeparationError
        If no firm in some level of a covariate has the event.
    OptionError
        If options are unknown or contradict each other.

    Notes
    -----
    log T = x'b + s W, with log s = `[log_scale]`, and W of the extreme-value (Weibull, exponential with s = 1), normal
    or logistic distribution [1]_. The log-likelihood is on the scale of time: with f the density and S the survival
    function of T, a firm adds

    - log f(t) where the time is known, log S(t) where it is longer than t,
    - log(S(l) - S(u)) where it lies in (l, u], with S(0) = 1,
    - less log S(e) where observation began at e.

    The generalized gamma distribution [2]_ has a third parameter, `[shape]`: 1 is the Weibull and 0 the log-normal
    distribution. Durations in whole years are intervals; taken as exact they bias scale and level (see
    :class:`DiscreteHazard`, and `Durations.from_years` for the intervals that two calendar years imply).

    References
    ----------
    .. [1] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time Data, 2nd ed. Wiley.
    .. [2] Prentice, R. L. (1974). A log gamma model and its maximum likelihood estimation. Biometrika 61, 539-544.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import AFT
    >>> firms = pd.DataFrame({
    ...     "since": [0, 0, 1, 2, 4, 9, 0, 3, 5, 12, 20, 15],
    ...     "until": [1, 1, 2, 3, 5, float("inf"), 1, 4, 6, 13, float("inf"), float("inf")],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    ... })
    >>> results = AFT.from_formula("since ~ niche", firms, upper="until").fit()
    >>> print(results.params.round(4).to_string())
    Intercept      2.7238
    niche         -1.5237
    [log_scale]    0.3746
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]}), which="median").round(3).to_string())
    0    8.942
    1    1.948
    """

    kind = Duration()
    column_options = ("frequency", "weights", "event", "upper", "entry")
    equations = {"scale": "log_scale"}
    variants = tuple({"dist": dist} for dist in DISTRIBUTIONS)

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        event: Any = None,
        upper: Any = None,
        entry: Any = None,
        dist: str = "weibull",
        scale: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.dist = dist
        self.latency = choose("dist", dist, DISTRIBUTIONS)
        refuse_no_times(event, upper)
        if scale is not None and "log_scale" not in self.latency.predictors:
            raise OptionError(f"dist={dist!r} has no scale to explain; leave scale= out, or choose dist='weibull'")
        self._event = str(getattr(event, "name", None) or "event")
        super().__init__(
            outcome,
            exog,
            weights=weights,
            frequency=frequency,
            missing=missing,
            columns={"event": event, "upper": upper, "entry": entry},
            equations={"log_scale": scale},
        )
        self.sample = with_coded_times(self.sample)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Accelerated failure time model ({self.dist})"

    @property
    def family(self) -> CensoredTimes:
        """The chosen distribution under censoring and late entry."""
        return CensoredTimes(self.latency)

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample; a level without events is refused first."""
        refuse_empty_levels(sample.designs[""], sample.columns["event"], sample.total_weight, _REMEDY)
        return super().problem(sample)

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Raise the error that names a shape which runs off to infinity, or another cause."""
        if "shape" in self.latency.predictors and abs((problem.back @ maximum.theta)[-1]) > _ENDLESS:
            raise ConvergenceError(
                "the shape of the generalized gamma distribution has no finite estimate: with so few times the "
                "likelihood rises towards a distribution that ends abruptly. Choose dist='weibull' or 'lognormal', "
                "which it contains"
            )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Return the number of events, and a warning of few."""
        weight = self.sample.total_weight
        event = self.sample.columns["event"]
        events = float(event.sum() if weight is None else weight @ event)
        return [f"{events:g} events.", *few_events(events, self._slopes, remedy=_REMEDY)]

    @property
    def _slopes(self) -> int:
        design = self.sample.designs[""]
        return len(design.names) - (design.constant is not None)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Expected, median and unlimited mean years, shares within some years, and the survival curve."""
        horizon = longest_event(self.sample.outcome)
        return says.quantities_of(self.latency, self.quantity_of, self.sample.name, self._event, horizon)

    def expected_years(self, horizon: float) -> Quantity:
        """Return the expected years until the event, counted up to a horizon (restricted mean), to predict.

        Parameters
        ----------
        horizon : float
            Years up to which time is counted.
        """
        return says.expected_years(self.latency, self.quantity_of, self.sample.name, self._event, _positive(horizon))

    def quantile(self, p: float) -> Quantity:
        """Return the years by which a share p of firms has the event, as something to predict.

        Parameters
        ----------
        p : float
            Between 0 and 1; 0.5 is the median.
        """
        return says.quantile(self.latency, self.quantity_of, share_of(p), self._event)

    def share_within(self, years: float) -> Quantity:
        """Return the share with the event within some years, as something to predict.

        Parameters
        ----------
        years : float
            Above zero.
        """
        return says.share_within(self.latency, self.quantity_of, _positive(years), self._event)

    def survival(self, times: Sequence[float]) -> Quantity:
        """Return the share without the event after some times, as something to predict.

        Parameters
        ----------
        times : sequence of float
            Years, above zero.
        """
        return says.survival(self.latency, self.quantity_of, [_positive(t) for t in times])


def _positive(years: float) -> float:
    if not (years > 0 and np.isfinite(years)):
        raise OptionError(f"years must be above zero and finite; they are {years:g}")
    return float(years)
