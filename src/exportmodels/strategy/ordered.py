"""What ordered models share: thresholds, predicted probabilities of levels, separation named, a penalty."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError, SeparationError
from ..core.levels import Ordered
from ..core.model import Model
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Outcome
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample, tabular
from ..core.terms import Terms
from ..data import published_for
from ..inference.separation import Separation, recession
from .intervals import INTERVALS, OrdinalLink
from .jeffreys_rows import PenalizedRows
from .ordered_information import expected_information
from .ordered_parts import OrdinalParts
from .penalized import PENALTIES, PenalizedResults, penalty_notes, small_levels

# A threshold this far from a firm's predictor means a fitted probability near 0 or 1: worth a look for separation.
_EXTREME = {"logit": 15.0, "probit": 5.0}
# Of a covariate in units of its largest value, nothing more than this is left beside those of the thresholds.
_SAME = 1e-8


@dataclass(frozen=True)
class Levels:
    """Ordered levels as a family: what follows from the thresholds less the predictor, `ends` (K, n).

    Parameters
    ----------
    link : OrdinalLink
        The distribution function F.
    """

    link: OrdinalLink

    def probabilities(self, ends: np.ndarray) -> np.ndarray:
        """Return the probability of each level, shape (n, K + 1)."""
        if (np.diff(ends, axis=0) <= 0).any():
            raise DataError(
                "thresholds cross at these covariates, so that a level would have a negative probability: the effects "
                "of nonparallel= reach beyond the data they were fitted on"
            )
        between = [np.exp(self.link.log_between(low, high)) for low, high in pairwise(ends)]
        return np.column_stack([self.link.distribution(ends[0]), *between, self.link.distribution(-ends[-1])])

    def draw(self, ends: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return levels drawn from the model as numbers from zero, shape (n,)."""
        return (rng.random(ends.shape[1]) > self.link.distribution(ends)).sum(axis=0).astype(float)


