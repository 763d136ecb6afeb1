"""The likelihood of ordered levels: thresholds and one predictor, rows sorted by level."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .intervals import OrdinalLink, pieces

# Rows a block of a pass over the data.
_BLOCK = 8192


@dataclass(frozen=True)
class OrdinalObjective:
    """Sum of log(F(t_y - x'b) - F(t_{y-1} - x'b)), with thresholds t_j = z'g_j.

    The coefficients are g_1, ..., g_{J-1}, b.

    Parameters
    ----------
    link : OrdinalLink
        The distribution function F.
    level : ndarray of int, shape (n,)
        The level of each row, from 0 to J - 1, in rising order.
    x : ndarray, shape (n, p)
        Covariates of the predictor.
    z : ndarray, shape (n, q)
        Covariates of the thresholds, the constant first.
    weight : ndarray, shape (n,), optional
        Multiplies each row's log-likelihood.
    """

    link: OrdinalLink
    level: np.ndarray
    x: np.ndarray
    z: np.ndarray
    weight: np.ndarray | None = None

    @cached_property
    def cuts(self) -> int:
        """Number of thresholds."""
        return int(self.level[-1])

    @cached_property
    def _blocks(self) -> list[tuple[int, slice]]:
        ends = np.searchsorted(self.level, np.arange(self.cuts + 2))
        return [
            (k, slice(first, min(first + _BLOCK, ends[k + 1])))
            for k in range(self.cuts + 1)
            for first in range(ends[k], ends[k + 1], _BLOCK)
        ]

    def _split(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = self.cuts * self.z.shape[1]
        return theta[:at].reshape(self.cuts, -1), theta[at:]

    def _ends(self, theta: np.ndarray) -> Iterator[tuple[int, slice, np.ndarray | None, np.ndarray | None]]:
        g, b = self._split(theta)
        for k, block in self._blocks:
            eta, z = self.x[block] @ b, self.z[block]
            yield k, block, z @ g[k] - eta if k < self.cuts else None, z @ g[k - 1] - eta if k else None

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        q, at, size = self.z.shape[1], self.cuts * self.z.shape[1], len(theta)
        total, score, hessian = 0.0, np.zeros(size), np.zeros((size, size))
        slopes = slice(at, size)
        for k, block, upper, lower in self._ends(theta):
            parts = pieces(self.link, upper, lower)
            w, x, z = None if self.weight is None else self.weight[block], self.x[block], self.z[block]
            loglike, a, c, aa, cc, ac = (
                part if w is None else part * w
                for part in (parts.loglike, parts.a, parts.c, parts.aa, parts.cc, parts.ac)
            )
            total += float(loglike.sum())
            score[slopes] -= (a + c) @ x
            hessian[slopes, slopes] += (x * (aa + 2 * ac + cc)[:, None]).T @ x
            for j, first, second in ((k, a, aa), (k - 1, c, cc)):
                if 0 <= j < self.cuts:
                    at_j = slice(j * q, (j + 1) * q)
                    score[at_j] += first @ z
                    hessian[at_j, at_j] += (z * second[:, None]).T @ z
                    hessian[at_j, slopes] -= (z * (second + ac)[:, None]).T @ x
            if 0 < k < self.cuts:
                hessian[(k - 1) * q : k * q, k * q : (k + 1) * q] += (z * ac[:, None]).T @ z
        upper_half = np.triu(hessian, 1)
        return total, score, -(upper_half + upper_half.T + np.diag(np.diag(hessian)))

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied, shape (n, size)."""
        q, at = self.z.shape[1], self.cuts * self.z.shape[1]
        result = np.zeros((len(self.level), len(theta)))
        for k, block, upper, lower in self._ends(theta):
            parts = pieces(self.link, upper, lower)
            result[block, at:] = -(parts.a + parts.c)[:, None] * self.x[block]
            for j, first in ((k, parts.a), (k - 1, parts.c)):
                if 0 <= j < self.cuts:
                    result[block, j * q : (j + 1) * q] = first[:, None] * self.z[block]
        return result

    def reach(self, theta: np.ndarray) -> float:
        """Return how far out a threshold lies from a row's predictor, at most."""
        return max(np.abs(end).max() for _, _, *ends in self._ends(theta) for end in ends if end is not None)

    def rising(self) -> np.ndarray:
        """Return contrasts of the coefficients in which the likelihood rises, for the detection of separation.

        The upper end of a row's interval may go up, and its lower end down.
        """
        q, found = self.z.shape[1], []
        for k, block in self._blocks:
            for j, sign in ((k, 1.0), (k - 1, -1.0)):
                if 0 <= j < self.cuts:
                    before, after = np.zeros((block.stop - block.start, q * j)), q * (self.cuts - j - 1)
                    z, x = self.z[block], self.x[block]
                    found.append(sign * np.hstack([before, z, np.zeros((len(z), after)), -x]))
        return np.vstack(found)
