"""Fisher's test of an r x c table: the network of Mehta and Patel, or a random sample of tables where it is too large.

A table is built column by column. A *node* is what the rows have left to give; tables with the same node have the
same future, so only the value of their past is kept, and a past whose future is decided leaves the network at once.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy.special import gammaln

from ..core.errors import OptionError

TIE = 1e-7  # tables whose log probabilities are this close count as equally probable, as in R
STEPS = 1_000_000  # edges of the network that are walked before it is called too large

Node = tuple[int, ...]


def log_factorial(counts: object) -> np.ndarray:
    """Logarithms of the factorials of counts."""
    return gammaln(np.asarray(counts, dtype=float) + 1)


def sampled_pvalue(table: np.ndarray, draws: int, seed: int | None) -> float:
    """Share of random tables with the same margins, the observed one among them, that are at most as probable."""
    from scipy.stats import random_table

    random = random_table(table.sum(axis=1), table.sum(axis=0)).rvs(draws, random_state=seed)
    size = log_factorial(random).sum(axis=(1, 2))
    extreme = np.count_nonzero(size >= log_factorial(table).sum() - TIE)
    return float((1 + extreme) / (1 + draws))


def exact_pvalue(table: np.ndarray) -> float:
    """Probability of the tables that are at most as probable as the one observed, given all margins.

    Parameters
    ----------
    table : ndarray of int, shape (r, c)
        Counts without empty rows or columns.

    Returns
    -------
    float
        The two-sided p-value of Freeman and Halton.

    Raises
    ------
    OptionError
        The network has too many edges; `draws=` is the way out.
    """
    network = _Network(table if len(table) <= len(table.T) else table.T)
    frontier = {network.source: (np.zeros(1), np.ones(1))}
    pvalue = 0.0
    for stage in range(len(network.columns)):
        following = defaultdict(list)
        for node, (past, count) in frontier.items():
            for step, rest in network.edges(node, stage):
                least, most = network.future(rest, stage + 1)
                reached = past + step
                decided = reached + least >= network.observed
                undecided = ~decided & (reached + most >= network.observed)
                if decided.any():
                    log_probability = network.log_probability(rest, stage + 1) - reached[decided]
                    pvalue += float(count[decided] @ np.exp(log_probability))
                if undecided.any():
                    following[rest].append((reached[undecided], count[undecided]))
        frontier = {node: _merge(pasts) for node, pasts in following.items()}
    return min(pvalue, 1.0)


def _merge(pasts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Pasts of one node with the same value become one past that counts for all of them."""
    value, count = (np.concatenate(parts) for parts in zip(*pasts, strict=True))
    _, first, group = np.unique(np.round(value, 9), return_index=True, return_inverse=True)
    return value[first], np.bincount(group, weights=count)


class _Network:
    """Nodes, edges and bounds of the network; the value of a table is the sum of its log factorials."""

    def __init__(self, table: np.ndarray) -> None:
        self.columns = sorted(table.sum(axis=0).tolist(), reverse=True)
        self.source: Node = tuple(sorted(table.sum(axis=1).tolist()))
        self.observed = float(log_factorial(table).sum()) - TIE
        self.log_factorial = log_factorial(np.arange(table.sum() + 1)).tolist()
        self.steps = 0
        self.future = cache(self._future)
        self.margins = float(log_factorial([*self.source, *self.columns]).sum()) - self.log_factorial[-1]

    def edges(self, node: Node, stage: int) -> Iterator[tuple[float, Node]]:
        """Ways to fill a column from what the rows have left: the value added, and the node that follows.

        Rows are exchangeable in the value of a table, so nodes are sorted and fewer.
        """
        for filled in self._fillings(node, self.columns[stage]):
            self.steps += 1
            if self.steps > STEPS:
                raise OptionError(
                    f"an exact test of this table ({len(self.source)} x {len(self.columns)}, n = {sum(self.source)}) "
                    "has too many tables to enumerate; give draws=100_000 to test from random tables with the same "
                    "margins, or merge sparse categories"
                )
            value = sum(self.log_factorial[count] for count in filled)
            yield value, tuple(sorted(have - give for have, give in zip(node, filled, strict=True)))

    def _fillings(self, node: Node, total: int) -> Iterator[Node]:
        if len(node) == 1:
            yield (total,)
            return
        first, others = node[0], node[1:]
        for count in range(max(0, total - sum(others)), min(first, total) + 1):
            for rest in self._fillings(others, total - count):
                yield (count, *rest)

    def _future(self, node: Node, stage: int) -> tuple[float, float]:
        """Smallest and largest value that the columns from `stage` on can add."""
        if stage == len(self.columns):
            return 0.0, 0.0
        ways = [(value, *self.future(rest, stage + 1)) for value, rest in self.edges(node, stage)]
        return min(value + least for value, least, _ in ways), max(value + most for value, _, most in ways)

    def log_probability(self, node: Node, stage: int) -> float:
        """Log probability of all completions of one past, but for the value of the past itself."""
        left = self.log_factorial[sum(node)]
        return self.margins + left - sum(self.log_factorial[k] for k in (*node, *self.columns[stage:]))
