"""Weibull accelerated failure times: the whole public call, data frame to standard errors, against lifelines."""

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
import pandas as pd
from harness import Case, main

from exportmodels.timing import AFT

COVARIATES = [f"x{k}" for k in range(10)]


def firms(n: int, seed: int = 11) -> pd.DataFrame:
    """Draw Weibull years with a third of the firms censored."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 10))
    x[:, 5:] = x[:, 5:] > 0.3
    time = np.exp(2.0 + x @ np.linspace(-0.3, 0.3, 10) + 0.8 * np.log(rng.exponential(size=n)))
    end = rng.exponential(20.0, n)
    table = pd.DataFrame(x, columns=COVARIATES)
    return table.assign(years=np.minimum(time, end), exported=(time <= end).astype(float))


def ours(data: pd.DataFrame) -> np.ndarray:
    model = AFT(data["years"], data[COVARIATES].assign(one=1.0), event=data["exported"])
    results = model.fit()
    assert np.isfinite(results.bse).all()
    return results.params.to_numpy()


def lifelines_aft(data: pd.DataFrame) -> np.ndarray:
    from lifelines import WeibullAFTFitter

    fit = WeibullAFTFitter().fit(data, "years", "exported")
    params = fit.params_["lambda_"]
    return np.r_[params[COVARIATES], params["Intercept"], -fit.params_["rho_"]["Intercept"]]


def cases() -> Iterator[Case]:
    for n, rounds in ((1_000, 5), (100_000, 3), (1_000_000, 1)):
        data = firms(n)
        peers = {f"lifelines {version('lifelines')}": lambda data=data: lifelines_aft(data)}
        yield Case(f"Weibull AFT, n={n:,}, p=10", lambda data=data: ours(data), peers, rounds=rounds)


if __name__ == "__main__":
    main(cases())
