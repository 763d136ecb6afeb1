"""What the synthetic sample holds of the published figures, and what it cannot."""

import re
from typing import Any

import pandas as pd

from ..bases import in_words
from ..figures import read_table
from ..measuring import KEYS, measure

POINTS = 1.0
"""Percentage points within which a published share counts as held."""


def synthetic_targets(firms: Any) -> pd.DataFrame:
    """Return how far a firms table lies from every published figure, and which ones no sample can hold.

    A share is held within one percentage point (within the margin of its words, such as 'about a third', where it is
    given in words), a mean within half a unit of its last printed digit, an extreme if it is met exactly.

    Parameters
    ----------
    firms : pandas.DataFrame
        A firms table: `survey.derive(data.synthetic_flanders(n))` with a large `n`.

    Returns
    -------
    pandas.DataFrame
        The rows of `measure` with `difference`, `held` and `reason`: why the figure cannot be held together with the
        others, blank where it can.

    Examples
    --------
    >>> from exportmodels import data, survey
    >>> targets = data.synthetic_targets(survey.derive(data.synthetic_flanders(5000)))
    >>> impossible = targets[targets["reason"] != ""]
    >>> print(impossible.query("figure == '27'")[["outcome", "published", "measured"]].round().to_string(index=False))
          outcome  published  measured
    export_africa       49.0      47.0
    >>> impossible.query("figure == '27'")["reason"].item()
    'At most 47: 8 firms export to Africa (figure 12) and all can be niche firms.'
    """
    targets = measure(firms)
    targets["difference"] = targets["measured"] - targets["published"]
    targets["held"] = [_held(row) for row in targets.to_dict("records")]
    targets = targets.merge(read_table("unheld"), on=KEYS, how="left")
    return targets.assign(reason=targets["reason"].fillna(""))


def _held(row: dict) -> bool:
    if row["statistic"] in ("minimum", "maximum"):
        return row["measured"] == row["published"]
    if row["statistic"] == "mean":
        return abs(row["difference"]) <= (0.5 if row["published"] == int(row["published"]) else 0.05)
    if abs(row["difference"]) <= POINTS:
        return True
    words = re.match("in words, (about|almost|over)", row["note"])
    if words is None:
        return False
    low, high = in_words(row["published"], words[1])
    return low <= row["measured"] <= high