class OrderedModel(Model):
    """Base of the ordered models; not used by itself.

    Attributes
    ----------
    link : str
        Name of the distribution function F.
    """

    kind = Ordered()
    absorbed = True
    column_options = ("frequency", "weights")
    equations: ClassVar = {"nonparallel": "cut"}
    link: ClassVar[str]
    variants: ClassVar = ({}, {"penalty": "jeffreys"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        nonparallel: Any = None,
        penalty: str | None = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.penalty = penalty
        self._penalized = choose("penalty", penalty, PENALTIES)
        self._outcome_type = Ordered.of(outcome)
        super().__init__(
            outcome,
            exog,
            weights=weights,
            frequency=frequency,
            missing=missing,
            equations={"cut": None if nonparallel is None else _with_constant(nonparallel)},
        )
        if nonparallel is not None:
            self._refuse_twice()
        if self._penalized:
            self.results_class = PenalizedResults
            self.sample = self.sample.mean_one()

    def _refuse_twice(self) -> None:
        """Refuse covariates whose effect the thresholds take up already."""
        own, moving = self.sample.designs[""], self.sample.designs["cut"].standardized.matrix
        across = own.matrix / np.abs(own.matrix).max(axis=0)
        left = across - moving @ np.linalg.lstsq(moving, across, rcond=None)[0]
        twice = [repr(name) for name, gap in zip(own.names, left.T, strict=True) if np.abs(gap).max() < _SAME]
        if twice:
            raise DataError(
                f"{', '.join(twice)} stand{'s' if len(twice) == 1 else ''} among the covariates and in nonparallel= "
                "too, which gives each threshold an effect of its own; leave it out of one"
            )

    @property
    def outcome_type(self) -> Outcome:
        """The ordered levels of the outcome."""
        return self._outcome_type

    @property
    def family(self) -> Levels:
        """The ordered levels under the estimator's link."""
        return Levels(INTERVALS[self.link])

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels as texts, in their order."""
        return self._outcome_type.names

    @property
    def _cuts(self) -> list[str]:
        return [f"{low}|{high}" for low, high in pairwise(self.levels)]

    @property
    def param_names(self) -> list[str]:
        """Flat names: the covariates, `[cut] 1|2`, and `[1|2] x` for covariates of the thresholds."""
        own = self.sample.designs.get("cut")
        moving = [] if own is None else [name for j, name in enumerate(own.names) if j != own.constant]
        cuts = [f"[cut] {cut}" for cut in self._cuts]
        return [*self.sample.designs[""].names, *cuts, *(f"[{cut}] {name}" for cut in self._cuts for name in moving)]

    def ancillary(self, name: str) -> bool:
        """Whether a coefficient is a threshold."""
        return name.startswith("[cut] ")

    def predictors(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the thresholds less the predictor, shape (J - 1, n), for coefficients in the user's coordinates."""
        cuts, p = len(self._cuts), designs[0].shape[1]
        ends = theta[p : p + cuts, None] - designs[0] @ theta[:p]
        if len(designs) > 1:
            moving = np.delete(designs[1], self.sample.designs["cut"].constant, axis=1)  # type: ignore[arg-type]
            ends -= theta[p + cuts :].reshape(cuts, -1) @ moving.T
        return ends

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The probability of each level, of more than each level, and the mean of a numeric scale."""
        name, family = self.endog_names, self.family
        parts = {
            "probabilities": Quantity(
                f"probability of {name}",
                "probability",
                lambda theta, designs: family.probabilities(self.predictors(theta, designs)),
                scale="logit",
                columns=self.levels,
                published=published_for(name, "percent"),
            ),
            "above": Quantity(
                f"probability of {name} above",
                "probability",
                lambda theta, designs: family.link.distribution(-self.predictors(theta, designs)).T,
                scale="logit",
                columns=self.levels[:-1],
                told=False,
            ),
        }
        if all(isinstance(level, int | float | np.number) for level in self._outcome_type.levels):
            scale = np.array(self._outcome_type.levels, dtype=float)
            parts["scale"] = Quantity(
                f"mean {name}",
                "points",
                lambda theta, designs: family.probabilities(self.predictors(theta, designs)) @ scale,
                published=published_for(name),
            )
        return parts

    @cached_property
    def separation(self) -> Separation:
        """Whether the estimate without a penalty would be infinite, and which columns are to blame."""
        return self._separated(OrdinalParts.of(self.sample, self.family.link, len(self._cuts)))

    def _separated(self, parts: OrdinalParts) -> Separation:
        return recession(parts.objective.rising() @ np.linalg.inv(parts.back), self.param_names)

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample, penalized where that is asked for, started from the level shares."""
        parts = OrdinalParts.of(sample, self.family.link, len(self._cuts))
        if not self._penalized:
            objective, back = parts.collapsed(), parts.back
            return Problem(objective, parts.start, back, parts.scores, parts.llnull)
        penalized = PenalizedRows(
            parts.objective,
            parts.rows(),
            lambda ends: expected_information(self.family.link, ends),
            parts.objective.weight,
        )
        return Problem(
            penalized,
            parts.start,
            parts.back,
            lambda theta: parts.scores(theta) + penalized.pulls(theta)[parts.place],
            parts.llnull,
            penalized.information,
        )

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Look for separation where fitted probabilities come close to 0 or 1, and name the columns."""
        if not self._penalized:
            reach = problem.objective.reach(maximum.theta)  # type: ignore[attr-defined]
            if not maximum.converged or reach > _EXTREME[self.link]:
                found = self._separated(OrdinalParts.of(self.sample, self.family.link, len(self._cuts)))
                if found.separated:
                    raise SeparationError(
                        f"{found.sentence(self.endog_names)} The maximum-likelihood estimate is infinite; use "
                        f"{type(self).__name__}(penalty='jeffreys'), or merge levels"
                    )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how few firms a level has, where they are few; or what the penalty did."""
        if self._penalized:
            return penalty_notes(self.separation, self.endog_names)
        return small_levels(self.levels, self.sample)


def _with_constant(source: Any) -> Any:
    """Let covariates of the thresholds have the constant that the thresholds themselves are."""
    if isinstance(source, Terms):
        if "Intercept" not in source.info.column_names:
            raise OptionError("nonparallel= must not take the intercept away; the thresholds are its values")
        return source
    frame = pd.DataFrame(tabular(source, "cut"))
    frame.columns = [name if isinstance(name, str) else f"z{name + 1}" for name in frame.columns]
    return frame.assign(Intercept=1.0)
