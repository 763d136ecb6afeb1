"""How many countries and which regions a firm exports to, drawn together."""

from functools import cache

import numpy as np

from ..places import REGIONS
from .dealing import chance, deal
from .groups import EXPORTERS, FIRMS, left_for_middle, printed
from .maxent import least_informative
from .trading import subsets

COUNTRIES = np.array([*range(1, 11), 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150])
"""Numbers of countries that are drawn; people who export to many answer in round numbers."""

NICHE_NEAR = {"neighbours": 0.90, "eu15": 0.88}
"""Shares of niche exporters in regions of which nothing is published; assumed."""

FAR_OF_MASS = 0.5
"""Of the 19 mass firms, as many as export to North America, the Middle East and Asia-Pacific each; figure 27 says
very few, and assumed none to South America and Africa, where the niche firms alone may make up figure 12."""

MIDDLE_EU15 = 0.40
MIDDLE_MEAN = 3.5
"""Share of middle exporters that export to the EU-15, and their mean number of countries (figure 18 leaves at most
3.4)."""

OUTSIDE_FROM_REST = 0.3
"""Chance that a firm whose farthest region is the rest of Europe has exported outside the EU; assumed."""


def markets(rng: np.random.Generator, group: np.ndarray, exports: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw the number of export countries and the export regions; NaN for firms that do not export."""
    countries = np.full(len(group), np.nan)
    regions = np.full((len(group), len(REGIONS)), np.nan)
    for which in range(len(FIRMS)):
        here = np.flatnonzero(exports & (group == which))
        numbers, sets, chances = portfolios(which)
        drawn = deal(rng, chances, len(here))
        countries[here], regions[here] = numbers[drawn], sets[drawn]
    return countries, regions


def outside(rng: np.random.Generator, regions: np.ndarray) -> np.ndarray:
    """Draw which firms have exported outside the European Union, given their regions."""
    return chance(rng, outside_chance(np.nan_to_num(regions)))


def outside_chance(sets: np.ndarray) -> np.ndarray:
    """Return the chance that a firm with a set of regions has exported outside the European Union."""
    far = sets[:, 3:].any(axis=1)
    return np.where(far, 1.0, OUTSIDE_FROM_REST * sets[:, 2])


@cache
def portfolios(which: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the possible pairs of a number of countries and a set of regions, with their probabilities in a group.

    The least informative distribution with the published shares of each region, of many and of one country, of four
    and of all regions, and the published mean number of countries.
    """
    all_sets = subsets()
    pick, numbers = (grid.ravel() for grid in np.meshgrid(np.arange(len(all_sets)), COUNTRIES))
    sets, size = all_sets[pick], all_sets[pick].sum(axis=1)
    conditions, targets = zip(*_conditions(which, numbers, sets, size), strict=True)
    targets = np.array(targets)
    features = np.column_stack(conditions).astype(float)
    possible = (size <= numbers) & ~features[:, targets == 0].any(axis=1)
    kept = possible, targets > 0
    prior = np.exp(-0.5 * (size - 1 - 1.1 * np.log(numbers)) ** 2)[possible]
    chances = least_informative(features[kept[0]][:, kept[1]], targets[kept[1]], prior)
    return numbers[possible], sets[possible], chances


def _conditions(which: int, numbers: np.ndarray, sets: np.ndarray, size: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return the conditions on a group's portfolios: a column and its expectation each."""
    regions = [(sets[:, place], share) for place, share in enumerate(export_regions()[which])]
    spread = [(size >= 4, share) for share in (_four_regions(which),) if share is not None]
    everywhere = [(size == len(REGIONS), printed("regions", "niche", "8"))] if which == 0 else []
    one, many, most, mean = (column[which] for column in country_shares())
    return [
        *regions,
        *spread,
        *everywhere,
        (numbers == 1, one),
        (numbers > 10, many),
        (numbers > 50, most),
        (numbers, mean),
    ]


def _four_regions(which: int) -> float | None:
    """Return the share of a group's exporters with four regions or more, None where it is not published."""
    if which == 1:
        return None
    share = printed("regions", ("niche", "", "mass")[which], ">=4")
    return share if which == 0 else share * FIRMS[2] / EXPORTERS[2]


def country_shares() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return, by group, the shares of exporters with one, over ten and over fifty countries, and the mean."""
    niche_mass = {
        "1": (0.0, printed("countries", "mass", "1")),
        ">10": (printed("countries", "niche", ">10"), 1 - printed("countries", "mass", "<=10")),
        ">50": (printed("countries", "niche", ">50"), 0.0),
    }
    rows = []
    for category, (niche, mass) in niche_mass.items():
        middle = left_for_middle(printed("countries", category=category), niche, mass, EXPORTERS)
        rows.append(np.array([niche, middle if middle > 0.005 else 0.0, mass]))
    means = np.array([printed("countries", "niche", "", "mean"), MIDDLE_MEAN, printed("countries", "mass", "", "mean")])
    return rows[0], rows[1], rows[2], means


@cache
def export_regions() -> np.ndarray:
    """Return the share of exporters that export to each region, by group."""
    niche = {
        "north_america": 8 / 17,
        "asia_pacific": 8 / 17,
        "middle_east": printed("export_middle_east", "niche"),
        "south_america": printed("export_south_america", "niche"),
        "africa": printed("export_africa") * FIRMS.sum() / FIRMS[0],
    }
    niche = {name: share * FIRMS[0] / EXPORTERS[0] for name, share in niche.items()} | NICHE_NEAR
    niche["rest_europe"] = printed("regions", "niche", "", "mean") - sum(niche.values())
    far = dict.fromkeys(("north_america", "middle_east", "asia_pacific"), FAR_OF_MASS)
    near = {name: printed(f"export_{name}", "mass") * FIRMS[2] for name in ("eu15", "rest_europe")}
    mass = {name: firms / EXPORTERS[2] for name, firms in (far | near).items()}
    mass |= {"neighbours": printed("regions", "mass", "", "mean") - sum(mass.values())}
    wanted = np.array([[group.get(name, 0.0) for name in REGIONS] for group in (niche, {}, mass)])
    for place, name in enumerate(REGIONS):
        if name == "eu15":
            wanted[1, place] = MIDDLE_EU15
        else:
            overall = printed(f"export_{name}") * FIRMS.sum() / EXPORTERS.sum()
            wanted[1, place] = left_for_middle(overall, wanted[0, place], wanted[2, place], EXPORTERS)
    return wanted.round(9)
