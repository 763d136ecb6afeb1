"""Duration dependence of a discrete-time hazard: dummies, polynomials, logarithm and splines of the year."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..core.errors import DataError, OptionError

_DEGREES = {"linear": 1, "quadratic": 2, "cubic": 3}
BASELINES = ("dummies", "log", *_DEGREES, "spline", "natural")


@dataclass(frozen=True)
class Baseline:
    """The duration effects as a linear function of coefficients, `alpha = matrix @ a`.

    Parameters
    ----------
    matrix : ndarray, shape (T, q)
        One row a period, 0 to the longest duration.
    names : tuple of str, length q
        Names of the coefficients.
    constant : ndarray, shape (q,)
        The coefficients of a constant: `matrix @ constant` is one in every period.
    notes : list of str
        Which periods were merged, and why.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    constant: np.ndarray
    notes: list[str] = field(default_factory=list)

    @property
    def periods(self) -> int:
        """Number of periods, the first being 0."""
        return len(self.matrix)


def build_baseline(
    kind: str | int, at_risk: np.ndarray, events: np.ndarray, knots: Sequence[float] | None = None
) -> Baseline:
    """Build the baseline of a sample.

    Parameters
    ----------
    kind : str or int
        One of `BASELINES`, or the degree of a polynomial.
    at_risk, events : ndarray, shape (T,)
        Firms at risk and events in each period, weighted.
    knots : sequence of float, optional
        Inner knots of a spline; by default the quartiles of the years with events.

    Raises
    ------
    OptionError
        If the kind is unknown, or knots are given without a spline or outside the years at risk.
    DataError
        If the events fall in too few different years for the baseline.
    """
    if knots is not None and kind not in ("spline", "natural"):
        raise OptionError(f"knots= belong to baseline='spline' or 'natural', not to {kind!r}")
    if kind == "dummies":
        return _dummies(at_risk, events)
    years = np.flatnonzero(at_risk > 0)
    t = np.arange(len(at_risk), dtype=float)
    if kind in ("spline", "natural"):
        baseline = _spline(str(kind), t, years, events, knots)
    elif kind == "log":
        baseline = _functions({"Intercept": np.ones_like(t), "log(t+1)": np.log1p(t)})
    else:
        degree = _DEGREES.get(kind, -1) if isinstance(kind, str) else kind
        if degree < 0:
            raise OptionError(f"baseline must be one of {', '.join(BASELINES)} or a degree; not {kind!r}")
        if degree >= len(years):
            raise _poor(kind, degree + 1, years, events)
        names = ["Intercept", "t", *(f"t^{k}" for k in range(2, degree + 1))]
        baseline = _functions({name: t**k for k, name in enumerate(names[: degree + 1])})
    _refuse_poor(baseline, kind, years, events)
    return baseline


def _dummies(at_risk: np.ndarray, events: np.ndarray) -> Baseline:
    """Give each period its own effect; those without events, or with nothing else, join a neighbour."""
    groups: list[list[int]] = []
    gathering: list[int] = []
    for t in range(len(at_risk)):
        gathering.append(t)
        if 0 < events[gathering].sum() < at_risk[gathering].sum():
            groups.append(gathering)
            gathering = []
    if gathering and not groups:
        raise DataError("every firm has its event in its first year at risk, so no hazard can be estimated")
    if gathering:
        groups[-1] = groups[-1] + gathering
    matrix = np.zeros((len(at_risk), len(groups)))
    for k, group in enumerate(groups):
        matrix[group, k] = 1.0
    return Baseline(matrix, tuple(map(_class_name, groups)), np.ones(len(groups)), _merge_notes(groups))


def _class_name(group: list[int]) -> str:
    return f"t={group[0]}" if len(group) == 1 else f"t={group[0]}-{group[-1]}"


def _merge_notes(groups: list[list[int]]) -> list[str]:
    merged = [_class_name(group) for group in groups if len(group) > 1]
    if not merged:
        return []
    return [
        "Years in which no firm, or every firm at risk, has the event are merged with a neighbouring year: "
        + ", ".join(merged)
        + "."
    ]


def _functions(columns: dict[str, np.ndarray]) -> Baseline:
    matrix = np.column_stack(list(columns.values()))
    return Baseline(matrix, tuple(columns), np.eye(len(columns))[0])


def _spline(kind: str, t: np.ndarray, years: np.ndarray, events: np.ndarray, knots: Sequence[float] | None) -> Baseline:
    import patsy

    lower, upper = float(years[0]), float(years[-1])
    inner = _knots(events) if knots is None else np.asarray(knots, dtype=float)
    if (inner <= lower).any() or (inner >= upper).any():
        raise OptionError(f"knots must lie between {lower:g} and {upper:g}, the years at risk; they are {list(inner)}")
    limits = {"knots": inner, "lower_bound": lower, "upper_bound": upper}
    inside = np.clip(t, lower, upper)
    if kind == "spline":
        matrix = np.asarray(patsy.bs(inside, degree=3, include_intercept=True, **limits))
    else:
        matrix = np.asarray(patsy.cr(inside, **limits))
    short = "bs" if kind == "spline" else "cr"
    names = tuple(f"{short}(t)[{k}]" for k in range(matrix.shape[1]))
    return Baseline(matrix, names, np.ones(len(names)))


def _knots(events: np.ndarray) -> np.ndarray:
    share = np.cumsum(events) / events.sum()
    quartiles = np.unique([np.argmax(share >= level) for level in (0.25, 0.5, 0.75)]).astype(float)
    years = np.flatnonzero(events > 0)
    return quartiles[(quartiles > years[0]) & (quartiles < years[-1])]


def _refuse_poor(baseline: Baseline, kind: str | int, years: np.ndarray, events: np.ndarray) -> None:
    rank, count = np.linalg.matrix_rank(baseline.matrix[years]), len(baseline.names)
    if rank < count or (events > 0).sum() < count - 1:
        raise _poor(kind, count, years, events)


def _poor(kind: str | int, count: int, years: np.ndarray, events: np.ndarray) -> DataError:
    return DataError(
        f"baseline={kind!r} has {count} coefficients, but the events fall in only {(events > 0).sum()} different years "
        f"of {len(years)} at risk; choose a simpler baseline"
    )
