"""Whether firms were watched long enough to tell "never" from "not yet"."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FollowUp:
    """The check of Maller and Zhou [1]_: do events still happen late, relative to the longest time watched?

    Parameters
    ----------
    last_event : float
        Latest time of an event.
    last_time : float
        Longest time that a firm was watched.
    late_events : float
        Events in the last stretch before `last_event`, as long as the one from there to `last_time`.
    pvalue : float
        (1 - late_events / n)^n: small when the stretch without events is long against the one with.

    References
    ----------
    .. [1] Maller, R. A. and Zhou, X. (1994). Testing for sufficient follow-up and outliers in survival data. JASA 89,
       1499-1506.
    """

    last_event: float
    last_time: float
    late_events: float
    pvalue: float

    @classmethod
    def of(cls, time: np.ndarray, event: np.ndarray, weight: np.ndarray | None) -> "FollowUp":
        """Count late events."""
        counts = np.ones(len(time)) if weight is None else weight
        last_event, last_time = float(time[event].max()), float(time.max())
        late = event & (time > 2 * last_event - last_time) & (time <= last_event)
        events = float(counts[late].sum())
        n = float(counts.sum())
        return cls(last_event, last_time, events, float((1 - min(events / n, 1.0)) ** n))

    @property
    def short(self) -> bool:
        """Whether the firms may have been watched too briefly."""
        return self.pvalue > 0.05

    def __str__(self) -> str:
        return (
            f"the last event came at {self.last_event:g}, the longest firm was watched until {self.last_time:g}, and "
            f"{self.late_events:g} events fell in the stretch of that length before (Maller-Zhou p = {self.pvalue:.3g})"
        )
