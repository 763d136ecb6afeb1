"""The groups that a report sets side by side: niche beside mass firms, or the levels of another column."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..core.errors import OptionError
from ..core.frames import listed
from ..data.yardsticks import GROUPS
from ..survey import columns

MOST = 8
"""More groups than this cannot be told apart in a figure."""

_LABELS = {"rd_high": "high R&D", "rd_low": "low R&D"}


@dataclass(frozen=True)
class Group:
    """One group of firms.

    Parameters
    ----------
    by : str
        The grouping column.
    level : object
        The level of it that the group's firms have.
    label : str
        The level in a legend: "niche", "small", "yes".
    published : str
        The group's name among the published figures, blank where the report has no such group.
    """

    by: str
    level: Any
    label: str
    published: str = ""

    @property
    def words(self) -> str:
        """The group in a sentence."""
        return f"{self.label} firms" if self.published else f"{self.by} = {self.label}"

    @property
    def key(self) -> str:
        """The group as a model's findings name it."""
        return f"{self.by}={self.level}"

    def rows(self, firms: pd.DataFrame) -> pd.Series:
        """Return which firms are in the group."""
        return (firms[self.by] == self.level).fillna(False).astype(bool)


@dataclass(frozen=True)
class Grouping:
    """A column and its groups.

    Parameters
    ----------
    by : str
        The column.
    label : str
        The column in words.
    groups : tuple of Group
        At least two, in the order in which figures show them.
    """

    by: str
    label: str
    groups: tuple[Group, ...]

    @property
    def compares(self) -> bool:
        """Whether these are the 2009 report's niche and mass firms."""
        return {group.published for group in self.groups} >= {"niche", "mass"}

    @property
    def pair(self) -> bool:
        """Whether there are two groups, so that one odds ratio compares them."""
        return len(self.groups) == 2


def grouping(firms: pd.DataFrame, by: str) -> Grouping:
    """Return the groups of a column of 0 and 1, or of categories, that occur.

    Raises
    ------
    OptionError
        If there is no such column, or it makes fewer than two groups or more than eight.
    """
    if by not in firms.columns:
        raise OptionError(f"by={by!r} is no column of the firms; these can group them: {listed(_possible(firms))}")
    levels = _levels(firms[by])
    if levels is None:
        raise OptionError(
            f"by={by!r} is neither 0 and 1 nor categories, so it makes no groups; "
            f"these can group the firms: {listed(_possible(firms))}"
        )
    if not 2 <= len(levels) <= MOST:
        raise OptionError(f"by={by!r} makes {len(levels)} groups here; a report compares two to {MOST}")
    return Grouping(by, label_of(firms, by), tuple(_group(by, level, levels) for level in levels))


def label_of(firms: pd.DataFrame, column: str) -> str:
    """Return a column in words: the file's own where it brings some, else those of the firms table, else its name."""
    own = firms.attrs.get("labels", {}).get(column)
    known = columns()["label"]
    return str(own or (known[column] if column in known.index else column.replace("_", " ")))


def _group(by: str, level: Any, levels: list[Any]) -> Group:
    flag = set(levels) <= {0, 1}
    published = GROUPS.get((by, level), "")
    label = _LABELS.get(published, published) or (("no", "yes")[int(level)] if flag else str(level))
    return Group(by, level, label, published)


def _levels(values: pd.Series) -> list[Any] | None:
    """Return the levels that occur: 1 before 0, categories in their order; None for what is no group."""
    present = values.dropna()
    if isinstance(values.dtype, pd.CategoricalDtype):
        return [level for level in values.cat.categories if (present == level).any()]
    if pd.api.types.is_numeric_dtype(values.dtype):
        return sorted({int(v) for v in present.unique()}, reverse=True) if present.isin([0, 1]).all() else None
    return sorted(present.unique(), key=str) if pd.api.types.is_string_dtype(values.dtype) else None


def _possible(firms: pd.DataFrame) -> list[str]:
    counts = {str(name): len(_levels(firms[name]) or []) for name in firms.columns}
    return [name for name, count in counts.items() if 2 <= count <= MOST]
