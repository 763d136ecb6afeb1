"""Kaplan-Meier: the share of firms still without the event after each number of years, by group."""

from typing import Any

from ..core.options import choose
from .curve_model import CurveModel
from .survival_curves import INTERVALS, SurvivalCurves


class KaplanMeier(CurveModel):
    """Kaplan-Meier survival curves.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Time until the event or the end of observation, zero or more.
    by : array_like, shape (n,), or data frame, optional
        Groups that have a curve each; the columns of a frame are crossed.
    event : array_like, shape (n,)
        1 where the duration ends with the event, 0 where it is cut off.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry). Zero, the default, means from the beginning.
    weights : array_like, shape (n,), optional
        Sampling weights; errors are then robust.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If durations are negative, entry lies after the end, or there are no events.

    Notes
    -----
    The share without the event after t, and the variance of its logarithm after Greenwood, are::

        S(t) = prod_{t_j <= t} (1 - d_j / n_j),      var log S(t) = sum_{t_j <= t} d_j / (n_j (n_j - d_j))

    with d_j events among n_j firms at risk [1]_. Robust and clustered variances add up the squared influences of firms
    or clusters on the curve. Intervals are symmetric on the log(-log) scale by default, and so stay between 0 and 1.

    References
    ----------
    .. [1] Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the
       American Statistical Association 53, 457-481.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import KaplanMeier
    >>> firms = pd.DataFrame({
    ...     "years": [0, 0, 1, 1, 2, 3, 0, 1, 2, 3, 3, 3],
    ...     "exported": [1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    ... })
    >>> curves = KaplanMeier.from_formula("years ~ niche", firms, event="exported").fit()
    >>> print(curves.survival([1, 2]).round(3).to_string())
            estimate     se  lower  upper
    0 t=1      0.833  0.152  0.273  0.975
      t=2      0.625  0.213  0.142  0.893
    1 t=1      0.333  0.192  0.046  0.676
      t=2      0.167  0.152  0.008  0.517
    >>> print(curves.median().to_string())
       estimate  lower  upper
    0       3.0    0.0    inf
    1       1.0    0.0    inf
    """

    def fit(self, cov_type: str | None = None, *, clusters: Any = None, interval: str = "log-log") -> SurvivalCurves:
        """Compute the curves.

        Parameters
        ----------
        cov_type : {"nonrobust", "robust", "clustered"}, optional
            Greenwood's variance, or one from the influence of firms or clusters. Default: clustered where `clusters`
            is given, robust with sampling weights, else nonrobust.
        clusters : str or array_like, shape (n,), optional
            Cluster labels: a column name with a formula.
        interval : {"log-log", "log", "linear", "logit", "arcsine"}
            The scale on which intervals are symmetric.

        Returns
        -------
        SurvivalCurves
            The curves, their quantiles, counts at risk and plots.
        """
        choose("interval", interval, INTERVALS)
        return SurvivalCurves(self, self.paths(cov_type, clusters, survivors=True), interval)
