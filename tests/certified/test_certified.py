"""Estimates, standard errors and likelihoods against references in 60-digit arithmetic."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

REFERENCES = json.loads((Path(__file__).parent / "references.json").read_text())
CASES = REFERENCES["cases"]


def digits(found, certified):
    """Return the number of correct digits, by the log relative error."""
    return -np.log10(max(abs(found - certified) / max(abs(certified), 1e-3), 1e-16))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['estimator']} {case['options']}")
def test_nine_digits_of_estimates_and_eight_of_errors(case):
    data = pd.DataFrame(REFERENCES["data"])
    data["inner"] = (data["share"] * 13 + 0.5) / 14
    package, name = case["estimator"].split(".")
    model = getattr(import_module(f"exportmodels.{package}"), name)
    results = model.from_formula(case["formula"], data, **case["options"]).fit("nonrobust")
    assert digits(results.llf, float(case["llf"])) >= 9
    for coefficient, value in case["params"].items():
        assert digits(results.params[coefficient], float(value)) >= 9, coefficient
        assert digits(results.bse[coefficient], float(case["bse"][coefficient])) >= 8, coefficient
