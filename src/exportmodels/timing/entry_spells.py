"""Spells between a firm's entries into one market after another, for models of repeated entries."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, OutcomeError, rows, rows_that, shown
from ..core.frames import column, distinct, numbers, to_pandas
from ..core.options import checked, choose

# A spell that follows an entry in the very first year begins just after time zero: zero itself means the beginning.
_JUST_AFTER = 1e-9


@checked
def market_entries(
    firms: Any,
    entries: Any,
    *,
    firm: str = "firm",
    market: str = "market",
    year: str = "year",
    start: str = "founded",
    end: str = "surveyed",
    spells: str = "ordered",
    markets: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Return one row for each spell in which a firm could enter a market.

    Parameters
    ----------
    firms : data frame
        One row a firm: its identifier, the year in which its time begins, the year up to which it was observed, and
        any covariates.
    entries : data frame
        One row an entry: firm, market, year.
    firm, market, year : str
        Columns of `entries`; `firm` is also one of `firms`.
    start, end : str
        Columns of `firms`.
    spells : {"ordered", "markets"}
        `"ordered"`: the spells up to a firm's first, second, third ... entry, and the one cut off at the end; entries
        in the same year are one. `"markets"`: a spell for each firm and market, each from the beginning.
    markets : sequence, optional
        The markets that could be entered, for `spells="markets"`; by default those that some firm enters.

    Returns
    -------
    DataFrame
        The firms' columns, repeated, and: `market` (the one entered; with `"ordered"` joined by commas, missing where
        the spell is cut off), `entry` and `duration` (when the spell begins and ends, in years since `start`),
        `event`. With `"ordered"` also `order` (1, 2, ...), `gap` (years since the last entry), and `entered` (how many
        markets at once).

    Raises
    ------
    DataError
        If a firm appears twice, an entry belongs to no firm, a firm enters a market twice, or a name is taken.
    OutcomeError
        If an entry lies before `start` or after `end`, or a firm ends before it starts.

    Notes
    -----
    With `"ordered"` spells, and Cox clustered by firm:

    - Andersen and Gill [1]_ take all entries alike: `entry=`, no strata; that a firm has entered before may be a
      covariate (`order`).
    - Prentice, Williams and Peterson [2]_ compare only firms that have made the same number of entries (conditional
      risk sets): `strata="order"`, with `entry=` for time since founding, or `gap` as the outcome for time since the
      last entry. High orders have few firms; cut them off with `spells[spells.order <= k]`.

    With `"markets"` spells and `strata="market"`, every market has a baseline of its own (Wei, Lin and Weissfeld [3]_).

    References
    ----------
    .. [1] Andersen, P. K. and Gill, R. D. (1982). Cox's regression model for counting processes. Annals of Statistics
       10, 1100-1120.
    .. [2] Prentice, R. L., Williams, B. J. and Peterson, A. V. (1981). On the regression analysis of multivariate
       failure time data. Biometrika 68, 373-379.
    .. [3] Wei, L. J., Lin, D. Y. and Weissfeld, L. (1989). Regression analysis of multivariate incomplete failure time
       data by modeling marginal distributions. JASA 84, 1065-1073.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import market_entries
    >>> firms = pd.DataFrame({"firm": [1, 2], "founded": [1990, 2000], "surveyed": 2008, "niche": [1, 0]})
    >>> entries = pd.DataFrame({
    ...     "firm": [1, 1, 1], "market": ["France", "Germany", "Japan"], "year": [1991, 1994, 1994]})
    >>> spells = market_entries(firms, entries)
    >>> columns = ["firm", "order", "market", "entry", "duration", "gap", "event"]
    >>> print(spells[columns].to_string(index=False))
     firm  order          market  entry  duration  gap  event
        1      1          France    0.0       1.0  1.0      1
        1      2  Germany, Japan    1.0       4.0  3.0      1
        1      3             NaN    4.0      18.0 14.0      0
        2      1             NaN    0.0       8.0  8.0      0

    Andersen and Gill's model, and that of Prentice, Williams and Peterson in gap time::

        Cox.from_formula("duration ~ niche", spells, event="event", entry="entry", firm="firm").fit("robust")
        Cox.from_formula("gap ~ niche", spells, event="event", strata="order", firm="firm").fit("robust")
    """
    build = choose("spells", spells, _FORMS)
    table = _read_firms(to_pandas(firms), firm, start, end)
    made = _read_entries(to_pandas(entries), table, firm, market, year, start, end)
    built = build(table, made, markets)
    covariates = table.drop(columns=["_start", "_end"]).take(built.pop("_row").to_numpy())
    clash = covariates.columns.intersection(built.columns)
    if len(clash):
        raise DataError(
            f"the firms' table has a column {clash[0]!r} already; rename it, the spells have one of that name"
        )
    return pd.concat([covariates.reset_index(drop=True), built.reset_index(drop=True)], axis=1)


