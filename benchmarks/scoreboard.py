"""Hold other packages' estimators, and ours of the same models, to the laws; keep what was found for the docs."""

import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import statsmodels.api as sm
from firthmodels import FirthCoxPH, FirthLogisticRegression
from lifelines import CoxPHFitter
from sksurv.linear_model import CoxPHSurvivalAnalysis
from statsmodels.duration.hazard_regression import PHReg

from exportmodels import laws
from exportmodels.laws.ours import all_ours

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 20
PEERS = (
    sm.Logit,
    sm.Probit,
    sm.Poisson,
    sm.NegativeBinomial,
    PHReg,
    CoxPHFitter,
    CoxPHSurvivalAnalysis,
    FirthLogisticRegression,
    FirthCoxPH,
)
PACKAGES = ("exportmodels", "statsmodels", "firthmodels", "lifelines", "scikit-survival", "hypothesis")
# A counterexample longer than this says nothing to a reader that a shorter one would not.
LONGEST = 2500


def main() -> None:
    """Write `laws_scoreboard.inc` and `laws_counterexamples.inc`, anew after each estimator."""
    warnings.simplefilter("ignore")
    theirs, ours = [], []
    for kept, estimators in ((theirs, PEERS), (ours, all_ours())):
        for estimator in estimators:
            kept.append(laws.check_estimator(estimator, examples=EXAMPLES))
            print(str(kept[-1]).splitlines()[0], flush=True)
            write(theirs, ours)


def write(theirs: list[laws.Verdict], ours: list[laws.Verdict]) -> None:
    """Write what there is so far."""
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    said = f"Each law on {EXAMPLES} data sets that have an estimate, seed 0; {versions}."
    lines = [said, "", *by_law(theirs, ours), "", *by_estimator([*theirs, *ours]), ""]
    shown = [counterexample(one.name, found) for one in [*theirs, *ours] for found in one.counterexamples.values()]
    (DOCS / "laws_scoreboard.inc").write_text("\n".join(lines), encoding="utf-8")
    (DOCS / "laws_counterexamples.inc").write_text("\n".join(shown), encoding="utf-8")


def by_law(theirs: list[laws.Verdict], ours: list[laws.Verdict]) -> list[str]:
    """Return the table of laws by the peers' estimators, and of how many of ours hold each."""
    found = {one.name: one.table.set_index("law")["verdict"] for one in theirs}
    counts = pd.concat([one.table for one in ours]).groupby("law")["verdict"].value_counts() if ours else {}
    lines = [".. csv-table:: Laws by estimators: ● held, ✗ broken, · does not apply or was never tried"]
    lines += [f"   :header: Law, Ours, {', '.join(found)}", ""]
    for law in (one.name for one in laws.LAWS):
        held, broken = (counts.get((law, verdict), 0) for verdict in ("held", "broken"))
        marks = [{"held": "●", "broken": "**✗**"}.get(verdicts[law], "·") for verdicts in found.values()]
        if set(marks) != {"·"}:
            lines.append(f'   {law}, "{held} of {held + broken}", {", ".join(marks)}')
    return lines


def by_estimator(verdicts: list[laws.Verdict]) -> list[str]:
    """Return the table of estimators and the laws they break."""
    lines = [".. csv-table::", "   :header: Estimator, Held, Broken, Which", "   :widths: 40 8 8 44", ""]
    return lines + [f"   {row(verdict)}" for verdict in verdicts]


def row(verdict: laws.Verdict) -> str:
    """Return the line of one estimator."""
    counts = verdict.table["verdict"].value_counts()
    which = ", ".join(verdict.counterexamples)
    return f'"{verdict.name}", {counts.get("held", 0)}, {len(verdict.counterexamples)}, "{which}"'


def counterexample(name: str, found: laws.Counterexample) -> str:
    """Return one counterexample as a piece of the page."""
    said = f"**{name}, {found.law.name}.** {found.law.sentence} Found: ``{found.message}``"
    if len(found.code) > LONGEST:
        return f"{said} Its code is too long for this page; ``check_estimator`` prints it.\n"
    code = "\n".join(f"   {line}".rstrip() for line in found.code.splitlines())
    return f"{said}\n\n.. code-block:: python\n\n{code}\n"


if __name__ == "__main__":
    main()
