"""Adjusted p-values against R's p.adjust, and bad p-values."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError
from exportmodels.inference import adjust

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "figures" / "adjust.json").read_text())


@pytest.mark.parametrize("method", ["holm", "bonferroni", "hochberg", "hommel", "bh", "by"])
def test_adjusted_pvalues_agree_with_r(method):
    np.testing.assert_allclose(adjust(ORACLE["pvalues"], method), ORACLE[method], rtol=1e-12)


def test_sidak_is_the_chance_of_one_such_pvalue_among_all():
    np.testing.assert_allclose(adjust([0.01, 0.2], "sidak"), [1 - 0.99**2, 1 - 0.8**2], rtol=1e-12)


def test_a_series_keeps_index_and_name_and_an_empty_one_is_fine():
    pvalues = pd.Series([0.04, 0.01], index=["age", "R&D"], name="p")
    adjusted = adjust(pvalues)
    assert adjusted.name == "p"
    assert adjusted.to_dict() == pytest.approx({"age": 0.04, "R&D": 0.02})
    assert adjust([]).shape == (0,)


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.2])
def test_what_is_no_pvalue_is_named(bad):
    with pytest.raises(DataError, match="row age"):
        adjust(pd.Series({"R&D": 0.01, "age": bad}))


def test_unknown_method_and_shape_are_refused():
    with pytest.raises(OptionError, match="method must be one of 'bonferroni'"):
        adjust([0.1], method="fdr_bh")
    with pytest.raises(DataError, match="one dimension"):
        adjust([[0.1, 0.2]])
