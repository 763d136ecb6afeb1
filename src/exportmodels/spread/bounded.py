"""Counts out of a known number: binomial and beta-binomial log-probabilities with their derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln

from .families import CountFamily
from .logs import Log


def _log_choose(size: int, y: np.ndarray) -> np.ndarray:
    """Return the log of the number of ways; minus infinity beyond `size`."""
    return gammaln(size + 1) - gammaln(y + 1) - gammaln(size - y + 1)


@dataclass(frozen=True)
class Binomial(CountFamily):
    """Binomial: each of `size` has the same probability, logistic(eta).

    Parameters
    ----------
    size : int
        Out of how many.
    predictors : tuple of str
        The log-odds.
    """

    size: int
    predictors: tuple[str, ...] = ("probability",)

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each count with its derivatives."""
        no, yes = Log.shares(eta)
        value = _log_choose(self.size, y) + y * yes.value + (self.size - y) * no.value
        return Log(value, (y - self.size * yes.probability)[None], self.size * yes.second)

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count."""
        return self.size * expit(eta[0])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the log-odds of the mean share."""
        share = np.clip(np.average(y, weights=weight) / self.size, 0.01, 0.99)
        return np.array([np.log(share / (1 - share))])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row."""
        return rng.binomial(self.size, expit(eta[0])).astype(float)


@dataclass(frozen=True)
class BetaBinomial(CountFamily):
    """Beta-binomial: the probability is beta, with mean logistic(eta_0) and precision exp(eta_1).

    Parameters
    ----------
    size : int
        Out of how many, two at least.
    predictors : tuple of str
        The log-odds of the mean and the log precision.
    """

    size: int
    predictors: tuple[str, ...] = ("probability", "log_precision")

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each count with its derivatives, by sums over the members of `size`."""
        share, precision = expit(eta[0]), np.exp(eta[1])
        rest = expit(-eta[0])
        a, b = share * precision, rest * precision
        up, down = _rising(y, a, self.size), _rising(self.size - y, b, self.size)
        both = _rising(np.full_like(y, self.size), precision, self.size)
        value = _log_choose(self.size, y) + up[0] + down[0] - both[0]
        da, db = up[1] - both[1], down[1] - both[1]
        aa, bb, ab = up[2] - both[2], down[2] - both[2], -both[2]
        turn = precision * share * rest
        first = np.stack([turn * (da - db), a * da + b * db])
        bend = turn**2 * (aa - 2 * ab + bb) + turn * (rest - share) * (da - db)
        cross = turn * (a * aa + (b - a) * ab - b * bb) + turn * (da - db)
        curve = a**2 * aa + 2 * a * b * ab + b**2 * bb + first[1]
        return Log(value, first, np.array([[bend, cross], [cross, curve]]))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count."""
        return self.size * expit(eta[0])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return moment estimates."""
        share = np.clip(np.average(y, weights=weight) / self.size, 0.01, 0.99)
        variance = np.average((y - self.size * share) ** 2, weights=weight)
        excess = variance / (self.size * share * (1 - share)) - 1
        likeness = np.clip(excess / (self.size - 1), 0.02, 0.8)
        return np.log([share / (1 - share), 1 / likeness - 1])

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row."""
        share, precision = expit(eta[0]), np.exp(eta[1])
        return rng.binomial(self.size, rng.beta(share * precision, (1 - share) * precision)).astype(float)


def _rising(y: np.ndarray, a: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sum_{j<y} log(a + j) with its first two derivatives in a."""
    value, first, second = np.zeros((3, len(y)))
    for j in range(size):
        counted = y > j
        value += np.where(counted, np.log(a + j), 0.0)
        first += counted / (a + j)
        second -= counted / (a + j) ** 2
    return value, first, second
