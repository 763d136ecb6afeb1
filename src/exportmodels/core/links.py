"""Links: distribution functions of a linear predictor, with their logarithms and slopes in numerically safe form."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from . import special

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)


class Link(Protocol):
    """A distribution function F, so that P(yes) = F(eta).

    `logs` returns log F and log(1 - F); `slopes` their first and second derivatives, in the order (log F)', (log S)',
    (log F)'', (log S)'', with S = 1 - F; `no` returns log S, (log S)' and (log S)'' alone, for likelihoods that are
    made of many noes. All take and return arrays of one shape.
    """

    def probability(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta)."""
        ...

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return the eta at which F is p."""
        ...

    def logs(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log F and log(1 - F)."""
        ...

    def slopes(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (log F)', (log S)', (log F)'', (log S)''."""
        ...

    def no(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log S, (log S)', (log S)'', each an array of its own."""
        ...


@dataclass(frozen=True)
class LogitLink:
    """F(eta) = 1 / (1 + exp(-eta))."""

    def probability(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta)."""
        return special.expit(eta)

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return log(p / (1 - p))."""
        return np.log(p) - np.log1p(-p)

    def logs(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log F and log(1 - F)."""
        tail = np.log1p(np.exp(-np.abs(eta)))
        return np.minimum(eta, 0.0) - tail, -np.maximum(eta, 0.0) - tail

    def slopes(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (log F)', (log S)', (log F)'', (log S)''."""
        yes, no = special.expit(eta), special.expit(-eta)
        curve = -yes * no
        return no, -yes, curve, curve

    def no(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log S, (log S)', (log S)'', with one exponential."""
        tail = np.exp(-np.abs(eta))
        large = 1 / (1 + tail)
        small = tail * large
        return -np.maximum(eta, 0.0) - np.log1p(tail), -np.where(eta > 0, large, small), -large * small


@dataclass(frozen=True)
class ProbitLink:
    """F(eta) = Phi(eta), the normal distribution function."""

    def probability(self, eta: np.ndarray) -> np.ndarray:
        """Return Phi(eta)."""
        return special.ndtr(eta)

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return the normal quantile."""
        return special.ndtri(p)

    def logs(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log F and log(1 - F)."""
        return special.log_ndtr(eta), special.log_ndtr(-eta)

    def slopes(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (log F)', (log S)', (log F)'', (log S)''."""
        log_density = -0.5 * eta * eta - _LOG_SQRT_2PI
        below, above = np.exp(log_density - special.log_ndtr(eta)), np.exp(log_density - special.log_ndtr(-eta))
        return below, -above, -below * (below + eta), -above * (above - eta)

    def no(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log S, (log S)', (log S)''."""
        value = special.log_ndtr(-eta)
        above = np.exp(-0.5 * eta * eta - _LOG_SQRT_2PI - value)
        return value, -above, -above * (above - eta)


@dataclass(frozen=True)
class CLogLogLink:
    """F(eta) = 1 - exp(-exp(eta)): a hazard in grouped time that is proportional in continuous time."""

    def probability(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta)."""
        return -np.expm1(-np.exp(eta))

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return log(-log(1 - p))."""
        return np.log(-np.log1p(-p))

    def logs(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log F and log(1 - F)."""
        mu = np.exp(eta)
        with np.errstate(divide="ignore"):
            yes = np.where(mu < 1e-8, eta - mu / 2, np.log(-np.expm1(-mu)))
        return yes, -mu

    def slopes(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (log F)', (log S)', (log F)'', (log S)''."""
        mu = np.exp(eta)
        with np.errstate(over="ignore", invalid="ignore"):
            g = np.where(mu < 1e-12, 1.0, mu / np.expm1(mu))
        # g (1 - g - mu) cancels for small mu, where it is -mu / 2 + mu^2 / 6
        curve = np.where(mu < 1e-4, -mu / 2 + mu * mu / 6, g * (1 - g - mu))
        return g, -mu, curve, -mu

    def no(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log S, (log S)', (log S)'', all of them -exp(eta)."""
        value = -np.exp(eta)
        return value, value.copy(), value.copy()


@dataclass(frozen=True)
class LogLogLink:
    """F(eta) = exp(-exp(-eta)): the mirror image of the complementary log-log."""

    def probability(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta)."""
        return np.exp(-np.exp(-eta))

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return -log(-log(p))."""
        return -np.log(-np.log(p))

    def logs(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log F and log(1 - F)."""
        no, yes = CLogLogLink().logs(-eta)
        return yes, no

    def slopes(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (log F)', (log S)', (log F)'', (log S)''."""
        no, yes, no2, yes2 = CLogLogLink().slopes(-eta)
        return -yes, -no, yes2, no2

    def no(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log S, (log S)', (log S)''."""
        _, slope, _, curve = self.slopes(eta)
        return self.logs(eta)[1], slope, curve


@dataclass(frozen=True)
class CauchitLink:
    """F(eta) = 1/2 + arctan(eta) / pi: heavy tails, so that surprising firms weigh little."""

    def probability(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta), accurate in the lower tail."""
        return np.arctan2(1.0, -eta) / np.pi

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return tan(pi (p - 1/2))."""
        return np.tan(np.pi * (p - 0.5))

    def logs(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log F and log(1 - F)."""
        return np.log(self.probability(eta)), np.log(self.probability(-eta))

    def slopes(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (log F)', (log S)', (log F)'', (log S)''."""
        density = 1 / (np.pi * (1 + eta * eta))
        bend = -2 * eta / (1 + eta * eta)
        yes, no = density / self.probability(eta), density / self.probability(-eta)
        return yes, -no, yes * (bend - yes), -no * (bend + no)

    def no(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log S, (log S)', (log S)''."""
        _, slope, _, curve = self.slopes(eta)
        return self.logs(eta)[1], slope, curve


LINKS: dict[str, Link] = {
    "logit": LogitLink(),
    "probit": ProbitLink(),
    "cloglog": CLogLogLink(),
    "loglog": LogLogLink(),
    "cauchit": CauchitLink(),
}
