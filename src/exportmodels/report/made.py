"""Columns that the report makes beside those of the firms table, for its figures, tables and models."""

from typing import Any

import numpy as np
import pandas as pd

from ..strategy import growth_drivers, motives, typology

MODES = ("subsidiary", "plant", "license", "joint_venture", "network", "other_activity")
LABELS = {
    "log_employees": "Employees (log of 1 + number)",
    "global_market": "Relevant market is global",
    "prospection": "Began by looking for customers abroad",
    "expects_increase": "Expects exports to increase",
    "activities_beyond_trade": "Has activities abroad beside trade",
    "international_market": "Main market is international",
    "direct_exporter": "Exports directly",
    "typology": "Type of firm, by sourcing and selling abroad",
    "global_firm": "Sources and sells abroad (global type)",
    "trigger": "Motive, by what prompted the start",
    "reason": "Motive, by the reason for activities beyond trade",
    "growth_driver": "Driver of the growth abroad that is expected",
    "present_markets": "Expects growth from present markets",
}
"""Columns that the report makes, in words."""


def made(firms: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that the report uses beside the firms table, as far as the firms tell what they are made of."""
    found: dict[str, Any] = {**_classes(firms)}
    if "employees" in firms:
        found["log_employees"] = np.log1p(firms["employees"].where(firms["employees"] >= 0))
    for name, (column, level) in _LEVELS.items():
        if column in firms:
            found[name] = _is(firms[column], level)
    if set(MODES) <= set(firms):
        found["activities_beyond_trade"] = firms[list(MODES)].max(axis=1)
    if "share_direct" in firms:
        found["direct_exporter"] = (firms["share_direct"] > 0).astype(float).where(firms["share_direct"].notna())
    table = firms.assign(**{name: values for name, values in found.items() if name not in firms})
    table.attrs = {**firms.attrs, "labels": {**LABELS, **firms.attrs.get("labels", {})}}
    return table


_LEVELS = {
    "global_market": ("market", "global"),
    "prospection": ("start_trigger", "prospection"),
    "expects_increase": ("expected_trend", "increase"),
    "international_market": ("main_market", "international"),
}
"""Columns of 0 and 1, and the level of which column they say."""


def _classes(firms: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the 2009 report's types, motives and growth drivers."""
    found: dict[str, pd.Series] = {}
    if {"importer", "exporter"} <= set(firms):
        found["typology"] = typology(firms)
        found["global_firm"] = _is(found["typology"], "global")
    if {"start_trigger", "start_reason"} <= set(firms):
        found |= {name: column for name, column in motives(firms).items() if name != "proactive"}
    if "increase_reason" in firms:
        found["growth_driver"] = growth_drivers(firms)
        found["present_markets"] = _is(found["growth_driver"], "present markets")
    return found


def _is(values: pd.Series, level: str) -> pd.Series:
    return (values == level).astype(float).where(values.notna())
