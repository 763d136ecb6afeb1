"""Hurdles, inflated, rounded and bounded counts as models: where options go, what is predicted, rounding tested."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import betabinom, binom, poisson

from exportmodels.core.errors import ConvergenceError, DataError, OptionError, OutcomeError
from exportmodels.inference import boundary_test
from exportmodels.spread import (
    HeapedCount,
    Hurdle,
    NegativeBinomial,
    Poisson,
    Regions,
    ZeroInflated,
    ZeroTruncated,
    region_presence,
)
from exportmodels.spread.consul import Consul
from exportmodels.spread.families import Truncated
from exportmodels.spread.poisson_gamma import NegativeBinomial2
from exportmodels.spread.poisson_gamma import Poisson as PoissonCounts

RNG = np.random.default_rng(15)
N = 160
FIRMS = pd.DataFrame({"x": RNG.normal(size=N), "z": RNG.integers(0, 2, N), "known": RNG.normal(0, 0.3, N)})
FIRMS = FIRMS.assign(w=RNG.uniform(0.5, 2, N), n=RNG.integers(1, 4, N))
TRUE = RNG.poisson(np.exp(1.6 + 0.3 * FIRMS["x"] + FIRMS["known"]))
FIRMS["y"] = np.where(RNG.uniform(size=N) < 0.3, 0, TRUE)
FIRMS["told"] = np.where(RNG.uniform(size=N) < 0.4, np.maximum(5 * np.round(TRUE / 5), np.minimum(TRUE, 2)), TRUE) + 0.0
FIRMS["told"] = np.maximum(FIRMS["told"], 1)
KIND = RNG.choice([1, 3, 5], N, p=[0.7, 0.15, 0.15])
FIRMS["mild"] = np.where(TRUE >= KIND, KIND * np.round(TRUE / KIND), np.maximum(TRUE, 1))
FIRMS["regions"] = RNG.binomial(8, RNG.beta(1.0, 2.0, N))
OPTIONS = {"weights": "w", "frequency": "n", "offset": "known"}
MODELS = {
    Hurdle: ("y", "dist"),
    ZeroInflated: ("y", "dist"),
    HeapedCount: ("told", "dist"),
    Regions: ("regions", "dist"),
}
every_model = pytest.mark.parametrize(("model", "outcome"), [(model, given[0]) for model, given in MODELS.items()])


@every_model
def test_columns_arrive(model, outcome):
    sample = model.from_formula(f"{outcome} ~ x", FIRMS, **OPTIONS).sample
    for role, name in (("outcome", outcome), ("weights", "w"), ("frequency", "n"), ("offset", "known")):
        np.testing.assert_array_equal(getattr(sample, role), FIRMS[name])
    plain = model.from_formula(f"{outcome} ~ x", FIRMS).sample
    assert (plain.weights, plain.frequency, plain.offset) == (None, None, None)


@every_model
def test_incomplete_rows_are_dropped_or_refused(model, outcome):
    gaps = FIRMS.assign(x=FIRMS["x"].where(FIRMS.index != 2))
    assert model.from_formula(f"{outcome} ~ x", gaps).sample.missing == 1
    with pytest.raises(DataError, match="missing"):
        model.from_formula(f"{outcome} ~ x", gaps, missing="raise")


@every_model
def test_unknown_distributions_are_refused(model, outcome):
    with pytest.raises(OptionError, match="dist must be"):
        model.from_formula(f"{outcome} ~ x", FIRMS, dist="normal")


ALPHA = ["[log_alpha]"]
NAMES = {
    "hurdle": (Hurdle, "y", {}, [*ALPHA, "[participation] Intercept", "[participation] x"]),
    "hurdle, constant": (Hurdle, "y", {"participation": "1", "dist": "poisson"}, ["[participation] Intercept"]),
    "hurdle, z": (Hurdle, "y", {"participation": "z", "dist": "gp2", "alpha": "z"},
                  ["[alpha] Intercept", "[alpha] z", "[participation] Intercept", "[participation] z"]),
    "inflated": (ZeroInflated, "y", {}, [*ALPHA, "[inflation] Intercept", "[inflation] x"]),
    "inflated, z": (ZeroInflated, "y", {"inflation": "z", "alpha": "z"},
                    ["[log_alpha] Intercept", "[log_alpha] z", "[inflation] Intercept", "[inflation] z"]),
    "rounded": (HeapedCount, "told", {}, [*ALPHA, "[round_5]", "[round_10]"]),
    "rounded to tens": (HeapedCount, "told", {"to": (10,), "alpha": "z"},
                        ["[log_alpha] Intercept", "[log_alpha] z", "[round_10]"]),
    "regions": (Regions, "regions", {}, ["[log_precision]"]),
    "regions, z": (Regions, "regions", {"precision": "z"}, ["[log_precision] Intercept", "[log_precision] z"]),
    "binomial regions": (Regions, "regions", {"dist": "binomial"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("model", "outcome", "options", "more"), NAMES.values(), ids=NAMES)
def test_covariates_of_all_parts_arrive(model, outcome, options, more):
    made = model.from_formula(f"{outcome} ~ x", FIRMS, **options)
    assert made.param_names == ["Intercept", "x", *more]
    dist = options.get("dist", "betabinomial" if model is Regions else "nb2")
    assert made.dist == dist and dist in made.title
    assert [name for name in ("participation", "inflation") if name in made.sample.designs] == [
        name for name in ("participation", "inflation") if any(name in one for one in more)
    ]


def test_distributions_are_those_that_are_named():
    assert Hurdle.from_formula("y ~ x", FIRMS).counts.base == Truncated(NegativeBinomial2())
    assert ZeroInflated.from_formula("y ~ x", FIRMS, dist="poisson").counts.base == PoissonCounts()
    assert HeapedCount.from_formula("told ~ x", FIRMS, dist="gp1").true_counts == Truncated(Consul(1))
    whole = HeapedCount.from_formula("y ~ x", FIRMS, truncated=False)
    assert whole.true_counts == NegativeBinomial2() and whole.outcome_type.at_least == 0
    with pytest.raises(OutcomeError):
        HeapedCount.from_formula("y ~ x", FIRMS)
    for model, outcome in ((Hurdle, "y"), (ZeroInflated, "y"), (HeapedCount, "told")):
        with pytest.raises(OptionError, match="alpha= takes covariates"):
            model.from_formula(f"{outcome} ~ x", FIRMS, dist="poisson", alpha="z")
    for to in ((), (1,), (5, 5)):
        with pytest.raises(OptionError, match="to must hold different whole numbers"):
            HeapedCount.from_formula("told ~ x", FIRMS, to=to)


X = np.column_stack([np.ones(N), FIRMS["x"]])
MU = np.exp(X @ [1.2, 0.4])


def predicted(made, theta, quantity):
    return made.quantities[quantity].rows(np.array(theta), made.design_matrices())


def test_what_a_hurdle_predicts():
    made = Hurdle.from_formula("y ~ x", FIRMS, dist="poisson", participation="z")
    theta = [1.2, 0.4, -0.3, 0.8]
    p, seen = expit(-0.3 + 0.8 * FIRMS["z"]), 1 - np.exp(-MU)
    np.testing.assert_allclose(predicted(made, theta, "participation"), p)
    np.testing.assert_allclose(predicted(made, theta, "intensive"), MU / seen)
    np.testing.assert_allclose(predicted(made, theta, "mean"), p * MU / seen)
    np.testing.assert_allclose(predicted(made, theta, "single"), p * MU * np.exp(-MU) / seen)
    np.testing.assert_allclose(predicted(made, theta, "more_than_10"), p * poisson.sf(10, MU) / seen, atol=1e-14)


def test_what_inflated_counts_predict():
    made = ZeroInflated.from_formula("y ~ x", FIRMS, dist="poisson", inflation="z")
    theta, never = [1.2, 0.4, -0.3, 0.8], expit(-0.3 + 0.8 * FIRMS["z"])
    np.testing.assert_allclose(predicted(made, theta, "never"), never)
    np.testing.assert_allclose(predicted(made, theta, "mean"), (1 - never) * MU)
    np.testing.assert_allclose(predicted(made, theta, "single"), (1 - never) * MU * np.exp(-MU))


def test_what_rounded_counts_predict():
    made = HeapedCount.from_formula("told ~ x", FIRMS, dist="poisson")
    theta, odds = [1.2, 0.4, -0.5, 0.2], np.exp([-0.5, 0.2])
    np.testing.assert_allclose(predicted(made, theta, "round_5"), odds[0] / (1 + odds.sum()))
    np.testing.assert_allclose(predicted(made, theta, "round_10"), odds[1] / (1 + odds.sum()))
    np.testing.assert_allclose(predicted(made, theta, "mean"), MU / (1 - np.exp(-MU)))
    np.testing.assert_allclose(predicted(made, theta, "single"), MU / np.expm1(MU))


@pytest.mark.parametrize("out_of", [8, 5, 2])
def test_what_regions_predict(out_of):
    data = FIRMS.assign(regions=np.minimum(FIRMS["regions"], out_of))
    share, half = expit(X @ [-0.4, 0.5]), out_of // 2
    made = Regions.from_formula("regions ~ x", data, dist="binomial", out_of=out_of)
    assert made.outcome_type.at_most == out_of
    law, theta = binom(out_of, share), [-0.4, 0.5]
    for _ in range(2):
        np.testing.assert_allclose(predicted(made, theta, "mean"), out_of * share)
        np.testing.assert_allclose(predicted(made, theta, "single"), law.pmf(1))
        np.testing.assert_allclose(predicted(made, theta, "more_than_half"), law.sf(half), atol=1e-14)
        made = Regions.from_formula("regions ~ x", data, out_of=out_of)
        law, theta = betabinom(out_of, 3 * share, 3 * (1 - share)), [-0.4, 0.5, np.log(3)]
    for wrong in (1, 10_001):
        with pytest.raises(OptionError, match="out_of"):
            Regions.from_formula("regions ~ x", FIRMS, out_of=wrong)


def answered(k, y, to):
    """Return the chance that someone who rounds to multiples of `to` answers each of `y` to a true count of k."""
    below, rest = divmod(k, to)
    chances = {below: float(2 * rest <= to), below + 1: float(2 * rest >= to)}
    return sum((y == (to * answer or k)) * chance / sum(chances.values()) for answer, chance in chances.items())


@pytest.mark.parametrize("to", [(5, 10), (4,), (3, 5)])
@pytest.mark.parametrize("truncated", [True, False])
def test_rounding_is_tested_by_a_ratio_on_the_boundary(truncated, to):
    options = {"dist": "poisson", "frequency": "n", "offset": "known"}
    made = HeapedCount.from_formula("told ~ x", FIRMS, truncated=truncated, to=to, **options)
    if truncated:
        exact = ZeroTruncated.from_formula("told ~ x", FIRMS, **options).fit()
    else:
        exact = Poisson.from_formula("told ~ x", FIRMS, frequency="n", offset="known").fit()
    mu, y = np.exp(exact.model.predictors(exact.params.to_numpy(), exact.model.design_matrices())[0]), FIRMS["told"]
    score = y - mu / (1 - np.exp(-mu) if truncated else 1.0)
    ways = [sum(answered(k, y, h) * poisson.pmf(k, mu) for k in range(1, 80)) for h in to]
    scores = np.column_stack([score, score * FIRMS["x"], *(way / poisson.pmf(y, mu) - 1 for way in ways)])
    covariance = np.linalg.inv((scores * FIRMS["n"].to_numpy()[:, None]).T @ scores)[2:, 2:]
    problem = made.without_rounding().problem(made.sample)
    np.testing.assert_allclose(made.shares_at_null(problem, exact.certificate), covariance, rtol=1e-5)


def test_the_ratio_and_its_p_value(monkeypatch):
    made = HeapedCount.from_formula("mild ~ x", FIRMS, dist="poisson", offset="known", to=(3, 5))
    exact = ZeroTruncated.from_formula("mild ~ x", FIRMS, dist="poisson", offset="known").fit()
    fit = made.fit()
    statistic = 2 * (fit.llf - exact.llf)
    covariance = made.shares_at_null(made.without_rounding().problem(made.sample), exact.certificate)
    for options in ({}, {"draws": 400, "seed": 2}, {"draws": 300, "seed": 2}, {"draws": 400, "seed": 3}):
        if options:  # of three kinds the distribution is simulated
            covariance = np.eye(3) + 0.4
            monkeypatch.setattr(HeapedCount, "shares_at_null", lambda *_: np.eye(3) + 0.4)
        expected = boundary_test("no rounding", statistic, covariance, **({"draws": 20_000, "seed": 0} | options))
        test = fit.heaping_test(**options)
        assert (test.name, test.statistic) == (expected.name, pytest.approx(statistic, rel=1e-8))
        assert 1e-9 < test.pvalue == pytest.approx(expected.pvalue, rel=1e-6)
    with pytest.raises(OptionError, match="sampling weights"):
        HeapedCount.from_formula("told ~ x", FIRMS, dist="poisson", weights="w").fit().heaping_test()


def test_upper_limits_are_whole_numbers_of_any_type_above_the_counts():
    upper = FIRMS["y"] + np.arange(N) % 3
    for given in (upper.astype("Int64"), upper.astype(object), upper.tolist()):
        made = Poisson(FIRMS["y"], X, upper=given)
        found = made.observed(made.sample)
        assert found.dtype == float
        np.testing.assert_array_equal(found, np.column_stack([FIRMS["y"], upper]))
    most = int(upper.max())
    assert Poisson(FIRMS["y"], X, upper=upper, at_most=most).at_most == most
    far = FIRMS["y"] + 10_000.0
    assert Poisson(FIRMS["y"], X, upper=far).at_most is None
    for wrong, options, words in (
        (upper + 0.5, {}, "'?upper'? must be whole numbers or infinite"),
        (FIRMS["y"] - 1.0, {}, "'?upper'? must not lie below the outcome"),
        (far + 1, {}, "'?upper'? must be infinite where it is more than 10000 above"),
        (upper + 1, {"at_most": most}, f"'?upper'? must be at most {most}, which at_most says"),
    ):
        with pytest.raises(OutcomeError, match=words):
            Poisson(FIRMS["y"], X, upper=wrong, **options)


def test_inflated_counts_without_over_dispersion_are_named():
    rng = np.random.default_rng(1)
    counts = np.where(rng.uniform(size=400) < 0.3, 0, rng.binomial(8, 0.5, 400))
    with pytest.raises(ConvergenceError, match="shows no over-dispersion"):
        ZeroInflated(counts, np.ones((400, 1)), dist="nb2").fit()


def test_which_models_contain_which():
    poisson_fit, wide = Poisson.from_formula("y ~ x", FIRMS), NegativeBinomial.from_formula("y ~ x", FIRMS)
    inflated = ZeroInflated.from_formula("y ~ x", FIRMS, dist="poisson", inflation="1")
    hurdle = Hurdle.from_formula("y ~ x", FIRMS, dist="poisson", participation="1")
    assert wide.beyond(poisson_fit) == ("log_alpha",) and poisson_fit.beyond(wide) == ()
    assert inflated.beyond(poisson_fit) == ("inflation",) and hurdle.beyond(poisson_fit) == ()
    assert wide.beyond(Poisson.from_formula("y ~ x + z", FIRMS)) == ()
    assert wide.beyond(NegativeBinomial.from_formula("y ~ x", FIRMS)) == ()
    assert inflated.beyond(Hurdle.from_formula("y ~ x", FIRMS, dist="poisson")) == ()
    assert wide.beyond(Regions.from_formula("regions ~ x", FIRMS)) == ()
    told = ZeroTruncated.from_formula("told ~ x", FIRMS, dist="poisson")
    heaped = HeapedCount.from_formula("told ~ x", FIRMS, dist="poisson")
    assert heaped.beyond(told) == ("round_5", "round_10") and wide.beyond(told) == ()


def test_regions_one_by_one():
    firms = pd.DataFrame({"name": ["p", "q"], "size": [3, 9], "to_asia": [1, 0], "to_africa": [0.0, np.nan]})
    firms.attrs["source"] = "made up"
    found = region_presence(firms, prefix="to_", firm="name")
    assert list(found.columns) == ["name", "size", "region", "present"] and found.attrs == {"source": "made up"}
    assert list(found["region"].cat.categories) == ["asia", "africa"]
    assert found["name"].tolist() == ["p", "q"] * 2 and found["size"].tolist() == [3, 9] * 2
    np.testing.assert_array_equal(found["present"], [1, 0, 0, np.nan])
    unnamed = region_presence(firms.rename(columns={"to_asia": "export_asia"}).set_index(pd.Index([7, 4])))
    assert unnamed["firm"].tolist() == [7, 4] and list(unnamed["region"].cat.categories) == ["asia"]
    with pytest.raises(DataError, match=r"no column begins with 'via_'; there are: name"):
        region_presence(firms, prefix="via_")
    for name in ("present", "region"):
        with pytest.raises(DataError, match=f"has a column '{name}' already"):
            region_presence(firms.assign(**{name: 1}), prefix="to_")
    with pytest.raises(DataError, match="column 'to_asia'"):
        region_presence(firms.assign(to_asia=["yes", "no"]), prefix="to_")
