"""Bootstrap and jackknife covariances of an estimator with a closed form, and which covariance is meant."""

from collections import Counter

import numpy as np
import pytest

from exportmodels.core.covariance import (
    Covariance,
    Draws,
    bootstrap_draws,
    clustered,
    codes,
    kind_meant,
    leave_one_out,
    refit_each,
    resampled,
    several,
    square_root,
)
from exportmodels.core.errors import ConvergenceError, DataError, OptionError, SeparationError, WeightError

RNG = np.random.default_rng(12)
Y = RNG.normal(size=(30, 2)) * [1.0, 40.0]
ONE = np.ones(30)
GROUPS = np.array(list("badce"))[np.arange(30) % 5]
COPIES = RNG.integers(1, 5, 30).astype(float)


def mean(frequency):
    return frequency @ Y / frequency.sum()


def refits(draws, title, show):
    return np.array([mean(draw) for draw in draws]), 0


def test_jackknife_of_a_mean_is_its_squared_standard_error():
    found = resampled("jackknife", refits, ONE, None)
    np.testing.assert_allclose(found.matrix, np.cov(Y.T) / 30, rtol=1e-12)
    assert (found.kind, found.clusters, found.notes) == ("jackknife", None, [])


def test_jackknife_of_clusters():
    found = resampled("jackknife", refits, COPIES, GROUPS)
    left = np.array([COPIES[g != GROUPS] @ Y[g != GROUPS] / COPIES[g != GROUPS].sum() for g in "abcde"])
    np.testing.assert_allclose(found.matrix, 4 / 5 * 4 * np.cov(left.T), rtol=1e-12)
    assert (found.kind, found.clusters) == ("jackknife", 5)


@pytest.mark.parametrize("clusters", [None, GROUPS], ids=["rows", "clusters"])
def test_bootstrap_is_the_spread_of_its_refits(clusters):
    found = resampled("bootstrap", refits, COPIES, clusters, replications=7, seed=3)
    means = np.array([mean(draw) for draw in bootstrap_draws(COPIES, clusters, 7, 3)])
    np.testing.assert_allclose(found.matrix, np.cov(means.T), rtol=1e-12)
    assert (found.kind, found.clusters) == ("bootstrap", None if clusters is None else 5)


def test_bootstrap_of_a_mean_in_many_draws():
    """The variance of a resampled mean is known: that of the n rows, over n."""
    found = resampled("bootstrap", refits, ONE, None, replications=4000)
    exact = np.cov(Y.T, ddof=0) / 30
    np.testing.assert_allclose(np.diag(found.matrix), np.diag(exact), rtol=5 * np.sqrt(2 / 4000))


def test_defaults_are_999_draws_from_seed_zero():
    asked = []

    def refit(draws, title, show):
        asked.append((list(map(tuple, draws)), title, show))
        return refits(draws, title, show)

    resampled("bootstrap", refit, ONE, None)
    resampled("jackknife", refit, ONE, None, show_progress=True)
    first = bootstrap_draws(ONE, None, 999, 0)
    assert asked[0] == (list(map(tuple, first)), "bootstrap refits", None)
    assert asked[1][1:] == ("jackknife refits", True)


@pytest.mark.parametrize(("done", "enough"), [(10, True), (5, True), (4, False), (0, False)])
def test_half_of_the_refits_are_needed(done, enough):
    def some(draws, title, show):
        return refits(draws, title, show)[0][:done], len(draws) - done

    if not enough:
        with pytest.raises(ConvergenceError, match=f"{10 - done} of 10 bootstrap refits"):
            resampled("bootstrap", some, ONE, None, replications=10)
        return
    found = resampled("bootstrap", some, ONE, None, replications=10)
    means = np.array([mean(draw) for draw in bootstrap_draws(ONE, None, 10, 0)])[:done]
    np.testing.assert_allclose(found.matrix, np.cov(means.T), rtol=1e-12)
    assert found.notes == ([] if done == 10 else ["5 of 10 bootstrap refits had no estimate and are left out"])


