"""Deriving the firms table: from answers to the columns that models and reports are written in."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import AnswersError, ExportModelsWarning
from ..core.frames import listed
from ..core.options import checked
from .answered import Answered
from .made import MADE, category, flag
from .reading import FIRM, tidy
from .rules import year_of_survey
from .tables import items, levels, part
from .variables import columns, needed


@checked
def derive(answers: Any, *, surveyed: int = 2008) -> pd.DataFrame:
    """Make the firms table: one row for each firm, in years, shares, markets and categories.

    `columns` describes every column. Numbers and flags (0 and 1) are floats, NaN where unknown; categories carry
    all their levels. What the questionnaire implies is filled in: a firm that does not export has 0 export
    countries and regions and a share of 0; boxes left open are 0 once another box of the question is ticked.
    A firm that no longer exports has exported, after an unknown number of years (`exported` 1, `duration` NaN).

    Parameters
    ----------
    answers : data frame
        Answers to the questionnaire, as `read` returns them or as `read` accepts them.
    surveyed : int, default 2008
        Year in which the answers were given. The questionnaire asks for the turnover of 2007 and the report came
        out in May 2009; set the year of your own survey.

    Returns
    -------
    pandas.DataFrame
        The columns that the items in `answers` allow, in the order of `columns()`, then any other columns of
        `answers`. The index and `attrs` (such as `"synthetic"`) are those of `answers`; `attrs["labels"]` says every
        derived column in words.

    Raises
    ------
    AnswersError
        If the answers cannot be read as the questionnaire at all, or one of their other columns bears the name of a
        column that is derived.
    OptionError
        If `surveyed` is not a year.

    Warns
    -----
    ExportModelsWarning
        Counts the answers that are not in the code book; they count as missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels import survey
    >>> answers = pd.DataFrame({"A3": [1985, 2003], "B5": [1, 4], "B6": [1991, None], "B14": [2, None]})
    >>> firms = survey.derive(answers)
    >>> firms[["duration", "exported", "share_lower", "share_upper"]]
       duration  exported  share_lower  share_upper
    0       6.0       1.0          0.1         0.25
    1       5.0       0.0          0.0         0.00
    """
    surveyed = year_of_survey(surveyed)
    answered = Answered(tidy(answers))
    frame = answered.frame
    _warn_unreadable(answered)
    firms = {FIRM: frame[FIRM], "surveyed": pd.Series(float(surveyed), index=frame.index)}
    for column, row in columns().iterrows():
        groups = needed(row["items"])
        if groups and all(any(item in answered for item in group) for group in groups):
            firms[str(column)] = pd.Series(_column(answered, str(column), row, surveyed), index=frame.index)
    extra = frame.attrs["extra"]
    clash = [name for name in extra if name in firms]
    if clash:
        raise AnswersError(
            f"the answers bring columns that are derived from them: {listed(clash)}; rename or drop them"
        )
    ordered = [name for name in columns().index if name in firms]
    table = pd.DataFrame({**{name: firms[name] for name in ordered}, **{name: frame[name] for name in extra}})
    table.attrs = {name: value for name, value in frame.attrs.items() if name != "extra"}
    table.attrs["labels"] = columns()["label"][ordered].to_dict() | frame.attrs.get("labels", {})
    return table


def _warn_unreadable(answered: Answered) -> None:
    coded = [item for item in items() if item in answered and items()[item].type != "text"]
    counts = {item: int(answered.unreadable(item).sum()) for item in coded}
    if sum(counts.values()):
        where = listed([item for item, count in counts.items() if count])
        warnings.warn(
            f"{sum(counts.values())} answers are not in the code book and count as missing (items {where}); "
            "survey.check lists them",
            ExportModelsWarning,
            stacklevel=4,
        )


def _column(a: Answered, column: str, row: pd.Series, surveyed: int) -> Any:
    """Return one column: by its own function where it has one, else by the codes of its only item."""
    if column in MADE:
        return MADE[column](a, surveyed)
    if row["kind"] == "text":
        return _text(a, needed(row["items"])[0])
    item = row["items"]
    if row["kind"] == "flag":
        return flag(a[item], [int(code) for code in part(row["codes"], "|")])
    if row["kind"] == "number":
        return a[item]
    return category(a[item], levels(items()[item].scale), ordered=row["kind"] == "ordered")


def _text(a: Answered, group: list[str]) -> np.ndarray:
    """Return the first of several texts that is there, NaN where none is."""
    texts = a.frame[[item for item in group if item in a]].astype(object)
    return texts.bfill(axis=1).iloc[:, 0].where(lambda text: text.notna(), np.nan).to_numpy()
