"""Frailty of discrete-time hazards: what firms differ in, unseen, of gamma or normal distribution."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import logsumexp

from ..core.errors import BoundaryError, ConvergenceError, OptionError, WeightError
from ..core.links import Link
from ..core.newton import Objective, RowObjective
from .discrete_hazard_likelihood import Spells
from .mixed_hazards import MixedObjective
from .mixing import GammaMixing
from .normal_frailty import NormalFrailtyObjective

# A log-variance so small that the sign of the score there tells whether the likelihood rises away from zero.
NEAR_ZERO = np.log(1e-4)
# What the z-test in the row of a log-variance does not say.
VARIANCE_NOTE = "The z of [log_variance] compares the variance with one; frailty_test() tests whether there is any."
# The log-hazard of one year above which the event is certain in it.
_CERTAIN = 5.0
_PREDICTED_NODES = 91
# A log-variance of a gamma factor of mean one that only an infinite estimate has: half of all firms would have a factor
# below 1e-28.
_ENDLESS = np.log(100)


@dataclass(frozen=True)
class Frail:
    """What the likelihood of a hazard with frailty is made of.

    Parameters
    ----------
    link : Link
        The hazard of one period.
    spells : Spells
        Years of each row, from the beginning where it is known.
    entry : ndarray of int, shape (n,), optional
        Years before which a firm is known to have had no event.
    group : ndarray of int, shape (n,), optional
        Which rows share a frailty.
    weight : ndarray, shape (G,), optional
        Weight of each group.
    baseline : ndarray, shape (T, q)
        Duration effects.
    """

    link: Link
    spells: Spells
    entry: np.ndarray | None
    group: np.ndarray | None
    weight: np.ndarray | None
    baseline: np.ndarray

    @property
    def observed(self) -> Spells:
        """The years in which the firms were observed."""
        return self.spells if self.entry is None else replace(self.spells, first=self.entry)

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self.spells.last) if self.group is None else int(self.group.max()) + 1


class Frailty(Protocol):
    """A distribution of what is not seen; its log-variance is the last coefficient."""

    def objective(self, parts: Frail, matrix: np.ndarray, basis: np.ndarray) -> RowObjective:
        """Return the likelihood, identical firms made one where that pays."""
        ...

    def whole(self, parts: Frail, matrix: np.ndarray, basis: np.ndarray) -> RowObjective:
        """Return the likelihood of all rows as they are."""
        ...

    def log_survival(self, link: Link, eta: np.ndarray, log_variance: float) -> np.ndarray:
        """Return the logarithm of the survival curve of the mixture, shape (n, T), for predictors (n, T)."""
        ...

    def check(self, link: str, groups: np.ndarray | None, event: np.ndarray) -> None:
        """Refuse what this distribution cannot do."""
        ...


@dataclass(frozen=True)
class GammaFrailty:
    """Hazards are multiplied by a gamma variable of mean one; the likelihood has a closed form under cloglog."""

    def objective(self, parts: Frail, matrix: np.ndarray, basis: np.ndarray) -> MixedObjective:
        """Return the likelihood, identical firms made one where that pays."""
        return self.whole(parts, matrix, basis).prepared()

    def whole(self, parts: Frail, matrix: np.ndarray, basis: np.ndarray) -> MixedObjective:
        """Return the likelihood of all rows as they are."""
        extra = np.ones((parts.groups, 1))
        return MixedObjective(
            GammaMixing(), parts.spells, parts.entry, matrix, extra, parts.group, parts.weight, parts.baseline, basis
        )

    def log_survival(self, link: Link, eta: np.ndarray, log_variance: float) -> np.ndarray:
        """Return the logarithm of the survival curve of the mixture."""
        variance = np.exp(log_variance)
        return -np.log1p(variance * np.cumsum(np.exp(eta), axis=1)) / variance

    def check(self, link: str, groups: np.ndarray | None, event: np.ndarray) -> None:
        """Refuse other links than cloglog, and groups with several events."""
        if link != "cloglog":
            raise OptionError(f"frailty='gamma' goes with link='cloglog', not {link!r}; choose frailty='normal'")
        if groups is not None and np.bincount(groups, event).max() > 1:
            raise OptionError("frailty='gamma' allows one event a group; choose frailty='normal' for shared ones")


@dataclass(frozen=True)
class NormalFrailty:
    """A normal deviation is added to the linear predictor of all years, under any link."""

    def objective(self, parts: Frail, matrix: np.ndarray, basis: np.ndarray) -> NormalFrailtyObjective:
        """Return the likelihood, identical firms made one where that pays."""
        return self.whole(parts, matrix, basis).prepared()

    def whole(self, parts: Frail, matrix: np.ndarray, basis: np.ndarray) -> NormalFrailtyObjective:
        """Return the likelihood of all rows as they are."""
        return NormalFrailtyObjective(
            parts.link, parts.spells, parts.entry, matrix, parts.group, parts.weight, parts.baseline, basis
        )

    def log_survival(self, link: Link, eta: np.ndarray, log_variance: float) -> np.ndarray:
        """Return the logarithm of the survival curve of the mixture."""
        points = np.linspace(-9, 9, _PREDICTED_NODES)
        log_weights = np.log(points[1] - points[0]) - 0.5 * (points**2 + np.log(2 * np.pi))
        curves = [np.cumsum(link.logs(eta + np.exp(log_variance / 2) * u)[1], axis=1) for u in points]
        return logsumexp(np.stack(curves) + log_weights[:, None, None], axis=0)

    def check(self, link: str, groups: np.ndarray | None, event: np.ndarray) -> None:
        """Allow everything."""


FRAILTIES: dict[str, Frailty] = {"gamma": GammaFrailty(), "normal": NormalFrailty()}


def group_weights(weight: np.ndarray | None, group: np.ndarray | None) -> np.ndarray | None:
    """Return each group's weight, which all its rows must have."""
    if weight is None or group is None:
        return weight
    first = np.unique(group, return_index=True)[1]
    if (weight != weight[first][group]).any():
        raise WeightError("rows that share a frailty must have one weight; give the weight of their firm or group")
    return weight[first]


def refuse_no_variance(objective: Objective, plain: np.ndarray) -> None:
    """Raise the error of a variance of zero: the likelihood falls from there, at the estimates without frailty."""
    score = objective.evaluate(np.r_[plain, NEAR_ZERO])[1]
    if score[-1] <= 0:
        raise BoundaryError(
            "the variance of the frailty is estimated at zero, its boundary: beyond the covariates the firms show no "
            "lasting differences. Fit without frailty=, which has the same likelihood; frailty_test() then gives p = 1"
        )


def refuse_endless(log_variance: float) -> None:
    """Raise the error of a gamma frailty whose variance runs off to infinity."""
    if log_variance > _ENDLESS:
        raise ConvergenceError(
            "the variance of the frailty has no finite estimate: the likelihood rises towards a hazard that is that of "
            "a few firms alone, as if nearly all others never had the event. Fit without frailty=, with another "
            "baseline=, or SplitPopulation, in which some firms never have it"
        )


def refuse_all_gone(eta: np.ndarray) -> None:
    """Raise the error of a hazard without limit before entry, for log-hazards (n, T) at which the climb ended."""
    if eta.max() > _CERTAIN:
        raise ConvergenceError(
            "with late entry and frailty= the likelihood has no maximum: it rises for ever with the hazard of early "
            "years, as if nearly every firm had left before entry and only the least likely had stayed; "
            "level and covariates then have no effect on the firms seen. Fit without frailty=, or without the firms "
            "that enter in the year in which their duration ends"
        )
