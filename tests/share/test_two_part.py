"""Two-part models: their parts by themselves, together, against one part, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, OptionError, OutcomeError, SeparationError
from exportmodels.core.links import LINKS
from exportmodels.share import Beta, Fractional, Tobit, TruncatedRegression, TwoPart, p_test
from exportmodels.strategy import Logit


def firms(n=3000, seed=4, same=False):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "age": rng.normal(size=n), "city": rng.integers(0, 60, n)})
    mean = LINKS["logit"].probability((-0.4 + 0.8 * frame["niche"]).to_numpy())
    exports = rng.random(n) < LINKS["logit"].probability((0.3 + 1.2 * frame["age"]).to_numpy())
    share = rng.beta(4 * mean, 4 * (1 - mean)) * exports
    if same:
        share = np.round(
            rng.binomial(5, LINKS["logit"].probability((-0.4 + frame["niche"] + frame["age"]).to_numpy())) / 5, 1
        )
    return frame.assign(share=share, exports=(share > 0).astype(float))


def test_is_its_parts():
    data = firms()
    both = TwoPart.from_formula("share ~ niche", data, participate="niche + age").fit("nonrobust")
    first = Logit.from_formula("exports ~ niche + age", data).fit()
    second = Fractional.from_formula("share ~ niche", data[data["share"] > 0]).fit("nonrobust")
    joined = pd.concat([second.params, first.params.add_prefix("[participate] ")])
    np.testing.assert_allclose(both.params[joined.index], joined, rtol=1e-8)
    errors = pd.concat([second.bse, first.bse.add_prefix("[participate] ")])
    np.testing.assert_allclose(both.bse[errors.index], errors, rtol=1e-7)
    assert both.llf == pytest.approx(first.llf + second.llf, rel=1e-12)
    assert both.llnull == pytest.approx(first.llnull + second.llnull, rel=1e-12)


def test_beta_and_truncated_second_parts():
    data = firms()
    exporters = data[data["share"] > 0]
    beta = TwoPart.from_formula("share ~ niche", data, dist="beta", precision="age").fit("nonrobust")
    alone = Beta.from_formula("share ~ niche", exporters, precision="age").fit()
    np.testing.assert_allclose(beta.params[alone.params.index], alone.params, rtol=1e-8)
    cragg = TwoPart.from_formula("share ~ niche", data, dist="truncated", participation="probit").fit("nonrobust")
    truncated = TruncatedRegression.from_formula("share ~ niche", exporters, upper=None).fit()
    np.testing.assert_allclose(cragg.params[truncated.params.index], truncated.params, rtol=1e-7)
    assert cragg.predict(which="more_than_half").between(0, 1).all()
    half = beta.predict(which="more_than_half")
    assert (half < beta.predict(which="participation")).all()


def test_means_and_effects_are_joint():
    results = TwoPart.from_formula("share ~ niche + age", firms()).fit()
    product = results.predict(which="participation") * results.predict(which="exporters")
    np.testing.assert_allclose(results.predict(), product)
    parts = [results.effects(["age"], which)["estimate"].iloc[0] for which in ("participation", "exporters")]
    assert results.effects(["age"])["estimate"].iloc[0] != pytest.approx(parts[0] * parts[1])
    table = results.findings("niche").table
    assert set(table["quantity"]) >= {"probability of selling abroad", "mean share of exporters"}


def test_parts_say_which_covariates_they_do_not_depend_on():
    results = TwoPart.from_formula("share ~ niche", firms(400), participate="age").fit()
    assert list(results.effects(which="participation").index) == ["age"]
    assert list(results.effects(which="exporters").index) == ["niche"]
    assert results.effects(["niche"], which="participation").loc["niche", "estimate"] == 0
    sentences = results.findings("niche").sentences()
    assert "Probability of selling abroad does not depend on niche in this model." in sentences
    assert not any("0.000 to 0.000" in sentence for sentence in sentences)


def test_participation_has_the_same_covariates_unless_others_are_given():
    data = firms(400)
    results = TwoPart.from_formula("share ~ niche + age", data).fit()
    assert [name for name in results.params.index if "participate" in name] == [
        "[participate] Intercept",
        "[participate] niche",
        "[participate] age",
    ]
    assert results.predict(data.head(3)).between(0, 1).all()
    arrays = TwoPart(data["share"], np.column_stack([np.ones(400), data[["niche", "age"]]])).fit()
    np.testing.assert_allclose(arrays.params, results.params, rtol=1e-9)


def test_one_part_against_two():
    apart = firms()
    one = Fractional.from_formula("share ~ niche + age", apart).fit()
    two = TwoPart.from_formula("share ~ niche + age", apart).fit()
    assert p_test(one, two).pvalue < 0.001
    assert p_test(two, one).pvalue > 0.01
    np.testing.assert_allclose(p_test(one, two).statistic, one.p_test(two).statistic, rtol=1e-6)
    same = firms(same=True)
    one = Fractional.from_formula("share ~ niche + age", same).fit()
    two = TwoPart.from_formula("share ~ niche + age", same).fit()
    assert p_test(one, two).pvalue > 0.01
    with pytest.raises(OptionError, match="same complete rows"):
        p_test(one, TwoPart.from_formula("share ~ niche", same.head(900)).fit())


@pytest.mark.slow
def test_p_tests_keep_their_level():
    rejected = 0
    for seed in range(300):
        data = firms(500, seed)
        two = TwoPart.from_formula("share ~ niche", data, participate="age").fit()
        rejected += p_test(two, Fractional.from_formula("share ~ niche + age", data).fit()).pvalue < 0.05
    assert abs(rejected / 300 - 0.05) < 0.04


def test_tobit_is_nested_in_the_hurdle():
    rng = np.random.default_rng(5)
    data = firms(1500).assign(share=lambda d: (0.2 + 0.2 * d["niche"] + 0.2 * rng.normal(size=1500)).clip(0, 1))
    data = data[data["share"] < 1]
    hurdle = TwoPart.from_formula("share ~ niche", data, dist="truncated", participation="probit").fit("nonrobust")
    test = hurdle.lr_test(Tobit.from_formula("share ~ niche", data, upper=None).fit())
    assert test.df == 2
    assert test.pvalue > 0.01
    apart = firms()
    hurdle = TwoPart.from_formula("share ~ niche", apart, dist="truncated", participation="probit").fit("nonrobust")
    assert hurdle.lr_test(Tobit.from_formula("share ~ niche", apart, upper=None).fit()).pvalue < 0.001


def test_what_is_refused():
    data = firms(300)
    with pytest.raises(OutcomeError, match="nowhere exactly 0"):
        TwoPart.from_formula("share ~ niche", data[data["share"] > 0])
    with pytest.raises(OutcomeError, match=r"exactly 1 in rows .*fractional"):
        TwoPart.from_formula("share ~ niche", data.assign(share=data["share"].round()), dist="beta")
    with pytest.raises(OptionError, match="scale= gives covariates"):
        TwoPart.from_formula("share ~ niche", data, scale="age")
    with pytest.raises(OptionError, match="truncated normal law has not"):
        TwoPart.from_formula("share ~ niche", data, dist="truncated", link="probit")
    with pytest.raises(SeparationError, match=r"'niche' \(\+\).*All firms sell abroad"):
        lonely = data.assign(share=data["share"].where(data["niche"] == 1, 0.0) + 1e-3 * (data["niche"] == 1))
        TwoPart.from_formula("share ~ niche", lonely.assign(share=lonely["share"].clip(0, 1))).fit()


def test_exporters_whose_shares_fall_off_like_a_far_tail_say_nothing_of_the_normal_law():
    rng = np.random.default_rng(0)
    share = np.where(rng.random(60) < 0.4, 0.0, rng.gamma(0.6, 0.3, 60)).clip(0, 1)
    firms = pd.DataFrame({"share": share, "niche": np.arange(60) % 2})
    with pytest.raises(ConvergenceError, match=r"standard deviation of 'share' .* use dist='fractional'"):
        TwoPart.from_formula("share ~ niche", firms, dist="truncated").fit()
