"""Whatever is thrown at an estimator, it answers or refuses with an error of ours; every public one is enrolled."""

import inspect

import pytest
from fuzzing import ANYTHING, MODELS, answered, case_of, formula_of, settings_of, tried
from hypothesis import strategies as st
from spoiling import COLUMNS, TABLES

from exportmodels.core.results import Results
from exportmodels.laws.case import ROLES

SIZES = [pytest.param(2, id="few"), pytest.param(10, id="many", marks=pytest.mark.slow)]
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
sizes = pytest.mark.parametrize("examples", SIZES)


def built(model, formula, data, **options):
    """Build, fit and print a model, or be refused."""
    case = case_of(model)
    made = answered(model.from_formula, formula_of(model, case) if formula is None else formula, data, **options)
    results = None if made is None else answered(made.fit)
    if isinstance(results, Results):
        answered(lambda: str(results.summary()))
    return results


@sizes
@every_model
def test_any_option(model, examples):
    names = [*list(inspect.signature(model).parameters)[2:], "nonsense"]

    def check(draw):
        changed = {draw(st.sampled_from(names)): draw(ANYTHING)}
        built(model, None, case_of(model).frame, **settings_of(model) | changed)

    tried(examples, check)


@sizes
@every_model
def test_any_column(model, examples):
    case, options = case_of(model), settings_of(model)
    roles = [role for role in ROLES if role in model.column_options and role in case.frame]
    others = [name for name in options.values() if name in case.frame]

    def check(draw):
        name = draw(st.sampled_from([*case.outcome, "x1", *roles, *others]))
        spoil = COLUMNS[draw(st.sampled_from(list(COLUMNS)))]
        used = options | ({name: name} if name in roles else {})
        built(model, None, case.frame.assign(**{name: spoil(case.frame[name])}), **used)

    tried(examples, check)


@sizes
@every_model
def test_any_table(model, examples):
    case, options = case_of(model), settings_of(model)
    columns = {name: case.frame[column] for name, column in options.items() if name in model.column_options}
    outcome = case.frame[case.outcome[0]] if len(case.outcome) == 1 else case.frame[list(case.outcome)]

    def check(draw):
        spoil = TABLES[draw(st.sampled_from(list(TABLES)))]
        built(model, None, spoil(case.frame), **options)
        if set(options) == set(columns):
            made = answered(model, outcome, spoil(case.frame[["x1", "unit", "year"]]), **columns)
            answered(lambda: made and made.fit())
            answered(model, spoil(case.frame), case.frame[["x1"]], **columns)

    tried(examples, check)


WORDS = [
    *("x1", "x2", "x3", "sector", "y", "no_such", "1", "0", "-1", "np.log(x1)", "np.log(x9)", "C(sector)", "C(x1)"),
    *("C(sector, Treatment('z'))", "C(no_such)", "center(x1)", "bs(x1, df=4)", "cr(x2, df=3)", "I(x1 ** 2)"),
    *("I(1 / x2)", "Q('x1')", 'Q("a b")', "a b", "é", "(x1", "x1)", "x1:x2", "x1 * sector", "x1 ** 2", "offset(x1)"),
    *("np.nope(x1)", "np", "sector + 1", "'text'", "[x1]", "{}", "x1 if x2 else x3", "lambda: 1", "x1 == 2", "x1 > no"),
    *("", "~", "x1.str.len()", "np.array([1, 2])", "np.nan", "np.inf * x1", "standardize(x3)", "x1.sum()", "unit"),
    *("C(unit)", "event", "weights"),
]
LEFT = ["x1", "no_such", "y + x1", "np.log(x1)", "y y", "1", ""]
JOINTS = [" + ", " - ", " * ", ":", " ", "/", " ~ ", ", ", "**", " % ", " | ", "+-", "\n", " + 0 + "]
FORMULAS = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).flatmap(
        lambda words: st.lists(st.sampled_from(JOINTS), min_size=len(words), max_size=len(words)).map(
            lambda joints: "".join(part for pair in zip(words, joints, strict=True) for part in pair)
        )
    ),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" + ".join),
    st.text("xy123 +-*:/()~.,'\"[]C%é\n\t", max_size=12),
)


@sizes
@every_model
def test_any_formula(model, examples):
    case, options = case_of(model), settings_of(model)

    def check(draw):
        left = draw(
            st.sampled_from([" + ".join(case.outcome)] * 3 + ["x1", "no_such", "y + x1", "np.log(x1)", "y y", "1", ""])
        )
        right = draw(FORMULAS)
        terms = {name: draw(FORMULAS) for name in model.equations if draw(st.sampled_from([False] * 4 + [True]))}
        built(model, f"{left} ~ {right}", case.frame, **options | terms)

    tried(examples, check)


@every_model
@pytest.mark.parametrize("formula", [None, 3, "", "y", ["y", "x1"], "y ~ x1 ~ x2", "~", b"y ~ x1"], ids=repr)
def test_no_formula(model, formula):
    assert answered(model.from_formula, formula, case_of(model).frame, **settings_of(model)) is None
