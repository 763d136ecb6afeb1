"""Firth's logit with right probabilities: the intercept again (FLIC), or pseudo-firms with an intercept (FLAC)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ..core.family import LinearObjective
from .jeffreys import Penalized


def leverages(penalized: Penalized, theta: np.ndarray) -> np.ndarray:
    """Return the diagonal of the weighted hat matrix; its sum is the number of coefficients."""
    v = penalized.curvature(penalized.plain.predictors(theta)[0])[0]
    weight = 1.0 if penalized.plain.weight is None else penalized.plain.weight
    return weight * v * penalized.spread(theta)


def with_mean_of(plain: LinearObjective, design: np.ndarray, constant: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return what gives coefficients the intercept at which probabilities average to the share of yeses.

    Parameters
    ----------
    plain : LinearObjective
        The logit likelihood of the rows.
    design : ndarray, shape (n, p)
        The covariates of the user.
    constant : int
        Which of them is the constant.
    """
    weight = np.ones(len(design)) if plain.weight is None else plain.weight
    offset = 0.0 if plain.offset is None else plain.offset
    level = design[0, constant]

    def corrected(own: np.ndarray) -> np.ndarray:
        eta, shift, step = design @ own + offset, 0.0, 1.0
        while abs(step) > 1e-14 * (1 + abs(shift)):
            p = expit(eta + shift)
            step = np.clip((weight @ (plain.outcome - p)) / (weight @ (p * (1 - p))), -2.0, 2.0)
            shift += step
        result = own.copy()
        result[constant] += shift / level
        return result

    return corrected


@dataclass(frozen=True)
class Augmented:
    """The logit likelihood of the firms and of pseudo-firms, the latter with an intercept of their own.

    Every firm is joined by two pseudo-firms of its covariates, a yes and a no, each with half its leverage as weight.
    Their intercept beside the firms' is at its maximum for every value of the coefficients.

    Parameters
    ----------
    plain : LinearObjective
        The log-likelihood of the firms.
    pseudo : ndarray, shape (n,)
        Twice the weight of each pseudo-firm.
    """

    plain: LinearObjective
    pseudo: np.ndarray

    def _own_intercept(self, eta: np.ndarray) -> float:
        """Return the intercept at which pseudo-firms say yes as often as no."""
        own, step = 0.0, 1.0
        while abs(step) > 1e-14 * (1 + abs(own)):
            p = expit(eta + own)
            step = float(np.clip((self.pseudo @ (0.5 - p)) / (self.pseudo @ (p * (1 - p))), -2.0, 2.0))
            own += step
        return own

    def _pseudo(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the rows' covariates and the pseudo-firms' predictors and probabilities."""
        eta = self.plain.predictors(theta)[0]
        eta = eta + self._own_intercept(eta)
        return self.plain.matrices[0] @ self.plain.bases[0], eta, expit(eta)

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        value, score, information = self.plain.evaluate(theta)
        x, eta, p = self._pseudo(theta)
        v = self.pseudo * p * (1 - p)
        value += float(self.pseudo @ (eta / 2 - np.maximum(eta, 0.0) - np.log1p(np.exp(-np.abs(eta)))))
        mean = v @ x / v.sum()
        between = x - mean
        return value, score + (self.pseudo * (0.5 - p)) @ x, information + between.T @ (between * v[:, None])

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied, shape (n, p)."""
        x, _, p = self._pseudo(theta)
        v = self.pseudo * p * (1 - p)
        weight = 1.0 if self.plain.weight is None else self.plain.weight
        pull = self.pseudo * (0.5 - p) / weight
        return self.plain.scores(theta) + (x - v @ x / v.sum()) * pull[:, None]
