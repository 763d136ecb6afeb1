"""Bootstrap and jackknife of any statistic of a fit, by firms or by whole clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ..core.covariance import bootstrap_draws, leave_one_out
from ..core.errors import ConvergenceError, OptionError
from ..core.options import checked, checked_methods, upper_end
from ..core.results import Results

Statistic = Callable[[pd.Series], Any]


@checked_methods
@dataclass(frozen=True)
class Resampled:
    """Replicates of a statistic.

    Parameters
    ----------
    estimate : Series, shape (m,)
        The statistic of the fit.
    replicates : DataFrame, shape (r, m)
        Its values in the refits that had an estimate.
    failed : int
        How many refits had none.
    jackknife : DataFrame, shape (g, m), optional
        Leave-one-out values, for BCa intervals.
    """

    estimate: pd.Series
    replicates: pd.DataFrame
    failed: int
    jackknife: pd.DataFrame | None = None

    @property
    def bse(self) -> pd.Series:
        """Standard deviations of the replicates, shape (m,)."""
        return self.replicates.std(ddof=1)

    def conf_int(self, alpha: float = 0.05, method: str = "percentile") -> pd.DataFrame:
        """Return intervals, shape (m, 2), columns 0 and 1.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level.
        method : {"percentile", "basic", "bca"}
            Quantiles of the replicates, their mirror image about the estimate, or quantiles corrected for bias and
            acceleration [1]_ (which needs `bootstrap(..., bca=True)`).

        References
        ----------
        .. [1] Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association
           82, 171-185.
        """
        levels = np.array([alpha / 2, upper_end(alpha)])
        if method == "bca":
            ends = np.array([self._bca(name, levels) for name in self.estimate.index])
        elif method in ("percentile", "basic"):
            ends = np.quantile(self.replicates.to_numpy(), levels, axis=0).T
        else:
            raise OptionError(f"method must be 'percentile', 'basic' or 'bca', not {method!r}")
        if method == "basic":
            ends = 2 * self.estimate.to_numpy()[:, None] - ends[:, ::-1]
        return pd.DataFrame(ends, index=self.estimate.index)

    def _bca(self, name: Any, levels: np.ndarray) -> np.ndarray:
        if self.jackknife is None:
            raise OptionError("BCa intervals need leave-one-out refits; call bootstrap(..., bca=True)")
        values = self.replicates[name].to_numpy()
        below = np.clip(np.mean(values < self.estimate[name]), 0.5 / len(values), 1 - 0.5 / len(values))
        shift = ndtri(below)
        gaps = self.jackknife[name].mean() - self.jackknife[name].to_numpy()
        acceleration = (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5) if gaps.any() else 0.0
        z = shift + ndtri(levels)
        return np.quantile(values, ndtr(shift + z / (1 - acceleration * z)))


@checked
def bootstrap(
    results: Results,
    statistic: Statistic | None = None,
    *,
    clusters: Any = None,
    replications: int = 999,
    seed: int = 0,
    bca: bool = False,
    progress: bool | None = None,
) -> Resampled:
    """Refit on firms (or clusters) drawn with replacement.

    Parameters
    ----------
    results : Results
        A fit of this package.
    statistic : callable, optional
        Takes the coefficients (a Series), returns a number or a vector; the coefficients themselves by default.
    clusters : str or array_like, shape (n,), optional
        Cluster labels: whole clusters are drawn.
    replications, seed : int
        How many refits, and the seed that makes them repeatable.
    bca : bool, default False
        Also refit without each firm (or cluster) in turn, for BCa intervals.
    progress : bool, optional
        Show a progress bar; by default on a terminal, after two seconds.

    Returns
    -------
    Resampled
        The replicates, their standard errors and intervals.

    Raises
    ------
    ConvergenceError
        If more than half of the refits have no estimate.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from exportmodels.inference import bootstrap
    >>> from exportmodels.share import Fractional
    >>> firms = pd.DataFrame({"share": [0, .1, .3, .8, .05, 0, .6, 1] * 4, "niche": [0, 0, 1, 1, 0, 0, 1, 1] * 4})
    >>> results = Fractional.from_formula("share ~ niche", firms).fit()
    >>> odds_ratio = bootstrap(results, lambda b: np.exp(b["niche"]), replications=199)
    >>> bool(odds_ratio.conf_int()[0].iloc[0] > 1)
    True
    """
    frequency, labels = _frequency(results), _labels(results, clusters)
    draws = bootstrap_draws(frequency, labels, replications, seed)
    estimate, replicates, failed = _statistics(results, draws, statistic, "bootstrap refits", progress)
    left = None
    if bca:
        _, left, _ = _statistics(results, leave_one_out(frequency, labels), statistic, "jackknife refits", progress)
    return Resampled(estimate, replicates, failed, left)


@checked
def jackknife(
    results: Results, statistic: Statistic | None = None, *, clusters: Any = None, progress: bool | None = None
) -> pd.DataFrame:
    """Refit without each firm (or cluster) in turn.

    Parameters
    ----------
    results : Results
        A fit of this package.
    statistic : callable, optional
        Takes the coefficients (a Series), returns a number or a vector; the coefficients themselves by default.
    clusters : str or array_like, shape (n,), optional
        Cluster labels: whole clusters are left out.
    progress : bool, optional
        Show a progress bar; by default on a terminal, after two seconds.

    Returns
    -------
    DataFrame
        estimate, bias, corrected (estimate less bias) and se; one row a value of the statistic.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.inference import jackknife
    >>> from exportmodels.share import Fractional
    >>> firms = pd.DataFrame({"share": [0, .1, .3, .8, .05, 0, .6, 1] * 4, "niche": [0, 0, 1, 1, 0, 0, 1, 1] * 4})
    >>> results = Fractional.from_formula("share ~ niche", firms).fit()
    >>> print(jackknife(results)[["estimate", "se"]].round(2).to_string())
               estimate    se
    Intercept     -3.25  0.31
    niche          3.98  0.44
    """
    draws = leave_one_out(_frequency(results), _labels(results, clusters))
    estimate, left, _ = _statistics(results, draws, statistic, "jackknife refits", progress)
    groups = len(left)
    bias = (groups - 1) * (left.mean() - estimate)
    spread = np.sqrt((groups - 1) / groups * ((left - left.mean()) ** 2).sum())
    return pd.DataFrame({"estimate": estimate, "bias": bias, "corrected": estimate - bias, "se": spread})


def _frequency(results: Results) -> np.ndarray:
    given = results.model.sample.frequency
    return np.ones(len(results.model.sample.labels)) if given is None else given


def _labels(results: Results, clusters: Any) -> np.ndarray | None:
    model = results.model
    return None if clusters is None else model.sample.align(clusters, "clusters", model.frame)


def _statistics(
    results: Results, draws: Any, statistic: Statistic | None, title: str, progress: bool | None
) -> tuple[pd.Series, pd.DataFrame, int]:
    def value(theta: np.ndarray) -> pd.Series:
        params = pd.Series(theta, index=results.params.index)
        found = params if statistic is None else statistic(params)
        return found if isinstance(found, pd.Series) else pd.Series(np.atleast_1d(found))

    estimates, failed = results.model.refits(draws, title, progress)
    if failed > len(draws) / 2:
        raise ConvergenceError(f"{failed} of {len(draws)} {title} have no estimate; use a penalized estimator")
    return value(results.params.to_numpy()), pd.DataFrame([value(theta) for theta in estimates]), failed
