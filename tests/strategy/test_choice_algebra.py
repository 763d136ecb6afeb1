"""Ordered, multinomial and binary likelihoods, with and without Jeffreys' penalty, against sums over probabilities."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from exportmodels.core import family as engine
from exportmodels.strategy import (
    CLogLog,
    FirthLogit,
    Logit,
    MultinomialLogit,
    OrderedLogit,
    OrderedProbit,
    Probit,
    jeffreys,
    jeffreys_rows,
    ordinal,
)

N = 36
RNG = np.random.default_rng(17)
X = np.column_stack([RNG.normal(30, 8, N).round(1), RNG.integers(0, 2, N), RNG.normal(0, 0.02, N)])
LEVEL = np.clip((RNG.logistic(size=N) + 0.05 * X[:, 0]).astype(int), 0, 3)
DATA = pd.DataFrame(X, columns=["age", "niche", "drift"]).assign(
    level=pd.Categorical.from_codes(LEVEL, ["none", "low", "middle", "high"], ordered=True),
    mode=np.array(list("cabd"))[LEVEL],
    yes=(LEVEL > 1).astype(int),
    w=RNG.uniform(0.5, 2, N),
    copies=RNG.integers(1, 4, N),
    known=RNG.normal(0, 0.3, N),
)
F = {"logit": lambda x: 1 / (1 + np.exp(-x)), "probit": ndtr, "cloglog": lambda x: 1 - np.exp(-np.exp(x))}
ONE = np.ones((N, 1))


@dataclass(frozen=True)
class Ordered:
    """Covariates, three thresholds, and what a third covariate adds to each threshold, or to the predictor."""

    link: str
    moving: bool

    level: ClassVar = LEVEL

    def probabilities(self, theta):
        x, p = (X[:, :2], 2) if self.moving else (X, 3)
        ends = theta[p : p + 3] - (x @ theta[:p])[:, None]
        if self.moving:
            ends = ends - X[:, 2:] * theta[p + 3 :]
        return np.diff(np.column_stack([0 * ONE, F[self.link](ends), ONE]), axis=1)


@dataclass(frozen=True)
class Multinomial:
    level: ClassVar = np.array([2, 0, 1, 3])[LEVEL]

    def probabilities(self, theta):
        odds = np.exp(np.column_stack([0 * ONE, np.column_stack([ONE, X]) @ theta.reshape(3, 4).T]))
        return odds / odds.sum(axis=1)[:, None]


@dataclass(frozen=True)
class Binary:
    link: str

    level: ClassVar = (LEVEL > 1).astype(int)

    def probabilities(self, theta):
        yes = F[self.link](np.column_stack([ONE, X]) @ theta + DATA["known"].to_numpy())
        return np.column_stack([1 - yes, yes])


CUTS, SLOPES = [0.2, 1.3, 2.4], [0.02, 0.3]
ODDS = [0.3, -0.02, 0.4, 2.0, -0.5, 0.03, -0.2, 1.0, 0.1, 0.01, 0.5, -5.0]
ALL, MOVING, KNOWN = "age + niche + drift", {"nonparallel": "drift"}, {"offset": "known"}
CASES = {
    "ordered logit": (OrderedLogit, f"level ~ {ALL}", {}, Ordered("logit", False), [*SLOPES, 2.0, *CUTS]),
    "ordered probit": (OrderedProbit, f"level ~ {ALL}", {}, Ordered("probit", False), [*SLOPES, 2.0, *CUTS]),
    "moving": (OrderedLogit, "level ~ age + niche", MOVING, Ordered("logit", True), [*SLOPES, *CUTS, 3, -2, 1]),
    "modes": (MultinomialLogit, f"mode ~ {ALL}", {}, Multinomial(), ODDS),
    "logit": (Logit, f"yes ~ {ALL}", KNOWN, Binary("logit"), [-0.9, 0.02, 0.3, 4.0]),
    "probit": (Probit, f"yes ~ {ALL}", KNOWN, Binary("probit"), [-0.9, 0.02, 0.3, 4.0]),
    "cloglog": (CLogLog, f"yes ~ {ALL}", KNOWN, Binary("cloglog"), [-0.9, 0.02, 0.3, 4.0]),
}
WEIGHTS = {"": {}, "weighted": {"weights": "w", "frequency": "copies"}}


class Definition:
    """Log-likelihood and penalty as functions of the user's coefficients, from the probabilities of all levels."""

    def __init__(self, law, weight):
        self.law, self.weight = law, weight

    def slopes(self, theta):
        """Return the probabilities (n, J) and their exact derivatives (n, J, p), by a complex step."""
        moved = [self.law.probabilities(theta + 1e-40j * e).imag / 1e-40 for e in np.eye(len(theta))]
        return self.law.probabilities(theta), np.stack(moved, axis=-1)

    def rows(self, theta):
        p, slopes = self.slopes(theta)
        chosen = np.arange(N), self.law.level
        return np.log(p[chosen]), slopes[chosen] / p[chosen][:, None]

    def informations(self, theta):
        """Return each row's expected information (n, p, p), its weight not applied."""
        p, slopes = self.slopes(theta)
        return np.einsum("nlj,nlk,nl->njk", slopes, slopes, 1 / p)

    def information(self, theta):
        return np.tensordot(self.weight, self.informations(theta), 1)

    def loglike(self, theta):
        return self.weight @ self.rows(theta)[0]

    def score(self, theta):
        return self.weight @ self.rows(theta)[1]

    def penalty(self, theta):
        return np.linalg.slogdet(self.information(theta))[1] / 2

    def pulls(self, theta):
        """Return the derivatives of the penalty by each row's information (n, p), its weight not applied."""
        inverse = np.linalg.inv(self.information(theta))
        at = lambda t: np.einsum("njk,jk->n", self.informations(t), inverse) / 2  # noqa: E731
        return differences(at, theta)


