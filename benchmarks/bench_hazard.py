"""Discrete hazards over 30 years: ours from firms; peers from firm-years that are written out beforehand, not timed."""

import tracemalloc
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
import pandas as pd
from harness import Case, guarded, main

from exportmodels.timing import DiscreteHazard

YEARS = 30
COVARIATES = [f"x{k}" for k in range(10)]
SLOPES = np.linspace(-0.3, 0.3, 10)


def firms(n: int, seed: int = 12) -> pd.DataFrame:
    """Draw firms that export from some year on, or are still without at a survey within 30 years."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 10))
    x[:, 5:] = x[:, 5:] > 0.3
    rate = np.exp(x @ SLOPES)[:, None] * np.exp(-2.2 - 0.03 * np.arange(YEARS))
    failed = np.cumsum(rate, axis=1) > rng.exponential(size=n)[:, None]
    started = np.where(failed.any(axis=1), failed.argmax(axis=1), YEARS)
    last = rng.integers(5, YEARS, n)
    happened = started <= last
    table = pd.DataFrame(x, columns=COVARIATES)
    return table.assign(years=np.where(happened, started, last), exported=happened.astype(float))


def written_out(data: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return year, event and covariates of every firm-year."""
    times = data["years"].to_numpy() + 1
    row = np.repeat(np.arange(len(data)), times)
    year = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    event = (year == times[row] - 1) * data["exported"].to_numpy()[row]
    return year, event, data[COVARIATES].to_numpy()[row]


def ours(data: pd.DataFrame, link: str) -> np.ndarray:
    results = DiscreteHazard(data["years"], data[COVARIATES], event=data["exported"], link=link).fit()
    return results.params.to_numpy()[-10:] + 0 * results.bse.to_numpy()[-10:]


def statsmodels_glm(table: tuple, link: str) -> np.ndarray:
    import statsmodels.api as sm

    year, event, x = table
    links = {"cloglog": sm.families.links.CLogLog(), "logit": sm.families.links.Logit()}
    design = np.column_stack([year[:, None] == np.unique(year), x]).astype(float)
    return sm.GLM(event, design, family=sm.families.Binomial(links[link])).fit(tol=1e-10).params[-10:]


def glum_split(table: tuple, link: str) -> np.ndarray:
    import tabmat
    from glum import BinomialDistribution, CloglogLink, GeneralizedLinearRegressor, LogitLink

    year, event, x = table
    design = tabmat.SplitMatrix([tabmat.CategoricalMatrix(year), tabmat.DenseMatrix(np.asfortranarray(x))])
    model = GeneralizedLinearRegressor(
        family=BinomialDistribution(),
        link=CloglogLink() if link == "cloglog" else LogitLink(),
        alpha=0,
        fit_intercept=False,
        gradient_tol=1e-8,
        max_iter=100,
    )
    return model.fit(design, event).coef_[-10:]


def peak_memory(data: pd.DataFrame) -> float:
    """Return the most memory that a fit holds beside the data, in GB."""
    tracemalloc.start()
    ours(data, "cloglog")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e9


def cases() -> Iterator[Case]:
    for n, link in ((10_000, "cloglog"), (10_000, "logit"), (100_000, "cloglog"), (100_000, "logit")):
        data = firms(n)
        table = written_out(data)
        peers = {
            f"glum {version('glum')}, no errors": lambda table=table, link=link: glum_split(table, link),
        }
        if n == 10_000:
            name = f"statsmodels {version('statsmodels')} GLM"
            peers[name] = lambda table=table, link=link: statsmodels_glm(table, link)
        note = f"{len(table[0]):,} firm-years"
        task = f"discrete hazard, {link}, dummies, n={n:,}"
        yield Case(task, lambda data=data, link=link: ours(data, link), peers, rounds=3, note=note)
    data = firms(1_000_000)
    table_size = int((data["years"] + 1).sum()) * (YEARS + len(COVARIATES) + 1) * 8 / 1e9
    note = f"most memory {peak_memory(data):.2f} GB; its firm-years as a dense table would take {table_size:.1f} GB"
    table = written_out(data)
    peers = {
        f"glum {version('glum')}, no errors": lambda: glum_split(table, "cloglog"),
        f"statsmodels {version('statsmodels')} GLM": guarded(lambda: statsmodels_glm(table, "cloglog")),
    }
    yield Case("discrete hazard, cloglog, dummies, n=1,000,000", lambda: ours(data, "cloglog"), peers, 1, note=note)


if __name__ == "__main__":
    main(cases())
