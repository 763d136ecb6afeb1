"""The columns of the firms table that take a computation: years since founding, duration, share, size, product."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .answered import Answered
from .tables import options

SHARE_LIMITS = np.array([0.0, 0.10, 0.25, 0.50, 0.75, 1.0])
INCREASE, STABLE, DECREASE = 1, 2, 3


def category(values: np.ndarray, levels: Mapping[int, str], *, ordered: bool) -> Any:
    """Return codes as a categorical with all levels, lowest first; what is no code is missing."""
    positions = {float(code): position for position, code in enumerate(levels)}
    codes = np.array([positions.get(value, -1) for value in values.tolist()], dtype=int)
    return pd.Categorical.from_codes(codes, pd.Index(list(levels.values())), ordered=ordered)


def flag(values: np.ndarray, codes: list[int]) -> np.ndarray:
    """Return 1 where the answer is one of the codes, 0 where it is another, NaN where there is none."""
    return np.where(np.isnan(values), np.nan, np.isin(values, codes))


def _since_founding(item: str) -> Callable[[Answered, int], np.ndarray]:
    return lambda a, surveyed: a[item] - a["A3"]


def _age(a: Answered, surveyed: int) -> np.ndarray:
    return surveyed - a["A3"]


def _size(a: Answered, surveyed: int) -> Any:
    employees = a["A2"]
    classes = 1.0 * (employees >= 10) + (employees > 50) + (employees > 250)
    known = np.where(employees >= 0, classes, np.nan)
    return category(known, dict(enumerate(("micro", "small", "medium", "large"))), ordered=True)


def _product(a: Answered, surveyed: int) -> Any:
    return category(1 + _side(a), dict(enumerate(("mass", "middle", "niche"))), ordered=True)


def _niche(a: Answered, surveyed: int) -> np.ndarray:
    side = _side(a)
    return np.where(side == 0, np.nan, (side + 1) / 2)


def _side(a: Answered) -> np.ndarray:
    """Return -1 for a mass product (1 and 2), 0 for the middle of the scale, 1 for a niche product (4 and 5)."""
    return np.sign(a["A7"] - 3)


def _exported(a: Answered, surveyed: int) -> np.ndarray:
    ever = np.isfinite(a["B6"]) | np.isin(a["B5"], (1, 2, 3)) | (a["B22"] == 1)
    return np.where(ever, 1.0, np.where(a["B5"] == 4, 0.0, np.nan))


def _duration(a: Answered, surveyed: int) -> np.ndarray:
    return np.where(_exported(a, surveyed) == 0, surveyed, a["B6"]) - a["A3"]


def _countries(a: Answered, surveyed: int) -> np.ndarray:
    return np.where(a.asked("B11") == 0, 0.0, a["B11"])


def _regions(a: Answered, surveyed: int) -> np.ndarray:
    return np.sum([a[region] for region in options("B12")], axis=0)


def _share(a: Answered, surveyed: int) -> np.ndarray:
    return np.where(a.asked("B14") == 0, 0.0, np.nan)


def _share_limit(above: int) -> Callable[[Answered, int], np.ndarray]:
    """Return the lower (`above` 0) or upper (1) limit of the bracket; a bracket starts where the one below ends."""

    def limit(a: Answered, surveyed: int) -> np.ndarray:
        bracket = a["B14"]
        known = np.isfinite(bracket)
        limits = np.where(known, SHARE_LIMITS[np.where(known, bracket, 1).astype(int) - 1 + above], np.nan)
        return np.where(a.asked("B14") == 0, 0.0, limits)

    return limit


def _change(trend: str) -> Callable[[Answered, int], np.ndarray]:
    def change(a: Answered, surveyed: int) -> np.ndarray:
        sign = np.select([a[trend] == INCREASE, a[trend] == DECREASE], [1.0, -1.0], np.nan)
        return np.where(a[trend] == STABLE, 0.0, sign * a[f"{trend}_percent"])

    return change


MADE: dict[str, Callable[[Answered, int], Any]] = {
    "size": _size,
    "age": _age,
    "product": _product,
    "niche": _niche,
    "years_to_import": _since_founding("B2"),
    "years_to_export": _since_founding("B6"),
    "years_to_export_outside_eu": _since_founding("B8"),
    "years_to_other": _since_founding("C2"),
    "duration": _duration,
    "exported": _exported,
    "countries": _countries,
    "regions": _regions,
    "share": _share,
    "share_lower": _share_limit(0),
    "share_upper": _share_limit(1),
    "past_change": _change("B17"),
    "expected_change": _change("B19"),
}