def differences(function, theta):
    """Return derivatives by differences of the fourth order, the coefficient last."""
    found = []
    for k, size in enumerate(np.where(np.abs(theta) < 0.05, 1e-5, 1e-3)):
        step = size * np.eye(len(theta))[k]
        near, far = (function(theta + m * step) - function(theta - m * step) for m in (1, 2))
        found.append((8 * near - far) / (12 * size))
    return np.stack(found, axis=-1)


def posed(case, weights, penalty=False):
    """Return a model's problem, its definition, and the coefficients of the user and of the engine."""
    estimator, formula, given, law, theta = CASES[case]
    options = {"penalty": "jeffreys"} if penalty and estimator is not Logit else {}
    estimator = FirthLogit if penalty and estimator is Logit else estimator
    model = estimator.from_formula(formula, DATA, **given, **WEIGHTS[weights], **options)
    weight = np.ones(N)
    if weights:
        copies, w = DATA["copies"].to_numpy(), DATA["w"].to_numpy()
        weight = copies * (w / np.average(w, weights=copies) if penalty else w)
    problem = model.problem(model.sample)
    theta = np.array(theta, dtype=float)
    return problem, Definition(law, weight), theta, np.linalg.solve(problem.back, theta)


@pytest.mark.parametrize("block", [5, 8192], ids=["blocks", "whole"])
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("case", CASES)
def test_likelihoods(monkeypatch, case, weights, block):
    monkeypatch.setattr(engine, "_BLOCK", block)
    monkeypatch.setattr(ordinal, "_BLOCK", block)
    problem, exact, theta, own = posed(case, weights)
    value, score, information = problem.objective.evaluate(own)
    back = problem.back
    assert value == pytest.approx(exact.loglike(theta), rel=1e-12)
    np.testing.assert_allclose(score, back.T @ exact.score(theta), rtol=1e-9, atol=1e-10)
    bend = back.T @ -differences(exact.score, theta) @ back
    np.testing.assert_allclose(information, bend, rtol=1e-7, atol=1e-7)
    rows = exact.rows(theta)[1] @ back
    np.testing.assert_allclose(problem.scores(own), rows, rtol=1e-9, atol=1e-12)
    squares = np.einsum("ni,nj,n->ij", rows, rows, exact.weight)
    np.testing.assert_allclose(problem.meat(own, exact.weight), squares, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("case", CASES)
def test_penalized_likelihoods(monkeypatch, case, weights):
    problem, exact, theta, own = posed(case, weights, penalty=True)
    value, score, information = problem.objective.evaluate(own)
    back = problem.back
    units = np.linalg.slogdet(back)[1]
    assert value == pytest.approx(exact.loglike(theta) + exact.penalty(theta) + units, rel=1e-11)
    pull = differences(exact.penalty, theta)
    np.testing.assert_allclose(score, back.T @ (exact.score(theta) + pull), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(information, information.T, rtol=1e-11, atol=1e-11)
    along = np.cos(np.arange(len(own)))  # second derivatives along one direction: all of them would take seconds
    gradient = lambda t: exact.score(theta + t * back @ along) + differences(exact.penalty, theta + t * back @ along)  # noqa: E731
    bend = back.T @ differences(lambda t: gradient(t[0]), np.zeros(1))[:, 0]
    np.testing.assert_allclose(information @ along, -bend, rtol=2e-5, atol=2e-5)
    expected = back.T @ exact.information(theta) @ back
    np.testing.assert_allclose(problem.information(own), expected, rtol=1e-9, atol=1e-10)
    rows = exact.rows(theta)[1] + exact.pulls(theta)
    np.testing.assert_allclose(problem.scores(own), rows @ back, rtol=1e-6, atol=1e-7)
    meat = back.T @ np.einsum("ni,nj,n->ij", rows, rows, exact.weight) @ back
    np.testing.assert_allclose(problem.meat(own, exact.weight), meat, rtol=1e-5, atol=1e-6)
    for module in (jeffreys, jeffreys_rows):
        monkeypatch.setattr(module, "SMALL", N)
    np.testing.assert_array_equal(problem.objective.evaluate(own)[2], information)
    for module in (jeffreys, jeffreys_rows):
        monkeypatch.setattr(module, "SMALL", N - 1)
    monkeypatch.setattr(engine, "_BLOCK", 5)
    plain = problem.objective.plain.evaluate(own)[2]
    for little, curvature in ((0.0, information), (1.1, plain)):  # every firm's leverage is more, or less
        for module in (jeffreys, jeffreys_rows):
            monkeypatch.setattr(module, "LITTLE", little)
        many = problem.objective.evaluate(own)
        assert many[0] == pytest.approx(value, rel=1e-12)
        np.testing.assert_allclose(many[1], score, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(many[2], curvature, rtol=1e-9, atol=1e-10)
