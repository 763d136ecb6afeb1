"""Findings: groups in words and in order, units, published figures, several models in one table."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError
from exportmodels.report import findings
from exportmodels.report.groups import grouping
from exportmodels.report.telling import amount
from exportmodels.spread import ZeroTruncated
from exportmodels.strategy import FirthLogit


@pytest.fixture(scope="module")
def firms():
    rng = np.random.default_rng(1)
    niche = np.repeat([0.0, 1.0], 40)
    size = pd.Categorical(rng.choice(["micro", "small", "large"], 80), ["micro", "small", "large"])
    countries = 1 + rng.negative_binomial(1, np.where(niche == 1, 0.05, 0.3))
    plant = rng.integers(0, 2, 80) * 1.0
    known = {"exporter": 1.0, "founded": 1990.0}
    return pd.DataFrame({"niche": niche, "size": size, "countries": countries, "plant": plant, **known})


def test_a_sentence_names_groups_units_and_the_published_figure(firms):
    fit = ZeroTruncated.from_formula("countries ~ niche", firms).fit()
    told = findings(fit, "niche")
    own = fit.findings("niche").table.set_index(["quantity", "group"])["estimate"]
    first = told.table.iloc[:3]
    assert list(first["groups"]) == ["niche firms", "mass firms", "difference"]
    assert first["estimate"].iloc[0] == own["mean number of export countries", "niche=1"]
    assert first["estimate"].iloc[2] == pytest.approx(first["estimate"].iloc[0] - first["estimate"].iloc[1])
    sentence = told.sentences()[0]
    assert sentence.startswith("Mean number of export countries: niche firms ")
    assert "published 34 (figure 26); mass firms" in sentence
    assert len(told.sentences()) == 3


def test_several_models_and_several_levels(firms):
    told = findings(
        {
            "counts": ZeroTruncated.from_formula("countries ~ size", firms).fit(),
            "plant": FirthLogit.from_formula("plant ~ size", firms).fit(),
        },
        "size",
    )
    assert set(told.table["model"]) == {"counts", "plant"}
    assert list(told.table["groups"][:5]) == [
        "size = micro", "size = small", "size = large", "size = small less size = micro",
        "size = large less size = micro",
    ]  # fmt: skip
    assert any(sentence.startswith("Probability: foreign production plant: ") for sentence in told.sentences())
    elsewhere = FirthLogit.from_formula("plant ~ size", firms[["plant", "size"]]).fit()
    assert any(sentence.startswith("Probability of plant: ") for sentence in findings(elsewhere, "size").sentences())


def test_what_cannot_be_told(firms):
    fit = ZeroTruncated.from_formula("countries ~ niche", firms).fit()
    with pytest.raises(OptionError):
        findings(fit, "size")
    with pytest.raises(OptionError, match="no results"):
        findings({}, "niche")


@pytest.mark.parametrize(
    ("value", "unit", "options", "text"),
    [
        (0.634, "share", {}, "63%"),
        (0.0512, "probability", {}, "5.1%"),
        (0.0, "share", {}, "0%"),
        (-0.2, "share", {"difference": True}, "-20 points"),
        (0.2, "share", {"bare": True}, "20"),
        (34.0, "export countries", {}, "34 export countries"),
        (34.24, "years", {"bare": True}, "34.2"),
        (np.nan, "years", {}, "not known"),
        (np.inf, "years", {}, "not reached"),
    ],
)
def test_amounts(value, unit, options, text):
    assert amount(value, unit, **options) == text


def test_groups_of_all_kinds(firms):
    assert [group.label for group in grouping(firms, "niche").groups] == ["niche", "mass"]
    assert [group.label for group in grouping(firms, "plant").groups] == ["yes", "no"]
    assert [group.label for group in grouping(firms, "size").groups] == ["micro", "small", "large"]
    assert grouping(firms, "niche").compares
    assert not grouping(firms, "size").pair
    text = firms.assign(city=["Ghent", "Bruges"] * 40)
    assert [group.label for group in grouping(text, "city").groups] == ["Bruges", "Ghent"]
    for column, message in [("countries", "neither 0 and 1"), ("niche", "makes 1 groups here")]:
        with pytest.raises(OptionError, match=message):
            grouping(firms[firms["niche"] == 1], column)
