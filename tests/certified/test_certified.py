"""Estimates, standard errors and likelihoods against references in 60-digit arithmetic, and against peers."""

import json
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exportmodels import timing
from exportmodels.laws.ours import public_models
from exportmodels.timing.curve_model import CurveModel

HERE = Path(__file__).parent
FOUND = {path.stem: json.loads(path.read_text()) for path in sorted(HERE.glob("*.json"))}
CURVES = FOUND.pop("curves")
TABLES = {name: pd.DataFrame(found["data"]) for name, found in FOUND.items()}
TABLES["references"]["inner"] = (TABLES["references"]["share"] * 13 + 0.5) / 14
CASES = [{"table": name, **case} for name, found in FOUND.items() for case in found["cases"]]
PEERS = json.loads((HERE / "peers" / "digits.json").read_text())
# Beyond it, digits are decided by the order in which a program adds up.
ROUNDING = 13


def case_id(case):
    return " ".join(str(case[part]) for part in ("estimator", "options", "fit") if case.get(part))


def digits(found, certified):
    """Return the number of correct digits, by the log relative error."""
    return -np.log10(max(abs(found / float(certified) - 1), 1e-16))


@cache
def correct(number):
    """Return the digits of a case's estimates, errors and p-values, each by its name, and of its likelihood."""
    case = CASES[number]
    package, name = case["estimator"].split(".")
    model = getattr(import_module(f"exportmodels.{package}"), name)
    results = model.from_formula(case["formula"], TABLES[case["table"]], **case["options"]).fit(**case["fit"])
    found = {}
    for part in {"params", "bse", "pvalues"} & set(case):
        values = getattr(results, part)
        found[part] = {name: digits(values[name], value) for name, value in case[part].items()}
    for maximum in {"llf", "penalized_llf"} & set(case):
        found["llf"] = digits(getattr(results, maximum), case[maximum])
    return found


def test_every_estimator_has_a_case():
    certified = {case["estimator"].split(".")[1] for case in [*CASES, *CURVES["cases"]]}
    assert {model.__name__ for model in [*public_models(), *CurveModel.__subclasses__()]} <= certified


@pytest.mark.parametrize("number", range(len(CASES)), ids=map(case_id, CASES))
def test_nine_digits_of_estimates_and_eight_of_errors(number):
    found = correct(number)
    assert min(found["params"].values()) >= 9
    assert min(found["bse"].values()) >= 8
    assert min(found.get("pvalues", {"": 16}).values()) >= 8
    assert found.get("llf", 16) >= 9


@pytest.mark.parametrize("peer", PEERS, ids=case_id)
def test_no_peer_is_nearer(peer):
    same = [all(case[part] == peer[part] for part in set(peer) - {"digits"}) for case in CASES]
    ours = correct(same.index(True))
    for package, theirs in peer["digits"].items():
        for part in ("params", "bse"):
            shared = theirs[part]
            if shared:
                least = min(ours[part][name] for name in shared)
                assert least >= min(*shared.values(), ROUNDING), f"{part} of {package}"
        assert ours.get("llf", 16) >= min(theirs.get("llf", 0), ROUNDING), f"likelihood of {package}"


@pytest.mark.parametrize("case", CURVES["cases"], ids=case_id)
def test_curves_have_fourteen_digits(case):
    estimator = getattr(timing, case["estimator"].split(".")[1])
    curves = estimator.from_formula(case["formula"], pd.DataFrame(CURVES["data"]), **case["options"]).fit().table()
    certified = pd.DataFrame(case["table"])
    keys = [key for key in ("group", "move", "time") if key in certified]
    found = curves.set_index(keys).loc[pd.MultiIndex.from_frame(certified[keys])]
    for column in set(certified) - set(keys):
        np.testing.assert_allclose(found[column], certified[column].astype(float), rtol=1e-14, atol=1e-17)
