"""The control function against its two moment equations, stacked and differentiated by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from exportmodels.core.errors import DataError, OptionError
from exportmodels.share import ControlFractional

N = 60


def firms(seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(N, 3)), columns=["x", "z", "fair"]).assign(x=lambda d: 3 + d["x"])
    unseen = rng.normal(size=N)
    frame["rd"] = 1 + 0.4 * frame["x"] + 0.8 * frame["z"] + 0.3 * frame["fair"] + unseen
    share = norm.cdf(-1 + 0.4 * frame["rd"] + 0.1 * frame["x"] + 0.5 * unseen + 0.4 * rng.normal(size=N))
    times, weight = rng.integers(1, 4, N) * 1.0, rng.uniform(0.5, 2, N)
    return frame.assign(share=share, times=times, weight=weight, city=np.arange(N) % 13)


DATA = firms()
MEANS = {"probit": (norm.cdf, norm.pdf), "logit": (lambda u: 1 / (1 + np.exp(-u)), None)}
MEANS["logit"] = (MEANS["logit"][0], lambda u: MEANS["logit"][0](u) * MEANS["logit"][0](-u))
OPTIONS = {"plain": {}, "times": {"frequency": "times"}, "weight": {"weights": "weight"}, "logit": {"link": "logit"}}


def model(data=DATA, **options):
    options = {"endogenous": "rd", "instruments": "z + fair"} | options
    return ControlFractional.from_formula("share ~ rd + x", data, **options)


class ByHand:
    """Both steps: coefficients of the first, then of constant, rd, x and control."""

    def __init__(self, options):
        self.mean, self.slope = MEANS[options.get("link", "probit")]
        ones = np.ones(N)
        self.w = np.column_stack([ones, DATA[["x", "z", "fair"]]])
        self.x = np.column_stack([ones, DATA[["rd", "x"]]])
        self.times = DATA[options["frequency"]].to_numpy() if "frequency" in options else ones
        self.weight = DATA[options["weights"]].to_numpy() if "weights" in options else ones

    def moments(self, theta):
        """Moments of each firm, in complex numbers too where the mean takes them."""
        pi, b = theta[:4], theta[4:]
        control = DATA["rd"].to_numpy() - self.w @ pi
        x = np.column_stack([self.x, control])
        p = self.mean(x @ b)
        score = (DATA["share"].to_numpy() - p) * self.slope(x @ b) / (p * (1 - p))
        return np.hstack([self.w * control[:, None], x * score[:, None]])

    def total(self, theta):
        return (self.times * self.weight) @ self.moments(theta)

    def jacobian(self, theta, h=1e-5):
        steps = h * np.eye(len(theta))
        return -np.column_stack([(self.total(theta + step) - self.total(theta - step)) / (2 * h) for step in steps])

    def root(self):
        total = self.times * self.weight
        pi = np.linalg.solve(self.w.T @ (total[:, None] * self.w), self.w.T @ (total * DATA["rd"]))
        theta = np.r_[pi, np.zeros(4)]
        for _ in range(50):
            theta = theta + np.linalg.solve(self.jacobian(theta), self.total(theta))
        return theta


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_both_steps_and_their_robust_covariance(options):
    hand, own = ByHand(options), model(**options)
    theta = hand.root()
    results = own.fit()
    np.testing.assert_allclose(results.params, theta[4:], rtol=1e-7)
    assert list(results.params.index) == ["Intercept", "rd", "x", "[control] rd"]
    assert results.cov_type == "robust" and np.isnan(results.llf)
    back = np.linalg.inv(hand.jacobian(theta))
    moments = hand.moments(theta) * hand.weight[:, None]
    cities = np.array([(hand.times[:, None] * moments)[DATA["city"] == city].sum(axis=0) for city in range(13)])
    for fit, meat in [
        (results, (hand.times[:, None] * moments).T @ moments),
        (own.fit(clusters="city"), cities.T @ cities),
    ]:
        np.testing.assert_allclose(fit.cov_params(), (back @ meat @ back.T)[4:, 4:], rtol=1e-5, atol=1e-9)
    if "weights" not in options:
        # under the model: information equality in the second step, one variance in the first
        variance = hand.times @ (control := DATA["rd"] - hand.w @ theta[:4]) ** 2 / hand.times.sum()
        jacobian = hand.jacobian(theta)
        meat = np.zeros((8, 8))
        meat[:4, :4], meat[4:, 4:] = variance * jacobian[:4, :4], jacobian[4:, 4:]
        assert len(control) == N
        wanted = (back @ meat @ back.T)[4:, 4:]
        np.testing.assert_allclose(own.fit("nonrobust").cov_params(), wanted, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_first_stage_is_a_robust_wald_test(options):
    hand = ByHand(options)
    pi = hand.root()[:4]
    total = hand.times * hand.weight
    residual = DATA["rd"].to_numpy() - hand.w @ pi
    bread = np.linalg.inv(hand.w.T @ (total[:, None] * hand.w))
    rows = hand.w * residual[:, None] * hand.weight[:, None]
    covariance = bread @ ((hand.times[:, None] * rows).T @ rows) @ bread
    wanted = pi[2:] @ np.linalg.solve(covariance[2:, 2:], pi[2:])
    test = model(**options).fit().first_stage()
    assert (test.statistic, test.df) == (pytest.approx(wanted, rel=1e-9), 2)
    assert test.note == "robust"


def test_exogeneity_is_the_wald_test_of_the_control():
    results = model().fit()
    test = results.exogeneity_test()
    assert test.statistic == pytest.approx((results.params.iloc[-1] / results.bse.iloc[-1]) ** 2)
    assert test.df == 1


def test_used_rows_keep_their_control_and_new_ones_have_none():
    own = model()
    theta, control = np.array([-1.0, 0.4, 0.1, 0.5]), own.sample.designs["control"].matrix
    hand = ByHand({})
    np.testing.assert_allclose(control[:, 0], DATA["rd"] - hand.w @ hand.root()[:4], atol=1e-9)
    mean = lambda x, v: norm.cdf(x @ theta[:3] + v @ theta[3:])  # noqa: E731
    rows = own.quantities["mean"].rows
    np.testing.assert_allclose(rows(theta, own.design_matrices()), mean(hand.x, control))
    shuffled = DATA.iloc[::-1]
    np.testing.assert_allclose(rows(theta, own.design_matrices(shuffled)), mean(hand.x, control)[::-1])
    np.testing.assert_allclose(rows(theta, own.design_matrices(DATA.head(5))), mean(hand.x, 0 * control)[:5])
    assert set(own.covariates().columns) == {"rd", "x"}


def test_options_arrive():
    own = model(link="cloglog", weights="weight", frequency="times")
    assert own.title == "Fractional response model with a control function (cloglog, rd endogenous)"
    assert own.endogenous == "rd"
    np.testing.assert_array_equal(own.sample.weights, DATA["weight"])
    np.testing.assert_array_equal(own.sample.frequency, DATA["times"])
    assert list(own.quantities) == ["mean"]
    gaps = DATA.assign(z=DATA["z"].where(DATA.index != 3))
    assert model(gaps).sample.missing == 1
    with pytest.raises(DataError, match="missing"):
        model(gaps, missing="raise")
    with pytest.raises(OptionError, match="link must be"):
        model(link="log")
    with pytest.raises(OptionError, match="endogenous='profit' is no column of the design; it has: Intercept, rd, x"):
        model(endogenous="profit")
    with pytest.raises(OptionError, match="needs instruments="):
        model(instruments=None)
    with pytest.raises(DataError, match="first step"):
        model(DATA.assign(fair=2 * DATA["z"] + DATA["x"]))
    x = np.column_stack([np.ones(N), DATA[["rd", "x"]]])
    idle = DATA[["z", "fair"]] - x @ np.linalg.lstsq(x, DATA[["z", "fair"]], rcond=None)[0]
    with pytest.raises(DataError, match="with control"):  # instruments that do not move the covariate at all
        model(DATA.assign(**idle))
