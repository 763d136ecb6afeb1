"""Cox's partial likelihood with Efron's or Breslow's handling of ties: value, derivatives, scores, baseline hazard."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..core.family import collapse
from ..core.sample import Sample
from ..core.standardizing import Standardized
from .risk_sets import RiskSets
from .tie_sums import TieSums

# Rows a block of the one product that is taken over all rows: they stay in a core's cache.
_BLOCK = 4096


@dataclass(frozen=True)
class Hazard:
    """The baseline hazard at some coefficients, for a firm with a linear predictor of zero.

    Parameters
    ----------
    step : ndarray, shape (K,)
        What the cumulated hazard rises by in each slot.
    variance : ndarray, shape (K,)
        The variance of each step, the coefficients held fixed.
    """

    step: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class _Pass:
    """What one pass over the rows gives: risks, and the sums over ties."""

    loglike: float
    risk: np.ndarray
    largest: float
    ties: TieSums


@dataclass(frozen=True)
class PartialLikelihood:
    """The log partial likelihood as a function of coefficients.

    Parameters
    ----------
    raw : ndarray, shape (n, p)
        Covariates of the rows at risk.
    centre : ndarray, shape (p,)
        What is subtracted from them.
    base : ndarray, shape (p, p)
        What turns the objective's coefficients into those of `matrix`.
    sets : RiskSets
        Who is at risk at which event.
    efron : bool
        Whether ties are handled in Efron's manner; in Breslow's otherwise.
    count : ndarray, shape (K,)
        Number of events in each slot.
    mean : ndarray, shape (K,)
        Their mean weight.
    weight : ndarray, shape (n,), optional
        Multiplies each row.
    offset : ndarray, shape (n,), optional
        Added to the linear predictor.
    """

    raw: np.ndarray
    centre: np.ndarray
    base: np.ndarray
    sets: RiskSets
    efron: bool
    count: np.ndarray
    mean: np.ndarray
    weight: np.ndarray | None = None
    offset: np.ndarray | None = None

    @classmethod
    def of(cls, sample: Sample, covariates: Standardized, efron: bool) -> tuple["PartialLikelihood", np.ndarray]:
        """Return the likelihood of a sample whose columns are `event`, `entry` and `strata` (numbers, strata counted).

        Returns
        -------
        tuple
            The likelihood, and which rows are in it: those that are at risk at some event.
        """
        columns = sample.columns
        strata = columns.get("strata")
        sets, kept = RiskSets.of(sample.outcome, columns["event"], columns.get("entry"), strata)
        everyone = slice(None) if kept.all() else kept

        def take(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[everyone]

        if covariates.tame:
            raw, centre, base = covariates.raw, covariates.centre, covariates.back
        else:
            raw, centre, base = covariates.matrix, np.zeros(len(covariates.back)), np.eye(len(covariates.back))
        happened, weight = np.flatnonzero(sets.event), take(sample.total_weight)
        slot, frequency = sets.last[happened], take(sample.frequency)
        count = np.bincount(slot, None if frequency is None else frequency[happened], sets.size).astype(float)
        mean = np.ones(sets.size) if weight is None else np.bincount(slot, weight[happened], sets.size) / count
        return cls(raw[everyone], centre, base, sets, efron, count, mean, weight, take(sample.offset)), kept

    @cached_property
    def matrix(self) -> np.ndarray:
        """The covariates about their centre, shape (n, p)."""
        return self.raw - self.centre

    def predictor(self, theta: np.ndarray) -> np.ndarray:
        """Return the linear predictor of the rows, shape (n,)."""
        eta = self.matrix @ (self.base @ theta)
        if self.offset is not None:
            eta += self.offset
        return eta

    def _pass(self, eta: np.ndarray) -> _Pass:
        largest = float(eta.max())
        risk = np.exp(eta - largest)
        if self.weight is not None:
            risk *= self.weight
        ties = self.tie_sums(*self.sets.sums(risk))
        chosen = self.sets.event
        happened = eta[chosen] - largest
        total = happened.sum() if self.weight is None else self.weight[chosen] @ happened
        return _Pass(float(total - self.mean @ ties.log), risk, largest, ties)

    def tie_sums(self, at_risk: np.ndarray, events: np.ndarray) -> TieSums:
        """Return the sums over ties, for the risks of all at risk and of those with the event, shape (K,)."""
        return TieSums.efron(at_risk, events, self.count) if self.efron else TieSums.breslow(at_risk, self.count)

    def risk(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' hazards relative to each other, times their weights, shape (n,)."""
        return self._pass(self.predictor(theta)).risk

    def loglike(self, theta: np.ndarray) -> float:
        """Return the log partial likelihood."""
        return self._pass(self.predictor(theta)).loglike

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        done = self._pass(self.predictor(theta))
        sums, squares = self.sets.sums(done.risk, self.matrix), self._squares(self._expected_events(done))
        return self.assembled(done.loglike, done.ties, self._observed, sums, squares)

    def assembled(
        self,
        loglike: float,
        ties: TieSums,
        observed: np.ndarray,
        sums: tuple[np.ndarray, np.ndarray],
        squares: np.ndarray,
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information, from sums over the rows.

        The information is the rows' squares, each times the hazard it has been under, less the squares of the means of
        the risk sets: two products of matrices, whatever the number of times.

        Parameters
        ----------
        loglike : float
            The log-likelihood.
        ties : TieSums
            Sums over the events that share a time.
        observed : ndarray, shape (p,)
            The covariates of the rows with the event, each times its weight.
        sums : tuple of ndarray, shapes (K, p)
            Risks times rows, added up over the rows at risk in each slot, and over those that have the event then.
        squares : ndarray, shape (p, p)
            Squares of the rows, times the events that each should have had.
        """
        mean = self.mean
        at_risk, events = sums
        expected = mean * ties.one @ at_risk - mean * ties.part @ events
        cross = at_risk.T @ (events * (mean * ties.part2)[:, None])
        squares -= at_risk.T @ (at_risk * (mean * ties.one2)[:, None]) - cross - cross.T
        squares -= events.T @ (events * (mean * ties.parts2)[:, None])
        return loglike, self.base.T @ (observed - expected), self.base.T @ squares @ self.base

    @cached_property
    def _observed(self) -> np.ndarray:
        rows = self.sets.event if self.weight is None else self.sets.event * self.weight
        return rows @ self.matrix

    def _expected_events(self, done: _Pass) -> np.ndarray:
        """Return the events that each row should have had, times its weight, shape (n,)."""
        sets, mean = self.sets, self.mean
        expected = sets.over_risk(mean * done.ties.one)
        if self.efron:
            chosen = np.flatnonzero(sets.event)
            expected[chosen] -= (mean * done.ties.part)[sets.last[chosen]]
        expected *= done.risk
        return expected

    def _squares(self, factor: np.ndarray) -> np.ndarray:
        size = self.raw.shape[1]
        total, scaled = np.zeros((size, size)), np.empty((_BLOCK, size))
        for first in range(0, len(factor), _BLOCK):
            rows = self.matrix[first : first + _BLOCK]
            some = np.multiply(rows, factor[first : first + _BLOCK, None], out=scaled[: len(rows)])
            total += rows.T @ some
        return total

    def martingale(self, theta: np.ndarray) -> np.ndarray:
        """Return the events of each row less those expected of it, weights not applied, shape (n,)."""
        expected = self._expected_events(self._pass(self.predictor(theta)))
        return self.sets.event - (expected if self.weight is None else expected / self.weight)

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied, shape (n, p).

        They are the residuals of Lin and Wei: each row's own event less its mean, less what it adds to the risk sets
        of all events it was at risk for. A row at risk for none would have a zero.
        """
        done = self._pass(self.predictor(theta))
        sets, ties = self.sets, done.ties
        at_risk, events = self.sets.sums(done.risk, self.matrix)
        risk = done.risk if self.weight is None else done.risk / self.weight
        path = self.mean[:, None] * (at_risk * ties.one2[:, None] - events * ties.part2[:, None])
        exposed = self._expected_events(done) if self.weight is None else self._expected_events(done) / self.weight
        scores = (sets.event - exposed)[:, None] * self.matrix + risk[:, None] * sets.over_risk(path)
        chosen = np.flatnonzero(sets.event)
        slot = sets.last[chosen]
        scores[chosen] -= self._means(done, at_risk, events)[slot]
        if self.efron:
            spared = self.mean[:, None] * (at_risk * ties.part2[:, None] - events * ties.parts2[:, None])
            scores[chosen] -= risk[chosen, None] * spared[slot]
        return scores @ self.base

    def _means(self, done: _Pass, at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
        """Return the mean covariates that the events of each slot see, shape (K, p)."""
        ties = done.ties
        return (at_risk * ties.one[:, None] - events * ties.part[:, None]) / self.count[:, None]

    def gaps(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the covariates of each row with the event less their mean then, in order of time, and the rows.

        They are Schoenfeld's residuals, in the coordinates of `matrix`.
        """
        done = self._pass(self.predictor(theta))
        means = self._means(done, *self.sets.sums(done.risk, self.matrix))
        rows = np.flatnonzero(self.sets.event)
        rows = rows[np.argsort(self.sets.last[rows], kind="stable")]
        return self.matrix[rows] - means[self.sets.last[rows]], rows

    def hazard(self, theta: np.ndarray) -> Hazard:
        """Return the baseline hazard: Breslow's estimator, or Efron's."""
        done = self._pass(self.predictor(theta))
        scale = np.exp(-done.largest)
        return Hazard(self.mean * done.ties.one * scale, self.mean**2 * done.ties.one2 * scale**2)

    def rows(self, chosen: np.ndarray) -> "PartialLikelihood":
        """Return the likelihood of some of the rows; the number of events and their weight stay as they are."""
        sets = self.sets
        return replace(
            self,
            raw=self.raw[chosen],
            sets=replace(sets, first=sets.first[chosen], last=sets.last[chosen], event=sets.event[chosen]),
            weight=None if self.weight is None else self.weight[chosen],
            offset=None if self.offset is None else self.offset[chosen],
        )

    @property
    def collapsed(self) -> "PartialLikelihood":
        """The same likelihood with identical rows as one, where there are enough of them to pay."""
        sets = self.sets
        spell = (sets.first.astype(float) * sets.size + sets.last) * 2 + sets.event
        distinct = collapse(spell, (self.raw,), self.offset, self.weight)
        return self if distinct is None else replace(self.rows(distinct[0]), weight=distinct[1])
