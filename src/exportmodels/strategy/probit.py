"""Binary probit: a strategy is chosen when a normal latent advantage exceeds zero."""

from typing import ClassVar

from .binary import BinaryModel


class Probit(BinaryModel):
    """Binary probit model.

    A firm chooses when a latent advantage x'b + e, with e standard normal, is positive; the form that selection and
    other models with normal errors share.

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
    The probability of a yes is Phi(x'b); the log-likelihood is::

        sum_i  y_i log Phi(x_i'b) + (1 - y_i) log Phi(-x_i'b)

    With `penalty="jeffreys"` it is augmented by 1/2 log det( X'WX ), W = diag(phi^2 / (Phi (1 - Phi))) at x_i'b [2]_.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., chapter 15. MIT
       Press.
    .. [2] Kosmidis, I. and Firth, D. (2021). Jeffreys-prior penalty, finiteness and shrinkage in binomial-response
       generalized linear models. Biometrika 108, 71-82.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import Probit
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1], "rd": [0, 1, 1, 0, 2, 4, 3, 4]})
    >>> results = Probit.from_formula("Q('global') ~ rd", firms).fit()
    >>> print(results.params.round(4).to_string())
    Intercept   -1.0695
    rd           0.5765

    With a cell in which no firm does it, and a penalty:

    >>> firms = pd.DataFrame({"plant": [0] * 19 + [0] * 12 + [1] * 5, "niche": [0] * 19 + [1] * 17})
    >>> results = Probit.from_formula("plant ~ niche", firms, penalty="jeffreys").fit()
    >>> print(results.params.round(3).to_string())
    Intercept   -2.083
    niche        1.561
    """

    link = "probit"
    remedy = "Probit(penalty='jeffreys') or strategy.ExactLogit"
    variants: ClassVar = ({}, {"penalty": "jeffreys"})
