"""Split populations by hand: the likelihood in whole years, where climbs start, what is said of years and shares."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import gamma

from exportmodels.core.design import Design
from exportmodels.core.errors import OptionError
from exportmodels.timing import AFT, DiscreteHazard, SplitPopulation
from exportmodels.timing.latencies import WEIBULL
from exportmodels.timing.split_latency import SplitLatency
from exportmodels.timing.split_starts import starting_values

N = 200
RNG = np.random.default_rng(31)
FIRMS = pd.DataFrame({"niche": RNG.integers(0, 2, N), "size": RNG.normal(3, 2, N)})
EVER = RNG.random(N) < 1 / (1 + np.exp(-(0.3 + 0.4 * (FIRMS["size"] - 3))))
WAITED = np.where(EVER, RNG.exponential(2.5 * np.exp(-0.4 * FIRMS["niche"])), np.inf)
SEEN = RNG.uniform(3, 14, N)
FIRMS["time"], FIRMS["moved"] = np.minimum(WAITED, SEEN), (WAITED <= SEEN) * 1
FIRMS["since"] = np.where(np.arange(N) % 4 == 0, FIRMS["time"] / 2, 0.0)
FIRMS["years"], FIRMS["first"] = np.floor(FIRMS["time"]).astype(int), np.floor(FIRMS["since"]).astype(int)
FIRMS["w"], FIRMS["copies"] = RNG.uniform(0.5, 2, N), RNG.integers(1, 3, N)
WEIGHT = (FIRMS["w"] * FIRMS["copies"]).to_numpy()
YEARS = {"event": "moved", "incidence": "size", "dist": "discrete", "baseline": "linear"}
TIMES = {"event": "moved", "incidence": "size", "dist": "weibull"}
# level and slope of the log-hazard of a year, effect of niche; log-odds of ever having the event
OWN = np.array([-1.3, 0.05, 0.4, 0.2, 0.3])


def years_of(data=FIRMS, **options):
    return SplitPopulation.from_formula("years ~ niche", data, **YEARS | options)


def times_of(data=FIRMS, **options):
    return SplitPopulation.from_formula("time ~ niche", data, **TIMES | options)


def curve(niche, size, years, own=OWN):
    """The share without the event after each year, of those that ever have it and of all."""
    hazard = np.exp(own[0] + own[1] * np.arange(years) + own[2] * niche)
    ever = 1 / (1 + np.exp(-own[3] - own[4] * size))
    latent = np.exp(-np.cumsum(hazard))
    return latent, 1 - ever + ever * latent, ever


def loglike(own, data, weight):
    total = 0.0
    for row, w in zip(data.itertuples(), weight, strict=True):
        share = np.r_[1.0, curve(row.niche, row.size, row.years + 1, own)[1]]
        end = share[row.years] - share[row.years + 1] if row.moved else share[row.years + 1]
        total += w * np.log(end / share[row.first])
    return total


@pytest.mark.parametrize("drift", [None, 1e-5], ids=["one covariate", "nearly collinear"])
@pytest.mark.parametrize("late", [True, False], ids=["late", "early"])
def test_likelihood_in_whole_years(late, drift):
    data = FIRMS.assign(first=lambda d: d["first"] * late)
    options = {"entry": "first"} if late else {}
    terms, own = "niche", OWN
    if drift is not None:
        data["near"] = data["niche"] + drift * np.random.default_rng(3).normal(size=N)
        terms, own = "niche + near", np.insert(OWN, 3, 0.0)
    model = SplitPopulation.from_formula(f"years ~ {terms}", data, weights="w", frequency="copies", **YEARS | options)
    assert model.sample.designs[""].standardized.tame == (drift is None)
    problem = model.problem(model.sample)
    exact = loglike(OWN, data, WEIGHT)
    assert problem.objective.evaluate(np.linalg.solve(problem.back, own))[0] == pytest.approx(exact, rel=1e-9)
    assert problem.scores(problem.start).shape == (N, len(own))


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_the_climb_in_whole_years_starts_from_faster_firms_half_of_the_others_immune(weighted):
    options = {"weights": "w", "frequency": "copies"} if weighted else {}
    model = years_of(**options)
    problem = model.problem(model.sample)
    start = problem.back @ problem.start
    plain = DiscreteHazard.from_formula("years ~ niche", FIRMS, event="moved", baseline="linear", **options).fit(
        "robust"
    )
    np.testing.assert_allclose(start[:3], plain.params + np.array([np.log(2), 0, 0]), rtol=1e-6)
    moved = np.average(FIRMS["moved"], weights=WEIGHT if weighted else None)
    np.testing.assert_allclose(start[3:], [np.log((1 + moved) / (1 - moved)), 0], rtol=1e-9, atol=1e-12)
    one = years_of(incidence=None)
    alone = one.problem(one.sample)
    assert (alone.back @ alone.start)[-1] == pytest.approx(
        np.log((1 + FIRMS["moved"].mean()) / (1 - FIRMS["moved"].mean()))
    )


def test_if_nobody_is_cut_off_the_climb_starts_from_a_few_immune_firms():
    model = years_of(FIRMS.assign(moved=1), incidence=None)
    problem = model.problem(model.sample)
    assert (problem.back @ problem.start)[-1] == pytest.approx(np.log(0.99 / 0.01))


def test_what_is_said_in_whole_years():
    model, rows = years_of(), FIRMS.head(8)
    designs = model.design_matrices(rows)
    last = int(FIRMS["years"].max()) + 1
    horizon = int(FIRMS.loc[FIRMS["moved"] == 1, "years"].max())
    exact = [curve(row.niche, row.size, last) for row in rows.itertuples()]

    def said(name):
        return model.quantity(name).rows(OWN, designs)

    np.testing.assert_allclose(said("survival"), [share for _, share, _ in exact], rtol=1e-11)
    before = [np.r_[1.0, share[:-1]] for _, share, _ in exact]
    hazard = [1 - share / past for (_, share, _), past in zip(exact, before, strict=True)]
    np.testing.assert_allclose(said("hazard"), hazard, rtol=1e-9)
    np.testing.assert_allclose(said("ever"), [ever for _, _, ever in exact], rtol=1e-11)
    np.testing.assert_allclose(said("years"), [latent[:horizon].sum() for latent, _, _ in exact], rtol=1e-11)
    for years in (0, 1, 5):
        np.testing.assert_allclose(said(f"within {years}"), [1 - share[years] for _, share, _ in exact], rtol=1e-9)
    assert list(model.quantities) == ["years", "ever", "within 0", "within 1", "within 5", "hazard", "survival"]
    assert (model.quantity("years").unit, model.quantity("years").scale) == ("years", "log")
    assert (model.quantity("ever").unit, model.quantity("ever").scale) == ("share", "logit")
    assert model.quantity("years").label == f"expected years of firms that ever have the event, counted up to {horizon}"
    assert model.param_names == ["Intercept", "t", "niche", "[incidence] Intercept", "[incidence] size"]


def test_what_is_said_in_continuous_time():
    model, rows = times_of(), FIRMS.head(8)
    theta = np.array([1.1, -0.3, -0.2, 0.2, 0.3])
    designs = model.design_matrices(rows)
    scale, power = np.exp(theta[0] + theta[1] * rows["niche"]).to_numpy(), np.exp(-theta[2])
    ever = (1 / (1 + np.exp(-theta[3] - theta[4] * rows["size"]))).to_numpy()

    def said(name):
        return model.quantity(name).rows(theta, designs)

    np.testing.assert_allclose(said("ever"), ever, rtol=1e-12)
    np.testing.assert_allclose(said("median"), scale * np.log(2) ** (1 / power), rtol=1e-10)
    np.testing.assert_allclose(said("within 5"), ever * -np.expm1(-((5 / scale) ** power)), rtol=1e-9)
    horizon = FIRMS.loc[FIRMS["moved"] == 1, "time"].max()
    grid = (np.arange(200_000) + 0.5) / 200_000 * horizon
    mean = [np.exp(-((grid / s) ** power)).mean() * horizon for s in scale]
    np.testing.assert_allclose(said("years"), mean, rtol=1e-7)
    at = np.arange(1, int(horizon) + 1)
    exact = 1 - ever[:, None] + ever[:, None] * np.exp(-((at / scale[:, None]) ** power))
    np.testing.assert_allclose(said("survival"), exact, rtol=1e-10)
    last = FIRMS["time"].max()
    everyone = np.exp(theta[0] + theta[1] * FIRMS["niche"])
    done = 1 - np.exp(-((last / everyone) ** power)).mean()
    assert model.done_by_the_end(theta) == pytest.approx(done, rel=1e-9)
    weighted = times_of(weights="w", frequency="copies").done_by_the_end(theta)
    assert weighted == pytest.approx(1 - np.average(np.exp(-((last / everyone) ** power)), weights=WEIGHT), rel=1e-9)


def test_those_that_ever_have_the_event_are_done_by_the_last_year():
    last = int(FIRMS["years"].max()) + 1
    left = [curve(row.niche, row.size, last)[0][-1] for row in FIRMS.itertuples()]
    assert years_of().done_by_the_end(OWN) == pytest.approx(1 - np.mean(left), rel=1e-10)


@pytest.mark.parametrize("moved", [0.02, 0.4, 0.98])
def test_the_climb_in_continuous_time_starts_from_those_that_moved(moved):
    event = np.arange(50) < 50 * moved
    log_t, weight = np.linspace(-1, 2, 50), np.linspace(0.5, 1.5, 50)
    start = SplitLatency(WEIBULL).start(log_t, event, weight)
    np.testing.assert_array_equal(start[:-1], WEIBULL.start(log_t[event], event[event], weight[event]))
    share = min(max(np.average(event, weights=weight), 0.05), 0.95)
    assert start[-1] == pytest.approx(np.log(share / (1 - share)))


def test_other_starts_differ_in_who_ever_has_the_event():
    matrix = np.column_stack([np.full(5, 2.0), [1.0, 3, 5, 7, 90], [0.0, 0, 0, 0, 1]])
    design = Design(matrix, ("Intercept", "size", "rare"), 0)
    back = np.array([[1.0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 2, 1, 0], [0, 0, 0, 3, 1], [0, 0, 0, 0, 1.0]])
    start = np.array([0.5, -0.5, 1.0, 1.0, 1.0])
    found = starting_values(start, back, design)
    assert found[0] is start
    np.testing.assert_array_equal([one[:2] for one in found], [[0.5, -0.5]] * 6)
    odds = [matrix @ (back @ one)[2:] for one in found[1:]]
    typical = np.std([0, 0, 0, 0, 1])  # of a column that is zero for most, the standard deviation
    size, rare = (matrix[:, 1] - 5) / 2, matrix[:, 2] / typical  # half of the firms lie within 2 of the median
    exact = [np.full(5, 3.0), size, -size, rare, -rare]
    np.testing.assert_allclose(odds, exact, rtol=1e-12, atol=1e-12)
    assert len(starting_values(start, back, Design(matrix[:, 1:], ("size", "rare"), None))) == 1
    one = starting_values(start, back, None)
    assert len(one) == 2
    assert (back @ one[1])[-1] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("make", "plain", "outcome", "entry"),
    [(years_of, DiscreteHazard, "years", "first"), (times_of, AFT, "time", "since")],
)
def test_the_likelihood_without_immune_firms_is_that_of_the_plain_model(make, plain, outcome, entry):
    options = {"event": "moved", "entry": entry, "frequency": "copies"}
    extra = {"baseline": "linear"} if plain is DiscreteHazard else {}
    without, with_it = make(**options).without_immune()
    assert without == pytest.approx(plain.from_formula(f"{outcome} ~ niche", FIRMS, **options, **extra).fit().llf)
    alone = make(**options, incidence=None).fit()
    assert with_it == pytest.approx(alone.llf, rel=1e-9)
    assert with_it > without


def test_a_scale_that_depends_on_covariates_is_no_shape_of_every_distribution():
    model = times_of(scale="niche")
    assert [name for name in model.param_names if name.startswith("[log_scale]")] == [
        "[log_scale] Intercept",
        "[log_scale] niche",
    ]
    for dist in ("exponential", "discrete"):
        with pytest.raises(OptionError, match="no scale to explain"):
            SplitPopulation.from_formula("years ~ niche", FIRMS, event="moved", dist=dist, scale="niche")


def test_density_and_mean_of_those_that_have_the_event():
    log_t, eta = np.log([0.5, 2.0, 7.0]), np.repeat([[1.1], [-0.2], [0.4]], 3, axis=1)

    def log_density(mu, zeta, odds):
        noise = (log_t - mu) / np.exp(zeta)
        return noise - np.exp(noise) - zeta - log_t - np.log(1 + np.exp(-odds))

    value, slope, _ = SplitLatency(WEIBULL).log_density(log_t, eta)
    np.testing.assert_allclose(value, log_density(*eta), rtol=1e-12)
    for k, row in enumerate(slope):
        moved = log_density(*(e + 1e-30j * (j == k) for j, e in enumerate(eta)))
        np.testing.assert_allclose(row, moved.imag / 1e-30, rtol=1e-10)
    mean = np.exp(1.1) * gamma(1 + np.exp(-0.2))
    np.testing.assert_allclose(SplitLatency(WEIBULL).mean(eta), mean, rtol=1e-12)


def test_years_are_counted_up_to_the_last_with_an_event():
    early = FIRMS[(FIRMS["years"] < 6) | (FIRMS["moved"] == 0)].assign(years=lambda d: d["years"].clip(upper=8))
    early.loc[early.index[early["moved"] == 1][0], "years"] = 5
    assert "within 5" in years_of(early).quantities
    assert "within 5" not in years_of(early[(early["years"] != 5) | (early["moved"] == 0)]).quantities
    first = FIRMS.assign(moved=lambda d: d["moved"] * (d["years"] == 0))
    assert years_of(first, baseline=0).quantity("years").label.endswith("counted up to 1")


def test_what_is_noted():
    def notes(model):
        return model.notes(None)

    events = FIRMS["moved"].sum()
    assert notes(times_of()) == [f"{events} events."]
    weighted = (WEIGHT * FIRMS["moved"]).sum()
    assert notes(times_of(weights="w", frequency="copies")) == [f"{weighted:g} events."]
    few = FIRMS.assign(moved=lambda d: d["moved"] * (d["moved"].cumsum() <= 19))
    [first, warning] = notes(times_of(few))  # two slopes: one of the time, one of the incidence
    assert first == "19 events." and warning.startswith("9.5 events for each covariate")
    assert "fit the shorter model without [incidence] covariates" in warning
    assert notes(times_of(few, incidence=None)) == ["19 events."]
    gap = FIRMS[(FIRMS["years"] != 2) | (FIRMS["moved"] == 0)]
    assert any("merged with a neighbouring year: t=2-3" in note for note in notes(years_of(gap, baseline="dummies")))
    for model in (times_of(), years_of()):
        assert model.quantity("ever").label == "share of firms that ever have the event (moved)"
