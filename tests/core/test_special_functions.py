"""Special functions of our own against 50-digit arithmetic."""

import mpmath as mp
import numpy as np

from exportmodels.core.special import trigamma


def test_trigamma_to_full_precision():
    x = np.r_[np.geomspace(1e-12, 1e12, 200), np.linspace(0.1, 20, 100)]
    with mp.workdps(50):
        exact = [float(mp.psi(1, mp.mpf(float(value)))) for value in x]
    np.testing.assert_allclose(trigamma(x), exact, rtol=2e-15)
