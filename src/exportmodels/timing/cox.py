"""Cox's proportional hazards: what moves the rate of first exports, without a word on its course over time."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.covariance import Draws
from ..core.errors import OptionError
from ..core.family import block_diagonal
from ..core.model import Model
from ..core.newton import Maximum
from ..core.outcomes import Duration
from ..core.problem import Problem
from ..core.profiled import PROFILED
from ..core.quantities import Quantity
from ..core.sample import Sample
from ..core.standardizing import Standardized
from . import cox_quantities as says
from .cox_assembly import Likelihood, likelihood_of, posed
from .cox_baseline import Baseline
from .cox_batch import CoxBatch, refit_at_once
from .cox_checks import (
    REMEDY,
    frailty_notes,
    observed_times,
    refuse_constant_within,
    refuse_contradictions,
    refuse_monotone,
    with_spells,
)
from .cox_results import CoxResults
from .cox_strata import stratum_numbers, with_strata
from .dependent_rows import by_groups
from .discrete_hazard_checks import few_events, refuse_empty_levels
from .firth_cox import orthogonal
from .firth_results import PenalizedCoxResults
from .partial_likelihood import PartialLikelihood
from .quantiles import share_of


class Cox(Model):
    """Cox proportional hazards model.

    The rate at which firms have the event (a first export, say) is any function of time, the same for all firms of a
    stratum, times a factor that the covariates explain. Coefficients are logarithms of hazard ratios.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Time until the event or the end of observation, zero or more.
    exog : array_like or data frame, shape (n, p)
        Covariates, without a constant: the baseline takes it up.
    event : array_like, shape (n,)
        1 where the duration ends with the event, 0 where it is cut off.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry, or the start of a row where a firm has several). Zero, the
        default, means from the beginning.
    strata : array_like, shape (n,), optional
        Groups that have a baseline each.
    firm : array_like, shape (n,), optional
        Which firm a row belongs to, where firms have several rows because covariates change with time. Robust and
        resampled covariances then go by firm.
    ties : {"efron", "breslow", "exact"}
        How events at the same time are handled. Exact ties take as long as the number of firms times the events at one
        time; they are for small samples.
    frailty : {None, "gamma"}
        An unseen factor of the hazard that the firms of a group share, of mean one and gamma distributed [5]_;
        `[log_variance]` is the logarithm of its variance.
    shared : array_like, shape (n,), optional
        Which rows share a frailty: sectors, regions, up to a few hundred groups.
    penalty : {None, "jeffreys"}
        Firth's penalty [4]_, half the logarithm of the information's determinant: estimates are finite and nearly
        unbiased where the likelihood is monotone or events are few. Intervals and p-values then come from the profile
        of the penalized likelihood.
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
        If durations are negative, entry lies after the end, or there are no events.
    DataError
        If a covariate is not finite, constant (or constant within strata) or collinear.
    SeparationError
        If the likelihood rises for ever in some coefficient (it is monotone).
    OptionError
        If options are unknown or contradict each other.

    Notes
    -----
    The hazard of firm i in stratum g is h_g(t) exp(x_i'b). The coefficients maximize the partial likelihood, over the
    times t_j with d_j events of total covariates s_j [1]_; with ties in Efron's manner [2]_::

        sum_j  s_j'b - sum_{l=0}^{d_j-1} log( S_j - (l/d_j) T_j )

    where S_j adds up exp(x_i'b) over the firms at risk just before t_j and T_j over those with the event then;
    Breslow's manner leaves T_j out. Exact ties condition on the number of events at each time, as a conditional logit
    does: exp(s_j'b) over its sum over all sets of d_j firms at risk. Robust and clustered covariances rest on the score
    residuals of Lin and Wei [3]_; firms cut off before the first event have residuals of zero. Survival and years rest
    on Breslow's (or Efron's) estimator of the baseline, whose own variation enters their intervals.

    References
    ----------
    .. [1] Cox, D. R. (1972). Regression models and life-tables. Journal of the Royal Statistical Society B 34, 187-220.
    .. [2] Efron, B. (1977). The efficiency of Cox's likelihood function for censored data. Journal of the American
       Statistical Association 72, 557-565.
    .. [3] Lin, D. Y. and Wei, L. J. (1989). The robust inference for the Cox proportional hazards model. Journal of the
       American Statistical Association 84, 1074-1078.
    .. [4] Heinze, G. and Schemper, M. (2001). A solution to the problem of monotone likelihood in Cox regression.
       Biometrics 57, 114-119.
    .. [5] Therneau, T. M., Grambsch, P. M. and Pankratz, V. S. (2003). Penalized survival models and frailty. Journal
       of Computational and Graphical Statistics 12, 156-175.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import Cox
    >>> firms = pd.DataFrame({
    ...     "years": [0, 0, 1, 1, 2, 3, 0, 1, 2, 3, 3, 3],
    ...     "exported": [1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    ... })
    >>> results = Cox.from_formula("years ~ niche", firms, event="exported").fit()
    >>> print(results.params.round(4).to_string())
    niche    0.9731
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]}), which="median").to_string())
    0    3.0
    1    1.0
    """

    kind = Duration()
    absorbed: ClassVar[bool] = True
    partial: ClassVar[bool] = True
    column_options = (*Model.column_options, "event", "entry", "strata", "firm", "shared")
    variants = ({}, {"ties": "breslow"}, {"ties": "exact"}, {"penalty": "jeffreys"}, {"frailty": "gamma"})
    results_class = CoxResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        event: Any = None,
        entry: Any = None,
        strata: Any = None,
        firm: Any = None,
        ties: str = "efron",
        frailty: str | None = None,
        shared: Any = None,
        penalty: str | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.ties, self.penalty, self.frailty = ties, penalty, frailty
        if event is None:
            raise OptionError("event= is needed: 1 where the duration ends with the event, 0 where it is cut off")
        refuse_contradictions(ties, penalty, frailty, weights, shared)
        if penalty is not None:
            self.results_class = PenalizedCoxResults
        self._event = str(getattr(event, "name", None) or "event")
        self._strata = str(getattr(strata, "name", None) or "strata")
        columns = {"event": event, "entry": entry, "strata": strata, "firm": firm, "shared": shared}
        super().__init__(
            outcome, exog, weights=weights, frequency=frequency, offset=offset, missing=missing, columns=columns
        )
        sample, self.strata_levels = with_spells(self.sample)
        refuse_constant_within(sample, self._strata)
        self.sample = sample if penalty is None else sample.mean_one(sample.columns["event"])

    @property
    def title(self) -> str:
        """The first line of the summary."""
        more = ", Firth's penalty" if self.penalty else ", gamma frailty" if self.frailty else ""
        return f"Cox proportional hazards model ({self.ties} ties{more})"

    @property
    def param_names(self) -> list[str]:
        """Names of the covariates, and of the frailty's variance."""
        return [*self.sample.designs[""].names, *(["[log_variance]"] if self.frailty else [])]

    def standardized(self, sample: Sample) -> Standardized:
        """Return the covariates of a sample in the coordinates of the likelihood."""
        covariates = sample.designs[""].standardized
        return orthogonal(covariates) if self.penalty else covariates

    def likelihood(self, sample: Sample) -> tuple[Likelihood, np.ndarray]:
        """Return the likelihood of a sample, and which of its rows are at risk at some event."""
        return likelihood_of(sample, self.standardized(sample), self.ties, self.penalty, self.frailty)

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample, collapsed where that pays."""
        if self.penalty is None:
            refuse_empty_levels(sample.designs[""], sample.columns["event"], sample.total_weight, REMEDY)
        return posed(*self.likelihood(sample), self._back(self.standardized(sample).back))

    def _back(self, back: np.ndarray) -> np.ndarray:
        return block_diagonal([back, np.eye(1)]) if self.frailty else back

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Raise the error that names the coefficient which runs off to infinity."""
        refuse_monotone(maximum, self.param_names)
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Return the number of events, and a warning of few."""
        weight, event = self.sample.frequency, self.sample.columns["event"]
        events = float(event.sum() if weight is None else weight @ event)
        strata = [f"{len(self.strata_levels)} strata of {self._strata!r}."] if self.strata_levels else []
        few = [PROFILED] if self.penalty else few_events(events, len(self.sample.designs[""].names), remedy=REMEDY)
        return [f"{events:g} events.", *strata, *frailty_notes(self.frailty, self.sample), *few]

    def fit(self, cov_type: str | None = None, *, clusters: Any = None, **options: Any) -> CoxResults:
        """Maximize the likelihood; see `Model.fit`. Where firms have several rows, covariances go by firm."""
        if self.frailty and cov_type == "bootstrap":
            raise OptionError("a group drawn twice would share one frailty; use cov_type='nonrobust' or 'jackknife'")
        cov_type, clusters = by_groups(self.sample, cov_type, clusters)
        return super().fit(cov_type, clusters=clusters, **options)  # type: ignore[return-value]

    def refits(self, draws: Draws, title: str, show: bool | None = None) -> tuple[np.ndarray, int]:
        """Refit to draws; see `Model.refits`. Small samples are refitted to all draws at once."""
        if self.ties == "exact" or self.penalty or self.frailty:
            return super().refits(draws, title, show)
        covariates = self.standardized(self.sample)
        plain, kept = PartialLikelihood.of(self.sample, covariates, self.ties == "efron")
        batch = CoxBatch.of(plain, None if self.sample.weights is None else self.sample.weights[kept])
        if batch is None:
            return super().refits(draws, title, show)
        return refit_at_once(batch, kept, covariates.back, self.refit, draws, title, show)

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the covariates, and the number of each row's stratum where there are several."""
        matrices = super().design_matrices(newdata)
        if not self.strata_levels:
            return matrices
        if newdata is None:
            return [*matrices, self.sample.columns["strata"][:, None]]
        return [*matrices, stratum_numbers(newdata, self._strata, self.strata_levels)]

    def covariates(self) -> pd.DataFrame:
        """Return the variables behind the design, and the strata."""
        frame = super().covariates()
        return with_strata(frame, self.sample, self._strata, self.strata_levels) if self.strata_levels else frame

    @cached_property
    def baseline(self) -> Baseline:
        """The baseline hazard, for a firm with mean covariates."""
        covariates = self.standardized(self.sample)
        back = self._back(covariates.back)
        return Baseline(self.likelihood(self.sample)[0], back, covariates.centre, frail=self.frailty is not None)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "baseline"}

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Expected and median years, shares within some years, the curves, and the hazard ratio."""
        return says.quantities_of(self.baseline, self.sample.name, self._event)

    def expected_years(self, horizon: float) -> Quantity:
        """Return the expected years until the event, counted up to a horizon (restricted mean), to predict.

        Parameters
        ----------
        horizon : float
            Years up to which time is counted; at most the last time observed.
        """
        return says.expected_years(
            self.baseline, self.sample.name, self._event, observed_times([horizon], self.sample.outcome)[0]
        )

    def quantile(self, p: float) -> Quantity:
        """Return the first time by which a share p of firms has the event, as something to predict.

        Parameters
        ----------
        p : float
            Between 0 and 1; 0.5 is the median.
        """
        return says.quantile(self.baseline, share_of(p), self._event)

    def share_within(self, years: float) -> Quantity:
        """Return the share with the event within some years, as something to predict.

        Parameters
        ----------
        years : float
            At most the last time observed.
        """
        return says.share_within(self.baseline, observed_times([years], self.sample.outcome)[0], self._event)

    def survival(self, times: Sequence[float]) -> Quantity:
        """Return the share without the event after some times, as something to predict.

        Parameters
        ----------
        times : sequence of float
            Ascending; at most the last time observed.
        """
        return says.survival(self.baseline, np.array(observed_times(times, self.sample.outcome)))
