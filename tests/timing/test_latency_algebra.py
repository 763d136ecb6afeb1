"""Distributions of a time, exact or censored, against 60-digit arithmetic, far into both tails."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.design import Design
from exportmodels.core.errors import DataError, OptionError
from exportmodels.core.sample import Sample
from exportmodels.timing import censoring, latencies
from exportmodels.timing.censoring import CensoredTimes, code_times, with_coded_times
from exportmodels.timing.latencies import EXPONENTIAL, LOGLOGISTIC, LOGNORMAL, WEIBULL

sys.path.insert(0, str(Path(__file__).parent))
from precise import check

LATENCIES = {"exponential": EXPONENTIAL, "weibull": WEIBULL, "lognormal": LOGNORMAL, "loglogistic": LOGLOGISTIC}
DISTS = pytest.mark.parametrize("dist", LATENCIES)
# (below, above, density) of the noise, to many digits
NOISE = {
    "gumbel": (lambda w: -mp.expm1(-mp.exp(w)), lambda w: mp.exp(-mp.exp(w)), lambda w: mp.exp(w - mp.exp(w))),
    "normal": (mp.ncdf, lambda w: mp.ncdf(-w), mp.npdf),
    "logistic": (lambda w: 1 / (1 + mp.exp(-w)), lambda w: 1 / (1 + mp.exp(w)), lambda w: mp.sech(w / 2) ** 2 / 4),
}
NAMES = {"exponential": "gumbel", "weibull": "gumbel", "lognormal": "normal", "loglogistic": "logistic"}
LOG_T = np.array([-6.0, -1.0, 0.3, 1.1, 1.7, 2.6])
LOCATION, LOG_SCALE = np.array([1.1, 0.8, 1.1, 0.9, -0.2, 0.5]), np.array([-0.4, 0.2, -0.4, 0.1, 0.0, 0.3])


def eta(dist):
    return np.array([LOCATION, LOG_SCALE])[: len(LATENCIES[dist].predictors)]


def noise(log_t, mu, zeta):
    return (mp.mpf(float(log_t)) - mu) / mp.exp(zeta)


class Method:
    """A method of a latency in the place of a family's `evaluate`."""

    def __init__(self, method):
        self.evaluate = method


@DISTS
def test_survival_and_failure(dist):
    below, above, _ = NOISE[NAMES[dist]]
    for method, tail in ((LATENCIES[dist].log_failure, below), (LATENCIES[dist].log_survival, above)):
        check(Method(method), LOG_T, eta(dist), lambda t, mu, z=0, f=tail: mp.log(f(noise(t, mu, z))), rtol=1e-11)


@DISTS
def test_endings(dist):
    """Log densities carry -log t: they are densities of the time, not of its logarithm."""
    _, above, density = NOISE[NAMES[dist]]

    def precise(row, mu, zeta=0):
        log_t, event = row
        if event:
            return mp.log(density(noise(log_t, mu, zeta))) - zeta - mp.mpf(float(log_t))
        return mp.log(above(noise(log_t, mu, zeta)))

    own, latency = eta(dist), LATENCIES[dist]
    both = np.column_stack([LOG_T, [1, 0, 1, 0, 1, 0]])
    check(Method(lambda y, e: latency.log_ending(*y.T, e)), both, own, precise, rtol=1e-11)
    check(Method(lambda y, e: latencies.log_ending(latency, *y.T, e)), both, own, precise, rtol=1e-11)
    all_events = np.column_stack([LOG_T, np.ones(6)])
    check(Method(lambda y, e: latency.log_density(y[:, 0], e)), all_events, own, precise, rtol=1e-11)
    for event in (np.ones(6), np.zeros(6)):
        for one, other in zip(
            latencies.log_ending(latency, LOG_T, event, own), latency.log_ending(LOG_T, event, own), strict=True
        ):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@DISTS
