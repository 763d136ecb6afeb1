"""Survival curves by group: tables, intervals, quantiles, restricted means, counts at risk, and the plot."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from ..core.effects import coefficient_table
from ..core.errors import OptionError
from ..core.findings import Findings
from ..core.options import checked_methods, upper_end
from .aft_quantities import WITHIN
from .cumulated import Path
from .published import years_published
from .quantiles import curve_quantile, share_of
from .wording import named, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .curve_model import CurveModel

_Limits = Callable[[np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray]]


def _log_log(share: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    middle = np.log(share)
    half = z * error / middle
    return share ** np.exp(-half), share ** np.exp(half)


def _log(share: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    return share * np.exp(-z * error), np.minimum(share * np.exp(z * error), 1.0)


def _linear(share: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(share - z * share * error, 0.0), np.minimum(share + z * share * error, 1.0)


def _logit(share: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    middle, half = logit(share), z * error / (1 - share)
    return expit(middle - half), expit(middle + half)


def _arcsine(share: np.ndarray, error: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    angle, half = np.arcsin(np.sqrt(share)), z / 2 * error * np.sqrt(share / (1 - share))
    return np.sin(np.maximum(angle - half, 0.0)) ** 2, np.sin(np.minimum(angle + half, np.pi / 2)) ** 2


INTERVALS: Mapping[str, _Limits] = {
    "log-log": _log_log,
    "log": _log,
    "linear": _linear,
    "logit": _logit,
    "arcsine": _arcsine,
}
"""Scale -> limits from a share, the error of its logarithm, and a normal quantile."""


@checked_methods
class SurvivalCurves:
    """Kaplan-Meier curves.

    Parameters
    ----------
    model : KaplanMeier
        What was fitted.
    paths : list of Path
        One a group.
    interval : str
        The scale of the intervals.
    """

    def __init__(self, model: "CurveModel", paths: list[Path], interval: str):
        self.model, self.paths, self.interval = model, paths, interval

    @property
    def levels(self) -> list[Any]:
        """The groups."""
        return self.model.levels

    def _steps(self, path: Path, alpha: float) -> dict[str, np.ndarray]:
        """Return a group's curve at its own times."""
        share = np.exp(-np.cumsum(path.step))
        share[share < 1e-14] = 0.0
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            error = np.sqrt(path.variance)
            lower, upper = INTERVALS[self.interval](share, error, float(ndtri(upper_end(alpha))))
        inner = (share > 0) & (share < 1)
        lower, upper = np.where(inner, lower, share), np.where(inner, upper, share)
        if len(share) and share[-1] == 0:  # nobody is left: the curve says nothing of how long others might have stayed
            upper[share == 0] = np.r_[1.0, upper[share > 0]][-1]
        return {
            "estimate": share,
            "se": np.where(share > 0, share * np.where(share > 0, error, 0.0), 0.0),
            "lower": lower,
            "upper": upper,
        }

    def table(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return the curves at every time at which a firm has the event or is cut off.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            group, time, at risk, events, cut off, survival, se, lower, upper.
        """
        parts = []
        for level, path in zip(self.levels, self.paths, strict=True):
            counts = {
                "at risk": path.table.at_risk[0],
                "events": path.table.events[0],
                "cut off": path.table.censored[0],
            }
            curve = self._steps(path, alpha)
            curve = {"survival" if name == "estimate" else name: values for name, values in curve.items()}
            parts.append(pd.DataFrame({"group": level, "time": path.times, **counts, **curve}))
        return pd.concat(parts, ignore_index=True)

    def survival(self, times: Sequence[float], alpha: float = 0.05) -> pd.DataFrame:
        """Return the share without the event after some times.

        Parameters
        ----------
        times : sequence of float
            At most the last time observed in a group; beyond it the share is not known, and NaN.
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            estimate, se, lower, upper; one row a group and time.
        """
        at, parts = np.asarray(times, dtype=float), []
        for path in self.paths:
            curve = self._steps(path, alpha)
            upto = np.searchsorted(path.times, at, side="right")
            first = {"estimate": 1.0, "se": 0.0, "lower": 1.0, "upper": 1.0}
            part = pd.DataFrame({name: np.r_[first[name], values][upto] for name, values in curve.items()})
            left = path.table.censored[0][-1] > 0
            part[(at > path.times[-1]) & left] = np.nan
            parts.append(part)
        index = pd.MultiIndex.from_product([self.levels, [f"t={t:g}" for t in at]])
        return pd.concat(parts).set_axis(index)

    def quantile(self, p: float, alpha: float = 0.05) -> pd.DataFrame:
        """Return the time by which a share p has the event, by group.

        Parameters
        ----------
        p : float
            Between 0 and 1; 0.5 is the median.
        alpha : float, default 0.05
            One less the level of the intervals, which are where the limits of the curve cross 1 - p.

        Returns
        -------
        DataFrame
            estimate, lower, upper; infinity where a curve does not fall that far.
        """
        rows, p = [], share_of(p)
        for path in self.paths:
            curve = self._steps(path, alpha)
            rows.append({name: curve_quantile(path.times, curve[name], p) for name in ("estimate", "lower", "upper")})
        return pd.DataFrame(rows, index=self.levels)

    def median(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return the median time by group; see `quantile`."""
        return self.quantile(0.5, alpha)

    def restricted_mean(self, horizon: float | None = None, alpha: float = 0.05) -> pd.DataFrame:
        """Return the expected time up to a horizon, the area under the curve, and its differences between groups.

        Parameters
        ----------
        horizon : float, optional
            Up to which time is counted; by default the shortest of the groups' last times.
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            estimate, se, z, p, lower, upper; one row a group, then one for each group less the first.
        """
        last = min(float(path.times[-1]) for path in self.paths)
        limit = last if horizon is None else float(horizon)
        if not 0 < limit <= last:
            raise OptionError(
                f"horizon must lie above zero and at most at {last:g}, the shortest last time; it is {limit:g}"
            )
        mean, variance = np.array([path.area(limit) for path in self.paths]).T
        names = [str(level) for level in self.levels]
        estimates = np.r_[mean, mean[1:] - mean[0]]
        errors = np.sqrt(np.r_[variance, variance[1:] + variance[0]])
        table = coefficient_table(estimates, errors, [*names, *(f"{n} less {names[0]}" for n in names[1:])], alpha)
        table.loc[names, ["z", "p"]] = np.nan
        return table

    def at_risk(self, times: Sequence[float]) -> pd.DataFrame:
        """Return how many firms are at risk just before some times, groups in rows."""
        counts = [path.table.at_risk_at(np.asarray(times, dtype=float))[0] for path in self.paths]
        return pd.DataFrame(counts, index=self.levels, columns=[f"{t:g}" for t in times])

    def findings(self, alpha: float = 0.05) -> Findings:
        """Say the curves in years and shares, beside the published figures: medians, expected years, shares within."""
        by, rows = self.model.by, []
        published, name = years_published(self.model.sample.name), self.model.event_name
        event = named(name)
        last = min(float(path.times[-1]) for path in self.paths)

        def add(label: str, unit: str, table: pd.DataFrame, beside: bool) -> None:
            for level, row in zip([*self.levels, *[None] * len(table)], table.itertuples(), strict=False):
                group = f"{by}={level}" if by and level is not None else str(row.Index if level is None else level)
                found = published(by, level, "") if beside and level is not None and by else None
                mark = (None, None) if found is None else (float(found.value), str(found.figure))
                se = getattr(row, "se", np.nan)
                rows.append((label, unit, group, row.estimate, se, row.lower, row.upper, *mark))

        add(f"median years until the event{event}", "years", self.median(alpha), False)
        add(
            f"expected years until the event{event}, counted up to {last:g}",
            "years",
            self.restricted_mean(None, alpha),
            True,
        )
        for years in (k for k in WITHIN if k <= last):
            table = self.survival([years], alpha)
            table = table.assign(estimate=1 - table["estimate"], lower=1 - table["upper"], upper=1 - table["lower"])
            add(within(name, years), "share", table, False)
        columns = ["quantity", "unit", "group", "estimate", "se", "lower", "upper", "published", "figure"]
        return Findings(pd.DataFrame(rows, columns=columns), by, alpha)

    def plot(
        self, ax: "Axes | None" = None, *, alpha: float | None = 0.05, risk_table: bool = True, times: Any = None
    ) -> "Axes":
        """Draw the curves, with the counts at risk below.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; new axes by default.
        alpha : float, optional
            One less the level of the shaded intervals; None for none.
        risk_table : bool, default True
            Whether to write how many are at risk below the ticks.
        times : sequence of float, optional
            Where to count them; by default at the ticks.

        Returns
        -------
        matplotlib Axes
        """
        from .plots import Step, axis_labels, draw_steps

        steps = []
        for level, path in zip(self.levels, self.paths, strict=True):
            curve = self._steps(path, alpha or 0.05)
            limits = None if alpha is None else (curve["lower"], curve["upper"])
            cut = path.times[path.table.censored[0] > 0]
            steps.append(Step(self._label(level), path.times, curve["estimate"], 1.0, limits, cut))
        labels = axis_labels(self.model.sample.name, "share without the event", self.model.event_name)
        return draw_steps(steps, ax, labels, self.at_risk if risk_table else None, times)

    def _label(self, level: Any) -> str:
        return f"{self.model.by}={level}" if self.model.by else str(level)

    def __repr__(self) -> str:
        sizes = ", ".join(
            f"{self._label(k)}: {p.table.events[0].sum():g} events"
            for k, p in zip(self.levels, self.paths, strict=True)
        )
        return f"<{type(self.model).__name__} curves: {sizes}>"
