"""Shares and effects of choices from sets, one alternative at a time by hand; what is said of sets and of nests."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from exportmodels.core.errors import DataError
from exportmodels.strategy import ConditionalLogit, NestedLogit

RNG = np.random.default_rng(12)
FIRMS = 40


def world():
    firm = np.repeat(np.arange(FIRMS), 4)
    data = pd.DataFrame({"firm": firm, "country": np.tile(["be", "nl", "cn", "jp"], FIRMS)})
    data = data.assign(cost=RNG.normal(2, 1, len(data)), near=RNG.integers(0, 2, len(data)))
    data = data.assign(route=RNG.choice(["road", "sea", "air"], len(data)), known=RNG.normal(0, 0.4, len(data)))
    data = data.assign(w=RNG.uniform(0.5, 2, FIRMS)[firm], copies=RNG.integers(1, 4, FIRMS)[firm])
    data["region"] = data["country"].map({"be": "close", "nl": "close", "cn": "far", "jp": "far"})
    utility = 0.8 * data["near"] - 0.5 * data["cost"] + data["known"] + RNG.gumbel(size=len(data))
    data["first"] = (utility == utility.groupby(firm).transform("max")).astype(int)
    return data[RNG.uniform(size=len(data)) < 0.9 + data["first"]].sample(frac=1, random_state=3)


DATA = world()
FORMULA = "first ~ cost + near + route"
WEIGHTS = {"weights": "w", "frequency": "copies"}


def design(data):
    road, sea = (data["route"] == route for route in ("road", "sea"))
    return np.column_stack([road, sea, data["cost"], data["near"]]).astype(float)


def together(data, *columns):
    """Return which rows share a set, or a nest of a set, with each row."""
    return np.logical_and.reduce([np.equal.outer(*[data[name].to_numpy()] * 2) for name in columns]).astype(float)


def conditional(theta, x, data=DATA):
    odds = np.exp(x @ theta + data["known"].to_numpy())
    return odds / (together(data, "firm") @ odds)


def nested(theta, x, data=DATA):
    scale = np.where(data["region"] == "close", theta[4], theta[5])
    nest, value = together(data, "firm", "region"), np.exp(x @ theta[:4] / scale)
    inside = nest @ value
    total = together(data, "firm") @ (inside**scale / nest.sum(axis=1))
    return value / inside * inside**scale / total


CASES = {
    "conditional": (ConditionalLogit, {"offset": "known"}, conditional),
    "nested": (NestedLogit, {"nest": "region"}, nested),
}


def moved(shares, theta, before, after):
    """Return each alternative's change of probability when it alone goes from one design to another."""
    x, change = design(DATA), np.empty(len(DATA))
    for country in set(DATA["country"]):  # one alternative of every set at a time
        own = (DATA["country"] == country).to_numpy()
        low, high = (shares(theta, np.where(own[:, None], matrix, x)) for matrix in (before, after))
        change[own] = (high - low)[own]
    return change


@pytest.fixture(params=CASES)
def case(request):
    estimator, options, shares = CASES[request.param]
    options = {"choice_set": "firm", "alternative": "country"} | options | WEIGHTS
    return estimator.from_formula(FORMULA, DATA, **options).fit(), shares


def test_shares(case):
    results, shares = case
    np.testing.assert_allclose(results.predict(), shares(results.params.to_numpy(), design(DATA)), rtol=1e-10)
    some = DATA[DATA["firm"] < 9]
    if results.model.sample.offset is None:
        for rows in (some, some.assign(firm=some["firm"] + 1000)):  # firms of the fit, and others
            found = results.predict(rows)
            np.testing.assert_allclose(found, shares(results.params.to_numpy(), design(some), some), rtol=1e-10)


