"""The first, the main and the first destination outside the European Union of each exporter."""

from functools import cache

import numpy as np

from ..places import OUTSIDE_EU, REGION_OF, REGIONS
from .dealing import deal, deal_rows
from .groups import EXPORTERS, printed
from .markets import portfolios

PLACES = np.array(list(REGION_OF), dtype=object)
HOME = np.array([REGIONS.index(region) for region in REGION_OF.values()])
"""The region of each place, as a position in `REGIONS`."""
OUTSIDE = np.isin(PLACES.astype(str), OUTSIDE_EU)

MAIN = ("Netherlands", "France", "Germany", "United States", "Italy", "United Kingdom")
OTHER_MAIN = [
    "Brazil",
    "India",
    "Japan",
    "Kuwait",
    "Luxembourg",
    "Romania",
    "Russia",
    "Spain",
    "Syria",
    "Switzerland",
    "Vietnam",
    "Zimbabwe",
    "United Arab Emirates",
]
FIRST = ("Netherlands", "France", "Germany", "Luxembourg", "United States", "Congo", "Spain", "United Kingdom")
OTHER_FIRST = [
    "Austria",
    "Hungary",
    "Italy",
    "Poland",
    "Portugal",
    "Australia",
    "Canada",
    "Egypt",
    "Haiti",
    "India",
    "Thailand",
    "Dominican Republic",
]
SAME_OUTSIDE = 0.10
"""Share of firms with a first destination outside the EU whose main destination it still is; assumed."""


def shares_of(outcome: str, named: tuple[str, ...], others: list[str]) -> np.ndarray:
    """Return the share of each place: as published where it is, the rest split evenly over those only named."""
    share = {place: printed(outcome, category=place) for place in named}
    rest = (1 - sum(share.values())) / len(others)
    return np.array([share.get(place, rest if place in others else 0.0) for place in PLACES])


def main_destinations(rng: np.random.Generator, regions: np.ndarray) -> np.ndarray:
    """Draw the main destination (a position in `PLACES`) of exporters, in one of the regions that they export to."""
    shares = shares_of("main_destination", MAIN, OTHER_MAIN)
    chances = region_weights() * regions
    chances /= chances.sum(axis=1, keepdims=True)
    region = deal_rows(rng, chances)
    main = np.zeros(len(regions), dtype=int)
    for place in range(len(REGIONS)):
        here = np.flatnonzero(region == place)
        main[here] = deal(rng, shares * (place == HOME), len(here))
    return main


@cache
def region_weights() -> np.ndarray:
    """Return the weights with which exporters choose their main region, so that all together hold figure 19.

    A firm with the set of regions S has its main destination in region r with probability w_r / sum of w over S; the
    weights are scaled until the mean over all sets is the published share.
    """
    shares = shares_of("main_destination", MAIN, OTHER_MAIN)
    wanted = np.bincount(HOME, shares, minlength=len(REGIONS))
    pieces = [portfolios(which)[1:] for which in range(len(EXPORTERS))]
    sets = np.concatenate([own for own, _ in pieces])
    chances = np.concatenate([own * firms for (_, own), firms in zip(pieces, EXPORTERS, strict=True)])
    weights = wanted.copy()
    for _ in range(2000):
        chosen = weights * sets
        reached = (chances / EXPORTERS.sum()) @ (chosen / chosen.sum(axis=1, keepdims=True))
        weights *= wanted / reached
    return weights / weights.sum()


def first_destinations(rng: np.random.Generator, main: np.ndarray, may_be_outside: np.ndarray) -> np.ndarray:
    """Draw the first destination given the main one, which it still is for the published share of firms.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    main : numpy.ndarray
        Main destination, a position in `PLACES`.
    may_be_outside : numpy.ndarray
        Whether the firm exported outside the EU in its first year of exporting.
    """
    shares = shares_of("first_destination", FIRST, OTHER_FIRST)
    total_outside = shares[OUTSIDE].sum()
    candidates = np.flatnonzero(may_be_outside)
    share = min(1.0, total_outside * len(main) / max(1, len(candidates)))
    outside = np.zeros(len(main), dtype=bool)
    outside[candidates] = deal(rng, np.array([1 - share, share]), len(candidates)) == 1
    same = 1 - printed("main_destination_not_first")
    same_inside = (same - SAME_OUTSIDE * total_outside) / (1 - total_outside)
    first = np.zeros(len(main), dtype=int)
    for here, within, kept in ((outside, OUTSIDE, SAME_OUTSIDE), (~outside, ~OUTSIDE, same_inside)):
        rows = np.flatnonzero(here)
        mains = np.bincount(main[rows], minlength=len(PLACES)) / max(1, len(rows))
        joint = coupled(shares * within / (shares * within).sum(), mains, kept)
        for place in np.unique(main[rows]):
            same_main = rows[main[rows] == place]
            first[same_main] = deal(rng, joint[:, place], len(same_main))
    return first


def coupled(rows: np.ndarray, columns: np.ndarray, same: float) -> np.ndarray:
    """Return the joint distribution with given margins and, as far as they allow, a given share on the diagonal."""
    joint = np.outer(rows, columns)
    diagonal = np.eye(len(rows), dtype=bool)
    for _ in range(300):
        on = joint[diagonal].sum()
        if 0 < on < 1:
            joint = joint * np.where(diagonal, same / on, (1 - same) / (1 - on))
        joint *= np.divide(rows, joint.sum(axis=1), where=joint.sum(axis=1) > 0, out=np.zeros(len(rows)))[:, None]
        joint *= np.divide(columns, joint.sum(axis=0), where=joint.sum(axis=0) > 0, out=np.zeros(len(rows)))
    return joint


def first_outside(rng: np.random.Generator, first: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Draw the first destination outside the EU: the first of all where that lies outside, else one of its regions."""
    shares = np.where(OUTSIDE, shares_of("first_destination", FIRST, OTHER_FIRST) + 0.01, 0.0)
    chances = shares * regions[:, HOME]
    chances = np.where(chances.sum(axis=1, keepdims=True) > 0, chances, shares)
    drawn = deal_rows(rng, chances / chances.sum(axis=1, keepdims=True))
    return np.where(OUTSIDE[first], first, drawn)
