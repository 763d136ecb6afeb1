"""Partial likelihood of a subdistribution hazard: firms with a competing event stay at risk, with falling weights."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class FineGrayObjective:
    """The weighted log partial likelihood, by sums over the distinct times; rows are never split.

    With G the share not yet cut off just before a time, and H that of firms which have come under observation by then,
    a firm with a competing event at its time T counts at a later time t with weight G(t) H(t) / (G(T) H(T)). So the
    sums over risk sets are sums over the firms still there, and G(t) H(t) times sums over earlier competing firms.

    Parameters
    ----------
    matrix : ndarray, shape (n, p)
        Covariates about some centre.
    base : ndarray, shape (p, p)
        What turns the objective's coefficients into those of `matrix`.
    place : ndarray of int, shape (n,)
        Each row's time, as its place among the distinct ones.
    event, competing : ndarray of bool, shape (n,)
        Whether the row ends with the event of interest, or with another one.
    weight : ndarray, shape (n,)
        Multiplies each row.
    first : ndarray of int, shape (n,), optional
        The place of the first time at which each row is at risk (late entry); zero for all by default.
    """

    matrix: np.ndarray
    base: np.ndarray
    place: np.ndarray
    event: np.ndarray
    competing: np.ndarray
    weight: np.ndarray
    first: np.ndarray | None = None

    @property
    def times(self) -> int:
        """Number of distinct times."""
        return int(self.place.max()) + 1

    def _at(self, values: np.ndarray, place: np.ndarray | None = None) -> np.ndarray:
        """Add up rows by their time (or another place), shape (K,) or (K, p)."""
        place = self.place if place is None else place
        if values.ndim == 1:
            return np.bincount(place, values, self.times)
        return np.column_stack([np.bincount(place, column, self.times) for column in values.T])

    def _there(self, values: np.ndarray) -> np.ndarray:
        """Add up the rows that are observed and without any event just before each time, shape (K,) or (K, p)."""
        total = _from(self._at(values))
        return total if self.first is None else total - _after(self._at(values, self.first))

    def _while_there(self, values: np.ndarray) -> np.ndarray:
        """Return for each row the sum of values (K, ...) over the times at which it is observed without any event."""
        upto = np.cumsum(values, axis=0)
        return upto[self.place] if self.first is None else upto[self.place] - (upto - values)[self.first]

    @cached_property
    def at_risk(self) -> np.ndarray:
        """Firms still observed and without any event just before each time, shape (K,)."""
        return self._there(self.weight)

    @cached_property
    def cut_off(self) -> np.ndarray:
        """Firms whose observation ends at each time without an event, shape (K,)."""
        return self._at(self.weight * ~(self.event | self.competing))

    @cached_property
    def entering(self) -> np.ndarray:
        """The share of those at risk at each time that came under observation since the time before, shape (K,)."""
        if self.first is None:
            return np.zeros(self.times)
        late = self.first > 0
        return self._at(self.weight * late, self.first) / self.at_risk

    @cached_property
    def observed(self) -> np.ndarray:
        """G H: the shares not yet cut off, and come under observation, just before each time, shape (K,).

        Both are estimates of Kaplan and Meier, H in time that runs backwards.
        """
        left = 1 - self.cut_off / self.at_risk
        left[left < 1e-12] = 1.0  # nobody is left: no competing move came before, and later ones need ratios only
        kept = np.r_[1.0, np.cumprod(left)[:-1]]
        come = np.r_[np.cumprod((1 - self.entering)[:0:-1])[::-1], 1.0]
        return kept * come

    @cached_property
    def _kept(self) -> np.ndarray:
        """What G H is multiplied by to give a competing firm's weight: one over its own, zero for the others."""
        return np.divide(1.0, self.observed[self.place], where=self.competing, out=np.zeros(len(self.place)))

    @cached_property
    def _events(self) -> np.ndarray:
        return self._at(self.weight * self.event)

    def _sums(self, risk: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
        """Return the sum over the risk set of each time, of risks or of risks times rows."""
        own = risk if values is None else values * risk[:, None]
        kept = own * (self._kept if values is None else self._kept[:, None])
        later = self.observed if values is None else self.observed[:, None]
        return self._there(own) + later * _before(self._at(kept))

    def _eta(self, theta: np.ndarray) -> np.ndarray:
        return self.matrix @ (self.base @ theta)

    def _exposure(self, values: np.ndarray) -> np.ndarray:
        """Return for each row the sum of values (K, ...) over its risk sets, each times the row's weight in it."""
        late = self.observed if values.ndim == 1 else self.observed[:, None]
        kept = self._kept if values.ndim == 1 else self._kept[:, None]
        return self._while_there(values) + kept * _after(late * values)[self.place]

    def loglike(self, theta: np.ndarray) -> float:
        """Return the log partial likelihood."""
        eta = self._eta(theta)
        total = self._sums(self.weight * np.exp(eta))
        happened = self._events > 0
        return float((self.weight * self.event) @ eta - self._events[happened] @ np.log(total[happened]))

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        risk = self.weight * np.exp(self._eta(theta))
        total = self._sums(risk)
        mean = self._sums(risk, self.matrix) / total[:, None]
        score = (self.weight * self.event) @ self.matrix - self._events @ mean
        expected = risk * self._exposure(self._events / total)
        squares = self.matrix.T @ (self.matrix * expected[:, None]) - mean.T @ (mean * self._events[:, None])
        return self.loglike(theta), self.base.T @ score, self.base.T @ squares @ self.base

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied.

        A row's own residual, and what the row does to the estimates of G and H that enter the weights of all others.
        """
        ratio = np.exp(self._eta(theta))
        risk = self.weight * ratio
        total = self._sums(risk)
        mean = self._sums(risk, self.matrix) / total[:, None]
        step = self._events / total
        own = self.event[:, None] * (self.matrix - mean[self.place])
        own -= ratio[:, None] * (self.matrix * self._exposure(step)[:, None] - self._exposure(step[:, None] * mean))
        return (own + self._of_weights(risk, step, mean)) @ self.base

    def _of_weights(self, risk: np.ndarray, step: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Return what a row's being cut off or not adds through the estimate of G, and its entry through that of H."""
        kept = risk * self._kept
        later = _from((self.observed * step)[:, None] * np.column_stack([np.ones(self.times), mean]))
        before = _before(self._at(np.column_stack([kept, kept[:, None] * self.matrix])))
        pull = (before[:, 1:] * later[:, :1] - before[:, :1] * later[:, 1:]) / self.at_risk[:, None]
        hazard = self.cut_off / self.at_risk
        ended = ~(self.event | self.competing)
        effect = ended[:, None] * pull[self.place] - self._while_there(pull * hazard[:, None])
        if self.first is None:
            return effect
        pull = np.divide(pull, 1 - self.entering[:, None], where=self.entering[:, None] < 1, out=np.zeros_like(pull))
        entered = self.first > 0
        return effect - entered[:, None] * pull[self.first] + self._while_there(pull * self.entering[:, None])

    def baseline(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the cumulated baseline rises by at each time, and the variance of that at fixed coefficients."""
        total = self._sums(self.weight * np.exp(self._eta(theta)))
        return self._events / total, self._events / total**2


def _from(values: np.ndarray) -> np.ndarray:
    """Return sums over this and later times."""
    return np.cumsum(values[::-1], axis=0)[::-1]


def _after(values: np.ndarray) -> np.ndarray:
    """Return sums over later times."""
    return _from(values) - values


def _before(values: np.ndarray) -> np.ndarray:
    """Return sums over earlier times."""
    return np.cumsum(values, axis=0) - values
