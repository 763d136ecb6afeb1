"""Fifty firms and a cell in which nobody does it: every strategy estimator has a finite answer, or names the cell."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import strategy
from exportmodels.core.errors import SeparationError
from exportmodels.core.levels import Choice, Ordered, Picks
from exportmodels.core.model import Model
from exportmodels.core.outcomes import Binary

ESTIMATORS = {
    name: found
    for name in strategy.__all__
    if isinstance(found := getattr(strategy, name), type) and issubclass(found, Model)
}
VARIANTS = [(name, options) for name, found in ESTIMATORS.items() for options in found.variants or ({},)]

# Who among 26 mass firms and 24 niche firms does it.
CELLS = ("no mass firm", "every niche firm", "niche firms, and they alone")
ROLES: dict[str, dict] = {"as they are": {}, "repeated": {"frequency": "repeats"}, "weighted": {"weights": "weight"}}
REMEDIES = ("penalty=", "FirthLogit", "leave the attribute out")


def made_firms(cell):
    """Fifty firms: whether they have a plant abroad, how they enter, how wide their market is."""
    rng = np.random.default_rng(2009)
    number, niche = np.arange(50), np.repeat([False, True], [26, 24])
    frame = pd.DataFrame({"niche": niche.astype(int), "age": rng.integers(2, 40, 50)})
    does = {CELLS[0]: niche & (number % 3 == 0), CELLS[1]: niche | (number % 3 == 0), CELLS[2]: niche}[cell]
    frame["plant"] = does.astype(int)
    frame["mode"] = np.where(does, "plant", np.where(number % 2, "agent", "direct"))
    frame["market"] = np.where(does, 3, 1 + number % 2 + (niche & ~does))
    return frame.assign(weight=0.5 + number % 3, repeats=1 + number % 2)


def made_choices(cell):
    """Each firm picks among four countries; the far one is nobody's first, everybody's, or niche firms' alone."""
    rng = np.random.default_rng(1)
    number, countries = np.arange(50), ["France", "Poland", "Turkey", "China"]
    frame = pd.DataFrame({"firm": np.repeat(number, 4), "country": countries * 50, "size": rng.normal(size=200)})
    frame["far"] = (frame["country"] == "China").astype(int)
    frame["region"] = frame["country"].map({"France": "west", "Poland": "east", "Turkey": "east", "China": "asia"})
    near = rng.integers(0, 3, 50)
    picked = {CELLS[0]: near, CELLS[1]: np.full(50, 3), CELLS[2]: np.where(number % 2, 3, near)}[cell]
    frame["niche_far"] = np.repeat(number % 2, 4) * frame["far"]
    frame["first"] = (np.tile(np.arange(4), 50) == np.repeat(picked, 4)).astype(int)
    return frame.assign(weight=0.5 + np.repeat(number % 3, 4), repeats=1 + np.repeat(number % 2, 4))


def build(name, options, cell=CELLS[0]):
    """Return the model, and the column that the cell is in."""
    estimator = ESTIMATORS[name]
    kind = type(estimator.kind)
    if kind is Picks:
        nest = {"nest": "region"} if "nest" in estimator.column_options else {}
        formula = "first ~ far + size" + (" + niche_far" if cell == CELLS[2] else "")
        return estimator.from_formula(formula, made_choices(cell), choice_set="firm", **nest, **options), "far"
    outcome = {Binary: "plant", Ordered: "market", Choice: "mode"}[kind]
    return estimator.from_formula(f"{outcome} ~ niche + age", made_firms(cell), **options), "niche"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_a_finite_answer_or_the_cell_by_name(name, options, role, cell):
    if not set(ROLES[role]) <= set(ESTIMATORS[name].column_options):
        return
    model, column = build(name, {**options, **ROLES[role]}, cell)
    try:
        results = model.fit(*(["robust"] if "weights" in ROLES[role] else []))
    except SeparationError as error:
        assert column in str(error)
        assert any(word in str(error) for word in REMEDIES)
        return
    assert results.params.abs().max() < 10
    assert not (results.bse > 10).any()
    for unknown in results.bse.index[results.bse.isna()]:
        assert any(unknown in note for note in results.notes), "an estimate without an error says why"
    lower, upper = results.conf_int().filter(like=column, axis=0).iloc[0]
    assert lower < upper


@pytest.mark.parametrize("cell", CELLS)
def test_both_kinds_of_answer_occur(cell):
    answers = {}
    for name, options in VARIANTS:
        model, _ = build(name, options, cell)
        try:
            model.fit()
            answers[name, str(options)] = "answer"
        except SeparationError:
            answers[name, str(options)] = "named"
    for name, options in VARIANTS:
        penalized = "penalty" in options or name in ("FirthLogit", "ExactLogit")
        assert answers[name, str(options)] == ("answer" if penalized else "named"), (name, options)


@pytest.mark.parametrize("copies", [1, 20, 200])
def test_a_step_into_a_cell_without_information_is_halved(copies):
    """Where the first step ends, rounding alone gives the information a determinant."""
    firms = pd.DataFrame(
        {
            "plant": [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0],
            "niche": [0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1],
            "rd": [2, 2, 1, 0, 1, 0, 2, 0, 1, 2, 1, 2, 2, 0, 2],
            "n": copies,
        }
    )
    results = strategy.CLogLog.from_formula("plant ~ rd + niche", firms, frequency="n", penalty="jeffreys").fit()
    assert results.converged
    assert 0 < results.params["Intercept"] < 3
    assert results.params["niche"] < -4 + (copies == 1)
