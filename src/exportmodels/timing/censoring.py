"""Times known exactly, up to an interval, or only to be longer or shorter: their codes, and their log-likelihood."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..core.errors import OptionError, OutcomeError, rows_that
from ..core.family import EvaluatedAtOnce
from ..core.frames import numbers
from ..core.outcomes import Duration, refuse
from ..core.sample import Sample
from .latencies import Latency, Parts, put

EXACT, LONGER, SHORTER, BETWEEN, UNKNOWN = range(5)
# Columns of the coded outcome.
_CODE, _LOWER, _UPPER, _LATE, _ENTRY = range(5)


@dataclass(frozen=True)
class CensoredTimes(EvaluatedAtOnce):
    """The family of a latency under censoring and late entry.

    Parameters
    ----------
    latency : Latency
        The distribution of the time.
    """

    latency: Latency

    @property
    def predictors(self) -> tuple[str, ...]:
        """Names of the linear predictors."""
        return self.latency.predictors

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log-likelihood (n,), first (K, n) and second derivatives (K, K, n)."""
        code = y[:, _CODE]
        parts = self._all_but_intervals(y, eta) if code.max() <= LONGER else self._by_code(y, eta)
        late = np.flatnonzero(y[:, _LATE])
        if late.size:
            survived = self.latency.log_survival(y[late, _ENTRY], eta[:, late])
            for part, before in zip(parts, survived, strict=True):
                part[..., late] -= before
        return parts

    def _all_but_intervals(self, y: np.ndarray, eta: np.ndarray) -> Parts:
        return self.latency.log_ending(y[:, _LOWER], (y[:, _CODE] == EXACT).astype(float), eta)

    def _by_code(self, y: np.ndarray, eta: np.ndarray) -> Parts:
        size, n = eta.shape
        parts = np.zeros(n), np.zeros((size, n)), np.zeros((size, size, n))
        lower, upper, code = y[:, _LOWER], y[:, _UPPER], y[:, _CODE]
        at = np.flatnonzero(code <= LONGER)
        if at.size:
            put(parts, at, self._all_but_intervals(y[at], eta[:, at]))
        at = np.flatnonzero(code == SHORTER)
        if at.size:
            put(parts, at, self.latency.log_failure(upper[at], eta[:, at]))
        at = np.flatnonzero(code == BETWEEN)
        if at.size:
            put(parts, at, self.latency.log_between(lower[at], upper[at], eta[:, at]))
        return parts

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return E[T], shape (n,)."""
        return self.latency.mean(eta)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return predictors, shape (K,), to start from."""
        code = y[:, _CODE]
        log_t = np.where(code == BETWEEN, (y[:, _LOWER] + y[:, _UPPER]) / 2, y[:, _LOWER])
        log_t = np.where(code == SHORTER, y[:, _UPPER], log_t)
        told = code != UNKNOWN
        return self.latency.start(log_t[told], code[told] != LONGER, weight[told])


def with_coded_times(sample: Sample) -> Sample:
    """Return the sample with durations, events, upper ends and entries checked, and coded as one outcome (n, 5).

    Its column `event` says which rows have the event within a finite time.
    """
    lower, labels, columns = sample.outcome, sample.labels, sample.columns
    if "upper" in columns:
        upper = _read_upper(columns["upper"], lower, labels)
        event = np.isfinite(upper)
        if "event" in columns:
            event &= Duration.read_event(columns["event"], labels) > 0
            upper = np.where(event, upper, np.inf)
    else:
        event = Duration.read_event(columns["event"], labels) > 0
        _refuse_zeros(lower, sample.name, labels)
        upper = np.where(event, lower, np.inf)
    if not event.any():
        raise OutcomeError("there are no events: every duration is open to the right, so no time can be estimated")
    entry = np.zeros(len(lower))
    if "entry" in columns:
        entry = Duration.read_entry(columns["entry"], upper, labels)
    coded = code_times(np.maximum(lower, entry), upper, entry)
    return replace(sample, outcome=coded, columns={**columns, "event": event})


def code_times(lower: np.ndarray, upper: np.ndarray, entry: np.ndarray) -> np.ndarray:
    """Return the coded outcome: what is known, logarithms of the ends, whether and when observation began late."""
    code = np.select(
        [lower == upper, np.isfinite(upper) & (lower > 0), np.isfinite(upper), lower > 0],
        [EXACT, BETWEEN, SHORTER, LONGER],
        UNKNOWN,
    )
    late = entry > 0
    ends = [np.log(np.where(np.isfinite(t) & (t > 0), t, 1.0)) for t in (lower, upper, entry)]
    return np.column_stack([code, ends[0], ends[1], late, ends[2]])


def last_known(coded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the time up to which each row is known, and whether it has the event by then."""
    ended = np.isin(coded[:, _CODE], (EXACT, SHORTER, BETWEEN))
    at = np.where(ended, coded[:, _UPPER], coded[:, _LOWER])
    return np.where(coded[:, _CODE] == UNKNOWN, 0.0, np.exp(at)), ended


def longest_event(coded: np.ndarray) -> float:
    """Return the latest time by which some firm is known to have the event."""
    time, ended = last_known(coded)
    return float(time[ended].max())


def _read_upper(values: np.ndarray, lower: np.ndarray, labels: pd.Index) -> np.ndarray:
    upper = numbers(values, "upper", labels, finite=False)
    refuse(upper < lower, upper, "upper", labels, "must not lie below the duration, the lower end")
    nothing = (upper == 0) & (lower == 0)
    refuse(nothing, upper, "upper", labels, "must be above zero: a time of zero has no logarithm")
    return upper


def _refuse_zeros(duration: np.ndarray, name: str, labels: pd.Index) -> None:
    zero = duration == 0
    if zero.any():
        raise OutcomeError(
            f"outcome {name!r} must be above zero here; {rows_that('hold', labels[zero])} 0, which has no logarithm. "
            "Whole years are intervals: give their ends, the lower one as outcome and the upper one as upper= (0 and 1 "
            "for the year of founding; Durations.from_years makes them), or fit DiscreteHazard"
        )


def refuse_no_times(event: object, upper: object) -> None:
    """Refuse a call that says neither where durations end with the event nor between which times it lies."""
    if event is None and upper is None:
        raise OptionError(
            "event= is needed (1 where the duration ends with the event, 0 where it is cut off); or upper=, the upper "
            "ends of intervals"
        )
