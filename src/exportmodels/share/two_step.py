"""Heckman's two steps: a probit of the choice, then least squares on the covariates and the inverse Mills ratio."""

from dataclasses import dataclass, replace

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.covariance import inverse
from ..core.errors import ConvergenceError
from ..core.family import LinearObjective, block_diagonal
from ..core.links import LINKS
from ..core.newton import maximize
from ..core.problem import Problem
from ..core.sample import Sample
from ..core.standardizing import Standardized
from ..inference.separation import refuse_separation
from .selection_law import mills
from .stacked import Solved, weighted_gram


def probit(standard: Standardized, yes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the coefficients of a probit, of standardized columns.

    They are far out, or where the search ended, where some columns tell the choice for certain.
    """
    p = standard.matrix.shape[1]
    objective = LinearObjective(Bernoulli(LINKS["probit"]), yes, (standard.matrix,), (np.eye(p),), weight)
    return maximize(objective, np.zeros(p)).theta


# An index of the choice this far from zero means a fitted probability near 0 or 1: worth a look for separation.
_EXTREME = 5.0


def refuse_certain_choice(sample: Sample, index: np.ndarray) -> None:
    """Raise `SeparationError` where an index of the choice is far out as its covariates tell the choice for certain."""
    if np.abs(index).max() > _EXTREME:
        seen = sample.outcome[:, 1] == 1
        refuse_separation(sample.designs["select"], seen, ~seen, sample.name, "All firms sell abroad, or none does,")


# Scaled cross-products with a lower eigenvalue are those of collinear columns.
_COLLINEAR = 1e-12


def _lowest(matrix: np.ndarray) -> float:
    """Return the lowest eigenvalue of a symmetric matrix scaled to a unit diagonal."""
    scale = np.sqrt(np.abs(np.diag(matrix)))
    return float(np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0])


@dataclass(frozen=True)
class TwoStep:
    """Both steps, solved in standardized coordinates.

    Parameters
    ----------
    coefficients : ndarray, shape (p + 1,)
        Of the covariates, standardized, and of the Mills ratio.
    choice : ndarray, shape (q,)
        Of the probit, its columns standardized.
    scale, rho : float
        Standard deviation of the errors among all firms, and their correlation with the choice; it may lie outside -1
        and 1.
    back : tuple of ndarray, shapes (p, p) and (q, q)
        They take the coefficients of covariates and choice to the user's coordinates.
    """

    coefficients: np.ndarray
    choice: np.ndarray
    scale: float
    rho: float
    back: tuple[np.ndarray, np.ndarray]
    _rows: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, sample: Sample) -> "TwoStep":
        """Solve both steps on a sample.

        Raises
        ------
        SeparationError
            If some covariates of the choice tell it for certain, so that the probit has no estimate.
        """
        weight = np.ones(len(sample.labels)) if sample.total_weight is None else sample.total_weight
        y, seen = sample.outcome.T
        x, z = (sample.designs[name].standardized for name in ("", "select"))
        choice = probit(z, seen, weight)
        index = z.matrix @ choice
        refuse_certain_choice(sample, index)
        ratio = mills(index)
        bend = ratio * (ratio + index)
        regressors = np.column_stack([x.matrix, ratio])
        kept = weight * seen
        gram, moments = weighted_gram(regressors, regressors, kept), regressors.T @ (kept * y)
        # a ratio that is a line in the covariates says nothing of selection
        told = slice(None) if _lowest(gram) > _COLLINEAR else slice(-1)
        coefficients = np.zeros(len(gram))
        coefficients[told] = np.linalg.solve(gram[told, told], moments[told])
        residual = y - regressors @ coefficients
        pull = coefficients[-1]
        variance = (kept @ residual**2 + pull**2 * (kept @ bend)) / kept.sum()
        rows = (weight, seen, index, bend, regressors, residual, z.matrix)
        scale = float(np.sqrt(variance))
        return cls(coefficients, choice, scale, float(pull) / scale, (x.back, z.back), rows)

    def start(self) -> np.ndarray:
        """Return where the likelihood is started from, in standardized coordinates."""
        rho = np.clip(self.rho, -0.9, 0.9)
        return np.r_[self.coefficients[:-1], self.choice, np.log(self.scale), np.arctanh(rho)]

    def problem(self) -> Problem:
        """Return the solution in the order covariates, choice, Mills ratio, with the covariance of both steps.

        Raises
        ------
        ConvergenceError
            If the estimates imply errors of negative variance, so that they have no covariance, or if the Mills ratio
            is a linear combination of the covariates.
        """
        weight, seen, index, bend, w, residual, z = self._rows
        kept, pull = weight * seen, self.coefficients[-1]
        away = mills(-index)
        first = inverse(weighted_gram(z, z, weight * mills(index) * away))
        gram = weighted_gram(w, w, kept)
        if _lowest(gram) <= _COLLINEAR:
            raise ConvergenceError(
                "the Mills ratio of the choice is linear in the covariates: it says nothing of selection; "
                "give select= a reason to export that does not bear on how much"
            )
        bread = inverse(gram)
        through = bread @ weighted_gram(w, z, kept * pull * bend) @ first
        noise = weighted_gram(w, w, kept * (self.scale**2 - pull**2 * bend))
        if not _lowest(noise) > 0:
            raise ConvergenceError(
                f"the two steps have no standard errors, as the estimated correlation of choice and share is "
                f"{self.rho:.2f}; use method='ml', which keeps it between -1 and 1, or share.TwoPart"
            )
        second = bread @ noise @ bread + through @ np.linalg.solve(first, through.T)
        score = z * np.where(seen > 0, mills(index), -away)[:, None]
        influence = np.hstack([(w * (seen * residual)[:, None]) @ bread + score @ through.T, score @ first])
        covariance = np.block([[second, through], [through.T, first]])
        p, q = w.shape[1], z.shape[1]
        order = np.r_[: p - 1, p : p + q, p - 1]
        theta = np.r_[self.coefficients, self.choice]
        solved = Solved(theta[order], influence[:, order], covariance[np.ix_(order, order)])
        return replace(solved.problem(), back=block_diagonal([*self.back, np.eye(1)]))
