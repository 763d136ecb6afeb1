"""Findings as a picture: what a model says of each group, in the outcome's units, beside the published figure."""

from typing import Any

import numpy as np
import pandas as pd

from .bars import MARK, WIDTH, handles, wrapped
from .style import INK, MUTED, Look
from .telling import PERCENT, amount


def dots(panels: list[pd.DataFrame], looks: dict[str, Look], heading: str) -> Any:
    """Draw one panel for each quantity: a dot and an interval for each group.

    Parameters
    ----------
    panels : list of DataFrame
        Rows of `findings(...).table`, one frame a quantity, without differences; the column `label` names the group.
    looks : dict of str to Look
        The look of each group.
    heading : str
        What the groups are, above their names.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    down = (len(panels) + 1) // 2
    height = down * (0.24 * len(looks) + 0.95) + 0.45
    figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(h_pad=0.09))
    axes = np.atleast_2d(figure.subplots(down, 2, squeeze=False))
    for place, panel in zip(axes.flat, panels, strict=False):
        _panel(place, panel, looks)
    for place in axes.flat[len(panels) :]:
        place.set_visible(False)
    marked = any(panel["published"].notna().any() for panel in panels)
    figure.legend(handles=handles(looks, marked=marked), title=heading, title_fontsize=8, alignment="left",
                  loc="outside upper left", ncols=5, borderaxespad=0)  # fmt: skip
    return figure


def _panel(axes: Any, panel: pd.DataFrame, looks: dict[str, Look]) -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    unit, quantity = panel["unit"].iloc[0], panel["quantity"].iloc[0]
    for y, row in enumerate(panel.to_dict("records")):
        look = looks[row["label"]]
        axes.hlines(y, row["lower"], row["upper"], color=INK, linewidth=1)
        axes.plot(row["estimate"], y, look.marker, color=look.color, markersize=7)
        axes.plot(np.nan if pd.isna(row["published"]) else row["published"], y, "D", clip_on=False, **MARK)
        text = amount(row["estimate"], unit, bare=unit not in PERCENT)
        axes.annotate(text, (row["estimate"], y), (0, 6), textcoords="offset points", ha="center", fontsize=7.5,
                      color=MUTED)  # fmt: skip
    axes.set_ylim(len(panel) - 0.4, -0.9)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(left=0)
    axes.margins(x=0.08)
    axes.grid(axis="x")
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    if unit in PERCENT:
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_title(wrapped(f"{quantity[0].upper()}{quantity[1:]}", 46), fontsize=8, fontweight="normal")
