"""Beta regressions: printed results, bias treatment, inflated ends, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from exportmodels.core.errors import OptionError, OutcomeError
from exportmodels.core.links import LINKS
from exportmodels.share import Beta, InflatedBeta
from exportmodels.share.beta_bias import _moments
from exportmodels.share.beta_law import BetaShare

PETROL = Path(__file__).parents[1] / "oracles" / "data" / "petrol.csv"
# Gruen, B., Kosmidis, I. and Zeileis, A. (2012), Journal of Statistical Software 48(11), section 4: the gasoline yield
# data, batch 10 the base, temperature in degrees, precision on the log scale.
PRINTED = {
    None: {"Intercept": -6.15957, "batch[T.A]": 1.72773, "temp": 0.01097, "[log_precision]": 6.08741},
    "correct": {"Intercept": -6.14837, "batch[T.A]": 1.72484, "temp": 0.01094, "[log_precision]": 5.71191},
    "reduce": {"Intercept": -6.14259, "batch[T.A]": 1.72347, "temp": 0.01093, "[log_precision]": 5.61608},
}


def petrol():
    data = pd.read_csv(PETROL)
    return data.assign(temp=100 * data["temp"], batch=pd.Categorical(data["batch"], categories=[*"JABCDEFGHI"]))


def firms(n=2000, seed=1, ends=False):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "age": rng.normal(size=n)})
    mean = 1 / (1 + np.exp(0.5 - 0.9 * frame["niche"] - 0.3 * frame["age"]))
    precision = np.exp(1.2 + 0.4 * frame["age"])
    share = rng.beta(mean * precision, (1 - mean) * precision).clip(1e-9, 1 - 1e-9)
    if ends:
        zero, one = np.exp(-1 - 0.8 * frame["niche"]), np.full(n, np.exp(-2.0))
        place = rng.random(n) * (1 + zero + one)
        share = np.select([place < zero, place < zero + one], [0.0, 1.0], share)
    return frame.assign(share=share)


@pytest.mark.parametrize("bias", PRINTED)
def test_printed_beta_regressions(bias):
    results = Beta.from_formula("share ~ batch + temp", petrol(), bias=bias).fit()
    figures = pd.Series(PRINTED[bias])
    np.testing.assert_allclose(results.params[figures.index], figures, atol=6e-6)
    assert results.converged
    assert len(results.notes) == (bias is not None)


def test_maximum_likelihood_agrees_with_statsmodels():
    from statsmodels.othermod.betareg import BetaModel

    data = firms(400)
    ours = Beta.from_formula("share ~ niche + age", data, precision="age").fit()
    x = np.column_stack([np.ones(400), data[["niche", "age"]]])
    theirs = BetaModel(data["share"], x, exog_precision=x[:, [0, 2]]).fit(disp=0, method="newton", tol=1e-12)
    assert ours.llf == pytest.approx(theirs.llf, rel=1e-9)
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-5)


@pytest.mark.parametrize("link", LINKS)
def test_bias_terms_are_the_expectations_they_stand_for(link):
    family, eta = BetaShare(LINKS[link]), np.array([[0.4], [1.3]])
    p, q = (float(part[0]) for part in family.parameters(eta))
    _, _, moments = _moments(family, eta)

    def expected(a, b, c):
        def integrand(y):
            at = np.array([y])
            first, second = family.derivatives(at, eta)
            density = np.exp(family.loglike(at, eta)[0])
            return density * (first[a, 0] * first[b, 0] + second[a, b, 0]) * first[c, 0]

        return quad(integrand, 0, 1, epsabs=1e-10, limit=200)[0]

    assert min(p, q) > 0.3
    for a, b, c in np.ndindex(2, 2, 2):
        assert moments[a, b, c, 0] == pytest.approx(expected(a, b, c), abs=1e-6)


@pytest.mark.slow
def test_bias_treatment_removes_the_bias_of_the_precision():
    draws = {bias: [] for bias in PRINTED}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x = np.column_stack([np.ones(20), rng.normal(size=(20, 3))])
        share = rng.beta(5.0, 5.0, 20)
        for bias, kept in draws.items():
            kept.append(Beta(share, x, bias=bias).fit().params.iloc[-1])
    bias = {name: np.mean(kept) - np.log(10) for name, kept in draws.items()}
    error = np.std(draws["reduce"]) / np.sqrt(300)
    assert bias[None] > 0.2
    assert abs(bias["reduce"]) < 4 * error
    assert abs(bias["correct"]) < bias[None] / 2


def test_bias_treatment_goes_with_frequencies_and_the_bootstrap():
    data = firms(40).assign(copies=lambda d: 1 + d.index % 2)
    once = Beta.from_formula("share ~ niche", data, frequency="copies", bias="reduce").fit()
    repeated = Beta.from_formula("share ~ niche", data.loc[data.index.repeat(data["copies"])], bias="reduce").fit()
    np.testing.assert_allclose(once.params, repeated.params, rtol=1e-8)
    np.testing.assert_allclose(once.bse, repeated.bse, rtol=1e-8)
    assert (Beta.from_formula("share ~ niche", data, bias="reduce").fit("bootstrap", replications=50).bse > 0).all()


def test_inflated_beta_is_three_models():
    from statsmodels.discrete.discrete_model import MNLogit

    data = firms(ends=True)
    results = InflatedBeta.from_formula("share ~ niche + age", data, zero="niche", one="niche", precision="age").fit()
    inside = data[(data["share"] > 0) & (data["share"] < 1)]
    beta = Beta.from_formula("share ~ niche + age", inside, precision="age").fit()
    np.testing.assert_allclose(results.params[beta.params.index], beta.params, rtol=1e-8)
    np.testing.assert_allclose(results.bse[beta.params.index], beta.bse, rtol=1e-7)
    place = np.select([data["share"] == 0, data["share"] == 1], [1, 2], 0)
    logit = MNLogit(place, np.column_stack([np.ones(len(data)), data["niche"]])).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(results.params.filter(regex="zero|one"), np.ravel(logit.params, order="F"), rtol=1e-6)
    assert results.llf == pytest.approx(beta.llf + logit.llf, rel=1e-10)


def test_inflated_beta_combines_its_parts():
    data = firms(ends=True)
    results = InflatedBeta.from_formula("share ~ niche", data, zero="niche").fit()
    ends = results.predict(which="nothing"), results.predict(which="everything")
    mean = ends[1] + (1 - ends[0] - ends[1]) * results.predict(which="between")
    np.testing.assert_allclose(results.predict(), mean)
    assert results.predict().mean() == pytest.approx(data["share"].mean(), abs=0.01)
    assert results.effects(["niche"])["estimate"].iloc[0] > 0


def test_what_is_refused():
    data = firms(100, ends=True)
    with pytest.raises(OutcomeError, match=r"exactly 0 in rows .*share.ExtendedBeta"):
        Beta.from_formula("share ~ niche", data)
    with pytest.raises(OutcomeError, match=r"exactly 1 in rows .*inflate='both'"):
        InflatedBeta.from_formula("share ~ niche", data, inflate="zero")
    with pytest.raises(OutcomeError, match="nowhere exactly 0"):
        InflatedBeta.from_formula("share ~ niche", data[data["share"] > 0])
    with pytest.raises(OptionError, match="one= gives covariates"):
        InflatedBeta.from_formula("share ~ niche", data, inflate="zero", one="age")
    with pytest.raises(OptionError, match="bias must be one of"):
        Beta.from_formula("share ~ niche", data, bias="remove")
