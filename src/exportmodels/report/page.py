"""The page: one HTML file with everything inside, from a report."""

import base64
import re
from importlib.resources import files
from typing import Any

import pandas as pd

from ..core.frames import listed
from ..data import contradictions
from ..data.figures import SOURCE
from .classes import PUBLISHED
from .htmltables import class_table, contradiction_table, contrast_table, fault_table, number_table, whole_table
from .pictures import Picture, themed
from .report import QUESTIONS, Report
from .sources import Source
from .telling import GroupedFindings
from .trace import described, versions
from .words import CLASS_LEADS, CLASS_TITLES, LEADS, METHODS, SHORT, TITLES, lead


def order(report: Report) -> list[str]:
    """Return the sections: published counts come first, the tests of a file's own counts after what they rest on."""
    tests = ["contrasts"] if len(report.contrasts) else []
    first, last = (tests, []) if report.source.kind == "published" else ([], tests)
    return ["summary", "data", *first, "firms", *QUESTIONS, *last, "across", "methods"]


def page(report: Report, drawn: dict[str, str], file_digest: str) -> str:
    """Return the page.

    Parameters
    ----------
    report : Report
        What it says.
    drawn : dict of str to str
        The SVG text of each figure, by name.
    file_digest : str
        SHA-256 of the file of answers, blank where there is none.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    folder = files(__package__) / "templates"
    template = environment.from_string((folder / "page.html").read_text(encoding="utf-8"))
    shown = order(report)
    return template.render(
        css=Markup((folder / "page.css").read_text(encoding="utf-8")),
        source=report.source,
        titles=TITLES,
        contents=[(name, SHORT[name]) for name in shown],
        sections=[name for name in shown if name not in ("summary", "data", "methods")],
        leads={name: lead(name, report.source) for name in LEADS},
        pictures=_pictures(report, drawn),
        tables={name: Markup(table.render("html")) for name, table in report.tables.items()},
        methods=METHODS,
        versions=versions(),
        citation=f"Figures of the 2009 report: {SOURCE}",
        **_head(report),
        **_data(report, file_digest),
        **_results(report),
        **_appendix(report),
        classes=_classes(report),
    )


def _head(report: Report) -> dict[str, Any]:
    source = report.source
    kicker = f"Report on {source.name}"
    if source.kind == "published":
        kicker = "Published figures of 2009, and a synthetic sample"
        title = "Why, when, how much and how widely small firms sell abroad"
        deck = (
            "The 2009 report on the internationalization of small firms in Flanders, read again: what it published of "
            "niche and mass firms, what exact tests say of it, and what models say of firms like these."
        )
    else:
        widely = "" if source.enterprise else "how widely "
        title = f"When, how much, {widely}and by which route firms sell abroad"
        title = title.replace("much, and", "much and")
        deck = f"{len(source.firms):,} firms. Compared: {_compared(source)}."
    return {"title": title, "kicker": kicker, "deck": deck, "key": _key(report), "main": _main_sentences(report)}


def _compared(source: Source) -> str:
    if source.grouping.compares:
        return " and ".join(group.words for group in source.grouping.groups)
    return f"{source.grouping.label}: {listed([group.label for group in source.grouping.groups], 8)}"


def _key(report: Report) -> list[tuple[str, str]]:
    """Return the few numbers that stand on top."""
    firms, table = report.source.firms, report.contrasts
    key = []
    if len(table):
        key += [
            (str(len(table)), "contrasts with known counts"),
            (str(int((table["fisher_p"] < 0.05).sum())), "of them with p below 0.05 (Fisher)"),
            (str(int((table["fisher_holm"] < 0.05).sum())), "still below 0.05 after Holm"),
            (str(int((table["fisher_bh"] < 0.05).sum())), "below 0.05 after Benjamini-Hochberg"),
        ]
    if report.source.kind != "published":
        exported = int((firms["exported"] == 1).sum()) if "exported" in firms else 0
        known = [(f"{exported:,}", "have exported")] if exported else []
        key = [(f"{len(firms):,}", "firms"), *known, *key]
        if "years_to_export" in firms and firms["years_to_export"].notna().any():
            key.append((f"{firms['years_to_export'].median():g}", "median years to the first export, exporters"))
    return key


def _main_sentences(report: Report) -> list[tuple[str, str]]:
    table = report.findings
    return _sentences(table[table["shown"]], report) if len(table) else []


def _sentences(table: pd.DataFrame, report: Report) -> list[tuple[str, str]]:
    """Return quantities, and what is said of each."""
    told = []
    for quantity, rows in table.groupby("quantity", sort=False):
        (sentence,) = GroupedFindings(rows, report.source.grouping.by).sentences()
        told.append((sentence[: len(str(quantity))], minus(sentence[len(str(quantity)) + 2 :])))
    return told


def minus(text: str) -> str:
    """Write minus signs before numbers, and leave hyphens between them."""
    return re.sub(r"(?<![\w%])-(?=\d)", "\N{MINUS SIGN}", text)


def _pictures(report: Report, drawn: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of each section, numbered in the order of the page."""
    from markupsafe import Markup

    found: dict[str, list[dict[str, Any]]] = {}
    number = 0
    for section in order(report):
        found[section] = []
        for picture in report.figures_of(section):
            number += 1
            data = "" if section == "contrasts" else Markup(number_table(picture.table))
            found[section].append(
                {
                    "name": picture.name,
                    "number": number,
                    "title": picture.title,
                    "trace": picture.trace,
                    "alt": picture.alt,
                    "synthetic": picture.synthetic,
                    "uri": _uri(picture, drawn),
                    "data": data,
                }
            )
    return found


