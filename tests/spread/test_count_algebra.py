"""Count distributions against their textbook formulas in 40 digits: logs, derivatives, tails, means, draws, starts."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from exportmodels.spread import families
from exportmodels.spread.consul import Consul
from exportmodels.spread.families import Between, CountFamily, Truncated
from exportmodels.spread.poisson_gamma import NegativeBinomial2, NegativeBinomialP, Poisson
from exportmodels.spread.zeros import HurdleCounts, ZeroInflatedCounts

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree


def poisson(y, eta):
    return y * eta - mp.exp(eta) - mp.loggamma(y + 1)


def gamma_mixture(y, mean, alpha):
    """The Poisson law mixed by a gamma law of mean `mean` and squared coefficient of variation `alpha`."""
    r = 1 / alpha
    binomial = mp.loggamma(y + r) - mp.loggamma(r) - mp.loggamma(y + 1)
    return binomial + r * mp.log(r / (r + mean)) + (y * mp.log(mean / (r + mean)) if y else 0)


def nb2(y, eta, log_alpha):
    return gamma_mixture(y, mp.exp(eta), mp.exp(log_alpha))


def nb1(y, eta, log_alpha):
    return gamma_mixture(y, mp.exp(eta), mp.exp(log_alpha) / mp.exp(eta))


def nbp(y, eta, log_alpha, power):
    return gamma_mixture(y, mp.exp(eta), mp.exp(log_alpha) * mp.exp(eta) ** (power - 2))


def lagrangian(y, mean, g):
    """Consul's law: a branching process that Poisson immigrants begin, in its mean and the root of its dispersion."""
    at = mean + g * y
    return mp.log(mean) + (y - 1) * mp.log(at) - y * mp.log(1 + g) - at / (1 + g) - mp.loggamma(y + 1)


def gp1(y, eta, alpha):
    return lagrangian(y, mp.exp(eta), alpha)


def gp2(y, eta, alpha):
    return lagrangian(y, mp.exp(eta), alpha * mp.exp(eta))


LAWS = {
    "poisson": (Poisson(), poisson, [[-1.5], [0.4], [2.3]]),
    "nb2": (NegativeBinomial2(), nb2, [[-1.5, 0.7], [0.4, -1.2], [2.3, 2.0], [0.1, -6.9], [-0.05, -7.1]]),
    "nb1": (NegativeBinomialP(1.0), nb1, [[-1.5, 0.7], [0.4, -1.2], [2.3, 2.0]]),
    "nbp": (NegativeBinomialP(), nbp, [[-1.5, 0.7, 1.3], [0.4, -1.2, 2.6], [2.3, 1.0, 0.2]]),
    "gp1": (Consul(1), gp1, [[-1.5, 0.7], [0.4, -0.2], [2.3, 1.9]]),
    "gp2": (Consul(2), gp2, [[-1.5, 0.7], [0.4, -0.09], [2.3, 0.4]]),
}
COUNTS = (0, 1, 2, 6)
every_law = pytest.mark.parametrize(("family", "exact", "places"), LAWS.values(), ids=LAWS)


def of(family, exact, cases, rtol=1e-9):
    """Compare a family with an exact law at several (count, predictors), in one call."""
    y, eta = np.array([float(count) for count, _ in cases]), np.array([at for _, at in cases]).T
    agree(family.evaluate(y, eta), [lambda *e, c=count: mp.exp(exact(c, *e)) for count, _ in cases], eta, rtol)


@every_law
def test_log_probabilities_and_their_derivatives(family, exact, places):
    of(family, exact, [(count, at) for at in places for count in COUNTS])
    for at in places:  # the same predictors in every row take a shorter way
        of(family, exact, [(count, at) for count in COUNTS])


