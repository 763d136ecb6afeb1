"""Nelson-Aalen: the cumulated hazard by group, and the hazard by year."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..core.delta import Delta
from ..core.errors import OptionError
from ..core.options import checked_methods, upper_end
from .cumulated import Path
from .curve_model import CurveModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class NelsonAalen(CurveModel):
    """Nelson-Aalen cumulated hazards.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Time until the event or the end of observation, zero or more.
    by : array_like, shape (n,), or data frame, optional
        Groups that have a curve each; the columns of a frame are crossed.
    event : array_like, shape (n,)
        1 where the duration ends with the event, 0 where it is cut off.
    entry : array_like, shape (n,), optional
        Time after which the firm was observed (late entry). Zero, the default, means from the beginning.
    weights : array_like, shape (n,), optional
        Sampling weights; errors are then robust.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If durations are negative, entry lies after the end, or there are no events.

    Notes
    -----
    The cumulated hazard and its variance [1]_ are, with d_j events among n_j firms at risk::

        H(t) = sum_{t_j <= t} d_j / n_j,      var H(t) = sum_{t_j <= t} d_j / n_j^2

    References
    ----------
    .. [1] Aalen, O. (1978). Nonparametric inference for a family of counting processes. Annals of Statistics 6,
       701-726.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.timing import NelsonAalen
    >>> firms = pd.DataFrame({"years": [0, 0, 1, 2, 3, 3], "exported": [1, 1, 1, 0, 1, 0]})
    >>> hazards = NelsonAalen.from_formula("years ~ 1", firms, event="exported").fit()
    >>> print(hazards.table()[["time", "hazard", "cumulated hazard", "se"]].round(3).to_string(index=False))
     time  hazard  cumulated hazard    se
      0.0   0.333             0.333 0.236
      1.0   0.250             0.583 0.344
      2.0   0.000             0.583 0.344
      3.0   0.500             1.083 0.607
    """

    def fit(self, cov_type: str | None = None, *, clusters: Any = None) -> "HazardCurves":
        """Compute the curves.

        Parameters
        ----------
        cov_type : {"nonrobust", "robust", "clustered"}, optional
            Aalen's variance, or one from the influence of firms or clusters. Default: clustered where `clusters` is
            given, robust with sampling weights, else nonrobust.
        clusters : str or array_like, shape (n,), optional
            Cluster labels: a column name with a formula.

        Returns
        -------
        HazardCurves
            The curves, the hazard by year, and plots.
        """
        return HazardCurves(self, self.paths(cov_type, clusters, survivors=False))


@checked_methods
class HazardCurves:
    """Nelson-Aalen curves.

    Parameters
    ----------
    model : NelsonAalen
        What was fitted.
    paths : list of Path
        One a group.
    """

    def __init__(self, model: NelsonAalen, paths: list[Path]):
        self.model, self.paths = model, paths

    def table(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return the curves at every time at which a firm has the event or is cut off.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level of the intervals, symmetric on the scale of logarithms.

        Returns
        -------
        DataFrame
            group, time, at risk, events, hazard (the step then), cumulated hazard, se, lower, upper.
        """
        parts = []
        for level, path in zip(self.model.levels, self.paths, strict=True):
            cumulated = Delta(np.cumsum(path.step), path.variance)
            lower, upper = cumulated.interval(alpha, "log")
            columns = {"at risk": path.table.at_risk[0], "events": path.table.events[0], "hazard": path.step}
            curve = {"cumulated hazard": cumulated.estimate, "se": cumulated.se, "lower": lower, "upper": upper}
            parts.append(pd.DataFrame({"group": level, "time": path.times, **columns, **curve}))
        return pd.concat(parts, ignore_index=True)

    def rates(self, edges: Sequence[float] | None = None, alpha: float = 0.05) -> pd.DataFrame:
        """Return the hazard by year, or in other pieces of time: the rise of the cumulated hazard over its length.

        Parameters
        ----------
        edges : sequence of float, optional
            Where pieces begin and end; by default whole years, each from its beginning (included) to the next.
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            group, from, to, rate, se, lower, upper; pieces without events have a rate of zero and no interval.
        """
        last = max(float(path.times[-1]) for path in self.paths)
        ends = np.arange(np.floor(last) + 2) if edges is None else np.asarray(edges, dtype=float)
        if len(ends) < 2 or (np.diff(ends) <= 0).any():
            raise OptionError("edges must be two or more ascending times")
        z, parts = float(ndtri(upper_end(alpha))), []
        for level, path in zip(self.model.levels, self.paths, strict=True):
            upto = np.searchsorted(path.times, ends, side="left")
            rise = np.diff(np.r_[0.0, np.cumsum(path.step)][upto]) / np.diff(ends)
            variance = np.diff(np.r_[0.0, np.cumsum(path.step / path.table.at_risk[0])][upto]) / np.diff(ends) ** 2
            se = np.sqrt(variance)
            half = np.exp(z * np.divide(se, rise, where=rise > 0, out=np.full_like(rise, np.nan)))
            columns = {"rate": rise, "se": se, "lower": rise / half, "upper": rise * half}
            parts.append(pd.DataFrame({"group": level, "from": ends[:-1], "to": ends[1:], **columns}))
        return pd.concat(parts, ignore_index=True)

    def plot(self, ax: "Axes | None" = None, *, alpha: float | None = 0.05) -> "Axes":
        """Draw the cumulated hazards; a straight line is a constant hazard.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; new axes by default.
        alpha : float, optional
            One less the level of the shaded intervals; None for none.

        Returns
        -------
        matplotlib Axes
        """
        from .plots import Step, draw_steps

        steps = []
        for level, (_, own) in zip(
            self.model.levels, self.table(alpha or 0.05).groupby("group", sort=False), strict=True
        ):
            limits = None if alpha is None else (own["lower"].to_numpy(), own["upper"].to_numpy())
            steps.append(
                Step(self._label(level), own["time"].to_numpy(), own["cumulated hazard"].to_numpy(), 0.0, limits)
            )
        return draw_steps(steps, ax, self._axis_labels("cumulated hazard"))

    def plot_rates(self, ax: "Axes | None" = None, *, edges: Sequence[float] | None = None) -> "Axes":
        """Draw the hazard by year.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; new axes by default.
        edges : sequence of float, optional
            Where pieces of time begin and end; by default whole years.

        Returns
        -------
        matplotlib Axes
        """
        from .plots import Step, draw_steps

        steps = []
        for level, (_, own) in zip(self.model.levels, self.rates(edges).groupby("group", sort=False), strict=True):
            rate = own["rate"].to_numpy()
            times, values = np.r_[own["from"], own["to"].iloc[-1]], np.r_[rate, rate[-1]]
            steps.append(Step(self._label(level), times[1:], values[1:], rate[0]))
        return draw_steps(steps, ax, self._axis_labels("hazard a year"))

    def _axis_labels(self, what: str) -> tuple[str, str]:
        from .plots import axis_labels

        return axis_labels(self.model.sample.name, what, self.model.event_name)

    def _label(self, level: Any) -> str:
        return f"{self.model.by}={level}" if self.model.by else str(level)

    def __repr__(self) -> str:
        events = (
            f"{self._label(level)}: {path.table.events[0].sum():g} events"
            for level, path in zip(self.model.levels, self.paths, strict=True)
        )
        return f"<NelsonAalen curves: {', '.join(events)}>"