def _uri(picture: Picture, drawn: dict[str, str]) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(themed(drawn[picture.name]).encode()).decode()


def _data(report: Report, file_digest: str) -> dict[str, Any]:
    from markupsafe import Markup

    source = report.source
    counts = ", ".join(f"{group.label} {int(group.rows(source.firms).sum())}" for group in source.grouping.groups)
    outside = int(source.firms[source.grouping.by].isna().sum())
    about = [
        ("Source", source.name),
        *([("SHA-256", file_digest)] if file_digest else []),
        ("Firms", str(len(source.firms))),
        (
            "Groups",
            f"{source.grouping.label} ({source.grouping.by}): {counts}{f'; {outside} in no group' * bool(outside)}",
        ),
        ("Weights", "the file's sampling weights, in every share, mean and model" if source.weighted else "none"),
        ("Answers that break a rule", str(len(source.faults))),
    ]
    return {"about": about, "faults": Markup(fault_table(source.faults)) if len(source.faults) else ""}


def _results(report: Report) -> dict[str, Any]:
    from markupsafe import Markup

    contrasts: dict[str, Any] | None = None
    if len(report.contrasts):
        whole = report.whole_questions
        contrasts = {
            "title": "Niche against mass: exact tests" if report.source.kind == "published" else TITLES["contrasts"],
            "lead": _contrast_lead(report),
            "rows": Markup(contrast_table(report.contrasts, report.source)),
            "whole": Markup(whole_table(whole)) if len(whole) else "",
        }
    told: dict[str, list[tuple[str, dict[str, Any]]]] = {name: [] for name in QUESTIONS}
    for fit in sorted(report.fits, key=lambda fit: not fit.spec.across):
        rows = report.told(fit)
        if len(rows):
            model = {"base": fit.base, "firms": rows["firms"].iloc[0], "open": fit.spec.across}
            told[fit.spec.question].append((fit.name, {**model, "sentences": _sentences(rows, report)}))
    problems = {
        name: [f"{fit.name}, {fit.base}: not estimated. {fit.problem}" for fit in report.of(name) if fit.problem]
        for name in (*QUESTIONS, "firms", "across")
    }
    return {"contrasts": contrasts, "findings": told, "problems": problems}


def _classes(report: Report) -> list[dict[str, Any]]:
    """Return the tables of types, motives and drivers: of the firms, and of each published figure."""
    from markupsafe import Markup

    found = []
    for data, table in report.classes.groupby("data", sort=False):
        own = data == report.source.name
        which = "firms" if own else PUBLISHED[table["by"].iloc[0]]
        told = report.driver_models.get(which)
        found.append(
            {
                "title": CLASS_TITLES[which],
                "lead": CLASS_LEADS[which],
                "published": not own,
                "rows": Markup(class_table(table)),
                "firms": 0 if told is None else told.table["firms"].iloc[0],
                "sentences": [] if told is None else [minus(sentence) for sentence in told.sentences()],
            }
        )
    return found


def _contrast_lead(report: Report) -> list[str]:
    table = report.contrasts
    small = int((table["fisher_p"] < 0.05).sum())
    kept = table[table["fisher_holm"] < 0.05]["short"].tolist()
    after = (
        f"After Holm's adjustment there remain: {'; '.join(kept)}." if kept else "After Holm's adjustment none remains."
    )
    what = (
        "that the report published with percentages of known firms"
        if report.source.kind == "published"
        else "of the file"
    )
    expected = 0.05 * len(table)
    return [
        f"{len(table)} contrasts {what}. By Fisher's exact test {small} have p below 0.05, where chance alone would "
        f"give at most {expected:.1f} on average. {after}",
    ]


def _appendix(report: Report) -> dict[str, Any]:
    from markupsafe import Markup

    models = []
    for fit in report.fits:
        known = described(fit)
        names = ("title", "formula", "base", "firms", "left_out", "covariance", "weights", "certificate", "problem")
        about = [(name.replace("_", " "), known[name]) for name in names if known.get(name) not in (None, "")]
        about += [("note", note) for note in [*known.get("notes", []), *known["warnings"]]]
        summary = "" if fit.results is None else str(fit.results.summary())
        models.append({"question": fit.spec.question, "model": fit.name, "about": about, "summary": summary})
    clashes = "" if report.source.enterprise else Markup(contradiction_table(contradictions()))
    return {"models": models, "contradictions": clashes}