@pytest.mark.parametrize("log_u", [-16.0, -7.2, -6.91, -6.90, -3.0, 0.5])
def test_the_score_of_the_dispersion_keeps_its_digits_near_poisson(log_u):
    eta = [0.3, log_u - 0.3]  # log(1 + u) - u / (1 + u) cancels for small u
    found = NegativeBinomial2().log(np.zeros(1), np.array(eta)[:, None])
    with mp.workdps(40):
        exact = float(mp.diff(lambda a: nb2(0, mp.mpf(eta[0]), a), mp.mpf(eta[1])))
    assert found.first[1, 0] == pytest.approx(exact, rel=1e-11, abs=0)


@pytest.mark.parametrize("count", [299, 301, 4999, 5001, 20_000])
def test_large_counts(count):
    cases = [(count, [5.0, -0.5]), (3, [5.0, -0.5])]
    of(NegativeBinomial2(), nb2, cases)  # one dispersion
    of(NegativeBinomial2(), nb2, [*cases, (count, [6.0, 0.5]), (0, [6.0, 0.5])])  # several
    of(Poisson(), poisson, [(count, [7.0]), (2, [1.0])])


def test_no_rows_have_no_probabilities():
    for family, _, places in LAWS.values():
        assert family.log(np.empty(0), np.empty((len(places[0]), 0))).first.shape == (len(places[0]), 0)


def moments(family, at, most=4000):
    """Return the mean and the variance of the counts, added up."""
    y = np.arange(family.least, most)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.exp(family.loglike(y.astype(float), np.repeat(np.array(at)[:, None], len(y), axis=1)))
    p = np.nan_to_num(p)
    mean = y @ p / p.sum()
    return mean, (y - mean) ** 2 @ p / p.sum()


@pytest.mark.parametrize(
    ("family", "eta", "variance"),
    [
        (Poisson(), [1.1], lambda m: m),
        (NegativeBinomial2(), [1.1, -0.6], lambda m: m + np.exp(-0.6) * m**2),
        (NegativeBinomialP(1.0), [1.1, 0.4], lambda m: m * (1 + np.exp(0.4))),
        (NegativeBinomialP(), [1.1, -0.6, 1.4], lambda m: m + np.exp(-0.6) * m**1.4),
        (Consul(1), [1.1, 0.5], lambda m: m * 1.5**2),
        (Consul(2), [1.1, 0.2], lambda m: m * (1 + 0.2 * m) ** 2),
    ],
    ids=LAWS,
)
def test_mean_and_variance_are_those_of_the_definition(family, eta, variance):
    mean, spread = moments(family, eta)
    at = np.array(eta)[:, None]
    np.testing.assert_allclose(
        [family.mean(at)[0], mean, spread], [np.exp(1.1), np.exp(1.1), variance(mean)], rtol=1e-9
    )


Y, WEIGHT = np.array([0.0, 1.0, 2.0, 5.0, 9.0, 3.0]), np.array([1.0, 2.0, 0.5, 1.0, 0.7, 3.0])
MEAN = np.average(Y, weights=WEIGHT)
VARIANCE = np.average((Y - MEAN) ** 2, weights=WEIGHT)


@every_law
def test_starts_have_the_moments_of_the_sample(family, exact, places):
    mean, variance = moments(family, family.start(Y, WEIGHT))
    assert mean == pytest.approx(MEAN, rel=1e-9)
    assert variance == pytest.approx(MEAN if isinstance(family, Poisson) else VARIANCE, rel=1e-9)


@every_law
@pytest.mark.parametrize("y", [np.zeros(4), np.full(4, 2.0), np.r_[np.zeros(999), 1e4]], ids=["none", "same", "wild"])
def test_starts_are_inside_whatever_the_counts(family, exact, places, y):
    start = family.start(y, np.ones(len(y)))
    assert np.isfinite(start).all()
    assert start[0] == pytest.approx(np.log(max(y.mean(), 0.05)))
    if isinstance(family, Consul):
        assert start[1] >= 0
    elif len(start) > 1 and y.mean() == 2:
        assert np.exp(start[1]) == pytest.approx(0.05 if family != NegativeBinomialP(1.0) else 0.1)
    elif isinstance(family, NegativeBinomial2) and y.mean() == 10:
        assert np.exp(start[1]) == pytest.approx(5.0)


