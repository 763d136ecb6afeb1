"""Rank tests of equal survival: log-rank and its weighted, stratified and trend forms, for any number of groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError
from ..core.frames import column, to_pandas
from ..core.hypotheses import Test
from ..core.options import checked
from ..core.special import chi_squared_tail
from .curve_model import CurveModel
from .risk_table import RiskTable


@dataclass(frozen=True)
class RankTest(Test):
    """The result of a rank test.

    Parameters
    ----------
    table : DataFrame
        firms, observed and expected events, one row a group; weighted, where the test is.
    """

    table: pd.DataFrame | None = None


@checked
def logrank_test(
    outcome: Any,
    by: Any,
    *,
    event: Any,
    entry: Any = None,
    strata: Any = None,
    frequency: Any = None,
    rho: float = 0.0,
    gamma: float = 0.0,
    trend: bool | Sequence[float] = False,
    data: Any = None,
) -> RankTest:
    """Test whether groups of firms have the same hazard at all times.

    Parameters
    ----------
    outcome : array_like, shape (n,), or str
        Time until the event or the end of observation.
    by : array_like, shape (n,), or str
        The groups.
    event : array_like, shape (n,), or str
        1 where the duration ends with the event, 0 where it is cut off.
    entry : array_like, shape (n,), or str, optional
        Time after which the firm was observed.
    strata : array_like, shape (n,), or str, optional
        Firms are compared only with firms of the same stratum.
    frequency : array_like, shape (n,), or str, optional
        How many identical firms a row stands for.
    rho, gamma : float, default 0
        Fleming and Harrington's weights S^rho (1 - S)^gamma: 0, 0 is the log-rank test, 1, 0 looks at early
        differences, 0, 1 at late ones.
    trend : bool or sequence of float, default False
        Test for a trend over the groups in their order, scored 1, 2, 3, ... or as given.
    data : data frame, optional
        The table whose columns the names stand for.

    Returns
    -------
    RankTest
        Statistic, degrees of freedom, p-value, and the observed and expected events of each group.

    Raises
    ------
    DataError
        If there is one group only, or no time at which firms of two groups are at risk.

    Notes
    -----
    With d_gj of the d_j events at t_j in group g, n_gj of the n_j firms at risk, and weights w_j of the pooled survival
    just before t_j, the test rests on [1]_::

        U_g = sum_j w_j (d_gj - d_j n_gj / n_j),
        V_gh = sum_j w_j^2 d_j (n_j - d_j) / (n_j - 1) (n_gj / n_j) (1[g = h] - n_hj / n_j)

    both added up over strata.

    References
    ----------
    .. [1] Fleming, T. R. and Harrington, D. P. (1991). Counting Processes and Survival Analysis. Wiley, chapter 7.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import logrank_test
    >>> firms = pd.DataFrame({
    ...     "years": [0, 0, 1, 1, 2, 3, 0, 1, 2, 3, 3, 3],
    ...     "exported": [1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    ... })
    >>> test = logrank_test("years", "niche", event="exported", data=firms)
    >>> print(test)
    log-rank test of niche: chi2(1) = 1.8071, p = 0.1789
    >>> print(test.table.round(2).to_string())
       firms  observed  expected
    0      6       3.0      4.69
    1      6       5.0      3.31
    """
    if data is not None:
        frame = to_pandas(data)
        given = {"outcome": outcome, "by": by, "event": event, "entry": entry, "strata": strata, "frequency": frequency}
        read = {name: column(frame, v, name) if isinstance(v, str) else v for name, v in given.items()}
        outcome, by, event, entry, strata, frequency = read.values()
    model = CurveModel(outcome, by, event=event, entry=entry, frequency=frequency)
    if len(model.levels) < 2:
        raise DataError("a rank test compares groups; there is one only")
    if rho < 0 or gamma < 0:
        raise OptionError("rho and gamma must not be negative")
    labels = None if strata is None else model.sample.align(strata, "strata", None)
    score = np.zeros((2, len(model.levels)))
    variance = np.zeros((len(model.levels),) * 2)
    for table in _tables(model, labels):
        observed, expected, own = _compare(table, rho, gamma)
        score += observed, expected
        variance += own
    return _tested(model, score, variance, trend, _name(model.by, labels is not None, rho, gamma, trend is not False))


def _tables(model: CurveModel, strata: np.ndarray | None) -> Iterator[RiskTable]:
    spells, groups = model.spells, len(model.levels)
    group = model.group
    assert group is not None
    if strata is None:
        yield RiskTable.of(spells, group, groups)
        return
    code = pd.factorize(strata)[0]
    for stratum in range(code.max() + 1):
        own = code == stratum
        if not spells.event[own].any():
            continue  # nothing happens in it that could be compared
        yield RiskTable.of(spells.take(own), group[own], groups)


def _compare(table: RiskTable, rho: float, gamma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weighted observed and expected events of each group, and the variance of their difference."""
    at_risk, events = table.at_risk.sum(axis=0), table.events.sum(axis=0)
    happened = events > 0
    share = np.cumprod(1 - events[happened] / at_risk[happened])
    before = np.r_[1.0, share[:-1]]
    weight = before**rho * (1 - before) ** gamma
    n, d, own = at_risk[happened], events[happened], table.at_risk[:, happened] / at_risk[happened]
    spread = np.divide(weight**2 * d * (n - d), n - 1, where=n > 1, out=np.zeros_like(n))
    variance = np.diag(own @ spread) - (own * spread) @ own.T
    return table.events[:, happened] @ weight, own @ (weight * d), variance


def _tested(
    model: CurveModel, score: np.ndarray, variance: np.ndarray, trend: bool | Sequence[float], name: str
) -> RankTest:
    gap = score[0] - score[1]
    if trend is not False:
        scores = np.arange(1.0, len(gap) + 1) if trend is True else np.asarray(trend, dtype=float)
        if scores.shape != gap.shape:
            raise OptionError(f"trend must give a score to each of the {len(gap)} groups: {model.levels}")
        gap, variance = np.atleast_1d(scores @ gap), np.atleast_2d(scores @ variance @ scores)
    root = np.sqrt(np.maximum(np.diag(variance), 1e-300))
    if not (np.diag(variance) > 0).any():
        raise DataError("no two groups are ever at risk at the same time as an event: there is nothing to compare")
    df = int(np.linalg.matrix_rank(variance / np.outer(root, root), tol=1e-9, hermitian=True))
    statistic = float(gap @ np.linalg.pinv(variance, hermitian=True) @ gap)
    size = np.bincount(model.sample.columns["by"], model.sample.frequency, len(model.levels))
    table = pd.DataFrame({"firms": size, "observed": score[0], "expected": score[1]}, index=model.levels)
    return RankTest(name, statistic, df, chi_squared_tail(df, statistic), table=table)


def _name(by: str, stratified: bool, rho: float, gamma: float, trend: bool) -> str:
    kind = "log-rank test" if rho == gamma == 0 else f"Fleming-Harrington test ({rho:g}, {gamma:g})"
    return f"{'stratified ' if stratified else ''}{kind} of {by}{', trend' if trend else ''}"
