"""Cumulative incidence: the share of firms that have made each of several competing first moves, by group."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..core.delta import Delta
from ..core.errors import DataError, OptionError
from ..core.hypotheses import Test, chi_squared
from .aalen_johansen import Shares, shares
from .causes import chosen_cause, read_causes
from .curve_model import CurveModel
from .gray import Counts, GrayScore, gray_score
from .risk_table import Observations, RiskTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class CumulativeIncidence(CurveModel):
    """Cumulative incidence curves of competing first moves.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Time until the first move or the end of observation, zero or more.
    by : array_like, shape (n,), or data frame, optional
        Groups that have curves each; the columns of a frame are crossed.
    event : array_like, shape (n,)
        Which move ended the duration: numbers, texts or categories, with `censored` for none.
    censored : object, default 0
        The value of `event` that says that none was made.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry). Zero, the default, means from the beginning.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If durations are negative, entry lies after the end, or there are no events.

    Notes
    -----
    With n_j firms at risk at t_j, d_kj of which make move k, and S the share without any move, the share whose first
    move by time t is k is estimated by [1]_::

        F_k(t) = sum_{t_j <= t} S(t_{j-1}) d_kj / n_j

    One less the Kaplan-Meier curve of move k, with the other moves as cut off, is larger: it is the share in a world
    without the other moves. Variances are those of the delta method (Greenwood's, where there is one move); intervals
    are symmetric on the log(-log) scale of 1 - F_k.

    References
    ----------
    .. [1] Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based
       on censored observations. Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import CumulativeIncidence
    >>> firms = pd.DataFrame({
    ...     "years": [0, 1, 1, 2, 3, 4, 0, 2, 3, 4, 4, 4, 1, 2, 0, 3],
    ...     "move": ["export", "import", "export", "export", "none", "import", "import", "none",
    ...              "export", "none", "none", "export", "import", "import", "export", "import"],
    ...     "niche": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
    ... })
    >>> curves = CumulativeIncidence.from_formula("years ~ niche", firms, event="move", censored="none").fit()
    >>> print(curves.incidence([1, 3]).round(3).to_string())
                  estimate     se  lower  upper
    0 export t=1     0.000  0.000  0.000  0.000
             t=3     0.156  0.142  0.024  0.694
      import t=1     0.250  0.153  0.069  0.685
             t=3     0.375  0.171  0.139  0.771
    1 export t=1     0.375  0.171  0.139  0.771
             t=3     0.500  0.177  0.225  0.848
      import t=1     0.125  0.117  0.019  0.613
             t=3     0.250  0.153  0.069  0.685
    >>> print(curves.gray_test("export"))
    Gray's test of export: chi2(1) = 1.6761, p = 0.1954
    """

    def __init__(
        self,
        outcome: Any,
        by: Any = None,
        *,
        event: Any = None,
        censored: Any = 0,
        entry: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        if event is None:
            raise OptionError("event= is needed: which move ended the duration, and `censored` where none did")
        series = event if isinstance(event, pd.Series) else pd.Series(event, name="event")
        known = series.notna()
        codes, self.causes = read_causes(series[known], censored, series.index[known])
        coded = pd.Series(np.nan, index=series.index, name=series.name)
        coded[known] = codes
        super().__init__(outcome, by, event=coded.clip(upper=1), entry=entry, frequency=frequency, missing=missing)
        self.cause = coded.to_numpy()[self.sample.used].astype(np.int64)

    def fit(self) -> "IncidenceCurves":
        """Compute the curves.

        Returns
        -------
        IncidenceCurves
            The curves, their tables, Gray's test and plots.
        """
        tables = [self.risk_table(k + 1) for k in range(len(self.causes))]
        paths = []
        for g in range(len(self.levels)):
            events = np.array([table.events[g] for table in tables])
            paths.append(shares(tables[0].at_risk[g], events))
        return IncidenceCurves(self, tables, paths)

    def risk_table(self, cause: int, chosen: np.ndarray | None = None) -> RiskTable:
        """Return the counts of one move by group, of all rows or of some."""
        columns = self.sample.columns
        rows = np.ones(len(self.cause), dtype=bool) if chosen is None else chosen
        spells = Observations(self.sample.outcome, self.cause == cause, columns.get("entry"), self.sample.frequency)
        group = None if self.group is None else self.group[rows]
        return RiskTable.of(spells.take(rows), group, len(self.levels))


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

    def __init__(self, model: CumulativeIncidence, tables: list[RiskTable], paths: list[Shares]):
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
