"""Fractional response: the scale, the tests of the mean, and cells without variation."""

from functools import partial

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError, OutcomeError, SeparationError
from exportmodels.core.links import LINKS
from exportmodels.share import Fractional, compare_links
from exportmodels.share.heteroskedastic import ScaledBernoulli

DISTRIBUTION = {
    "logit": lambda u: 1 / (1 + mp.exp(-u)),
    "probit": mp.ncdf,
    "cloglog": lambda u: 1 - mp.exp(-mp.exp(u)),
    "loglog": lambda u: mp.exp(-mp.exp(-u)),
    "cauchit": lambda u: mp.mpf(1) / 2 + mp.atan(u) / mp.pi,
}


def firms(n=600, seed=2, link="probit", scale=0.0, trials=8):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "age": rng.normal(size=n), "city": rng.integers(0, 40, n)})
    index = (-0.4 + 0.8 * frame["niche"] + 0.5 * frame["age"]) * np.exp(-scale * frame["age"])
    return frame.assign(share=rng.binomial(trials, LINKS[link].probability(index.to_numpy())) / trials)


@pytest.mark.parametrize("link", LINKS)
@mp.workdps(50)
def test_scaled_family_against_fifty_digits(link):
    family, point = ScaledBernoulli(LINKS[link]), (0.7, -0.4)

    def reference(y, location, log_scale):
        p = DISTRIBUTION[link](location * mp.exp(-log_scale))
        return y * mp.log(p) + (1 - y) * mp.log(1 - p)

    y, eta = np.array([0.0, 0.3, 1.0]), np.repeat(np.array(point)[:, None], 3, axis=1)
    value, (first, second) = family.loglike(y, eta), family.derivatives(y, eta)
    for i, share in enumerate(y):
        function = partial(reference, mp.mpf(share))
        np.testing.assert_allclose(value[i], float(function(*point)), rtol=1e-12)
        for k, order in enumerate([(1, 0), (0, 1)]):
            np.testing.assert_allclose(first[k, i], float(mp.diff(function, point, order)), rtol=1e-9)
        for (j, k), order in {(0, 0): (2, 0), (0, 1): (1, 1), (1, 1): (0, 2)}.items():
            np.testing.assert_allclose(second[j, k, i], float(mp.diff(function, point, order)), rtol=1e-7)


def test_heteroskedastic_probit_finds_the_scale():
    data = firms(20_000, scale=0.4)
    model = Fractional.from_formula("share ~ niche + age", data, link="probit", scale="age")
    results = model.fit()
    assert list(results.params.index) == ["Intercept", "niche", "age", "[log_scale] age"]
    truth = np.array([-0.4, 0.8, 0.5, 0.4])
    assert (np.abs(results.params - truth) < 4 * results.bse).all()
    plain = Fractional.from_formula("share ~ niche + age", data, link="probit").fit()
    assert results.llnull == pytest.approx(plain.llnull, rel=1e-12)
    assert results.llf > plain.llf
    assert results.effects(["age"]).shape == (1, 6)
    categories = data.assign(region=pd.Categorical(np.array(["a", "b", "c"])[data["city"] % 3]))
    by_region = Fractional.from_formula("share ~ niche", categories, link="probit", scale="region").fit()
    assert [name for name in by_region.params.index if "log_scale" in name] == [
        "[log_scale] region[T.b]",
        "[log_scale] region[T.c]",
    ]
    assert by_region.predict(categories.head(3)).between(0, 1).all()


def test_a_scale_has_no_constant():
    data = firms(100)
    x = np.column_stack([np.ones(100), data["age"]])
    with pytest.raises(DataError, match=r"'x1' of the equation \[log_scale\] is constant.*no constant"):
        Fractional(data["share"], x, link="probit", scale=x)
    named = Fractional(data["share"], x, link="probit", scale=data["age"]).fit()
    assert named.params.index[-1] == "[log_scale] age"


def auxiliary(results, extra):
    """N less the sum of squared residuals of a regression of ones: the robust test as Papke and Wooldridge make it."""
    import statsmodels.api as sm

    mean = results.predict().to_numpy()
    unit = 1 / np.sqrt(mean * (1 - mean))
    gradient = results.model.sample.designs[""].matrix * (mean * (1 - mean) * unit)[:, None]
    residual = (results.model.sample.outcome - mean) * unit
    rest = [sm.OLS(column * unit, gradient).fit().resid * residual for column in extra]
    ones = sm.OLS(np.ones(len(mean)), np.column_stack(rest)).fit()
    return len(mean) - ones.ssr


