"""Long frames of firms and their markets: both must be named, and each pair occur once."""

import pandas as pd

from ..core.errors import DataError, rows
from ..core.frames import column


def firm_markets(frame: pd.DataFrame, firm: str, market: str, remedy: str) -> tuple[pd.Series, pd.Series]:
    """Return the columns with the names of firms and markets, or name the rows that cannot be used.

    Parameters
    ----------
    frame : DataFrame
        One row a firm and market.
    firm, market : str
        The columns.
    remedy : str
        What to do about pairs that occur twice, for the message.

    Raises
    ------
    DataError
        If the frame is empty, a name is missing, or a pair occurs twice.
    """
    if frame.empty:
        raise DataError("the frame has no rows; one for each firm and market is needed")
    names, markets = (column(frame, name, "the frame of firms and markets") for name in (firm, market))
    for name, values in ((firm, names), (market, markets)):
        gone = values.isna().to_numpy()
        if gone.any():
            raise DataError(f"column {name!r} is missing in {rows(frame.index[gone])}; name them or leave the rows out")
    twice = frame.duplicated([firm, market]).to_numpy()
    if twice.any():
        raise DataError(f"{rows(frame.index[twice])} repeat a firm and market; {remedy}")
    return names, markets
