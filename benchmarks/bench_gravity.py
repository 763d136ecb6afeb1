"""Poisson pseudo-likelihood with firm and destination effects: whole calls, from a frame to clustered errors."""

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
import pandas as pd
import pyfixest
from harness import Case, main

from exportmodels.spread import GravityPoisson

FORMULA = "sales ~ x1 + x2 + x3 + x4 + x5"


def data(n: int, firms: int, destinations: int = 100) -> pd.DataFrame:
    """Draw exports with many zeros."""
    rng = np.random.default_rng(10)
    firm, country = rng.integers(0, firms, n), rng.integers(0, destinations, n)
    x = rng.standard_normal((n, 5))
    eta = rng.normal(0, 0.7, firms)[firm] + rng.normal(0, 0.7, destinations)[country] + x @ [0.3, -0.2, 0.1, 0.2, -0.1]
    frame = pd.DataFrame(x, columns=[f"x{k}" for k in range(1, 6)])
    return frame.assign(firm=firm, country=country, sales=rng.poisson(np.exp(eta) * rng.gamma(1, 1, n)).astype(float))


def cases() -> Iterator[Case]:
    """Yield lines at 100,000 and a million rows."""
    for n, firms, rounds in ((100_000, 5_000, 3), (1_000_000, 50_000, 2)):
        frame = data(n, firms)

        def ours(frame: pd.DataFrame = frame) -> np.ndarray:
            model = GravityPoisson.from_formula(FORMULA, frame, firm="firm", destination="country")
            return model.fit(clusters="firm").params.to_numpy()

        def peer(frame: pd.DataFrame = frame) -> np.ndarray:
            return pyfixest.fepois(f"{FORMULA} | firm + country", frame, vcov={"CRV1": "firm"}).coef().to_numpy()

        yield Case(
            f"{n:,} rows, {firms:,} firms, 100 destinations, errors clustered by firm",
            ours,
            {f"pyfixest {version('pyfixest')}": peer},
            rounds=rounds,
        )


if __name__ == "__main__":
    main(cases())
