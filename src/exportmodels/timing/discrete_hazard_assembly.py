"""From spells and covariates to the likelihood that the engine maximizes, with its null model and starting values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.errors import ConvergenceError
from ..core.family import block_diagonal
from ..core.links import CLogLogLink, Link
from ..core.newton import Maximum, maximize
from ..core.problem import Problem
from ..core.standardizing import Standardized
from .discrete_hazard_likelihood import GridObjective, Spells
from .frailty import Frail, Frailty, refuse_no_variance
from .proportional_objective import ProportionalObjective

# Where the log-variance of a frailty starts.
_START = np.log(0.5)


def orthogonal(baseline: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Return coordinates (q, q) in which a baseline's columns (T, q) are orthonormal over the firm-years at risk."""
    share = np.sqrt(at_risk / at_risk.sum())
    return np.linalg.inv(np.linalg.qr(baseline * share[:, None])[1])


def beside(duration: np.ndarray, constant: np.ndarray, part: Standardized) -> np.ndarray:
    """Return the way back from coefficients of baseline and covariates; the baseline takes up the covariates' means."""
    back = block_diagonal([duration, part.back])
    back[: len(duration), len(duration) :] = -np.outer(constant, part.centre @ part.back)
    return back


@dataclass(frozen=True)
class Assembly:
    """What all likelihoods of one model share.

    Parameters
    ----------
    link : Link
        The hazard of one period.
    baseline : ndarray, shape (T, q)
        Duration effects are `alpha = baseline @ a`.
    constant : ndarray, shape (q,)
        The coefficients of a constant.
    at_risk : ndarray, shape (T,)
        Firms at risk in each period, by which the duration effects are made orthogonal.
    varying : sequence of int
        Covariates whose effect changes with time.
    """

    link: Link
    baseline: np.ndarray
    constant: np.ndarray
    at_risk: np.ndarray
    varying: Sequence[int] = ()

    def plain(self, spells: Spells, part: Standardized, weight: np.ndarray | None) -> Problem:
        """Return the likelihood without frailty."""
        duration = self.orthogonal
        raw = part.tame or bool(self.varying)
        back = self._back(duration, part)
        own = back if raw else block_diagonal([duration, np.eye(len(part.back))])
        matrix = part.raw if raw else part.matrix
        proportional = isinstance(self.link, CLogLogLink) and not self.varying
        likelihood = ProportionalObjective if proportional else GridObjective
        clock = np.arange(len(self.baseline), dtype=float) if self.varying else None
        whole = likelihood(self.link, spells, matrix, weight, self.baseline, own, self.varying, clock)
        null = self.null(*spells.totals(weight, len(self.baseline)))
        start = np.r_[null.theta, np.zeros(len(back) - len(null.theta))]
        return Problem(whole.prepared(), start, back, whole.scores, null.loglike)

    def frail(self, frailty: Frailty, parts: Frail, part: Standardized, weight: np.ndarray | None) -> Problem:
        """Return the likelihood with frailty; the fit without it gives the start."""
        plain = self.plain(parts.observed, part, weight)
        without = maximize(plain.objective, plain.start).theta
        own = block_diagonal([self.orthogonal, np.eye(len(part.back))])
        back = block_diagonal([plain.back, np.eye(1)])
        basis, matrix = (back, part.raw) if part.tame else (block_diagonal([own, np.eye(1)]), part.matrix)
        objective = frailty.objective(parts, matrix, basis)
        refuse_no_variance(objective, without)
        whole = frailty.whole(parts, matrix, basis)
        llnull = self._frail_null(frailty, parts, weight)
        return Problem(objective, np.r_[without, _START], back, whole.scores, llnull)

    def _frail_null(self, frailty: Frailty, parts: Frail, weight: np.ndarray | None) -> float:
        """Return the likelihood of the duration effects and the frailty alone."""
        null = self.null(*parts.observed.totals(weight, len(self.baseline)))
        empty = np.empty((len(parts.spells.last), 0))
        objective = frailty.objective(parts, empty, block_diagonal([self.orthogonal, np.eye(1)]))
        try:
            refuse_no_variance(objective, null.theta)
            maximum = maximize(objective, np.r_[null.theta, _START])
        except ConvergenceError:
            return null.loglike
        return maximum.loglike if maximum.converged else np.nan

    @property
    def orthogonal(self) -> np.ndarray:
        """The coordinates in which the baseline's columns are orthonormal over the firm-years at risk."""
        return orthogonal(self.baseline, self.at_risk)

    def _back(self, duration: np.ndarray, part: Standardized) -> np.ndarray:
        """Return the way from the engine's coefficients to those of baseline, covariates and their changes."""
        p = len(part.back)
        back = beside(duration, self.constant, part)
        if not self.varying:
            return back
        # a changing effect is measured about the mean year, in units of the covariate's and the years' spread
        years = np.arange(len(self.baseline))
        mean = np.average(years, weights=self.at_risk)
        spread = np.sqrt(np.average((years - mean) ** 2, weights=self.at_risk))
        unit = np.array([1 / (spread * np.std(part.raw[:, j])) for j in self.varying])
        wide = block_diagonal([back, np.diag(unit)])
        for k, j in enumerate(self.varying):
            wide[len(duration) + j, len(duration) + p + k] = -mean * unit[k]
        return wide

    def null(self, at_risk: np.ndarray, events: np.ndarray) -> Maximum:
        """Fit the baseline alone, on one row for the events and one for the survivals of each year."""
        year = np.arange(len(at_risk))
        twice = np.r_[year, year]
        spells = Spells(twice, twice, np.arange(len(twice)) < len(year))
        weight = np.r_[events, at_risk - events]
        empty = np.empty((len(twice), 0))
        null = GridObjective(self.link, spells, empty, weight, self.baseline, self.orthogonal)
        level = self.link.quantile(events.sum() / at_risk.sum())
        return maximize(null, np.linalg.solve(self.orthogonal, level * self.constant))
