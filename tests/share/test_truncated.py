"""Truncated regression where the likelihood is nearly flat: found wherever the climb begins, or named."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError
from exportmodels.core.family_model import FamilyModel
from exportmodels.share import TruncatedRegression


def sample(spread, n=60):
    """Return shares near one half, with a covariate, drawn with a fixed seed."""
    rng = np.random.default_rng(5)
    x = np.tile([0.0, 1.0], n // 2)
    y = 0.4 + 0.2 * x + spread * rng.standard_normal((40, n))
    inside = (y > 0) & (y < 1)
    return pd.DataFrame({"share": y[inside.argmax(axis=0), np.arange(n)], "niche": x})


def test_the_concave_form_has_the_derivatives_of_the_likelihood():
    from exportmodels.share.concave import Natural

    model = TruncatedRegression.from_formula("share ~ niche", sample(0.4))
    natural = Natural(FamilyModel.problem(model, model.sample).objective, np.log(0.3))
    at, step = np.array([0.4, 0.2, 0.7]), 1e-5
    _, score, information = natural.evaluate(at)
    for j, ahead in enumerate(np.eye(3) * step):
        up, down = natural.evaluate(at + ahead), natural.evaluate(at - ahead)
        assert score[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-7)
        np.testing.assert_allclose(information[j], -(up[1] - down[1]) / (2 * step), rtol=1e-6, atol=1e-6)


def test_an_offset_shifts_a_wide_law_and_nothing_else():
    firms = sample(0.5)
    model = TruncatedRegression.from_formula("share ~ niche", firms).fit()
    assert np.exp(model.params["[log_scale]"]) > 0.35, "not a wide law"
    for shift in (0.5, -20.0, 20.0):
        moved = TruncatedRegression.from_formula("share ~ niche", firms.assign(by=shift), offset="by").fit()
        np.testing.assert_allclose(moved.params["niche"], model.params["niche"], rtol=1e-8)
        np.testing.assert_allclose(moved.params["Intercept"], model.params["Intercept"] - shift, rtol=1e-8)
        np.testing.assert_allclose(moved.bse, model.bse, rtol=1e-6)


def test_flat_samples_are_named_with_the_way_out():
    flat = pd.DataFrame({"share": np.r_[np.linspace(0.02, 0.98, 40), 0.01, 0.99], "niche": [0, 1] * 21})
    with pytest.raises(ConvergenceError, match=r"'share' before truncation goes to infinity.*share\.Beta"):
        TruncatedRegression.from_formula("share ~ niche", flat).fit()
