"""What every count distribution gives, and how one is made of another: truncated, or known between limits only."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .logs import Log, log_one_minus

# Draws by inversion stop here: a count beyond it has been given a probability of nothing.
_LONGEST_DRAW = 100_000
# An upper tail below the first of these is added up itself, in so many terms at most: one less the counts under it
# has no digits left. Below the second the terms that are beyond the most are worth less than the digits lost.
_TAIL, _DEEP = 1e-2, 1e-8
_MOST_TERMS = 10_000
# Terms are added up until each is this small beside their sum.
_NEGLIGIBLE = np.log(1e-19)
# Several counts are looked at together for so many rows times counts: enough to hide numpy's overhead.
_TOGETHER = 65_536


class CountFamily:
    """Base of the count distributions; a subclass gives `log`, `mean` and `start`.

    Attributes
    ----------
    predictors : tuple of str
        Names of the linear predictors.
    least : int
        The smallest count that can be.
    """

    predictors: tuple[str, ...] = ("log_mean",)
    least: int = 0

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each count with its derivatives."""
        raise NotImplementedError

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count, shape (n,)."""
        raise NotImplementedError

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return values of the predictors to start from, shape (K,)."""
        raise NotImplementedError

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-probability of each count, shape (n,)."""
        return self.log(y, eta).value

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return its first (K, n) and second derivatives (K, K, n)."""
        made = self.log(y, eta)
        return made.first, made.second

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log-probability and both derivatives in one go."""
        made = self.log(y, eta)
        return made.value, made.first, made.second

    def log_at(self, k: int, eta: np.ndarray) -> Log:
        """Return the log-probability of the count `k` with its derivatives."""
        return self.log(np.full(eta.shape[1], float(k)), eta)

    def probability(self, k: int, eta: np.ndarray) -> np.ndarray:
        """Return P(Y = k)."""
        return np.exp(self.loglike(np.full(eta.shape[1], float(k)), eta))

    def at_most(self, k: int, eta: np.ndarray) -> np.ndarray:
        """Return P(Y <= k)."""
        total = sum((p.sum(axis=0) for _, p in self.probabilities(self.least, k, eta)), np.zeros(eta.shape[1]))
        return np.minimum(total, 1.0)

    def probabilities(self, low: int, high: int, eta: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield some of the counts from `low` to `high`, (m,), and their probabilities, (m, n), until none is left."""
        for counts in _slabs(low, high, eta.shape[1]):
            yield counts, np.exp(self.loglike(*_crossed(counts, eta)).reshape(len(counts), -1))

    def added(self, low: int, high: int, eta: np.ndarray) -> Log:
        """Return log P(low <= Y <= high) with its derivatives, by adding up the counts."""
        slabs = _slabs(low, high, eta.shape[1])
        return Log.total([self.log(*_crossed(counts, eta)).summed(len(counts)) for counts in slabs])

    def between(self, low: int, high: float, eta: np.ndarray) -> Log:
        """Return log P(low <= Y <= high) with its derivatives; the upper limit may be infinite."""
        if np.isfinite(high):
            return self.added(low, int(high), eta)
        if low <= self.least:
            return Log.constant(0.0, self.log_at(self.least, eta))
        with np.errstate(invalid="ignore"):
            tail = self.added(self.least, low - 1, eta).complement()
        small = np.flatnonzero(~(tail.probability > _TAIL))
        if len(small):
            added, settled = self._upper(low, eta[:, small])
            better = settled | ~(tail.probability[small] > _DEEP)
            tail.put(small[better], added[better])
        return tail

    def _upper(self, low: int, eta: np.ndarray) -> tuple[Log, np.ndarray]:
        """Return log P(Y >= low) as a sum from `low` upwards, and the rows in which all terms that count are in it."""
        total, going = self.log_at(low, eta), np.arange(eta.shape[1])
        for k in range(low + 1, low + _MOST_TERMS):
            term, last = self.log_at(k, eta[:, going]), total[going]
            # a term that is NaN lies beyond the support
            more = term.value - last.value > _NEGLIGIBLE
            going = going[more]
            if not len(going):
                break
            total.put(going, Log.total([last[more], term[more]]))
        settled = np.ones(eta.shape[1], dtype=bool)
        settled[going] = False
        return total, settled

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row, by inversion of the distribution function."""
        n, k = eta.shape[1], self.least
        left = np.asarray(rng.uniform(size=n))
        count, waiting = np.full(n, float(k)), np.arange(n)
        while len(waiting) and k < _LONGEST_DRAW:
            left[waiting] -= self.probability(k, eta[:, waiting])
            waiting = waiting[left[waiting] > 0]
            k += 1
            count[waiting] = k
        return count


def _crossed(counts: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each count for each row, (m n,), one count after the other, and the predictors that belong to them."""
    return np.repeat(counts, eta.shape[1]), np.tile(eta, (1, len(counts)))


