"""What a Cox model says in years and shares: expected and median years, the share within k years, hazard ratios."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.quantities import Quantity
from .aft_quantities import WITHIN
from .cox_baseline import Baseline
from .published import years_published
from .wording import named, until, within

# Expected years are added up over at most so many pieces of the curve, and curves predicted at so many times.
_PIECES, _CURVE = 32, 100


@dataclass(frozen=True)
class Quantile(Quantity):
    """A quantile of the time: a step function of the coefficients, whose intervals come from those of the curve.

    Parameters
    ----------
    p : float
        The share that has had the event.
    """

    p: float = 0.5


def quantities_of(baseline: Baseline, outcome: str, event: str) -> dict[str, Quantity]:
    """Return the quantities of a Cox model, by name."""
    horizon = float(baseline.times[-1])
    return {
        "years": expected_years(baseline, outcome, event, horizon),
        "median": quantile(baseline, 0.5, event),
        **{f"within {k}": share_within(baseline, k, event) for k in WITHIN if k <= horizon},
        "survival": survival(baseline, baseline.knots(_CURVE)),
        "cumulated hazard": cumulated_hazard(baseline, baseline.knots(_CURVE)),
        "hazard ratio": hazard_ratio(baseline),
    }


def expected_years(baseline: Baseline, outcome: str, event: str, horizon: float) -> Quantity:
    """Return E[min(T, horizon)], the area under the curve."""
    knots = baseline.knots(_PIECES)
    knots = knots[knots < horizon]
    exact = len(knots) >= (baseline.times < horizon).sum()
    length = np.diff(np.r_[0.0, knots, horizon])

    def rows(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        share = np.exp(baseline.log_survival(knots, theta, designs))
        share = np.column_stack([np.ones(len(share)), share])
        if not exact:  # between two pieces the curve falls in many small steps
            share[:, :-1] = (share[:, :-1] + share[:, 1:]) / 2
        return share @ length

    return Quantity(
        f"expected years until the event{named(event)}, counted up to {horizon:g}",
        "years",
        rows,
        scale="log",
        published=years_published(outcome),
        beside=baseline.strata * len(knots),
    )


def quantile(baseline: Baseline, p: float, event: str) -> Quantile:
    """Return the first time by which a share p has the event; its intervals come from those of the curve."""
    return Quantile(
        until(event, p),
        "years",
        lambda theta, designs: baseline.quantile(p, theta, designs),
        told=False,
        p=p,
    )


def share_within(baseline: Baseline, years: float, event: str) -> Quantity:
    """Return P(T <= years)."""
    return Quantity(
        within(event, years),
        "share",
        lambda theta, designs: -np.expm1(baseline.log_survival(np.array([years]), theta, designs)[:, 0]),
        scale="logit",
        beside=baseline.strata,
    )


def survival(baseline: Baseline, times: np.ndarray) -> Quantity:
    """Return P(T > t) at some times, as a curve."""
    return Quantity(
        "share without the event after t years",
        "share",
        lambda theta, designs: np.exp(baseline.log_survival(times, theta, designs)),
        scale="cloglog",
        columns=_at(times),
        told=False,
        beside=baseline.strata * len(times),
    )


def cumulated_hazard(baseline: Baseline, times: np.ndarray) -> Quantity:
    """Return the cumulated hazard at some times, as a curve."""
    return Quantity(
        "cumulated hazard after t years",
        "events",
        lambda theta, designs: -baseline.log_survival(times, theta, designs),
        scale="log",
        columns=_at(times),
        told=False,
        beside=baseline.strata * len(times),
    )


def hazard_ratio(baseline: Baseline) -> Quantity:
    """Return the hazard relative to that of a firm with mean covariates."""
    return Quantity(
        "hazard relative to mean covariates",
        "ratio",
        lambda theta, designs: baseline.risk(theta, designs[0]),
        scale="log",
        told=False,
    )


def _at(times: np.ndarray) -> tuple[str, ...]:
    return tuple(f"t={t:g}" for t in times)
