"""Concordance: how often the firm with the higher predicted hazard has the event first, after Harrell or Uno."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.delta import Delta
from ..core.errors import DataError, OptionError
from .risk_table import Observations, RiskTable

if TYPE_CHECKING:
    from .cox_results import CoxResults


@dataclass(frozen=True)
class Concordance:
    """A concordance with its error.

    Parameters
    ----------
    estimate, se : float
        The share of comparable pairs that are concordant, ties of predictions counted half; its standard error.
    concordant, discordant, tied : float
        The (weighted) pairs.
    method : {"harrell", "uno"}
        How pairs are weighted.
    """

    estimate: float
    se: float
    concordant: float
    discordant: float
    tied: float
    method: str

    def conf_int(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return an interval of level 1 - alpha, symmetric on the scale of log odds."""
        lower, upper = Delta(np.array([self.estimate]), np.array([self.se**2])).interval(alpha, "logit")
        return float(lower[0]), float(upper[0])

    def __str__(self) -> str:
        lower, upper = self.conf_int()
        named = self.method.capitalize()
        return f"Concordance ({named}): {self.estimate:.4f} (95 % interval {lower:.4f} to {upper:.4f})"


def concordance(results: "CoxResults", method: str, horizon: float | None) -> Concordance:
    """Return the concordance of a fit; see `CoxResults.concordance`."""
    if method not in ("harrell", "uno"):
        raise OptionError(f"method must be 'harrell' or 'uno'; not {method!r}")
    sample = results.model.sample
    columns, weight = sample.columns, sample.total_weight
    score = np.log(results.predict(which="hazard ratio").to_numpy()).round(12)
    spells = Observations(sample.outcome, columns["event"], columns.get("entry"), weight)
    strata = columns.get("strata", np.zeros(len(score), dtype=int))
    pairs = np.zeros((3, len(score)))
    counts = np.zeros(3)
    for stratum in np.unique(strata):
        own = strata == stratum
        chosen = spells.take(own)
        factor = _event_weights(chosen, method, horizon)
        pairs[:, own], sums = _pairs(chosen, score[own], factor)
        counts += sums
    total = counts.sum()
    if total == 0:
        raise DataError("no pair of firms can be compared: no firm is at risk after another had the event")
    estimate = (counts[0] + counts[2] / 2) / total
    influence = (pairs[0] + pairs[2] / 2 - estimate * pairs.sum(axis=0)) / total
    own_weight = np.ones(len(score)) if weight is None else weight
    frequency = np.ones(len(score)) if sample.frequency is None else sample.frequency
    se = np.sqrt(((own_weight * influence) ** 2 / frequency).sum())
    concordant, discordant, tied = map(float, counts)
    return Concordance(float(estimate), float(se), concordant, discordant, tied, method)


def _event_weights(spells: Observations, method: str, horizon: float | None) -> np.ndarray:
    """Return what the pairs of each firm's event count: 0 without an event, or after the horizon."""
    factor = spells.event.astype(float)
    if horizon is not None:
        factor[spells.duration > horizon] = 0.0
    if method == "uno":
        if spells.entry is not None and spells.entry.any():
            raise OptionError(
                "Uno's weights rest on when firms are cut off, and know no late entry; use method='harrell'"
            )
        table = RiskTable.of(Observations(spells.duration, spells.event, None, spells.weight))
        staying = table.at_risk[0] - table.events[0]  # at one time, events come before firms are cut off
        left = np.divide(table.censored[0], staying, where=staying > 0, out=np.zeros_like(staying))
        before = np.r_[1.0, np.cumprod(1 - left)[:-1]][np.searchsorted(table.times, spells.duration)]
        factor = np.divide(factor, before**2, where=factor > 0, out=factor)
    return factor


def _pairs(spells: Observations, score: np.ndarray, factor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each firm's (weighted) concordant, discordant and tied partners, shape (3, n), and the numbers of pairs.

    A firm with the event is compared with all who are at risk then and stay longer; one cut off at the same time does.
    """
    duration, event, entry = spells.duration, spells.event, spells.entry
    n = len(score)
    weight = np.ones(n) if spells.weight is None else spells.weight
    # places in time: an event lies before those who are cut off then, and after all who are still to enter
    ending = 2 * duration + ~event
    happened = np.flatnonzero(factor > 0)
    rank = np.unique(score, return_inverse=True)[1]
    own = np.zeros((3, n))
    longer = _Counter(-ending, rank, weight)
    own[:, happened] = longer.count(-ending[happened] - 0.5, rank[happened])
    earlier = _Counter(ending[happened], rank[happened], (weight * factor)[happened])
    back = earlier.count(ending - 0.5, rank)[[1, 0, 2]]
    if entry is not None:
        late = np.where(entry > 0, 2 * entry, -1.0)
        own[:, happened] -= _Counter(-late, rank, weight).count(-ending[happened] + 0.5, rank[happened])
        back -= earlier.count(late + 0.5, rank)[[1, 0, 2]]
    own *= factor
    return own + back, own @ weight


class _Counter:
    """Counts weighted points by rank among those at or before a place.

    Sorted by place, the points are kept in blocks of 1, 2, 4, ... points, each sorted by rank; what lies at or before a
    place is one block of each size at most.
    """

    def __init__(self, place: np.ndarray, rank: np.ndarray, weight: np.ndarray):
        order = np.argsort(place, kind="stable")
        self.place, self.size = place[order], len(order)
        self.ranks = int(rank.max()) + 2 if len(rank) else 1
        self.levels = []
        for level in range(self.size.bit_length()):
            block = np.arange(self.size) >> level
            key = block * self.ranks + rank[order]
            by_rank = np.argsort(key, kind="stable")
            self.levels.append((key[by_rank], np.r_[0.0, np.cumsum(weight[order][by_rank])]))

    def count(self, place: np.ndarray, rank: np.ndarray) -> np.ndarray:
        """Return the weight of the points at or before each place whose rank is lower, higher and equal, (3, m)."""
        end = np.searchsorted(self.place, place, side="right")
        total = np.zeros((3, len(end)))
        for level, (key, weight) in enumerate(self.levels):
            at = np.flatnonzero((end >> level) & 1)
            block = (end[at] >> level) - 1
            first, last = block << level, (block + 1) << level
            low = np.searchsorted(key, block * self.ranks + rank[at], side="left")
            high = np.searchsorted(key, block * self.ranks + rank[at], side="right")
            total[0, at] += weight[low] - weight[first]
            total[1, at] += weight[last] - weight[high]
            total[2, at] += weight[high] - weight[low]
        return total
