"""Count models, 10 covariates: whole calls, from arrays to coefficients with their covariance."""

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
import statsmodels.api as sm
from harness import Case, main
from statsmodels.discrete.truncated_model import TruncatedLFNegativeBinomialP

from exportmodels.spread import NegativeBinomial, Poisson, ZeroTruncated

PEER = f"statsmodels {version('statsmodels')}"


def data(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw over-dispersed counts on nine standard normal covariates and a constant."""
    rng = np.random.default_rng(1)
    exog = np.column_stack([np.ones(n), rng.standard_normal((n, 9))])
    mean = np.exp(0.8 + exog[:, 1:] @ np.linspace(-0.25, 0.25, 9))
    return rng.poisson(rng.gamma(1 / 0.6, 0.6 * mean)).astype(float), exog


def with_alpha(params: np.ndarray) -> np.ndarray:
    """Return our coefficients with alpha in the place of its logarithm."""
    return np.r_[params[:-1], np.exp(params[-1])]


def cases() -> Iterator[Case]:
    """Yield one line each for Poisson, NB2 and zero-truncated NB2."""
    y, exog = data(100_000)
    some = y > 0
    yield Case(
        "Poisson, robust errors, n=100,000",
        lambda: Poisson(y, exog).fit("robust").params.to_numpy(),
        {PEER: lambda: sm.Poisson(y, exog).fit(disp=0, cov_type="HC0").params},
    )
    yield Case(
        "NB2, n=100,000",
        lambda: with_alpha(NegativeBinomial(y, exog).fit().params.to_numpy()),
        {PEER: lambda: sm.NegativeBinomial(y, exog).fit(disp=0, maxiter=200).params},
        rounds=3,
        tolerance=1e-3,
    )
    yield Case(
        f"zero-truncated NB2, n={some.sum():,}",
        lambda: with_alpha(ZeroTruncated(y[some], exog[some]).fit().params.to_numpy()),
        {PEER: lambda: TruncatedLFNegativeBinomialP(y[some], exog[some]).fit(disp=0, maxiter=500).params},
        rounds=1,
        tolerance=1e-2,
        note="one round: the peer takes long",
    )


if __name__ == "__main__":
    main(cases())
