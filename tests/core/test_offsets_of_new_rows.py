"""The offset of rows to predict for: their own, that of the fitted rows whose labels they have, or an error."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError
from exportmodels.spread import Poisson
from exportmodels.strategy import ConditionalLogit


@pytest.fixture
def firms():
    rng = np.random.default_rng(3)
    firms = pd.DataFrame({"niche": np.arange(30) % 2.0, "log_years": np.log(rng.integers(1, 30, 30))})
    return firms.assign(countries=rng.poisson(np.exp(0.3 * firms["niche"] + 0.5 * firms["log_years"])))


@pytest.fixture
def fit(firms):
    return Poisson.from_formula("countries ~ niche", firms, offset="log_years").fit()


def by_hand(fit, frame):
    return np.exp(fit.params["Intercept"] + fit.params["niche"] * frame["niche"] + frame["log_years"]).to_numpy()


def test_new_rows_bring_their_own(fit):
    new = pd.DataFrame({"niche": [0.0, 1.0], "log_years": np.log([5.0, 10.0])})
    np.testing.assert_allclose(fit.predict(new), by_hand(fit, new), rtol=1e-12)


def test_as_many_new_rows_as_were_fitted_bring_their_own_too(fit, firms):
    new = firms.assign(log_years=firms["log_years"] + 1)
    np.testing.assert_allclose(fit.predict(new), by_hand(fit, new), rtol=1e-12)


def test_rows_with_the_labels_of_the_fitted_ones_keep_theirs_in_any_order(fit, firms):
    turned = firms.iloc[::-1]
    np.testing.assert_allclose(fit.predict(turned[["niche"]]), by_hand(fit, turned), rtol=1e-12)


def test_other_rows_without_one_are_refused(fit):
    with pytest.raises(DataError, match="need an offset, as the fitted ones have: a column 'log_years'"):
        fit.predict(pd.DataFrame({"niche": [0.0, 1.0]}))


def test_a_missing_one_is_named(fit):
    with pytest.raises(DataError, match="column 'log_years'"):
        fit.predict(pd.DataFrame({"niche": [0.0, 1.0], "log_years": [1.0, np.nan]}))


def test_an_offset_without_a_name_cannot_be_found_in_a_frame(firms):
    design = firms[["niche"]].assign(Intercept=1.0)
    fit = Poisson(firms["countries"], design, offset=firms["log_years"].to_numpy()).fit()
    np.testing.assert_allclose(fit.predict(design), fit.predict(), rtol=1e-15)
    with pytest.raises(DataError, match="give offset= under a name"):
        fit.predict(design.head(3).set_axis([40, 41, 42]))


def test_rows_of_an_array_have_none(firms):
    x = np.column_stack([np.ones(30), firms["niche"]])
    fit = Poisson(firms["countries"].to_numpy(), x, offset=firms["log_years"].to_numpy()).fit()
    np.testing.assert_allclose(fit.predict(x), np.exp(x @ fit.params.to_numpy()), rtol=1e-12)


def test_alternatives_bring_their_own_as_well():
    rng = np.random.default_rng(1)
    sets = pd.DataFrame({"firm": np.repeat(np.arange(20), 3), "near": rng.normal(size=60), "seen": rng.normal(size=60)})
    sets["picked"] = (
        (rng.gumbel(size=60) + sets["near"] + sets["seen"])
        .groupby(sets["firm"])
        .transform(lambda worth: (worth == worth.max()).astype(float))
    )
    fit = ConditionalLogit.from_formula("picked ~ near", sets, choice_set="firm", offset="seen").fit()
    new = sets.assign(seen=-sets["seen"]).sample(frac=1, random_state=0)
    worth = np.exp(fit.params["near"] * new["near"] + new["seen"])
    np.testing.assert_allclose(fit.predict(new), worth / worth.groupby(new["firm"]).transform("sum"), rtol=1e-12)
    np.testing.assert_allclose(
        fit.predict(sets.drop(columns="seen").loc[new.index])[sets.index], fit.predict(), rtol=1e-12
    )
