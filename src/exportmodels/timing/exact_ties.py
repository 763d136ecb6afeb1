"""Cox's likelihood with exact ties: which firms, of those at risk, have the event, given how many (discrete logit)."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import expit

from ..core.errors import OptionError
from .partial_likelihood import Hazard, PartialLikelihood
from .risk_sets import RiskSets


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
        plain, sets = self.plain, self.plain.sets
        eta = plain.predictor(theta)
        size = plain.matrix.shape[1]
        total, score, information = 0.0, np.zeros(size), np.zeros((size, size))
        for slot, count in enumerate(plain.count.astype(int)):
            at_risk = np.flatnonzero((sets.first <= slot) & (sets.last >= slot))
            happened = sets.event[at_risk] & (sets.last[at_risk] == slot)
            x = plain.matrix[at_risk]
            log_sum, mean, spread = subset_sums(eta[at_risk], x, count)
            total += eta[at_risk[happened]].sum() - log_sum
            score += x[happened].sum(axis=0) - mean
            information += spread
        return float(total), plain.base.T @ score, plain.base.T @ information @ plain.base

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


def subset_sums(eta: np.ndarray, x: np.ndarray, count: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Add up exp(sum of eta) over all subsets of `count` firms.

    Parameters
    ----------
    eta : ndarray, shape (n,)
        Linear predictors of the firms.
    x : ndarray, shape (n, p)
        Their covariates.
    count : int
        The size of the subsets.

    Returns
    -------
    tuple
        The logarithm of the sum; mean (p,) and covariance (p, p) of the subsets' total covariates, each subset weighted
        by its term.

    Notes
    -----
    Firm by firm, the sums over subsets of k firms follow from those of k and k - 1 firms before it. The firms' odds are
    tilted so that about `count` of them are expected: then the sums are probabilities, and nothing overflows.
    """
    if count == len(eta):
        return float(eta.sum()), x.sum(axis=0), np.zeros((x.shape[1],) * 2)
    tilt = _tilt(eta, count)
    yes, p = expit(eta + tilt), x.shape[1]
    value, slope, bend = np.zeros(count + 1), np.zeros((count + 1, p)), np.zeros((count + 1, p, p))
    value[0] = 1.0
    for chance, row in zip(yes, x, strict=True):
        with_one = slope[:-1] + value[:-1, None] * row
        cross = row[:, None] * (with_one + slope[:-1])[:, None, :] / 2
        bend_one = bend[:-1] + cross + cross.transpose(0, 2, 1)
        bend *= 1 - chance
        slope *= 1 - chance
        bend[1:] += chance * bend_one
        slope[1:] += chance * with_one
        value[1:] = (1 - chance) * value[1:] + chance * value[:-1]
        value[0] *= 1 - chance
    mean = slope[-1] / value[-1]
    log_sum = np.log(value[-1]) - count * tilt + np.logaddexp(0.0, eta + tilt).sum()
    return float(log_sum), mean, bend[-1] / value[-1] - np.outer(mean, mean)


def _tilt(eta: np.ndarray, count: int) -> float:
    """Return the shift of the predictors at which `count` firms are expected to be chosen."""
    low, high = -eta.max() - 40.0, -eta.min() + 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(eta + middle).sum() < count else (low, middle)
    return (low + high) / 2
