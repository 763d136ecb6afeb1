"""What was found of an estimator: which laws it holds, and the smallest counterexamples to the others."""

from dataclasses import dataclass, field

import pandas as pd

from .case import Case
from .trial import Law


@dataclass(frozen=True)
class Counterexample:
    """The smallest case that was found on which a law does not hold.

    Parameters
    ----------
    law : Law
        The law.
    case : Case
        The data.
    message : str
        What does not hold.
    code : str
        Python that shows it.
    """

    law: Law
    case: Case
    message: str
    code: str


@dataclass
class Verdict:
    """Which laws an estimator holds.

    Parameters
    ----------
    name : str
        The estimator.
    table : DataFrame
        law, verdict ("held", "broken", "does not apply", "never tried") and what was found; one row a law.
    counterexamples : dict of str to Counterexample
        Of the laws that are broken.
    """

    name: str
    table: pd.DataFrame
    counterexamples: dict[str, Counterexample] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether no law is broken."""
        return not self.counterexamples

    def __str__(self) -> str:
        counts = self.table["verdict"].value_counts()
        lines = [f"{self.name}: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())]
        for found in self.counterexamples.values():
            lines += ["", f"{found.law.name}: {found.law.sentence}", f"  {found.message}", "", found.code]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<h4>{self.name}</h4>" + self.table.to_html(index=False)

    __repr__ = __str__
