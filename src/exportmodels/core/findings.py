"""Findings: a model's sentences in years, shares, markets and probabilities, beside the published figure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Findings:
    """What a model says of groups.

    Parameters
    ----------
    table : DataFrame
        quantity, unit, group, estimate, se, lower, upper, published, figure; one row a group or a difference.
    by : str
        The grouping covariate.
    alpha : float
        One less the level of the intervals.
    """

    table: pd.DataFrame
    by: str
    alpha: float = 0.05

    def sentences(self) -> list[str]:
        """Return one sentence a row."""
        return [self._sentence(row) for row in self.table.itertuples()]

    def _sentence(self, row: Any) -> str:
        if row.estimate == row.se == 0:
            return f"{row.quantity[0].upper()}{row.quantity[1:]} does not depend on {self.by} in this model."
        unit = "" if row.unit in ("", "share", "probability") else f" {row.unit}"
        text = (
            f"{row.quantity[0].upper()}{row.quantity[1:]}, {row.group}: {number(row.estimate)}{unit} "
            f"({100 * (1 - self.alpha):g} % interval {number(row.lower)} to {number(row.upper)})"
        )
        if pd.notna(row.published):
            text += f"; the 2009 report published {number(row.published)} ({place(row.figure)})"
        return text + "."

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, float_format=number)


def place(figure: str) -> str:
    """Say where in the report a figure stands: `24` is figure 24, `5.2 text` section 5.2."""
    return f"section {figure.removesuffix(' text')}" if figure.endswith(" text") else f"figure {figure}"


def number(value: float) -> str:
    """Write a number with three figures, and no more decimals than help."""
    if pd.isna(value):
        return "not known"
    if np.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    size = abs(value)
    return (
        f"{value:.0f}"
        if size >= 100
        else f"{value:.1f}"
        if size >= 10
        else f"{value:.2f}"
        if size >= 0.095
        else f"{value:.3f}"
    )
