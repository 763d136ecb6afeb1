"""Firth's penalty on Cox's likelihood: finite, nearly unbiased estimates where the likelihood is monotone."""

from dataclasses import dataclass

import numpy as np

from ..core.standardizing import Standardized
from .event_moments import EventMoments
from .partial_likelihood import Hazard, PartialLikelihood
from .risk_sets import RiskSets


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
        """Return penalized log-likelihood, its score and its information."""
        value, score, information = self.plain.evaluate(theta)
        try:
            factor = np.linalg.cholesky(information)
        except np.linalg.LinAlgError:
            return -np.inf, score, information
        slope, bend = _penalty(self.plain, theta, np.linalg.inv(factor).T)
        penalty = float(np.log(factor.diagonal()).sum())
        return value + penalty, score + factor @ slope, information - factor @ bend @ factor.T

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, the penalty's left out."""
        return self.plain.scores(theta)

    def hazard(self, theta: np.ndarray) -> Hazard:
        """Return the baseline hazard at these coefficients."""
        return self.plain.hazard(theta)


def _penalty(plain: PartialLikelihood, theta: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return slope (p,) and curvature (p, p) of the penalty, in the coordinates `unit` in which the information is one.

    The derivatives of the information are cumulants of the covariates over the risk sets, summed over the events. The
    slope in l is half the sum over j of the third ones, K_jjl; the curvature in lm half that of the fourth, K_jjlm,
    less half the sum of K_jkl K_jkm. Cumulants are moments less products of lower ones, and of third and fourth moments
    only the sums over the events are needed, which are sums over the rows.
    """
    moments, turn = EventMoments.of(plain, theta), plain.base @ unit
    weight, (n, p) = moments.weight, plain.matrix.shape
    centre = np.average(moments.mean, axis=0, weights=weight)
    x, mean = (plain.matrix - centre) @ turn, (moments.mean - centre) @ turn
    spread = turn.T @ moments.spread @ turn
    weighted = weight[:, None] * mean
    shares = moments.credited(np.column_stack([weight, weighted]))
    events, means = shares[:, 0], shares[:, 1:]  # summed over the events that see the row

    pairs = (x[:, :, None] * x[:, None, :]).reshape(n, p * p)
    across = (weighted.T @ spread.reshape(-1, p * p)).reshape(p, p, p)
    third = (pairs.T @ (x * events[:, None])).reshape(p, p, p) - np.einsum("ej,ek,el->jkl", weighted, mean, mean)
    third -= across + across.transpose(1, 0, 2) + across.transpose(1, 2, 0)

    size, far = (x * x).sum(axis=1), (mean * mean).sum(axis=1)
    wide, bent = spread.trace(axis1=1, axis2=2), (spread @ mean[:, :, None])[:, :, 0]
    fourth = x.T @ (x * (size * events - 2 * (x * means).sum(axis=1))[:, None])
    fourth += np.tensordot(weight * (far - wide), spread, 1) + (weighted * (far - wide)[:, None]).T @ mean
    cross = means.T @ (x * size[:, None]) - weighted.T @ (2 * bent + mean * (wide + far)[:, None])
    fourth -= cross + cross.T + 2 * np.tensordot(spread * weight[:, None, None], spread, ((0, 1), (0, 1)))

    moved = third.reshape(p * p, p)
    return np.einsum("jjl->l", third) / 2, (fourth - moved.T @ moved) / 2


def orthogonal(covariates: Standardized) -> Standardized:
    """Return the covariates in orthogonal coordinates, in which the determinant of the information keeps its digits."""
    q, triangle = np.linalg.qr(covariates.matrix)
    size = np.sqrt(len(q))
    back = covariates.back @ np.linalg.inv(triangle / size)
    return Standardized(covariates.raw, back, covariates.centre, False, lambda: q * size)
