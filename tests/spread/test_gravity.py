"""Gravity by pseudo-likelihood: against the same model with dummies written out, and what is left out."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from exportmodels.core.errors import DataError, OutcomeError, SeparationError
from exportmodels.spread import GravityPoisson
from exportmodels.spread.gravity_separation import perfect_fit
from exportmodels.spread.two_way import TwoWay, informative


@pytest.fixture(scope="module")
def exports():
    """Exports of 30 firms to 8 destinations in up to two rows a pair, one firm without any. Synthetic."""
    rng = np.random.default_rng(4)
    firm, country = rng.integers(0, 30, 400), rng.integers(0, 8, 400)
    x, z = rng.standard_normal((2, 400))
    mean = np.exp(rng.normal(0, 0.7, 30)[firm] + rng.normal(0, 0.5, 8)[country] + 0.4 * x - 0.2 * z)
    sales = np.where(firm == 7, 0, rng.poisson(mean * rng.gamma(2, 0.5, 400)) * 1.5)
    frame = pd.DataFrame({"firm": firm, "country": country, "x": x, "z": z, "sales": sales})
    return frame.assign(twice=rng.integers(1, 3, 400), weight=rng.uniform(0.5, 2, 400))


def dummies(exports, **options):
    some = exports[exports["firm"] != 7]
    groups = pd.get_dummies(some[["firm", "country"]].astype(str), dtype=float).drop(columns="country_0")
    exog = pd.concat([some[["x", "z"]], groups], axis=1)
    return some, sm.GLM(some["sales"], exog, family=sm.families.Poisson(), **options)


def fit(exports, *args, formula="sales ~ x + z", **options):
    names = {key: options.pop(key) for key in ("weights", "frequency", "offset") if key in options}
    model = GravityPoisson.from_formula(formula, exports, firm="firm", destination="country", **names)
    return model.fit(*args, **options)


def test_it_is_poisson_with_dummies(exports):
    some, peer = dummies(exports)
    results, plain = fit(exports, "nonrobust"), peer.fit(tol=1e-12)
    np.testing.assert_allclose(results.params, plain.params[["x", "z"]], rtol=1e-9)
    np.testing.assert_allclose(results.bse, plain.bse[["x", "z"]], rtol=1e-6)
    mu = plain.mu
    from scipy.special import gammaln

    assert results.llf == pytest.approx((some["sales"] * np.log(mu) - mu - gammaln(some["sales"] + 1)).sum(), rel=1e-10)
    robust = peer.fit(tol=1e-12, cov_type="HC0")
    np.testing.assert_allclose(fit(exports).bse, robust.bse[["x", "z"]], rtol=1e-6)


def test_clusters_by_firm_and_by_destination(exports):
    some, peer = dummies(exports)
    for group in ("firm", "country"):
        options = {"groups": some[group].to_numpy(), "use_correction": False}
        clustered = peer.fit(tol=1e-12, cov_type="cluster", cov_kwds=options)
        np.testing.assert_allclose(fit(exports, clusters=group).bse, clustered.bse[["x", "z"]], rtol=1e-6)


def test_frequencies_weights_and_offsets(exports):
    repeated = exports.loc[exports.index.repeat(exports["twice"])].reset_index(drop=True)
    short, whole = fit(exports, frequency="twice"), fit(repeated)
    np.testing.assert_allclose(short.params, whole.params, rtol=1e-9)
    np.testing.assert_allclose(short.bse, whole.bse, rtol=1e-8)
    _, peer = dummies(exports, freq_weights=exports.loc[exports["firm"] != 7, "weight"])
    np.testing.assert_allclose(fit(exports, weights="weight").params, peer.fit(tol=1e-12).params[["x", "z"]], rtol=1e-8)
    moved = fit(exports, offset="x")
    assert moved.params["x"] == pytest.approx(fit(exports).params["x"] - 1, rel=1e-8)


def test_score_and_information_agree_with_differences(exports):
    left = informative(exports["sales"].to_numpy(), exports["firm"].to_numpy(), exports["country"].to_numpy())
    rows = exports[left].sort_values(["firm", "country"])
    numbers = [np.unique(rows[name], return_inverse=True)[1] for name in ("firm", "country")]
    objective = TwoWay(
        rows["sales"].to_numpy(), rows[["x", "z"]].to_numpy(), *numbers, np.ones(len(rows)), 0 * rows["x"].to_numpy()
    )
    theta = np.random.default_rng(0).normal(0, 0.2, 9)
    _, score, information = objective.evaluate(theta)
    for k in range(9):
        step = np.eye(9)[k] * 1e-5
        up, down = objective.evaluate(theta + step), objective.evaluate(theta - step)
        assert score[k] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-6, abs=1e-5)
        np.testing.assert_allclose(-information[k], (up[1] - down[1]) / 2e-5, rtol=1e-6, atol=1e-4)


def test_sparse_tables_give_the_same(exports, monkeypatch):
    dense = fit(exports)
    monkeypatch.setattr("exportmodels.spread.two_way._DENSE", 0)
    sparse = fit(exports)
    np.testing.assert_allclose(sparse.params, dense.params, rtol=1e-12)
    np.testing.assert_allclose(sparse.bse, dense.bse, rtol=1e-12)


def test_groups_without_exports_are_counted_and_named(exports):
    results = fit(exports)
    gone = (exports["firm"] == 7).sum()
    assert f"{gone} of 400 rows say nothing" in results.notes[0] and "1 firm (7)" in results.notes[0]
    np.testing.assert_allclose(results.params, fit(exports[exports["firm"] != 7]).params, rtol=1e-12)


def test_informative_rows_are_found_again_and_again():
    y, firm, country = np.array([0, 0, 3, 0, 4.0]), np.array([0, 1, 1, 2, 2]), np.array([0, 0, 1, 0, 1])
    assert informative(y, firm, country).tolist() == [False, False, True, False, True]


def test_what_the_effects_take_up_is_named(exports):
    frame = exports.assign(age=exports["firm"] % 5, distance=exports["country"] * 1.0)
    with pytest.raises(DataError, match="'age' does not vary within any firm"):
        fit(frame, formula="sales ~ x + age")
    with pytest.raises(DataError, match="'distance' does not vary within any destination"):
        fit(frame, formula="sales ~ x + distance")
    with pytest.raises(OutcomeError, match="negative"):
        fit(frame.assign(sales=-1.0))
    with pytest.raises(OutcomeError, match="zero in every row"):
        fit(frame.assign(sales=0.0))


def test_effects_are_ratios_of_exports(exports):
    results = fit(exports.assign(niche=(exports["z"] > 0).astype(int)), formula="sales ~ x + niche")
    table = results.findings("niche").table
    assert table["estimate"].iloc[1] / table["estimate"].iloc[0] == pytest.approx(np.exp(results.params["niche"]))


@pytest.mark.parametrize("factor", [1, 1000, -1])
def test_a_pair_that_never_trades_is_named(exports, factor):
    pair = (exports["firm"] == 5) & (exports["country"] == 3)
    assert pair.any() and not (exports["sales"][exports["firm"] == 5] == 0).all()
    never = exports.assign(pair=factor * pair, sales=exports["sales"].where(~pair, 0))
    sign = r"\-" if factor > 0 else r"\+"
    for rows in (never, never.sample(frac=1, random_state=1), pd.concat([never, never])):
        with pytest.raises(SeparationError, match=rf"fitted perfectly by 'pair' \({sign}\), such as that of firm 5"):
            fit(rows, formula="sales ~ x + z + pair")
    kept = fit(never, formula="sales ~ x + z")
    assert kept.converged


def test_a_covariate_that_is_positive_only_where_nothing_is_sold_is_named(exports):
    far = np.where(exports["sales"] == 0, exports["z"].abs(), 0.0)
    with pytest.raises(SeparationError, match=r"perfectly by 'far' \(-\)"):
        fit(exports.assign(far=far), formula="sales ~ x + far")


def test_groups_that_only_the_effects_keep_apart_are_told():
    rng = np.random.default_rng(2)
    rows = [(f, d, 1 + rng.poisson(3)) for f in range(4) for d in range(4) if (f < 2) == (d < 2)]
    one_way = [(f, d, 0) for f in range(2) for d in range(2, 4)]
    frame = pd.DataFrame(rows + one_way, columns=["firm", "country", "sales"])
    with pytest.raises(
        SeparationError, match="4 rows in which 'sales' is zero are fitted perfectly by the effects alone"
    ):
        fit(frame.assign(x=rng.normal(size=len(frame))), formula="sales ~ x")


def test_perfect_fit_is_found_only_where_there_is_one(exports):
    some = exports[exports["firm"] != 7]
    columns = some["sales"].to_numpy(), some[["x", "z"]].to_numpy(), some["firm"].to_numpy(), some["country"].to_numpy()
    assert perfect_fit(*columns) is None
    apart = np.column_stack([columns[1], (columns[0] == 0) * 1.0])
    found = perfect_fit(columns[0], apart, *columns[2:])
    np.testing.assert_array_equal(found.rows, columns[0] == 0)
    np.testing.assert_array_equal(found.slopes[2] < 0, True)
