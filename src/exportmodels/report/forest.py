"""Contrasts as a picture: both groups' shares as a dumbbell, the odds ratio with its exact interval beside it."""

from typing import Any

import numpy as np
import pandas as pd

from .bars import WIDTH, legend, wrapped
from .style import INK, MUTED, RULE, Look

ROW = 0.23
FARTHEST = 100.0
"""Odds ratios beyond this, or below its inverse, are drawn as arrows."""


def forest(table: pd.DataFrame, looks: dict[str, Look]) -> Any:
    """Draw a table of contrasts (see `contrasts.published_contrasts`), largest odds ratio on top.

    Parameters
    ----------
    table : DataFrame
        One row a contrast.
    looks : dict of str to Look
        Names and looks of the two groups.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    from matplotlib.figure import Figure

    table = table.sort_values(["odds_ratio", "fisher_p"], ascending=[False, True], kind="stable")
    figure = Figure(figsize=(WIDTH + 1, ROW * len(table) + 1.1), layout="constrained")
    shares, ratios = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.15))
    at = np.arange(len(table))
    _dumbbells(shares, at, table, looks)
    _ratios(ratios, at, table)
    shares.set_yticks(at, [wrapped(text, 44) for text in table["short"]], fontsize=7.5)
    shares.set_ylim(len(table) - 0.4, -0.6)
    for axes in (shares, ratios):
        axes.tick_params(axis="y", length=0, pad=8)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", color=RULE, linewidth=0.4)
    legend(shares, looks, "share of firms")
    # the layout falls short of the longest label by a little, so it gets less than the whole width
    figure.get_layout_engine().set(rect=(0.03, 0, 0.97, 1))  # type: ignore[union-attr,call-arg]
    return figure


def _dumbbells(axes: Any, at: np.ndarray, table: pd.DataFrame, looks: dict[str, Look]) -> None:
    from matplotlib.ticker import PercentFormatter

    values = [table[f"{group}_count"] / table[f"{group}_base"] for group in ("first", "second")]
    axes.hlines(at, values[0], values[1], color=MUTED, linewidth=1.1, zorder=1)
    for value, look in zip(values, looks.values(), strict=True):
        axes.plot(value, at, look.marker, color=look.color, markersize=5.5, clip_on=False, zorder=3)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(axis="x")


def _ratios(axes: Any, at: np.ndarray, table: pd.DataFrame) -> None:
    low, high = 1 / FARTHEST, FARTHEST
    estimate = table["odds_ratio"].clip(low, high).to_numpy()
    lower, upper = table["fisher_lower"].clip(low, high), table["fisher_upper"].clip(low, high)
    axes.axvline(1, color=MUTED, linewidth=0.9, zorder=0)
    axes.hlines(at, lower, upper, color=INK, linewidth=1, zorder=2)
    inside = table["odds_ratio"].between(low, high).to_numpy()
    axes.plot(estimate[inside], at[inside], "s", color=INK, markersize=4, zorder=3)
    for side, edge, marker in (("fisher_lower", low, "<"), ("fisher_upper", high, ">")):
        beyond = ((table[side] < low) | (table[side] > high)).to_numpy()
        axes.plot(np.full(beyond.sum(), edge), at[beyond], marker, color=INK, markersize=4, clip_on=False)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_xticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    axes.minorticks_off()
    axes.set_title("odds ratio and exact 95% interval", fontsize=8, fontweight="normal")
    axes.annotate("p", (1.03, 1), (0, 8), xycoords="axes fraction", textcoords="offset points", fontsize=8)
    for y, p, holm in zip(at, table["fisher_p"], table["fisher_holm"], strict=True):
        weight = "bold" if holm < 0.05 else "normal"
        style = {"fontsize": 7.2, "color": INK if p < 0.05 else MUTED, "fontweight": weight}
        axes.annotate(f"{p:.3f}" if p >= 0.0005 else "<0.001", (1.03, y), xycoords=("axes fraction", "data"),
                      va="center", **style)  # fmt: skip
