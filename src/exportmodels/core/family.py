"""Families: a log-likelihood in its linear predictors, and the objective that makes it a function of coefficients."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

# Rows a block: eight columns of them stay in a core's cache, and a block is long enough to hide numpy's overhead.
_BLOCK = 8192


class Family(Protocol):
    """The mathematics of an estimator: a log-likelihood that is a function of a few linear predictors.

    Its methods take the outcome `y`, (n,) or (n, m), and the linear predictors `eta`, (K, n).
    """

    @property
    def predictors(self) -> tuple[str, ...]:
        """Names of the linear predictors; the first is the location, whose coefficients bear the bare names."""
        ...

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,), for `eta` of shape (K, n)."""
        ...

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (K, n) and second derivatives (K, K, n) with respect to the predictors."""
        ...

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the outcome's mean in its own units, shape (n,)."""
        ...

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return values of the predictors, shape (K,), to start the model without covariates from."""
        ...


def evaluate(family: Family, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log-likelihood, first and second derivatives; in one go where the family has an `evaluate` of its own."""
    own = getattr(family, "evaluate", None)
    return own(y, eta) if own is not None else (family.loglike(y, eta), *family.derivatives(y, eta))


class EvaluatedAtOnce:
    """Base of families whose log-likelihood and derivatives share so much that they are only found together."""

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log-likelihood (n,), first (K, n) and second derivatives (K, K, n)."""
        raise NotImplementedError

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        return self.evaluate(y, eta)[0]

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (K, n) and second derivatives (K, K, n)."""
        return self.evaluate(y, eta)[1:]


@dataclass(frozen=True)
class LinearObjective:
    """A family's log-likelihood as a function of the coefficients of its predictors.

    Parameters
    ----------
    family : Family
        The mathematics.
    outcome : ndarray, shape (n,) or (n, m)
        The outcome.
    matrices : tuple of ndarray, shapes (n, p_k)
        The design of each predictor.
    bases : tuple of ndarray, shapes (p_k, p_k)
        What turns the objective's coefficients into those of each design: the designs stay as they are, and the engine
        works in standardized coordinates.
    weight : ndarray, shape (n,), optional
        Multiplies each row's log-likelihood.
    offset : ndarray, shape (n,), optional
        Added to the first predictor.
    """

    family: Family
    outcome: np.ndarray
    matrices: tuple[np.ndarray, ...]
    bases: tuple[np.ndarray, ...]
    weight: np.ndarray | None = None
    offset: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return sum(matrix.shape[1] for matrix in self.matrices)

    @cached_property
    def parts(self) -> list[slice]:
        """Where each predictor's coefficients stand in the vector."""
        ends = np.cumsum([0] + [matrix.shape[1] for matrix in self.matrices])
        return [slice(a, b) for a, b in pairwise(ends)]

    @cached_property
    def basis(self) -> np.ndarray:
        """All bases in one matrix, shape (p, p)."""
        return block_diagonal(self.bases)

    def rows(self, chosen: np.ndarray | slice) -> "LinearObjective":
        """Return the objective of some of the rows."""
        return replace(
            self,
            outcome=self.outcome[chosen],
            matrices=tuple(matrix[chosen] for matrix in self.matrices),
            weight=None if self.weight is None else self.weight[chosen],
            offset=None if self.offset is None else self.offset[chosen],
        )

    def predictors(self, theta: np.ndarray, block: slice = slice(None)) -> np.ndarray:
        """Return the linear predictors of a block of rows, shape (K, n)."""
        return self._eta(self._own(theta), block)

    def _eta(self, own: list[np.ndarray], block: slice) -> np.ndarray:
        eta = np.empty((len(own), len(self.outcome[block])))
        for row, matrix, b in zip(eta, self.matrices, own, strict=True):
            np.matmul(matrix[block], b, out=row)
        if self.offset is not None:
            eta[0] += self.offset[block]
        return eta

    def _own(self, theta: np.ndarray) -> list[np.ndarray]:
        return [base @ theta[part] for base, part in zip(self.bases, self.parts, strict=True)]

    def blocks(self) -> Iterator[slice]:
        """Yield blocks of rows that fit into the cache."""
        for first in range(0, len(self.outcome), _BLOCK):
            yield slice(first, first + _BLOCK)

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information, block by block of rows."""
        parts, own = self.parts, self._own(theta)
        total, score, information = 0.0, np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
        for block in self.blocks():
            y, eta = self.outcome[block], self._eta(own, block)
            loglike, first, second = evaluate(self.family, y, eta)
            if self.weight is not None:
                weight = self.weight[block]
                loglike, first, second = loglike * weight, first * weight, second * weight
            total += float(loglike.sum())
            for j, (matrix, part) in enumerate(zip(self.matrices, parts, strict=True)):
                x = matrix[block]
                score[part] += first[j] @ x
                for k in range(j, len(parts)):
                    weighted = self.matrices[k][block] * second[j, k][:, None]
                    information[part, parts[k]] -= x.T @ weighted
        return total, self.basis.T @ score, self._turned(information)

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied, shape (n, p)."""
        first, _ = self.family.derivatives(self.outcome, self.predictors(theta))
        parts = zip(self.matrices, self.bases, first, strict=True)
        return np.hstack([(matrix * d[:, None]) @ base for matrix, base, d in parts])

    def outer(self, theta: np.ndarray, factor: np.ndarray | None) -> np.ndarray:
        """Return the sum over rows of `factor` times the outer product of the row's score, shape (p, p)."""
        parts, own = self.parts, self._own(theta)
        total = np.zeros((len(theta), len(theta)))
        for block in self.blocks():
            first, _ = self.family.derivatives(self.outcome[block], self._eta(own, block))
            for j, (matrix, part) in enumerate(zip(self.matrices, parts, strict=True)):
                for k in range(j, len(parts)):
                    square = first[j] * first[k] if factor is None else first[j] * first[k] * factor[block]
                    total[part, parts[k]] += matrix[block].T @ (self.matrices[k][block] * square[:, None])
        return self._turned(total)

    def _turned(self, upper: np.ndarray) -> np.ndarray:
        """Fill in the blocks below the diagonal, and change to the objective's coordinates."""
        for j, part in enumerate(self.parts):
            for other in self.parts[j + 1 :]:
                upper[other, part] = upper[part, other].T
        return self.basis.T @ upper @ self.basis