@pytest.mark.parametrize(("done", "enough"), [(2, True), (1, False)])
def test_one_refit_has_no_spread(done, enough):
    def some(draws, title, show):
        return refits(draws, title, show)[0][:done], 2 - done

    if enough:
        means = np.array([mean(draw) for draw in bootstrap_draws(ONE, None, 2, 0)])
        found = resampled("bootstrap", some, ONE, None, replications=2)
        np.testing.assert_allclose(found.matrix, np.cov(means.T), rtol=1e-12)
    else:
        with pytest.raises(ConvergenceError):
            resampled("bootstrap", some, ONE, None, replications=2)


def test_leaving_out():
    rows = np.array(list(leave_one_out(np.ones(4), None)))
    np.testing.assert_array_equal(rows, 1 - np.eye(4))
    found = np.array(list(leave_one_out(COPIES, GROUPS)))
    np.testing.assert_array_equal(found, [np.where(g == GROUPS, 0, COPIES) for g in "badce"])
    assert len(leave_one_out(np.ones(4), None)) == 4
    with pytest.raises(OptionError, match="one row a firm"):
        leave_one_out(np.array([1.0, 2.0]), None)
    with pytest.raises(DataError, match="jackknife needs at least two clusters"):
        leave_one_out(ONE, np.zeros(30))


def test_drawing_rows():
    copies = np.array([1.0, 5.0, 0.0, 4.0])
    draws = np.array(list(bootstrap_draws(copies, None, 3000, 1)))
    assert draws.dtype == float and draws.shape == (3000, 4)
    assert (draws.sum(axis=1) == 10).all() and not draws[:, 2].any()
    np.testing.assert_allclose(draws.mean(axis=0), copies, atol=5 * np.sqrt(2.5 / 3000))
    np.testing.assert_array_equal(list(bootstrap_draws(copies, None, 5, 1)), draws[:5])
    assert (np.array(list(bootstrap_draws(copies, None, 5, 2))) != draws[:5]).any()


def test_drawing_clusters():
    """Each of three clusters is drawn 0, 1, 2 or 3 times, all its rows with it: the ten ways of a multinomial law."""
    copies, clusters = np.array([1.0, 2.0, 7.0, 1.0]), np.array(["x", "y", "x", "z"])
    draws = np.array(list(bootstrap_draws(copies, clusters, 3000, 1)))
    times = draws / copies
    np.testing.assert_array_equal(times[:, 0], times[:, 2])
    seen = Counter(map(tuple, times[:, [0, 1, 3]].astype(int).tolist()))
    assert len(seen) == 10 and all(sum(way) == 3 for way in seen)
    assert seen[1, 1, 1] / 3000 == pytest.approx(6 / 27, abs=5 * np.sqrt(6 / 27 / 3000))
    assert seen[3, 0, 0] / 3000 == pytest.approx(1 / 27, abs=5 * np.sqrt(1 / 27 / 3000))
    np.testing.assert_array_equal(list(bootstrap_draws(copies, clusters, 5, 1)), draws[:5])
    with pytest.raises(DataError, match="bootstrap needs at least two clusters"):
        bootstrap_draws(ONE, np.zeros(30), 3, 0)


def test_least_numbers_of_draws():
    assert len(bootstrap_draws(ONE, None, 2, 0)) == 2
    for wrong, said in (((1, 0), "replications must be .* at least 2"), ((2, -1), "seed must be .* at least 0")):
        with pytest.raises(OptionError, match=said):
            bootstrap_draws(ONE, None, *wrong)


