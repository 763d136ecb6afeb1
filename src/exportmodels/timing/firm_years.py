"""From one row a firm to one row a firm and year, for covariates that change with time."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError
from ..core.frames import column, to_pandas
from ..core.options import checked
from ..core.outcomes import Duration
from .discrete_hazard_checks import whole_years


@checked
def person_period(
    data: Any,
    duration: str,
    event: str,
    entry: str | None = None,
    *,
    firm: str = "firm",
    period: str = "period",
) -> pd.DataFrame:
    """Return the firm-period table: one row for each year in which a firm could have the event.

    Parameters
    ----------
    data : data frame
        One row a firm.
    duration : str
        Column of whole years until the event or the end of observation: 0, 1, 2, ...
    event : str
        Column that is 1 where the event happened in the last year, 0 where the firm was still without it.
    entry : str, optional
        Column of the first year at risk (late entry); default 0.
    firm : str, default "firm"
        Column that identifies firms; made of the row labels where the data have none of that name.
    period : str, default "period"
        Name of the new column of years.

    Returns
    -------
    DataFrame
        The firms' columns, repeated; `firm`, `period`, and in the column `event` whether it happened in that year. A
        firm of duration d has the rows entry, ..., d. Covariates that change with time are added by the caller.

    Raises
    ------
    OutcomeError
        If durations are no whole years, or entry lies after the end.
    DataError
        If durations or events are missing, or the data have a column named as `period` says.

    See Also
    --------
    DiscreteHazard : Its option `period=` fits such a table.

    Examples
    --------
    A firm's imports often come before its exports, and then change its chances:

    >>> import pandas as pd
    >>> from exportmodels.timing import person_period
    >>> firms = pd.DataFrame({"years": [1, 2], "exported": [1, 0], "first_import": [1, 5]})
    >>> rows = person_period(firms, "years", "exported")
    >>> rows["importing"] = (rows["period"] >= rows["first_import"]).astype(int)
    >>> print(rows.to_string(index=False))
     firm  period  years  exported  first_import  importing
        0       0      1         0             1          0
        0       1      1         1             1          1
        1       0      2         0             5          0
        1       1      2         0             5          0
        1       2      2         0             5          0
    """
    frame = to_pandas(data)
    if period == firm:
        raise OptionError(f"firm= and period= must be two columns; both are {firm!r}")
    if period in frame.columns:
        raise DataError(f"the data have a column {period!r} already; give the new column another name with period=")
    last, happened, first = _read(frame, duration, event, entry)
    times = last - first + 1
    row = np.repeat(np.arange(len(frame)), times)
    year = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times) + first[row]
    table = frame.take(row).reset_index(drop=True)
    table[event] = ((year == last[row]) & (happened[row] == 1)).astype(int)
    own = frame[firm] if firm in frame.columns else frame.index
    table = table.drop(columns=firm, errors="ignore")
    table.insert(0, firm, own.to_numpy()[row])
    table.insert(1, period, year)
    return table


def _read(frame: pd.DataFrame, duration: str, event: str, entry: str | None) -> tuple[np.ndarray, ...]:
    labels = frame.index
    last = whole_years(Duration().read(column(frame, duration, "duration"), duration, labels), duration, labels)
    happened = Duration.read_event(column(frame, event, "event"), labels)
    if entry is None:
        return last, happened, np.zeros(len(frame), dtype=np.int64)
    first = Duration.read_entry(column(frame, entry, "entry"), last.astype(float), labels, strictly=False)
    return last, happened, whole_years(first, entry, labels)
