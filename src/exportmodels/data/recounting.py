"""The bases and counts of the published table, worked out anew from its percentages."""

import re
from fnmatch import fnmatch

import pandas as pd

from .bases import in_words, possible_bases
from .figures import published, read_table


def recount() -> pd.DataFrame:
    """Work out the bases and counts of the published percentages anew.

    Percentages of one question and group share a base. Every base from the number of firms asked down to five sixths
    of it is tried (the size of the group alone where the report states it: 50, N=17, N=19); a base is found if it
    is the only one at which every percentage is a whole number of firms, and a count if it is the only one then.
    Percentages that are noted as sums of others are left out.

    Returns
    -------
    pandas.DataFrame
        One row a set of percentages with a common base: `figure`, `outcomes` (patterns), `group`, `bases` (tuple of
        the possible bases), `asked`, `at_least`, `reason` (who was asked), and `counts`, which maps the row of
        `published` to its count, for those that are determined.

    Examples
    --------
    >>> from exportmodels import data
    >>> sets = data.recount().query("figure in ('11', '26')")
    >>> sets[["group", "bases"]].to_records(index=False).tolist()
    [('all', ()), ('niche', (14,)), ('mass', (17,))]
    """
    numbers = published().query("statistic == 'percent'")
    sets = read_table("series")
    solved = [_solve(numbers, row) for row in sets.to_dict("records")]
    return sets.join(pd.DataFrame(solved, columns=["bases", "counts"]))


def _solve(numbers: pd.DataFrame, row: dict) -> tuple[tuple[int, ...], dict[int, int]]:
    patterns = row["outcomes"].split()
    named = numbers["outcome"].map(lambda outcome: any(fnmatch(outcome, pattern) for pattern in patterns))
    here = (numbers["figure"] == row["figure"]) & (numbers["group"] == row["group"])
    mine = numbers[here & named & ~numbers["note"].str.startswith("the sum of")]
    solutions = possible_bases(
        [_limits(value, note) for value, note in zip(mine["value"], mine["note"], strict=True)],
        asked=int(row["asked"]),
        at_least=int(row["at_least"]) if row["at_least"] else None,
        complete=row["complete"] == "yes",
    )
    if len(solutions) != 1:
        return tuple(solutions), {}
    ((base, combinations),) = solutions.items()
    alternatives = dict(zip(mine.index, map(set, zip(*combinations, strict=True)), strict=True))
    return (base,), {index: counts.pop() for index, counts in alternatives.items() if len(counts) == 1}


def _limits(value: float, note: str) -> float | tuple[float, float]:
    words = re.match("in words, (about|almost|over)", note)
    return in_words(value, words[1]) if words else value
