"""What models of levels make of a sample: names, starts, quantities, separation, identical rows, bad designs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, DataError, OptionError, SeparationError
from exportmodels.core.newton import maximize
from exportmodels.strategy import MultinomialLogit, OrderedLogit, OrderedProbit
from exportmodels.strategy.ordered_parts import OrdinalParts

LEVELS = ["none", "some", "much"]
N = 60
RNG = np.random.default_rng(7)
DATA = pd.DataFrame({"age": RNG.normal(30, 8, N), "niche": RNG.integers(0, 2, N), "drift": RNG.normal(size=N)}).assign(
    level=pd.Categorical.from_codes(np.arange(N) * 7 % 10 // 4, LEVELS, ordered=True),
    grade=lambda d: np.array([1.0, 2.0, 5.0])[d["level"].cat.codes],
    mode=lambda d: d["level"].astype(str),
    w=RNG.uniform(0.5, 2, N),
    copies=RNG.integers(1, 4, N),
)
ESTIMATORS = pytest.mark.parametrize("estimator", [OrderedLogit, OrderedProbit])


def test_names_of_coefficients():
    model = OrderedLogit.from_formula("level ~ age", DATA, nonparallel="niche + drift")
    cuts = ["none|some", "some|much"]
    moving = [f"[{cut}] {name}" for cut in cuts for name in ("niche", "drift")]
    assert model.param_names == ["age", "[cut] none|some", "[cut] some|much", *moving]
    assert [name for name in model.param_names if model.ancillary(name)] == ["[cut] none|some", "[cut] some|much"]
    assert (model.levels, model.outcome_type.levels) == (("none", "some", "much"), ("none", "some", "much"))
    choice = MultinomialLogit.from_formula("mode ~ age", DATA)
    assert choice.levels == ("much", "none", "some")
    assert choice.param_names == ["[none] Intercept", "[none] age", "[some] Intercept", "[some] age"]
    assert choice.outcome_type.levels == choice.levels


@ESTIMATORS
@pytest.mark.parametrize("options", [{}, {"nonparallel": "drift"}], ids=["", "nonparallel"])
def test_the_search_begins_at_the_shares_of_the_levels(estimator, options):
    model = estimator.from_formula("level ~ age + niche", DATA, weights="w", frequency="copies", **options)
    problem = model.problem(model.sample)
    total = DATA["w"] * DATA["copies"]
    shares = total.groupby(DATA["level"], observed=True).sum() / total.sum()
    start = pd.Series(problem.back @ problem.start, model.param_names)
    cuts = start.filter(like="[cut]").to_numpy()
    np.testing.assert_allclose(model.family.link.distribution(cuts), shares.cumsum().iloc[:2], rtol=1e-10)
    np.testing.assert_allclose(start.drop(start.filter(like="[cut]").index), 0, atol=1e-12)
    assert problem.llnull == pytest.approx(total.sum() * (shares * np.log(shares)).sum(), rel=1e-12)
    assert problem.objective.evaluate(problem.start)[0] == pytest.approx(problem.llnull, rel=1e-12)
    penalized = estimator.from_formula("level ~ age + niche", DATA, penalty="jeffreys", frequency="copies", **options)
    other = penalized.problem(penalized.sample)
    plain = estimator.from_formula("level ~ age + niche", DATA, frequency="copies", **options)
    plain = plain.problem(plain.sample)
    np.testing.assert_array_equal(other.start, plain.start)
    np.testing.assert_array_equal(other.back, plain.back)
    assert other.llnull == plain.llnull


def test_quantities_of_levels():
    theta = np.array([0.03, 0.4, 0.9, 2.0])
    designs = [DATA[["age", "niche"]].to_numpy()]
    below = 1 / (1 + np.exp(-(theta[2:] - (designs[0] @ theta[:2])[:, None])))
    p = np.diff(np.column_stack([np.zeros(N), below, np.ones(N)]), axis=1)
    for outcome, more in (("level", []), ("grade", ["scale"])):
        found = OrderedLogit.from_formula(f"{outcome} ~ age + niche", DATA).quantities
        assert list(found) == ["probabilities", "above", *more]
        np.testing.assert_allclose(found["probabilities"].rows(theta, designs), p, rtol=1e-11)
        np.testing.assert_allclose(found["above"].rows(theta, designs), 1 - below, rtol=1e-11)
    np.testing.assert_allclose(found["scale"].rows(theta, designs), p @ [1, 2, 5], rtol=1e-11)
    assert found["probabilities"].columns == ("1", "2", "5")
    assert found["above"].columns == ("1", "2")
    parts = [(q.label, q.unit, q.scale, q.told) for q in found.values()]
    assert parts == [
        ("probability of grade", "probability", "logit", True),
        ("probability of grade above", "probability", "logit", False),
        ("mean grade", "points", "identity", True),
    ]
    choice = MultinomialLogit.from_formula("mode ~ age", DATA).quantities["probabilities"]
    assert (choice.label, choice.unit, choice.scale) == ("probability of mode", "probability", "logit")
    assert choice.columns == ("much", "none", "some")


def test_published_figures_go_with_the_quantities():
    data = DATA.rename(columns={"level": "market"})
    data["market"] = data["market"].cat.rename_categories(["local", "european", "global"])
    for estimator in (OrderedLogit, MultinomialLogit):
        found = estimator.from_formula("market ~ age", data).quantities["probabilities"].published("niche", 0, "local")
        assert (found.value, found.figure) == (0.47, "25")
    grade = OrderedLogit.from_formula("rd ~ age", DATA.rename(columns={"grade": "rd"})).quantities["scale"]
    assert grade.published is not None


@ESTIMATORS
def test_identical_rows_become_one(estimator):
    few = DATA.assign(age=DATA["age"].round(-1))
    many = pd.concat([few] * 10, ignore_index=True)
    for options in ({}, {"nonparallel": "niche"}, {"weights": "w"}):
        formula = "level ~ age" if "nonparallel" in options else "level ~ age + niche"
        model = estimator.from_formula(formula, many, **options)
        collapsed = model.problem(model.sample).objective
        keys = ["level", "age", "niche"]
        assert len(collapsed.level) == len(many[keys].drop_duplicates())
        full = OrdinalParts.of(model.sample, model.family.link, 2).objective
        theta = model.problem(model.sample).start + 0.1 * np.cos(np.arange(len(model.param_names)))
        for one, other in zip(collapsed.evaluate(theta), full.evaluate(theta), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


SEPARATED = pd.DataFrame(
    {
        "level": pd.Categorical([*LEVELS[:2] * 2, *LEVELS[1:] * 2], LEVELS, ordered=True),
        "niche": [0, 0, 0, 0, 1, 1, 1, 1],
        "age": [3.0, 1.0, 2.0, 4.0, 2.5, 1.5, 3.5, 2.0],
    }
)


@ESTIMATORS
def test_separated_levels(estimator):
    model = estimator.from_formula("level ~ niche", SEPARATED)
    found = model.separation
    assert found.separated and found.directions["niche"] == 1.0
    with pytest.raises(SeparationError, match=rf"'niche' \(\+\).*{estimator.__name__}\(penalty='jeffreys'\)"):
        model.fit()
    assert not estimator.from_formula("level ~ niche + age", DATA).separation.separated
    assert not estimator.from_formula("level ~ niche", DATA, nonparallel="age").separation.separated
    moving = estimator.from_formula("level ~ age", SEPARATED, nonparallel="niche").separation
    assert moving.directions == {"[cut] some|much": 1.0, "[none|some] niche": 1.0, "[some|much] niche": 1.0}


def test_separated_modes():
    data = SEPARATED.assign(mode=SEPARATED["level"].astype(str))
    model = MultinomialLogit.from_formula("mode ~ niche", data)
    assert model.separation.directions["[none] niche"] == -1.0
    with pytest.raises(SeparationError, match=r"\[none\] niche' \(-\).*MultinomialLogit\(penalty='jeffreys'\)"):
        model.fit()
    assert not MultinomialLogit.from_formula("mode ~ niche + age", DATA).separation.separated


@pytest.mark.parametrize("estimator", [OrderedLogit, MultinomialLogit])
def test_notes(estimator):
    notes = [estimator.from_formula("level ~ age", some).fit().notes for some in (DATA, DATA.iloc[:20])]
    assert [any("fewer than five firms: much (4)" in note for note in several) for several in notes] == [False, True]
    penalized = estimator.from_formula("level ~ niche", SEPARATED, penalty="jeffreys").fit()
    assert any("outcome 'level' is separated" in note for note in penalized.notes)


@pytest.mark.parametrize("estimator", [OrderedLogit, OrderedProbit, MultinomialLogit])
def test_separation_is_looked_for_where_it_may_be(estimator):
    """Where the engine found no maximum, and where it found one far out; anywhere else that would be a waste."""
    model = estimator.from_formula("level ~ niche", SEPARATED)
    problem = model.problem(model.sample)
    near = maximize(problem.objective, problem.start, max_iter=1)
    with pytest.raises(SeparationError):
        model.examine(near, problem)
    model.examine(replace(near, converged=True), problem)
    with pytest.raises(SeparationError):
        model.examine(replace(near, converged=True, theta=near.theta + 40), problem)
    sound = estimator.from_formula("level ~ age", DATA)
    problem = sound.problem(sound.sample)
    with pytest.raises(ConvergenceError):
        sound.examine(maximize(problem.objective, problem.start + 1, max_iter=1), problem)


@pytest.mark.parametrize("estimator", [OrderedLogit, MultinomialLogit])
def test_options(estimator):
    assert estimator.from_formula("level ~ age", DATA, penalty="jeffreys").penalty == "jeffreys"
    assert estimator.from_formula("level ~ age", DATA).penalty is None
    with pytest.raises(OptionError, match=r"^penalty must be"):
        estimator.from_formula("level ~ age", DATA, penalty="ridge")
    holes = DATA.assign(age=DATA["age"].where(DATA.index > 3))
    assert estimator.from_formula("level ~ age", holes).sample.missing == 4
    with pytest.raises(DataError, match="values are missing in rows 0, 1, 2, 3"):
        estimator.from_formula("level ~ age", holes, missing="raise")


def test_each_mode_has_the_same_covariates():
    model = MultinomialLogit.from_formula("mode ~ age", DATA)
    theta, new = np.array([0.5, -0.1, 0.2, 0.03]), pd.DataFrame({"age": [20.0, 50.0]})
    for data, age in ((None, DATA["age"].to_numpy()), (new, np.array([20.0, 50.0]))):
        odds = np.exp([0 * age, 0.5 - 0.1 * age, 0.2 + 0.03 * age])
        found = model.quantities["probabilities"].rows(theta, model.design_matrices(data))
        np.testing.assert_allclose(found.T, odds / odds.sum(axis=0), rtol=1e-11)


@ESTIMATORS
def test_thresholds_have_their_constant(estimator):
    moving = DATA[["drift"]]
    frame = estimator(DATA["level"], DATA[["age"]], nonparallel=moving)
    assert frame.param_names[-1] == "[some|much] drift"
    matrix = estimator(DATA["level"], DATA[["age"]], nonparallel=moving.to_numpy())
    assert matrix.param_names[-2:] == ["[none|some] z1", "[some|much] z1"]
    theta = np.array([0.1, 0.2, 1.4, 0.3, -0.2])
    values = []
    for model in (frame, matrix, estimator.from_formula("level ~ age", DATA, nonparallel="drift")):
        ends = model.predictors(theta, model.design_matrices())
        age, drift = DATA["age"].to_numpy(), DATA["drift"].to_numpy()
        np.testing.assert_allclose(ends, [0.2 - 0.1 * age - 0.3 * drift, 1.4 - 0.1 * age + 0.2 * drift], rtol=1e-12)
        problem = model.problem(model.sample)
        values.append(problem.objective.evaluate(np.linalg.solve(problem.back, theta))[0])
        np.testing.assert_allclose(problem.back[-2:] @ problem.start, 0, atol=1e-12)
    np.testing.assert_allclose(values, values[0], rtol=1e-12)
    two = estimator.from_formula("level ~ age", DATA, nonparallel="drift + niche")
    ends = two.predictors(np.array([0.1, 0.2, 1.4, 0.3, 0.5, -0.2, 0.7]), two.design_matrices())
    niche = DATA["niche"].to_numpy()
    np.testing.assert_allclose(ends[1], 1.4 - 0.1 * age + 0.2 * drift - 0.7 * niche, rtol=1e-12, atol=1e-12)
    with pytest.raises(OptionError, match="must not take the intercept away"):
        estimator.from_formula("level ~ age", DATA, nonparallel="0 + drift")
    with pytest.raises(DataError, match=r"the covariates of \[cut\]"):
        estimator(DATA["level"], DATA[["age"]], nonparallel=[["much"]] * N)


@ESTIMATORS
def test_what_moves_the_thresholds_must_not_move_the_predictor(estimator):
    months = DATA.assign(months=12 * DATA["age"] + 6, near=DATA["age"] + 1e-4 * DATA["drift"])
    with pytest.raises(DataError, match="'months' stands among"):
        estimator.from_formula("level ~ niche + months", months, nonparallel="age")
    with pytest.raises(DataError, match="'niche', 'months' stand among"):
        estimator.from_formula("level ~ niche + months", months, nonparallel="age + niche")
    estimator.from_formula("level ~ near", months, nonparallel="age")
    units = DATA.assign(tiny=1e-9 * DATA["age"])
    estimator.from_formula("level ~ drift + tiny", units, nonparallel="niche")
