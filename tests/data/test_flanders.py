"""The synthetic sample: the published figures it holds, the routes it keeps, and that it says what it is."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import data, survey
from exportmodels.core.errors import OptionError
from exportmodels.data.flanders.dealing import deal, deal_rows
from exportmodels.data.flanders.maxent import with_mean


@pytest.fixture(scope="module")
def large():
    return data.synthetic_flanders(20_000, seed=2)


def test_a_large_sample_holds_every_figure_that_can_be_held(large):
    targets = data.synthetic_targets(survey.derive(large))
    missed = targets[~targets["held"]]
    assert len(targets) > 240
    assert (missed["reason"] != "").all(), missed[["figure", "outcome", "category", "group", "published", "measured"]]
    assert len(missed) <= 16


def test_no_figure_is_excused_that_could_be_held(large):
    targets = data.synthetic_targets(survey.derive(large))
    excused = targets[targets["reason"] != ""]
    assert not excused["held"].any()


def test_the_distance_to_the_figures_is_small(large):
    """Of the figures without a reason: shares within a point, means within half of their last digit, on average."""
    targets = data.synthetic_targets(survey.derive(large)).query("reason == ''")
    shares = targets[targets["statistic"] == "percent"]
    exact = shares[~shares["note"].str.startswith("in words")]
    assert exact["difference"].abs().mean() < 0.2
    assert targets.loc[targets["statistic"] == "mean", "difference"].abs().max() <= 0.5


@pytest.mark.parametrize("seed", range(20))
def test_fifty_firms_break_no_rule_and_split_as_published(seed):
    answers = data.synthetic_flanders(50, seed=seed)
    assert len(survey.check(answers)) == 0
    firms = survey.derive(answers)
    assert firms["product"].value_counts().to_dict() == {"mass": 19, "niche": 17, "middle": 14}
    assert 42 <= firms["exporter"].sum() <= 44
    assert firms.loc[firms["niche"] == 1, "countries"].mean() > firms.loc[firms["niche"] == 0, "countries"].mean()


def test_large_samples_break_no_rule(large):
    assert len(survey.check(large)) == 0


def test_what_is_drawn_says_that_it_is_synthetic(tmp_path):
    answers = data.synthetic_flanders(50, seed=3)
    firms = survey.derive(answers)
    assert answers.attrs["synthetic"] is True and firms.attrs["synthetic"] is True
    assert "Synthetic" in answers.attrs["source"] and "Onkelinx" in answers.attrs["source"]
    answers.to_csv(tmp_path / "answers.csv", index=False)
    back = survey.read(tmp_path / "answers.csv")
    assert back.attrs["synthetic"] is True
    again = survey.derive(back).reset_index(drop=True)
    pd.testing.assert_frame_equal(again.drop(columns="firm"), firms.reset_index(drop=True).drop(columns="firm"))
    assert list(again["firm"]) == list(firms["firm"])
    renamed = answers.assign(firm=range(50))
    renamed.attrs = {}
    assert "synthetic" not in survey.read(renamed).attrs


def test_draws_repeat_with_their_seed_alone():
    first, again, other = (data.synthetic_flanders(30, seed=seed) for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_few_firms_are_complete_questionnaires(n):
    answers = data.synthetic_flanders(n, seed=0)
    assert len(answers) == n and len(survey.check(answers)) == 0


@pytest.mark.parametrize("n", [0, -3, 2.5, True, "50"])
def test_a_size_that_is_none_is_refused(n):
    with pytest.raises(OptionError, match="n must be a whole number"):
        data.synthetic_flanders(n)


def test_cards_are_dealt_as_often_as_their_chances_say():
    rng = np.random.default_rng(0)
    for _ in range(50):
        counts = np.bincount(deal(rng, np.array([0.3, 0.5, 0.2]), 33), minlength=3)
        assert (np.abs(counts - [9.9, 16.5, 6.6]) < 1).all()
    chances = rng.dirichlet([1, 1, 1], 500)
    counts = np.bincount(deal_rows(rng, chances), minlength=3)
    assert (np.abs(counts - chances.sum(axis=0)) < 12).all()


def test_least_informative_distributions_are_exponential():
    values = np.arange(10.0)
    chances = with_mean(values, 3.0)
    assert chances @ values == pytest.approx(3.0, abs=1e-8)
    np.testing.assert_allclose(np.diff(np.log(chances)), np.diff(np.log(chances))[0], rtol=1e-6)
