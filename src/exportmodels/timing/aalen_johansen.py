"""Aalen and Johansen's estimate: the share of firms that have made each first move by each time."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shares:
    """One group's shares by time.

    Parameters
    ----------
    waiting : ndarray, shape (T,)
        The share without any move after each time.
    moved : ndarray, shape (K, T)
        The share whose first move was k, by each time.
    variance : ndarray, shape (K, T)
        Variances of `moved`.
    """

    waiting: np.ndarray
    moved: np.ndarray
    variance: np.ndarray


def shares(at_risk: np.ndarray, events: np.ndarray) -> Shares:
    """Estimate the shares of a group.

    The variance is that of the delta method for multinomial moves among those at risk at each time: Greenwood's, where
    there is one move.

    Parameters
    ----------
    at_risk : ndarray, shape (T,)
        Firms at risk just before each time.
    events : ndarray, shape (K, T)
        Moves of each kind at each time.
    """
    n = np.where(at_risk > 0, at_risk, 1.0)
    total = events.sum(axis=0)
    waiting = np.cumprod(1 - total / n)
    before = np.r_[1.0, waiting[:-1]]
    moved = np.cumsum(before * events / n, axis=1)
    variance = [_variance(n, own, total, before, path) for own, path in zip(events, moved, strict=True)]
    return Shares(waiting, moved, np.array(variance))


def _variance(n: np.ndarray, own: np.ndarray, total: np.ndarray, before: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Return sums over earlier times s of the variance of what F(t) moves by with the moves at s, shape (T,)."""
    # a move of another kind at s lowers F(t) by F(t) - F(s), relative to who waits; an own one also adds to it
    stay = n - total
    ending = stay <= 0
    rest = 1 / np.where(ending, 1.0, n * stay)
    greenwood = np.where(ending, 0.0, total * rest)
    a = np.cumsum(greenwood)
    b = np.cumsum(greenwood * path)
    c = np.cumsum(greenwood * path**2)
    squares = path**2 * a - 2 * path * b + c
    jump = before * own / n**2
    crossed = path * np.cumsum(jump) - np.cumsum(jump * path)
    direct = np.cumsum(before**2 * own * (n - own) / n**3)
    return np.maximum(squares + direct - 2 * crossed, 0.0)
