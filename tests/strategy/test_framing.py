"""The report's classes: every code of the questionnaire has one, and tables show the published figure."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import data, survey
from exportmodels.core.errors import DataError, OptionError
from exportmodels.inference import fisher_exact
from exportmodels.strategy import FirthLogit, growth_drivers, motives, published_drivers, tabulate, typology


@pytest.fixture(scope="module")
def firms():
    return survey.derive(data.synthetic_flanders(50, seed=1))


def test_every_answer_has_a_class(firms):
    kinds = typology(firms)
    assert kinds.notna().all()
    assert ((kinds == "global") == ((firms["importer"] == 1) & (firms["exporter"] == 1))).all()
    found = motives(firms)
    assert (found["trigger"].notna() == firms["start_trigger"].notna()).all()
    assert (found["reason"].notna() == firms["start_reason"].notna()).all()
    assert (growth_drivers(firms).notna() == firms["increase_reason"].notna()).all()
    for name, classed in (("start_trigger", found["trigger"]), ("start_reason", found["reason"])):
        levels = firms[name].cat.categories
        frame = pd.DataFrame({"start_trigger": None, "start_reason": None}, index=range(len(levels))).assign(
            **{name: levels}
        )
        assert motives(frame)[classed.name].notna().all()
    levels = firms["increase_reason"].cat.categories
    assert growth_drivers(pd.DataFrame({"increase_reason": levels})).notna().all()


def test_unknown_values_are_named():
    with pytest.raises(DataError, match="0 and 1"):
        typology(pd.DataFrame({"importer": [2], "exporter": [1]}))
    with pytest.raises(DataError, match="must be numeric"):
        typology(pd.DataFrame({"importer": ["yes"], "exporter": [1]}))
    with pytest.raises(DataError, match="holds luck"):
        growth_drivers(pd.DataFrame({"increase_reason": ["luck"]}))
    assert typology(pd.DataFrame({"importer": [np.nan, 1], "exporter": [1, 0]})).isna().tolist() == [True, False]


def test_tables_count_test_and_quote(firms):
    table = tabulate(firms, "market", by="product")
    assert table[("product=niche", "published")].to_list() == pytest.approx([0.0, 47.0, 53.0])
    niche = firms[firms["product"] == "niche"]["market"].value_counts()
    assert table[("product=niche", "firms")].to_dict() == niche.reindex(table.index).to_dict()
    np.testing.assert_allclose(table.xs("percent", axis=1, level=1).sum(), 100)
    counts = table.xs("firms", axis=1, level=1).to_numpy()
    assert table.attrs["test"].pvalue == fisher_exact(counts).pvalue
    assert table.attrs["synthetic"] is True
    with pytest.raises(DataError, match="nothing to compare"):
        tabulate(firms[firms["niche"] == 1], "market")


def test_growth_drivers_are_modelled(firms):
    told = firms.assign(
        beyond=growth_drivers(firms).map(lambda driver: float(driver in ("new markets", "new products")))
    )
    told = told[growth_drivers(firms).notna()]
    results = FirthLogit.from_formula("beyond ~ niche", told.dropna(subset=["niche"])).fit()
    assert results.params["niche"] > 0  # niche firms look to new markets and products, mass firms to present ones


def test_published_drivers_add_up():
    by_product, by_rd = published_drivers("niche"), published_drivers("rd_high")
    assert by_product.groupby("niche")["firms"].sum().to_dict() == {0: 8, 1: 11}  # N of figure 32
    assert by_rd.groupby("rd_high")["firms"].sum().to_dict() == {0: 9, 1: 16}  # N of figure 33
    reasons = by_rd.groupby("increase_reason")["firms"].sum()
    figure_14 = data.published().query("figure == '14'").set_index("category")["count"]
    assert reasons.to_dict() == figure_14.to_dict()
    assert (by_product.groupby("increase_reason")["firms"].sum() <= figure_14).all()
    with pytest.raises(OptionError, match="'niche', 'rd_high'"):
        published_drivers("size")


def test_classes_stand_beside_the_sum_of_the_published_answers(firms):
    drivers = tabulate(firms, growth_drivers(firms))
    assert drivers["niche=0", "published"]["present markets"] == pytest.approx(38 + 50)
    assert drivers["niche=1", "published"].dropna().to_dict() == pytest.approx(
        {"present markets": 18 + 18, "new markets": 36, "new products": 27}
    )
    starts = tabulate(firms, motives(firms)["trigger"], by="product")
    assert starts["product=niche", "published"]["proactive external"] == pytest.approx(57)
    assert np.isnan(starts["product=niche", "published"]["reactive external"])  # unsolicited orders are not printed
