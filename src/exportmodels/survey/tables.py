"""The tables that the survey is written in, read once: items, codes, routes, faults and the columns of the firms table."""

from functools import cache
from importlib.resources import files

import pandas as pd


@cache
def table(name: str) -> pd.DataFrame:
    """Return one of the package's tables, all cells text, blank where there is nothing to say.

    The frame is shared: whoever passes it on to a user copies it.
    """
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


@cache
def items() -> pd.DataFrame:
    """Return the items of the questionnaire, one row for each column of a file of answers, by item id."""
    return table("questionnaire").set_index("id")


@cache
def codes() -> pd.DataFrame:
    """Return the answer codes of every scale, in printed order."""
    return table("codes").astype({"code": int, "order": int})


@cache
def scale(name: str) -> pd.DataFrame:
    """Return the codes of one scale, by code."""
    return codes().loc[lambda all_codes: all_codes["scale"] == name].set_index("code")


@cache
def levels(name: str) -> dict[int, str]:
    """Return code -> level of the firms table for one scale, lowest level first."""
    return scale(name).sort_values("order")["level"].to_dict()


@cache
def options(question: str) -> tuple[str, ...]:
    """Return the items of a question that offers several, without the lines to write on."""
    chosen = items().loc[lambda all_items: all_items["question"] == question]
    return tuple(chosen.index[chosen["type"] != "text"])


def part(text: str, separator: str) -> list[str]:
    """Split a cell of a table into its parts, none when it is blank."""
    return [piece.strip() for piece in text.split(separator)] if text else []
