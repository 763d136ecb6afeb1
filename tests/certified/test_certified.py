"""Estimates, standard errors and likelihoods against references in 60-digit arithmetic."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOUND = [json.loads((Path(__file__).parent / name).read_text()) for name in ("references.json", "further.json")]
DATA = pd.DataFrame({column: values for part in FOUND for column, values in part["data"].items()})
DATA["inner"] = (DATA["share"] * 13 + 0.5) / 14
CASES = [case for part in FOUND for case in part["cases"]]


def digits(found, certified):
    """Return the number of correct digits, by the log relative error."""
    return -np.log10(max(abs(found - certified) / max(abs(certified), 1e-3), 1e-16))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['estimator']} {case['options']}")
def test_nine_digits_of_estimates_and_eight_of_errors(case):
    package, name = case["estimator"].split(".")
    model = getattr(import_module(f"exportmodels.{package}"), name)
    results = model.from_formula(case["formula"], DATA, **case["options"]).fit("nonrobust")
    maximum = "llf" if "llf" in case else "penalized_llf"
    assert digits(getattr(results, maximum), float(case[maximum])) >= 9
    for coefficient, value in case["params"].items():
        assert digits(results.params[coefficient], float(value)) >= 9, coefficient
        assert digits(results.bse[coefficient], float(case["bse"][coefficient])) >= 8, coefficient
