"""Quantities: what a fitted model says in the outcome's own units, for rows, on average and for groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Rows = Callable[[np.ndarray, Sequence[np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class Quantity:
    """Something a model predicts for each row.

    Parameters
    ----------
    label : str
        What it is, in the field's words: "mean number of export countries".
    unit : str
        Its unit: "years", "share", "export countries", "probability".
    rows : callable
        Takes coefficients (p,) and the designs of the predictors, returns values of shape (n,), or (n, m) for a
        curve or for several outcomes.
    scale : {"identity", "log", "logit", "cloglog"}
        The scale on which intervals are symmetric.
    finish : callable, optional
        Turns the average over rows into the value that is reported: a curve (m,) into its median.
    columns : tuple of str, optional
        Names of the m columns.
    published : callable, optional
        Takes the grouping column, a level and one of `columns` (or ""), returns what the 2009 report published, with
        attributes `value` and `figure`, or None.
    told : bool
        Whether findings say it; a curve is predicted, and not told year by year.
    beside : int, default 0
        Number of standardized errors that `rows` takes after the coefficients: of something estimated beside them, such
        as a baseline hazard. They are independent, of unit variance, and zero at the estimate.
    """

    label: str
    unit: str
    rows: Rows
    scale: str = "identity"
    finish: Callable[[np.ndarray], Any] | None = None
    columns: tuple[str, ...] | None = None
    published: Callable[[str, Any, str], Any] | None = None
    told: bool = True
    beside: int = 0

    def average(self, theta: np.ndarray, designs: Sequence[np.ndarray], weight: np.ndarray | None) -> np.ndarray:
        """Return the weighted mean over rows, finished; shape () or (m,)."""
        mean = np.average(self.rows(theta, designs), axis=0, weights=weight)
        return np.asarray(self.finish(mean) if self.finish is not None else mean)
