"""The 2009 report's figures for a duration, whatever column of the firms table it was read from."""

from collections.abc import Callable
from typing import Any

# The column `duration` holds years to the first export, or to the survey.
_COLUMNS = {"duration": "years_to_export"}


def years_published(outcome: str) -> Callable[[Any, Any, str], Any]:
    """Return the look-up of published mean years, by grouping column and level."""
    from ..data import published_for

    return published_for(_COLUMNS.get(outcome, outcome))
