"""Likelihoods of discrete-time hazards, summed over firms without writing out their firm-years."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ..core.family import collapse
from ..core.links import Link

# Firms a block: a block's grid of firms by years stays in a core's cache.
_ROWS = 4096
# Of few firms a block holds an eighth, but at least so many: sorted by their last period, its grid has few periods.
_FEWEST = 256


# A block's first period, the one after its last, and log-likelihoods with two derivatives, shape (periods, rows).
Grid = tuple[int, int, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Spells:
    """Firms' periods at risk, as whole numbers.

    Parameters
    ----------
    first, last : ndarray of int, shape (n,)
        First and last period at risk, both included.
    event : ndarray of bool, shape (n,)
        Whether the last period ends with the event.
    """

    first: np.ndarray
    last: np.ndarray
    event: np.ndarray

    def take(self, rows: np.ndarray) -> "Spells":
        """Return some of the spells."""
        return Spells(self.first[rows], self.last[rows], self.event[rows])

    def distinct(
        self, entry: np.ndarray | None, matrices: tuple[np.ndarray, ...], weight: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return one row of each kind of firm and the weight of the kind, None where that does not pay."""
        keys = [self.first, self.last, self.event]
        return collapse(np.column_stack(keys if entry is None else [*keys, entry]), matrices, None, weight)

    def totals(self, weight: np.ndarray | None, periods: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the firms at risk and the events of each period, weighted, shape (T,)."""
        gone = np.bincount(self.last + 1, weight, periods + 1).astype(float)
        entered = np.bincount(self.first, weight, periods + 1).astype(float)
        counted = None if weight is None else weight[self.event]
        events = np.bincount(self.last[self.event], counted, periods).astype(float)
        return later(gone) - later(entered), events


@dataclass
class Sums:
    """Sums over firms: the log-likelihood, and its derivatives in the duration effects and the slopes."""

    loglike: float
    score_alpha: np.ndarray
    score_slope: np.ndarray
    info_alpha: np.ndarray
    cross: np.ndarray
    info_slope: np.ndarray

    @classmethod
    def zero(cls, periods: int, slopes: int) -> "Sums":
        """Return sums over no firms."""
        return cls(
            0.0,
            np.zeros(periods),
            np.zeros(slopes),
            np.zeros(periods),
            np.zeros((periods, slopes)),
            np.zeros((slopes, slopes)),
        )

    def assemble(self, baseline: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information in the coefficients of the baseline and the slopes."""
        across = baseline.T @ self.cross
        own = baseline.T @ (baseline * self.info_alpha[:, None])
        information = np.block([[own, across], [across.T, self.info_slope]])
        return self.loglike, np.r_[baseline.T @ self.score_alpha, self.score_slope], information


@dataclass(frozen=True)
class GridObjective:
    """Any link: a grid of firms by periods is held for one block of firms at a time.

    Parameters
    ----------
    link : Link
        The hazard of one period.
    spells : Spells
        Periods at risk; sorted by the last one, blocks are narrow.
    matrix : ndarray, shape (n, p)
        Covariates.
    weight : ndarray, shape (n,), optional
        Multiplies each firm's log-likelihood.
    baseline : ndarray, shape (T, q)
        Duration effects are `alpha = baseline @ a`.
    basis : ndarray, shape (q + p + m, q + p + m)
        What turns the engine's coefficients into (a, b, c), those of `baseline`, `matrix` and of the effects that vary.
    varying : sequence of int
        Columns of `matrix` whose effects change with time: they add c times `clock` to their b.
    clock : ndarray, shape (T,), optional
        The function of time with which they change.
    """

    link: Link
    spells: Spells
    matrix: np.ndarray
    weight: np.ndarray | None
    baseline: np.ndarray
    basis: np.ndarray
    varying: Sequence[int] = ()
    clock: np.ndarray | None = None

    @staticmethod
    def order(spells: Spells) -> np.ndarray:
        """Return the order of firms in which blocks are narrow."""
        return np.lexsort((spells.first, spells.last))

    def rows(self, chosen: np.ndarray) -> Self:
        """Return the objective of some of the firms."""
        weight = None if self.weight is None else self.weight[chosen]
        return replace(
            self, spells=self.spells.take(chosen), matrix=self.matrix.take(chosen, axis=0, mode="clip"), weight=weight
        )

    def prepared(self) -> Self:
        """Return the objective with identical firms made one where that pays, and sorted."""
        distinct = self.spells.distinct(None, (self.matrix,), self.weight)
        small = self if distinct is None else replace(self.rows(distinct[0]), weight=distinct[1])
        return small.rows(self.order(small.spells))

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        loglike, score, information = self.sums(*self.split(theta)).assemble(self.baseline)
        return loglike, self.basis.T @ score, self.basis.T @ information @ self.basis

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the firms' contributions to the score, weights not applied, shape (n, q + p)."""
        alpha, slopes = self.split(theta)
        return np.vstack([self._scores_of(block, self.grid(block, alpha, slopes)) for block in self.blocks()])

    def _scores_of(self, block: slice, grid: Grid) -> np.ndarray:
        low, high, _, first, _ = grid
        x = self.matrix[block]
        own = [first.T @ self.baseline[low:high], x * first.sum(axis=0)[:, None]]
        if self.clock is not None:
            own.append(x[:, self.varying] * (self.clock[low:high] @ first)[:, None])
        return np.hstack(own) @ self.basis

    def information_and_scores(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the information, and the firms' contributions to the score, weights not applied, in one pass."""
        alpha, slopes = self.split(theta)
        total, parts = Sums.zero(len(alpha), len(slopes)), []
        for block in self.blocks():
            grid = self.grid(block, alpha, slopes)
            self._add(total, block, grid)
            parts.append(self._scores_of(block, grid))
        return self.basis.T @ total.assemble(self.baseline)[2] @ self.basis, np.vstack(parts)

    def rows_at(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the firms' log-likelihood with two derivatives in a shift of all their predictors, shape (n,)."""
        alpha, slopes = self.split(theta)
        blocks = [self.grid(block, alpha, slopes)[2:] for block in self.blocks()]
        value, first, second = (
            np.concatenate([part.sum(axis=0) for part in parts]) for parts in zip(*blocks, strict=True)
        )
        return value, first, second

    def split(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the duration effects, shape (T,), and the other coefficients."""
        own, q = self.basis @ theta, self.baseline.shape[1]
        return self.baseline @ own[:q], own[q:]

    def blocks(self) -> Iterator[slice]:
        """Return the blocks of firms whose grids are held one at a time."""
        return blocks(0, len(self.matrix), _FEWEST)

    def grid(self, block: slice, alpha: np.ndarray, slopes: np.ndarray) -> Grid:
        """Return a block's periods, and log-likelihood with two derivatives in eta, shape (periods, rows)."""
        first, last, event = self.spells.first[block], self.spells.last[block], self.spells.event[block]
        low, high = int(first.min()), int(last.max()) + 1
        eta = self.predictor(block, low, high, alpha, slopes)
        parts = self.link.no(eta)
        period = np.arange(low, high)[:, None]
        outside = (period > last) | (period < first)
        failing = np.flatnonzero(event)
        cell = (last[failing] - low, failing)
        for survived, failed in zip(parts, self._failures(eta[cell]), strict=True):
            np.copyto(survived, 0.0, where=outside)
            survived[cell] = failed
        return low, high, *parts

    def predictor(self, block: slice, low: int, high: int, alpha: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Return the linear predictors of a block of firms in some periods, shape (periods, rows)."""
        x, p = self.matrix[block], self.matrix.shape[1]
        eta = alpha[low:high, None] + x @ slopes[:p]
        if self.clock is not None:
            eta += self.clock[low:high, None] * (x[:, self.varying] @ slopes[p:])
        return eta

    def _failures(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log-likelihood of a period that ends with the event, and two derivatives."""
        slope, _, curve, _ = self.link.slopes(eta)
        return self.link.logs(eta)[0], slope, curve

    def sums(self, alpha: np.ndarray, slopes: np.ndarray) -> Sums:
        """Add up the firms, block by block."""
        total = Sums.zero(len(alpha), len(slopes))
        for block in self.blocks():
            self._add(total, block, self.grid(block, alpha, slopes))
        return total

    def _add(self, total: Sums, block: slice, grid: Grid) -> None:
        """Add a block's firms."""
        low, high, value, first, second = grid
        x, p = self.matrix[block], self.matrix.shape[1]
        weight = np.ones(len(x)) if self.weight is None else self.weight[block]
        weighted = x if self.weight is None else x * weight[:, None]
        total.loglike += float(value.sum(axis=0) @ weight)
        total.score_alpha[low:high] += first @ weight
        total.score_slope[:p] += first.sum(axis=0) @ weighted
        total.info_alpha[low:high] -= second @ weight
        total.cross[low:high, :p] -= second @ weighted
        total.info_slope[:p, :p] -= weighted.T @ (x * second.sum(axis=0)[:, None])
        if self.clock is not None:
            self._add_varying(total, slice(low, high), first, second, x, weighted)

    def _add_varying(
        self, total: Sums, years: slice, first: np.ndarray, second: np.ndarray, x: np.ndarray, weighted: np.ndarray
    ) -> None:
        """Add what the effects that vary need: products with the clock."""
        assert self.clock is not None
        clock, p = self.clock[years], self.matrix.shape[1]
        v, weighted_v = x[:, self.varying], weighted[:, self.varying]
        total.score_slope[p:] += (clock @ first) @ weighted_v
        total.cross[years, p:] -= clock[:, None] * (second @ weighted_v)
        across = weighted.T @ (v * (clock @ second)[:, None])
        total.info_slope[:p, p:] -= across
        total.info_slope[p:, :p] -= across.T
        total.info_slope[p:, p:] -= weighted_v.T @ (v * (clock**2 @ second)[:, None])


def blocks(start: int, end: int, fewest: int = _ROWS) -> Iterator[slice]:
    """Return the rows from start to end in blocks that stay in the cache, down to `fewest` rows each."""
    size = min(max((end - start) // 8, fewest), _ROWS)
    for row in range(start, end, size):
        yield slice(row, min(row + size, end))


def later(values: np.ndarray) -> np.ndarray:
    """Return sums over later periods, for every period but the last, shape (T - 1, ...)."""
    return np.cumsum(values[::-1], axis=0)[::-1][1:]
