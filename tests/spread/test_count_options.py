"""What the constructors of count models make of their options: each goes to its place, and does something there."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError
from exportmodels.spread import GeneralizedPoisson, NegativeBinomial, Poisson, ZeroTruncated
from exportmodels.spread.consul import Consul
from exportmodels.spread.families import Between, Truncated
from exportmodels.spread.poisson_gamma import NegativeBinomial2, NegativeBinomialP
from exportmodels.spread.poisson_gamma import Poisson as PoissonCounts

FIRMS = pd.DataFrame(
    {
        "y": [1.0, 3.0, 2.0, 7.0, 1.0, 12.0, 4.0, 2.0, 9.0, 5.0],
        "x": [0.1, 0.4, -0.3, 1.0, -0.2, 0.9, 0.5, -0.1, 1.2, 0.7],
        "z": [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0],
        "upper": [1.0, 3.0, 4.0, np.inf, 1.0, 12.0, 6.0, 2.0, 9.0, 5.0],
        "times": [1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 2.0, 1.0, 1.0],
        "weight": [0.5, 1.0, 1.5, 1.0, 2.0, 0.7, 1.0, 1.0, 0.3, 1.0],
        "exposure": [0.1, 0.0, 0.2, -0.1, 0.3, 0.0, 0.1, 0.0, 0.2, -0.2],
    }
)
MODELS = [Poisson, NegativeBinomial, GeneralizedPoisson, ZeroTruncated]
every_model = pytest.mark.parametrize("model", MODELS)
X = np.column_stack([np.ones(10), FIRMS["x"]])


def build(model, **options):
    return model(FIRMS["y"], X, **options)


@every_model
def test_columns_arrive(model):
    made = build(
        model,
        weights=FIRMS["weight"],
        frequency=FIRMS["times"],
        offset=FIRMS["exposure"],
        upper=FIRMS["upper"],
    )
    sample = made.sample
    np.testing.assert_array_equal(sample.outcome, FIRMS["y"])
    np.testing.assert_array_equal(sample.designs[""].matrix, X)
    np.testing.assert_array_equal(sample.weights, FIRMS["weight"])
    np.testing.assert_array_equal(sample.frequency, FIRMS["times"])
    np.testing.assert_array_equal(sample.offset, FIRMS["exposure"])
    np.testing.assert_array_equal(made.observed(sample), FIRMS[["y", "upper"]])
    assert isinstance(made.family, Between)


@every_model
def test_without_options_nothing_is_assumed(model):
    made = build(model)
    assert (made.sample.weights, made.sample.frequency, made.sample.offset, made.sample.columns) == (
        None,
        None,
        None,
        {},
    )
    assert (made.at_most, made.top_code, list(made.sample.designs)) == (None, None, [""])
    np.testing.assert_array_equal(made.observed(made.sample), FIRMS["y"])
    assert not isinstance(made.family, Between)


@every_model
def test_limits_arrive(model):
    capped = build(model, at_most=20)
    assert isinstance(capped.family, Truncated) and capped.family.most == 20
    coded = build(model, top_code=6)
    assert isinstance(coded.family, Between)
    code = np.where(FIRMS["y"] >= 6, 6, FIRMS["y"])
    np.testing.assert_array_equal(
        coded.observed(coded.sample), np.column_stack([code, np.where(code == 6, np.inf, code)])
    )


@every_model
def test_incomplete_rows_are_dropped_or_refused(model):
    gaps = X.copy()
    gaps[2, 1] = np.nan
    assert model(FIRMS["y"], gaps).sample.missing == 1
    with pytest.raises(DataError, match="missing"):
        model(FIRMS["y"], gaps, missing="raise")


CHOICES = {
    "default": (NegativeBinomial, {}, NegativeBinomial2(), "Negative binomial count model (NB2)"),
    "nb1": (NegativeBinomial, {"form": "nb1"}, NegativeBinomialP(1.0), "Negative binomial count model (NB1)"),
    "nbp": (NegativeBinomial, {"form": "nbp"}, NegativeBinomialP(), "Negative binomial count model (NBP)"),
    "poisson": (Poisson, {}, PoissonCounts(), "Poisson count model"),
    "gp": (GeneralizedPoisson, {}, Consul(2), "Generalized Poisson count model (GP2)"),
    "gp1": (GeneralizedPoisson, {"form": "gp1"}, Consul(1), "Generalized Poisson count model (GP1)"),
    "truncated": (ZeroTruncated, {}, NegativeBinomial2(), "Zero-truncated count model (nb2)"),
    "truncated poisson": (ZeroTruncated, {"dist": "poisson"}, PoissonCounts(), "Zero-truncated count model (poisson)"),
    "truncated gp1": (ZeroTruncated, {"dist": "gp1"}, Consul(1), "Zero-truncated count model (gp1)"),
}


@pytest.mark.parametrize(("model", "options", "counts", "title"), CHOICES.values(), ids=CHOICES)
def test_the_distribution_is_the_one_that_is_named(model, options, counts, title):
    made = build(model, **options)
    assert made.counts == counts and made.title == title
    assert made.family == (Truncated(counts) if model is ZeroTruncated else counts)
    assert {name: getattr(made, name) for name in options} == options
    assert made.quantities["mean"].unit == "export countries"
    assert made.outcome_type.at_least == (1 if model is ZeroTruncated else 0)


def test_default_choices_are_kept_by_name():
    assert (build(NegativeBinomial).form, build(GeneralizedPoisson).form, build(ZeroTruncated).dist) == (
        "nb2",
        "gp2",
        "nb2",
    )


@pytest.mark.parametrize(
    ("model", "option", "value"),
    [(NegativeBinomial, "form", "gp1"), (GeneralizedPoisson, "form", "nb1"), (ZeroTruncated, "dist", "binomial")],
)
def test_unknown_distributions_are_refused_by_the_options_name(model, option, value):
    with pytest.raises(OptionError, match=f"{option} must be"):
        build(model, **{option: value})


@pytest.mark.parametrize(
    ("model", "options", "name"),
    [
        (NegativeBinomial, {}, "log_alpha"),
        (NegativeBinomial, {"form": "nb1"}, "log_alpha"),
        (GeneralizedPoisson, {}, "alpha"),
        (ZeroTruncated, {}, "log_alpha"),
        (ZeroTruncated, {"dist": "gp2"}, "alpha"),
    ],
)
def test_covariates_of_the_dispersion_arrive(model, options, name):
    made = model.from_formula("y ~ x", FIRMS, alpha="z", **options)
    assert made.param_names == ["Intercept", "x", f"[{name}] Intercept", f"[{name}] z"]
    plain = model.from_formula("y ~ x", FIRMS, **options)
    assert plain.param_names == ["Intercept", "x", f"[{name}]"]


def test_there_is_no_dispersion_of_poisson_counts_to_explain():
    with pytest.raises(OptionError, match="alpha= takes covariates"):
        ZeroTruncated.from_formula("y ~ x", FIRMS, alpha="z", dist="poisson")


def test_counts_below_one_are_refused_where_zeros_are_not_seen():
    with pytest.raises(DataError, match="y"):
        ZeroTruncated(FIRMS["y"] - 1, X)


@pytest.mark.parametrize("option", ["at_most", "top_code"])
def test_limits_below_the_counts_that_can_be_are_refused(option):
    with pytest.raises(OptionError, match=option):
        build(ZeroTruncated, **{option: 1})
    with pytest.raises(OptionError, match=option):
        build(Poisson, **{option: 0})
