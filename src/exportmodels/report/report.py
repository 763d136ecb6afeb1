"""The report in one object: source, tests, models, figures and tables, of which its files are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ..core.errors import AnswersError
from ..core.progress import progress
from .classes import classes, driver_models
from .contrasts import own_contrasts, published_contrasts, whole_questions
from .figures import PUBLISHED_PAIR, contrast_picture, findings_picture, pictures
from .fits import Fit, fit, planned, told
from .pictures import Picture
from .rendering import RegressionTable
from .sources import Source
from .specs import HEADS
from .tables import table
from .telling import GroupedFindings

QUESTIONS = ("timing", "share", "spread", "strategy")
SYNTHETIC_NOTE = "Synthetic sample: drawn by a program to agree with published figures, no firm's answers."


@dataclass(frozen=True)
class Report:
    """Everything that is written.

    Parameters
    ----------
    source : Source
        Where the firms come from.
    fits : list of Fit
        The models.
    pictures : list of Picture
        The figures.
    contrasts : DataFrame
        Exact tests: of the published counts without a file, of the file's own counts otherwise.
    tables : dict of str to RegressionTable
        One a question, and "across".
    findings : DataFrame
        What the models say, in the outcomes' units.
    classes : DataFrame
        Types, motives and growth drivers by group, with exact tests; also those of the published counts without a file.
    driver_models : dict of str to GroupedFindings
        What models say of the published counts of growth drivers, by figure; none with a file.
    """

    source: Source
    fits: list[Fit]
    pictures: list[Picture]
    contrasts: pd.DataFrame
    tables: Mapping[str, RegressionTable] = field(default_factory=dict)
    findings: pd.DataFrame = field(default_factory=pd.DataFrame)
    classes: pd.DataFrame = field(default_factory=pd.DataFrame)
    driver_models: Mapping[str, GroupedFindings] = field(default_factory=dict)

    @property
    def whole_questions(self) -> pd.DataFrame:
        """Tests of whole questions, where the contrasts cover all answers."""
        return whole_questions(self.contrasts) if len(self.contrasts) else pd.DataFrame()

    def of(self, question: str) -> list[Fit]:
        """Return the models of one question."""
        return [fit for fit in self.fits if fit.spec.question == question]

    def told(self, fit: Fit) -> pd.DataFrame:
        """Return the findings of one model."""
        if not len(self.findings):
            return self.findings
        mine = (self.findings["model"] == fit.name) & (self.findings["question"] == fit.spec.question)
        return self.findings[mine & (self.findings["base"] == fit.base)]

    def figures_of(self, question: str) -> list[Picture]:
        """Return the figures of one question."""
        return [picture for picture in self.pictures if picture.question == question]


def gathered(source: Source, show: bool | None) -> Report:
    """Fit the models and prepare the figures and tables of a report."""
    told_of = [name for name in ("exported", "exporter") if name in source.firms]
    if told_of and not (source.firms[told_of] == 1).any(axis=None):
        raise AnswersError(f"no firm in {source.name} has exported, so there is nothing to report on")
    made = [fit(source, spec) for spec in progress(planned(source), "Fitting models", show=show)]
    drawn = list(pictures(source))
    contrasts = _contrasts(source, drawn)
    if len(contrasts):
        drawn.append(_contrast_picture(source, contrasts))
    glance = findings_picture(source, made)
    return Report(
        source,
        made,
        [*([glance] if glance is not None else []), *drawn],
        contrasts,
        {name: one for name in (*QUESTIONS, "across") if (one := _table(source, made, name)) is not None},
        _findings(source, made),
        classes(source),
        driver_models() if source.kind == "published" else {},
    )


def _contrasts(source: Source, drawn: list[Picture]) -> pd.DataFrame:
    """Test the published counts; those of the file where there is one, two groups, and no weights."""
    if source.kind == "published":
        return published_contrasts()
    if not source.grouping.pair or source.weighted:
        return pd.DataFrame()
    shares = [p.table for p in drawn if "unit" in p.table and (p.table["unit"] == "share").all()]
    return own_contrasts(pd.concat(shares, ignore_index=True), source.grouping)


def _contrast_picture(source: Source, contrasts: pd.DataFrame) -> Picture:
    if source.kind == "published":
        title = "Niche against mass firms: the published counts, and what an exact test makes of them"
        where = "Real data: the counts behind the percentages that the 2009 report published."
        names = PUBLISHED_PAIR
    else:
        first, second = source.grouping.groups
        title, names = f"{first.words} against {second.words}: exact tests", (first.label, second.label)
        where = f"Counts of {source.name}."
    trace = (
        f"{where} {len(contrasts)} contrasts. Squares: conditional odds ratio; lines: exact 95% interval, an arrow "
        "where it goes on; numbers: p of Fisher's exact test, dark below 0.05, bold if still below 0.05 after Holm."
    )
    drawn = source.synthetic and source.kind != "published"
    return contrast_picture(contrasts, names, trace, title, synthetic=drawn)


def _table(source: Source, made: list[Fit], name: str) -> RegressionTable | None:
    chosen = [fit for fit in made if (fit.spec.across if name == "across" else fit.spec.question == name)]
    fitted = [fit for fit in chosen if fit.results is not None]
    if not fitted:
        return None
    title = {
        "timing": "When: time to the first export",
        "share": "How much: share of sales abroad",
        "spread": "How widely: number of export countries",
        "strategy": "By which route: strategies",
        "across": "Across the questions",
    }[name]
    made_table = table(
        [fit.results for fit in fitted if fit.results is not None],
        heads=[fit.spec.heading for fit in fitted],
        labels=HEADS,
        title=title + (" (synthetic sample)" if source.synthetic else ""),
        rows={"Sample": [fit.base for fit in fitted]},
        notes=[SYNTHETIC_NOTE] if source.synthetic else [],
    )
    return made_table  # type: ignore[no-any-return]


def _findings(source: Source, made: list[Fit]) -> pd.DataFrame:
    tables = [told(source, one) for one in made if one.results is not None]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
