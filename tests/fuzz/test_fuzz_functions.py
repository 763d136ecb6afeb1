"""Whatever a public function is given, it answers or refuses with an error of ours; every one is enrolled unasked."""

import numpy as np
import pandas as pd
import pytest
from callables import example, parameters, public_callables
from fuzzing import ANYTHING, MODELS, answered, asked, fitted, tried, words
from hypothesis import strategies as st
from spoiling import COLUMNS, TABLES

from exportmodels.core.results import Results

# Fitting every model of the report, and drawing figures, takes seconds: so many examples at most.
LONG = {"report.build": 3, "report.figure": 25}
# Larger numbers of refits are answered in their own time.
MOST = {"n": 200, "draws": 50, "examples": 3, "replications": 50, "max_iter": 50, "rows": 200, "asked": 200}

FUNCTIONS = public_callables()
NAMES = [pytest.param(name, marks=[pytest.mark.slow] * (name == "report.build")) for name in FUNCTIONS]
SIZES = [pytest.param(4, id="few"), pytest.param(100, id="many", marks=pytest.mark.slow)]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Let what is written be written elsewhere, and close what is drawn."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("exportmodels.report.pictures.Picture.render", lambda self: ("<svg/>", b""))
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.parametrize("name", NAMES)
def test_every_function_answers_to_valid_arguments_and_leaves_them_alone(name):
    given = example(name)
    before = {key: one.copy(deep=True) for key, one in given.items() if isinstance(one, pd.DataFrame | pd.Series)}
    assert answered(FUNCTIONS[name], **given) is not None
    for key, one in before.items():
        assert one.equals(given[key]), f"{key} was written to"


@pytest.mark.parametrize("examples", SIZES)
@pytest.mark.parametrize("name", [name for name in NAMES if parameters(FUNCTIONS[name.values[0]])])
def test_any_argument(name, examples):
    valid = example(name)
    known = {one.name: others(one, valid, words(FUNCTIONS[name])) for one in parameters(FUNCTIONS[name])}

    def check(draw):
        changed = draw(st.lists(st.sampled_from(list(known)), min_size=1, max_size=2, unique=True))
        made = answered(FUNCTIONS[name], **valid | {one: draw(known[one]) for one in changed})
        asked(draw, made)

    tried(min(examples, LONG.get(name, examples)), check)


def others(parameter, valid, told):
    """Return what a parameter is given instead of its valid value: a word of the docs, something like it, anything."""
    columns = [name for one in valid.values() if isinstance(one, pd.DataFrame) for name in one.columns]
    anything = st.one_of(*_like(valid.get(parameter.name)), st.sampled_from([*columns, *told, "x1"]), ANYTHING)
    if "Callable" in str(parameter.annotation):  # whose errors are its own
        return anything.filter(lambda value: not callable(value))
    return anything.filter(lambda value: not isinstance(value, int) or value <= MOST.get(parameter.name, value))


def _like(value):
    if isinstance(value, pd.DataFrame):
        yield st.sampled_from(list(TABLES)).map(lambda spoil: TABLES[spoil](value))
        spoils = st.tuples(st.sampled_from(list(value.columns)), st.sampled_from(list(COLUMNS)))
        yield spoils.map(lambda spoil: value.assign(**{spoil[0]: COLUMNS[spoil[1]](value[spoil[0]])}))
        yield st.sampled_from(list(value.columns)).map(lambda name: value.drop(columns=name))
    elif isinstance(value, Results):
        yield st.sampled_from(list(MODELS.values())).map(fitted)
    elif isinstance(value, dict):
        yield st.tuples(st.sampled_from(list(value)), ANYTHING).map(lambda one: value | dict([one]))
        yield st.tuples(ANYTHING.filter(_hashable), st.sampled_from(list(value.values()))).map(lambda one: dict([one]))
    elif not isinstance(value, str) and hasattr(value, "__len__"):
        if np.ndim(value) == 1:
            yield st.sampled_from(list(COLUMNS)).map(lambda spoil: COLUMNS[spoil](pd.Series(value)))
        yield st.lists(st.one_of(ANYTHING, st.sampled_from(list(value))), max_size=3)


def _hashable(value):
    try:
        hash(value)
    except TypeError:
        return False
    return True
