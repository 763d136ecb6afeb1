"""Whatever a fit is asked, it answers or refuses with an error of ours; methods are found on the results themselves."""

import inspect

import pytest
from fuzzing import ANYTHING, MODELS, answered, asked, case_of, fitted, formula_of, methods, settings_of, tried, words
from hypothesis import strategies as st
from spoiling import COLUMNS, TABLES

SIZES = [pytest.param(3, id="few"), pytest.param(12, id="many", marks=pytest.mark.slow)]
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
sizes = pytest.mark.parametrize("examples", SIZES)

TEXTS = ["x1", "x1 = 0", "x1 = x2", "2 * x1 + x2 = 1e3", "x1 =", "= 0", "x1 = 0, x2", "x1 == 0", "zz = 0", "0 = 0", ","]


@sizes
@every_model
def test_any_question(model, examples):
    results = fitted(model)
    known = methods(results)

    def check(draw):
        name = draw(st.sampled_from(sorted(known)))
        value = st.one_of(ANYTHING, st.sampled_from([*TEXTS, *words(getattr(results, name)), results]))
        given = {
            one.name: draw(value)
            for one in known[name]
            if one.kind is not one.VAR_KEYWORD and (one.default is one.empty or draw(st.booleans()))
        }
        asked(draw, answered(getattr(results, name), **given))

    tried(examples, check)


@sizes
@every_model
def test_any_new_rows(model, examples):
    results, case = fitted(model), case_of(model)

    def check(draw):
        spoil, other = draw(st.sampled_from([None, *COLUMNS])), draw(st.sampled_from(list(TABLES)))
        frame = TABLES[other](case.frame) if spoil is None else case.frame.assign(x1=COLUMNS[spoil](case.frame["x1"]))
        if hasattr(results, "predict"):
            answered(results.predict, frame, alpha=draw(st.sampled_from([None, 0.05])))

    tried(examples, check)


@sizes
@every_model
def test_any_option_of_a_fit(model, examples):
    case = case_of(model)
    made = model.from_formula(formula_of(model, case), case.frame, **settings_of(model))
    names = [name for name in inspect.signature(model.fit).parameters if name not in ("self", "options")]
    names += [name for name in ("debiased", "start", "max_iter", "nonsense") if name not in names]

    def check(draw):
        changed = draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=2))
        answered(made.fit, **{"replications": 2, "progress": False} | changed if "seed" in names else changed)

    tried(examples, check)
