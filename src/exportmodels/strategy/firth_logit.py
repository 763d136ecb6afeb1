"""Firth's logit: finite estimates for few firms and separated cells, with profile-likelihood intervals."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ..core.errors import OptionError
from ..core.newton import maximize
from ..core.options import choose
from ..core.problem import Problem
from ..core.sample import Sample
from .binary import BinaryModel
from .flac import Augmented, leverages, with_mean_of
from .jeffreys import Penalized
from .penalized import AugmentedResults


class FirthLogit(BinaryModel):
    """Firth's penalized logit model.

    For samples of fifty firms, and for cells in which no firm does (or every firm does) what is modelled: the estimate
    is always finite and nearly unbiased, where ordinary logit is biased away from zero or has no estimate at all.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1, booleans, or a column of two levels, of which the second is the event.
    exog : array_like or data frame, shape (n, p)
        Covariates; a constant is not added.
    correction : {None, "flic", "flac"}
        The penalty draws predicted probabilities towards one half. FLIC estimates the intercept once more, by maximum
        likelihood with all else fixed; FLAC adds pseudo-firms that stand for the penalty, with an intercept of their
        own. With either, probabilities average to the share of yeses.
    weights : array_like, shape (n,), optional
        Sampling weights; they are scaled to mean one, so that the penalty keeps its size.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the linear predictor.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If the outcome is not binary or has one class only.
    OptionError
        If the correction is unknown, or there is no intercept to correct.

    Notes
    -----
    The penalized log-likelihood is::

        sum_i  y_i x_i'b - log(1 + exp(x_i'b))  +  1/2 log det( X' W X ),    W = diag(p_i (1 - p_i))

    and is maximized with its exact Hessian. Standard errors are from the inverse of X'WX; p-values and intervals from
    the profile of the penalized likelihood [2]_, since the Wald ones fail exactly where this estimator is needed.

    For the corrections see [3]_. The interval of FLIC's intercept is Wald's, from the information at the corrected
    estimate; all of FLAC's are from the profile of the likelihood with the pseudo-firms, whose weights are half the
    leverages at Firth's estimate.

    References
    ----------
    .. [1] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38.
    .. [2] Heinze, G. and Schemper, M. (2002). A solution to the problem of separation in logistic regression.
       Statistics in Medicine 21, 2409-2419.
    .. [3] Puhr, R., Heinze, G., Nold, M., Lusa, L. and Geroldinger, A. (2017). Firth's logistic regression with rare
       events: accurate effect estimates and predictions? Statistics in Medicine 36, 2302-2317.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import FirthLogit
    >>> firms = pd.DataFrame({"plant": [0] * 19 + [0] * 12 + [1] * 5, "niche": [0] * 19 + [1] * 17})
    >>> results = FirthLogit.from_formula("plant ~ niche", firms).fit()
    >>> print(results.params.round(3).to_string())
    Intercept   -3.664
    niche        2.843
    >>> print(results.separation)
    The outcome 'outcome' is separated up to ties (quasi-completely) by 'Intercept' (-), 'niche' (+).
    """

    link = "logit"
    remedy = "strategy.ExactLogit"
    variants: ClassVar = ({}, {"correction": "flic"}, {"correction": "flac"})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        correction: str | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.correction = choose("correction", correction, {name: name for name in (None, "flic", "flac")})
        super().__init__(
            outcome,
            exog,
            penalty="jeffreys",
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )
        if self.correction and self.sample.designs[""].constant is None:
            raise OptionError(f"correction={correction!r} corrects the intercept, and the model has none")
        if self.correction == "flac":
            self.results_class = AugmentedResults

    def problem(self, sample: Sample) -> Problem:
        """Return the penalized likelihood, corrected where that is asked for."""
        problem = super().problem(sample)
        if self.correction is None:
            return problem
        penalized: Penalized = problem.objective  # type: ignore[assignment]
        if self.correction == "flac":
            firth = maximize(penalized, problem.start)
            of_rows = Penalized(self.rows_objective(sample)[0], penalized.curvature)
            augmented = Augmented(of_rows.plain, leverages(of_rows, firth.theta))
            return replace(problem, objective=augmented, start=firth.theta, scores=augmented.scores, information=None)
        design = sample.designs[""]
        rows = replace(penalized.plain, outcome=sample.outcome, weight=sample.total_weight, offset=sample.offset)
        corrected = with_mean_of(rows, design.matrix, int(design.constant or 0))

        def at(theta: np.ndarray) -> np.ndarray:
            return np.linalg.solve(problem.back, corrected(problem.back @ theta))

        return replace(
            problem,
            scores=lambda theta: problem.scores(at(theta)),
            information=lambda theta: penalized.information(at(theta)),
            corrected=corrected,
        )
