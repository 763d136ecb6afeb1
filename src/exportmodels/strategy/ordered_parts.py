"""From a sample to the ordinal likelihood: rows sorted by level, standardized, and the way back."""

from dataclasses import dataclass, replace

import numpy as np

from ..core.family import block_diagonal, collapse
from ..core.sample import Sample
from .intervals import OrdinalLink
from .ordinal import OrdinalObjective


@dataclass(frozen=True)
class OrdinalParts:
    """The likelihood of ordered levels in standardized coordinates, with what surrounds it.

    Parameters
    ----------
    objective : OrdinalObjective
        The log-likelihood, its rows sorted by level.
    back : ndarray, shape (size, size)
        Turns its coefficients into covariates, thresholds and the thresholds' covariates of the user.
    start : ndarray, shape (size,)
        Thresholds at the shares of the levels, nothing else.
    place : ndarray of int, shape (n,)
        Where each row of the sample stands among the sorted ones.
    llnull : float
        The log-likelihood of the level shares.
    """

    objective: OrdinalObjective
    back: np.ndarray
    start: np.ndarray
    place: np.ndarray
    llnull: float

    @classmethod
    def of(cls, sample: Sample, link: OrdinalLink, cuts: int) -> "OrdinalParts":
        """Sort and standardize a sample."""
        level = sample.outcome.astype(int)
        order = np.argsort(level, kind="stable")
        location, moving = sample.designs[""].standardized, sample.designs.get("cut")
        if moving is None:
            z, turn, constant = np.ones((len(level), 1)), np.eye(1), 0
        else:
            z, turn, constant = moving.standardized.matrix, moving.standardized.back, int(moving.constant or 0)
        weight = sample.total_weight
        objective = OrdinalObjective(
            link, level[order], location.matrix[order], z[order], None if weight is None else weight[order]
        )
        sizes = np.bincount(level, weight, cuts + 1)
        start = np.zeros(cuts * z.shape[1] + location.matrix.shape[1])
        start[constant : cuts * z.shape[1] : z.shape[1]] = link.quantile(np.cumsum(sizes)[:-1] / sizes.sum())
        llnull = float(sizes @ np.log(sizes / sizes.sum()))
        back = _back(cuts, turn, constant, location.back, location.centre)
        return cls(objective, back, start, np.argsort(order, kind="stable"), llnull)

    def collapsed(self) -> OrdinalObjective:
        """Return the log-likelihood with identical rows put together, where that pays."""
        full = self.objective
        distinct = collapse(full.level, (full.x, full.z), None, full.weight)
        if distinct is None:
            return full
        first, weight = distinct
        order = np.argsort(full.level[first], kind="stable")
        rows = first[order]
        return replace(full, level=full.level[rows], x=full.x[rows], z=full.z[rows], weight=weight[order])

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the scores of the sample's rows, in its order."""
        return self.objective.scores(theta)[self.place]

    def rows(self) -> np.ndarray:
        """Return the derivatives of each row's thresholds less predictor in the coefficients, shape (n, K, size)."""
        z, x, cuts = self.objective.z, self.objective.x, self.objective.cuts
        (n, q), p = z.shape, x.shape[1]
        rows = np.zeros((n, cuts, cuts * q + p))
        for k in range(cuts):
            rows[:, k, k * q : (k + 1) * q] = z
        rows[:, :, cuts * q :] = -x[:, None, :]
        return rows


def _back(cuts: int, turn: np.ndarray, constant: int, slopes: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return what turns (g_1, ..., g_K, b) into b, thresholds, and slopes of the thresholds with their sign turned."""
    q = len(turn)
    own = block_diagonal([*[turn] * cuts, slopes])
    at = np.arange(cuts * q).reshape(cuts, q)
    own[at[:, constant]] += np.hstack([np.zeros(cuts * q), centre @ slopes])  # the predictor was centred
    moving = np.delete(at, constant, axis=1).ravel()
    return np.vstack([own[cuts * q :], own[at[:, constant]], -own[moving]])
