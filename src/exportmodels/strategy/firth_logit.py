"""Firth's logit: finite estimates for few firms and separated cells, with profile-likelihood intervals."""

from typing import Any

from .binary import BinaryModel


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

    Notes
    -----
    The penalized log-likelihood is::

        sum_i  y_i x_i'b - log(1 + exp(x_i'b))  +  1/2 log det( X' W X ),    W = diag(p_i (1 - p_i))

    and is maximized with its exact Hessian. Standard errors are from the inverse of X'WX; p-values and intervals from
    the profile of the penalized likelihood [2]_, since the Wald ones fail exactly where this estimator is needed.

    References
    ----------
    .. [1] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38.
    .. [2] Heinze, G. and Schemper, M. (2002). A solution to the problem of separation in logistic regression.
       Statistics in Medicine 21, 2409-2419.

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
        super().__init__(
            outcome,
            exog,
            penalty="jeffreys",
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )
