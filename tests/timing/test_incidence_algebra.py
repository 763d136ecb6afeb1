"""Shares of first moves: products and sums by hand, variances by the delta method of multinomial moves, and tables."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, norm

from exportmodels.core.errors import DataError, OptionError
from exportmodels.timing import CumulativeIncidence
from exportmodels.timing.aalen_johansen import shares

N = 48
RNG = np.random.default_rng(5)
FIRMS = pd.DataFrame({"years": RNG.integers(1, 8, N), "move": RNG.integers(0, 3, N), "sector": np.arange(N) % 3})
FIRMS["large"], FIRMS["copies"] = RNG.integers(0, 2, N), RNG.integers(1, 4, N)
FIRMS["since"] = np.where(RNG.random(N) < 0.4, FIRMS["years"] - 1, 0)
FIRMS = FIRMS[(FIRMS["sector"] != 2) | (FIRMS["years"] < 6)].reset_index(drop=True)


def curves(data=FIRMS, by="sector", **options):
    return CumulativeIncidence.from_formula(f"years ~ {by}", data, event="move", **options).fit()


def counts(data, copies=None):
    """Who is at risk just before each time, and who makes each move then."""
    w = np.ones(len(data)) if copies is None else data[copies].to_numpy()
    times, years = np.unique(data["years"]), data["years"].to_numpy()
    at_risk = np.array([w[years >= t].sum() for t in times])
    events = np.array([[w[(years == t) & (data["move"] == k)].sum() for t in times] for k in (1, 2)])
    return times, at_risk, events


def moved(hazards):
    """The shares of each first move by each time, from the hazards (K, T) of the moves; complex ones too."""
    waiting = np.cumprod(1 - hazards.sum(axis=0))
    return np.cumsum(np.r_[1.0, waiting[:-1]] * hazards, axis=1), waiting


def delta_variance(hazards, at_risk):
    """Moves at each time are multinomial among those at risk: their covariances, through derivatives of the shares."""
    kinds, times = hazards.shape
    total = np.zeros((kinds, times))
    for s in range(times):
        moves = 1e-30j * np.eye(kinds)
        slopes = [np.imag(moved(hazards + np.where(np.arange(times) == s, m[:, None], 0))[0]) / 1e-30 for m in moves]
        covariance = (np.diag(hazards[:, s]) - np.outer(hazards[:, s], hazards[:, s])) / at_risk[s]
        total += np.einsum("jkt,jl,lkt->kt", np.array(slopes), covariance, np.array(slopes))
    return total


def test_shares_and_their_variances():
    at_risk = np.array([20.0, 15, 11, 11, 6, 4])
    events = np.array([[2.0, 1, 0, 3, 0, 1], [1, 2, 0, 1, 1, 1]])
    found = shares(at_risk, events)
    exact, waiting = moved(events / at_risk)
    np.testing.assert_allclose(found.moved, exact, rtol=1e-12)
    np.testing.assert_allclose(found.waiting, waiting, rtol=1e-12)
    np.testing.assert_allclose(found.variance, delta_variance(events / at_risk, at_risk), rtol=1e-10, atol=1e-16)


def test_when_the_last_firms_move_nothing_waits():
    at_risk = np.array([5.0, 3, 2, 0])
    events = np.array([[1.0, 0, 1, 0], [1, 1, 1, 0]])
    found = shares(at_risk, events)
    np.testing.assert_allclose(found.moved, [[1 / 5, 1 / 5, 2 / 5, 2 / 5], [1 / 5, 2 / 5, 3 / 5, 3 / 5]], rtol=1e-12)
    # nobody is cut off: shares of five firms
    np.testing.assert_allclose(found.variance[:, 2:], [[0.24 / 5] * 2] * 2, rtol=1e-10)
    np.testing.assert_allclose(found.waiting, [3 / 5, 2 / 5, 0, 0], atol=1e-15)


@pytest.mark.parametrize("copies", [None, "copies"])
def test_tables(copies):
    found, alpha = curves(frequency=copies), 0.2
    table = found.table(alpha)
    assert list(table.columns) == ["group", "move", "time", "at risk", "events", "incidence", "se", "lower", "upper"]
    for level in range(3):
        data = FIRMS[FIRMS["sector"] == level]
        times, at_risk, events = counts(data, copies)
        exact, _ = moved(events / at_risk)
        error = np.sqrt(delta_variance(events / at_risk, at_risk))
        for k in (1, 2):
            own = table[(table["group"] == level) & (table["move"] == k)].set_index("time").loc[times]
            np.testing.assert_array_equal(own["at risk"], at_risk)
            np.testing.assert_array_equal(own["events"], events[k - 1])
            share, se = exact[k - 1], error[k - 1]
            np.testing.assert_allclose(own["incidence"], share, rtol=1e-12)
            np.testing.assert_allclose(own["se"], se, rtol=1e-8, atol=1e-10)
            at = share > 0
            half = norm.ppf(1 - alpha / 2) * se[at] / ((1 - share) * np.log(1 - share))[at]  # on the scale log(-log)
            ends = [1 - (1 - share[at]) ** np.exp(sign * half) for sign in (1, -1)]
            np.testing.assert_allclose(own[["lower", "upper"]].to_numpy().T[:, at], ends, rtol=1e-7)
            at = [0.5, times[1], times[1] + 0.5, times[-1], times[-1] + 0.1]
            between = found.incidence(at, alpha).loc[level, k]
            np.testing.assert_allclose(between["estimate"], [0, share[1], share[1], share[-1], np.nan], rtol=1e-12)
            np.testing.assert_allclose(between["se"], [0, se[1], se[1], se[-1], np.nan], rtol=1e-8)
            assert list(between.index) == [f"t={t:g}" for t in at]


def test_counts_at_risk():
    found = curves()
    exact = [[((FIRMS["sector"] == g) & (FIRMS["years"] >= t)).sum() for t in (0, 2, 2.5, 9)] for g in range(3)]
    np.testing.assert_array_equal(found.at_risk([0, 2, 2.5, 9]), exact)
    table = found.at_risk([2, 2.5])
    assert list(table.columns) == ["2", "2.5"] and list(table.index) == [0, 1, 2]
    moves = [(FIRMS["move"] == k).sum() for k in (1, 2)]
    assert repr(found) == f"<CumulativeIncidence curves: 3 groups, {moves[0]} 1, {moves[1]} 2>"


def test_grays_test_is_not_made_with_late_entry():
    with pytest.raises(OptionError, match="without late entry"):
        curves(entry="since").gray_test(1)
    with pytest.raises(OptionError, match="there is one only"):
        curves(by="1").gray_test(1)
    with pytest.raises(DataError, match="strata"):
        curves().gray_test(1, strata=np.zeros(3))


def test_late_entry_counts_who_is_there():
    table = curves(by="1", entry="since").table()
    for row in table.itertuples():
        there = (FIRMS["since"] < row.time) & (FIRMS["years"] >= row.time)
        assert row[4] == there.sum()


def test_grays_test_adds_up_strata():
    found = curves()
    total = found.gray_test(2, strata="large")
    codes = FIRMS["large"].to_numpy()
    parts = [found._score(codes == code, 2, 0.0) for code in (0, 1)]
    score, covariance = sum(part.score for part in parts), sum(part.covariance for part in parts)
    assert total.statistic == pytest.approx(score @ np.linalg.inv(covariance) @ score, rel=1e-10)
    assert (total.df, total.pvalue) == (2, pytest.approx(chi2.sf(total.statistic, 2), rel=1e-10))
    halves = [FIRMS[FIRMS["large"] == code] for code in (0, 1)]
    apart = [curves(half)._score(np.ones(len(half), dtype=bool), 2, 0.0) for half in halves]
    for one, other in zip(parts, apart, strict=True):
        np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-12)


def test_groups_without_firms_at_risk_cannot_be_compared():
    data = pd.DataFrame({"years": [1, 1, 5, 6, 7, 8], "move": [0, 0, 1, 2, 1, 1], "sector": [0, 0, 1, 1, 2, 2]})
    with pytest.raises(DataError, match="no firms at risk of 1"):
        curves(data).gray_test(1)
