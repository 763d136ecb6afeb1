"""Covariances and the delta method against sums written out by hand."""

import numpy as np
import pytest

from exportmodels.core.covariance import clustered, inverse, sandwich, square_root
from exportmodels.core.delta import Delta, delta
from exportmodels.core.errors import DataError, OptionError

RNG = np.random.default_rng(5)
SCORES = RNG.normal(size=(40, 3)) * [1.0, 100.0, 1e-3]
BREAD = np.linalg.inv(SCORES.T @ SCORES) + np.diag([0.02, 1e-6, 2e4])
CLUSTERS = np.arange(40) % 7
WEIGHTS = RNG.uniform(0.5, 3, 40)


@pytest.mark.parametrize("debiased", [False, True])
def test_robust_covariance(debiased):
    meat = sum(np.outer(row, row) for row in SCORES)
    found = sandwich(BREAD, meat, 40, debiased)
    np.testing.assert_allclose(found.matrix, BREAD @ meat @ BREAD * (40 / 39 if debiased else 1), rtol=1e-10)
    assert (found.kind, found.clusters, found.notes) == ("robust", None, [])


@pytest.mark.parametrize("debiased", [False, True])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_clustered_covariance(weights, debiased):
    own = SCORES if weights is None else SCORES * weights[:, None]
    sums = [own[group == CLUSTERS].sum(axis=0) for group in range(7)]
    meat = sum(np.outer(row, row) for row in sums) * (7 / 6 if debiased else 1)
    found = clustered(BREAD, SCORES, weights, CLUSTERS, debiased)
    np.testing.assert_allclose(found.matrix, BREAD @ meat @ BREAD, rtol=1e-10)
    assert (found.kind, found.clusters) == ("clustered", 7)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (2, ["too small", "impossible"]),
        (3, ["too small", "impossible"]),
        (4, ["too small"]),
        (29, ["too small"]),
        (30, []),
    ],
)
def test_few_clusters_are_noted(groups, words):
    notes = clustered(BREAD, SCORES, None, np.arange(40) % groups, False).notes
    assert len(notes) == len(words)
    assert all(word in note and str(groups) in note for word, note in zip(words, notes, strict=True))


def test_one_cluster_is_refused():
    with pytest.raises(DataError, match="two clusters"):
        clustered(BREAD, SCORES, None, np.zeros(40), False)


def test_square_roots_and_inverses_of_badly_scaled_matrices():
    scale = np.diag([1e-6, 1.0, 1e6])
    tame = np.array([[2.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 3.0]])
    matrix = scale @ tame @ scale
    root = square_root(matrix)
    np.testing.assert_allclose(root @ root.T, matrix, rtol=1e-12)
    np.testing.assert_allclose(scale @ inverse(matrix) @ scale, np.linalg.inv(tame), rtol=1e-12)
    flat = np.array([[4.0, 0.0], [0.0, 0.0]])
    np.testing.assert_array_equal(square_root(flat) @ square_root(flat).T, flat)


THETA, ROOT = np.array([0.7, -1.3]), np.array([[0.3, 0.1], [0.0, 0.2]])


def curve(theta):
    return np.array([theta[0] ** 3 * theta[1], np.exp(theta[1]), theta[0] - 2 * theta[1] ** 4])


GRADIENT = np.array([[3 * 0.7**2 * -1.3, 0.7**3], [0.0, np.exp(-1.3)], [1.0, -8 * (-1.3) ** 3]])


def test_delta_method():
    exact = GRADIENT @ ROOT @ ROOT.T @ GRADIENT.T
    whole, plain = delta(curve, THETA, ROOT, full=True), delta(curve, THETA, ROOT)
    np.testing.assert_array_equal(whole.estimate, curve(THETA))
    np.testing.assert_allclose(whole.covariance, exact, rtol=1e-8)
    np.testing.assert_allclose(plain.covariance, np.diag(exact), rtol=1e-8)
    np.testing.assert_allclose(plain.se, np.sqrt(np.diag(exact)), rtol=1e-8)
    np.testing.assert_array_equal(whole.se, np.sqrt(np.diag(whole.covariance)))


Z = 1.6448536269514722  # the normal quantile of 0.95
SCALES = {
    "identity": lambda q, se: (q - Z * se, q + Z * se),
    "log": lambda q, se: (q * np.exp(-Z * se / q), q * np.exp(Z * se / q)),
    "logit": lambda q, se: tuple(1 / (1 + (1 - q) / q * np.exp(-s * Z * se / (q * (1 - q)))) for s in (-1, 1)),
    "cloglog": lambda q, se: tuple(q ** np.exp(s * Z * se / (q * -np.log(q))) for s in (1, -1)),
}


@pytest.mark.parametrize("scale", SCALES)
def test_intervals_on_a_scale(scale):
    values, errors = np.array([0.2, 0.5, 0.9]), np.array([0.05, 0.1, 0.03])
    lower, upper = Delta(values, errors**2).interval(0.1, scale)
    expected = SCALES[scale](values, errors)
    np.testing.assert_allclose([lower, upper], expected, rtol=1e-10)


@pytest.mark.parametrize("scale", ["log", "logit", "cloglog"])
def test_at_its_bound_a_value_is_its_own_interval(scale):
    lower, upper = Delta(np.array([0.0, 0.3]), np.array([0.01, 0.01])).interval(0.05, scale)
    assert lower[0] == upper[0] == 0.0
    assert 0 < lower[1] < 0.3 < upper[1]


def test_default_level_is_95_percent():
    lower, upper = Delta(np.array([0.0]), np.array([1.0])).interval()
    np.testing.assert_allclose([lower[0], upper[0]], [-1.959963984540054, 1.959963984540054], rtol=1e-12)


@pytest.mark.parametrize("alpha", [0, 1, -0.5, 95, np.nan, "0.05", None, True])
def test_no_level(alpha):
    with pytest.raises(OptionError, match="between 0 and 1"):
        Delta(np.array([0.0]), np.array([1.0])).interval(alpha)
