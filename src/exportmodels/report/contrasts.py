"""Niche against mass, one 2 x 2 table a row: exact tests, odds ratios with intervals, adjusted p-values."""

import numpy as np
import pandas as pd

from ..data import contrasts as published_counts
from ..inference import adjust, fisher_exact, midp_exact
from ..survey import columns
from .groups import Grouping

COUNTS = ["first_count", "first_base", "second_count", "second_base"]
TESTS = {"fisher": fisher_exact, "midp": midp_exact}
_MADE = {"activities_beyond_trade": "International activities beside trade"}


def published_contrasts() -> pd.DataFrame:
    """Test every contrast of niche with mass firms that the 2009 report published with its numbers of firms.

    Returns
    -------
    pandas.DataFrame
        `figure`, `outcome`, `category`, `label` (and `short`, for figures), the counts and bases of niche (`first`) and
        mass (`second`) firms, `odds_ratio` (conditional maximum likelihood), and for Fisher's exact test and the mid-p
        test (`fisher_`, `midp_`) the 95 % interval (`lower`, `upper`), `p`, and p adjusted over all rows by Holm and by
        Benjamini-Hochberg (`holm`, `bh`).
    """
    counts = published_counts()
    counts.columns = ["figure", "outcome", "category", *COUNTS]
    return tested(counts)


def own_contrasts(measured: pd.DataFrame, grouping: Grouping) -> pd.DataFrame:
    """Test the report's contrasts with the counts of a file of answers, as `published_contrasts` does.

    Parameters
    ----------
    measured : DataFrame
        What `measures.measure` says of shares.
    grouping : Grouping
        Two groups.
    """
    keys = ["outcome", "category"]
    counted = measured[[*keys, "group", "count", "firms"]]
    first, second = (counted[counted["group"] == group.label].drop(columns="group") for group in grouping.groups)
    both = first.merge(second, on=keys, suffixes=("_first", "_second"))
    both.columns = [*keys, *COUNTS]
    printed = published_counts()
    printed.columns = ["figure", *keys, *(f"published_{name}" for name in COUNTS)]
    return tested(printed.merge(both[both["outcome"] != grouping.by], on=keys))


def tested(counts: pd.DataFrame) -> pd.DataFrame:
    """Add odds ratios, intervals, p-values and adjusted p-values; rows that compare nothing are left out."""
    inside = counts["first_count"] + counts["second_count"]
    bases = counts["first_base"] + counts["second_base"]
    some = (counts[["first_base", "second_base"]] > 0).all(axis=1) & (inside > 0) & (inside < bases)
    table = counts[some].reset_index(drop=True)
    results = [{name: test(_two_by_two(row)) for name, test in TESTS.items()} for row in table.to_dict("records")]
    table["label"] = [label(*pair) for pair in zip(table["outcome"], table["category"], strict=True)]
    table["short"] = [short(*pair) for pair in zip(table["outcome"], table["category"], strict=True)]
    table["odds_ratio"] = [row["fisher"].odds_ratio for row in results]
    for name in TESTS:
        table[f"{name}_lower"] = [row[name].conf_int[0] for row in results]
        table[f"{name}_upper"] = [row[name].conf_int[1] for row in results]
        table[f"{name}_p"] = [row[name].pvalue for row in results]
        for method in ("holm", "bh"):
            table[f"{name}_{method}"] = adjust(table[f"{name}_p"], method)
    return table


def whole_questions(table: pd.DataFrame) -> pd.DataFrame:
    """Test whole questions, where the categories cover every firm of both groups: Fisher-Freeman-Halton.

    Returns
    -------
    pandas.DataFrame
        `outcome`, `label`, `categories`, `firms`, `p`.
    """
    rows = []
    for outcome, mine in table.groupby("outcome", sort=False):
        counts = mine[["first_count", "second_count"]].to_numpy().T
        bases = mine[["first_base", "second_base"]].to_numpy()
        if len(mine) > 2 and (bases == bases[0]).all() and (counts.sum(axis=1) == bases[0]).all():
            test = fisher_exact(counts)
            rows.append((outcome, label(str(outcome), ""), len(mine), int(bases[0].sum()), test.pvalue))
    return pd.DataFrame(rows, columns=["outcome", "label", "categories", "firms", "p"])


_SHORT = {
    "start_trigger": "Began by",
    "expected_trend": "Exports expected to",
    "increase_reason": "Increase expected from",
    "countries": "Export countries",
    "regions": "Export regions",
    "foreign_share": "Sales abroad",
    "network": "Network abroad",
    "turnover": "Turnover",
    "rd": "R&D",
}


def short(outcome: str, category: str) -> str:
    """Write a contrast in few words, for a figure."""
    words = _SHORT.get(outcome)
    text = (
        label(outcome, category) if words is None else words + (f": {category.replace('_', ' ')}" if category else "")
    )
    for long, brief in (("Needs support: ", "Needs: "), (">=", "≥ "), ("<=", "≤ "), (">", "more than ")):
        text = text.replace(long, brief)
    return text


def label(outcome: str, category: str) -> str:
    """Write a contrast in words."""
    known = columns()["label"]
    words = _MADE.get(outcome) or (str(known[outcome]) if outcome in known.index else outcome.replace("_", " "))
    return f"{words}: {category.replace('_', ' ')}" if category else words


def _two_by_two(row: dict) -> np.ndarray:
    a, n, c, m = (row[name] for name in COUNTS)
    return np.array([[a, n - a], [c, m - c]])
