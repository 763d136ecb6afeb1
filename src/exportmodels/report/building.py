"""Building a report: read, fit, draw, write everything beside its place, and swap it in."""

import json
from pathlib import Path
from typing import Any

from ..core.options import checked
from ..core.progress import progress
from .folder import swapped
from .page import page
from .rendering import RegressionTable
from .report import Report, gathered
from .sources import source
from .trace import digest, numbers

PAGE = "report.html"


@checked
def build(
    answers: Any = None,
    out: str | Path = "report-out",
    *,
    format: str = "questionnaire",
    by: str | None = None,
    surveyed: int | None = None,
    weights: str | None = "wmedian",
    seed: int = 0,
    progress: bool | None = None,
) -> Path:
    """Write the report: one HTML page, tables, figures, and all numbers.

    Parameters
    ----------
    answers : path or data frame, optional
        A CSV file of answers to the questionnaire (or a data frame of them), or a file of an Enterprise Survey. Without
        it the report is on the published figures: exact tests of the published counts, and models of a synthetic sample
        that is marked as such wherever it is shown.
    out : path, default "report-out"
        The folder. It is replaced in one step when everything is written; a folder that holds anything that no report
        wrote is refused.
    format : {"questionnaire", "enterprise-survey"}
        What the file is.
    by : str, optional
        The column that makes the groups: 0 and 1 or categories. By default `niche`, or `novel` (a new product that was
        new to the main market) for an Enterprise Survey.
    surveyed : int, optional
        The year of the answers, where the file does not tell it.
    weights : str or None, default "wmedian"
        The sampling weights of an Enterprise Survey.
    seed : int, default 0
        Seed of the synthetic sample.
    progress : bool, optional
        Show a progress bar over what takes longer than two seconds; by default on a terminal.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    AnswersError
        If the file cannot be read, or no firm in it has exported.
    OptionError
        If an option has a value that it cannot have, or the folder cannot be written or is not ours to replace.

    Examples
    --------
    >>> from exportmodels import report
    >>> page = report.build("answers.csv", "out")  # doctest: +SKIP
    """
    with swapped(out) as folder:
        about = source(answers, format=format, by=by, surveyed=surveyed, weights=weights, seed=seed)
        write(gathered(about, progress), folder, digest(answers), progress)
    return Path(out) / PAGE


def write(report: Report, folder: Path, file_digest: str, show: bool | None) -> None:
    """Write the files of a report into a folder."""
    drawn = {}
    (folder / "figures").mkdir()
    for picture in progress(report.pictures, "Drawing figures", show=show):
        drawn[picture.name], png = picture.render()
        (folder / "figures" / f"{picture.name}.svg").write_text(drawn[picture.name], encoding="utf-8")
        (folder / "figures" / f"{picture.name}.png").write_bytes(png)
    (folder / "tables").mkdir()
    for name, table in report.tables.items():
        _tables(table, folder / "tables" / name)
    known = json.dumps(numbers(report, file_digest), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "numbers.json").write_text(known + "\n", encoding="utf-8")
    (folder / PAGE).write_text(page(report, drawn, file_digest), encoding="utf-8")


def _tables(table: RegressionTable, stem: Path) -> None:
    for ending in ("tex", "html", "docx", "md"):
        table.save(stem.with_suffix(f".{ending}"))
