"""Count models beside the report's figures (26 and 27, page 5.8), and the limits that parts of a distribution go to."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError
from exportmodels.spread import (
    GeneralizedPoisson,
    HeapedCount,
    Hurdle,
    NegativeBinomial,
    Poisson,
    Regions,
    ZeroInflated,
    ZeroTruncated,
)

RNG = np.random.default_rng(4)
EVEN = pd.DataFrame({"y": 1.0 + RNG.poisson(6.0, 300), "x": RNG.normal(size=300)})
MANY = {"mean": [34.0, 6.0], "single": [0.0, 0.3], "more_than_10": [0.64, None]}
FIGURES = {
    "poisson": (Poisson.from_formula("y ~ x", EVEN), MANY),
    "hurdle": (Hurdle.from_formula("y ~ x", EVEN), MANY | {"intensive": [34.0, 6.0]}),
    "rounded": (HeapedCount.from_formula("y ~ x", EVEN), MANY),
    "regions": (Regions.from_formula("y ~ x", EVEN, out_of=40), {"mean": [4.5, 1.7]}),
}


@pytest.mark.parametrize(("made", "figures"), FIGURES.values(), ids=FIGURES)
def test_quantities_stand_beside_the_figures_of_the_report(made, figures):
    for name, values in figures.items():
        found = [made.quantities[name].published("niche", niche, "") for niche in (1, 0)]
        assert [None if one is None else one.value for one in found] == values


@pytest.mark.parametrize(
    ("to", "instead"), [((10,), "ZeroTruncated or NegativeBinomial"), ((4, 10), r"to=\(4,\)"), ((10, 3), r"to=\(3,\)")]
)
def test_rounding_that_nobody_does_is_named(to, instead):
    rest = [h for h in to if h != 10]
    told = EVEN["y"]
    for h in rest:
        told = np.where(np.arange(300) % 4 == 0, np.maximum(h * np.round(told / h), 1), told)
    told = np.where(np.asarray(told) == 10, 9, told)  # and nobody says ten
    with pytest.raises(
        ConvergenceError, match=f"no rounding to multiples of 10: its share goes to zero; use {instead}$"
    ):
        HeapedCount(told, np.ones((300, 1)), to=to, dist="poisson").fit()


def test_rounding_that_leaves_nobody_exact_is_named():
    true = RNG.poisson(12.0, 300) + 1.0
    told = np.where(true >= 5, 10 * np.round(true / 10 + 1e-9), true)
    with pytest.raises(
        ConvergenceError, match="nobody who is exact: the share who round to multiples of 10 goes to one"
    ):
        HeapedCount(told, np.ones((300, 1)), to=(10,), dist="poisson").fit()


def test_a_generalized_poisson_mean_without_end_is_named():
    wild = pd.DataFrame(
        {
            "y": [40, 1, 20, 7, 40, 1, 1, 0, 7, 0, 0, 0, 13, 20],
            "near": [3, 0, 0, 4, 4, 6, 1, 6, 6, 5, 4, 2, 0, 3],
            "size": [13.9375, 8.25, 11.0625, 0, 12.875, 12.625, 1.6875, 1.5, 13.875, 11.75, 14.1875, 6, 13.875, 5.9375],
        }
    )
    with pytest.raises(ConvergenceError, match=r"the mean goes to infinity for .* firms, such as rows"):
        GeneralizedPoisson.from_formula("y ~ near + size", wild).fit()


def test_pairs_may_be_what_is_rounded_to():
    told = np.where(np.arange(300) % 3 == 0, 2 * np.round(EVEN["y"] / 2), EVEN["y"])
    assert HeapedCount(told, np.ones((300, 1)), to=(2,), dist="poisson").fit().converged


COUNTS = RNG.binomial(8, 0.5, 400)


@pytest.mark.parametrize(
    ("estimator", "outcome"),
    [
        (NegativeBinomial, COUNTS),
        (ZeroTruncated, np.maximum(COUNTS, 1)),
        (ZeroInflated, np.where(np.arange(400) % 3 == 0, 0, COUNTS)),
        (Hurdle, np.where(np.arange(400) % 3 == 0, 0, COUNTS)),
    ],
)
def test_counts_without_over_dispersion_are_named(estimator, outcome):
    with pytest.raises(ConvergenceError, match=r"shows no over-dispersion, so alpha goes to zero"):
        estimator(outcome, np.ones((400, 1))).fit()


def test_counts_of_ones_and_of_very_many_are_named():
    wild = np.r_[np.ones(60), 2, 2, 40, 400]
    with pytest.raises(ConvergenceError, match=r"so dispersed that alpha goes to infinity"):
        ZeroTruncated(wild, np.ones((64, 1))).fit()
