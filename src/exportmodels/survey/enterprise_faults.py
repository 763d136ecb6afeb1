"""The faults of an Enterprise Survey file: answers that break a rule, and what becomes of them."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from .checking import Fault

UNKNOWN = "taken as unknown"
TREATMENT = {
    "same firm": "kept",
    "no number": UNKNOWN,
    "unknown code": UNKNOWN,
    "no label": "kept by its number",
    "not asked": "kept, and without effect on novel",
    "impossible number": UNKNOWN,
    "impossible year": UNKNOWN,
    "future year": UNKNOWN,
    "before founding": "the years to export are taken as unknown",
    "no year": "the years to export are unknown",
    "contradiction": "the export percentages are used as answered",
}


@dataclass
class Faults:
    """The faults found while the firms table is derived.

    Parameters
    ----------
    firm : pandas.Series
        Identifier of each row's firm.
    """

    firm: pd.Series
    found: list[Fault] = field(default_factory=list)
    unanswered: dict[str, int] = field(default_factory=dict)

    def add(self, broken: pd.Series, item: str, rule: str, message: str, value: pd.Series, **others: pd.Series) -> None:
        """Record each row where `broken` is true; `message` is filled with the item, its value and the others."""
        for row in broken.index[broken].tolist():
            said = {name: plain(series[row]) for name, series in {"value": value, **others}.items()}
            self.found.append(Fault(row, item, rule, value[row], message.format(item=item, **said)))

    def table(self) -> pd.DataFrame:
        """One row for each fault in the order of the file, as `exportmodels.survey.check` gives them."""
        found = sorted(self.found, key=lambda fault: fault.place)
        rows = [fault.place for fault in found]
        return pd.DataFrame(
            {
                "row": pd.Index(rows, dtype="int64"),
                "firm": self.firm[rows].to_numpy(),
                "item": pd.Series([fault.item for fault in found], dtype="string"),
                "rule": pd.Series([fault.rule for fault in found], dtype="string"),
                "value": pd.Series([fault.value for fault in found], dtype=object),
                "message": pd.Series([fault.message for fault in found], dtype="string"),
            }
        )

    def counts(self) -> list[dict[str, Any]]:
        """How often each rule is broken: plain dictionaries, which may travel in the attributes of a frame."""
        rows: dict[tuple[str, str], list[int]] = {}
        for fault in self.found:
            rows.setdefault((fault.item, fault.rule), []).append(fault.place)
        return [
            {"item": item, "rule": rule, "count": len(places), "rows": places[:5], "treatment": TREATMENT[rule]}
            for (item, rule), places in rows.items()
        ]


def plain(answer: Any) -> str:
    """An answer as a reader would write it: 1998, not 1998.0."""
    if pd.isna(answer):
        return "missing"
    return f"{answer:.12g}" if isinstance(answer, float) else str(answer)
