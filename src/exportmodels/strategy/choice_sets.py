"""The conditional likelihood of choices from sets of any size, one pick or several."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Up to so many alternatives sets of one size are added up alternative by alternative, which is faster.
_FEW = 50


@dataclass(frozen=True)
class ChoiceSets:
    """Which rows are the alternatives of one choice, and how many of them were picked.

    Parameters
    ----------
    number : ndarray of int, shape (n,)
        The set of each row, from 0 to S - 1, in rising order.
    picked : ndarray, shape (n,)
        1 for what was picked, else 0.
    """

    number: np.ndarray
    picked: np.ndarray

    @cached_property
    def first(self) -> np.ndarray:
        """Where each set begins, shape (S,)."""
        return np.flatnonzero(np.r_[True, np.diff(self.number) > 0])

    @cached_property
    def size(self) -> np.ndarray:
        """Number of alternatives of each set, shape (S,)."""
        return np.diff(np.r_[self.first, len(self.number)])

    @cached_property
    def picks(self) -> np.ndarray:
        """Number of picks of each set, shape (S,)."""
        return np.add.reduceat(self.picked, self.first).astype(int)

    def total(self, values: np.ndarray) -> np.ndarray:
        """Return sums over the rows of each set."""
        if not self.even or self.size[0] > _FEW:
            return np.add.reduceat(values, self.first, axis=0)
        by_set = values.reshape(-1, self.size[0], *values.shape[1:])
        total = by_set[:, 0].copy()
        for k in range(1, self.size[0]):
            total += by_set[:, k]
        return total

    @cached_property
    def even(self) -> bool:
        """Whether all sets are of one size."""
        return bool((self.size == self.size[0]).all())

    def of_row(self, values: np.ndarray) -> np.ndarray:
        """Return for each row the value of its set."""
        return np.repeat(values, self.size[0], axis=0) if self.even else values[self.number]

    def shares(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each alternative's probability of a single pick, and each set's log sum of exponentials."""
        top = np.maximum.reduceat(eta, self.first)
        shares = np.exp(eta - self.of_row(top))
        total = self.total(shares)
        return shares / self.of_row(total), top + np.log(total)


