"""Shares at a million rows: quasi-likelihood against GLMs of other packages, beta, censored and interval regression."""

from importlib.metadata import version

import numpy as np
import pandas as pd
from harness import Case, main

from exportmodels.share import Beta, Bracketed, ExtendedBeta, Fractional, Tobit

P = 10


def shares(n: int, seed: int = 5) -> pd.DataFrame:
    """Return shares between 0 and 1, both ends among them, and ten covariates, a constant first."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.standard_normal((n, P - 1))])
    mean = 1 / (1 + np.exp(-x @ np.r_[-0.5, rng.normal(0, 0.3, P - 1)]))
    y = rng.beta(2 * mean, 2 * (1 - mean))
    place = rng.random(n)
    y[place < 0.1], y[place > 0.97] = 0.0, 1.0
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(P)])
    return frame.assign(share=y)


def fractional(frame: pd.DataFrame, rounds: int) -> Case:
    """Return fractional logit with robust errors against statsmodels and glum."""
    y, x = frame["share"], frame.drop(columns="share")

    def ours() -> np.ndarray:
        results = Fractional(y, x).fit("robust")
        return np.r_[results.params, results.bse]

    def logit() -> np.ndarray:
        from statsmodels.discrete.discrete_model import Logit

        results = Logit(y, x).fit(disp=0, cov_type="HC0")
        return np.r_[results.params, results.bse]

    def glm() -> np.ndarray:
        import statsmodels.api as sm

        results = sm.GLM(y, x, family=sm.families.Binomial()).fit(cov_type="HC0")
        return np.r_[results.params, results.bse]

    def glum() -> np.ndarray:
        from glum import GeneralizedLinearRegressor

        model = GeneralizedLinearRegressor(family="binomial", alpha=0, fit_intercept=False, gradient_tol=1e-8)
        model.fit(x, y)
        return np.r_[model.coef_, model.std_errors(x, y, robust=True, expected_information=False)]

    peers = {
        f"statsmodels {version('statsmodels')} Logit": logit,
        f"statsmodels {version('statsmodels')} GLM": glm,
        f"glum {version('glum')}": glum,
    }
    return Case(
        f"fractional logit, robust errors, n = {len(frame):,}",
        ours,
        peers,
        rounds,
        note="coefficients and errors compared",
    )


def probit(frame: pd.DataFrame, rounds: int) -> Case:
    """Return fractional probit with robust errors; glum has no probit, statsmodels' own asks for whole outcomes."""
    y, x = frame["share"], frame.drop(columns="share")

    def ours() -> np.ndarray:
        results = Fractional(y, x, link="probit").fit("nonrobust")
        return results.params.to_numpy()

    def glm() -> np.ndarray:
        import statsmodels.api as sm

        family = sm.families.Binomial(sm.families.links.Probit())
        return sm.GLM(y, x, family=family).fit().params.to_numpy()

    peers = {f"statsmodels {version('statsmodels')} GLM": glm}
    task = f"fractional probit, n = {len(frame):,}"
    return Case(task, ours, peers, rounds, note="coefficients compared; errors are of another bread")


def beta(frame: pd.DataFrame, rounds: int) -> Case:
    """Return beta regression of the shares between 0 and 1."""
    inner = frame[frame["share"].between(0, 1, inclusive="neither")]
    y, x = inner["share"], inner.drop(columns="share")

    def ours() -> np.ndarray:
        results = Beta(y, x).fit()
        return np.r_[results.params, results.bse]

    def betamodel() -> np.ndarray:
        from statsmodels.othermod.betareg import BetaModel

        results = BetaModel(y, x).fit()
        return np.r_[results.params, results.bse]

    peers = {f"statsmodels {version('statsmodels')} BetaModel": betamodel}
    task = f"beta regression, n = {len(inner):,}"
    return Case(task, ours, peers, rounds, note="coefficients and errors compared")


def alone(frame: pd.DataFrame, rounds: int) -> list[Case]:
    """Return what no Python package offers."""
    y, x = frame["share"], frame.drop(columns="share")
    return [
        Case(
            f"{what}, n = {len(frame):,}",
            lambda model=model: model(y, x).fit().params.to_numpy(),
            rounds=rounds,
            note="no peer in Python",
        )
        for what, model in (("two-limit Tobit", Tobit), ("extended-support beta regression", ExtendedBeta))
    ]


def bracketed(frame: pd.DataFrame, rounds: int) -> Case:
    """Return interval regression in the report's brackets, which no Python package offers."""
    edges = np.array([0, 0.1, 0.25, 0.5, 0.75, 1])
    place = np.clip(np.searchsorted(edges, frame["share"]) - 1, 0, 4)
    limits, x = np.column_stack([edges[place], edges[place + 1]]), frame.drop(columns="share")
    return Case(
        f"bracketed share, logit-normal, n = {len(frame):,}",
        lambda: Bracketed(limits, x).fit().params.to_numpy(),
        rounds=rounds,
        note="no peer in Python",
    )


def cases(rounds: int = 5) -> list[Case]:
    """Return the cases of this topic."""
    many, some = shares(1_000_000), shares(100_000)
    return [
        fractional(some, rounds),
        fractional(many, rounds),
        probit(many, rounds),
        beta(some, rounds),
        beta(many, max(rounds // 3, 1)),
        bracketed(some, rounds),
        *alone(some, max(rounds // 3, 1)),
    ]


if __name__ == "__main__":
    main(cases())
