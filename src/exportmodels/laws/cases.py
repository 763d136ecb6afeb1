"""From small whole numbers to a case: how a table of bytes becomes covariates, outcomes, weights, clusters and sets."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ..core.levels import Choice, Ordered, Picks
from ..core.outcomes import Amount, Binary, Count, Duration, Outcome, Share
from .case import Case

# The columns of bytes that every case takes before those of its covariates.
FIXED = 9
_OUTCOME, _EVENT, _WIDTH, _ENTRY, _FREQUENCY, _WEIGHT, _CLUSTER, _OFFSET, _STRATUM = range(FIXED)

COVARIATES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "yes or no": lambda b, before: b % 2,
    "scale": lambda b, before: b % 5,
    "decimal": lambda b, before: b / 16,
    "year": lambda b, before: 1950 + b % 60,
    "large": lambda b, before: 1e6 * (b % 7 + 1),
    "small": lambda b, before: 1e-5 * (b % 7),
    "nearly collinear": lambda b, before: before + 0.01 * (b % 8),
}
CATEGORY = "category"

_SHARES = np.array([0.0, 0.25, 0.5, 0.1, 0.75, 0.9, 1.0, 0.05, 0.6, 0.3, 0.0, 1.0, 0.4])
_NEAR_ENDS = np.array([0, 0.02, 0.05, 0.1, 0.01, 0.03, 0.2, 0.5, 0.8, 0.9, 0.95, 0.97, 0.99, 1, 0.3, 0.7, 0.4, 0.6])
_ZEROS = np.array([0, 1, 2, 3, 0, 4, 5, 8, 0, 3, 4, 0, 6, 0, 13, 7, 0, 2, 5, 0, 10])
_COUNTS = np.array([0, 1, 2, 3, 0, 1, 5, 8, 10, 20, 4, 0, 13, 40, 1, 7])
_HEAPED = np.array([1, 2, 3, 10, 20, 10, 6, 8, 10, 20, 4, 12, 30, 10, 13, 40])
# Quantiles of a log-normal time.
_TIMES = np.array([0.7, 0.9, 1.1, 1.3, 1.5, 1.6, 1.8, 1.9, 2.1, 2.3, 2.4, 2.6, 2.8, 3, 3.3, 3.5, 3.8, 4.2, 4.6, 5.1,
                   5.7, 6.6, 8, 11.3])  # fmt: skip
_LIMITS = np.array(
    [(0, 0), (0.1, 0.25), (0.25, 0.5), (0.5, 0.75), (0, 0.1), (0.75, 1), (1, 1), (0.3, 0.3), (0.6, 0.6), (0.05, 0.05)]
)
_AMOUNTS = np.array([0, 1.5, 3, 10, 0.25, 7, 120, 0, 2, 40, 5.5, 1, 0.75, 16, 4, 8])
_WEIGHTS = np.array([1.0, 2.0, 0.5, 3.0, 1.5])
# Rows a firm has on average, where it has several.
_YEARS = 4


def build(kind: Outcome, columns: Sequence[str], table: np.ndarray, can: frozenset[str], roles: frozenset[str]) -> Case:
    """Return the case that a table of bytes stands for.

    Parameters
    ----------
    kind : Outcome
        The outcome type.
    columns : sequence of str
        The covariates: names of `COVARIATES`, or `CATEGORY`, which makes two dummies.
    table : ndarray of int, shape (n, FIXED + number of columns)
        Numbers from 0 to 255.
    can : frozenset of str
        What the estimator can do, see `Adapter`.
    roles : frozenset of str
        The roles in use, beside those an outcome cannot do without.
    """
    table = np.asarray(table, dtype=int)
    sets = np.arange(len(table)) // 3
    if isinstance(kind, Picks):
        table = table[: 3 * (len(table) // 3)]
        sets = sets[: len(table)]
        single = table
        table = _alike(table, sets, [_OUTCOME, _FREQUENCY, _WEIGHT, _CLUSTER])
    firm = _firms(table)
    if "firm" in can and "destination" not in can:
        table = _alike(table, firm, [_FREQUENCY, _WEIGHT])
    frame: dict[str, np.ndarray] = _outcome(kind, table, can, roles)
    outcome = ("lower", "upper") if "lower" in frame else ("y",)
    covariates, dummies = _covariates(columns, table)
    frame |= covariates
    frame |= {
        "frequency": table[:, _FREQUENCY] % 3 + 1,
        "weights": _WEIGHTS[table[:, _WEIGHT] % len(_WEIGHTS)],
        "offset": table[:, _OFFSET] % 5 / 4,
        "clusters": table[:, _CLUSTER] % 6,
        "strata": table[:, _STRATUM] % 2,
    }
    needed: set[str] = set()
    if isinstance(kind, Duration):
        needed = {"event"} & can
    if isinstance(kind, Picks):
        frame |= {"choice_set": sets, "alternative": np.array(["a", "b", "c"])[np.arange(len(table)) % 3]}
        frame |= {"nest": np.array(["near", "near", "far"])[np.arange(len(table)) % 3]}
        needed = {"choice_set", "nest"} & can
        if "nest" in can:
            frame["y"] = _nested_picks(single, frame["x1"])
    made = _groups(table, firm, can) | _causes(table, frame, can)
    if "seen" in made:
        frame["y"] = np.where(made["seen"] == 1, frame["y"], np.nan)
    return Case(pd.DataFrame(frame | made), kind, tuple(covariates), outcome, roles | needed | set(made), dummies)


def _nested_picks(table: np.ndarray, attribute: np.ndarray) -> np.ndarray:
    """Return picks by an attribute and by chance, part of which the first two alternatives of three have in common."""
    noise = -np.log(-np.log((table[:, [_OUTCOME, _EVENT]] + 0.5) / 256)).reshape(-1, 3, 2)
    spread = np.std(attribute) or 1.0
    utility = (attribute / spread).reshape(-1, 3) + noise[:, :, 0]
    utility[:, :2] += noise[:, :1, 1]
    return (np.arange(3) == utility.argmax(axis=1)[:, None]).astype(int).ravel()


def _alike(table: np.ndarray, group: np.ndarray, columns: list[int]) -> np.ndarray:
    """Return the table with the group's first row in some columns of all its rows."""
    _, first, number = np.unique(group, return_index=True, return_inverse=True)
    alike = table.copy()
    alike[:, columns] = table[first[number]][:, columns]
    return alike


