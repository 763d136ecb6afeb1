"""The look of the figures: colours, hatches, markers and lines that differ in grey and to colour-blind eyes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

INK, MUTED, RULE, PAPER = "#1c2530", "#66707c", "#d6d3cb", "#fffefb"
SEABLUE, OCHRE, ASH = "#1f4e79", "#d08a1d", "#b3b7bc"
DARK = {
    INK: "#e8e5de",
    MUTED: "#a7adb5",
    RULE: "#3c424a",
    PAPER: "#171b20",
    SEABLUE: "#6fa8dc",
    OCHRE: "#e0a23c",
    ASH: "#6b727b",
}
"""Colour on white paper -> colour on a dark screen."""

FONTS = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Look:
    """How one series is drawn: the fill of its bars, the marker of its points, the dashes of its line."""

    color: str
    hatch: str
    marker: str
    dashes: Any


ALL = Look(ASH, "", "s", ":")
_LOOKS = (
    Look(SEABLUE, "", "o", "-"),
    Look(OCHRE, "////", "^", "--"),
    Look("#7fb8a4", "....", "s", "-."),
    Look("#8c3f5d", "\\\\\\\\", "v", ":"),
    Look("#c9b8e0", "xxxx", "D", (0, (6, 1, 1, 1))),
    Look("#4d4d4d", "----", "P", (0, (3, 3))),
    Look("#e8c8a0", "||||", "X", (0, (1, 3))),
    Look("#9fb6c9", "++++", "h", (0, (8, 3))),
)


def looks(count: int) -> tuple[Look, ...]:
    """Return the looks of so many groups."""
    return _LOOKS[:count]


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the report's look, the same on every machine."""
    import matplotlib as mpl

    settings: Any = {
        "font.family": "DejaVu Sans",
        "font.size": 8.5,
        "text.color": INK,
        "axes.edgecolor": MUTED,
        "axes.facecolor": PAPER,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 9,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlepad": 8,
        "figure.facecolor": PAPER,
        "grid.color": RULE,
        "grid.linewidth": 0.6,
        "hatch.color": PAPER,
        "hatch.linewidth": 0.9,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "savefig.facecolor": PAPER,
        "svg.fonttype": "none",
        "svg.hashsalt": "exportmodels",
        "xtick.color": MUTED,
        "xtick.labelcolor": INK,
        "xtick.major.width": 0.6,
        "ytick.color": MUTED,
        "ytick.labelcolor": INK,
        "ytick.major.width": 0.6,
    }
    with mpl.rc_context(settings):
        yield
