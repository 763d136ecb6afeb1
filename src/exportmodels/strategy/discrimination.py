"""How well predicted probabilities tell firms apart (ROC curve), and how true they are (calibration)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from ..core.errors import DataError, OutcomeError
from ..core.frames import column_of_numbers
from ..core.options import checked, checked_methods, upper_end
from ..core.results import Results
from ..inference.weights import read_weights
from .diagnostics import binary_fit, risk_groups


@checked_methods
@dataclass(frozen=True)
class ROC:
    """A receiver operating characteristic: what share of yeses is found at what share of false alarms.

    Parameters
    ----------
    false_alarms, found : ndarray, shape (m,)
        Shares of noes and of yeses at or above each threshold.
    thresholds : ndarray, shape (m,)
        Thresholds of the probability, from infinite down.
    auc : float
        Area under the curve: the probability that a random yes has the higher prediction than a random no.
    se : float
        DeLong's standard error of the area.
    """

    false_alarms: np.ndarray
    found: np.ndarray
    thresholds: np.ndarray
    auc: float
    se: float

    @classmethod
    @checked
    def of(cls, outcome: Any, probability: Any, frequency: Any = None) -> "ROC":
        """Return the curve of predictions made elsewhere: for other firms, or by another model."""
        y, score, count = _predictions(outcome, probability, frequency)
        if set(y) != {0, 1}:
            raise OutcomeError("a ROC curve needs an outcome of 0 and 1, with both of them")
        levels, place = np.unique(score, return_inverse=True)
        yes, no = np.bincount(place, count * y), np.bincount(place, count * (1 - y))
        below = (np.cumsum(no) - no / 2) / no.sum()  # of each level, the share of noes that it beats
        above = 1 - (np.cumsum(yes) - yes / 2) / yes.sum()
        auc = float(yes @ below / yes.sum())
        variance = yes @ (below - auc) ** 2 / (yes.sum() * max(yes.sum() - 1, 1))
        variance += no @ (above - auc) ** 2 / (no.sum() * max(no.sum() - 1, 1))
        found, alarms = (np.r_[0, np.cumsum(part[::-1])] / part.sum() for part in (yes, no))
        return cls(alarms, found, np.r_[np.inf, levels[::-1]], auc, float(np.sqrt(variance)))

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return the interval of the area, symmetric on the logit scale; the area itself where it is 0 or 1."""
        if self.se == 0 or self.auc in (0.0, 1.0):
            return self.auc, self.auc
        half = ndtri(upper_end(alpha)) * self.se / (self.auc * (1 - self.auc))
        return float(expit(logit(self.auc) - half)), float(expit(logit(self.auc) + half))

    def __str__(self) -> str:
        lower, upper = self.interval()
        return f"area under the ROC curve {self.auc:.3f} (95% interval {lower:.3f} to {upper:.3f})"

    __repr__ = __str__

    def plot(self, ax: Any = None) -> Any:
        """Draw the curve on axes, new ones by default, and return them."""
        ax = _axes(ax)
        ax.plot(self.false_alarms, self.found, drawstyle="steps-post", color="black", label=f"area {self.auc:.2f}")
        ax.plot([0, 1], [0, 1], color="grey", linestyle=":", label="chance")
        ax.set(xlabel="share of noes called yes", ylabel="share of yeses found", xlim=(0, 1), ylim=(0, 1))
        ax.legend(loc="lower right", frameon=False)
        return ax


