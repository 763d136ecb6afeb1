"""Sums over the events that share a time: what Efron's handling of ties needs of them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

# Above this many events at one time, and this share of those at risk, the sums are taken in closed form: of fewer the
# closed form loses digits, and the terms are soon added up.
_MANY, _SHARE = 256, 0.01


@dataclass(frozen=True)
class TieSums:
    """Sums over l = 0, ..., d - 1 of functions of D_l = S - (l/d) T, one for each time with events, shape (K,).

    Parameters
    ----------
    log : ndarray
        Of log D_l.
    one, part : ndarray
        Of 1/D_l, and of (l/d)/D_l.
    one2, part2, parts2 : ndarray
        Of 1/D_l^2, of (l/d)/D_l^2, and of (l/d)^2/D_l^2.
    """

    log: np.ndarray
    one: np.ndarray
    part: np.ndarray
    one2: np.ndarray
    part2: np.ndarray
    parts2: np.ndarray

    @classmethod
    def efron(cls, at_risk: np.ndarray, events: np.ndarray, count: np.ndarray) -> "TieSums":
        """Return the sums for S (all at risk), T (those with the event) and d (how many events there are)."""
        if (count == 1).all():
            return cls.breslow(at_risk, count)
        sums = np.empty((6, len(count)))
        many = (count > _MANY) & (events > _SHARE * at_risk)
        for chosen, add in ((many, _closed), (~many, _one_by_one)):
            if chosen.any():
                sums[:, chosen] = add(at_risk[chosen], events[chosen], count[chosen])
        return cls(*sums)

    @classmethod
    def breslow(cls, at_risk: np.ndarray, count: np.ndarray) -> "TieSums":
        """Return the sums with T = 0 and no parts: every event of a time sees the whole risk set."""
        zero = np.zeros_like(at_risk)
        return cls(count * np.log(at_risk), count / at_risk, zero, count / at_risk**2, zero, zero)


def _one_by_one(at_risk: np.ndarray, events: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, ...]:
    times = count.astype(np.int64)
    start = np.cumsum(times) - times
    part = (np.arange(times.sum()) - np.repeat(start, times)) / np.repeat(count, times)
    rest = np.repeat(at_risk, times) - part * np.repeat(events, times)
    one, one2 = 1 / rest, 1 / rest**2
    terms = (np.log(rest), one, part * one, one2, part * one2, part**2 * one2)
    return tuple(np.add.reduceat(term, start) for term in terms)


def _closed(at_risk: np.ndarray, events: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, ...]:
    """Write D_l = h (a - l) with h = T/d and a = S/h; sums of 1/(a - l) are differences of polygamma functions."""
    step = events / count
    a = at_risk / step
    first = digamma(a + 1) - digamma(a - count + 1)
    second = polygamma(1, a - count + 1) - polygamma(1, a + 1)
    return (
        gammaln(a + 1) - gammaln(a - count + 1) + count * np.log(step),
        first / step,
        (a * first - count) / events,
        second / step**2,
        (a * second - first) / (step * events),
        (count - 2 * a * first + a**2 * second) / events**2,
    )