def test_refits_without_an_estimate_are_counted(monkeypatch):
    told = []

    def told_progress(draws, title, show):
        told.append((title, show))
        return draws

    monkeypatch.setattr("exportmodels.core.covariance.progress", told_progress)

    def refit(draw):
        if draw[0]:
            raise SeparationError("none")
        return draw

    draws = Draws(5, lambda k: np.array([k % 2, k], dtype=float))
    estimates, failed = refit_each(refit, draws, "refits of five", True)
    assert told == [("refits of five", True)]
    assert failed == 2
    np.testing.assert_array_equal(estimates, [[0, 0], [0, 2], [0, 4]])
    with pytest.raises(ZeroDivisionError):
        refit_each(lambda draw: 1 // 0, draws, "", False)


def test_clusters_are_numbered():
    number, groups = codes(np.array(["b", "a", "b"], dtype=object))
    assert (number.tolist(), groups) == ([0, 1, 0], 2)
    assert several(np.array([7, 8]), "test")[1] == 2


def test_a_linear_function_of_the_coefficients():
    back = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 1.0]])
    found = Covariance(np.array([[1.0, 0.0], [0.5, 2.0]]), "clustered", 4, ["note"]).transformed(back)
    np.testing.assert_allclose(found.matrix, back @ np.array([[1.0, 0.5], [0.5, 4.25]]) @ back.T, rtol=1e-12)
    assert (found.kind, found.clusters, found.notes) == ("clustered", 4, ["note"])


MEANT = [
    (None, "nonrobust", False, False, "nonrobust"),
    (None, "robust", False, False, "robust"),
    (None, "nonrobust", False, True, "robust"),
    (None, "nonrobust", True, False, "clustered"),
    (None, "nonrobust", True, True, "clustered"),
    ("nonrobust", "robust", False, False, "nonrobust"),
    ("robust", "nonrobust", False, True, "robust"),
    ("clustered", "nonrobust", True, True, "clustered"),
    ("bootstrap", "nonrobust", False, True, "bootstrap"),
    ("bootstrap", "nonrobust", True, False, "bootstrap"),
    ("jackknife", "nonrobust", True, True, "jackknife"),
]


@pytest.mark.parametrize(("asked", "default", "with_clusters", "weighted", "meant"), MEANT)
def test_the_covariance_that_is_meant(asked, default, with_clusters, weighted, meant):
    assert kind_meant(asked, default, clustered=with_clusters, weighted=weighted) == meant


@pytest.mark.parametrize(
    ("asked", "with_clusters", "weighted", "error", "said"),
    [
        ("HC1", False, False, OptionError, "one of nonrobust, robust, clustered, bootstrap, jackknife"),
        ("clustered", False, False, OptionError, "needs clusters="),
        ("robust", True, False, OptionError, "does not use them"),
        ("nonrobust", True, False, OptionError, "does not use them"),
        ("nonrobust", False, True, WeightError, "no covariance"),
    ],
)
def test_contradictions_are_refused(asked, with_clusters, weighted, error, said):
    with pytest.raises(error, match=said):
        kind_meant(asked, "nonrobust", clustered=with_clusters, weighted=weighted)


def test_one_cluster_has_no_covariance():
    with pytest.raises(DataError, match="the clustered covariance needs at least two clusters"):
        clustered(np.eye(2), Y, None, np.zeros(30), False)


def test_variances_of_very_different_size_keep_their_digits():
    tame = np.array([[2.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 3.0]])
    for size in ([1e-12, 1e9, 1.0], [1e9, 1e-12, 1.0], [1.0, 1e-12, 1e-3]):
        matrix = tame * np.outer(size, size)
        root = square_root(matrix)
        np.testing.assert_allclose(root @ root.T, matrix, rtol=1e-12)


def test_as_many_clusters_as_coefficients_are_too_few():
    scores = RNG.normal(size=(30, 5))
    assert any("impossible" in note for note in clustered(np.eye(5), scores, None, GROUPS, False).notes)
    assert not any("impossible" in note for note in clustered(np.eye(4), scores[:, :4], None, GROUPS, False).notes)
