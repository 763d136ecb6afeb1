"""Causes: which of several events ended a duration, and which value says that none did."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError, OutcomeError
from ..core.frames import distinct, listed, natural, plain
from ..core.options import shown
from ..core.sample import Sample


def read_causes(values: Any, censored: Any, labels: pd.Index) -> tuple[np.ndarray, list[Any]]:
    """Return each row's cause as a number, 0 for none, and the causes in order.

    Parameters
    ----------
    values : array_like, shape (n,)
        The column: numbers, texts or categories.
    censored : object
        The value of rows without an event.
    labels : pandas.Index, shape (n,)
        Row labels.

    Raises
    ------
    OutcomeError
        If there are no events.
    OptionError
        If no row holds the value `censored` although it is no number, which is most likely a slip.
    """
    _refuse_no_value("censored", censored)
    series = plain(pd.Series(values, index=labels))
    present = distinct(series, "event")
    if isinstance(series.dtype, pd.CategoricalDtype):
        levels = [level for level in series.cat.categories if level in present]
    else:
        levels = sorted(present, key=natural)
    causes = [level for level in levels if level != censored]
    if not causes:
        raise OutcomeError("there are no events: every duration is cut off")
    if isinstance(causes[0], str) and censored not in levels:
        raise OptionError(
            f"no row of the event column holds {censored!r}, the value for rows without an event; name it with "
            f"censored=. There are: {listed(levels)}"
        )
    number = {level: k + 1 for k, level in enumerate(causes)}
    return np.array([number.get(value, 0) for value in series], dtype=np.int64), causes


def with_causes(sample: Sample, censored: Any) -> tuple[Sample, list[Any]]:
    """Return the sample with its column `event` as numbers of causes, and the causes."""
    codes, causes = read_causes(sample.columns["event"], censored, sample.labels)
    return replace(sample, columns={**sample.columns, "event": codes}), causes


def chosen_cause(cause: Any, causes: list[Any]) -> int:
    """Return the number of the cause of interest, or say which there are."""
    _refuse_no_value("cause", cause)
    if cause not in causes:
        raise OptionError(f"cause= must name one of the events: {listed(causes)}; not {cause!r}")
    return causes.index(cause) + 1


def _refuse_no_value(name: str, value: Any) -> None:
    """Raise `OptionError` if what should be one value of the event column is a list, or no value at all."""
    if not pd.api.types.is_scalar(value) or pd.isna(value):
        raise OptionError(f"{name} must be one value of the event column; not {shown(value)}")