def test_the_share_of_an_alternative_is_that_of_its_rows(case):
    results, shares = case
    model, weight = results.model, (DATA["w"] * DATA["copies"]).to_numpy()
    found = model.quantities["shares"].average(results.params.to_numpy(), model.design_matrices(), weight)
    each = pd.Series(weight * shares(results.params.to_numpy(), design(DATA))).groupby(DATA["country"].to_numpy()).sum()
    np.testing.assert_allclose(found, (each / each.sum())[list(model.alternatives.names)], rtol=1e-9)


def test_effects_of_own_attributes_are_averages_over_alternatives(case):
    results, shares = case
    weight = (DATA["w"] * DATA["copies"]).to_numpy()
    x = design(DATA)
    table = results.effects(alpha=0.2)
    pd.testing.assert_frame_equal(table, results.effects(which="probability", alpha=0.2))
    columns = {"near": 3, "route=road": 0}
    for name, column in columns.items():
        before, after = x.copy(), x.copy()
        before[:, column], after[:, column] = 0.0, 1.0
        if column == 0:
            before[:, 1] = after[:, 1] = 0.0
        average = lambda theta, b=before, a=after: np.average(moved(shares, theta, b, a), weights=weight)  # noqa: E731
        theta = results.params.to_numpy()
        assert table.loc[name, "estimate"] == pytest.approx(average(theta), rel=1e-9)
        if name == "near":
            steps = 1e-4 * np.eye(len(theta))
            slope = np.array([(average(theta + step) - average(theta - step)) / 2e-4 for step in steps])
            error = np.sqrt(slope @ results.cov_params().to_numpy() @ slope)
            assert table.loc[name, "se"] == pytest.approx(error, rel=1e-6)
            assert table.loc[name, "upper"] == pytest.approx(average(theta) + ndtri(0.9) * error, rel=1e-6)
    step = 1e-4 * np.eye(4)[2]
    slope = moved(shares, results.params.to_numpy(), x - step, x + step) / 2e-4
    assert table.loc["cost", "estimate"] == pytest.approx(np.average(slope, weights=weight), rel=1e-6)


def test_coefficients_and_what_is_counted(case):
    results, _ = case
    own = ["route[T.road]", "route[T.sea]", "cost", "near"]
    names = list(results.params.index)
    assert names[:4] == own and names[4:] in ([], ["[dissimilarity] close", "[dissimilarity] far"])
    assert [results.model.ancillary(name) for name in names] == [False] * 4 + [True] * (len(names) - 4)
    assert results.nobs == DATA.groupby("firm")["copies"].first().sum()


def test_a_share_of_all_choices_is_that_of_its_picks():
    options = {"choice_set": "firm", "alternative": "country"} | WEIGHTS
    dummies = DATA.assign(**{name: (DATA["country"] == name).astype(float) for name in ("nl", "cn", "jp")})
    results = ConditionalLogit.from_formula("first ~ cost + nl + cn + jp", dummies, **options).fit()
    model, weight = results.model, (DATA["w"] * DATA["copies"])
    shares = model.quantities["shares"].average(results.params.to_numpy(), model.design_matrices(), weight.to_numpy())
    picked = (weight * DATA["first"]).groupby(DATA["country"]).sum() / (weight * DATA["first"]).sum()
    np.testing.assert_allclose(shares, picked[list(model.alternatives.names)], rtol=1e-8)


@pytest.mark.parametrize("silent", [0, 1, 3])
def test_sets_that_say_nothing_are_counted(silent):
    none, every = (DATA["firm"] < silent) & (DATA["firm"] > 0), (DATA["firm"] == 0) & (silent > 0)
    data = DATA.assign(first=np.where(none, 0, np.where(every, 1, DATA["first"])))
    notes = ConditionalLogit.from_formula("first ~ cost", data, choice_set="firm").fit().notes
    said = f"{silent} of {FIRMS} choice sets say nothing: all or none of their alternatives are picked"
    assert notes == ([said] if silent else [])


