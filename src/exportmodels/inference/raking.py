"""Raking: weights that make a sample agree with known margins of its population, by iterative proportional fitting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..core.errors import ConvergenceError, DataError, OptionError, WeightError, rows_that, shown
from ..core.frames import column, listed, to_pandas
from ..core.options import checked
from .weights import read_weights


@dataclass(frozen=True)
class Raked:
    """Raked weights and how they came about.

    Attributes
    ----------
    weights : Series
        One weight a firm, with the index of the data.
    margins : DataFrame
        For each column and level: firms, and their share before raking, after raking, and in the population.
    iterations : int
        Rounds over all margins.
    gap : float
        Largest difference left between a margin and its target, relative to the target.
    design_effect : float
        Kish's factor by which the spread of the weights inflates the variance of a mean: 1 for equal weights.
    """

    weights: pd.Series
    margins: pd.DataFrame
    iterations: int
    gap: float
    design_effect: float

    def __str__(self) -> str:
        smallest, largest = self.weights.min(), self.weights.max()
        return (
            f"{len(self.weights)} firms raked in {self.iterations} rounds to a gap of {self.gap:.1e}; "
            f"weights {smallest:.4g} to {largest:.4g}, design effect {self.design_effect:.2f}\n"
            f"{self.margins.to_string(float_format='{:.3f}'.format)}"
        )


@checked
def rake(
    data: Any,
    margins: Mapping[str, Mapping[Any, float] | pd.Series],
    weights: ArrayLike | None = None,
    *,
    total: float | None = None,
    tol: float = 1e-10,
    max_iter: int = 1000,
) -> Raked:
    r"""Weight firms so that each margin of the sample agrees with the population.

    The weights are :math:`w_i = d_i \prod_k a_{k, g_k(i)}`, a factor for each level of each margin. Among all weights
    that meet the margins they are those nearest to the starting weights :math:`d` in
    :math:`\sum_i w_i \log(w_i / d_i)`. One margin after the other is met, until all are.

    Parameters
    ----------
    data : data frame
        The sample, with the margins' columns.
    margins : mapping of str to mapping (or Series) of level to float
        Column -> level -> its part of the population, as counts, shares or percentages: each margin is rescaled.
    weights : array_like, shape (n,), optional
        Starting weights, such as design weights; equal weights if not given.
    total : float, optional
        Sum of the raked weights, such as the number of firms in the population; the sum of the starting weights if
        not given.
    tol : float, default 1e-10
        Largest relative gap to a target at which the margins count as met.
    max_iter : int, default 1000
        Rounds after which raking gives up.

    Returns
    -------
    Raked
        The weights, the margins before and after, and the convergence.

    Raises
    ------
    FormulaError
        A margin names a column that the data do not have.
    DataError
        A firm's level is missing, or has no target.
    WeightError
        A target or a starting weight is not positive, or no firm has a level that the population has.
    ConvergenceError
        The margins cannot be met together, mostly because of empty combinations of levels.

    References
    ----------
    Deming, W. E. and Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the
    expected marginal totals are known. *Annals of Mathematical Statistics* 11, 427-444.

    Deville, J.-C., Särndal, C.-E. and Sautory, O. (1993). Generalized raking procedures in survey sampling. *Journal
    of the American Statistical Association* 88, 1013-1020.

    Examples
    --------
    Large firms answered too often, and services too rarely:

    >>> firms = pd.DataFrame({
    ...     "size": ["micro", "micro", "small", "small", "small", "medium"],
    ...     "offering": ["product", "service", "product", "product", "service", "product"],
    ... })
    >>> population = {"size": {"micro": 70, "small": 25, "medium": 5}, "offering": {"product": 40, "service": 60}}
    >>> print(rake(firms, population))
    6 firms raked in 11 rounds to a gap of 3.1e-11; weights 0.3 to 2.836, design effect 1.81
                      firms  before  after  population
    column   level
    size     micro        2   0.333  0.700       0.700
             small        3   0.500  0.250       0.250
             medium       1   0.167  0.050       0.050
    offering product      4   0.667  0.400       0.400
             service      2   0.333  0.600       0.600
    """
    frame = to_pandas(data)
    if not margins:
        raise OptionError("margins are empty; give at least one column with its levels and their parts")
    if max_iter < 1:
        raise OptionError(f"max_iter must be at least 1, not {max_iter}")
    if total is not None and not 0 < total < np.inf:
        raise OptionError(f"total must be positive and finite, not {total}")
    targets = {name: dict(levels) for name, levels in margins.items()}
    start = read_weights(weights, "weights", frame.index)
    codes = {name: _codes(column(frame, name, "margins"), list(levels)) for name, levels in targets.items()}
    shares = {name: _shares(name, levels) for name, levels in targets.items()}
    raked, iterations, gap = _fit(start, codes, shares, tol, max_iter)
    share = raked / raked.sum()
    raked = share * (start.sum() if total is None else total)
    return Raked(
        weights=pd.Series(raked, index=frame.index, name="weight"),
        margins=_comparison(codes, shares, start, raked),
        iterations=iterations,
        gap=gap,
        design_effect=float(len(share) * (share @ share)),
    )


def _codes(values: pd.Series, levels: list[Any]) -> np.ndarray:
    """Position of each firm's level among the margin's; every firm has one, every level has a firm."""
    codes = pd.Index(levels, dtype=object).get_indexer(values.astype(object))
    unknown = codes < 0
    if unknown.any():
        raise DataError(
            f"margin {values.name!r} has targets for {listed(levels)}; {rows_that('hold', values.index[unknown])} "
            f"{shown(values[unknown].iloc[0])} (merge, impute or leave out such firms first)"
        )
    found = np.bincount(codes, minlength=len(levels))
    for level, firms in zip(levels, found, strict=True):
        if firms == 0:
            raise WeightError(
                f"margin {values.name!r} has a target for {level!r}, but no firm of the sample is there; merge levels"
            )
    return codes


def _shares(name: str, targets: Mapping[Any, float]) -> pd.Series:
    parts = pd.Series(targets, dtype=float)
    bad = parts[~(np.isfinite(parts) & (parts > 0))]
    if len(bad):
        raise WeightError(f"targets must be positive; margin {name!r} gives {bad.index[0]!r} the part {bad.iloc[0]:g}")
    return parts / parts.sum()


def _fit(
    start: np.ndarray, codes: dict[str, np.ndarray], shares: dict[str, pd.Series], tol: float, max_iter: int
) -> tuple[np.ndarray, int, float]:
    """Meet one margin after the other until the largest relative gap is small."""
    targets = {name: share.to_numpy() for name, share in shares.items()}
    weights = start / start.sum()
    for iteration in range(1, max_iter + 1):
        for name, target in targets.items():
            weights = weights * (target / _sums(weights, codes[name]))[codes[name]]
        gaps = {name: np.abs(_sums(weights, codes[name]) / target - 1).max() for name, target in targets.items()}
        if max(gaps.values()) <= tol:
            return weights, iteration, float(max(gaps.values()))
    worst = max(gaps, key=lambda name: gaps[name])
    raise ConvergenceError(
        f"after {max_iter} rounds margin {worst!r} is still {100 * gaps[worst]:.2g} % from its target; where some "
        "combination of levels has no firms the margins can exclude each other: merge levels or drop a margin"
    )


def _sums(weights: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes, weights=weights)


def _comparison(
    codes: dict[str, np.ndarray], shares: dict[str, pd.Series], start: np.ndarray, raked: np.ndarray
) -> pd.DataFrame:
    """Firms and shares of every level before and after raking, beside the population's."""
    tables = {
        name: pd.DataFrame(
            {
                "firms": np.bincount(codes[name]),
                "before": _sums(start, codes[name]) / start.sum(),
                "after": _sums(raked, codes[name]) / raked.sum(),
                "population": share,
            }
        )
        for name, share in shares.items()
    }
    return pd.concat(tables, names=["column", "level"])
