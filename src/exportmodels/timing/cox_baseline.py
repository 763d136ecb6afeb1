"""The baseline of a Cox model as a function of time and of the coefficients, with errors of its own."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from .partial_likelihood import Hazard
from .risk_sets import RiskSets

# So many baselines at different coefficients are kept: the delta method asks for the same ones again and again.
_KEPT = 16


class HazardOf(Protocol):
    """A likelihood that has a baseline."""

    @property
    def sets(self) -> RiskSets:
        """Who is at risk at which event."""
        ...

    def hazard(self, theta: np.ndarray) -> Hazard:
        """Return the baseline hazard at some coefficients."""
        ...


class Baseline:
    """The cumulated baseline hazard of each stratum.

    Parameters
    ----------
    likelihood : HazardOf
        Of the fitted rows.
    back : ndarray, shape (p, p)
        What turns the likelihood's coefficients into the user's.
    centre : ndarray, shape (p,)
        The covariates whose linear predictor counts as zero.
    frail : bool, default False
        Whether the last coefficient is the log-variance of a gamma frailty.
    """

    def __init__(self, likelihood: HazardOf, back: np.ndarray, centre: np.ndarray, *, frail: bool = False):
        self._likelihood, self._back, self.centre, self.frail = likelihood, back, centre, frail
        self._seen: dict[bytes, Hazard] = {}

    @property
    def strata(self) -> int:
        """Number of strata."""
        return len(self._likelihood.sets.bounds) - 1

    @property
    def times(self) -> np.ndarray:
        """The distinct times with events, of all strata."""
        return np.unique(self._likelihood.sets.time)

    def knots(self, most: int) -> np.ndarray:
        """Return the times with events, thinned out evenly where there are more than `most`; the last one stays."""
        times = self.times
        chosen = np.unique(np.linspace(0, len(times) - 1, min(most, len(times))).round().astype(int))
        return times[chosen]

    def hazard(self, coefficients: np.ndarray) -> Hazard:
        """Return the steps of the hazard at some coefficients, in the user's coordinates."""
        key = coefficients.tobytes()
        if key not in self._seen:
            if len(self._seen) >= _KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[key] = self._likelihood.hazard(np.linalg.solve(self._back, coefficients))
        return self._seen[key]

    def cumulated(self, coefficients: np.ndarray, times: np.ndarray, errors: np.ndarray | None = None) -> np.ndarray:
        """Return the cumulated hazard of each stratum at some times, shape (G, m).

        Parameters
        ----------
        coefficients : ndarray, shape (p,)
            In the user's coordinates.
        times : ndarray, shape (m,)
            Ascending times.
        errors : ndarray, shape (G, m), optional
            Standardized errors of the rise from each time to the next; none by default.
        """
        sets, hazard = self._likelihood.sets, self.hazard(coefficients)
        total = np.empty((self.strata, len(times)))
        for g, (begin, end) in enumerate(zip(sets.bounds[:-1], sets.bounds[1:], strict=True)):
            upto = np.searchsorted(sets.time[begin:end], times, side="right")
            total[g] = np.r_[0.0, np.cumsum(hazard.step[begin:end])][upto]
            if errors is not None:
                variance = np.r_[0.0, np.cumsum(hazard.variance[begin:end])][upto]
                total[g] += np.cumsum(np.sqrt(np.diff(variance, prepend=0.0)) * errors[g])
        return total

    def steps(self, coefficients: np.ndarray, stratum: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the times with events of one stratum, and what its cumulated hazard rises by then."""
        begin, end = self._likelihood.sets.bounds[stratum : stratum + 2]
        return self._likelihood.sets.time[begin:end], self.hazard(coefficients).step[begin:end]

    def risk(self, coefficients: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Return the hazard of each row of covariates relative to the baseline, shape (n,)."""
        return np.exp((matrix - self.centre) @ coefficients[: matrix.shape[1]])

    def log_survival(self, times: np.ndarray, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the logarithm of each row's share without the event, averaged over frailties, shape (n, m).

        Parameters
        ----------
        times : ndarray, shape (m,)
            Ascending times.
        theta : ndarray, shape (p,) or (p + G m,)
            Coefficients, and standardized errors of the baseline.
        designs : sequence of ndarray
            Covariates (n, p), and the number of each row's stratum (n, 1) where there are several.
        """
        matrix = designs[0]
        coefficients, errors = np.split(theta, [len(self._back)])
        own = errors.reshape(self.strata, -1) if errors.size else None
        cumulated = self.cumulated(coefficients, times, own)
        rows = cumulated[designs[1][:, 0].astype(int)] if len(designs) > 1 else cumulated
        hazard = self.risk(coefficients, matrix)[:, None] * rows
        return -np.log1p(np.exp(coefficients[-1]) * hazard) / np.exp(coefficients[-1]) if self.frail else -hazard

    def quantile(self, p: float, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return for each row the first time by which a share p has the event, infinity where it is not reached."""
        times, matrix = self.times, designs[0]
        coefficients = theta[: len(self._back)]
        cumulated = self.cumulated(coefficients, times)
        hazard = -np.log1p(-p)
        if self.frail:
            hazard = np.expm1(np.exp(coefficients[-1]) * hazard) / np.exp(coefficients[-1])
        needed = hazard / self.risk(coefficients, matrix) * (1 - 1e-12)
        stratum = designs[1][:, 0].astype(int) if len(designs) > 1 else np.zeros(len(matrix), dtype=int)
        answer = np.empty(len(matrix))
        for g in range(self.strata):
            own = stratum == g
            answer[own] = np.r_[times, np.inf][np.searchsorted(cumulated[g], needed[own])]
        return answer
