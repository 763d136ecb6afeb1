"""The figures of a report: which pictures a source and its models give, and one of them for a user."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from ..core.errors import OptionError
from ..core.options import checked
from . import catalogue
from .bars import bars
from .catalogue import Plate
from .contrasts import published_contrasts
from .curves import curves, entered
from .dots import dots
from .fits import Fit, told
from .forest import forest
from .groups import Group, Grouping, grouping
from .made import made
from .measures import EVERYONE, Item, measure
from .pictures import Picture
from .reading import firms_table
from .scatter import COHORTS, cohorts, scatter
from .sources import Source
from .style import ALL, Look, looks

PUBLISHED_PAIR = ("niche", "mass")


@checked
def figure(name: str, firms: Any = None, by: str = "niche") -> Any:
    """Draw one figure of the report.

    Parameters
    ----------
    name : str
        `"contrasts"` (the published counts, which need no firms), or one of `"turnover"`, `"rd"`, `"market"`,
        `"years"`, `"founding"`, `"foreign_share"`, `"countries"`, `"regions"` and so on; the error for an unknown one
        lists them.
    firms : data frame, optional
        A firms table: what `survey.derive` or `survey.read_enterprise_survey` returns.
    by : str, default "niche"
        The column that makes the groups.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; where the firms are synthetic it says so.

    Raises
    ------
    OptionError
        If there is no such figure, or `by` makes no groups.
    DataError
        If a column does not hold what the firms table has there.

    Examples
    --------
    >>> from exportmodels import report
    >>> report.figure("contrasts").savefig("contrasts.pdf")  # doctest: +SKIP
    """
    drawn = {"contrasts": contrast_picture(published_contrasts(), PUBLISHED_PAIR, "", "")}
    if firms is not None:
        table = firms_table(firms)
        kind = "enterprise-survey" if "share_direct" in table else "questionnaire"
        known = made(table)
        source = Source(kind, "", known, grouping(known, by))
        drawn |= {picture.name: picture for picture in pictures(source)}
    if name not in drawn:
        hint = "" if firms is not None else "; with firms= there are more"
        raise OptionError(f"there is no figure {name!r} here; there are: {', '.join(drawn)}{hint}")
    return drawn[name].figure()


def pictures(source: Source) -> Iterable[Picture]:
    """Yield the pictures of the firms themselves, as far as their columns go."""
    plates = catalogue.ENTERPRISE if source.enterprise else catalogue.QUESTIONNAIRE
    for plate in plates:
        items = plate.items(source.firms, source.grouping.by)
        if items:
            yield _plate(source, plate, items)
    if {"founded", "years_to_export"} <= set(source.firms) and source.firms["years_to_export"].notna().any():
        yield _founding(source)
    if {"duration", "exported"} <= set(source.firms) and _events(source):
        yield _entered(source)


def group_looks(groups: Sequence[Group]) -> dict[str, Look]:
    """Return the look of each group."""
    return dict(zip([group.label for group in groups], looks(len(groups)), strict=True))


def heading(compared: Grouping) -> str:
    """Return what stands above the groups' names in a legend; niche and mass speak for themselves."""
    return "" if compared.compares else compared.label


def _plate(source: Source, plate: Plate, items: list[Item]) -> Picture:
    firms = source.firms
    compared = grouping(firms, plate.by) if plate.by else source.grouping
    groups, shown = list(compared.groups), group_looks(compared.groups)
    if plate.whole:
        groups, shown = [EVERYONE, *groups], {EVERYONE.label: ALL, **shown}
    table = measure(firms, items, groups, base=plate.base, statistic=plate.statistic, figures=plate.figures)
    table["unit"] = "share" if plate.statistic == "percent" else plate.unit

    def draw() -> Any:
        return bars(table, shown, statistic=plate.statistic, unit=plate.unit, heading=heading(compared))

    trace = f"{plate.base.words[0].upper()}{plate.base.words[1:]}. {_answered(table)} {_interval(source, plate)}"
    printed = [number for number in plate.figures if (table["published_figure"] == number).any()]
    if printed:
        trace += f" Diamonds: the 2009 report, {_figures(printed)}."
    return Picture(plate.name, plate.question, plate.title, table, trace, draw, source.synthetic)


def _answered(table: pd.DataFrame) -> str:
    spans = []
    for group, rows in table.groupby("group", sort=False):
        low, high = rows["firms"].min(), rows["firms"].max()
        spans.append(f"{group} {low}" if low == high else f"{group} {low} to {high}")
    return f"Firms that tell: {', '.join(spans)}."


