"""World Bank Enterprise Surveys: one fixed questionnaire in over 150 countries, read into the firms table.

The table has the columns that `exportmodels.survey.derive` gives for the questionnaire of the 2009 report, as far
as the items of these surveys go.
"""

from pathlib import Path

import pandas as pd

from ..core.errors import AnswersError, OptionError
from ..core.options import checked
from .enterprise_clean import identifiers, values
from .enterprise_derive import derive
from .enterprise_faults import Faults
from .enterprise_file import LabelledFile, read_file, variables
from .enterprise_items import CANNOT_ANSWER, DERIVED, DIRECT_ONLY, EXPORTERS_ONLY, IDENTIFIERS, ITEMS, WEIGHTS, Item
from .enterprise_year import FISCAL_YEAR, INTERVIEW_YEAR, survey_year
from .variables import columns


@checked
def read_enterprise_survey(
    path: str | Path,
    *,
    weights: str | None = "wmedian",
    exports: str = "any",
    surveyed: int | str | None = None,
) -> pd.DataFrame:
    """Read a file of the World Bank's Enterprise Surveys and derive the firms table.

    Negative codes (don't know, refused, does not apply) are unknown, never values. All labels of the file are kept,
    in the order of their codes. No row is dropped: an impossible answer becomes NaN and is counted in
    `attrs["faults"]`; `check_enterprise` lists them one by one.

    Parameters
    ----------
    path : str or pathlib.Path
        A `.sav`, `.zsav` or `.dta` file with the questionnaire's variable names, in any case.
    weights : str or None
        The sampling weights that become the column `weight`: `"wmedian"` (the World Bank's own choice),
        `"wstrict"`, `"wweak"`, or another variable (`"wt"` in files that stack countries). `None` for none.
    exports : {"any", "direct"}
        What `exporter` and `share` count: direct and indirect exports, or direct exports only.
    surveyed : int or str, optional
        The year of the interviews, or the variable that holds it. Without it the year is looked for in the
        interview's date (a14y, a15y), in `year`, after the country's name, in the fiscal year (a20y), in the
        file's label and in its name.

    Returns
    -------
    pandas.DataFrame
        One row a firm. Shares lie in 0..1; yes and no are 1.0 and 0.0. `exported` and `duration` are the event
        and the time of a model of the first export; a firm whose first export is of an unknown year, or before
        its founding, has `exported` 1 and `duration` NaN. `novel` is 1 for a new product that was new to the
        main market; it measures innovation and is not the report's niche. Items that the file lacks leave their
        columns out. The attributes (`frame.attrs`) hold `labels` (column -> meaning), `items` (column ->
        variable, the weights among them), `file_labels` (variable -> its label), `notes` (sentences), `faults`
        (their counts), `cannot_answer` (sentences), `surveyed_from`, `source` (file name) and `synthetic`.

    Raises
    ------
    AnswersError
        The file cannot be read, lacks b5, d8, d3b, d3c or the weights, or does not tell the interviews' year.
    OptionError
        An option has a value that it cannot have.

    See Also
    --------
    check_enterprise : The answers that contradict each other, row by row.

    References
    ----------
    World Bank, *Enterprise Surveys: Manual and Guide*, www.enterprisesurveys.org.

    Examples
    --------
    An exporter, a firm that does not export, and one that exports but does not know since when:

    >>> import pathlib, tempfile
    >>> import pandas as pd, pyreadstat
    >>> from exportmodels.survey.enterprise import read_enterprise_survey
    >>> answers = pd.DataFrame({
    ...     "idstd": [11, 12, 13], "a14y": [2020, 2020, 2020], "b5": [2001, 1995, 2010],
    ...     "d8": [2004, None, -9], "d3b": [10, 0, 0], "d3c": [30, 0, 100], "e1": [3, 1, 2],
    ...     "wmedian": [2.5, 8.0, 4.0],
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pyreadstat.write_sav(answers, pathlib.Path(folder) / "survey.sav")
    ...     firms = read_enterprise_survey(pathlib.Path(folder) / "survey.sav")
    >>> firms[["firm", "share", "main_market", "years_to_export", "exported", "duration", "weight"]]
       firm  share    main_market  years_to_export  exported  duration  weight
    1    11    0.4  international              3.0       1.0       3.0     2.5
    2    12    0.0          local              NaN       0.0      25.0     8.0
    3    13    1.0       national              NaN       1.0       NaN     4.0
    >>> print(firms.attrs["notes"][-1])
    No known duration, for want of a usable year of founding or of first export: 1 of 3 firms.
    """
    if exports not in ("any", "direct"):
        raise OptionError(f"exports={exports!r} is not known; use 'any' (direct and indirect) or 'direct'.")
    file, present = _open(path, weights, surveyed)
    firms, faults, sources = _firms(file, present, surveyed, exports)
    firms.attrs.update(
        source=file.name,
        synthetic="synthetic" in file.title.lower(),
        labels=_labels(firms, present),
        items={item.column: name for item, name in present},
        file_labels=file.labels,
        surveyed_from=sources,
        notes=_notes(firms, present, faults, sources),
        faults=faults.counts(),
        cannot_answer=_cannot_answer(firms, exports),
    )
    return firms


