"""Poisson likelihood with two sets of fixed effects: one in closed form, the other kept dense."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammaln

from ..core.newton import maximize
from ..core.profile import Constrained

# Firm-destination tables up to this many cells are kept dense, larger ones sparse.
_DENSE = 40_000_000


@dataclass
class TwoWay:
    """Log-likelihood in destination effects and coefficients, the firm effects being at their best for these.

    Rows are sorted by firm and, within a firm, by destination; every firm and destination has exported something.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Exports.
    x : ndarray, shape (n, p)
        Covariates, standardized.
    firm, destination : ndarray of int, shape (n,)
        Numbers 0, 1, ... of the two groups.
    weight : ndarray, shape (n,)
        Multiplies each row's log-likelihood.
    offset : ndarray, shape (n,)
        Added to the log mean.
    """

    y: np.ndarray
    x: np.ndarray
    firm: np.ndarray
    destination: np.ndarray
    weight: np.ndarray
    offset: np.ndarray

    def __post_init__(self) -> None:
        """Count, and add up what the data hold for each group."""
        self.firms, self.destinations = int(self.firm[-1]) + 1, int(self.destination.max()) + 1
        self.first = np.flatnonzero(np.r_[True, np.diff(self.firm) > 0])
        weighted = self.weight * self.y
        self.of_firm = np.add.reduceat(weighted, self.first)
        self.of_destination = np.bincount(self.destination, weighted, self.destinations)
        self.by_x = weighted @ self.x
        self.base = -float(weighted.sum() + self.weight @ gammaln(self.y + 1))

    @cached_property
    def cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First row of each firm-destination pair, and the pair's firm and destination."""
        new = np.r_[True, (np.diff(self.firm) > 0) | (np.diff(self.destination) != 0)]
        first = np.flatnonzero(new)
        return first, self.firm[first], self.destination[first]

    def split(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the destination effects, the first being zero, and the coefficients."""
        at = self.destinations - 1
        return np.r_[0.0, theta[:at]], theta[at:]

    def expected(self, theta: np.ndarray) -> tuple[np.ndarray, float]:
        """Return expected exports, the firm effects being at their best, and the log-likelihood."""
        effects, b = self.split(theta)
        eta = effects[self.destination] + self.x @ b + self.offset
        largest = np.maximum.reduceat(eta, self.first)[self.firm]
        size = self.weight * np.exp(eta - largest)
        share = self.of_firm / np.add.reduceat(size, self.first)
        log_mean = eta - largest + np.log(share)[self.firm]
        mean = np.exp(log_mean)
        return mean, float((self.weight * self.y) @ log_mean) + self.base

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information of destination effects and coefficients."""
        mean, loglike = self.expected(theta)
        weighted = self.weight * mean
        totals = self.x * weighted[:, None]
        score = np.r_[
            (self.of_destination - np.bincount(self.destination, weighted, self.destinations))[1:],
            self.by_x - totals.sum(axis=0),
        ]
        return loglike, score, self._information(weighted, totals)

    def _information(self, weighted: np.ndarray, totals: np.ndarray) -> np.ndarray:
        """Return X' diag(mean) X less what the firm effects take up, for destination dummies and covariates."""
        own, p = self.destinations - 1, self.x.shape[1]
        information = np.zeros((own + p, own + p))
        by_firm = np.add.reduceat(totals, self.first, axis=0) / self.of_firm[:, None]
        first, firm, destination = self.cells
        cell = np.add.reduceat(weighted, first)
        by_destination = (
            np.column_stack([np.bincount(self.destination, column, self.destinations) for column in totals.T])
            if p
            else np.zeros((self.destinations, 0))
        )
        within = by_firm * self.of_firm[:, None]
        table = self._table(cell, firm, destination)
        spread = np.diag(np.bincount(destination, cell, self.destinations))
        spread = spread - _dense(table.T @ _divided(table, self.of_firm))
        information[:own, :own] = spread[1:, 1:]
        cross = by_destination - np.asarray(table.T @ by_firm)
        information[:own, own:] = cross[1:]
        information[own:, :own] = cross[1:].T
        information[own:, own:] = self.x.T @ totals - within.T @ by_firm
        return information

    def _table(self, cell: np.ndarray, firm: np.ndarray, destination: np.ndarray) -> np.ndarray:
        """Return expected exports by firm and destination, dense or sparse."""
        if self.firms * self.destinations <= _DENSE:
            table = np.zeros((self.firms, self.destinations))
            table[firm, destination] = cell
            return table
        from scipy.sparse import csr_matrix

        return csr_matrix((cell, (firm, destination)), shape=(self.firms, self.destinations))

    def taken_up(self, information: np.ndarray) -> np.ndarray:
        """Return what the destination effects take up of each covariate, shape (D - 1, p)."""
        own = self.destinations - 1
        return np.linalg.solve(information[:own, :own], information[:own, own:])

    def partialled(self, theta: np.ndarray, information: np.ndarray) -> np.ndarray:
        """Return the rows' scores of the coefficients, both sets of effects taken out, weights not applied; (n, p)."""
        mean, _ = self.expected(theta)
        taken = np.vstack([np.zeros(self.x.shape[1]), self.taken_up(information)])
        apart = self.x - taken[self.destination]
        average = np.add.reduceat(apart * (self.weight * mean)[:, None], self.first, axis=0) / self.of_firm[:, None]
        return (self.y - mean)[:, None] * (apart - average[self.firm])


class Profiled:
    """Log-likelihood in the coefficients alone, both sets of effects being at their best for these.

    Parameters
    ----------
    joint : TwoWay
        The likelihood in destination effects and coefficients.
    """

    def __init__(self, joint: TwoWay):
        self.joint = joint
        share = np.log(joint.of_destination)
        self.effects = (share - share[0])[1:]  # from where the best ones are looked for

    def at(self, b: np.ndarray) -> np.ndarray:
        """Return the best destination effects for coefficients, and these."""
        own = len(self.effects)
        held = Constrained(self.joint, np.eye(own + len(b))[:, :own], np.r_[np.zeros(own), b])
        self.effects = maximize(held, self.effects).theta
        return np.r_[self.effects, b]

    def reduced(self, information: np.ndarray) -> np.ndarray:
        """Return the information on the coefficients in that on them and the destination effects."""
        own = len(self.effects)
        return information[own:, own:] - information[own:, :own] @ self.joint.taken_up(information)

    def evaluate(self, b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information of the coefficients."""
        loglike, score, information = self.joint.evaluate(self.at(b))
        return loglike, score[len(self.effects) :], self.reduced(information)

    def scores(self, b: np.ndarray) -> np.ndarray:
        """Return the rows' scores of the coefficients, weights not applied, shape (n, p)."""
        theta = self.at(b)
        return self.joint.partialled(theta, self.joint.evaluate(theta)[2])


def _dense(matrix: np.ndarray) -> np.ndarray:
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()


def _divided(table: np.ndarray, by: np.ndarray) -> np.ndarray:
    if isinstance(table, np.ndarray):
        return table / by[:, None]
    from scipy.sparse import diags

    return diags(1 / by) @ table


def informative(y: np.ndarray, firm: np.ndarray, destination: np.ndarray) -> np.ndarray:
    """Return which rows are left when groups without any exports are taken out, again and again."""
    left = np.ones(len(y), dtype=bool)
    while True:
        before = left.sum()
        for group in (firm, destination):
            total = np.bincount(group[left], y[left], int(group.max()) + 1)
            left &= total[group] > 0
        if left.sum() == before:
            return left
