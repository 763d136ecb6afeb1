"""A discrete distribution tilted by a log odds ratio: exact estimates, tests and intervals of one coefficient."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.options import upper_end
from .freeman_halton import TIE

ALTERNATIVES = {"two-sided": 2, "less": 1, "greater": 1}  # number of tails


@dataclass(frozen=True)
class Tilted:
    """Probabilities proportional to weight * exp(beta * support): a sufficient statistic given all the others.

    Parameters
    ----------
    support : ndarray, shape (m,)
        Values of the statistic, in rising order.
    log_weight : ndarray, shape (m,)
        Log weight of each value at beta = 0.
    observed : float
        The value that was observed, one of the support.
    """

    support: np.ndarray
    log_weight: np.ndarray
    observed: float

    def probabilities(self, beta: float) -> np.ndarray:
        """Return the probability of each value."""
        log_probability = self.log_weight + (self.support - self.observed) * beta
        relative = np.exp(log_probability - log_probability.max())
        return relative / relative.sum()

    @cached_property
    def null(self) -> np.ndarray:
        """Probabilities when there is no association."""
        return self.probabilities(0.0)

    @property
    def degenerate(self) -> bool:
        """Whether only the observed value is possible, so that nothing is learned."""
        return len(self.support) == 1

    @property
    def extreme(self) -> int:
        """-1 or 1 where the observed value is the smallest or largest possible, else 0."""
        return int(self.observed == self.support[-1]) - int(self.observed == self.support[0])

    def at_most_as_probable(self, share: float = 1.0) -> float:
        """Return the null probability of values at most as probable as the observed one, of which a share counts."""
        here = self.null[self.support == self.observed][0]
        return min(1.0, float(self.null[self.null <= here * (1 + TIE)].sum() - (1 - share) * here))

    def farther_out(self, share: float = 1.0) -> float:
        """Return the null probability of values at least as far from the mean as the observed one (score test)."""
        distance = np.abs(self.support - self.null @ self.support)
        mine = distance[self.support == self.observed][0]
        here = self.null[self.support == self.observed][0]
        return min(1.0, float(self.null[distance >= mine * (1 - TIE)].sum() - (1 - share) * here))

    def tail(self, side: str, share: float = 1.0, beta: float | None = None) -> float:
        """Return the probability of values beyond the observed one on a side, and of a share of the observed one."""
        probabilities = self.null if beta is None else self.probabilities(beta)
        beyond = self.support < self.observed if side == "less" else self.support > self.observed
        tail = probabilities[beyond].sum() + share * probabilities[self.support == self.observed][0]
        return min(1.0, float(tail))

    def estimate(self) -> float:
        """Return the conditional maximum-likelihood beta, infinite at the ends of the support."""
        if self.extreme:
            return self.extreme * np.inf
        return solve(lambda beta: float(self.probabilities(beta) @ self.support - self.observed), self.scale)

    def median_unbiased(self) -> float:
        """Return the beta that makes the observed value the median; an end of the support has probability half."""
        if self.degenerate:
            return np.nan
        if self.extreme:
            side, sign = ("less", -1) if self.extreme < 0 else ("greater", 1)
            return solve(lambda beta: sign * (self.tail(side, 1.0, beta) - 0.5), self.scale)
        return solve(lambda beta: self.tail("greater", 0.5, beta) - 0.5, self.scale)

    def interval(self, alternative: str, alpha: float, share: float = 1.0) -> tuple[float, float]:
        """Return the betas that neither one-sided test rejects."""
        upper_end(alpha)  # refuses what is no level
        tail = alpha / ALTERNATIVES[alternative]
        lower, upper = -np.inf, np.inf
        if alternative != "less" and self.observed > self.support[0]:
            lower = solve(lambda beta: self.tail("greater", share, beta) - tail, self.scale)
        if alternative != "greater" and self.observed < self.support[-1]:
            upper = solve(lambda beta: tail - self.tail("less", share, beta), self.scale)
        return lower, upper

    def standard_error(self, beta: float) -> float:
        """Return one over the standard deviation of the statistic at beta."""
        probabilities = self.probabilities(beta)
        mean = probabilities @ self.support
        return float(1 / np.sqrt(probabilities @ (self.support - mean) ** 2))

    @property
    def scale(self) -> float:
        """The order of magnitude of beta: one over the smallest step of the support."""
        return 1.0 if self.degenerate else float(1 / np.diff(self.support).min())


def solve(rising: Callable[[float], float], scale: float = 1.0) -> float:
    """Return where a function, from negative to positive, is zero."""
    from scipy.optimize import brentq

    reach = scale
    while rising(-reach) > 0 or rising(reach) < 0:
        reach *= 2
    return float(brentq(rising, -reach, reach, xtol=1e-14 * scale, rtol=1e-14))