def _slabs(low: int, high: int, rows: int) -> Iterator[np.ndarray]:
    """Yield the counts from `low` to `high`, as many together as is quick for so many rows."""
    counts, each = np.arange(low, high + 1.0), max(_TOGETHER // max(rows, 1), 1)
    return (counts[first : first + each] for first in range(0, len(counts), each))


@dataclass(frozen=True)
class Truncated(CountFamily):
    """A distribution of which only counts from `least` to `most` are seen.

    Parameters
    ----------
    base : CountFamily
        The whole distribution.
    least : int, default 1
        The smallest count that is seen: 0 or 1.
    most : int, optional
        The largest one that can be.
    """

    base: CountFamily
    least: int = 1
    most: int | None = None

    @property
    def predictors(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the whole distribution."""
        return self.base.predictors

    def _seen(self, eta: np.ndarray) -> Log:
        if self.most is not None:
            return self.base.between(self.least, self.most, eta)
        return self.base.log_at(0, eta).complement()

    def between(self, low: int, high: float, eta: np.ndarray) -> Log:
        """Return log P(low <= Y <= high) among the counts that are seen."""
        most = np.inf if self.most is None else self.most
        low, high = max(low, self.least), min(high, most)
        if low == self.least and high == most:
            return Log.constant(0.0, self.base.log_at(low, eta))
        return self.base.between(low, high, eta) - self._seen(eta)

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return log f(y) less the log-probability of being seen."""
        return self.base.log(y, eta) - self._seen(eta)

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-probability of each count, shape (n,); minus infinity where it cannot be."""
        whole = self.base.loglike(y, eta)
        if self.most is not None:
            return np.where((y < self.least) | (y > self.most), -np.inf, whole - self._seen(eta).value)
        return np.where(y < self.least, -np.inf, whole - log_one_minus(-self.base.loglike(np.zeros_like(eta[0]), eta)))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean of the counts that can be seen."""
        if self.most is not None:
            seen, weighted = np.zeros((2, eta.shape[1]))
            for counts, p in self.base.probabilities(self.least, self.most, eta):
                seen += p.sum(axis=0)
                weighted += counts @ p
            return weighted / seen
        return self.base.mean(eta) / -np.expm1(self.base.loglike(np.zeros(eta.shape[1]), eta))

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the base's values, with a mean less what truncation adds to it."""
        start = self.base.start(y, weight)
        if self.least:
            mean = np.average(y, weights=weight)
            start[0] = np.log(max(mean - np.exp(1 - mean), 0.05))
        return start

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw from the whole distribution until a count can be seen; invert where that is rare."""
        count = self.base.draw(eta, rng)
        for _ in range(20):
            wrong = np.flatnonzero((count < self.least) | (count > (np.inf if self.most is None else self.most)))
            if not len(wrong):
                return count
            count[wrong] = self.base.draw(eta[:, wrong], rng)
        count[wrong] = super().draw(eta[:, wrong], rng)
        return count


@dataclass(frozen=True)
class Between(CountFamily):
    """Counts of which some are known between two limits only: brackets, or "50 or more".

    The outcome has two columns, lower and upper limit, both included; the upper one may be infinite.

    Parameters
    ----------
    base : CountFamily
        The distribution of the counts themselves.
    """

    base: CountFamily

    @property
    def predictors(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the counts themselves."""
        return self.base.predictors

    @property
    def least(self) -> int:  # type: ignore[override]
        """The smallest count that can be."""
        return self.base.least

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return log f(y), or the log-probability of the bracket."""
        if y.ndim == 1:
            return self.base.log(y, eta)
        lower, upper = y.T
        made = self.base.log(lower, eta)
        for low, high in np.unique(y[lower < upper], axis=0):
            rows = np.flatnonzero((lower == low) & (upper == high))
            made.put(rows, self.base.between(int(low), high, eta[:, rows]))
        return made

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count."""
        return self.base.mean(eta)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the base's values for the middle of each bracket, or half as much again as an open one's limit."""
        if y.ndim == 1:
            return self.base.start(y, weight)
        lower, upper = y.T
        middle = np.where(np.isfinite(upper), (lower + upper) / 2, 1.5 * lower + 1)
        return self.base.start(middle, weight)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw exact counts."""
        return self.base.draw(eta, rng)
