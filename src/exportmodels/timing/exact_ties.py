"""Cox's likelihood with exact ties: which firms, of those at risk, have the event, given how many (discrete logit)."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy.special import expit

from ..core.errors import OptionError
from .partial_likelihood import Hazard, PartialLikelihood
from .risk_sets import RiskSets

# Sums that are kept at once, for a core's cache; and halvings of the range in which a tilt is looked for, of which
# nothing but its size depends.
_CELLS, _HALVINGS = 20_000, 24


@dataclass(frozen=True)
class ExactLikelihood:
    """The exact conditional log-likelihood as a function of coefficients.

    Parameters
    ----------
    plain : PartialLikelihood
        The same rows with Breslow's handling of ties; one row a firm.
    """

    plain: PartialLikelihood

    @classmethod
    def of(cls, plain: PartialLikelihood) -> Self:
        """Return the exact likelihood of the same rows, each repeated as often as its frequency says."""
        if plain.weight is None:
            return cls(plain)
        return cls(replace(plain.rows(np.repeat(np.arange(len(plain.weight)), plain.weight.astype(int))), weight=None))

    @property
    def sets(self) -> RiskSets:
        """Who is at risk at which event."""
        return self.plain.sets

    def loglike(self, theta: np.ndarray) -> float:
        """Return the log-likelihood."""
        return self.evaluate(theta)[0]

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information, added up over the times with events."""
        plain, x, chosen = self.plain, self.plain.matrix, self._chosen
        eta = plain.predictor(theta)
        total, score, information = eta[chosen].sum(), x[chosen].sum(axis=0), np.zeros((x.shape[1],) * 2)
        for rows, at_risk, count in self._blocks:
            log_sum, mean, spread = subset_sums(eta[rows], x[rows], at_risk, count)
            total -= log_sum.sum()
            score -= mean.sum(axis=0)
            information += spread.sum(axis=0)
        alone = self._alone.evaluate(theta)
        return (
            float(alone[0] + total),
            alone[1] + plain.base.T @ score,
            alone[2] + plain.base.T @ information @ plain.base,
        )

    @cached_property
    def _alone(self) -> PartialLikelihood:
        """The likelihood of the slots with one event, which need no subsets."""
        single = self.plain.count == 1
        sets = replace(self.sets, event=self.sets.event & single[self.sets.last])
        return replace(self.plain, sets=sets, count=np.where(single, self.plain.count, 0.0))

    @cached_property
    def _told(self) -> np.ndarray:
        """The slots with several events at which some firm at risk does not have it; of all they would say nothing."""
        count = self.plain.count
        return (count > 1) & (count < self.sets.sums(np.ones(len(self.sets.last)))[0])

    @cached_property
    def _chosen(self) -> np.ndarray:
        """Which rows have the event at such a slot."""
        return self.sets.event & self._told[self.sets.last]

    @cached_property
    def _blocks(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Slots of like numbers of events, few at a time: rows at risk at some, who is at which, and the events."""
        slots, sets = np.flatnonzero(self._told), self.sets
        slots = slots[np.argsort(self.plain.count[slots], kind="stable")]
        blocks, width = [], max(self.plain.matrix.shape[1], 1) ** 2
        while len(slots):
            cells = (self.plain.count[slots] + 1) * width * np.arange(1, len(slots) + 1)
            few = max(int(np.searchsorted(cells, _CELLS)), 1)
            now, slots = slots[:few], slots[few:]
            at_risk = (sets.first <= now[:, None]) & (sets.last >= now[:, None])
            rows = np.flatnonzero(at_risk.any(axis=0))
            blocks.append((rows, at_risk[:, rows], self.plain.count[now].astype(int)))
        return blocks

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Refuse: the rows of a tie do not add up to its likelihood."""
        raise OptionError(
            "with ties='exact' a time with events is one observation, and rows have no scores of their own; use "
            "cov_type='nonrobust', 'bootstrap' or 'jackknife', or ties='efron'"
        )

    def hazard(self, theta: np.ndarray) -> Hazard:
        """Return Breslow's estimator of the baseline hazard at these coefficients."""
        return self.plain.hazard(theta)

    @property
    def collapsed(self) -> "ExactLikelihood":
        """The likelihood itself: it counts firms one by one."""
        return self


def subset_sums(
    eta: np.ndarray, x: np.ndarray, at_risk: np.ndarray, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add up exp(sum of eta) over all subsets of some size of the firms at risk, at several times.

    Parameters
    ----------
    eta : ndarray, shape (n,)
        Linear predictors of the firms.
    x : ndarray, shape (n, p)
        Their covariates.
    at_risk : ndarray of bool, shape (K, n)
        Which of them are at risk at each time.
    count : ndarray of int, shape (K,)
        The size of the subsets at each time, less than the number at risk.

    Returns
    -------
    tuple
        The logarithms of the sums (K,); means (K, p) and covariances (K, p, p) of the subsets' total covariates, each
        subset weighted by its term.

    Notes
    -----
    Firm by firm, the sums over subsets of k firms follow from those of k and k - 1 firms before it. The firms' odds are
    tilted so that about `count` of them are expected: then the sums are probabilities, and nothing overflows.
    """
    tilt = _tilt(eta, at_risk, count)
    shifted = eta + tilt[:, None]
    yes, p, most = np.where(at_risk, expit(shifted), 0.0), x.shape[1], int(count.max())
    value = np.zeros((len(count), most + 1, 1, 1))
    slope, bend = np.zeros((*value.shape[:2], p, 1)), np.zeros((*value.shape[:2], p, p))
    value[:, 0] = 1.0
    for chance, row in zip(yes.T[:, :, None, None, None], x[:, :, None], strict=True):
        with_one = slope[:, :-1] + value[:, :-1] * row
        cross = row @ np.swapaxes(with_one + slope[:, :-1], 2, 3) / 2
        bend_one = chance * (bend[:, :-1] + cross + np.swapaxes(cross, 2, 3))
        slope_one, value_one = chance * with_one, chance * value[:, :-1]
        for sums, more in ((bend, bend_one), (slope, slope_one), (value, value_one)):
            sums *= 1 - chance
            sums[:, 1:] += more
    last = np.arange(len(count)), count
    chances = value[last]
    mean = slope[last] / chances
    log_sum = np.log(chances[:, 0, 0]) - count * tilt + (at_risk * np.logaddexp(0.0, shifted)).sum(axis=1)
    return log_sum, mean[:, :, 0], bend[last] / chances - mean @ np.swapaxes(mean, 1, 2)


def _tilt(eta: np.ndarray, at_risk: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the shifts of the predictors at which `count` of the firms at risk are about expected to be chosen."""
    low, high = np.full(len(count), -eta.max() - 40.0), np.full(len(count), -eta.min() + 40.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        few = (expit(eta + middle[:, None]) * at_risk).sum(axis=1) < count
        low, high = np.where(few, middle, low), np.where(few, high, middle)
    return (low + high) / 2
