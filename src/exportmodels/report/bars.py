"""Bars of shares and dots of means, group beside group, with intervals and the published figure as a diamond."""

from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

from .style import INK, MUTED, PAPER, Look

WIDTH, BAR = 7.2, 0.2
"""Width of every figure and height of a bar, in inches."""
PUBLISHED = "published in 2009"
MARK: dict[str, Any] = {"color": PAPER, "markeredgecolor": INK, "markersize": 5.2, "markeredgewidth": 1.3}
"""The look of a published figure: a white diamond."""


def bars(table: pd.DataFrame, looks: dict[str, Look], *, statistic: str, unit: str, heading: str) -> Any:
    """Draw a measured table (see `measures.measure`) as horizontal bars, or as dots where it holds means.

    Parameters
    ----------
    table : DataFrame
        One row an item and group.
    looks : dict of str to Look
        The look of each group, in the order of the bars.
    statistic : {"percent", "mean"}
        What the estimates are.
    unit : str
        The unit of means.
    heading : str
        What the groups are, above their names.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    from matplotlib.figure import Figure

    items, groups = list(dict.fromkeys(table["item"])), list(looks)
    height = BAR * len(items) * (len(groups) + 0.9) + 1.1
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    step = len(groups) + 0.9
    reach = _reach(table, statistic)
    for g, group in enumerate(groups):
        mine = table[table["group"] == group].set_index("item").reindex(items)
        at = np.arange(len(items)) * step + g
        (_bar if statistic == "percent" else _dot)(axes, at, mine, looks[group])
        _marks(axes, at, mine["published"].to_numpy(dtype=float))
        _values(axes, at, mine, statistic, reach)
    axes.set_yticks(np.arange(len(items)) * step + (len(groups) - 1) / 2, [wrapped(item) for item in items])
    axes.tick_params(axis="y", length=0, pad=8)
    axes.set_ylim(len(items) * step - 0.6, -0.9)
    _scale(axes, reach, statistic, unit)
    legend(axes, looks, heading, marked=bool(table["published"].notna().any()), filled=statistic == "percent")
    return figure


def wrapped(text: str, width: int = 30) -> str:
    """Break a long name into lines."""
    return "\n".join(wrap(text, width))


def _bar(axes: Any, at: np.ndarray, mine: pd.DataFrame, look: Look) -> None:
    axes.barh(at, mine["estimate"], 0.86, color=look.color, hatch=look.hatch, edgecolor=PAPER, linewidth=0)
    _whiskers(axes, at, mine)


def _dot(axes: Any, at: np.ndarray, mine: pd.DataFrame, look: Look) -> None:
    _whiskers(axes, at, mine)
    axes.plot(mine["estimate"], at, look.marker, color=look.color, markersize=6.5, zorder=3)


def _whiskers(axes: Any, at: np.ndarray, mine: pd.DataFrame) -> None:
    axes.hlines(at, mine["lower"], mine["upper"], color=PAPER, linewidth=3, zorder=2)
    axes.hlines(at, mine["lower"], mine["upper"], color=INK, linewidth=1, zorder=2)


def _marks(axes: Any, at: np.ndarray, values: np.ndarray) -> None:
    axes.plot(values, at, "D", zorder=4, clip_on=False, **MARK)


def _values(axes: Any, at: np.ndarray, mine: pd.DataFrame, statistic: str, reach: float) -> None:
    """Write each value at the right of its interval and of its mark."""
    ends = mine[["estimate", "upper", "published"]].max(axis=1).clip(upper=reach)
    for y, end, value, firms in zip(at, ends, mine["estimate"], mine["firms"], strict=True):
        if not firms:
            text, end = "no firm tells", 0.0
        else:
            text = f"{100 * value:.0f}%" if statistic == "percent" else f"{value:.1f}"
        axes.annotate(text, (end, y), (6, 0), textcoords="offset points", va="center", fontsize=7.5, color=MUTED)


def _reach(table: pd.DataFrame, statistic: str) -> float:
    """Return where the axis ends: it shows every value, and an interval up to a few times the largest of them."""
    widest = float(np.nanmax(table[["upper", "published"]].to_numpy(dtype=float), initial=0.2))
    if statistic == "percent":
        return min(1.0, widest) + 0.08
    largest = float(np.nanmax(table[["estimate", "published"]].to_numpy(dtype=float), initial=1.0))
    return min(1.1 * widest, 2.5 * largest)


def _scale(axes: Any, reach: float, statistic: str, unit: str) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_xlim(0, reach)
    if statistic == "percent":
        axes.set_xticks(np.arange(0, min(1.0, reach - 0.03) + 0.001, 0.2 if reach > 0.58 else 0.1))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel("share of firms")
    else:
        axes.set_xlabel(unit)


def legend(
    axes: Any, looks: dict[str, Look], heading: str, *, marked: bool = False, filled: bool = False, line: bool = False
) -> None:
    """Put the groups and the mark of published figures above the axes."""
    axes.legend(
        handles=handles(looks, marked=marked, filled=filled, line=line), title=heading, title_fontsize=8,
        alignment="left", loc="lower left", bbox_to_anchor=(0, 1.01), ncols=5, borderaxespad=0, handlelength=1.6,
        columnspacing=1.4,
    )  # fmt: skip


def handles(looks: dict[str, Look], *, marked: bool = False, filled: bool = False, line: bool = False) -> list[Any]:
    """Return what a legend shows: the groups, and the mark of published figures."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown: list[Any] = []
    for group, look in looks.items():
        if filled:
            shown.append(Patch(facecolor=look.color, hatch=look.hatch, edgecolor=PAPER, linewidth=0, label=group))
        else:
            style: Any = look.dashes if line else ""
            shown.append(Line2D([], [], color=look.color, marker=look.marker, linestyle=style, label=group))
    if marked:
        shown.append(Line2D([], [], marker="D", linestyle="", label=PUBLISHED, **MARK))
    return shown
