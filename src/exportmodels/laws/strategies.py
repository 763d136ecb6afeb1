"""Hypothesis strategies: small data sets of every outcome type, hard ones among them, that shrink to a few lines."""

from typing import Any

import numpy as np

from ..core.outcomes import Outcome
from .case import Case
from .cases import CATEGORY, COVARIATES, FIXED, build

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError("the laws draw their data with Hypothesis: pip install 'exportmodels[laws]'") from missing

# Roles that a case may have in use without a law asking for them.
OPTIONAL = ("entry", "upper", "frequency", "weights", "offset", "strata")


@st.composite
def cases(
    draw: Any, kind: Outcome, can: frozenset[str] = frozenset(), rows: tuple[int, int] = (12, 40), most: int = 2
) -> Case:
    """Draw a case of an outcome type.

    Parameters
    ----------
    kind : Outcome
        The outcome type, such as `Binary()`.
    can : frozenset of str
        What the estimator can do, see `Adapter`: only roles that it takes are in use.
    rows : tuple of int
        The fewest and the most rows.
    most : int, default 2
        The most covariates; a category counts as one and has two columns.

    Returns
    -------
    SearchStrategy of Case
        Cases with 0/1 variables, scales, categories, decimals, years, very large and very small units, and columns that
        are nearly collinear; outcomes with ties, zeros, ends, heaps and brackets; late entry, frequencies, weights,
        offsets, clusters and strata.
    """
    roles = [role for role in OPTIONAL if role in can and not (kind.several and role == "upper")]
    used = frozenset(draw(st.lists(st.sampled_from(roles), max_size=2))) if roles else frozenset()
    columns = draw(st.lists(st.sampled_from([CATEGORY, *COVARIATES]), min_size=1, max_size=most))
    n = draw(st.integers(*rows))
    width = FIXED + len(columns)
    table = np.frombuffer(draw(st.binary(min_size=n * width, max_size=n * width)), dtype=np.uint8)
    return build(kind, columns, table.reshape(n, width), can, used)
