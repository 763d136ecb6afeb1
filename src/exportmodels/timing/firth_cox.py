"""Firth's penalty on Cox's likelihood: finite, nearly unbiased estimates where the likelihood is monotone."""

from dataclasses import dataclass

import numpy as np

from ..core.design import Standardized
from .event_moments import EventMoments
from .partial_likelihood import Hazard, PartialLikelihood
from .risk_sets import RiskSets

# Length of a difference step, in orthogonal coordinates of unit variance.
_STEP = 1e-3


@dataclass(frozen=True)
class FirthLikelihood:
    """The partial likelihood plus half the logarithm of the information's determinant.

    Parameters
    ----------
    plain : PartialLikelihood
        The likelihood without the penalty.
    """

    plain: PartialLikelihood

    @property
    def sets(self) -> RiskSets:
        """Who is at risk at which event."""
        return self.plain.sets

    @property
    def collapsed(self) -> "FirthLikelihood":
        """The same likelihood with identical rows as one, where there are enough of them to pay."""
        return FirthLikelihood(self.plain.collapsed)

    def loglike(self, theta: np.ndarray) -> float:
        """Return the penalized log-likelihood."""
        value, _, information = self.plain.evaluate(theta)
        return value + float(np.linalg.slogdet(information)[1]) / 2

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return penalized log-likelihood, its score and its information.

        The penalty's slope is exact; its curvature is taken from differences of the slope.
        """
        value, score, information = self.plain.evaluate(theta)
        sign, determinant = np.linalg.slogdet(information)
        if sign <= 0:
            return -np.inf, score, information
        bends = []
        for direction in np.eye(len(theta)) * _STEP:
            at = [self._slope(theta + k * direction) for k in (-2, -1, 1, 2)]
            bends.append((at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * _STEP))
        bend = np.array(bends).reshape(len(theta), len(theta))
        return value + determinant / 2, score + self._slope(theta), information - (bend + bend.T) / 2

    def _slope(self, theta: np.ndarray) -> np.ndarray:
        """Return the slope of the penalty, shape (p,).

        In coefficient k it is half the trace of the inverse information P times the third cumulants of the risk sets,
        which needs sums of q_i = x_i' P x_i and q_i x_i only.
        """
        base, matrix = self.plain.base, self.plain.matrix
        moments = EventMoments.of(self.plain, theta)
        information = base.T @ np.einsum("e,ejk->jk", moments.weight, moments.spread) @ base
        inverse = base @ np.linalg.inv(information) @ base.T
        leverage = np.einsum("ij,jk,ik->i", matrix, inverse, matrix)
        mean = moments.mean
        both = moments.average(self.plain, leverage, theta)
        bent = mean @ inverse
        third = both[:, 1:] - both[:, :1] * mean - 2 * np.einsum("ejk,ek->ej", moments.square, bent)
        third += 2 * (mean * bent).sum(axis=1)[:, None] * mean
        return base.T @ (moments.weight @ third) / 2

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, the penalty's left out."""
        return self.plain.scores(theta)

    def hazard(self, theta: np.ndarray) -> Hazard:
        """Return the baseline hazard at these coefficients."""
        return self.plain.hazard(theta)


def orthogonal(covariates: Standardized) -> Standardized:
    """Return the covariates in orthogonal coordinates, in which the determinant of the information keeps its digits."""
    q, triangle = np.linalg.qr(covariates.matrix)
    size = np.sqrt(len(q))
    back = covariates.back @ np.linalg.inv(triangle / size)
    return Standardized(covariates.raw, back, covariates.centre, False, lambda: q * size)
