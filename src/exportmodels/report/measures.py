"""Shares and means of groups of firms with their intervals, beside the published ones: the data behind the bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from ..data import published
from ..strategy.published_classes import published_classes
from .groups import Group

ALPHA = 0.05
EVERYONE = Group("", None, "all", "all")


@dataclass(frozen=True)
class Item:
    """One row of a figure: a share of firms, or a mean.

    Parameters
    ----------
    label : str
        The row's name.
    outcome : str
        A column of the firms table.
    category : str
        The published category that the row is beside.
    test : callable, optional
        Takes the column's values and says which ones count; by default the values themselves are averaged.
    """

    label: str
    outcome: str
    category: str = ""
    test: Callable[[pd.Series], pd.Series] | None = None

    def values(self, firms: pd.DataFrame) -> pd.Series:
        """Return 0 and 1 (or the number) for every firm, NaN where it is not known."""
        known = firms[self.outcome]
        counted = known if self.test is None else self.test(known)
        return counted.astype(float).where(known.notna())


@dataclass(frozen=True)
class Base:
    """The firms that a figure is about: a condition, and its words."""

    words: str = "all firms"
    column: str = ""

    def of(self, firms: pd.DataFrame) -> pd.DataFrame:
        """Return the firms of the base."""
        return firms[firms[self.column] == 1] if self.column else firms


def measure(
    firms: pd.DataFrame,
    items: Sequence[Item],
    groups: Sequence[Group],
    *,
    base: Base,
    statistic: str,
    figures: Sequence[str],
) -> pd.DataFrame:
    """Measure rows of a figure for each group.

    Returns
    -------
    pandas.DataFrame
        `item`, `outcome`, `category`, `group`, `estimate`, `lower`, `upper` (95 % interval), `firms` (that tell),
        `count` (that count, of a share), and `published`, `published_figure`, `published_base` where the 2009 report
        has the number.
    """
    asked, weight = base.of(firms), firms.get("weight")
    printed = _printed(figures, statistic)
    rows = []
    for item in items:
        values = item.values(asked)
        for group in groups:
            mine = values[group.rows(asked)] if group.by else values
            mine = mine.dropna()
            factors = None if weight is None else weight[mine.index]
            rows.append(
                {
                    "item": item.label,
                    "outcome": item.outcome,
                    "category": item.category,
                    "group": group.label,
                    **_estimate(mine.to_numpy(), factors, statistic),
                    **printed.get((item.outcome, item.category, group.published), _NOTHING),
                }
            )
    return pd.DataFrame(rows)


_NOTHING = {"published": np.nan, "published_figure": "", "published_base": pd.NA}


def _printed(figures: Sequence[str], statistic: str) -> dict[tuple[str, str, str], dict]:
    """Return the published numbers by outcome, category and group; 88% up to ten countries are 12% above ten."""
    numbers = pd.concat([published(), published_classes()]).query("statistic == @statistic and figure in @figures")
    found = {}
    for row in numbers.itertuples():
        value, category = row.value / (100 if statistic == "percent" else 1), row.category
        if category.startswith("<="):
            value, category = 1 - value, category.replace("<=", ">")
        found[row.outcome, category, row.group] = {
            "published": value,
            "published_figure": row.figure,
            "published_base": row.base,
        }
    return found


def _estimate(values: np.ndarray, weight: pd.Series | None, statistic: str) -> dict[str, float]:
    """Return the weighted mean with its interval; weights enter the interval through the effective number of firms."""
    if not len(values):
        return {"estimate": np.nan, "lower": np.nan, "upper": np.nan, "firms": 0, "count": 0}
    factors = np.ones(len(values)) if weight is None else weight.to_numpy(dtype=float)
    mean = float(np.average(values, weights=factors))
    effective = factors.sum() ** 2 / (factors**2).sum()
    spread = float(np.average((values - mean) ** 2, weights=factors))
    interval = wilson(mean, effective) if statistic == "percent" else student(mean, spread, effective)
    return {
        "estimate": mean,
        "lower": max(0.0, interval[0]) if values.min() >= 0 else interval[0],
        "upper": interval[1],
        "firms": len(values),
        "count": int(values.sum()) if statistic == "percent" else 0,
    }


def wilson(share: float, firms: float, alpha: float = ALPHA) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    z = float(ndtri(1 - alpha / 2))
    centre = (share + z**2 / (2 * firms)) / (1 + z**2 / firms)
    half = z * np.sqrt(share * (1 - share) / firms + (z / (2 * firms)) ** 2) / (1 + z**2 / firms)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def student(mean: float, variance: float, firms: float, alpha: float = ALPHA) -> tuple[float, float]:
    """Return Student's interval of a mean, of a variance with divisor n."""
    if firms <= 1:
        return np.nan, np.nan
    half = float(stdtrit(firms - 1, 1 - alpha / 2)) * np.sqrt(variance / (firms - 1))
    return mean - half, mean + half
