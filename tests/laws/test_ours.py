"""Every public estimator of the package under every law of its outcome type, found by itself and listed nowhere."""

import os
from inspect import signature

import pytest

from exportmodels.laws.catalogue import applicable
from exportmodels.laws.checking import hold
from exportmodels.laws.ours import all_ours, public_models

ADAPTERS = {adapter.name: adapter for adapter in all_ours()}
# A profile that is chosen says how many data sets there are.
EXAMPLES = None if os.environ.get("HYPOTHESIS_PROFILE") else 50
every_estimator = pytest.mark.parametrize("name", ADAPTERS)


@every_estimator
def test_all_laws_on_a_few_data_sets(name):
    hold(applicable(ADAPTERS[name]), ADAPTERS[name], examples=2)


@pytest.mark.slow
@every_estimator
def test_all_laws(name):
    laws = applicable(ADAPTERS[name])
    tried = hold(laws, ADAPTERS[name], EXAMPLES)
    assert tried > len(laws), f"{name} had an estimate on hardly any of the data sets"


@pytest.mark.parametrize("model", public_models(), ids=lambda model: model.__name__)
def test_options_that_take_columns_are_options(model):
    taken = set(signature(model).parameters)
    assert set(model.column_options) | set(model.equations) <= taken
