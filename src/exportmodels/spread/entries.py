"""Years in which firms entered their markets: read and checked, with the years they are counted from and up to."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError, rows, rows_that
from ..core.frames import column, listed, numbers, to_pandas
from .firm_markets import firm_markets


@dataclass(frozen=True)
class Entries:
    """Years of entry, one row a firm and market, in the order of firms and years.

    Parameters
    ----------
    frame : DataFrame
        Columns firm, year, first (the firm's first year of entry), origin (the year its first years are counted from)
        and last (the last year it was observed).
    """

    frame: pd.DataFrame

    @classmethod
    def read(cls, entries: Any, firm: str, market: str, year: str, origin: Any, until: Any) -> "Entries":
        """Check entry years: whole, one for each firm and market, none before the origin or after the last year."""
        given = to_pandas(entries)
        names, _ = firm_markets(given, firm, market, "keep the first year of entry")
        frame = pd.DataFrame({"firm": names.to_numpy(), "year": _years(given, year)})
        frame["first"] = frame.groupby("firm", sort=False)["year"].transform("min")
        frame["origin"] = frame["first"] if origin is None else _limit(given, names, "origin", origin)
        frame["last"] = frame["year"].max() if until is None else _limit(given, names, "until", until)
        for wrong, when, option in (
            (frame["year"] < frame["origin"], "before the year that the first years are counted from", "origin"),
            (frame["year"] > frame["last"], "after the firm was last observed", "until"),
        ):
            if wrong.any():
                raise DataError(f"{rows(given.index[wrong.to_numpy()])} are entries {when} ({year!r}, {option})")
        return cls(frame)


def _years(given: pd.DataFrame, name: str) -> np.ndarray:
    values = column(given, name, "the entries")
    if pd.api.types.is_datetime64_any_dtype(values):
        raise DataError(f"column {name!r} holds dates; give years (.dt.year)")
    years = numbers(values, f"column {name!r}", given.index)
    wrong = years != np.floor(years)
    if wrong.any():
        raise DataError(f"column {name!r} must hold whole years; {rows_that('do', given.index[wrong])} not")
    return years


def _limit(given: pd.DataFrame, names: pd.Series, option: str, value: Any) -> np.ndarray | float:
    """Return the years that a column gives, one for each firm, or the one year given for all of them."""
    if isinstance(value, str):
        years = _years(given, value)
        of_firm = pd.Series(years, names.index).groupby(names, observed=True)
        several = of_firm.min() < of_firm.max()
        if several.any():
            firms = listed(several.index[several])
            raise DataError(f"column {value!r} ({option}) has several years for {firms}; one a firm is needed")
        return years
    if isinstance(value, bool) or not isinstance(value, Real) or value % 1 != 0:
        raise OptionError(f"{option} must be a whole year or the name of a column, not {value!r}")
    return float(value)
