"""Groups of firms compared on a categorical outcome: an exact test, beside the published figure."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError
from ..core.frames import column, distinct, series_of, to_pandas
from ..core.options import checked
from ..inference.exact import fisher_exact
from .published_classes import published_share_for


@checked
def tabulate(firms: Any, outcome: Any, by: str = "niche") -> pd.DataFrame:
    """Compare groups of firms on a categorical outcome, with an exact test, beside the published figure.

    Parameters
    ----------
    firms : data frame
        A firms table.
    outcome : str or Series, shape (n,)
        A column, or a class made from one, such as `typology(firms)`.
    by : str, default "niche"
        The column with the groups.

    Returns
    -------
    DataFrame
        One row a level of the outcome: for each group the number of firms, their share in percent, and the published
        percentage where there is one (for niche against mass). `attrs["test"]` is the exact test of the whole table, an
        `inference.ExactTest`.

    Raises
    ------
    DataError
        If fewer than two groups, or fewer than two levels, have firms.

    Examples
    --------
    >>> from exportmodels import data, survey
    >>> from exportmodels.strategy import tabulate, typology
    >>> firms = survey.derive(data.synthetic_flanders(50, seed=1))
    >>> table = tabulate(firms, typology(firms))
    >>> print(table[[("niche=0", "firms"), ("niche=1", "firms")]].to_string())
                      niche=0 niche=1
                        firms   firms
    typology
    local                   2       1
    international           0       0
    internationalized       6       0
    global                 11      16
    >>> round(table.attrs["test"].pvalue, 3)
    0.017
    """
    frame = to_pandas(firms)
    values = column(frame, outcome, "outcome") if isinstance(outcome, str) else series_of(outcome, "outcome")
    if len(values) != len(frame):
        raise OptionError(f"outcome has {len(values)} entries, the firms table {len(frame)} rows")
    groups = column(frame, by, "by")
    distinct(values, "outcome"), distinct(groups, f"column {by!r}")
    counts = pd.crosstab(values.set_axis(frame.index), groups, dropna=False)
    counts = counts.loc[counts.index.notna(), counts.columns.notna()]
    told = counts.loc[:, counts.sum() > 0]
    full = told[told.sum(axis=1) > 0]
    if full.shape[0] < 2 or full.shape[1] < 2:
        raise DataError(
            f"{values.name!r} by {by!r} has fewer than two levels or two groups with firms: nothing to compare"
        )
    name = outcome if isinstance(outcome, str) else str(values.name)
    published = published_share_for(name)
    parts = {}
    for level in told.columns:
        figures = [published(by, level, str(category)) for category in told.index]
        parts[f"{by}={level:g}" if isinstance(level, float) else f"{by}={level}"] = pd.DataFrame(
            {
                "firms": told[level],
                "percent": 100 * told[level] / told[level].sum(),
                "published": [np.nan if figure is None else 100 * figure.value for figure in figures],
            },
            index=told.index,
        )
    table = pd.concat(parts, axis=1).rename_axis(name)
    table.attrs = {**frame.attrs, "test": fisher_exact(full.to_numpy())}
    return table
