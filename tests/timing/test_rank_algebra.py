"""Rank tests and concordance by their textbook formulas: every time, every pair."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, norm

from exportmodels.core.errors import DataError, FormulaError, OptionError
from exportmodels.timing import Cox, logrank_test

N = 60
RNG = np.random.default_rng(9)
FIRMS = pd.DataFrame({"years": RNG.integers(1, 8, N), "moved": RNG.integers(0, 2, N), "x": RNG.integers(0, 5, N)})
FIRMS["sector"], FIRMS["large"] = np.array(["a", "b", "c"])[RNG.integers(0, 3, N)], RNG.integers(0, 2, N)
FIRMS["since"] = np.where(RNG.random(N) < 0.4, FIRMS["years"] - RNG.integers(1, 3, N), 0).clip(0)
FIRMS["copies"], FIRMS["w"] = RNG.integers(1, 4, N), RNG.uniform(0.5, 2, N)
# The last firm of all has the event alone: nothing to compare with.
FIRMS.loc[0, ["years", "moved", "since"]] = [9, 1, 0]


def by_hand(rho=0.0, gamma=0.0, late=False, stratified=False, counted=False):
    """Observed and expected weighted events of each group, and the covariance of their difference."""
    levels = ["a", "b", "c"]
    observed, expected, variance = np.zeros(3), np.zeros(3), np.zeros((3, 3))
    for _, own in FIRMS.groupby("large" if stratified else np.zeros(N)):
        w = own["copies"] if counted else pd.Series(1, own.index)
        since = own["since"] if late else 0 * own["since"]
        survival = 1.0
        for t in sorted(own.loc[own["moved"] == 1, "years"].unique()):
            there = (own["years"] >= t) & (since < t)
            now = (own["years"] == t) & (own["moved"] == 1)
            n_g = np.array([w[there & (own["sector"] == g)].sum() for g in levels], dtype=float)
            d_g = np.array([w[now & (own["sector"] == g)].sum() for g in levels], dtype=float)
            n, d = n_g.sum(), d_g.sum()
            weight = survival**rho * (1 - survival) ** gamma
            observed += weight * d_g
            expected += weight * d * n_g / n
            if n > 1:
                spread = weight**2 * d * (n - d) / (n - 1)
                variance += spread * (np.diag(n_g / n) - np.outer(n_g, n_g) / n**2)
            survival *= 1 - d / n
    return observed, expected, variance


CASES = [
    {},
    {"rho": 1.0},
    {"gamma": 1.0},
    {"rho": 0.5, "gamma": 2.0},
    {"late": True},
    {"stratified": True, "rho": 1.0},
    {"counted": True, "stratified": True, "late": True},
]


def compare(case, **options):
    given = {"entry": "since"} if case.get("late") else {}
    given |= {"strata": "large"} if case.get("stratified") else {}
    given |= {"frequency": "copies"} if case.get("counted") else {}
    given |= {name: case[name] for name in ("rho", "gamma") if name in case}
    return logrank_test("years", "sector", event="moved", data=FIRMS, **given, **options)


@pytest.mark.parametrize("case", CASES)
def test_rank_tests_by_hand(case):
    observed, expected, variance = by_hand(**case)
    test, gap = compare(case), observed - expected
    statistic = gap[:2] @ np.linalg.inv(variance[:2, :2]) @ gap[:2]
    assert test.statistic == pytest.approx(statistic, rel=1e-9)
    assert (test.df, test.pvalue) == (2, pytest.approx(chi2.sf(statistic, 2), rel=1e-9))
    np.testing.assert_allclose(test.table["observed"], observed, rtol=1e-12)
    np.testing.assert_allclose(test.table["expected"], expected, rtol=1e-12)
    size = FIRMS.groupby("sector")["copies"].sum() if case.get("counted") else FIRMS["sector"].value_counts()
    assert test.table["firms"].to_dict() == size.to_dict()
    for trend, scores in ((True, np.array([1.0, 2, 3])), ([0, 1, 5], np.array([0.0, 1, 5]))):
        exact = (scores @ gap) ** 2 / (scores @ variance @ scores)
        found = compare(case, trend=trend)
        assert (found.statistic, found.df) == (pytest.approx(exact, rel=1e-9), 1)


def test_weights_of_any_size_leave_the_degrees_of_freedom():
    case = {"gamma": 30.0}
    observed, expected, variance = by_hand(**case)
    gap = observed - expected
    assert variance.max() < 1e-6
    test = compare(case)
    assert test.statistic == pytest.approx(gap[:2] @ np.linalg.inv(variance[:2, :2]) @ gap[:2], rel=1e-6)
    assert test.df == 2


def test_strata_without_events_say_nothing_wherever_they_stand():
    quiet = FIRMS.head(10).assign(moved=0, large=2)
    usual = compare({"stratified": True})
    for data in (pd.concat([quiet, FIRMS]), pd.concat([FIRMS, quiet])):
        test = logrank_test("years", "sector", event="moved", strata="large", data=data)
        assert test.statistic == pytest.approx(usual.statistic, rel=1e-12)


@pytest.mark.parametrize("role", ["outcome", "by", "event", "entry", "strata", "frequency"])
def test_a_column_that_is_missing_is_named_with_its_role(role):
    given = {"outcome": "years", "by": "sector", "event": "moved"} | {role: "nowhere"}
    with pytest.raises(FormulaError, match=f"{role}.*'nowhere'"):
        logrank_test(**given, data=FIRMS)


def test_arrays_are_read_without_a_table():
    columns = [FIRMS[name].to_numpy() for name in ("years", "sector", "moved", "large")]
    test = logrank_test(columns[0], columns[1], event=columns[2], strata=columns[3])
    assert test.statistic == compare({"stratified": True}).statistic
    with pytest.raises(DataError, match="strata"):
        logrank_test(columns[0], columns[1], event=columns[2], strata=columns[3][1:])


def test_names_say_what_was_compared():
    assert compare({}).name == "log-rank test of sector"
    assert compare({"stratified": True}, trend=True).name == "stratified log-rank test of sector, trend"
    assert compare({"rho": 0.5, "gamma": 2.0}).name == "Fleming-Harrington test (0.5, 2) of sector"
    assert compare({"gamma": 1.0}, trend=[1, 2, 3]).name == "Fleming-Harrington test (0, 1) of sector, trend"


def test_groups_that_never_meet_take_no_degree_of_freedom():
    """The third group enters after all others have left."""
    data = {"t": [1, 2, 3, 4, 8, 9], "d": [1, 1, 1, 0, 1, 1], "g": [0, 1, 0, 1, 2, 2], "e": [0, 0, 0, 0, 5, 5]}
    assert logrank_test("t", "g", event="d", entry="e", data=data).df == 1


@pytest.mark.parametrize(("rho", "gamma"), [(-1.0, 0.0), (0.0, -0.5)])
def test_weights_that_do_not_rise_with_the_curve(rho, gamma):
    with pytest.raises(OptionError, match="must not be negative"):
        logrank_test("years", "sector", event="moved", data=FIRMS, rho=rho, gamma=gamma)


# Concordance ---------------------------------------------------------------------------------------------------------


def pairs(data, score, weight, factor, strata):
    """Concordant, discordant and tied pairs: each event with all at risk then who stay longer, or are cut off then."""
    years, since, moved = (data[name].to_numpy() for name in ("years", "since", "moved"))
    there = (since[None, :] < years[:, None]) | (since == 0)
    longer = (years[None, :] > years[:, None]) | ((years[None, :] == years[:, None]) & (moved == 0))
    compared = (moved[:, None] == 1) & there & longer & (strata[None, :] == strata[:, None])
    each = np.where(compared, (weight * factor)[:, None] * weight, 0.0)
    gap = score[:, None] - score[None, :]
    return np.array([each[kind].sum() for kind in (gap > 0, gap < 0, gap == 0)])


def staying(data, weight):
    """The share not cut off before each firm's time; firms that have the event then leave first."""
    share, kept = 1.0, np.ones(N)
    for t in sorted(data["years"].unique()):
        kept[data["years"] == t] = share
        now = data["years"] == t
        left = weight[now & (data["moved"] == 0)].sum()
        if left:
            share *= 1 - left / (weight[data["years"] >= t].sum() - weight[now & (data["moved"] == 1)].sum())
    return kept


