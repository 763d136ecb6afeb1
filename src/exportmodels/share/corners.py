"""Corners: a probability of exactly nothing, of exactly everything, and a law for the shares between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..core.errors import OptionError
from ..core.family import EvaluatedAtOnce, Family, evaluate
from .normal import limits


class ShareFamily(Family, Protocol):
    """A family of shares: it also knows its distribution function, and draws."""

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share, shape (n,)."""
        ...

    def everything(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of exactly one, shape (n,)."""
        ...

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares, shape (n,)."""
        ...


@dataclass(frozen=True)
class Cornered(EvaluatedAtOnce):
    """Shares that are exactly 0 or 1 with probabilities of their own, and follow an inner law otherwise.

    The probabilities are those of a multinomial logit with "between" as its base: with z and o the predictors `zero`
    and `one`, P(0) = e^z / (1 + e^z + e^o). A bracket is open below and closed above, so that one that ends at 1 holds
    the corner there and one that begins at 0 does not.

    Parameters
    ----------
    inner : ShareFamily
        The law of shares between.
    ends : tuple of float
        The corners there are: (0.0,), (1.0,) or both.
    """

    inner: ShareFamily
    ends: tuple[float, ...]

    @property
    def predictors(self) -> tuple[str, ...]:
        """The inner predictors, then `zero` and `one` as far as there are such corners."""
        return (*self.inner.predictors, *("one" if end else "zero" for end in self.ends))

    def probabilities(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of each corner, shape (c, n)."""
        return np.exp(self._logs(eta)[1])

    def _logs(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log probabilities of lying between (n,) and of each corner (c, n)."""
        corners = eta[len(self.inner.predictors) :]
        top = np.maximum(corners.max(axis=0), 0.0)
        total = top + np.log(np.exp(-top) + np.exp(corners - top).sum(axis=0))
        return -total, corners - total

    def _place(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which rows lie at each corner (c, n), which brackets hold one too (c, n), and inner outcomes."""
        lower, upper = limits(y)
        at = np.array([(lower == end) & (upper == end) for end in self.ends])
        holds = np.array([(upper == end) & (lower < upper) & (end == 1) for end in self.ends])
        inner = y.copy()
        inner[at.any(axis=0)] = 0.5
        return at, holds, inner

    def evaluate(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log-likelihood, first (K, n) and second derivatives (K, K, n): a mixture of where a row may lie."""
        at, holds, y = self._place(y)
        between, corners = self._logs(eta)
        value, slope, bend = evaluate(self.inner, y, eta)
        logs = np.concatenate([(value + between)[None], corners])
        logs[0][at.any(axis=0)] = -np.inf
        logs[1:][~(at | holds)] = -np.inf
        top = logs.max(axis=0)
        shares = np.exp(logs - np.where(np.isfinite(top), top, 0.0))
        total = shares.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return top + np.log(total), *self._mixed(shares / total, np.exp(corners), slope, bend)

    @staticmethod
    def _mixed(shares: np.ndarray, p: np.ndarray, slope: np.ndarray, bend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives of a mixture, by the part of the likelihood that lies between and at each corner."""
        k, (c, n) = len(slope), p.shape
        between = np.concatenate([slope, -p])
        corners = np.concatenate([np.zeros((c, k, n)), np.eye(c)[:, :, None] - p], axis=1)
        first = shares[0] * between + np.einsum("cn,ckn->kn", shares[1:], corners)
        second = np.zeros((k + c, k + c, n))
        second[:k, :k] = shares[0] * bend
        second[k:, k:] = p[:, None] * p[None] - np.eye(c)[:, :, None] * p
        for share, own in zip(shares, [between, *corners], strict=True):
            apart = own - first
            second += share * apart[:, None] * apart[None]
        return first, second

    def below(self, share: float, eta: np.ndarray) -> np.ndarray:
        """Return the probability of at most a share, the corner at zero included."""
        p = self.probabilities(eta)
        reached = sum(q for q, end in zip(p, self.ends, strict=True) if end <= share)
        return reached + (1 - p.sum(axis=0)) * self.inner.below(share, eta)

    def everything(self, eta: np.ndarray) -> np.ndarray:
        """Return the probability of exactly one."""
        return self.probabilities(eta)[self.ends.index(1.0)]

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean share, corners included."""
        p = self.probabilities(eta)
        return np.array(self.ends) @ p + (1 - p.sum(axis=0)) * self.inner.mean(eta)

    def draw(self, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw shares."""
        place = rng.random(eta.shape[1])
        drawn, passed = self.inner.draw(eta, rng), np.zeros(eta.shape[1])
        for end, p in zip(self.ends, self.probabilities(eta), strict=True):
            drawn = np.where((passed <= place) & (place < passed + p), end, drawn)
            passed = passed + p
        return drawn

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the inner start from rows between, and log-odds of the corners against them."""
        at, _, _ = self._place(y)
        between = ~at.any(axis=0)
        heavy = np.maximum([np.sum(weight * rows) for rows in (between, *at)], 0.5)
        inner = self.inner.start(y[between], weight[between])
        return np.concatenate([inner, np.log(heavy[1:] / heavy[0])])


def refuse_idle(options: Mapping[str, str], given: Mapping[str, Any], predictors: Sequence[str]) -> None:
    """Raise `OptionError` where covariates are given of a predictor that the model does not have."""
    for option, predictor in options.items():
        if given[predictor] is not None and predictor not in predictors:
            raise OptionError(
                f"{option}= gives covariates of [{predictor}], which this model does not have; it has: "
                f"{', '.join(predictors)}"
            )
