"""Reading answers: a CSV file or a data frame becomes one table with the questionnaire's items as columns."""

import csv
import difflib
import io
import os
import re
import warnings
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from ..core.errors import AnswersError, ExportModelsWarning
from ..core.frames import listed, to_pandas
from ..core.options import checked
from ..data.synthetic import NOTE, SYNTHETIC
from .cells import answers_in
from .tables import items

DELIMITERS = ",;\t"
FIRM = "firm"


@checked
def read(source: str | os.PathLike[str] | Any) -> pd.DataFrame:
    """Read answers to the questionnaire.

    Column names are item ids (`B6`, `B12_neighbours`; upper or lower case, blanks or hyphens for underscores) and
    `firm` for the firm's own identifier. Cells hold codes or labels, in Dutch or English, in any case and spacing;
    a box is ticked by 1, yes, x or its own label. Some items are enough. Every answer is kept: cells that are no
    answer to their item stay as they are for `check` to list, columns that are no item are kept after the items.

    Parameters
    ----------
    source : path or data frame
        A CSV file (comma, semicolon or tab; UTF-8 or Windows-1252), or a data frame of any make (pandas, polars,
        Arrow), lazy ones included.

    Returns
    -------
    pandas.DataFrame
        One row for each questionnaire: `firm` (numbered from 1 where the source has none), the items in the
        questionnaire's order (codes as `Int64`, numbers as `Float64`, text as `string`), then the other columns,
        whose names are in `attrs["extra"]`. Rows of a file are numbered from 1.

    Raises
    ------
    AnswersError
        If the source cannot be read as the questionnaire at all: no file, no text, not one item among its columns,
        two columns for one item, no rows, rows longer than the header.

    Warns
    -----
    ExportModelsWarning
        Names the columns that are not items of the questionnaire.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels import survey
    >>> answers = survey.read(pd.DataFrame({"A3": [1985], "A9": ["Wereldmarkt"], "B5": ["no"]}))
    >>> print(answers)
       firm      A3  A9  B5
    0     1  1985.0   3   4
    """
    answers = tidy(_file(Path(source)) if isinstance(source, str | os.PathLike) else source)
    if answers.attrs["extra"]:
        named = listed([_guess(name) for name in answers.attrs["extra"]])
        warnings.warn(
            f"the answers have columns that are not items of the questionnaire; they are kept as they are: {named}",
            ExportModelsWarning,
            stacklevel=3,
        )
    return answers


def tidy(source: Any) -> pd.DataFrame:
    """Return a data frame of answers as `read` does, without a warning; answers that were read are left as they are."""
    frame = to_pandas(source)
    found = _found(list(frame.columns))
    if not len(frame):
        raise AnswersError("the answers have no rows below the header")
    firm = frame[found[FIRM]] if FIRM in found else range(1, len(frame) + 1)
    known = {item: answers_in(item, frame[found[item]]) for item in items() if item in found}
    extra = {str(name): frame[name] for name in frame.columns if name not in found.values()}
    if len(extra) < frame.shape[1] - len(found):
        raise AnswersError(f"two columns have the same name as text: {listed(frame.columns)}; rename one")
    answers = pd.DataFrame({FIRM: firm, **known, **extra}, index=frame.index)
    answers.attrs = {**frame.attrs, "extra": list(extra)}
    if answers[FIRM].astype(str).str.startswith(SYNTHETIC).all():
        answers.attrs |= {"synthetic": True, "source": NOTE}
    return answers


def _found(names: list[Hashable]) -> dict[str, Hashable]:
    """Return item (or `firm`) -> the column that holds it, or say why the columns cannot be the questionnaire's."""
    found: dict[str, Hashable] = {}
    for name in names:
        item = _ids().get(_normal(name))
        if item in found:
            raise AnswersError(f"the columns {found[item]!r} and {name!r} are both item {item}; keep one")
        if item:
            found[item] = name
    if not found.keys() - {FIRM}:
        raise AnswersError(
            "no column is an item of the questionnaire (A3, B6, B12_neighbours, ...); the columns are: "
            f"{listed(names)}. `exportmodels codebook` prints the items"
        )
    return found


@cache
def _ids() -> dict[str, str]:
    """Return the names that a column can have, as `_normal` writes them, with the item they mean."""
    return {_normal(name): name for name in [FIRM, *items()]}


def _normal(name: Hashable) -> str:
    return re.sub(r"[\s\-]+", "_", str(name).strip().casefold())


def _guess(name: str) -> str:
    """Name a column, with the item it may have been meant for."""
    close = difflib.get_close_matches(_normal(name), _ids(), 1, 0.85)
    return f"{name} ({_ids()[close[0]]}?)" if close else name


def _file(path: Path) -> pd.DataFrame:
    """Return the cells of a CSV file as text."""
    text = _decoded(path)
    delimiter = max(DELIMITERS, key=lambda mark: _recognized(text, mark))
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if line]
    except csv.Error as error:
        raise AnswersError(f"{path} cannot be read as CSV: {error}; check its quotation marks") from None
    if not lines:
        raise AnswersError(f"{path} is empty")
    header, *body = lines
    width = len(header)
    long = [number for number, line in enumerate(body, 1) if any(cell.strip() for cell in line[width:])]
    if long:
        raise AnswersError(
            f"{path}: answer {listed(long)} has more cells than the header ({width}); put text that holds "
            f"{delimiter!r} in quotation marks"
        )
    cells = [(line + [""] * width)[:width] for line in body]
    frame = pd.DataFrame(cells, columns=header, index=pd.RangeIndex(1, len(cells) + 1), dtype=object)
    return frame.loc[:, [name.strip() != "" or (frame.iloc[:, at] != "").any() for at, name in enumerate(header)]]


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AnswersError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise AnswersError(f"{str(path)!r} is no path: {error}") from None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AnswersError(f"{path} is not text in UTF-8 or Windows-1252; save it as CSV in UTF-8")


def _recognized(text: str, delimiter: str) -> int:
    """Count the columns of the first line that are items, were the cells separated by `delimiter`."""
    first = re.split("[\r\n]", text, maxsplit=1)[0]
    return sum(_normal(cell.strip('"')) in _ids() for cell in first.split(delimiter))
