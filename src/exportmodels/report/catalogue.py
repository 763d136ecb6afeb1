"""The figures of the report: which rows, of which firms, beside which of the report's own figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import eq
from types import MappingProxyType

import pandas as pd

from ..strategy.framing import OF_TRIGGER
from ..survey import columns
from .groups import label_of
from .measures import Base, Item

EXPORTERS, IMPORTERS = Base("exporters", "exporter"), Base("importers", "importer")
REGIONS = (
    "neighbours", "eu15", "rest_europe", "north_america", "south_america", "middle_east", "asia_pacific", "africa",
)  # fmt: skip


Rows = Callable[[pd.DataFrame], list[Item]]


@dataclass(frozen=True)
class Plate:
    """One figure.

    Parameters
    ----------
    name : str
        Its name in file names and in `exportmodels.report.figure`.
    question : str
        The section of the report that it stands in.
    title : str
        What it shows.
    rows : sequence of callables
        Each takes the firms and returns items; those whose columns are not there are left out.
    figures : tuple of str
        The figures of the 2009 report beside which it stands.
    base : Base
        The firms that are counted.
    statistic : {"percent", "mean"}
        Shares of firms, or means.
    unit : str
        Unit of the means.
    whole : bool
        Whether all firms are shown beside the groups.
    by : str
        The column of 0 and 1 that makes the figure's own groups, where they are not the report's.
    """

    name: str
    question: str
    title: str
    rows: Sequence[Rows]
    figures: tuple[str, ...] = ()
    base: Base = field(default_factory=Base)
    statistic: str = "percent"
    unit: str = ""
    whole: bool = False
    by: str = ""

    def items(self, firms: pd.DataFrame, by: str) -> list[Item]:
        """Return the rows that the firms table can fill and that do not only say the grouping again."""
        if self.base.column and self.base.column not in firms:
            return []
        if self.by and (self.by == by or self.by not in firms or firms[self.by].nunique() < 2):
            return []
        found = [item for row in self.rows for item in row(firms) if item.outcome != by]
        return [item for item in found if firms[item.outcome].notna().any()]


def levels(column: str, prefix: str = "", names: Mapping[str, str] = MappingProxyType({})) -> Rows:
    """Return rows for the levels of a categorical column; `names` are labels of levels that need more words."""

    def rows(firms: pd.DataFrame) -> list[Item]:
        if column not in firms:
            return []
        return [
            Item(prefix + names.get(level, str(level).replace("_", " ")), column, str(level), partial(eq, level))
            for level in firms[column].cat.categories
        ]

    return rows


def flags(*names: str, short: bool = False) -> Rows:
    """Return rows for columns of 0 and 1 (or for means); `short` drops what stands before a colon in their names."""

    def rows(firms: pd.DataFrame) -> list[Item]:
        named = {name: label_of(firms, name) for name in names if name in firms}
        return [Item(label.split(": ")[-1] if short else label, name) for name, label in named.items()]

    return rows


def one(label: str, column: str, category: str, test: Callable) -> Rows:
    """Return a row that counts the values of a column that pass a test."""
    return lambda firms: [Item(label, column, category, test)] if column in firms else []


def among(label: str, column: str, category: str, *named: str) -> Rows:
    """Return a row that joins levels of a column."""
    return one(label, column, category, lambda values: values.isin(named))


def _between(low: float, high: float) -> Callable[[pd.Series], pd.Series]:
    return lambda values: (values > low) & (values <= high)


NUMBERS_OF_COUNTRIES = (
    one("one country", "countries", "1", lambda n: n == 1),
    one("2 to 10 countries", "countries", "2-10", lambda n: n.between(2, 10)),
    one("more than 10", "countries", ">10", lambda n: n > 10),
    one("more than 50", "countries", ">50", lambda n: n > 50),
)
TYPES = levels(
    "typology",
    names={
        "local": "local: neither abroad",
        "international": "international: sources abroad",
        "internationalized": "internationalized: sells abroad",
        "global": "global: sources and sells abroad",
    },
)
OF_START = tuple(dict.fromkeys(OF_TRIGGER.values()))
"""The motives that what prompted the start can show."""
REASONS = (
    levels("increase_reason"),
    one(
        "present markets: current or new customers", "growth_driver", "present markets", partial(eq, "present markets")
    ),
)
NEEDS = tuple(name for name in columns().index if name.startswith("need_"))

QUESTIONNAIRE = (
    Plate("turnover", "firms", "Turnover, in euro", [levels("turnover")], ("9",), whole=True),
    Plate("trade", "firms", "Export and import", [levels("exports", "exports: "), levels("imports", "imports: ")],
          ("10", "28"), whole=True),
    Plate("rd", "firms", "R&D spending, % of turnover", [levels("rd"), one("more than 2% (2-4% and >4%)", "rd_high", "",
          lambda high: high == 1)], ("23",), whole=True),
    Plate("market", "firms", "Relevant market of the main product", [levels("market")], ("25", "5.1 text"), whole=True),
    Plate("years", "timing", "Mean years before international activities",
          [flags("years_to_import", "years_to_export", "years_to_export_outside_eu")], ("24", "5.4 text"),
          statistic="mean", unit="years", whole=True),
    Plate("foreign_share", "share", "Share of foreign sales in turnover", [levels("foreign_share"),
          among("more than 50%", "foreign_share", ">50%", "51-75%", ">75%")], ("13", "34"), EXPORTERS, whole=True),
    Plate("countries", "spread", "Number of export countries", NUMBERS_OF_COUNTRIES, ("18", "26"), EXPORTERS,
          whole=True),
    Plate("regions", "spread", "Regions exported to", [flags(*(f"export_{r}" for r in REGIONS), short=True)],
          ("12", "27"), whole=True),
    Plate("sources", "spread", "Regions imported from", [flags(*(f"import_{r}" for r in REGIONS), short=True)],
          ("28",), IMPORTERS),
    Plate("types", "strategy", "Types of firms, by where they source and sell",
          [TYPES], whole=True),
    Plate("activities", "strategy", "International activities beside trade",
          [flags("subsidiary", "plant", "network", "joint_venture", "license", "no_international")],
          ("29", "5.4 text"), whole=True),
    Plate("start", "strategy", "What prompted the first international activity", [levels("start_trigger")],
          ("15", "30"), whole=True),
    Plate("motives", "strategy", "Motives: proactive or reactive, internal or external to the firm",
          [*(one(f"start: {motive}", "trigger", motive, partial(eq, motive)) for motive in OF_START),
           levels("reason", "beyond trade: ")], ("15", "30"), whole=True),
    Plate("outlook", "strategy", "Exports expected over the next two years", [levels("expected_trend")],
          ("31", "5.2 text"), EXPORTERS, whole=True),
    Plate("drivers", "strategy", "Main reason for the expected increase",
          REASONS, ("14", "32", "33"), whole=True),
    Plate("drivers_rd", "strategy", "Main reason for the expected increase, by R&D spending",
          REASONS, ("33",), by="rd_high"),
    Plate("needs", "strategy", "Support that firms need", [flags(*NEEDS, short=True)], ("35",)),
)  # fmt: skip

ENTERPRISE = (
    Plate("size", "firms", "Size class", [levels("size")], whole=True),
    Plate("sector", "firms", "Industry of the sampling frame", [levels("sector")], whole=True),
    Plate("innovation", "firms", "R&D and innovation in the last three years",
          [flags("rd_any", "new_product", "novel", "new_process", "certificate", "foreign_owned")], whole=True),
    Plate("years", "timing", "Mean years from founding to the first export, exporters", [flags("years_to_export")],
          base=EXPORTERS, statistic="mean", unit="years", whole=True),
    Plate("within", "timing", "First export within so many years of founding, exporters",
          [one(f"{k} year{'s' if k != 1 else ''}" if k else "the same year", "years_to_export", "",
               lambda years, k=k: years <= k) for k in (0, 1, 5, 10)], base=EXPORTERS, whole=True),
    Plate("share", "share", "Share of exports in sales, exporters",
          [one(label, "share", "", _between(low, high)) for label, low, high in (
              ("up to 10%", 0, 0.10), ("10-25%", 0.10, 0.25), ("26-50%", 0.25, 0.50), ("51-75%", 0.50, 0.75),
              ("more than 75%", 0.75, 1), ("more than 50%", 0.50, 1))], base=EXPORTERS, whole=True),
    Plate("exporters", "strategy", "Firms that export",
          [flags("exporter"), one("export directly", "share_direct", "", lambda share: share > 0),
           one("export through others", "share_indirect", "", lambda share: share > 0)], whole=True),
    Plate("types", "strategy", "Types of firms, by where they source and sell", [TYPES], whole=True),
    Plate("main_market", "strategy", "Main market of the main product", [levels("main_market")], whole=True),
)  # fmt: skip
