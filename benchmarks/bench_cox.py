"""Cox in 30 distinct years and in continuous time, its bootstrap, and Kaplan-Meier: whole public calls, with errors."""

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
import pandas as pd
from harness import Case, guarded, main

from exportmodels.core.covariance import bootstrap_draws
from exportmodels.timing import Cox, KaplanMeier

COVARIATES = [f"x{k}" for k in range(10)]


def firms(n: int, covariates: int = 10, *, whole: bool = True, late: bool = False, seed: int = 7) -> pd.DataFrame:
    """Draw firms that export after some years, or are still without at a survey within 30 years."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, covariates))
    x[:, covariates // 2 :] = x[:, covariates // 2 :] > 0.3
    waited = rng.exponential(14 * np.exp(-x @ np.linspace(-0.3, 0.3, covariates)))
    seen = rng.uniform(3, 30, n)
    years = np.minimum(waited, seen)
    table = pd.DataFrame(x, columns=COVARIATES[:covariates])
    table = table.assign(years=np.ceil(years) if whole else years, exported=(waited <= seen).astype(float))
    first = np.floor(rng.uniform(0, 1, n) * table["years"])
    return table.assign(entry=np.where(rng.random(n) < 0.3, first, 0.0) if late else 0.0)


def ours(data: pd.DataFrame, ties: str = "efron", *, late: bool = False) -> np.ndarray:
    names = [name for name in data if str(name).startswith("x")]
    entry = data["entry"] if late else None
    results = Cox(data["years"], data[names], event=data["exported"], entry=entry, ties=ties).fit()
    return np.r_[results.params, results.bse]


def lifelines(data: pd.DataFrame, *, late: bool = False) -> np.ndarray:
    from lifelines import CoxPHFitter

    data = data if late else data.drop(columns="entry")
    entry = "entry" if late else None
    fit = CoxPHFitter().fit(data, "years", "exported", entry_col=entry, fit_options={"precision": 1e-9})
    return np.r_[fit.params_, fit.standard_errors_]


def statsmodels(data: pd.DataFrame, ties: str = "efron") -> np.ndarray:
    from statsmodels.duration.hazard_regression import PHReg

    names = [name for name in data if str(name).startswith("x")]
    fit = PHReg(data["years"], data[names], status=data["exported"], ties=ties).fit(disp=0)
    return np.r_[fit.params, fit.bse]


def scikit_survival(data: pd.DataFrame, ties: str = "efron") -> np.ndarray:
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    names = [name for name in data if str(name).startswith("x")]
    outcome = Surv.from_arrays(data["exported"] == 1, data["years"])
    return CoxPHSurvivalAnalysis(ties=ties, tol=1e-9).fit(data[names].to_numpy(), outcome).coef_


def our_curves(data: pd.DataFrame) -> np.ndarray:
    return KaplanMeier(data["years"], event=data["exported"]).fit().table()["survival"].to_numpy()


def statsmodels_curves(data: pd.DataFrame) -> np.ndarray:
    from statsmodels.duration.survfunc import SurvfuncRight

    return SurvfuncRight(data["years"], data["exported"]).surv_prob


def lifelines_curves(data: pd.DataFrame) -> np.ndarray:
    from lifelines import KaplanMeierFitter

    return KaplanMeierFitter().fit(data["years"], data["exported"]).survival_function_.to_numpy()[1:, 0]


def our_bootstrap(data: pd.DataFrame, refits: int) -> np.ndarray:
    results = Cox(data["years"], data[COVARIATES[:4]], event=data["exported"]).fit("bootstrap", replications=refits)
    return results.bse.to_numpy()


def scikit_survival_bootstrap(data: pd.DataFrame, refits: int) -> np.ndarray:
    draws = bootstrap_draws(np.ones(len(data)), None, refits, 0)
    estimates = [scikit_survival(data.iloc[np.repeat(np.arange(len(data)), draw.astype(int))]) for draw in draws]
    return np.std(estimates, axis=0, ddof=1)


LIFELINES, STATSMODELS, SKSURV = (f"{name} {version(name)}" for name in ("lifelines", "statsmodels", "scikit-survival"))


def cases() -> Iterator[Case]:
    small = firms(50, 4)
    peers = {LIFELINES: lambda: lifelines(small), STATSMODELS: lambda: statsmodels(small)}
    yield Case("Cox, Efron, years, n=50, p=4", lambda: ours(small), peers, rounds=20)
    for n, rounds in ((10_000, 7), (100_000, 5), (1_000_000, 3)):
        data = firms(n)
        peers = {LIFELINES: lambda data=data: lifelines(data)}
        peers[STATSMODELS] = lambda data=data: statsmodels(data)
        yield Case(f"Cox, Efron, 30 years, n={n:,}", lambda data=data: ours(data), peers, rounds=rounds)
    for n, rounds in ((100_000, 3), (1_000_000, 1)):
        data = firms(n)
        without = {f"{SKSURV}, no errors": guarded(lambda data=data: scikit_survival(data))}
        yield Case(f"Cox, Efron, 30 years, n={n:,}", lambda data=data: ours(data)[:10], without, rounds=rounds)
    late = firms(100_000, late=True)
    peers = {LIFELINES: lambda: lifelines(late, late=True)}
    yield Case("Cox, Efron, late entry, n=100,000", lambda: ours(late, late=True), peers, rounds=5)
    exact = firms(100_000, whole=False)
    peers = {f"{SKSURV}, no errors": lambda: scikit_survival(exact)}
    yield Case("Cox, continuous time, n=100,000", lambda: ours(exact)[:10], peers, rounds=3)
    yield Case("Cox, continuous time, n=100,000", lambda: ours(exact), {LIFELINES: lambda: lifelines(exact)}, rounds=3)
    peers = {f"{SKSURV}, refit by refit": lambda: scikit_survival_bootstrap(small, 999)}
    yield Case("Cox, bootstrap of 999 refits, n=50, p=4", lambda: our_bootstrap(small, 999), peers, rounds=3)
    million = firms(1_000_000)
    peers = {STATSMODELS: lambda: statsmodels_curves(million), LIFELINES: lambda: lifelines_curves(million)}
    note = "statsmodels leaves out times without events"
    yield Case(
        "Kaplan-Meier with errors, 30 years, n=1,000,000", lambda: our_curves(million), peers, rounds=5, note=note
    )


if __name__ == "__main__":
    main(cases())
