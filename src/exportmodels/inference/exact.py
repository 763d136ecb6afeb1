"""Exact tests of small tables: Fisher's and the mid-p test, with odds ratio and exact interval of 2 x 2 tables."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..core.errors import DataError, OptionError
from ..core.options import at_least, checked, choose
from .freeman_halton import exact_pvalue, log_factorial, sampled_pvalue
from .tilted import ALTERNATIVES, Tilted

Alternative = Literal["two-sided", "less", "greater"]


@dataclass(frozen=True)
class ExactTest:
    """An exact test of a table of counts.

    Attributes
    ----------
    method : str
        Name of the test.
    table : tuple of tuple of int
        The counts.
    pvalue : float
        Probability, under no association, of a table at least as extreme.
    alternative : str
        ``"two-sided"``, ``"less"`` or ``"greater"`` than an odds ratio of one.
    odds_ratio : float or None
        Conditional maximum-likelihood estimate: odds of the first column in the first row over those in the second
        (0 or infinite when a cell on one diagonal is empty). None for tables larger than 2 x 2.
    conf_int : tuple of float, or None
        Interval of the odds ratio at level ``1 - alpha``. None for tables larger than 2 x 2.
    alpha : float
        One minus the level of the interval.
    """

    method: str
    table: tuple[tuple[int, ...], ...]
    pvalue: float
    alternative: str
    odds_ratio: float | None = None
    conf_int: tuple[float, float] | None = None
    alpha: float = 0.05

    def __str__(self) -> str:
        n = sum(map(sum, self.table))
        head = f"{self.method}, {len(self.table)} x {len(self.table[0])} table, n = {n}"
        tail = f"p = {self.pvalue:.4f} ({self.alternative})"
        if self.odds_ratio is None or self.conf_int is None:
            return f"{head}\n{tail}"
        lower, upper = self.conf_int
        level = f"{100 * (1 - self.alpha):g}% interval"
        return f"{head}\nodds ratio {self.odds_ratio:.4g} ({level} {lower:.4g} to {upper:.4g}), {tail}"


@checked
def fisher_exact(
    table: ArrayLike,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    draws: int | None = None,
    seed: int | None = None,
) -> ExactTest:
    r"""Test whether two groupings of the same firms are associated, exactly, however few the firms.

    Given both margins and odds ratio :math:`\psi`, the first cell of a 2 x 2 table has the probabilities

    .. math:: P(x; \psi) \propto \binom{r_1}{x} \binom{r_2}{c_1 - x} \psi^x .

    The two-sided p-value adds up the tables that are at most as probable as the one observed when
    :math:`\psi = 1`. The interval inverts the two one-sided tests, each at half of `alpha`; it may therefore contain
    one although p is below `alpha`, or the reverse, which `midp_exact` avoids.

    Parameters
    ----------
    table : array_like of int, shape (r, c)
        Counts, one group a row and one category a column; a `pandas.crosstab` will do.
    alternative : {"two-sided", "less", "greater"}, default "two-sided"
        The odds ratio's side under the alternative. Tables larger than 2 x 2 have only ``"two-sided"``.
    alpha : float, default 0.05
        One minus the level of the interval, below one half.
    draws : int, optional
        Test from so many random tables with the same margins: for tables larger than 2 x 2 which are too large to
        enumerate. The p-value counts the observed table too, so that it is valid for any number of draws.
    seed : int, optional
        Seed of the random tables.

    Returns
    -------
    ExactTest
        P-value and, for a 2 x 2 table, the conditional odds ratio with its exact interval, as `fisher.test` of R.

    Raises
    ------
    DataError
        The table is not one of counts, or has an empty row or column.
    OptionError
        An option is unknown or does not fit the table, or the table is too large to enumerate.

    References
    ----------
    Fisher, R. A. (1935). The logic of inductive inference. *Journal of the Royal Statistical Society* 98, 39-82.

    Freeman, G. H. and Halton, J. H. (1951). Note on an exact treatment of contingency, goodness of fit and other
    problems of significance. *Biometrika* 38, 141-149.

    Mehta, C. R. and Patel, N. R. (1983). A network algorithm for performing Fisher's exact test in r x c contingency
    tables. *Journal of the American Statistical Association* 78, 427-434.

    Examples
    --------
    In the report of 2009, 9 of 14 niche firms export to more than ten countries, and 2 of 17 mass firms do:

    >>> print(fisher_exact([[9, 5], [2, 15]]))
    Fisher's exact test, 2 x 2 table, n = 31
    odds ratio 12.16 (95% interval 1.734 to 153.2), p = 0.0068 (two-sided)

    Their relevant market is local, European or global (17 niche firms, 19 mass firms):

    >>> print(fisher_exact([[0, 8, 9], [9, 6, 4]]))
    Fisher's exact test, 2 x 3 table, n = 36
    p = 0.0022 (two-sided)
    """
    counts = _counts(table)
    _check_options(alternative, alpha)
    observed = _as_tuples(counts)
    if counts.shape == (2, 2):
        if draws is not None:
            raise OptionError("a 2 x 2 table is always tested exactly; leave out draws=")
        cell = _first_cell(counts)
        pvalue = cell.tail(alternative) if alternative != "two-sided" else cell.at_most_as_probable()
        interval = _interval(cell, alternative, alpha, share=1.0)
        odds_ratio = float(np.exp(cell.estimate()))
        return ExactTest("Fisher's exact test", observed, pvalue, alternative, odds_ratio, interval, alpha)
    if alternative != "two-sided":
        raise OptionError(
            f"a {counts.shape[0]} x {counts.shape[1]} table has no direction; alternative must be 'two-sided'"
        )
    if draws is None:
        return ExactTest("Fisher's exact test", observed, exact_pvalue(counts), alternative)
    at_least("draws", draws, 1)
    if seed is not None:
        at_least("seed", seed, 0)
    name = f"Fisher's exact test from {draws} random tables"
    return ExactTest(name, observed, sampled_pvalue(counts, draws, seed), alternative)


@checked
def midp_exact(table: ArrayLike, alternative: Alternative = "two-sided", alpha: float = 0.05) -> ExactTest:
    r"""Test a 2 x 2 table by the mid-p value: exact probabilities without the excess caution of Fisher's test.

    Counts are few and far between, so Fisher's test rejects a true hypothesis of no difference much more rarely than
    its level says. The mid-p value counts the observed table by half,

    .. math:: p_{less} = P(X < x; \psi) + \tfrac12 P(X = x; \psi), \qquad p_{greater} = 1 - p_{less},

    and its two-sided form is twice the smaller of the two at :math:`\psi = 1`. The interval holds the
    :math:`\psi` that are not rejected, so interval and p-value always agree. For some truths the level is exceeded
    a little; a referee who wants a guarantee gets `fisher_exact`.

    Parameters
    ----------
    table : array_like of int, shape (2, 2)
        Counts, one group a row and one category a column.
    alternative : {"two-sided", "less", "greater"}, default "two-sided"
        The odds ratio's side under the alternative.
    alpha : float, default 0.05
        One minus the level of the interval, below one half.

    Returns
    -------
    ExactTest
        Mid-p value, conditional maximum-likelihood odds ratio and mid-p interval.

    Raises
    ------
    DataError
        The table is not a 2 x 2 table of counts, or has an empty row or column.
    OptionError
        An option is unknown.

    References
    ----------
    Lancaster, H. O. (1961). Significance tests in discrete distributions. *Journal of the American Statistical
    Association* 56, 223-234.

    Hirji, K. F., Tan, S.-J. and Elashoff, R. M. (1991). A quasi-exact test for comparing two binomial proportions.
    *Statistics in Medicine* 10, 1137-1153.

    Examples
    --------
    >>> print(midp_exact([[9, 5], [2, 15]]))
    Mid-p exact test, 2 x 2 table, n = 31
    odds ratio 12.16 (95% interval 2.107 to 106.6), p = 0.0036 (two-sided)
    """
    counts = _counts(table)
    _check_options(alternative, alpha)
    if counts.shape != (2, 2):
        raise DataError(
            f"the mid-p test is for 2 x 2 tables, this one is {counts.shape[0]} x {counts.shape[1]}; "
            "use fisher_exact, or compare two categories at a time and adjust the p-values"
        )
    cell = _first_cell(counts)
    tails = {side: cell.tail(side, 0.5) for side in ("less", "greater")}
    pvalue = tails[alternative] if alternative in tails else min(1.0, 2 * min(tails.values()))
    interval = _interval(cell, alternative, alpha, share=0.5)
    odds_ratio = float(np.exp(cell.estimate()))
    return ExactTest("Mid-p exact test", _as_tuples(counts), pvalue, alternative, odds_ratio, interval, alpha)


def _first_cell(counts: np.ndarray) -> Tilted:
    """Return the first cell of a 2 x 2 table given the margins, a noncentral hypergeometric variable."""
    (row, other), (column, _) = counts.sum(axis=1), counts.sum(axis=0)
    support = np.arange(max(0, column - other), min(row, column) + 1)
    filled = [support, row - support, column - support, other - column + support]
    return Tilted(support, -sum(map(log_factorial, filled), np.zeros(len(support))), counts[0, 0])


def _interval(cell: Tilted, alternative: str, alpha: float, share: float) -> tuple[float, float]:
    """Return the interval of the odds ratio."""
    lower, upper = np.exp(cell.interval(alternative, alpha, share))
    return float(lower), float(upper)


def _counts(table: ArrayLike) -> np.ndarray:
    """Check that the table holds counts and that no row or column is empty."""
    try:
        values = np.asarray(table)
    except ValueError:  # rows of different lengths
        raise DataError("a table needs rows of the same length, one count a cell") from None
    if values.ndim != 2 or min(values.shape) < 2:
        raise DataError(f"a table needs at least two rows and two columns of counts; this one has shape {values.shape}")
    if not np.issubdtype(values.dtype, np.number):
        raise DataError(f"a table must hold counts, not values of type {values.dtype}")
    bad = ~(np.isfinite(values) & (values >= 0) & (values == np.floor(values)))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise DataError(
            f"a table must hold whole counts of firms; row {row + 1}, column {column + 1} holds "
            f"{values[row, column]} (percentages must be turned into counts first)"
        )
    for what, axis in (("row", 1), ("column", 0)):
        empty = np.flatnonzero(values.sum(axis=axis) == 0)
        if empty.size:
            raise DataError(
                f"{what} {empty[0] + 1} of the table holds no firms, so nothing can be compared there; leave it out"
            )
    return values.astype(np.int64)


def _as_tuples(counts: np.ndarray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())


def _check_options(alternative: str, alpha: float) -> None:
    choose("alternative", alternative, ALTERNATIVES)
    if not 0 < alpha < 0.5:
        raise OptionError(f"alpha must lie between 0 and 0.5, not {alpha}; 0.05 gives a 95 % interval")
