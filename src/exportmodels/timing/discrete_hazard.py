"""Discrete-time hazards: the yearly chance of a first export among firms that have not exported yet."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.links import LINKS
from ..core.model import Model
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Duration
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.results import Results
from ..core.sample import Sample
from . import discrete_hazard_quantities as says
from .dependent_rows import by_groups
from .discrete_hazard_assembly import Assembly
from .discrete_hazard_baselines import Baseline, build_baseline
from .discrete_hazard_checks import (
    few_events,
    named_after,
    refuse_contradictions,
    refuse_empty_levels,
    refuse_empty_years,
    refuse_infinite,
    spells_of,
    with_whole_years,
)
from .discrete_hazard_results import HazardResults
from .discrete_hazard_varying import columns_named, own_t, with_varying
from .frailty import FRAILTIES, VARIANCE_NOTE, Frail, group_weights, refuse_all_gone, refuse_endless
from .runaway import INFINITE, standardized_errors

_LINKS = {name: LINKS[name] for name in ("cloglog", "logit", "probit")}
# Findings say the share of firms with the event within so many years.
_WITHIN = (1, 5, 10)


class DiscreteHazard(Model):
    """Discrete-time hazard model.

    Durations are whole years, and many firms share one. The model is of the chance that a firm has the event (a first
    export, say) in its year t, given that it has not had it before: ties, zeros and firms that never export need no
    special treatment.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Whole years until the event or the end of observation: 0, 1, 2, ... With `period`, the event indicator.
    exog : array_like or data frame, shape (n, p)
        Covariates, without a constant: the baseline is the model's own.
    event : array_like, shape (n,)
        1 where the event happened in the last year, 0 where the firm was still without it at the end of that year.
    entry : array_like, shape (n,), optional
        The first year in which the firm could be seen to have the event (late entry): it counts as at risk from that
        year on. Default 0.
    period : array_like, shape (n,), optional
        The year of each row, where a row is one firm in one year (see `person_period`): covariates may then change from
        year to year. The outcome is the event indicator; `event` and `entry` are not given.
    firm : array_like, shape (n,), optional
        Which firm a row belongs to, where firms have several rows. Robust and resampled covariances then go by firm.
    varying : sequence of str
        Covariates whose effect changes with time: b + c t, with t the year. In a formula one writes `niche:t`.
    frailty : {"gamma", "normal"}, optional
        Lasting differences between firms that no covariate shows: a gamma factor of the hazard (under cloglog), or a
        normal deviation of the linear predictor.
    shared : array_like, shape (n,), optional
        Which rows share one frailty (a sector, say); the firm by default.
    link : {"cloglog", "logit", "probit"}
        The function F. Under the complementary log-log the coefficients are those of proportional hazards in continuous
        time.
    baseline : str or int
        Duration dependence alpha_t: `"dummies"` (one effect a year), `"log"` of t + 1, `"linear"`, `"quadratic"`,
        `"cubic"` or any degree, `"spline"` (cubic B-splines) or `"natural"` (natural cubic splines).
    knots : sequence of float, optional
        Inner knots of a spline; by default the quartiles of the years with events.
    weights : array_like, shape (n,), optional
        Sampling weights.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If durations are no whole years, entry lies after the end, or there are no events.
    DataError
        If a covariate is not finite, constant or collinear, or the events are too few for the baseline.
    SeparationError
        If no firm, or no firm-year without the event, is left in some level of a covariate.
    OptionError
        If options are unknown or contradict each other, or `t` in a formula is the column of the outcome.

    Notes
    -----
    The hazard is h_it = F(alpha_t + x_i'b), and the log-likelihood of a firm seen from year e to year d [1]_::

        sum_{t=e}^{d-1} log(1 - h_it)  +  (log h_id  if the event happened,  else  log(1 - h_id))

    Years in which no firm (or every firm at risk) has the event have no finite effect of their own; with dummies they
    are merged with a neighbouring year, and the results say so. Covariates that do not change with time never become a
    table of firm-years: under the complementary log-log a survived year adds -exp(alpha_t) exp(x'b), so that a firm
    costs one exponential; under the other links a block of firms by years is held at a time.

    With frailty, `[log_variance]` is the logarithm of its variance v. A gamma factor turns the share still without the
    event from exp(-H) into (1 + v H)^(-1/v), with H the cumulated hazard; a normal deviation is integrated out by
    adaptive quadrature. Late entry conditions on having had no event before [2]_. A variance estimated at
    zero is an error that says so; `HazardResults.frailty_test` tests for it.

    References
    ----------
    .. [1] Jenkins, S. P. (1995). Easy estimation methods for discrete-time duration models. Oxford Bulletin of
       Economics and Statistics 57, 129-138.
    .. [2] Meyer, B. D. (1990). Unemployment insurance and unemployment spells. Econometrica 58, 757-782.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import DiscreteHazard
    >>> firms = pd.DataFrame({
    ...     "years": [0, 0, 1, 1, 2, 3, 0, 1, 2, 3, 3, 3],
    ...     "exported": [1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    ... })
    >>> model = DiscreteHazard.from_formula("years ~ niche", firms, event="exported", baseline="linear")
    >>> results = model.fit()
    >>> print(results.params.round(4).to_string())
    Intercept   -1.8727
    t            0.1360
    niche        1.0239
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]}), which="years").round(3).to_string())
    0    2.164
    1    1.279
    """

    kind = Duration()
    absorbed: ClassVar[bool] = True
    column_options = ("frequency", "weights", "event", "entry", "period", "firm", "shared")
    variants = (
        {},
        {"link": "logit", "baseline": "linear"},
        {"link": "probit", "baseline": "log"},
        {"baseline": "log", "frailty": "gamma"},
    )
    results_class = HazardResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        event: Any = None,
        entry: Any = None,
        period: Any = None,
        firm: Any = None,
        link: str = "cloglog",
        baseline: str | int = "dummies",
        knots: Sequence[float] | None = None,
        varying: Sequence[str] = (),
        frailty: str | None = None,
        shared: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.link, self.baseline_kind = link, baseline
        self.link_function = choose("link", link, _LINKS)
        self.frailty = frailty
        self.frailty_family = None if frailty is None else choose("frailty", frailty, FRAILTIES)
        self._by_period = period is not None
        refuse_contradictions(frailty, varying, self._by_period, firm, shared)
        self._notes = own_t(exog, outcome, event, entry)
        if period is not None:
            if event is not None or entry is not None:
                raise OptionError("with period= the outcome is the event of that year; leave event= and entry= out")
            event, outcome, entry = outcome, named_after(outcome, period), period
        elif event is None:
            raise OptionError("event= is needed: 1 where the duration ends with the event, 0 where it is cut off")
        self._event = str(getattr(event, "name", None) or "event")
        columns = {"event": event, "entry": entry, "firm": firm, "shared": shared}
        super().__init__(outcome, exog, weights=weights, frequency=frequency, missing=missing, columns=columns)
        self.sample = with_whole_years(self.sample)
        self.varying = columns_named(varying, self.sample.designs[""].names)
        self._at_risk, self._events = spells_of(self.sample).totals(self.sample.total_weight, self._periods)
        self.baseline: Baseline = build_baseline(baseline, self._at_risk, self._events, knots)

    @classmethod
    def adapt(cls, terms: str, frame: pd.DataFrame, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Turn terms such as `niche:t` into the option `varying`, where the data have no column `t`."""
        return with_varying(terms, frame, options)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        unseen = "" if self.frailty is None else f", {self.frailty} frailty"
        return f"Discrete-time hazard model ({self.link}{unseen})"

    @property
    def _periods(self) -> int:
        return int(self.sample.outcome.max()) + 1

    @property
    def param_names(self) -> list[str]:
        """Names of the duration effects, the covariates, the effects that change with time, and the frailty."""
        names = self.sample.designs[""].names
        changing = [f"{names[j]}:t" for j in self.varying]
        return [*self.baseline.names, *names, *changing, *([] if self.frailty_family is None else ["[log_variance]"])]

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample, sorted, and collapsed where that pays."""
        spells, weight, design = spells_of(sample), sample.total_weight, sample.designs[""]
        if self.baseline_kind == "dummies":
            at_risk, events = spells.totals(weight, self.baseline.periods)
            refuse_empty_years(self.baseline.matrix, self.baseline.names, at_risk, events)
        refuse_empty_levels(design, spells.event, weight)
        likelihood = Assembly(
            self.link_function, self.baseline.matrix, self.baseline.constant, self._at_risk, self.varying
        )
        if self.frailty_family is None:
            return likelihood.plain(spells, design.standardized, weight)
        return likelihood.frail(self.frailty_family, self.frail(sample), design.standardized, weight)

    def frail(self, sample: Sample) -> Frail:
        """Return what the likelihood with frailty is made of."""
        spells, entry, columns = spells_of(sample), None, sample.columns
        groups = columns.get("shared", columns.get("firm"))
        group = None if groups is None else np.unique(groups.astype(str), return_inverse=True)[1]
        if not self._by_period:
            entry, spells = spells.first, replace(spells, first=np.zeros_like(spells.first))
        assert self.frailty_family is not None
        self.frailty_family.check(self.link, group, spells.event)
        weight = group_weights(sample.total_weight, group)
        late = entry if entry is not None and entry.any() else None
        return Frail(self.link_function, spells, late, group, weight, self.baseline.matrix)

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Raise the error that names the coefficient which runs off to infinity."""
        late = not self._by_period and self.sample.columns["entry"].any()
        if self.frailty_family is not None and late and standardized_errors(maximum).max() > INFINITE:
            refuse_all_gone(self.predictor(problem.back @ maximum.theta, self.design_matrices()))
        if self.frailty == "gamma":
            refuse_endless(float((problem.back @ maximum.theta)[-1]))
        super().examine(maximum, problem)
        refuse_infinite(maximum, self.param_names)

    def notes(self, maximum: Maximum) -> list[str]:
        """Return events and years at risk, merged years, and a warning of few events."""
        events, years = self._events.sum(), self._at_risk.sum()
        counts = f"{events:g} events in {years:g} firm-years at risk."
        unseen = [] if self.frailty is None else [VARIANCE_NOTE]
        few = few_events(events, len(self.sample.designs[""].names))
        return [counts, *self._notes, *self.baseline.notes, *unseen, *few]

    def fit(self, cov_type: str | None = None, *, clusters: Any = None, **options: Any) -> Results:
        """Maximize the likelihood; see `Model.fit`. Where rows share a firm or a frailty, covariances go by it."""
        cov_type, clusters = by_groups(self.sample, cov_type, clusters)
        return super().fit(cov_type, clusters=clusters, **options)

    def predictor(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the linear predictor of each row in each year, shape (n, T), at a frailty of zero."""
        q, p = len(self.baseline.names), designs[0].shape[1]
        eta = (designs[0] @ theta[q : q + p])[:, None] + self.baseline.matrix @ theta[:q]
        if self.varying:
            changing = theta[q + p : q + p + len(self.varying)]
            eta += np.outer(designs[0][:, self.varying] @ changing, np.arange(self.baseline.periods))
        return eta

    def log_survival(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the logarithm of each row's survival curve, shape (n, T), averaged over the frailty."""
        eta = self.predictor(theta, designs)
        if self.frailty_family is not None:
            return self.frailty_family.log_survival(self.link_function, eta, theta[-1])
        return np.cumsum(self.link_function.logs(eta)[1], axis=1)

    @property
    def horizon(self) -> int:
        """The last year with an event, up to which expected years are counted."""
        return max(int(np.flatnonzero(self._events)[-1]), 1)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Expected years, shares within some years, and the curves of hazard and survival."""
        within = sorted({k for k in (0, *_WITHIN) if k <= self.horizon})
        return {
            "years": self.expected_years(self.horizon),
            **{f"within {k}": self.share_within(k) for k in within},
            "hazard": says.hazard(self.log_survival, self.baseline.periods),
            "survival": says.survival(self.log_survival, self.baseline.periods),
        }

    def expected_years(self, horizon: int) -> Quantity:
        """Return the expected years until the event, counted up to a horizon, as something to predict.

        Parameters
        ----------
        horizon : int
            Years up to which time is counted (the restricted mean); at most the longest duration plus one.
        """
        self._within_data(horizon - 1)
        return says.expected_years(self.log_survival, horizon, self.sample.name, self._event)

    def share_within(self, years: int) -> Quantity:
        """Return the share with the event by the end of a year, as something to predict.

        Parameters
        ----------
        years : int
            0 for the year of founding; at most the longest duration.
        """
        self._within_data(years)
        return says.share_within(self.log_survival, years, self._event)

    def _within_data(self, year: int) -> None:
        if not 0 <= year < self.baseline.periods:
            raise OptionError(
                f"the data say nothing of year {year}: durations go from 0 to {self.baseline.periods - 1}"
            )
