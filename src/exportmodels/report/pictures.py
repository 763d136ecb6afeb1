"""A picture: its figure, the numbers that it shows, where they come from, and the words for those who cannot see it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import pandas as pd

from .style import DARK, FONTS, drawing
from .telling import PERCENT, amount

STAMP = "SYNTHETIC SAMPLE, NO FIRM'S ANSWERS"
STAMP_COLOR = "#9d2b2b"


@dataclass(frozen=True)
class Picture:
    """One figure of the report.

    Parameters
    ----------
    name : str
        Its name in file names and in `exportmodels.report.figure`.
    question : str
        The section that it stands in.
    title : str
        What it shows.
    table : DataFrame
        The numbers that it shows.
    trace : str
        Firms, base, interval, weights, published figures.
    draw : callable
        Makes the matplotlib figure.
    synthetic : bool
        Whether it shows the synthetic sample, which is then written into it.
    """

    name: str
    question: str
    title: str
    table: pd.DataFrame
    trace: str
    draw: Callable[[], Any]
    synthetic: bool = False

    def figure(self) -> Any:
        """Return the matplotlib figure."""
        with drawing():
            figure = self.draw()
            if self.synthetic:
                _stamp(figure)
        return figure

    def render(self) -> tuple[str, bytes]:
        """Return the figure as SVG text and as the bytes of a PNG file, the same for the same numbers."""
        figure, svg, png = self.figure(), StringIO(), BytesIO()
        with drawing():
            figure.draw_without_rendering()  # lays the figure out, once for both files
            figure.set_layout_engine("none")
            figure.savefig(png, format="png", dpi=200, metadata={"Software": None})
            figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        return _numbered(svg.getvalue()).replace("'DejaVu Sans'", FONTS), png.getvalue()

    @property
    def alt(self) -> str:
        """The figure in words, as long as a reader can listen to."""
        said = [*_said(self.table)]
        shown = "; ".join(said[:MOST_SAID])
        more = f"; and {len(said) - MOST_SAID} more rows, in the table below" if len(said) > MOST_SAID else ""
        return f"{self.title}. {'Synthetic sample. ' if self.synthetic else ''}{shown}{more}."


MOST_SAID = 14


def _numbered(svg: str) -> str:
    """Number what an SVG names by digests, which change with the last digit of what a layout comes to."""
    for number, name in enumerate(dict.fromkeys(re.findall(r'id="(\w*[0-9a-f]{10})"', svg)), start=1):
        svg = svg.replace(name, f"part{number}")
    return svg


def _stamp(figure: Any) -> None:
    """Write below the figure that its firms are synthetic, in a strip that the layout leaves free."""
    strip = 0.2 / figure.get_figheight()
    figure.get_layout_engine().set(rect=(0, strip, 1, 1 - strip))
    style = {"fontsize": 6.5, "color": STAMP_COLOR, "fontweight": "bold"}
    figure.text(0.99, strip / 2, STAMP, ha="right", va="center", **style)


def _said(table: pd.DataFrame) -> list[str]:
    """Say the rows of a measured table, or of findings, one phrase an item."""
    if "item" not in table or "group" not in table:
        return []
    percent = "unit" not in table or table["unit"].isin(PERCENT).all()
    phrases = []
    for item, rows in table.groupby("item", sort=False):
        unit = "share" if percent else ""
        known = rows[rows["estimate"].notna()].to_dict("records")
        values = [f"{row['group']} {amount(row['estimate'], unit)}" for row in known]
        if values:
            phrases.append(f"{item}: {', '.join(values)}")
    return phrases


def themed(svg: str) -> str:
    """Return an SVG whose colours follow the reader's light or dark screen, for embedding in a page."""
    used = {light: dark for light, dark in {**DARK, STAMP_COLOR: "#f08a8a"}.items() if light in svg}
    names = {light: f"--c{k}" for k, light in enumerate(used)}
    for light, name in names.items():
        svg = svg.replace(light, f"var({name})")
    day = "".join(f"{name}:{light};" for light, name in names.items())
    night = "".join(f"{names[light]}:{dark};" for light, dark in used.items())
    rules = f"<style>:root{{{day}}}@media (prefers-color-scheme: dark){{:root{{{night}}}}}</style>"
    return re.sub(r"(<svg\b[^>]*>)", lambda found: found[1] + rules, svg, count=1)
