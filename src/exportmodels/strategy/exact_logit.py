"""Exact logit: conditional inference without asymptotics, for few firms and empty cells."""

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.frames import numbered
from ..core.model import Model
from ..core.options import at_least
from ..core.outcomes import Binary
from ..core.quantities import Quantity
from ..inference.tilted import Tilted
from .exact_network import Groups, enumerated, sampled
from .exact_results import ExactResults

# Covariates without a common decimal step are taken to so many significant digits.
_DIGITS = 6
# Draws that fit into memory.
_MOST_DRAWS = 10_000_000


class ExactLogit(Model):
    """Exact conditional logit model.

    For samples in which no approximation can be trusted: each coefficient is judged by the distribution of its
    sufficient statistic, the sum of a covariate over the firms that say yes, given the sums of all other covariates.
    P-values and intervals hold their level whatever the number of firms; where the likelihood rises for ever, the
    estimate is median unbiased.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1, booleans, or a column of two levels, of which the second is the event.
    exog : array_like or data frame, shape (n, p)
        Covariates without a constant: the number of events is conditioned on, and there is no intercept to estimate.
    strata : str or array_like, shape (n,), optional
        Groups of firms with an intercept of their own; the number of events of each is conditioned on.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the linear predictor.
    draws : int, optional
        Sample so many outcomes from the conditional distribution instead of enumerating it; for larger samples and
        several covariates of many values.
    seed : int, default 0
        Seed of the sample.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If the outcome is not binary or has one class only.
    OptionError
        At `fit`, if the distribution has too many values to enumerate; `draws` is the way out.

    See Also
    --------
    FirthLogit : Penalized estimates, with predicted probabilities, for any number of firms.
    exportmodels.inference.fisher_exact : The same for one grouping.

    Notes
    -----
    Given the sums t_k of the other covariates and the number of events, the sum T_j has the probabilities::

        P(T_j = t; b_j)  proportional to  c(t) exp(t b_j)

    with c(t) the number of ways to hand out the events that give these sums. It is found by a network of partial sums
    [1]_, or sampled exactly from the network of the other covariates [2]_. The estimate maximizes the probability of
    what was observed; where that is the smallest or largest possible, it is the b_j that makes it the median. Intervals
    invert the two one-sided tests. The intercept being conditioned away, there are no predicted probabilities.

    There are no sampling weights: the distribution counts whole firms, and a weighted firm is no number of them. Use
    `FirthLogit` with weights and robust errors.

    References
    ----------
    .. [1] Hirji, K. F., Mehta, C. R. and Patel, N. R. (1987). Computing distributions for exact logistic regression.
       Journal of the American Statistical Association 82, 1110-1117.
    .. [2] Mehta, C. R., Patel, N. R. and Senchaudhuri, P. (2000). Efficient Monte Carlo methods for conditional
       logistic regression. Journal of the American Statistical Association 95, 99-108.

    Examples
    --------
    A plant abroad: five of 17 niche firms have one, none of 19 mass firms; half of the firms belong to a family.

    >>> import pandas as pd
    >>> from exportmodels.strategy import ExactLogit
    >>> firms = pd.DataFrame(
    ...     {
    ...         "plant": [0] * 19 + [0] * 12 + [1] * 5,
    ...         "niche": [0] * 19 + [1] * 17,
    ...         "family": [0, 1] * 18,
    ...     }
    ... )
    >>> results = ExactLogit.from_formula("plant ~ niche + family", firms).fit()
    >>> print(results.table().round(3).to_string())
            odds_ratio  lower  upper      p  median_unbiased
    niche        8.829  1.117    inf  0.019             True
    family       1.465  0.118  23.76  1.000            False
    """

    kind = Binary()
    absorbed = True
    needs_covariates = True
    column_options = ("frequency", "offset", "strata")
    variants: ClassVar = ({},)

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        strata: Any = None,
        frequency: Any = None,
        offset: Any = None,
        draws: int | None = None,
        seed: int = 0,
        missing: str = "drop",
    ):
        if draws is not None and not 1000 <= draws <= _MOST_DRAWS:
            raise OptionError(f"draws must be at least 1000, and at most {_MOST_DRAWS}; not {draws}")
        self.draws, self.seed = draws, at_least("seed", seed, 0)
        super().__init__(outcome, exog, frequency=frequency, offset=offset, missing=missing, columns={"strata": strata})

    @property
    def param_names(self) -> list[str]:
        """Names of the coefficients."""
        return list(self.sample.designs[""].names)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """No predictions: the intercept is conditioned away."""
        return {}

    def groups(self) -> tuple[Groups, np.ndarray, np.ndarray]:
        """Return groups of identical firms, the size of a covariate's whole units, and the observed sums."""
        sample = self.sample
        units = [whole_units(column) for column in sample.designs[""].matrix.T]
        x = np.column_stack([steps for steps, _ in units])
        strata = sample.columns.get("strata", np.zeros(len(x)))
        stratum = numbered(strata)[0]
        offset = np.zeros(len(x)) if sample.offset is None else sample.offset
        count = np.ones(len(x), int) if sample.frequency is None else sample.frequency.astype(int)
        yes = (count * sample.outcome).astype(int)
        table = pd.DataFrame(np.c_[stratum, offset, x]).groupby(list(range(2 + x.shape[1])), sort=True)
        group = table.ngroup().to_numpy()
        first = np.unique(group, return_index=True)[1]
        groups = Groups(
            x[first],
            np.bincount(group, count).astype(int),
            offset[first],
            stratum[first],
            np.bincount(stratum, yes).astype(int),
        )
        return groups, np.array([unit for _, unit in units]), yes @ x

    def fit(self) -> ExactResults:  # type: ignore[override]
        """Find the conditional distribution of each coefficient's sufficient statistic.

        Returns
        -------
        ExactResults
            Estimates, exact tests and intervals.

        Raises
        ------
        OptionError
            If a distribution has too many values to enumerate.
        """
        groups, unit, observed = self.groups()
        rng = np.random.default_rng(self.seed)
        distributions = {}
        for j, name in enumerate(self.param_names):
            if self.draws is None:
                support, log_ways = enumerated(groups, j, observed)
            else:
                support, log_ways = sampled(groups, j, observed, self.draws, rng)
            distributions[name] = Tilted(support * unit[j], log_ways, observed[j] * unit[j])
        return ExactResults(self, distributions)


def whole_units(column: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a covariate as whole steps above its minimum, and the size of a step."""
    above = column - column.min()
    size = above.max()
    leading = max(0, -int(np.floor(np.log10(size))))
    for decimals in range(leading + _DIGITS + 1):
        scaled = above * 10.0**decimals
        if np.abs(scaled - np.round(scaled)).max() <= 1e-9 * scaled.max():
            steps = np.round(scaled).astype(np.int64)
            common = int(np.gcd.reduce(steps))
            return steps // common, common / 10.0**decimals
    step = size / 10.0**_DIGITS
    return np.round(above / step).astype(np.int64), step
