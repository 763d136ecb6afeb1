"""The time of firms of which a part never has the event, made from the time of those that have it."""

from dataclasses import dataclass

import numpy as np

from .latencies import Latency, Parts
from .mixing import immune


@dataclass(frozen=True)
class SplitLatency:
    """A latency for a share p of the firms, and never for the others; p is logistic in the last predictor.

    Parameters
    ----------
    latency : Latency
        The time of those who have the event at all.
    """

    latency: Latency

    @property
    def predictors(self) -> tuple[str, ...]:
        """The latency's predictors, and the incidence."""
        return (*self.latency.predictors, "incidence")

    def log_density(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log(p f(t)), on the time scale, and derivatives."""
        return immune(*self.latency.log_density(log_t, eta[:-1]), eta[-1], True)

    def log_survival(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log(1 - p + p S(t)), and derivatives."""
        return immune(*self.latency.log_survival(log_t, eta[:-1]), eta[-1])

    def log_ending(self, log_t: np.ndarray, event: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log(p f(t)) where a time ends with the event, log P(T > t) elsewhere, and derivatives."""
        return immune(*self.latency.log_ending(log_t, event, eta[:-1]), eta[-1], event > 0)

    def log_failure(self, log_t: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log(p F(t)), and derivatives."""
        return immune(*self.latency.log_failure(log_t, eta[:-1]), eta[-1], True)

    def log_between(self, log_a: np.ndarray, log_b: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log(p (F(b) - F(a))), and derivatives."""
        return immune(*self.latency.log_between(log_a, log_b, eta[:-1]), eta[-1], True)

    def quantile(self, p: float, eta: np.ndarray) -> np.ndarray:
        """Return the time by which a share p of those who have the event at all has it."""
        return self.latency.quantile(p, eta[:-1])

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return the mean time of those who have the event at all."""
        return self.latency.mean(eta[:-1])

    def start(self, log_t: np.ndarray, event: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the latency's start from the times that ended, and the share of these."""
        share = np.clip(np.average(event, weights=weight), 0.05, 0.95)
        own = self.latency.start(log_t[event], event[event], weight[event])
        return np.r_[own, np.log(share / (1 - share))]
