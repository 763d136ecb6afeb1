"""A .sav or .dta file as raw codes and labels, only the variables that are wanted.

Labels are kept beside the codes and applied by us: the readers' own options drop labels that no row uses, sort
them by the alphabet, or call nominal codes ordered.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..core.errors import AnswersError


@dataclass(frozen=True)
class LabelledFile:
    """The wanted variables of one file, under lower-case names.

    Parameters
    ----------
    name : str
        File name without its folder.
    title : str
        The label of the file itself, often empty.
    codes : pandas.DataFrame
        Raw codes, one column a variable, rows numbered from 1; codes that the file declares missing are NaN.
    labels : dict
        Variable -> its label in the file.
    value_labels : dict
        Variable -> {code: label}.
    """

    name: str
    title: str
    codes: pd.DataFrame
    labels: dict[str, str]
    value_labels: dict[str, dict[Any, str]]


def variables(path: str | Path) -> dict[str, str]:
    """The variables of a file, without reading its rows: lower-case name -> name as the file spells it."""
    _, meta = _call(path, metadataonly=True)
    names: dict[str, str] = {}
    for name in meta.column_names:
        names.setdefault(name.lower(), name)
    return names


def read_file(path: str | Path, names: Collection[str]) -> LabelledFile:
    """Read the variables `names`, as the file spells them, of a .sav, .zsav or .dta file."""
    frame, meta = _call(path, usecols=list(names), disable_datetime_conversion=True)
    value_labels = meta.variable_value_labels
    if not len(frame):
        raise AnswersError(f"{Path(path).name} has no rows.")
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return LabelledFile(
        name=Path(path).name,
        title=meta.file_label or "",
        codes=frame.rename(columns=str.lower).infer_objects(),  # Stata integers with a missing value are objects
        labels={name.lower(): meta.column_names_to_labels[name] or "" for name in names},
        value_labels={name.lower(): value_labels[name] for name in names if name in value_labels},
    )


def _call(path: str | Path, **options: Any) -> tuple[pd.DataFrame, Any]:
    """Call the reader of this file type."""
    import pyreadstat

    path = Path(path)
    readers = {".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".dta": pyreadstat.read_dta}
    if path.suffix.lower() not in readers:
        raise AnswersError(f"{path.name} is no Enterprise Survey file: they end in .sav, .zsav (SPSS) or .dta (Stata).")
    if not path.is_file():
        raise AnswersError(f"There is no file {path}.")
    read = readers[path.suffix.lower()]
    try:
        try:
            return read(str(path), **options)
        except pyreadstat.ReadstatError as error:
            if "encoding" not in str(error):
                raise
            return read(str(path), encoding="LATIN1", **options)  # text is not in the encoding the file declares
    except pyreadstat.ReadstatError as error:
        raise AnswersError(
            f"{path.name} cannot be read as a {path.suffix.lower()} file ({error}). Download it again, or save it "
            "anew in SPSS or Stata."
        ) from error
