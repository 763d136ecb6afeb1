"""Jeffreys' penalty in samples of thousands with a covariate that one firm has: there the penalty bends as much as the
likelihood does."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.strategy import FirthLogit, MultinomialLogit, OrderedLogit, Probit, jeffreys, jeffreys_rows

ESTIMATORS = [
    (FirthLogit, "global ~ x + rare", {}),
    (Probit, "global ~ x + rare", {"penalty": "jeffreys"}),
    (OrderedLogit, "market ~ x + rare", {"penalty": "jeffreys"}),
    (MultinomialLogit, "name ~ x + rare", {"penalty": "jeffreys"}),
]


@pytest.fixture(scope="module")
def firms():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=3000), "rare": np.arange(3000) < 1})
    frame["market"] = np.digitize(0.3 * frame["x"] + rng.logistic(size=3000), [-1, 1])
    frame.loc[frame["rare"], "market"] = 2
    frame["name"], frame["global"] = frame["market"].map({0: "a", 1: "b", 2: "c"}), (frame["market"] == 2).astype(float)
    return frame.assign(rare=frame["rare"].astype(float), weight=rng.uniform(0.5, 2, 3000))


@pytest.mark.parametrize(("estimator", "formula", "options"), ESTIMATORS)
def test_firms_of_little_leverage_may_be_left_out(estimator, formula, options, firms, monkeypatch):
    formula = formula.replace("global", "Q('global')")
    model = estimator.from_formula(formula, firms, weights="weight", **options)
    results = model.fit("robust")
    assert results.converged
    assert results.certificate.iterations <= 7
    for module in (jeffreys, jeffreys_rows):
        monkeypatch.setattr(module, "SMALL", 10_000)
    exact = model.fit("robust")
    np.testing.assert_allclose(results.params, exact.params, rtol=1e-7)
    np.testing.assert_allclose(results.certificate.information, exact.certificate.information, rtol=1e-2, atol=1e-2)
