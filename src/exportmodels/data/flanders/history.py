"""The years of a firm: founding, first import, first export, first export outside the EU, other activities."""

from functools import cache
from typing import NamedTuple

import numpy as np

from .activities import activity_share
from .dealing import deal, deal_by
from .groups import EXPORTERS, left_for_middle, printed
from .markets import outside_chance, portfolios
from .maxent import least_informative

SURVEYED = 2008
ERAS = np.array([[1900, 1949], [1950, 1969], [1970, 1990], [1991, 1998], [1999, 2007]])
OLDEST, YOUNGEST = 0, 4
ERA_SHARES = np.array([6 / 43, 0.18, 0.28, 0.18, 0.36 - 6 / 43])
"""Exporters by era of founding: 6 of 43 before 1950 (figure 16), the others assumed."""

WAITS = np.array([*range(16), 17, 20, 22, 25, 28, *range(30, 85, 5)])
GAPS = np.array([0, 1, 2, 3, 5, 8, 12, 16, 20, 25, 30])
OTHER_GAPS = np.array([0, 1, 2, 4, 6, 9, 12, 15, 20])
IMPORT_WAITS = np.arange(21)
DECAY = {"wait": 15.0, "gap": 6.0, "other": 8.0}
"""Years after which the prior weight of a wait has fallen to 1/e (but not in the oldest era); assumed."""

MASS_WAIT = 9.8
"""Years before mass firms export: almost ten (figure 24)."""
SAME_YEAR_OUTSIDE = 0.25
"""Share of exporters whose first year of export is their first outside the EU; assumed, above the share of first
destinations outside the EU in figure 17."""


class Histories(NamedTuple):
    """Possible histories, one row each: era, waits in years, stratum (group, outside, activities) and probability."""

    era: np.ndarray
    wait: np.ndarray
    gap: np.ndarray
    other: np.ndarray
    stratum: np.ndarray
    chance: np.ndarray


