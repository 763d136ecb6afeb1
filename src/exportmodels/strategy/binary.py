"""What binary models share: outcome, predicted probabilities, separation named, a penalty, small-sample notes."""

from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.errors import SeparationError
from ..core.family_model import FamilyModel
from ..core.links import LINKS
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Binary
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from ..data import published_for
from ..inference.separation import Separation, detect_separation
from .jeffreys import CURVATURES, Penalized
from .penalized import PENALTIES, PenalizedResults, penalty_notes

# A predictor this far out means a fitted probability of 3e-7 or one less that: worth a look for separation.
_EXTREME = {"logit": 15.0, "probit": 5.0, "cloglog": 2.7}


class BinaryModel(FamilyModel):
    """Base of the binary models; not used by itself.

    Attributes
    ----------
    link : str
        Name of the distribution function F with P(yes) = F(x'b).
    remedy : str
        What to use where the maximum-likelihood estimate does not exist.
    """

    kind = Binary()
    link: ClassVar[str]
    remedy: ClassVar[str]

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        penalty: str | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.penalty = penalty
        self._penalized = choose("penalty", penalty, PENALTIES)
        super().__init__(outcome, exog, weights=weights, frequency=frequency, offset=offset, missing=missing)
        if self._penalized:
            self.results_class = PenalizedResults
            self.sample = self.sample.mean_one()

    @property
    def family(self) -> Bernoulli:
        """The Bernoulli family under the estimator's link."""
        return Bernoulli(LINKS[self.link])

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The probability of a yes."""
        label, published = f"probability of {self.endog_names}", published_for(self.endog_names, "percent")
        return {
            "probability": self.quantity_of(label, "probability", self.family.mean, scale="logit", published=published)
        }

    @cached_property
    def separation(self) -> Separation:
        """Whether the estimate without a penalty would be infinite, and which columns are to blame."""
        return _separation(self.sample)

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood, penalized where that is asked for."""
        plain = super().problem(sample)
        if not self._penalized:
            return plain
        objective = Penalized(plain.objective, CURVATURES[self.link])  # type: ignore[arg-type]
        return replace(
            plain,
            objective=objective,
            scores=lambda theta: Penalized(self.rows_objective(sample)[0], CURVATURES[self.link]).scores(theta),
            outer=None,
            information=objective.information,
        )

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Look for separation where fitted probabilities come close to 0 or 1, and name the columns."""
        if not self._penalized:
            eta = problem.objective.predictors(maximum.theta)[0]  # type: ignore[attr-defined]
            if not maximum.converged or np.abs(eta).max() > _EXTREME[self.link]:
                found = _separation(self.sample)
                if found.separated:
                    raise SeparationError(
                        f"{found.sentence(self.endog_names)} The maximum-likelihood estimate is infinite; use "
                        f"{self.remedy}, or merge the level"
                    )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how few events there are for each coefficient, where they are few; or what the penalty did."""
        return penalty_notes(self.separation, self.endog_names) if self._penalized else self._few_events()

    def _few_events(self) -> list[str]:
        weight = self.sample.frequency
        yes = float(np.average(self.sample.outcome, weights=weight)) * self.sample.nobs
        events, coefficients = min(yes, self.sample.nobs - yes), len(self.param_names)
        if events >= 10 * coefficients:
            return []
        return [
            f"{events:.0f} events of the rarer outcome for {coefficients} coefficients: "
            f"maximum likelihood is biased away from zero here; compare {self.remedy}"
        ]


def _separation(sample: Sample) -> Separation:
    design = sample.designs[""]
    return detect_separation(sample.outcome, design.matrix, design.names)