def _firms(table: np.ndarray) -> np.ndarray:
    """Return which firm a row is of, where firms have several."""
    return table[:, _ENTRY] % max(len(table) // _YEARS, 2)


def _sectors(table: np.ndarray) -> np.ndarray:
    """Return which sector a row is of, where sectors differ in what is not seen."""
    return table[:, _STRATUM] // 2 % 6


def _groups(table: np.ndarray, firm: np.ndarray, can: frozenset[str]) -> dict[str, np.ndarray]:
    """Return firms, their years, some of which they skip, and destinations, for an estimator that needs them."""
    skipped = pd.Series(1 + (table[:, _WIDTH] % 4 == 3)).groupby(firm).cumsum().to_numpy()
    made = {"firm": firm, "year": 2000 + skipped, "destination": table[:, _STRATUM] % 4}
    made["shared"] = _sectors(table)
    return {role: values for role, values in made.items() if role in can}


def _causes(table: np.ndarray, frame: dict[str, np.ndarray], can: frozenset[str]) -> dict[str, np.ndarray]:
    """Return an instrument that goes with the first covariate, a reason to be selected, and who is."""
    first = np.asarray(frame["x1"], dtype=float)
    reason = table[:, _WIDTH] % 5
    made = {
        "instruments": np.round(4 * (first - first.min()) / (np.ptp(first) or 1.0)) + table[:, _OFFSET] % 3,
        "select": reason,
        "seen": (table[:, _EVENT] % 8 + 2 * reason > 6).astype(int),
    }
    return {role: values for role, values in made.items() if role in can}


def _covariates(columns: Sequence[str], table: np.ndarray) -> tuple[dict[str, np.ndarray], tuple[tuple[str, str], ...]]:
    found: dict[str, np.ndarray] = {}
    dummies = []
    for k, column in enumerate(columns):
        byte, name = table[:, FIXED + k], f"x{len(found) + 1}"
        if column == CATEGORY:
            other = f"x{len(found) + 2}"
            found |= {name: (byte % 3 == 1).astype(int), other: (byte % 3 == 2).astype(int)}
            dummies.append((name, other))
        else:
            before = found[f"x{len(found)}"] if found else np.arange(len(table))
            found[name] = COVARIATES[column](byte, before)
    return found, tuple(dummies)


def _outcome(kind: Outcome, table: np.ndarray, can: frozenset[str], roles: frozenset[str]) -> dict[str, np.ndarray]:
    byte = table[:, _OUTCOME]
    if isinstance(kind, Picks):
        return {"y": (byte % 3 == np.arange(len(table)) % 3).astype(int)}
    if isinstance(kind, Ordered):
        return {"y": byte % 3 + 1}
    if isinstance(kind, Choice):
        return {"y": np.array(["a", "b", "c"])[byte % 3]}
    if isinstance(kind, Binary):
        return {"y": byte % 2}
    if isinstance(kind, Amount):
        return {"y": _AMOUNTS[byte % len(_AMOUNTS)]}
    if isinstance(kind, Share):
        return _shares(kind, _NEAR_ENDS if "near the ends" in can else _SHARES, byte)
    if isinstance(kind, Count):
        return _counts(kind, table, can)
    if isinstance(kind, Duration):
        return _durations(table, can, roles)
    raise NotImplementedError(f"no outcomes are made for {type(kind).__name__} yet")


def _shares(kind: Share, shares: np.ndarray, byte: np.ndarray) -> dict[str, np.ndarray]:
    if kind.several:
        limits = _LIMITS[byte % len(_LIMITS)]
        return {"lower": limits[:, 0], "upper": limits[:, 1]}
    refused = (0.0, 1.0) if getattr(kind, "within", "") else getattr(kind, "unreached", ())
    shares = shares[~np.isin(shares, refused)]
    return {"y": shares[byte % len(shares)]}


def _counts(kind: Count, table: np.ndarray, can: frozenset[str]) -> dict[str, np.ndarray]:
    counts = _HEAPED if "heaps" in can else _ZEROS if "surplus zeros" in can else kind.at_least + _COUNTS
    counts = counts if kind.at_most is None else counts[counts <= kind.at_most]
    y = counts[table[:, _OUTCOME] % len(counts)]
    upper = y + np.array([0, 0, 2, 5])[table[:, _WIDTH] % 4]
    return {"y": y, "upper": upper if kind.at_most is None else np.minimum(upper, kind.at_most)}


def _durations(table: np.ndarray, can: frozenset[str], roles: frozenset[str]) -> dict[str, np.ndarray]:
    y = table[:, _OUTCOME] % 7 + (0 if "zero times" in can else 1)
    event = (table[:, _EVENT] % 4 != 3).astype(int)
    if "frail" in can:
        y, event = _frail(table, y, event, can)
    if "exact times" in can:
        y = np.where(table[:, _OUTCOME] >= 128, y + 0.5, y)
    if "long tails" in can:
        y = _TIMES[table[:, _OUTCOME] % len(_TIMES)]
    if "causes" in can:
        event *= 1 + (table[:, _EVENT] // 4 % 3 == 2)
    if "immune" in can:
        y, event = np.where(table[:, _EVENT] >= 144, 9, y), np.where(table[:, _EVENT] >= 144, 0, event)
    entry = np.minimum(np.array([0, 0, 0, 1, 2])[table[:, _ENTRY] % 5], np.maximum(np.ceil(y) - 1, 0))
    upper = np.where(event == 1, y + np.array([0, 1, 2])[table[:, _WIDTH] % 3], np.inf)
    return {"y": y, "event": event, "entry": entry, "upper": upper}


def _frail(table: np.ndarray, y: np.ndarray, event: np.ndarray, can: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
    """Make half of the groups three times as fast; where no frailty is shared, some of the others never move."""
    fast = (_firms(table) if "firm" in can else _sectors(table)) % 2 == 0
    y = np.where(fast, np.ceil(y / 3).astype(int), y)
    never = ~fast & (y > 5) & (not {"firm", "shared"} & can)
    return np.where(never, 9, y), np.where(never, 0, event)


def example(
    kind: Outcome, can: frozenset[str], n: int = 60, seed: int = 0, columns: Sequence[str] = ("scale",)
) -> Case:
    """Return one ordinary case of an outcome type, larger than those that laws are tried on."""
    table = np.random.default_rng(seed).integers(0, 256, (n, FIXED + len(columns)))
    return build(kind, columns, table, can, frozenset())
