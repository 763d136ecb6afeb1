"""Laws: sentences about estimators that must hold on all data, and the trial that holds an estimator to one."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ..core.outcomes import Outcome
from .adapter import Adapter, Fitted, NoEstimate
from .case import Case

# Clustered errors of a few clusters may cancel to this, which is rounding.
_NOTHING = 1e-6
# Robust errors of a single distinct time or outcome are zero; estimates are compared in no smaller ones than this, nor
# than this part of themselves: eleven digits are enough.
_LEAST, _LEAST_PART = 1e-8, 1e-5


class LawBroken(AssertionError):
    """An estimator breaks a law; the message says where."""


@dataclass(frozen=True)
class Law:
    """A sentence about any estimator of an outcome type.

    Parameters
    ----------
    name : str
        A few words.
    sentence : str
        What must hold.
    check : callable
        Takes a `Trial` and a `Case`; raises `LawBroken` where the law does not hold.
    kinds : tuple of type
        The outcome types it speaks of; all where there are none.
    needs : frozenset of str
        What an estimator must be able to do, see `Adapter`.
    unless : frozenset of str
        What puts an estimator beyond the law.
    """

    name: str
    sentence: str
    check: Callable[["Trial", Case], None]
    kinds: tuple[type[Outcome], ...] = ()
    needs: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()

    def missing(self, adapter: Adapter) -> str:
        """Return why the law does not speak of an estimator, or an empty text."""
        if self.kinds and not isinstance(adapter.kind, self.kinds):
            return f"speaks of outcomes of type {', '.join(kind.__name__ for kind in self.kinds)}"
        absent, beyond = sorted(self.needs - adapter.capabilities), sorted(self.unless & adapter.capabilities)
        return f"needs {', '.join(absent)}" if absent else f"does not speak of: {', '.join(beyond)}" if beyond else ""

    @property
    def broken(self) -> type[LawBroken]:
        """The exception of this law, one type a law so that Hypothesis tells their failures apart."""
        return _broken(self.name)


@cache
def _broken(name: str) -> type[LawBroken]:
    return type("".join(word.capitalize() for word in name.split()), (LawBroken,), {"__module__": __name__})


def law(
    name: str, sentence: str, *, kinds: tuple[type[Outcome], ...] = (), needs: str = "", unless: str = ""
) -> Callable[[Callable[["Trial", Case], None]], Law]:
    """Make a law of a check; `needs` and `unless` are capabilities, separated by commas."""

    def made(check: Callable[[Trial, Case], None]) -> Law:
        return Law(name, sentence, check, kinds, _words(needs), _words(unless))

    return made


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


@dataclass
class Trial:
    """An estimator under a law: fits once what is fitted twice, and writes down what was fitted.

    Parameters
    ----------
    adapter : Adapter
        The estimator.
    fits : list of (Case, str or None)
        What was fitted since the trial began or was `cleared`.
    shared : dict
        What several laws need and is found once.
    """

    adapter: Adapter
    fits: list[tuple[Case, str | None]] = field(default_factory=list)
    shared: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[Case, Fitted | NoEstimate]] = {}

    @property
    def tolerance(self) -> float:
        """How close two fits of the same must be, in standard errors."""
        return self.adapter.tolerance

    def plain(self, case: Case) -> str | None:
        """Return the covariance that the estimator has without options, robust where there are sampling weights."""
        return "robust" if "weights" in case.roles and "robust" in self.adapter.covariances else None

    def kinds(self, case: Case) -> list[str]:
        """Return the covariances that can be had for a case."""
        return [kind for kind in self.adapter.covariances if not (kind == "nonrobust" and "weights" in case.roles)]

    def one(self, case: Case, *among: str) -> str | None:
        """Return one of the covariances that can be had for a case, each for a third of the cases."""
        kinds: list[str | None] = [kind for kind in self.kinds(case) if not among or kind in among]
        return kinds[int(case.frame["clusters"].iloc[0]) % len(kinds)] if kinds else None

    def first(self, case: Case, covariance: str | None = None) -> Fitted:
        """Fit the case that a law starts from; an estimator may refuse it, and is asked once."""
        if not self.fits or self.fits[-1][0] is not case or self.fits[-1][1] != covariance:
            self.fits.append((case, covariance))
        key = (id(case.frame), case.covariates, case.roles, covariance)
        if key not in self._known:
            try:
                self._known[key] = (case, self._fit(case, covariance))
            except NoEstimate as refused:
                self._known[key] = (case, refused)
        found = self._known[key][1]
        if isinstance(found, NoEstimate):
            raise found
        return found

    def estimable(self, case: Case) -> bool:
        """Whether the estimator has an estimate for a case; a failure without words is left to the laws to report."""
        try:
            self.first(case, self.plain(case))
        except NoEstimate:
            return False
        except Exception:
            return True
        return True

    def then(self, case: Case, covariance: str | None = None) -> Fitted:
        """Fit a case that must have an estimate if the first one has."""
        self.fits.append((case, covariance))
        try:
            return self._fit(case, covariance)
        except NoEstimate as refused:
            raise LawBroken(f"the second fit fails: {refused}") from None

    def _fit(self, case: Case, covariance: str | None) -> Fitted:
        try:
            with warnings.catch_warnings(action="ignore"):
                return self.adapter.fit(case, covariance)
        except self.adapter.errors as refused:
            raise NoEstimate(f"{type(refused).__name__}: {refused}") from refused

    def unchanged(self, case: Case, other: Case, covariance: str | None) -> None:
        """Hold a second case to have the estimates, standard errors and likelihood of the first."""
        a, b = self.first(case, covariance), self.then(other, covariance)
        self.same(a, b)
        self.same_likelihood(a, b)

    def same(self, a: Fitted, b: Fitted, *, but: Callable[[str], bool] | None = None, factor: float = 1.0) -> None:
        """Hold two fits to be the same: estimates, standard errors (the second's times a factor)."""
        self.same_params(a.params, b.params, a.bse, but=but)
        if a.bse is not None and b.bse is not None:
            self.same_errors(a.bse, b.bse * factor, but=but)

    def same_params(
        self, a: pd.Series, b: pd.Series, bse: pd.Series | None, *, but: Callable[[str], bool] | None = None
    ) -> None:
        """Hold two estimates to be the same, the difference measured in standard errors."""
        names, first, second = _aligned(a, b)
        least = np.maximum(_LEAST, _LEAST_PART * np.abs(first))
        size = 1 + np.abs(first) if bse is None else np.maximum(_aligned(a, bse)[2], least)
        self._near(first, second, size, "estimate", names=names, held=_held(names, but))

    def same_errors(self, a: pd.Series, b: pd.Series, *, but: Callable[[str], bool] | None = None) -> None:
        """Hold two sets of standard errors to be the same, relative to their size; next to nothing is nothing."""
        names, first, second = _aligned(a, b)
        tiny = 1e-9 * np.abs(first).max(initial=0.0)
        held = _held(names, but) & ~(np.maximum(first, second) <= _NOTHING)  # NaN is no nothing
        self._near(first, second, first + tiny, "standard error", 10.0, names=names, held=held)

    def same_number(self, a: Any, b: Any, what: str, *, factor: float = 1.0) -> None:
        """Hold two numbers or arrays to be the same, relative to the larger of one and the first's size."""
        first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        if first.shape != second.shape:
            raise LawBroken(f"{what} has shape {first.shape} in one fit, {second.shape} in the other")
        self._near(first.ravel(), second.ravel(), np.maximum(np.abs(first.ravel()), 1.0), what, factor)

    def same_likelihood(self, a: Fitted, b: Fitted, *, times: float = 1.0, plus: float = 0.0) -> None:
        """Hold the second log-likelihood to be the first's, times a factor, plus a constant."""
        if a.llf is not None and b.llf is not None:
            self.same_number(times * a.llf + plus, b.llf, "log-likelihood")

    def same_predictions(self, a: Fitted, case: Case, b: Fitted, other: Case) -> None:
        """Hold the predictions of the rows of two cases to be the same."""
        if a.predict is not None and b.predict is not None:
            self.same_number(a.predict(case), b.predict(other), "prediction", factor=30.0)

    def _near(
        self,
        a: np.ndarray,
        b: np.ndarray,
        size: np.ndarray,
        what: str,
        factor: float = 1.0,
        *,
        names: pd.Index | None = None,
        held: np.ndarray | bool = True,
    ) -> None:
        near = np.abs(a - b) <= factor * self.tolerance * size
        wrong = ~near & ~((a == b) & np.isfinite(b)) & held
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            name = "" if names is None else f" of {names[at]}"
            raise LawBroken(f"{what}{name}: {a[at]:.10g} against {b[at]:.10g}")


def _aligned(a: pd.Series, b: pd.Series) -> tuple[pd.Index, np.ndarray, np.ndarray]:
    """Return the names of coefficients, and the values of two fits in that order."""
    if not a.index.equals(b.index):
        if set(a.index) != set(b.index):
            raise LawBroken(f"the coefficients are {', '.join(a.index)} in one fit, {', '.join(b.index)} in the other")
        b = b[a.index]
    return a.index, a.to_numpy(), b.to_numpy()


def _held(names: pd.Index, but: Callable[[str], bool] | None) -> np.ndarray:
    """Return which coefficients are compared."""
    return np.ones(len(names), dtype=bool) if but is None else np.array([not but(name) for name in names], dtype=bool)
