"""The firms table at the door of a figure: numbers as floats, levels as categories, or an error that says why not."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, rows_that
from ..core.frames import distinct, natural, numbers, refuse_extremes, to_pandas
from ..survey import columns


def firms_table(firms: Any) -> pd.DataFrame:
    """Return a firms table of any make with the columns that figures know as they read them.

    Raises
    ------
    DataError
        If a column does not hold what the firms table has there.
    """
    frame = to_pandas(firms)
    read = pd.DataFrame({name: _read(frame[name]) for name in frame.columns}, index=frame.index)
    read.attrs = frame.attrs
    return read


def _read(values: pd.Series) -> pd.Series:
    known = columns()
    if values.name not in [*known.index, "weight"]:
        return values
    kind = known["kind"].get(values.name, "number")
    if kind in ("number", "flag"):
        return _floats(values, flag=kind == "flag")
    if kind in ("ordered", "category"):
        return _categories(values, known["levels"][values.name], ordered=kind == "ordered")
    return values


def _floats(values: pd.Series, *, flag: bool) -> pd.Series:
    role, known = f"column {values.name!r}", values.notna().to_numpy()
    floats = numbers(values, role, values.index, finite=False)
    refuse_extremes(floats[known], role, values.index[known])
    wrong = known & ~np.isin(floats, (0, 1))
    if flag and wrong.any():
        raise DataError(f"{role} must hold 0 and 1; {rows_that('hold', values.index[wrong])} {floats[wrong][0]:g}")
    return pd.Series(floats, index=values.index, name=values.name)


def _categories(values: pd.Series, levels: tuple[str, ...], *, ordered: bool) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    found = distinct(values, f"column {values.name!r}")
    known = levels if set(found) <= set(levels) else sorted(found, key=natural)
    return values.astype(pd.CategoricalDtype(list(known), ordered=ordered))
