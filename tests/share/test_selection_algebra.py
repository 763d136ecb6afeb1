"""Laws of selected outcomes against their definitions in many digits: likelihoods, derivatives, means, starts."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.special import ndtr

from exportmodels.share.bivariate import _owen, log_probability, slopes
from exportmodels.share.selection_law import FractionalSelection, NormalSelection, TwoStepSelection, mills

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree


def density(a, b, rho):
    r2 = 1 - rho**2
    return mp.exp(-(a * a - 2 * rho * a * b + b * b) / (2 * r2)) / (2 * mp.pi * mp.sqrt(r2))


def joint(a, b, rho):
    """P(A < a, B < b), as what independence gives and the integral of the density over the correlation."""
    return mp.ncdf(a) * mp.ncdf(b) + mp.quad(lambda r: density(a, b, r), [0, rho / 2, rho])


def joint_far(a, b, rho):
    """The same, as an integral over the variable whose limit lies farther out: where the sum above cancels."""
    a, b = sorted((a, b))
    points = [a - 16, a - 8, a - 4, a - 2, a - 1, a - 0.5, a - 0.25, a - 0.1, a - 0.05, a - 0.02, a]
    return mp.quad(lambda x: mp.npdf(x) * mp.ncdf((b - rho * x) / mp.sqrt(1 - rho**2)), points)


def gradient(a, b, t):
    """The slopes of P in a, b and t = atanh(rho)."""
    rho = mp.tanh(t)
    r = mp.sqrt(1 - rho**2)
    by_a, by_b = mp.npdf(a) * mp.ncdf((b - rho * a) / r), mp.npdf(b) * mp.ncdf((a - rho * b) / r)
    return by_a, by_b, density(a, b, rho) * (1 - rho**2)


def expansion(a, b, t, probability=joint):
    """Return log P, its gradient and Hessian in many digits; slopes are closed forms, bends their differences."""
    with mp.workdps(40):
        at = tuple(mp.mpf(float(x)) for x in (a, b, t))
        p = probability(at[0], at[1], mp.tanh(at[2]))
        first = np.array([float(s / p) for s in gradient(*at)])
        units = np.eye(3, dtype=int)
        bends = [
            [mp.diff(lambda *e, k=k: gradient(*e)[k], at, tuple(map(int, u))) / p for u in units] for k in range(3)
        ]
        return float(mp.log(p)), first, np.array(bends, dtype=float) - np.outer(first, first)


PLACES = [
    *[(0.3, -0.5, 0.4), (-1.0, 2.0, -0.9), (0.0, 0.0, 0.5), (0.0, 0.0, -1.2), (0.0, 1.3, 0.3), (0.0, -1.3, 0.3)],
    *[(0.7, 0.0, -0.6), (-0.7, 0.0, 0.8), (1.2, 1.9, 1.5), (-1.2, -0.4, 0.2), (2.0, -0.1, -0.3), (0.4, 0.4, 0.0)],
]
FAR = [
    (-6.0, -5.0, 0.3),
    (-3.0, -4.0, -0.9),
    (-7.5, 1.0, 0.5),
    (2.0, -9.0, -0.4),
    (-5.0, -5.0, 1.0),
    (-12.0, -10.0, 0.2),
    (1.0, -16.0, 3.6),
]


@pytest.mark.parametrize(("places", "exact"), [(PLACES, joint), (FAR, joint_far)], ids=["near", "far"])
def test_bivariate_normal_probabilities_and_their_derivatives(places, exact):
    rows = [expansion(*at, exact) for at in places]
    a, b, t = np.array(places).T
    with np.errstate(all="raise", under="ignore"):
        value, (first, second) = log_probability(a, b, np.tanh(t)), slopes(a, b, np.tanh(t))
    np.testing.assert_allclose(value, [row[0] for row in rows], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(first.T, [row[1] for row in rows], rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(np.moveaxis(second, 2, 0), [row[2] for row in rows], rtol=1e-8, atol=1e-9)


def test_owens_formula_where_the_integral_is_not_needed():
    places = [*PLACES, (0.7, -0.0, -0.6), (-0.0, 1.3, 0.3), (-0.0, 0.4, -0.5), (0.3, -0.0, 0.5)]
    a, b, t = np.array(places).T
    np.testing.assert_allclose(_owen(a, b, np.tanh(t)), np.exp([expansion(*at)[0] for at in places]), rtol=1e-12)


def test_rows_near_and_far_do_not_disturb_each_other():
    at = np.array([*PLACES[:3], *FAR, *PLACES[3:6]]).T
    whole = log_probability(at[0], at[1], np.tanh(at[2]))
    for row in range(at.shape[1]):
        alone = at[:, [row]]
        assert log_probability(alone[0], alone[1], np.tanh(alone[2]))[0] == pytest.approx(whole[row], rel=1e-14)


def test_the_mean_above_a_limit_keeps_its_digits():
    a = np.array([-40.0, -8.0, -1.0, 0.0, 2.0, 12.0])
    with mp.workdps(40):
        exact = [float(mp.npdf(x) / mp.ncdf(x)) for x in a]
    np.testing.assert_allclose(mills(a), exact, rtol=1e-13)
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(mills(np.array([-1e10, -1e150, 50.0])), [1e10, 1e150, 0.0], atol=1e-300)


# Heckman's model

# mean, choice, log s, atanh rho
NORMAL = [(0.3, -0.5, -0.4, 0.6), (-0.8, 1.1, 0.5, -1.3), (0.1, 0.2, -1.5, 0.0), (0.6, -2.5, -0.7, 0.4)]
UNSEEN = np.inf  # says nothing


def heckman(y, mean, choice, log_scale, t):
    s, rho = mp.exp(log_scale), mp.tanh(t)
    z = (y - mean) / s
    return mp.npdf(z) / s * mp.ncdf((choice + rho * z) / mp.sqrt(1 - rho**2))


def hidden(choice):
    return mp.ncdf(-choice)


def test_the_law_of_selected_normal_numbers():
    rows = [((y, 1.0), at, lambda *e, y=y: heckman(y, *e)) for at in NORMAL for y in (-0.4, 0.3, 1.0)]
    rows += [((UNSEEN, 0.0), at, lambda *e: hidden(e[1])) for at in NORMAL]
    rows += [((0.9, 1.0), (0.3, -0.5, -3.5, -0.9), lambda *e: heckman(0.9, *e))]  # Phi(w) is all but zero
    y, eta = np.array([row[0] for row in rows]), np.array([row[1] for row in rows]).T
    with np.errstate(all="raise", under="ignore"):
        found = NormalSelection().loglike(y, eta), *NormalSelection().derivatives(y, eta)
    agree(found, [row[2] for row in rows], eta)


def averaged(function, at, low, high):
    return float(mp.quad(lambda y: function(y, *at), np.linspace(low, high, 9).tolist()))


@pytest.mark.parametrize("at", NORMAL)
def test_means_of_selected_normal_numbers(at):
    family, eta = NormalSelection(), np.array(at)[:, None]
    s = float(np.exp(at[2]))
    span = at[0] - 12 * s, at[0] + 12 * s
    chosen = averaged(heckman, at, *span)
    mean = averaged(lambda y, *e: y * heckman(y, *e), at, *span)
    assert chosen == pytest.approx(ndtr(at[1]), rel=1e-9)
    assert family.mean(eta)[0] == pytest.approx(mean, rel=1e-9)
    assert family.selected(eta)[0] == pytest.approx(mean / chosen, rel=1e-9)
    assert family.potential(eta)[0] == at[0]
    # the two steps know the covariance of both errors
    given = np.array([[at[0]], [at[1]], [s * np.tanh(at[3])]])
    for name in ("mean", "selected", "potential"):
        assert getattr(TwoStepSelection(), name)(given)[0] == pytest.approx(getattr(family, name)(eta)[0], rel=1e-12)


# The fractional law

FRACTIONAL = [(0.3, -0.5, 0.6), (-0.8, 1.1, -1.3), (0.0, 0.2, 0.0), (1.4, -1.6, 0.3)]


def test_the_law_of_selected_fractions():
    family = FractionalSelection()
    rows = [((y, 1.0), at) for at in FRACTIONAL for y in (0.0, 0.35, 1.0)] + [((UNSEEN, 0.0), at) for at in FRACTIONAL]
    y, eta = np.array([row[0] for row in rows]), np.array([row[1] for row in rows]).T
    with np.errstate(all="raise", under="ignore"):
        value, (first, second) = family.loglike(y, eta), family.derivatives(y, eta)
    turn = np.array([-1.0, 1.0, -1.0])
    for row, ((share, seen), at) in enumerate(rows):
        if seen:
            yes, no = expansion(*at), expansion(-at[0], at[1], -at[2])
            exact = [share * one + (1 - share) * other for one, other in zip(yes, no, strict=True)]
            exact[1] = share * yes[1] + (1 - share) * turn * no[1]
            exact[2] = share * yes[2] + (1 - share) * np.outer(turn, turn) * no[2]
        else:
            with mp.workdps(40):
                log = lambda b: mp.log(hidden(b))  # noqa: E731
                exact = [float(log(at[1])), np.zeros(3), np.zeros((3, 3))]
                exact[1][1], exact[2][1, 1] = (float(mp.diff(log, at[1], order)) for order in (1, 2))
        for found, wanted in zip((value[row], first[:, row], second[..., row]), exact, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-10)


def test_means_of_selected_fractions():
    family, eta = FractionalSelection(), np.array(FRACTIONAL).T
    both = np.exp([expansion(*at)[0] for at in FRACTIONAL])
    np.testing.assert_allclose(family.mean(eta), both, rtol=1e-11)
    np.testing.assert_allclose(family.selected(eta), both / ndtr(eta[1]), rtol=1e-11)
    np.testing.assert_allclose(family.potential(eta), ndtr(eta[0]), rtol=1e-13)


# Where they start

WEIGHT = np.array([1.0, 2.0, 0.5, 1.5, 3.0, 1.0])
OUTCOME = np.array([[0.2, 1.0], [UNSEEN, 0.0], [0.9, 1.0], [0.4, 1.0], [UNSEEN, 0.0], [0.0, 1.0]])


def test_starts_are_those_of_independence():
    y, weight = OUTCOME[OUTCOME[:, 1] == 1, 0], WEIGHT[OUTCOME[:, 1] == 1]
    mean = y @ weight / weight.sum()
    variance = (y - mean) ** 2 @ weight / weight.sum()
    start = NormalSelection().start(OUTCOME, WEIGHT)
    np.testing.assert_allclose([start[0], ndtr(start[1]), np.exp(2 * start[2]), start[3]], [mean, 4 / 9, variance, 0])
    start = FractionalSelection().start(OUTCOME, WEIGHT)
    np.testing.assert_allclose([*ndtr(start[:2]), start[2]], [mean, 4 / 9, 0])


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_starts_are_inside_where_shares_do_not_vary(end):
    y = np.array([[end, 1.0], [end, 1.0], [UNSEEN, 0.0]])
    assert np.exp(NormalSelection().start(y, np.ones(3))[2]) == pytest.approx(1e-6)
    assert ndtr(FractionalSelection().start(y, np.ones(3))[0]) == pytest.approx(abs(end - 1e-6), rel=1e-8)
