"""Raked weights against R's loglin, what they owe, and margins that cannot be met."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, DataError, FormulaError, OptionError, WeightError
from exportmodels.inference import rake

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "figures" / "rake.json").read_text())
LEVELS = {"size": ["micro", "small", "medium"], "offering": ["product", "service"], "group": ["niche", "mass"]}
MARGINS = {name: dict(zip(levels, ORACLE[name], strict=True)) for name, levels in LEVELS.items()}


@pytest.fixture
def firms():
    """One row a firm; R stores arrays with the first index fastest."""
    cells = [cell[::-1] for cell in product(*reversed(LEVELS.values()))]
    counts = [cell for cell, count in zip(cells, ORACLE["sample"], strict=True) for _ in range(count)]
    return pd.DataFrame(counts, columns=list(LEVELS), index=[f"firm {i}" for i in range(len(counts))])


def test_raked_weights_agree_with_r(firms):
    raked = rake(firms, MARGINS, total=1000)
    np.testing.assert_allclose(raked.weights, np.repeat(ORACLE["weights"], ORACLE["sample"]), rtol=1e-8)
    assert raked.weights.index.equals(firms.index)


def test_margins_are_met_and_the_total_is_kept(firms):
    start = np.random.default_rng(1).uniform(0.5, 2, len(firms))
    raked = rake(firms, MARGINS, weights=start)
    assert raked.weights.sum() == pytest.approx(start.sum())
    for name, targets in MARGINS.items():
        share = raked.weights.groupby(firms[name]).sum() / raked.weights.sum()
        assert share.to_dict() == pytest.approx({level: part / 1000 for level, part in targets.items()}, rel=1e-9)
    assert raked.margins["after"].to_numpy() == pytest.approx(raked.margins["population"].to_numpy(), rel=1e-9)
    assert raked.margins["firms"].groupby(level="column").sum().eq(len(firms)).all()


def test_weights_are_a_factor_for_each_level_times_the_starting_weight(firms):
    """The form that makes them nearest to the starting weights among all that meet the margins."""
    start = np.random.default_rng(2).uniform(0.5, 2, len(firms))
    ratio = np.log(rake(firms, MARGINS, weights=start).weights / start)
    dummies = pd.get_dummies(firms, dtype=float).to_numpy()
    fitted = dummies @ np.linalg.lstsq(dummies, ratio.to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(fitted, ratio, atol=1e-9)


def test_shares_percentages_and_series_are_the_same_margins(firms):
    counts = rake(firms, MARGINS)
    percent = {name: pd.Series(targets) / 10 for name, targets in MARGINS.items()}
    pd.testing.assert_series_equal(rake(firms, percent).weights, counts.weights)


def test_one_margin_is_met_at_once_and_equal_weights_have_no_design_effect(firms):
    same = rake(firms, {"size": firms["size"].value_counts()})
    assert same.iterations == 1
    assert same.design_effect == pytest.approx(1.0)
    assert same.weights.to_numpy() == pytest.approx(np.ones(len(firms)))


def test_numeric_levels_and_categories_are_levels():
    firms = pd.DataFrame({"niche": [1.0, 0.0, 0.0], "size": pd.Categorical(["micro", "small", "small"])})
    raked = rake(firms, {"niche": {0: 0.5, 1: 0.5}, "size": {"micro": 0.5, "small": 0.5}})
    assert raked.weights.tolist() == pytest.approx([1.5, 0.75, 0.75])


def test_margins_that_exclude_each_other_are_not_met_silently():
    firms = pd.DataFrame({"size": ["micro", "small"], "group": ["niche", "mass"]})
    with pytest.raises(ConvergenceError, match=r"still .* % from its target"):
        rake(firms, {"size": {"micro": 0.5, "small": 0.5}, "group": {"niche": 0.2, "mass": 0.8}}, max_iter=50)


def test_rounds_are_as_many_as_needed_and_told(firms):
    raked = rake(firms, MARGINS)
    assert 0 <= raked.gap <= 1e-10 and raked.weights.name == "weight"
    assert rake(firms, MARGINS, max_iter=raked.iterations).iterations == raked.iterations > 2
    with pytest.raises(ConvergenceError, match=f"after {raked.iterations - 1} rounds"):
        rake(firms, MARGINS, max_iter=raked.iterations - 1)
    assert rake(firms, {"size": MARGINS["size"]}, max_iter=1, total=0.5).weights.sum() == pytest.approx(0.5)
    share = raked.weights / raked.weights.sum()
    assert raked.design_effect == pytest.approx(len(firms) * (share**2).sum())
    smallest, largest = raked.weights.min(), raked.weights.max()
    assert f"{len(firms)} firms raked in {raked.iterations} rounds" in str(raked)
    assert f"weights {smallest:.4g} to {largest:.4g}, design effect {raked.design_effect:.2f}" in str(raked)


def test_the_comparison_before_and_after(firms):
    start = np.random.default_rng(3).uniform(0.5, 2, len(firms))
    table = rake(firms, MARGINS, weights=start).margins
    assert list(table.columns) == ["firms", "before", "after", "population"]
    assert table.index.names == ["column", "level"]
    for (name, level), row in table.iterrows():
        own = (firms[name] == level).to_numpy()
        assert row["firms"] == own.sum()
        assert row["before"] == pytest.approx(start[own].sum() / start.sum())
        assert row["population"] == pytest.approx(MARGINS[name][level] / 1000)


def test_the_margin_farthest_from_its_target_is_named():
    """The last margin has just been met, so that it is the other."""
    size, group = {"micro": 0.5, "small": 0.5}, {"niche": 0.2, "mass": 0.8}
    firms = pd.DataFrame({"size": ["micro", "small"], "group": ["niche", "mass"]})
    for order in ({"size": size, "group": group}, {"group": group, "size": size}):
        with pytest.raises(ConvergenceError, match=f"after 50 rounds margin '{next(iter(order))}' is still"):
            rake(firms, order, max_iter=50)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"margins": {}}, OptionError, "margins are empty"),
        ({"margins": {"sizes": {"micro": 1}}}, FormulaError, "'sizes'"),
        ({"margins": {"size": {"micro": 1, "small": 1}}}, DataError, "hold 'medium'"),
        ({"margins": {"size": {"micro": 1, "small": 1, "medium": 1, "large": 1}}}, WeightError, "'large', but no firm"),
        ({"margins": {"size": {"micro": 1, "small": 1, "medium": 0}}}, WeightError, "'medium' the part 0"),
        ({"weights": -np.ones(60)}, WeightError, "must not be negative"),
        ({"weights": np.ones(3)}, WeightError, "one a row"),
        ({"total": 0}, OptionError, "total must be positive"),
        ({"total": np.inf}, OptionError, "total must be positive and finite"),
        ({"max_iter": 0}, OptionError, "max_iter must be at least 1"),
    ],
)
def test_bad_input_is_named(firms, changes, error, message):
    with pytest.raises(error, match=message):
        rake(firms, **{"margins": MARGINS, **changes})


def test_missing_answers_are_named(firms):
    firms.loc["firm 3", "size"] = None
    with pytest.raises(DataError, match="row firm 3 holds nan"):
        rake(firms, MARGINS)
