"""Ordered logit: scales from 1 to 5, brackets, local before European before global."""

from .ordered import OrderedModel


class OrderedLogit(OrderedModel):
    """Ordered logit model.

    The same odds ratio exp(b) of more against less holds at every threshold of the scale (proportional odds), unless
    `nonparallel` says otherwise.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Numbers or an ordered categorical; every level must occur.
    exog : array_like or data frame, shape (n, p)
        Covariates without a constant: the thresholds take its place.
    nonparallel : str, array_like or data frame, optional
        Covariates whose effect differs from threshold to threshold (partial proportional odds); with a formula, terms
        such as `"age"`. They must not stand in `exog` too.
    penalty : {None, "jeffreys"}
        Whether to add half the log determinant of the expected information, which makes the estimate finite where
        levels are separated; p-values and intervals then come from the profile penalized likelihood.
    weights : array_like, shape (n,), optional
        Sampling weights; with a penalty they are scaled to mean one, so that it keeps its size.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If the levels have no order, one of them does not occur, or there is one only; the message names the levels.
    SeparationError
        If a combination of covariates predicts levels perfectly and there is no penalty; the message names the columns.
    OptionError
        If the penalty is unknown.

    See Also
    --------
    brant_test : Whether the effects are the same at all thresholds.

    Notes
    -----
    With thresholds k_1 < ... < k_(J-1), named `[cut] 1|2` after the levels they part, the probability of at most level
    j is F(k_j - x'b); the log-likelihood is::

        sum_i  log( F(k_(y_i) - x_i'b) - F(k_(y_i - 1) - x_i'b) ),    F(u) = 1 / (1 + exp(-u))

    so that a positive b moves firms to higher levels. With covariates z of the thresholds, k_j becomes k_j - z'g_j, and
    g_j is named `[1|2] z`. The penalty adds 1/2 log det I(k, b), with I the expected information [3]_.

    References
    ----------
    .. [1] McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical Society B 42,
       109-142.
    .. [2] Peterson, B. and Harrell, F. E. (1990). Partial proportional odds models for ordinal response variables.
       Applied Statistics 39, 205-217.
    .. [3] Kosmidis, I. (2014). Improved estimation in cumulative link models. Journal of the Royal Statistical Society
       B 76, 169-196.

    Examples
    --------
    The relevant market of niche and mass firms in the report of 2009:

    >>> import pandas as pd
    >>> from exportmodels.strategy import OrderedLogit
    >>> level = pd.CategoricalDtype(["local", "european", "global"], ordered=True)
    >>> firms = pd.DataFrame(
    ...     {
    ...         "market": pd.Series(["local", "european", "global"] * 2, dtype=level),
    ...         "niche": [0, 0, 0, 1, 1, 1],
    ...         "firms": [9, 6, 4, 0, 8, 9],
    ...     }
    ... )
    >>> results = OrderedLogit.from_formula("market ~ niche", firms, frequency="firms").fit()
    >>> print(results.params.round(4).to_string())
    niche                    2.0933
    [cut] local|european    -0.2956
    [cut] european|global    1.8158
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(3))
       local  european  global
    0  0.427     0.433   0.140
    1  0.084     0.347   0.569
    """

    link = "logit"
