"""Fine and Gray's model: what moves the share of firms whose first move is of one kind."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..core.errors import OptionError, OutcomeError, SeparationError
from ..core.model import Model
from ..core.newton import Maximum
from ..core.outcomes import Duration
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from .causes import chosen_cause, with_causes
from .discrete_hazard_checks import few_events, refuse_empty_levels
from .fine_gray_likelihood import FineGrayObjective
from .runaway import INFINITE, standardized_errors

_REMEDY = "or fit CompetingHazard on wider periods"
# Findings say the share of firms with the first move within so many years; curves have at most so many times.
_WITHIN, _CURVE = (1, 5, 10), 100


class FineGray(Model):
    """Fine-Gray proportional subdistribution hazards model.

    Several first moves compete (imports or exports, say), and one is of interest. A covariate with a positive
    coefficient raises, at every time, the share of firms that have made this move first; that may be because it hastens
    the move, or because it holds up the others. For what hastens the move itself, fit `Cox` with the other moves as
    cut off.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Time until the first move or the end of observation, zero or more.
    exog : array_like or data frame, shape (n, p)
        Covariates, without a constant.
    event : array_like, shape (n,)
        Which move ended the duration: numbers, texts or categories, with `censored` for none.
    cause : object
        The move of interest, a value of `event`.
    censored : object, default 0
        The value of `event` that says that none was made.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry). Zero, the default, means from the beginning.
    weights : array_like, shape (n,), optional
        Sampling weights.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a duration is negative, entry lies after its end, there are no events, or nobody was observed between a
        competing move and later entries.
    DataError
        If a covariate is not finite, constant or collinear.
    SeparationError
        If no firm in some level of a covariate makes the move of interest.
    OptionError
        If `cause` is no value of `event`.

    Notes
    -----
    The share F(t | x) of firms whose first move by time t is the one of interest obeys [1]_::

        1 - F(t | x) = exp(-L(t) exp(x'b))

    b maximizes a partial likelihood in which firms that made another move stay at risk, at time t with weight
    G(t) H(t) / (G(T) H(T)): T is the time of their move, G the Kaplan-Meier estimate of the share not yet cut off just
    before a time, and H, where firms enter late, that of the share come under observation by then [2]_. Ties are
    handled in Breslow's manner. Standard errors are robust by default: the sandwich counts what each firm adds to the
    estimates of G and H, in the martingale form of [1]_, as R's cmprsk does: an approximation where firms are cut off
    at the very time of an event. Cutting off and late entry that do not depend on the covariates are assumed.

    References
    ----------
    .. [1] Fine, J. P. and Gray, R. J. (1999). A proportional hazards model for the subdistribution of a competing risk.
       Journal of the American Statistical Association 94, 496-509.
    .. [2] Geskus, R. B. (2011). Cause-specific cumulative incidence estimation and the Fine and Gray model under both
       left truncation and right censoring. Biometrics 67, 39-49.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import FineGray
    >>> firms = pd.DataFrame({
    ...     "years": [0, 1, 1, 2, 3, 4, 0, 2, 3, 4, 4, 4, 1, 2, 0, 3],
    ...     "move": ["export", "import", "export", "export", "none", "import", "import", "none",
    ...              "export", "none", "none", "export", "import", "import", "export", "import"],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
    ... })
    >>> model = FineGray.from_formula("years ~ niche", firms, event="move", cause="export", censored="none")
    >>> results = model.fit()
    >>> print(results.params.round(3).to_string())
    niche    1.039
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(3).to_string())
    0    0.248
    1    0.554
    """

    kind = Duration()
    absorbed: ClassVar[bool] = True
    partial: ClassVar[bool] = True
    default_covariance: ClassVar[str] = "robust"
    column_options = ("frequency", "weights", "event", "entry")

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        event: Any = None,
        cause: Any = 1,
        censored: Any = 0,
        entry: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        if event is None:
            raise OptionError("event= is needed: which move ended the duration, and `censored` where none did")
        columns = {"event": event, "entry": entry}
        super().__init__(outcome, exog, weights=weights, frequency=frequency, missing=missing, columns=columns)
        sample, self.causes = with_causes(self.sample, censored)
        self.cause = cause
        own = sample.columns["event"] == chosen_cause(cause, self.causes)
        columns = {"event": own, "competing": (sample.columns["event"] > 0) & ~own}
        if "entry" in sample.columns:
            columns["entry"] = Duration.read_entry(sample.columns["entry"], sample.outcome, sample.labels)
        self.sample = replace(sample, columns=columns)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Fine-Gray model of {self.cause} among competing first moves"

    @property
    def param_names(self) -> list[str]:
        """Names of the covariates."""
        return list(self.sample.designs[""].names)

    def problem(self, sample: Sample) -> Problem:
        """Return the partial likelihood of a sample."""
        refuse_gaps(sample)
        refuse_empty_levels(sample.designs[""], sample.columns["event"], sample.total_weight, _REMEDY)
        likelihood = self._likelihood(sample)
        back = sample.designs[""].standardized.back
        null = np.zeros(len(back))
        return Problem(likelihood, null, back, likelihood.scores, likelihood.loglike(null))

    def _likelihood(self, sample: Sample) -> FineGrayObjective:
        part, columns = sample.designs[""].standardized, sample.columns
        matrix, base = (part.raw - part.centre, part.back) if part.tame else (part.matrix, np.eye(len(part.back)))
        weight = np.ones(len(matrix)) if sample.total_weight is None else sample.total_weight
        place, first = _places(sample)
        return FineGrayObjective(matrix, base, place, columns["event"], columns["competing"], weight, first)

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Raise the error that names the coefficient which runs off to infinity."""
        if maximum.positive_definite:
            se = standardized_errors(maximum)
            if se.max() > INFINITE:
                raise SeparationError(
                    f"the coefficient of {self.param_names[int(se.argmax())]!r} has no finite estimate; leave the "
                    f"column out, merge levels, {_REMEDY}"
                )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Return the number of events, and a warning of few."""
        weight = np.ones(len(self.sample.labels)) if self.sample.frequency is None else self.sample.frequency
        own, other = (float(weight @ self.sample.columns[name]) for name in ("event", "competing"))
        counts = f"{own:g} events of interest ({self.cause}), {other:g} competing ones."
        return [counts, *few_events(own, len(self.param_names), remedy=_REMEDY)]

    @cached_property
    def _fitted(self) -> FineGrayObjective:
        return self._likelihood(self.sample)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_fitted"}

    @property
    def last_event(self) -> float:
        """The latest time at which the move of interest was made."""
        return float(self.sample.outcome[self.sample.columns["event"]].max())

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Shares of firms with the move first within some years, and the curve."""
        within = sorted({k for k in _WITHIN if k < self.last_event} | {self.last_event}, reverse=True)
        times = np.unique(self.sample.outcome[self.sample.columns["event"]])
        chosen = np.unique(np.linspace(0, len(times) - 1, min(_CURVE, len(times))).round().astype(int))
        return {
            **{f"within {k:g}": self.share_within(k) for k in within},
            "incidence": self.incidence(list(times[chosen])),
        }

    def share_within(self, years: float) -> Quantity:
        """Return the share of firms whose first move by some time is the one of interest, to predict.

        Parameters
        ----------
        years : float
            At most the last time observed.
        """
        curve = self.incidence([years])
        return replace(
            curve,
            label=f"share whose first move is {self.cause} within {years:.3g} year{'s' if years != 1 else ''}",
            rows=lambda theta, designs: curve.rows(theta, designs)[:, 0],
            columns=None,
            told=True,
        )

    def incidence(self, times: Sequence[float]) -> Quantity:
        """Return the share of firms whose first move by each time is the one of interest, to predict.

        Parameters
        ----------
        times : sequence of float
            Ascending times within those observed.
        """
        last = float(self.sample.outcome.max())
        if list(times) != sorted(times) or not 0 <= times[0] <= times[-1] <= last:
            raise OptionError(f"times must ascend from zero or later to at most {last:g}, the last time observed")
        at = np.asarray(times, dtype=float)
        return Quantity(
            f"share whose first move is {self.cause}, by time",
            "share",
            lambda theta, designs: -np.expm1(-self._cumulated(at, theta, designs[0])),
            scale="logit",
            columns=tuple(f"t={t:g}" for t in at),
            told=False,
            beside=len(at),
        )

    def _cumulated(self, times: np.ndarray, theta: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Return each row's cumulated hazard, shape (n, m); beyond p, `theta` holds errors of the baseline."""
        coefficients, errors = np.split(theta, [matrix.shape[1]])
        part = self.sample.designs[""].standardized
        step, variance = self._fitted.baseline(np.linalg.solve(part.back, coefficients))
        upto = np.searchsorted(np.unique(self.sample.outcome), times, side="right")
        total = np.r_[0.0, np.cumsum(step)][upto]
        if errors.size:
            rise = np.diff(np.r_[0.0, np.cumsum(variance)][upto], prepend=0.0)
            total = total + np.cumsum(np.sqrt(rise) * errors)
        return np.exp((matrix - part.centre) @ coefficients)[:, None] * total


def _places(sample: Sample) -> tuple[np.ndarray, np.ndarray | None]:
    """Return each row's time, and the first one at which it is at risk, as places among the distinct times."""
    times, place = np.unique(sample.outcome, return_inverse=True)
    entry = sample.columns.get("entry")
    return place, None if entry is None else np.where(entry > 0, np.searchsorted(times, entry, side="right"), 0)


def refuse_gaps(sample: Sample) -> None:
    """Refuse late entries after times at which nobody was observed, where a competing move came before."""
    place, first = _places(sample)
    if first is None:
        return
    size = int(place.max()) + 1
    entering, leaving = np.bincount(first, minlength=size), np.bincount(place, minlength=size)
    at_risk = np.cumsum(entering) - np.cumsum(leaving) + leaving
    alone = np.flatnonzero(entering == at_risk)
    moved = place[sample.columns["competing"]]
    if len(alone) and len(moved) and alone.max() > moved.min():
        time = sample.outcome[place == alone.max()][0]
        raise OutcomeError(
            f"all firms at risk at {time:g} came under observation after the time before: nobody links the competing "
            "moves before to the firms after, and their weights are not defined. Leave out the firms whose duration "
            "ends before, or widen the years"
        )