def _interval(source: Source, plate: Plate) -> str:
    kind = "Wilson" if plate.statistic == "percent" else "Student"
    weights = ", weighted, on the effective number of firms" if source.weighted else ""
    return f"Lines: 95% intervals ({kind}{weights})."


def _figures(numbers: list[str]) -> str:
    plain = [number for number in numbers if number.isdigit()]
    texts = [f"section {number.removesuffix(' text')}" for number in numbers if not number.isdigit()]
    named = ([f"figure{'s' if len(plain) > 1 else ''} {' and '.join(plain)}"] if plain else []) + texts
    return " and ".join(named)


def _founding(source: Source) -> Picture:
    printed = {}
    if not source.enterprise:
        from ..data import yardstick

        found = {name: yardstick("years_to_export", name) for _, name, _ in COHORTS if name}
        printed = {name: mark.value for name, mark in found.items() if mark is not None}
    table = cohorts(source.firms, printed)
    known = int(source.firms["years_to_export"].notna().sum())
    trace = (
        f"Firms that have exported and tell since when: {known} of {len(source.firms)}. Bars: mean of each cohort"
        f"{', weighted' if source.weighted else ''}. Small grey points: firms outside the groups. Recent cohorts can "
        "only show short waits, because long ones are not over yet. Firms of the last decade are counted in "
        "the cohort before it too."
    )
    if printed:
        trace += " Diamonds: the 2009 report, figure 16."

    def draw() -> Any:
        return scatter(source.firms, table, source.grouping, group_looks(source.grouping.groups))

    title = "Years before firms start exporting, by year of founding"
    return Picture("founding", "timing", title, table, trace, draw, source.synthetic)


def _events(source: Source) -> bool:
    """Whether some firm in the groups is known to have exported after a known time."""
    firms = source.firms
    known = firms["duration"].notna() & firms[source.grouping.by].notna()
    return bool((firms.loc[known, "exported"] == 1).any())


def _entered(source: Source) -> Picture:
    steps, table = entered(source.firms, source.grouping)

    def draw() -> Any:
        return curves(steps, table, group_looks(source.grouping.groups), heading(source.grouping))

    first = table.drop_duplicates("group")
    counts = ", ".join(f"{row['group']} {row['firms']}" for row in first.to_dict("records"))
    trace = (
        f"All firms whose duration is known ({counts}): those that have not exported count as long as they were seen. "
        f"One less the Kaplan-Meier estimate{', weighted' * source.weighted}; bands: 95% log-log intervals"
        f"{' from robust errors' * source.weighted}. Drawn as far as one firm in twenty is seen."
    )
    title = "Share of firms that has exported, by years since founding"
    return Picture("entered", "timing", title, table, trace, draw, source.synthetic)


def contrast_picture(
    table: pd.DataFrame, names: tuple[str, str], trace: str, title: str, *, synthetic: bool = False
) -> Picture:
    """Return the picture of a table of contrasts between two groups."""
    shown = dict(zip(names, looks(2), strict=True))
    return Picture("contrasts", "contrasts", title, table, trace, lambda: forest(table, shown), synthetic)


def findings_picture(source: Source, fits: list[Fit]) -> Picture | None:
    """Return the picture of the first quantity of each question's main model, None where no model was fitted."""
    fitted = [fit for fit in fits if fit.spec.across and fit.results is not None]
    labels = {group.key: group.label for group in source.grouping.groups}
    panels = []
    for fit in fitted:
        table = told(source, fit)
        table = table[table["shown"]].assign(label=table["group"].map(labels)).dropna(subset="label")
        panels.append(table)
    if not panels:
        return None
    whole = pd.concat(panels, ignore_index=True)
    whole["item"], whole["group"] = whole["quantity"], whole["label"]
    used = "; ".join(
        f"{fit.spec.question}: {fit.results.model.title}, {fit.results.nobs} firms"  # type: ignore[union-attr]
        for fit in fitted
    )
    trace = f"Models with controls, one a question ({used}). Lines: 95% intervals by the delta method."
    if whole["published"].notna().any():
        trace += " Diamonds: the 2009 report."
    title = "The four questions, in years, shares, countries and probabilities"

    def draw() -> Any:
        return dots(panels, group_looks(source.grouping.groups), heading(source.grouping))

    return Picture("findings", "summary", title, whole, trace, draw, source.synthetic)
