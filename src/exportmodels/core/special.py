"""Special functions: the five that fits need most, and scipy's others, loaded when one is first used.

Loading `scipy.special` takes longer than reading a file, fitting a logit and printing its summary together.
"""

import math
from statistics import NormalDist
from typing import Any

import numpy as np

_STANDARD = NormalDist()


def expit(x: np.ndarray) -> np.ndarray:
    """Return the logistic function, to full relative precision at both ends."""
    tail = np.exp(-np.abs(x))
    return np.where(np.asarray(x) > 0, 1.0, tail) / (1 + tail)


# Bernoulli numbers B_2, B_4, ..., B_16.
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def trigamma(x: np.ndarray) -> np.ndarray:
    """Return the second derivative of log Gamma at positive numbers, to full precision.

    Eight steps of the recurrence, then the asymptotic series: a tenth of the time of scipy's general polygamma.
    """
    far = x + 8.0
    square = 1 / (far * far)
    value = np.zeros_like(far)
    for number in reversed(_BERNOULLI):
        value += number
        value *= square
    value = (1 + value) / far + 0.5 * square
    for k in range(7, -1, -1):
        near = x + k
        value += 1 / (near * near)
    return value


def two_sided(z: np.ndarray) -> np.ndarray:
    """Return the two-sided p-values of a few standard normal statistics."""
    values = np.abs(np.asarray(z, dtype=float))
    return np.array([math.erfc(value / math.sqrt(2)) for value in values.ravel()]).reshape(values.shape)


def normal_quantile(p: float) -> float:
    """Return the standard normal quantile of one probability."""
    return _STANDARD.inv_cdf(p)


def chi_squared_tail(df: float, statistic: float) -> float:
    """Return the chance that a chi-squared variable exceeds a statistic."""
    from scipy.special import chdtrc

    return float(chdtrc(df, max(statistic, 0.0)))


def __getattr__(name: str) -> Any:
    if name.startswith("__"):  # the import system asks whether this module is a package
        raise AttributeError(name)
    import scipy.special

    value = getattr(scipy.special, name)
    globals()[name] = value
    return value