@pytest.mark.parametrize("opposed", ["", "a", "ab"])
def test_nests_that_no_maximizing_firm_would_make_are_named(opposed):
    rng = np.random.default_rng(2)
    chance = rng.uniform(size=(80, 2))
    other = [1 - chance[:, k] if nest in opposed else chance[:, k] for k, nest in enumerate("ab")]
    cost = rng.uniform(0, 2, (80, 4))
    utility = -np.log(-np.log(np.column_stack([chance[:, 0], other[0], chance[:, 1], other[1]]))) - cost
    frame = pd.DataFrame({"firm": np.repeat(np.arange(80), 4), "cost": cost.ravel(), "nest": list("aabb") * 80})
    frame["first"] = (utility == utility.max(axis=1)[:, None]).ravel().astype(int)
    results = NestedLogit.from_formula("first ~ cost", frame, choice_set="firm", nest="nest").fit()
    assert "".join(name[-1] for name in results.params.index[1:] if results.params[name] > 1) == opposed
    said = f"dissimilarity above one in {', '.join(opposed)}: not what firms that maximize would do; try other nests"
    assert results.notes == ([said] if opposed else [])


def test_whole_sets_are_left_out_drawn_and_clustered():
    make = lambda data: ConditionalLogit.from_formula("first ~ cost", data, choice_set="firm")  # noqa: E731
    model = make(DATA)
    left = np.array([make(DATA[DATA["firm"] != firm]).fit().params for firm in range(FIRMS)])
    apart = left - left.mean(axis=0)
    np.testing.assert_allclose(model.fit("jackknife").cov_params(), (1 - 1 / FIRMS) * apart.T @ apart, rtol=1e-5)
    assert model.fit("bootstrap", replications=20).covariance.clusters == FIRMS
    sector = DATA["firm"] % 7
    problem, fit = model.problem(model.sample), model.fit(clusters=sector, debiased=False)
    total = pd.DataFrame(problem.scores(fit.certificate.theta)).groupby(sector.to_numpy()).sum()
    bread = np.linalg.inv(fit.certificate.information)
    expected = problem.back @ bread @ total.T @ total @ bread @ problem.back.T
    np.testing.assert_allclose(fit.cov_params(), expected, rtol=1e-6)
    named = make(DATA.assign(sector=sector)).fit(clusters="sector", debiased=False)
    np.testing.assert_allclose(named.cov_params(), expected, rtol=1e-6)


@pytest.mark.parametrize("estimator", [ConditionalLogit, NestedLogit])
def test_incomplete_rows_leave_their_sets_or_are_refused(estimator):
    options = {"choice_set": "firm"} | ({"nest": "region"} if estimator is NestedLogit else {})
    unknown = DATA.assign(cost=DATA["cost"].where((DATA["firm"] != 3) | (DATA["first"] == 1)))
    kept = estimator.from_formula("first ~ cost", unknown, **options).fit()
    whole = estimator.from_formula("first ~ cost", unknown.dropna(), **options).fit()
    np.testing.assert_allclose(kept.params, whole.params, rtol=1e-9)
    with pytest.raises(DataError, match="values are missing in rows"):
        estimator.from_formula("first ~ cost", unknown, missing="raise", **options)


@pytest.mark.parametrize("unit", [1e-14, 1e8])
def test_attributes_may_have_any_unit(unit):
    data = DATA.assign(tiny=DATA["near"] * unit, alike=np.pi * 1e8 * unit * (1 + DATA["firm"] % 3))
    plain = ConditionalLogit.from_formula("first ~ cost + near", data, choice_set="firm").fit()
    scaled = ConditionalLogit.from_formula("first ~ cost + tiny", data, choice_set="firm").fit()
    assert scaled.params["tiny"] * unit == pytest.approx(plain.params["near"], rel=1e-9)
    with pytest.raises(DataError, match="'alike' is the same for all alternatives"):
        ConditionalLogit.from_formula("first ~ cost + alike", data, choice_set="firm")
