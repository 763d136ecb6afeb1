"""The probability that a latent advantage lies between two thresholds, and its derivatives in both."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, log_expit, log_ndtr, logit, ndtr, ndtri

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)


class OrdinalLink(Protocol):
    """A symmetric distribution function F, as intervals of the latent advantage need it."""

    def distribution(self, x: np.ndarray) -> np.ndarray:
        """Return F(x)."""
        ...

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return the x at which F is p."""
        ...

    def log_tail(self, x: np.ndarray) -> np.ndarray:
        """Return log F(x)."""
        ...

    def log_between(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Return log(F(upper) - F(lower)), accurate in both tails."""
        ...

    def density(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log f(x), the logarithm of the density, and its slope."""
        ...

    def bend(self, slope: np.ndarray) -> np.ndarray:
        """Return the second derivative of log f where its slope is such."""
        ...


class LogisticInterval:
    """The logistic distribution."""

    def distribution(self, x: np.ndarray) -> np.ndarray:
        """Return F(x)."""
        return expit(x)

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return log(p / (1 - p))."""
        return logit(p)

    def log_tail(self, x: np.ndarray) -> np.ndarray:
        """Return log F(x)."""
        return log_expit(x)

    def log_between(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Return log(F(upper) - F(lower)) as log F(upper) + log F(-lower) + log(1 - exp(lower - upper))."""
        return log_expit(upper) + log_expit(-lower) + np.log(-np.expm1(lower - upper))

    def density(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log f(x) and its slope, with one exponential."""
        size = np.abs(x)
        tail = np.exp(-size)
        return -size - 2 * np.log1p(tail), np.sign(x) * (tail - 1) / (tail + 1)

    def bend(self, slope: np.ndarray) -> np.ndarray:
        """Return the second derivative of log f where its slope is such."""
        return (slope * slope - 1) / 2


class NormalInterval:
    """The standard normal distribution."""

    def distribution(self, x: np.ndarray) -> np.ndarray:
        """Return F(x)."""
        return ndtr(x)

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return the normal quantile."""
        return ndtri(p)

    def log_tail(self, x: np.ndarray) -> np.ndarray:
        """Return log F(x)."""
        return log_ndtr(x)

    def log_between(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Return log(F(upper) - F(lower)), both turned into the lower tail."""
        turn = lower + upper > 0
        high, low = log_ndtr(np.where(turn, -lower, upper)), log_ndtr(np.where(turn, -upper, lower))
        return high + np.log(-np.expm1(low - high))

    def density(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log f(x) and its slope."""
        return -0.5 * x * x - _LOG_SQRT_2PI, -x

    def bend(self, slope: np.ndarray) -> np.ndarray:
        """Return the second derivative of log f where its slope is such."""
        return np.full_like(slope, -1.0)


INTERVALS: dict[str, OrdinalLink] = {"logit": LogisticInterval(), "probit": NormalInterval()}


@dataclass(frozen=True)
class Pieces:
    """Log-likelihood and derivatives of rows of one level in their upper (a) and lower (c) end; zero where it has none.

    Parameters
    ----------
    loglike, a, c, aa, cc, ac : ndarray, shape (m,)
        The log-likelihood, its first derivatives in both ends, and its second ones.
    """

    loglike: np.ndarray
    a: np.ndarray
    c: np.ndarray
    aa: np.ndarray
    cc: np.ndarray
    ac: np.ndarray


def pieces(link: OrdinalLink, upper: np.ndarray | None, lower: np.ndarray | None) -> Pieces:
    """Return log(F(upper) - F(lower)) and its derivatives; None stands for an end at infinity."""
    if lower is None and upper is not None:
        loglike = link.log_tail(upper)
    elif upper is None and lower is not None:
        loglike = link.log_tail(-lower)
    elif upper is not None and lower is not None:
        loglike = link.log_between(lower, upper)
    none = np.zeros_like(loglike)
    a, aa = none, none
    c, cc = none, none
    if upper is not None:
        log_density, slope = link.density(upper)
        a = np.exp(log_density - loglike)
        aa = a * (slope - a)
    if lower is not None:
        log_density, slope = link.density(lower)
        c = -np.exp(log_density - loglike)
        cc = c * (slope - c)
    return Pieces(loglike, a, c, aa, cc, -a * c)
