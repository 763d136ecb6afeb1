"""Lines by instruments and in panels against the textbook's matrices, in whatever units the covariates come."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.design import Design
from exportmodels.core.errors import DataError, OptionError
from exportmodels.share import IVShare, PanelShare, hausman_test
from exportmodels.share.linear import moderated

N = 90
rng = np.random.default_rng(4)
DATA = pd.DataFrame(rng.normal(size=(N, 3)), columns=["subsidy", "fair", "x"]).assign(city=np.arange(N) % 14)
UNSEEN = rng.normal(size=N)
DATA["rd"] = 0.6 * DATA["subsidy"] + 0.4 * DATA["fair"] + 0.2 * DATA["x"] + UNSEEN
DATA["share"] = (0.5 + 0.04 * DATA["rd"] + 0.05 * DATA["x"] + 0.06 * UNSEEN + 0.05 * rng.normal(size=N)).clip(0, 1)
DATA["weight"] = rng.uniform(0.5, 2, N)


def instrumented(data=DATA, **options):
    return IVShare.from_formula("share ~ rd + x", data, endogenous="rd", instruments="subsidy + fair", **options)


class Steps:
    """Two-stage least squares, weights as roots on the rows."""

    def __init__(self, weight, k=1.0):
        root = np.sqrt(weight / weight.mean())[:, None]
        ones = np.ones(N)
        self.x = root * np.column_stack([ones, DATA[["rd", "x"]]])
        self.z = root * np.column_stack([ones, DATA[["x", "subsidy", "fair"]]])
        self.y = root[:, 0] * DATA["share"].to_numpy()
        self.on = self.z @ np.linalg.pinv(self.z)
        self.fitted = self.x - k * (self.x - self.on @ self.x)
        self.bread = np.linalg.inv(self.fitted.T @ self.x)
        self.b = self.bread @ self.fitted.T @ self.y
        self.residual = self.y - self.x @ self.b

    def covariance(self, kind, fitted=None):
        scores = (self.fitted if fitted is None else fitted) * self.residual[:, None]
        if kind == "clustered":
            scores = np.array([scores[DATA["city"] == city].sum(axis=0) for city in range(14)])
        meat = scores.T @ scores
        if kind == "nonrobust":
            meat = self.residual @ self.residual / N * self.fitted.T @ self.fitted
        return self.bread @ meat @ self.bread.T


@pytest.mark.parametrize(
    ("kind", "weights"),
    [("nonrobust", None), ("robust", None), ("clustered", None), ("robust", "weight"), ("clustered", "weight")],
)
def test_two_stage_least_squares(kind, weights):
    hand = Steps(np.ones(N) if weights is None else DATA[weights].to_numpy())
    clusters = "city" if kind == "clustered" else None
    results = instrumented(weights=weights).fit(kind, clusters=clusters)
    np.testing.assert_allclose(results.params, hand.b, rtol=1e-8)
    np.testing.assert_allclose(results.cov_params(), hand.covariance(kind), rtol=1e-7, atol=1e-12)
    assert results.cov_type == kind
    assert np.isnan(results.llf) and results.converged
    if weights is None:
        spread = (hand.y - hand.y.mean()) @ (hand.y - hand.y.mean())
        assert results.rsquared == pytest.approx(1 - hand.residual @ hand.residual / spread)
        debiased = instrumented().fit(kind, clusters=clusters, debiased=True).cov_params()
        if kind != "clustered":
            np.testing.assert_allclose(debiased, N / (N - 3) * hand.covariance(kind), rtol=1e-7, atol=1e-12)


def test_errors_are_robust_by_default():
    np.testing.assert_allclose(instrumented().fit().bse, instrumented().fit("robust").bse)
    np.testing.assert_allclose(
        instrumented().fit(clusters="city").bse, instrumented().fit("clustered", clusters="city").bse
    )


def test_limited_information_maximum_likelihood():
    hand = Steps(np.ones(N))
    both = np.column_stack([hand.y, hand.x[:, 1]])
    own = hand.x[:, [0, 2]]
    apart = both - own @ np.linalg.pinv(own) @ both
    beyond = both - hand.on @ both
    k = np.linalg.eigvals(np.linalg.solve(beyond.T @ beyond, apart.T @ apart)).real.min()
    assert k > 1.0001
    np.testing.assert_allclose(instrumented(method="liml").fit().params, Steps(np.ones(N), k).b, rtol=1e-8)


def test_two_step_gmm():
    hand = Steps(np.ones(N))
    moments = hand.z * hand.residual[:, None]
    weight = np.linalg.inv(moments.T @ moments / N)
    cross = hand.z.T @ hand.x
    b = np.linalg.solve(cross.T @ weight @ cross, cross.T @ weight @ hand.z.T @ hand.y)
    results = instrumented(method="gmm").fit()
    np.testing.assert_allclose(results.params, b, rtol=1e-7)
    test = results.overidentification_test()
    total = hand.z.T @ (hand.y - hand.x @ b)
    assert test.statistic == pytest.approx(total @ weight @ total / N, rel=1e-6)
    assert (test.name, test.df) == ("J test of the instruments", 1)
    with pytest.raises(OptionError, match="fit with method='2sls'"):
        results.exogeneity_test()


def test_sargans_test_and_the_first_stage():
    hand = Steps(np.ones(N))
    results = instrumented().fit("nonrobust")
    test = results.overidentification_test()
    fitted = hand.on @ hand.residual
    assert test.statistic == pytest.approx(N * fitted @ fitted / (hand.residual @ hand.residual), rel=1e-7)
    assert (test.name, test.df) == ("Sargan test of the instruments", 1)
    assert instrumented().fit().overidentification_test().name == "Wooldridge's robust test of the instruments"
    stage = results.first_stage()
    moved = DATA["rd"] - DATA["rd"].mean()
    rest = hand.x[:, 1] - hand.on @ hand.x[:, 1]
    assert list(stage.index) == ["rd"]
    assert stage.loc["rd", "rsquared"] == pytest.approx(1 - rest @ rest / (moved @ moved))
    assert results.exogeneity_test().note == "robust"


EXTREME = {
    "large": lambda x: 1e7 * x,
    "small": lambda x: 1e-6 * x,
    "far": lambda x: x + 1e6,
}


@pytest.mark.parametrize("change", EXTREME.values(), ids=EXTREME)
@pytest.mark.parametrize("method", ["2sls", "liml", "gmm"])
@pytest.mark.parametrize("column", ["rd", "x", "fair"])
def test_units_do_not_matter(change, method, column):
    plain = instrumented(method=method).fit()
    other = instrumented(DATA.assign(**{column: change(DATA[column])}), method=method).fit()
    slope = change(1.0) - change(0.0)
    for name in ("rd", "x"):
        factor = slope if name == column else 1.0
        assert other.params[name] * factor == pytest.approx(plain.params[name], rel=1e-6)
        assert other.bse[name] * factor == pytest.approx(plain.bse[name], rel=1e-6)
    np.testing.assert_allclose(other.predict(), plain.predict(), rtol=1e-6)
    assert other.overidentification_test().statistic == pytest.approx(
        plain.overidentification_test().statistic, rel=1e-4
    )


def test_columns_that_are_nearly_collinear():
    data = DATA.assign(near=DATA["x"] + 1e-5 * DATA["city"])
    results = IVShare.from_formula("share ~ rd + x + near", data, endogenous="rd", instruments="subsidy + fair").fit()
    apart = data.assign(near=data["city"])
    plain = IVShare.from_formula("share ~ rd + x + near", apart, endogenous="rd", instruments="subsidy + fair").fit()
    assert results.params["near"] * 1e-5 == pytest.approx(plain.params["near"], rel=1e-6)
    assert results.params[["x", "near"]].sum() == pytest.approx(plain.params["x"], abs=1e-6)
    np.testing.assert_allclose(results.params["rd"], plain.params["rd"], rtol=1e-8)
    np.testing.assert_allclose(results.bse["rd"], plain.bse["rd"], rtol=1e-8)


X = np.column_stack([np.ones(N), DATA[["rd", "x"]]])


def test_tame_columns_stay_as_they_are():
    for x in (X, X * [1, 5e3, 1], X * [1, 1, 2e-3], X + np.array([0, 100, 0])):
        columns, back = moderated(Design(x, ("one", "rd", "x")))
        np.testing.assert_array_equal(columns, x)
        np.testing.assert_array_equal(back, np.eye(3))
        assert list(columns.columns) == ["one", "rd", "x"]


@pytest.mark.parametrize("scale", [[1, 2e4, 1], [1, 1, 5e-4]])
def test_extreme_columns_are_standardized(scale):
    x = X * scale
    columns, back = moderated(Design(x, ("one", "rd", "x")))
    assert np.abs(back - np.eye(3)).max() > 0.1
    np.testing.assert_allclose(x @ back, columns, atol=1e-9)
    assert np.abs(columns.to_numpy()).max() < 10


@pytest.mark.parametrize("x", [X + np.array([0, 2e4, 0]), X @ np.array([[1, 0, 0], [0, 1, 0.9999], [0, 0, 0.01]])])
def test_columns_far_from_zero_or_alike_are_standardized(x):
    columns, back = moderated(Design(x, ("one", "rd", "x")))
    assert np.abs(back - np.eye(3)).max() > 0.1
    np.testing.assert_allclose(x @ back, columns, atol=1e-7)


# panels

FIRMS, YEARS = 25, 4
PANEL = pd.DataFrame({"firm": np.repeat(np.arange(FIRMS), YEARS), "year": np.tile(np.arange(YEARS), FIRMS)})
EFFECT = rng.normal(size=FIRMS)[PANEL["firm"]]
PANEL["rd"], PANEL["x"] = EFFECT + rng.normal(size=100), rng.normal(size=100)
NOISE = 0.1 * EFFECT + 0.05 * rng.normal(size=100)
PANEL["share"] = (0.5 + 0.04 * PANEL["rd"] - 0.02 * PANEL["x"] + 0.01 * PANEL["year"] + NOISE).clip(0, 1)


def line(data=PANEL, **options):
    return PanelShare.from_formula("share ~ rd + x", data, firm="firm", year="year", **options)


@pytest.mark.parametrize("time_effects", [False, True])
def test_fixed_effects_are_dummies(time_effects):
    dummies = np.eye(FIRMS)[PANEL["firm"]]
    if time_effects:
        dummies = np.column_stack([dummies, np.eye(YEARS)[PANEL["year"]][:, 1:]])
    x = np.column_stack([PANEL[["rd", "x"]], dummies])
    b = np.linalg.lstsq(x, PANEL["share"], rcond=None)[0]
    residual = PANEL["share"].to_numpy() - x @ b
    results = line(time_effects=time_effects).fit("nonrobust")
    np.testing.assert_allclose(results.params[["rd", "x"]], b[:2], rtol=1e-8)
    covariance = residual @ residual / (100 - x.shape[1]) * np.linalg.inv(x.T @ x)
    np.testing.assert_allclose(results.cov_params().loc[["rd", "x"], ["rd", "x"]], covariance[:2, :2], rtol=1e-7)


def test_hausmans_statistic():
    fixed, random = (line(effects=effects).fit("nonrobust") for effects in ("fixed", "random"))
    names = ["rd", "x"]
    gap = (fixed.params - random.params)[names].to_numpy()
    unit = random.linear.s2 / fixed.linear.s2
    spread = (unit * fixed.cov_params() - random.cov_params()).loc[names, names].to_numpy()
    test = hausman_test(fixed, random)
    assert np.linalg.eigvalsh(spread)[0] > 0
    assert test.statistic == pytest.approx(gap @ np.linalg.solve(spread, gap), rel=1e-8)
    assert (test.df, test.note) == (2, "")
    for pair in [(random, random), (fixed, fixed), (line().fit(), random), (fixed, line(effects="random").fit())]:
        with pytest.raises(OptionError, match=r"PanelShare with effects=|rests on nonrobust"):
            hausman_test(*pair)


def test_mundlaks_test_is_of_the_averages():
    data = PANEL.assign(**{f"m{name}": PANEL.groupby("firm")[name].transform("mean") for name in ("rd", "x")})
    random = line(effects="random").fit()
    wide = PanelShare.from_formula("share ~ rd + x + mrd + mx", data, firm="firm", year="year", effects="random").fit()
    wanted = wide.wald_test(["mrd", "mx"])
    test = random.mundlak_test()
    assert (test.statistic, test.df) == (pytest.approx(wanted.statistic, rel=1e-6), 2)
    assert (test.name, test.note) == ("Mundlak test", "clustered by firm")


def test_options_arrive():
    weighted = line(PANEL.assign(weight=1 + PANEL["firm"] % 3), weights="weight", effects="pooled").fit("robust")
    weight = 1 + PANEL["firm"].to_numpy() % 3
    x = np.column_stack([np.ones(100), PANEL[["rd", "x"]]])
    b = np.linalg.solve(x.T @ (weight[:, None] * x), x.T @ (weight * PANEL["share"]))
    np.testing.assert_allclose(weighted.params, b, rtol=1e-8)
    assert line(effects="random").title == "Linear panel model of a share (random effects)"
    with pytest.raises(OptionError, match="time_effects goes with effects='fixed'"):
        line(effects="random", time_effects=True)
    with pytest.raises(OptionError, match="effects must be"):
        line(effects="mixed")
    with pytest.raises(DataError, match="'niche' does not change within firms"):
        PanelShare.from_formula("share ~ rd + niche", PANEL.assign(niche=PANEL["firm"] % 2), firm="firm", year="year")
    with pytest.raises(DataError, match="firm 3 has more than one row in year 2"):
        line(pd.concat([PANEL, PANEL[(PANEL["firm"] == 3) & (PANEL["year"] == 2)]]))
    with pytest.raises(OptionError, match="start= is an option of likelihoods"):
        line().fit(start=[0, 0, 0])
    with pytest.raises(OptionError, match="cov_type='bootstrap' is not there for linear models"):
        line().fit("bootstrap")
    assert instrumented(method="liml").title == "Linear instrumental-variable model of a share (LIML)"
    with pytest.raises(OptionError, match="method must be"):
        instrumented(method="3sls")
