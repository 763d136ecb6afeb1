"""The bias of beta regressions of order 1/n against expectations that are integrated, and sums over the rows."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln, expit, psi
from scipy.stats import norm

from exportmodels.core.errors import ConvergenceError
from exportmodels.share import Beta, beta_bias
from exportmodels.share.beta_bias import adjustment, reduced

FIRMS = pd.DataFrame(
    {
        "share": [0.1, 0.05, 0.3, 0.2, 0.15, 0.6, 0.8, 0.7, 0.5, 0.9],
        "x": [0.0, 1.0, 0.5, -0.5, 0.2, 1.5, 2.0, 0.8, 1.1, 1.9],
        "times": [1.0, 2.0, 1.0, 3.0, 1.0, 1.0, 2.0, 1.0, 1.0, 2.0],
    }
)
MEANS = {"logit": (expit, lambda u: expit(u) * expit(-u)), "probit": (norm.cdf, norm.pdf)}


def expectations(link, eta, log_precision):
    """Integrate over a firm's share: E(u_a u_b) and E(u_a u_b u_c + h_ab u_c), u and h slopes and bends of its log."""
    mean, slope = MEANS[link]
    odds = np.linspace(-200, 200, 8001)  # the trapezoidal rule in log-odds has all digits
    log_y, log_rest = -np.logaddexp(0, -odds), -np.logaddexp(0, odds)

    def first(at, other):
        f = np.exp(other)
        p, q = mean(at) * f, (1 - mean(at)) * f
        by_p, by_q = log_y - psi(p) + psi(f), log_rest - psi(q) + psi(f)
        return np.array([(by_p - by_q) * slope(at) * f, p * by_p + q * by_q])

    step = 1e-5
    sides = [
        (first(eta + a, log_precision + b) - first(eta - a, log_precision - b)) / (2 * step)
        for a, b in [(step, 0), (0, step)]
    ]
    u, h = first(eta, log_precision), np.array(sides)
    p, q = mean(eta) * np.exp(log_precision), (1 - mean(eta)) * np.exp(log_precision)
    chance = np.exp(p * log_y + q * log_rest - betaln(p, q)) * (odds[1] - odds[0])
    assert chance.sum() == pytest.approx(1, rel=1e-10)
    variance, third = np.empty((2, 2)), np.empty((2, 2, 2))
    for a, b in np.ndindex(2, 2):
        variance[a, b] = chance @ (u[a] * u[b])
        for c in range(2):
            third[a, b, c] = chance @ ((u[a] * u[b] + h[a, b]) * u[c])
    return variance, third


THETA = np.array([0.2, 0.5, 1.6, 0.3])


@pytest.mark.parametrize(("link", "weighted"), [("logit", False), ("probit", True)])
def test_the_adjustment_is_a_sum_over_firms(link, weighted):
    model = Beta.from_formula(
        "share ~ x", FIRMS, link=link, precision="x", bias="reduce", frequency="times" if weighted else None
    )
    objective = model.problem(model.sample).objective
    x = [matrix @ base for matrix, base in zip(objective.matrices, objective.bases, strict=True)]
    eta = [x[0] @ THETA[:2], x[1] @ THETA[2:]]
    times = FIRMS["times"] if weighted else np.ones(10)
    information, rows = np.zeros((4, 4)), []
    for i, weight in enumerate(times):
        variance, third = expectations(link, eta[0][i], eta[1][i])
        spread = np.zeros((4, 2))  # how the coefficients move both predictors of the firm
        spread[:2, 0], spread[2:, 1] = x[0][i], x[1][i]
        information += weight * spread @ variance @ spread.T
        rows.append((weight, spread, third))
    inverse, pull = np.linalg.inv(information), np.zeros(4)
    for weight, spread, third in rows:
        leverage = spread.T @ inverse @ spread
        pull += 0.5 * weight * spread @ np.einsum("ab,abc->c", leverage, third)
    found, expected = adjustment(objective, THETA)
    np.testing.assert_allclose(expected, information, rtol=1e-9)
    np.testing.assert_allclose(found, pull, rtol=1e-7)


def fitted(bias):
    model = Beta.from_formula("share ~ x", FIRMS, bias=bias, frequency="times")
    return model, model.problem(model.sample), model.fit()


def test_the_corrected_estimate_is_the_estimate_less_its_bias():
    _, problem, plain = fitted(None)
    _, _, corrected = fitted("correct")
    top = plain.certificate
    pull, information = adjustment(problem.objective, top.theta)
    wanted = top.theta + np.linalg.inv(information) @ pull
    np.testing.assert_allclose(corrected.params, problem.back @ wanted, rtol=1e-9)
    found = reduced(problem.objective, top, once=True)
    np.testing.assert_allclose(found.theta, wanted, rtol=1e-12)
    assert (found.iterations, found.distance) == (top.iterations + 1, top.distance)


@pytest.mark.parametrize("bias", ["correct", "reduce"])
def test_what_is_reported_is_that_of_the_treated_estimate(bias):
    model, problem, results = fitted(bias)
    found = results.certificate
    loglike, score, information = problem.objective.evaluate(found.theta)
    assert results.llf == pytest.approx(loglike) and found.loglike == pytest.approx(loglike)
    np.testing.assert_allclose(found.score, score)
    np.testing.assert_allclose(found.information, information)
    expected = problem.back @ np.linalg.inv(adjustment(problem.objective, found.theta)[1]) @ problem.back.T
    np.testing.assert_allclose(results.cov_params(), expected, rtol=1e-9)
    assert len(model.notes(found)) == 1


def test_the_reduced_estimate_is_the_root_of_the_adjusted_score():
    _, problem, results = fitted("reduce")
    found = results.certificate
    pull, information = adjustment(problem.objective, found.theta)
    gap = problem.objective.evaluate(found.theta)[1] + pull
    assert np.sqrt(gap @ np.linalg.solve(information, gap)) < 1e-9
    assert found.distance < 1e-10
    assert found.iterations > fitted(None)[2].certificate.iterations + 2


def test_a_search_that_finds_no_root_is_named(monkeypatch):
    monkeypatch.setattr(beta_bias, "_STEPS", 2)
    with pytest.raises(ConvergenceError, match=r"no root after 2 Fisher steps: distance .* use bias='correct'"):
        fitted("reduce")


def test_a_search_that_ends_early_is_not_treated():
    model = Beta.from_formula("share ~ x", FIRMS, bias="reduce")
    problem = model.problem(model.sample)
    assert not model.solve(problem, problem.start + 1, max_iter=1).converged
