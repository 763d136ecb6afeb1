"""What the 2009 report published of motives and of growth drivers, put into their classes."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ..core.options import checked, choose
from ..data import Yardstick, published, published_for
from ..data.yardsticks import GROUPS
from .framing import DRIVERS, OF_INCREASE, OF_TRIGGER

_MADE_OF = {"trigger": ("start_trigger", OF_TRIGGER), "growth_driver": ("increase_reason", OF_INCREASE)}
_DRIVERS_BY = {
    by: (figure, {group: level for (column, level), group in GROUPS.items() if column == by})
    for by, figure in (("niche", "32"), ("rd_high", "33"))
}


def published_classes() -> pd.DataFrame:
    """Return the published percentages of the classes of `motives` and `growth_drivers`.

    A class has one where the report printed all answers that make it up: it is their sum.

    Returns
    -------
    DataFrame
        The columns of `data.published`; `outcome` is `trigger` or `growth_driver`, `category` the class.
    """
    return _classes().copy()


@cache
def _classes() -> pd.DataFrame:
    numbers = published().query("statistic == 'percent'")
    rows = []
    for name, (outcome, classes) in _MADE_OF.items():
        sizes = pd.Series(classes).value_counts()
        mine = numbers[(numbers["outcome"] == outcome) & numbers["category"].isin(classes)]
        for (figure, group, category), parts in mine.groupby(
            ["figure", "group", mine["category"].map(classes)], sort=False
        ):
            if len(parts) == sizes[category]:
                first = parts.iloc[0]
                rows.append(
                    {
                        **first.to_dict(), "outcome": name, "category": category, "figure": figure, "group": group,
                        "value": parts["value"].sum(), "count": parts["count"].sum(skipna=False),
                        "note": "" if len(parts) == 1 else f"the sum of {' and '.join(parts['category'])}",
                    }
                )  # fmt: skip
    return pd.DataFrame(rows, columns=numbers.columns)


def published_share_for(outcome: str) -> Callable[[Any, Any, str], Yardstick | None]:
    """Return a look-up of published shares by grouping column, level and category, as `data.published_for` does.

    It knows the classes of `motives` and `growth_drivers` beside the columns of the firms table.
    """
    if outcome not in _MADE_OF:
        return published_for(outcome, "percent")

    def look_up(by: Any, level: Any, category: str) -> Yardstick | None:
        table, group = _classes(), GROUPS.get((by, level))
        found = table[(table["outcome"] == outcome) & (table["group"] == group) & (table["category"] == category)]
        if not len(found):
            return None
        row = found.iloc[0]
        base, count = (None if pd.isna(row[name]) else int(row[name]) for name in ("base", "count"))
        return Yardstick(row["value"] / 100, row["figure"], base, count, row["note"])

    return look_up


@checked
def published_drivers(by: str = "niche") -> pd.DataFrame:
    """Return the firms behind the report's figures of growth drivers, ready for a test or a model.

    Parameters
    ----------
    by : {"niche", "rd_high"}
        Niche against mass firms (figure 32), or firms that spend 2% of turnover or more on R&D against others
        (figure 33).

    Returns
    -------
    DataFrame
        `increase_reason`, `growth_driver` (see `growth_drivers`), the grouping column (1, 0) and `firms`, the number of
        firms that gave the reason.

    Notes
    -----
    Figure 33 prints three shares. Its other cells follow from the reasons of all 25 firms (figure 14) and from the
    number of firms in each R&D group.

    Examples
    --------
    >>> from exportmodels.strategy import FirthLogit, published_drivers
    >>> firms = published_drivers("rd_high")
    >>> print(firms.pivot_table(index="increase_reason", columns="rd_high", values="firms").astype(int).to_string())
    rd_high            0  1
    increase_reason
    current customers  2  4
    new customers      6  3
    new markets        1  5
    product range      0  4
    """
    figure, levels = choose("by", by, _DRIVERS_BY)
    numbers = published().query("outcome == 'increase_reason' and statistic == 'percent'").dropna(subset=["base"])
    here, all_firms = (numbers[numbers["figure"] == name] for name in (figure, "14"))
    totals = all_firms.set_index("category")["count"]
    cells = pd.DataFrame({group: here[here["group"] == group].set_index("category")["count"] for group in levels})
    counts = cells.reindex(totals.index).to_numpy(dtype=float, na_value=np.nan)
    _fill(counts, totals)
    _fill(counts.T, here.groupby("group")["base"].first()[list(levels)])
    known = pd.DataFrame(counts, totals.index.rename("increase_reason"), list(levels))
    long = known.melt(var_name=by, value_name="firms", ignore_index=False)
    table = long.astype({"firms": int}).reset_index().assign(**{by: long[by].map(levels).to_numpy()})
    drivers = table["increase_reason"].map(OF_INCREASE).astype(pd.CategoricalDtype(list(DRIVERS)))
    return table.assign(growth_driver=drivers)[["increase_reason", "growth_driver", by, "firms"]]


def _fill(cells: np.ndarray, sums: pd.Series) -> None:
    """Fill the unknown cell of each row that has only one, from the row's sum."""
    for row, total in zip(cells, sums, strict=True):
        unknown = np.isnan(row)
        if unknown.sum() == 1:
            row[unknown] = total - np.nansum(row)
