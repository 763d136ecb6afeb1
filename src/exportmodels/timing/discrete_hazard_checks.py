"""What a discrete-time hazard asks of options and data: whole years, and events wherever a coefficient needs them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..core.design import Design
from ..core.errors import OptionError, SeparationError
from ..core.newton import Maximum
from ..core.outcomes import Duration, refuse
from ..core.sample import Sample
from .discrete_hazard_likelihood import Spells
from .runaway import INFINITE, standardized_errors

# The most periods that can be meant.
_LONGEST = 1000
_REMEDY = "or fit strategy.FirthLogit on timing.person_period rows"


def refuse_contradictions(frailty: str | None, varying: Sequence[str], by_period: bool, firm: Any, shared: Any) -> None:
    """Refuse options that cannot be combined."""
    if frailty is not None and varying:
        raise OptionError("frailty= and effects that change with time cannot be fitted together; choose one")
    if frailty is None and shared is not None:
        raise OptionError("shared= says which rows share a frailty; choose frailty='gamma' or 'normal' with it")
    if frailty is not None and by_period and firm is None and shared is None:
        raise OptionError("with period= and frailty= say which rows belong to one firm: firm=")


def whole_years(values: np.ndarray, name: str, labels: pd.Index) -> np.ndarray:
    """Return whole numbers of years, or raise `OutcomeError` naming the rows that hold none."""
    refuse(values != np.floor(values), values, name, labels, "must be whole years here; exact times go into AFT or Cox")
    refuse(values > _LONGEST, values, name, labels, f"must be at most {_LONGEST} periods (days or months?)")
    return values.astype(np.int64)


def with_whole_years(sample: Sample) -> Sample:
    """Return the sample with durations, event and entry checked, as whole numbers."""
    duration, labels = whole_years(sample.outcome, sample.name, sample.labels), sample.labels
    event = Duration.read_event(sample.columns["event"], labels)
    entry = np.zeros(len(labels))
    if "entry" in sample.columns:
        entry = Duration.read_entry(sample.columns["entry"], sample.outcome, labels, strictly=False)
    columns = {**sample.columns, "event": event > 0, "entry": whole_years(entry, "entry", labels)}
    return replace(sample, outcome=duration, columns=columns)


def named_after(outcome: Any, period: Any) -> Any:
    """Return the periods under the outcome's name, which the summary shows."""
    if isinstance(period, pd.Series) and isinstance(outcome, pd.Series):
        return pd.Series(period.array, index=period.index, name=outcome.name)
    return period


def spells_of(sample: Sample) -> Spells:
    """Return the periods at risk of a checked sample."""
    return Spells(sample.columns["entry"], sample.outcome, sample.columns["event"])


def refuse_empty_years(classes: np.ndarray, names: tuple[str, ...], at_risk: np.ndarray, events: np.ndarray) -> None:
    """Refuse years, merged or not, whose own effect is infinite in this draw of the sample."""
    for name, n, happened in zip(names, classes.T @ at_risk, classes.T @ events, strict=True):
        if happened in (0, n):
            raise SeparationError(f"in {name} {'no' if happened == 0 else 'every'} firm at risk has the event")


def refuse_empty_levels(design: Design, event: np.ndarray, weight: np.ndarray | None, remedy: str = _REMEDY) -> None:
    """Refuse a 0/1 covariate with a level in which no firm has the event."""
    x, moments = design.matrix, design.moments
    happened = event * (1.0 if weight is None else weight)
    events, total = happened @ x, happened.sum()
    binary = (np.abs(moments.sd**2 - moments.mean * (1 - moments.mean)) < 1e-9) & ~moments.flat
    for j in np.flatnonzero(binary & ((events <= 0) | (events >= total * (1 - 1e-12)))):
        level = 1 if events[j] <= 0 else 0
        raise SeparationError(
            f"none of the {int((x[:, j] == level).sum())} rows with {design.names[j]} = {level} has the event, so its "
            f"coefficient is infinite; merge the level with another, leave it out, {remedy}"
        )


def refuse_infinite(maximum: Maximum, names: Sequence[str], remedy: str = _REMEDY) -> None:
    """Raise the error of a coefficient that runs off to infinity: its error says so, however flat the likelihood."""
    se = standardized_errors(maximum)
    if se.max() > INFINITE:
        raise SeparationError(
            f"the coefficient of {names[int(se.argmax())]!r} has no finite estimate: it separates the firm-years with "
            f"the event from those without; leave it out, choose a simpler baseline, {remedy}"
        )


def few_events(events: float, slopes: int, enough: int = 10, remedy: str = _REMEDY) -> list[str]:
    """Return a warning where there are few events for each covariate."""
    if not slopes or events >= enough * slopes:
        return []
    return [
        f"{events / slopes:.2g} events for each covariate (fewer than {enough}): normal intervals may mislead; compare "
        f"cov_type='bootstrap', {remedy}."
    ]
