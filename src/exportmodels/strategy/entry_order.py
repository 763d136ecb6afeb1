"""Sprinkler or waterfall: the classification of firms by the order in which they entered their markets."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.options import checked
from ..spread.sequence import sprinkler_index

LEVELS = ("waterfall", "sprinkler", "single market")


@checked
def classify_entry(
    entries: Any,
    *,
    within: int = 3,
    share: float = 0.5,
    firm: str = "firm",
    market: str = "market",
    year: str = "year",
    origin: Any = None,
    until: Any = None,
) -> pd.DataFrame:
    """Classify firms as sprinkler or waterfall from the years in which they entered their markets.

    Parameters
    ----------
    entries : data frame
        One row for each firm and market it entered.
    within : int, default 3
        How many years count as the first ones.
    share : float, default 0.5
        A firm is a sprinkler if at least this share of its markets was entered in the first years.
    firm, market, year : str
        Columns of the frame.
    origin : str or int, optional
        The year from which the first years are counted: a column, such as the founding of the firm, or one year for
        all; each firm's first entry by default.
    until : str or int, optional
        The last year a firm (a column) or everybody was observed.

    Returns
    -------
    DataFrame
        What `spread.sprinkler_index` gives, with `strategy` (waterfall, sprinkler, single market), `sprinkler` (1, 0,
        missing for a single market) and `short`: whether the firm was observed no longer than `within` years, so that
        it cannot be told from a waterfall yet.

    Raises
    ------
    DataError
        If the entry years are not usable; see `spread.sprinkler_index`.
    OptionError
        If `share` does not lie in (0, 1].

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import classify_entry
    >>> entries = pd.DataFrame({
    ...     "firm": ["a"] * 5 + ["b"] * 4 + ["c"],
    ...     "market": ["NL", "FR", "DE", "US", "JP", "NL", "FR", "DE", "UK", "NL"],
    ...     "year": [2000, 2000, 2001, 2001, 2006, 1990, 1996, 2002, 2008, 2005],
    ... })
    >>> print(classify_entry(entries, until=2008)[["index", "strategy"]].to_string())
          index       strategy
    firm
    a      0.80      sprinkler
    b      0.25      waterfall
    c       NaN  single market
    """
    if not 0 < share <= 1:
        raise OptionError(f"share must lie in (0, 1], not {share!r}")
    found = sprinkler_index(entries, within=within, firm=firm, market=market, year=year, origin=origin, until=until)
    many = found["index"] >= share
    level = np.where(found["markets"] == 1, LEVELS[2], np.where(many, LEVELS[1], LEVELS[0]))
    return found.assign(
        strategy=pd.Categorical(level, categories=list(LEVELS)),
        sprinkler=many.astype(float).where(found["markets"] > 1),
        short=found["years"] <= within,
    )
