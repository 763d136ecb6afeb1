"""The likelihood of choices from nests of close substitutes, two levels deep."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .choice_sets import ChoiceSets


@dataclass(frozen=True)
class Inside:
    """What one evaluation knows of the nests of every set; a nest in a set is called a cell.

    Parameters
    ----------
    utility : ndarray, shape (n,)
        v = x'b of each alternative.
    share : ndarray, shape (n,)
        Probability of each alternative within its cell.
    inclusive : ndarray, shape (C,)
        log sum of exp(v / lambda) of each cell.
    nest_share : ndarray, shape (C,)
        Probability of each cell within its set.
    log_total : ndarray, shape (S,)
        log sum over cells of exp(lambda * inclusive), of each set.
    """

    utility: np.ndarray
    share: np.ndarray
    inclusive: np.ndarray
    nest_share: np.ndarray
    log_total: np.ndarray


@dataclass(frozen=True)
class NestedObjective:
    """Sum over sets of v_j / lambda - (1 - lambda) * inclusive - log_total, for the alternative j that was picked.

    The coefficients are b, then the free dissimilarity parameters lambda.

    Parameters
    ----------
    cells : ChoiceSets
        The nests of every set as sets of alternatives, in the order of the sets.
    sets : ChoiceSets
        The sets as sets of cells.
    x : ndarray, shape (n, p)
        Attributes of the alternatives.
    free : ndarray of int, shape (C,)
        Which dissimilarity parameter each cell has, -1 where it is fixed at one.
    parameters : int
        Number of free dissimilarity parameters.
    weight : ndarray, shape (S,), optional
        Multiplies each set's log-likelihood.
    """

    cells: ChoiceSets
    sets: ChoiceSets
    x: np.ndarray
    free: np.ndarray
    parameters: int
    weight: np.ndarray | None = None

    @cached_property
    def of_cell(self) -> np.ndarray:
        """The weight of each cell's set, shape (C,)."""
        return np.ones(len(self.free)) if self.weight is None else self.weight[self.sets.number]

    @cached_property
    def chosen(self) -> np.ndarray:
        """1 for the cell from which was picked, else 0, shape (C,)."""
        return self.cells.total(self.cells.picked)

    def dissimilarity(self, theta: np.ndarray) -> np.ndarray:
        """Return lambda of each cell, shape (C,)."""
        return np.r_[theta[self.x.shape[1] :], 1.0][self.free]

    def inside(self, theta: np.ndarray) -> Inside:
        """Return probabilities within cells and of cells."""
        utility, scale = self.x @ theta[: self.x.shape[1]], self.dissimilarity(theta)
        share, inclusive = self.cells.shares(utility / scale[self.cells.number])
        nest_share, log_total = self.sets.shares(scale * inclusive)
        return Inside(utility, share, inclusive, nest_share, log_total)

    def _slopes(self, at: Inside, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the cells' mean x and mean v, and the derivatives of lambda * inclusive in all coefficients."""
        mean_x = self.cells.total(self.x * at.share[:, None])
        mean_v = self.cells.total(at.utility * at.share)
        return mean_x, mean_v, np.hstack([mean_x, self._placed(at.inclusive - mean_v / scale)])

    def _placed(self, values: np.ndarray) -> np.ndarray:
        """Put a value of each cell into the column of its dissimilarity parameter, shape (C, L)."""
        return values[:, None] * (self.free[:, None] == np.arange(self.parameters))

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        scale, size = self.dissimilarity(theta), len(theta)
        if (scale <= 0).any():
            return -np.inf, np.zeros(size), np.eye(size)
        at = self.inside(theta)
        mean_x, mean_v, slopes = self._slopes(at, scale)
        picked = self.cells.picked * self.of_cell[self.cells.number]
        chosen = self.chosen * self.of_cell
        total = float(picked @ (at.utility / scale[self.cells.number]) - chosen @ at.inclusive)
        total += float(chosen @ (scale * at.inclusive) - chosen @ at.log_total[self.sets.number])
        score = self._picks(at, scale, mean_x, mean_v, slopes).sum(axis=0)
        return total, score, -self._hessian(at, scale, mean_x, mean_v, slopes, picked, chosen)

    def _picks(
        self,
        at: Inside,
        scale: np.ndarray,
        mean_x: np.ndarray,
        mean_v: np.ndarray,
        slopes: np.ndarray,
        weighted: bool = True,
    ) -> np.ndarray:
        """Return each cell's contribution to the score, shape (C, size)."""
        weight = self.of_cell if weighted else np.ones(len(scale))
        picked_x = self.cells.total(self.x * self.cells.picked[:, None])
        picked_v = self.cells.total(at.utility * self.cells.picked)
        own = np.hstack(
            [
                (picked_x - self.chosen[:, None] * mean_x) / scale[:, None],
                self._placed((self.chosen * mean_v - picked_v) / scale**2),
            ]
        )
        return weight[:, None] * (own + (self.chosen - at.nest_share)[:, None] * slopes)

    def _hessian(
        self,
        at: Inside,
        scale: np.ndarray,
        mean_x: np.ndarray,
        mean_v: np.ndarray,
        slopes: np.ndarray,
        picked: np.ndarray,
        chosen: np.ndarray,
    ) -> np.ndarray:
        p, size = self.x.shape[1], self.x.shape[1] + self.parameters
        hessian = np.zeros((size, size))
        pull = chosen - self.of_cell * at.nest_share  # weight of the second derivatives of lambda * inclusive
        gap_v = at.utility - mean_v[self.cells.number]
        spread_xv = self.cells.total(self.x * (at.share * gap_v)[:, None])
        spread_v = self.cells.total(at.share * gap_v**2)
        in_b = pull / scale - chosen / scale**2
        hessian[:p, :p] = self.x.T @ (self.x * (at.share * in_b[self.cells.number])[:, None])
        hessian[:p, :p] -= mean_x.T @ (mean_x * in_b[:, None])
        mixed = (chosen / scale**3 - pull / scale**2)[:, None] * spread_xv + (chosen / scale**2)[:, None] * mean_x
        mixed -= self.cells.total(self.x * picked[:, None]) / scale[:, None] ** 2
        alone = pull * spread_v / scale**3 - chosen * (2 * mean_v / scale**3 + spread_v / scale**4)
        alone += 2 * self.cells.total(at.utility * picked) / scale**3
        for k in range(self.parameters):
            own = self.free == k
            hessian[:p, p + k] = mixed[own].sum(axis=0)
            hessian[p + k, p + k] = alone[own].sum()
        hessian[p:, :p] = hessian[:p, p:].T
        means = self.sets.total(slopes * at.nest_share[:, None])
        weight = np.ones(len(means)) if self.weight is None else self.weight
        hessian -= slopes.T @ (slopes * (self.of_cell * at.nest_share)[:, None])
        return hessian + means.T @ (means * weight[:, None])

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the sets' contributions to the score, each at the set's first row, weights not applied, (n, size)."""
        scale, at = self.dissimilarity(theta), self.inside(theta)
        parts = self._picks(at, scale, *self._slopes(at, scale), weighted=False)
        result = np.zeros((len(self.x), len(theta)))
        result[self.cells.first[self.sets.first]] = self.sets.total(parts)
        return result


@dataclass(frozen=True)
class Cells:
    """Rows sorted by choice set and, within, by nest.

    Parameters
    ----------
    cells, sets : ChoiceSets
        Alternatives in cells, and cells in sets.
    free : ndarray of int, shape (C,)
        Which free dissimilarity each cell has, -1 where it has none.
    parameters : int
        Number of free dissimilarities.
    order, place : ndarray of int, shape (n,)
        The row that stands at each place, and where each row stands.
    """

    cells: ChoiceSets
    sets: ChoiceSets
    free: np.ndarray
    parameters: int
    order: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, number: np.ndarray, nest: np.ndarray, picked: np.ndarray, free: Sequence[int]) -> "Cells":
        """Sort rows by the numbers of their set and nest; `free` lists the nests with a dissimilarity."""
        order = np.lexsort((nest, number))
        number, nest = number[order], nest[order]
        begins = np.r_[True, (np.diff(number) != 0) | (np.diff(nest) != 0)]
        position = np.full(max(int(nest.max()), *free) + 1, -1)
        position[list(free)] = np.arange(len(free))
        cells = ChoiceSets(np.cumsum(begins) - 1, picked[order])
        sets = ChoiceSets(number[begins], np.zeros(int(begins.sum())))
        return cls(cells, sets, position[nest[begins]], len(free), order, np.argsort(order, kind="stable"))

    @property
    def first(self) -> np.ndarray:
        """The first sorted row of each set, shape (S,)."""
        return self.cells.first[self.sets.first]

    def objective(self, x: np.ndarray, weight: np.ndarray | None) -> NestedObjective:
        """Return the log-likelihood of sorted attributes; `weight` is that of the sets."""
        return NestedObjective(self.cells, self.sets, x, self.free, self.parameters, weight)
