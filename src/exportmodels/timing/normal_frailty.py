"""Log-likelihood of discrete durations with normal frailty, by adaptive quadrature."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from ..core.links import Link
from .discrete_hazard_likelihood import GridObjective, Spells

# Nodes of the integral over a group's deviation, at least and for each unit of the deviation's standard deviation; and
# how far from the mode it reaches, in prior standard deviations.
_NODES, _NODES_EACH, _REACH = 75, 38.0, 9.0
# Newton steps to the mode of each group's integrand; it is log-concave.
_STEPS = 40


@dataclass(frozen=True)
class GroupIntegral:
    """Groups' log-likelihood log E[exp(sum of rows' log-likelihoods at eta + s u)], u standard normal.

    Parameters
    ----------
    grid : GridObjective
        The rows, without weights; its basis is not read.
    group : ndarray of int, shape (n,)
        The group of each row.
    groups : int
        Number of groups.
    """

    grid: GridObjective
    group: np.ndarray
    groups: int

    def at(self, own: np.ndarray, sd: float, u: np.ndarray) -> tuple[GridObjective, np.ndarray]:
        """Return the rows' objective with the groups' u as a last covariate, and its coefficients."""
        matrix = np.column_stack([self.grid.matrix, u[self.group]])
        return replace(self.grid, matrix=matrix, basis=np.eye(len(own) + 1)), np.r_[own, sd]

    def summed(self, rows: np.ndarray) -> np.ndarray:
        """Add up the rows of each group, shape (G, ...)."""
        if rows.ndim == 1:
            return np.bincount(self.group, rows, self.groups)
        return np.column_stack([np.bincount(self.group, column, self.groups) for column in rows.T])

    def centres(self, own: np.ndarray, sd: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the mode of each group's integrand, and the standard deviation of the normal that touches it there."""
        u = np.zeros(self.groups)
        for _ in range(_STEPS):
            grid, theta = self.at(own, sd, u)
            _, first, second = grid.rows_at(theta)
            slope, curve = sd * self.summed(first) - u, 1 - sd**2 * self.summed(second)
            step = np.clip(slope / curve, -3.0, 3.0)
            u = u + step
            if np.abs(step).max() < 1e-9:
                break
        return u, 1 / np.sqrt(curve)

    def posterior(self, own: np.ndarray, sd: float) -> tuple[np.ndarray, Iterator[tuple[np.ndarray, np.ndarray]]]:
        """Return the groups' log-likelihood, and for each node its place u and its share of the integral."""
        mode, spread = self.centres(own, sd)
        # trapezoids in y, u = mode + spread sinh(y): dense about the mode, and far enough out for skewed tails
        far = np.arcsinh(_REACH / spread)
        nodes = max(_NODES, int(_NODES_EACH * sd))
        y = np.linspace(-1, 1, nodes)[:, None] * far
        places = mode + spread * np.sinh(y)
        terms = np.log(spread * np.cosh(y) * 2 * far / (nodes - 1)) - 0.5 * (places**2 + np.log(2 * np.pi))
        for k, u in enumerate(places):
            grid, theta = self.at(own, sd, u)
            terms[k] += self.summed(grid.rows_at(theta)[0])
        value = logsumexp(terms, axis=0)
        return value, zip(places, np.exp(terms - value), strict=True)

    def evaluate(self, own: np.ndarray, sd: float, weight: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return weighted log-likelihood, score and information in the rows' coefficients and the deviation."""
        value, nodes = self.posterior(own, sd)
        size = len(own) + 1
        information, mean = np.zeros((size, size)), np.zeros((self.groups, size))
        for u, share in nodes:
            grid, theta = self.at(own, sd, u)
            factor = weight * share
            own_information, rows = replace(grid, weight=factor[self.group]).information_and_scores(theta)
            information += own_information
            scores = self.summed(rows)
            information -= scores.T @ (scores * factor[:, None])
            mean += scores * share[:, None]
        information += mean.T @ (mean * weight[:, None])
        return float(weight @ value), weight @ mean, information

    def scores(self, own: np.ndarray, sd: float) -> np.ndarray:
        """Return the rows' contributions to the score, in the same coordinates."""
        _, nodes = self.posterior(own, sd)
        total = np.zeros((len(self.group), len(own) + 1))
        for u, share in nodes:
            grid, theta = self.at(own, sd, u)
            total += grid.scores(theta) * share[self.group][:, None]
        return total


@dataclass(frozen=True)
class NormalFrailtyObjective:
    """Groups of rows that share a normal deviation of their linear predictors, with log-variance as last coefficient.

    Parameters
    ----------
    link : Link
        The hazard of one period.
    spells, entry, matrix, group, weight, baseline, basis
        As in `MixedObjective`; with `entry`, the likelihood is conditional on having had no event before.
    """

    link: Link
    spells: Spells
    entry: np.ndarray | None
    matrix: np.ndarray
    group: np.ndarray | None
    weight: np.ndarray | None
    baseline: np.ndarray
    basis: np.ndarray

    def prepared(self) -> "NormalFrailtyObjective":
        """Return the objective sorted, with identical firms made one where that pays."""
        distinct = None if self.group is not None else self.spells.distinct(self.entry, (self.matrix,), self.weight)
        small = self if distinct is None else replace(self._rows(distinct[0]), weight=distinct[1])
        return small._rows(GridObjective.order(small.spells))

    def _rows(self, chosen: np.ndarray) -> "NormalFrailtyObjective":
        """Return the objective of some of the rows, whose weights are those of the groups, where there are groups."""
        return replace(
            self,
            spells=self.spells.take(chosen),
            entry=None if self.entry is None else self.entry[chosen],
            matrix=self.matrix[chosen],
            group=None if self.group is None else self.group[chosen],
            weight=self.weight if self.group is not None or self.weight is None else self.weight[chosen],
        )

    def _integrals(self) -> list[tuple[float, np.ndarray, GroupIntegral]]:
        """Return sign, rows and integral of the years observed and, with late entry, of those before."""
        n = len(self.matrix)
        group = np.arange(n) if self.group is None else self.group
        groups = int(group.max()) + 1
        late = np.flatnonzero(self.entry if self.entry is not None else np.zeros(n))
        integrals = [(1.0, np.arange(n), self.spells)]
        if late.size and self.entry is not None:
            before = Spells(np.zeros_like(late), self.entry[late] - 1, np.zeros(len(late), dtype=bool))
            integrals.append((-1.0, late, before))
        return [
            (
                sign,
                rows,
                GroupIntegral(
                    GridObjective(self.link, spells, self.matrix[rows], None, self.baseline, self.basis),
                    group[rows],
                    groups,
                ),
            )
            for sign, rows, spells in integrals
        ]

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        own, sd = self._split(theta)
        value, score, information = 0.0, np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
        for sign, _, integral in self._integrals():
            weight = np.ones(integral.groups) if self.weight is None else self.weight
            parts = integral.evaluate(own, sd, weight)
            value, score, information = value + sign * parts[0], score + sign * parts[1], information + sign * parts[2]
        turn = np.ones(len(theta))
        turn[-1] = sd / 2
        information = information * np.outer(turn, turn)
        information[-1, -1] -= score[-1] * sd / 4
        return value, self.basis.T @ (score * turn), self.basis.T @ information @ self.basis

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied."""
        own, sd = self._split(theta)
        total = np.zeros((len(self.matrix), len(theta)))
        for sign, rows, integral in self._integrals():
            total[rows] += sign * integral.scores(own, sd)
        total[:, -1] *= sd / 2
        return total @ self.basis

    def _split(self, theta: np.ndarray) -> tuple[np.ndarray, float]:
        own = self.basis @ theta
        return own[:-1], float(np.exp(own[-1] / 2))
