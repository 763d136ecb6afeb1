"""Results of a Cox fit with Firth's penalty: its likelihoods, with and without it."""

import numpy as np

from ..core.profiled import ProfiledResults
from .cox_results import CoxResults
from .firth_cox import FirthLikelihood


class PenalizedCoxResults(ProfiledResults, CoxResults):
    """A fitted Cox model with Firth's penalty."""

    @property
    def _likelihood(self) -> FirthLikelihood:
        return self.model.likelihood(self.model.sample)[0]  # type: ignore[return-value]

    @property
    def llf(self) -> float:
        """The partial log-likelihood at the estimate, without the penalty."""
        return self._likelihood.plain.loglike(self.certificate.theta)

    @property
    def llr(self) -> float:
        """Penalized likelihood-ratio statistic of all covariates: the fall when they are held at zero."""
        return 2 * (self.certificate.loglike - self._likelihood.loglike(np.zeros(len(self.params))))