def test_intervals_in_both_tails(dist):
    below, _, _ = NOISE[NAMES[dist]]
    ends = np.array([(-8.0, -6.5), (-6.0, -1.0), (0.1, 0.5), (1.0, 1.001), (-2.0, 3.0), (1.5, 2.6)])

    def precise(row, mu, zeta=0):
        with mp.workdps(120):
            return mp.log(below(noise(row[1], mu, zeta)) - below(noise(row[0], mu, zeta)))

    own = LATENCIES[dist]
    check(Method(lambda y, e: own.log_between(*y.T, e)), ends[:5], eta(dist)[:, :5], precise, rtol=2e-9)
    value = own.log_between(np.array([-30.0]), np.array([-29.0]), eta(dist)[:, :1])[0]
    assert value == pytest.approx(float(precise((-30.0, -29.0), *eta(dist)[:, 0])), rel=1e-12)
    late = ends[-1:], eta(dist)[:, -1:]
    check(Method(lambda y, e: own.log_between(*y.T, e)), *late, precise, rtol=1e-9)


def test_differences_of_logarithms():
    """log(exp(A) - exp(B)) of two quadratic functions of two numbers, differentiated by hand."""
    large = np.log([5.0]), np.array([[0.2], [-0.7]]), np.array([[[0.1], [0.3]], [[0.3], [-0.2]]])
    small = np.log([2.0]), np.array([[0.5], [0.4]]), np.array([[[-0.6], [0.0]], [[0.0], [0.25]]])
    value, first, second = (part[..., 0] for part in latencies.log_difference(large, small))
    slope = (5 * large[1] - 2 * small[1])[:, 0]
    curve = [
        sign * p * (bend[..., 0] + np.outer(s, s)) for sign, p, s, bend in ((1, 5, *large[1:]), (-1, 2, *small[1:]))
    ]
    assert value == pytest.approx(np.log(3), rel=1e-14)
    np.testing.assert_allclose(first, slope / 3, rtol=1e-13)
    np.testing.assert_allclose(second, sum(curve) / 3 - np.outer(slope, slope) / 9, rtol=1e-12)


@DISTS
def test_quantiles_and_means(dist):
    below, above, density = NOISE[NAMES[dist]]
    latency, own = LATENCIES[dist], np.array([[1.1, 0.3], [-0.9, -1.4]])[: len(LATENCIES[dist].predictors)]
    for share in (1e-4, 0.3, 0.5, 0.98):
        for t, place in zip(latency.quantile(share, own), own.T, strict=True):
            assert float(below(noise(np.log(t), *place, *[0] * (2 - len(place))))) == pytest.approx(share, rel=1e-11)
    for found, area, place in zip(latency.mean(own), latencies.restricted_mean(latency, 7.0, own), own.T, strict=True):
        mu, zeta = [*place, 0.0][:2]
        scale = np.exp(zeta)
        mean = mp.quad(lambda w: mp.exp(mu + scale * w) * density(w), [-60, -20, -5, 0, 2, 5, 20, 80])  # noqa: B023
        assert found == pytest.approx(float(mean), rel=1e-10)
        years = mp.quad(lambda t: above(noise(mp.log(t), mu, zeta)), [0, 0.5, 1, 2, 4, 7])  # noqa: B023
        assert area == pytest.approx(float(years), rel=1e-9)


@pytest.mark.parametrize("block", [1, 8, 3072])
def test_survival_at_several_times(monkeypatch, block):
    """Row by row, whether there are more times than a block of rows holds, or no times, or no rows."""
    monkeypatch.setattr(latencies, "_BLOCK", block)
    own = eta("weibull")
    found = latencies.survival_at(WEIBULL, LOG_T, own)
    exact = np.exp(-np.exp((LOG_T[:, None] - LOCATION) / np.exp(LOG_SCALE)))
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    assert latencies.survival_at(WEIBULL, LOG_T[:0], own).shape == (0, 6)
    assert latencies.survival_at(WEIBULL, LOG_T, own[:, :0]).shape == (6, 0)
    means = latencies.restricted_mean(WEIBULL, 7.0, own)
    np.testing.assert_allclose(means[2], latencies.restricted_mean(WEIBULL, 7.0, own[:, 2:3])[0], rtol=1e-14)


