"""The published figures of section 5 measured on any firms table, so that the two can be put side by side."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from ..core.errors import DataError
from ..core.frames import column, distinct, numbers, refuse_extremes, to_pandas
from .figures import published
from .places import OUTSIDE_EUROPE

KEYS = ["figure", "outcome", "category", "group", "statistic"]
MODES = ("subsidiary", "plant", "license", "joint_venture", "network", "other_activity")
NEIGHBOURS = ("Netherlands", "France", "Germany", "Luxembourg")
"""The neighbours among first destinations: section 5.4 leaves the United Kingdom out."""
BRACKETS = {
    "<25%": ("<10%", "10-25%"),
    ">25%": ("26-50%", "51-75%", ">75%"),
    ">50%": ("51-75%", ">75%"),
    ">1,000,000": ("1,000,001-5,000,000", "5,000,001-10,000,000", ">10,000,000"),
    "current markets": ("current customers", "new customers"),
    "neighbours": NEIGHBOURS,
    "outside Europe": OUTSIDE_EUROPE,
}
"""Published categories that join several levels of a column."""

AWARE = "aware of it"
"""The group of firms that know of a support, whatever the support."""

LEVELS = ("product", "size", "turnover", "past_trend", "expected_trend", "main_destination", "first_destination")
NUMBERS = ("founded", "surveyed", "rd_high", "exporter", "importer", "years_to_export", "years_to_other", *MODES)
"""Columns that make the groups, or from which outcomes are made."""

GROUPS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "all": lambda firms: pd.Series(True, index=firms.index),
    "niche": lambda firms: firms["product"] == "niche",
    "mass": lambda firms: firms["product"] == "mass",
    "micro": lambda firms: firms["size"] == "micro",
    "turnover <100,000": lambda firms: firms["turnover"] == "<100,000",
    "exports increased": lambda firms: firms["past_trend"] == "increase",
    "exports expected to decrease": lambda firms: firms["expected_trend"] == "decrease",
    "exports expected to increase": lambda firms: firms["expected_trend"] == "increase",
    "founded in the last decade": lambda firms: firms["founded"] > firms["surveyed"] - 10,
    "founded before 1950": lambda firms: firms["founded"] < 1950,
    "founded after 1990": lambda firms: firms["founded"] > 1990,
    "supported": lambda firms: _used(firms) > 0,
    "rd_high": lambda firms: firms["rd_high"] == 1,
    "rd_low": lambda firms: firms["rd_high"] == 0,
}

MADE: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "activities_beyond_trade": lambda firms: firms[list(MODES)].max(axis=1),
    "years_from_export_to_other": lambda firms: firms["years_to_other"] - firms["years_to_export"],
    "main_destination_not_first": lambda firms: _differ(firms["main_destination"], firms["first_destination"]),
    "support_used_any": lambda firms: (_used(firms) > 0).astype(float),
    "support_organizations_used": lambda firms: _used(firms),
}


def measure(firms: Any) -> pd.DataFrame:
    """Measure every published figure of the survey on a firms table.

    Parameters
    ----------
    firms : data frame
        A firms table, as `survey.derive` makes it from answers to the questionnaire.

    Returns
    -------
    pandas.DataFrame
        The rows of `published` on the survey's own firms that are shares, means or extremes of columns that there are:
        `figure`, `outcome`, `category`, `group`, `statistic`, `published` (with all digits where base and count are
        known), `note`, `measured` (the same on `firms`, missing where no firm tells) and `firms` (number of firms that
        tell).

    Raises
    ------
    FormulaError
        If a column is absent from which groups are made.
    DataError
        If a column does not hold what the firms table has there.

    Examples
    --------
    >>> from exportmodels import data, survey
    >>> firms = survey.derive(data.synthetic_flanders(50))
    >>> shown = ["category", "published", "measured", "firms"]
    >>> print(data.measure(firms).query("figure == '25' and group == 'niche'")[shown].round(1).to_string(index=False))
    category  published  measured  firms
       local        0.0       0.0     17
    european       47.1      47.1     17
      global       52.9      52.9     17
    """
    firms = _read(firms)
    rows = published()
    rows = rows[rows["section"].str.startswith("5") | (rows["section"] == "summary")].copy()
    known = rows["count"].notna() & rows["base"].notna()
    shares = rows["statistic"].eq("percent") | (rows["statistic"].eq("count") & known)
    exact = (100 * rows["count"] / rows["base"]).astype(float)
    rows["published"] = rows["value"].where(~(shares & known), exact)
    rows.loc[shares, "statistic"] = "percent"
    wanted = rows["statistic"].isin(["percent", "mean", "minimum", "maximum"])
    rows = rows[wanted & rows["group"].isin([*GROUPS, AWARE])].drop_duplicates(KEYS)
    rows = rows[rows["outcome"].isin([*firms.columns, *MADE])]
    lacking = rows["group"].eq(AWARE) & ~rows["outcome"].map(_known).isin(firms.columns)
    rows = rows[~lacking]
    found = [_measure(firms, row) for row in rows.to_dict("records")]
    measured = pd.DataFrame(found, columns=["measured", "firms"], index=rows.index)
    return rows[[*KEYS, "published", "note"]].join(measured).reset_index(drop=True)


def _read(firms: Any) -> pd.DataFrame:
    """Return the table with its numbers as floats."""
    table = to_pandas(firms).copy()
    for name in LEVELS:
        distinct(column(table, name, "the figures"), f"column {name!r}")
    for name in (*NUMBERS, *(str(one) for one in table if str(one).startswith("support_"))):
        table[name] = _floats(column(table, name, "the figures"))
    return table


def _floats(values: pd.Series) -> pd.Series:
    """Return a column as floats, NaN where it is missing, or say which rows hold none."""
    role, known = f"column {values.name!r}", values.notna().to_numpy()
    floats = numbers(values, role, values.index, finite=False)
    refuse_extremes(floats[known], role, values.index[known])
    return pd.Series(floats, index=values.index, name=values.name)


def _measure(firms: pd.DataFrame, row: dict) -> tuple[float, int]:
    outcome, statistic = row["outcome"], row["statistic"]
    values = MADE[outcome](firms) if outcome in MADE else firms[outcome]
    values = values[_group(firms, row) & values.notna()]
    if statistic != "percent":
        return getattr(_floats(values), {"minimum": "min", "maximum": "max"}.get(statistic, statistic))(), len(values)
    return 100 * _in_category(values, row["category"]).mean(), len(values)


def _known(outcome: str) -> str:
    """Return the column that says whether firms know the support that they may have used."""
    return outcome.replace("used", "known")


def _group(firms: pd.DataFrame, row: dict) -> pd.Series:
    """Return who counts: the group, and of it the firms that were asked where a column has zeros for the others."""
    outcome = row["outcome"]
    if row["group"] == AWARE:
        return firms[_known(outcome)] == 1
    mine = GROUPS[row["group"]](firms)
    all_mass = row["group"] == "mass" and row["category"] == ">=4"
    if outcome in ("countries", "regions") and not all_mass:
        return mine & (firms["exporter"] == 1)
    if outcome.startswith("import_") and row["figure"] == "28" and row["group"] != "all":
        return mine & (firms["importer"] == 1)
    return mine


def _in_category(values: pd.Series, category: str) -> pd.Series:
    """Return 1 where a value is in the category: a level, several levels, a number or a range of numbers."""
    if not category:
        return _floats(values)
    distinct(values, f"column {values.name!r}")
    if category in BRACKETS:
        return values.isin(BRACKETS[category]).astype(float)
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return (values == category).astype(float)
    limits = re.findall(r"^(>=|<=|>|)(\d+)(?:-(\d+))?$", category)
    if not limits:
        raise DataError(f"column {values.name!r} must hold levels, such as {category!r}; it holds numbers")
    sign, low, high = limits[0]
    if sign:
        return {">=": values.ge, "<=": values.le, ">": values.gt}[sign](float(low)).astype(float)
    return values.between(float(low), float(high or low)).astype(float)


def _used(firms: pd.DataFrame) -> pd.Series:
    return firms.filter(regex="^support_used_").sum(axis=1)


def _differ(first: pd.Series, second: pd.Series) -> pd.Series:
    return (first != second).astype(float).where(first.notna() & second.notna())
