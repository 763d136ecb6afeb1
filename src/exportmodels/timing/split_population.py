"""Split population: whether a firm ever has the event, and when those that do."""

import warnings
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.errors import BoundaryError, ExportModelsError, OptionError, SeparationError, SmallSampleWarning
from ..core.family_model import FamilyModel
from ..core.newton import Maximum, maximize
from ..core.options import choose
from ..core.outcomes import Duration
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.results import Results
from ..core.sample import Sample
from ..core.several_starts import BestMaximum, best_of
from .aft import DISTRIBUTIONS
from .aft_quantities import WITHIN
from .censoring import CensoredTimes, last_known, longest_event, refuse_no_times, with_coded_times
from .discrete_hazard_checks import few_events, refuse_empty_levels, spells_of, with_whole_years
from .follow_up import FollowUp
from .latencies import Latency
from .split_discrete import SplitYears
from .split_latency import SplitLatency
from .split_quantities import ever, split_quantities
from .split_results import SplitResults
from .split_starts import starting_values

_REMEDY = "or fit the shorter model without [incidence] covariates"
# A log-odds of ever having the event from which on the immune share is zero to the eye.
_ALL = 8.0
# A log-odds that only coefficients without a finite estimate reach.
_INFINITE = 25.0
# Above this many rows the starting values are tried on a part of them.
_MANY_ROWS, _PART = 40_000, 10_000