def stratum(group: np.ndarray, outside: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Number the strata of exporters: product group, exports outside the EU, activities beyond trade."""
    return 4 * group + 2 * outside.astype(int) + active.astype(int)


def history(
    rng: np.random.Generator,
    group: np.ndarray,
    imports: np.ndarray,
    exports: np.ndarray,
    outside: np.ndarray,
    active: np.ndarray,
) -> dict[str, np.ndarray]:
    """Draw the years A3, B2, B6, B8 and C2."""
    count = len(group)
    era = deal(rng, ERA_SHARES, count)
    waits = {name: np.full(count, np.nan) for name in ("export", "outside", "other", "import")}
    possible = histories()
    strata = stratum(group, outside, active)
    for which in np.unique(strata[exports]):
        here = np.flatnonzero(exports & (strata == which))
        rows = np.flatnonzero(possible.stratum == which)
        drawn = rows[deal(rng, possible.chance[rows], len(here))]
        era[here] = possible.era[drawn]
        waits["export"][here] = possible.wait[drawn]
        waits["outside"][here] = possible.wait[drawn] + possible.gap[drawn]
        waits["other"][here] = possible.wait[drawn] + possible.other[drawn]
    waits["outside"][~outside] = np.nan
    waits["other"][~active] = np.nan
    waits["import"][imports] = IMPORT_WAITS[deal_by(rng, era[imports], import_chances())]
    needed = np.nanmax([np.zeros(count), *waits.values()], axis=0)
    last = np.minimum(ERAS[era, 1], SURVEYED - needed)
    founded = ERAS[era, 0] + np.floor(rng.random(count) * (last - ERAS[era, 0] + 1))
    items = {"B2": "import", "B6": "export", "B8": "outside", "C2": "other"}
    return {"A3": founded} | {item: founded + waits[name] for item, name in items.items()}


@cache
def import_chances() -> np.ndarray:
    """Return the probabilities of the years before the first import, by era."""
    era, wait = (grid.ravel() for grid in np.meshgrid(range(len(ERAS)), IMPORT_WAITS, indexing="ij"))
    prior = ERA_SHARES[era] * np.exp(-wait / DECAY["gap"]) * (ERAS[era, 0] + wait <= SURVEYED)
    indicators = [era == which for which in range(len(ERAS) - 1)]
    targets = [*ERA_SHARES[:-1] / ERA_SHARES.sum(), printed("years_to_import", statistic="mean")]
    joint = least_informative(np.column_stack([*indicators, wait]).astype(float), np.array(targets), prior)
    joint = joint.reshape(len(ERAS), -1)
    return joint / joint.sum(axis=1, keepdims=True)


@cache
def histories() -> Histories:
    """Return the least informative distribution of exporters' histories with the published means and shares."""
    rows = _cells()
    era, wait, gap, other, strata = rows
    conditions, targets = zip(*_conditions(era, wait, gap, other, strata), strict=True)
    patience = np.where(era == OLDEST, np.inf, DECAY["wait"])
    years_for = np.gradient(WAITS)[np.searchsorted(WAITS, wait)]
    prior = years_for * np.exp(-wait / patience - gap / DECAY["gap"] - other / DECAY["other"])
    chances = least_informative(np.column_stack(conditions).astype(float), np.array(targets), prior)
    return Histories(era, wait, gap, other, strata, chances)


def _cells() -> np.ndarray:
    """Return every possible history; waits that do not apply are 0."""
    blocks = []
    for which in range(4 * len(EXPORTERS)):
        gaps = GAPS if which % 4 >= 2 else GAPS[:1]
        others = OTHER_GAPS if which % 2 else OTHER_GAPS[:1]
        grids = np.meshgrid(np.arange(len(ERAS)), WAITS, gaps, others, [which], indexing="ij")
        blocks.append(np.array([grid.ravel() for grid in grids]))
    rows = np.concatenate(blocks, axis=1)
    era, wait, gap, other, _ = rows
    return rows[:, ERAS[era, 0] + wait + np.maximum(gap, other) <= SURVEYED]


def _conditions(
    era: np.ndarray, wait: np.ndarray, gap: np.ndarray, other: np.ndarray, strata: np.ndarray
) -> list[tuple[np.ndarray, float]]:
    """Return the conditions: the strata, the eras, and the published means, which say (value - mean) averages 0."""
    weights = stratum_chances()
    group, outside, active = strata // 4, strata % 4 >= 2, strata % 2 == 1
    export_means = np.array([printed("years_to_export", "niche", "", "mean"), 0.0, MASS_WAIT])
    export_means[1] = left_for_middle(
        printed("years_to_export", statistic="mean"), export_means[0], export_means[2], EXPORTERS
    )
    out = "years_to_export_outside_eu"
    outside_means = [printed(out, "niche", "", "mean"), printed(out, "mass", "", "mean")]
    oldest, youngest, since_1990 = era == OLDEST, era == YOUNGEST, ERAS[era, 0] > 1990

    def averaging(where: np.ndarray, value: np.ndarray, mean: float) -> tuple[np.ndarray, float]:
        return where * (value - mean), 0.0

    young, old, recent = (f"founded {when}" for when in ("in the last decade", "before 1950", "after 1990"))
    return [
        *((strata == which, weights[which]) for which in range(1, len(weights))),
        *((era == which, ERA_SHARES[which] / ERA_SHARES.sum()) for which in range(1, len(ERAS))),
        *(averaging(group == which, wait, mean) for which, mean in enumerate(export_means)),
        averaging(outside & (group == 0), wait + gap, outside_means[0]),
        averaging(outside & (group == 2), wait + gap, outside_means[1]),
        averaging(outside, wait + gap, printed(out, statistic="mean")),
        averaging(oldest, wait, printed("years_to_export", old, "", "mean")),
        averaging(oldest, wait == 0, printed("years_to_export", old, "0")),
        averaging(youngest, wait, printed("years_to_export", young, "", "mean")),
        averaging(since_1990, wait == 0, printed("years_to_export", recent, "0")),
        averaging(active, wait + other, printed("years_to_other", statistic="mean")),
        averaging(active, other, printed("years_from_export_to_other", statistic="mean")),
        (outside & (gap == 0), SAME_YEAR_OUTSIDE),
    ]


def stratum_chances() -> np.ndarray:
    """Return the share of exporters in each stratum; activities beyond trade go with neither market within a group."""
    chances = []
    for which, firms in enumerate(EXPORTERS):
        _, sets, portfolio = portfolios(which)
        outside = portfolio @ outside_chance(sets)
        active = activity_share()[which]
        chances.append(np.outer([1 - outside, outside], [1 - active, active]).ravel() * firms)
    return np.concatenate(chances) / EXPORTERS.sum()
