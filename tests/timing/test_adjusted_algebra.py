"""Adjusted curves by hand: averages over firms, errors of both kinds, differences."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from exportmodels.core.covariance import bootstrap_draws
from exportmodels.core.errors import ConvergenceError, OptionError
from exportmodels.timing import Cox

N = 70
RNG = np.random.default_rng(3)
FIRMS = pd.DataFrame({"x": RNG.normal(size=N), "niche": RNG.integers(0, 2, N), "firm": np.arange(N) // 2})
FIRMS["sector"] = np.array(["a", "b", "c"])[RNG.integers(0, 3, N)]
WAITED = RNG.exponential(6 * np.exp(-0.5 * FIRMS["x"] - 0.5 * FIRMS["niche"]))
FIRMS["years"], FIRMS["moved"] = np.ceil(np.minimum(WAITED, 9)), (WAITED <= 9) * 1
FIRMS["w"], FIRMS["copies"] = RNG.uniform(0.5, 2, N), RNG.integers(1, 3, N)
TIMES = [1.0, 3.0, 7.0]


def fit(data=FIRMS, terms="x + niche", cov_type=None, **options):
    return Cox.from_formula(f"years ~ {terms}", data, event="moved", ties="breslow", **options).fit(cov_type)


def curve(data, params, weight, level):
    """The average survival of all firms in one group, from Breslow's estimate of the cumulated hazard."""
    own = data.assign(niche=level)[["x", "niche"]].to_numpy() @ params
    risk = weight * np.exp(data[["x", "niche"]].to_numpy() @ params)
    years, moved = data["years"].to_numpy(), data["moved"].to_numpy() == 1
    shares = []
    for t in TIMES:
        steps = [weight[moved & (years == u)].sum() / risk[years >= u].sum() for u in np.unique(years[years <= t])]
        shares.append(np.average(np.exp(-np.exp(own) * sum(steps)), weights=weight))
    return shares


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_curves_and_differences(weighted):
    options = {"weights": "w", "frequency": "copies"} if weighted else {}
    weight = (FIRMS["w"] * FIRMS["copies"]).to_numpy() if weighted else np.ones(N)
    results = fit(**options, cov_type="robust" if weighted else None)
    curves = results.adjusted_curves("niche", TIMES, alpha=0.2)
    table, gap = curves.table(), curves.differences()
    exact = np.array([curve(FIRMS, results.params.to_numpy(), weight, level) for level in (0, 1)])
    np.testing.assert_allclose(table["estimate"], exact.ravel(), rtol=1e-9)
    assert table["group"].tolist() == [0, 0, 0, 1, 1, 1] and table["time"].tolist() == TIMES * 2
    share, se = table["estimate"], table["se"]
    half = norm.ppf(0.9) * se / (share * np.log(share))  # on the scale log(-log)
    np.testing.assert_allclose(table["lower"], share ** np.exp(-half), rtol=1e-9)
    np.testing.assert_allclose(table["upper"], share ** np.exp(half), rtol=1e-9)
    np.testing.assert_allclose(gap["estimate"], exact[1] - exact[0], rtol=1e-8)
    contrast = np.hstack([-np.eye(3), np.eye(3)])
    variance = np.diag(contrast @ curves.curves.covariance @ contrast.T)
    np.testing.assert_allclose(gap["se"], np.sqrt(variance), rtol=1e-9)
    np.testing.assert_allclose(gap["upper"] - gap["estimate"], norm.ppf(0.9) * gap["se"], rtol=1e-9)
    assert gap["group"].tolist() == ["niche=1 less niche=0"] * 3 and gap["time"].tolist() == TIMES


def test_every_group_is_compared_with_the_first():
    curves = fit(terms="x + C(sector)").adjusted_curves("sector", TIMES)
    gap = curves.differences()
    assert gap["group"].tolist() == ["sector=b less sector=a"] * 3 + ["sector=c less sector=a"] * 3
    estimate = curves.curves.estimate.reshape(3, 3)
    np.testing.assert_allclose(gap["estimate"], (estimate[1:] - estimate[0]).ravel(), rtol=1e-12)
    contrast = np.hstack([-np.eye(3), np.zeros((3, 3)), np.eye(3)])
    variance = np.diag(contrast @ curves.curves.covariance @ contrast.T)
    np.testing.assert_allclose(gap["se"].iloc[3:], np.sqrt(variance), rtol=1e-9)


