"""Derivatives to 30 digits of any log-likelihood written in mpmath, for tests of families."""

import mpmath as mp
import numpy as np

STEP = mp.mpf(10) ** -12


def derivatives(loglike, eta):
    """Return value, first and second derivatives of `loglike(*eta)` as floats, from central differences."""
    with mp.workdps(60):
        size = len(eta)

        def at(*moves):
            point = [mp.mpf(float(v)) for v in eta]
            for k, sign in moves:
                point[k] += sign * STEP
            return loglike(*point)

        value = at()
        first = [(at((k, 1)) - at((k, -1))) / (2 * STEP) for k in range(size)]
        second = [[_second(at, value, j, k) for k in range(size)] for j in range(size)]
        return float(value), np.array(first, dtype=float), np.array(second, dtype=float)


def _second(at, value, j, k):
    if j == k:
        return (at((j, 1)) - 2 * value + at((j, -1))) / STEP**2
    return (at((j, 1), (k, 1)) - at((j, 1), (k, -1)) - at((j, -1), (k, 1)) + at((j, -1), (k, -1))) / (4 * STEP**2)


def check(family, y, eta, loglike, rtol):
    """Compare a family's value and derivatives with the precise ones, row by row; `loglike(row, *eta)`."""
    value, first, second = family.evaluate(y, eta)
    for i in range(len(y)):
        precise = derivatives(lambda *e, row=y[i]: loglike(row, *e), eta[:, i])
        for ours, theirs in zip((value[i], first[:, i], second[:, :, i]), precise, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max(), err_msg=f"row {i}")
