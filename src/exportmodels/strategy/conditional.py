"""Conditional logit: which alternative of a choice set is picked, explained by what the alternatives are."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.newton import Maximum
from ..core.problem import Problem
from ..core.sample import Sample
from .choice_model import ChoiceModel, refuse_separated
from .choice_sets import ChoiceSets, ConditionalObjective

# A predictor this far above or below its set's means a fitted probability near 0 or 1: worth a look for separation.
_EXTREME = 15.0


class ConditionalLogit(ChoiceModel):
    """Conditional logit model.

    Which alternative a firm picks from its choice set (the first destination among countries, one entry mode among
    those open to it), by attributes of the alternatives: distance, market size, a common language. What is the same for
    all alternatives of a set cancels, so there is no intercept, and characteristics of the firm enter in products with
    attributes only.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        One row an alternative: 1 if it was picked, else 0. Several picks of a set are allowed.
    exog : array_like or data frame, shape (n, p)
        Attributes of the alternatives, without a constant.
    choice_set : str or array_like, shape (n,)
        Which rows are alternatives of the same choice.
    alternative : str or array_like, shape (n,), optional
        Names of the alternatives; predictions then give the share of each.
    weights : array_like, shape (n,), optional
        Sampling weights, the same for all alternatives of a set.
    frequency : array_like, shape (n,), optional
        How many identical choices a set stands for, the same for all its alternatives.
    offset : array_like, shape (n,), optional
        Added to the predictor.
    missing : {"drop", "raise"}
        What is done with incomplete rows: alternatives with missing attributes leave their set.

    Raises
    ------
    OutcomeError
        If nothing or everything is picked in every set.
    DataError
        If an attribute does not vary within any set, or is collinear with others there.
    SeparationError
        If attributes predict all picks perfectly; the message names them.

    See Also
    --------
    MultinomialLogit : Choices explained by what the firm is.
    NestedLogit : Alternatives that are close substitutes of each other.
    iia_test : Whether the odds between two alternatives depend on the others.

    Notes
    -----
    With C_s the alternatives of set s and R_s the k_s that were picked::

        sum_s  sum_{j in R_s} x_j'b  -  log sum_{R in C_s, |R| = k_s} exp( sum_{j in R} x_j'b )

    The second sum, over all subsets of k_s alternatives, is found by the recursion of the elementary symmetric
    polynomials [2]_: exact, and without writing out a subset.

    References
    ----------
    .. [1] McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In Zarembka, P. (ed.),
       Frontiers in Econometrics, 105-142. Academic Press.
    .. [2] Gail, M. H., Lubin, J. H. and Rubinstein, L. V. (1981). Likelihood calculations for matched case-control
       studies and survival studies with tied death times. Biometrika 68, 703-707.

    Examples
    --------
    Four firms and their first destination among three countries:

    >>> import pandas as pd
    >>> from exportmodels.strategy import ConditionalLogit
    >>> choices = pd.DataFrame(
    ...     {
    ...         "firm": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
    ...         "country": ["France", "Poland", "China"] * 4,
    ...         "first": [1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1],
    ...         "distance": [0.3, 1.2, 8.0] * 4,
    ...     }
    ... )
    >>> model = ConditionalLogit.from_formula("first ~ distance", choices, choice_set="firm", alternative="country")
    >>> results = model.fit()
    >>> print(results.params.round(4).to_string())
    distance   -0.0664
    >>> print(results.predict().head(3).round(3).to_list())
    [0.393, 0.371, 0.236]
    """

    column_options = ("frequency", "weights", "offset", "choice_set", "alternative")

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        choice_set: Any,
        alternative: Any = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        super().__init__(
            outcome,
            exog,
            columns={"choice_set": choice_set, "alternative": alternative},
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )

    def shares(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the probability of each alternative being picked from its set, shape (n,)."""
        eta, number = designs[0] @ theta, designs[1][:, 0].astype(int)
        for offset in designs[2:]:
            eta = eta + offset[:, 0]
        order = np.argsort(number, kind="stable")
        shares = np.empty(len(eta))
        shares[order] = ChoiceSets(number[order], np.zeros(len(eta))).shares(eta[order])[0]
        return shares

    def own_change(self, theta: np.ndarray, before: list[np.ndarray], after: list[np.ndarray]) -> float:
        """Return the average change of probabilities when each alternative alone goes from one design to another."""
        own = self.sample.designs[""].matrix
        share = self.shares(theta, [own, *before[1:]])
        odds = share / (1 - share)
        ends = [1 / (1 + 1 / (odds * np.exp((matrix - own) @ theta))) for matrix, *_ in (before, after)]
        return float(np.average(ends[1] - ends[0], weights=self.sample.total_weight))

    def problem(self, sample: Sample) -> Problem:
        """Return the conditional likelihood, attributes centred within sets and scaled."""
        parts = self.parts(sample)
        offset = None if sample.offset is None else sample.offset[parts.order]
        standard = parts.standard
        objective = ConditionalObjective(parts.sets, standard.matrix, parts.weight, offset)
        start = np.zeros(standard.matrix.shape[1])
        return Problem(
            objective,
            start,
            standard.back,
            lambda theta: objective.scores(theta)[parts.place],
            objective.evaluate(start)[0],
        )

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Look for separation where fitted probabilities come close to 0 or 1, and name the columns."""
        objective: ConditionalObjective = problem.objective  # type: ignore[assignment]
        if not maximum.converged or np.abs(objective.predictor(maximum.theta)).max() > _EXTREME:
            order = self.parts(self.sample).order
            plain = ConditionalObjective(objective.sets, self.sample.designs[""].matrix[order])
            refuse_separated(plain, self.param_names, self.endog_names)
        super().examine(maximum, problem)
