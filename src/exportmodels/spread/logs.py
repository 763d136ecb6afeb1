"""Log-probabilities that carry their derivatives, so that likelihoods can be made of others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Log:
    """The logarithm of a probability for each row, with its derivatives in the linear predictors.

    Sums of logarithms are products of probabilities; `total` is the sum of probabilities, `complement` one less a
    probability, `padded` the same probability among more predictors.

    Parameters
    ----------
    value : ndarray, shape (n,)
        The logarithm.
    first : ndarray, shape (K, n)
        First derivatives.
    second : ndarray, shape (K, K, n)
        Second derivatives.
    """

    value: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def probability(self) -> np.ndarray:
        """The probability itself, shape (n,)."""
        return np.exp(self.value)

    def __add__(self, other: "Log") -> "Log":
        return Log(self.value + other.value, self.first + other.first, self.second + other.second)

    def __sub__(self, other: "Log") -> "Log":
        return Log(self.value - other.value, self.first - other.first, self.second - other.second)

    def __getitem__(self, rows: np.ndarray) -> "Log":
        return Log(self.value[rows], self.first[:, rows], self.second[:, :, rows])

    def put(self, rows: np.ndarray, other: "Log") -> None:
        """Overwrite some rows."""
        self.value[rows], self.first[:, rows], self.second[:, :, rows] = other.value, other.first, other.second

    def complement(self) -> "Log":
        """Return log(1 - p)."""
        with np.errstate(divide="ignore", over="ignore"):
            odds = 1 / np.expm1(-self.value)
        cross = self.first[:, None] * self.first[None]
        return Log(log_one_minus(-self.value), -odds * self.first, -odds * self.second - odds * (1 + odds) * cross)

    def padded(self, predictors: int, at: Sequence[int]) -> "Log":
        """Return the same among `predictors` predictors, its own standing at the positions `at`."""
        n, where = len(self.value), np.asarray(at)
        first, second = np.zeros((predictors, n)), np.zeros((predictors, predictors, n))
        first[where] = self.first
        second[np.ix_(where, where)] = self.second
        return Log(self.value, first, second)

    @staticmethod
    def total(terms: Sequence["Log"]) -> "Log":
        """Return the log of the sum of the probabilities."""
        return _summed(*(np.stack(parts, axis=-2) for parts in zip(*map(_parts, terms), strict=True)))

    def summed(self, batches: int) -> "Log":
        """Return the log of the sum of the probabilities of batches of rows, which stand one after the other."""
        return _summed(*(part.reshape(*part.shape[:-1], batches, -1) for part in _parts(self)))

    @staticmethod
    def shares(eta: np.ndarray) -> list["Log"]:
        """Return log shares of K + 1 classes, the first being the base, for their log-odds `eta`, shape (K, n)."""
        classes, n = eta.shape
        odds = np.vstack([np.zeros(n), eta])
        largest = odds.max(axis=0)
        values = odds - largest - np.log(np.exp(odds - largest).sum(axis=0))
        p = np.exp(values[1:])
        second = p[:, None] * p[None]
        second[np.arange(classes), np.arange(classes)] -= p
        return [Log(value, unit[:, None] - p, second) for value, unit in zip(values, _units(classes), strict=True)]

    @staticmethod
    def constant(value: float, like: "Log") -> "Log":
        """Return a probability that no predictor moves."""
        return Log(np.full_like(like.value, value), np.zeros_like(like.first), np.zeros_like(like.second))


def log_one_minus(lam: np.ndarray) -> np.ndarray:
    """Return log(1 - exp(-lam)) without loss of digits at either end."""
    with np.errstate(divide="ignore"):
        return np.where(lam < np.log(2), np.log(-np.expm1(-lam)), np.log1p(-np.exp(-lam)))


def _parts(log: Log) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return log.value, log.first, log.second


def _summed(values: np.ndarray, first: np.ndarray, second: np.ndarray) -> Log:
    """Return the log of the sum of probabilities over the last axis but one of their logs and derivatives."""
    largest = np.where(np.isfinite(values.max(axis=0)), values.max(axis=0), 0.0)
    with np.errstate(divide="ignore"):
        value = largest + np.log(np.exp(values - largest).sum(axis=0))
        shares = np.exp(values - value)
    slope = (shares * first).sum(axis=-2)
    apart = first - slope[:, None]
    return Log(value, slope, (shares * (second + apart[:, None] * apart[None])).sum(axis=-2))


def _units(classes: int) -> np.ndarray:
    return np.eye(classes + 1)[:, 1:]