@dataclass(frozen=True)
class ConditionalObjective:
    """Log-probability of the picks of every set, given how many there are.

    Parameters
    ----------
    sets : ChoiceSets
        The sets.
    x : ndarray, shape (n, p)
        Covariates of the alternatives, less their mean in the set.
    weight : ndarray, shape (S,), optional
        Multiplies each set's log-likelihood.
    offset : ndarray, shape (n,), optional
        Added to the predictor.
    """

    sets: ChoiceSets
    x: np.ndarray
    weight: np.ndarray | None = None
    offset: np.ndarray | None = None

    def predictor(self, theta: np.ndarray) -> np.ndarray:
        """Return the predictor of each alternative, shape (n,)."""
        return self.x @ theta if self.offset is None else self.x @ theta + self.offset

    @cached_property
    def _several(self) -> list[np.ndarray]:
        """Rows of the sets with several picks, one array (sets, size) for each size and number of picks."""
        picks, size = self.sets.picks, self.sets.size
        several = np.flatnonzero(picks > 1)
        shapes = sorted({(size[s], picks[s]) for s in several})
        groups = [several[(size[several] == m) & (picks[several] == k)] for m, k in shapes]
        return [self.sets.first[group, None] + np.arange(self.sets.size[group[0]]) for group in groups]

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        sets, weight = self.sets, self.weight
        eta = self.predictor(theta)
        shares, log_total = sets.shares(eta)
        single = (sets.picks == 1).astype(float)
        if weight is not None:
            single = single * weight
        of_row = sets.of_row(single)
        weighted = self.x * (of_row * shares)[:, None]
        sums = sets.total(weighted)  # of each set, its weight times its mean x
        total = float((of_row * sets.picked) @ eta - single @ log_total)
        score = (of_row * sets.picked) @ self.x - sums.sum(axis=0)
        information = self.x.T @ weighted - sums.T @ (sums / np.where(single > 0, single, 1.0)[:, None])
        for rows in self._several:
            factor = np.ones(len(rows)) if weight is None else weight[sets.number[rows[:, 0]]]
            chosen, k = sets.picked[rows], sets.picks[sets.number[rows[0, 0]]]
            log_ways, mean, variance = several_picks(eta[rows], self.x[rows], k)
            total += float(factor @ ((chosen * eta[rows]).sum(axis=1) - log_ways))
            score += factor @ (np.einsum("sm,smp->sp", chosen, self.x[rows]) - mean)
            information += np.einsum("s,spq->pq", factor, variance)
        return total, score, information

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the sets' contributions to the score, each at the set's first row, weights not applied, (n, p)."""
        sets, eta = self.sets, self.predictor(theta)
        shares, _ = sets.shares(eta)
        result = np.zeros_like(self.x)
        single = (sets.picks == 1)[sets.number]
        result[sets.first] = sets.total(self.x * (single * (sets.picked - shares))[:, None])
        for rows in self._several:
            k = sets.picks[sets.number[rows[0, 0]]]
            _, mean, _ = several_picks(eta[rows], self.x[rows], k)
            result[rows[:, 0]] = np.einsum("sm,smp->sp", sets.picked[rows], self.x[rows]) - mean
        return result

    def rising(self) -> np.ndarray:
        """Return contrasts in which the likelihood rises: what was picked less what was not, set by set."""
        found = []
        for first, size in zip(self.sets.first, self.sets.size, strict=True):
            x, picked = self.x[first : first + size], self.sets.picked[first : first + size] > 0
            found.append((x[picked][:, None] - x[~picked][None]).reshape(-1, x.shape[1]))
        return np.vstack(found)


def several_picks(eta: np.ndarray, x: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the log of the sum over all subsets of k of exp(their predictors), and its derivatives.

    The elementary symmetric polynomial and its derivatives by their recursion, alternative by alternative: no subset is
    written out.

    Parameters
    ----------
    eta : ndarray, shape (S, m)
        Predictors of S sets of one size.
    x : ndarray, shape (S, m, p)
        Covariates.
    k : int
        Number of picks.

    Returns
    -------
    tuple of ndarray, shapes (S,), (S, p) and (S, p, p)
        They are the polynomial's logarithm, its gradient and its Hessian in the coefficients.
    """
    (sets, m), p = eta.shape, x.shape[2]
    order = np.argsort(-eta, axis=1)
    eta, x = np.take_along_axis(eta, order, axis=1), np.take_along_axis(x, order[:, :, None], axis=1)
    # in units of the likeliest subset of each size nothing overflows, however far apart the alternatives are
    ways, slope, bend = np.zeros((sets, k + 1)), np.zeros((sets, k + 1, p)), np.zeros((sets, k + 1, p, p))
    ways[:, 0] = 1.0
    for i in range(m):
        xi = x[:, i, None, :]
        w = np.exp(np.minimum(eta[:, i, None] - eta[:, :k], 0.0))
        outer = slope[:, :-1, :, None] * xi[:, :, None, :]
        square = ways[:, :-1, None, None] * (xi[..., None] * xi[..., None, :])
        bend[:, 1:] += w[..., None, None] * (bend[:, :-1] + outer + outer.swapaxes(-1, -2) + square)
        slope[:, 1:] += w[..., None] * (slope[:, :-1] + ways[:, :-1, None] * xi)
        ways[:, 1:] += w * ways[:, :-1]
    mean = slope[:, k] / ways[:, k, None]
    variance = bend[:, k] / ways[:, k, None, None] - mean[:, :, None] * mean[:, None, :]
    return np.log(ways[:, k]) + eta[:, :k].sum(axis=1), mean, variance
