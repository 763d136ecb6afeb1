"""The expected information of an ordered outcome in its thresholds, with derivatives: what Jeffreys' penalty needs."""

from collections.abc import Callable

import numpy as np

from .intervals import OrdinalLink

# How often each of a level's two ends is among a pair of them.
_AMONG = np.eye(2)[:, None] + np.eye(2)


def expected_information(
    link: OrdinalLink, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Return the expected information of an ordered outcome in its thresholds, and its derivatives in them.

    It is a sum over levels. With p the probability of a level, t the slopes of log p in its two ends, and s those of
    the log density there, a level adds p t t'; the slope of p t_j t_k in end x is that times m_x = n s_x - t_x, where n
    counts the x in jk.

    Parameters
    ----------
    link : OrdinalLink
        The distribution function F.
    ends : ndarray, shape (n, K)
        Thresholds less predictor, rising along a row.

    Returns
    -------
    tuple
        The information (n, K, K), which is tridiagonal; its derivatives (n, K, K, K), the last axis being the threshold
        moved; and a function that takes weights (n, K, K) of its elements and returns the second derivatives of their
        weighted sum (n, K, K).
    """
    log_density, slope = link.density(ends)
    between = [link.log_between(low, high) for low, high in zip(ends.T[:-1], ends.T[1:], strict=True)]
    log_p = np.column_stack([link.log_tail(ends[:, 0]), *between, link.log_tail(-ends[:, -1])])
    t = _pairs(-np.exp(log_density - log_p[:, 1:]), np.exp(log_density - log_p[:, :-1]))
    s, bend = _pairs(slope, slope), _pairs(*[link.bend(slope)] * 2)
    own = np.exp(log_p)[:, :, None, None] * t[..., :, None] * t[..., None, :]
    moves = _AMONG * s[..., None, None, :] - t[..., None, None, :]

    def second(weights: np.ndarray) -> np.ndarray:
        cuts = weights.shape[1]
        padded = np.zeros((len(weights), cuts + 2, cuts + 2))
        padded[:, 1:-1, 1:-1] = weights
        size = own * np.stack([padded[:, j : j + 2, j : j + 2] for j in range(cuts + 1)], axis=1)
        flat = moves.reshape(*size.shape[:2], 4, 2)
        bent = flat.swapaxes(-1, -2) @ (flat * size.reshape(*size.shape[:2], 4, 1))
        total = size.sum(axis=(-2, -1))[..., None]
        bent += total[..., None] * t[..., :, None] * t[..., None, :]
        bent[..., range(2), range(2)] += 2 * size.sum(axis=-1) * bend - total * t * s
        return _summed(bent)

    return _summed(own), _summed(own[..., None] * moves), second


def _pairs(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return values at the two ends of each level, shape (n, K + 1, 2), zero where the end is infinite."""
    pairs = np.zeros((len(lower), lower.shape[1] + 1, 2))
    pairs[:, 1:, 0], pairs[:, :-1, 1] = lower, upper
    return pairs


def _summed(blocks: np.ndarray) -> np.ndarray:
    """Add up what levels (n, K + 1, 2, ...) say of their two ends, for the thresholds (n, K, ...)."""
    levels, axes = blocks.shape[1], blocks.ndim - 2
    total = np.zeros((len(blocks), *[levels + 1] * axes))
    for j in range(levels):
        total[:, *[slice(j, j + 2)] * axes] += blocks[:, j]
    return total[:, *[slice(1, -1)] * axes]
