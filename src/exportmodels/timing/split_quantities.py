"""What a split population says: the share that ever has the event, and the years of those that do."""

import numpy as np
from scipy.special import expit

from ..core.quantities import Quantity
from . import aft_quantities
from .aft_quantities import WITHIN, QuantityOf
from .latencies import restricted_mean
from .split_latency import SplitLatency
from .wording import named


def ever(quantity_of: QuantityOf, event: str) -> Quantity:
    """Return the probability of ever having the event, logistic in the last predictor."""
    label = f"share of firms that ever have the event{named(event)}"
    return quantity_of(label, "share", lambda eta: expit(eta[-1]), scale="logit")


def split_quantities(latency: SplitLatency, quantity_of: QuantityOf, event: str, horizon: float) -> dict[str, Quantity]:
    """Return the quantities of a split population in continuous time, by name."""

    def years(eta: np.ndarray) -> np.ndarray:
        return restricted_mean(latency.latency, horizon, eta[:-1])

    of_those = "of firms that ever have the event"
    return {
        "years": quantity_of(f"expected years {of_those}, counted up to {horizon:.3g}", "years", years, scale="log"),
        "median": quantity_of(f"median years {of_those}", "years", lambda eta: latency.quantile(0.5, eta), scale="log"),
        "ever": ever(quantity_of, event),
        **{f"within {k}": aft_quantities.share_within(latency, quantity_of, k, event) for k in WITHIN if k <= horizon},
        "survival": aft_quantities.survival(latency, quantity_of, np.arange(1, min(int(horizon), 100) + 1)),
    }
