"""Choices from sets and from nests against the probabilities of all that could have been picked, written out."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from exportmodels.strategy import ConditionalLogit, NestedLogit, choice_sets
from exportmodels.strategy.choice_sets import ChoiceSets, several_picks

ATTRIBUTES, B = ["cost", "near", "size"], np.array([-0.4, 0.9, 3.0])
RNG = np.random.default_rng(31)


def world(sizes, picks):
    """Return sets of alternatives in five countries of four nests, of which only B has two, in a random order."""
    frames = []
    for firm, (size, k) in enumerate(zip(sizes, picks, strict=True)):
        country = RNG.choice(5, size, replace=False)
        picked = np.isin(np.arange(size), RNG.choice(size, k, replace=False))
        frame = pd.DataFrame({"firm": 90 - firm, "country": country, "picked": picked.astype(int)})
        frames.append(frame.assign(w=RNG.uniform(0.5, 2), copies=RNG.integers(1, 4)))
    data = pd.concat(frames, ignore_index=True)
    n = len(data)
    data = data.assign(cost=RNG.normal(2, 1, n), near=RNG.integers(0, 2, n), size=RNG.normal(0, 0.1, n))
    data = data.assign(known=RNG.normal(0, 0.5, n), nest=np.array(list("ABBCD"))[data["country"]])
    return data.sample(frac=1, random_state=5).set_index(np.arange(n) + 7)


UNEVEN = world([3, 5, 4, 2, 4, 5, 3, 4, 2, 5, 1, 4], [1, 1, 2, 1, 3, 2, 1, 0, 2, 1, 1, 2])
EVEN = world([4] * 12, [1, 2, 1, 1, 3, 1, 0, 1, 1, 2, 1, 4])
SINGLE = world([3, 5, 4, 2, 4, 5, 3, 4, 2, 5, 4, 4, 5, 5], [1] * 14)
LARGE = world([5] * 14, [1] * 14)


class Several:
    """Which of all ways to pick as many alternatives was taken."""

    def __init__(self, rows, offset=False):
        self.x, self.picked = rows[ATTRIBUTES].to_numpy(), rows["picked"].to_numpy()
        self.offset = offset * rows["known"].to_numpy()

    def log_probability(self, theta):
        eta = self.x @ theta + self.offset
        ways = [np.exp(eta[list(way)].sum()) for way in combinations(range(len(eta)), self.picked.sum())]
        return self.picked @ eta - np.log(sum(ways))


class Nested:
    """One pick: of a nest by its inclusive value, then of an alternative in it; the last coefficient is lambda of B."""

    def __init__(self, rows):
        self.x, self.nest, self.picked = rows[ATTRIBUTES].to_numpy(), rows["nest"].to_list(), rows["picked"].to_list()

    def log_probability(self, theta):
        v, scale = self.x @ theta[:3], {name: theta[3] if name == "B" else 1.0 for name in self.nest}
        total = {m: sum(np.exp(v[i] / scale[m]) for i, k in enumerate(self.nest) if k == m) for m in scale}
        odds = {m: total[m] ** scale[m] for m in scale}
        i = self.picked.index(1)
        m = self.nest[i]
        return np.log(np.exp(v[i] / scale[m]) / total[m] * odds[m] / sum(odds.values()))


def slopes(function, theta):
    return np.array([function(theta + 1e-30j * e).imag / 1e-30 for e in np.eye(len(theta))])


def curve(function, theta, size=1e-5):
    """Return second derivatives by differences of exact first ones."""
    ends = [[slopes(function, theta + m * size * e) for m in (1, -1)] for e in np.eye(len(theta))]
    return np.array([(up - down) / (2 * size) for up, down in ends])


WEIGHTS = {"weights": "w", "frequency": "copies"}
FORMULA = "picked ~ cost + near + size"
PLAIN, LEAN = {"choice_set": "firm"}, {"choice_set": "firm", "offset": "known"}
NESTS = {"choice_set": "firm", "nest": "nest"}
CASES = {
    "uneven": (ConditionalLogit, UNEVEN, PLAIN, Several, B),
    "even": (ConditionalLogit, EVEN, LEAN, lambda rows: Several(rows, True), B),
    "weighted": (ConditionalLogit, UNEVEN, LEAN | WEIGHTS, lambda rows: Several(rows, True), B),
    "nests": (NestedLogit, SINGLE, NESTS, Nested, np.r_[B, 0.7]),
    "weighted nests": (NestedLogit, SINGLE, NESTS | WEIGHTS, Nested, np.r_[B, 1.3]),
    "even nests": (NestedLogit, LARGE, NESTS | WEIGHTS, Nested, np.r_[B, 0.4]),
}


@pytest.mark.parametrize("case", CASES)
def test_likelihoods(monkeypatch, case):
    estimator, data, options, law, theta = CASES[case]
    model = estimator.from_formula(FORMULA, data, **options)
    problem = model.problem(model.sample)
    back, own = problem.back, np.linalg.solve(problem.back, theta)
    weighted = "weights" in options
    sets = [rows for _, rows in data.groupby("firm")]
    weight = np.array([(rows["w"] * rows["copies"]).iloc[0] if weighted else 1.0 for rows in sets])
    laws = [law(rows).log_probability for rows in sets]
    each = np.array([slopes(function, theta) for function in laws])
    bend = sum(w * curve(function, theta) for w, function in zip(weight, laws, strict=True))
    found = problem.objective.evaluate(own)
    assert found[0] == pytest.approx(weight @ [function(theta) for function in laws], rel=1e-12)
    np.testing.assert_allclose(found[1], back.T @ (weight @ each), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(found[2], -back.T @ bend @ back, rtol=1e-7, atol=1e-7)
    monkeypatch.setattr(choice_sets, "_FEW", 0)  # sums over sets of one size the other way
    for part, other in zip(found, problem.objective.evaluate(own), strict=True):
        np.testing.assert_allclose(other, part, rtol=1e-12, atol=1e-12)
    scores = pd.DataFrame(problem.scores(own), data.index).groupby(data["firm"]).sum()
    np.testing.assert_allclose(scores, each @ back, rtol=1e-9, atol=1e-10)
    null = np.r_[np.zeros(3), np.ones(len(theta) - 3)]
    assert problem.llnull == pytest.approx(weight @ [function(null) for function in laws], rel=1e-12)


@pytest.mark.parametrize("scale", [0.0, -0.3])
def test_no_dissimilarity_is_zero_or_less(scale):
    model = NestedLogit.from_formula(FORMULA, SINGLE, **NESTS)
    objective = model.problem(model.sample).objective
    assert objective.evaluate(np.r_[0.1, 0.2, 0.3, scale])[0] == -np.inf


def test_a_fit_starts_from_the_conditional_logit():
    model = NestedLogit.from_formula(FORMULA, SINGLE, **NESTS, **WEIGHTS)
    problem = model.problem(model.sample)
    plain = ConditionalLogit.from_formula(FORMULA, SINGLE, choice_set="firm", **WEIGHTS).fit()
    np.testing.assert_allclose(problem.back @ problem.start, np.r_[plain.params, 1.0], rtol=1e-8)


@pytest.mark.parametrize("spread", [1.0, 300.0])
@pytest.mark.parametrize("k", [1, 2, 4, 5])
def test_polynomials_of_subsets(spread, k):
    eta, x = spread * RNG.normal(size=(3, 5)), RNG.normal(size=(3, 5, 2))
    log_ways, mean, variance = several_picks(eta, x, k)
    for s in range(3):
        ways = [list(way) for way in combinations(range(5), k)]
        total = np.array([eta[s, way].sum() for way in ways])
        sums = np.array([x[s, way].sum(axis=0) for way in ways])
        p = np.exp(total - total.max())
        assert log_ways[s] == pytest.approx(total.max() + np.log(p.sum()), rel=1e-12)
        p /= p.sum()
        np.testing.assert_allclose(mean[s], p @ sums, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(variance[s], (sums * p[:, None]).T @ sums - np.outer(p @ sums, p @ sums), atol=1e-9)


def test_where_sets_begin_and_what_they_add_up_to():
    sets = ChoiceSets(np.array([0, 0, 1, 1, 1, 2]), np.array([1.0, 0, 1, 0, 1, 0]))
    assert sets.first.tolist() == [0, 2, 5] and sets.size.tolist() == [2, 3, 1] and sets.picks.tolist() == [1, 2, 0]
    assert not sets.even and sets.total(np.arange(6)).tolist() == [1, 9, 5]
    assert sets.of_row(np.array([7, 8, 9])).tolist() == [7, 7, 8, 8, 8, 9]


def test_contrasts_in_which_the_likelihood_rises():
    sets = ChoiceSets(np.array([0, 0, 1, 1, 1, 1]), np.array([0.0, 1, 1, 0, 1, 0]))
    x = np.array([[1.0, 0], [3, 5], [2, 2], [4, 1], [0, 9], [7, 7]])
    rising = choice_sets.ConditionalObjective(sets, x).rising()
    assert rising.tolist() == [[2, 5], [-2, 1], [-5, -5], [-4, 8], [-7, 2]]
