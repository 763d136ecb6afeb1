"""Probabilities of levels and the curvature of binary links against 50-digit arithmetic, far into both tails."""

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.errors import DataError
from exportmodels.strategy.intervals import INTERVALS, pieces
from exportmodels.strategy.jeffreys import CURVATURES
from exportmodels.strategy.ordered import Levels
from exportmodels.strategy.ordered_information import expected_information
from exportmodels.strategy.softmax import Softmax

LINKS = pytest.mark.parametrize("name", INTERVALS)
F = {"logit": lambda x: 1 / (1 + mp.exp(-x)), "probit": mp.ncdf}
ABOVE = {"logit": lambda x: 1 / (1 + mp.exp(x)), "probit": lambda x: mp.ncdf(-x)}
POINTS = np.array([-20.0, -8.0, -2.0, 0.0, 0.3, 7.0, 15.0])
# Lower and upper end of an interval; none stands for an end at infinity.
ENDS = [
    (-15.0, -14.0),
    (-8.0, -6.5),
    (-1.2, 0.3),
    (0.1, 0.101),
    (4.0, 7.5),
    (14.0, 14.5),
    (-5.0, 6.0),
    (-6.0, 5.0),
    (38.5, 39.0),
]
ENDS += [(None, -20.0), (None, 0.4), (None, 9.0), (-9.0, None), (0.2, None), (21.0, None)]
STEP = mp.mpf(10) ** -25


@LINKS
def test_distributions(name):
    link = INTERVALS[name]
    with mp.workdps(80):
        np.testing.assert_allclose(link.distribution(POINTS), [float(F[name](mp.mpf(x))) for x in POINTS], rtol=1e-13)
        np.testing.assert_allclose(
            link.log_tail(POINTS), [float(mp.log(F[name](mp.mpf(x)))) for x in POINTS], rtol=1e-12
        )
        log_f = lambda x: mp.log(mp.diff(F[name], x, h=STEP))  # noqa: E731
        density, slope = link.density(POINTS)
        density, slope, bend = density[1:-1], slope[1:-1], link.bend(slope)[1:-1]
        for order, found in ((0, density), (1, slope), (2, bend)):
            with mp.workdps(100):
                exact = [float(mp.diff(log_f, mp.mpf(x), order, h=mp.mpf(10) ** -15)) for x in POINTS[1:-1]]
            np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-14)
    shares = np.array([1e-6, 0.2, 0.5, 0.9])
    np.testing.assert_allclose(link.distribution(link.quantile(shares)), shares, rtol=1e-12)


@LINKS
@pytest.mark.parametrize(("lower", "upper"), ENDS)
def test_levels_between_two_ends(name, lower, upper):
    def loglike(a, c):
        if lower is not None and lower > 0:
            return mp.log(ABOVE[name](c) - (ABOVE[name](a) if upper is not None else 0))
        return mp.log((F[name](a) if upper is not None else 1) - (F[name](c) if lower is not None else 0))

    given = (None if end is None else np.array([end]) for end in (upper, lower))
    ours = pieces(INTERVALS[name], *given)
    with mp.workdps(120):
        at = tuple(mp.mpf(0 if end is None else end) for end in (upper, lower))
        assert ours.loglike[0] == pytest.approx(float(loglike(*at)), rel=1e-11)
        orders = {"a": (1, 0), "c": (0, 1), "aa": (2, 0), "cc": (0, 2), "ac": (1, 1)}
        exact = {part: float(mp.diff(loglike, at, order, h=STEP)) for part, order in orders.items()}
    for part, value in exact.items():
        size = max(abs(exact["a"]), abs(exact["c"])) ** 2
        assert getattr(ours, part)[0] == pytest.approx(value, rel=1e-8, abs=1e-10 * size), part


@LINKS
def test_probabilities_add_up(name):
    ends = np.array([[-1.0, -30.0], [0.5, -2.0], [0.9, 31.0]])
    family = Levels(INTERVALS[name])
    p = family.probabilities(ends)
    assert p.shape == (2, 4)
    below = np.array([[float(F[name](mp.mpf(x))) for x in row] for row in ends.T])
    np.testing.assert_allclose(p[:, :-1].cumsum(axis=1), below, rtol=1e-12)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-13)
    assert p[1, 3] == pytest.approx(float(ABOVE[name](mp.mpf(31))), rel=1e-11)


@pytest.mark.parametrize("last", [0.5, 0.4])
def test_thresholds_must_not_meet(last):
    with pytest.raises(DataError, match="thresholds cross"):
        Levels(INTERVALS["logit"]).probabilities(np.array([[-1.0, -1.0], [0.5, 0.5], [0.9, last]]))


