"""Survival curves and cumulated hazards against products and sums by hand, their variances against complex steps."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from exportmodels.timing import KaplanMeier, NelsonAalen, cumulated
from exportmodels.timing.cumulated import Path, Units
from exportmodels.timing.risk_table import Observations, RiskTable

# Firms of which the last is cut off; entries, of which some before the first time, and ties.
N = 30
RNG = np.random.default_rng(12)
DURATION = np.r_[RNG.integers(1, 9, N - 2), 9, 9] * 0.5
EVENT = np.r_[RNG.random(N - 2) < 0.6, True, False]
ENTRY = np.where(RNG.random(N) < 0.5, np.minimum(RNG.integers(0, 5, N) * 0.5, DURATION - 0.25), 0.0)
ENTRY[:4] = 0.0
WEIGHT, COPIES, SECTOR = RNG.uniform(0.5, 2, N), RNG.integers(1, 4, N), RNG.integers(0, 5, N)
FIRMS = pd.DataFrame({"years": DURATION, "moved": EVENT * 1, "since": ENTRY, "w": WEIGHT, "copies": COPIES})
FIRMS = FIRMS.assign(sector=SECTOR, niche=np.arange(N) % 2)
TIMES = np.unique(DURATION)
Z = norm.ppf(0.975)


def steps(weight, survivors, late=True):
    """What the negative logarithm of the survival curve, or the cumulated hazard, rises by at each time."""
    found = []
    for t in TIMES:
        at_risk = weight[(t <= DURATION) & ((t > ENTRY) | (not late))].sum()
        events = weight[(t == DURATION) & EVENT].sum()
        found.append(-np.log(1 - events / at_risk) if survivors else events / at_risk)
    return np.array(found)


def area(weight, survivors, limit, late=True):
    ends = np.r_[0.0, TIMES[limit > TIMES], limit]
    share = np.exp(-np.r_[0.0, np.cumsum(steps(weight, survivors, late))])[: len(ends) - 1]
    return share @ np.diff(ends)


def squares(function, weight, units, power):
    """Sums of squared influences: what a little more of each row does, times `power`, added up over units first."""
    each = [np.imag(function(weight + 1e-30j * (np.arange(N) == i))) / 1e-30 for i in range(N)]
    own = np.array([value * factor for value, factor in zip(each, power, strict=True)])
    return sum(own[units == u].sum(axis=0) ** 2 for u in np.unique(units))


def path_of(survivors, units=None, weight=None, late=True):
    spells = Observations(DURATION, EVENT, ENTRY if late else None, weight)
    return Path.of(RiskTable.of(spells), units, survivors)


SURVIVORS = pytest.mark.parametrize("survivors", [True, False], ids=["survival", "hazard"])


@SURVIVORS
@pytest.mark.parametrize("late", [True, False], ids=["late", "early"])
def test_steps_and_counted_variances(survivors, late):
    path = path_of(survivors, late=late)
    np.testing.assert_array_equal(path.times, TIMES)
    np.testing.assert_allclose(path.step, steps(np.ones(N), survivors, late), rtol=1e-12)
    at_risk = np.array([((t <= DURATION) & ((t > ENTRY) | (not late))).sum() for t in TIMES])
    events = np.array([((t == DURATION) & EVENT).sum() for t in TIMES])
    variance = np.cumsum(events / (at_risk * (at_risk - events if survivors else at_risk)))
    np.testing.assert_allclose(path.variance, variance, rtol=1e-12)
    mean, error = path.area(3.75)
    assert mean == pytest.approx(area(np.ones(N), survivors, 3.75, late), rel=1e-12)
    ends = np.r_[0.0, TIMES[TIMES < 3.75], 3.75]
    share = np.exp(-np.r_[0.0, np.cumsum(path.step)])[: len(ends) - 1]
    after = np.array([(share * np.diff(ends))[k + 1 :].sum() for k in range(len(share) - 1)])
    rise = np.diff(np.r_[0.0, variance])[: len(after)]
    assert error == pytest.approx(after**2 @ rise, rel=1e-12)


@SURVIVORS
@pytest.mark.parametrize("late", [True, False], ids=["late", "early"])
@pytest.mark.parametrize("kind", ["weights", "frequency", "both", "clusters", "weighted clusters"])
def test_variances_from_influence(monkeypatch, survivors, kind, late):
    weights = WEIGHT if kind in ("weights", "both", "weighted clusters") else None
    frequency = COPIES if kind in ("frequency", "both") else None
    clusters = SECTOR if "clusters" in kind else None
    total = (np.ones(N) if weights is None else weights) * (1 if frequency is None else frequency)
    if clusters is None:  # a row of three firms adds three squares
        power, units = (np.ones(N) if weights is None else weights), np.arange(N)
        power = power * np.sqrt(1 if frequency is None else frequency)
    else:
        power, units = total, SECTOR
    spells = Observations(DURATION, EVENT, ENTRY if late else None, total.astype(float))
    rows = Units.of(spells, None, frequency, weights, clusters)
    for held in (4_000_000, 2 * N, 1):
        monkeypatch.setattr(cumulated, "_HELD", held)
        path = path_of(survivors, rows, total.astype(float), late)
        exact = squares(lambda w: np.cumsum(steps(w, survivors, late)), total, units, power)
        np.testing.assert_allclose(path.variance, exact, rtol=1e-10)
    for limit in (0.25, 3.75, 4.5):
        mean, error = path.area(limit)
        assert mean == pytest.approx(area(total, survivors, limit, late), rel=1e-12)
        exact = squares(lambda w, end=limit: area(w, survivors, end, late), total, units, power)
        assert error == pytest.approx(exact, rel=1e-9, abs=1e-15)


def test_some_rows_are_units_of_their_own():
    spells, chosen = Observations(DURATION, EVENT, ENTRY, WEIGHT * COPIES), SECTOR > 1
    rows = Units.of(spells, chosen, COPIES, WEIGHT, SECTOR)
    np.testing.assert_allclose(rows.square, (COPIES * WEIGHT**2)[chosen], rtol=1e-14)
    same = SECTOR[chosen][:, None] == SECTOR[chosen]
    np.testing.assert_array_equal(rows.cluster[:, None] == rows.cluster, same)
    np.testing.assert_array_equal(rows.spells.duration, DURATION[chosen])
    assert Units.of(spells, None, None, None, None).square.tolist() == [1.0] * N


def test_when_all_have_had_the_event_the_mean_time_is_the_sample_mean():
    duration = np.array([1.0, 2.0, 2.0, 5.0])
    path = Path.of(RiskTable.of(Observations(duration, np.ones(4, dtype=bool))), None, True)
    mean, variance = path.area(5.0)
    assert (mean, variance) == (pytest.approx(duration.mean()), pytest.approx(duration.var() / 4))


# Curves of the sample ------------------------------------------------------------------------------------------------

SCALES = {
    "log-log": (lambda s: np.log(-np.log(s)), lambda y: np.exp(-np.exp(y))),
    "log": (np.log, np.exp),
    "linear": (lambda s: s, lambda y: y),
    "logit": (lambda s: np.log(s / (1 - s)), lambda y: 1 / (1 + np.exp(-y))),
    "arcsine": (lambda s: np.arcsin(np.sqrt(s)), lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2),
}


@pytest.mark.parametrize("interval", SCALES)
@pytest.mark.parametrize("alpha", [0.001, 0.3])
def test_intervals_are_symmetric_on_their_scales(interval, alpha):
    scale, back = SCALES[interval]
    table = KaplanMeier.from_formula("years ~ niche", FIRMS, event="moved").fit(interval=interval).table(alpha)
    inner = table[(table["survival"] > 0) & (table["survival"] < 1)]
    share, z = inner["survival"].to_numpy(), norm.ppf(1 - alpha / 2)
    error = np.imag(scale(share + 1e-30j)) / 1e-30 * inner["se"].to_numpy()
    ends = np.array([back(scale(share) + sign * z * error) for sign in (-1, 1)])
    np.testing.assert_allclose(inner["lower"], np.clip(ends.min(axis=0), 0, 1), rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(inner["upper"], np.clip(ends.max(axis=0), 0, 1), rtol=1e-10)


def test_a_curve_before_its_first_event_is_certain():
    data = {"t": [1, 2, 3, 4], "d": [0, 1, 1, 1]}
    for interval in SCALES:
        table = KaplanMeier.from_formula("t ~ 1", data, event="d").fit(interval=interval).table()
        np.testing.assert_allclose(table["survival"], [1, 2 / 3, 1 / 3, 0], atol=1e-15)
        assert table.loc[0, ["se", "lower", "upper"]].tolist() == [0, 1, 1]
        assert table.loc[3, ["survival", "se", "lower"]].tolist() == [0, 0, 0]
        assert table.loc[3, "upper"] == table.loc[2, "upper"] > 1 / 3
        assert table["cut off"].tolist() == [1, 0, 0, 0]


def test_if_all_have_the_event_at_once_nothing_is_known_of_how_long_others_stay():
    table = KaplanMeier([2, 2, 2], event=[1, 1, 1]).fit().table()
    assert table.loc[0, ["survival", "lower", "upper", "se"]].tolist() == [0, 0, 1, 0]


def test_shares_between_times_and_beyond_the_last():
    curves = KaplanMeier.from_formula("years ~ niche", FIRMS, event="moved").fit()
    at = [0.0, 0.5, 1.2, 4.5, 4.6]
    found = curves.survival(at, 0.1)
    for level in (0, 1):
        own = FIRMS[FIRMS["niche"] == level]
        last = own["years"].max()
        for t in at:
            share = 1.0
            for u in np.unique(own["years"][own["years"] <= t]):
                share *= 1 - ((own["years"] == u) & (own["moved"] == 1)).sum() / (own["years"] >= u).sum()
            row = found.loc[level, f"t={t:g}"]
            cut = ((own["years"] == last) & (own["moved"] == 0)).any()
            assert row["estimate"] == (
                pytest.approx(share) if t <= last or not cut else pytest.approx(np.nan, nan_ok=True)
            )
    np.testing.assert_array_equal(found.loc[0, "t=0"], [1, 0, 1, 1])
    done = KaplanMeier([1, 2], event=[1, 1]).fit().survival([3.0])
    assert done["estimate"].tolist() == [0.0]


def test_restricted_means_and_their_differences():
    data = FIRMS.assign(group=np.arange(N) % 3)
    curves = KaplanMeier.from_formula("years ~ group", data, event="moved").fit()
    table, last = curves.restricted_mean(2.25), min(path.times[-1] for path in curves.paths)
    areas = np.array([path.area(2.25) for path in curves.paths])
    np.testing.assert_allclose(table["estimate"], [*areas[:, 0], *(areas[1:, 0] - areas[0, 0])], rtol=1e-14)
    np.testing.assert_allclose(table["se"] ** 2, [*areas[:, 1], *(areas[1:, 1] + areas[0, 1])], rtol=1e-12)
    assert list(table.index) == ["0", "1", "2", "1 less 0", "2 less 0"]
    assert table.loc[["0", "1", "2"], ["z", "p"]].isna().all(axis=None)
    assert table.loc["2 less 0", "p"] == pytest.approx(2 * norm.sf(abs(table.loc["2 less 0", "z"])))
    np.testing.assert_allclose(curves.restricted_mean()["estimate"], curves.restricted_mean(last)["estimate"])
    np.testing.assert_allclose(
        curves.restricted_mean(2.25, 0.2)["upper"] - table["estimate"], norm.ppf(0.9) * table["se"]
    )


def test_quantiles_are_where_the_curve_and_its_limits_cross():
    curves = KaplanMeier.from_formula("years ~ niche", FIRMS, event="moved").fit()
    table = curves.table(0.2)
    for p in (0.25, 0.5):
        found = curves.quantile(p, 0.2)
        for level in (0, 1):
            own = table[table["group"] == level]
            for name, column in (("estimate", "survival"), ("lower", "lower"), ("upper", "upper")):
                below = own["time"][own[column] < 1 - p - 1e-9]
                equal = own["time"][np.isclose(own[column], 1 - p)]
                first = below.min() if len(below) else np.inf
                assert found.loc[level, name] == (first if not len(equal) else (equal.min() + first) / 2)
    pd.testing.assert_frame_equal(curves.median(0.2), curves.quantile(0.5, 0.2))


def test_cumulated_hazards_and_their_intervals():
    curves = NelsonAalen.from_formula("years ~ 1", FIRMS, event="moved", entry="since").fit()
    table, total = curves.table(0.1), np.cumsum(steps(np.ones(N), False))
    np.testing.assert_allclose(table["cumulated hazard"], total, rtol=1e-12)
    np.testing.assert_allclose(table["hazard"], np.diff(total, prepend=0), rtol=1e-12)
    factor = np.exp(norm.ppf(0.95) * table["se"] / total)
    np.testing.assert_allclose(table["lower"], total / factor, rtol=1e-10)
    np.testing.assert_allclose(table["upper"], total * factor, rtol=1e-10)
    assert table["events"].tolist() == [((t == DURATION) & EVENT).sum() for t in TIMES]


def test_hazards_by_pieces_of_time():
    data = {"t": [0.5, 1, 1, 2.5, 3, 3, 6], "d": [1, 1, 0, 1, 0, 1, 0], "g": [0, 0, 0, 0, 0, 0, 1]}
    curves = NelsonAalen.from_formula("t ~ 1", data, event="d").fit()
    table = curves.rates([0, 1, 3, 3.5, 6], alpha=0.1)
    rate = np.array([1 / 7, (1 / 6 + 1 / 4) / 2, 1 / 3 / 0.5, 0])
    se = np.sqrt([1 / 49, (1 / 36 + 1 / 16) / 4, 1 / 9 / 0.25, 0])
    np.testing.assert_allclose(table["rate"], rate, rtol=1e-12)
    np.testing.assert_allclose(table["se"], se, rtol=1e-12)
    factor = np.exp(norm.ppf(0.95) * se[:3] / rate[:3])
    np.testing.assert_allclose(table["lower"][:3], rate[:3] / factor, rtol=1e-10)
    np.testing.assert_allclose(table["upper"][:3], rate[:3] * factor, rtol=1e-10)
    assert table.loc[3, ["lower", "upper"]].isna().all()
    assert table[["from", "to"]].to_numpy().tolist() == [[0, 1], [1, 3], [3, 3.5], [3.5, 6]]
    years = NelsonAalen.from_formula("t ~ g", data, event="d").fit().rates()
    assert years["from"].tolist() == [*range(7)] * 2 and years["to"].max() == 7
