"""Niche, middle and mass firms: how many there are, what is published of them, and what that leaves for the middle."""

from typing import Any

import numpy as np

from ..figures import yardstick

GROUPS = ("niche", "middle", "mass")
FIRMS = np.array([17, 14, 19])
"""Firms of each group (section 5.8; the others have a product in the middle of the scale)."""

TRADE = np.array([[16, 0, 0, 1], [7, 3, 2, 2], [11, 6, 0, 2]])
"""Firms of each group that import and export, only export, only import, do neither.

The margins are published: 7 firms do not export (figure 10), 1 of the niche and 2 of the mass firms among them
(figure 31); 14 do not import, 1 and 8 among them (figure 28). How many do neither is not; niche and mass firms that
do not export are taken not to import either, as close as that comes to figure 29.
"""
EXPORTERS = TRADE[:, :2].sum(axis=1)
IMPORTERS = TRADE[:, [0, 2]].sum(axis=1)


def printed(outcome: str, group: str = "all", category: str = "", statistic: str = "percent") -> float:
    """Return a published share (a fraction, as a count of its base where that is known) or a published mean."""
    found = yardstick(outcome, group, statistic, category)
    if found is None:
        raise KeyError(f"nothing is published for {outcome!r}, {category!r}, {group!r}, {statistic!r}")
    if statistic != "percent":
        return found.value
    if found.counted is None or found.base is None:
        return found.value / 100
    return found.counted / found.base


def left_for_middle(overall: Any, niche: Any, mass: Any, asked: np.ndarray) -> Any:
    """Return the mean or share of the middle firms with which all firms asked have the overall one."""
    return (overall * asked.sum() - niche * asked[0] - mass * asked[2]) / asked[1]


def shares(outcome: str, categories: tuple[str, ...], asked: np.ndarray) -> np.ndarray:
    """Return the published shares of each group in each category, the middle group's from those of all firms.

    Parameters
    ----------
    outcome : str
        A column of the firms table.
    categories : tuple of str
        All its levels.
    asked : numpy.ndarray
        Number of firms of each group that are asked.

    Returns
    -------
    numpy.ndarray
        One row a group, one column a category; rows add up to one.
    """
    overall, niche, mass = (
        np.array([printed(outcome, group, category) for category in categories]) for group in ("all", "niche", "mass")
    )
    middle = left_for_middle(overall / overall.sum(), niche, mass, asked).clip(0)
    return np.array([niche, middle / middle.sum(), mass])
