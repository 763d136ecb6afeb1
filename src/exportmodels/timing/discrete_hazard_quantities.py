"""What a discrete-time hazard says in years and shares: hazard, survival, expected years, the share within k years."""

from collections.abc import Callable, Sequence

import numpy as np

from ..core.quantities import Quantity
from .published import years_published
from .wording import happened, named

# Takes coefficients and designs, returns the logarithm of each row's survival curve, shape (n, T).
LogSurvival = Callable[[np.ndarray, Sequence[np.ndarray]], np.ndarray]


def hazard(log_survival: LogSurvival, periods: int) -> Quantity:
    """Return the probability of the event in each year, given none before."""
    return Quantity(
        "hazard by year",
        "probability",
        lambda theta, designs: -np.expm1(np.diff(log_survival(theta, designs), axis=1, prepend=0.0)),
        scale="logit",
        columns=year_names(periods),
        told=False,
    )


def survival(log_survival: LogSurvival, periods: int) -> Quantity:
    """Return the probability that the event has not happened by the end of each year."""
    return Quantity(
        "share without the event by the end of the year",
        "share",
        lambda theta, designs: np.exp(log_survival(theta, designs)),
        scale="cloglog",
        columns=year_names(periods),
        told=False,
    )


def year_names(periods: int) -> tuple[str, ...]:
    """Name the years: t=0, t=1, ..."""
    return tuple(f"t={t}" for t in range(periods))


def expected_years(log_survival: LogSurvival, horizon: int, outcome: str, event: str) -> Quantity:
    """Return the mean of the smaller of the duration and the horizon, E[min(T, h)] = sum of P(T > t) over t < h."""

    def rows(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        return np.exp(log_survival(theta, designs)[:, :horizon]).sum(axis=1)

    label = f"expected years until the event{named(event)}, counted up to {horizon}"
    return Quantity(label, "years", rows, scale="log", published=years_published(outcome))


def share_within(log_survival: LogSurvival, years: int, event: str) -> Quantity:
    """Return the probability that the event happens by the end of year `years`."""

    def rows(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        return -np.expm1(log_survival(theta, designs)[:, years])

    span = "the same year" if years == 0 else f"{years} year{'s' if years > 1 else ''}"
    return Quantity(f"share {happened(event)} within {span}", "share", rows, scale="logit")
