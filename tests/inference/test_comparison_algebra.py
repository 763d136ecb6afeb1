"""Vuong's comparison from likelihoods written out by hand, weighted chi-squared tails, tests on the boundary."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtrc, erfc
from scipy.stats import nbinom, norm

from exportmodels.core.errors import OptionError
from exportmodels.inference import boundary_test, events_per_parameter, vuong_test
from exportmodels.inference.boundary import _weights
from exportmodels.inference.vuong import _weighted_tail
from exportmodels.spread import NegativeBinomial, Poisson
from exportmodels.strategy import Logit
from exportmodels.timing import Cox

RNG = np.random.default_rng(8)
N = 60
NICHE = np.arange(N) % 2
AGE = RNG.uniform(-1, 1, N)
COUNT = RNG.negative_binomial(2, 2 / (2 + np.exp(1 + 0.8 * NICHE)))
COPIES = RNG.integers(1, 4, N)
FIRMS = pd.DataFrame({"count": COUNT, "niche": NICHE, "age": AGE, "copies": COPIES})


def rows(theta, x, power):
    """Log-likelihoods of firms: variance mu + alpha mu (power 1) or mu + alpha mu^2 (power 2)."""
    mu, alpha = np.exp(x @ theta[:-1]), np.exp(theta[-1])
    size = mu ** (2 - power) / alpha
    return nbinom.logpmf(COUNT, size, size / (size + mu))


def gradients(function, theta, step):
    """Central differences of any function, one row a coefficient."""
    moves = step * np.eye(len(theta))
    return np.array([(function(theta + move) - function(theta - move)) / (2 * step) for move in moves])


def by_hand(fits, designs, weight):
    """Statistics of Vuong (1989): equations 3.6, 4.2, 5.6, and the weights of his theorem 3.3 from the matrix W."""
    powers = (1, 2)
    theta = [fit.params.to_numpy() for fit in fits]
    own = [rows(t, x, power) for t, x, power in zip(theta, designs, powers, strict=True)]
    n, gap = weight.sum(), own[0] - own[1]
    spread = weight @ gap**2 / n - (weight @ gap / n) ** 2
    scores, breads = [], []
    for t, x, power in zip(theta, designs, powers, strict=True):

        def likelihood(b, x=x, power=power):
            return rows(b, x, power)

        def slope(b, likelihood=likelihood):
            return gradients(likelihood, b, 1e-4) @ weight

        scores.append(gradients(likelihood, t, 1e-5).T)
        breads.append(np.linalg.inv(gradients(slope, t, 1e-4) / n))
    (f, g), (a, b) = scores, breads
    inner = [[(one.T * weight) @ other / n for other in (f, g)] for one in (f, g)]
    w = np.block([[-inner[0][0] @ a, -inner[0][1] @ b], [inner[1][0] @ a, inner[1][1] @ b]])
    return weight @ gap, n, spread, np.linalg.eigvals(w).real


@pytest.mark.parametrize("frequency", [None, "copies"])
@pytest.mark.parametrize(("formula", "columns"), [("count ~ niche", [NICHE]), ("count ~ niche + age", [NICHE, AGE])])
def test_vuong_by_hand(frequency, formula, columns):
    options = {} if frequency is None else {"frequency": frequency}
    fits = [
        NegativeBinomial.from_formula(formula, FIRMS, form="nb1", **options).fit(),
        NegativeBinomial.from_formula("count ~ 1", FIRMS, form="nb2", **options).fit(),
    ]
    designs = [np.column_stack([np.ones(N), *columns]), np.ones((N, 1))]
    weight = np.ones(N) if frequency is None else 1.0 * COPIES
    total, n, spread, chi = by_hand(fits, designs, weight)
    found = vuong_test(*fits)
    extra = len(columns)
    for name, less in (("plain", 0), ("corrected (AIC)", extra), ("corrected (BIC)", extra / 2 * np.log(n))):
        z = (total - less) / np.sqrt(n * spread)
        assert found.loc[name, "statistic"] == pytest.approx(z, rel=1e-8)
        assert found.loc[name, "p"] == pytest.approx(2 * norm.sf(abs(z)), rel=1e-7)
    at = found.loc["distinguishable"]
    assert at["statistic"] == pytest.approx(n * spread, rel=1e-8)
    drawn = np.random.default_rng(0).chisquare(1, (200_000, len(chi))) @ chi**2
    p = np.mean(drawn >= n * spread)
    assert at["p"] == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / 200_000) + 1e-5)
    assert at["p"] == pytest.approx(_weighted_tail(n * spread, chi**2), abs=2e-6)
    swapped = vuong_test(*fits[::-1])
    np.testing.assert_allclose(swapped["p"], found["p"], atol=1e-9)
    np.testing.assert_allclose(swapped["statistic"].iloc[1:], -found["statistic"].iloc[1:], rtol=1e-9)


def test_fits_that_vuong_cannot_compare():
    one, two = (NegativeBinomial.from_formula("count ~ niche", FIRMS, form=form).fit() for form in ("nb1", "nb2"))
    half = NegativeBinomial.from_formula("count ~ niche", FIRMS.iloc[:40], form="nb2").fit()
    other = NegativeBinomial.from_formula("count ~ niche", FIRMS.set_index(np.arange(N) + 1), form="nb2").fit()
    weighted = NegativeBinomial.from_formula("count ~ niche", FIRMS, form="nb2", weights="copies").fit()
    for pair, said in (
        ((one, half), "same firms"),
        ((one, other), "same firms"),
        ((one, one), "nothing to compare"),
        ((one, weighted), "sampling weights"),
        ((weighted, one), "sampling weights"),
    ):
        with pytest.raises(OptionError, match=said):
            vuong_test(*pair)
    cox = Cox.from_formula("years ~ niche", FIRMS.assign(years=1.0 + AGE**2, won=1), event="won").fit()
    with pytest.raises(OptionError, match="no log-likelihood by firms"):
        vuong_test(one, cox)
    more = NegativeBinomial.from_formula("count ~ niche", FIRMS.assign(count=COUNT + 1), form="nb2").fit()
    with pytest.raises(OptionError, match="same outcome"):
        vuong_test(one, more)
    poisson = Poisson.from_formula("count ~ niche", FIRMS).fit()
    for pair in ((two, poisson), (poisson, two)):
        with pytest.raises(OptionError, match=r"NegativeBinomial contains Poisson, which has no \[log_alpha\]"):
            vuong_test(*pair)
    assert vuong_test(one, two).notna().all(axis=None)


@pytest.mark.parametrize("value", [0.01, 0.5, 3.0, 12.0, 40.0])
def test_weighted_sums_of_chi_squared_variables(value):
    """Pairs of equal weights are exponential variables, so that sums of them have closed forms."""
    assert _weighted_tail(value, np.full(4, 1.0)) == pytest.approx(chdtrc(4, value), abs=1e-6)
    assert _weighted_tail(value, np.full(5, 0.3)) == pytest.approx(chdtrc(5, value / 0.3), abs=1e-6)
    a, b = 2.0, 0.5
    exact = (a * np.exp(-value / (2 * a)) - b * np.exp(-value / (2 * b))) / (a - b)
    assert _weighted_tail(value, np.array([a, b, b, a])) == pytest.approx(exact, abs=1e-6)
    assert _weighted_tail(value, np.array([a, b, b, a, 1e-11, 0.0])) == pytest.approx(exact, abs=1e-6)
    for unit in (1e6, 1e-12):
        assert _weighted_tail(unit * value, unit * np.array([a, b, b, a])) == pytest.approx(exact, abs=1e-6)
    assert _weighted_tail(value, np.array([1.0])) == pytest.approx(erfc(np.sqrt(value / 2)), abs=2e-3)
    assert 0 <= _weighted_tail(1e5 * value, np.full(3, 1.0)) < 1e-6
    assert 1 - 1e-6 < _weighted_tail(1e-9 * value, np.full(3, 1.0)) <= 1


def covariance(correlations):
    """Return a covariance of three with these correlations of (1, 2), (1, 3), (2, 3)."""
    matrix = np.eye(3)
    for (i, j), r in zip(((0, 1), (0, 2), (1, 2)), correlations, strict=True):
        matrix[i, j] = matrix[j, i] = r
    return matrix * np.outer([1.0, 3.0, 0.1], [1.0, 3.0, 0.1])


@pytest.mark.parametrize("correlations", [(0.0, 0.0, 0.0), (0.6, 0.3, 0.1), (-0.5, 0.2, 0.4)])
def test_weights_of_three(correlations):
    """Kudo (1963): solid angles of the cone and its polar, by the areas of spherical triangles."""
    r12, r13, r23 = correlations

    def partial(a, b, c):
        return (a - b * c) / np.sqrt((1 - b**2) * (1 - c**2))

    inside = (2 * np.pi - sum(np.arccos(correlations))) / (4 * np.pi)
    two = (3 * np.pi - sum(np.arccos([partial(r12, r13, r23), partial(r13, r12, r23), partial(r23, r12, r13)]))) / (
        4 * np.pi
    )
    exact = np.array([0.5 - two, 0.5 - inside, two, inside])
    found = _weights(covariance(correlations), 8000, 3)
    np.testing.assert_allclose(found, exact, atol=5 * np.sqrt(0.25 / 8000))
    assert found.sum() == pytest.approx(1.0)
    test = boundary_test("three", 4.0, covariance(correlations), draws=8000, seed=3)
    assert test.pvalue == pytest.approx(found[1:] @ chdtrc([1, 2, 3], 4.0), rel=1e-12)
    assert (test.statistic, test.df, test.name) == (4.0, 3, "three")


def test_simulated_weights_have_one_for_each_number_of_parameters():
    wide = covariance((0.6, 0.3, 0.1))
    assert boundary_test("three", 4.0, wide) == boundary_test("three", 4.0, wide, draws=20_000, seed=0)
    for draws in (1, 2):
        found = _weights(wide, draws, 0)
        assert found.shape == (4,) and found.sum() == 1.0
        assert boundary_test("three", 4.0, wide, draws=draws).pvalue == pytest.approx(found[1:] @ chdtrc([1, 2, 3], 4))


@pytest.mark.parametrize("r", [-0.8, 0.0, 0.5])
def test_two_parameters_on_the_boundary(r):
    """Self and Liang (1987), case 7."""
    matrix = np.array([[4.0, 6 * r], [6 * r, 9.0]])
    both = 0.25 + np.arcsin(r) / (2 * np.pi)
    exact = 0.5 * chdtrc(1, 5.0) + both * chdtrc(2, 5.0)
    assert boundary_test("two", 5.0, matrix).pvalue == pytest.approx(exact, rel=1e-12)
    np.testing.assert_allclose(_weights(matrix, 0, 0), [0.5 - both, 0.5, both], rtol=1e-12)
    assert f"{0.5 - both:.0%} of the null distribution" in str(boundary_test("two", 5.0, matrix))


def test_one_parameter_on_the_boundary():
    assert boundary_test("one", 2.5).pvalue == pytest.approx(chdtrc(1, 2.5) / 2, rel=1e-12)
    assert boundary_test("one", 2.5, np.array([[7.0]])) == boundary_test("one", 2.5)
    assert "half of the null distribution" in str(boundary_test("one", 2.5))
    for none in (0.0, -1e-9):
        found = boundary_test("one", none)
        assert (found.statistic, found.pvalue) == (0.0, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        np.ones((2, 2)),
        -np.eye(2),
        np.array([[1.0, 0.1], [0.2, 1.0]]),
        np.ones((2, 3)),
        np.full((2, 2), np.nan),
        np.zeros((0, 0)),
    ],
    ids=["singular", "negative", "uneven", "oblong", "unknown", "empty"],
)
def test_what_is_no_covariance(wrong):
    with pytest.raises(OptionError, match="positive definite"):
        boundary_test("none", 1.0, wrong)


def test_rounding_does_not_spoil_a_covariance():
    matrix = np.array([[1.0, 0.3], [0.3 + 1e-9, 1.0]])
    for unit in (1.0, 1e6, 1e-6):
        assert boundary_test("two", 1.0, unit * matrix).pvalue < 1
        with pytest.raises(OptionError, match="positive definite"):
            boundary_test("two", 1.0, unit * (matrix + np.array([[0, 0], [1e-3, 0]])))
    with pytest.raises(OptionError, match="not known"):
        boundary_test("one", np.nan)
    for options in ({"draws": 0}, {"seed": -1}):
        with pytest.raises(OptionError, match="at least"):
            boundary_test("one", 1.0, **options)


def test_events_for_each_coefficient():
    firms = FIRMS.assign(yes=1.0 * (np.arange(N) % 5 == 0), years=1.0 + AGE**2)
    rare = Logit.from_formula("yes ~ niche + age", firms).fit()
    assert events_per_parameter(rare) == 12 / 2
    often = Logit.from_formula("no ~ niche + age", firms.assign(no=1 - firms["yes"])).fit()
    assert events_per_parameter(often) == 12 / 2
    counted = Logit.from_formula("yes ~ niche", firms, frequency="copies").fit()
    assert events_per_parameter(counted) == min(COPIES[::5].sum(), COPIES.sum() - COPIES[::5].sum())
    empty = Logit.from_formula("yes ~ 1", firms).fit()
    assert events_per_parameter(empty) == 12.0
    many = Cox.from_formula("years ~ niche + age", firms.assign(won=1 - firms["yes"]), event="won").fit()
    assert events_per_parameter(many) == 48 / 2
    with pytest.raises(OptionError, match="binary outcomes and for durations"):
        events_per_parameter(NegativeBinomial.from_formula("count ~ niche", firms).fit())