def block_diagonal(blocks: Sequence[np.ndarray]) -> np.ndarray:
    """Return the matrix with the given square blocks on its diagonal."""
    ends = np.cumsum([0] + [len(block) for block in blocks])
    whole = np.zeros((ends[-1], ends[-1]))
    for block, (a, b) in zip(blocks, pairwise(ends), strict=True):
        whole[a:b, a:b] = block
    return whole


def collapse(
    outcome: np.ndarray, matrices: tuple[np.ndarray, ...], extra: np.ndarray | None, weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Find identical rows, where there are enough of them to pay.

    Returns
    -------
    tuple of ndarray or None
        Index of the first row of each group, and the weight of all its rows, which count as one each where `weight` is
        not given; None where collapsing does not pay.
    """
    n = len(outcome)
    table = [outcome.reshape(n, -1), *matrices] + ([] if extra is None else [extra[:, None]])
    if n < 200:
        return None
    probe = np.hstack([part[:: max(n // 400, 1)][:400] for part in table])
    if len(np.unique(probe, axis=0)) > 0.6 * len(probe):
        return None
    # random projections: equal rows have equal keys, and unequal ones differ with probability one up to rounding
    weights = np.random.default_rng(20090501).standard_normal(sum(part.shape[1] for part in table))
    key, at = np.zeros(n), 0
    for part in table:
        key += part @ weights[at : at + part.shape[1]]
        at += part.shape[1]
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    same = all(np.array_equal(part[first][group], part) for part in table)
    return (first, np.bincount(group, weight).astype(float)) if same and len(first) < 0.6 * n else None
