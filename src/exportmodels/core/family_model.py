"""Estimators that are a family: everything but the mathematics of one likelihood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .design import Design
from .errors import ConvergenceError
from .family import Family, LinearObjective, block_diagonal, collapse
from .model import Model
from .newton import maximize
from .problem import Problem
from .quantities import Quantity
from .sample import Sample
from .standardizing import Standardized

# Above this many rows the first Newton steps are taken on a subsample.
_MANY_ROWS = 60_000
_SUBSAMPLE = 20_000
# Predictors of a model without covariates beyond this mean probabilities of zero or one, or no dispersion at all.
_FAR = 10.0


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
        return _equation_names(self.sample.designs, self.family.predictors)

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the matrices of all predictors, constants for those without covariates, and any offset."""
        given = dict(zip(self.sample.designs, super().design_matrices(newdata), strict=True))
        matrices = _all_predictors(given, self.family)
        return [*matrices, *self.sample.offsets(newdata, len(matrices[0]))]

    def predictors(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the linear predictors (K, n) for coefficients in the user's coordinates."""
        size = len(self.family.predictors)
        matrices, offsets = designs[:size], designs[size:]
        ends = np.cumsum([matrix.shape[1] for matrix in matrices])[:-1]
        parts = np.split(theta, ends)
        eta = np.stack([matrix @ part for matrix, part in zip(matrices, parts, strict=True)])
        for offset in offsets:
            eta[0] += offset[:, 0]
        return eta

    def quantity_of(
        self, label: str, unit: str, function: Callable[[np.ndarray], np.ndarray], **options: Any
    ) -> Quantity:
        """Return a quantity that is a function of the linear predictors, `eta` (K, n) to (n,) or (n, m)."""
        return Quantity(label, unit, lambda theta, designs: function(self.predictors(theta, designs)), **options)

    def observed(self, sample: Sample) -> np.ndarray:
        """Return what the family takes as outcome, (n,) or (n, m): the outcome, and what else is known of it."""
        return sample.outcome

    def loglike_rows(self, theta: np.ndarray) -> np.ndarray:
        """Return each used row's log-likelihood (n,), weights not applied, for the user's coefficients."""
        return self.family.loglike(self.observed(self.sample), self.predictors(theta, self.design_matrices()))

    def predictor_designs(self, sample: Sample) -> list[Design | None]:
        """Return the design of each predictor, None for those without covariates."""
        return [sample.designs.get(name) for name in ["", *self.family.predictors[1:]]]

    def rows_objective(self, sample: Sample) -> tuple[LinearObjective, list[Standardized]]:
        """Return the log-likelihood of a sample's rows, as they are, and the standardized designs behind it."""
        n = len(sample.labels)
        parts = [_constant(n) if one is None else one.standardized for one in self.predictor_designs(sample)]
        objective = LinearObjective(
            self.family,
            self.observed(sample),
            tuple(part.raw if part.tame else part.matrix for part in parts),
            tuple(part.back if part.tame else np.eye(len(part.back)) for part in parts),
            sample.total_weight,
            sample.offset,
        )
        return objective, parts

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood, standardized, collapsed where that pays, with starting values from the null model."""
        full, parts = self.rows_objective(sample)
        distinct = collapse(full.outcome, full.matrices, sample.offset, full.weight)
        objective = full if distinct is None else replace(full.rows(distinct[0]), weight=distinct[1])
        many = len(objective.outcome) > _MANY_ROWS
        constants, anchored = self._intercepts(sample)
        null = _Null.of(_part(objective) if many else objective, constants, anchored)
        start = null.start(parts, constants)
        if many:
            start = _warm(objective, start)
        back = block_diagonal([part.back for part in parts])
        llnull = None if many else null.loglike
        return Problem(objective, start, back, full.scores, llnull, outer=full.outer)

    def beyond(self, other: Model) -> tuple[str, ...]:
        """Return the predictors by which the family contains that of another model; none where it does not."""
        return ()

    def null_loglike(self) -> float:
        """Return the log-likelihood of the predictors' constants alone, NaN where one has none."""
        return _Null.of(self.rows_objective(self.sample)[0], *self._intercepts(self.sample)).loglike

    def _intercepts(self, sample: Sample) -> tuple[list[int | None], list[bool]]:
        """Return each predictor's column of ones, and whether it has none because it is anchored."""
        designs = self.predictor_designs(sample)
        constants = [0 if design is None else design.constant for design in designs]
        return constants, [design is not None and design.anchored for design in designs]


def _equation_names(designs: Mapping[str, Design], predictors: Sequence[str]) -> list[str]:
    """Name the coefficients of several predictors with flat texts: `x`, `[log_scale]`, `[log_scale] x`."""
    names: list[str] = []
    for position, predictor in enumerate(predictors):
        design = designs.get("" if position == 0 else predictor)
        if position == 0 and design is not None:
            names += design.names
        elif design is None:
            names.append(f"[{predictor}]")
        else:
            names += [f"[{predictor}] {name}" for name in design.names]
    return names


def _constant(n: int) -> Standardized:
    ones = np.ones((n, 1))
    return Standardized(ones, np.eye(1), np.zeros(1), True, ones.copy)


def _all_predictors(given: dict[str, np.ndarray], family: Family) -> list[np.ndarray]:
    first = next(iter(given.values()))
    names = ["", *family.predictors[1:]]
    return [given[name] if name in given else np.ones((len(first), 1)) for name in names]


@dataclass(frozen=True)
class _Null:
    """The model without covariates: its likelihood, and values of the predictors to start from."""

    eta: np.ndarray
    loglike: float

    @classmethod
    def of(cls, objective: LinearObjective, constants: Sequence[int | None], anchored: Sequence[bool]) -> "_Null":
        n, free = len(objective.outcome), ~np.array(anchored)
        weight = np.ones(n) if objective.weight is None else objective.weight
        eta = np.where(free, objective.family.start(objective.outcome, weight), 0.0)
        if any(constant is None and one for constant, one in zip(constants, free, strict=True)):
            return cls(eta, np.nan)
        start = eta[free]
        widths = [int(one) for one in free]
        matrices, bases = (tuple(np.ones((n, k)) for k in widths), tuple(np.eye(k) for k in widths))
        null = _by_outcome(replace(objective, matrices=matrices, bases=bases))
        # one predictor alone starts at its estimate, or next to it: a subsample would only lead away
        if len(null.outcome) > _MANY_ROWS and (len(start) > 1 or null.offset is not None):
            start = _warm(null, start)
        try:
            maximum = maximize(null, start, drift=np.inf)
        except ConvergenceError:
            return cls(eta, np.nan)
        if not maximum.converged:
            return cls(eta, np.nan)
        # a predictor at the end of its range has no slope there, and is no place to start from
        eta[free] = np.where(np.abs(maximum.theta) < _FAR, maximum.theta, eta[free])
        return cls(eta, maximum.loglike)

    def start(self, parts: Sequence[Standardized], constants: Sequence[int | None]) -> np.ndarray:
        """Return coefficients of the standardized designs: the constants carry the predictors, the rest is zero."""
        pieces = []
        for value, part, k in zip(self.eta, parts, constants, strict=True):
            piece = np.zeros(len(part.back))
            if k is not None:
                piece[k] = value / part.raw[0, k]
            pieces.append(piece)
        return np.concatenate(pieces)


def _by_outcome(null: LinearObjective) -> LinearObjective:
    """Collapse the model without covariates to the distinct outcomes, where they are small whole numbers."""
    y = null.outcome
    if y.ndim > 1 or null.offset is not None or y.min() < 0 or y.max() > len(y) or (y != np.floor(y)).any():
        return null
    number = y.astype(int)
    weight = np.bincount(number, null.weight)
    present = np.flatnonzero(np.bincount(number))
    first = np.zeros(len(weight), dtype=int)
    first[number] = np.arange(len(y))
    return replace(null.rows(first[present]), weight=weight[present].astype(float))


def _part(objective: LinearObjective) -> LinearObjective:
    """Return the objective of a subsample."""
    chosen = np.random.default_rng(0).integers(len(objective.outcome), size=_SUBSAMPLE)
    return objective.rows(np.sort(chosen))


def _warm(objective: LinearObjective, start: np.ndarray) -> np.ndarray:
    """Take the first Newton steps on a subsample; fall back to the start where that fails."""
    try:
        maximum = maximize(_part(objective), start, tol=1e-6, drift=np.inf)
    except ConvergenceError:
        return start
    return maximum.theta if maximum.converged else start
