"""The figures that the 2009 report published, its contradictions, and the niche-versus-mass contrasts among them."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import pandas as pd

from ..core.options import checked

SOURCE = (
    "Onkelinx, J. and Sleuwaegen, L. (2009). Determinants of successful internationalization by SMEs in "
    "Flanders. Flanders DC and Vlerick Leuven Gent Management School."
)


class Yardstick(NamedTuple):
    """A published value, to be put beside a model's finding.

    `value` is a percentage for the statistic `"percent"` and in the outcome's units otherwise; `figure` is the
    report's figure or section; `base` is the number of firms behind it and `counted` how many of them it
    counts, None where that is not known; `note` says what else must be known.
    """

    value: float
    figure: str
    base: int | None
    counted: int | None
    note: str


def published() -> pd.DataFrame:
    """Return every number that the report published on its survey, and those of its sections 1.2 to 1.5 and Table 1.

    Returns
    -------
    pandas.DataFrame
        One row a number: `figure` (of the report, or the section of a number that stands in the text),
        `section`, `outcome` (a column of the firms table where one exists), `category` (a level of that column, a
        range such as `">10"`, or blank), `group` (`"all"` respondents, `"niche"`, `"mass"`, or another group by
        its name), `statistic` (`"percent"`, `"mean"`, `"minimum"`, `"maximum"`, `"count"`), `value` (as printed:
        26 means 26%; numbers given in words are noted), `base` (firms behind it) and `count` (firms counted),
        both missing where the percentages do not determine them, and `note`.

    See Also
    --------
    recount : How bases and counts follow from the percentages.

    References
    ----------
    Onkelinx, J. and Sleuwaegen, L. (2009). Determinants of successful internationalization by SMEs in Flanders.
    Table 1 is from Lages, C., Lages, C. R. and Lages, L. F. (2005), as quoted there.

    Examples
    --------
    >>> from exportmodels import data
    >>> numbers = data.published().query("figure == '26' and group == 'niche' and statistic == 'percent'")
    >>> print(numbers[["category", "value", "count", "base"]].to_string(index=False))
    category  value  count  base
           1    0.0      0    14
         >10   64.0      9    14
         >50   21.0      3    14
    """
    return _published().copy()


@cache
def _published() -> pd.DataFrame:
    numbers = read_table("published")
    whole = {name: pd.to_numeric(numbers[name]).astype("Int64") for name in ("base", "count")}
    return numbers.assign(value=pd.to_numeric(numbers["value"]), **whole)


@cache
def read_table(name: str) -> pd.DataFrame:
    """Read one of the tables of this package as text; the frame is shared, so a caller that changes it copies it."""
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def contradictions() -> pd.DataFrame:
    """Return where the report contradicts itself, and what arithmetic says about it.

    Returns
    -------
    pandas.DataFrame
        One row a contradiction: `outcome`, `category`, `group`, `statistic`, the two values (`value_a`, `value_b`)
        with their places (`place_a`, `place_b`), `kept` (the value that the other numbers support, missing where
        they support neither) and `conclusion`.

    Examples
    --------
    >>> from exportmodels import data
    >>> mean = data.contradictions().query("outcome == 'countries' and statistic == 'mean'")
    >>> print(mean[["value_a", "place_a", "value_b", "place_b", "kept"]].to_string(index=False))
    value_a  place_a  value_b   place_b  kept
       30.0 5.2 text     14.5 figure 18  14.5
    """
    return _contradictions().copy()


@cache
def _contradictions() -> pd.DataFrame:
    found = read_table("contradictions")
    return found.assign(**{name: pd.to_numeric(found[name]) for name in ("value_a", "value_b", "kept")})


@checked
def yardstick(outcome: str, group: str = "all", statistic: str = "mean", category: str = "") -> Yardstick | None:
    """Return the published value of an outcome in a group, None where the report has none.

    Of two values that contradict each other, the one that `contradictions` keeps; of two mentions, the first.

    Parameters
    ----------
    outcome : str
        A column of the firms table.
    group : str, default "all"
        `"all"`, `"niche"`, `"mass"` or another group of `published`.
    statistic : str, default "mean"
        `"mean"`, `"percent"`, `"minimum"`, `"maximum"` or `"count"`.
    category : str, optional
        A level of the outcome; blank for means and for columns of 0 and 1.

    Returns
    -------
    Yardstick or None
        The value with its figure, base and note.

    Examples
    --------
    >>> from exportmodels import data
    >>> data.yardstick("years_to_export", "niche")
    Yardstick(value=4.0, figure='24', base=None, counted=None, note='in words, about')
    >>> data.yardstick("foreign_share", "niche", "percent", ">50%").value
    63.0
    """
    return _yardsticks().get((outcome, category, group, statistic))


@cache
def _yardsticks() -> dict[tuple[str, ...], Yardstick]:
    keys = ["outcome", "category", "group", "statistic"]
    kept = _contradictions().set_index(keys)["kept"].dropna().to_dict()
    found: dict[tuple[str, ...], Yardstick] = {}
    for row in _published().to_dict("records"):
        key = tuple(row[name] for name in keys)
        if key not in found or row["value"] == kept.get(key):
            base, count = (None if pd.isna(row[name]) else int(row[name]) for name in ("base", "count"))
            found[key] = Yardstick(row["value"], row["figure"], base, count, row["note"])
    return found


def contrasts() -> pd.DataFrame:
    """Return every contrast of niche with mass firms whose numbers of firms are known, one 2x2 table a row.

    The complement of a printed range counts as printed (88% up to ten countries are 12% above ten).

    Returns
    -------
    pandas.DataFrame
        `figure`, `outcome`, `category`, `niche_count` of `niche_base` firms, `mass_count` of `mass_base` firms.

    Examples
    --------
    >>> from exportmodels import data
    >>> market = data.contrasts().query("outcome == 'market'")
    >>> print(market.drop(columns=["figure", "outcome"]).to_string(index=False))
    category  niche_count  niche_base  mass_count  mass_base
       local            0          17           9         19
    european            8          17           6         19
      global            9          17           4         19
    """
    numbers = _published().query("statistic == 'percent' and group in ('niche', 'mass')")
    numbers = numbers.dropna(subset=["count", "base"])
    at_most = numbers["category"].str.startswith("<=")
    above = numbers[at_most].assign(
        category=numbers["category"].str.replace("<=", ">"), count=numbers["base"] - numbers["count"]
    )
    numbers = pd.concat([numbers[~at_most], above]).sort_index()
    keys, values = ["figure", "outcome", "category"], ["count", "base"]
    niche, mass = (numbers.loc[numbers["group"] == group, keys + values] for group in ("niche", "mass"))
    both = niche.merge(mass, on=keys, suffixes=("_niche", "_mass"))
    both.columns = [*keys, "niche_count", "niche_base", "mass_count", "mass_base"]
    return both.astype(dict.fromkeys(both.columns[3:], int))