def test_the_logistic_mean_ends_at_a_scale_of_one():
    scales = np.array([0.5, 0.99, 1.0, 1.5])
    found = LOGLOGISTIC.mean(np.stack([np.zeros(4), np.log(scales)]))
    np.testing.assert_allclose(found, [np.pi / 2, 0.99 * np.pi / np.sin(0.99 * np.pi), np.inf, np.inf], rtol=1e-12)


def test_where_the_search_begins():
    log_t, weight = np.array([0.0, 1.0, 4.0]), np.array([1.0, 2.0, 1.0])
    event = np.ones(3, dtype=bool)
    mean, variance = 1.5, (1.5**2 + 2 * 0.5**2 + 2.5**2) / 4
    np.testing.assert_allclose(WEIBULL.start(log_t, event, weight), [mean, np.log(variance) / 2], rtol=1e-14)
    np.testing.assert_allclose(EXPONENTIAL.start(log_t, event, weight), [mean], rtol=1e-14)
    np.testing.assert_allclose(LOGNORMAL.start(np.full(3, 2.0), event, weight), [2.0, np.log(0.1)], rtol=1e-14)


# Lower end, upper end, entry, and what is known.
TIMES = [
    (2.0, 2.0, 0.0, censoring.EXACT),
    (3.0, np.inf, 0.0, censoring.LONGER),
    (0.0, 1.5, 0.0, censoring.SHORTER),
    (1.0, 4.0, 0.0, censoring.BETWEEN),
    (0.0, np.inf, 0.0, censoring.UNKNOWN),
    (5.0, 5.0, 0.7, censoring.EXACT),
    (5.0, np.inf, 0.5, censoring.LONGER),
    (2.0, 2.5, 1.5, censoring.BETWEEN),
    (0.5, np.inf, 0.0, censoring.LONGER),
]
ROWS = np.array([times[:3] for times in TIMES])


def test_codes():
    coded = code_times(*ROWS.T)
    assert coded[:, 0].tolist() == [code for *_, code in TIMES]
    for column, ends in ((1, ROWS[:, 0]), (2, ROWS[:, 1]), (4, ROWS[:, 2])):
        known = np.isfinite(ends) & (ends > 0)
        np.testing.assert_allclose(coded[known, column], np.log(ends[known]), rtol=1e-15)
        assert not coded[~known, column].any()
    assert coded[:, 3].tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 0]
    at, ended = censoring.last_known(coded)
    np.testing.assert_allclose(at, [2, 3, 1.5, 4, 0, 5, 5, 2.5, 0.5], rtol=1e-14)
    assert ended.tolist() == [True, False, True, True, False, True, False, True, False]
    assert censoring.longest_event(coded[:5]) == pytest.approx(4)


def known(dist):
    """The log-likelihood of what is known, from the tails of the definition."""
    _, above, density = NOISE[NAMES[dist]]

    def loglike(row, mu, zeta=0):
        lower, upper, entry = row

        def left(t):
            return mp.mpf(int(t == 0)) if t in (0, np.inf) else above((mp.log(float(t)) - mu) / mp.exp(zeta))

        if lower == upper:
            ended = density((mp.log(float(lower)) - mu) / mp.exp(zeta)) / mp.exp(zeta) / mp.mpf(float(lower))
        else:
            ended = left(lower) - left(upper)
        return mp.log(ended) - mp.log(left(entry))

    return loglike


@DISTS
@pytest.mark.parametrize(
    "rows",
    [slice(None), [0, 1, 5, 6], [0, 1], [2], [3, 7], [2, 4], [0, 3], [1, 6]],
    ids=["all", "late", "right", "left", "between", "nothing", "events", "open"],
)
def test_what_is_known_of_a_time(dist, rows):
    latency, times = LATENCIES[dist], ROWS[rows]
    own = np.tile(np.array([[1.1], [-0.3]])[: len(latency.predictors)], len(times))
    family = CensoredTimes(latency)
    check(Method(lambda y, e: family.evaluate(code_times(*y.T), e)), times, own, known(dist), rtol=1e-11)
    assert family.predictors == latency.predictors
    np.testing.assert_array_equal(family.mean(own), latency.mean(own))


