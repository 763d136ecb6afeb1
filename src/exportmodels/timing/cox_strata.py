"""Strata of a Cox model: their numbers in new data, and the column that they make beside the covariates."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import FormulaError, shown
from ..core.frames import column, to_pandas
from ..core.sample import Sample


def stratum_numbers(newdata: Any, name: str, levels: list[Any]) -> np.ndarray:
    """Return the number of each new row's stratum, shape (n, 1); each must have a baseline."""
    own = column(to_pandas(newdata), name, "strata")
    code = pd.Index(levels).get_indexer(own)
    if (code < 0).any():
        raise FormulaError(f"column {name!r} holds {shown(own[code < 0].iloc[0])}, a stratum without a baseline")
    return code[:, None]


def with_strata(frame: pd.DataFrame, sample: Sample, name: str, levels: list[Any]) -> pd.DataFrame:
    """Return the frame of covariates with the strata of the used rows as a category."""
    own = pd.Index(levels)[sample.columns["strata"]]
    return frame.assign(**{name: pd.Categorical(own, categories=levels)})
