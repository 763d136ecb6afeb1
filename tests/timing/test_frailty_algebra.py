"""Discrete hazards of firms that differ unseen, against each group's likelihood written out, year by year."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.special import log_ndtr

from exportmodels.core import links
from exportmodels.timing.discrete_hazard_likelihood import Spells
from exportmodels.timing.frailty import FRAILTIES, Frail
from exportmodels.timing.mixed_hazards import MixedObjective
from exportmodels.timing.mixing import GammaMixing, ImmuneMixing
from exportmodels.timing.normal_frailty import NormalFrailtyObjective

sys.path.insert(0, str(Path(__file__).parent))
from complex_steps import curvature, gradient

# Rows of firms in five groups, in no order; first years after the beginning, and years before late entry.
N, T, G = 22, 6, 5
RNG = np.random.default_rng(11)
GROUP = np.r_[RNG.permutation(np.repeat(range(G), 4)), 3, 0]
FIRST = RNG.integers(0, 2, N)
LAST = FIRST + RNG.integers(0, T - 1, N)
EVENT = RNG.random(N) < 0.6
HAD = [np.flatnonzero(EVENT & own)[0] for own in np.arange(G)[:, None] == GROUP]
ONE_EACH = np.isin(np.arange(N), HAD) & (GROUP != 2)
ENTRY = np.where(RNG.random(N) < 0.6, FIRST, 0) + np.where(RNG.random(N) < 0.3, 1, 0)
X = np.column_stack([RNG.normal(size=N), RNG.integers(0, 2, N)])
BASELINE = np.column_stack([np.ones(T), np.log1p(np.arange(T))])
BASIS = np.eye(5) + 0.2 * RNG.normal(size=(5, 5))
WIDE = np.eye(6) + 0.2 * RNG.normal(size=(6, 6))
THETA = np.array([-1.8, 0.3, 0.4, -0.5, -0.2])

LOG_SURVIVAL = {
    "cloglog": lambda eta: -np.exp(eta),
    "logit": lambda eta: -np.log(1 + np.exp(eta)),
    "probit": lambda eta: log_ndtr(-eta),
}
LINKS = {"cloglog": links.CLogLogLink(), "logit": links.LogitLink(), "probit": links.ProbitLink()}


def mixture(mixing, hazard, eta):
    """The share without the event at a cumulative hazard, as textbooks print it."""
    if isinstance(mixing, GammaMixing):
        return (1 + np.exp(eta) * hazard) ** (-1 / np.exp(eta))
    p = 1 / (1 + np.exp(-eta))
    return 1 - p + p * np.exp(-hazard)


def given(shared, late, event):
    """Return group of each row, number of groups, and entry, as a case has them."""
    group = GROUP if shared else np.arange(N)
    return group, group.max() + 1, ENTRY if late else np.zeros(N, dtype=int), event


def mixed_loglike(case, mixing, extra, weight, rows):
    """Sum over groups; `rows` (n, q + p + r) are the coefficients that each row's years are computed from.

    The mixture's own are those of the group's first row.
    """
    group, groups, entry, event = case
    total, r = 0.0, extra.shape[1]
    for g in range(groups):
        own = np.flatnonzero(group == g)
        before, end, unseen = 0.0, 0.0, 0.0
        for i in own:
            hazard = [np.exp(BASELINE[t] @ rows[i, :2] + X[i] @ rows[i, 2:4]) for t in range(T)]
            end = end + sum(hazard[FIRST[i] : LAST[i] + 1])
            before = before + sum(hazard[FIRST[i] : LAST[i] + 1 - event[i]])
            unseen = unseen + sum(hazard[: entry[i]])
        eta = extra[g] @ rows[own[0], -r:]
        share = mixture(mixing, before, eta)
        if event[own].any():
            share = share - mixture(mixing, end, eta)
        total = total + weight[g] * (np.log(share) - np.log(mixture(mixing, unseen, eta)))
    return total


def everywhere(function, n=N):
    """Return a function of coefficients that are the same in all rows."""
    return lambda theta: function(np.tile(theta, (n, 1)))


def row_scores(function, basis, theta):
    """Return what a row's own coefficients do to a likelihood, row by row, in the engine's coefficients."""
    at = np.tile(basis @ theta, (N, 1)).astype(complex)
    own = [
        gradient(lambda b, i=i: function(np.where(np.arange(N)[:, None] == i, b, at)), basis @ theta) for i in range(N)
    ]
    return np.array(own) @ basis


def check(objective, function, basis, theta, rtol=1e-9):
    value, score, information = objective.evaluate(theta)
    whole = everywhere(function)
    assert value == pytest.approx(whole(basis @ theta), rel=rtol)
    np.testing.assert_allclose(score, gradient(lambda t: whole(basis @ t), theta), rtol=rtol, atol=rtol)
    np.testing.assert_allclose(information, -curvature(lambda t: whole(basis @ t), theta), rtol=1e-8, atol=1e-8)


WEIGHTED = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


def parts(case, link, shared, late, weight):
    group, _, entry, event = case
    return Frail(link, Spells(FIRST, LAST, event), entry if late else None, group if shared else None, weight, BASELINE)


@WEIGHTED
def test_gamma_frailty(weighted):
    case = given(True, True, ONE_EACH)
    weight = np.random.default_rng(2).uniform(0.5, 2, G) if weighted else None
    objective = FRAILTIES["gamma"].whole(parts(case, LINKS["cloglog"], True, True, weight), X, BASIS)
    own = np.ones(G) if weight is None else weight
    check(objective, lambda rows: mixed_loglike(case, GammaMixing(), np.ones((G, 1)), own, rows), BASIS, THETA)


@WEIGHTED
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
@pytest.mark.parametrize("late", [False, True], ids=["early", "late"])
@pytest.mark.parametrize("mixing", [GammaMixing(), ImmuneMixing()], ids=["gamma", "immune"])
def test_mixed_hazards(mixing, shared, late, weighted):
    case = given(shared, late, ONE_EACH if shared else EVENT)
    group, groups, entry, event = case
    rng = np.random.default_rng(2)
    extra = np.column_stack([np.ones(groups), rng.normal(size=groups)])
    weight, theta = rng.uniform(0.5, 2, groups), np.r_[THETA, 0.4]
    objective = MixedObjective(
        mixing,
        Spells(FIRST, LAST, event),
        entry if late else None,
        X,
        extra,
        group if shared else None,
        weight if weighted else None,
        BASELINE,
        WIDE,
    )

    def loglike(weight):
        return lambda rows: mixed_loglike(case, mixing, extra, weight, rows)

    check(objective, loglike(weight if weighted else np.ones(groups)), WIDE, theta)
    single = row_scores(loglike(np.ones(groups)), WIDE, theta)
    np.testing.assert_allclose(objective.scores(theta), single, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("hazard", "eta"), [(0.3, -1.0), (2.5, 0.7), (0.0, 0.0)])
def test_a_gamma_mixture_is_an_integral(hazard, eta):
    def integrand(z):
        return z ** (1 / v - 1) * mp.exp(-z / v - hazard * z) / (mp.gamma(1 / v) * v ** (1 / v))

    with mp.workdps(20):
        v = mp.exp(eta)
        exact = mp.log(mp.quad(integrand, [0, 0.01, 0.3, 2, 10, 60]))
    found = GammaMixing().log_survival(np.array([hazard]), np.array([eta]))[0]
    assert found[0] == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


def normal_loglike(case, link, weight, rows, points=241):
    """Sum over groups of log E[exp(sum over rows)], by a fine grid of the deviation u; sd is each row's own."""
    group, groups, entry, event = case
    u = np.linspace(-11, 11, points)
    density = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi) * (u[1] - u[0])
    total = 0.0
    for g in range(groups):
        seen, unseen = 0 * u, 0 * u
        for i in np.flatnonzero(group == g):
            for t in range(LAST[i] + 1):
                eta = BASELINE[t] @ rows[i, :2] + X[i] @ rows[i, 2:4] + np.exp(rows[i, 4] / 2) * u
                survive = LOG_SURVIVAL[link](eta)
                failed = event[i] and t == LAST[i]
                if t >= FIRST[i]:
                    seen = seen + (np.log(-np.expm1(survive)) if failed else survive)
                if t < entry[i]:
                    unseen = unseen + survive
        total = total + weight[g] * (np.log(density @ np.exp(seen)) - np.log(density @ np.exp(unseen)))
    return total


