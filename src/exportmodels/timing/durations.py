"""Durations from calendar years: events, censoring, late entry, and the interval that two years really imply."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError
from ..core.frames import column, numbers, series_of, to_pandas
from ..core.options import checked, choose
from ..core.outcomes import refuse
from .kaplan_meier import KaplanMeier

_GRANULARITIES = {"year": True, "exact": False}
# The cohorts of the report's figure 16, and what lies between two of them; the last one overlaps.
_COHORTS = {
    "founded before 1950": lambda founded, surveyed: founded < 1950,
    "founded 1950 to 1990": lambda founded, surveyed: (founded >= 1950) & (founded <= 1990),
    "founded after 1990": lambda founded, surveyed: founded > 1990,
    "founded in the last decade": lambda founded, surveyed: surveyed - founded <= 10,
}


@dataclass(frozen=True)
class Durations:
    """Years from founding to an event, as the models of this package read them.

    Parameters
    ----------
    frame : DataFrame
        One row a firm: `duration` (years to the event, or to the survey), `event` (1 or 0), `entry` (time after which
        the firm was observed, 0 for the beginning), `first_year` (the first whole year at risk), `lower` and `upper`
        (between which the time of the event lies; `upper` is infinite without an event), `founded`, `surveyed`.
    granularity : {"year", "exact"}
        How precise the years are.
    unobserved : int
        Number of firms whose event lies before observation began: their rows hold NaN, and the models leave them out.

    See Also
    --------
    Cox, KaplanMeier : Read `duration`, `event`, `entry`.
    DiscreteHazard : Reads `duration`, `event`, and `first_year` as `entry`.
    AFT : Reads `lower` as the outcome, `upper` and `entry`.
    """

    frame: pd.DataFrame
    granularity: str = "year"
    unobserved: int = 0

    @classmethod
    @checked
    def from_years(
        cls,
        founded: Any,
        first_export: Any,
        surveyed: Any,
        *,
        data: Any = None,
        observed_from: Any = None,
        granularity: str = "year",
    ) -> Self:
        """Read durations from calendar years.

        Parameters
        ----------
        founded : array_like, shape (n,), or str
            Year of founding.
        first_export : array_like, shape (n,), or str
            Year of the event; missing where there was none until the survey.
        surveyed : array_like, shape (n,), number or str
            Year of the survey.
        data : data frame, optional
            The table whose columns the names stand for.
        observed_from : array_like, shape (n,), number or str, optional
            Year in which observation began (the start of a register): firms founded before it enter late.
        granularity : {"year", "exact"}
            Whether years are calendar years, or points in time (2003.25).

        Returns
        -------
        Durations
            The durations; rows that miss the year of founding or of the survey hold NaN.

        Raises
        ------
        OutcomeError
            If a firm had the event before it was founded or after it was surveyed, or was surveyed before founding.

        Notes
        -----
        Two calendar years tell less than they seem to: founded in year a, and first exporting in year b, a firm took
        between b - a - 1 and b - a + 1 years. A firm without exports in survey year s has lasted at least s - a - 1.
        Where observation began with year o, firms came under observation after o - a - 1/2 years, on average.

        Examples
        --------
        >>> import pandas as pd
        >>> from exportmodels.timing import Durations
        >>> firms = pd.DataFrame({"founded": [1990, 2000, 2003], "first_export": [1995, 2000, None]})
        >>> durations = Durations.from_years("founded", "first_export", 2008, data=firms)
        >>> print(durations.frame[["duration", "event", "entry", "lower", "upper"]].to_string())
           duration  event  entry  lower  upper
        0       5.0    1.0    0.0    4.0    6.0
        1       0.0    1.0    0.0    0.0    1.0
        2       5.0    0.0    0.0    4.0    inf
        """
        whole = choose("granularity", granularity, _GRANULARITIES)
        given = {"founded": founded, "first_export": first_export, "surveyed": surveyed, "observed_from": observed_from}
        years = _read_years(given, data)
        a, b, s = years["founded"].to_numpy(), years["first_export"].to_numpy(), years["surveyed"].to_numpy()
        for name, wrong, rule in (
            ("first_export", b < a, "lies before the founding of the firm; correct it, or set it to missing"),
            ("first_export", b > s, "lies after the survey"),
            ("surveyed", s < a, "lies before the founding of the firm"),
        ):
            refuse(wrong, years[name].to_numpy(), name, years.index, rule)
        if whole:
            for name in given:
                values = years[name].to_numpy()
                refuse(
                    values > np.floor(values),
                    values,
                    name,
                    years.index,
                    "must be whole years; or say granularity='exact'",
                )
        return cls._of(years, a, b, s, whole)

    @classmethod
    def _of(cls, years: pd.DataFrame, a: np.ndarray, b: np.ndarray, s: np.ndarray, whole: bool) -> Self:
        slack = 1.0 if whole else 0.0
        event = ~np.isnan(b)
        duration = np.where(event, b, s) - a
        late = np.maximum(years["observed_from"].to_numpy() - a, 0.0)
        unobserved = (late > 0) & (duration + slack / 2 <= late)
        frame = pd.DataFrame(
            {
                "duration": duration,
                "event": event.astype(float),
                "entry": np.where(late > 0, late - slack / 2, 0.0),
                "first_year": np.ceil(late),
                "lower": np.maximum(duration - slack, 0.0),
                "upper": np.where(event, duration + slack, np.inf),
            },
            index=years.index,
        )
        frame[unobserved | np.isnan(duration)] = np.nan
        frame = frame.assign(founded=a, surveyed=s)
        return cls(frame, "year" if whole else "exact", int(unobserved.sum()))

    @property
    def duration(self) -> pd.Series:
        """Years to the event, or to the survey."""
        return self.frame["duration"]

    @property
    def event(self) -> pd.Series:
        """1 where the duration ends with the event."""
        return self.frame["event"]

    @property
    def entry(self) -> pd.Series:
        """Time after which the firm was observed."""
        return self.frame["entry"]

    @property
    def first_year(self) -> pd.Series:
        """The first whole year at risk."""
        return self.frame["first_year"]

    @property
    def lower(self) -> pd.Series:
        """The least time that the years allow."""
        return self.frame["lower"]

    @property
    def upper(self) -> pd.Series:
        """The longest time that the years allow; infinite without an event."""
        return self.frame["upper"]

    def columns(self, data: Any) -> pd.DataFrame:
        """Return a table with the durations as further columns, for formulas.

        Raises
        ------
        DataError
            If the table has other rows, or columns of these names that hold something else.
        """
        table, own = to_pandas(data), self.frame.drop(columns=["founded", "surveyed"])
        if not table.index.equals(own.index):
            raise DataError("the table has other rows than the durations were read from")
        taken = [name for name in own if name in table]
        if taken:
            raise DataError(f"the table has a column {taken[0]!r} already; rename or drop it")
        return table.join(own)

    def describe(self, alpha: float = 0.05) -> pd.DataFrame:
        """Describe the durations of all firms and of founding cohorts, beside the report's figure 16.

        Means of the firms that had the event stand beside the published ones, which are such means; they make young
        cohorts look fast, because a young firm can only have waited a short time. The medians and shares count the
        firms that still wait.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            firms, events, mean (of those with the event), published mean, median, lower, upper, first year (the share
            that had the event in it, after Kaplan and Meier), published first year; one row a cohort.
        """
        known = self.frame[self.frame["duration"].notna()]
        cohorts = {"all": np.ones(len(known), dtype=bool)}
        for name, chosen in _COHORTS.items():
            cohorts[name] = chosen(known["founded"].to_numpy(), known["surveyed"].to_numpy())
        rows = {name: self._described(known[chosen], name, alpha) for name, chosen in cohorts.items() if chosen.any()}
        return pd.DataFrame(rows.values(), index=list(rows))

    def _described(self, firms: pd.DataFrame, cohort: str, alpha: float) -> dict[str, float]:
        from ..data import yardstick

        happened = firms["event"] == 1
        published = {
            "published mean": yardstick("years_to_export", cohort, "mean"),
            "published first year": yardstick("years_to_export", cohort, "percent", "0"),
        }
        median, within = (np.nan,) * 3, 0.0
        if happened.any():
            curve = KaplanMeier(firms["duration"], event=firms["event"], entry=firms["entry"]).fit()
            median = tuple(curve.median(alpha).iloc[0])
            within = 1 - float(curve.survival([0.0 if self.granularity == "year" else 1.0])["estimate"].iloc[0])
        mean, first = (np.nan if found is None else found.value for found in published.values())
        return {
            "firms": len(firms),
            "events": int(happened.sum()),
            "mean": float(firms.loc[happened, "duration"].mean()),
            "published mean": mean,
            **dict(zip(("median", "lower", "upper"), median, strict=True)),
            "first year": within,
            "published first year": first / 100,
        }

    def __repr__(self) -> str:
        return f"<Durations: {self.duration.notna().sum()} firms, {self.event.sum():g} events, by {self.granularity}>"


def _read_years(given: dict[str, Any], data: Any) -> pd.DataFrame:
    """Return the years as columns of floats, numbers spread over all rows."""
    frame = None if data is None else to_pandas(data)
    if frame is None and any(isinstance(values, str) for values in given.values()):
        raise OptionError("names of columns need data=, the table they stand in")
    columns = {
        name: column(frame, values, name) if isinstance(values, str) and frame is not None else series_of(values, name)
        for name, values in given.items()
        if not pd.api.types.is_scalar(values) or isinstance(values, str)
    }
    index = next((columns[name].index for name in columns if isinstance(given[name], str | pd.Series)), None)
    length = max(map(len, columns.values()), default=1)
    index = pd.RangeIndex(length) if index is None else index
    years = {}
    for name, values in given.items():
        spread = columns.get(name, pd.Series([np.nan if values is None else values] * length))
        if len(spread) != len(index):
            raise DataError(f"{name} has {len(spread)} rows, the others {len(index)}")
        years[name] = numbers(spread.set_axis(index), name, index, finite=False)
    return pd.DataFrame(years, index=index).assign(observed_from=lambda table: table["observed_from"].fillna(-np.inf))
