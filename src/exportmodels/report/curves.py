"""The share of firms that has exported within so many years, group by group, with intervals and numbers at risk."""

from typing import Any

import numpy as np
import pandas as pd

from .bars import WIDTH, legend
from .groups import Grouping
from .style import MUTED, Look

TIMES = (0, 1, 2, 5, 10, 20, 30, 50)
"""Years that the table and the line of numbers at risk are about."""


def entered(firms: pd.DataFrame, grouping: Grouping) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate the share that has exported, one less Kaplan and Meier's, in each group.

    Returns
    -------
    steps, table : DataFrame
        The curves at every time, as far as one firm in twenty is seen: `group`, `time`, `estimate`, `lower`, `upper`;
        and the same at `TIMES`, with `firms` at risk, as rows of a figure (`item`).
    """
    from ..timing import KaplanMeier

    options: dict[str, Any] = {"weights": "weight"} if "weight" in firms else {}
    known = firms[firms["duration"].notna() & firms["exported"].notna() & firms[grouping.by].notna()]
    until = known["duration"].quantile(0.95)
    fitted = KaplanMeier.from_formula(f"duration ~ {grouping.by}", known, event="exported", **options).fit()
    labels = {group.level: group.label for group in grouping.groups}
    steps = fitted.table()
    steps = steps[steps["time"] <= until].assign(group=steps["group"].map(labels))
    steps = _complement(steps.rename(columns={"survival": "estimate"}))[["group", "time", "estimate", "lower", "upper"]]
    rows, ends = [], []
    for group in grouping.groups:
        mine, spells = steps[steps["group"] == group.label], known.loc[group.rows(known), "duration"]
        if (spells >= until).any():
            ends.append(mine.tail(1).assign(time=until))
        for time in (time for time in TIMES if time <= until):
            name = "within the same year" if time == 0 else f"within {time} year{'s' * (time > 1)}"
            seen = int((spells >= time).sum())
            rows.append({**_at(mine, time, seen), "item": name, "group": group.label, "time": time, "firms": seen})
    steps = pd.concat([steps, *ends], ignore_index=True)
    table = pd.DataFrame(rows).sort_values("time", kind="stable", ignore_index=True)
    return steps, table.assign(unit="share", published=np.nan)


def _at(steps: pd.DataFrame, time: float, seen: int) -> dict[str, float]:
    """Return a curve at a time: zero before its first step, not known when no firm is seen so long."""
    names = ["estimate", "lower", "upper"]
    past = steps.loc[steps["time"] <= time, names]
    if seen == 0:
        return dict.fromkeys(names, np.nan)
    return dict.fromkeys(names, 0.0) if past.empty else {name: float(past[name].iloc[-1]) for name in names}


def _complement(steps: pd.DataFrame) -> pd.DataFrame:
    return steps.assign(estimate=1 - steps["estimate"], lower=1 - steps["upper"], upper=1 - steps["lower"])


def curves(steps: pd.DataFrame, table: pd.DataFrame, looks: dict[str, Look], heading: str) -> Any:
    """Draw the curves of `entered`, with the numbers of firms at risk below.

    Parameters
    ----------
    steps, table : DataFrame
        What `entered` returns.
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
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=(WIDTH, 3.5 + 0.16 * len(looks)), layout="constrained")
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 0.17 * len(looks) + 0.1))
    for group, look in looks.items():
        mine = steps[steps["group"] == group]
        x = np.r_[0.0, mine["time"]]
        lines = {name: np.r_[0.0, mine[name]] for name in ("estimate", "lower", "upper")}
        axes.fill_between(x, lines["lower"], lines["upper"], step="post", color=look.color, alpha=0.16, linewidth=0)
        axes.step(x, lines["estimate"], where="post", color=look.color, linestyle=look.dashes, linewidth=1.8)
        seen = table[(table["group"] == group) & (table["time"] <= steps["time"].max())]
        axes.plot(seen["time"], seen["estimate"], look.marker, color=look.color, markersize=5)
    axes.set_ylim(0, min(1.02, 1.15 * steps["upper"].max()))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylabel("share that has exported")
    axes.set_xlabel("years since founding")
    axes.grid(axis="y")
    axes.tick_params(axis="x", labelbottom=True)
    legend(axes, looks, heading, line=True)
    _at_risk(below, table, list(looks))
    return figure


def _at_risk(axes: Any, table: pd.DataFrame, groups: list[str]) -> None:
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    axes.set_ylim(len(groups) - 0.4, -0.9)
    axes.set_yticks(range(len(groups)), groups, fontsize=7.5)
    axes.annotate("firms at risk", (0, 1), (-6, 3), xycoords="axes fraction", textcoords="offset points", ha="right",
                  fontsize=7, color=MUTED)  # fmt: skip
    crowded = table["time"].between(1, 0.07 * table["time"].max())
    for row in table[~crowded].to_dict("records"):
        place = (row["time"], groups.index(row["group"]))
        axes.annotate(str(row["firms"]), place, ha="center", va="center", fontsize=7.5, color=MUTED)
