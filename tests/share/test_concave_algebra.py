"""Truncated normal likelihoods in coordinates in which they are concave, and where they say nothing of the spread."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError
from exportmodels.share import TruncatedRegression
from exportmodels.share import concave as module
from exportmodels.share.concave import Natural, climbed

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import expansion

DATA = pd.DataFrame({"share": [0.1, 0.45, 0.2, 0.9, 0.6, 0.35], "x": [0.0, 1.0, -1.0, 2.0, 0.5, 0.3]})
DATA["weight"], DATA["shift"] = [1.0, 2.0, 0.5, 1.0, 3.0, 1.5], [0.1, -0.2, 0.0, 0.3, 0.1, -0.1]
DATA["times"] = [1.0, 2.0, 1.0, 1.0, 3.0, 2.0]
UNIT = -0.7


def natural_loglike(model):
    """The log-likelihood of b q and q, row by row, the covariates standardized."""
    sample = model.sample
    x, y = sample.designs[""].standardized.matrix, sample.outcome
    weight = np.ones(len(y)) if sample.total_weight is None else sample.total_weight
    shift = np.zeros(len(y)) if sample.offset is None else sample.offset

    def row(one, share, off, first, second, q):
        mean = (one[0] * first + one[1] * second) / q + off
        s = mp.exp(mp.mpf(UNIT)) / mp.sqrt(q)
        return mp.log(mp.npdf(share, mean, s) / (mp.ncdf((1 - mean) / s) - mp.ncdf(-mean / s)))

    return lambda *at: sum(w * row(*rest, *at) for w, *rest in zip(weight, x, y, shift, strict=True))


OPTIONS = {"plain": {}, "weight": {"weights": "weight"}, "shift": {"offset": "shift"}}
OPTIONS["both"] = {"frequency": "times", "offset": "shift"}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("at", [(0.5, 0.1, 1.0), (0.2, -0.3, 0.4)])
def test_the_natural_form_is_the_likelihood(options, at):
    model = TruncatedRegression.from_formula("share ~ x", DATA, **options)
    natural = Natural(model.problem(model.sample).objective, UNIT)
    value, first, second = expansion(natural_loglike(model), at)
    loglike, score, information = natural.evaluate(np.array(at))
    assert loglike == pytest.approx(value, rel=1e-11)
    np.testing.assert_allclose(score, first, rtol=1e-9)
    np.testing.assert_allclose(information, -second, rtol=1e-8)
    assert (np.linalg.eigvalsh(information) > 0).all()


def test_what_is_flatter_than_any_sample_tells_has_no_likelihood():
    model = TruncatedRegression.from_formula("share ~ x", DATA)
    natural = Natural(model.problem(model.sample).objective, UNIT)
    assert np.isfinite(natural.evaluate(np.array([0.2, 0.1, 1.1e-4]))[0])
    for q in (0.9e-4, 0.0, -1.0):
        loglike, score, information = natural.evaluate(np.array([0.2, 0.1, q]))
        assert loglike == -np.inf
        np.testing.assert_array_equal(score, np.zeros(3), strict=True)
        np.testing.assert_array_equal(information, np.eye(3))


def test_the_usual_coordinates():
    b1, b2, log_s = Natural(None, UNIT).usual(np.array([0.6, -0.3, 0.25]))
    assert (b1, b2, np.exp(log_s)) == pytest.approx((2.4, -1.2, np.exp(UNIT) / 0.5))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_climb_ends_where_the_likelihood_is_highest(options):
    model = TruncatedRegression.from_formula("share ~ x", DATA, **options)
    problem = model.problem(model.sample)
    loglike, score, information = problem.objective.evaluate(problem.start)
    assert score @ np.linalg.solve(information, score) < 1e-7
    rng = np.random.default_rng(0)
    for step in 0.3 * rng.normal(size=(20, 3)):
        assert problem.objective.evaluate(problem.start + step)[0] < loglike


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_climb_begins_at_least_squares(monkeypatch, options):
    model = TruncatedRegression.from_formula("share ~ x", DATA, **options)
    sample, begun = model.sample, []

    def maximize(natural, start, tol):
        begun.append((natural.unit, start))
        raise ConvergenceError("no")

    monkeypatch.setattr(module, "maximize", maximize)
    problem = model.problem(sample)
    assert climbed(problem, sample) is problem  # a climb that fails leaves the start as it is
    unit, start = begun[-1]
    given = {option: DATA[column].to_numpy() for option, column in options.items()}
    x, y = sample.designs[""].standardized.matrix, DATA["share"].to_numpy() - given.get("offset", 0)
    weight = given.get("weights", given.get("frequency", np.ones(6)))
    b = np.linalg.solve(x.T @ (weight[:, None] * x), x.T @ (weight * y))
    np.testing.assert_allclose(start, [*b, 1.0])
    assert unit == pytest.approx(0.5 * np.log(np.average((y - x @ b) ** 2, weights=weight)))


@pytest.mark.filterwarnings("error")
def test_a_line_without_errors_has_no_spread_and_is_not_called_flat():
    model = TruncatedRegression([0.25, 0.5, 0.25, 0.5], np.array([[1.0, 0], [1, 1], [1, 0], [1, 1]]))
    problem = super(TruncatedRegression, model).problem(model.sample)
    assert climbed(problem, model.sample) is problem
    with pytest.raises(ConvergenceError, match=r"^no maximum was found"):
        model.fit()


@pytest.mark.parametrize(("n", "options"), [(30, {}), (100, {"scale": "x"})])
def test_a_flat_sample_is_named(n, options):
    flat = pd.DataFrame({"share": (np.arange(n) + 0.5) / n, "x": np.arange(n) % 2})
    with pytest.raises(ConvergenceError, match=r"standard deviation of 'share' .* infinity: .* use share.Beta"):
        TruncatedRegression.from_formula("share ~ 1", flat, **options).fit()


def test_a_scale_with_covariates_starts_from_moments():
    x = np.arange(30) % 2
    data = pd.DataFrame({"share": 0.5 + 0.1 * np.sin(np.arange(30)) * (1 + x), "x": x})
    model = TruncatedRegression.from_formula("share ~ 1", data, scale="x")
    start = model.problem(model.sample).start
    assert start[0] == pytest.approx(data["share"].mean(), rel=1e-3)
    assert np.exp(start[1]) == pytest.approx(data["share"].std(ddof=0), rel=1e-3)
    assert start[2] == 0
    results = model.fit()
    assert results.params["[log_scale] x"] == pytest.approx(np.log(2), abs=0.05)
