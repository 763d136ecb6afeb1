"""Cumulative incidence curves: their tables, Gray's test and plots."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..core.delta import Delta
from ..core.errors import DataError, OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.options import checked_methods
from .aalen_johansen import Shares
from .causes import chosen_cause
from .gray import Counts, GrayScore, gray_score
from .risk_table import RiskTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .cumulative_incidence import CumulativeIncidence


@checked_methods
class IncidenceCurves:
    """Cumulative incidence curves, by group and move.

    Parameters
    ----------
    model : CumulativeIncidence
        What was fitted.
    tables : list of RiskTable
        Counts by group, one for each move, at the same times.
    paths : list of Shares
        One a group.
    """

    def __init__(self, model: "CumulativeIncidence", tables: list[RiskTable], paths: list[Shares]):
        self.model, self._tables, self._paths = model, tables, paths

    @property
    def levels(self) -> list[Any]:
        """The groups."""
        return self.model.levels

    @property
    def times(self) -> np.ndarray:
        """The times at which some firm moves or is cut off."""
        return self._tables[0].times

    def _known(self, g: int) -> int:
        """Number of times up to the last at which the group was observed."""
        return int(np.flatnonzero(self._tables[0].at_risk[g] > 0)[-1]) + 1

    def _columns(self, g: int, k: int, alpha: float) -> pd.DataFrame:
        path, known = self._paths[g], self._known(g)
        share, variance = path.moved[k, :known], path.variance[k, :known]
        upper, lower = (1 - end for end in Delta(1 - share, variance).interval(alpha, "cloglog"))
        return pd.DataFrame({"estimate": share, "se": np.sqrt(variance), "lower": lower, "upper": upper})

    def table(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return the curves at every time at which a firm moves or is cut off.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            group, move, time, at risk, events, incidence, se, lower, upper.
        """
        parts = []
        for g, level in enumerate(self.levels):
            for k, cause in enumerate(self.model.causes):
                known, counts = self._known(g), self._tables[k]
                own = {"time": self.times, "at risk": counts.at_risk[g], "events": counts.events[g]}
                left = pd.DataFrame({name: values[:known] for name, values in own.items()})
                left.insert(0, "move", cause)
                left.insert(0, "group", level)
                curve = self._columns(g, k, alpha).rename(columns={"estimate": "incidence"})
                parts.append(pd.concat([left, curve], axis=1))
        return pd.concat(parts, ignore_index=True)

    def incidence(self, times: Sequence[float], alpha: float = 0.05) -> pd.DataFrame:
        """Return the shares of each first move by some times.

        Parameters
        ----------
        times : sequence of float
            Beyond the last time observed in a group the shares are not known, and NaN.
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            estimate, se, lower, upper; one row a group, move and time.
        """
        at, parts = np.asarray(times, dtype=float), []
        for g in range(len(self.levels)):
            last = self.times[self._known(g) - 1]
            upto = np.searchsorted(self.times[: self._known(g)], at, side="right")
            for k in range(len(self.model.causes)):
                curve = self._columns(g, k, alpha)
                part = pd.DataFrame({name: np.r_[0.0, curve[name]][upto] for name in curve})
                part[at > last] = np.nan
                parts.append(part)
        names = [f"t={t:g}" for t in at]
        return pd.concat(parts).set_axis(pd.MultiIndex.from_product([self.levels, self.model.causes, names]))

    def gray_test(self, cause: Any, *, rho: float = 0.0, strata: Any = None) -> Test:
        """Test whether the share with one first move rises alike in all groups.

        Parameters
        ----------
        cause : object
            The move, a value of `event`.
        rho : float, default 0
            The weights are (1 - F)^rho: above zero early differences count more, below zero late ones.
        strata : str or array_like, shape (n,), optional
            Groups are compared within strata: a column name with a formula.

        Returns
        -------
        Test
            Gray's chi-squared test [1]_.

        Raises
        ------
        OptionError
            If there is one group only, or entries are late.

        References
        ----------
        .. [1] Gray, R. J. (1988). A class of K-sample tests for comparing the cumulative incidence of a competing risk.
           Annals of Statistics 16, 1141-1154.
        """
        model, groups = self.model, len(self.levels)
        if groups < 2:
            raise OptionError("Gray's test compares groups, and there is one only; name a column in the formula")
        if "entry" in model.sample.columns:
            raise OptionError("Gray's test is made without late entry; leave entry= out, or compare by FineGray")
        wanted = chosen_cause(cause, model.causes)
        labels = None if strata is None else model.sample.align(strata, "strata", model.frame)
        codes = np.zeros(len(model.cause), dtype=np.int64) if labels is None else pd.factorize(labels)[0]
        scores = [self._score(codes == code, wanted, rho) for code in np.unique(codes)]
        total = scores[0]
        for score in scores[1:]:
            total = total + score
        if np.linalg.matrix_rank(total.covariance) < groups - 1:
            raise DataError(f"some group has no firms at risk of {cause!r}, so that the groups cannot be compared")
        return chi_squared(f"Gray's test of {cause}", total.statistic, groups - 1)

    def _score(self, chosen: np.ndarray, wanted: int, rho: float) -> GrayScore:
        tables = [self.model.risk_table(k + 1, chosen) for k in range(len(self.model.causes))]
        own = tables[wanted - 1].events
        other = np.sum([table.events for table in tables], axis=0) - own
        moving = (own + other).sum(axis=0) > 0
        return gray_score(Counts(tables[0].at_risk[:, moving], own[:, moving], other[:, moving]), rho)

    def at_risk(self, times: Sequence[float]) -> pd.DataFrame:
        """Return how many firms are at risk just before some times, groups in rows."""
        counts = self._tables[0].at_risk_at(np.asarray(times, dtype=float))
        return pd.DataFrame(counts, index=self.levels, columns=[f"{t:g}" for t in times])

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        causes: Sequence[Any] | None = None,
        alpha: float | None = 0.05,
        risk_table: bool = True,
        times: Any = None,
    ) -> "Axes":
        """Draw the curves, with the counts at risk below.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; new axes by default.
        causes : sequence, optional
            The moves to draw; all by default.
        alpha : float, optional
            One less the level of the shaded intervals; None for none.
        risk_table : bool, default True
            Whether to write how many are at risk below the ticks.
        times : sequence of float, optional
            Where to count them; by default at the ticks.

        Returns
        -------
        matplotlib Axes
        """
        from .plots import Step, draw_steps

        chosen = [chosen_cause(cause, self.model.causes) - 1 for cause in causes or self.model.causes]
        steps = []
        for g, level in enumerate(self.levels):
            for k in chosen:
                curve = self._columns(g, k, alpha or 0.05)
                limits = None if alpha is None else (curve["lower"].to_numpy(), curve["upper"].to_numpy())
                label = f"{self.model.causes[k]}, {self._label(level)}" if self.model.by else str(self.model.causes[k])
                own = self.times[: self._known(g)]
                steps.append(Step(label, own, curve["estimate"].to_numpy(), 0.0, limits))

        def counts(at: Sequence[float]) -> pd.DataFrame:
            return self.at_risk(at).iloc[np.repeat(np.arange(len(self.levels)), len(chosen))]

        labels = f"years ({self.model.sample.name})", "share with this first move"
        return draw_steps(steps, ax, labels, counts if risk_table else None, times)

    def _label(self, level: Any) -> str:
        return f"{self.model.by}={level}" if self.model.by else str(level)

    def __repr__(self) -> str:
        events = [table.events.sum() for table in self._tables]
        moves = ", ".join(f"{n:g} {cause}" for cause, n in zip(self.model.causes, events, strict=True))
        return f"<CumulativeIncidence curves: {len(self.levels)} groups, {moves}>"
