"""Multinomial logit: one of several routes in no order, explained by what the firm is."""

from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..core.design import Design
from ..core.errors import SeparationError
from ..core.family_model import FamilyModel
from ..core.levels import Choice
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Outcome
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from ..data import published_for
from ..inference.separation import Separation, recession
from .jeffreys_rows import PenalizedRows
from .penalized import PENALTIES, PenalizedResults, penalty_notes, small_levels
from .softmax import Softmax

# A predictor this far out means a fitted probability near 0 or 1: worth a look for separation.
_EXTREME = 15.0


class MultinomialLogit(FamilyModel):
    """Multinomial logit model.

    How characteristics of firms go with one of several unordered choices: the entry mode, the trigger of the first
    export, the first destination. The first level is the base; exp(b) is the factor by which a covariate raises the
    odds of a level against the base.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        A column of levels; every level must occur. The base is the first category, or the first in the alphabet.
    exog : array_like or data frame, shape (n, p)
        Covariates of the firm; a constant is not added.
    penalty : {None, "jeffreys"}
        Whether to add half the log determinant of the information (Firth's penalty), which makes the estimate finite
        where levels are separated and nearly unbiased where firms are few; p-values and intervals then come from the
        profile penalized likelihood.
    weights : array_like, shape (n,), optional
        Sampling weights; with a penalty they are scaled to mean one, so that it keeps its size.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If a level does not occur, or there is one only; the message names the levels.
    SeparationError
        If a combination of covariates predicts levels perfectly and there is no penalty; the message names the
        coefficients.
    OptionError
        If the penalty is unknown.

    See Also
    --------
    ConditionalLogit : Choices explained by what the alternatives are.
    iia_test : Whether the odds between two levels depend on the others.

    Notes
    -----
    With b_1 = 0 for the base, coefficients of level j named `[level] x`, the log-likelihood is::

        sum_i  x_i'b_(y_i) - log sum_j exp(x_i'b_j)

    The penalty adds 1/2 log det I(b), I being the information [2]_.

    References
    ----------
    .. [1] McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In Zarembka, P. (ed.),
       Frontiers in Econometrics, 105-142. Academic Press.
    .. [2] Kosmidis, I. and Firth, D. (2011). Multinomial logit bias reduction via the Poisson log-linear model.
       Biometrika 98, 755-759.

    Examples
    --------
    The trigger of the first export, niche and mass firms of the report of 2009 (figure 30), with a penalty because no
    niche firm was asked by a local partner:

    >>> import pandas as pd
    >>> from exportmodels.strategy import MultinomialLogit
    >>> firms = pd.DataFrame(
    ...     {
    ...         "start_trigger": ["prospection", "local_partner", "other"] * 2,
    ...         "niche": [1, 1, 1, 0, 0, 0],
    ...         "firms": [8, 0, 6, 3, 4, 4],
    ...     }
    ... )
    >>> model = MultinomialLogit.from_formula("start_trigger ~ niche", firms, frequency="firms", penalty="jeffreys")
    >>> results = model.fit()
    >>> print(results.params.round(3).to_string())
    [other] Intercept          0.000
    [other] niche              2.565
    [prospection] Intercept   -0.251
    [prospection] niche        3.085
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(3))
       local_partner  other  prospection
    0          0.360  0.360        0.280
    1          0.032  0.419        0.548
    """

    kind = Choice()
    column_options = ("frequency", "weights")
    variants: ClassVar = ({}, {"penalty": "jeffreys"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        penalty: str | None = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.penalty = penalty
        self._penalized = choose("penalty", penalty, PENALTIES)
        self._outcome_type = Choice.of(outcome)
        super().__init__(outcome, exog, weights=weights, frequency=frequency, missing=missing)
        if self._penalized:
            self.results_class = PenalizedResults
            self.sample = self.sample.mean_one()

    @property
    def outcome_type(self) -> Outcome:
        """The levels of the outcome."""
        return self._outcome_type

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels as texts, the base first."""
        return self._outcome_type.names

    @property
    def family(self) -> Softmax:
        """The multinomial family with a predictor for each level beside the base."""
        return Softmax(self.levels[1:])

    @property
    def param_names(self) -> list[str]:
        """Flat names: `[level] x`."""
        return [f"[{level}] {name}" for level in self.levels[1:] for name in self.sample.designs[""].names]

    def predictor_designs(self, sample: Sample) -> list[Design | None]:
        """Return the same design for every level."""
        return [sample.designs[""]] * (len(self.levels) - 1)

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the same matrix for every level."""
        return super(FamilyModel, self).design_matrices(newdata) * (len(self.levels) - 1)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The probability of each level."""
        name = self.endog_names
        return {
            "probabilities": self.quantity_of(
                f"probability of {name}",
                "probability",
                self.family.probabilities,
                scale="logit",
                columns=self.levels,
                published=published_for(name, "percent"),
            )
        }

    @cached_property
    def separation(self) -> Separation:
        """Whether the estimate without a penalty would be infinite, and which coefficients are to blame."""
        return self._separated(self.sample)

    def _separated(self, sample: Sample) -> Separation:
        level, x = sample.outcome.astype(int), sample.designs[""].matrix
        others, p = len(self.levels) - 1, x.shape[1]
        contrasts = []
        for chosen in range(others + 1):
            rows = x[level == chosen]
            for other in set(range(others + 1)) - {chosen}:
                block = np.zeros((len(rows), others + 1, p))
                block[:, chosen], block[:, other] = rows, -rows
                contrasts.append(block[:, 1:].reshape(len(rows), others * p))
        return recession(np.vstack(contrasts), self.param_names)

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample, penalized where that is asked for."""
        plain = super().problem(sample)
        if not self._penalized:
            return plain
        design = sample.designs[""].standardized.matrix
        others = len(self.levels) - 1
        rows = np.zeros((len(design), others, others, design.shape[1]))
        rows[:, range(others), range(others)] = design[:, None]
        flat = rows.reshape(len(design), others, -1)
        penalized = PenalizedRows(plain.objective, flat, self.family.expected, sample.total_weight)
        return replace(
            plain,
            objective=penalized,
            scores=lambda theta: plain.scores(theta) + penalized.pulls(theta),
            outer=None,
            information=penalized.information,
        )

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Look for separation where fitted probabilities come close to 0 or 1, and name the coefficients."""
        if not self._penalized:
            eta = problem.objective.predictors(maximum.theta)  # type: ignore[attr-defined]
            if not maximum.converged or np.abs(eta).max() > _EXTREME:
                found = self._separated(self.sample)
                if found.separated:
                    raise SeparationError(
                        f"{found.sentence(self.endog_names)} The maximum-likelihood estimate is infinite; use "
                        "MultinomialLogit(penalty='jeffreys'), or merge levels"
                    )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how few firms a level has, where they are few; or what the penalty did."""
        if self._penalized:
            return penalty_notes(self.separation, self.endog_names)
        return small_levels(self.levels, self.sample)
