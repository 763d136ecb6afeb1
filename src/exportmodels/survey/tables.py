"""The tables that the survey is written in, read once: items, codes, routes, faults, columns of the firms table."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import pandas as pd


class Item(NamedTuple):
    """One column of a file of answers; the fields are those of `Questionnaire.items`."""

    id: str
    question: str
    number: str
    section: str
    section_nl: str
    section_en: str
    type: str
    scale: str
    wording_nl: str
    wording_en: str
    option_nl: str
    option_en: str
    asked: str


class Code(NamedTuple):
    """One answer of a scale: its code, its labels, its level in the firms table and that level's place."""

    code: int
    label_nl: str
    label_en: str
    level: str
    order: int


@cache
def table(name: str) -> pd.DataFrame:
    """Return one of the package's tables, all cells text, blank where there is nothing to say.

    The frame is shared: whoever passes it on to a user copies it.
    """
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


@cache
def items() -> dict[str, Item]:
    """Return the items of the questionnaire by id, in the questionnaire's order."""
    return {row[0]: Item(*row) for row in table("questionnaire").itertuples(index=False)}


@cache
def scale(name: str) -> tuple[Code, ...]:
    """Return the codes of one scale in printed order, none for a blank name."""
    codes = table("codes")
    rows = codes[codes["scale"] == name].drop(columns="scale").itertuples(index=False)
    return tuple(Code(int(code), nl, en, level, int(order)) for code, nl, en, level, order in rows)


@cache
def levels(name: str) -> dict[int, str]:
    """Return code -> level of the firms table for one scale, lowest level first."""
    return {code.code: code.level for code in sorted(scale(name), key=lambda code: code.order)}


@cache
def options(question: str) -> tuple[str, ...]:
    """Return the items of a question that offers several, without the lines to write on."""
    return tuple(item.id for item in items().values() if item.question == question and item.type != "text")


def part(text: str, separator: str) -> list[str]:
    """Split a cell of a table into its parts, none when it is blank."""
    return [piece.strip() for piece in text.split(separator)] if text else []
