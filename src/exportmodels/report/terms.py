"""Names of coefficients in words: levels, interactions, equations."""

import re
from collections.abc import Mapping

import pandas as pd

from ..survey import columns

EQUATIONS = {
    "log_scale": "Log scale",
    "log_alpha": "Log dispersion",
    "log_precision": "Log precision",
    "incidence": "Ever exports",
    "select": "Selection",
    "atanh_rho": "Correlation (atanh)",
}
FIRMS_TABLE = {"exporter", "founded"}
"""Columns by which a frame is known as a firms table, also one that was saved and read again."""
_OWN = {"Intercept": "Constant", "log(t+1)": "Log of the year at risk, t + 1"}
_LEVEL = re.compile(r"^(?:C\()?([^\[\](),]+?)(?:,[^\[\]]*)?\)?\[(?:T\.)?(.+)\]$")
_QUOTED = re.compile(r"^Q\(['\"](.+)['\"]\)$")


def split(name: str) -> tuple[str, str]:
    """Split a coefficient's name into its equation (blank for the first one) and its term (blank for a parameter)."""
    if name.startswith("["):
        equation, _, term = name[1:].partition("]")
        return equation, term.strip()
    return "", name


def in_words(term: str, labels: Mapping[str, str]) -> str:
    """Write a term in words."""
    if ":" in term and not _LEVEL.match(term):
        return " × ".join(in_words(part, labels) for part in term.split(":"))
    if term in _OWN:
        return _OWN[term]
    level = _LEVEL.match(term)
    if level:
        return f"{in_words(level[1], labels)}: {level[2].replace('_', ' ')}"
    quoted = _QUOTED.match(term)
    return labels.get(quoted[1] if quoted else term, quoted[1] if quoted else term)


def known_labels(frame: pd.DataFrame | None) -> dict[str, str]:
    """Return the labels of a frame's columns: those it brings in `attrs`, and the firms table's where it is one."""
    if frame is None:
        return {}
    known = columns()["label"].to_dict() if set(frame.columns) >= FIRMS_TABLE else {}
    return {**known, **frame.attrs.get("labels", {})}
