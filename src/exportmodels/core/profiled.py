"""Results of penalized fits: p-values and intervals from the profile of the penalized likelihood."""

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from .options import choose
from .problem import Problem
from .profile import Profile
from .results import Results

PROFILED = "p-values and intervals are from the profile of the penalized likelihood"
_METHODS = {"profile": True, "wald": False}


class ProfiledResults(Results):
    """A penalized fit; Wald p-values and intervals where the profile knows nothing of the covariance.

    A model that corrects the maximum has Wald's for the coefficients that it corrects.
    """

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made of the model again, so that fits with printed intervals can be pickled."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_problem", "_profiles")}

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know of this fit; where the covariance is another, nothing is from the profile."""
        said = super().notes
        return said if self.cov_type == "nonrobust" else [note for note in said if note != PROFILED]

    @cached_property
    def _problem(self) -> Problem:
        return self.model.problem(self.model.sample)

    @cached_property
    def _profiles(self) -> list[Profile]:
        pairs = zip(self._problem.back, self.bse, strict=True)
        return [Profile(self._problem.objective, self.certificate, contrast, se) for contrast, se in pairs]

    @property
    def _corrected(self) -> pd.Series:
        """Which estimates are not the maximum itself, so that the profile does not hold for them."""
        at_maximum = self._problem.back @ self.certificate.theta
        return (self.params - at_maximum).abs() > 1e-9 * (self.bse + np.abs(at_maximum))

    @property
    def penalized_llf(self) -> float:
        """The maximized penalized log-likelihood; the penalty depends on the units of the covariates."""
        return self.certificate.loglike - float(np.linalg.slogdet(self._problem.back)[1])

    def conf_int(self, alpha: float = 0.05, method: str | None = None) -> pd.DataFrame:
        """Return intervals, shape (p, 2), columns 0 and 1.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level.
        method : {"profile", "wald"}, optional
            From the profile penalized likelihood, or symmetric. Default: profile, but Wald where the covariance is not
            the inverse information (the profile knows nothing of clusters).
        """
        profiled = choose("method", method or ("profile" if self.cov_type == "nonrobust" else "wald"), _METHODS)
        if not profiled:
            return super().conf_int(alpha)
        limits = {k: [p.limit(side, alpha) for p in self._profiles] for k, side in enumerate((-1, 1))}
        return super().conf_int(alpha).where(self._corrected, pd.DataFrame(limits, index=self.params.index))

    @property
    def pvalues(self) -> pd.Series:
        """P-values of penalized likelihood-ratio tests (Wald ones under other covariances), shape (p,)."""
        if self.cov_type != "nonrobust":
            return super().pvalues
        profiled = pd.Series([p.pvalue() for p in self._profiles], index=self.params.index, name="pvalues")
        return super().pvalues.where(self._corrected, profiled)
