"""Count distributions made of others, against mixtures, conditional laws and sums written out: zeros, tails, brackets."""

import mpmath as mp
import numpy as np
import pytest

from exportmodels.core.errors import OutcomeError
from exportmodels.spread import families
from exportmodels.spread.consul import Consul
from exportmodels.spread.families import Between, CountFamily, Truncated
from exportmodels.spread.logs import Log, log_one_minus
from exportmodels.spread.poisson_gamma import NegativeBinomial2, Poisson
from exportmodels.spread.zeros import HurdleCounts, ZeroInflatedCounts

mp.mp.dps = 40


def poisson(k, eta):
    return mp.exp(k * eta - mp.exp(eta)) / mp.factorial(k)


def nb2(k, eta, log_alpha):
    r, u = mp.exp(-log_alpha), mp.exp(log_alpha + eta)
    return mp.gamma(k + r) / mp.gamma(r) / mp.factorial(k) * (1 + u) ** -r * (u / (1 + u)) ** k


def logistic(x):
    return 1 / (1 + mp.exp(-x))


def agree(found, exact, eta, rtol=1e-9):
    """Compare the rows of a `Log` with the logs of exact functions of the predictors, one each row, and derivatives."""
    k = len(eta)
    unit = np.eye(k, dtype=int)
    for row, function in enumerate(exact):
        at = tuple(mp.mpf(float(e[row])) for e in eta)
        log = lambda *e, f=function: mp.log(f(*e))  # noqa: E731
        assert found.value[row] == pytest.approx(float(log(*at)), rel=1e-11, abs=1e-14)
        for a in range(k):
            slope = float(mp.diff(log, at, tuple(map(int, unit[a]))))
            assert found.first[a, row] == pytest.approx(slope, rel=rtol, abs=1e-11)
            for b in range(k):
                bend = float(mp.diff(log, at, tuple(map(int, unit[a] + unit[b]))))
                assert found.second[a, b, row] == pytest.approx(bend, rel=rtol, abs=1e-11)


def rows(*columns):
    return np.array(columns, dtype=float)


# Logs


P = [1e-300, 1e-9, 0.3, 0.5, 0.9, 1 - 1e-9]
ETA = rows(np.linspace(-1, 1, 6), np.linspace(2, -1, 6))


def made(p):
    """Return probabilities p + 0.01 sin(a + 2 b) p (1 - p) with their derivatives, by which they are known exactly."""
    phase = ETA[0] + 2 * ETA[1]
    wave, unit = 0.01 * p * (1 - p), np.array([1.0, 2.0])[:, None]
    value, slope, bend = p + wave * np.sin(phase), wave * np.cos(phase) * unit, -wave * np.sin(phase) * unit
    second = bend[:, None] * unit / value - slope[:, None] * slope[None] / value**2
    return Log(np.log(value), slope / value, second)


def wave(p):
    return lambda a, b: p + mp.mpf(0.01) * p * (1 - p) * mp.sin(a + 2 * b)


def test_a_complement_and_its_derivatives():
    found = made(np.array(P[2:5])).complement
    assert found is not None
    p = np.array(P)
    log = made(p)[np.arange(2, 5)].complement()
    agree(log, [lambda a, b, q=mp.mpf(q): 1 - wave(q)(a, b) for q in P[2:5]], ETA[:, 2:5], rtol=1e-8)
