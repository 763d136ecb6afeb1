"""Dealing: draws whose frequencies agree with their probabilities to within one firm, also in a sample of fifty."""

import numpy as np


def deal(rng: np.random.Generator, chances: np.ndarray, size: int, along: np.ndarray | None = None) -> np.ndarray:
    """Deal the categories 0, 1, ... to firms, each as often as its probability says, as one deals cards.

    Systematic sampling: the expected number of firms is rounded up or down at random. Draws are exchangeable but
    not independent.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    chances : numpy.ndarray
        Probabilities of the categories.
    size : int
        Number of firms.
    along : numpy.ndarray, optional
        One number a firm: higher categories go to firms with higher numbers. By default categories are shuffled.

    Returns
    -------
    numpy.ndarray
        The category of each firm.

    Examples
    --------
    >>> import numpy as np
    >>> np.bincount(deal(np.random.default_rng(0), np.array([0.34, 0.28, 0.38]), 50)).tolist()
    [17, 14, 19]
    """
    if size == 0:
        return np.zeros(0, dtype=int)
    edges = np.concatenate([[0.0], np.cumsum(chances) / np.sum(chances) * size])
    counts = np.diff(np.floor(edges + rng.random()).astype(int))
    cards = np.repeat(np.arange(len(chances)), counts)
    if along is None:
        return rng.permutation(cards)
    dealt = np.empty(size, dtype=int)
    dealt[np.argsort(along, kind="stable")] = cards
    return dealt


def deal_by(
    rng: np.random.Generator, strata: np.ndarray, chances: np.ndarray, along: np.ndarray | None = None
) -> np.ndarray:
    """Deal within each stratum: row s of `chances` holds the probabilities of the firms whose stratum is s."""
    dealt = np.zeros(len(strata), dtype=int)
    for stratum in np.unique(strata):
        here = np.flatnonzero(strata == stratum)
        dealt[here] = deal(rng, chances[stratum], len(here), None if along is None else along[here])
    return dealt


def deal_rows(rng: np.random.Generator, chances: np.ndarray) -> np.ndarray:
    """Deal categories whose probabilities (a row a firm) differ, each as often as expected in total."""
    dealt = np.full(len(chances), -1)
    left = np.ones(len(chances))
    for category in range(chances.shape[1]):
        open_rows = rng.permutation(np.flatnonzero(dealt < 0))
        share = np.divide(
            chances[open_rows, category], left[open_rows], where=left[open_rows] > 1e-12, out=np.zeros(len(open_rows))
        )
        edges = np.floor(np.concatenate([[0.0], np.cumsum(share.clip(0, 1))]) + rng.random())
        dealt[open_rows[np.diff(edges) > 0]] = category
        left -= chances[:, category]
    return dealt


def chance(rng: np.random.Generator, chances: np.ndarray) -> np.ndarray:
    """Deal yes and no: firm i gets yes with probability `chances[i]`, firms of equal probability as one stratum."""
    levels, strata = np.unique(chances, return_inverse=True)
    return deal_by(rng, strata, np.column_stack([1 - levels, levels])) == 1


def text_where(answered: np.ndarray, text: np.ndarray | str) -> np.ndarray:
    """Return the text for firms that answer, None for the others."""
    answers = np.full(len(answered), None, dtype=object)
    answers[answered] = np.broadcast_to(np.asarray(text, dtype=object), len(answered))[answered]
    return answers
