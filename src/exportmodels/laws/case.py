"""A case: a small data set whose columns are named by what they are to an estimator, printable as code."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from ..core.outcomes import Outcome

# Columns that a case may hold beside outcome and covariates, named by their role.
ROLES = (
    "event",
    "entry",
    "upper",
    "frequency",
    "weights",
    "offset",
    "clusters",
    "strata",
    "choice_set",
    "alternative",
    "nest",
    "firm",
    "shared",
    "year",
    "destination",
    "instruments",
    "select",
    "seen",
)


@dataclass(frozen=True, eq=False)
class Case:
    """Data that a law is tried on.

    Parameters
    ----------
    frame : DataFrame
        The data. Columns that play a role are named by it: event, entry, upper, frequency, weights, offset, clusters,
        strata, choice_set, alternative, nest; firm, year and destination, where a firm has several rows; shared, of
        rows that have an unseen cause in common; instruments, of the first covariate, which is then the endogenous
        one; select, a reason to be selected, and seen, whether the outcome is. `Intercept` is a column of ones.
        Columns whose role is not in use stay until a law puts them to use.
    kind : Outcome
        What the outcome is.
    covariates : tuple of str
        Columns of the design, without the intercept.
    outcome : tuple of str
        The outcome's column, or its columns.
    roles : frozenset of str
        The roles in use.
    dummies : tuple of pair of str
        Covariates that are together the levels of one category of three, the first level left out.
    """

    frame: pd.DataFrame
    kind: Outcome
    covariates: tuple[str, ...]
    outcome: tuple[str, ...] = ("y",)
    roles: frozenset[str] = frozenset()
    dummies: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def y(self) -> pd.Series:
        """The outcome's first column."""
        return self.frame[self.outcome[0]]

    def assign(self, **columns: Any) -> "Case":
        """Return the case with other columns."""
        return replace(self, frame=self.frame.assign(**columns))

    def using(self, *roles: str) -> "Case":
        """Return the case with further roles in use."""
        return replace(self, roles=self.roles | set(roles))

    def without(self, *roles: str) -> "Case":
        """Return the case with roles out of use."""
        return replace(self, roles=self.roles - set(roles))

    def take(self, rows: Any) -> "Case":
        """Return some of the rows, by position, numbered anew."""
        return replace(self, frame=self.frame.iloc[np.asarray(rows)].reset_index(drop=True))

    def repeated(self, times: Any) -> "Case":
        """Return the case with each row as often as `times` says.

        Copies of choices among alternatives get sets of their own, and copies of a firm's years are other firms.
        """
        times = np.broadcast_to(np.asarray(times, dtype=int), len(self))
        repeated = self.take(np.repeat(np.arange(len(self)), times))
        whole = next((role for role in ("choice_set", "firm") if role in self.frame), None)
        if whole is None or "destination" in self.frame:
            return repeated
        copy = np.concatenate([np.arange(count) for count in times])
        return repeated.assign(**{whole: repeated.frame[whole].to_numpy() + 1000 * copy})

    def explained_by(self, covariates: Iterable[str]) -> "Case":
        """Return the case with some of the covariates only, or in another order."""
        kept = tuple(covariates)
        return replace(self, covariates=kept, dummies=tuple(p for p in self.dummies if set(p) <= set(kept)))

    def code(self, name: str = "data", extra: Iterable[str] = ()) -> str:
        """Return the columns in use as a line of Python that makes the data frame `name`."""
        used = [*self.outcome, *self.covariates, *(role for role in ROLES if role in {*self.roles, *extra})]
        cells = ", ".join(f"{column!r}: {_plain(self.frame[column])}" for column in used if column in self.frame)
        return f"{name} = pd.DataFrame({{{cells}}})"


def _plain(column: pd.Series) -> str:
    values = column.tolist()
    whole = all(isinstance(value, int | float) and np.isfinite(value) and value == int(value) for value in values)
    shown = [repr(int(value) if whole else value) for value in values]
    written = f"[{', '.join(shown)}]"
    runs = [(value, len(list(same))) for value, same in groupby(shown)]
    counted = " + ".join(f"[{value}] * {count}" if count > 1 else f"[{value}]" for value, count in runs)
    shorter = counted if len(counted) < len(written) else written
    return shorter.replace("inf", 'float("inf")').replace("nan", 'float("nan")')
