"""Effects that change with time: how a formula or a list of names says which."""

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..core.errors import FormulaError, OptionError
from ..core.terms import Terms


def with_varying(terms: str, frame: pd.DataFrame, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Move terms such as `niche:t` from a formula into the option `varying`, where the data have no column `t`.

    Raises
    ------
    FormulaError
        If `t` stands alone, which is what `baseline=` is for.
    """
    import patsy

    if "t" in frame.columns or not re.search(r"\bt\b", terms):
        return terms, options
    kept, varying = ["1"], list(options.get("varying", ()))
    for term in patsy.ModelDesc.from_formula(terms).rhs_termlist:
        codes = [factor.code for factor in term.factors]
        if codes == ["t"]:
            raise FormulaError("the year t by itself is the baseline: leave it out and choose baseline='linear'")
        if "t" in codes:
            varying.append(":".join(code for code in codes if code != "t"))
        elif codes:
            kept.append(term.name())
    return " + ".join(kept), {**options, "varying": varying}


def columns_named(varying: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the places of the covariates whose effect changes: columns of that name, or of a category's levels."""
    found: list[int] = []
    for wanted in [varying] if isinstance(varying, str) else varying:
        at = [j for j, name in enumerate(names) if name == wanted or name.startswith(f"{wanted}[")]
        if not at:
            raise OptionError(
                f"the effect of {wanted!r} is to change with t, but it is no covariate itself; add its effect at t=0. "
                f"There are: {', '.join(names)}"
            )
        found += at
    return found


def own_t(exog: Any, *durations: Any) -> list[str]:
    """Return the note that `t` is a column of the data; refuse it where outcome, event or entry is made of it."""
    if not isinstance(exog, Terms) or "t" not in exog.columns:
        return []
    for given in durations:
        name = str(getattr(given, "name", None))
        if re.search(r"\bt\b", name):
            raise OptionError(
                f"`t` in the terms {exog.formula!r} is the column 't' of the data, of which {name!r} is made: the "
                "outcome would explain itself. Rename that column, and `x:t` stands for an effect that changes by year"
            )
    return ["`t` in the formula is the column 't' of the data, not the year; rename it to write `x:t` for the year."]
