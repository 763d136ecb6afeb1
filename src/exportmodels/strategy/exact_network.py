"""The exact conditional distribution of a sufficient statistic: a network of partial sums, walked or sampled.

Firms with the same covariates form a group. A *node* is what the groups so far have added to the sufficient statistics;
ways to the same node are counted together, and nodes that can no longer reach the observed statistics leave at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammaln

from ..core.errors import OptionError

# Nodes of one stage above which the network is called too large.
_NODES = 2_000_000


@dataclass(frozen=True)
class Groups:
    """Groups of identical firms, stratum by stratum.

    Parameters
    ----------
    x : ndarray of int, shape (G, p)
        Covariates in whole units.
    size : ndarray of int, shape (G,)
        Firms of each group.
    offset : ndarray, shape (G,)
        Log odds of a yes beside the covariates.
    stratum : ndarray of int, shape (G,)
        Stratum of each group, in rising order.
    events : ndarray of int, shape (S,)
        Number of yeses of each stratum.
    """

    x: np.ndarray
    size: np.ndarray
    offset: np.ndarray
    stratum: np.ndarray
    events: np.ndarray

    @cached_property
    def last(self) -> np.ndarray:
        """Whether a group is the last of its stratum, shape (G,)."""
        return np.r_[np.diff(self.stratum) > 0, True]

    @cached_property
    def after(self) -> np.ndarray:
        """Firms of the stratum after each group, shape (G,)."""
        total = np.bincount(self.stratum, self.size).astype(int)
        passed = np.cumsum(self.size) - np.r_[0, np.cumsum(total)][self.stratum]
        return total[self.stratum] - passed


@dataclass(frozen=True)
class Stage:
    """The nodes after a group: their sums (N, 1 + q), the yeses of the stratum first, and the log number of ways."""

    nodes: np.ndarray
    log_ways: np.ndarray


class Network:
    """The network of groups, for the sums of some of the covariates.

    Parameters
    ----------
    groups : Groups
        The firms.
    held : ndarray of int
        Covariates whose sums are held at what was observed.
    target : ndarray of int, shape (len(held),)
        Their observed sums.
    free : int, optional
        A covariate whose sum is followed and not held.
    """

    def __init__(self, groups: Groups, held: np.ndarray, target: np.ndarray, free: int | None = None):
        self.groups = groups
        self.target, self.sampled = target, free is None
        columns = [*held, *([] if free is None else [free])]
        self.step = np.column_stack([np.ones(len(groups.size), int), groups.x[:, columns]])
        reach = groups.size[:, None] * groups.x[:, held]
        self._least = _still_to_come(np.minimum(reach, 0))
        self._most = _still_to_come(np.maximum(reach, 0))
        self._hash = np.random.default_rng(2009).integers(1, 2**63, self.step.shape[1], dtype=np.uint64) | np.uint64(1)

    def keys(self, nodes: np.ndarray) -> np.ndarray:
        """Return a number for each node, the same for equal nodes only."""
        return (nodes.astype(np.uint64) * self._hash).sum(axis=1, dtype=np.uint64)

    def log_choices(self, group: int) -> np.ndarray:
        """Return the log weight of 0, 1, ... yeses in a group."""
        size = self.groups.size[group]
        yes = np.arange(size + 1)
        ways = gammaln(size + 1) - gammaln(yes + 1) - gammaln(size - yes + 1)
        return ways + yes * self.groups.offset[group]

    def stages(self) -> Iterator[Stage]:
        """Yield the nodes after each group."""
        stage = Stage(np.zeros((1, self.step.shape[1]), dtype=np.int64), np.zeros(1))
        for group in range(len(self.groups.size)):
            reached, log_ways = [], []
            for yes, log_choice in enumerate(self.log_choices(group)):
                nodes = stage.nodes + yes * self.step[group]
                alive = self._alive(nodes, group)
                reached.append(nodes[alive])
                log_ways.append(stage.log_ways[alive] + log_choice)
            nodes = np.vstack(reached)
            if self.groups.last[group]:
                nodes[:, 0] = 0
            stage = self._merged(nodes, np.concatenate(log_ways))
            if len(stage.nodes) > _NODES:
                remedy = "" if self.sampled else "give draws=100_000 to sample it, or "
                raise OptionError(
                    f"the exact distribution has more than {_NODES:,} nodes after {group + 1} of "
                    f"{len(self.groups.size)} groups of firms; {remedy}round covariates"
                )
            yield stage

    def _alive(self, nodes: np.ndarray, group: int) -> np.ndarray:
        """Whether nodes after a group can still reach the observed sums."""
        needed = self.groups.events[self.groups.stratum[group]] - nodes[:, 0]
        alive = (needed >= 0) & (needed <= self.groups.after[group])
        missing = self.target - nodes[:, 1 : 1 + len(self.target)]
        return alive & ((missing >= self._least[group]) & (missing <= self._most[group])).all(axis=1)

    def _merged(self, nodes: np.ndarray, log_ways: np.ndarray) -> Stage:
        keys = self.keys(nodes)
        order = np.argsort(keys, kind="stable")
        nodes, keys = nodes[order], keys[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        return Stage(nodes[first], np.logaddexp.reduceat(log_ways[order], first))


def _still_to_come(reach: np.ndarray) -> np.ndarray:
    """Return what later groups add, for each group."""
    return reach.sum(axis=0) - np.cumsum(reach, axis=0)


def enumerated(groups: Groups, column: int, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the support of a covariate's sum given the others' observed sums, and the log number of ways."""
    held = np.delete(np.arange(groups.x.shape[1]), column)
    *_, last = Network(groups, held, observed[held], column).stages()
    support = last.nodes[:, -1]
    order = np.argsort(support)
    return support[order], last.log_ways[order]


def sampled(
    groups: Groups, column: int, observed: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same from a random sample, drawn backwards through the network of the other covariates alone."""
    held = np.delete(np.arange(groups.x.shape[1]), column)
    network = Network(groups, held, observed[held])
    stages = list(network.stages())
    empty = Stage(np.zeros((1, len(held) + 1), dtype=np.int64), np.zeros(1))
    nodes = np.tile(stages[-1].nodes, (draws, 1))
    total = np.zeros(draws, dtype=np.int64)
    for group in range(len(groups.size) - 1, -1, -1):
        before = stages[group - 1] if group else empty
        if groups.last[group]:
            nodes[:, 0] = groups.events[groups.stratum[group]]
        known = network.keys(before.nodes)
        options = []
        for yes, log_choice in enumerate(network.log_choices(group)):
            earlier = nodes - yes * network.step[group]
            keys = network.keys(earlier)
            place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            reachable = known[place] == keys
            options.append(np.where(reachable, before.log_ways[place] + log_choice, -np.inf))
        weights = np.exp(np.array(options) - np.max(options, axis=0))
        chance = rng.random(draws) * weights.sum(axis=0)
        yes_drawn = (np.cumsum(weights, axis=0) <= chance).sum(axis=0)
        nodes = nodes - yes_drawn[:, None] * network.step[group]
        total += yes_drawn * groups.x[group, column]
    support, count = np.unique(np.r_[total, observed[column]], return_counts=True)
    return support, np.log(count)
