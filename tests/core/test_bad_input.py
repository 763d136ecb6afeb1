"""Bad input at the common door: every failure is of our family and names column, rule and rows."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import (
    DataError,
    ExportModelsError,
    FormulaError,
    OptionError,
    OutcomeError,
    SeparationError,
    WeightError,
    rows_that,
)
from exportmodels.share import Fractional
from exportmodels.spread import NegativeBinomial, ZeroTruncated
from exportmodels.strategy import FirthLogit, Logit


@pytest.fixture
def firms():
    rng = np.random.default_rng(7)
    n = 60
    frame = pd.DataFrame(
        {
            "niche": np.tile([0.0, 1.0], n // 2),
            "age": rng.integers(1, 40, n).astype(float),
            "sector": rng.choice(["food", "metal", "services"], n),
        },
        index=[f"firm{i}" for i in range(n)],
    )
    frame["global"] = (rng.random(n) < 0.3 + 0.3 * frame["niche"]).astype(int)
    frame["share"] = np.round(rng.beta(1, 2, n), 2)
    frame["countries"] = rng.negative_binomial(1, 0.1, n) + 1
    return frame


def refused(error, words, build):
    with pytest.raises(error) as caught:
        build()
    for word in words:
        assert word in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.2, ["'share'", "between 0 and 1", "firm3", "1.2"]), (45, ["divide by 100"]), (-0.1, ["between 0 and 1"])],
)
def test_share_outside_its_range(firms, value, words):
    firms.loc["firm3", "share"] = value
    refused(OutcomeError, words, lambda: Fractional.from_formula("share ~ niche", firms))


@pytest.mark.parametrize(("value", "rule"), [(0, "at least 1"), (-2, "at least 1"), (2.5, "whole")])
def test_count_that_a_zero_truncated_model_cannot_take(firms, value, rule):
    firms["countries"] = firms["countries"].astype(float)
    firms.loc["firm5", "countries"] = value
    refused(
        OutcomeError, ["'countries'", rule, "firm5"], lambda: ZeroTruncated.from_formula("countries ~ niche", firms)
    )


def test_negative_count(firms):
    firms.loc["firm2", "countries"] = -1
    refused(OutcomeError, ["at least 0", "firm2"], lambda: NegativeBinomial.from_formula("countries ~ niche", firms))


def test_one_outcome_class(firms):
    firms["global"] = 1
    refused(OutcomeError, ["one class only"], lambda: Logit.from_formula("Q('global') ~ niche", firms))


def test_outcome_that_is_not_binary(firms):
    firms["global"] = 2 * firms["global"]
    refused(OutcomeError, ["0 or 1"], lambda: Logit.from_formula("Q('global') ~ niche", firms))


def test_outcome_of_three_levels(firms):
    refused(OutcomeError, ["two levels", "services"], lambda: Logit.from_formula("sector ~ niche", firms))


def test_outcome_of_words_where_numbers_are_needed(firms):
    refused(OutcomeError, ["numeric", "'sector'"], lambda: Fractional.from_formula("sector ~ niche", firms))


def test_fewer_rows_than_columns(firms):
    refused(
        DataError, ["3 rows", "4 coef"], lambda: Fractional.from_formula("share ~ age + niche + sector", firms.iloc[:3])
    )


def test_infinite_value(firms):
    firms.loc["firm9", "age"] = np.inf
    refused(DataError, ["'age'", "finite", "firm9"], lambda: Logit.from_formula("Q('global') ~ age", firms))


def test_transform_that_yields_no_number(firms):
    firms.loc["firm9", "age"] = -1.0
    with np.errstate(invalid="ignore"):
        refused(DataError, ["np.log(age)", "firm9"], lambda: Logit.from_formula("Q('global') ~ np.log(age)", firms))


def test_constant_column(firms):
    refused(DataError, ["'one'", "constant"], lambda: Logit.from_formula("Q('global') ~ one", firms.assign(one=3.0)))


def test_collinear_column_is_named_with_its_partners(firms):
    firms = firms.assign(twice=2 * firms["age"] + 1)
    refused(DataError, ["linear combination", "age"], lambda: Logit.from_formula("Q('global') ~ age + twice", firms))


def test_nearly_collinear_column_is_not_refused(firms):
    rng = np.random.default_rng(1)
    firms = firms.assign(close=firms["age"] + 1e-6 * rng.standard_normal(len(firms)))
    assert np.isfinite(Fractional.from_formula("share ~ age + close", firms).fit().bse).all()


def test_empty_level(firms):
    levels = pd.Categorical(firms["sector"], categories=["food", "metal", "services", "mining"])
    refused(
        DataError,
        ["mining", "remove_unused_categories"],
        lambda: Logit.from_formula("Q('global') ~ sector", firms.assign(sector=levels)),
    )


def test_unknown_column(firms):
    refused(FormulaError, ["'agee'", "age"], lambda: Logit.from_formula("Q('global') ~ agee", firms))
    refused(FormulaError, ["'worldwide'"], lambda: Logit.from_formula("worldwide ~ age", firms))


@pytest.mark.parametrize(
    "formula", ["share", "share ~", "~ niche", "share ~ niche ~ age", "share ~ (niche", "share ~ 1 +"]
)
def test_formula_that_cannot_be_read(firms, formula):
    refused(FormulaError, [], lambda: Fractional.from_formula(formula, firms))


def test_unknown_category_at_prediction(firms):
    results = Fractional.from_formula("share ~ sector", firms).fit()
    new = pd.DataFrame({"sector": ["food", "mining"]}, index=["a", "b"])
    refused(FormulaError, ["'mining'", "row b", "food"], lambda: results.predict(new))


def test_missing_value_at_prediction(firms):
    results = Fractional.from_formula("share ~ age", firms).fit()
    refused(DataError, ["'age'", "missing"], lambda: results.predict(pd.DataFrame({"age": [1.0, np.nan]})))


def test_absent_column_at_prediction(firms):
    results = Fractional.from_formula("share ~ age", firms).fit()
    refused(FormulaError, ["'age'"], lambda: results.predict(pd.DataFrame({"years": [1.0]})))


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("weights", -1.0, ["weights", "negative", "firm4"]),
        ("weights", 0.0, ["positive"]),
        ("weights", np.inf, ["finite"]),
        ("frequency", -1.0, ["negative"]),
        ("frequency", 1.5, ["whole"]),
    ],
)
def test_weights_that_cannot_be(firms, option, value, words):
    firms["w"] = 1.0
    firms.loc["firm4", "w"] = value
    refused(WeightError, words, lambda: Fractional.from_formula("share ~ niche", firms, **{option: "w"}))


def test_sampling_weights_refuse_the_inverse_information(firms):
    model = Fractional.from_formula("share ~ niche", firms.assign(w=2.0), weights="w")
    refused(WeightError, ["robust"], lambda: model.fit(cov_type="nonrobust"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cov_type": "hc3"}, ["nonrobust", "clustered"]),
        ({"cov_type": "clustered"}, ["clusters="]),
        ({"cov_type": "robust", "clusters": "sector"}, ["'clustered'"]),
        ({"start": [0.0]}, ["2 values"]),
    ],
)
def test_options_that_contradict(firms, options, words):
    model = Fractional.from_formula("share ~ niche", firms)
    refused(OptionError, words, lambda: model.fit(**options))


def test_missing_clusters(firms):
    firms.loc["firm7", "sector"] = None
    model = Fractional.from_formula("share ~ niche", firms)
    refused(DataError, ["clusters", "firm7"], lambda: model.fit(clusters="sector"))


def test_missing_rows_are_counted_or_refused(firms):
    firms.loc[["firm1", "firm2"], "age"] = np.nan
    results = Fractional.from_formula("share ~ age", firms).fit()
    assert results.nobs == 58
    assert "2 of 60 rows" in str(results.summary())
    refused(
        DataError, ["missing", "firm1", "firm2"], lambda: Fractional.from_formula("share ~ age", firms, missing="raise")
    )


def test_no_complete_row(firms):
    refused(DataError, ["no complete row"], lambda: Fractional.from_formula("share ~ age", firms.assign(age=np.nan)))


def test_rows_that_do_not_match(firms):
    refused(DataError, ["rows"], lambda: Fractional(firms["share"], np.ones((59, 1))))
    refused(DataError, ["row labels"], lambda: Fractional(firms["share"], firms[["age"]].iloc[::-1]))


def test_two_columns_of_one_name(firms):
    double = pd.concat([firms, firms[["age"]]], axis=1)
    refused(DataError, ["two columns", "'age'"], lambda: Fractional.from_formula("share ~ niche", double))


def test_separation_is_named_and_firth_answers(firms):
    firms["global"] = ((firms["niche"] == 1) & (firms["age"] > 10)).astype(int)
    refused(
        SeparationError,
        ["'niche' (+)", "FirthLogit"],
        lambda: Logit.from_formula("Q('global') ~ niche + age", firms).fit(),
    )
    results = FirthLogit.from_formula("Q('global') ~ niche + age", firms).fit()
    assert np.isfinite(results.params).all()
    assert results.bse.max() < 10
    assert "niche" in str(results.summary())


def test_no_over_dispersion_is_named(firms):
    firms["countries"] = np.tile([3, 4, 3, 2], 15)
    refused(
        ExportModelsError,
        ["over-dispersion", "Poisson"],
        lambda: NegativeBinomial.from_formula("countries ~ niche", firms).fit(),
    )


def test_options_have_one_spelling(firms):
    refused(OptionError, ["'logit'", "'cauchit'"], lambda: Fractional.from_formula("share ~ 1", firms, link="log"))
    results = Fractional.from_formula("share ~ niche", firms).fit()
    refused(OptionError, ["mean"], lambda: results.predict(which="median"))
    refused(OptionError, ["niche"], lambda: results.effects(["turnover"]))
    refused(OptionError, ["niche"], lambda: results.findings("age"))


@pytest.mark.parametrize(
    ("labels", "verb", "said"),
    [([3], "hold", "row 3 holds"), ([3], "do", "row 3 does"), ([3, 8], "belong", "rows 3, 8 belong")],
)
def test_one_row_holds_and_several_hold(labels, verb, said):
    assert rows_that(verb, labels) == said
