"""The log-likelihood without covariates: with many rows it is found when it is asked for, and is the same."""

import pickle

import numpy as np
import pandas as pd
import pytest

from exportmodels.core import family_model
from exportmodels.share import Fractional
from exportmodels.spread import NegativeBinomial
from exportmodels.strategy import Logit


def firms(n=3000):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=n), "share": rng.beta(1, 2, n)})
    return frame.assign(
        listed=(rng.random(n) < 0.4).astype(int),
        markets=rng.negative_binomial(2, 0.3, n),
        w=rng.uniform(0.5, 2, n),
        o=rng.normal(0, 0.2, n),
    )


CASES = [
    (Logit, "listed ~ size", {}),
    (Fractional, "share ~ size", {"weights": "w"}),
    (NegativeBinomial, "markets ~ size", {"offset": "o"}),
    (Logit, "listed ~ size - 1", {}),
]


@pytest.mark.parametrize(("model", "formula", "options"), CASES)
def test_found_late_it_is_the_same(model, formula, options, monkeypatch):
    few = model.from_formula(formula, firms(), **options).fit()
    monkeypatch.setattr(family_model, "_MANY_ROWS", 500)
    monkeypatch.setattr(family_model, "_SUBSAMPLE", 400)
    many = model.from_formula(formula, firms(), **options).fit()
    assert "llnull" not in vars(many)
    np.testing.assert_allclose(pickle.loads(pickle.dumps(many)).llnull, few.llnull, rtol=1e-12)
    np.testing.assert_allclose([many.llf, many.prsquared], [few.llf, few.prsquared], rtol=1e-11)
    np.testing.assert_allclose(many.params, few.params, rtol=1e-8)


def test_sampling_weights_leave_no_information_criterion():
    firms = pd.DataFrame({"exporter": [0, 1, 1, 0, 1, 0], "niche": [0, 0, 1, 1, 1, 0], "w": [1.0, 2, 1, 3, 1, 2]})
    plain = Logit.from_formula("exporter ~ niche", firms).fit()
    weighted = Logit.from_formula("exporter ~ niche", firms, weights="w").fit()
    assert plain.bic == pytest.approx(2 * np.log(6) - 2 * plain.llf, rel=1e-14)
    assert np.isnan([weighted.aic, weighted.bic]).all()
    assert "AIC" in str(plain.summary()) and "AIC" not in str(weighted.summary())
    assert "Log-pseudolikelihood" in str(weighted.summary())
