"""What a distribution of times says in years and shares: expected and median years, the share within k years."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.quantities import Quantity
from .latencies import Latency, restricted_mean, survival_at
from .published import years_published
from .wording import named, until, within

# Findings say the share of firms with the event within so many years.
WITHIN = (1, 5, 10)
QuantityOf = Callable[..., Quantity]


def quantities_of(
    latency: Latency, quantity_of: QuantityOf, outcome: str, event: str, horizon: float
) -> dict[str, Quantity]:
    """Return the quantities of a distribution of times, by name."""
    years = [k for k in WITHIN if k <= horizon]
    curve = np.arange(1, min(int(horizon), 100) + 1)
    return {
        "years": expected_years(latency, quantity_of, outcome, event, horizon),
        "median": quantile(latency, quantity_of, 0.5, event),
        "unlimited": quantity_of(
            f"mean years until the event{named(event)}, whole tail", "years", latency.mean, scale="log", told=False
        ),
        **{f"within {k}": share_within(latency, quantity_of, k, event) for k in years},
        "survival": survival(latency, quantity_of, curve),
    }


def expected_years(latency: Latency, quantity_of: QuantityOf, outcome: str, event: str, horizon: float) -> Quantity:
    """Return E[min(T, horizon)]."""
    return quantity_of(
        f"expected years until the event{named(event)}, counted up to {horizon:.3g}",
        "years",
        lambda eta: restricted_mean(latency, horizon, eta),
        scale="log",
        published=years_published(outcome),
    )


def quantile(latency: Latency, quantity_of: QuantityOf, p: float, event: str) -> Quantity:
    """Return the time by which a share p has the event."""
    return quantity_of(until(event, p), "years", lambda eta: latency.quantile(p, eta), scale="log")


def share_within(latency: Latency, quantity_of: QuantityOf, years: float, event: str) -> Quantity:
    """Return P(T <= years)."""
    return quantity_of(
        within(event, years),
        "share",
        lambda eta: 1 - survival_at(latency, np.log([years]), eta)[0],
        scale="logit",
    )


def survival(latency: Latency, quantity_of: QuantityOf, times: Any) -> Quantity:
    """Return P(T > t) at some times, as a curve."""
    at = np.atleast_1d(np.asarray(times, dtype=float))
    return quantity_of(
        "share without the event after t years",
        "share",
        lambda eta: survival_at(latency, np.log(at), eta).T,
        scale="cloglog",
        columns=tuple(f"t={t:g}" for t in at),
        told=False,
    )
