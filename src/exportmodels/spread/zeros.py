"""Count distributions with more or fewer zeros than they should have: zero-inflated, and with a hurdle."""

from dataclasses import dataclass

import numpy as np

from ..core.errors import OutcomeError
from ..core.special import expit
from .families import CountFamily, Truncated
from .logs import Log


class _TwoPart(CountFamily):
    """Base of the two: a count distribution, and a binary part whose predictor comes last."""

    base: CountFamily
    part: str

    @property
    def predictors(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the counts, then the binary part's."""
        return (*self.base.predictors, self.part)

    def _parts(self, eta: np.ndarray) -> tuple[Log, Log]:
        """Return the logs of one less the binary part's probability and of the probability itself."""
        last = len(eta) - 1
        no, yes = Log.shares(eta[-1:])
        return no.padded(last + 1, [last]), yes.padded(last + 1, [last])

    def share(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of the binary part, shape (n,)."""
        return expit(eta[-1])

    def _counts(self, y: np.ndarray, eta: np.ndarray) -> Log:
        return self.base.log(y, eta[:-1]).padded(len(eta), range(len(eta) - 1))


@dataclass(frozen=True)
class ZeroInflatedCounts(_TwoPart):
    """Zero for sure with a probability of its own; else a count that may be zero as well.

    Parameters
    ----------
    base : CountFamily
        The distribution of the counts.
    part : str
        The name of the predictor of a sure zero, in log-odds.
    """

    base: CountFamily
    part: str = "inflation"

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return log(pi + (1 - pi) f(0)) for zeros, log(1 - pi) + log f(y) for the others."""
        no, yes = self._parts(eta)
        made = no + self._counts(y, eta)
        zero = np.flatnonzero(y == 0)
        made.put(zero, Log.total([yes[zero], made[zero]]))
        return made

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count, zeros of both kinds included."""
        return self.base.mean(eta[:-1]) * expit(-eta[-1])

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Start with half of the zeros as sure ones, and the counts of the rest."""
        zeros = np.clip(np.average(y == 0, weights=weight), 0.02, 0.98)
        share = zeros / 2
        positive = self.base.start(y, weight * np.where(y == 0, 0.5, 1.0))
        return np.r_[positive, np.log(share / (1 - share))]

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row."""
        sure = rng.uniform(size=eta.shape[1]) < self.share(eta)
        return np.where(sure, 0.0, self.base.draw(eta[:-1], rng))


@dataclass(frozen=True)
class HurdleCounts(_TwoPart):
    """Zero or not is decided first; those over the hurdle have a count of at least one.

    Parameters
    ----------
    base : Truncated
        The distribution of the counts given at least one.
    part : str
        The name of the predictor of a count above zero, in log-odds.
    """

    base: Truncated
    part: str = "participation"

    def log(self, y: np.ndarray, eta: np.ndarray) -> Log:
        """Return log(1 - p) for zeros, log p + log f(y | y > 0) for the others."""
        made, yes = self._parts(eta)
        positive = np.flatnonzero(y > 0)
        made.put(positive, yes[positive] + self._counts(y[positive], eta[:, positive]))
        return made

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean count, zeros included."""
        return self.base.mean(eta[:-1]) * self.share(eta)

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the share above zero, and the start of the counts above zero."""
        positive = y > 0
        if not positive.any():
            raise OutcomeError("every count is 0, so there is nothing to tell of those above zero; use strategy.Logit")
        share = np.clip(np.average(positive, weights=weight), 0.02, 0.98)
        return np.r_[self.base.start(y[positive], weight[positive]), np.log(share / (1 - share))]

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a count for each row."""
        over = rng.uniform(size=eta.shape[1]) < self.share(eta)
        return np.where(over, self.base.draw(eta[:-1], rng), 0.0)
