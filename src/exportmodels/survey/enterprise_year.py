"""The year of the interviews of an Enterprise Survey: asked in most files, told by the file's name in others."""

import re
from collections.abc import Iterator

import pandas as pd

from ..core.errors import AnswersError
from .enterprise_clean import numbers
from .enterprise_faults import Faults
from .enterprise_file import LabelledFile
from .rules import year_of_survey

FIRST_SURVEY, LAST_SURVEY = 1990, 2100
INTERVIEW_YEAR = ("a14y", "a15y", "year", "svyyear")  # when the interview began, when it ended, the survey's year
FISCAL_YEAR = "a20y"


def survey_year(file: LabelledFile, option: int | str | None, faults: Faults) -> tuple[pd.Series, dict[str, int]]:
    """The year of each interview and where it was found (source -> number of rows).

    Each rule fills the rows that the rules before left open: the interview's date (a14y, a15y); `year`, `svyyear`;
    the digits at the end of `country` ("Kenya2018"); the close of the last fiscal year (a20y), for some firms a
    year early; the one year in the file's label; the one year in its name. An option takes the place of all rules.

    Raises
    ------
    AnswersError
        No rule gives any row a year, or the option names a variable that the file does not have.
    OptionError
        The option is a number that cannot be the year of a survey.
    """
    year = pd.Series(float("nan"), index=file.codes.index)
    sources: dict[str, int] = {}
    for source, found in _rules(file, option, faults):
        usable = year.isna() & found.between(FIRST_SURVEY, LAST_SURVEY)
        if usable.any():
            year = year.where(~usable, found)
            sources[source] = int(usable.sum())
    if not sources:
        raise AnswersError(
            f"{file.name} does not say in which year the firms were interviewed: there is no year in "
            f"{', '.join(INTERVIEW_YEAR)} or {FISCAL_YEAR}, at the end of country, in the file's label or in its "
            "name. Give the year as surveyed=2018, or the name of the variable that holds it."
        )
    return year, sources


def _rules(file: LabelledFile, option: int | str | None, faults: Faults) -> Iterator[tuple[str, pd.Series]]:
    """The rules in their order: source, and a year for each row (NaN where it has none)."""
    if isinstance(option, str):
        if option.lower() not in file.codes:
            raise AnswersError(f"{file.name} has no variable {option!r} to take the year of the interview from.")
        yield option.lower(), numbers(option.lower(), file, faults)
        return
    if option is not None:
        yield "option", pd.Series(float(year_of_survey(option)), index=file.codes.index)
        return
    for name in INTERVIEW_YEAR:
        if name in file.codes:
            yield name, numbers(name, file, faults)
    if "country" in file.codes:
        labels = file.value_labels.get("country", {})
        names = file.codes["country"].map(lambda code: str(labels.get(code, code)))
        yield "country", pd.to_numeric(names.str.extract(r"(\d{4})$")[0], errors="coerce")
    if FISCAL_YEAR in file.codes:
        yield FISCAL_YEAR, numbers(FISCAL_YEAR, file, faults)
    for source, text in (("file label", file.title), ("file name", file.name)):
        years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text))
        if len(years) == 1:
            yield source, pd.Series(float(years.pop()), index=file.codes.index)
