"""Samples from a known truth: an estimator is fitted to data drawn from its own model, again and again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from ..core.outcomes import Share
from .adapter import Adapter, Fitted, NoEstimate
from .case import Case
from .cases import example
from .columns import belongs
from .trial import Trial

# Rows of a sample, how many times as many a large one has, and how many samples there are.
ROWS, TIMES, DRAWS = 300, 9, 300
_COVARIATES = ("scale", "yes or no")
# How many data sets are tried in search of a truth, and which share of the samples may be without an estimate.
_TRUTHS, _REFUSED = 20, 0.05


@dataclass(frozen=True)
class Sample:
    """The fits of a small and of a large sample from the same truth."""

    small: Fitted
    large: Fitted


@dataclass
class Simulation:
    """Fits to samples from a known truth, drawn as they are asked for and kept.

    Parameters
    ----------
    adapter : Adapter
        The estimator.
    case : Case
        Its covariates are those of all samples; the model that fits its outcomes is the truth, but the last covariate
        has no effect there.
    draws : int
        How many samples there are.
    seed : int
        Of the draws.
    """

    adapter: Adapter
    case: Case
    draws: int = DRAWS
    seed: int = 0
    _kept: list[Sample] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._trial = Trial(self.adapter)
        self._rng = np.random.default_rng(self.seed)
        self._refused = 0

    @cached_property
    def truth(self) -> pd.Series:
        """The coefficients that the samples are drawn with."""
        return self._trial.first(self.case).params * ~self.null

    @cached_property
    def null(self) -> np.ndarray:
        """Which of the coefficients are those of the last covariate, zero in truth."""
        return np.array([belongs(self.case.covariates[-1])(name) for name in self._trial.first(self.case).params.index])

    @cached_property
    def large(self) -> Case:
        """The case with every row so many times."""
        return self.case.repeated(TIMES)

    def __iter__(self) -> Iterator[Sample]:
        for k in range(self.draws):
            while k >= len(self._kept):
                self._draw()
            yield self._kept[k]

    def _draw(self) -> None:
        try:
            fits = [self._fit(self.adapter.draw(case, self.truth, self._rng)) for case in (self.case, self.large)]
        except NoEstimate:
            self._refused += 1
            if self._refused > 1 + _REFUSED * self.draws:
                raise
            return
        self._kept.append(Sample(*fits))

    def _fit(self, case: Case) -> Fitted:
        fitted = Trial(self.adapter).first(case)
        if list(fitted.params.index) != list(self.truth.index):
            raise NoEstimate("a level that occurs in the truth does not occur in the sample")
        return fitted


def benign(adapter: Adapter, rows: int = ROWS, seed: int = 0) -> Case:
    """Return an ordinary case, large enough for the laws of large numbers, that has an estimate.

    Raises
    ------
    NoEstimate
        If none of the cases tried has one.
    """
    for k in range(_TRUTHS):
        case = _drawn_in(example(adapter.kind, adapter.capabilities, rows, seed + k, _COVARIATES))
        if Trial(adapter).estimable(case):
            return case
    raise NoEstimate(f"{adapter.name} has no estimate on any of {_TRUTHS} ordinary data sets of {rows} rows")


def _drawn_in(case: Case) -> Case:
    """Draw shares between the ends nearer to one half: a normal law cut at the ends has no width on even ones."""
    if isinstance(case.kind, Share) and not case.kind.several and case.y.between(0, 1, inclusive="neither").all():
        return case.assign(y=0.5 + (case.y - 0.5) / 2)
    return case
