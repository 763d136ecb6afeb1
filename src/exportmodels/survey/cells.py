"""From what stands in one cell to an answer: codes or labels in either language, numbers, text."""

import math
import re
import unicodedata
from functools import cache
from numbers import Real
from typing import Any

import pandas as pd

from .tables import items, scale

BLANK = {"", "na", "n/a", "nan", "<na>", "."}
NUMBER = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,15})?%?")
SAME = str.maketrans("–—−’‘`´", "---''''")


def answers_in(item: str, cells: pd.Series) -> pd.Series:
    """Return the answers in one column of cells.

    Parameters
    ----------
    item : str
        Item id.
    cells : pandas.Series
        Its cells, of any type.

    Returns
    -------
    pandas.Series
        Codes as `Int64`, numbers as `Float64`, text as `string`, missing where the cell is blank. A cell that
        is no answer to the item keeps its text, and the column is then of type `object`: nothing is lost.
    """
    texts = [_text(cell) for cell in cells]
    if items()[item].type == "text":
        return pd.Series([text or None for text in texts], index=cells.index, dtype="string")
    meanings = {text: _meaning(item, text) for text in set(texts)}
    values = [meanings[text] for text in texts]
    dtype = "Int64" if items()[item].scale else "Float64"
    if any(isinstance(value, str) for value in values):
        dtype = "object"
    return pd.Series(values, index=cells.index, dtype=dtype)


def _text(cell: Any) -> str:
    """Write a cell of any type as it would stand in a file of text."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, bool) or type(cell).__name__ == "bool":
        return "yes" if cell else "no"
    if isinstance(cell, Real):
        return _written(cell)
    return unicodedata.normalize("NFC", str(cell)).strip()


def _written(number: Real) -> str:
    try:
        value = float(number)
    except OverflowError:
        return str(number)
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(number)


def _meaning(item: str, text: str) -> int | float | str | None:
    """Return the code or number that a cell stands for, its text when it stands for none, None when it is blank."""
    if key(text) in BLANK:
        return None
    if items()[item].scale:
        return _codes(item).get(key(text), text)
    return float(text.rstrip("%").replace(",", ".")) if NUMBER.fullmatch(text) else text


def key(text: str) -> str:
    """Return what counts in a label: no upper case, no spaces, one kind of dash and of apostrophe."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().translate(SAME).split())


@cache
def _codes(item: str) -> dict[str, int]:
    """Return everything that may stand in a cell of the item, as `key` writes it, with the code it means."""
    known: dict[str, int] = {}
    for code in scale(items()[item].scale):
        known |= {key(text): code.code for text in (str(code.code), code.label_nl, code.label_en)}
    if items()[item].scale == "tick":
        labels = (items()[item].option_nl, items()[item].option_en)
        known |= {key(text): 1 for text in ("x", "true", *labels) if text} | {"false": 0}
    return known
