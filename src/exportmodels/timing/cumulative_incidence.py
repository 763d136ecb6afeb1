"""Cumulative incidence: the share of firms that have made each of several competing first moves, by group."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.frames import series_of
from .aalen_johansen import shares
from .causes import read_causes
from .curve_model import CurveModel
from .incidence_curves import IncidenceCurves
from .risk_table import Observations, RiskTable


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
        series = series_of(event, "event")
        known = series.notna()
        codes, self.causes = read_causes(series[known], censored, series.index[known])
        coded = pd.Series(np.nan, index=series.index, name=series.name)
        coded[known] = codes
        super().__init__(outcome, by, event=coded.clip(upper=1), entry=entry, frequency=frequency, missing=missing)
        self.cause = coded.to_numpy()[self.sample.used].astype(np.int64)

    def fit(self) -> IncidenceCurves:
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
