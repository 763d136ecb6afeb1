"""Contrasts: one quantity of a fit for two groups of firms, as a difference or a ratio."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.delta import delta
from ..core.effects import coefficient_table, levels_of, with_value
from ..core.errors import OptionError
from ..core.options import checked, shown
from ..core.results import Results


@checked
def contrast(
    results: Results,
    by: str,
    levels: tuple[Any, Any] | None = None,
    *,
    which: str = "mean",
    scale: str = "difference",
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Compare a quantity between two groups, every firm being put into each group in turn.

    Parameters
    ----------
    results : Results
        A fit that has `by` among its covariates.
    by : str
        A 0/1 or categorical covariate.
    levels : tuple of two levels, optional
        The base and the level compared with it; the first and the last by default.
    which : str, default "mean"
        One of the model's quantities.
    scale : {"difference", "ratio"}
        Level less base, or level over base. The interval of a ratio is symmetric in its logarithm, and z and p test a
        ratio of one.
    alpha : float, default 0.05
        One less the level of the interval.

    Returns
    -------
    DataFrame
        estimate, se, z, p, lower, upper, by the delta method; one row an outcome.

    Raises
    ------
    OptionError
        If `by` is no group, has no such level, or the scale is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.inference import contrast
    >>> from exportmodels.spread import NegativeBinomial
    >>> firms = pd.DataFrame({"countries": [1, 4, 30, 6, 5, 2, 60, 12, 9, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> results = NegativeBinomial.from_formula("countries ~ niche", firms).fit()
    >>> print(contrast(results, "niche", scale="ratio")[["estimate", "lower", "upper"]].round(2).to_string())
                        estimate  lower  upper
    niche: 1 against 0      7.06   3.38  14.71
    """
    if scale not in ("difference", "ratio"):
        raise OptionError(f"scale must be 'difference' or 'ratio', not {scale!r}")
    model, quantity = results.model, results.model.quantity(which)
    frame = model.covariates()
    known = levels_of(frame[by]) if by in frame.columns else None
    if known is None or len(known) < 2:
        raise OptionError(f"by={by!r} must be a 0/1 or categorical covariate of the model")
    if levels is not None and len(levels) != 2:
        raise OptionError(f"levels must be two, the base and the one compared with it; not {shown(levels)}")
    base, level = (known[0], known[-1]) if levels is None else levels
    unknown = [value for value in (base, level) if value not in known]
    if unknown:
        raise OptionError(f"{by!r} has no level {unknown[0]!r}; it has: {', '.join(map(str, known))}")
    designs = [model.design_matrices(with_value(frame, by, value)) for value in (base, level)]

    def compare(theta: np.ndarray) -> np.ndarray:
        start, end = (np.ravel(quantity.average(theta, design, model.sample.total_weight)) for design in designs)
        return end - start if scale == "difference" else np.log(end / start)

    at = delta(compare, results.params.to_numpy(), results.covariance.root)
    index = [f"{by}: {level} against {base}" + (f" | {name}" if name else "") for name in quantity.columns or ("",)]
    table = coefficient_table(at.estimate, at.se, index, alpha)
    if scale == "ratio":
        table[["estimate", "lower", "upper"]] = np.exp(table[["estimate", "lower", "upper"]])
        table["se"] *= table["estimate"]
    return table
