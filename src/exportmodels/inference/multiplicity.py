"""P-values of many comparisons, adjusted so that their level holds for all of them together."""

from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..core.errors import DataError, rows_that
from ..core.frames import column_of_numbers
from ..core.options import checked, choose

METHODS = {  # our name -> the name that statsmodels gives it
    "bonferroni": "bonferroni",
    "sidak": "sidak",
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "hommel": "hommel",
    "bh": "fdr_bh",
    "by": "fdr_by",
}


@overload
def adjust(pvalues: pd.Series, method: str = "holm") -> pd.Series: ...
@overload
def adjust(pvalues: ArrayLike, method: str = "holm") -> np.ndarray: ...
@checked
def adjust(pvalues: pd.Series | ArrayLike, method: str = "holm") -> pd.Series | np.ndarray:
    """Adjust p-values for the number of comparisons made.

    Thirty contrasts of niche with mass firms give one or two below 0.05 by chance alone. Two promises are on offer:
    that no true hypothesis at all is rejected, but with probability 0.05 (the family-wise error rate), or that at
    most 5 % of the rejected ones are true on average (the false discovery rate).

    Parameters
    ----------
    pvalues : Series or array_like
        P-values of all comparisons that were made, not only of the small ones.
    method : {"holm", "bonferroni", "sidak", "hochberg", "hommel", "bh", "by"}, default "holm"
        Family-wise under any dependence: ``"holm"``, and ``"bonferroni"`` which never rejects more. Family-wise for
        independent or positively dependent tests: ``"sidak"``, ``"hochberg"``, ``"hommel"``. False discovery rate:
        ``"bh"`` (Benjamini-Hochberg; independent or positively dependent) and ``"by"`` (Benjamini-Yekutieli; any).

    Returns
    -------
    Series or ndarray
        Adjusted p-values in the given order, with the given index: below 0.05 means rejected at that rate.

    Raises
    ------
    DataError
        A p-value is missing or not between 0 and 1, or they do not come in one dimension.
    OptionError
        The method is unknown.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scandinavian Journal of Statistics* 6,
    65-70.

    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. *Journal of the Royal Statistical
    Society B* 57, 289-300.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03, 0.20])
    array([0.04, 0.09, 0.09, 0.2 ])
    >>> adjust(pd.Series({"R&D": 0.01, "age": 0.04, "market": 0.02}), method="bh")
    R&D       0.03
    age       0.04
    market    0.03
    dtype: float64
    """
    known = choose("method", method, METHODS)
    values = column_of_numbers(pvalues, "p-values", finite=False)
    index = pvalues.index if isinstance(pvalues, pd.Series) else pd.RangeIndex(len(values))
    bad = ~((values >= 0) & (values <= 1))
    if bad.any():
        raise DataError(
            f"p-values must lie between 0 and 1; {rows_that('hold', index[bad])} {values[bad][0]:g} "
            "(leave out comparisons that could not be made)"
        )
    adjusted = _adjusted(values, known)
    return pd.Series(adjusted, index=index, name=pvalues.name) if isinstance(pvalues, pd.Series) else adjusted


def _adjusted(values: np.ndarray, method: str) -> np.ndarray:
    from statsmodels.stats.multitest import multipletests

    return multipletests(values, method=method)[1] if values.size else values
