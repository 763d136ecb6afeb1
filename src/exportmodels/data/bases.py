"""How many firms stand behind a printed percentage: the bases and counts that its rounding allows."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import ceil, isfinite
from numbers import Real
from typing import Any

from ..core.errors import OptionError
from ..core.options import checked

WORDS_MARGIN = 4.0
"""Percentage points that 'about two thirds' or 'almost 30%' may be off: the report says 'almost two thirds' of 63%."""

RESPONSE = (5, 6)
"""The fraction of the firms asked that is taken to have answered, at least, when a base is looked for."""


def rounds_to(count: int, base: int, decimals: int = 0) -> float:
    """Return 100 * count / base rounded half up, as the report rounds (7 of 8 is printed 88)."""
    scale = 10**decimals
    return (200 * scale * count + base) // (2 * base) / scale


def counts_behind(percent: float | tuple[float, float], base: int, decimals: int | None = None) -> list[int]:
    """Return every count whose share of `base` is printed as `percent`.

    Parameters
    ----------
    percent : float or tuple of float
        A printed percentage, or the limits (both included) of one that is given in words.
    base : int
        Number of firms that answered.
    decimals : int, optional
        Decimals printed. By default none for a whole number and one otherwise.

    Returns
    -------
    list of int
        The counts, lowest first; empty if the base cannot be right.

    Examples
    --------
    >>> from exportmodels.data.bases import counts_behind
    >>> counts_behind(64, 14), counts_behind(65, 17)
    ([9], [11])
    >>> counts_behind(49, 17)
    []
    """
    if isinstance(percent, tuple):
        low, high = percent
        return [count for count in range(base + 1) if low <= 100 * count / base <= high]
    if decimals is None:
        decimals = int(percent != int(percent))
    return [count for count in range(base + 1) if rounds_to(count, base, decimals) == percent]


@checked
def possible_bases(
    percents: Sequence[float | tuple[float, float]],
    asked: int,
    at_least: int | None = None,
    complete: bool = False,
) -> dict[int, list[tuple[int, ...]]]:
    """Return every base at which all percentages of one figure are whole numbers of firms.

    Parameters
    ----------
    percents : sequence of float or tuple of float
        The percentages that share the base; a tuple holds the limits of one given in words.
    asked : int
        Number of firms that were asked, the largest base looked at.
    at_least : int, optional
        The smallest base looked at; five sixths of `asked` by default.
    complete : bool, default False
        Whether every firm that answered is in exactly one of the categories, so that counts add up to the base.

    Returns
    -------
    dict of int to list of tuple
        Base -> the possible counts, in the order of `percents`.

    Raises
    ------
    OptionError
        If a percentage is none, or no firm was asked.

    Examples
    --------
    Niche firms by number of export markets (figure 26): 64% more than ten, 21% more than fifty.

    >>> from exportmodels import data
    >>> data.possible_bases([64, 21], asked=16)
    {14: [(9, 3)]}
    """
    known = [_percent(one) for one in percents]
    fewest = ceil(asked * RESPONSE[0] / RESPONSE[1]) if at_least is None else at_least
    if min(fewest, asked) < 1:
        raise OptionError(f"a figure has one firm behind it at least; asked is {asked}, at_least {fewest}")
    found = {base: list(_counts(known, base, complete)) for base in range(fewest, asked + 1)}
    return {base: counts for base, counts in found.items() if counts}


def _percent(value: Any) -> float | tuple[float, float]:
    """Return a percentage, or the two limits of one, or say that it is neither."""
    ends = (value,) if isinstance(value, Real) else tuple(value)
    if len(ends) != (1 if isinstance(value, Real) else 2) or not all(map(isfinite, ends)):
        raise OptionError(f"percents must be percentages, or pairs of limits for those given in words; not {value!r}")
    return ends[0] if isinstance(value, Real) else ends


def _counts(percents: Sequence[float | tuple[float, float]], base: int, complete: bool) -> Iterator[tuple[int, ...]]:
    for counts in product(*(counts_behind(percent, base) for percent in percents)):
        if not complete or sum(counts) == base:
            yield counts


def in_words(value: float, word: str) -> tuple[float, float]:
    """Return the limits within which a percentage lies that is given in words.

    Parameters
    ----------
    value : float
        The number named, in percent.
    word : {"about", "almost", "over"}
        How it is named.

    Examples
    --------
    >>> from exportmodels.data.bases import in_words
    >>> in_words(30, "almost")
    (26.0, 30)
    """
    low = value if word == "over" else value - WORDS_MARGIN
    high = value if word == "almost" else value + WORDS_MARGIN
    return low, high
