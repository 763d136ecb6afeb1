"""Corrections of a logit written out: leverages, pseudo-firms, the intercept, the bias of order 1 / n."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from exportmodels.core.errors import DataError, OptionError
from exportmodels.strategy import CLogLog, FirthLogit, Logit, Probit, RareEventsLogit
from exportmodels.strategy.flac import leverages

RNG = np.random.default_rng(9)
N = 48
FIRMS = pd.DataFrame({"x": RNG.normal(size=N), "z": RNG.integers(0, 2, N), "known": RNG.normal(0, 0.5, N)})
FIRMS = FIRMS.assign(w=RNG.uniform(0.5, 2, N), n=RNG.integers(1, 4, N), two=2.0)
FIRMS["yes"] = (RNG.uniform(size=N) < expit(-1.2 + 0.7 * FIRMS["x"] + 0.5 * FIRMS["z"] + FIRMS["known"])).astype(int)
CASES = {
    "plain": {},
    "offset": {"offset": "known"},
    "copies": {"frequency": "n", "offset": "known"},
    "weights": {"weights": "w", "frequency": "n", "offset": "known"},
}
FORMULAS = {"one": "yes ~ x + z", "two": "yes ~ 0 + two + x + z"}
every_case = pytest.mark.parametrize("case", CASES)
every_formula = pytest.mark.parametrize("constant", FORMULAS)


def parts(case, constant):
    """Return the design, the total weight (sampling weights of mean one) and the offset."""
    options = CASES[case]
    copies = FIRMS["n"].to_numpy() if "frequency" in options else np.ones(N)
    w = FIRMS["w"] / np.average(FIRMS["w"], weights=copies) if "weights" in options else np.ones(N)
    x = np.column_stack([np.full(N, 1.0 if constant == "one" else 2.0), FIRMS["x"], FIRMS["z"]])
    return x, copies * np.asarray(w), FIRMS["known"].to_numpy() if "offset" in options else np.zeros(N)


def hat(x, v):
    """Return the diagonal of W^(1/2) X (X'WX)^-1 X' W^(1/2)."""
    half = x * np.sqrt(v)[:, None]
    return np.diag(half @ np.linalg.inv(half.T @ half) @ half.T)


def own(results):
    """Return the coefficients in the order of `parts`."""
    first = [name for name in results.params.index if name in ("Intercept", "two")]
    return results.params[[*first, "x", "z"]].to_numpy()


def place(results):
    """Return where the constant, x and z stand among the coefficients."""
    names = list(results.params.index)
    return [next(k for k, name in enumerate(names) if name in ("Intercept", "two")), names.index("x"), names.index("z")]


@every_case
@every_formula
def test_the_intercept_again(case, constant):
    x, weight, known = parts(case, constant)
    firth = FirthLogit.from_formula(FORMULAS[constant], FIRMS, **CASES[case]).fit()
    flic = FirthLogit.from_formula(FORMULAS[constant], FIRMS, correction="flic", **CASES[case]).fit()
    p = expit(x @ own(flic) + known)
    assert weight @ p == pytest.approx(weight @ FIRMS["yes"], rel=1e-12)
    np.testing.assert_allclose(own(flic)[1:], own(firth)[1:], rtol=1e-12)
    if case != "weights":
        information = (x * (weight * p * (1 - p))[:, None]).T @ x
        order = place(flic)
        np.testing.assert_allclose(flic.cov_params().to_numpy()[np.ix_(order, order)], np.linalg.inv(information))


@every_case
@every_formula
def test_pseudo_firms(case, constant):
    x, weight, known = parts(case, constant)
    formula, options = FORMULAS[constant], CASES[case]
    firth = FirthLogit.from_formula(formula, FIRMS, **options).fit()
    p = expit(x @ own(firth) + known)
    h = hat(x, weight * p * (1 - p))
    problem = FirthLogit.from_formula(formula, FIRMS, **options).problem
    sample = firth.model.sample
    found = leverages(problem(sample).objective, np.linalg.solve(problem(sample).back, firth.params))
    if len(found) == N:
        np.testing.assert_allclose(found, h, rtol=1e-9)
    assert h.sum() == pytest.approx(3)
    pseudo = [FIRMS.assign(yes=answer, total=h / 2, pseudo=1.0) for answer in (0, 1)]
    every = pd.concat([FIRMS.assign(total=weight, pseudo=0.0), *pseudo], ignore_index=True)
    given = {"offset": "known"} if "offset" in options else {}
    plain = Logit.from_formula(f"{formula} + pseudo", every, weights="total", **given)
    flac = FirthLogit.from_formula(formula, FIRMS, correction="flac", **options).fit()
    fitted = plain.fit()
    np.testing.assert_allclose(flac.params, fitted.params[flac.params.index], rtol=1e-8)
    assert flac.penalized_llf == pytest.approx(fitted.llf, rel=1e-10)
    eta = x @ own(flac) + known
    log_p = np.where(FIRMS["yes"] == 1, -np.log1p(np.exp(-eta)), -np.log1p(np.exp(eta)))
    assert flac.llf == pytest.approx(weight @ log_p, rel=1e-10)
    joint = plain.problem(plain.sample)
    information = joint.objective.evaluate(np.linalg.solve(joint.back, fitted.params))[2]
    names = fitted.params.index
    covariance = pd.DataFrame(joint.back @ np.linalg.inv(information) @ joint.back.T, names, names)
    if case != "weights":
        expected = covariance.loc[flac.params.index, flac.params.index]
        np.testing.assert_allclose(flac.cov_params(), expected, rtol=1e-7)


@pytest.mark.parametrize("case", ["plain", "offset", "copies"])
@every_formula
@pytest.mark.parametrize("share", [None, 0.03])
def test_the_bias_that_is_taken_off(case, constant, share):
    x, weight, known = parts(case, constant)
    logit = Logit.from_formula(FORMULAS[constant], FIRMS, **CASES[case]).fit()
    p = expit(x @ own(logit) + known)
    v = weight * p * (1 - p)
    inverse = np.linalg.inv((x * v[:, None]).T @ x)
    each = np.einsum("ij,jk,ik->i", x, inverse, x)
    expected = own(logit) - inverse @ x.T @ (v * each * (p - 0.5))
    if share is not None:
        here = np.average(FIRMS["yes"], weights=weight)
        expected[0] -= np.log((1 - share) / share * here / (1 - here)) / x[0, 0]
    rare = RareEventsLogit.from_formula(FORMULAS[constant], FIRMS, share=share, **CASES[case]).fit()
    np.testing.assert_allclose(own(rare), expected, rtol=1e-9)
    n = weight.sum()
    order = place(rare)
    np.testing.assert_allclose(
        rare.cov_params().to_numpy()[np.ix_(order, order)], inverse * (n / (n + 3)) ** 2, rtol=1e-8
    )
    notes = [note for note in rare.notes if "population" in note]
    said = "probabilities are those of a population in which 0.03 of the firms say yes"
    assert notes == ([] if share is None else [said])
    assert rare.notes[0] == "estimates are corrected for bias; the log-likelihood is that of maximum likelihood"


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_shares_lie_between_their_ends(share):
    with pytest.raises(OptionError, match="share must lie between 0 and 1"):
        RareEventsLogit.from_formula("yes ~ x", FIRMS, share=share)


def test_a_share_needs_an_intercept():
    with pytest.raises(OptionError, match="the model has none"):
        RareEventsLogit.from_formula("yes ~ 0 + x", FIRMS, share=0.1)


@pytest.mark.parametrize("model", [Logit, Probit, CLogLog, FirthLogit, RareEventsLogit])
def test_columns_arrive(model):
    weights = {} if model is RareEventsLogit else {"weights": "w"}
    made = model.from_formula("yes ~ x", FIRMS, frequency="n", offset="known", **weights)
    np.testing.assert_array_equal(made.sample.frequency, FIRMS["n"])
    np.testing.assert_array_equal(made.sample.offset, FIRMS["known"])
    if weights:
        scale = np.average(FIRMS["w"], weights=FIRMS["n"]) if model is FirthLogit else 1.0
        np.testing.assert_allclose(made.sample.weights, FIRMS["w"] / scale)
    gaps = FIRMS.assign(x=FIRMS["x"].where(FIRMS.index != 5))
    assert model.from_formula("yes ~ x", gaps).sample.missing == 1
    with pytest.raises(DataError, match="missing"):
        model.from_formula("yes ~ x", gaps, missing="raise")


def test_a_ratio_of_penalized_likelihoods_holds_what_is_left_out_at_zero():
    full = FirthLogit.from_formula("yes ~ x + z", FIRMS).fit()
    x = np.column_stack([np.ones(N), FIRMS["x"], FIRMS["z"]])

    def penalized(b):
        p = expit(x @ b)
        y = FIRMS["yes"].to_numpy()
        inside = np.log(np.where(y == 1, p, 1 - p)).sum()
        return inside + np.linalg.slogdet((x * (p * (1 - p))[:, None]).T @ x)[1] / 2

    best = minimize(lambda b: -penalized(np.r_[b, 0.0]), [-1.0, 0.3], method="BFGS", options={"gtol": 1e-9})
    test = full.lr_test(FirthLogit.from_formula("yes ~ x", FIRMS).fit())
    assert test.statistic == pytest.approx(2 * (penalized(own(full)) + best.fun), rel=1e-6)
    assert test.df == 1
    none = minimize(lambda b: -penalized(np.r_[b, 0.0, 0.0]), [-1.0], method="BFGS", options={"gtol": 1e-9})
    assert full.llr == pytest.approx(2 * (penalized(own(full)) + none.fun), rel=1e-6)
    for other in ("yes ~ x + known", "yes ~ x + z"):
        with pytest.raises(OptionError, match="some of the coefficients of the full one"):
            full.lr_test(FirthLogit.from_formula(other, FIRMS).fit())
