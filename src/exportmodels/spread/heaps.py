"""Counts that some respondents round to multiples of 5 or 10: a mixture over a count distribution."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .families import CountFamily
from .logs import Log


def rounded_from(y: int, to: int, least: int) -> Iterator[tuple[int, float]]:
    """Yield the counts that someone who rounds to multiples of `to` reports as `y`, and the share who do.

    A count half-way goes either way in equal parts. Nobody rounds to nothing: counts that would become zero are told as
    they are.
    """
    if 2 * y <= to:
        yield y, 0.5 if 2 * y == to else 1.0
    elif y % to == 0:
        for count in range(max(least, y - to // 2), y + to // 2 + 1):
            yield count, 0.5 if 2 * abs(count - y) == to else 1.0


@dataclass(frozen=True)
class Heaped(CountFamily):
    """Reported counts, of which some are exact and others rounded.

    Parameters
    ----------
    base : CountFamily
        The distribution of the true counts.
    to : tuple of int
        What is rounded to; each has a predictor, the log-odds of so rounding against telling the exact count.
    """

    base: CountFamily
    to: tuple[int, ...] = (5, 10)

    @property
    def predictors(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the true counts, then one for each kind of rounding."""
        return (*self.base.predictors, *(f"round_{h}" for h in self.to))

    @property
    def least(self) -> int:  # type: ignore[override]
        """The smallest count that can be."""
        return self.base.least

    def _split(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return eta[: -len(self.to)], eta[-len(self.to) :]

    def shares(self, eta: np.ndarray) -> np.ndarray:
        """Return the shares of those who round to each, shape (len(to), n)."""
        return np.exp([share.value for share in Log.shares(self._split(eta)[1])[1:]])

    def excess(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return how far those who round are likelier to report `y` than others, P(y | rounds) / f(y) - 1.

        `eta` are the predictors of the true counts. These are the scores of the shares where the shares are zero; shape
        (len(to), n).
        """
        ratio = np.zeros((len(self.to), len(y)))
        for reported in np.unique(y):
            rows = np.flatnonzero(y == reported)
            told = self.base.probability(int(reported), eta[:, rows])
            for k, to in enumerate(self.to):
                for count, part in rounded_from(int(reported), to, self.least):
                    ratio[k, rows] += part * self.base.probability(count, eta[:, rows]) / told
        return ratio - 1

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each reported count."""
        size, own = len(eta), len(self.base.predictors)
        kinds = [share.padded(size, range(own, size)) for share in Log.shares(self._split(eta)[1])]
        made = kinds[0] + self.base.log(y, eta[:own]).padded(size, range(own))
        for reported in np.unique(y):
            rows = np.flatnonzero(y == reported)
            terms = [made[rows]]
            for kind, to in zip(kinds[1:], self.to, strict=True):
                for count, part in rounded_from(int(reported), to, self.least):
                    true = self.base.log_at(count, eta[:own, rows]).padded(size, range(own))
                    terms.append(kind[rows] + true + Log.constant(np.log(part), true))
            made.put(rows, Log.total(terms))
        return made

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean of the true counts."""
        return self.base.mean(self._split(eta)[0])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Start with the rounders that the excess at the multiples suggests."""
        far = y > max(self.to) / 2
        odds = []
        for to in self.to:
            at = np.average(y[far] % to == 0, weights=weight[far]) if far.any() else 0.0
            share = np.clip((at - 1 / to) / (1 - 1 / to), 0.05, 0.9) / len(self.to)
            odds.append(np.log(share / (1 - share)))
        return np.r_[self.base.start(y, weight), odds]

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a reported count for each row."""
        true = self.base.draw(self._split(eta)[0], rng)
        edges = np.cumsum(self.shares(eta), axis=0)
        kind = (rng.uniform(size=len(true)) >= edges).sum(axis=0)
        for position, to in enumerate(self.to):
            tie = (2 * (true % to) == to) * rng.choice([-0.25, 0.25], size=len(true))
            near = to * np.round((true + tie) / to)
            true = np.where((kind == position) & (near > 0), near, true)
        return true
