"""Estimates, standard errors and likelihoods against references in 60-digit arithmetic."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exportmodels import timing

HERE = Path(__file__).parent
TABLES, CASES = {}, []
for path in sorted(set(HERE.glob("*.json")) - {HERE / "curves.json"}):
    found = json.loads(path.read_text())
    TABLES[path.stem] = pd.DataFrame(found["data"])
    CASES += [(path.stem, case) for case in found["cases"]]
CURVES = json.loads((HERE / "curves.json").read_text())
TABLES["references"]["inner"] = (TABLES["references"]["share"] * 13 + 0.5) / 14


def digits(found, certified):
    """Return the number of correct digits, by the log relative error."""
    return -np.log10(max(abs(found - certified) / max(abs(certified), 1e-3), 1e-16))


def case_id(value):
    return value if isinstance(value, str) else f"{value['estimator']} {value['options']}"


@pytest.mark.parametrize(("table", "case"), CASES, ids=case_id)
def test_nine_digits_of_estimates_and_eight_of_errors(table, case):
    package, name = case["estimator"].split(".")
    model = getattr(import_module(f"exportmodels.{package}"), name)
    results = model.from_formula(case["formula"], TABLES[table], **case["options"]).fit(**case.get("fit", {}))
    for maximum in {"llf", "penalized_llf"} & set(case):
        assert digits(getattr(results, maximum), float(case[maximum])) >= 9
    for part, needed in {"params": 9, "bse": 8, "pvalues": 8}.items():
        for coefficient, value in case.get(part, {}).items():
            assert digits(getattr(results, part)[coefficient], float(value)) >= needed, f"{part} of {coefficient}"


@pytest.mark.parametrize("case", CURVES["cases"], ids=case_id)
def test_curves_have_fourteen_digits(case):
    estimator = getattr(timing, case["estimator"].split(".")[1])
    curves = estimator.from_formula(case["formula"], pd.DataFrame(CURVES["data"]), **case["options"]).fit().table()
    certified = pd.DataFrame(case["table"])
    keys = [key for key in ("group", "move", "time") if key in certified]
    found = curves.set_index(keys).loc[pd.MultiIndex.from_frame(certified[keys])]
    for column in set(certified) - set(keys):
        np.testing.assert_allclose(found[column], certified[column].astype(float), rtol=1e-14, atol=1e-17)
