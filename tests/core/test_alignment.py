"""Arrays beside labelled columns: rows go by position, and labels are taken from whoever has them."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError
from exportmodels.strategy import Logit


@pytest.fixture
def parts():
    rng = np.random.default_rng(0)
    x = pd.DataFrame({"one": 1.0, "x": rng.normal(size=30)})
    return rng.integers(0, 2, 30), x, rng.integers(1, 4, 30), rng.normal(size=30)


def test_labels_of_any_part_label_the_rows(parts):
    outcome, x, frequency, offset = parts
    names = [f"firm{i}" for i in range(30)]
    plain = Logit(outcome, x, frequency=frequency, offset=offset).fit()
    labelled = x.set_axis(names)
    for mixed in (
        Logit(outcome, labelled, frequency=frequency, offset=offset),
        Logit(pd.Series(outcome, index=names), x, frequency=frequency, offset=pd.Series(offset)),
        Logit(pd.Series(outcome), x, frequency=pd.Series(frequency, index=names), offset=offset),
    ):
        np.testing.assert_array_equal(mixed.fit().params, plain.params)
        assert list(mixed.sample.labels) == names


def test_other_labels_are_refused(parts):
    outcome, x, *_ = parts
    with pytest.raises(DataError, match="different row labels"):
        Logit(pd.Series(outcome, index=np.arange(30) + 5), x.set_axis(np.arange(30) * 2))
