"""Competing first moves in discrete time: in each year a firm makes one of several first moves, or none yet."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ..core.errors import OptionError, SeparationError
from ..core.family import block_diagonal
from ..core.model import Model
from ..core.newton import Maximum, maximize
from ..core.outcomes import Duration
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.results import Results
from ..core.sample import Sample
from .causes import with_causes
from .competing_likelihood import CompetingObjective
from .discrete_hazard_assembly import beside, orthogonal
from .discrete_hazard_baselines import Baseline, build_baseline
from .discrete_hazard_checks import few_events, refuse_empty_levels, refuse_empty_years, refuse_infinite, whole_years
from .discrete_hazard_likelihood import Spells

_REMEDY = "merge rare causes, or fit one cause at a time by DiscreteHazard with the others as cut off"
# Findings say the share of firms with each first move within so many years.
_WITHIN = (1, 5, 10)


class CompetingResults(Results):
    """A fitted multinomial discrete-time hazard."""

    model: "CompetingHazard"

    @property
    def df_model(self) -> int:
        """Number of coefficients beside those of the baselines."""
        return len(self.params) - sum(len(baseline.names) for baseline in self.model.baselines)


class CompetingHazard(Model):
    """Multinomial discrete-time hazard model.

    Several first moves compete: imports or exports, a neighbouring country or a distant one, an export or a subsidiary.
    In each year a firm that has made none of them makes one, or waits; each move has its own duration dependence and
    its own coefficients.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Whole years until the first move or the end of observation: 0, 1, 2, ...
    exog : array_like or data frame, shape (n, p)
        Covariates, without a constant.
    event : array_like, shape (n,)
        The first move: numbers, texts or categories, with `censored` for none.
    censored : object, default 0
        The value of `event` that says that no move was made by the end of the last year.
    entry : array_like, shape (n,), optional
        The first year in which the firm could be seen to move (late entry). Default 0.
    baseline : str or int
        Duration dependence, as in `DiscreteHazard`.
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
        If no firm in some level of a covariate makes one of the moves.

    Notes
    -----
    In year t a firm at risk makes move k with probability [1]_::

        h_k = exp(alpha_kt + x'b_k) / (1 + sum_l exp(alpha_lt + x'b_l))

    and the log-likelihood adds up the logarithms of what happened in each year at risk. exp(b_k) is the factor by which
    a covariate multiplies the odds of move k against waiting. Coefficients are named `[move] x`. The share of firms
    whose first move is k by year t is the sum of h_k times the chance of having waited until then.

    References
    ----------
    .. [1] Allison, P. D. (1982). Discrete-time methods for the analysis of event histories. Sociological Methodology
       13, 61-98.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import CompetingHazard
    >>> firms = pd.DataFrame({
    ...     "years": [0, 1, 1, 2, 3, 4, 0, 2, 3, 4, 4, 4, 1, 2, 0, 3],
    ...     "move": ["export", "import", "export", "export", "none", "import", "import", "none",
    ...              "export", "none", "none", "export", "import", "import", "export", "import"],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
    ... })
    >>> model = CompetingHazard.from_formula(
    ...     "years ~ niche", firms, event="move", censored="none", baseline="linear")
    >>> results = model.fit()
    >>> print(results.params.round(3).to_string())
    [export] Intercept   -2.953
    [export] t            0.302
    [export] niche        1.243
    [import] Intercept   -2.653
    [import] t            0.354
    [import] niche        0.574
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]}), which="first").round(3).to_string())
       export  import
    0   0.273   0.412
    1   0.520   0.391
    """

    kind = Duration()
    absorbed: ClassVar[bool] = True
    column_options = ("frequency", "weights", "event", "entry")
    variants = ({"baseline": "linear"},)
    results_class = CompetingResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        event: Any = None,
        censored: Any = 0,
        entry: Any = None,
        baseline: str | int = "dummies",
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        if event is None:
            raise OptionError("event= is needed: which move ended the duration, and `censored` where none did")
        self.baseline_kind = baseline
        columns = {"event": event, "entry": entry}
        super().__init__(outcome, exog, weights=weights, frequency=frequency, missing=missing, columns=columns)
        self.sample, self.causes = with_causes(_in_whole_years(self.sample), censored)
        self._at_risk, self._events = self._totals(self.sample, int(self.sample.outcome.max()) + 1)
        self.baselines: list[Baseline] = [build_baseline(baseline, self._at_risk, own) for own in self._events]

    def _totals(self, sample: Sample, periods: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the firms at risk (T,), and the events of each cause (K, T)."""
        columns, weight = sample.columns, sample.total_weight
        counts = [
            Spells(columns["entry"], sample.outcome, columns["event"] == k + 1).totals(weight, periods)
            for k in range(len(self.causes))
        ]
        return counts[0][0], np.array([events for _, events in counts])

    @property
    def param_names(self) -> list[str]:
        """Names of the coefficients, move after move: `[move] t=0`, `[move] x`."""
        own = self.sample.designs[""].names
        return [
            f"[{cause}] {name}"
            for cause, baseline in zip(self.causes, self.baselines, strict=True)
            for name in (*baseline.names, *own)
        ]

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample, collapsed where that pays."""
        columns, weight, design = sample.columns, sample.total_weight, sample.designs[""]
        at_risk, events = self._totals(sample, len(self._at_risk))
        for k, baseline in enumerate(self.baselines):
            if not events[k].any():
                raise SeparationError(f"no firm makes the move {self.causes[k]!r} in this draw")
            if self.baseline_kind == "dummies":
                refuse_empty_years(baseline.matrix, baseline.names, at_risk, events[k])
            refuse_empty_levels(design, columns["event"] == k + 1, weight, _REMEDY)
        part = design.standardized
        durations = [orthogonal(baseline.matrix, self._at_risk) for baseline in self.baselines]
        back = block_diagonal(
            [beside(own, baseline.constant, part) for own, baseline in zip(durations, self.baselines, strict=True)]
        )
        upright = block_diagonal([one for own in durations for one in (own, np.eye(len(part.back)))])
        whole = CompetingObjective(
            columns["entry"],
            sample.outcome,
            columns["event"],
            part.raw if part.tame else part.matrix,
            weight,
            [baseline.matrix for baseline in self.baselines],
            back if part.tame else upright,
        )
        empty = replace(whole, matrix=whole.matrix[:, :0], basis=block_diagonal(durations)).prepared()
        null = maximize(empty, self._level(at_risk, events, empty.basis))
        start = np.concatenate([np.r_[null.theta[at], np.zeros(len(part.back))] for at in empty.parts])
        return Problem(whole.prepared(), start, back, whole.scores, null.loglike)

    def _level(self, at_risk: np.ndarray, events: np.ndarray, basis: np.ndarray) -> np.ndarray:
        waiting = at_risk.sum() - events.sum()
        levels = [np.log(own.sum() / max(waiting, 0.5)) for own in events]
        own = [level * baseline.constant for level, baseline in zip(levels, self.baselines, strict=True)]
        return np.linalg.solve(basis, np.concatenate(own))

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Raise the error that names the coefficient which runs off to infinity."""
        super().examine(maximum, problem)
        refuse_infinite(maximum, self.param_names, _REMEDY)

    def notes(self, maximum: Maximum) -> list[str]:
        """Return the number of events by cause, merged years, and a warning of few events."""
        events = self._events.sum(axis=1)
        counts = ", ".join(f"{n:g} {cause}" for cause, n in zip(self.causes, events, strict=True))
        merged = [f"[{cause}] {note}" for cause, b in zip(self.causes, self.baselines, strict=True) for note in b.notes]
        slopes = len(self.sample.designs[""].names)
        first = f"{counts}, in {self._at_risk.sum():g} firm-years at risk."
        return [first, *merged, *few_events(float(events.min()), slopes, remedy=_REMEDY)]

    def incidence(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the share of each row's like whose first move is k by the end of year t, shape (n, T, K)."""
        periods, eta, at = len(self._at_risk), [], 0
        for baseline in self.baselines:
            q, p = len(baseline.names), designs[0].shape[1]
            own = theta[at : at + q + p]
            eta.append((designs[0] @ own[q:])[:, None] + baseline.matrix @ own[:q])
            at += q + p
        odds = np.exp(np.stack(eta, axis=2))
        wait = 1 / (1 + odds.sum(axis=2))
        before = np.cumprod(np.hstack([np.ones((len(wait), 1)), wait[:, : periods - 1]]), axis=1)
        return np.cumsum(odds * (wait * before)[:, :, None], axis=1)

    @property
    def horizon(self) -> int:
        """The last year with an event, up to which years are counted."""
        return max(int(np.flatnonzero(self._events.sum(axis=0))[-1]), 1)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Expected years to the first move, the share of each first move, and the curves."""
        within = sorted({k for k in _WITHIN if k < self.horizon})
        return {
            "years": self._years(),
            "first": self.first_within(self.horizon),
            **{f"within {k}": self.first_within(k) for k in within},
            **{f"incidence {cause}": self._curve(k) for k, cause in enumerate(self.causes)},
        }

    def _years(self) -> Quantity:
        def rows(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
            waiting = 1 - self.incidence(theta, designs)[:, : self.horizon].sum(axis=2)
            return waiting.sum(axis=1)

        return Quantity(
            f"expected years until the first move, counted up to {self.horizon}", "years", rows, scale="log"
        )

    def first_within(self, years: int) -> Quantity:
        """Return the share of each first move by the end of a year, as something to predict.

        Parameters
        ----------
        years : int
            0 for the year of founding; at most the longest duration.
        """
        if not 0 <= years < len(self._at_risk):
            raise OptionError(f"the data say nothing of year {years}: durations go to {len(self._at_risk) - 1}")
        return Quantity(
            f"share of first moves within {years} year{'s' if years != 1 else ''}",
            "share",
            lambda theta, designs: self.incidence(theta, designs)[:, years],
            scale="logit",
            columns=tuple(map(str, self.causes)),
        )

    def _curve(self, k: int) -> Quantity:
        return Quantity(
            f"share of firms whose first move is {self.causes[k]}, by year",
            "share",
            lambda theta, designs: self.incidence(theta, designs)[:, :, k],
            scale="logit",
            columns=tuple(f"t={t}" for t in range(len(self._at_risk))),
            told=False,
        )


def _in_whole_years(sample: Sample) -> Sample:
    """Return the sample with durations and entries checked, as whole numbers."""
    duration, labels = whole_years(sample.outcome, sample.name, sample.labels), sample.labels
    entry = np.zeros(len(labels), dtype=np.int64)
    if "entry" in sample.columns:
        read = Duration.read_entry(sample.columns["entry"], sample.outcome, labels, strictly=False)
        entry = whole_years(read, "entry", labels)
    return replace(sample, outcome=duration, columns={**sample.columns, "entry": entry})
