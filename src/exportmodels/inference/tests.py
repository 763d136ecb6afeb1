"""Tests and effects as functions of a fit, for those who prefer functions to methods."""

from typing import Any

import pandas as pd

from ..core.effects import average_effects
from ..core.hypotheses import Test
from ..core.hypotheses import wald_test as _wald_test
from ..core.options import checked
from ..core.results import Results


@checked
def effects(
    results: Results, variables: list[str] | None = None, which: str = "mean", alpha: float = 0.05
) -> pd.DataFrame:
    """Return average marginal effects; see `Results.effects`."""
    return average_effects(results, variables, which, alpha)


@checked
def wald_test(results: Results, hypotheses: Any) -> Test:
    """Test linear restrictions by their Wald statistic; see `Results.wald_test`."""
    return _wald_test(results, hypotheses)


@checked
def lr_test(results: Results, restricted: Results) -> Test:
    """Compare a fit with a restricted one; see `Results.lr_test`."""
    return results.lr_test(restricted)
