"""Discrete-time hazards under the complementary log-log link: one exponential a firm, whatever its years."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .discrete_hazard_likelihood import GridObjective, Spells, Sums, blocks, later

# With so many firms a cell each block of firms is a part of one cell.
_LARGE = 500


@dataclass(frozen=True)
class ProportionalObjective(GridObjective):
    """The complementary log-log link, whose duration effects and covariates separate.

    A survived period adds `-exp(alpha_t) exp(x'b)`, so a firm's survived periods add one product: the covariates'
    `exp(x'b)` times the sum of `exp(alpha_t)` over them. Firms with the same first and last period and the same ending
    form a cell, and what the duration effects need are sums over cells.
    """

    @staticmethod
    def order(spells: Spells) -> np.ndarray:
        """Return the order of firms in which cells are contiguous, firms without the event first."""
        span = int(spells.last.max()) + 1
        key = (spells.event * span + spells.first) * span + spells.last
        return np.argsort(key.astype(np.int16) if 2 * span * span < 2**15 else key, kind="stable")

    @cached_property
    def _stop(self) -> np.ndarray:
        """The period before which a firm's survived periods end."""
        return self.spells.last + 1 - self.spells.event

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Each firm's cell and the first firm of each cell."""
        keys = (self.spells.event, self.spells.first, self.spells.last)
        change = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
        return np.r_[0, np.cumsum(change)], np.r_[0, np.flatnonzero(change) + 1]

    def _pieces(self, censored: int) -> Iterator[slice]:
        """Return blocks of firms of one ending each, of one cell where cells are large."""
        n, starts = len(self.matrix), self._cells[1]
        edges = [*starts, n] if n >= _LARGE * len(starts) else [0, censored, n]
        for begin, end in pairwise(edges):
            yield from blocks(begin, end)

    def sums(self, alpha: np.ndarray, slopes: np.ndarray) -> Sums:
        """Add up the firms, block by block, then the cells."""
        total = Sums.zero(len(alpha), len(slopes))
        cell, starts = self._cells
        at_risk, failing = np.zeros((2, len(starts), len(slopes) + 1))
        rate = np.exp(alpha)
        cumulated = np.r_[0.0, np.cumsum(rate)]
        exposure = cumulated[self._stop[starts]] - cumulated[self.spells.first[starts]]
        censored = len(self.matrix) - int(self.spells.event.sum())
        for block in self._pieces(censored):
            x = self.matrix[block]
            slope = x @ slopes
            weight = None if self.weight is None else self.weight[block]
            risk = _times(np.exp(slope), weight)
            own = cell[block.start : block.stop]
            inside = slice(own[0], own[-1] + 1)
            edges = np.maximum(starts[inside] - block.start, 0)
            at_risk[inside] += _cell_sums(x, risk, edges)
            curvature = risk * (exposure[inside] if len(edges) == 1 else exposure[own])
            if block.start >= censored:
                last = self.spells.last[starts[inside]]
                eta = slope + (alpha[last] if len(edges) == 1 else alpha[self.spells.last[block]])
                value, first, second = (_times(part, weight) for part in self._failures(eta))
                total.loglike += float(value.sum())
                total.score_slope += first @ x
                np.add.at(total.score_alpha, last, np.add.reduceat(first, edges))
                failing[inside] -= _cell_sums(x, second, edges)
                curvature -= second
            # the square of rows times roots: half the work of a product of two matrices
            some = x * np.sqrt(curvature)[:, None]
            total.info_slope += some.T @ some
        total.loglike -= float(exposure @ at_risk[:, 0])
        total.score_slope -= exposure @ at_risk[:, 1:]
        self._add_cells(total, rate, at_risk, failing)
        return total

    def _add_cells(self, total: Sums, rate: np.ndarray, at_risk: np.ndarray, failing: np.ndarray) -> None:
        """Add what the duration effects need: sums over the firms that survive, or fail in, each period."""
        periods, starts = len(rate), self._cells[1]
        until = _by_period(self._stop[starts], at_risk, periods + 1)
        since = _by_period(self.spells.first[starts], at_risk, periods + 1)
        survived = rate[:, None] * (later(until) - later(since))
        curved = survived + _by_period(self.spells.last[starts], failing, periods)
        total.score_alpha -= survived[:, 0]
        total.info_alpha += curved[:, 0]
        total.cross += curved[:, 1:]


def _times(values: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    return values if weight is None else values * weight


def _cell_sums(x: np.ndarray, weight: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return sums of `weight` and of `weight * x` between edges, shape (cells, 1 + p)."""
    if len(edges) == 1:
        sums = np.empty((1, 1 + x.shape[1]))
        sums[0, 0], sums[0, 1:] = weight.sum(), weight @ x
        return sums
    return np.column_stack([np.add.reduceat(weight, edges), np.add.reduceat(x * weight[:, None], edges, axis=0)])


def _by_period(period: np.ndarray, values: np.ndarray, periods: int) -> np.ndarray:
    return np.column_stack([np.bincount(period, column, periods) for column in values.T])
