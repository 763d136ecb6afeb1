"""What the fuzz tests share: the rule that a call answers or refuses, models to begin from, and things to throw."""

import datetime
import decimal
import inspect
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exportmodels.core.errors import ExportModelsError, ExportModelsWarning
from exportmodels.core.model import Model
from exportmodels.core.outcomes import Amount, Count, Duration
from exportmodels.core.results import Results
from exportmodels.laws import Adapter, Law, Trial
from exportmodels.laws.case import ROLES, Case
from exportmodels.laws.cases import example
from exportmodels.laws.ours import public_models

MODELS = {model.__name__: model for model in public_models()}
# Several rows of a firm, and those that are selected, are made here for every outcome.
EVERYTHING = frozenset(ROLES) - {"firm", "year", "destination", "instruments", "select", "seen"}

# What an estimator cannot do without, and no case holds under its own name.
NEEDED: dict[str, Any] = {
    "endogenous": "x1",
    "instruments": "x2",
    "select": "x1 + x2",
    "seen": "seen",
    "firm": "unit",
    "year": "year",
    "destination": "year",
    "nest": "nest",
    "choice_set": "choice_set",
    "event": "event",
}


def answered(call: Any, *arguments: Any, **options: Any) -> Any:
    """Return what a call gives, None where it refuses with an error of ours; any other error or warning passes on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExportModelsWarning)
        for module in ("exportmodels", "numpy", "pandas", "scipy"):
            warnings.filterwarnings("error", category=RuntimeWarning, module=module)
        try:
            return call(*arguments, **options)
        except ExportModelsError as error:
            message = str(error)
            assert len(message.split()) > 2, f"no sentence: {message!r}"
            return None


@cache
def case_of(model: type[Model]) -> Case:
    """Return forty firms whose outcome the model explains, with every column that an estimator may ask for."""
    for seed in range(50):
        case = _firms(model, seed)
        try:
            with warnings.catch_warnings(action="ignore"):
                model.from_formula(formula_of(model, case), case.frame, **settings_of(model)).fit()
        except ExportModelsError:
            continue
        return case
    raise AssertionError(f"no firms are found that {model.__name__} explains")


def _firms(model: type[Model], seed: int) -> Case:
    kind = model.kind if not isinstance(model.kind, Amount) else Count()
    if isinstance(kind, Count):
        kind = (kind, replace(kind, at_least=1), replace(kind, at_most=8))[seed % 3]
    columns = ("scale", "yes or no", "decimal")
    case = example(kind, EVERYTHING, n=40, seed=seed, columns=columns)
    rows = np.arange(len(case))
    if isinstance(kind, Duration):  # a plateau, so that some firms may be immune
        case = case.assign(y=case.y.where(case.frame["event"] == 1, 9))
    if isinstance(kind, Count):  # some of the large counts are rounded down to fives
        case = case.assign(y=case.y.where((rows % 2 > 0) | (case.y < 5), 5 * (case.y // 5)))
    return case.assign(
        unit=rows // 3, year=rows % 3, seen=(rows % 4 > 0).astype(int), sector=np.array(list("abc"))[rows % 3]
    )


def settings_of(model: type[Model]) -> dict[str, Any]:
    """Return the options without which the model cannot be built from the case."""
    parameters = inspect.signature(model).parameters
    first: dict[str, Any] = dict(next(iter(model.variants), {}))
    return first | {
        name: value
        for name, value in NEEDED.items()
        if name in parameters and (parameters[name].default is inspect.Parameter.empty or name in ("event", "select"))
    }


def formula_of(model: type[Model], case: Case) -> str:
    """Return a formula of the case."""
    right = "x1 + x2 + x3"
    if "endogenous" in settings_of(model):
        right = "x1 + x3"
    if "draws" in inspect.signature(model).parameters:  # exact tests take minutes of more
        right = "x1"
    return f"{' + '.join(case.outcome)} ~ {right}"


@cache
def fitted(model: type[Model]) -> Any:
    """Return the fit of the case."""
    case = case_of(model)
    return answered(lambda: model.from_formula(formula_of(model, case), case.frame, **settings_of(model)).fit())


# Drawing is matplotlib's; `point` is for those who write quantities; refits by the hundred are asked for elsewhere.
APART = ("plot", "point")


def methods(of: Any) -> dict[str, list[inspect.Parameter]]:
    """Return the public methods of an object with the names of their parameters."""
    found: dict[str, list[inspect.Parameter]] = {}
    for name in dir(type(of)):
        method = getattr(type(of), name)
        if inspect.isfunction(method) and not name.startswith(("_", *APART)):
            found[name] = list(inspect.signature(method).parameters.values())[1:]
    return found


def words(function: Callable[..., Any]) -> list[str]:
    """Return the words that the documentation of a function has in quotation marks: values of its options."""
    return re.findall(r'"([^"\n]+)"', inspect.getdoc(function) or "")


# What only the laws ask, with cases of their own; fits have tests of their own.
UNASKED = (Results, Adapter, Law, Trial)


def asked(draw: Callable[[st.SearchStrategy], Any], made: Any) -> None:
    """Print what a call returned, and ask it something."""
    answered(str, made)
    ours = type(made).__module__.startswith("exportmodels") and not isinstance(made, UNASKED)
    known = methods(made) if ours else {}
    if known:
        name = draw(st.sampled_from(sorted(known)))
        value = st.one_of(ANYTHING, st.sampled_from([*words(getattr(made, name)), "x1"]))
        given = {one.name: draw(value) for one in known[name] if one.default is one.empty or draw(st.booleans())}
        answered(getattr(made, name), **given)


JUNK: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        3,
        10**9,
        10**400,
        1.5,
        -0.5,
        0.95,
        np.nan,
        np.inf,
        1e300,
        1j,
        decimal.Decimal("1.5"),
    ),
    *("", "no such", "x1", "sector", "y", "x1 + (", "é ü", "1", "mean", "robust", "clustered", "jackknife", b"x1"),
    *(
        [],
        {},
        (),
        [1, 2],
        [np.nan],
        ["x1"],
        ("x1", "x2"),
        ["x1", "x1"],
        [[1], [2, 3]],
        [{}],
        {"a": 1},
        {"x1": [1.0]},
        {"x1"},
    ),
    *(np.arange(3), np.ones((40, 2)), np.zeros(40), np.array("x1"), np.float64(0.5), np.int64(2), range(3)),
    *(pd.Series([1.0, 2.0]), pd.Series(dtype=float), pd.DataFrame({"x1": [1.0]}), pd.DataFrame(), pd.NA, pd.NaT),
    *(datetime.date(2008, 1, 1), object(), len, int, ...),
]
"""Values of every type that a script may pass by mistake."""

ANYTHING = st.one_of(st.sampled_from(JUNK), st.integers(-5, 500), st.floats(), st.text(max_size=5))


def tried(examples: int, check: Callable[[Callable[[st.SearchStrategy], Any]], None]) -> None:
    """Have Hypothesis search for something that breaks a check, which draws what it needs."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        check(data.draw)

    run()
