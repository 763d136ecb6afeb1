"""Two sets of fixed effects against dummies written out: the likelihood everywhere, and what has no estimate."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.special import gammaln

from exportmodels.core.errors import ConvergenceError, DataError, OutcomeError
from exportmodels.inference import score_bootstrap
from exportmodels.spread import GravityPoisson, Poisson, two_way
from exportmodels.spread.gravity_separation import perfect_fit
from exportmodels.spread.two_way import informative

RNG = np.random.default_rng(41)
FIRM, COUNTRY = (number.ravel() for number in np.mgrid[:9, :5])
DATA = pd.DataFrame({"firm": FIRM, "country": COUNTRY, "x": RNG.normal(size=45), "z": RNG.normal(3, 1, 45)})
DATA = DATA.assign(known=RNG.normal(0, 0.3, 45), w=RNG.uniform(0.5, 2, 45), copies=RNG.integers(1, 4, 45))
DATA["sales"] = RNG.poisson(np.exp(1 + 0.1 * FIRM - 0.3 * COUNTRY + 0.4 * DATA["x"] + DATA["known"])) * 0.5
DATA = DATA[DATA.index != 7].sample(frac=1, random_state=6)
DUMMIES = pd.get_dummies(DATA[["firm", "country"]].astype(str), dtype=float).drop(columns="country_0").to_numpy()
OPTIONS = {"weights": "w", "frequency": "copies", "offset": "known"}


def model(data=DATA, formula="sales ~ x + z", **options):
    return GravityPoisson.from_formula(formula, data, firm="firm", destination="country", **options)


def best_effects(eta, weight):
    """Return the means at the effects that are best beside a predictor, by iteratively weighted least squares."""
    y, effects = DATA["sales"].to_numpy(), np.zeros(DUMMIES.shape[1])
    for _ in range(60):
        mean = np.exp(eta + DUMMIES @ effects)
        root = np.sqrt(weight * mean)[:, None]
        effects = effects + np.linalg.lstsq(DUMMIES * root, root[:, 0] * (y - mean) / mean, rcond=None)[0]
    return np.exp(eta + DUMMIES @ effects)


@pytest.mark.parametrize("dense", [two_way._DENSE, 0], ids=["dense", "sparse"])
@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["plain", "weighted"])
def test_the_likelihood_at_any_coefficients(monkeypatch, options, dense):
    monkeypatch.setattr(two_way, "_DENSE", dense)
    weight = (DATA["w"] * DATA["copies"]).to_numpy() if options else np.ones(len(DATA))
    known = DATA["known"].to_numpy() if options else 0.0
    own = model(**options)
    problem = own.problem(own.sample)
    b, x, y = np.array([0.7, -0.2]), DATA[["x", "z"]].to_numpy(), DATA["sales"].to_numpy()
    mean = best_effects(x @ b + known, weight)
    size = np.sqrt(weight * mean)[:, None]
    apart = x - DUMMIES @ np.linalg.lstsq(DUMMIES * size, x * size, rcond=None)[0]
    back, at = problem.back, np.linalg.solve(problem.back, b)
    value, score, information = problem.objective.evaluate(at)
    assert value == pytest.approx(weight @ (y * np.log(mean) - mean - gammaln(y + 1)), rel=1e-11)
    np.testing.assert_allclose(score, back.T @ (x.T @ (weight * (y - mean))), rtol=1e-8)
    np.testing.assert_allclose(information, back.T @ (apart.T @ (apart * size**2)) @ back, rtol=1e-8)
    rows = (y - mean)[:, None] * apart
    np.testing.assert_allclose(problem.scores(at), rows @ back, rtol=1e-7, atol=1e-9)


def test_estimates_and_their_certificate():
    results = model(**OPTIONS).fit()
    weight = (DATA["w"] * DATA["copies"]).to_numpy()
    mean = best_effects(DATA[["x", "z"]].to_numpy() @ results.params.to_numpy() + DATA["known"].to_numpy(), weight)
    gap = weight * (DATA["sales"].to_numpy() - mean)
    np.testing.assert_allclose(DATA[["x", "z"]].to_numpy().T @ gap, 0, atol=1e-7)
    assert results.certificate.score.shape == (2,) and np.abs(results.certificate.score).max() < 1e-7


def test_effects_alone():
    mean, y = best_effects(np.zeros(len(DATA)), np.ones(len(DATA))), DATA["sales"].to_numpy()
    results = model(DATA, "sales ~ 1").fit()
    assert len(results.params) == 0
    assert results.llf == pytest.approx((y * np.log(mean) - mean - gammaln(y + 1)).sum(), rel=1e-10)


def test_a_firm_with_one_destination_says_nothing_of_the_coefficients():
    one = pd.concat([DATA, DATA.head(1).assign(firm=10, sales=4.0)])
    np.testing.assert_allclose(model(one).fit().params, model().fit().params, rtol=1e-9)


def test_effects_of_one_destination_are_the_constant():
    one = DATA.assign(country=1)
    plain = Poisson.from_formula("sales ~ x + C(firm)", one.assign(sales=2 * one["sales"]), offset="known").fit()
    assert model(one, "sales ~ x", offset="known").fit().params["x"] == pytest.approx(plain.params["x"], rel=1e-8)


@pytest.mark.parametrize("null", ["x", "x = 0.3"])
def test_scores_at_a_null_hypothesis_are_those_of_dummies(null):
    counts = DATA.assign(sales=2 * DATA["sales"])
    plain = Poisson.from_formula("sales ~ x + z + C(firm) + C(country)", counts).fit()
    for clusters in (None, "firm"):
        own, other = (
            score_bootstrap(fit, null, clusters=clusters, replications=99) for fit in (model(counts).fit(), plain)
        )
        assert (own.statistic, own.pvalue) == pytest.approx((other.statistic, other.pvalue), rel=1e-7)


def test_other_numbers_of_steps_may_be_allowed():
    with pytest.raises(ConvergenceError):
        model(DATA.assign(x=5 * DATA["x"])).fit(max_iter=1)


def test_rows_that_say_nothing():
    rng = np.random.default_rng(1)
    for _ in range(30):
        firm, country = rng.integers(0, 6, 25), rng.integers(0, 5, 25)
        y = rng.choice([0.0, 0.2, 3.0], 25, p=[0.75, 0.15, 0.1])
        left = np.ones(25, dtype=bool)
        for _ in range(30):  # one group at a time
            for group in (firm, country):
                for k in set(group):
                    if not y[left & (group == k)].sum() > 0:
                        left &= group != k
        np.testing.assert_array_equal(informative(y, firm, country), left)


def test_groups_that_export_nothing_are_named():
    rest = pd.DataFrame({"firm": np.repeat(list("pqrst"), 3), "country": [0, 1, 2] * 5, "sales": 0.0})
    rest = rest.assign(x=RNG.normal(size=15), z=RNG.normal(size=15))
    for lost, named in (
        (1, "1 firm (p)"),
        (3, "3 firms (p, q, r)"),
        (4, "4 firms (p, q, r, ...)"),
        (5, "5 firms (p, q, r, ...)"),
    ):
        data = pd.concat([DATA, rest.head(3 * lost)])
        said = f"{3 * lost} of {44 + 3 * lost} rows say nothing and are left out: {named} and 0 destinations export"
        assert model(data).fit().notes == [f"{said} nothing"]
    assert model().fit().notes == []
    data = pd.concat([DATA, DATA.head(4).assign(country=["u", "u", "v", "v"], sales=0.0)])
    assert model(data).fit().notes[0].endswith("left out: 0 firms and 2 destinations (u, v) export nothing")


def test_a_covariate_may_vary_in_one_group_only():
    first = (DATA["firm"] == DATA["firm"].iloc[0]) * DATA["x"]
    assert np.isfinite(model(DATA.assign(first=first), "sales ~ first").fit().params["first"])
    there = (DATA["country"] == DATA["country"].iloc[0]) * DATA["x"]
    assert np.isfinite(model(DATA.assign(there=there), "sales ~ there").fit().params["there"])
    with pytest.raises(DataError, match="does not vary within any firm"):
        model(DATA.assign(own=DATA["firm"] ** 2.0), "sales ~ own")


def test_as_many_rows_as_covariates_are_too_few():
    few = DATA.head(4).assign(firm=[1, 1, 2, 2], country=[1, 2, 1, 2], sales=[1.0, 2.0, 0.0, 0.0])
    with pytest.raises(OutcomeError, match="leaves 2 rows"):
        model(few).fit()


def test_incomplete_rows_may_be_refused():
    with pytest.raises(DataError, match="missing"):
        model(DATA.assign(x=DATA["x"].where(DATA["firm"] > 0)), missing="raise")


@pytest.mark.parametrize("units", [[1.0, 1.0], [1e-9, 1e7], [1e6, 1e-6]])
def test_perfectly_fitted_cells_have_means_that_can_fall_alone(units):
    """Row by row: whether a direction lowers this index, raises none of the zeros, and leaves the others."""
    rng = np.random.default_rng(8)
    seen = set()
    for _ in range(25):
        firm, country = rng.integers(0, 4, 14), rng.integers(0, 3, 14)
        x = np.column_stack([rng.integers(0, 2, 14) * (rng.uniform(size=14) < 0.3), rng.normal(size=14)]).astype(float)
        y = rng.choice([0.0, 2.0], 14)
        z = np.column_stack([x, np.eye(4)[firm], np.eye(3)[country]])
        zero, falls = y == 0, np.zeros(14, dtype=bool)
        for i in np.flatnonzero(zero):
            exact = {"A_eq": z[~zero], "b_eq": np.zeros((~zero).sum())} if (~zero).any() else {}
            best = linprog(z[i], A_ub=z[zero], b_ub=np.zeros(zero.sum()), bounds=(-1, 1), **exact)
            falls[i] = best.fun < -1e-6
        found = perfect_fit(y, x * units, firm, country)
        assert (found is None) == (not falls.any())
        assert found is None or (found.rows.any() and not (found.rows & ~falls).any())
        seen.add(found is None)
        if found is not None and found.slopes[0]:
            assert abs(found.slopes[0]) <= 1.0 + 1e-9
    assert seen == {True, False}


def test_a_covariate_of_zeros_has_no_direction():
    y, firm, country = np.array([1.0, 2, 0, 3]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert perfect_fit(y, np.zeros((4, 1)), firm, country) is None
