"""Many refits of one small Cox model at once: the rows' frequencies differ from draw to draw, and nothing else does."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np

from ..core.covariance import Draws
from ..core.errors import ExportModelsError
from ..core.progress import progress
from .partial_likelihood import PartialLikelihood

# The largest table of rows by slots, times covariates, that is worth a dense product.
_LARGEST = 400_000
# So many numbers are held at a time for all draws of a batch.
_HELD = 4_000_000
_STEPS, _REACHED = 25, 1e-16
# Standard errors beyond this, and information this close to singular, are left to a refit that names what is wrong.
_INFINITE, _SINGULAR = 1e3, 1e-10


@dataclass(frozen=True)
class CoxBatch:
    """The partial likelihoods of several draws of the same rows.

    Parameters
    ----------
    matrix : ndarray, shape (n, p)
        Covariates in the engine's coordinates.
    at_risk : ndarray, shape (n, K)
        Whether each row is at risk in each slot.
    having : ndarray, shape (n, K)
        Whether it has the event then.
    efron : bool
        Whether ties are handled in Efron's manner.
    weights, offset : ndarray, shape (n,)
        Sampling weights, and what is added to the linear predictor.
    """

    matrix: np.ndarray
    at_risk: np.ndarray
    having: np.ndarray
    efron: bool
    weights: np.ndarray
    offset: np.ndarray

    @classmethod
    def of(cls, plain: PartialLikelihood, weights: np.ndarray | None) -> Self | None:
        """Return the batch of a likelihood's rows; None where one refit after the other is as fast."""
        sets, n = plain.sets, len(plain.raw)
        if n * sets.size * (1 + plain.raw.shape[1]) > _LARGEST:
            return None
        slot = np.arange(sets.size)
        at_risk = (sets.first[:, None] <= slot) & (slot <= sets.last[:, None])
        having = sets.event[:, None] & (sets.last[:, None] == slot)
        return cls(
            plain.matrix @ plain.base,
            at_risk.astype(float),
            having.astype(float),
            plain.efron,
            np.ones(n) if weights is None else weights,
            np.zeros(n) if plain.offset is None else plain.offset,
        )

    def batches(self, draws: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Return the draws' frequencies in batches that fit into memory, shape (n, R)."""
        size = max(_HELD // max(self.matrix.size, 1), 1)
        every = iter(draws)
        while chunk := list(islice(every, size)):
            yield np.column_stack(chunk)

    def maximize(self, frequency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the maxima of the draws, shape (p, R), and which of them were reached beyond doubt, shape (R,).

        Parameters
        ----------
        frequency : ndarray, shape (n, R)
            How many firms each row stands for, draw by draw.
        """
        theta = np.zeros((self.matrix.shape[1], frequency.shape[1]))
        reached = np.zeros(frequency.shape[1], dtype=bool)
        active = np.arange(frequency.shape[1])
        for _ in range(_STEPS):
            with np.errstate(all="ignore"):
                score, information = self.evaluate(theta[:, active], frequency[:, active])
                step, usable = _newton(score, information)
            active, step, score = active[usable], step[:, usable], score[:, usable]
            theta[:, active] += step
            near = (score * step).sum(axis=0) <= _REACHED
            reached[active[near]] = True
            active = active[~near]
            if not len(active):
                break
        return theta, reached

    def evaluate(self, theta: np.ndarray, frequency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return score, shape (p, R), and information, shape (R, p, p), at one theta (p, R) a draw."""
        x, (n, p) = self.matrix, self.matrix.shape
        weight = frequency * self.weights[:, None]
        eta = x @ theta + self.offset[:, None]
        risk = weight * np.exp(eta - np.where(weight > 0, eta, -np.inf).max(axis=0))
        moved = (x[:, :, None] * risk[:, None, :]).reshape(n, -1)
        count, total = self.having.T @ frequency, self.having.T @ weight
        mean = np.divide(total, count, where=count > 0, out=np.zeros_like(total))
        at_risk, events = self.at_risk.T @ risk, self.having.T @ risk
        rows_at_risk, rows_events = ((a.T @ moved).reshape(-1, p, risk.shape[1]) for a in (self.at_risk, self.having))
        one, part, one2, part2, parts2 = (mean * sums for sums in _tie_sums(at_risk, events, count, self.efron))
        score = x.T @ (self.having.sum(axis=1)[:, None] * weight)
        score -= np.einsum("kr,kjr->jr", one, rows_at_risk) - np.einsum("kr,kjr->jr", part, rows_events)
        expected = risk * (self.at_risk @ one - self.having @ part)
        information = ((x[:, :, None] * x[:, None, :]).reshape(n, -1).T @ expected).T.reshape(-1, p, p)
        cross = _products(part2, rows_at_risk, rows_events)
        information -= _products(one2, rows_at_risk, rows_at_risk) - cross - cross.transpose(0, 2, 1)
        information -= _products(parts2, rows_events, rows_events)
        return score, information


def _products(factor: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return sums over slots of factor (K, R) times the outer product of rows (K, p, R), shape (R, p, p)."""
    return (left * factor[:, None]).transpose(2, 1, 0) @ right.transpose(2, 0, 1)


def _tie_sums(at_risk: np.ndarray, events: np.ndarray, count: np.ndarray, efron: bool) -> tuple[np.ndarray, ...]:
    """Return sums over the events of a slot of 1/D, (l/d)/D, 1/D^2, (l/d)/D^2 and (l/d)^2/D^2, shape (K, R)."""
    zero = np.zeros_like(at_risk)
    if not efron:
        one = np.divide(1.0, at_risk, where=count > 0, out=zero.copy())
        return count * one, zero, count * one**2, zero, zero
    sums = tuple(zero.copy() for _ in range(5))
    for k in range(int(count.max(initial=0.0))):
        share = np.divide(k, count, where=count > k, out=zero.copy())
        one = np.divide(1.0, at_risk - share * events, where=count > k, out=zero.copy())
        for whole, term in zip(sums, (one, share * one, one**2, share * one**2, (share * one) ** 2), strict=True):
            whole += term
    return sums


def _newton(score: np.ndarray, information: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Newton steps, shape (p, R), and which of them are safe, shape (R,)."""
    scale = np.sqrt(np.abs(np.diagonal(information, axis1=1, axis2=2)))
    scaled = information / (scale[:, :, None] * scale[:, None, :])
    usable = np.isfinite(scaled).all(axis=(1, 2)) & np.isfinite(score).all(axis=0)
    scaled[~usable] = np.eye(len(score))
    values = np.linalg.eigvalsh(scaled)
    usable &= (values[:, 0] > _SINGULAR * values[:, -1]) & (scale > 1 / _INFINITE).all(axis=1)
    scaled[~usable] = np.eye(len(score))
    inner = np.linalg.inv(scaled)
    usable &= (np.sqrt(np.diagonal(inner, axis1=1, axis2=2)) <= _INFINITE * scale).all(axis=1)
    step = (inner @ (score.T / scale)[:, :, None])[:, :, 0] / scale
    return step.T, usable


def refit_at_once(
    batch: CoxBatch,
    kept: np.ndarray,
    back: np.ndarray,
    refit: Callable[[np.ndarray], np.ndarray],
    draws: Draws,
    title: str,
    show: bool | None,
) -> tuple[np.ndarray, int]:
    """Return the coefficients of the draws that have an estimate, and how many have none; see `Model.refits`.

    Parameters
    ----------
    batch : CoxBatch
        The rows that are at risk at some event.
    kept : ndarray of bool, shape (N,)
        Which of the used rows these are.
    back : ndarray, shape (p, p)
        What turns the engine's coefficients into the user's.
    refit : callable
        Refits one draw: those that the batch leaves open.
    """
    estimates, failed = [], 0
    for frequency in batch.batches(progress(draws, title, show=show)):
        theta, reached = batch.maximize(frequency[kept])
        for draw, own, done in zip(frequency.T, (back @ theta).T, reached, strict=True):
            try:
                estimates.append(own if done else refit(draw))
            except ExportModelsError:
                failed += 1
    return np.array(estimates), failed
