"""Rank tests against survdiff of R and, for trends and late entry, the score tests of its exact Cox model."""

import numpy as np
import pandas as pd
import pytest
from oracles import HERE

from exportmodels.core.errors import DataError, OptionError
from exportmodels.timing import logrank_test

LUNG = pd.read_csv(HERE / "data" / "lung.csv")
CHANNING = pd.read_csv(HERE / "data" / "channing.csv")


# R 4.2.2, survival 3.5-3: survdiff(Surv(time, event) ~ ecog), + strata(sex), rho = 1, and with whole quarters
@pytest.mark.parametrize(
    ("outcome", "options", "statistic"),
    [
        ("time", {}, 20.5871712007222),
        ("time", {"strata": "sex"}, 20.5165681850796),
        ("time", {"rho": 1}, 22.9977038158372),
        ("quarter", {}, 17.9263825542342),
        # coxph(Surv(time, event) ~ ecog, ties = "exact")$score
        ("time", {"trend": True}, 16.8119662838202),
        ("quarter", {"trend": [0, 1, 2, 3]}, 16.4890015458471),
    ],
)
def test_statistics_are_those_of_r(outcome, options, statistic):
    test = logrank_test(outcome, "ecog", event="event", data=LUNG, **options)
    np.testing.assert_allclose(test.statistic, statistic, rtol=1e-12)
    assert test.df == (1 if "trend" in options else 3)


def test_expected_events_are_those_of_r():
    table = logrank_test(LUNG["time"], LUNG["ecog"], event=LUNG["event"]).table
    expected = [53.0322021615726, 81.785696606968, 24.0161320533405, 0.165969178118829]
    np.testing.assert_allclose(table["expected"], expected, rtol=1e-12)
    assert table["observed"].sum() == pytest.approx(table["expected"].sum())
    assert table["firms"].tolist() == [62, 113, 46, 1]


def test_late_entry_is_that_of_r():
    # coxph(Surv(entry, time, event) ~ sex, ties = "exact")$score
    test = logrank_test("time", "sex", event="event", entry="entry", data=CHANNING)
    np.testing.assert_allclose(test.statistic, 2.33528055101681, rtol=1e-12)


def test_frequency_is_repetition():
    repeated = LUNG.loc[LUNG.index.repeat(LUNG["repeats"])]
    one = logrank_test("time", "sex", event="event", frequency="repeats", data=LUNG)
    many = logrank_test("time", "sex", event="event", data=repeated)
    np.testing.assert_allclose(one.statistic, many.statistic, rtol=1e-12)
    assert one.table["firms"].sum() == len(repeated)


def test_late_weights_see_late_differences():
    rng = np.random.default_rng(2)
    early, late = rng.exponential(5, 500), rng.exponential(5, 500)
    late = np.where(late > 4, 4 + (late - 4) * 0.4, late)
    firms = pd.DataFrame({"t": np.r_[early, late], "d": 1, "g": np.repeat([0, 1], 500)})
    after = logrank_test("t", "g", event="d", data=firms, gamma=1)
    before = logrank_test("t", "g", event="d", data=firms, rho=1)
    assert after.statistic > before.statistic
    assert str(after).startswith("Fleming-Harrington test (0, 1) of g: chi2(1)")


def test_a_stratum_without_events_says_nothing():
    quiet = LUNG.head(20).assign(event=0, sex="unknown")
    test = logrank_test("time", "ecog", event="event", strata="sex", data=pd.concat([LUNG, quiet]))
    np.testing.assert_allclose(test.statistic, 20.5165681850796, rtol=1e-12)  # survdiff of R, as above
    assert test.table["firms"].sum() == len(LUNG) + 20


def test_bad_input_is_named():
    with pytest.raises(DataError, match="one only"):
        logrank_test("time", "sex", event="event", data=LUNG[LUNG["sex"] == "male"])
    with pytest.raises(DataError, match="nothing to compare"):
        logrank_test([1, 2, 7, 9], list("aabb"), event=[1, 1, 1, 1], entry=[0, 0, 4, 4])
    with pytest.raises(OptionError, match="score to each of the 2 groups"):
        logrank_test("time", "sex", event="event", data=LUNG, trend=[1, 2, 3])
    with pytest.raises(OptionError, match="must not be negative"):
        logrank_test("time", "sex", event="event", data=LUNG, rho=-1)
