"""The door for data: frames of any make become pandas, columns become arrays that name their faults."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .errors import DataError, FormulaError, rows_that, shown

# Numbers beyond this have squares, and products with each other, that are no numbers.
LARGEST = 1e100


def to_pandas(data: Any) -> pd.DataFrame:
    """Return a pandas frame from pandas, polars, Arrow, a mapping of columns, or anything narwhals reads.

    Parameters
    ----------
    data : data frame or mapping
        Any data frame that narwhals knows, lazy ones included, or a mapping of column names to arrays.

    Returns
    -------
    pandas.DataFrame
        The same frame where it was pandas already, never a view that the package writes to.

    Raises
    ------
    DataError
        If `data` is none of these, or two of its columns have the same name.
    """
    if isinstance(data, pd.DataFrame):
        frame = data
    elif isinstance(data, dict):
        frame = _of_columns(data)
    else:
        import narwhals as nw

        try:
            native = nw.from_native(data)
        except TypeError:
            raise DataError(
                f"data is a {type(data).__name__}; give a data frame (pandas, polars, Arrow) or a dict of columns"
            ) from None
        frame = (native.collect() if isinstance(native, nw.LazyFrame) else native).to_pandas()
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].tolist()
        raise DataError(f"the data have two columns named {twice[0]!r}; rename one")
    return frame


def _of_columns(data: dict[Any, Any]) -> pd.DataFrame:
    try:
        return pd.DataFrame(data)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"the dict of columns is no data frame: {error}") from None


def matrix_of(values: Any, name: str) -> np.ndarray:
    """Return a float array of one or two dimensions, or say that the values are no matrix of numbers."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{name} must be numbers, a matrix (rows, columns) or a data frame: {error}") from None
    if array.ndim not in (1, 2):
        raise DataError(f"{name} must be a matrix (rows, columns); they have {array.ndim} dimensions")
    return array


def series_of(values: Any, name: str) -> pd.Series:
    """Return a column of any make under its own name, or under `name`; raise `DataError` where it is no column."""
    if isinstance(values, pd.Series):
        return values if values.name is not None else values.rename(name)
    if hasattr(values, "to_pandas"):  # a polars series, an Arrow column
        return series_of(values.to_pandas(), name)
    if isinstance(values, pd.api.extensions.ExtensionArray | pd.CategoricalIndex):  # levels in an order of their own
        return pd.Series(values, name=name)
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        raise DataError(f"{name} must be one column of values; its rows have different lengths") from None
    if array.dtype.names:
        raise DataError(f"{name} must be one column of values, not of records")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{name} must have one dimension; it has {array.ndim}")
    return pd.Series(array, name=name)


def column(frame: pd.DataFrame, name: str, role: str) -> pd.Series:
    """Return one column, or say which columns there are."""
    if name not in frame.columns:
        raise FormulaError(
            f"{role} names the column {name!r}, which the data do not have; they have: {listed(frame.columns)}"
        )
    return frame[name]


def listed(names: Sequence[object] | pd.Index, most: int = 12) -> str:
    """Join names for a message, cut where there are many."""
    shown = ", ".join(map(str, names[:most]))
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def natural(level: Any) -> tuple[bool, Any, str]:
    """Sort numbers by size, before everything else by its text."""
    number = isinstance(level, int | float | np.number) and not isinstance(level, np.complexfloating)
    return not number, level if number else 0, str(level)


def numbered(values: Any) -> tuple[np.ndarray, list[Any]]:
    """Return the number of each cell's level from zero, -1 where it is missing, and the ordered levels of any type."""
    code, found = pd.factorize(np.asarray(values))
    order = sorted(range(len(found)), key=lambda k: natural(found[k]))
    return np.append(np.argsort(order), -1)[code], [found[k] for k in order]


def distinct(series: pd.Series, name: str) -> list[Any]:
    """Return the different values of a column that are not missing, or say that its cells are no single values."""
    try:
        return list(series.dropna().unique())
    except TypeError:
        wrong = [isinstance(value, list | dict | set | np.ndarray) for value in series]
        raise DataError(
            f"{name} must hold one value in a cell; {rows_that('hold', series.index[wrong])} several"
        ) from None


def plain(series: pd.Series) -> pd.Series:
    """Return a column that numpy understands: nullable and Arrow types become floats, booleans or objects."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype | pd.CategoricalDtype):
        return series
    if pd.api.types.is_bool_dtype(dtype):
        return series.astype(object if series.isna().any() else bool)
    if pd.api.types.is_numeric_dtype(dtype):
        return pd.Series(series.to_numpy(dtype=float, na_value=np.nan), index=series.index, name=series.name)
    return series.astype(object) if "pyarrow" in str(dtype) else series


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan


def _coerced(series: pd.Series, name: str, labels: pd.Index) -> np.ndarray:
    """Return a column that is not of numbers as floats, or name the first rows that cannot be."""
    series = plain(series)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    if series.dtype.kind in "mMc":
        raise DataError(f"{name} must be numeric; it holds {series.dtype}")
    try:
        coerced = pd.to_numeric(series, errors="coerce")
    except OverflowError:  # whole numbers that no float can hold
        coerced = series.map(_number)
    converted = (coerced if coerced.dtype.kind in "fiub" else series.map(_number)).to_numpy(dtype=float)
    wrong = np.isnan(converted) & series.notna().to_numpy()
    if wrong.any():
        raise DataError(f"{name} must be numeric; {rows_that('hold', labels[wrong])} {shown(series[wrong].iloc[0])}")
    return converted


def numbers(values: Any, name: str, labels: pd.Index, *, finite: bool = True) -> np.ndarray:
    """Return a float array, or name the first rows that are no numbers.

    Parameters
    ----------
    values : array_like, shape (n,)
        The column.
    name : str
        What messages call it.
    labels : pandas.Index, shape (n,)
        Row labels for messages.
    finite : bool, default True
        Whether infinite and missing values are errors.

    Raises
    ------
    DataError
        If some value is not a number, or not finite where it must be.
    """
    series = series_of(values, name)
    plainly = isinstance(series.dtype, np.dtype) and series.dtype.kind in "fiub"
    converted = series.to_numpy(dtype=float) if plainly else _coerced(series.set_axis(labels), name, labels)
    if finite:
        refuse_extremes(converted, name, labels)
    return converted


def column_of_numbers(values: Any, name: str, *, finite: bool = True) -> np.ndarray:
    """Return a column of any make as floats, shape (n,); raise `DataError` as `series_of` and `numbers` do."""
    series = series_of(values, name)
    return numbers(series, name, series.index, finite=finite)


def refuse_extremes(values: np.ndarray, name: str, labels: pd.Index) -> None:
    """Raise `DataError` where values are not finite, or so large that their squares are not."""
    if not values.size or np.abs(values).max() <= LARGEST:
        return
    for rule, limit in (("be finite", np.finfo(float).max), ("lie within 1e100 of zero: rescale it", LARGEST)):
        wrong = ~(np.abs(values) <= limit)
        if wrong.any():
            raise DataError(f"{name} must {rule}; {rows_that('hold', labels[wrong])} {values[wrong][0]}")
