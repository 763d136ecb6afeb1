"""Findings of several models in one table, and in sentences that put the groups and the published figure together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..core.errors import OptionError
from ..core.findings import Findings, number
from ..core.options import checked
from ..core.results import Results
from .groups import grouping
from .terms import known_labels

DIFFERENCE = " less "


@dataclass(frozen=True)
class GroupedFindings(Findings):
    """Findings of one model or several, one sentence a quantity.

    `table` has, beside the columns of `core.findings.Findings`: `model`, `outcome`, `groups` (the group in words),
    `firms` (that the model used), `covariance`, `weights`, and `curve` (one of several columns of a quantity, such as
    the probability of one bracket).
    """

    def sentences(self) -> list[str]:
        """Return one sentence for each model and quantity."""
        return [self._told(rows) for _, rows in self.table.groupby(["model", "quantity"], sort=False)]

    def _told(self, rows: pd.DataFrame) -> str:
        parts = [self._part(row, first=k == 0) for k, row in enumerate(rows.itertuples())]
        quantity = rows["quantity"].iloc[0]
        return f"{quantity[0].upper()}{quantity[1:]}: {'; '.join(parts)}."

    def _part(self, row: Any, first: bool) -> str:
        difference = row.groups == "difference" or DIFFERENCE in row.groups
        level = f"{100 * (1 - self.alpha):g}% interval " if first else ""
        ends = f"{amount(row.lower, row.unit, bare=True)} to {amount(row.upper, row.unit, difference, bare=True)}"
        text = f"{row.groups} {amount(row.estimate, row.unit, difference)} ({level}{ends})"
        if pd.notna(row.published):
            text += f", published {amount(row.published, row.unit, bare=row.unit not in PERCENT)} (figure {row.figure})"
        return text


PHRASES = {"the event (exported)": "the first export", "share exported": "share that has exported"}
"""What models say of a column of the firms table -> the same in words."""
PERCENT = ("share", "probability")


def amount(value: float, unit: str, difference: bool = False, bare: bool = False) -> str:
    """Write a value with its unit; shares and probabilities as percentages, their differences in points.

    A median that a curve does not come to is infinite, and "not reached".
    """
    if pd.isna(value):
        return "not known"
    if abs(value) == float("inf"):
        return "not reached"
    if unit in PERCENT:
        size = f"{100 * value:.1f}" if 0 < abs(value) < 0.0995 else f"{100 * value:.0f}"
        return size if bare else size + (" points" if difference else "%")
    written = f"{value:g}" if value == round(value) and abs(value) < 1000 else number(value)
    return written if bare or not unit else f"{written} {unit}"


@checked
def findings(results: Results | Mapping[str, Results], by: str, *, alpha: float = 0.05) -> GroupedFindings:
    """Say one model or several in years, shares, markets and probabilities, group by group.

    Parameters
    ----------
    results : Results, or mapping of str to Results
        A fit, or several under the names that the table shows.
    by : str
        A covariate of 0 and 1 or of categories, in every model.
    alpha : float, default 0.05
        One less the level of the intervals.

    Returns
    -------
    GroupedFindings
        A table, and one sentence a quantity.

    Raises
    ------
    OptionError
        If `by` is no group in a model.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels import report
    >>> from exportmodels.spread import ZeroTruncated
    >>> firms = pd.DataFrame({"countries": [1, 4, 30, 6, 5, 2, 60, 12, 9, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> fit = ZeroTruncated.from_formula("countries ~ niche", firms).fit()
    >>> print(report.findings(fit, "niche").sentences()[0])
    Mean number of export countries: niche firms 31.7 export countries (95% interval 18.7 to 53.9), published 34
    (figure 26); mass firms 4.50 export countries (2.70 to 7.51), published 6 (figure 26); difference 27.2 export
    countries (10.3 to 44.2).
    """
    named = results if isinstance(results, Mapping) else {type(results.model).__name__: results}
    if not named:
        raise OptionError("there are no results to tell")
    tables = [_table(name, fit, by, alpha) for name, fit in named.items()]
    return GroupedFindings(pd.concat(tables, ignore_index=True), by, alpha)


def _table(name: str, results: Results, by: str, alpha: float) -> pd.DataFrame:
    table = results.findings(by, alpha).table
    single = [quantity.label for quantity in results.model.quantities.values() if quantity.columns is None]
    frame = results.model.frame
    words = {
        group.key: group.words for group in grouping(results.model.covariates() if frame is None else frame, by).groups
    }
    place = {key: k for k, key in enumerate(words)}
    label = known_labels(frame).get(results.model.endog_names)
    table = table.assign(
        quantity=[_phrase(text, results.model.endog_names, label) for text in table["quantity"]],
        model=name,
        outcome=results.model.endog_names,
        groups=[words.get(group) or _difference(group, words) for group in table["group"]],
        firms=results.nobs,
        covariance=results.cov_type,
        weights=results.model.sample.weights is not None,
        curve=~table["quantity"].isin(single),
    )
    asked = {quantity: k for k, quantity in enumerate(dict.fromkeys(table["quantity"]))}
    order = [(asked[q], place.get(g, len(place))) for q, g in zip(table["quantity"], table["group"], strict=True)]
    return table.iloc[sorted(range(len(table)), key=order.__getitem__)]


def _phrase(quantity: str, outcome: str, label: str | None) -> str:
    """Write a quantity of the firms table in words: its columns by their labels."""
    if label and quantity == f"probability of {outcome}":
        return f"probability: {label[0].lower()}{label[1:]}"
    for column, words in PHRASES.items():
        quantity = quantity.replace(column, words)
    return quantity


def _difference(group: str, words: dict[str, str]) -> str:
    if len(words) == 2:
        return "difference"
    first, second = group.split(DIFFERENCE)
    return f"{words[first]} less {words[second]}"
