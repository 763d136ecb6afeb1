"""Names of coefficients in words: levels, interactions, equations."""

import re
from collections.abc import Mapping

from ..survey import columns

EQUATIONS = {
    "log_scale": "Log scale",
    "log_alpha": "Log dispersion",
    "log_precision": "Log precision",
    "incidence": "Ever exports",
    "select": "Selection",
    "atanh_rho": "Correlation (atanh)",
}
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


def known_labels(own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the labels of the firms table's columns, with others before them."""
    return {**{str(name): str(label) for name, label in columns()["label"].items()}, **(own or {})}
