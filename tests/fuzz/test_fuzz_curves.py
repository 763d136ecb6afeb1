"""Whatever is thrown at curves without a model, they answer or refuse with an error of ours."""

import inspect

import pytest
from fuzzing import ANYTHING, MODELS, answered, case_of, tried
from hypothesis import strategies as st
from spoiling import COLUMNS, TABLES

from exportmodels import timing
from exportmodels.timing.curve_model import CurveModel

CURVES = [
    one for one in map(timing.__getattr__, timing.__all__) if inspect.isclass(one) and issubclass(one, CurveModel)
]
SIZES = [pytest.param(10, id="few"), pytest.param(100, id="many", marks=pytest.mark.slow)]
every_curve = pytest.mark.parametrize("curve", CURVES, ids=lambda one: one.__name__)
sizes = pytest.mark.parametrize("examples", SIZES)
FORMULAS = [
    "y ~ 1",
    "y ~ sector",
    "y ~ x2 + sector",
    "y",
    "",
    "~ 1",
    "y ~ zz",
    "zz ~ 1",
    "y ~ C(sector)",
    "y ~ (",
    3,
    None,
]


def firms():
    return case_of(MODELS["Cox"]).frame


@sizes
@every_curve
def test_any_data(curve, examples):
    roles = [role for role in ("entry", "frequency", "weights") if role in inspect.signature(curve).parameters]

    def check(draw):
        name = draw(st.sampled_from(["y", "event", "sector", *roles]))
        spoil, other = draw(st.sampled_from([None, *COLUMNS])), draw(st.sampled_from(list(TABLES)))
        frame = TABLES[other](firms()) if spoil is None else firms().assign(**{name: COLUMNS[spoil](firms()[name])})
        used = {"event": "event"} | ({name: name} if name in roles else {})
        made = answered(curve.from_formula, draw(st.sampled_from(FORMULAS)), frame, **used)
        answered(lambda: made and made.fit())

    tried(examples, check)


@sizes
@every_curve
def test_any_option_and_question(curve, examples):
    made = curve.from_formula("y ~ sector", firms(), event="event")
    curves = made.fit()
    questions = {
        name: list(inspect.signature(getattr(curves, name)).parameters)
        for name in dir(type(curves))
        if not name.startswith(("_", "plot")) and inspect.isfunction(getattr(type(curves), name))
    }
    options = [*list(inspect.signature(curve).parameters)[2:], "nonsense"]

    def check(draw):
        changed = {"event": "event"} | {draw(st.sampled_from(options)): draw(ANYTHING)}
        answered(curve.from_formula, "y ~ sector", firms(), **changed)
        given = draw(st.dictionaries(st.sampled_from(list(inspect.signature(made.fit).parameters) or ["x"]), ANYTHING))
        answered(made.fit, **given)
        name = draw(st.sampled_from(sorted(questions)))
        answered(getattr(curves, name), **{one: draw(ANYTHING) for one in questions[name]})

    tried(examples, check)
