"""Tilted discrete distributions in exact fractions and in 40 digits: probabilities, tails, estimates, intervals."""

from fractions import Fraction
from itertools import product
from math import comb

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.errors import OptionError
from exportmodels.inference.tilted import Tilted, solve

# A statistic of uneven steps, with weights that need not add up to one, two of them equal.
SUPPORT = [-1.0, 0.5, 1.0, 3.0, 7.0]
WEIGHT = [2, 9, 5, 5, 1]


def tilted(observed, support=SUPPORT, weight=WEIGHT):
    return Tilted(np.array(support), np.log(weight), observed)


def chances(beta, support=SUPPORT, weight=WEIGHT):
    with mp.workdps(40):
        each = [w * mp.exp(mp.mpf(beta) * s) for s, w in zip(support, weight, strict=True)]
        return [one / sum(each) for one in each]


def tail(observed, side, share, beta):
    with mp.workdps(40):
        parts = list(zip(SUPPORT, chances(beta), strict=True))
        beyond = sum(p for s, p in parts if (s < observed if side == "less" else s > observed))
        return beyond + mp.mpf(share) * sum(p for s, p in parts if s == observed)


@pytest.mark.parametrize("beta", [0.0, 0.7, -2.0, 200.0, -300.0])
@pytest.mark.parametrize("observed", SUPPORT)
def test_probabilities_and_tails(beta, observed):
    law = tilted(observed)
    np.testing.assert_allclose(law.probabilities(beta), np.array(chances(beta), dtype=float), rtol=1e-12, atol=1e-290)
    for side, share in product(("less", "greater"), (1.0, 0.5, 0.0)):
        exact = float(tail(observed, side, share, beta))
        assert law.tail(side, share, beta) == pytest.approx(exact, rel=1e-12, abs=1e-290)
    assert law.tail("less") == law.tail("less", 1.0, 0.0) == pytest.approx(float(tail(observed, "less", 1, 0)))


@pytest.mark.parametrize(("observed", "rarer"), [(-1.0, 3), (0.5, 22), (1.0, 13), (3.0, 13), (7.0, 1)])
def test_values_at_most_as_probable(observed, rarer):
    """Of 22 parts: those with no more parts than the observed one."""
    own = WEIGHT[SUPPORT.index(observed)]
    assert tilted(observed).at_most_as_probable() == pytest.approx(rarer / 22, rel=1e-14)
    assert tilted(observed).at_most_as_probable(0.5) == pytest.approx((rarer - own / 2) / 22, rel=1e-14)


def test_values_as_far_from_the_mean():
    mean = Fraction(sum(int(2 * s) * w for s, w in zip(SUPPORT, WEIGHT, strict=True)), 44)
    for observed, own in zip(SUPPORT, WEIGHT, strict=True):
        gap = abs(Fraction(observed) - mean)
        far = sum(w for s, w in zip(SUPPORT, WEIGHT, strict=True) if abs(Fraction(s) - mean) >= gap)
        assert tilted(observed).farther_out() == pytest.approx(far / 22, rel=1e-14)
        assert tilted(observed).farther_out(0.5) == pytest.approx((far - own / 2) / 22, rel=1e-14)


def test_equally_probable_and_equally_far_values_count_in_spite_of_rounding():
    """A symmetric law: each value has a twin whose probability and distance differ in the last digit only."""
    weight = [comb(7, k) * 0.1 for k in range(8)]
    support = [0.1 * k + 1e3 for k in range(8)]
    for k in range(4):
        exact = 2 * sum(comb(7, j) for j in range(k + 1)) / 2**7
        law = tilted(support[k], support, weight)
        assert law.at_most_as_probable() == pytest.approx(exact, rel=1e-12)
        assert law.farther_out() == pytest.approx(exact, rel=1e-12)
    close = tilted(0.0, [0.0, 1.0], [1.0, 1.0 + 1e-5])
    assert close.at_most_as_probable() == pytest.approx(1 / 2.00001, rel=1e-12)
    near = tilted(0.0, [-1.0, 0.0, 1.001], [1.0, 1.0, 1.0])
    assert near.farther_out() == 1.0
    assert tilted(-1.0, [-1.0, 1.0001], [1.0001, 1.0]).farther_out() == 1.0
    assert tilted(-1.0, [-1.0, 0.0, 1.001], [1.0, 1.0, 1.0]).farther_out() == pytest.approx(2 / 3)


