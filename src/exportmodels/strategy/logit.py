"""Binary logit: the probability of a strategy, an entry mode or a trigger."""

from typing import Any

from .binary import BinaryModel


class Logit(BinaryModel):
    """Binary logit model.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1, booleans, or a column of two levels, of which the second is the event.
    exog : array_like or data frame, shape (n, p)
        Covariates; a constant is not added.
    weights : array_like, shape (n,), optional
        Sampling weights.
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
    SeparationError
        If a combination of covariates predicts the outcome perfectly; the message names the columns.

    Notes
    -----
    The probability of a yes is 1 / (1 + exp(-x'b)); the log-likelihood is::

        sum_i  y_i x_i'b - log(1 + exp(x_i'b))

    References
    ----------
    .. [1] McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., chapter 4. Chapman and Hall.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import Logit
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1], "rd": [0, 1, 1, 0, 2, 4, 3, 4]})
    >>> results = Logit.from_formula("Q('global') ~ rd", firms).fit()
    >>> print(results.params.round(4).to_string())
    Intercept   -1.6769
    rd           0.9184
    """

    link = "logit"
    remedy = "strategy.FirthLogit (penalized) or strategy.ExactLogit (conditional)"

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
