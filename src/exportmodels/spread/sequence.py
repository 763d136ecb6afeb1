"""Entry into markets one after the other or at once: how many of its markets a firm enters in its first years."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln, xlog1py, xlogy

from ..core.errors import DataError, OptionError
from ..core.options import checked
from .entries import Entries


@dataclass(frozen=True)
class EntryTest:
    """An exact test of the order of entry; see `entry_test`.

    Parameters
    ----------
    statistic : int
        The number of early entries over all firms: beyond the first ones, unless they are counted from an origin.
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


@checked
def sprinkler_index(
    entries: Any,
    *,
    within: int = 3,
    firm: str = "firm",
    market: str = "market",
    year: str = "year",
    origin: Any = None,
    until: Any = None,
) -> pd.DataFrame:
    """Measure which share of its eventual markets a firm entered in its first years abroad.

    A sprinkler enters many markets at once, a waterfall one after the other [1]_ [2]_.

    Parameters
    ----------
    entries : data frame
        One row for each firm and market it entered.
    within : int, default 3
        The first years: an entry is early if it comes less than so many years after the origin.
    firm, market, year : str
        Columns of the frame.
    origin : str or int, optional
        The year from which the first years are counted: a column with one year for each firm, such as its founding, or
        one year for all, such as the opening of the markets; each firm's first entry by default. Counted from the
        founding, a firm that goes abroad late enters no market early, even if it then enters all of them at once.
    until : str or int, optional
        The last year a firm was observed (a column), or everybody was; the last year of entry of all by default.

    Returns
    -------
    DataFrame
        One row a firm: markets, first (year of the first entry), years (observed since the origin, which is included),
        early (markets entered within the first years), index (early / markets), waves (distinct years of entry), and
        two p-values against entries in random order (`entry_test`): p_sprinkler, p_waterfall. Index and p-values are
        missing for a firm with one market.

    Raises
    ------
    DataError
        If years are missing, not whole, before `origin` or after `until`, a firm has several years of origin or last
        years, or a firm and market occur twice or are not named.
    OptionError
        If `within` is not a positive whole number, or `origin` or `until` neither a whole year nor a column.

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

    Counted from the founding of the firms instead, of which the second waited ten years:

    >>> born = entries.assign(founded=entries["firm"].map({"a": 1999, "b": 1980, "c": 2001}))
    >>> print(sprinkler_index(born, origin="founded", until=2008)[shown].round(3).to_string())
          markets  early  index  waves  p_sprinkler
    firm
    a           5      4    0.8      3        0.031
    b           4      0    0.0      4        1.000
    c           1      0    NaN      1          NaN
    """
    if isinstance(within, bool) or within != int(within) or within < 1:
        raise OptionError(f"within must be a positive whole number of years, not {within!r}")
    frame = Entries.read(entries, firm, market, year, origin, until).frame
    early = frame["year"] < frame["origin"] + within
    groups = frame.assign(early=early).groupby("firm", sort=False)
    found = pd.DataFrame(
        {
            "markets": groups.size(),
            "first": groups["first"].first().astype(int),
            "years": (groups["last"].first() - groups["origin"].first() + 1).astype(int),
            "early": groups["early"].sum().astype(int),
        }
    )
    several = found["markets"] > 1
    found["index"] = (found["early"] / found["markets"]).where(several)
    found["waves"] = groups["year"].nunique()
    chance, given = np.minimum(within / found["years"], 1.0), _given(origin)
    tails = [
        _tails(int(m) - given, int(e) - given, float(p))
        for m, e, p in zip(found["markets"], found["early"], chance, strict=True)
    ]
    found["p_sprinkler"] = np.where(several, [tail[0] for tail in tails], np.nan)
    found["p_waterfall"] = np.where(several, [tail[1] for tail in tails], np.nan)
    return found.rename_axis("firm")


def _given(origin: Any) -> int:
    """Return how many early entries of a firm are so by definition: the first, where years are counted from it."""
    return 1 if origin is None else 0


@checked
def entry_test(
    entries: Any,
    *,
    within: int = 3,
    firm: str = "firm",
    market: str = "market",
    year: str = "year",
    origin: Any = None,
    until: Any = None,
) -> EntryTest:
    """Test whether firms enter markets early more often than a random order of entry would have it.

    Parameters
    ----------
    entries, within, firm, market, year, origin, until
        As `sprinkler_index` takes them.

    Returns
    -------
    EntryTest
        The number of early entries of all firms (beyond the first ones, unless there is an `origin`), how many random
        order would have, and the exact two-sided p-value (twice the smaller tail).

    Raises
    ------
    DataError
        If no firm has two markets, or all firms were observed no longer than `within` years.

    Notes
    -----
    Null hypothesis: given a firm's first entry in year f, its number of markets m and the last year l it was observed,
    the m - 1 other entries fall into the years f, ..., l independently, each with the same chance. So the number of
    early ones is binomial with chance min(1, within / (l - f + 1)); their sum over firms is Poisson-binomial, whose
    distribution is found by convolution. With an `origin` in year f all m entries are random, the first one too.

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
    found = sprinkler_index(entries, within=within, firm=firm, market=market, year=year, origin=origin, until=until)
    found = found[(found["markets"] > 1) & (found["years"] > within)]
    if found.empty:
        since = "its first entry" if origin is None else "the origin"
        raise DataError(f"no firm with two markets was observed for more than {within} years after {since}")
    pmf, given = np.ones(1), _given(origin)
    for others, years in zip(found["markets"] - given, found["years"], strict=True):
        pmf = np.convolve(pmf, _binomial(int(others), within / years))
    early = int((found["early"] - given).sum())
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