@pytest.mark.parametrize("observed", SUPPORT[1:-1])
def test_estimates_solve_their_equations(observed):
    law = tilted(observed)
    found = law.estimate()
    assert float(mp.fdot(chances(found), SUPPORT)) == pytest.approx(observed, abs=1e-11)
    assert law.extreme == 0 and not law.degenerate
    assert float(tail(observed, "greater", 0.5, law.median_unbiased())) == pytest.approx(0.5, abs=1e-12)
    mean = mp.fdot(chances(0.3), SUPPORT)
    spread = sum(p * (s - mean) ** 2 for s, p in zip(SUPPORT, chances(0.3), strict=True))
    assert law.standard_error(0.3) == pytest.approx(float(1 / mp.sqrt(spread)), rel=1e-12)
    for share, alpha in product((1.0, 0.5), (0.05, 0.2)):
        lower, upper = law.interval("two-sided", alpha, share)
        assert float(tail(observed, "greater", share, lower)) == pytest.approx(alpha / 2, rel=1e-9)
        assert float(tail(observed, "less", share, upper)) == pytest.approx(alpha / 2, rel=1e-9)
        only = law.interval("less", alpha, share), law.interval("greater", alpha, share)
        assert (only[0][0], only[1][1]) == (-np.inf, np.inf)
        assert float(tail(observed, "less", share, only[0][1])) == pytest.approx(alpha, rel=1e-9)
        assert float(tail(observed, "greater", share, only[1][0])) == pytest.approx(alpha, rel=1e-9)
    assert law.interval("two-sided", 0.05) == law.interval("two-sided", 0.05, 1.0)


def test_at_the_ends_of_the_support():
    low, high = tilted(-1.0), tilted(7.0)
    assert (low.estimate(), high.estimate(), low.extreme, high.extreme) == (-np.inf, np.inf, -1, 1)
    assert float(chances(low.median_unbiased())[0]) == pytest.approx(0.5, abs=1e-12)
    assert float(chances(high.median_unbiased())[-1]) == pytest.approx(0.5, abs=1e-12)
    assert low.interval("two-sided", 0.05)[0] == -np.inf and high.interval("two-sided", 0.05)[1] == np.inf
    assert float(chances(low.interval("two-sided", 0.05)[1])[0]) == pytest.approx(0.025, rel=1e-9)
    assert float(chances(high.interval("two-sided", 0.05)[0])[-1]) == pytest.approx(0.025, rel=1e-9)


def test_a_single_value_tells_nothing():
    alone = tilted(2.0, [2.0], [3.0])
    assert alone.degenerate and alone.extreme == 0 and alone.scale == 1.0
    assert np.isnan(alone.median_unbiased())
    assert alone.interval("two-sided", 0.05) == (-np.inf, np.inf)
    assert tilted(1.0).scale == 2.0  # one over the least step, a half


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_any_unit_of_the_covariate(unit):
    """The coefficient of employees in millions is a million times that of employees, in all its digits."""
    law, base = tilted(1.0 * unit, [s * unit for s in SUPPORT]), tilted(1.0)
    assert law.estimate() * unit == pytest.approx(base.estimate(), rel=1e-12)
    assert law.median_unbiased() * unit == pytest.approx(base.median_unbiased(), rel=1e-12)
    np.testing.assert_allclose(np.multiply(law.interval("two-sided", 0.1), unit), base.interval("two-sided", 0.1))


@pytest.mark.parametrize("root", [-700.0, -3.0, 0.0, 1e-9, 5.0, 900.0])
def test_roots_far_and_near(root):
    assert solve(lambda x: x - root) == pytest.approx(root, rel=1e-13, abs=1e-13)
    assert solve(lambda x: np.arctan(1e3 * x - root), 1e-3) == pytest.approx(1e-3 * root, rel=1e-13, abs=1e-16)


def test_no_level():
    with pytest.raises(OptionError, match="alpha"):
        tilted(1.0).interval("two-sided", 1.0)
