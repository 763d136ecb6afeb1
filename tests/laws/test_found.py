"""Data sets on which an estimator of ours once broke a law."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import SeparationError
from exportmodels.spread import GeneralizedPoisson, NegativeBinomial, Poisson
from exportmodels.strategy import ExactLogit
from exportmodels.timing import CompetingHazard


@pytest.mark.parametrize("model", [Poisson, NegativeBinomial, GeneralizedPoisson])
def test_covariates_that_nearly_agree_have_an_estimate_however_they_are_coded(model):
    year = np.array([1984, 2006, 1979, 1987, 1997, 1980, 1970, 1953, 1968, 1955, 1980, 2002, 1994, 1960])
    apart = 0.01 * np.array([4, 1, 5, 3, 5, 7, 3, 6, 2, 3, 7, 6, 5, 3])
    data = pd.DataFrame({"y": [4, 0, 0, 0, 13, 2, 1, 1, 13, 3, 40, 3, 1, 1], "x1": year, "x2": year + apart})
    plain = model.from_formula("y ~ x1 + x2", data).fit()
    moved = model.from_formula("y ~ x1 + x2", data.assign(x1=data["x1"] + data["x2"])).fit()
    assert moved.llf == pytest.approx(plain.llf, rel=1e-10)
    assert moved.params["x2"] + moved.params["x1"] == pytest.approx(plain.params["x2"], rel=1e-6)


def test_the_exact_logit_knows_whole_steps_of_a_covariate_in_any_unit():
    steps = np.array([0, 3, 5, 6, 1, 2, 4, 6, 5, 0, 1, 3, 2, 6])
    yes = np.array([0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1])
    own = ExactLogit(yes, steps[:, None] * 1.0).fit().params.iloc[0]
    small = ExactLogit(yes, steps[:, None] * 1e-8).fit().params.iloc[0]
    assert small * 1e-8 == pytest.approx(own, rel=1e-9)


def test_a_generalized_poisson_law_does_not_stop_at_a_lower_maximum():
    y = [40, 7, 0, 3, 10, 1, 3, 0, 4, 7, 4, 1, 8, 0, 13, 20, 20, 7, 13, 0]
    tenths = np.array([1, 1, 5, 5, 1, 3, 5, 5, 3, 2, 1, 7, 4, 3, 3, 5, 5, 6, 1, 2]) / 100
    apart = np.array([4, 0, 6, 5, 2, 5, 6, 4, 5, 6, 6, 3, 5, 3, 0, 3, 7, 2, 3, 7]) / 100
    x1 = np.arange(20) + tenths
    data = pd.DataFrame({"y": y, "x1": x1, "x2": x1 + apart})
    plain = GeneralizedPoisson.from_formula("y ~ x1 + x2", data).fit()
    moved = GeneralizedPoisson.from_formula("y ~ x1 + x2", data.assign(x1=data["x1"] + data["x2"])).fit()
    assert moved.llf == pytest.approx(plain.llf, rel=1e-10)
    assert plain.predict().max() < 100


def test_a_move_that_one_firm_made_has_no_coefficient_that_a_tiny_slope_makes_up():
    data = pd.DataFrame(
        {
            "y": [6, 5, 5, 2, 0, 2, 5, 1, 1, 4, 6, 5],
            "x1": [0, 1, 0, 0, 4, 0, 4, 3, 0, 1, 0, 1],
            "x2": [6, 4, 6, 6, 2, 5, 5, 2, 6, 7, 1, 1],
            "move": [0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 2],
            "entry": [1, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0],
            "firms": [1, 2, 2, 3, 3, 3, 2, 1, 3, 3, 2, 1],
        }
    )
    model = CompetingHazard.from_formula(
        "y ~ x1 + x2", data, event="move", entry="entry", frequency="firms", baseline="linear"
    )
    with pytest.raises(SeparationError, match=r"'\[2\].*' has no finite estimate"):
        model.fit()
