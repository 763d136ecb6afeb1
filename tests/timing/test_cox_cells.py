"""Cox by cells of year and event: the numbers of the likelihood row by row, whatever the options."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.timing import Cox, cox_cells
from exportmodels.timing.cox_cells import CoxCells
from exportmodels.timing.partial_likelihood import PartialLikelihood


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(cox_cells, "_ROWS", 20)
    monkeypatch.setattr(cox_cells, "_BLOCK", 64)


def firms(n=3000, seed=0, spread=1.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"size": spread * rng.normal(size=n), "age": 40 + 9 * rng.normal(size=n)})
    waited, seen = rng.exponential(10 * np.exp(-0.4 * frame["size"] / spread)), rng.uniform(1, 12, n)
    frame["years"], frame["exported"] = np.ceil(np.minimum(waited, seen)), (waited <= seen).astype(int)
    return frame.assign(
        w=rng.uniform(0.5, 2, n), copies=rng.integers(1, 4, n), sector=rng.integers(0, 2, n), o=rng.normal(size=n)
    )


OPTIONS = [
    {},
    {"ties": "breslow"},
    {"strata": "sector"},
    {"weights": "w"},
    {"frequency": "copies"},
    {"offset": "o"},
    {"weights": "w", "frequency": "copies", "strata": "sector", "offset": "o"},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_cells_give_what_the_rows_give(options):
    model = Cox.from_formula("years ~ size + age", firms(), event="exported", **options)
    cells = model.problem(model.sample).objective
    assert isinstance(cells, CoxCells)
    for theta in (np.zeros(2), np.array([0.4, -0.2])):
        for ours, rows in zip(cells.evaluate(theta), cells.plain.evaluate(theta), strict=True):
            np.testing.assert_allclose(ours, rows, rtol=1e-11, atol=1e-9)
        np.testing.assert_array_equal(cells.scores(theta), cells.plain.scores(theta))


def test_the_fit_is_that_of_the_rows(monkeypatch):
    kinds = {"nonrobust": {}, "robust": {}, "clustered": {"clusters": "sector"}}
    model = Cox.from_formula("years ~ size + age", firms(), event="exported")
    ours = {kind: model.fit(kind, **more) for kind, more in kinds.items()}
    monkeypatch.setattr(cox_cells, "_ROWS", 10**9)
    assert isinstance(model.problem(model.sample).objective, PartialLikelihood)
    for kind, more in kinds.items():
        rows = model.fit(kind, **more)
        np.testing.assert_allclose(ours[kind].params, rows.params, rtol=1e-11)
        np.testing.assert_allclose(ours[kind].bse, rows.bse, rtol=1e-11)
        np.testing.assert_allclose([ours[kind].llf, ours[kind].llnull], [rows.llf, rows.llnull], rtol=1e-13)


def test_extreme_risks_are_left_to_the_rows(monkeypatch):
    monkeypatch.setattr(cox_cells, "_LARGEST", 2.0)
    model = Cox.from_formula("years ~ size + age", firms(), event="exported")
    cells = model.problem(model.sample).objective
    far = np.array([0.0, 2.0])
    for ours, rows in zip(cells.evaluate(far), cells.plain.evaluate(far), strict=True):
        np.testing.assert_array_equal(ours, rows)


def test_late_entry_and_many_times_stay_with_the_rows():
    late = firms().assign(since=lambda d: np.minimum(d.index % 3, d.years - 1).clip(lower=0))
    many = firms().assign(years=lambda d: d.years + d.index / 1e4)
    for data, options in ((late, {"entry": "since"}), (many, {})):
        model = Cox.from_formula("years ~ size + age", data, event="exported", **options)
        assert isinstance(model.problem(model.sample).objective, PartialLikelihood)
