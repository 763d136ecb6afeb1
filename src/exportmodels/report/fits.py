"""Fitting the models of a report: each ends in results, or in a sentence that says why there are none."""

import warnings
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import ExportModelsError, ExportModelsWarning
from ..core.model import Model
from ..core.results import Results
from ..strategy.published_classes import published_share_for
from .sources import Source
from .specs import HEADS, Spec, controls, specs
from .telling import findings

BASES = {"": "all firms", "exporter": "exporters", "expects_increase": "firms that expect an increase"}
"""The firms that a model uses, in words, by the column that chooses them."""


@dataclass(frozen=True)
class Fit:
    """A model of the report.

    Parameters
    ----------
    spec : Spec
        What was asked for.
    formula : str
        The formula.
    base : str
        The firms that were used, in words.
    results : Results or None
        The fit.
    problem : str
        Why there is none.
    warnings : list of str
        What was said while fitting.
    """

    spec: Spec
    formula: str
    base: str
    results: Results | None = None
    problem: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The model in a list: its outcome where a question has several, its head, and whether it has controls."""
        outcome = f"{HEADS[self.spec.outcome]}: " if self.spec.question == "strategy" else ""
        return f"{outcome}{self.spec.heading}{', with controls' if self.spec.controls else ''}"


def planned(source: Source) -> list[Spec]:
    """Return the models whose columns the firms have and whose outcome is not the grouping itself."""
    return [
        spec
        for spec in specs(source.enterprise)
        if set(spec.columns) <= set(source.firms) and source.grouping.by not in spec.columns
    ]


def fit(source: Source, spec: Spec) -> Fit:
    """Fit one model; an error of ours becomes its `problem`."""
    firms, by = source.firms, source.grouping.by
    if spec.among:
        firms = firms[firms[spec.among] == 1]
    kept = [name for name in controls(source.enterprise, by) if name in firms and firms[name].min() < firms[name].max()]
    terms = [by, *kept] if spec.controls else [by]
    formula = f"{spec.outcome} ~ {' + '.join(terms)}"
    base = BASES[spec.among]
    options = dict(spec.options) | ({"weights": "weight"} if source.weighted else {})
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ExportModelsWarning)
        try:
            results = estimator(spec.estimator).from_formula(formula, firms, **options).fit(progress=False)
        except ExportModelsError as error:
            return Fit(spec, formula, base, problem=str(error))
    told = [str(warning.message) for warning in said if issubclass(warning.category, ExportModelsWarning)]
    return Fit(spec, formula, base, results, warnings=list(dict.fromkeys(told)))


def told(source: Source, one: Fit) -> pd.DataFrame:
    """Return what a fitted model says of the groups, beside the published figures of the same firms.

    Beside the columns of `findings`: `question`, `base`, `main` (of the model that stands for its question) and `shown`
    (of the quantity that stands for that model).
    """
    assert one.results is not None
    table = findings({one.name: one.results}, source.grouping.by).table
    if not one.spec.compares:
        table = table.assign(published=np.nan, figure=None)
    if one.spec.published is not None:
        outcome, category = one.spec.published
        look_up = published_share_for(outcome)
        found: dict[Any, Any] = {
            group.key: look_up(group.by, group.level, category) for group in source.grouping.groups
        }
        marks: list[Any] = [found.get(group) for group in table["group"]]
        values = pd.Series([np.nan if mark is None else mark.value for mark in marks], index=table.index)
        figures = pd.Series([None if mark is None else mark.figure for mark in marks], index=table.index, dtype=object)
        table = table.assign(published=values, figure=figures)
    named = table.loc[table["quantity"].str.contains(one.spec.shows, regex=False), "quantity"]
    stands = named.iloc[0] if one.spec.shows and len(named) else table["quantity"].iloc[0]
    shown = (table["quantity"] == stands) & one.spec.across
    return table.assign(question=one.spec.question, base=one.base, main=one.spec.across, shown=shown)


def estimator(path: str) -> type[Model]:
    """Return an estimator by module and name."""
    module, name = path.split(".")
    return getattr(import_module(f"..{module}", __package__), name)  # type: ignore[no-any-return]