@checked
def check_enterprise(
    path: str | Path, *, weights: str | None = "wmedian", surveyed: int | str | None = None
) -> pd.DataFrame:
    """List the answers of an Enterprise Survey file that break a rule or contradict each other.

    Parameters
    ----------
    path, weights, surveyed
        As for `read_enterprise_survey`.

    Returns
    -------
    pandas.DataFrame
        One row for each fault, none when all is well, in the columns of `exportmodels.survey.check`: `row` (of the
        firms table, numbered from 1 as in the file), `firm`, `item` (the variable), `rule`, `value` (the answer)
        and `message` (a sentence). The rules are `"same firm"`, `"no number"`, `"unknown code"`, `"no label"`,
        `"not asked"`, `"impossible number"`, `"impossible year"`, `"future year"`, `"before founding"`, `"no
        year"` (an exporter that does not know when it began) and `"contradiction"` (shares that do not add to
        100 %).

    Raises
    ------
    AnswersError, OptionError
        As for `read_enterprise_survey`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd, pyreadstat
    >>> from exportmodels.survey.enterprise import check_enterprise
    >>> answers = pd.DataFrame({"a14y": [2020], "b5": [2001], "d8": [1999], "d3b": [0], "d3c": [30]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pyreadstat.write_dta(answers, pathlib.Path(folder) / "survey.dta")
    ...     faults = check_enterprise(pathlib.Path(folder) / "survey.dta", weights=None)
    >>> print(faults.loc[0, "message"])
    d8 is 1999, before the establishment was founded (b5 is 2001)
    """
    file, present = _open(path, weights, surveyed)
    _, faults, _ = _firms(file, present, surveyed, "any")
    return faults.table()


def _open(
    path: str | Path, weights: str | None, surveyed: int | str | None
) -> tuple[LabelledFile, list[tuple[Item, str]]]:
    """Read the variables that are wanted: the file, and the items it has with their names in it."""
    spelled = variables(path)
    items = list(ITEMS)
    if weights is not None:
        items.append(Item(weights.lower(), "weight", "weight", "Sampling weight", needed=True))
    present, lacking = [], []
    for item in items:
        name = next((name for name in (item.name, *item.aliases) if name in spelled), None)
        if name is not None:
            present.append((item, name))
        elif item.needed:
            lacking.append(f"{item.name} ({item.meaning[0].lower()}{item.meaning[1:]})")
    if lacking:
        weighted = ", ".join(name for name in WEIGHTS if name in spelled) or "none of the usual names"
        raise AnswersError(
            f"{Path(path).name} lacks {', '.join(lacking)}, without which the firms table of an Enterprise Survey "
            f"cannot be derived. Weights in this file: {weighted}; weights=None reads it without."
        )
    wanted = {name for _, name in present} | {*IDENTIFIERS, *INTERVIEW_YEAR, FISCAL_YEAR}
    if isinstance(surveyed, str):
        wanted.add(surveyed.lower())
    return read_file(path, [spelled[name] for name in spelled if name in wanted]), present


def _firms(
    file: LabelledFile, present: list[tuple[Item, str]], surveyed: int | str | None, exports: str
) -> tuple[pd.DataFrame, Faults, dict[str, int]]:
    """The firms table, its faults, and the sources of the year of the interview."""
    firm = identifiers(file)
    faults = Faults(firm)
    repeated = firm.notna() & firm.duplicated(keep=False)
    faults.add(repeated, str(firm.name), "same firm", "firm {value} stands in several rows", firm)
    year, sources = survey_year(file, surveyed, faults)
    answered = {item.column: values(item, name, file, year, faults) for item, name in present}
    firms = pd.DataFrame({"firm": firm, **answered, "surveyed": year})
    return derive(file, firms, faults, exports), faults, sources


def _labels(firms: pd.DataFrame, present: list[tuple[Item, str]]) -> dict[str, str]:
    """Every column in words: the survey's own where it has an item, else those of the questionnaire's table."""
    known = columns()["label"].to_dict() | DERIVED | {item.column: item.meaning for item, _ in present}
    return {column: known[column] for column in map(str, firms)}


def _stopped(firms: pd.DataFrame) -> pd.Series:
    """The firms that exported once and do not at present."""
    return firms["first_export"].notna() & (firms["share_indirect"] + firms["share_direct"] == 0)


def _cannot_answer(firms: pd.DataFrame, exports: str) -> list[str]:
    """The questions of the package that this file leaves open."""
    exporters_only = [] if _stopped(firms).any() else [EXPORTERS_ONLY]
    return [*CANNOT_ANSWER, *exporters_only, *([DIRECT_ONLY] if exports == "direct" else [])]


def _notes(firms: pd.DataFrame, present: list[tuple[Item, str]], faults: Faults, sources: dict[str, int]) -> list[str]:
    """What was absent, unknown or taken from elsewhere, in sentences with counts."""
    found = {item for item, _ in present}
    absent = ", ".join(f"{item.name} ({item.column})" for item in ITEMS if item not in found)
    unanswered = ", ".join(f"{name} {count}" for name, count in faults.unanswered.items())
    years = ", ".join(f"{source} ({count} firms)" for source, count in sources.items())
    counts = {
        "No year of the interview": firms["surveyed"].isna(),
        "No known duration, for want of a usable year of founding or of first export": firms["duration"].isna(),
        "No known export share": firms["share"].isna(),
        "No weight": firms["weight"].isna() if "weight" in firms else pd.Series(dtype=bool),
        "A year of first export but no exports at present": _stopped(firms),
    }
    return [
        f"The year of the interview comes from {years}.",
        *([f"Items that the file lacks, with their columns: {absent}."] if absent else []),
        *(
            [f"Negative codes (don't know, refused, does not apply and the like) are unknown: {unanswered}."]
            if unanswered
            else []
        ),
        *(f"{fault['item']}, {fault['rule']} ({fault['count']}): {fault['treatment']}." for fault in faults.counts()),
        *(f"{what}: {rows.sum()} of {len(firms)} firms." for what, rows in counts.items() if rows.any()),
    ]
