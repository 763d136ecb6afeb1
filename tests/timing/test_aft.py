"""Accelerated failure times against 50-digit arithmetic, and against what must be the same by definition."""

import pickle
import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, OptionError, OutcomeError, SeparationError
from exportmodels.timing import AFT
from exportmodels.timing.aft import DISTRIBUTIONS
from exportmodels.timing.censoring import CensoredTimes, code_times
from exportmodels.timing.latencies import restricted_mean

sys.path.insert(0, str(Path(__file__).parent))
from precise import check

TIMES = [
    (0.3, 0.3),
    (2.0, 2.0),
    (9.0, 9.0),
    (2.5, np.inf),
    (0.0, 1.0),
    (0.0, 6.0),
    (1.0, 2.0),
    (4.0, 5.0),
    (0.0, np.inf),
]
ETA = {"location": 1.1, "log_scale": -0.4}


def firms(n=200, seed=1):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "size": rng.normal(3, 1, n)})
    time = np.exp(1.5 - 0.5 * frame.niche + 0.1 * frame["size"] + 0.8 * np.log(rng.exponential(size=n)))
    end = rng.uniform(2, 15, n)
    frame["years"], frame["exported"] = np.minimum(time, end), (time <= end).astype(int)
    frame["since"], frame["city"] = np.where(np.arange(n) % 4 == 0, frame.years / 3, 0.0), rng.integers(0, 25, n)
    frame["low"] = np.floor(frame.years)
    return frame.assign(high=np.where(frame.exported == 1, frame.low + 1, np.inf))


def gamma_tail(w, q):
    if q == 0:
        return mp.ncdf(-w)
    a = 1 / q**2
    upper = mp.gammainc(a, a * mp.exp(q * w), mp.inf, regularized=True)
    return upper if q > 0 else mp.gammainc(a, 0, a * mp.exp(q * w), regularized=True)


def tail(dist, w, q=None):
    if dist in ("weibull", "exponential"):
        return mp.exp(-mp.exp(w))
    if dist == "gengamma":
        return gamma_tail(w, q)
    return mp.ncdf(-w) if dist == "lognormal" else 1 / (1 + mp.exp(w))


def density(dist, w, q=None):
    if dist == "gengamma" and q != 0:
        a = 1 / q**2
        return abs(q) * a**a / mp.gamma(a) * mp.exp(a * (q * w - mp.exp(q * w)))
    if dist in ("weibull", "exponential"):
        return mp.exp(w - mp.exp(w))
    return mp.npdf(w) if dist in ("lognormal", "gengamma") else mp.exp(w) / (1 + mp.exp(w)) ** 2


def precise_loglike(dist):
    def loglike(times, mu, zeta=0, q=None):
        lower, upper, entry = times

        def survival(t):
            return mp.mpf(1) if t == 0 else mp.mpf(0) if t == np.inf else tail(dist, noise(t), q)

        def noise(t):
            return (mp.log(mp.mpf(float(t))) - mu) / mp.exp(zeta)

        start = mp.log(survival(entry))
        if lower == upper:
            return mp.log(density(dist, noise(lower), q)) - zeta - mp.log(mp.mpf(float(lower))) - start
        return mp.log(survival(lower) - survival(upper)) - start

    return loglike


class Raw:
    """The family seen from its times instead of its codes."""

    def __init__(self, latency):
        self.family = CensoredTimes(latency)

    def evaluate(self, y, eta):
        return self.family.evaluate(code_times(*y.T), eta)


@pytest.mark.parametrize(
    ("dist", "shape"),
    [(dist, np.nan) for dist in DISTRIBUTIONS if dist != "gengamma"]
    + [("gengamma", shape) for shape in (1.0, 0.6, 0.1, -0.7, 2.0)],
)
def test_derivatives_against_sixty_digits(dist, shape):
    latency = DISTRIBUTIONS[dist]
    times = np.array([(a, b, 0.0) for a, b in TIMES] + [(3.0, 3.0, 1.5), (3.0, np.inf, 2.0), (3.0, 4.0, 0.5)])
    point = np.array([ETA.get(name, shape) for name in latency.predictors])
    eta = np.repeat(point[:, None], len(times), axis=1)
    check(Raw(latency), times, eta, precise_loglike(dist), rtol=1e-7 if dist == "gengamma" else 1e-11)