@pytest.mark.parametrize(
    ("options", "method", "horizon"),
    [
        ({}, "harrell", None),
        ({}, "harrell", 4),
        ({"strata": "large", "weights": "w"}, "harrell", None),
        ({"entry": "since", "frequency": "copies"}, "harrell", None),
        ({"entry": "since", "strata": "large", "weights": "w", "frequency": "copies"}, "harrell", 2),
        ({}, "uno", None),
        ({"weights": "w", "frequency": "copies"}, "uno", 5),
    ],
)
def test_concordance_pair_by_pair(options, method, horizon):
    data = FIRMS.assign(since=0)
    if "entry" in options:  # times from zero on: at zero all are there that do not enter late
        data = FIRMS.assign(years=FIRMS["years"] / 2 - 0.5, since=(FIRMS["since"] / 2 - 0.5).clip(0))
        assert (data.loc[data["moved"] == 1, "years"] == 0).any()
    results = Cox.from_formula("years ~ x", data, event="moved", **options).fit("robust")
    score = np.sign(results.params["x"]) * FIRMS["x"].to_numpy()
    frequency = FIRMS["copies"].to_numpy() if "frequency" in options else np.ones(N)
    weight = frequency * (FIRMS["w"].to_numpy() if "weights" in options else 1.0)
    strata = FIRMS["large"].to_numpy() if "strata" in options else np.zeros(N)
    factor = np.where(data["years"] <= (horizon or np.inf), 1.0, 0.0)
    if method == "uno":
        factor = factor / staying(data, weight) ** 2
    found = results.concordance(method=method, horizon=horizon)
    counts = pairs(data, score, weight, factor, strata).real
    np.testing.assert_allclose([found.concordant, found.discordant, found.tied], counts, rtol=1e-10)
    assert found.estimate == pytest.approx((counts[0] + counts[2] / 2) / counts.sum(), rel=1e-12)
    influence = []
    for i in range(N):  # what a little more weight of a firm does; Uno's shares held
        moved = pairs(data, score, weight + 1e-30j * (np.arange(N) == i), factor, strata)
        influence.append(((moved[0] + moved[2] / 2) / moved.sum()).imag / 1e-30)
    assert found.se == pytest.approx(np.sqrt(((weight * influence) ** 2 / frequency).sum()), rel=1e-9)
    odds, z = np.log(found.estimate / (1 - found.estimate)), norm.ppf(0.9)
    half = z * found.se / (found.estimate * (1 - found.estimate))
    ends = [1 / (1 + np.exp(-(odds + sign * half))) for sign in (-1, 1)]
    np.testing.assert_allclose(found.conf_int(0.2), ends, rtol=1e-9)
    assert str(found).startswith(f"Concordance ({method.capitalize()}): {found.estimate:.4f} (95 % interval ")


def test_a_horizon_before_all_events_leaves_no_pair():
    results = Cox.from_formula("years ~ x", FIRMS, event="moved").fit()
    with pytest.raises(DataError, match="no pair of firms"):
        results.concordance(horizon=0.5)
