"""Binary complementary log-log: rare choices, and hazards of one period."""

from typing import ClassVar

from .binary import BinaryModel


class CLogLog(BinaryModel):
    """Binary complementary log-log model.

    The link of a choice that is made by the first of many chances: what is modelled is the logarithm of their rate, so
    that exp(b) is a hazard ratio. It is asymmetric; yes and no are not interchangeable.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1, booleans, or a column of two levels, of which the second is the event.
    exog : array_like or data frame, shape (n, p)
        Covariates; a constant is not added.
    penalty : {None, "jeffreys"}
        Whether to add half the log determinant of the expected information (Jeffreys' penalty, Firth's for the logit):
        the estimate is then finite on any data, and p-values and intervals come from the profile penalized likelihood.
    weights : array_like, shape (n,), optional
        Sampling weights; with a penalty they are scaled to mean one, so that it keeps its size.
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
        If a combination of covariates predicts the outcome perfectly and there is no penalty; the message names the
        columns.
    OptionError
        If the penalty is unknown.

    Notes
    -----
    The probability of a yes is 1 - exp(-exp(x'b)); the log-likelihood is::

        sum_i  y_i log(1 - exp(-exp(x_i'b))) - (1 - y_i) exp(x_i'b)

    With `penalty="jeffreys"` it is augmented by 1/2 log det( X'WX ), W = diag(mu^2 / (exp(mu) - 1)), mu = exp(x_i'b)
    [2]_.

    References
    ----------
    .. [1] McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., chapter 4. Chapman and Hall.
    .. [2] Kosmidis, I. and Firth, D. (2021). Jeffreys-prior penalty, finiteness and shrinkage in binomial-response
       generalized linear models. Biometrika 108, 71-82.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import CLogLog
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1], "rd": [0, 1, 1, 0, 2, 4, 3, 4]})
    >>> results = CLogLog.from_formula("Q('global') ~ rd", firms).fit()
    >>> print(results.params.round(4).to_string())
    Intercept   -1.6486
    rd           0.6291

    With a cell in which no firm does it, and a penalty:

    >>> firms = pd.DataFrame({"plant": [0] * 19 + [0] * 12 + [1] * 5, "niche": [0] * 19 + [1] * 17})
    >>> results = CLogLog.from_formula("plant ~ niche", firms, penalty="jeffreys").fit()
    >>> print(results.params.round(3).to_string())
    Intercept   -3.651
    niche        2.674
    """

    link = "cloglog"
    remedy = "CLogLog(penalty='jeffreys') or strategy.ExactLogit"
    variants: ClassVar = ({}, {"penalty": "jeffreys"})