def test_the_search_begins_in_the_middle_of_intervals():
    seen = {}

    class Spy:
        def start(self, log_t, event, weight):
            seen.update(log_t=log_t, event=event, weight=weight)
            return "begun"

    weight = np.arange(1.0, 10.0)
    assert CensoredTimes(Spy()).start(code_times(*ROWS.T), weight) == "begun"
    middle = [2.0, 3.0, 1.5, 2.0, 5.0, 5.0, np.sqrt(5.0), 0.5]
    np.testing.assert_allclose(seen["log_t"], np.log(middle), rtol=1e-14)
    assert seen["event"].tolist() == [True, False, True, True, True, False, True, False]
    assert seen["weight"].tolist() == [1, 2, 3, 4, 6, 7, 8, 9]


def sample(duration, **columns):
    labels = pd.Index([f"firm {i}" for i in range(len(duration))])
    design = Design(np.ones((len(duration), 1)), ("Intercept",))
    columns = {name: np.array(values) for name, values in columns.items()}
    used = np.ones(len(duration), dtype=bool)
    return Sample(np.array(duration), {"": design}, columns, None, None, None, labels, used, "years")


def test_samples_are_coded():
    plain = with_coded_times(sample([1.0, 2.0], event=[1, 0]))
    np.testing.assert_array_equal(plain.outcome, code_times(*np.array([(1, 1, 0), (2, np.inf, 0)]).T))
    assert plain.columns["event"].tolist() == [True, False]
    low, high = [1.0, 2.0, 0.0, 3.0], [2.0, np.inf, 1.0, 3.0]
    ends = with_coded_times(sample(low, upper=high))
    np.testing.assert_array_equal(ends.outcome, code_times(np.array(low), np.array(high), np.zeros(4)))
    assert ends.columns["event"].tolist() == [True, False, True, True]
    some = with_coded_times(sample(low, upper=high, event=[1, 1, 0, 1], entry=[0.0, 1.0, 0.5, 1.0]))
    upper, entry = np.array([2.0, np.inf, np.inf, 3.0]), np.array([0.0, 1.0, 0.5, 1.0])
    np.testing.assert_array_equal(some.outcome, code_times(np.maximum(low, entry), upper, entry))
    assert some.columns["event"].tolist() == [True, False, False, True]
    assert with_coded_times(sample([1.0, 2.0], event=[1, 0], entry=[0.5, 0.0])).outcome[:, 3].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("duration", "columns", "words"),
    [
        ([1.0, 0.0], {"event": [1, 1]}, "'years' must be above zero here; row firm 1 holds 0"),
        ([1.0, 2.0], {"upper": [np.inf, np.inf]}, "there are no events"),
        ([1.0, 2.0], {"upper": [1.0, 1.5]}, "'upper' must not lie below the duration.*firm 1"),
        ([1.0, 0.0], {"upper": [1.0, 0.0]}, "'upper' must be above zero.*firm 1"),
        ([1.0, 2.0], {"upper": ["2", "soon"]}, "upper must be numeric; row firm 1 holds 'soon'"),
        ([1.0, 2.0], {"event": [1, 2]}, "'event' must be 0 or 1"),
        ([1.0, 2.0], {"upper": [1.0, 3.0], "event": [1, 5]}, "'event' must be 0 or 1"),
        ([1.0, 2.0], {"event": [1, 1], "entry": [1.5, 0.0]}, "'entry' must lie before the end.*firm 0"),
    ],
)
def test_what_is_refused(duration, columns, words):
    with pytest.raises(DataError, match=words):
        with_coded_times(sample(duration, **columns))


def test_something_must_be_said_of_the_end():
    with pytest.raises(OptionError, match="event= is needed"):
        censoring.refuse_no_times(None, None)
    censoring.refuse_no_times("exported", None)
    censoring.refuse_no_times(None, "upper")
