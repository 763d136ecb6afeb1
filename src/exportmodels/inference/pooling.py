"""Pooling fits on multiply imputed data by Rubin's rules, with small-sample degrees of freedom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ..core.errors import OptionError
from ..core.options import checked, upper_end


@dataclass(frozen=True)
class Pooled:
    """Pooled estimates, under the names that table tools look for.

    Parameters
    ----------
    params : Series, shape (p,)
        Means of the estimates.
    within, between : DataFrame, shape (p, p)
        Mean of the covariances, and covariance of the estimates between imputations.
    imputations : int
        Number of fits.
    df : Series, shape (p,)
        Degrees of freedom of each coefficient's t distribution.
    nobs : int
        Number of firms.
    """

    params: pd.Series
    within: pd.DataFrame
    between: pd.DataFrame
    imputations: int
    df: pd.Series
    nobs: int

    def cov_params(self) -> pd.DataFrame:
        """Return the total covariance, within plus (1 + 1/m) between, shape (p, p)."""
        return self.within + (1 + 1 / self.imputations) * self.between

    @property
    def bse(self) -> pd.Series:
        """Standard errors, shape (p,)."""
        return pd.Series(np.sqrt(np.diag(self.cov_params())), index=self.params.index, name="bse")

    @property
    def tvalues(self) -> pd.Series:
        """Estimates over their standard errors, shape (p,)."""
        return self.params / self.bse

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values, shape (p,)."""
        return pd.Series(2 * stdtr(self.df, -self.tvalues.abs()), index=self.params.index, name="pvalues")

    @property
    def missing_information(self) -> pd.Series:
        """Share of each coefficient's variance that is due to what is missing, shape (p,)."""
        total = np.diag(self.cov_params())
        return pd.Series((1 + 1 / self.imputations) * np.diag(self.between) / total, index=self.params.index)

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return t intervals, shape (p, 2), columns 0 and 1."""
        half = stdtrit(self.df, upper_end(alpha)) * self.bse
        return pd.DataFrame({0: self.params - half, 1: self.params + half})


@checked
def pool(fits: Sequence[Any]) -> Pooled:
    """Pool fits of one model on multiply imputed data.

    Parameters
    ----------
    fits : sequence of results
        At least two results objects with `params`, `cov_params()` and `nobs`: ours, statsmodels' or any like them.

    Returns
    -------
    Pooled
        Estimates, covariance, t tests and intervals, and the share of missing information.

    Raises
    ------
    OptionError
        If there are fewer than two fits, one of them is none, or their coefficients differ.

    Notes
    -----
    Rubin's rules, with the degrees of freedom of Barnard and Rubin [1]_ for finite samples.

    References
    ----------
    .. [1] Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86,
       948-955.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.inference import pool
    >>> from exportmodels.share import Fractional
    >>> fits = [
    ...     Fractional([0, 0.1, guess, 0.8, 0.05, 0, 0.6, 1], pd.DataFrame({"one": 1.0, "x": range(8)})).fit()
    ...     for guess in (0.2, 0.4, 0.5)
    ... ]
    >>> print(pool(fits).missing_information.round(3).to_string())
    one    0.122
    x      0.084
    """
    if len(fits) < 2:
        raise OptionError("pooling needs at least two fits, one an imputation")
    lacking = [name for fit in fits for name in ("params", "cov_params", "nobs") if not hasattr(fit, name)]
    if lacking:
        raise OptionError(f"pooling takes fits, which have params, cov_params() and nobs; one has no {lacking[0]}")
    params = [pd.Series(np.asarray(fit.params), index=getattr(fit.params, "index", None)) for fit in fits]
    if any(not series.index.equals(params[0].index) for series in params):
        raise OptionError("the fits have different coefficients; fit the same model on every imputation")
    m, names = len(fits), params[0].index
    within = np.mean([np.asarray(fit.cov_params()) for fit in fits], axis=0)
    between = np.atleast_2d(np.cov(np.array(params), rowvar=False, ddof=1))
    nobs = int(np.mean([fit.nobs for fit in fits]))
    return Pooled(
        params=pd.Series(np.mean(params, axis=0), index=names, name="params"),
        within=pd.DataFrame(within, index=names, columns=names),
        between=pd.DataFrame(between, index=names, columns=names),
        imputations=m,
        df=pd.Series(_degrees(np.diag(within), np.diag(between), m, nobs - len(names)), index=names),
        nobs=nobs,
    )


def _degrees(within: np.ndarray, between: np.ndarray, m: int, complete: float) -> np.ndarray:
    inflation = (1 + 1 / m) * between
    share = inflation / (within + inflation)
    with np.errstate(divide="ignore"):
        imputed = (m - 1) / share**2
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return 1 / (1 / imputed + 1 / observed)
