"""The columns of the firms table: labels for tables and figures, units, levels, the items behind them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd

from .tables import items, levels, options, part, table


def columns() -> pd.DataFrame:
    """Return what is known of every column of the firms table; labels in tables and figures come from here.

    Returns
    -------
    pandas.DataFrame
        One row for each column of the firms table, by its name, in the table's order: `label` (plain
        English), `unit`, `kind` (`"id"`, `"text"`, `"number"`, `"flag"` for 0 and 1, `"category"`,
        `"ordered"`), `items` (the items of the questionnaire it is made from, separated by spaces, or by
        `|` where any of them will do), `codes` (the answers that count as 1, of a flag taken from one
        item), `levels` (tuple, lowest first), `question` (the wording of the items, in English).

    Examples
    --------
    >>> from exportmodels import survey
    >>> survey.columns().loc["years_to_export", ["label", "unit", "items"]].tolist()
    ['Years from founding to first export', 'years', 'A3 B6']
    >>> survey.columns().loc["market", "levels"]
    ('local', 'european', 'global')
    """
    return _columns().copy()


@cache
def _columns() -> pd.DataFrame:
    described = [row for line in table("columns").to_dict("records") for row in _expand(line)]
    frame = pd.DataFrame(described).set_index("column")
    frame["levels"] = [_levels(row) for row in described]
    frame["question"] = [_question(needed(row["items"])) for row in described]
    return frame


def _expand(line: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
    """Write a line whose name ends in `*` out, one column for each option of its question."""
    stem, star, _ = line["column"].partition("*")
    if not star:
        yield line
        return
    question = line["items"].removesuffix("_*")
    for item in options(question):
        option = items()[item].option_en.partition(" (")[0]
        suffix = item.removeprefix(f"{question}_")
        yield {**line, "column": stem + suffix, "items": item, "label": line["label"].format(option=option)}


def _levels(row: dict[Any, Any]) -> tuple[str, ...]:
    if row["kind"] not in ("category", "ordered"):
        return ()
    return tuple(part(row["levels"], "|") or levels(items()[row["items"]].scale).values())


def needed(text: str) -> list[list[str]]:
    """Return the items behind a column: every group must be in the file, any item of a group will do."""
    groups = []
    for name in part(text, " "):
        if name.endswith("_*"):
            groups += [[item] for item in options(name.removesuffix("_*"))]
        else:
            groups.append(part(name, "|"))
    return groups


def _question(groups: list[list[str]]) -> str:
    wordings = [items()[item].wording_en for group in groups for item in group]
    return " / ".join(dict.fromkeys(wordings))


@cache
def fed_by() -> dict[str, list[str]]:
    """Return item -> the columns of the firms table that are made from it."""
    fed: dict[str, list[str]] = {item: [] for item in items()}
    for column, text in _columns()["items"].items():
        for group in needed(text):
            for item in group:
                fed[item].append(str(column))
    return fed
