"""Every figure file is well formed, and names data and a script that are there."""

import json
import math

import pandas as pd
import pytest
from oracles import HERE, cases, load

from exportmodels.laws.ours import public_models

SOURCES = pd.read_csv(HERE / "data" / "sources.csv").set_index("name")


@pytest.mark.parametrize("case", cases())
def test_case_says_what_made_it(case):
    oracle = load(case)
    assert oracle.case == case
    assert (HERE / oracle["script"]).is_file()
    assert oracle["program"]["R"]
    assert all(oracle["program"].values())
    if isinstance(oracle["call"], dict):
        assert oracle["data"] in SOURCES.index


@pytest.mark.parametrize("case", cases(having="params"))
def test_numbers_are_finite_and_belong_together(case):
    oracle = load(case)
    names = list(oracle["params"])
    for key in ("params", "bse", "bse_robust", "bse_clustered"):
        if key in oracle:
            assert all(math.isfinite(value) for value in oracle[key].values()), key
            assert list(oracle[key]) == names, key
    assert not ("bse" in oracle and "weights" in oracle["call"])
    if "tolerance" in oracle:
        assert oracle["tolerance"]["value"] > 0
        assert oracle["tolerance"]["reason"]


@pytest.mark.parametrize("name", SOURCES.index)
def test_data_are_those_described(name):
    frame = pd.read_csv(HERE / "data" / f"{name}.csv")
    assert frame.shape == tuple(SOURCES.loc[name, ["rows", "columns"]])
    assert SOURCES.loc[name, "licence"]


def test_every_table_and_figure_is_used():
    assert {path.stem for path in (HERE / "data").glob("*.csv")} - {"sources"} == set(SOURCES.index)
    used = {json.loads(path.read_text())["data"] for path in (HERE / "figures").glob("*.json")}
    assert set(SOURCES.index) <= used


@pytest.mark.parametrize(
    "estimator", [f"{model.__module__.split('.')[1]}.{model.__name__}" for model in public_models()]
)
def test_every_estimator_has_figures_on_two_tables(estimator):
    assert len({load(case)["data"] for case in cases(estimator)}) > 1
