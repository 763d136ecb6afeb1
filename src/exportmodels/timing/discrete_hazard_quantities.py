"""What a discrete-time hazard says in years and shares: hazard, survival, expected years, the share within k years."""

from collections.abc import Callable, Sequence

import numpy as np

from ..core.links import Link
from ..core.quantities import Quantity
from .published import years_published

Predictor = Callable[[np.ndarray, Sequence[np.ndarray]], np.ndarray]


def hazard(link: Link, eta: Predictor, periods: int) -> Quantity:
    """Return the probability of the event in each year, given none before."""
    return Quantity(
        "hazard by year",
        "probability",
        lambda theta, designs: link.probability(eta(theta, designs)),
        scale="logit",
        columns=tuple(f"t={t}" for t in range(periods)),
        told=False,
    )


def survival(link: Link, eta: Predictor, periods: int) -> Quantity:
    """Return the probability that the event has not happened by the end of each year."""
    return Quantity(
        "share without the event by the end of the year",
        "share",
        lambda theta, designs: survived(link, eta(theta, designs)),
        scale="cloglog",
        columns=tuple(f"t={t}" for t in range(periods)),
        told=False,
    )


def survived(link: Link, eta: np.ndarray) -> np.ndarray:
    """Return the survival curve of each row of `eta`, shape (n, T)."""
    return np.exp(np.cumsum(link.logs(eta)[1], axis=1))


def expected_years(link: Link, eta: Predictor, horizon: int, outcome: str, event: str) -> Quantity:
    """Return the mean of the smaller of the duration and the horizon, E[min(T, h)] = sum of P(T > t) over t < h."""

    def rows(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        return survived(link, eta(theta, designs)[:, :horizon]).sum(axis=1)

    named = "" if event == "event" else f" ({event})"
    label = f"expected years until the event{named}, counted up to {horizon}"
    return Quantity(label, "years", rows, scale="log", published=years_published(outcome))


def share_within(link: Link, eta: Predictor, years: int, event: str) -> Quantity:
    """Return the probability that the event happens by the end of year `years`."""

    def rows(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        return -np.expm1(link.logs(eta(theta, designs)[:, : years + 1])[1].sum(axis=1))

    span = "the same year" if years == 0 else f"{years} year{'s' if years > 1 else ''}"
    happened = "with the event" if event == "event" else event
    return Quantity(f"share {happened} within {span}", "share", rows, scale="logit")
