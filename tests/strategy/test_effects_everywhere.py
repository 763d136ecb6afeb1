"""Every estimator of spread and of strategy: effects with errors on each of its quantities, and flat tables."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import spread, strategy
from exportmodels.core.errors import OptionError
from exportmodels.core.levels import Choice, Ordered, Picks
from exportmodels.core.model import Model
from exportmodels.core.outcomes import Binary

FOUND = {
    name: found
    for module in (spread, strategy)
    for name in module.__all__
    if isinstance(found := getattr(module, name), type) and issubclass(found, Model)
}
CASES = [(name, options) for name, found in FOUND.items() for options in found.variants or ({},)]
WITHOUT_PROBABILITIES = ("ExactLogit",)
SAME_FOR_ALL = ("round_10", "participation")  # under the options of these cases no covariate moves them
LEVELS = {Ordered: "satisfaction", Choice: "mode"}


@pytest.fixture(scope="module")
def firms():
    """Two hundred firms with an outcome of each type; all of them depend on `niche` and `size`."""
    rng = np.random.default_rng(1935)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, 200), "size": rng.integers(-1, 3, 200)})
    advantage = 0.8 * frame["niche"] + 0.5 * frame["size"]
    countries = rng.poisson(rng.gamma(1.5, np.exp(1 + advantage) / 1.5))
    frame["countries"] = np.where(rng.uniform(size=200) < 0.2, 0, countries)
    frame["reported"] = np.where(rng.uniform(size=200) < 0.4, 5 * np.round(countries / 5), countries)
    frame["regions"] = rng.binomial(8, rng.beta(2 * np.exp(advantage), 4))
    frame["sales"] = rng.gamma(1.0, np.exp(advantage))
    frame["plant"] = (advantage + rng.logistic(size=200) > 0.5).astype(int)
    frame["satisfaction"] = 1 + np.digitize(advantage + rng.logistic(size=200), [-1, 0.3, 1.6])
    frame["mode"] = np.array(["direct", "agent", "plant"])[np.digitize(advantage + rng.logistic(size=200), [0, 1.2])]
    return frame.assign(firm=np.arange(200) // 10, destination=np.arange(200) % 10)


@pytest.fixture(scope="module")
def choices():
    """Each of 100 firms picks one of four countries, the nearer and larger one more often."""
    rng = np.random.default_rng(8)
    countries = ["France", "Poland", "Turkey", "China"]
    frame = pd.DataFrame({"firm": np.repeat(np.arange(100), 4), "country": countries * 100})
    frame["niche"], frame["size"] = rng.integers(0, 2, 400), rng.normal(size=400)
    frame["region"] = frame["country"].map({"France": "near", "Poland": "near", "Turkey": "far", "China": "far"})
    liked = (0.8 * frame["niche"] + 0.5 * frame["size"] + rng.gumbel(size=400)).to_numpy().reshape(100, 4)
    return frame.assign(first=(np.arange(4) == liked.argmax(axis=1)[:, None]).ravel().astype(int))


def build(name, options, firms, choices):
    estimator, kind = FOUND[name], FOUND[name].kind
    if isinstance(kind, Picks):
        nest = {"nest": "region"} if "nest" in estimator.column_options else {}
        return estimator.from_formula("first ~ niche + size", choices, choice_set="firm", **nest, **options)
    if "destination" in estimator.column_options:
        pairs = {"firm": "firm", "destination": "destination"}
        return estimator.from_formula("sales ~ niche + size", firms, **pairs, **options)
    outcome = {Binary: "plant", **LEVELS}.get(type(kind), "countries")
    outcome = {"HeapedCount": "reported", "Regions": "regions"}.get(name, outcome)
    if name in ("HeapedCount", "ZeroTruncated"):
        firms = firms[firms[outcome] > 0]
    return estimator.from_formula(f"{outcome} ~ niche + size", firms, **options)


@pytest.fixture(scope="module")
def fitted(firms, choices):
    made = {}

    def fit(name, options):
        key = (name, str(options))
        if key not in made:
            made[key] = build(name, options, firms, choices).fit()
        return made[key]

    return fit


@pytest.mark.parametrize(("name", "options"), CASES)
def test_tables_are_flat(name, options, fitted):
    results = fitted(name, options)
    names = list(results.params.index)
    assert len(set(names)) == len(names) and all(isinstance(one, str) for one in names)
    assert list(results.conf_int().index) == names
    tables = [results.params, results.bse, results.pvalues]
    if name != "ExactLogit":  # judges one coefficient at a time, without a normal distribution
        tables.append(results.tvalues)
        covariance = results.cov_params()
        assert list(covariance.index) == list(covariance.columns) == names
    for table in tables:
        assert isinstance(table, pd.Series) and list(table.index) == names


@pytest.mark.parametrize(("name", "options"), [case for case in CASES if case[0] not in WITHOUT_PROBABILITIES])
def test_effects_have_errors_on_every_quantity(name, options, fitted):
    results = fitted(name, options)
    for which, quantity in {"mean": results.model.quantity("mean"), **results.model.quantities}.items():
        effects = results.effects(which=which)
        outcomes = quantity.columns or ("",)
        expected = [f"{x} | {level}" if level else x for x in ("niche", "size") for level in outcomes]
        assert list(effects.index) == expected
        assert np.isfinite(effects[["estimate", "se", "lower", "upper"]]).all(axis=None)
        assert (effects["se"] > 0).where(effects["estimate"] != 0, True).all()
        assert (effects["estimate"] != 0).any() or which in SAME_FOR_ALL
        if quantity.unit == "probability":
            assert effects["estimate"].abs().max() < 1


@pytest.mark.parametrize(("name", "options"), [case for case in CASES if not isinstance(FOUND[case[0]].kind, Picks)])
def test_effects_are_differences_of_predictions(name, options, fitted):
    if name in WITHOUT_PROBABILITIES:
        return
    results = fitted(name, options)
    frame = results.model.covariates()
    yes, no = (results.predict(frame.assign(niche=value)) for value in (1, 0))
    effect = results.effects(["niche"])["estimate"].to_numpy()
    np.testing.assert_allclose(effect, np.atleast_1d((yes - no).mean()), rtol=1e-10)
    if isinstance(FOUND[name].kind, Ordered | Choice):
        assert len(effect) == len(results.model.levels)
        assert effect.sum() == pytest.approx(0, abs=1e-12)


def test_without_probabilities_an_error_says_what_has_them(fitted):
    for name in WITHOUT_PROBABILITIES:
        with pytest.raises(OptionError, match="FirthLogit"):
            fitted(name, {}).effects()
