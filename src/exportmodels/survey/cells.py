"""From what stands in one cell to an answer: codes or labels in either language, numbers, text."""

import math
import re
import unicodedata
from functools import cache
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from .tables import items, scale

BLANK = {"", "na", "n/a", "nan", "<na>", "."}
NUMBER = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,30})?%?")
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
    written = [_text(cell) for cell in cells] if cells.dtype == object else cells
    place, distinct = pd.factorize(pd.Series(written, index=cells.index))
    meanings = [_meaning(item, _text(cell)) for cell in distinct]
    if items()[item].type == "text":
        dtype = "string"
    elif any(isinstance(meaning, str) for meaning in meanings):
        dtype = "object"
    else:
        dtype = "Int64" if items()[item].scale else "Float64"
    column = pd.Series([*meanings, None], dtype=dtype).take(place)  # place -1, missing, takes the last
    return column.set_axis(cells.index)


def _text(cell: Any) -> str:
    """Write a cell of any type as it would stand in a file of text."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, bool | np.bool_):
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
    return str(number) if isinstance(number, Integral) else np.format_float_positional(value, trim="-")


def _meaning(item: str, text: str) -> int | float | str | None:
    """Return the code, number or text that a cell stands for, its text when it is no answer, None when it is blank."""
    if items()[item].type == "text":
        return text or None
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
        numbers = (f"{code.code}", f"{code.code}.0", f"{code.code},0")  # 4.0 in columns with blanks that pandas wrote
        known |= {key(text): code.code for text in (*numbers, code.label_nl, code.label_en)}
    if items()[item].scale == "tick":
        labels = (items()[item].option_nl, items()[item].option_en)
        known |= {key(text): 1 for text in ("x", "true", *labels) if text} | {"false": 0}
    return known