@pytest.mark.parametrize("options", [{}, {"weights": "w", "frequency": "copies"}, {"firm": "firm"}])
def test_bootstrapped_errors_are_the_spread_of_refits(options):
    results = fit(**options, cov_type="robust" if "weights" in options else None)
    curves = results.adjusted_curves("niche", TIMES, method="bootstrap", replications=12, seed=4, progress=False)
    frequency = FIRMS["copies"].to_numpy(dtype=float) if "frequency" in options else np.ones(N)
    firm = FIRMS["firm"].to_numpy() if "firm" in options else None
    refits = []
    for drawn in bootstrap_draws(frequency, firm, 12, 4):
        data = FIRMS.assign(drawn=drawn)[drawn > 0]
        given = {"weights": "w"} if "weights" in options else {}
        params = fit(data, frequency="drawn", cov_type="robust", **given).params.to_numpy()
        weight = (data["drawn"] * (data["w"] if given else 1.0)).to_numpy()
        refits.append(np.ravel([curve(data, params, weight, level) for level in (0, 1)]))
    np.testing.assert_allclose(curves.curves.covariance, np.cov(np.array(refits).T), rtol=1e-6, atol=1e-10)
    exact = results.adjusted_curves("niche", TIMES).table()["estimate"]
    np.testing.assert_allclose(curves.curves.estimate, exact, rtol=1e-12)


def test_errors_of_the_delta_method_are_those_of_a_curve_without_covariates():
    """With no effect of the covariate the curve is that of Nelson and Aalen, and so is its error."""
    twins = pd.concat([FIRMS.assign(niche=0), FIRMS.assign(niche=1)])
    table = Cox.from_formula("years ~ niche", twins, event="moved", ties="breslow").fit()
    curves = table.adjusted_curves("niche", TIMES)
    total, variance, half = 0.0, 0.0, []
    for u in np.unique(FIRMS["years"]):
        events, at_risk = ((FIRMS["years"] == u) & (FIRMS["moved"] == 1)).sum(), (FIRMS["years"] >= u).sum()
        total, variance = total + events / at_risk, variance + events / (2 * at_risk**2)
        if u in TIMES:
            half.append((np.exp(-total), np.exp(-total) * np.sqrt(variance)))
    share, error = np.array(half).T
    np.testing.assert_allclose(curves.curves.estimate, np.tile(share, 2), rtol=1e-8)
    middle = np.hstack([np.eye(3), np.eye(3)]) / 2  # the average of both curves does not move with the coefficient
    np.testing.assert_allclose(np.sqrt(np.diag(middle @ curves.curves.covariance @ middle.T)), error, rtol=1e-5)


def test_what_is_told_and_refused():
    curves = fit().adjusted_curves("niche", TIMES)
    assert repr(curves) == "<AdjustedCurves: niche=0, niche=1; 3 times from 1 to 7>"
    for by in ("x", "sector"):
        with pytest.raises(OptionError, match=f"by='{by}' must be a group .* among: x, niche"):
            fit().adjusted_curves(by, TIMES)
    with pytest.raises(OptionError, match="'delta' or 'bootstrap', not 'wild'"):
        fit().adjusted_curves("niche", TIMES, method="wild")


def test_hardly_any_draw_has_an_estimate():
    rare = FIRMS.assign(niche=(FIRMS.index == FIRMS["years"].idxmin()) * 1, moved=1).iloc[-40:]
    rare = pd.concat([rare, FIRMS.assign(niche=1, moved=1, years=4.0).iloc[:1]])
    with pytest.raises(ConvergenceError, match="bootstrap refits have no estimate; use method='delta'"):
        results = fit(rare)
        results.adjusted_curves("niche", TIMES, method="bootstrap", replications=3, seed=6, progress=False)
