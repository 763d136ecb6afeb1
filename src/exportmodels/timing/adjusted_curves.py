"""Adjusted curves: every firm is put into each group in turn, and the predicted survival averaged (g-computation)."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..core.covariance import bootstrap_draws, refit_each
from ..core.delta import Delta, delta
from ..core.effects import coefficient_table, levels_of, with_value
from ..core.errors import ConvergenceError, OptionError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .cox_results import CoxResults


@dataclass(frozen=True)
class AdjustedCurves:
    """Average predicted survival of all firms, as if each belonged to one group and then to the other.

    Parameters
    ----------
    by : str
        The grouping covariate.
    levels : list
        Its levels.
    times : ndarray, shape (m,)
        The times.
    curves : Delta
        The curves one after the other, shape (G m,), with their covariance.
    alpha : float
        One less the level of the intervals.
    """

    by: str
    levels: list[Any]
    times: np.ndarray
    curves: Delta
    alpha: float = 0.05

    def table(self) -> pd.DataFrame:
        """Return the curves.

        Returns
        -------
        DataFrame
            group, time, estimate, se, lower, upper; intervals are symmetric on the scale log(-log).
        """
        lower, upper = self.curves.interval(self.alpha, "cloglog")
        columns = {"estimate": self.curves.estimate, "se": self.curves.se, "lower": lower, "upper": upper}
        group, time = np.repeat(self.levels, len(self.times)), np.tile(self.times, len(self.levels))
        return pd.DataFrame({"group": group, "time": time, **columns})

    def differences(self) -> pd.DataFrame:
        """Return each group's curve less that of the first group.

        Returns
        -------
        DataFrame
            group, time, estimate, se, z, p, lower, upper.
        """
        size, parts = len(self.times), []
        base, covariance = slice(0, size), self.curves.covariance
        for k, level in enumerate(self.levels[1:], start=1):
            own = slice(k * size, (k + 1) * size)
            gap = self.curves.estimate[own] - self.curves.estimate[base]
            cross = np.diag(covariance[own, base])
            variance = np.diag(covariance[own, own]) + np.diag(covariance[base, base]) - 2 * cross
            part = coefficient_table(gap, np.sqrt(np.maximum(variance, 0.0)), range(size), self.alpha)
            part.insert(0, "time", self.times)
            part.insert(0, "group", f"{self.by}={level} less {self.by}={self.levels[0]}")
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        groups = ", ".join(f"{self.by}={level}" for level in self.levels)
        return f"<AdjustedCurves: {groups}; {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}>"

    def plot(self, ax: "Axes | None" = None, *, intervals: bool = True) -> "Axes":
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; new axes by default.
        intervals : bool, default True
            Whether to shade the intervals.

        Returns
        -------
        matplotlib Axes
        """
        from .plots import Step, draw_steps

        steps = []
        for level, own in self.table().groupby("group", sort=False):
            limits = (own["lower"].to_numpy(), own["upper"].to_numpy()) if intervals else None
            steps.append(Step(f"{self.by}={level}", self.times, own["estimate"].to_numpy(), 1.0, limits))
        return draw_steps(steps, ax, ("years", "share without the event, adjusted"))


def adjusted_curves(
    results: "CoxResults",
    by: str,
    times: Sequence[float],
    alpha: float = 0.05,
    *,
    method: str = "delta",
    replications: int = 999,
    seed: int = 0,
    progress: bool | None = None,
) -> AdjustedCurves:
    """Return adjusted curves of a fit; see `CoxResults.adjusted_curves`."""
    if method not in ("delta", "bootstrap"):
        raise OptionError(f"method must be 'delta' or 'bootstrap', not {method!r}")
    model = results.model
    frame = model.covariates()
    levels = levels_of(frame[by]) if by in frame else None
    if levels is None or len(levels) < 2:
        raise OptionError(f"by={by!r} must be a group (0/1 or categories) among: {', '.join(map(str, frame.columns))}")
    curve = model.survival(times)
    designs = [model.design_matrices(with_value(frame, by, level)) for level in levels]
    weight = model.sample.total_weight

    def average(theta: np.ndarray) -> np.ndarray:
        return np.concatenate([curve.average(theta, design, weight) for design in designs])

    if method == "delta":
        curves = delta(average, *results.point(curve), full=True)
    else:
        curves = Delta(
            average(results.point(curve)[0]), _bootstrapped(results, designs, times, replications, seed, progress)
        )
    return AdjustedCurves(by, levels, np.asarray(times, dtype=float), curves, alpha)


def _bootstrapped(
    results: "CoxResults",
    designs: list[list[np.ndarray]],
    times: Sequence[float],
    replications: int,
    seed: int,
    progress: bool | None,
) -> np.ndarray:
    """Return the covariance of the curves over samples of firms drawn with replacement, each fitted anew."""
    model = results.model
    columns = model.sample.columns
    frequency = np.ones(len(model.sample.labels)) if model.sample.frequency is None else model.sample.frequency

    def refit(drawn: np.ndarray) -> np.ndarray:
        other = copy(model)
        other.__dict__.pop("baseline", None)
        other.sample = model.sample.reweighted(drawn)
        curve, theta = (
            other.survival(times),
            other.fit("nonrobust" if model.sample.weights is None else "robust").params,
        )
        kept, weight = drawn > 0, other.sample.total_weight
        rows = [[matrix[kept] for matrix in design] for design in designs]
        return np.concatenate([curve.average(theta.to_numpy(), design, weight) for design in rows])

    draws = bootstrap_draws(frequency, columns.get("firm"), replications, seed)
    curves, failed = refit_each(refit, draws, "bootstrap of adjusted curves", progress)
    if len(curves) < max(2, len(draws) / 2):
        raise ConvergenceError(f"{failed} of {len(draws)} bootstrap refits have no estimate; use method='delta'")
    return np.cov(curves.T)
