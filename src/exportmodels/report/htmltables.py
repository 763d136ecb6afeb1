"""Tables of numbers on the page: contrasts, the numbers of a figure, faults, contradictions."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from .sources import Source
from .telling import amount

SIDES = ("first", "second")


def html_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, text: Sequence[int] = (), strong: Any = ()
) -> str:
    """Write a table; `text` are the columns that hold words, `strong` the rows that stand out."""
    marks = [' class="text"' if k in text else "" for k in range(len(heads))]
    head = "".join(f'<th scope="col"{mark}>{escape(name)}</th>' for name, mark in zip(heads, marks, strict=True))
    body = []
    for k, row in enumerate(rows):
        first, *rest = (escape(cell) for cell in row)
        cells = "".join(f"<td{mark}>{cell}</td>" for cell, mark in zip(rest, marks[1:], strict=True))
        standing = ' class="strong"' if k in strong else ""
        body.append(f'<tr{standing}><th scope="row">{first}</th>{cells}</tr>')
    return f'<table class="data"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def contrast_table(table: pd.DataFrame, source: Source) -> str:
    """Write the contrasts: shares with their counts, the odds ratio, p-values raw and adjusted."""
    names = ["niche", "mass"] if source.kind == "published" else [group.label for group in source.grouping.groups]
    beside = source.kind != "published" and source.grouping.compares
    printed = ["2009: niche", "mass"] if beside else []
    heads = [
        "Contrast",
        "Figure",
        *names,
        *printed,
        "Odds ratio",
        "95% interval",
        "Fisher",
        "mid\N{NON-BREAKING HYPHEN}p",
        "Holm",
        "BH",
    ]
    rows = [
        [
            row["short"],
            row["figure"],
            *(_share(row, side) for side in SIDES),
            *(_share(row, f"published_{side}") for side in SIDES if beside),
            ratio(row["odds_ratio"]),
            f"{ratio(row['fisher_lower'])} to {ratio(row['fisher_upper'])}",
            *(pvalue(row[name]) for name in ("fisher_p", "midp_p", "fisher_holm", "fisher_bh")),
        ]
        for row in table.to_dict("records")
    ]
    return html_table(heads, rows, strong=set(np.flatnonzero(table["fisher_holm"] < 0.05)))


def whole_table(table: pd.DataFrame) -> str:
    """Write the tests of whole questions."""
    rows = [
        [row["label"], str(row["categories"]), str(row["firms"]), pvalue(row["p"])] for row in table.to_dict("records")
    ]
    return html_table(["Question", "Answers", "Firms", "p"], rows)


def class_table(table: pd.DataFrame) -> str:
    """Write questions with their classes, group by group: shares with their counts, and p of the whole question."""
    groups = list(dict.fromkeys(table["group"]))
    marked = table["published"].notna().any()
    rows: list[list[str]] = []
    strong = set()
    for label, question in table.groupby("label", sort=False):
        strong.add(len(rows))
        rows.append([str(label), *[""] * (len(groups) * (2 if marked else 1)), pvalue(question["p"].iloc[0])])
        for category, mine in question.groupby("category", sort=False, observed=True):
            by_group = mine.set_index("group").reindex(groups).to_dict("records")
            shares = [_class_share(row) for row in by_group]
            printed = [amount(row["published"], "share") if pd.notna(row["published"]) else "" for row in by_group]
            rows.append([str(category), *shares, *(printed if marked else []), ""])
    heads = ["", *groups, *(f"2009: {group}" for group in groups if marked), "p, exact"]
    return html_table(heads, rows, strong=strong)


def _class_share(row: dict) -> str:
    return "" if pd.isna(row["share"]) else f"{100 * row['share']:.0f}% ({row['count']:.0f}/{row['firms']:.0f})"


def number_table(table: pd.DataFrame) -> str:
    """Write the numbers behind a figure."""
    if "group" not in table:
        return _cohort_table(table)
    marked = table["published"].notna().any()
    heads = ["", "Group", "Estimate", "95% interval", "Firms", *(["Published", "Figure"] if marked else [])]
    named = "published_figure" if "published_figure" in table else "figure"
    rows = []
    for row in table.to_dict("records"):
        unit = row["unit"]
        ends = f"{amount(row['lower'], unit, bare=True)} to {amount(row['upper'], unit, bare=True)}"
        cells = [row["item"], row["group"], amount(row["estimate"], unit), ends, str(row["firms"])]
        if marked:
            known = pd.notna(row["published"])
            cells += [amount(row["published"], unit), str(row[named])] if known else ["", ""]
        rows.append(cells)
    return html_table(heads, rows, text=(1,))


def fault_table(faults: pd.DataFrame, most: int = 200) -> str:
    """Write the faults of a file, the first ones where there are many."""
    names = ["row", "firm", "item", "rule", "message"]
    rows = [[str(row[name]) for name in names] for row in faults.head(most).to_dict("records")]
    more = f"<p>and {len(faults) - most} more: <code>exportmodels check</code> lists them all</p>"
    return html_table(["Row", "Firm", "Item", "Rule", "Fault"], rows, text=(2, 3, 4)) + more * (len(faults) > most)


def contradiction_table(table: pd.DataFrame) -> str:
    """Write where the report contradicts itself."""
    rows = []
    for row in table.to_dict("records"):
        what = " ".join(str(row[name]).replace("_", " ") for name in ("outcome", "category", "group") if row[name])
        sides = [f"{_plain(row[f'value_{side}'])} ({row[f'place_{side}']})" for side in ("a", "b")]
        rows.append([what, *sides, str(row["conclusion"])])
    return html_table(["What", "Says", "And says", "Conclusion"], rows, text=(1, 2, 3))


def ratio(value: float) -> str:
    """Write an odds ratio."""
    if np.isinf(value):
        return "∞"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def pvalue(value: float) -> str:
    """Write a p-value."""
    return "<0.001" if value < 0.0005 else f"{value:.3f}"


def _share(row: dict, side: str) -> str:
    count, base = row[f"{side}_count"], row[f"{side}_base"]
    return f"{100 * count / base:.0f}% ({count}/{base})"


def _cohort_table(table: pd.DataFrame) -> str:
    """Write the mean years of cohorts of founding, and the published means where there are any."""
    heads = ["Founded", "Firms", "Mean years", "Within a year"]
    columns = [table["item"], table["firms"], table["estimate"], [amount(v, "share") for v in table["within_a_year"]]]
    if table["published"].notna().any():
        heads, columns = [*heads, "2009 report, mean years"], [*columns, table["published"]]
    return html_table(heads, [[_plain(value) for value in row] for row in zip(*columns, strict=True)])


def _plain(value: Any) -> str:
    if pd.isna(value):
        return ""
    return (
        f"{value:.3g}"
        if isinstance(value, float) and value != round(value)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
