"""Split population in whole years: a discrete-time hazard for the firms that ever have the event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..core.family import block_diagonal
from ..core.links import CLogLogLink
from ..core.newton import maximize
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from . import discrete_hazard_quantities as says
from .discrete_hazard_assembly import Assembly
from .discrete_hazard_baselines import Baseline, build_baseline
from .discrete_hazard_checks import spells_of
from .mixed_hazards import MixedObjective
from .mixing import ImmuneMixing, immune

# The share that ever has the event from which a climb starts where no row is censored.
_NEARLY_ALL = 0.99


@dataclass(frozen=True)
class SplitYears:
    """The likelihood and the curves of a split population in whole years.

    Parameters
    ----------
    baseline : Baseline
        Duration dependence of those that ever have the event.
    at_risk, events : ndarray, shape (T,)
        Firms at risk and events by year.
    predictors : tuple of str
        Names of the two linear predictors.
    """

    baseline: Baseline
    at_risk: np.ndarray
    events: np.ndarray
    predictors: tuple[str, ...] = ("hazard", "incidence")

    @classmethod
    def of(cls, sample: Sample, kind: str | int) -> "SplitYears":
        """Build the baseline of a sample of whole years."""
        counts = spells_of(sample).totals(sample.total_weight, int(sample.outcome.max()) + 1)
        return cls(build_baseline(kind, *counts), *counts)

    @property
    def assembly(self) -> Assembly:
        """The likelihood without immune firms."""
        return Assembly(CLogLogLink(), self.baseline.matrix, self.baseline.constant, self.at_risk)

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood of a sample; it starts from the fit without immune firms, with faster firms."""
        spells, weight, part = spells_of(sample), sample.total_weight, sample.designs[""].standardized
        n, chance = len(sample.labels), sample.designs.get("incidence")
        other = None if chance is None else chance.standardized
        plain = self.assembly.plain(spells, part, weight)
        extra, turn = (np.ones((n, 1)), np.eye(1)) if other is None else (other.raw, other.back)
        back = block_diagonal([plain.back, turn])
        own = plain.back if part.tame else block_diagonal([self.assembly.orthogonal, np.eye(len(part.back))])
        matrix = part.raw if part.tame else part.matrix
        entry = spells.first if spells.first.any() else None
        whole = MixedObjective(
            ImmuneMixing(),
            replace(spells, first=np.zeros_like(spells.first)),
            entry,
            matrix,
            extra,
            None,
            weight,
            self.baseline.matrix,
            block_diagonal([own, turn]),
        )
        start = self._start(plain, sample, turn)
        return Problem(whole.prepared(), start, back, whole.scores)

    def _start(self, plain: Problem, sample: Sample, turn: np.ndarray) -> np.ndarray:
        """Return hazards twice as high as without immune firms, and half of the censored firms immune."""
        own = plain.back @ maximize(plain.objective, plain.start).theta
        own[: len(self.baseline.names)] += np.log(2) * self.baseline.constant
        event, weight = sample.columns["event"], sample.total_weight
        share = min((1 + np.average(event, weights=weight)) / 2, _NEARLY_ALL)
        design = sample.designs.get("incidence")
        level = np.zeros(len(turn))
        constant = 0 if design is None else design.constant
        if constant is not None:
            level[constant] = np.log(share / (1 - share)) / (1.0 if design is None else design.matrix[0, constant])
        return np.r_[np.linalg.solve(plain.back, own), np.linalg.solve(turn, level)]

    def latent(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the log-survival curve of those that ever have the event, shape (n, T)."""
        q, p = len(self.baseline.names), designs[0].shape[1]
        eta = (designs[0] @ theta[q : q + p])[:, None] + self.baseline.matrix @ theta[:q]
        return -np.cumsum(np.exp(eta), axis=1)

    def incidence(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the log-odds of ever having the event, shape (n,)."""
        return designs[1] @ theta[-designs[1].shape[1] :]

    def log_survival(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the log-survival curve of all firms, shape (n, T)."""
        log_s = self.latent(theta, designs)
        flat = np.repeat(self.incidence(theta, designs), log_s.shape[1])
        nothing = np.zeros((0, flat.size)), np.zeros((0, 0, flat.size))
        return immune(log_s.ravel(), *nothing, flat)[0].reshape(log_s.shape)

    def quantities(self, event: str, within: Sequence[int]) -> dict[str, Quantity]:
        """Return what is said of years and shares, by name."""
        horizon = max(int(np.flatnonzero(self.events)[-1]), 1)
        periods = self.baseline.periods

        def years(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
            return np.exp(self.latent(theta, designs)[:, :horizon]).sum(axis=1)

        label = f"expected years of firms that ever have the event, counted up to {horizon}"
        return {
            "years": Quantity(label, "years", years, scale="log"),
            **{
                f"within {k}": says.share_within(self.log_survival, k, event)
                for k in sorted({0, *within})
                if k <= horizon
            },
            "hazard": says.hazard(self.log_survival, periods),
            "survival": says.survival(self.log_survival, periods),
        }
