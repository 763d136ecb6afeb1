"""Estimators that are a family: everything but the mathematics of one likelihood."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .design import Standardized, standardize
from .errors import ConvergenceError
from .family import Family, LinearObjective, collapse
from .model import Model, Problem, equation_names
from .newton import maximize
from .quantities import Quantity
from .sample import Sample

# Above this many rows the first Newton steps are taken on a subsample.
_MANY_ROWS = 100_000
_SUBSAMPLE = 20_000


class FamilyModel(Model):
    """Base of estimators whose log-likelihood is a sum over firms of a family's; not used by itself.

    A subclass gives `family` (and `kind`, `quantities`), and in `equations` the options that carry covariates of
    further predictors. Predictors without covariates get a constant.
    """

    @property
    def family(self) -> Family:
        """The mathematics, as the options choose it."""
        raise NotImplementedError

    @property
    def param_names(self) -> list[str]:
        """Flat names of the coefficients: `x`, `[log_scale]`, `[log_scale] x`."""
        return equation_names(self.sample.designs, self.family.predictors)

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the matrices of all predictors, constants for those without covariates."""
        given = dict(zip(self.sample.designs, super().design_matrices(newdata), strict=True))
        return _all_predictors(given, self.family)

    def predictors(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the linear predictors (K, n) for coefficients in the user's coordinates."""
        ends = np.cumsum([matrix.shape[1] for matrix in designs])[:-1]
        parts = np.split(theta, ends)
        eta = np.stack([matrix @ part for matrix, part in zip(designs, parts, strict=True)])
        offset = self.sample.offset
        if offset is not None and eta.shape[1] == len(offset):
            eta[0] += offset
        return eta

    def quantity_of(
        self, label: str, unit: str, function: Callable[[np.ndarray], np.ndarray], **options: Any
    ) -> Quantity:
        """Return a quantity that is a function of the linear predictors, `eta` (K, n) to (n,) or (n, m)."""
        return Quantity(label, unit, lambda theta, designs: function(self.predictors(theta, designs)), **options)

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood, standardized, collapsed where that pays, with starting values from the null model."""
        family = self.family
        matrices = _all_predictors({name: d.matrix for name, d in sample.designs.items()}, family)
        parts = [standardize(matrix, _has_constant(matrix)) for matrix in matrices]
        full = LinearObjective(
            family, sample.outcome, tuple(part.matrix for part in parts), sample.total_weight, sample.offset
        )
        groups = collapse(sample.outcome, full.matrices, sample.offset)
        objective, scores = (full, full.scores) if groups is None else _collapsed(full, groups)
        null = _Null.of(objective)
        start = null.start(parts)
        if len(objective.outcome) > _MANY_ROWS:
            start = _warm(objective, start)
        return Problem(objective, start, _block_diagonal([part.back for part in parts]), scores, null.loglike)


def _all_predictors(given: dict[str, np.ndarray], family: Family) -> list[np.ndarray]:
    first = next(iter(given.values()))
    names = ["", *family.predictors[1:]]
    return [given[name] if name in given else np.ones((len(first), 1)) for name in names]


def _has_constant(matrix: np.ndarray) -> bool:
    return bool(((matrix == matrix[:1]).all(axis=0) & (matrix[:1] != 0).any(axis=0)).any()) if len(matrix) else False


def _block_diagonal(blocks: Sequence[np.ndarray]) -> np.ndarray:
    size = sum(len(block) for block in blocks)
    whole, at = np.zeros((size, size)), 0
    for block in blocks:
        whole[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return whole


def _collapsed(
    full: LinearObjective, groups: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> tuple[LinearObjective, Callable[[np.ndarray], np.ndarray]]:
    first, group, size = groups
    weight = size.astype(float) if full.weight is None else np.bincount(group, full.weight)
    small = replace(full.rows(first), weight=weight)
    return small, lambda theta: small.scores(theta)[group]


@dataclass(frozen=True)
class _Null:
    """The model without covariates: its likelihood, and values of the predictors to start from."""

    eta: np.ndarray
    loglike: float

    @classmethod
    def of(cls, objective: LinearObjective) -> "_Null":
        n, predictors = len(objective.outcome), len(objective.matrices)
        weight = np.ones(n) if objective.weight is None else objective.weight
        start = np.asarray(objective.family.start(objective.outcome, weight), dtype=float)
        if not all(_has_constant(matrix) for matrix in objective.matrices):
            return cls(start, np.nan)
        null = replace(objective, matrices=(np.ones((n, 1)),) * predictors)
        try:
            maximum = maximize(null, start)
        except ConvergenceError:
            return cls(start, np.nan)
        return cls(maximum.theta, maximum.loglike) if maximum.converged else cls(start, np.nan)

    def start(self, parts: Sequence[Standardized]) -> np.ndarray:
        """Return coefficients of the standardized designs: the constants carry the predictors, the rest is zero."""
        pieces = []
        for value, part in zip(self.eta, parts, strict=True):
            piece = np.zeros(part.matrix.shape[1])
            flat = (part.matrix == part.matrix[:1]).all(axis=0) & (part.matrix[0] != 0)
            if flat.any():
                k = np.flatnonzero(flat)[0]
                piece[k] = value / part.matrix[0, k]
            pieces.append(piece)
        return np.concatenate(pieces)


def _warm(objective: LinearObjective, start: np.ndarray) -> np.ndarray:
    """Take the first Newton steps on a subsample; fall back to the start where that fails."""
    chosen = np.random.default_rng(0).choice(len(objective.outcome), _SUBSAMPLE, replace=False)
    try:
        maximum = maximize(objective.rows(np.sort(chosen)), start, tol=1e-6)
    except ConvergenceError:
        return start
    return maximum.theta if maximum.converged else start
