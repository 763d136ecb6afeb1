"""Types, motives and growth drivers by group: counts, an exact test of each question, a model of the published ones."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..inference import fisher_exact
from ..strategy import FirthLogit, published_drivers
from ..strategy.published_classes import published_share_for
from .groups import Grouping, grouping
from .made import LABELS
from .sources import Source
from .telling import GroupedFindings, findings

CLASSES = ("typology", "trigger", "reason", "growth_driver")
PUBLISHED = {"niche": "32", "rd_high": "33"}
"""Groupings for which the counts of growth drivers are known, and the figure of the 2009 report."""
DRAWS = 100_000


def classes(source: Source) -> pd.DataFrame:
    """Count firms by class and group, and test each question as a whole.

    Returns
    -------
    pandas.DataFrame
        `data` (the file, or the published figure whose counts they are), `by`, `outcome`, `label`, `category`, `group`,
        `count` of `firms` (of the group, that tell), `share`, `published` (in 2009, and in which `figure`), and `p` of
        the whole question (Fisher-Freeman-Halton). Questions that leave nothing to compare, and weighted files, whose
        counts no exact test is of, are left out.
    """
    tables = [_counted(source.firms, name, source.grouping, source.name) for name in CLASSES if name in source.firms]
    if source.weighted:
        tables = []
    if source.kind == "published":
        tables += [
            _counted(firms, "growth_driver", grouping(firms, by), f"published counts, figure {figure}")
            for by, figure in PUBLISHED.items()
            for firms in [_written_out(by)]
        ]
    return pd.concat([pd.DataFrame(columns=["data"]), *tables], ignore_index=True)


def driver_models() -> dict[str, GroupedFindings]:
    """Say what a model makes of the published counts: does growth come from present markets, by each grouping."""
    return {
        figure: findings(FirthLogit.from_formula(f"present_markets ~ {by}", _written_out(by)).fit(), by)
        for by, figure in PUBLISHED.items()
    }


@cache
def _written_out(by: str) -> pd.DataFrame:
    """Return the published counts of growth drivers as a firms table."""
    counts = published_drivers(by)
    firms = counts.loc[counts.index.repeat(counts["firms"])].drop(columns="firms").reset_index(drop=True)
    table = firms.assign(present_markets=(firms["growth_driver"] == "present markets").astype(float))
    table.attrs["labels"] = LABELS
    return table


def _counted(firms: pd.DataFrame, outcome: str, compared: Grouping, data: str) -> pd.DataFrame:
    told = firms[firms[outcome].notna()]
    counts = {group.label: told.loc[group.rows(told), outcome].value_counts(sort=False) for group in compared.groups}
    table = pd.DataFrame({label: found for label, found in counts.items() if found.sum()})
    full = table[table.sum(axis=1) > 0]
    if min(full.shape) < 2:
        return pd.DataFrame()
    long = full.rename_axis("category").melt(var_name="group", value_name="count", ignore_index=False).reset_index()
    bases, levels = long["group"].map(full.sum()), {group.label: group.level for group in compared.groups}
    look_up = published_share_for(outcome)
    marks = [
        look_up(compared.by, levels[group], category)
        for group, category in zip(long["group"], long["category"], strict=True)
    ]
    about: dict[str, Any] = {"data": data, "by": compared.by, "outcome": outcome, "label": LABELS[outcome]}
    return long.assign(
        **about,
        firms=bases,
        share=long["count"] / bases,
        published=[np.nan if mark is None else mark.value for mark in marks],
        figure=["" if mark is None else mark.figure for mark in marks],
        p=_pvalue(full.to_numpy().T),
    )


def _pvalue(counts: np.ndarray) -> float:
    try:
        return fisher_exact(counts).pvalue
    except OptionError:  # too many tables to enumerate
        return fisher_exact(counts, draws=DRAWS, seed=0).pvalue
