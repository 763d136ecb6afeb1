"""Log-likelihood of discrete durations in a mixture of firms, in closed form under the complementary log-log link."""

from dataclasses import dataclass, replace

import numpy as np

from .discrete_hazard_likelihood import Spells, later
from .latencies import Parts, log_difference
from .mixing import Mixing


@dataclass(frozen=True)
class Segment:
    """Years survived by each row, from `first` up to and without `stop`, and their cumulative hazards."""

    first: np.ndarray
    stop: np.ndarray

    def hazard(self, cumulated: np.ndarray) -> np.ndarray:
        """Return the baseline's cumulative hazard over the segment, or its gradient, one row a row."""
        return cumulated[self.stop] - cumulated[self.first]

    def counted(self, factor: np.ndarray, periods: int) -> np.ndarray:
        """Return the sum of `factor` over the rows whose segment covers each period, shape (T,)."""
        ends = [np.bincount(at, factor, periods + 1) for at in (self.stop, self.first)]
        return later(ends[0]) - later(ends[1])


@dataclass(frozen=True)
class MixedObjective:
    """The likelihood of groups of rows that share what is not seen, with at most one event a group.

    With A the cumulative hazard of a group's years before the event and B that up to its end, a group adds
    log(S(A) - S(B)), without an event log S(A), and less log S(E) for the hazard E of years before late entry.

    Parameters
    ----------
    mixing : Mixing
        The function S.
    spells : Spells
        Years of each row.
    entry : ndarray of int, shape (n,), optional
        Years before which a firm is known to have had no event: its likelihood is conditional on that.
    matrix : ndarray, shape (n, p)
        Covariates.
    extra : ndarray, shape (G, r)
        Covariates of the mixture's predictor.
    group : ndarray of int, shape (n,), optional
        The group of each row; each row by itself where it is not given.
    weight : ndarray, shape (G,), optional
        Multiplies each group's log-likelihood.
    baseline : ndarray, shape (T, q)
        Duration effects are `alpha = baseline @ a`.
    basis : ndarray, shape (q + p + r, q + p + r)
        What turns the engine's coefficients into those of `baseline`, `matrix` and `extra`.
    """

    mixing: Mixing
    spells: Spells
    entry: np.ndarray | None
    matrix: np.ndarray
    extra: np.ndarray
    group: np.ndarray | None
    weight: np.ndarray | None
    baseline: np.ndarray
    basis: np.ndarray

    def prepared(self) -> "MixedObjective":
        """Return the objective with identical firms made one where that pays."""
        if self.group is not None:
            return self
        distinct = self.spells.distinct(self.entry, (self.matrix, self.extra), self.weight)
        if distinct is None:
            return self
        first, weight = distinct
        return replace(
            self,
            spells=self.spells.take(first),
            entry=None if self.entry is None else self.entry[first],
            matrix=self.matrix[first],
            extra=self.extra[first],
            weight=weight,
        )

    def _split(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        q, p = self.baseline.shape[1], self.matrix.shape[1]
        return tuple(np.split(self.basis @ theta, [q, q + p]))  # type: ignore[return-value]

    def _segments(self) -> list[Segment]:
        """Return the years before the event, those up to its end, and those before late entry."""
        first, end = self.spells.first, self.spells.last + 1
        segments = [Segment(first, end - self.spells.event), Segment(first, end)]
        return segments if self.entry is None else [*segments, Segment(np.zeros_like(end), self.entry)]

    def _grouped(self, values: np.ndarray) -> np.ndarray:
        """Add up the rows of each group."""
        if self.group is None:
            return values
        if values.ndim == 1:
            return np.bincount(self.group, values)
        return np.column_stack([np.bincount(self.group, column) for column in values.T])

    def _spread(self, values: np.ndarray) -> np.ndarray:
        """Return each row's value of its group."""
        return values if self.group is None else values[self.group]

    def _likelihood(self, hazards: list[np.ndarray], eta: np.ndarray) -> Parts:
        """Return the groups' log-likelihood with derivatives in the hazards of the segments and in eta."""
        size = len(hazards)
        parts = [_placed(self.mixing.log_survival(h, eta), k, size) for k, h in enumerate(hazards)]
        value, first, second = parts[0]
        ended = np.flatnonzero(self._grouped(self.spells.event.astype(float)))
        whole = log_difference(*([part[..., ended] for part in at] for at in parts[:2]))  # type: ignore[arg-type]
        value[ended], first[:, ended], second[:, :, ended] = whole
        if self.entry is not None:
            value, first, second = value - parts[2][0], first - parts[2][1], second - parts[2][2]
        return value, first, second

    def _pieces(self, theta: np.ndarray) -> tuple[Parts, list[Segment], list[np.ndarray], list[np.ndarray]]:
        """Return the groups' log-likelihood; segments, the rows' hazards in them, and gradients of these in (a, b)."""
        a, b, g = self._split(theta)
        rate, risk = np.exp(self.baseline @ a), np.exp(self.matrix @ b)
        total = np.r_[0.0, np.cumsum(rate)]
        slopes = np.vstack([np.zeros((1, len(a))), np.cumsum(rate[:, None] * self.baseline, axis=0)])
        segments = self._segments()
        hazards = [risk * segment.hazard(total) for segment in segments]
        gradients = [
            np.hstack([risk[:, None] * segment.hazard(slopes), self.matrix * hazard[:, None]])
            for segment, hazard in zip(segments, hazards, strict=True)
        ]
        likelihood = self._likelihood([self._grouped(hazard) for hazard in hazards], self.extra @ g)
        return likelihood, segments, hazards, gradients

    def evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log-likelihood, score and information."""
        (value, first, second), segments, hazards, gradients = self._pieces(theta)
        if self.weight is not None:
            value, first, second = value * self.weight, first * self.weight, second * self.weight
        q, own = self.baseline.shape[1], gradients[0].shape[1]
        columns = [self._grouped(gradient) for gradient in gradients]
        score = np.r_[sum(f @ x for f, x in zip(first, columns, strict=False)), first[-1] @ self.extra]
        information = np.zeros((len(score), len(score)))
        for j, left in enumerate([*columns, self.extra]):
            for k, right in enumerate([*columns, self.extra]):
                at = [slice(0, own) if i < len(columns) else slice(own, None) for i in (j, k)]
                information[at[0], at[1]] -= left.T @ (right * second[j, k][:, None])
        rate = np.exp(self.baseline @ self._split(theta)[0])
        for factor, segment, hazard, gradient in zip(first, segments, hazards, gradients, strict=False):
            rows = self._spread(factor)
            risk = np.exp(self.matrix @ self._split(theta)[1])
            counted = rate * segment.counted(rows * risk, len(rate))
            information[:q, :q] -= self.baseline.T @ (self.baseline * counted[:, None])
            across = gradient[:, :q].T @ (self.matrix * rows[:, None])
            information[:q, q:own] -= across
            information[q:own, :q] -= across.T
            information[q:own, q:own] -= self.matrix.T @ (self.matrix * (rows * hazard)[:, None])
        return float(value.sum()), self.basis.T @ score, self.basis.T @ information @ self.basis

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return the rows' contributions to the score, weights not applied; eta's part is in a group's first row."""
        (_, first, _), _, _, gradients = self._pieces(theta)
        own = sum(self._spread(f)[:, None] * x for f, x in zip(first, gradients, strict=False))
        last = np.zeros((len(self.matrix), self.extra.shape[1]))
        at = np.arange(len(last)) if self.group is None else np.unique(self.group, return_index=True)[1]
        last[at] = first[-1][:, None] * self.extra
        return np.hstack([own, last]) @ self.basis


def _placed(parts: Parts, k: int, size: int) -> Parts:
    """Move derivatives in (H, eta) to the places of (hazard k, eta) among the hazards of all segments and eta."""
    value, slope, curve = parts
    first, second = np.zeros((size + 1, len(value))), np.zeros((size + 1, size + 1, len(value)))
    at = [k, size]
    first[at] = slope
    second[np.ix_(at, at)] = curve
    return value, first, second
