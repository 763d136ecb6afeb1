"""Counts with more or fewer zeros, against mixtures and choices written out: logs, moments, starts."""

import sys
from pathlib import Path

import numpy as np
import pytest

from exportmodels.core.errors import OutcomeError
from exportmodels.spread.families import Truncated
from exportmodels.spread.poisson_gamma import NegativeBinomial2, Poisson
from exportmodels.spread.zeros import HurdleCounts, ZeroInflatedCounts

sys.path.insert(0, str(Path(__file__).parents[1]))
from expansions import agree, logistic, nb2

THREE = np.array(([0.4, 1.1, 0.4, 1.1], [-1.5, -0.3, -1.5, -0.3], [0.8, -0.6, -1.4, 2.0]))
COUNTS = np.array([0.0, 0.0, 2.0, 5.0])


def test_zero_inflation_is_a_mixture_of_sure_zeros_and_counts():
    family = ZeroInflatedCounts(NegativeBinomial2())
    sure = [lambda a, b, c: logistic(c) + (1 - logistic(c)) * nb2(0, a, b)] * 2
    others = [lambda a, b, c, k=k: (1 - logistic(c)) * nb2(k, a, b) for k in (2, 5)]
    agree(family.evaluate(COUNTS, THREE), sure + others, THREE)
    check_moments(family, "inflation", [float(logistic(c)) for c in THREE[2]])
    capped = Truncated(NegativeBinomial2(), 0, 6)
    np.testing.assert_allclose(
        ZeroInflatedCounts(capped).mean(THREE), capped.mean(THREE[:2]) * (1 - family.share(THREE)), rtol=1e-13
    )


def test_a_hurdle_is_a_choice_and_counts_above_zero():
    family = HurdleCounts(Truncated(NegativeBinomial2()))
    none = [lambda a, b, c: 1 - logistic(c)] * 2
    others = [lambda a, b, c, k=k: logistic(c) * nb2(k, a, b) / (1 - nb2(0, a, b)) for k in (2, 5)]
    agree(family.evaluate(COUNTS, THREE), none + others, THREE)
    check_moments(family, "participation", [float(logistic(c)) for c in THREE[2]])


def check_moments(family, name, share):
    """Check the share of the binary part, and that probabilities add up to one and to the mean."""
    assert family.predictors == ("log_mean", "log_alpha", name)
    np.testing.assert_allclose(family.share(THREE), share, rtol=1e-14)
    p = np.array([family.probability(k, THREE) for k in range(400)])
    np.testing.assert_allclose(p.sum(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(family.mean(THREE), np.arange(400) @ p, rtol=1e-10)


Y, WEIGHT = np.array([0.0, 0.0, 1.0, 2.0, 6.0, 0.0]), np.array([1.0, 2.0, 1.0, 3.0, 1.0, 0.5])


def test_zeros_start_as_sure_ones_by_half():
    start = ZeroInflatedCounts(NegativeBinomial2()).start(Y, WEIGHT)
    assert logistic(start[2]) == pytest.approx(3.5 / 8.5 / 2)
    half = NegativeBinomial2().start(Y, np.where(Y == 0, WEIGHT / 2, WEIGHT))
    np.testing.assert_allclose(start[:2], half)


def test_a_hurdle_starts_at_the_share_above_zero_and_their_counts():
    start = HurdleCounts(Truncated(NegativeBinomial2())).start(Y, WEIGHT)
    assert logistic(start[2]) == pytest.approx(5 / 8.5)
    np.testing.assert_allclose(start[:2], Truncated(NegativeBinomial2()).start(Y[Y > 0], WEIGHT[Y > 0]))


def test_shares_of_zeros_start_inside():
    inflated, hurdle = ZeroInflatedCounts(Poisson()), HurdleCounts(Truncated(Poisson()))
    few, many, ones = np.arange(1.0, 5), np.r_[np.zeros(999), 3.0], np.ones
    assert logistic(inflated.start(few, ones(4))[1]) == pytest.approx(0.01)
    assert logistic(inflated.start(np.zeros(4), ones(4))[1]) == pytest.approx(0.49)
    assert logistic(hurdle.start(few, ones(4))[1]) == pytest.approx(0.98)
    assert logistic(hurdle.start(many, ones(1000))[1]) == pytest.approx(0.02)


def test_no_counts_above_zero_have_no_start():
    with pytest.raises(OutcomeError, match="every count is 0"):
        HurdleCounts(Truncated(Poisson())).start(np.zeros(4), np.ones(4))
