"""Cox with gamma frailty: firms of a sector or region share an unseen factor of the hazard, integrated out."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from ..core.errors import OptionError
from ..core.family import block_diagonal
from ..core.newton import maximize
from .partial_likelihood import Hazard, PartialLikelihood
from .risk_sets import RiskSets


@dataclass(frozen=True)
class FrailtyLikelihood:
    """The marginal log-likelihood as a function of coefficients and of the log-variance of the frailty.

    Parameters
    ----------
    plain : PartialLikelihood
        The likelihood without frailty.
    group : ndarray of int, shape (n,)
        The group of each row.
    groups : int
        Number of groups.
    last : dict
        Where the logarithms of the frailties were last found, to start from.

    Notes
    -----
    With frailties w_g = exp(omega_g) of mean 1 and variance v = 1/u, and the baseline profiled out, it is [1]_::

        l(b, v) = max_omega { PL(b, omega) + u sum_g (omega_g - exp(omega_g)) }
                  + sum_g { u + d_g - (u + d_g) log(u + d_g) + u log u + log G(u + d_g) - log G(u) }

    with PL the partial likelihood with offsets omega, and d_g the events of group g. It tends to the likelihood without
    frailty where v goes to zero. Derivatives are exact: those of omega with respect to b and v enter the information.

    References
    ----------
    .. [1] Therneau, T. M., Grambsch, P. M. and Pankratz, V. S. (2003). Penalized survival models and frailty. Journal
       of Computational and Graphical Statistics 12, 156-175.
    """

    plain: PartialLikelihood
    group: np.ndarray
    groups: int
    last: dict[str, np.ndarray] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, plain: PartialLikelihood, group: np.ndarray, groups: int) -> Self:
        """Return the likelihood for the rows' groups, numbered from zero."""
        return cls(plain, group, groups)

    @property
    def sets(self) -> RiskSets:
        """Who is at risk at which event."""
        return self.plain.sets

    @property
    def collapsed(self) -> "FrailtyLikelihood":
        """The likelihood itself."""
        return self

    @cached_property
    def _joint(self) -> PartialLikelihood:
        """The partial likelihood of coefficients and logarithms of frailties."""
        belongs = (self.group[:, None] == np.arange(self.groups)).astype(float)
        base = block_diagonal([self.plain.base, np.eye(self.groups)])
        matrix = np.hstack([self.plain.matrix, belongs])
        return replace(self.plain, raw=matrix, centre=np.zeros(matrix.shape[1]), base=base)

    @cached_property
    def events(self) -> np.ndarray:
        """Number of events of each group, shape (G,)."""
        happened = self.sets.event if self.plain.weight is None else self.sets.event * self.plain.weight
        return np.bincount(self.group, happened, self.groups)

    def log_frailty(self, theta: np.ndarray) -> np.ndarray:
        """Return the logarithms of the groups' expected frailties, shape (G,)."""
        inner = _Inner(self._joint, theta[:-1], np.exp(-theta[-1]))
        start = self.last.get("omega", np.zeros(self.groups))
        self.last["omega"] = maximize(inner, start).theta
        return self.last["omega"]

    def loglike(self, theta: np.ndarray) -> float:
        """Return the marginal log-likelihood."""
        return self.evaluate(theta)[0]

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return marginal log-likelihood, score and information."""
        omega, u, d = self.log_frailty(theta), np.exp(-theta[-1]), self.events
        size = len(theta) - 1
        frailty = np.exp(omega)
        value, score, joint = self._joint.evaluate(np.r_[theta[:-1], omega])
        value += u * (omega - frailty).sum()
        value += (u + d - (u + d) * np.log(u + d) + u * np.log(u) + gammaln(u + d) - gammaln(u)).sum()
        slope = (omega - frailty + 1 - np.log1p(d / u) + digamma(u + d) - digamma(u)).sum()
        bend = (d / (u * (u + d)) + polygamma(1, u + d) - polygamma(1, u)).sum()
        inner = joint[size:, size:] + u * np.diag(frailty)
        side = np.linalg.solve(inner, np.column_stack([joint[size:, :size], 1 - frailty]))
        information = np.empty((size + 1, size + 1))
        information[:size, :size] = joint[:size, :size] - joint[:size, size:] @ side[:, :size]
        information[:size, size] = information[size, :size] = -u * joint[:size, size:] @ side[:, size]
        information[size, size] = -(u**2) * (bend + (1 - frailty) @ side[:, size]) - u * slope
        return float(value), np.r_[score[:size], -u * slope], information

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Refuse: firms of a group depend on each other."""
        raise OptionError(
            "with a shared frailty the firms of a group are one observation; use cov_type='nonrobust' or 'jackknife'"
        )

    def hazard(self, theta: np.ndarray) -> Hazard:
        """Return the baseline hazard of a group with a frailty of one."""
        return self._joint.hazard(np.r_[theta[:-1], self.log_frailty(theta)])


@dataclass(frozen=True)
class _Inner:
    """The penalized partial likelihood as a function of the logarithms of the frailties."""

    joint: PartialLikelihood
    coefficients: np.ndarray
    shape: float

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return value, score and information."""
        size, frailty = len(self.coefficients), np.exp(theta)
        value, score, information = self.joint.evaluate(np.r_[self.coefficients, theta])
        return (
            float(value + self.shape * (theta - frailty).sum()),
            score[size:] + self.shape * (1 - frailty),
            information[size:, size:] + self.shape * np.diag(frailty),
        )

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score."""
        return self.joint.scores(np.r_[self.coefficients, theta])[:, len(self.coefficients) :]
