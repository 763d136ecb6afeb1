"""Rubin's rules and contrasts of groups by hand: plain sums, a logit of two covariates, t tails in closed form."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from exportmodels.core.errors import OptionError
from exportmodels.inference import contrast, pool
from exportmodels.spread import Poisson
from exportmodels.strategy import MultinomialLogit

RNG = np.random.default_rng(21)
NAMES = ["const", "niche", "age"]
PARAMS = RNG.normal(size=(5, 3)) * [1.0, 0.2, 30.0]
ROOTS = RNG.normal(size=(5, 3, 3))
COVARIANCES = [root @ root.T * np.outer([1, 0.5, 50], [1, 0.5, 50]) for root in ROOTS]


def imputed(nobs=40, m=5, names=NAMES):
    return [
        SimpleNamespace(params=pd.Series(b, index=names), cov_params=lambda v=v: v, nobs=nobs + k)
        for k, (b, v) in enumerate(zip(PARAMS[:m], COVARIANCES[:m], strict=True))
    ]


@pytest.mark.parametrize("m", [2, 5])
def test_rubins_rules(m):
    """Barnard and Rubin (1999), equations 1 to 5; 40 to 40 + m - 1 firms, of which the mean counts."""
    pooled = pool(imputed(m=m))
    mean = PARAMS[:m].sum(axis=0) / m
    within = sum(COVARIANCES[:m]) / m
    between = sum(np.outer(b - mean, b - mean) for b in PARAMS[:m]) / (m - 1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * np.diag(between) / np.diag(total)
    complete = pooled.nobs - 3
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    df = 1 / (1 / ((m - 1) / share**2) + 1 / observed)
    assert (pooled.imputations, pooled.nobs) == (m, 40 + (m - 1) // 2)
    np.testing.assert_allclose(pooled.params, mean, rtol=1e-12)
    np.testing.assert_allclose(pooled.within, within, rtol=1e-12)
    np.testing.assert_allclose(pooled.between, between, rtol=1e-10)
    np.testing.assert_allclose(pooled.cov_params(), total, rtol=1e-10)
    np.testing.assert_allclose(pooled.missing_information, share, rtol=1e-10)
    np.testing.assert_allclose(pooled.df, df, rtol=1e-10)
    se = np.sqrt(np.diag(total))
    np.testing.assert_allclose(pooled.bse, se, rtol=1e-10)
    np.testing.assert_allclose(pooled.tvalues, mean / se, rtol=1e-10)
    np.testing.assert_allclose(pooled.pvalues, 2 * student.sf(np.abs(mean / se), df), rtol=1e-9)
    for alpha in (0.05, 0.2):
        half = student.isf(alpha / 2, df) * se
        np.testing.assert_allclose(pooled.conf_int(alpha), np.column_stack([mean - half, mean + half]), rtol=1e-9)
    pd.testing.assert_frame_equal(pooled.conf_int(), pooled.conf_int(0.05))
    assert pooled.conf_int().columns.tolist() == [0, 1]
    for labelled in (pooled.params, pooled.bse, pooled.pvalues, pooled.df, pooled.missing_information, pooled.within):
        assert list(labelled.index) == NAMES
    assert list(pooled.within.columns) == list(pooled.between.columns) == NAMES
    assert [one.name for one in (pooled.params, pooled.bse, pooled.pvalues)] == ["params", "bse", "pvalues"]


def test_nothing_missing_is_a_plain_t_test():
    """The same fit twice: no variance between, and the degrees of freedom of a complete sample."""
    with np.errstate(all="raise"):
        pooled = pool([imputed(m=1)[0]] * 2)
    assert not pooled.missing_information.any()
    np.testing.assert_allclose(pooled.df, 38 / 40 * 37, rtol=1e-12)


def test_one_coefficient_and_bare_arrays():
    fits = [SimpleNamespace(params=np.array([b]), cov_params=lambda: np.array([[0.25]]), nobs=9) for b in (1.0, 2.0)]
    pooled = pool(fits)
    assert pooled.params[0] == 1.5 and pooled.between.to_numpy().tolist() == [[0.5]]
    assert pooled.cov_params().to_numpy() == pytest.approx(0.25 + 1.5 * 0.5)


def test_what_cannot_be_pooled():
    with pytest.raises(OptionError, match="at least two fits"):
        pool(imputed(m=1))
    with pytest.raises(OptionError, match="different coefficients"):
        pool([imputed(m=1)[0], imputed(m=1, names=["const", "rd", "age"])[0]])
    for name in ("params", "cov_params", "nobs"):
        broken = imputed(m=2)
        delattr(broken[1], name)
        with pytest.raises(OptionError, match=f"has no {name}"):
            pool(broken)


# Contrasts -----------------------------------------------------------------------------------------------------------

N = 80
NICHE, AGE, WEIGHT = np.arange(N) % 2, RNG.uniform(-1, 1, N), RNG.uniform(0.5, 2, N)
SIZE = np.array(["micro", "small", "medium"])[np.arange(N) % 3]
LEVELS = ["micro", "small", "medium"]
COUNT = RNG.poisson(np.exp(0.5 + 0.6 * NICHE + 0.3 * AGE))
FIRMS = pd.DataFrame(
    {"count": COUNT, "niche": NICHE, "age": AGE, "weight": WEIGHT, "size": pd.Categorical(SIZE, categories=LEVELS)}
)


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_contrasts_by_hand(weights, alpha):
    """Means exp(a + b niche + c age), averaged over firms with niche set to 0 and to 1; their gradient by hand."""
    fit = Poisson.from_formula("count ~ niche + age", FIRMS, weights=weights).fit()
    theta, matrix = fit.params.to_numpy(), fit.cov_params().to_numpy()
    w = (np.ones(N) if weights is None else WEIGHT)[:, None]
    x = [np.column_stack([np.ones(N), np.full(N, k), AGE]) for k in (0, 1)]
    mean = [np.exp(one @ theta) @ w[:, 0] / w.sum() for one in x]
    slope = [(one * np.exp(one @ theta)[:, None] * w).sum(axis=0) / w.sum() for one in x]
    z = norm.isf(alpha / 2)

    gap, step = mean[1] - mean[0], slope[1] - slope[0]
    se = np.sqrt(step @ matrix @ step)
    found = contrast(fit, "niche", alpha=alpha)
    expected = [gap, se, gap / se, 2 * norm.sf(abs(gap / se)), gap - z * se, gap + z * se]
    np.testing.assert_allclose(found.iloc[0].to_numpy(dtype=float), expected, rtol=1e-7)
    assert found.index.tolist() == ["niche: 1 against 0"]
    assert list(found.columns) == ["estimate", "se", "z", "p", "lower", "upper"]

    ratio, step = mean[1] / mean[0], slope[1] / mean[1] - slope[0] / mean[0]
    se = np.sqrt(step @ matrix @ step)
    found = contrast(fit, "niche", scale="ratio", alpha=alpha)
    t = np.log(ratio) / se
    expected = [ratio, ratio * se, t, 2 * norm.sf(abs(t)), ratio * np.exp(-z * se), ratio * np.exp(z * se)]
    np.testing.assert_allclose(found.iloc[0].to_numpy(dtype=float), expected, rtol=1e-6)
    back = contrast(fit, "niche", (1, 0), alpha=alpha)
    assert back.index.tolist() == ["niche: 0 against 1"]
    np.testing.assert_allclose(back["estimate"], -gap, rtol=1e-10)


def test_default_level_scale_and_groups():
    fit = Poisson.from_formula("count ~ size + age", FIRMS).fit()
    default = contrast(fit, "size")
    pd.testing.assert_frame_equal(default, contrast(fit, "size", ("micro", "medium"), scale="difference", alpha=0.05))
    assert default.index.tolist() == ["size: medium against micro"]
    other = contrast(fit, "size", ("micro", "small"))
    assert other["estimate"].iloc[0] != default["estimate"].iloc[0]
    pd.testing.assert_frame_equal(default, contrast(fit, "size", which="mean"))
    shares = contrast(fit, "size", which="single")
    assert abs(shares["estimate"].iloc[0]) < 1 and shares["estimate"].iloc[0] != default["estimate"].iloc[0]


def test_a_contrast_for_each_outcome():
    modes = np.array(["agent", "joint", "own"])[RNG.integers(0, 3, N)]
    fit = MultinomialLogit.from_formula("mode ~ niche + age", FIRMS.assign(mode=modes)).fit()
    found = contrast(fit, "niche")
    assert found.index.tolist() == [f"niche: 1 against 0 | {mode}" for mode in ("agent", "joint", "own")]
    assert found["estimate"].sum() == pytest.approx(0.0, abs=1e-9)
    sides = [fit.predict(FIRMS.assign(niche=k)).mean(axis=0) for k in (0, 1)]
    np.testing.assert_allclose(found["estimate"], sides[1] - sides[0], rtol=1e-7)


def test_what_is_no_contrast():
    fit = Poisson.from_formula("count ~ niche + age", FIRMS).fit()
    for options, said in (
        ({"by": "age"}, "0/1 or categorical"),
        ({"by": "size"}, "0/1 or categorical"),
        ({"by": "niche", "scale": "odds"}, "scale must be"),
        ({"by": "niche", "levels": (0, 2)}, "no level 2; it has: 0, 1"),
        ({"by": "niche", "levels": (3, 1)}, "no level 3"),
        ({"by": "niche", "levels": (0, 1, 1)}, "levels must be two"),
    ):
        with pytest.raises(OptionError, match=said):
            contrast(fit, **options)
