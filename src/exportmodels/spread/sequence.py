"""Entry into markets one after the other or at once: how many of its markets a firm enters in its first years."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln, xlog1py, xlogy

from ..core.errors import DataError, OptionError, rows
from ..core.frames import column, listed, numbers, to_pandas
from .firm_markets import firm_markets


@dataclass(frozen=True)
class Entries:
    """Years of entry, one row a firm and market, in the order of firms and years.

    Parameters
    ----------
    frame : DataFrame
        Columns firm, year, first (the firm's first year of entry) and last (the last year it was observed).
    """

    frame: pd.DataFrame

    @classmethod
    def read(cls, entries: Any, firm: str, market: str, year: str, until: Any) -> "Entries":
        """Check entry years: whole, one for each firm and market, none after the firm was last observed."""
        given = to_pandas(entries)
        names, _ = firm_markets(given, firm, market, "keep the first year of entry")
        frame = pd.DataFrame({"firm": names.to_numpy(), "year": _years(given, year)})
        frame["last"] = _last(given, names, until) if isinstance(until, str) else _end(frame["year"], until)
        late = (frame["year"] > frame["last"]).to_numpy()
        if late.any():
            raise DataError(f"{rows(given.index[late])} are entries after the firm was last observed ({year!r}, until)")
        frame["first"] = frame.groupby("firm", sort=False)["year"].transform("min")
        return cls(frame)


@dataclass(frozen=True)
class EntryTest:
    """An exact test of the order of entry; see `entry_test`.

    Parameters
    ----------
    statistic : int
        The number of early entries beyond the first ones, over all firms.
    expected : float
        Its mean in random order: more is towards a sprinkler, less towards a waterfall.
    firms : int
        How many firms were tested.
    pvalue : float
        Exact and two-sided.
    """

    statistic: int
    expected: float
    firms: int
    pvalue: float

    def __str__(self) -> str:
        return (
            f"early entries of {self.firms} firms: {self.statistic}, {self.expected:.1f} expected in random order, "
            f"exact p = {self.pvalue:.4g}"
        )


def _years(given: pd.DataFrame, name: str) -> np.ndarray:
    values = column(given, name, "the entries")
    if pd.api.types.is_datetime64_any_dtype(values):
        raise DataError(f"column {name!r} holds dates; give years (.dt.year)")
    years = numbers(values, f"column {name!r}", given.index)
    wrong = years != np.floor(years)
    if wrong.any():
        raise DataError(f"column {name!r} must hold whole years; {rows(given.index[wrong])} do not")
    return years


def _last(given: pd.DataFrame, names: pd.Series, until: str) -> np.ndarray:
    """Return the last years that a column gives, one for each firm."""
    last = _years(given, until)
    of_firm = pd.Series(last, names.index).groupby(names, observed=True)
    several = of_firm.min() < of_firm.max()
    if several.any():
        raise DataError(f"column {until!r} has several last years for {listed(several.index[several])}; one is needed")
    return last


def _end(years: pd.Series, until: Any) -> float:
    if until is None:
        return float(years.max())
    if isinstance(until, bool) or not isinstance(until, Real) or until % 1 != 0:
        raise OptionError(f"until must be a whole year or the name of a column, not {until!r}")
    return float(until)


def sprinkler_index(
    entries: Any,
    *,
    within: int = 3,
    firm: str = "firm",
    market: str = "market",
    year: str = "year",
    until: Any = None,
) -> pd.DataFrame:
    """Measure which share of its eventual markets a firm entered in its first years abroad.

    A sprinkler enters many markets at once, a waterfall one after the other [1]_ [2]_.

    Parameters
    ----------
    entries : data frame
        One row for each firm and market it entered.
    within : int, default 3
        The first years, counted from the first entry: an entry is early if it comes less than so many years later.
    firm, market, year : str
        Columns of the frame.
    until : str or int, optional
        The last year a firm was observed (a column), or everybody was; the last year of entry of all by default.

    Returns
    -------
    DataFrame
        One row a firm: markets, first (year of the first entry), years (observed since, the first included), early
        (markets entered within the first years), index (early / markets), waves (distinct years of entry), and two
        p-values against entries in random order (`entry_test`): p_sprinkler, p_waterfall. Index and p-values are
        missing for a firm with one market.

    Raises
    ------
    DataError
        If years are missing, not whole, after `until`, a firm has several last years, or a firm and market occur twice
        or are not named.
    OptionError
        If `within` is not a positive whole number, or `until` neither a whole year nor a column.

    See Also
    --------
    exportmodels.strategy.classify_entry : sprinkler or waterfall, from this index.

    References
    ----------
    .. [1] Ayal, I. and Zif, J. (1979). Market expansion strategies in multinational marketing. Journal of Marketing
       43(2), 84-94.
    .. [2] Kalish, S., Mahajan, V. and Muller, E. (1995). Waterfall and sprinkler new-product strategies in competitive
       global markets. International Journal of Research in Marketing 12, 105-119.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import sprinkler_index
    >>> entries = pd.DataFrame({
    ...     "firm": ["a"] * 5 + ["b"] * 4 + ["c"],
    ...     "market": ["NL", "FR", "DE", "US", "JP", "NL", "FR", "DE", "UK", "NL"],
    ...     "year": [2000, 2000, 2001, 2001, 2006, 1990, 1996, 2002, 2008, 2005],
    ... })
    >>> shown = ["markets", "early", "index", "waves", "p_sprinkler"]
    >>> print(sprinkler_index(entries, until=2008)[shown].round(3).to_string())
          markets  early  index  waves  p_sprinkler
    firm
    a           5      4   0.80      3        0.111
    b           4      1   0.25      4        1.000
    c           1      1    NaN      1          NaN
    """
    if isinstance(within, bool) or within != int(within) or within < 1:
        raise OptionError(f"within must be a positive whole number of years, not {within!r}")
    frame = Entries.read(entries, firm, market, year, until).frame
    early = frame["year"] < frame["first"] + within
    groups = frame.assign(early=early).groupby("firm", sort=False)
    found = pd.DataFrame(
        {
            "markets": groups.size(),
            "first": groups["first"].first().astype(int),
            "years": (groups["last"].first() - groups["first"].first() + 1).astype(int),
            "early": groups["early"].sum().astype(int),
        }
    )
    several = found["markets"] > 1
    found["index"] = (found["early"] / found["markets"]).where(several)
    found["waves"] = groups["year"].nunique()
    chance = np.minimum(within / found["years"], 1.0)
    tails = [
        _tails(int(m) - 1, int(e) - 1, float(p))
        for m, e, p in zip(found["markets"], found["early"], chance, strict=True)
    ]
    found["p_sprinkler"] = np.where(several, [tail[0] for tail in tails], np.nan)
    found["p_waterfall"] = np.where(several, [tail[1] for tail in tails], np.nan)
    return found.rename_axis("firm")


def entry_test(
    entries: Any,
    *,
    within: int = 3,
    firm: str = "firm",
    market: str = "market",
    year: str = "year",
    until: Any = None,
) -> EntryTest:
    """Test whether firms enter markets early more often than a random order of entry would have it.

    Parameters
    ----------
    entries, within, firm, market, year, until
        As `sprinkler_index` takes them.

    Returns
    -------
    EntryTest
        The number of early entries beyond the first ones of all firms, how many random order would have, and the exact
        two-sided p-value (twice the smaller tail).

    Raises
    ------
    DataError
        If no firm has two markets, or all firms were observed no longer than `within` years.

    Notes
    -----
    Null hypothesis: given a firm's first entry in year f, its number of markets m and the last year l it was observed,
    the m - 1 other entries fall into the years f, ..., l independently, each with the same chance. So the number of
    early ones is binomial with chance min(1, within / (l - f + 1)); their sum over firms is Poisson-binomial, whose
    distribution is found by convolution.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import entry_test
    >>> entries = pd.DataFrame({
    ...     "firm": ["a"] * 5 + ["b"] * 4,
    ...     "market": ["NL", "FR", "DE", "US", "JP", "NL", "FR", "DE", "UK"],
    ...     "year": [2000, 2000, 2001, 2001, 2006, 1990, 1990, 1991, 2008],
    ... })
    >>> print(entry_test(entries, until=2008))
    early entries of 2 firms: 5, 1.8 expected in random order, exact p = 0.0255
    """
    found = sprinkler_index(entries, within=within, firm=firm, market=market, year=year, until=until)
    found = found[(found["markets"] > 1) & (found["years"] > within)]
    if found.empty:
        raise DataError(f"no firm with two markets was observed for more than {within} years after its first entry")
    pmf = np.ones(1)
    for others, years in zip(found["markets"] - 1, found["years"], strict=True):
        pmf = np.convolve(pmf, _binomial(int(others), within / years))
    early = int((found["early"] - 1).sum())
    pvalue = min(1.0, 2 * min(pmf[early:].sum(), pmf[: early + 1].sum()))
    expected = float(np.arange(len(pmf)) @ pmf)
    return EntryTest(early, expected, len(found), float(pvalue))


def _binomial(size: int, chance: float) -> np.ndarray:
    k = np.arange(size + 1)
    log = gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1) + xlogy(k, chance) + xlog1py(size - k, -chance)
    return np.exp(log)


def _tails(size: int, early: int, chance: float) -> tuple[float, float]:
    """Return the chances of at least, and of at most, so many early entries."""
    pmf = _binomial(size, chance)
    return float(pmf[early:].sum()), float(pmf[: early + 1].sum())
