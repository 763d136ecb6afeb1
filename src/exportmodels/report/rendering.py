"""A table of cells as LaTeX, HTML, Word and Markdown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd

from ..core.errors import OptionError
from ..core.options import checked_methods, choose

_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "–": "--", "…": r"\dots{}",
}  # fmt: skip
_PREAMBLE = "% Needs: \\usepackage{booktabs,array,makecell,threeparttable}\n"
_NUMBER = re.compile(r"^-(?=[\d.])", flags=re.MULTILINE)
_FIXED = (1980, 1, 1, 0, 0, 0)


@checked_methods
@dataclass(frozen=True)
class RegressionTable:
    """Models side by side, ready to be written.

    Parameters
    ----------
    cells : DataFrame
        Text. Rows are (block, name), columns (outcome, head, number).
    title : str
        The caption.
    notes : tuple of str
        Sentences under the table.
    """

    cells: pd.DataFrame
    title: str = ""
    notes: tuple[str, ...] = ()

    def render(self, format: str) -> str | bytes:
        """Return the table as "tex", "html" or "md" text, or as the bytes of a "docx" file."""
        return choose("format", format, _FORMATS)(self)

    def save(self, path: str | Path) -> None:
        """Write the table; the file's ending says in which format."""
        path = Path(path)
        made = self.render(path.suffix.removeprefix("."))
        try:
            path.write_bytes(made if isinstance(made, bytes) else f"{made}\n".encode())
        except OSError as error:
            raise OptionError(f"{path} cannot be written: {error.strerror}") from None

    def __str__(self) -> str:
        return _markdown(self)

    def _repr_html_(self) -> str:
        return _html(self)

    @property
    def heads(self) -> list[list[str]]:
        """The rows of the head, without levels that are blank."""
        levels = [list(map(str, self.cells.columns.get_level_values(k))) for k in range(self.cells.columns.nlevels)]
        return [level for level in levels if any(level)]


def spans(level: list[str]) -> list[tuple[str, int]]:
    """Join equal neighbours of a row of the head."""
    joined: list[tuple[str, int]] = []
    for text in level:
        if joined and joined[-1][0] == text:
            joined[-1] = (text, joined[-1][1] + 1)
        else:
            joined.append((text, 1))
    return joined


def _html(table: RegressionTable) -> str:
    """A plain table with a caption, heads that span, and row heads; colours and rules are the page's."""
    lines = [
        '<table class="regression">',
        f"<caption>{escape(table.title)}</caption>" if table.title else "",
        "<thead>",
    ]
    for level in table.heads:
        cells = "".join(
            f'<th scope="{"col" if n == 1 else "colgroup"}" colspan="{n}">{escape(text)}</th>'
            for text, n in spans(level)
        )
        lines.append(f"<tr><td></td>{cells}</tr>")
    lines.append("</thead>")
    for block in dict.fromkeys(table.cells.index.get_level_values(0)):
        lines.append(f'<tbody class="{block}">')
        for name, row in table.cells.loc[block].iterrows():
            cells = "".join(f"<td>{_minus(escape(str(cell))).replace(chr(10), '<br>')}</td>" for cell in row)
            lines.append(f'<tr><th scope="row">{escape(str(name))}</th>{cells}</tr>')
        lines.append("</tbody>")
    notes = " ".join(table.notes)
    lines.append(f'<tfoot><tr><td colspan="{table.cells.shape[1] + 1}">{escape(notes)}</td></tr></tfoot></table>')
    return "\n".join(line for line in lines if line)


def _markdown(table: RegressionTable) -> str:
    names, cells = table.cells.index.get_level_values(1), table.cells.to_numpy().tolist()
    cells = [[str(cell).replace("\n", " ") for cell in row] for row in cells]
    body = [[str(name), *row] for name, row in zip(names, cells, strict=True)]
    rows = [[_pipe(cell) for cell in row] for row in [*(["", *level] for level in table.heads), *body]]
    width = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, width, strict=True)) + " |" for row in rows]
    rule = "| " + " | ".join(":" + "-" * (w - 1) if k == 0 else ":" + "-" * (w - 2) + ":" for k, w in enumerate(width))
    lines.insert(1, rule + " |")
    caption = [f"**{table.title}**", ""] if table.title else []
    return "\n".join([*caption, *lines, "", _pipe(" ".join(table.notes))])


def _pipe(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _tex(table: RegressionTable) -> str:
    made = _mtable(table, tex).make(
        type="tex",
        tex_style={"tab_width": None, "group_intro": r"\small", "data_align": "c", "data_addlinespace": "0.15ex"},
    )
    return _PREAMBLE + str(made)


def tex(text: Any) -> str:
    """Escape text for LaTeX; a minus before a number becomes a minus sign."""
    written = "".join(_TEX.get(letter, letter) for letter in str(text))
    return _NUMBER.sub("$-$", written)


def _docx(table: RegressionTable) -> bytes:
    document = _mtable(table, _minus).make(type="docx")
    raw, fixed = BytesIO(), BytesIO()
    document.save(raw)
    _without_times(raw, fixed)
    return fixed.getvalue()


def _without_times(raw: BytesIO, fixed: BytesIO) -> None:
    """Pack a Word file again with one time for all parts, so that the same table gives the same file."""
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    with ZipFile(raw) as old, ZipFile(fixed, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(ZipInfo(part.filename, _FIXED), old.read(part), ZIP_DEFLATED)


def _mtable(table: RegressionTable, written: Any) -> Any:
    from maketables import MTable

    cells = table.cells.map(written)
    cells.index = pd.MultiIndex.from_tuples([(block, written(name)) for block, name in cells.index])
    cells.columns = pd.MultiIndex.from_tuples(
        [tuple(written(fill(text, 18)) for text in head) for head in cells.columns]
    )
    notes, title = written(" ".join(table.notes)), written(table.title) if table.title else None
    return MTable(cells, notes=notes, caption=title, rgroup_display=False, rgroup_sep="t")


def _minus(text: Any) -> str:
    return _NUMBER.sub("\N{MINUS SIGN}", str(text))


_FORMATS: dict[str, Callable[[RegressionTable], str | bytes]] = {
    "tex": _tex,
    "html": _html,
    "docx": _docx,
    "md": _markdown,
}
