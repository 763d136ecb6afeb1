"""Discrete hazards under cloglog: blocks of one cell, blocks of many, and the grid of firm-years agree."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.timing import DiscreteHazard, proportional_objective
from exportmodels.timing.discrete_hazard_likelihood import GridObjective


def firms(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"size": rng.normal(size=n), "niche": rng.integers(0, 2, n)})
    years, seen = np.floor(rng.exponential(5 * np.exp(-0.5 * frame["size"]))), rng.integers(2, 8, n)
    frame["years"], frame["exported"] = np.minimum(years, seen), (years <= seen).astype(int)
    first = np.minimum(rng.integers(0, 2, n), frame["years"])
    return frame.assign(w=rng.uniform(0.5, 2, n), since=first.astype(int))


@pytest.mark.parametrize("options", [{}, {"weights": "w"}, {"entry": "since"}, {"entry": "since", "weights": "w"}])
def test_blocks_of_one_cell_and_of_many_agree_with_the_grid(options, monkeypatch):
    model = DiscreteHazard.from_formula("years ~ size + niche", firms(), event="exported", **options)
    objective = model.problem(model.sample).objective
    theta = np.random.default_rng(1).normal(0, 0.2, len(model.param_names))
    grid = GridObjective.evaluate(
        GridObjective(
            *(getattr(objective, name) for name in ("link", "spells", "matrix", "weight", "baseline", "basis"))
        ),
        theta,
    )
    for large in (1, 10**9):
        monkeypatch.setattr(proportional_objective, "_LARGE", large)
        pieces = list(objective._pieces(len(objective.matrix) - int(objective.spells.event.sum())))
        assert (len(pieces) > 5) == (large == 1)
        for ours, theirs in zip(objective.evaluate(theta), grid, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-9)
