"""Progress bars on work that takes longer than two seconds, and silence where nobody asked."""

import os
import sys
from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def progress(items: Iterable[Item], title: str, *, show: bool | None = None) -> Iterable[Item]:
    """Iterate with a bar on standard error that appears after two seconds.

    Parameters
    ----------
    items : iterable
        What to iterate over; its length, where it has one, gives the bar its end.
    title : str
        What the bar says.
    show : bool, optional
        Force the bar on or off; by default it shows on a terminal, unless EXPORTMODELS_QUIET is set.
    """
    if show is None:
        show = sys.stderr.isatty() and not os.environ.get("EXPORTMODELS_QUIET")
    if not show:
        return items
    from tqdm import tqdm

    return tqdm(items, desc=title, delay=2, leave=False)
