"""The report's classes: every code of the questionnaire has one, and tables show the published figure."""

import numpy as np
import pandas as pd
import pytest

from exportmodels import data, survey
from exportmodels.core.errors import DataError
from exportmodels.inference import fisher_exact
from exportmodels.strategy import FirthLogit, growth_drivers, motives, tabulate, typology


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
