"""Firms that differ in what is not seen: the survival of a mixture as a function of the cumulative hazard."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from .latencies import Parts


class Mixing(Protocol):
    """The share S without the event in a mixture of firms, one of which has the cumulative hazard H.

    `log_survival` takes H, (n,), and a predictor `eta`, (n,), and returns log S with its derivatives in (H, eta).
    """

    def log_survival(self, hazard: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log S (n,), first (2, n) and second derivatives (2, 2, n)."""
        ...


@dataclass(frozen=True)
class GammaMixing:
    """Hazards are multiplied by a gamma variable of mean one and variance v = exp(eta): S = (1 + v H)^(-1/v)."""

    def log_survival(self, hazard: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log S, and derivatives."""
        variance = np.exp(eta)
        grown = 1 + variance * hazard
        log_mean = np.log1p(variance * hazard) / variance
        shrunk = hazard / grown
        cross = shrunk * (variance / grown)
        first = np.stack([-1 / grown, log_mean - shrunk])
        second = np.stack([variance / grown**2, cross, cross, shrunk - log_mean + cross * hazard])
        return -log_mean, first, second.reshape(2, 2, -1)


@dataclass(frozen=True)
class ImmuneMixing:
    """A part of the firms never has the event: S = 1 - p + p exp(-H), with p = 1 / (1 + exp(-eta))."""

    def log_survival(self, hazard: np.ndarray, eta: np.ndarray) -> Parts:
        """Return log S, and derivatives."""
        return immune(-hazard, np.stack([-np.ones_like(hazard)]), np.zeros((1, 1, len(hazard))), eta)


def immune(
    log_s: np.ndarray, slope: np.ndarray, curve: np.ndarray, eta: np.ndarray, had: np.ndarray | bool = False
) -> Parts:
    """Return log(1 - p + p S) with derivatives, given those of log S in its K variables; eta comes last.

    Parameters
    ----------
    log_s : ndarray, shape (n,)
        Log-survival of the firms that are not immune.
    slope, curve : ndarray, shapes (K, n) and (K, K, n)
        Its derivatives.
    eta : ndarray, shape (n,)
        Log-odds p / (1 - p) of not being immune.
    had : ndarray of bool, shape (n,), optional
        Where the event, which `log_s` is then the log-likelihood of, shows that a firm is not immune: log(p S).
    """
    own, log_q = log_s - np.logaddexp(0, -eta), -np.logaddexp(0, eta)
    value = np.where(had, own, np.logaddexp(log_q, own))
    share = np.exp(own - value)
    # the share of the susceptible among survivors less that among all
    gap = share - expit(eta)
    size = len(slope)
    first = np.concatenate([share * slope, gap[None]])
    second = np.empty((size + 1, size + 1, len(eta)))
    doubt = share * (1 - share)
    second[:size, :size] = share * curve + doubt * slope[:, None] * slope
    second[:size, size] = second[size, :size] = doubt * slope
    second[size, size] = doubt - expit(eta) * expit(-eta)
    return value, first, second
