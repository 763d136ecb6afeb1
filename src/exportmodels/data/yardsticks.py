"""Yardsticks of models: the published figure for a quantity and a group of firms, in the quantity's own unit."""

from collections.abc import Callable
from typing import Any

from ..core.options import checked
from .figures import Yardstick, yardstick

_PRODUCT_GROUPS = {
    ("niche", 1): "niche",
    ("niche", 0): "mass",
    ("product", "niche"): "niche",
    ("product", "mass"): "mass",
}
GROUPS = {**_PRODUCT_GROUPS, ("rd_high", 1): "rd_high", ("rd_high", 0): "rd_low"}
"""Grouping column and level, and the name of the group in the published figures."""


@checked
def published_for(
    outcome: str, statistic: str = "mean", category: str = ""
) -> Callable[[Any, Any, str], Yardstick | None]:
    """Return a look-up of the published figure by grouping column and level.

    Parameters
    ----------
    outcome : str
        A column of the firms table.
    statistic : str, default "mean"
        `"mean"` or `"percent"`; percentages come back as probabilities.
    category : str, default ""
        A level of the outcome; with "" the quantity's own column is the category.

    Returns
    -------
    callable
        Takes the grouping column, a level of it and the quantity's column (or ""), and returns a `Yardstick`, or None
        where the report has no figure or the grouping is not niche against mass.

    Examples
    --------
    >>> from exportmodels.data import published_for
    >>> published_for("countries")("niche", 1, "").value
    34.0
    >>> published_for("countries", "percent", ">10")("product", "niche", "").value
    0.64
    """

    def look_up(by: Any, level: Any, column: str) -> Yardstick | None:
        group = _PRODUCT_GROUPS.get((by, level))
        found = yardstick(outcome, group, statistic, category or column) if group else None
        if found is None or statistic != "percent":
            return found
        return found._replace(value=found.value / 100)

    return look_up
