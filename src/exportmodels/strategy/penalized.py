"""Results of likelihoods with Jeffreys' penalty: likelihood-ratio tests, and whether the data are separated."""

from collections.abc import Sequence

import numpy as np

from ..core.errors import OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.newton import maximize
from ..core.profile import Constrained
from ..core.profiled import PROFILED, ProfiledResults
from ..core.results import Results
from ..core.sample import Sample
from ..inference.separation import Separation

PENALTIES = {None: False, "jeffreys": True}


def penalty_notes(separation: Separation, outcome: str) -> list[str]:
    """Say where p-values and intervals come from, and whether there would be an estimate without the penalty."""
    notes = [PROFILED]
    if separation.separated:
        notes.append(f"{separation.sentence(outcome)} Without the penalty there is no estimate here.")
    return notes


def small_levels(levels: Sequence[str], sample: Sample) -> list[str]:
    """Name the levels that few firms have, and the penalty as the alternative."""
    sizes = np.bincount(sample.outcome.astype(int), sample.frequency)
    few = [f"{level} ({size:.0f})" for level, size in zip(levels, sizes, strict=True) if size < 5]
    return [f"levels with fewer than five firms: {', '.join(few)}; compare penalty='jeffreys'"] if few else []


class PenalizedResults(ProfiledResults):
    """Results of a likelihood with Jeffreys' penalty."""

    @property
    def llf(self) -> float:
        """The log-likelihood at the estimate, without the penalty."""
        theta = np.linalg.solve(self._problem.back, self.params.to_numpy())
        return float(self._problem.objective.plain.evaluate(theta)[0])  # type: ignore[attr-defined]

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
    def separation(self) -> Separation:
        """Whether there would be no estimate without the penalty, and which columns are to blame."""
        return self.model.separation  # type: ignore[attr-defined]


class AugmentedResults(PenalizedResults):
    """Results of a fit with pseudo-firms in the penalty's place."""

    @property
    def penalized_llf(self) -> float:
        """The maximized log-likelihood of the firms and the pseudo-firms."""
        return self.certificate.loglike