@LINKS
def test_draws_are_where_the_uniform_numbers_fall(name):
    class Uniform:
        def random(self, shape):
            return np.full(shape, [0.2, 0.5, 0.9]).reshape(shape)

    family = Levels(INTERVALS[name])
    ends = np.tile(family.link.quantile(np.array([[0.3], [0.6]])), 3)
    assert family.draw(ends, Uniform()).tolist() == [0.0, 1.0, 2.0]


@LINKS
@pytest.mark.parametrize("cuts", [1, 2, 4])
def test_expected_information(name, cuts):
    """The mean of minus the second derivatives; its own derivatives by differences."""
    link, ends = INTERVALS[name], np.linspace(-1.3, 1.8, 2 * cuts).reshape(2, cuts) ** 3
    information, slopes, second = expected_information(link, ends)
    total = np.zeros((2, cuts, cuts))
    for level in range(cuts + 1):
        upper, lower = ends[:, level] if level < cuts else None, ends[:, level - 1] if level else None
        part = pieces(link, upper, lower)
        p = np.exp(part.loglike)
        if level < cuts:
            total[:, level, level] -= p * part.aa
        if level:
            total[:, level - 1, level - 1] -= p * part.cc
        if 0 < level < cuts:
            total[:, level, level - 1] -= p * part.ac
            total[:, level - 1, level] -= p * part.ac
    np.testing.assert_allclose(information, total, rtol=1e-9, atol=1e-11)
    weights = np.random.default_rng(2).normal(size=(2, cuts, cuts))
    weights += weights.swapaxes(1, 2)
    for k, step in enumerate(1e-4 * np.eye(cuts)):
        near, far = ([expected_information(link, ends + m * s * step) for s in (1, -1)] for m in (1, 2))
        moved = [(8 * (near[0][j] - near[1][j]) - far[0][j] + far[1][j]) / 12e-4 for j in (0, 1)]
        np.testing.assert_allclose(slopes[..., k], moved[0], rtol=1e-8, atol=1e-9)
        bend = np.einsum("nij,nijk->nk", weights, moved[1])
        np.testing.assert_allclose(second(weights)[:, k], bend, rtol=1e-8, atol=1e-9)


PRECISE = {**F, "cloglog": lambda x: -mp.expm1(-mp.exp(x))}


@pytest.mark.parametrize("name", CURVATURES)
def test_curvatures(name):
    points = np.array([-9.0, -0.5, 0.0, 1.6])

    def information(x):
        f = PRECISE[name](x)
        return mp.diff(PRECISE[name], x, h=mp.mpf(10) ** -40) ** 2 / (f * (1 - f))

    with mp.workdps(120):
        for order, found in enumerate(CURVATURES[name](points)):
            exact = [float(mp.diff(information, mp.mpf(x), order, h=mp.mpf(10) ** -15)) for x in points]
            np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-30)


ETA = np.array([[0.3, 700.0, -40.0, 5.0], [-0.5, 0.0, 38.0, 5.0], [1.0, 698.0, -1.0, -800.0]])


def test_softmax():
    family = Softmax(("b", "c", "d"))
    with mp.workdps(50):
        odds = [[mp.mpf(1), *map(mp.exp, map(mp.mpf, column))] for column in ETA.T]
        exact = np.array([[float(one / sum(row)) for one in row] for row in odds])
        for y in range(4):
            value = [float(mp.log(row[y] / sum(row))) for row in odds]
            np.testing.assert_allclose(family.loglike(np.full(4, float(y)), ETA), value, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(family.probabilities(ETA), exact, rtol=1e-12)
    np.testing.assert_allclose(family.mean(ETA), 1 - exact[:, 0], rtol=1e-12)
    level = np.array([0.0, 1.0, 2.0, 3.0])
    first, second = family.derivatives(level, ETA)
    np.testing.assert_allclose(first, np.eye(4)[:, 1:].T - exact[:, 1:].T, rtol=1e-9, atol=1e-15)
    for i, p in enumerate(exact[:, 1:]):
        np.testing.assert_allclose(second[..., i], np.outer(p, p) - np.diag(p), rtol=1e-9, atol=1e-15)


def test_softmax_begins_at_the_shares_and_draws_where_uniform_numbers_fall():
    family = Softmax(("b", "c"))
    y, weight = np.array([0.0, 1.0, 1.0, 2.0]), np.array([2.0, 1.0, 3.0, 0.5])
    np.testing.assert_allclose(family.start(y, weight), np.log([4 / 2, 0.5 / 2]), rtol=1e-14)

    class Uniform:
        def random(self, shape):
            return np.array([0.2, 0.5, 0.95]).reshape(shape)

    eta = np.log([[0.3 / 0.4] * 3, [0.3 / 0.4] * 3])
    assert family.draw(eta, Uniform()).tolist() == [0.0, 1.0, 2.0]
