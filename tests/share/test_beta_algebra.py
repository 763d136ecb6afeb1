"""The beta law and corners against their definitions in many digits: brackets, mixtures, means, draws, starts."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.special import betainc, expit

from exportmodels.core.errors import OptionError
from exportmodels.core.links import LINKS
from exportmodels.share import beta_integral
from exportmodels.share.beta_law import BetaShare, divide_by_beta
from exportmodels.share.corners import Cornered, refuse_idle
from exportmodels.share.normal import NormalShare

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree as compare
from expansions import logistic


def parameters(mean, log_precision, link=logistic):
    return link(mean) * mp.exp(log_precision), (1 - link(mean)) * mp.exp(log_precision)


def density(t, *eta):
    p, q = parameters(*eta)
    return t ** (p - 1) * (1 - t) ** (q - 1) / mp.beta(p, q)


def within(low, high, *eta):
    return mp.betainc(*parameters(*eta), mp.mpf(low), mp.mpf(high), regularized=True)


def agree(family, cases, rtol=1e-9):
    """Compare values and derivatives of rows, each (outcome, predictors, exact likelihood), with the exact ones."""
    y, eta = np.array([case[0] for case in cases], dtype=float), np.array([case[1] for case in cases], dtype=float).T
    found = family.loglike(y, eta), *family.derivatives(y, eta)
    compare(found, [exact for *_, exact in cases], eta, rtol, atol=1e-9)


PLACES = [(0.3, 0.9), (-1.6, 2.5), (1.1, -0.6)]
BRACKETS = [(0.0, 0.1), (0.25, 0.5), (0.75, 1.0), (0.5, 0.502)]


@pytest.mark.parametrize("at", PLACES)
def test_known_shares_and_brackets_of_a_beta_law(at):
    cases = [([y, y], at, lambda m, c, y=y: density(y, m, c)) for y in (0.03, 0.4)]
    cases += [([low, high], at, lambda m, c, low=low, high=high: within(low, high, m, c)) for low, high in BRACKETS]
    agree(BetaShare(), [*cases[::-1], *cases[:2]])  # a bracket's rows need not lie together
    agree(BetaShare(), [(y, at, lambda m, c, y=y: density(y, m, c)) for y in (0.03, 0.4)])


@pytest.mark.parametrize(
    ("link", "exact"), [("probit", mp.ncdf), ("cloglog", lambda x: -mp.expm1(-mp.exp(x)))], ids=["probit", "cloglog"]
)
def test_the_link_of_the_mean(link, exact):
    cases = [(y, at, lambda m, c, y=y: density(y, m, c, exact)) for at in PLACES for y in (0.03, 0.4)]
    agree(BetaShare(LINKS[link]), cases)
    at = np.array(PLACES).T
    np.testing.assert_allclose(BetaShare(LINKS[link]).mean(at), [float(exact(m)) for m in at[0]], rtol=1e-12)


@pytest.mark.parametrize("precision", [0.02, 0.3, 20.0, 60.0, 700.0, 6000.0])
@pytest.mark.parametrize("share", [0.04, 0.5, 0.93])
def test_brackets_at_every_precision(precision, share):
    """Masses against the incomplete beta function, and slopes against its differences, on one side of the mean."""
    p, q = share * precision, (1 - share) * precision
    spread = np.sqrt(share * (1 - share) / (1 + precision))
    low, high = max(share - 1.5 * spread, 0.0), min(share + 0.3 * spread, 1.0)
    for a, b in [(low, high), (0.0, low), (high, 1.0)]:
        if a == b:
            continue
        mass = lambda p, q, a=a, b=b: np.log(betainc(p, q, b) - betainc(p, q, a))  # noqa: E731
        eta = np.log([[p / q], [precision]])
        value, (first, _) = (getattr(BetaShare(), f)(np.array([[a, b]]), eta) for f in ("loglike", "derivatives"))
        assert value[0] == pytest.approx(mass(p, q), rel=1e-9, abs=1e-12)
        h = 1e-5
        slope = (mass(p * np.exp(h), q * np.exp(h)) - mass(p * np.exp(-h), q * np.exp(-h))) / (2 * h)
        assert first[1, 0] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_brackets_at_the_ends_are_silent():
    with np.errstate(all="raise", under="ignore"):
        value = BetaShare().loglike(np.array([[0.0, 0.1], [0.75, 1.0], [0.0, 1.0]]), np.array(PLACES).T)
    assert np.isfinite(value).all() and value[2] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("together", [1, 2000, 4000])
def test_rows_of_a_bracket_are_taken_in_parts(monkeypatch, together):
    eta = np.random.default_rng(1).normal(0.5, 1, (2, 60))
    y = np.repeat([[0.25, 0.5]], 60, axis=0)
    whole = BetaShare().evaluate(y, eta)
    monkeypatch.setattr(beta_integral, "_TOGETHER", together)
    for part, same in zip(BetaShare().evaluate(y, eta), whole, strict=True):
        np.testing.assert_allclose(part, same, rtol=1e-11)


def test_rows_of_a_bracket_do_not_disturb_each_other():
    eta, y = np.array([[0.2, 3.0, -2.0], [0.1, 8.5, -3.0]]), np.repeat([[0.25, 0.5]], 3, axis=0)
    whole = BetaShare().evaluate(y, eta)
    assert whole[0].min() < -800
    for row in range(3):
        for part, same in zip(BetaShare().evaluate(y[[row]], eta[:, [row]]), whole, strict=True):
            np.testing.assert_allclose(part[..., 0], same[..., row], rtol=1e-8, atol=1e-9)


def test_the_beta_function_is_taken_off_the_first_two_parameters_alone():
    p, q = np.array([0.7, 3.0]), np.array([2.2, 0.4])
    value, first, second = np.ones(2), np.ones((3, 2)), np.ones((3, 3, 2))
    divide_by_beta(value, first, second, p, q)
    parts = value - 1, first[:2] - 1, second[:2, :2] - 1
    compare(parts, [lambda a, b: 1 / mp.beta(a, b)] * 2, np.stack([p, q]))
    assert (first[2] == 1).all() and (second[2] == 1).all() and (second[:, 2] == 1).all()


def test_distribution_of_a_beta_law():
    family, eta = BetaShare(), np.array(PLACES).T
    p, q = (np.array([float(parameters(*at)[k]) for at in PLACES]) for k in (0, 1))
    np.testing.assert_allclose(family.parameters(eta), [p, q], rtol=1e-13)
    np.testing.assert_allclose(family.below(0.3, eta), betainc(p, q, 0.3), rtol=1e-12)
    np.testing.assert_array_equal(family.everything(eta), np.zeros(3))
    np.testing.assert_allclose(family.mean(eta), p / (p + q), rtol=1e-13)
    drawn = family.draw(np.repeat(eta[:, :1], 20_000, axis=1), np.random.default_rng(2))
    assert (drawn < 0.3).mean() == pytest.approx(betainc(p[0], q[0], 0.3), abs=0.015)
    assert family.predictors == ("mean", "log_precision")


WEIGHT = np.array([1.0, 2.0, 0.5, 1.5])
ANSWERS = np.array([[0.2, 0.2], [0.25, 0.5], [0.0, 0.1], [0.75, 1.0]])


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_starts_are_moments_of_the_middles(link):
    middle = ANSWERS.mean(axis=1)
    mean = np.average(middle, weights=WEIGHT)
    variance = np.average((middle - mean) ** 2, weights=WEIGHT)
    start = BetaShare(LINKS[link]).start(ANSWERS, WEIGHT)
    mu, phi = LINKS[link].probability(start[:1])[0], np.exp(start[1])
    np.testing.assert_allclose([mu, mu * (1 - mu) / (1 + phi)], [mean, variance], rtol=1e-12)


def test_starts_lie_inside():
    start = lambda *shares: BetaShare().start(np.array(shares), np.ones(len(shares)))  # noqa: E731
    assert np.exp(start(0.5, 0.5, 0.5)[1]) == pytest.approx(0.25 / 1e-6 - 1)
    assert np.exp(start(0.0, 1.0)[1]) == pytest.approx(0.3)
    np.testing.assert_allclose([start(0.0, 0.0)[0], start(1.0, 1.0)[0]], [-np.log(999), np.log(999)])


# Corners


def odds(*corners):
    return 1 + sum(mp.exp(corner) for corner in corners)


INNER = BetaShare()
AT = (0.3, 0.9, -0.7, 0.4)


def test_both_corners():
    family = Cornered(INNER, (0.0, 1.0))
    cases = [
        ([0, 0], AT, lambda m, c, z, o: mp.exp(z) / odds(z, o)),
        ([0.4, 0.4], AT, lambda m, c, z, o: density(0.4, m, c) / odds(z, o)),
        ([1, 1], AT, lambda m, c, z, o: mp.exp(o) / odds(z, o)),
        ([0, 0.1], AT, lambda m, c, z, o: within(0, 0.1, m, c) / odds(z, o)),
        ([0.75, 1], AT, lambda m, c, z, o: (within(0.75, 1, m, c) + mp.exp(o)) / odds(z, o)),
        ([0.25, 0.5], AT, lambda m, c, z, o: within(0.25, 0.5, m, c) / odds(z, o)),
    ]
    agree(family, cases)
    agree(family, [(y, at, f) for ([y, upper], at, f) in cases if y == upper])
    assert family.predictors == ("mean", "log_precision", "zero", "one")


@pytest.mark.parametrize(("end", "name"), [(0.0, "zero"), (1.0, "one")])
def test_one_corner(end, name):
    family = Cornered(INNER, (end,))
    corner = lambda m, c, z: mp.exp(z) / odds(z)  # noqa: E731
    top = lambda m, c, z: (within(0.75, 1, m, c) + end * mp.exp(z)) / odds(z)  # noqa: E731
    cases = [
        ([end, end], AT[:3], corner),
        ([0.4, 0.4], AT[:3], lambda m, c, z: density(0.4, m, c) / odds(z)),
        ([0.75, 1], AT[:3], top),
    ]
    agree(family, cases)
    assert family.predictors == ("mean", "log_precision", name)


CORNERS = np.array([[0.3, -0.5], [0.9, 0.1], [-0.7, 800.0], [0.4, 799.0]])
P_ZERO, P_ONE = np.exp(-0.7) / (1 + np.exp(-0.7) + np.exp(0.4)), np.exp(0.4) / (1 + np.exp(-0.7) + np.exp(0.4))


def test_quantities_with_corners():
    family = Cornered(INNER, (0.0, 1.0))
    with np.errstate(over="raise"):
        p = family.probabilities(CORNERS)
    np.testing.assert_allclose(p, [[P_ZERO, expit(1)], [P_ONE, expit(-1)]], rtol=1e-13)
    rest = 1 - P_ZERO - P_ONE
    inner = CORNERS[:2]
    assert family.mean(CORNERS)[0] == pytest.approx(P_ONE + rest * INNER.mean(inner)[0], rel=1e-13)
    np.testing.assert_array_equal(family.everything(CORNERS), p[1])
    for share, corner in [(0.0, P_ZERO), (0.3, P_ZERO), (1.0, P_ZERO + P_ONE)]:
        exact = corner + rest * INNER.below(share, inner)[0]
        assert family.below(share, CORNERS)[0] == pytest.approx(exact, rel=1e-13)
    one = Cornered(INNER, (1.0,))
    assert one.mean(CORNERS[:3])[0] == pytest.approx(expit(-0.7) + expit(0.7) * INNER.mean(inner)[0])
    assert one.below(0.3, CORNERS[:3])[0] == pytest.approx(expit(0.7) * INNER.below(0.3, inner)[0])


def test_far_corners_are_certain():
    value, first, second = Cornered(INNER, (0.0, 1.0)).evaluate(np.array([0.0, 1.0]), CORNERS[:, [1, 1]])
    np.testing.assert_allclose(np.exp(value), [expit(1), expit(-1)], rtol=1e-12)
    assert np.isfinite(first).all() and np.isfinite(second).all()


def test_unlikely_rows_beside_likely_ones_keep_their_value():
    family, y = Cornered(NormalShare(logit=True), (0.0, 1.0)), np.array([0.5, 0.99, 0.0])
    eta = np.repeat([[0.0], [-6.0], [-1.0], [-2.0]], 3, axis=1)
    between = -np.log(1 + np.exp(-1) + np.exp(-2))
    inner = NormalShare(logit=True).loglike(y[:2], eta[:2, :2])
    np.testing.assert_allclose(family.loglike(y, eta), [*(inner + between), between - 1], rtol=1e-13)
    assert inner[1] < -1e6


def test_what_cannot_be_is_silent():
    with np.errstate(divide="raise", invalid="raise"), np.errstate(over="ignore"):
        value = Cornered(NormalShare(), (0.0, 1.0)).evaluate(np.array([0.5]), np.array([[1e200], [0.0], [0.0], [0.0]]))[
            0
        ]
    assert value[0] == -np.inf


class Given:
    """A generator whose places of a share are given, and whose beta draws are all a half."""

    def random(self, size):
        assert size == 6
        return np.array([0.0, P_ZERO - 1e-9, P_ZERO + 1e-9, P_ZERO + P_ONE - 1e-9, P_ZERO + P_ONE + 1e-9, 0.999999])

    def beta(self, p, q):
        return np.full(len(p), 0.5)


def test_draws_fall_into_the_corners_by_their_probabilities():
    eta = np.repeat(CORNERS[:, :1], 6, axis=1)
    np.testing.assert_array_equal(Cornered(INNER, (0.0, 1.0)).draw(eta, Given()), [0, 0, 1, 1, 0.5, 0.5])


def test_corners_start_at_their_shares():
    y, weight = np.array([0.0, 0.4, 1.0, 0.8, 0.0, 0.3]), np.array([1.0, 2.0, 3.0, 1.0, 0.5, 1.0])
    family = Cornered(NormalShare(logit=True), (0.0, 1.0))
    inside = (y > 0) & (y < 1)
    for outcome in (y, np.column_stack([y, y])):
        start = family.start(outcome, weight)
        np.testing.assert_allclose(np.exp(start[2:]), [1.5 / 4, 3 / 4])
        np.testing.assert_array_equal(start[:2], NormalShare(logit=True).start(y[inside], weight[inside]))
    few = family.start(np.array([0.4, 0.2, 0.7, 0.6]), np.ones(4))  # none at the ends counts as half a firm there
    np.testing.assert_allclose(np.exp(few[2:]), 0.5 / 4)


def test_outcomes_are_not_written_on():
    y = np.array([0.0, 0.4, 1.0])
    Cornered(INNER, (0.0, 1.0)).evaluate(y, np.repeat(CORNERS[:, :1], 3, axis=1))
    np.testing.assert_array_equal(y, [0.0, 0.4, 1.0])


def test_covariates_of_what_a_model_does_not_have_are_refused():
    options = {"scale": "log_scale", "zero": "zero"}
    with pytest.raises(OptionError, match=r"^zero= gives covariates of \[zero\].*: location, log_scale$"):
        refuse_idle(options, {"log_scale": "age", "zero": "age"}, ("location", "log_scale"))
    refuse_idle(options, {"log_scale": "age", "zero": None}, ("location", "log_scale"))
