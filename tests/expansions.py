"""Functions written in mpmath, with their gradients and Hessians in many digits, for tests of laws and families."""

import mpmath as mp
import numpy as np


def expansion(function, at):
    """Return the value, gradient and Hessian of `function(*at)` as floats, computed in 40 digits."""
    unit = np.eye(len(at), dtype=int)
    with mp.workdps(40):
        at = tuple(mp.mpf(float(a)) for a in at)
        slope = lambda order: float(mp.diff(function, at, tuple(map(int, order))))  # noqa: E731
        first = [slope(row) for row in unit]
        lower = np.array([[slope(a + b) if k <= j else 0.0 for k, b in enumerate(unit)] for j, a in enumerate(unit)])
        return float(function(*at)), np.array(first), lower + np.tril(lower, -1).T


def agree(found, functions, eta, rtol=1e-9, atol=1e-11):
    """Compare values (n,), slopes (K, n) and bends (K, K, n) with those of logs of exact functions, one each row."""
    rows = [expansion(lambda *e, f=f: mp.log(f(*e)), at) for f, at in zip(functions, np.transpose(eta), strict=True)]
    value, first, second = (np.moveaxis(part, 0, -1) for part in map(np.array, zip(*rows, strict=True)))
    np.testing.assert_allclose(found[0], value, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(found[1], first, rtol=rtol, atol=atol)
    np.testing.assert_allclose(found[2], second, rtol=10 * rtol, atol=10 * atol)


def logistic(x):
    """Return the logistic distribution function."""
    return 1 / (1 + mp.exp(-x))


def nb2(k, eta, log_alpha):
    """Return the probability of a count whose mean is exp(eta) and whose variance is m + alpha m^2."""
    r, u = mp.exp(-log_alpha), mp.exp(log_alpha + eta)
    return mp.rf(r, k) / mp.factorial(k) * (1 + u) ** -r * (u / (1 + u)) ** k
