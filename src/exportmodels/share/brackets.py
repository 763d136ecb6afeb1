"""Brackets: shares answered in classes, as printed, as categories or as two limits, read as lower and upper limits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import OutcomeError
from ..core.frames import distinct, numbers, plain, series_of, to_pandas
from ..core.outcomes import refuse
from .amounts import EndedShare

REPORT = ("<10%", "10-25%", "26-50%", "51-75%", ">75%")

_NUMBER = r"(\d+(?:[.,]\d+)?)\s*%?"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|\bto\b|\btot\b|\bt/m\b)\s*{_NUMBER}")
_BELOW = re.compile(rf"(?:<=?|≤|less than|under|below|up to|at most|minder dan|tot)\s*{_NUMBER}")
_ABOVE = re.compile(rf"(?:>=?|≥|more than|over|above|at least|meer dan)\s*{_NUMBER}")
_EXACT = re.compile(_NUMBER)
# Brackets in whole per cents leave a gap of one between them.
_GAP = 0.01 + 1e-9


@dataclass(frozen=True)
class Bracket:
    """A printed bracket and the limits it is read as: above `lower`, up to `upper`; a single share where they agree."""

    label: str
    lower: float
    upper: float


def parse(label: str) -> Bracket:
    """Read one printed bracket.

    Parameters
    ----------
    label : str
        `"<10%"`, `"26 - 50 %"`, `"more than 75 %"`, `"35 %"`, in English or Dutch. Without a per cent sign a number
        above one makes it per cents.

    Raises
    ------
    OutcomeError
        If it is no bracket, or lies outside 0 and 100 %.
    """
    text = label.strip().lower()
    forms = ((_RANGE, lambda a, b: (a, b)), (_BELOW, lambda a: (0.0, a)), (_ABOVE, lambda a: (a, 1.0)))
    for pattern, limits in (*forms, (_EXACT, lambda a: (a, a))):
        match = pattern.fullmatch(text)
        if match:
            found = [float(number.replace(",", ".")) for number in match.groups()]
            percent = "%" in text or max(found) > 1
            lower, upper = limits(*(number / 100 if percent else number for number in found))
            if 0 <= lower <= upper <= 1:
                return Bracket(label, lower, upper)
            break
    raise OutcomeError(
        f"{label!r} is no bracket of a share between 0 and 100 %; brackets read '<10%', '26-50%', '>75%' or '35%'"
    )


def close_gaps(brackets: Sequence[Bracket]) -> tuple[list[Bracket], list[str]]:
    """Close the gaps that whole per cents leave between brackets (25, then 26), and say so.

    A bracket whose lower limit lies a per cent or less above another's upper limit begins at that limit. Brackets
    printed like the report's are closed like the report's, whether or not their neighbours were answered.
    """
    report = [parse(label) for label in REPORT]
    printed = {(bracket.lower, bracket.upper) for bracket in report}
    closed, notes = [], []
    for bracket in brackets:
        others = [*brackets, *(report if (bracket.lower, bracket.upper) in printed else ())]
        ends = [other.upper for other in others if other.lower < other.upper]
        near = [end for end in ends if 0 < bracket.lower - end <= _GAP]
        if bracket.lower == bracket.upper or not near:
            closed.append(bracket)
            continue
        closed.append(Bracket(bracket.label, max(near), bracket.upper))
        note = (
            f"bracket {bracket.label!r} is read as above {percent(max(near))} up to {percent(bracket.upper)}: the gap "
            f"between {percent(max(near))} and {percent(bracket.lower)} is closed"
        )
        notes.append((bracket.lower, note))
    return closed, [note for _, note in sorted(notes)]


def percent(share: float) -> str:
    """Write a share in per cents."""
    return f"{100 * share:.6g}%"


@dataclass(frozen=True)
class Answers:
    """Shares as they were answered, in limits.

    Parameters
    ----------
    limits : DataFrame, shape (n, 2)
        Lower and upper limit; equal where the share is known, missing where there is no answer.
    name : str
        The outcome's name.
    brackets : list of Bracket
        The brackets that the answers come from; the report's where they are given as limits.
    notes : list of str
        What was done to read them.
    """

    limits: pd.DataFrame
    name: str
    brackets: list[Bracket]
    notes: list[str]


def read_answers(outcome: Any) -> Answers:
    """Read shares given as brackets, numbers, both mixed, or two columns of limits.

    Raises
    ------
    OutcomeError
        If a label is no bracket, or there are more than two columns.
    """
    if hasattr(outcome, "to_pandas") and not isinstance(outcome, pd.Series):
        outcome = outcome.to_pandas()
    if not isinstance(outcome, pd.Series | pd.DataFrame):
        limits = isinstance(outcome, np.ndarray) and outcome.ndim == 2
        outcome = pd.DataFrame(outcome) if limits else series_of(outcome, "y")
    report = close_gaps([parse(label) for label in REPORT])[0]
    if isinstance(outcome, pd.DataFrame):
        frame = to_pandas(outcome)
        if frame.shape[1] != 2:
            raise OutcomeError(f"limits are two columns, lower and upper; here are {frame.shape[1]}")
        name = ", ".join(map(str, frame.columns))
        return Answers(frame.set_axis(["lower", "upper"], axis=1), name, report, [])
    series, name = plain(outcome), str(outcome.name)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return Answers(pd.DataFrame({"lower": series, "upper": series}), name, report, [])
    return _from_labels(series, name, report)


def _from_labels(series: pd.Series, name: str, report: list[Bracket]) -> Answers:
    categories = isinstance(series.dtype, pd.CategoricalDtype)
    distinct(series, "the outcome")
    code, levels = pd.factorize(series)
    try:
        # levels that nobody chose close gaps all the same
        given = [_of_level(level) for level in levels]
        spare = [_of_level(level) for level in series.cat.categories if level not in levels] if categories else []
    except OutcomeError as error:
        raise OutcomeError(f"outcome {name!r}: {error}") from None
    closed, notes = close_gaps([*given, *spare])
    limits = np.array([(bracket.lower, bracket.upper) for bracket in closed[: len(given)]] + [(np.nan, np.nan)])
    frame = pd.DataFrame(limits[code], columns=["lower", "upper"], index=series.index)
    wide = sorted((b for b in closed if b.lower < b.upper), key=lambda b: (b.lower, b.upper))
    apart = all(below.upper <= above.lower for below, above in pairwise(wide))
    return Answers(frame, name, wide if wide and apart else report, notes)


def _of_level(level: Any) -> Bracket:
    if isinstance(level, str):
        return parse(level)
    try:
        return Bracket(str(level), float(level), float(level))
    except (TypeError, ValueError):
        raise OutcomeError(f"{level!r} is no bracket of a share and no number") from None


@dataclass(frozen=True)
class ShareLimits(EndedShare):
    """Shares between 0 and 1 in two columns, lower and upper limit; equal where the share is known.

    Parameters
    ----------
    name : str
        What messages call the outcome.
    """

    several: ClassVar[bool] = True
    name: str = ""

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the limits, shape (n, 2)."""
        name = self.name or name
        lower, upper = (numbers(values[side], f"outcome {name!r}", labels) for side in ("lower", "upper"))
        for limit in (lower, upper):
            self.refuse_outside(limit, name, labels)
        refuse(lower > upper, lower, name, labels, "must have its lower limit below its upper limit")
        self.check_ends(np.where(lower == upper, lower, np.nan), name, labels)
        read = np.column_stack([lower, upper])
        if len(read) and not np.ptp(read, axis=0).any():
            raise OutcomeError(f"outcome {name!r} does not vary: every share lies in {lower[0]:g} to {upper[0]:g}")
        return read