def test_tests_of_the_mean_are_the_printed_auxiliary_regressions():
    data = firms()
    results = Fractional.from_formula("share ~ niche + age", data).fit()
    p = results.predict().to_numpy()
    index, slope = np.log(p / (1 - p)), p * (1 - p)
    reset = results.reset()
    np.testing.assert_allclose(reset.statistic, auxiliary(results, [slope * index**2, slope * index**3]), rtol=1e-8)
    assert reset.df == 2
    ggoff = results.ggoff()
    np.testing.assert_allclose(ggoff.statistic, auxiliary(results, [p * np.log(p), (1 - p) * np.log(1 - p)]), rtol=1e-8)
    rival = Fractional.from_formula("share ~ niche", data, link="cloglog").fit()
    np.testing.assert_allclose(
        results.p_test(rival).statistic, auxiliary(results, [rival.predict().to_numpy() - p]), rtol=1e-8
    )
    with pytest.raises(OptionError, match="same complete rows"):
        results.p_test(Fractional.from_formula("share ~ niche", data.head(500)).fit())
    with pytest.raises(OptionError, match="at least 2"):
        results.reset(powers=1)


def test_tests_of_the_mean_count_frequencies_and_clusters():
    data = firms(300).assign(copies=lambda d: 1 + d.index % 3)
    repeated = data.loc[data.index.repeat(data["copies"])].reset_index(drop=True)
    once = Fractional.from_formula("share ~ niche + age", data, frequency="copies").fit()
    twice = Fractional.from_formula("share ~ niche + age", repeated).fit()
    for name in ("reset", "ggoff"):
        np.testing.assert_allclose(getattr(once, name)().statistic, getattr(twice, name)().statistic, rtol=1e-8)
        clustered = getattr(once, name)(clusters="city"), getattr(twice, name)(clusters="city")
        np.testing.assert_allclose(clustered[0].statistic, clustered[1].statistic, rtol=1e-8)
        assert clustered[0].statistic != getattr(once, name)().statistic


def test_tests_find_the_wrong_link_and_the_wrong_scale():
    data = firms(4000, link="cloglog", trials=50)
    fits = {link: Fractional.from_formula("share ~ niche + age", data, link=link).fit() for link in LINKS}
    table = compare_links(fits)
    assert (table.drop(index="cloglog")[["reset", "ggoff"]].max(axis=1) < 0.01).all()
    assert (table.loc["cloglog", ["reset", "ggoff"]] > 0.01).all()
    assert (table["P against cloglog"].drop("cloglog") < 0.01).all()
    uneven = firms(8000, scale=0.5, trials=50)
    plain = Fractional.from_formula("share ~ niche + age", uneven, link="probit").fit()
    scaled = Fractional.from_formula("share ~ niche + age", uneven, link="probit", scale="age").fit()
    assert plain.reset().pvalue < 0.01
    assert scaled.reset().pvalue > 0.01


@pytest.mark.slow
def test_tests_of_the_mean_keep_their_level():
    rejected = np.zeros(3)
    for seed in range(400):
        data = firms(400, seed=seed, link="logit", trials=3)
        results = Fractional.from_formula("share ~ niche + age", data).fit()
        rival = Fractional.from_formula("share ~ niche + age", data, link="cloglog").fit()
        rejected += [test.pvalue < 0.05 for test in (results.reset(), results.ggoff(), results.p_test(rival))]
    assert (np.abs(rejected / 400 - 0.05) < 0.035).all()


def test_cells_in_which_all_shares_are_zero_are_named():
    data = firms(200).assign(share=lambda d: d["share"].where(d["niche"] == 1, 0.0))
    with pytest.raises(SeparationError, match=r"'niche' \(\+\).*infinite"):
        Fractional.from_formula("share ~ niche", data).fit()


@pytest.mark.parametrize("wrong", [1.2, -0.1, 45.0, np.inf])
def test_what_is_no_share(wrong):
    data = firms(50)
    data.loc[7, "share"] = wrong
    with pytest.raises(OutcomeError, match=r"'share' must .*row 7"):
        Fractional.from_formula("share ~ niche", data)


def test_findings_of_another_share_speak_of_it_and_of_nothing_published():
    rng = np.random.default_rng(0)
    firms = pd.DataFrame({"niche": rng.integers(0, 2, 100), "share": rng.random(100)})
    own = Fractional.from_formula("share ~ niche", firms).fit().findings("niche")
    other = Fractional.from_formula("herfindahl ~ niche", firms.rename(columns={"share": "herfindahl"})).fit()
    assert own.sentences()[0].startswith("Mean share of sales made abroad, niche=0:")
    assert other.findings("niche").sentences()[0].startswith("Mean of herfindahl, niche=0:")
    assert other.findings("niche").table["published"].isna().all()
