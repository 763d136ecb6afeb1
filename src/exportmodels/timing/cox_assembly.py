"""From a Cox model's options to its likelihood, and from that to the problem that the engine solves."""

import numpy as np
import pandas as pd

from ..core.newton import maximize
from ..core.problem import Problem
from ..core.sample import Sample
from ..core.standardizing import Standardized
from .cox_cells import CoxCells
from .cox_checks import refuse_no_order
from .exact_ties import ExactLikelihood
from .firth_cox import FirthLikelihood
from .frailty import refuse_no_variance
from .partial_likelihood import PartialLikelihood
from .shared_frailty import FrailtyLikelihood

Likelihood = PartialLikelihood | ExactLikelihood | FirthLikelihood | FrailtyLikelihood
# A log-variance of the frailty to start from.
_FIRST_LOG_VARIANCE = -1.0


def likelihood_of(
    sample: Sample, covariates: Standardized, ties: str, penalty: str | None, frailty: str | None
) -> tuple[Likelihood, np.ndarray]:
    """Return the likelihood of a sample, and which of its rows are at risk at some event."""
    plain, kept = PartialLikelihood.of(sample, covariates, ties == "efron")
    if ties == "exact":
        return ExactLikelihood.of(plain), kept
    if frailty:
        group, levels = pd.factorize(sample.columns["shared"])
        return FrailtyLikelihood.of(plain, group[kept], len(levels)), kept
    return FirthLikelihood(plain) if penalty else plain, kept


def posed(likelihood: Likelihood, kept: np.ndarray, back: np.ndarray) -> Problem:
    """Return the problem that a likelihood poses, collapsed where that pays; it starts without effects.

    Parameters
    ----------
    likelihood : Likelihood
        Of the rows that are at risk at some event.
    kept : ndarray of bool, shape (n,)
        Which of the used rows these are.
    back : ndarray, shape (p, p)
        What turns the engine's coefficients into the user's.
    """
    refuse_no_order(likelihood.sets)
    null = np.zeros(len(back))
    if isinstance(likelihood, FrailtyLikelihood):
        refuse_no_variance(likelihood, maximize(likelihood.plain, null[:-1]).theta)
        return Problem(likelihood, np.r_[null[:-1], _FIRST_LOG_VARIANCE], back, likelihood.scores)

    def scores(theta: np.ndarray) -> np.ndarray:
        everyone = np.zeros((len(kept), len(theta)))
        everyone[kept] = likelihood.scores(theta)
        return everyone

    if not isinstance(likelihood, FirthLikelihood):
        rows = likelihood.collapsed
        objective = (CoxCells.of(rows) if isinstance(rows, PartialLikelihood) else None) or rows
        return Problem(objective, null, back, scores, objective.loglike(null))
    plain = likelihood.plain.collapsed
    return Problem(likelihood.collapsed, null, back, scores, plain.loglike(null), lambda t: plain.evaluate(t)[2])
