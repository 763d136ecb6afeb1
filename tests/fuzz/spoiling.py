"""Ways to spoil a table: columns of types that nobody meant, and tables of other makes and shapes."""

import datetime
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

Column = pd.Series


def _first(column: Column, *values: Any) -> Column:
    """Put other values into the first rows of a column."""
    spoiled = column.astype(object).copy()
    values = values[: len(spoiled)]
    spoiled.iloc[: len(values)] = pd.Series(values, dtype=object, index=spoiled.index[: len(values)])
    return spoiled


def _numbered(column: Column) -> Column:
    return pd.Series(np.arange(len(column)), index=column.index)


COLUMNS: dict[str, Callable[[Column], Any]] = {
    "text": lambda c: c.astype(str),
    "text among numbers": lambda c: _first(c, "many"),
    "numbers as text": lambda c: pd.Series([f" {value} " for value in c], index=c.index),
    "mixed": lambda c: _first(c, "a", 1, 2.5, None, True, b"x"),
    "lists": lambda c: _first(c, [1, 2], (3,), {"a": 1}),
    "sets": lambda c: _first(c, {1}),
    "complex": lambda c: _numbered(c) + 1j,
    "complex among numbers": lambda c: _first(c, 1j),
    "decimal": lambda c: c.map(lambda value: decimal.Decimal(str(value)) if isinstance(value, float | int) else value),
    "bool": lambda c: _numbered(c) % 2 == 0,
    "bool with none": lambda c: _first(_numbered(c) % 2 == 0, None),
    "dates": lambda c: pd.Timestamp("2008-01-01") + pd.to_timedelta(_numbered(c), unit="D"),
    "date objects": lambda c: _first(c, datetime.date(2008, 1, 1)),
    "timedeltas": lambda c: pd.to_timedelta(_numbered(c), unit="h"),
    "periods": lambda c: pd.Series(pd.period_range("2000", periods=len(c), freq="Y"), index=c.index),
    "intervals": lambda c: pd.cut(_numbered(c), 4),
    "categories": lambda c: c.astype("category"),
    "unused category": lambda c: c.map(str).astype(pd.CategoricalDtype([*sorted(set(c.map(str))), "none"])),
    "category of numbers": lambda c: (_numbered(c) % 3).astype("category"),
    "Int64": lambda c: (_numbered(c) % 3).astype("Int64"),
    "Int64 with NA": lambda c: (_numbered(c) % 3).astype("Int64").where(_numbered(c) > 3),
    "boolean with NA": lambda c: (_numbered(c) % 2 == 0).astype("boolean").where(_numbered(c) > 3),
    "string with NA": lambda c: c.astype("string").where(_numbered(c) > 3),
    "Float64 with NA": lambda c: _numbered(c).astype("Float64").where(_numbered(c) > 3),
    "Arrow numbers": lambda c: (_numbered(c) % 2).astype("int64[pyarrow]"),
    "Arrow text with NA": lambda c: _first(c.astype(str), None).astype(pd.ArrowDtype(pa.string())),
    "sparse": lambda c: pd.Series(pd.arrays.SparseArray(_numbered(c) % 2), index=c.index),
    "infinite": lambda c: _first(c, np.inf).infer_objects(),
    "minus infinite": lambda c: _first(c, -np.inf),
    "missing": lambda c: _first(c, np.nan).infer_objects(),
    "all missing": lambda c: np.nan,
    "all None": lambda c: pd.Series([None] * len(c), index=c.index, dtype=object),
    "all NA": lambda c: pd.Series([pd.NA] * len(c), index=c.index),
    "one known": lambda c: c.where(_numbered(c) == 0),
    "zero": lambda c: 0,
    "one": lambda c: 1,
    "constant text": lambda c: "a",
    "negative": lambda c: -1.0 - _numbered(c),
    "row number": _numbered,
    "very large": lambda c: 10**15 + _numbered(c),
    "too large": lambda c: pd.Series([10**400] * len(c), index=c.index, dtype=object),
    "largest": lambda c: 1e308 * (1 - 2.0 * (_numbered(c) % 2)),
    "large": lambda c: 1e150 * (1 + _numbered(c)),
    "tiny": lambda c: 1e-300 * (1 + _numbered(c)),
    "one huge": lambda c: _first(c, 1e200),
    "float32": lambda c: _numbered(c).astype("float32") / 7,
    "int8": lambda c: _numbered(c).astype("int8"),
    "uint64": lambda c: _numbered(c).astype("uint64") + np.uint64(2**63),
    "perfect": lambda c: (_numbered(c) > len(c) / 2).astype(float),
    "half": lambda c: c.mask(_numbered(c) % 2 == 0) if c.dtype.kind in "fiub" else c,
}
"""What is done to one column."""


def _with_records(frame: pd.DataFrame) -> Any:
    return frame.to_records(index=False)


def _levels(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.MultiIndex.from_product([["a"], frame.columns]), axis=1)


TABLES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "as it is": lambda f: f,
    "polars": lambda f: pl.from_pandas(f),
    "lazy polars": lambda f: pl.from_pandas(f).lazy(),
    "Arrow": lambda f: pa.Table.from_pandas(f),
    "dict": lambda f: dict(f),
    "dict of lists": lambda f: {name: list(f[name]) for name in f},
    "dict of other lengths": lambda f: {name: list(f[name])[: 5 + k] for k, name in enumerate(f)},
    "dict of scalars": lambda f: dict.fromkeys(f, 1),
    "empty dict": lambda f: {},
    "no rows": lambda f: f.iloc[:0],
    "one row": lambda f: f.iloc[:1],
    "two rows": lambda f: f.iloc[:2],
    "five rows": lambda f: f.iloc[:5],
    "no columns": lambda f: f[[]],
    "one column": lambda f: f.iloc[:, :1],
    "column twice": lambda f: pd.concat([f, f.iloc[:, :1]], axis=1),
    "column levels": _levels,
    "numbered columns": lambda f: f.set_axis(range(f.shape[1]), axis=1),
    "odd names": lambda f: f.rename(columns={"x1": "a b", "x2": "é", "x3": ""}),
    "further odd columns": lambda f: f.assign(**{"a b": 1, "": 2, "x 1": "c"}),
    "rows of one label": lambda f: f.set_axis([7] * len(f)),
    "rows of texts": lambda f: f.set_axis([f"firm {k % 5}" for k in range(len(f))]),
    "row levels": lambda f: f.set_index(list(f.columns[:2]), drop=False).rename_axis([None, None]),
    "row dates": lambda f: f.set_axis(pd.date_range("2000", periods=len(f))),
    "row gaps": lambda f: f.iloc[::2],
    "reversed": lambda f: f.iloc[::-1],
    "repeated": lambda f: pd.concat([f, f]),
    "all text": lambda f: f.astype(str),
    "all object": lambda f: f.astype(object),
    "nullable": lambda f: f.convert_dtypes(),
    "all Arrow": lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
    "all missing": lambda f: f.mask(np.ones(f.shape, dtype=bool)),
    "records": _with_records,
    "matrix": lambda f: f.to_numpy(),
    "one series": lambda f: f.iloc[:, 0],
    "list of rows": lambda f: f.to_dict("records"),
    "None": lambda f: None,
    "text": lambda f: "firms.csv",
    "number": lambda f: 3,
    "class": lambda f: pd.DataFrame,
    "polars column": lambda f: pl.Series("x1", range(len(f))),
}
"""What is done to a whole table."""
