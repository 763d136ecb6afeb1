"""Average marginal effects and group contrasts: a variable is changed for every firm, and the predictions compared."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .delta import Delta, delta
from .errors import OptionError
from .quantities import Quantity
from .special import two_sided

if TYPE_CHECKING:
    from .results import Results


def coefficient_table(estimate: np.ndarray, se: np.ndarray, index: Any, alpha: float = 0.05) -> pd.DataFrame:
    """Return estimates with errors, z, p and Wald intervals, shape (m, 6)."""
    lower, upper = Delta(np.asarray(estimate), np.square(se)).interval(alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = estimate / se
    table = {
        "estimate": estimate,
        "se": se,
        "z": z,
        "p": two_sided(z),
        "lower": lower,
        "upper": upper,
    }
    return pd.DataFrame(table, index=index)


def levels_of(values: pd.Series) -> list[Any] | None:
    """Return the levels of a variable that is changed in jumps, None for one that is changed by a little."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return [level for level in values.cat.categories if (values == level).any()]
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return [0, 1] if set(values.unique()) <= {0, 1} else None
    return sorted(values.dropna().unique(), key=str)


def with_value(frame: pd.DataFrame, variable: str, value: Any) -> pd.DataFrame:
    """Return the frame with one variable set to a value, or to a column, its type and levels kept."""
    old = frame[variable]
    if isinstance(old.dtype, pd.CategoricalDtype):
        new: Any = pd.Categorical([value] * len(frame), categories=old.cat.categories, ordered=old.cat.ordered)
    elif np.ndim(value):
        new = np.asarray(value)
    else:
        new = pd.Series([value] * len(frame), index=frame.index, dtype=old.dtype)
    return frame.assign(**{variable: new})


def changes(values: pd.Series) -> Iterator[tuple[str, Any, Any, float]]:
    """Yield label, value before, value after, and what the difference of predictions is divided by."""
    levels = levels_of(values)
    if levels is None:
        numeric = values.astype(float)
        step = 1e-4 * (float(numeric.std()) or 1.0)
        yield "", numeric - step, numeric + step, 2 * step
    elif levels == [0, 1]:
        yield "", 0, 1, 1.0
    else:
        for level in levels[1:]:
            yield f"={level}", levels[0], level, 1.0


def known_variables(frame: pd.DataFrame, variables: Iterable[Any]) -> list[Any]:
    """Return the variables whose effects are asked for; `OptionError` where one is no covariate, or there is none."""
    chosen = list(variables)
    unknown = [name for name in chosen if name not in frame.columns]
    if unknown:
        raise OptionError(f"{unknown[0]!r} is no covariate of the model; it has: {', '.join(map(str, frame.columns))}")
    if not chosen:
        raise OptionError("there is no variable whose effect could be told; name one that varies")
    return chosen


def average_effects(
    results: "Results", variables: list[str] | None = None, which: str | Quantity = "mean", alpha: float = 0.05
) -> pd.DataFrame:
    """Average marginal effects; see `Results.effects`."""
    model = results.model
    quantity = model.quantity(which)
    frame = model.covariates()
    varying = [name for name in frame.columns if len(frame[name].unique()) > 1] if variables is None else variables
    chosen = known_variables(frame, varying)
    weight, (theta, root) = model.sample.total_weight, results.point(quantity)
    tables = []
    for name in chosen:
        for label, before, after, span in changes(frame[name]):
            designs = [model.design_matrices(with_value(frame, name, value)) for value in (before, after)]

            def change(t: np.ndarray, designs: list = designs, span: float = span) -> np.ndarray:
                start, end = (quantity.average(t, design, weight) for design in designs)
                return (end - start) / span

            effect = delta(change, theta, root)
            index = [f"{name}{label}"]
            if quantity.columns:
                index = [f"{name}{label} | {column}" for column in quantity.columns]
            tables.append(coefficient_table(effect.estimate, effect.se, index, alpha))
    table = pd.concat(tables)
    # a model of several parts has quantities that some variables do not bear on
    bearing = (table[["estimate", "se"]] != 0).any(axis=1)
    return table[bearing] if variables is None and bearing.any() else table


def group_findings(results: "Results", by: str, quantities: dict[str, Quantity], alpha: float = 0.05) -> pd.DataFrame:
    """Say each quantity with every firm put into each group in turn, and the differences; see `Results.findings`."""
    model = results.model
    frame = model.covariates()
    if by not in frame.columns:
        raise OptionError(f"by={by!r} is no covariate of the model; it has: {', '.join(map(str, frame.columns))}")
    levels = levels_of(frame[by])
    if levels is None or len(levels) < 2:
        raise OptionError(f"by={by!r} must be a group (0/1 or categories); see effects() for a number")
    designs = [model.design_matrices(with_value(frame, by, level)) for level in levels]
    weight, rows = model.sample.total_weight, []
    for quantity in (quantity for quantity in quantities.values() if quantity.told):
        names = quantity.columns or ("",)

        def groups(t: np.ndarray, quantity: Quantity = quantity) -> np.ndarray:
            return np.ravel([quantity.average(t, design, weight) for design in designs])

        values = delta(groups, *results.point(quantity), full=True)
        lower, upper = values.interval(alpha, quantity.scale)
        for k, column in enumerate(names):
            label = quantity.label + (f": {column}" if column else "")
            at = [g * len(names) + k for g in range(len(levels))]
            for level, i in zip(levels, at, strict=True):
                value = (values.estimate[i], values.se[i], lower[i], upper[i])
                rows.append((label, quantity.unit, f"{by}={level}", *value, *_published(quantity, by, level, column)))
            for level, i in zip(levels[1:], at[1:], strict=True):
                group = f"{by}={level} less {by}={levels[0]}"
                rows.append((label, quantity.unit, group, *_difference(values, i, at[0], alpha), None, None))
    columns = ["quantity", "unit", "group", "estimate", "se", "lower", "upper", "published", "figure"]
    return pd.DataFrame(rows, columns=columns)


def _difference(values: Delta, i: int, base: int, alpha: float) -> tuple[float, float, float, float]:
    contrast = np.zeros(len(values.estimate))
    contrast[i], contrast[base] = 1.0, -1.0
    gap = Delta(np.atleast_1d(contrast @ values.estimate), np.atleast_1d(contrast @ values.covariance @ contrast))
    lower, upper = gap.interval(alpha)
    return float(gap.estimate[0]), float(gap.se[0]), float(lower[0]), float(upper[0])


def _published(quantity: Quantity, by: str, level: Any, column: str) -> tuple[float | None, str | None]:
    if quantity.published is None:
        return None, None
    found = quantity.published(by, level, column)
    return (None, None) if found is None else (float(found.value), str(found.figure))
