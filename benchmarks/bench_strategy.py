"""Binary, multinomial, conditional and ordered choices: whole public calls, errors included where peers give them."""

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
from harness import Case, main

from exportmodels.strategy import ConditionalLogit, FirthLogit, Logit, MultinomialLogit, OrderedLogit

SLOPES = np.linspace(-0.5, 0.5, 10)


def covariates(n: int, p: int, rng: np.random.Generator) -> np.ndarray:
    """Draw measurements and yes-no characteristics in turn."""
    x = rng.normal(size=(n, p))
    x[:, 1::2] = x[:, 1::2] > 0.3
    return x


def binary(n: int, p: int, seed: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = covariates(n, p, rng)
    return (rng.random(n) < 1 / (1 + np.exp(0.5 - x @ SLOPES[:p]))).astype(float), x


def routes(n: int, levels: int = 4, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = covariates(n, 10, rng)
    utility = x @ rng.normal(0, 0.4, (10, levels)) + rng.gumbel(size=(n, levels))
    return utility.argmax(axis=1), x


def destinations(sets: int, countries: int = 5, seed: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = covariates(sets * countries, 10, rng)
    utility = (x @ SLOPES).reshape(sets, countries) + rng.gumbel(size=(sets, countries))
    picked = (utility == utility.max(axis=1, keepdims=True)).ravel().astype(int)
    return picked, x, np.repeat(np.arange(sets), countries)


def scale(n: int, seed: int = 9) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = covariates(n, 10, rng)
    return np.searchsorted([-1.5, -0.5, 0.5, 1.5], x @ SLOPES + rng.logistic(size=n)), x


def constant(x: np.ndarray) -> np.ndarray:
    return np.c_[np.ones(len(x)), x]


def firthmodels(y: np.ndarray, x: np.ndarray, tolerance: float = 1e-4) -> np.ndarray:
    from firthmodels import FirthLogisticRegression

    fit = FirthLogisticRegression(gtol=tolerance, xtol=tolerance).fit(x, y)
    return np.r_[fit.intercept_, fit.coef_]


def scikit_learn(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    fit = LogisticRegression(C=np.inf, tol=1e-8, solver="newton-cholesky").fit(x, y)
    return np.r_[fit.intercept_, fit.coef_.ravel()]


def statsmodels_logit(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    import statsmodels.api as sm

    return sm.Logit(y, constant(x)).fit(disp=0).params


def statsmodels_multinomial(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    import statsmodels.api as sm

    fit = sm.MNLogit(y, constant(x)).fit(disp=0)
    return np.r_[fit.params.T.ravel(), fit.bse.T.ravel()]


def statsmodels_ordered(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    return OrderedModel(y, x, distr="logit").fit(method="bfgs", disp=0).params[: x.shape[1]]


def statsmodels_conditional(picked: np.ndarray, x: np.ndarray, sets: np.ndarray) -> np.ndarray:
    from statsmodels.discrete.conditional_models import ConditionalLogit as Peer

    return Peer(picked, x, groups=sets).fit(disp=0).params


def xlogit(picked: np.ndarray, x: np.ndarray, sets: np.ndarray) -> np.ndarray:
    from xlogit import MultinomialLogit as Peer

    names = [f"x{k}" for k in range(x.shape[1])]
    countries = np.tile(np.arange(len(picked) // (sets.max() + 1)), sets.max() + 1)
    peer = Peer()
    peer.fit(x, picked, names, countries, sets, verbose=0)
    return peer.coeff_


def both(results: object) -> np.ndarray:
    return np.r_[results.params, results.bse]  # type: ignore[attr-defined]


def cases() -> Iterator[Case]:
    firth, sm = f"firthmodels {version('firthmodels')}", f"statsmodels {version('statsmodels')}"
    learn, choice = f"scikit-learn {version('scikit-learn')}", f"xlogit {version('xlogit')}"
    for n, p, rounds in ((50, 4, 101), (10_000, 10, 11)):
        y, x = binary(n, p)
        yield Case(
            f"Firth logit, n = {n:,}, {p + 1} coefficients",
            lambda y=y, x=x: FirthLogit(y, constant(x)).fit().params,
            {
                firth: lambda y=y, x=x: firthmodels(y, x),
                f"{firth}, tolerance 1e-8": lambda y=y, x=x: firthmodels(y, x, 1e-8),
            },
            rounds,
            note="ours with checked data, errors and certificate",
        )
    y, x = binary(100_000, 10)
    yield Case(
        "Logit, n = 100,000",
        lambda: Logit(y, constant(x)).fit().params,
        {sm: lambda: statsmodels_logit(y, x), learn: lambda: scikit_learn(y, x)},
        note="scikit-learn without errors",
    )
    mode, z = routes(100_000)
    yield Case(
        "Multinomial logit, 4 levels, n = 100,000",
        lambda: both(MultinomialLogit(mode, constant(z)).fit()),
        {sm: lambda: statsmodels_multinomial(mode, z)},
    )
    picked, attributes, sets = destinations(10_000)
    yield Case(
        "Conditional logit, 10,000 sets of 5",
        lambda: ConditionalLogit(picked, attributes, choice_set=sets).fit().params,
        {choice: lambda: xlogit(picked, attributes, sets)},
    )
    yield Case(
        "Conditional logit, 10,000 sets of 5",
        lambda: ConditionalLogit(picked, attributes, choice_set=sets).fit().params,
        {sm: lambda: statsmodels_conditional(picked, attributes, sets)},
        rounds=1,
        tolerance=1e-3,
        note="the peer stops early",
    )
    level, w = scale(100_000)
    yield Case(
        "Ordered logit, 5 levels, n = 100,000",
        lambda: OrderedLogit(level, w).fit().params[:10],
        {sm: lambda: statsmodels_ordered(level, w)},
        rounds=2,
    )


if __name__ == "__main__":
    main(cases())
