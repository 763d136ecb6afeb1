"""Which models a report fits: for each question its estimators, their outcomes and covariates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONTROLS = {
    "questionnaire": ("log_employees", "rd_high"),
    "enterprise-survey": ("log_employees", "foreign_owned", "manager_experience"),
}
"""Covariates beside the grouping."""

RELATED = {"size": "log_employees", "sampling_size": "log_employees", "employees": "log_employees", "rd": "rd_high"}
"""Groupings -> the control that would say the same again."""


@dataclass(frozen=True)
class Spec:
    """One model.

    Parameters
    ----------
    question : str
        timing, share, spread or strategy.
    estimator : str
        `module.Name` in the package.
    outcome : str
        The left side of the formula.
    heading : str
        The head of its column in tables.
    controls : bool
        Whether the controls stand beside the grouping.
    options : mapping
        Options of the estimator.
    among : str
        A column of 0 and 1: only firms with 1 are used; blank for all firms.
    across : bool
        Whether the model stands in the table across questions.
    published : tuple of str
        Outcome and category of the published share that stands beside the probability.
    compares : bool
        Whether the published figures are of the same firms as the model's.
    shows : str
        Words in the name of the quantity that stands for the model in the summary; by default its first.
    """

    question: str
    estimator: str
    outcome: str
    heading: str
    controls: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    among: str = ""
    across: bool = False
    published: tuple[str, str] | None = None
    compares: bool = True
    shows: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns that the model needs beside covariates."""
        columns = [name.strip() for name in self.outcome.split("+")]
        named = [value for key, value in self.options.items() if key in ("event", "entry")]
        return [*columns, *named, *([self.among] if self.among else [])]


_EVENT = {"event": "exported"}
_HAZARD = {**_EVENT, "link": "cloglog", "baseline": "log"}
_COUNT = {"dist": "nb2"}

QUESTIONNAIRE = (
    Spec("timing", "timing.Cox", "duration", "Cox", True, _EVENT),
    Spec("timing", "timing.DiscreteHazard", "duration", "Discrete hazard", options=_HAZARD),
    Spec("timing", "timing.DiscreteHazard", "duration", "Discrete hazard", True, _HAZARD, across=True),
    Spec("share", "share.Bracketed", "share_lower + share_upper", "Brackets, logit-normal", among="exporter"),
    Spec("share", "share.Bracketed", "share_lower + share_upper", "Brackets, logit-normal", True, among="exporter",
         across=True),
    Spec("share", "share.Bracketed", "share_lower + share_upper", "Brackets, normal", True, {"dist": "normal"},
         "exporter"),
    Spec("spread", "spread.ZeroTruncated", "countries", "Truncated NB2", options=_COUNT, among="exporter"),
    Spec("spread", "spread.ZeroTruncated", "countries", "Truncated NB2", True, _COUNT, "exporter", across=True),
    Spec("spread", "spread.NegativeBinomial", "countries", "NB2", True, compares=False),
    Spec("strategy", "strategy.FirthLogit", "global_market", "Firth logit", published=("market", "global"),
         across=True, controls=True),
    Spec("strategy", "strategy.FirthLogit", "global_firm", "Firth logit", controls=True),
    Spec("strategy", "strategy.FirthLogit", "prospection", "Firth logit", controls=True,
         published=("start_trigger", "prospection")),
    Spec("strategy", "strategy.FirthLogit", "activities_beyond_trade", "Firth logit", controls=True,
         published=("activities_beyond_trade", "")),
    Spec("strategy", "strategy.FirthLogit", "expects_increase", "Firth logit", controls=True,
         published=("expected_trend", "increase")),
    Spec("strategy", "strategy.FirthLogit", "present_markets", "Firth logit", among="expects_increase",
         published=("growth_driver", "present markets")),
)  # fmt: skip

ENTERPRISE = (
    Spec("timing", "timing.Cox", "duration", "Cox", True, _EVENT),
    Spec("timing", "timing.DiscreteHazard", "duration", "Discrete hazard", options=_HAZARD),
    Spec("timing", "timing.DiscreteHazard", "duration", "Discrete hazard", True, _HAZARD, across=True,
         shows="within 5"),
    Spec("share", "share.Fractional", "share", "Fractional logit", among="exporter"),
    Spec("share", "share.Fractional", "share", "Fractional logit", True, among="exporter", across=True),
    Spec("share", "share.Fractional", "share", "Fractional logit", True),
    Spec("strategy", "strategy.Logit", "exporter", "Logit", True, across=True),
    Spec("strategy", "strategy.Logit", "direct_exporter", "Logit", True, among="exporter"),
    Spec("strategy", "strategy.Logit", "international_market", "Logit", True),
    Spec("strategy", "strategy.Logit", "global_firm", "Logit", True),
)  # fmt: skip


HEADS = {
    "duration": "Years to the first export",
    "share_lower, share_upper": "Share of sales abroad",
    "share": "Share of sales abroad",
    "countries": "Export countries",
    "exporter": "Exports",
    "global_market": "Market is global",
    "global_firm": "Sources and sells abroad",
    "prospection": "Began by prospection",
    "activities_beyond_trade": "Activities beyond trade",
    "expects_increase": "Expects increase",
    "present_markets": "Grows in present markets",
    "direct_exporter": "Exports directly",
    "international_market": "Market is international",
}
"""Outcomes as heads of tables."""


def specs(enterprise: bool) -> tuple[Spec, ...]:
    """Return the models for a kind of file."""
    return ENTERPRISE if enterprise else QUESTIONNAIRE


def controls(enterprise: bool, by: str) -> tuple[str, ...]:
    """Return the controls beside a grouping, without the ones that would say the same again."""
    names = CONTROLS["enterprise-survey" if enterprise else "questionnaire"]
    return tuple(name for name in names if name not in (by, RELATED.get(by)))
