"""Likelihood of a multinomial discrete-time hazard, summed over firms without writing out their firm-years."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from ..core.family import collapse

# Firms a block: a block's grids of firms by years, one for each cause, stay in a core's cache.
_ROWS = 1024


@dataclass(frozen=True)
class CompetingObjective:
    """The log-likelihood of first events of several causes.

    Parameters
    ----------
    first, last : ndarray of int, shape (n,)
        First and last period at risk, both included.
    cause : ndarray of int, shape (n,)
        What ended the last period: 0 for nothing, 1, ..., K.
    matrix : ndarray, shape (n, p)
        Covariates.
    weight : ndarray, shape (n,), optional
        Multiplies each firm's log-likelihood.
    baselines : sequence of ndarray, shapes (T, q_k)
        Duration effects of each cause.
    basis : ndarray
        What turns the engine's coefficients into those of baseline and covariates, cause after cause.
    """

    first: np.ndarray
    last: np.ndarray
    cause: np.ndarray
    matrix: np.ndarray
    weight: np.ndarray | None
    baselines: Sequence[np.ndarray]
    basis: np.ndarray

    def prepared(self) -> "CompetingObjective":
        """Return the objective with identical firms made one where that pays, sorted by the last period."""
        table = np.column_stack([self.first, self.last, self.cause])
        distinct = collapse(table, (self.matrix,), None, self.weight)
        small = self if distinct is None else replace(self.rows(distinct[0]), weight=distinct[1])
        return small.rows(np.lexsort((small.first, small.last)))

    def rows(self, chosen: np.ndarray) -> "CompetingObjective":
        """Return the objective of some of the firms."""
        weight = None if self.weight is None else self.weight[chosen]
        parts = {name: getattr(self, name)[chosen] for name in ("first", "last", "cause", "matrix")}
        return replace(self, weight=weight, **parts)

    @cached_property
    def parts(self) -> list[slice]:
        """Where each cause's coefficients stand."""
        sizes = [baseline.shape[1] + self.matrix.shape[1] for baseline in self.baselines]
        ends = np.cumsum([0, *sizes])
        return [slice(a, b) for a, b in pairwise(ends)]

    def _blocks(self) -> list[slice]:
        return [slice(row, row + _ROWS) for row in range(0, len(self.matrix), _ROWS)]

    def _grid(self, block: slice, own: np.ndarray) -> tuple[int, int, np.ndarray, np.ndarray, np.ndarray]:
        """Return a block's periods, its log-likelihood (periods, rows), probabilities and residuals (K, ...)."""
        first, last, cause = self.first[block], self.last[block], self.cause[block]
        low, high = int(first.min()), int(last.max()) + 1
        eta = np.stack([self._eta(own, k, block, low, high) for k in range(len(self.baselines))])
        largest = np.maximum(eta.max(axis=0), 0.0)
        total = np.exp(-largest) + np.exp(eta - largest).sum(axis=0)
        value = -largest - np.log(total)
        chance = np.exp(eta - largest) / total
        period = np.arange(low, high)[:, None]
        outside = (period > last) | (period < first)
        value[outside] = 0.0
        chance[:, outside] = 0.0
        residual = -chance
        failing = np.flatnonzero(cause)
        cell = (cause[failing] - 1, last[failing] - low, failing)
        value[cell[1:]] += eta[cell]
        residual[cell] += 1.0
        return low, high, value, chance, residual

    def _eta(self, own: np.ndarray, k: int, block: slice, low: int, high: int) -> np.ndarray:
        theta, baseline = own[self.parts[k]], self.baselines[k]
        q = baseline.shape[1]
        return (baseline[low:high] @ theta[:q])[:, None] + self.matrix[block] @ theta[q:]

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        own = self.basis @ theta
        total, score, information = 0.0, np.zeros(len(own)), np.zeros((len(own), len(own)))
        for block in self._blocks():
            low, high, value, chance, residual = self._grid(block, own)
            weight = 1.0 if self.weight is None else self.weight[block]
            value, residual = value * weight, residual * weight
            total += float(value.sum())
            for j, part in enumerate(self.parts):
                score[part] += self._products(j, block, low, high, residual[j])
                for k in range(j, len(self.parts)):
                    curve = chance[j] * ((j == k) - chance[k]) * weight
                    information[part, self.parts[k]] += self._square(j, k, block, low, high, curve)
        for j, part in enumerate(self.parts):
            for other in self.parts[j + 1 :]:
                information[other, part] = information[part, other].T
        return total, self.basis.T @ score, self.basis.T @ information @ self.basis

    def _products(self, k: int, block: slice, low: int, high: int, values: np.ndarray) -> np.ndarray:
        return np.r_[values.sum(axis=1) @ self.baselines[k][low:high], values.sum(axis=0) @ self.matrix[block]]

    def _square(self, j: int, k: int, block: slice, low: int, high: int, values: np.ndarray) -> np.ndarray:
        left, right, x = self.baselines[j][low:high], self.baselines[k][low:high], self.matrix[block]
        across = values @ x
        return np.block(
            [
                [left.T @ (right * values.sum(axis=1)[:, None]), left.T @ across],
                [across.T @ right, x.T @ (x * values.sum(axis=0)[:, None])],
            ]
        )

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the firms' contributions to the score, weights not applied."""
        own, parts = self.basis @ theta, []
        for block in self._blocks():
            low, high, _, _, residual = self._grid(block, own)
            x = self.matrix[block]
            pieces = [
                np.hstack([residual[k].T @ baseline[low:high], x * residual[k].sum(axis=0)[:, None]])
                for k, baseline in enumerate(self.baselines)
            ]
            parts.append(np.hstack(pieces) @ self.basis)
        return np.vstack(parts)
