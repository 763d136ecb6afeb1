"""Gray's test: do the shares with one first move rise alike in several groups?"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GrayScore:
    """Gray's score of each group but the last, and its covariance.

    Parameters
    ----------
    score : ndarray, shape (G - 1,)
        Weighted events less those expected were the subdistribution hazards the same.
    covariance : ndarray, shape (G - 1, G - 1)
        Its covariance under the null.
    """

    score: np.ndarray
    covariance: np.ndarray

    def __add__(self, other: "GrayScore") -> "GrayScore":
        return GrayScore(self.score + other.score, self.covariance + other.covariance)

    @property
    def statistic(self) -> float:
        """The chi-squared statistic."""
        return float(self.score @ np.linalg.solve(self.covariance, self.score))


@dataclass(frozen=True)
class Counts:
    """Who leaves when, by group.

    Parameters
    ----------
    at_risk, events, competing : ndarray, shape (G, T)
        Just before each time with some event, and at it: firms at risk, moves of interest, other moves.
    """

    at_risk: np.ndarray
    events: np.ndarray
    competing: np.ndarray


def gray_score(counts: Counts, rho: float = 0.0) -> GrayScore:
    """Return Gray's score with weights (1 - F)^rho, and its covariance.

    Parameters
    ----------
    counts : Counts
        Of one stratum.
    rho : float, default 0
        Above zero early differences count more, below zero late ones.
    """
    groups, times = counts.at_risk.shape
    score, covariance = np.zeros(groups), np.zeros((groups, groups))
    paths = np.zeros((groups, groups))
    spread, across = np.zeros(groups), np.zeros((groups, groups))
    left, share, pooled = np.ones(groups), np.zeros(groups), 0.0
    for t in range(times):
        n, own, other = counts.at_risk[:, t], counts.events[:, t], counts.competing[:, t]
        here = n > 0
        safe = np.where(here, n, 1.0)
        stay = np.where(here, left * (n - own - other) / safe, left)
        # at risk for the move of interest had nobody made another: n (1 - F) / S; without the F, its scale
        scale = np.divide(n, left, out=np.zeros(groups), where=here)
        total, exposed = scale.sum(), scale * (1 - share)
        all_own, weight = own.sum(), (1 - pooled) ** rho
        after = pooled + all_own / total
        loads = weight * (np.diag(scale) - np.outer(scale, scale) / total)
        paths += loads * all_own / (total * (1 - pooled))
        score += weight * (own - all_own * exposed / exposed.sum())
        for k in map(int, np.flatnonzero(here)):
            if all_own > 0:
                gap = 1 - (1 - after) / stay[k] if stay[k] > 0 else 1.0
                ties = 1 - (all_own - 1) / (total * left[k] - 1) if all_own > 1 else 1.0
                _add(
                    covariance,
                    across,
                    spread,
                    k,
                    loads[:, k] - gap * paths[:, k],
                    gap,
                    ties * left[k] * all_own / (total * n[k]),
                )
            if other[k] > 0 and stay[k] > 0:
                gap = (1 - after) / stay[k]
                ties = 1 - (other[k] - 1) / (n[k] - 1) if other[k] > 1 else 1.0
                _add(covariance, across, spread, k, gap * paths[:, k], -gap, ties * left[k] ** 2 * other[k] / n[k] ** 2)
        share = np.where(here, share + left * own / safe, share)
        left, pooled = stay, after
    mixed = paths @ across.T
    covariance += (paths * spread) @ paths.T + mixed + mixed.T
    return GrayScore(score[:-1], covariance[:-1, :-1])


def _add(
    covariance: np.ndarray,
    across: np.ndarray,
    spread: np.ndarray,
    k: int,
    load: np.ndarray,
    gap: float,
    variance: float,
) -> None:
    """Add what the events of group k at one time vary by."""
    covariance += np.outer(load, load) * variance
    across[:, k] += load * gap * variance
    spread[k] += gap**2 * variance