@pytest.mark.parametrize(("shape", "dist"), [(1.0, "weibull"), (0.0, "lognormal")])
def test_members_of_the_generalized_gamma_family(shape, dist):
    times = np.array([(a, b, 0.0) for a, b in TIMES])
    eta = np.repeat([[1.1], [-0.4], [shape]], len(times), axis=1)
    ours = Raw(DISTRIBUTIONS["gengamma"]).evaluate(times, eta)
    theirs = Raw(DISTRIBUTIONS[dist]).evaluate(times, eta[:2])
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-11)
    np.testing.assert_allclose(ours[1][:2], theirs[1], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours[2][:2, :2], theirs[2], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("dist", sorted(DISTRIBUTIONS))
def test_years_are_integrals_of_the_survival_curve(dist):
    latency = DISTRIBUTIONS[dist]
    eta = np.array([[ETA.get(name, 0.6)] for name in latency.predictors])
    zeta, q = (0, None) if dist == "exponential" else (-0.4, 0.6)

    def survival(t):
        return mp.mpf(1) if t == 0 else tail(dist, (mp.log(t) - 1.1) / mp.exp(zeta), q)

    area = mp.quad(survival, [0, 0.1, 1, 7])
    np.testing.assert_allclose(restricted_mean(latency, 7.0, eta), float(area), rtol=1e-9)
    mean = mp.quad(lambda w: mp.exp(1.1 + mp.exp(zeta) * w) * density(dist, w, q), [-60, -20, -5, 0, 5, 20, 200])
    np.testing.assert_allclose(latency.mean(eta), float(mean), rtol=1e-9)
    np.testing.assert_allclose(float(survival(mp.mpf(latency.quantile(0.3, eta)[0]))), 0.7, rtol=1e-12)


def test_the_logistic_mean_is_infinite_when_the_tail_is_heavy():
    assert DISTRIBUTIONS["loglogistic"].mean(np.array([[0.0], [0.1]]))[0] == np.inf


@pytest.mark.parametrize("dist", sorted(DISTRIBUTIONS))
def test_an_interval_without_width_is_an_exact_time(dist):
    data = firms()
    data["end"] = np.where(data.exported == 1, data.years, np.inf)
    one = AFT.from_formula("years ~ niche", data, event="exported", entry="since", dist=dist).fit()
    other = AFT.from_formula("years ~ niche", data, upper="end", entry="since", dist=dist).fit()
    np.testing.assert_allclose(other.params, one.params, rtol=1e-12)
    both = AFT.from_formula("low ~ niche", data.assign(high=data.low + 1), upper="high", event="exported", dist=dist)
    np.testing.assert_allclose(both.fit().llf, AFT.from_formula("low ~ niche", data, upper="high", dist=dist).fit().llf)


@pytest.mark.parametrize("dist", sorted(DISTRIBUTIONS))
def test_another_unit_of_time_moves_only_the_intercept(dist):
    data = firms()
    years = AFT.from_formula("years ~ niche + size", data, event="exported", entry="since", dist=dist).fit()
    months = data.assign(years=data.years * 12, since=data.since * 12)
    months = AFT.from_formula("years ~ niche + size", months, event="exported", entry="since", dist=dist).fit()
    shift = months.params - years.params
    np.testing.assert_allclose(shift["Intercept"], np.log(12), rtol=1e-7)
    np.testing.assert_allclose(shift.drop("Intercept"), 0, atol=1e-6)
    np.testing.assert_allclose(months.predict(), 12 * years.predict(), rtol=1e-7)


def test_scale_covariates_clusters_and_frequencies():
    data = firms().assign(copies=lambda d: 1 + d.index % 3)
    options = {"event": "exported", "dist": "lognormal", "scale": "niche"}
    model = AFT.from_formula("years ~ niche + size", data, frequency="copies", **options)
    repeated = AFT.from_formula("years ~ niche + size", data.loc[data.index.repeat(data.copies)], **options)
    for kind, clusters in (("nonrobust", None), ("robust", None), ("clustered", "city")):
        ours, theirs = model.fit(kind, clusters=clusters), repeated.fit(kind, clusters=clusters)
        np.testing.assert_allclose(ours.bse, theirs.bse, rtol=1e-8)
    assert list(ours.params.index)[-2:] == ["[log_scale] Intercept", "[log_scale] niche"]
    assert ours.df_model == 3
    groups = [
        AFT.from_formula("years ~ size", part, event="exported", dist="lognormal") for _, part in data.groupby("niche")
    ]
    whole = AFT.from_formula("years ~ niche * size", data, **options).fit()
    np.testing.assert_allclose(whole.llf, sum(group.fit().llf for group in groups), rtol=1e-12)


def test_predictions_agree_with_each_other():
    model = AFT.from_formula("years ~ niche", firms(), event="exported")
    results = model.fit()
    median = results.predict(which="median")
    curve = results.predict(which=model.survival([median.iloc[0], 5]))
    np.testing.assert_allclose(curve.iloc[0, 0], 0.5, rtol=1e-12)
    np.testing.assert_allclose(1 - curve["t=5"], results.predict(which="within 5"), rtol=1e-12)
    np.testing.assert_allclose(results.predict(which=model.quantile(0.5)), median, rtol=1e-14)
    np.testing.assert_allclose(
        results.predict(which=model.expected_years(1e5)), results.predict(which="unlimited"), rtol=1e-6
    )
    table = results.findings("niche").table
    assert ((table["lower"] < table["estimate"]) & (table["estimate"] < table["upper"])).all()
    pd.testing.assert_series_equal(pickle.loads(pickle.dumps(results)).predict(), results.predict())


def test_a_firm_that_is_only_known_to_exist_says_nothing():
    data = firms()
    idle = pd.DataFrame({"low": [0.0], "high": [np.inf], "niche": [1], "size": [3.0]})
    more = AFT.from_formula("low ~ niche + size", pd.concat([data, idle], ignore_index=True), upper="high").fit()
    np.testing.assert_allclose(more.llf, AFT.from_formula("low ~ niche + size", data, upper="high").fit().llf)


@pytest.mark.parametrize(
    ("changes", "options", "error", "message"),
    [
        ({"years": 0.0}, {}, OutcomeError, "hold 0, which has no logarithm. Whole years are intervals"),
        ({"years": -1.0}, {}, OutcomeError, "must not be negative"),
        ({"exported": 0}, {}, OutcomeError, "there are no events"),
        ({"since": 99.0}, {"entry": "since"}, OutcomeError, "must lie before the end"),
        ({"high": -1.0}, {"upper": "high"}, OutcomeError, "must not lie below the duration"),
        ({"high": np.inf}, {"upper": "high", "event": None}, OutcomeError, "there are no events"),
        ({}, {"event": None}, OptionError, "event= is needed"),
        ({}, {"dist": "gompertz"}, OptionError, "dist must be one of"),
        ({}, {"dist": "exponential", "scale": "niche"}, OptionError, "has no scale"),
    ],
)
def test_bad_input_is_refused(changes, options, error, message):
    with pytest.raises(error, match=message):
        AFT.from_formula("years ~ niche", firms().assign(**changes), **({"event": "exported"} | options))


def test_a_shape_without_estimate_is_named():
    steps = pd.DataFrame({"years": np.r_[np.linspace(5.9, 6, 12), 1, 2, 3], "exported": 1, "niche": np.arange(15) % 2})
    with pytest.raises(ConvergenceError, match="shape of the generalized gamma distribution has no finite estimate"):
        AFT.from_formula("years ~ niche", steps, event="exported", dist="gengamma").fit()


def test_a_level_without_events_is_named():
    with pytest.raises(SeparationError, match="rows with niche = 1 has the event"):
        AFT.from_formula("years ~ niche", firms().assign(exported=lambda d: 1 - d.niche), event="exported").fit()