class SplitPopulation(FamilyModel):
    """Split-population duration model.

    Some firms never export. The model says for each firm how likely it is to have the event (a first export, say) at
    all, and how long it takes if it does; a firm that has not had the event so far may be one that never will, or one
    that has not had it yet.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Years until the event or the end of observation; with `upper` the lower end of an interval. Whole years with
        `dist="discrete"`.
    exog : array_like or data frame, shape (n, p)
        Covariates of the time of those that have the event; with a constant, except for `dist="discrete"`.
    event : array_like, shape (n,), optional
        1 where the duration ended with the event, 0 where it was cut off.
    upper : array_like, shape (n,), optional
        Upper end of the interval in which the event happened, see `AFT`; not with `dist="discrete"`.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry); with `dist="discrete"` its first year at risk.
    incidence : str or array_like, shape (n, q), optional
        Covariates of whether the event ever happens, with a constant.
    dist : {"weibull", "exponential", "lognormal", "loglogistic", "gengamma", "discrete"}
        Distribution of the time of those that have the event: one of `AFT`, or a discrete-time hazard (cloglog).
    scale : str or array_like, shape (n, r), optional
        Covariates of the logarithm of the scale of a continuous time.
    baseline : str or int
        Duration dependence of the discrete-time hazard, as in `DiscreteHazard`.
    weights : array_like, shape (n,), optional
        Sampling weights.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If durations break the rules of `AFT` or `DiscreteHazard`.
    BoundaryError
        If the immune share is estimated at zero, its boundary.
    SeparationError
        If that is so in a part of the firms only, or some level of a covariate has no events.
    OptionError
        If options are unknown or contradict each other.

    Notes
    -----
    With p = 1 / (1 + exp(-z'g)) the probability of ever having the event, f and S the density and the survival function
    of the time of those that do, a firm adds to the log-likelihood [1]_

    - log(p f(t)) with the event at t, log(p (S(l) - S(u))) with the event in (l, u],
    - log(1 - p + p S(t)) without it until t,
    - less log(1 - p + p S(e)) where observation began at e.

    The coefficients g carry the prefix `[incidence]`. "Never" and "not yet" are told apart only by a survival curve
    that levels off while firms are still watched; the summary warns where it does not [2]_. The likelihood may have
    several maxima: it is climbed from several starting values, the highest maximum is kept, and the summary says when
    there were others.

    References
    ----------
    .. [1] Schmidt, P. and Witte, A. D. (1989). Predicting criminal recidivism using "split population" survival time
       models. Journal of Econometrics 40, 141-159.
    .. [2] Maller, R. A. and Zhou, X. (1996). Survival Analysis with Long-Term Survivors. Wiley.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import SplitPopulation
    >>> firms = pd.DataFrame({
    ...     "years": [1, 2, 2, 3, 4, 5, 7, 20, 25, 30, 1, 3, 4, 6, 9, 20, 22, 24, 30, 30],
    ...     "exported": [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    ...     "niche": [1] * 10 + [0] * 10,
    ... })
    >>> model = SplitPopulation.from_formula("years ~ niche", firms, event="exported", incidence="niche")
    >>> results = model.fit()
    >>> print(results.params.round(3).to_string())
    Intercept                1.655
    niche                   -0.308
    [log_scale]             -0.602
    [incidence] Intercept    0.000
    [incidence] niche        0.847
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]}), which="ever").round(3).to_string())
    0    0.5
    1    0.7
    """

    kind = Duration()
    column_options = ("frequency", "weights", "event", "upper", "entry")
    equations = {"scale": "log_scale", "incidence": "incidence"}
    results_class = SplitResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        event: Any = None,
        upper: Any = None,
        entry: Any = None,
        incidence: Any = None,
        dist: str = "weibull",
        scale: Any = None,
        baseline: str | int = "log",
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.dist = dist
        latency = choose("dist", dist, {**DISTRIBUTIONS, "discrete": None})
        refuse_no_times(event, upper)
        if scale is not None and "log_scale" not in getattr(latency, "predictors", ()):
            raise OptionError(f"dist={dist!r} has no scale to explain; leave scale= out, or choose dist='weibull'")
        if latency is None and upper is not None:
            raise OptionError("dist='discrete' takes whole years and event=, not intervals; leave upper= out")
        self.absorbed = latency is None  # type: ignore[misc]
        self._event = str(getattr(event, "name", None) or "event")
        super().__init__(
            outcome,
            exog,
            weights=weights,
            frequency=frequency,
            missing=missing,
            columns={"event": event, "upper": upper, "entry": entry},
            equations={"log_scale": scale, "incidence": incidence},
        )
        if latency is None:
            self.sample = with_whole_years(self.sample)
            self.years: SplitYears | None = SplitYears.of(self.sample, baseline)
        else:
            self.sample = with_coded_times(self.sample)
            self.years = None
            self.latency: Latency = SplitLatency(latency)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Split-population duration model ({self.dist})"

    @property
    def family(self) -> Any:
        """The likelihood in linear predictors, or in whole years."""
        return CensoredTimes(self.latency) if self.years is None else self.years

    @property
    def param_names(self) -> list[str]:
        """Names of the baseline, the covariates, the scale and the incidence."""
        return [*(() if self.years is None else self.years.baseline.names), *super().param_names]

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample."""
        refuse_empty_levels(sample.designs[""], sample.columns["event"], sample.total_weight, _REMEDY)
        return super().problem(sample) if self.years is None else self.years.problem(sample)

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Return the highest of the maxima reached from several starts; a start of the user's own is the only one."""
        if start is not problem.start:
            return super().solve(problem, start, max_iter)
        if len(self.sample.labels) > _MANY_ROWS:
            return best_of(problem.objective, [start, *self._favoured(problem.back)], max_iter=max_iter)
        return best_of(problem.objective, self._starts(problem), max_iter=max_iter)

    def _starts(self, problem: Problem) -> list[np.ndarray]:
        return starting_values(problem.start, problem.back, self.sample.designs.get("incidence"))

    def _favoured(self, back: np.ndarray) -> list[np.ndarray]:
        """Return the highest maximum of a part of the rows, to start from; nothing where there is none."""
        n, frequency = len(self.sample.labels), self.sample.frequency
        chosen = np.zeros(n)
        chosen[np.random.default_rng(0).choice(n, _PART, replace=False)] = 1.0
        part = self.sample.reweighted(chosen if frequency is None else chosen * frequency)
        try:
            problem = self.problem(part)
            return [np.linalg.solve(back, problem.back @ best_of(problem.objective, self._starts(problem)).theta)]
        except ExportModelsError:
            return []

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Raise the error that names the cause: an immune share of zero, or a coefficient that runs off."""
        log_odds = self._incidence(problem.back @ maximum.theta)
        unfinished = not (maximum.converged and maximum.positive_definite)
        if log_odds.min() > _ALL or (unfinished and maximum.loglike <= _slack_above(self._everybody())):
            raise BoundaryError(
                "the immune share is estimated at zero, its boundary: the years are explained without firms that never "
                "have the event. Fit AFT or DiscreteHazard; the test of no immune share has p = 1"
            )
        if not maximum.positive_definite and log_odds.max() > _INFINITE:
            names = self.param_names[-self.design_matrices()[-1].shape[1] :]
            raise SeparationError(
                "the immune share is estimated at zero in a part of the firms, so that the coefficients of "
                f"{', '.join(map(repr, names))} have no finite estimate; leave a column out of the incidence, or merge "
                "levels"
            )
        super().examine(maximum, problem)

    def _incidence(self, theta: np.ndarray) -> np.ndarray:
        matrix = self.design_matrices()[-1]
        return matrix @ theta[-matrix.shape[1] :]

    def without_immune(self) -> tuple[float, float | None]:
        """Return the log-likelihoods without immune firms and with one immune share; None where that is zero."""
        constant = self._constant()
        try:
            with_it = super(SplitPopulation, constant).fit("nonrobust").llf
        except BoundaryError:
            with_it = None
        return self._everybody(), with_it

    def _constant(self) -> "SplitPopulation":
        """Return the model with one immune share for all firms."""
        constant = copy(self)
        designs = {name: design for name, design in self.sample.designs.items() if name != "incidence"}
        constant.sample = replace(self.sample, designs=designs)
        return constant

    def _everybody(self) -> float:
        """Return the log-likelihood without immune firms."""
        constant = self._constant()
        if self.years is not None:
            part = self.sample.designs[""].standardized
            problem = self.years.assembly.plain(spells_of(self.sample), part, self.sample.total_weight)
        else:
            assert isinstance(self.latency, SplitLatency)
            constant.latency = self.latency.latency
            problem = FamilyModel.problem(constant, constant.sample)
        return maximize(problem.objective, problem.start).loglike

    def fit(self, cov_type: str | None = None, **options: Any) -> Results:
        """Maximize the likelihood; see `Model.fit`. A follow-up that is too short is warned of."""
        results = super().fit(cov_type, **options)
        if isinstance(results, SplitResults) and results.too_short:
            warnings.warn(results.too_short, SmallSampleWarning, stacklevel=3)
        return results

    def done_by_the_end(self, theta: np.ndarray) -> float:
        """Return the share of those that ever have the event that has it within the longest time watched."""
        designs = self.design_matrices()
        if self.years is not None:
            log_s = self.years.latent(theta, designs)[:, -1]
        else:
            assert isinstance(self.latency, SplitLatency)
            last = np.full(len(designs[0]), np.log(self.follow_up.last_time))
            log_s = self.latency.latency.log_survival(last, self.predictors(theta, designs)[:-1])[0]
        return float(1 - np.average(np.exp(log_s), weights=self.sample.total_weight))

    @property
    def follow_up(self) -> FollowUp:
        """Whether firms were watched long enough to tell "never" from "not yet"."""
        event = self.sample.columns["event"]
        time = self.sample.outcome if self.years is not None else last_known(self.sample.outcome)[0]
        return FollowUp.of(time, event, self.sample.frequency)

    def notes(self, maximum: Maximum) -> list[str]:
        """Return the number of events, merged years, and a warning of few events."""
        weight, event = self.sample.total_weight, self.sample.columns["event"]
        events = float(event.sum() if weight is None else weight @ event)
        slopes = sum(len(d.names) - (d.constant is not None) for d in self.sample.designs.values())
        merged = [] if self.years is None else self.years.baseline.notes
        several = [maximum.note] if isinstance(maximum, BestMaximum) and maximum.note else []
        return [f"{events:g} events.", *several, *merged, *few_events(events, slopes, remedy=_REMEDY)]

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Years of those that ever have the event, the share that does, and shares within some years."""
        if self.years is None:
            assert isinstance(self.latency, SplitLatency)
            horizon = longest_event(self.sample.outcome)
            return split_quantities(self.latency, self.quantity_of, self._event, horizon)
        found = self.years.quantities(self._event, WITHIN)
        return {"years": found.pop("years"), "ever": ever(self._of_years, self._event), **found}

    def _of_years(self, label: str, unit: str, function: Any, **options: Any) -> Quantity:
        """Return a quantity of the incidence in whole years."""
        assert self.years is not None
        years = self.years
        return Quantity(label, unit, lambda theta, designs: function(years.incidence(theta, designs)[None]), **options)


def _slack_above(loglike: float) -> float:
    """Return what is no higher than a log-likelihood but for the last digits of an unfinished climb."""
    return loglike + 1e-6 * (1 + abs(loglike))
