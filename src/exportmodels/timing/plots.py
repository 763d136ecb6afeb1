"""Curves drawn in steps on axes that the user may pass in, with the counts at risk below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Lines that differ in grey and to colour-blind eyes.
_LINES = ("-", "--", "-.", ":")


@dataclass(frozen=True)
class Step:
    """A curve that jumps at some times.

    Parameters
    ----------
    label : str
        Its name in the legend.
    times, heights : ndarray, shape (T,)
        Where it jumps, and to what.
    start : float
        Its value at time zero.
    limits : tuple of ndarray, optional
        Lower and upper limits.
    marks : ndarray, optional
        Times at which firms are cut off.
    """

    label: str
    times: np.ndarray
    heights: np.ndarray
    start: float
    limits: tuple[np.ndarray, np.ndarray] | None = None
    marks: np.ndarray | None = None


def draw_steps(
    steps: Sequence[Step],
    ax: "Axes | None",
    labels: tuple[str, str],
    at_risk: Callable[[Sequence[float]], pd.DataFrame] | None = None,
    times: Any = None,
) -> "Axes":
    """Draw step curves with their limits shaded; below, how many are at risk at the ticks or at other times."""
    ax = new_axes(ax)
    for k, step in enumerate(steps):
        x = np.r_[0.0, step.times]
        (line,) = ax.step(x, np.r_[step.start, step.heights], where="post", linestyle=_LINES[k % 4], label=step.label)
        if step.limits is not None:
            lower, upper = (np.r_[step.start, limit] for limit in step.limits)
            ax.fill_between(x, lower, upper, step="post", alpha=0.15, color=line.get_color(), linewidth=0)
        if step.marks is not None and len(step.marks):
            at = np.searchsorted(step.times, step.marks, side="right")
            height = np.r_[step.start, step.heights][at]
            ax.plot(step.marks, height, linestyle="", marker="|", markersize=4, color=line.get_color())
    ax.set(xlabel=labels[0], ylabel=labels[1], xlim=(0, None))
    ax.set_ylim(0, 1.02 if steps and steps[0].start == 1.0 else None)
    if len(steps) > 1:
        ax.legend(frameon=False)
    if at_risk is not None:
        _write_counts(ax, at_risk, [step.label for step in steps], times)
    return ax


def axis_labels(outcome: str, what: str, event: str) -> tuple[str, str]:
    """Return the labels of both axes, with the names of outcome and event where they say more."""
    time = "years" if outcome in ("years", "y") else f"years ({outcome})"
    return time, what if event == "event" else f"{what} ({event})"


def new_axes(ax: "Axes | None") -> "Axes":
    """Return the given axes, or new ones."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _make_room(ax: "Axes") -> None:
    """Let the figure of given axes, if nothing lays it out yet, leave room for what stands beside and below them."""
    figure = ax.get_figure(root=True)
    if figure is not None and figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")


def _write_counts(
    ax: "Axes", at_risk: Callable[[Sequence[float]], pd.DataFrame], labels: Sequence[str], times: Any
) -> None:
    _make_room(ax)
    low, high = ax.get_xlim()
    shown = [t for t in (ax.get_xticks() if times is None else times) if max(low, 0) <= t <= high]
    rows = [[f"{n:.0f}" for n in row] for row in at_risk(shown).to_numpy()]
    widest = max((len(count) for row in rows for count in row), default=0)
    left = -6 - 3 * widest  # half a count stands left of the axis, at time 0
    small: dict[str, Any] = {"textcoords": "offset points", "fontsize": "small"}
    ax.annotate("at risk", (0, 0), (left, -44), xycoords="axes fraction", ha="right", **small)
    for k, (label, row) in enumerate(zip(labels, rows, strict=True)):
        down = -57 - 12 * k
        ax.annotate(label, (0, 0), (left, down), xycoords="axes fraction", ha="right", **small)
        for t, count in zip(shown, row, strict=True):
            ax.annotate(count, (t, 0), (0, down), xycoords=ax.get_xaxis_transform(), ha="center", **small)