@pytest.mark.parametrize(
    ("link", "shared", "late", "weighted"),
    [
        ("cloglog", True, True, True),
        ("logit", True, False, False),
        ("probit", True, False, False),
        ("logit", False, True, True),
        ("cloglog", False, False, False),
    ],
)
def test_normal_frailty(link, shared, late, weighted):
    case = given(shared, late, EVENT)
    groups = case[1]
    weight = np.random.default_rng(2).uniform(0.5, 2, groups)
    objective = FRAILTIES["normal"].whole(
        parts(case, LINKS[link], shared, late, weight if weighted else None), X, BASIS
    )

    def loglike(weight):
        return lambda rows: normal_loglike(case, link, weight, rows)

    check(objective, loglike(weight if weighted else np.ones(groups)), BASIS, THETA)
    if link != "probit":
        single = row_scores(loglike(np.ones(groups)), BASIS, THETA)
        np.testing.assert_allclose(objective.scores(THETA), single, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("log_variance", [-9.0, 3.6])
def test_normal_frailty_of_hardly_any_and_of_great_variance(log_variance):
    case = given(True, True, EVENT)
    theta = np.r_[THETA[:4], log_variance]
    ours = NormalFrailtyObjective(
        LINKS["cloglog"], Spells(FIRST, LAST, EVENT), ENTRY, X, GROUP, None, BASELINE, np.eye(5)
    )
    check(ours, lambda rows: normal_loglike(case, "cloglog", np.ones(G), rows, 2001), np.eye(5), theta)


def test_the_integrand_is_touched_at_its_mode():
    objective = NormalFrailtyObjective(
        LINKS["logit"], Spells(FIRST, LAST, EVENT), None, X, GROUP, None, BASELINE, BASIS
    )
    own, sd = objective._split(THETA)
    _, _, integral = objective._integrals()[0]
    mode, spread = integral.centres(own, sd)

    def height(g, u):
        total = -(u**2) / 2
        for i in np.flatnonzero(g == GROUP):
            for t in range(FIRST[i], LAST[i] + 1):
                eta = BASELINE[t] @ own[:2] + X[i] @ own[2:] + sd * u
                total = total + (eta if EVENT[i] and t == LAST[i] else 0.0) - np.log(1 + np.exp(eta))
        return total

    for g in range(G):
        assert gradient(lambda u, g=g: height(g, u[0]), mode[g : g + 1])[0] == pytest.approx(0, abs=1e-12)
        steep = -curvature(lambda u, g=g: height(g, u[0]), mode[g : g + 1])[0, 0]
        assert spread[g] == pytest.approx(1 / np.sqrt(steep), rel=1e-9)
