"""Zeros and ones: every estimator of shares takes them, or says which rows it cannot take and which estimator can."""

import inspect
import re
import warnings

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OutcomeError, rows
from exportmodels.laws.ours import public_models

MODELS = {model.__name__: model for model in public_models() if ".share." in model.__module__}
# What an estimator cannot do without, by the name of the option.
OPTIONS = {"firm": "firm", "year": "year", "endogenous": "rd", "instruments": "subsidy", "select": "rd + subsidy"}


def firms(at=(0.0, 1.0), n=240):
    """Firms of which a tenth sell nothing abroad, for reasons of their own, and a tenth everything, or neither."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"firm": np.arange(n) // 4, "year": np.arange(n) % 4, "subsidy": rng.normal(size=n)})
    frame["rd"] = frame["subsidy"] + rng.normal(size=n)
    frame["share"] = (0.5 + 0.1 * frame["rd"] + 0.1 * rng.normal(size=n)).clip(0.05, 0.95)
    place = np.argsort(frame["subsidy"] + rng.normal(size=n))
    for end, some in ((0.0, place[: n // 10]), (1.0, place[-n // 10 :])):
        frame.loc[some, "share"] = end if end in at else frame.loc[some, "share"]
    return frame


def build(name, data):
    """The estimator, with the options that it has and needs: those without a default, and the choice of `Selection`."""
    parameters = inspect.signature(MODELS[name]).parameters
    needed = [
        option for option, value in parameters.items() if value.default is inspect.Parameter.empty or option == "select"
    ]
    return MODELS[name].from_formula("share ~ rd", data, **{o: OPTIONS[o] for o in needed if o in OPTIONS})


def takes(name, data):
    try:
        build(name, data)
    except OutcomeError:
        return False
    return True


@pytest.mark.parametrize("at", [(0.0, 1.0), (0.0,), (1.0,), ()], ids=["both", "zeros", "ones", "neither"])
@pytest.mark.parametrize("name", MODELS)
def test_takes_ends_or_says_which_rows_it_cannot_take_and_which_estimator_can(name, at):
    data = firms(at)
    try:
        model = build(name, data)
    except OutcomeError as error:
        message = str(error)
        lacking = re.search("is nowhere exactly|is seen in all rows", message)
        refused = [data.index[data["share"].isin(ends)] for ends in ([0.0], [1.0], at)]
        assert lacking or any(rows(some) in message for some in refused if len(some)), message
        others = re.findall(r"share\.(\w+)", message)
        assert any(takes(other, data) for other in others), message
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = model.fit()
        assert results.nobs == len(data)
        assert np.isfinite(results.params).all()
        assert np.isfinite(results.predict()).all()


def test_three_estimators_take_neither_zeros_nor_ones_as_they_stand():
    assert {name for name in MODELS if not takes(name, firms())} == {"Beta", "Bracketed", "TruncatedRegression"}
