"""Cox's likelihood by cells: with few distinct years one pass over rows, sorted by year and event, gives all sums."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import numpy as np

from .partial_likelihood import PartialLikelihood

# Rows a block: their columns and the scaled ones stay in a core's cache together.
_BLOCK = 2048
# Fewer rows a cell than this, and the cells take longer than the rows.
_ROWS = 500
# Linear predictors beyond this are left to the rows, which are scaled by the largest risk.
_LARGEST = 300.0


@dataclass(frozen=True)
class CoxCells:
    """The log partial likelihood as a function of coefficients, for rows observed from the beginning.

    A cell holds the rows that end in one slot, with the event or without. All that the likelihood asks of rows are sums
    over cells of their risks r, of r x and of r x x'.

    Parameters
    ----------
    plain : PartialLikelihood
        The same likelihood row by row.
    blocks : list of ndarray, shapes (p, m)
        Covariates of some rows of one cell, a row a column.
    cells : ndarray of int, shape (B,)
        The cell of each block: twice its slot, and one more with the event.
    root : list of ndarray, shapes (m,), optional
        Square roots of the rows' weights, and of the risks that offsets add.
    observed : ndarray, shape (p,)
        The covariates of the rows with the event, each times its weight.
    shift : float
        What the offsets add to the events' linear predictors, in all.
    """

    plain: PartialLikelihood
    blocks: list[np.ndarray]
    cells: np.ndarray
    root: list[np.ndarray] | None
    observed: np.ndarray
    shift: float
    last: dict[bytes, tuple[float, np.ndarray, np.ndarray]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, plain: PartialLikelihood) -> Self | None:
        """Sort the rows into cells; None where there are too many for that to pay, or rows enter late."""
        sets, (n, p) = plain.sets, plain.raw.shape
        cells = 2 * sets.size
        if sets.late or n < _ROWS * cells or cells > np.iinfo(np.int16).max:
            return None
        cell = (2 * sets.last + sets.event).astype(np.int16)
        order = np.argsort(cell, kind="stable")
        ends = np.r_[0, np.cumsum(np.bincount(cell, minlength=cells))]
        root, weight = _roots(plain), plain.weight
        blocks, roots, owners, observed = [], [], [], np.zeros(p)
        store, rows = np.empty(n * p), np.empty((_BLOCK, p))
        for owner, (begin, end) in enumerate(pairwise(ends)):
            for first in range(begin, end, _BLOCK):
                last = min(first + _BLOCK, end)
                chosen = order[first:last]
                some = np.take(plain.raw, chosen, axis=0, out=rows[: len(chosen)], mode="clip")
                block = store[first * p : last * p].reshape(p, -1)
                blocks.append(np.subtract(some.T, plain.centre[:, None], out=block))
                owners.append(owner)
                if root is not None:
                    roots.append(root[chosen])
                if owner % 2:
                    observed += block.sum(axis=1) if weight is None else block @ weight[chosen]
        return cls(plain, blocks, np.array(owners), None if root is None else roots, observed, _shift(plain))

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information; those of the last coefficients are kept."""
        key = theta.tobytes()
        if key not in self.last:
            answer = self._evaluate(theta)
            self.last.clear()
            self.last[key] = answer
        return self.last[key]

    def _evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        plain = self.plain
        sets = plain.sets
        own = plain.base @ theta
        sums = self._sums(own)
        if sums is None:
            return plain.evaluate(theta)
        risk, first, second = sums
        events = risk[1::2]
        ties = plain.tie_sums(sets.from_end(risk[::2] + events), events)
        loglike = self.observed @ own + self.shift - plain.mean @ ties.log
        expected = np.repeat(sets.cumulate(plain.mean * ties.one), 2)
        expected[1::2] -= plain.mean * ties.part
        squares = np.tensordot(expected, second, 1)
        rows = sets.from_end(first[::2] + first[1::2]), first[1::2]
        return plain.assembled(float(loglike), ties, self.observed, rows, squares)

    def _sums(self, own: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Return each cell's sums of r, (2 K,), r x, (2 K, p), and r x x', (2 K, p, p); None for extreme risks."""
        cells, p = 2 * self.plain.sets.size, len(own)
        risk, first, second = np.zeros(cells), np.zeros((cells, p)), np.zeros((cells, p, p))
        scaled = np.empty(p * _BLOCK)
        for k, (cell, block) in enumerate(zip(self.cells, self.blocks, strict=True)):
            root = own @ block
            root /= 2
            if root.max() > _LARGEST / 2:
                return None
            np.exp(root, out=root)
            if self.root is not None:
                root *= self.root[k]
            # the square of rows times the roots of their risks: half the work of a product of two matrices
            some = np.multiply(block, root, out=scaled[: block.size].reshape(block.shape))
            risk[cell] += root @ root
            first[cell] += some @ root
            second[cell] += some @ some.T
        return risk, first, second

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied, shape (n, p)."""
        return self.plain.scores(theta)

    def loglike(self, theta: np.ndarray) -> float:
        """Return the log partial likelihood."""
        return self.evaluate(theta)[0]


def _roots(plain: PartialLikelihood) -> np.ndarray | None:
    """Return the square roots of what multiplies the rows' risks, None where that is one."""
    if plain.weight is None and plain.offset is None:
        return None
    root = np.ones(len(plain.raw)) if plain.weight is None else np.sqrt(plain.weight)
    return root if plain.offset is None else root * np.exp(plain.offset / 2)


def _shift(plain: PartialLikelihood) -> float:
    if plain.offset is None:
        return 0.0
    own = plain.offset[plain.sets.event]
    return float(own.sum() if plain.weight is None else plain.weight[plain.sets.event] @ own)
