"""Results of a Cox fit with Firth's penalty: p-values and intervals from the profile of the penalized likelihood."""

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.profile import Profile
from .cox_results import CoxResults
from .firth_cox import FirthLikelihood

PROFILED = ["p-values and intervals of nonrobust fits are from the profile of the penalized likelihood"]


class PenalizedCoxResults(CoxResults):
    """A fitted Cox model with Firth's penalty."""

    @cached_property
    def _profiles(self) -> list[Profile]:
        problem = self.model.problem(self.model.sample)
        pairs = zip(problem.back, self.bse, strict=True)
        return [Profile(problem.objective, self.certificate, contrast, se) for contrast, se in pairs]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_profiles"}

    @property
    def _likelihood(self) -> FirthLikelihood:
        return self.model.likelihood(self.model.sample)[0]  # type: ignore[return-value]

    @property
    def llf(self) -> float:
        """The partial log-likelihood at the estimate, without the penalty."""
        return self._likelihood.plain.loglike(self.certificate.theta)

    @property
    def penalized_llf(self) -> float:
        """The maximized penalized log-likelihood; the penalty depends on the units of the covariates."""
        back = self.model.standardized(self.model.sample).back
        return self.certificate.loglike - float(np.linalg.slogdet(back)[1])

    @property
    def llr(self) -> float:
        """Penalized likelihood-ratio statistic of all covariates: the fall when they are held at zero."""
        return 2 * (self.certificate.loglike - self._likelihood.loglike(np.zeros(len(self.params))))

    def conf_int(self, alpha: float = 0.05, method: str | None = None) -> pd.DataFrame:
        """Return intervals, shape (p, 2), columns 0 and 1.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level.
        method : {"profile", "wald"}, optional
            From the profile penalized likelihood, or symmetric. Default: profile, but Wald where the covariance is not
            the inverse information.
        """
        method = method or ("profile" if self.cov_type == "nonrobust" else "wald")
        if method not in ("profile", "wald"):
            raise OptionError(f"method must be 'profile' or 'wald', not {method!r}")
        if method == "wald":
            return super().conf_int(alpha)
        limits = {k: [profile.limit(side, alpha) for profile in self._profiles] for k, side in enumerate((-1, 1))}
        return pd.DataFrame(limits, index=self.params.index)

    @property
    def pvalues(self) -> pd.Series:
        """P-values of penalized likelihood-ratio tests (Wald ones under other covariances), shape (p,)."""
        if self.cov_type != "nonrobust":
            return super().pvalues
        return pd.Series([profile.pvalue() for profile in self._profiles], index=self.params.index, name="pvalues")
