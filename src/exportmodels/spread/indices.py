"""Concentration: whether a firm's sales lie in one market or are spread over many."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri, xlogy

from ..core.covariance import bootstrap_draws, leave_one_out
from ..core.errors import DataError, OptionError, rows
from ..core.frames import distinct, matrix_of, numbers, series_of, to_pandas
from ..core.options import checked, upper_end
from .firm_markets import firm_markets

INDICES = ("herfindahl", "normalized", "entropy", "theil", "top_share", "effective")


@dataclass(frozen=True)
class Concentration:
    """Indices of concentration, by firm and on average.

    Parameters
    ----------
    firms : DataFrame
        One row a firm: markets (how many it sells to), herfindahl, normalized, entropy, theil, top_share, effective.
    table : DataFrame
        The mean of each index over firms (of each group, and their difference), with se, lower, upper; these are
        missing where fewer than two firms have the index.
    method : str
        How the intervals were made.
    """

    firms: pd.DataFrame
    table: pd.DataFrame
    method: str


@checked
def concentration(
    sales: Any,
    *,
    firm: str = "firm",
    market: str = "market",
    value: str = "sales",
    by: Any = None,
    intervals: str = "jackknife",
    replications: int = 999,
    seed: int = 0,
    alpha: float = 0.05,
) -> Concentration:
    """Measure how concentrated the sales of each firm are over its markets.

    Parameters
    ----------
    sales : data frame or array_like
        Long: one row for each firm and market, with columns `firm`, `market` and `value`. Otherwise wide, one row a
        firm and one column a market: an array of sales or shares, or a frame without the columns `market` and `value`;
        its firms are named by its column `firm` if it has one, otherwise by its index.
    firm, market, value : str
        Columns of a long frame.
    by : Series or array_like, shape (firms,), optional
        The group of each firm; a Series is matched by the firm's name. With two groups their difference is told too.
    intervals : {"jackknife", "bootstrap"}
        Firms are left out one at a time, or drawn with replacement within their groups.
    replications, seed : int
        Of the bootstrap.
    alpha : float, default 0.05
        One less the level of the intervals: normal ones for the jackknife, percentiles for the bootstrap.

    Returns
    -------
    Concentration
        `firms`, to be used as an outcome for instance, and `table`.

    Raises
    ------
    DataError
        If sales are negative or missing, a firm and market occur twice or are not named, or a firm sells nothing.
    OptionError
        If `intervals`, `replications` or `alpha` has a value that cannot be.

    Notes
    -----
    With p_j the shares of a firm's k markets: Herfindahl H = sum p_j^2, between 1/k and 1; normalized
    (H - 1/k) / (1 - 1/k), missing for one market; entropy -sum p_j log p_j; Theil log k less the entropy; top share
    max p_j; effective number of markets 1 / H, the number of equal markets that are as concentrated.

    References
    ----------
    .. [1] Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54, 761-762.
    .. [2] Theil, H. (1967). Economics and Information Theory. North-Holland.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import concentration
    >>> sales = pd.DataFrame({
    ...     "firm": ["a", "a", "b", "b", "b", "b", "c", "d", "d"],
    ...     "market": ["France", "Poland", "France", "Spain", "China", "India", "France", "Italy", "Japan"],
    ...     "sales": [80, 20, 25, 25, 25, 25, 10, 50, 50],
    ... })
    >>> found = concentration(sales, by=pd.Series({"a": "mass", "b": "niche", "c": "mass", "d": "niche"}))
    >>> print(found.firms[["markets", "herfindahl", "effective"]].round(2).to_string())
          markets  herfindahl  effective
    firm
    a           2        0.68       1.47
    b           4        0.25       4.00
    c           1        1.00       1.00
    d           2        0.50       2.00
    >>> print(found.table.loc["herfindahl"].round(2).to_string())
                     estimate    se  lower  upper
    group
    mass                 0.84  0.16   0.53   1.15
    niche                0.38  0.12   0.13   0.62
    niche less mass     -0.47  0.20  -0.86  -0.07

    As an outcome, a normalized index is a share:

    >>> from exportmodels.share import Fractional
    >>> firms = found.firms.assign(niche=[0, 1, 0, 1])
    >>> results = Fractional.from_formula("herfindahl ~ niche", firms).fit()
    >>> print(results.effects(["niche"])["estimate"].round(3).to_list())
    [-0.465]
    """
    _check_options(intervals, replications)
    table = _wide(sales, firm, market, value)
    firms = _indices(table)
    groups = _groups(by, firms.index)
    parts = {name: firms.loc[(groups == name).to_numpy(), list(INDICES)] for name in sorted(groups.unique(), key=str)}
    draws = {
        name: _replicates(part, intervals, replications, seed + place)
        for place, (name, part) in enumerate(parts.items())
    }
    found = {name: _mean(part, draws[name], intervals, alpha) for name, part in parts.items()}
    if len(parts) == 2:
        first, second = parts
        found[f"{second} less {first}"] = _difference(parts, draws, found, intervals, alpha)
    told = pd.concat(found, names=["group", "index"]).swaplevel()
    return Concentration(firms, told.loc[list(INDICES)], intervals)


def _check_options(intervals: str, replications: int) -> None:
    if intervals not in ("jackknife", "bootstrap"):
        raise OptionError(f"intervals must be 'jackknife' or 'bootstrap', not {intervals!r}")
    if replications < 2:
        raise OptionError(f"replications must be two at least, not {replications}; 999 is usual")


def _wide(sales: Any, firm: str, market: str, value: str) -> pd.DataFrame:
    """Return sales with one row a firm and one column a market, zero where a firm does not sell."""
    if not hasattr(sales, "columns") and not isinstance(sales, dict):
        array = np.atleast_2d(matrix_of(sales, "sales"))
        table = pd.DataFrame(array, index=pd.RangeIndex(len(array), name=firm))
    else:
        frame = to_pandas(sales)
        long = {firm, market, value} <= set(frame.columns)
        table = _long_to_wide(frame, firm, market, value) if long else _named(frame, firm)
    if table.empty:
        raise DataError("sales has no firms or no markets")
    if not np.isfinite(table.to_numpy()).all():
        raise DataError("sales must be known in every market; write 0 where a firm does not sell")
    wrong = (table < 0).any(axis=1).to_numpy()
    if wrong.any():
        raise DataError(f"sales must not be negative; firms {rows(table.index[wrong])} have some that are")
    nothing = ~table.any(axis=1).to_numpy()
    if nothing.any():
        raise DataError(f"firms {rows(table.index[nothing])} sell nothing anywhere; leave them out")
    return table


def _long_to_wide(frame: pd.DataFrame, firm: str, market: str, value: str) -> pd.DataFrame:
    names, markets = firm_markets(frame, firm, market, "add the sales up first (groupby.sum)")
    values = numbers(frame[value], f"column {value!r}", frame.index)
    return pd.crosstab(names.rename(firm), markets.rename(market), values, aggfunc="sum").fillna(0.0)


def _named(frame: pd.DataFrame, firm: str) -> pd.DataFrame:
    """Return a wide frame with its firms as index: names are not sales, even where they are numbers."""
    if firm in frame.columns:
        distinct(frame[firm], f"column {firm!r}")
    wide = frame.set_index(firm) if firm in frame.columns else frame
    if not wide.index.is_unique or wide.index.hasnans:
        raise DataError("a wide frame of sales needs one row a firm, and a name for each; some repeat or are missing")
    return wide.apply(lambda part: pd.Series(numbers(part, f"column {part.name!r}", wide.index), wide.index))


def _indices(table: pd.DataFrame) -> pd.DataFrame:
    sold = table.to_numpy()
    relative = sold / sold.max(axis=1, keepdims=True)
    share = relative / relative.sum(axis=1, keepdims=True)
    markets = (share > 0).sum(axis=1)
    herfindahl = (share**2).sum(axis=1)
    entropy = -xlogy(share, share).sum(axis=1)
    several = np.where(markets > 1, markets, np.nan)
    return pd.DataFrame(
        {
            "markets": markets,
            "herfindahl": herfindahl,
            "normalized": (herfindahl - 1 / several) / (1 - 1 / several),
            "entropy": entropy,
            "theil": np.log(markets) - entropy,
            "top_share": share.max(axis=1),
            "effective": 1 / herfindahl,
        },
        index=table.index,
    )


def _groups(by: Any, index: pd.Index) -> pd.Series:
    if by is None:
        return pd.Series("all", index=index)
    if isinstance(by, pd.Series):
        if not by.index.is_unique:
            raise DataError("by has several entries for one firm; give a Series with one for each firm's name")
        groups = by.reindex(index)
    else:
        groups = series_of(by, "by")
        if len(groups) != len(index):
            raise DataError(f"by has {len(groups)} entries, and there are {len(index)} firms")
        groups = groups.set_axis(index)
    distinct(groups, "by")
    gone = groups.isna().to_numpy()
    if gone.any():
        raise DataError(f"by names no group for firms {rows(index[gone])}; leave them out or give one")
    return groups


def _replicates(part: pd.DataFrame, intervals: str, replications: int, seed: int) -> np.ndarray:
    """Return the means of each index over the firms drawn, shape (replications, indices)."""
    values, one = part.to_numpy(), np.ones(len(part))
    draws = leave_one_out(one, None) if intervals == "jackknife" else bootstrap_draws(one, None, replications, seed)
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        means = np.array([draw @ np.where(known, values, 0.0) / (draw @ known) for draw in draws])
    means[:, known.sum(axis=0) < 2] = np.nan  # one firm tells nothing of how firms vary
    return means


def _error(draws: np.ndarray, intervals: str) -> np.ndarray:
    """Return standard errors from the replicates in which an index is known."""
    known = pd.DataFrame(draws)
    error = np.sqrt((len(known) - 1) * known.var(ddof=0)) if intervals == "jackknife" else known.std()
    return error.to_numpy()


def _mean(part: pd.DataFrame, draws: np.ndarray, intervals: str, alpha: float) -> pd.DataFrame:
    return _interval(part.mean().to_numpy(), _error(draws, intervals), draws, intervals, alpha)


def _difference(
    parts: dict[Any, pd.DataFrame],
    draws: dict[Any, np.ndarray],
    found: dict[str, pd.DataFrame],
    intervals: str,
    alpha: float,
) -> pd.DataFrame:
    first, second = parts
    estimate = parts[second].mean().to_numpy() - parts[first].mean().to_numpy()
    error = np.hypot(found[first]["se"].to_numpy(), found[second]["se"].to_numpy())
    apart = draws[second] - draws[first] if intervals == "bootstrap" else draws[second]
    return _interval(estimate, error, apart, intervals, alpha)


def _interval(estimate: np.ndarray, error: np.ndarray, draws: np.ndarray, intervals: str, alpha: float) -> pd.DataFrame:
    if intervals == "bootstrap":
        lower, upper = pd.DataFrame(draws).quantile([alpha / 2, upper_end(alpha)]).to_numpy()
    else:
        half = ndtri(upper_end(alpha)) * error
        lower, upper = estimate - half, estimate + half
    return pd.DataFrame({"estimate": estimate, "se": error, "lower": lower, "upper": upper}, index=list(INDICES))