def _predictions(outcome: Any, probability: Any, frequency: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcomes of 0 and 1, the prediction of each, and how many firms it stands for, which is at least one."""
    y, score = column_of_numbers(outcome, "outcome"), column_of_numbers(probability, "predictions")
    if len(score) != len(y) or not len(y):
        raise DataError(f"there must be one prediction for every outcome; there are {len(score)} for {len(y)}")
    if not np.isin(y, (0, 1)).all():
        raise OutcomeError("predictions are judged by outcomes of 0 and 1")
    count = read_weights(frequency, "frequency", pd.RangeIndex(len(y)))
    return y[count > 0], score[count > 0], count[count > 0]


@dataclass(frozen=True)
class Calibration:
    """Predicted probabilities against observed shares.

    Parameters
    ----------
    table : DataFrame
        firms, predicted, observed, lower, upper; one row a group of rising probability, intervals of Wilson.
    brier : float
        Mean squared distance of outcome and probability.
    """

    table: pd.DataFrame
    brier: float

    @classmethod
    @checked
    def of(cls, outcome: Any, probability: Any, frequency: Any = None, groups: int = 10) -> "Calibration":
        """Return the calibration of predictions made elsewhere: for other firms, or by another model."""
        y, p, count = _predictions(outcome, probability, frequency)
        if not ((p >= 0) & (p <= 1)).all():
            raise DataError("calibration needs probabilities, which lie between 0 and 1")
        group = risk_groups(p, count, groups)
        firms = np.bincount(group, count)
        predicted, observed = (np.bincount(group, count * part) / firms for part in (p, y))
        z = ndtri(0.975)
        middle = (observed + z * z / (2 * firms)) / (1 + z * z / firms)
        half = z / (1 + z * z / firms) * np.sqrt(observed * (1 - observed) / firms + (z / (2 * firms)) ** 2)
        table = pd.DataFrame(
            {
                "firms": firms.astype(int),
                "predicted": predicted,
                "observed": observed,
                "lower": np.maximum(middle - half, 0.0),
                "upper": np.minimum(middle + half, 1.0),
            }
        )
        return cls(table, float(np.average((y - p) ** 2, weights=count)))

    def __str__(self) -> str:
        return f"{self.table.round(3).to_string(index=False)}\nBrier score {self.brier:.4f}"

    __repr__ = __str__

    def plot(self, ax: Any = None) -> Any:
        """Draw observed shares with intervals against predictions, new axes by default, and return them."""
        ax = _axes(ax)
        table = self.table
        bars = np.maximum([table["observed"] - table["lower"], table["upper"] - table["observed"]], 0.0)
        ax.errorbar(table["predicted"], table["observed"], bars, fmt="o", color="black", capsize=2)
        ax.plot([0, 1], [0, 1], color="grey", linestyle=":")
        ax.set(xlabel="predicted probability", ylabel="observed share", xlim=(0, 1), ylim=(0, 1))
        return ax


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(4.5, 4.5), layout="constrained")[1]


@checked
def roc(results: Results) -> ROC:
    """Return the ROC curve of a binary fit on its own firms, with the area and DeLong's error.

    Parameters
    ----------
    results : Results
        A fit of a binary model. For other firms see `ROC.of`.

    Returns
    -------
    ROC
        The curve; `interval()` and `plot()` go with it.

    References
    ----------
    .. [1] DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two or more
       correlated receiver operating characteristic curves. Biometrics 44, 837-845.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import Logit, roc
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1], "rd": [0, 1, 1, 0, 2, 4, 3, 4]})
    >>> print(roc(Logit.from_formula("Q('global') ~ rd", firms).fit()))
    area under the ROC curve 0.844 (95% interval 0.364 to 0.981)
    """
    return ROC.of(*binary_fit(results))


@checked
def calibration(results: Results, groups: int = 10) -> Calibration:
    """Return predicted probabilities against observed shares of a binary fit, on its own firms.

    Parameters
    ----------
    results : Results
        A fit of a binary model. For other firms see `Calibration.of`.
    groups : int, default 10
        Number of groups, divided at quantiles of the probabilities.

    Returns
    -------
    Calibration
        The table and Brier's score; `plot()` goes with it.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import Logit, calibration
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1], "rd": [0, 1, 1, 0, 2, 4, 3, 4]})
    >>> print(calibration(Logit.from_formula("Q('global') ~ rd", firms).fit(), groups=3).table.round(2))
       firms  predicted  observed  lower  upper
    0      4       0.24      0.25   0.05   0.70
    1      1       0.54      1.00   0.21   1.00
    2      3       0.84      0.67   0.21   0.94
    """
    return Calibration.of(*binary_fit(results), groups=groups)
