"""Heckman's two steps, and estimators in steps at large, against sums over the rows written out by hand."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from exportmodels.core.errors import ConvergenceError, SeparationError
from exportmodels.share import Selection
from exportmodels.share.stacked import Solved, weighted_gram
from exportmodels.share.two_step import TwoStep

N = 90


def firms(rho=0.5, seed=2):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(3, 2, N), "z": rng.normal(-1, 0.5, N), "city": np.arange(N) % 17})
    choice, taste = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], N).T
    frame["seen"] = (1.6 + 0.1 * frame["x"] + 1.4 * frame["z"] + choice > 0).astype(float)
    share = 0.3 + 0.1 * frame["x"] + 0.4 * taste
    return frame.assign(
        share=np.where(frame["seen"] == 1, share, np.nan),
        weight=rng.uniform(0.5, 2, N),
        times=rng.integers(1, 4, N).astype(float),
    )


class ByHand:
    """Both steps, their Jacobian and their moments, firm by firm, in the order covariates, ratio, choice."""

    def __init__(self, data, weight):
        ones = np.ones(len(data))
        self.x = np.column_stack([ones, data["x"]])
        self.z = np.column_stack([ones, data["x"], data["z"]])
        self.y, self.seen, self.weight = data["share"].fillna(0).to_numpy(), data["seen"].to_numpy(), weight
        gamma = np.zeros(3)
        for _ in range(60):
            gamma = gamma + np.linalg.solve(*self.probit(gamma))
        a = self.z @ gamma
        self.ratio = norm.pdf(a) / norm.cdf(a)
        h = 1e-6  # how the mean of the errors falls, as the choice rises
        fall = (norm.pdf(a - h) / norm.cdf(a - h) - norm.pdf(a + h) / norm.cdf(a + h)) / (2 * h)
        w = np.column_stack([self.x, self.ratio])
        root = np.sqrt(self.weight * self.seen)
        b = np.linalg.lstsq(w * root[:, None], self.y * root, rcond=None)[0]
        residual = self.y - w @ b
        kept = self.weight * self.seen
        self.variance = sum(k * (e**2 + b[2] ** 2 * f) for k, e, f in zip(kept, residual, fall, strict=True)) / sum(
            kept
        )
        self.beta, self.gamma, self.rho = b, gamma, b[2] / np.sqrt(self.variance)
        own = sum(k * np.outer(row, row) for k, row in zip(kept, w, strict=True))
        other = sum(k * b[2] * f * np.outer(row, z) for k, f, row, z in zip(kept, fall, w, self.z, strict=True))
        self.information = self.probit(gamma)[0]
        self.jacobian = np.block([[own, -other], [np.zeros((3, 3)), self.information]])
        self.moments = np.hstack([w * (self.seen * residual)[:, None], self.scores(gamma)])
        spread = self.variance - b[2] ** 2 * fall
        self.noise = sum(k * v * np.outer(row, row) for k, v, row in zip(kept, spread, w, strict=True))

    def scores(self, gamma):
        p, slope = norm.cdf(self.z @ gamma), norm.pdf(self.z @ gamma)
        return self.z * ((self.seen - p) * slope / (p * (1 - p)))[:, None]

    def probit(self, gamma):
        p, slope = norm.cdf(self.z @ gamma), norm.pdf(self.z @ gamma)
        root = np.sqrt(self.weight * slope**2 / (p * (1 - p)))[:, None] * self.z
        return root.T @ root, self.weight @ self.scores(gamma)

    def covariance(self, meat):
        back = np.linalg.inv(self.jacobian)
        order = [0, 1, 3, 4, 5, 2]  # as the results have it
        return (back @ meat @ back.T)[np.ix_(order, order)]

    @property
    def model_meat(self):
        zero = np.zeros((3, 3))
        return np.block([[self.noise, zero], [zero, self.information]])


def model(data, method="two-step", **options):
    return Selection.from_formula("share ~ x", data, select="x + z", seen="seen", method=method, **options)


OPTIONS = {"plain": {}, "times": {"frequency": "times"}, "weight": {"weights": "weight"}}
OPTIONS["both"] = {"frequency": "times", "weights": "weight"}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_both_steps_and_their_covariances(options):
    data = firms()
    times, weight = (data[options[name]] if name in options else np.ones(N) for name in ("frequency", "weights"))
    times, weight = np.array(times), np.array(weight)
    hand = ByHand(data, times * weight)
    results = model(data, **options).fit("robust")
    wanted = [*hand.beta[:2], *hand.gamma, hand.beta[2]]
    np.testing.assert_allclose(results.params, wanted, rtol=1e-8)
    assert list(results.params.index)[-2:] == ["[select] z", "[mills]"]
    moments = hand.moments * weight[:, None]
    robust = hand.covariance((moments * times[:, None]).T @ moments)
    np.testing.assert_allclose(results.cov_params(), robust, rtol=1e-6, atol=1e-12)
    if "weights" not in options:
        np.testing.assert_allclose(
            model(data, **options).fit("nonrobust").cov_params(),
            hand.covariance(hand.model_meat),
            rtol=1e-6,
            atol=1e-12,
        )
    assert np.isnan(results.llf)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_weights_have_no_unit(unit):
    data = firms()
    fits = [model(data.assign(weight=data["weight"] * u), weights="weight").fit("robust") for u in (1, unit)]
    np.testing.assert_allclose(fits[1].params, fits[0].params, rtol=1e-9)
    np.testing.assert_allclose(fits[1].bse, fits[0].bse, rtol=1e-8)


def test_errors_by_city():
    data = firms()
    hand = ByHand(data, np.ones(N))
    sums = np.array([hand.moments[data["city"] == city].sum(axis=0) for city in range(17)])
    ours = model(data).fit(clusters="city", debiased=False).cov_params()
    np.testing.assert_allclose(ours / ours.iloc[0, 0], (v := hand.covariance(sums.T @ sums)) / v[0, 0], rtol=1e-6)


@pytest.mark.parametrize("seed", [2, 3])
def test_the_likelihood_starts_from_the_two_steps(seed):
    data = firms(seed=seed)
    hand = ByHand(data, data["times"].to_numpy())
    found = model(data, "ml", frequency="times")
    problem = found.problem(found.sample)
    wanted = [*hand.beta[:2], *hand.gamma, 0.5 * np.log(hand.variance), np.arctanh(hand.rho)]
    assert abs(hand.rho) < 0.9
    np.testing.assert_allclose(problem.back @ problem.start, wanted, rtol=1e-7)
    steps = TwoStep.of(found.sample)
    assert (steps.scale**2, steps.rho) == pytest.approx((hand.variance, hand.rho), rel=1e-7)


def beyond(sign=1):
    """Firms whose two steps imply a correlation beyond one."""
    data = firms(0.9 * sign, seed=7)
    hand = ByHand(data, np.ones(N))
    share = data["share"] + sign * 2.0 * (hand.ratio - hand.ratio.mean())
    return data.assign(share=share)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_correlation_beyond_one_is_cut_as_a_start_and_named_as_an_estimate(sign):
    data = beyond(sign)
    hand = ByHand(data, np.ones(N))
    assert sign * hand.rho > 0.95
    found = model(data, "ml")
    assert found.problem(found.sample).start[-1] == pytest.approx(sign * np.arctanh(0.9))
    assert np.linalg.eigvalsh(hand.noise)[0] < 0
    with pytest.raises(ConvergenceError, match=f"correlation of choice and share is {hand.rho:.2f}; use method='ml'"):
        model(data).fit()


def test_a_ratio_that_is_a_line_in_the_covariates_says_nothing_of_selection():
    data = firms().assign(group=lambda d: (d["x"] > 3).astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = Selection.from_formula("share ~ group", data, select="group", seen="seen")
    steps = TwoStep.of(found.sample)
    seen = data[data["seen"] == 1]
    residual = seen["share"] - seen.groupby("group")["share"].transform("mean")
    assert (steps.coefficients[-1], steps.rho) == (0, 0)
    assert steps.scale == pytest.approx(np.sqrt(np.mean(residual**2)), rel=1e-9)
    with pytest.raises(ConvergenceError, match="Mills ratio of the choice is linear in the covariates"):
        steps.problem()


CELL = {"no exporter": (0.0, "-"), "exporters only": (1.0, r"\+")}


@pytest.mark.parametrize(("seen", "sign"), CELL.values(), ids=CELL)
@pytest.mark.parametrize("options", [{}, {"method": "ml"}, {"method": "ml", "dist": "fractional"}])
def test_a_choice_that_is_certain_in_a_cell_is_named(options, seen, sign):
    data = firms().assign(z=lambda d: (d["z"] > -0.6).astype(float))
    data["seen"] = np.where(data["z"] == 1, seen, data["seen"])
    data["share"] = np.where(data["seen"] == 1, 0.2 + 0.3 * (np.arange(N) % 7) / 7, np.nan)
    with pytest.raises(SeparationError, match=rf"'share' .* by 'z' \({sign}\)\. All firms sell abroad, or none does,"):
        model(data, **options).fit()


@pytest.mark.parametrize("options", [{}, {"method": "ml"}, {"method": "ml", "dist": "fractional"}])
def test_a_choice_that_a_number_tells_is_named(options):
    data = firms().assign(seen=lambda d: (d["z"] > -1).astype(float))
    data["share"] = np.where(data["seen"] == 1, 0.2 + 0.3 * (np.arange(N) % 7) / 7, np.nan)
    with pytest.raises(SeparationError, match=r"separated completely by .*'z' \(\+\)"):
        model(data, **options).fit()


def test_a_firm_far_out_is_no_separation():
    data = pd.concat([firms(), pd.DataFrame({"x": [3.0], "z": [-12.0], "seen": [0.0], "times": [1.0]})])
    results = model(data.reset_index(drop=True), "ml").fit()
    assert results.predict(which="participation").min() < 1e-8


def test_solved_moment_equations_are_a_quadratic_around_their_solution():
    rng = np.random.default_rng(0)
    theta, influence, root = np.array([1.0, -2.0]), rng.normal(size=(5, 2)), np.array([[0.5, 0.0], [0.2, 0.3]])
    covariance = root @ root.T
    solved, away = Solved(theta, influence, covariance), np.array([1.4, -1.9])
    loglike, score, information = solved.evaluate(away)
    gap = np.linalg.solve(root, theta - away)
    assert loglike == pytest.approx(-0.5 * gap @ gap)
    np.testing.assert_allclose(score, np.linalg.solve(root.T, gap))
    np.testing.assert_allclose(information, np.linalg.inv(covariance))
    problem = solved.problem()
    np.testing.assert_array_equal(problem.start, theta)
    np.testing.assert_array_equal(problem.back, np.eye(2))
    # the sandwich of the scores with the information is the sum of the influences' outer products
    scores = problem.scores(theta)
    np.testing.assert_allclose(covariance @ scores.T @ scores @ covariance, influence.T @ influence)
    weight = np.arange(5.0)
    wanted = sum(w * np.outer(a, b) for w, a, b in zip(weight, influence, influence[:, :1], strict=True))
    np.testing.assert_allclose(weighted_gram(influence, influence[:, :1], weight), wanted)