def _read_firms(firms: pd.DataFrame, firm: str, start: str, end: str) -> pd.DataFrame:
    known = _names(firms, firm, "firm")
    if known.duplicated().any():
        raise DataError(f"column {firm!r} holds {shown(known[known.duplicated()].iloc[0])} twice; give one row a firm")
    begin = numbers(column(firms, start, "start"), start, firms.index)
    last = numbers(column(firms, end, "end"), end, firms.index)
    wrong = last < begin
    if wrong.any():
        raise OutcomeError(f"{end!r} must not lie before {start!r}; it does in {rows(firms.index[wrong])}")
    return firms.assign(_start=begin, _end=last)


def _names(table: pd.DataFrame, name: str, role: str) -> pd.Series:
    """Return a column of names; lists and the like are refused."""
    found = column(table, name, role)
    distinct(found, name)
    return found


def _read_entries(
    entries: pd.DataFrame, firms: pd.DataFrame, firm: str, market: str, year: str, start: str, end: str
) -> pd.DataFrame:
    """Return the row of each entry's firm, the market, and the time since the firm's start, in order of time."""
    where = pd.Index(firms[firm]).get_indexer(_names(entries, firm, "firm"))
    if (where < 0).any():
        raise DataError(f"{rows_that('belong', entries.index[where < 0])} to no firm of the firms' table")
    at = numbers(column(entries, year, "year"), year, entries.index)
    begin, last = firms["_start"].to_numpy()[where], firms["_end"].to_numpy()[where]
    for wrong, rule in ((at < begin, f"before {start!r}"), (at > last, f"after {end!r}")):
        if wrong.any():
            raise OutcomeError(f"entries must not lie {rule}; they do in {rows(entries.index[wrong])} of the entries")
    made = pd.DataFrame({"_row": where, "market": _names(entries, market, "market").array, "time": at - begin})
    twice = made.duplicated(["_row", "market"]).to_numpy()
    if twice.any():
        raise DataError(
            f"a firm enters a market once: {rows(entries.index[twice])} of the entries repeat an earlier one; keep the "
            "first year"
        )
    return made.sort_values(["_row", "time"])


def _ordered(firms: pd.DataFrame, made: pd.DataFrame, markets: Sequence[Any] | None) -> pd.DataFrame:
    """Return the spells up to each entry of a firm, and the one that is cut off."""
    by = made.groupby(["_row", "time"])["market"]
    events = by.agg(lambda names: ", ".join(map(str, names))).reset_index()
    events = events.assign(entered=by.size().to_numpy(), event=1)
    watched = (firms["_end"] - firms["_start"]).to_numpy()
    ends = pd.DataFrame({"_row": np.arange(len(firms)), "time": watched, "market": np.nan, "entered": 0, "event": 0})
    spells = pd.concat([events, ends], ignore_index=True).sort_values(["_row", "time"])
    before = spells.groupby("_row")["time"].shift()
    # a firm whose last entry is in its last year has no time left in which another could come
    idle = (spells["event"] == 0) & (before == spells["time"])
    spells, before = spells[~idle], before[~idle]
    begin = np.where(before == 0, _JUST_AFTER, before.fillna(0.0))
    return pd.DataFrame(
        {
            "_row": spells["_row"].to_numpy(),
            "order": spells.groupby("_row").cumcount().to_numpy() + 1,
            "market": spells["market"].to_numpy(),
            "entry": begin,
            "duration": spells["time"].to_numpy(),
            "gap": spells["time"].to_numpy() - before.fillna(0.0).to_numpy(),
            "event": spells["event"].to_numpy(),
            "entered": spells["entered"].to_numpy(),
        }
    )


def _by_market(firms: pd.DataFrame, made: pd.DataFrame, markets: Sequence[Any] | None) -> pd.DataFrame:
    """Return a spell for each firm and market, each from the beginning."""
    known = list(pd.unique(made["market"])) if markets is None else list(markets)
    grid = pd.MultiIndex.from_product([np.arange(len(firms)), known], names=["_row", "market"]).to_frame(index=False)
    spells = grid.merge(made, on=["_row", "market"], how="left")
    event = spells["time"].notna().to_numpy()
    watched = (firms["_end"] - firms["_start"]).to_numpy()[spells["_row"]]
    duration = np.where(event, spells["time"].to_numpy(), watched)
    return spells[["_row", "market"]].assign(entry=0.0, duration=duration, event=event.astype(int))


_FORMS: Mapping[str, Callable[[pd.DataFrame, pd.DataFrame, Sequence[Any] | None], pd.DataFrame]] = {
    "ordered": _ordered,
    "markets": _by_market,
}