class Uniforms:
    """A generator whose uniform draws are given."""

    def __init__(self, values):
        self.values = np.array(values)

    def uniform(self, size):
        assert size == len(self.values)
        return self.values.copy()


@pytest.mark.parametrize("family", [Consul(2), ZeroInflatedCounts(Consul(2)), Truncated(Consul(2), 1, 9)])
def test_draws_by_inversion_are_quantiles(family):
    eta = np.repeat([[0.9], [0.2], [-0.5]], 9, axis=1)[: len(family.predictors)]
    uniforms = np.array([1e-9, 0.05, 0.2, 0.4, 0.5, 0.7, 0.9, 0.99, 1 - 1e-9])
    drawn = CountFamily.draw(family, eta, Uniforms(uniforms))
    one = eta[:, :1]
    for count, u in zip(drawn, uniforms, strict=True):
        below = family.at_most(int(count) - 1, one)[0] if count > family.least else 0.0
        assert below < u <= family.at_most(int(count), one)[0]


def test_a_draw_ends_where_no_probability_is_left(monkeypatch):
    monkeypatch.setattr(families, "_LONGEST_DRAW", 50)

    class Half(CountFamily):
        def probability(self, k, eta):
            return np.full(eta.shape[1], 0.5 * (k == 0))

    np.testing.assert_array_equal(Half().draw(np.zeros((1, 2)), Uniforms([0.4, 0.6])), [0, 50])


DRAWN = {
    "poisson": (Poisson(), [1.2]),
    "nb2": (NegativeBinomial2(), [1.2, -0.4]),
    "nb1": (NegativeBinomialP(1.0), [1.2, 0.3]),
    "nbp": (NegativeBinomialP(), [1.2, -0.1, 1.6]),
    "inflated": (ZeroInflatedCounts(NegativeBinomial2()), [1.2, -0.4, -0.7]),
    "hurdle": (HurdleCounts(Truncated(NegativeBinomial2())), [1.2, -0.4, 0.8]),
    "truncated": (Truncated(NegativeBinomial2(), 1), [0.2, 0.4]),
    "up to 6": (Truncated(NegativeBinomial2(), 0, 6), [1.2, -0.4]),
    "1 to 6": (Truncated(Poisson(), 1, 6), [1.2]),
    "brackets": (Between(Truncated(NegativeBinomial2(), 1)), [0.2, 0.4]),
}


@pytest.mark.parametrize(("family", "eta"), DRAWN.values(), ids=DRAWN)
def test_draws_have_the_distribution(family, eta):
    n = 20_000
    drawn = family.draw(np.repeat(np.array(eta)[:, None], n, axis=1), np.random.default_rng(8))
    assert drawn.dtype == float and drawn.shape == (n,)
    for k in range(8):
        p = family.probability(k, np.array(eta)[:, None])[0] if k >= family.least else 0.0
        assert (drawn == k).mean() == pytest.approx(p, abs=4.5 * np.sqrt(p * (1 - p) / n) + 1e-12)
    assert drawn.min() >= family.least


def test_draws_that_are_rare_are_inverted():
    family, eta = Truncated(Poisson(), 1), np.full((1, 4000), -9.0)  # one in 8,000 is seen
    drawn = family.draw(eta, np.random.default_rng(1))
    assert drawn.min() == 1 and drawn.max() <= 2
    mixed = np.where(np.arange(4000) < 2000, -9.0, 1.5)[None]
    drawn = family.draw(mixed, np.random.default_rng(1))
    assert drawn[:2000].max() <= 2
    assert drawn[2000:].mean() == pytest.approx(family.mean(mixed)[-1], abs=0.2)
