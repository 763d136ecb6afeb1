"""Weights given to a function rather than to a model: checked by the rules of the models."""

from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..core.errors import WeightError
from ..core.frames import series_of
from ..core.sample import _weight


def read_weights(values: ArrayLike | None, role: str, labels: pd.Index) -> np.ndarray:
    """Return one weight a row, ones where none are given.

    Parameters
    ----------
    values : array_like, shape (n,), or None
        Frequencies or sampling weights.
    role : {"frequency", "weights"}
        Which of the two: frequencies are whole numbers, sampling weights are positive.
    labels : Index, shape (n,)
        Row labels for messages.

    Raises
    ------
    WeightError
        Naming the rule and the first offending rows.
    """
    if values is None:
        return np.ones(len(labels))
    series = series_of(values, role)
    if len(series) != len(labels):
        raise WeightError(f"{role} must be one a row; there are {len(series)} for {len(labels)} rows")
    nothing_missing = np.zeros(len(labels), dtype=bool)
    checked = cast(np.ndarray, _weight(series.set_axis(labels), role, labels, nothing_missing))
    if checked.sum() == 0:
        raise WeightError(f"{role} are all zero, so no firm is left")
    return checked
