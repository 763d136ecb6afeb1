"""Tests of proportional hazards: whether an effect changes with time, by the score of its product with time."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.sample import Sample
from ..core.special import chi_squared_tail
from .cox_residuals import plain_likelihood
from .event_moments import EventMoments
from .partial_likelihood import PartialLikelihood
from .risk_table import Observations, RiskTable

if TYPE_CHECKING:
    from .cox_results import CoxResults

TRANSFORMS = ("km", "rank", "log", "identity")


def proportionality_test(results: "CoxResults", transform: str) -> pd.DataFrame:
    """Test proportional hazards; see `CoxResults.proportionality_test`."""
    if transform not in TRANSFORMS:
        raise OptionError(f"transform must be one of {', '.join(TRANSFORMS)}; not {transform!r}")
    likelihood, _ = plain_likelihood(results)
    theta = results.certificate.theta
    clock = _transformed(results.model.sample, likelihood, transform)
    moments = EventMoments.of(likelihood, theta)
    spread = moments.weight[:, None, None] * moments.spread
    at = clock[moments.slot]
    own, cross, square = (np.einsum("e,ejk->jk", at**power, spread) for power in (0, 1, 2))
    gaps, rows = likelihood.gaps(theta)
    weight = clock[likelihood.sets.last[rows]]
    if likelihood.weight is not None:
        weight = weight * likelihood.weight[rows]
    score = weight @ gaps
    variance = square - cross @ np.linalg.solve(own, cross)
    lines = {}
    for name, columns in [*_terms(results), ("all", np.arange(len(score)))]:
        part, block = score[columns], variance[np.ix_(columns, columns)]
        statistic = float(part @ np.linalg.solve(block, part))
        lines[name] = {"statistic": statistic, "df": len(columns), "p": chi_squared_tail(len(columns), statistic)}
    return pd.DataFrame.from_dict(lines, orient="index")


def _terms(results: "CoxResults") -> list[tuple[str, np.ndarray]]:
    """Return the columns of each term of the formula, or each column."""
    design = results.model.sample.designs[""]
    if design.terms is None:
        return [(name, np.array([k])) for k, name in enumerate(design.names)]
    slices = design.terms.info.term_name_slices
    named = {
        term: np.array(
            [design.names.index(name) for name in design.terms.info.column_names[part] if name in design.names]
        )
        for term, part in slices.items()
    }
    return [(term, columns) for term, columns in named.items() if len(columns)]


def _transformed(sample: Sample, likelihood: PartialLikelihood, transform: str) -> np.ndarray:
    """Return a function of time at each slot, centred at its mean over the events."""
    time, count = likelihood.sets.time, likelihood.count
    if transform == "log":
        if time.min() <= 0:
            raise OptionError("transform='log' needs times above zero; use 'km', 'rank' or 'identity'")
        clock = np.log(time)
    elif transform == "identity":
        clock = time.astype(float)
    else:
        columns = sample.columns
        table = RiskTable.of(Observations(sample.outcome, columns["event"], columns.get("entry"), sample.frequency))
        ending = table.events[0] + table.censored[0]
        if transform == "rank":  # the mean rank of all firms whose duration ends then
            known = np.cumsum(ending) - (ending - 1) / 2
        else:
            known = 1 - np.r_[1.0, np.cumprod(1 - table.events[0] / table.at_risk[0])[:-1]]
        clock = known[np.searchsorted(table.times, time)]
    return clock - clock @ count / count.sum()
