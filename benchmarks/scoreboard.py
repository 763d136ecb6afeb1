"""Hold other packages' estimators, and ours of the same models, to the laws; keep what was found for the docs."""

import sys
import warnings
from importlib.metadata import version
from pathlib import Path

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
    verdicts = []
    for estimator in (*PEERS, *all_ours()):
        verdicts.append(laws.check_estimator(estimator, examples=EXAMPLES))
        print(str(verdicts[-1]).splitlines()[0], flush=True)
        write(verdicts)


def write(verdicts: list[laws.Verdict]) -> None:
    """Write what there is so far."""
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    table = [f"Each law on {EXAMPLES} data sets that have an estimate, seed 0; {versions}.", ""]
    table += [".. csv-table::", "   :header: Estimator, Held, Broken, Which", "   :widths: 40 8 8 44", ""]
    table += [f"   {row(verdict)}" for verdict in verdicts]
    shown = [counterexample(one.name, found) for one in verdicts for found in one.counterexamples.values()]
    (DOCS / "laws_scoreboard.inc").write_text("\n".join([*table, ""]), encoding="utf-8")
    (DOCS / "laws_counterexamples.inc").write_text("\n".join(shown), encoding="utf-8")


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
