"""What a survey says of a mean when some firms did not answer, or answered in brackets: bounds instead of guesses."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from ..core.errors import DataError, OptionError, rows
from ..core.frames import numbers, series_of
from ..core.options import checked, shown, upper_end
from .weights import read_weights


@dataclass(frozen=True)
class Bounds:
    """Bounds of a mean that answers alone cannot pin down.

    Attributes
    ----------
    lower, upper : float
        Mean if every unknown part of every answer were as low, and as high, as it can be.
    lower_se, upper_se : float
        Standard errors of the two.
    conf_int : tuple of float
        Imbens-Manski interval: covers the true mean, wherever it lies between the bounds, at level ``1 - alpha``.
    answered, nobs : int
        Firms that answered, and all firms.
    alpha : float
        One minus the level of the interval.
    """

    lower: float
    upper: float
    lower_se: float
    upper_se: float
    conf_int: tuple[float, float]
    answered: int
    nobs: int
    alpha: float

    def __str__(self) -> str:
        low, high = self.conf_int
        return (
            f"between {self.lower:.4g} and {self.upper:.4g} "
            f"({100 * (1 - self.alpha):g}% interval {low:.4g} to {high:.4g}); "
            f"{self.answered} of {self.nobs} firms answered"
        )


@checked
def nonresponse_bounds(
    values: ArrayLike,
    upper: ArrayLike | None = None,
    *,
    limits: tuple[float, float] = (0.0, 1.0),
    frequency: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    alpha: float = 0.05,
) -> Bounds:
    r"""Worst-case bounds of a mean or share when answers are missing, whatever the reason they are missing.

    A firm that does not answer may have any value within the limits, so

    .. math:: \frac1n \sum_i l_i \le \mu \le \frac1n \sum_i u_i ,

    with :math:`l_i = u_i` for a firm that answered exactly, the ends of the bracket for one that ticked a bracket,
    and the limits for one that did not answer. Leaving those firms out instead assumes that they are like the
    others. The interval is that of Imbens and Manski: each bound moves outwards by :math:`c` standard errors, where

    .. math:: \Phi\left(c + \frac{\hat u - \hat l}{\max(s_l, s_u)}\right) - \Phi(-c) = 1 - \alpha .

    Parameters
    ----------
    values : array_like, shape (n,)
        Answers, NaN where there is none; the lower ends, where answers are brackets.
    upper : array_like, shape (n,), optional
        Upper ends of the brackets, equal to `values` for exact answers.
    limits : tuple of float, default (0, 1)
        Smallest and largest value that an answer can have.
    frequency : array_like of int, shape (n,), optional
        How many identical firms each row stands for.
    weights : array_like, shape (n,), optional
        Sampling weights.
    alpha : float, default 0.05
        One minus the level of the interval.

    Returns
    -------
    Bounds
        Both bounds, their standard errors, the interval, and how many answered.

    Raises
    ------
    DataError
        Answers are outside the limits, brackets are upside down, lengths differ, or there are no rows.
    WeightError
        Frequencies are not whole numbers, or weights are negative, missing or all zero.
    OptionError
        Limits or `alpha` cannot be used.

    References
    ----------
    Manski, C. F. (1989). Anatomy of the selection problem. *Journal of Human Resources* 24, 343-360.

    Imbens, G. W. and Manski, C. F. (2004). Confidence intervals for partially identified parameters. *Econometrica*
    72, 1845-1857.

    Examples
    --------
    Of 100 Belgian firms asked for the turnover that they export, 8 gave a figure, 67 said none, and 25 did not know
    or did not answer (report of 2009, section 1.4). How many export?

    >>> print(nonresponse_bounds([1, 0, np.nan], frequency=[8, 67, 25]))
    between 0.08 and 0.33 (95% interval 0.03538 to 0.4073); 75 of 100 firms answered
    """
    low, high = _limits(limits, alpha)
    labels = series_of(values, "values").index
    lower_end, upper_end, answered = _intervals(values, upper, low, high, labels)
    count = read_weights(frequency, "frequency", labels)
    weight = read_weights(weights, "weights", labels)
    lower_mean, lower_se = _mean(lower_end, count, weight)
    upper_mean, upper_se = _mean(upper_end, count, weight)
    reach = _reach(upper_mean - lower_mean, max(lower_se, upper_se), alpha)
    interval = (max(low, lower_mean - reach * lower_se), min(high, upper_mean + reach * upper_se))
    known, nobs = int(count[answered].sum()), int(count.sum())
    return Bounds(lower_mean, upper_mean, lower_se, upper_se, interval, known, nobs, alpha)


def _limits(limits: tuple[float, float], alpha: float) -> tuple[float, float]:
    low, high = limits if len(limits) == 2 else (np.nan, np.nan)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise OptionError(f"limits must be two finite numbers, the smaller first, not {shown(limits)}")
    if not 0 < alpha < 1:
        raise OptionError(f"alpha must lie between 0 and 1, not {alpha}; 0.05 gives a 95 % interval")
    return float(low), float(high)


def _intervals(
    values: ArrayLike, upper: ArrayLike | None, low: float, high: float, labels: pd.Index
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least and most that each firm can have, and which firms answered."""
    if not len(labels):
        raise DataError("there are no rows, so nothing is known of the mean")
    least = numbers(values, "values", labels, finite=False)
    ends = series_of(values if upper is None else upper, "upper")
    if len(ends) != len(least):
        raise DataError(f"brackets need as many upper ends as lower ones; {len(ends)} against {len(least)}")
    most = numbers(ends.set_axis(labels), "upper", labels, finite=False)
    answered = ~(np.isnan(least) & np.isnan(most))
    least, most = np.where(np.isnan(least), low, least), np.where(np.isnan(most), high, most)
    outside = (least < low) | (most > high)
    if outside.any():
        raise DataError(
            f"answers must lie within the limits {low:g} to {high:g} (set by limits=); {rows(labels[outside])} do not"
        )
    crossed = least > most
    if crossed.any():
        raise DataError(f"a bracket must not end below its start; {rows(labels[crossed])} do")
    return least, most, answered


def _mean(values: np.ndarray, count: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Weighted mean and its linearized standard error."""
    total = count @ weight
    mean = (count * weight) @ values / total
    error = np.sqrt(count @ (weight * (values - mean)) ** 2) / total
    return float(mean), float(error)


def _reach(width: float, error: float, alpha: float) -> float:
    """Number of standard errors by which each bound moves outwards."""
    from scipy.optimize import brentq

    if error == 0:
        return 0.0
    one_sided, two_sided = ndtri(1 - alpha), ndtri(upper_end(alpha))

    def excess_coverage(c: float) -> float:
        return ndtr(c + width / error) - ndtr(-c) - (1 - alpha)

    return float(brentq(excess_coverage, one_sided, two_sided + 1, xtol=1e-13))
