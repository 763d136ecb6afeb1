"""Where the firms of a report come from: a file of answers, an Enterprise Survey, or the synthetic sample."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from .. import data, survey
from ..core.errors import AnswersError, OptionError
from ..core.options import choose
from .groups import Grouping, grouping
from .made import made

SYNTHETIC_FIRMS = 50
YEARS = ("years_to_import", "years_to_export", "years_to_export_outside_eu", "years_to_other", "duration")


@dataclass(frozen=True)
class Source:
    """The firms of a report, and what a reader must know of them.

    Parameters
    ----------
    kind : {"published", "questionnaire", "enterprise-survey"}
        "published" where no file was given: published counts, and models of the synthetic sample.
    name : str
        The file's name, or what stands in its place.
    firms : DataFrame
        The firms table, with the columns that the report makes.
    grouping : Grouping
        The groups that are compared.
    notes : list of str
        Sentences on the reading of the file.
    faults : DataFrame
        Answers that break a rule, as `survey.check` lists them.
    unanswered : list of str
        Questions that such a file leaves open.
    """

    kind: str
    name: str
    firms: pd.DataFrame
    grouping: Grouping
    notes: list[str] = field(default_factory=list)
    faults: pd.DataFrame = field(default_factory=pd.DataFrame)
    unanswered: list[str] = field(default_factory=list)

    @property
    def synthetic(self) -> bool:
        """Whether the firms are drawn by a program."""
        return bool(self.firms.attrs.get("synthetic"))

    @property
    def weighted(self) -> bool:
        """Whether the firms carry sampling weights."""
        return "weight" in self.firms

    @property
    def enterprise(self) -> bool:
        """Whether the file is one of the World Bank's Enterprise Surveys."""
        return self.kind == "enterprise-survey"


def source(
    answers: Any = None,
    *,
    format: str = "questionnaire",
    by: str | None = None,
    surveyed: int | None = None,
    weights: str | None = "wmedian",
    seed: int = 0,
) -> Source:
    """Read what a report is about; see `exportmodels.report.build` for the parameters."""
    choose("format", format, FORMATS)
    if answers is None:
        if format != "questionnaire":
            raise OptionError(f"format={format!r} needs a file; without one the report is on the published figures")
        return _published(by, seed)
    if isinstance(answers, str | Path) and not Path(answers).is_file():
        what = "a folder" if Path(answers).is_dir() else "not there"
        raise AnswersError(f"{answers} cannot be read: it is {what}")
    return FORMATS[format](answers, by, surveyed, weights)


def _published(by: str | None, seed: int) -> Source:
    answers = data.synthetic_flanders(SYNTHETIC_FIRMS, seed=seed)
    firms = survey.derive(answers)
    name = f"{SYNTHETIC_FIRMS} synthetic questionnaires"
    return Source("published", name, made(firms), grouping(firms, by or "niche"), [str(answers.attrs["source"])])


def _questionnaire(answers: Any, by: str | None, surveyed: int | None, weights: str | None) -> Source:
    read = survey.read(answers)
    year: dict[str, Any] = {} if surveyed is None else {"surveyed": surveyed}
    firms, faults = survey.derive(read, **year), survey.check(read, **year)
    name = Path(answers).name if isinstance(answers, str | Path) else "a data frame of answers"
    notes = [f"The answers are taken to be of {int(firms['surveyed'].iloc[0])}."]
    cleaned, impossible = _possible_years(firms)
    return Source("questionnaire", name, made(cleaned), grouping(firms, by or "niche"), notes + impossible, faults)


def _enterprise(answers: Any, by: str | None, surveyed: int | None, weights: str | None) -> Source:
    if not isinstance(answers, str | Path):
        raise OptionError("an Enterprise Survey is read from a .sav or .dta file; give its path")
    options: dict[str, Any] = {"weights": weights, "surveyed": surveyed}
    firms = survey.read_enterprise_survey(answers, **options)
    faults = survey.check_enterprise(answers, **options)
    told = firms.attrs
    notes, unanswered = list(told["notes"]), list(told["cannot_answer"])
    if by is None and "novel" not in firms:
        raise OptionError("this file has no column 'novel' to group the firms by; name another with by=")
    return Source(
        "enterprise-survey",
        str(told["source"]),
        made(firms),
        grouping(firms, by or "novel"),
        notes,
        faults,
        unanswered,
    )


FORMATS = {"questionnaire": _questionnaire, "enterprise-survey": _enterprise}


def _possible_years(firms: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take years that are negative as unknown, and say how many there are."""
    notes, changed = [], {}
    for column in (name for name in YEARS if name in firms):
        negative = firms[column] < 0
        if negative.any():
            changed[column] = firms[column].mask(negative)
            label = survey.columns().loc[column, "label"]
            notes.append(f"{label}: negative for {negative.sum()} of {len(firms)} firms, taken as unknown.")
    return firms.assign(**changed), notes
