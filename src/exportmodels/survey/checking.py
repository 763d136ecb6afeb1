"""Checking answers against the questionnaire: broken routes, unknown codes, impossible years, contradictions."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..core.options import checked
from .answered import Answered, conditions
from .questionnaire import Questionnaire
from .reading import FIRM, tidy
from .rules import rules
from .tables import items


class Fault(NamedTuple):
    """One fault of the answers; `place` is the row's position."""

    place: int
    item: str
    rule: str
    value: Any
    message: str


@checked
def check(answers: Any, *, surveyed: int = 2008) -> pd.DataFrame:
    """List every answer that breaks a rule of the questionnaire.

    Parameters
    ----------
    answers : data frame
        Answers to the questionnaire, as `read` returns them or as `read` accepts them.
    surveyed : int, default 2008
        Year in which the answers were given: no year among them may lie after it.

    Returns
    -------
    pandas.DataFrame
        One row for each fault, none when all is well: `row` (label in the index), `firm`, `item`, `rule`,
        `value` (the answer, missing where the fault lies in several) and `message` (a sentence). The rules are
        `"no answers"`, `"same firm"`, `"unknown code"`, `"no number"`, `"not asked"` (an answer that the routes
        lead past), `"impossible number"`, `"impossible year"`, `"future year"`, `"before founding"`,
        `"before first export"` and `"contradiction"`.

    Raises
    ------
    AnswersError
        If the answers cannot be read as the questionnaire at all.
    OptionError
        If `surveyed` is not a year.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels import survey
    >>> faults = survey.check(pd.DataFrame({"A3": [1985, 1990], "B6": [1979, 1994]}))
    >>> print(faults.loc[0, "message"])
    B6 is 1979, before the firm was founded (A3 is 1985)
    """
    answered = Answered(tidy(answers))
    frame = answered.frame
    found = sorted(_faults(answered, surveyed), key=lambda fault: fault.place)
    places = [fault.place for fault in found]
    return pd.DataFrame(
        {
            "row": frame.index[places],
            "firm": frame[FIRM].iloc[places].to_numpy(),
            "item": pd.Series([fault.item for fault in found], dtype="string"),
            "rule": pd.Series([fault.rule for fault in found], dtype="string"),
            "value": pd.Series([fault.value for fault in found], dtype=object),
            "message": pd.Series([fault.message for fault in found], dtype="string"),
        }
    )


def _faults(answered: Answered, surveyed: int) -> Iterator[Fault]:
    yield from _whole_rows(answered)
    present = [item for item in items() if item in answered]
    for item in present:
        yield from _unreadable(answered, item)
        yield from _not_asked(answered, item)
    for rule in rules(surveyed):
        if all(item in answered for item in rule.needs):
            for place in np.flatnonzero(rule.broken(answered)).tolist():
                shown = {item: _shown(answered, item, place) for item in rule.needs}
                yield Fault(
                    place, rule.item, rule.name, _value(answered, rule.item, place), rule.message.format(**shown)
                )


def _whole_rows(answered: Answered) -> Iterator[Fault]:
    frame = answered.frame
    present = [item for item in items() if item in answered]
    for place in np.flatnonzero(frame[present].isna().all(axis=1)).tolist():
        yield Fault(place, "", "no answers", pd.NA, "the row answers no question")
    firm = frame[FIRM].astype("string")
    for place in np.flatnonzero(firm.notna() & firm.duplicated(keep=False)).tolist():
        yield Fault(place, FIRM, "same firm", firm.iloc[place], f"firm {firm.iloc[place]} stands in several rows")


def _unreadable(answered: Answered, item: str) -> Iterator[Fault]:
    if items()[item].type == "text":
        return
    labels = Questionnaire("en").labels(item)
    for place in np.flatnonzero(answered.unreadable(item)).tolist():
        value = _value(answered, item, place)
        if labels:
            possible = ", ".join(str(code) for code in labels)
            yield Fault(place, item, "unknown code", value, f"{item} is {value!r}; its codes are {possible}")
        else:
            yield Fault(place, item, "no number", value, f"{item} is {value!r}, which is no number")


def _not_asked(answered: Answered, item: str) -> Iterator[Fault]:
    if items()[item].type == "text":
        said = answered.frame[item].notna().to_numpy()
    else:
        said = np.nan_to_num(answered.given(item)) != 0  # an open box and a change of 0% are no answers
    for place in np.flatnonzero(said & (answered.asked(item) == 0)).tolist():
        shown = _shown(answered, item, place)
        reason = _reason(answered, item, place)
        yield Fault(
            place, item, "not asked", _value(answered, item, place), f"{item} is {shown}, but is not asked: {reason}"
        )


def _reason(answered: Answered, item: str, place: int) -> str:
    """Say which earlier answer leads past an item that was not to be asked."""
    for gate, codes in conditions(item):
        if answered[gate][place] not in codes and not np.isnan(answered[gate][place]):
            return f"{gate} is {_shown(answered, gate, place)}"
        if answered.asked(gate)[place] == 0:
            return _reason(answered, gate, place)
    raise AssertionError(f"{item} was asked")


def _value(answered: Answered, item: str, place: int) -> Any:
    return answered.frame[item].iloc[place] if item in answered else pd.NA


def _shown(answered: Answered, item: str, place: int) -> str:
    """Write an answer as messages do: a code with its label."""
    value = np.nan if items()[item].type == "text" else answered[item][place]
    if np.isnan(value):
        return repr(_value(answered, item, place))
    labels = Questionnaire("en").labels(item)
    number = str(int(value)) if value == int(value) else str(value)
    return f"{number} ({labels[int(value)]})" if value in labels and labels[int(value)] != number else number
