"""What a Cox model asks of its options, its data and its maximum, and the errors that name what is wrong."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.errors import DataError, OptionError, OutcomeError, SeparationError
from ..core.frames import numbered
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Duration
from ..core.sample import Sample
from .frailty import VARIANCE_NOTE
from .risk_sets import RiskSets
from .runaway import INFINITE, standardized_errors

REMEDY = "or choose penalty='jeffreys' (Firth)"


def refuse_contradictions(ties: str, penalty: str | None, frailty: str | None, weights: Any, shared: Any) -> None:
    """Refuse unknown options, and those that cannot be combined."""
    choose("ties", ties, dict.fromkeys(("efron", "breslow", "exact")))
    choose("penalty", penalty, dict.fromkeys((None, "jeffreys")))
    choose("frailty", frailty, dict.fromkeys((None, "gamma")))
    if (frailty is None) != (shared is None):
        raise OptionError("frailty= and shared= go together: what is shared, and by which rows")
    given = {
        "ties='exact'": ties == "exact",
        "penalty='jeffreys'": penalty is not None,
        "frailty='gamma'": frailty is not None,
        "weights=": weights is not None,
    }
    special = [name for name, chosen in given.items() if chosen]
    if len(special) > 1 and special != ["penalty='jeffreys'", "weights="]:
        raise OptionError(f"{special[0]} and {special[1]} cannot be combined; choose one")


def with_spells(sample: Sample) -> tuple[Sample, list[Any]]:
    """Return the sample with event, entry and strata checked, and the levels of the strata."""
    labels, columns = sample.labels, dict(sample.columns)
    columns["event"] = Duration.read_event(columns["event"], labels) > 0
    if "entry" in columns:
        columns["entry"] = Duration.read_entry(columns["entry"], sample.outcome, labels)
    levels: list[Any] = []
    if "strata" in columns:
        columns["strata"], levels = numbered(columns["strata"])
    return replace(sample, columns=columns), levels


def refuse_constant_within(sample: Sample, name: str) -> None:
    """Refuse covariates that do not vary within the strata that have events: the baselines take them up."""
    if "strata" not in sample.columns:
        return
    code, design = sample.columns["strata"], sample.designs[""]
    eventful = np.bincount(code, sample.columns["event"])[code] > 0
    code, x = code[eventful], design.matrix[eventful]
    _, first, own = np.unique(code, return_index=True, return_inverse=True)
    constant = (x == x[first][own]).all(axis=0)
    if constant.any():
        column = design.names[int(constant.argmax())]
        raise DataError(
            f"{column!r} is constant within the strata of {name!r} (those with events), whose baselines take up its "
            "effect: no coefficient can be estimated; leave it out of the formula, or out of strata="
        )


def refuse_no_order(sets: RiskSets) -> None:
    """Refuse data in which the times put no firm before another."""
    if not sets.event.all():
        return
    at_risk, events = sets.sums(np.ones(len(sets.last)))
    if (events == at_risk).all():
        raise OutcomeError(
            "at every time with events all firms at risk have the event: the times put no firm before another, and say "
            "nothing about covariates"
        )


def refuse_monotone(maximum: Maximum, names: list[str]) -> None:
    """Raise the error that names the coefficient in which the likelihood rises for ever."""
    if maximum.positive_definite:
        se = standardized_errors(maximum)
        worst = int(se.argmax())
        if se[worst] <= INFINITE:
            return
    else:
        worst = int(np.abs(maximum.theta).argmax())
    raise SeparationError(
        f"the partial likelihood is monotone: it rises for ever in the coefficient of {names[worst]!r}, because at "
        "every event the firm that has it has the largest (or the smallest) value at risk; leave the column out, merge "
        f"levels, {REMEDY}"
    )


def frailty_notes(frailty: str | None, sample: Sample) -> list[str]:
    """Return the notes on what a frailty's variance means, above all where rows come under observation late."""
    if frailty is None:
        return []
    if not (sample.columns.get("entry", np.zeros(1)) > 0).any():
        return [VARIANCE_NOTE]
    return [
        VARIANCE_NOTE,
        "Late entry: frailties have mean one among the firms as they come under observation; where those with high "
        "hazards left before, their variance is that of the firms that are left.",
    ]


def observed_times(times: Sequence[float], duration: np.ndarray) -> list[float]:
    """Return ascending times within those observed, or refuse."""
    last = float(duration.max())
    if any(not 0 <= t <= last for t in times) or list(times) != sorted(times):
        raise OptionError(
            f"times must ascend from zero or later to at most {last:g}, the last time observed; the baseline says "
            "nothing beyond it"
        )
    return [float(t) for t in times]
