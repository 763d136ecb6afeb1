"""Counts that some respondents round to multiples of 5 or 10: a mixture over a count distribution."""

from dataclasses import dataclass

import numpy as np

from .families import CountFamily
from .logs import Log

_LOG_2 = np.log(2)


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

    def rounded(self, y: np.ndarray, eta: np.ndarray, to: int, exact: Log) -> Log:
        """Return the log-probability that someone who rounds to multiples of `to` reports each count.

        `eta` are the predictors of the true counts, `exact` is the log-probability of `y` among these. A count half-way
        goes either way in equal parts. Nobody rounds to nothing: counts that would become zero are told as they are.
        """
        near = np.where(2 * y < to, 0.0, np.where(2 * y == to, _LOG_2, np.inf))
        made = Log(exact.value - near, exact.first.copy(), exact.second.copy())
        told = np.flatnonzero((y > 0) & (y % to == 0))
        away = np.arange(-(to // 2), to // 2 + 1.0)
        true = self.base.log(np.add.outer(away, y[told]).ravel(), np.tile(eta[:, told], len(away)))
        true.value[np.repeat(2 * np.abs(away) == to, len(told))] -= _LOG_2
        made.put(told, true.summed(len(away)))
        return made

    def excess(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return how far those who round are likelier to report `y` than others, P(y | rounds) / f(y) - 1.

        `eta` are the predictors of the true counts. These are the scores of the shares where the shares are zero; shape
        (len(to), n).
        """
        exact = self.base.log(y, eta)
        return np.expm1([self.rounded(y, eta, to, exact).value - exact.value for to in self.to])

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return the log-probability of each reported count."""
        size, own = len(eta), len(self.base.predictors)
        kinds, exact = Log.shares(eta[own:]), self.base.log(y, eta[:own])
        told = [exact, *(self.rounded(y, eta[:own], to, exact) for to in self.to)]
        terms = zip(kinds, told, strict=True)
        return Log.total([k.padded(size, range(own, size)) + t.padded(size, range(own)) for k, t in terms])

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
