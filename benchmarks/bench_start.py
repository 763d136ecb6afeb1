"""Starting up, in fresh processes: the import alone, and a script that reads a file, fits one model and prints it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from harness import Case, main

PEER = f"statsmodels {version('statsmodels')}"
OURS = """
import pandas as pd
from exportmodels.strategy import Logit
results = Logit.from_formula("exporter ~ niche + age", pd.read_csv({path!r})).fit()
print(results.summary())
"""
THEIRS = """
import pandas as pd
import statsmodels.formula.api as smf
results = smf.logit("exporter ~ niche + age", pd.read_csv({path!r})).fit(disp=0)
print(results.summary())
"""


def fresh(code: str) -> np.ndarray:
    """Run code in a process of its own."""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return np.zeros(1)


def cases() -> Iterator[Case]:
    """Yield one line for each."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, 500), "age": rng.normal(20, 8, 500)})
    frame["exporter"] = (rng.logistic(size=500) < -1 + frame["niche"] + 0.03 * frame["age"]).astype(int)
    path = str(Path(tempfile.mkdtemp()) / "firms.csv")
    frame.to_csv(path, index=False)
    yield Case("import", lambda: fresh("import exportmodels"), {PEER: lambda: fresh("import statsmodels.api")})
    yield Case(
        "read 500 firms, fit a logit, print its summary",
        lambda: fresh(OURS.format(path=path)),
        {PEER: lambda: fresh(THEIRS.format(path=path))},
        note="the process's own start, some 0.02 s, is in both",
    )


if __name__ == "__main__":
    main(cases())
