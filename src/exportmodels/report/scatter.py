"""Years before the first export against the year of founding: every firm a point, the limit that the survey sets."""

from typing import Any

import numpy as np
import pandas as pd

from .bars import MARK, WIDTH, legend
from .groups import Grouping
from .style import INK, MUTED, PAPER, RULE, Look

COHORTS = (
    ("before 1950", "founded before 1950", lambda firms: firms["founded"] < 1950),
    ("1950-1989", "", lambda firms: firms["founded"].between(1950, 1989)),
    ("from 1990 on", "", lambda firms: firms["founded"] > 1989),
    ("last decade", "founded in the last decade", lambda firms: firms["founded"] > firms["surveyed"] - 10),
)
"""Name, published name, and condition of each cohort of founding."""


def cohorts(firms: pd.DataFrame, published: dict[str, float]) -> pd.DataFrame:
    """Return firms, mean years to the first export, the share within a year and the published mean of each cohort."""
    rows = []
    for name, printed, condition in COHORTS:
        mine = firms[condition(firms) & firms["years_to_export"].notna()]
        weight = mine["weight"] if "weight" in mine else pd.Series(1.0, index=mine.index)
        years = mine["years_to_export"]
        rows.append(
            {
                "item": name,
                "firms": len(mine),
                "from": mine["founded"].min(),
                "to": mine["founded"].max(),
                "estimate": np.average(years, weights=weight) if len(mine) else np.nan,
                "within_a_year": np.average(years <= 1, weights=weight) if len(mine) else np.nan,
                "published": published.get(printed, np.nan),
            }
        )
    return pd.DataFrame(rows)


def scatter(firms: pd.DataFrame, table: pd.DataFrame, grouping: Grouping, looks: dict[str, Look]) -> Any:
    """Draw the exporters by year of founding and years to the first export, with the means of the cohorts.

    Parameters
    ----------
    firms : DataFrame
        The firms table.
    table : DataFrame
        What `cohorts` says of them.
    grouping : Grouping
        The groups, which differ by marker.
    looks : dict of str to Look
        Their looks.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 3.9), layout="constrained")
    axes = figure.add_subplot()
    known = firms["years_to_export"].notna()
    others = known & firms[grouping.by].isna()
    axes.plot(*_at(firms, others), ".", color=MUTED, markersize=5, alpha=0.7)
    for group in grouping.groups:
        look = looks[group.label]
        axes.plot(*_at(firms, known & group.rows(firms)), look.marker, color=look.color, markersize=5.5, alpha=0.75,
                  markeredgecolor=PAPER, markeredgewidth=0.5)  # fmt: skip
    _limit(axes, firms.loc[known, "founded"].min(), firms["surveyed"].max())
    _means(axes, table)
    _square_root(axes, firms.loc[known, "years_to_export"].max())
    axes.set_xlabel("year of founding")
    axes.set_ylabel("years until the first export")
    axes.grid(axis="y")
    legend(axes, looks, "" if grouping.compares else grouping.label, marked=bool(table["published"].notna().any()))
    return figure


def _at(firms: pd.DataFrame, rows: pd.Series) -> tuple[pd.Series, pd.Series]:
    return firms.loc[rows, "founded"], firms.loc[rows, "years_to_export"]


def _limit(axes: Any, first: float, last: float) -> None:
    """Draw the age at the survey: beyond it lie the firms that had not exported yet, of which no point can tell."""
    founded = np.linspace(first, last, 200)
    axes.plot(founded, last - founded, color=RULE, linewidth=1.2, zorder=0)
    axes.annotate("beyond the line: not exported yet when asked", (0.99, 0.96), xycoords="axes fraction", ha="right",
                  va="top", fontsize=7.5, color=MUTED)  # fmt: skip


def _square_root(axes: Any, top: float) -> None:
    """Scale years by their square root, so that the first ones can be told apart."""
    axes.set_yscale("function", functions=(lambda y: np.sign(y) * np.sqrt(np.abs(y)), lambda y: np.sign(y) * y**2))
    axes.set_ylim(-0.15, 1.15 * top + 1)
    ticks = [years for years in (0, 1, 2, 5, 10, 20, 50, 100) if years <= 1.15 * top + 1]
    axes.set_yticks(ticks, [str(years) for years in ticks])
    axes.minorticks_off()


def _means(axes: Any, table: pd.DataFrame) -> None:
    from matplotlib.patheffects import withStroke

    halo = withStroke(linewidth=2.5, foreground=PAPER)
    for row in table[table["firms"] > 0].to_dict("records"):
        middle = (row["from"] + row["to"]) / 2
        axes.hlines(row["estimate"], row["from"] - 0.6, row["to"] + 0.6, color=INK, linewidth=1.6)
        axes.annotate(f"{row['estimate']:.1f}", (middle, row["estimate"]), (0, 4), textcoords="offset points",
                      ha="center", fontsize=7.5, fontweight="bold", path_effects=[halo])  # fmt: skip
        axes.plot(middle, row["published"], "D", **MARK)
