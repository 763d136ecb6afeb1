"""What binary models share: the outcome, predicted probabilities, separation named, and small-sample notes."""

from typing import Any

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.errors import SeparationError
from ..core.family_model import FamilyModel
from ..core.model import Problem
from ..core.newton import Maximum
from ..core.outcomes import Binary
from ..core.quantities import Quantity
from ..inference.separation import detect_separation

# A predictor this far out means a fitted probability of 3e-7 or one less that: worth a look for separation.
_EXTREME = 15.0


class BinaryModel(FamilyModel):
    """Base of the binary models; not used by itself."""

    kind = Binary()

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        super().__init__(outcome, exog, weights=weights, frequency=frequency, offset=offset, missing=missing)

    @property
    def family(self) -> Bernoulli:
        """The Bernoulli family under the estimator's link."""
        raise NotImplementedError

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The probability of a yes."""
        label = f"probability of {self.endog_names}"
        return {"probability": self.quantity_of(label, "probability", self.family.mean, scale="logit")}

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Look for separation where fitted probabilities come close to 0 or 1, and name the columns."""
        eta = problem.objective.predictors(maximum.theta)[0]  # type: ignore[attr-defined]
        if not maximum.converged or np.abs(eta).max() > _EXTREME:
            found = detect_separation(
                self.sample.outcome, self.sample.designs[""].matrix, self.sample.designs[""].names
            )
            if found.separated:
                raise SeparationError(
                    f"{found.sentence(self.endog_names)} The maximum-likelihood estimate is infinite; use "
                    "strategy.FirthLogit (penalized) or strategy.ExactLogit (conditional), or merge the level"
                )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how few events there are for each coefficient, where they are few."""
        weight = self.sample.frequency
        yes = float(np.average(self.sample.outcome, weights=weight)) * self.sample.nobs
        events, coefficients = min(yes, self.sample.nobs - yes), len(self.param_names)
        if events >= 10 * coefficients:
            return []
        return [
            f"{events:.0f} events of the rarer outcome for {coefficients} coefficients: "
            "maximum likelihood is biased away from zero here; compare strategy.FirthLogit"
        ]
