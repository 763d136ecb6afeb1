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


@pytest.fixture(scope="module")
def firms():
    """Twenty-six mass firms without a plant abroad, and 24 niche firms of which eight have one."""
    rng = np.random.default_rng(2009)
    frame = pd.DataFrame({"niche": np.repeat([0, 1], [26, 24]), "age": rng.integers(2, 40, 50)})
    frame["plant"] = ((frame["niche"] == 1) & (np.arange(50) % 3 == 0)).astype(int)
    frame["mode"] = np.where(frame["plant"] == 1, "plant", np.where(np.arange(50) % 2, "agent", "direct"))
    frame["market"] = np.where(frame["niche"] == 1, 2 + np.arange(50) % 2, 1 + np.arange(50) % 2)
    return frame


@pytest.fixture(scope="module")
def choices(firms):
    """Each firm picks among four countries; nobody goes to the far one."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"firm": np.repeat(np.arange(50), 4), "country": ["France", "Poland", "Turkey", "China"] * 50})
    frame["far"] = (frame["country"] == "China").astype(int)
    frame["region"] = frame["country"].map({"France": "west", "Poland": "east", "Turkey": "east", "China": "asia"})
    frame["size"] = rng.normal(size=200)
    picked = rng.integers(0, 3, 50)
    return frame.assign(first=(np.tile(np.arange(4), 50) == np.repeat(picked, 4)).astype(int))


def build(name, options, firms, choices):
    estimator = ESTIMATORS[name]
    kind = type(estimator.kind)
    if kind is Picks:
        nest = {"nest": "region"} if "nest" in estimator.column_options else {}
        return estimator.from_formula("first ~ far + size", choices, choice_set="firm", **nest, **options), "far"
    outcome = {Binary: "plant", Ordered: "market", Choice: "mode"}[kind]
    return estimator.from_formula(f"{outcome} ~ niche + age", firms, **options), "niche"


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_a_finite_answer_or_the_cell_by_name(name, options, firms, choices):
    model, cell = build(name, options, firms, choices)
    try:
        results = model.fit()
    except SeparationError as error:
        assert cell in str(error)
        assert any(word in str(error) for word in ("penalty=", "FirthLogit", "leave the attribute out"))
        return
    assert results.params.abs().max() < 10
    assert not (results.bse > 10).any()
    assert (results.bse.notna() | getattr(results, "median_unbiased", False)).all()
    lower, upper = results.conf_int().filter(like=cell, axis=0).iloc[0]
    assert lower < upper


def test_both_kinds_of_answer_occur(firms, choices):
    answers = {}
    for name, options in VARIANTS:
        model, _ = build(name, options, firms, choices)
        try:
            model.fit()
            answers[name, str(options)] = "answer"
        except SeparationError:
            answers[name, str(options)] = "named"
    assert answers["Logit", "{}"] == answers["ConditionalLogit", "{}"] == "named"
    for name in ("FirthLogit", "ExactLogit"):
        assert "named" not in {answer for (key, _), answer in answers.items() if key == name}
    for name in ("Probit", "CLogLog", "OrderedLogit", "OrderedProbit", "MultinomialLogit"):
        assert answers[name, "{}"] == "named"
        assert answers[name, "{'penalty': 'jeffreys'}"] == "answer"
