"""Count models: brackets and ceilings, two parts, rounding, against statsmodels and against each other."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.discrete.count_model import ZeroInflatedNegativeBinomialP, ZeroInflatedPoisson
from statsmodels.discrete.discrete_model import GeneralizedPoisson as PeerGeneralizedPoisson
from statsmodels.discrete.discrete_model import NegativeBinomialP as PeerNegativeBinomialP

from exportmodels.core.errors import ConvergenceError, OptionError, OutcomeError, SeparationError
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
from exportmodels.strategy import Logit


@pytest.fixture(scope="module")
def firms():
    """Counts of 400 firms, over-dispersed, a quarter of them zero for sure. Synthetic."""
    rng = np.random.default_rng(20)
    niche, age = rng.integers(0, 2, 400), rng.normal(20, 8, 400)
    mean = np.exp(0.8 + 0.7 * niche + 0.01 * age)
    counts = np.where(rng.uniform(size=400) < 0.25, 0, rng.poisson(rng.gamma(2, mean / 2)))
    return pd.DataFrame({"countries": counts, "niche": niche, "age": age, "firm": np.arange(400)})


def agree(results, peer, names, rtol=2e-4):
    np.testing.assert_allclose(results.params[names], peer.params, rtol=rtol, atol=1e-5)
    np.testing.assert_allclose(results.bse[names], peer.bse, rtol=2e-3)
    assert results.llf == pytest.approx(peer.llf, abs=1e-6)


@pytest.mark.parametrize(("form", "power"), [("gp1", 0), ("gp2", 1)])
def test_generalized_poisson_agrees_with_statsmodels(firms, form, power):
    exog = sm.add_constant(firms[["niche", "age"]])
    peer = PeerGeneralizedPoisson(firms["countries"], exog, p=power + 1).fit(
        disp=0, method="bfgs", maxiter=500, gtol=1e-9
    )
    results = GeneralizedPoisson.from_formula("countries ~ niche + age", firms, form=form).fit()
    agree(results, peer, ["Intercept", "niche", "age", "[alpha]"])


def test_inflated_counts_agree_with_statsmodels(firms):
    exog = sm.add_constant(firms[["niche", "age"]])
    options = {"disp": 0, "maxiter": 1000, "method": "bfgs", "gtol": 1e-9}
    peer = ZeroInflatedPoisson(firms["countries"], exog, exog_infl=exog[["const", "niche"]]).fit(**options)
    results = ZeroInflated.from_formula("countries ~ niche + age", firms, dist="poisson", inflation="niche").fit()
    names = ["[inflation] Intercept", "[inflation] niche", "Intercept", "niche", "age"]
    np.testing.assert_allclose(results.params[names], peer.params, rtol=2e-4)
    assert results.llf == pytest.approx(peer.llf, abs=1e-6)
    peer = ZeroInflatedNegativeBinomialP(firms["countries"], exog, p=2).fit(**options)
    results = ZeroInflated.from_formula("countries ~ niche + age", firms, inflation="1").fit()
    assert results.llf == pytest.approx(peer.llf, abs=1e-5)
    assert np.exp(results.params["[log_alpha]"]) == pytest.approx(peer.params["alpha"], rel=1e-3)


def test_nbp_lies_between_and_beyond_its_special_cases(firms):
    nb1, nb2, nbp = (
        NegativeBinomial.from_formula("countries ~ niche + age", firms, form=form).fit()
        for form in ("nb1", "nb2", "nbp")
    )
    assert nbp.llf > max(nb1.llf, nb2.llf)
    exog = sm.add_constant(firms[["niche", "age"]])
    peer = PeerNegativeBinomialP(firms["countries"], exog, p=1).fit(disp=0, maxiter=500)
    assert nb1.llf == pytest.approx(peer.llf, abs=1e-6)


def test_a_hurdle_is_a_logit_and_a_truncated_count(firms):
    results = Hurdle.from_formula("countries ~ niche + age", firms, participation="niche").fit()
    exporters = firms[firms["countries"] > 0]
    counts = ZeroTruncated.from_formula("countries ~ niche + age", exporters).fit()
    firms = firms.assign(exporter=(firms["countries"] > 0).astype(int))
    entry = Logit.from_formula("exporter ~ niche", firms).fit()
    np.testing.assert_allclose(results.params[counts.params.index], counts.params, rtol=1e-9)
    np.testing.assert_allclose(results.bse[counts.params.index], counts.bse, rtol=1e-9)
    np.testing.assert_allclose(results.params.filter(like="[part"), entry.params, rtol=1e-9)
    assert results.llf == pytest.approx(counts.llf + entry.llf, rel=1e-12)
    at = pd.DataFrame({"niche": [0, 1], "age": [20, 20]})
    np.testing.assert_allclose(
        results.predict(at),
        results.predict(at, which="participation") * results.predict(at, which="intensive"),
        rtol=1e-12,
    )


def test_brackets_hold_what_exact_counts_say(firms):
    exporters = firms[firms["countries"] > 0].assign(upper=lambda f: f["countries"])
    exact = ZeroTruncated.from_formula("countries ~ niche", exporters).fit()
    degenerate = ZeroTruncated.from_formula("countries ~ niche", exporters, upper="upper").fit()
    np.testing.assert_allclose(degenerate.params, exact.params, rtol=1e-9)
    np.testing.assert_allclose(degenerate.bse, exact.bse, rtol=1e-9)
    brackets = [(1, 1), (2, 5), (6, 10), (11, np.inf)]
    limits = pd.DataFrame([next(b for b in brackets if b[0] <= c <= b[1]) for c in exporters["countries"]])
    told = exporters.assign(countries=limits[0].to_numpy(), upper=limits[1].to_numpy())
    results = ZeroTruncated.from_formula("countries ~ niche", told, upper="upper").fit()
    assert (results.bse > exact.bse).all()
    assert ((results.params - exact.params).abs() < 2 * results.bse).all()


def test_top_codes_are_open_brackets(firms):
    told = firms.assign(countries=firms["countries"].clip(upper=8))
    results = NegativeBinomial.from_formula("countries ~ niche", told, top_code=8).fit()
    upper = np.where(told["countries"] == 8, np.inf, told["countries"])
    same = NegativeBinomial.from_formula("countries ~ niche", told.assign(upper=upper), upper="upper").fit()
    np.testing.assert_allclose(results.params, same.params, rtol=1e-9)
    whole = NegativeBinomial.from_formula("countries ~ niche", firms).fit()
    naive = NegativeBinomial.from_formula("countries ~ niche", told).fit()
    assert abs(results.params["niche"] - whole.params["niche"]) < abs(naive.params["niche"] - whole.params["niche"])


def test_a_ceiling_that_is_never_near_changes_nothing(firms):
    free = Poisson.from_formula("countries ~ niche", firms).fit()
    capped = Poisson.from_formula("countries ~ niche", firms, at_most=200).fit()
    np.testing.assert_allclose(capped.params, free.params, rtol=1e-9)
    tight = Poisson.from_formula("countries ~ niche", firms[firms["countries"] <= 4], at_most=4).fit()
    assert (tight.predict(pd.DataFrame({"niche": [0, 1]})) < 4).all()
    assert tight.predict(pd.DataFrame({"niche": [0, 1]}), which="more_than_10").abs().max() < 1e-12


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"upper": "low"}, OutcomeError, "must not lie below"),
        ({"upper": "half"}, OutcomeError, "whole numbers or infinite"),
        ({"at_most": 3}, OutcomeError, "at most 3"),
        ({"at_most": 0.5}, OptionError, "at_most must be a whole number"),
        ({"top_code": -1}, OptionError, "top_code must be a whole number"),
    ],
)
def test_wrong_limits_are_named(firms, options, error, words):
    frame = firms.assign(low=firms["countries"] - 1, half=firms["countries"] + 0.5)
    with pytest.raises(error, match=words):
        Poisson.from_formula("countries ~ niche", frame, **options)


@pytest.fixture(scope="module")
def heaped():
    """True counts of 3,000 exporters, of whom 30 % round to fives and 15 % to tens. Synthetic."""
    rng = np.random.default_rng(5)
    niche = rng.integers(0, 2, 3000)
    frame = pd.DataFrame({"niche": niche, "countries": np.ones(3000)})
    model = HeapedCount.from_formula("countries ~ niche", frame)
    eta = np.stack(
        [1.8 + 0.8 * niche, np.full(3000, -0.7), np.full(3000, np.log(0.3 / 0.55)), np.full(3000, np.log(0.15 / 0.55))]
    )
    return frame.assign(countries=model.family.draw(eta, rng), exact=model.true_counts.draw(eta[:2], rng))


def test_rounders_are_found_and_the_counts_recovered(heaped):
    results = HeapedCount.from_formula("countries ~ niche", heaped).fit()
    truth = pd.Series(
        {
            "Intercept": 1.8,
            "niche": 0.8,
            "[log_alpha]": -0.7,
            "[round_5]": np.log(0.3 / 0.55),
            "[round_10]": np.log(0.15 / 0.55),
        }
    )
    assert ((results.params - truth).abs() < 3.5 * results.bse).all()
    test = results.heaping_test()
    assert test.pvalue < 1e-10 and test.df == 2
    assert results.predict(which="round_5").iloc[0] == pytest.approx(0.3, abs=0.06)


def test_no_rounding_is_named_or_not_significant(heaped):
    try:
        found = HeapedCount.from_formula("exact ~ niche", heaped, to=(10,)).fit().heaping_test()
        assert found.pvalue > 0.01
    except ConvergenceError as error:
        assert "no rounding to multiples of 10" in str(error)


def test_no_excess_zeros_are_named():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"countries": rng.poisson(1.0, 50), "niche": np.tile([0, 1], 25)})
    frame = frame[frame["countries"] > 0]
    frame.iloc[0, 0] = 0
    with pytest.raises(ConvergenceError, match="no zeros beyond"):
        ZeroInflated.from_formula("countries ~ niche", frame, dist="poisson", inflation="1").fit()


def test_quantities_of_all_count_models_are_probabilities_and_countries(firms, heaped):
    for model in (
        Poisson.from_formula("countries ~ niche", firms),
        ZeroInflated.from_formula("countries ~ niche", firms, inflation="1"),
        Hurdle.from_formula("countries ~ niche", firms),
        HeapedCount.from_formula("countries ~ niche", heaped),
    ):
        results = model.fit()
        for name, quantity in model.quantities.items():
            values = results.predict(pd.DataFrame({"niche": [0, 1]}), which=name)
            assert np.isfinite(values).all()
            if quantity.unit == "probability":
                assert values.between(0, 1).all()
        table = results.findings("niche").table
        assert table["estimate"].notna().all()


def test_poisson_with_top_code_on_dispersed_counts_agrees_with_scipy():
    from scipy.optimize import minimize
    from scipy.stats import poisson

    rng = np.random.default_rng(3)
    x = rng.integers(0, 2, 300)
    y = rng.negative_binomial(1, 1 / (1 + np.exp(1.5 + 1.5 * x)))
    frame = pd.DataFrame({"y": y, "x": x})

    def negative(b):
        m = np.exp(b[0] + b[1] * x)
        return -np.where(y >= 50, poisson.logsf(49, m), poisson.logpmf(y, m)).sum()

    best = minimize(negative, [1.5, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
    for seed_of_order in (None, 1):
        rows = frame if seed_of_order is None else frame.sample(frac=1, random_state=seed_of_order)
        results = Poisson.from_formula("y ~ x", rows, top_code=50).fit()
        np.testing.assert_allclose(results.params, best.x, atol=1e-5)
        assert results.llf == pytest.approx(-best.fun, abs=1e-7)


@pytest.mark.parametrize(
    ("model", "options", "least"),
    [
        (Poisson, {}, 0),
        (Poisson, {"at_most": 30}, 0),
        (NegativeBinomial, {}, 0),
        (NegativeBinomial, {"form": "nb1"}, 0),
        (GeneralizedPoisson, {}, 0),
        (ZeroTruncated, {"dist": "poisson"}, 1),
        (ZeroTruncated, {"dist": "nb2"}, 1),
        (Hurdle, {"dist": "poisson"}, 0),
        (Hurdle, {"participation": "1", "dist": "poisson"}, 0),
        (ZeroInflated, {"dist": "poisson", "inflation": "1"}, 0),
        (ZeroInflated, {"dist": "poisson"}, 0),
    ],
)
def test_a_cell_in_which_all_counts_are_the_least_is_named(model, options, least):
    rng = np.random.default_rng(4)
    counts = np.r_[np.zeros(30), rng.poisson(rng.gamma(1, 3, 60))] + least
    if options.get("participation"):  # the cell's exporters have one country each
        counts[:15] = 1
    frame = pd.DataFrame({"y": counts, "far": np.r_[np.ones(30), np.zeros(60)], "age": rng.normal(20, 5, 90)})
    for rows in (
        frame,
        frame.sample(frac=1, random_state=2),
        pd.concat([frame, frame]),
        frame.assign(age=frame.age * 1e3),
    ):
        with pytest.raises(SeparationError, match=r"'far' \(-\)"):
            model.from_formula("y ~ far + age", rows, **options).fit()


def test_a_cell_in_which_all_counts_are_top_coded_is_named():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"y": np.r_[np.full(20, 70), rng.poisson(4, 60)], "far": np.r_[np.ones(20), np.zeros(60)]})
    with pytest.raises(SeparationError, match=r"'far' \(\+\). All counts are 0, or all are at the upper limit"):
        Poisson.from_formula("y ~ far", frame, top_code=50).fit()


def test_a_cell_without_zeros_is_named_by_the_inflation():
    rng = np.random.default_rng(4)
    counts = np.r_[1 + rng.poisson(2, 40), rng.poisson(3, 80) * rng.integers(0, 2, 80)]
    frame = pd.DataFrame({"y": counts, "far": np.r_[np.ones(40), np.zeros(80)]})
    with pytest.raises(SeparationError, match="No firm has a count of zero"):
        ZeroInflated.from_formula("y ~ far", frame, dist="poisson").fit()


def test_a_mean_that_goes_to_zero_before_truncation_is_named():
    rng = np.random.default_rng(11)
    u = 0.97  # firms at home follow the logarithmic series, the others a distribution with fewer ones
    counts = np.r_[rng.logseries(u, 150), 1 + rng.negative_binomial(1, 0.03, 150)]
    frame = pd.DataFrame({"y": counts, "far": np.repeat([0, 1], 150)})
    for rows in (frame, frame.sample(frac=1, random_state=1), pd.concat([frame, frame], ignore_index=True)):
        with pytest.raises(ConvergenceError, match=r"goes to zero for \d+ of \d+ firms, such as rows .*logarithmic"):
            ZeroTruncated.from_formula("y ~ far", rows, dist="nb1").fit()
    assert ZeroTruncated.from_formula("y ~ far", frame, dist="nb2").fit().converged


def test_inflation_that_goes_to_zero_in_a_cell_is_named():
    rng = np.random.default_rng(2)
    counts = np.r_[
        rng.negative_binomial(6, 0.6, 200), rng.negative_binomial(1, 0.05, 200) * (rng.uniform(size=200) < 0.6)
    ]
    frame = pd.DataFrame({"y": counts, "far": np.repeat([0, 1], 200)})
    assert (counts[:200] == 0).any()
    with pytest.raises(ConvergenceError, match=r"in 200 of 400 firms, such as rows .*inflation='1', or Hurdle"):
        ZeroInflated.from_formula("y ~ far", frame).fit()


@pytest.mark.parametrize("dist", ["poisson", "nb2"])
def test_a_hurdle_without_exporters_says_what_is_missing(dist):
    firms = pd.DataFrame({"countries": [0] * 12, "niche": [0, 1] * 6})
    with pytest.raises(OutcomeError, match=r"every count is 0.*strategy\.Logit"):
        Hurdle.from_formula("countries ~ niche", firms, dist=dist).fit()


@pytest.mark.parametrize("dist", ["binomial", "betabinomial"])
@pytest.mark.parametrize("regions", [0, 8])
def test_regions_that_do_not_vary_are_named(dist, regions):
    firms = pd.DataFrame({"regions": [regions] * 12, "niche": [0, 1] * 6})
    with pytest.raises(SeparationError, match="All counts are 0, or all are 8"):
        Regions.from_formula("regions ~ niche", firms, dist=dist).fit()
