"""Results of penalized fits: p-values and intervals from the profile of the penalized likelihood."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.newton import maximize
from ..core.problem import Problem
from ..core.profile import Constrained, Profile
from ..core.results import Results
from ..core.sample import Sample
from ..inference.separation import Separation

PENALTIES = {None: False, "jeffreys": True}


def penalty_notes(separation: Separation, outcome: str) -> list[str]:
    """Say where p-values and intervals come from, and whether there would be an estimate without the penalty."""
    notes = ["p-values and intervals of nonrobust fits are from the profile of the penalized likelihood"]
    if separation.separated:
        notes.append(f"{separation.sentence(outcome)} Without the penalty there is no estimate here.")
    return notes


def small_levels(levels: Sequence[str], sample: Sample) -> list[str]:
    """Name the levels that few firms have, and the penalty as the alternative."""
    sizes = np.bincount(sample.outcome.astype(int), sample.frequency)
    few = [f"{level} ({size:.0f})" for level, size in zip(levels, sizes, strict=True) if size < 5]
    return [f"levels with fewer than five firms: {', '.join(few)}; compare penalty='jeffreys'"] if few else []


class PenalizedResults(Results):
    """Results of a penalized fit: p-values and intervals come from the profile of the penalized likelihood."""

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made of the model again, so that fits with printed intervals can be pickled."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_problem", "_profiles")}

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
    def llf(self) -> float:
        """The log-likelihood at the estimate, without the penalty."""
        theta = np.linalg.solve(self._problem.back, self.params.to_numpy())
        return float(self._problem.objective.plain.evaluate(theta)[0])  # type: ignore[attr-defined]

    @property
    def penalized_llf(self) -> float:
        """The maximized penalized log-likelihood; the penalty depends on the units of the covariates."""
        return self.certificate.loglike - float(np.linalg.slogdet(self._problem.back)[1])

    @property
    def llr(self) -> float:
        """Penalized likelihood-ratio statistic of all covariates: the fall when they are held at zero."""
        covariates = [name for name in self.params.index if not self.model.ancillary(name)]
        return self._fall(covariates) if self.df_model else np.nan

    def lr_test(self, restricted: Results) -> Test:
        """Test that the coefficients that a restricted fit lacks are zero, by the penalized likelihood of this fit.

        Penalties of different models cannot be compared, so the restricted fit only says which coefficients to hold at
        zero.
        """
        gone = [name for name in self.params.index if name not in restricted.params.index]
        if not gone or len(self.params) - len(gone) != len(restricted.params):
            raise OptionError("the restricted model must have some of the coefficients of the full one, and no others")
        return chi_squared("penalized likelihood-ratio test", self._fall(gone), len(gone))

    def _fall(self, names: list[str]) -> float:
        """Return twice the fall of the penalized log-likelihood when coefficients are held at zero."""
        contrasts = self._problem.back[self.params.index.isin(names)]
        plane = np.linalg.svd(contrasts)[2][len(names) :].T
        held = Constrained(self._problem.objective, plane, np.zeros(len(self.params)))
        best = maximize(held, plane.T @ self._problem.start)
        return 2 * (self.certificate.loglike - best.loglike)

    @property
    def _profiled(self) -> bool:
        return self.cov_type == "nonrobust"

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
        method = method or ("profile" if self._profiled else "wald")
        if method not in ("profile", "wald"):
            raise OptionError(f"method must be 'profile' or 'wald', not {method!r}")
        if method == "wald":
            return super().conf_int(alpha)
        limits = {k: [p.limit(side, alpha) for p in self._profiles] for k, side in enumerate((-1, 1))}
        return super().conf_int(alpha).where(self._corrected, pd.DataFrame(limits, index=self.params.index))

    @property
    def pvalues(self) -> pd.Series:
        """P-values of penalized likelihood-ratio tests (Wald ones under other covariances), shape (p,)."""
        if not self._profiled:
            return super().pvalues
        profiled = pd.Series([p.pvalue() for p in self._profiles], index=self.params.index, name="pvalues")
        return super().pvalues.where(self._corrected, profiled)

    @property
    def separation(self) -> Separation:
        """Whether there would be no estimate without the penalty, and which columns are to blame."""
        return self.model.separation  # type: ignore[attr-defined]


class AugmentedResults(PenalizedResults):
    """Results of a fit with pseudo-firms in the penalty's place."""

    @property
    def penalized_llf(self) -> float:
        """The maximized log-likelihood of the firms and the pseudo-firms."""
        return self.certificate.loglike
