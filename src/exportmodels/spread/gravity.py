"""Gravity: a firm's exports to each destination and year, by Poisson pseudo-likelihood with fixed effects."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import ConvergenceError, DataError, OutcomeError, SeparationError
from ..core.model import Model
from ..core.newton import Maximum, maximize
from ..core.outcomes import Amount
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from .gravity_separation import perfect_fit
from .two_way import Profiled, TwoWay, informative

# Perfectly fitted cells are looked for where exports of nothing are expected to be this part of the average.
_NOTHING = 1e-9


class GravityPoisson(Model):
    """Gravity model of exports with firm and destination effects (PPML).

    A firm's exports to a destination, zeros included, with an effect for each firm (its productivity, its product) and
    one for each destination or destination-year (its size, its remoteness). What is left to estimate is what varies
    within both: a niche product's advantage in distant markets, an agreement, an earlier entry.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Exports, in any unit: zero or more.
    exog : array_like or data frame, shape (n, p)
        Covariates of the log mean, without a constant.
    firm : array_like or str, shape (n,)
        The group whose effects are eliminated in closed form: firms, or firm-years.
    destination : array_like or str, shape (n,)
        The other group, of at most a few thousand: destinations, or destination-years.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical rows a row stands for.
    offset : array_like, shape (n,), optional
        Added to the log mean.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If exports are negative, or nothing is left once groups that export nothing are taken out.
    SeparationError
        If a covariate is infinite because the cells that it marks export nothing.
    DataError
        If a covariate does not vary within firms, or within destinations.

    Notes
    -----
    With mean m = exp(a_firm + d_destination + x'b) the pseudo-log-likelihood is that of a Poisson variable::

        sum_i  y_i log m_i - m_i - log y_i!

    Its estimate is consistent whenever the mean is right [1]_; errors are robust by default, and should be clustered
    where exports of a firm or to a destination go together. For given d and b the best firm effects are known in
    closed form; Newton steps are taken on what remains, so there are no alternating projections. Firms and destinations
    without any exports are fitted perfectly by effects of minus infinity: they say nothing, are left out, and are
    counted in the notes [2]_. `llf` counts the rows that are left. Covariates that fit other cells perfectly (a pair
    that never trades, marked by a dummy) have no estimate and are named; a linear programme finds them.

    References
    ----------
    .. [1] Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics and Statistics 88,
       641-658.
    .. [2] Correia, S., Guimaraes, P. and Zylkin, T. (2020). Fast Poisson estimation with high-dimensional fixed
       effects. Stata Journal 20, 95-115.

    Examples
    --------
    Exports of four firms to three countries; the fourth firm exports nothing:

    >>> import pandas as pd
    >>> from exportmodels.spread import GravityPoisson
    >>> exports = pd.DataFrame({
    ...     "firm": ["a"] * 3 + ["b"] * 3 + ["c"] * 3 + ["d"] * 3,
    ...     "country": ["France", "Poland", "China"] * 4,
    ...     "sales": [9, 3, 1, 40, 10, 12, 5, 0, 2, 0, 0, 0],
    ...     "niche_far": [0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0],
    ... })
    >>> model = GravityPoisson.from_formula("sales ~ niche_far", exports, firm="firm", destination="country")
    >>> results = model.fit(clusters="firm")
    >>> print(results.params.round(3).to_string())
    niche_far    1.117
    >>> results.notes[-1]
    '3 of 12 rows say nothing and are left out: 1 firm (d) and 0 destinations export nothing'
    """

    kind: ClassVar[Amount] = Amount()
    column_options = ("frequency", "weights", "offset", "firm", "destination")
    absorbed = True
    default_covariance: ClassVar[str] = "robust"
    counted: ClassVar[str] = "rows"

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        firm: Any,
        destination: Any,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        super().__init__(
            outcome,
            exog,
            columns={"firm": firm, "destination": destination},
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )
        sample = self.sample
        self.groups = {name: pd.factorize(sample.columns[name]) for name in ("firm", "destination")}
        sample.columns.update({name: number for name, (number, _) in self.groups.items()})
        for name in ("firm", "destination"):
            self._refuse_constant(name)

    def _refuse_constant(self, group: str) -> None:
        """Refuse covariates that do not vary within the groups, whose effects take them up."""
        design, number = self.sample.designs[""], self.sample.columns[group]
        order = np.argsort(number, kind="stable")
        first = np.flatnonzero(np.r_[True, np.diff(number[order]) > 0])
        for j, name in enumerate(design.names):
            values = design.matrix[order, j]
            if (np.maximum.reduceat(values, first) == np.minimum.reduceat(values, first)).all():
                raise DataError(
                    f"column {name!r} does not vary within any {group}: the {group} effects take it up; leave it out, "
                    "or let it interact with something that varies"
                )

    @property
    def param_names(self) -> list[str]:
        """The covariates; the effects are not listed."""
        return list(self.sample.designs[""].names)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Exports relative to those of the same firm and destination with average covariates."""
        centre = np.average(self.sample.designs[""].matrix, axis=0, weights=self.sample.total_weight)

        def ratio(theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
            return np.exp((designs[0] - centre) @ theta)

        label = "exports relative to the same firm and destination with average covariates"
        return {"ratio": Quantity(label, "ratio", ratio, scale="log")}

    @cached_property
    def left(self) -> np.ndarray:
        """Which used rows say something."""
        return informative(self.sample.outcome, self.sample.columns["firm"], self.sample.columns["destination"])

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood with the firm effects eliminated, on the rows that say something."""
        numbers = [sample.columns[name] for name in ("firm", "destination")]
        left = informative(sample.outcome, *numbers)
        if left.sum() <= sample.designs[""].matrix.shape[1]:
            raise OutcomeError(f"outcome {sample.name!r} leaves {left.sum()} rows once groups without exports are out")
        rows = np.flatnonzero(left)
        rows = rows[np.lexsort((numbers[1][rows], numbers[0][rows]))]
        standard = sample.designs[""].standardized
        weight = sample.total_weight
        firm, destination = (np.unique(number[rows], return_inverse=True)[1] for number in numbers)
        joint = TwoWay(
            sample.outcome[rows],
            standard.matrix[rows],
            firm,
            destination,
            np.ones(len(rows)) if weight is None else weight[rows],
            np.zeros(len(rows)) if sample.offset is None else sample.offset[rows],
        )
        objective = Profiled(joint)

        def scores(theta: np.ndarray) -> np.ndarray:
            whole = np.zeros((len(left), standard.matrix.shape[1]))
            whole[rows] = objective.scores(theta)
            return whole

        return Problem(objective, np.zeros(standard.matrix.shape[1]), standard.back, scores)

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Maximize over destination effects and coefficients together, and keep the coefficients."""
        objective = problem.objective
        assert isinstance(objective, Profiled)
        own, likelihood = len(objective.effects), objective.joint
        joint = maximize(likelihood, np.r_[objective.effects, start], max_iter=max_iter)
        if not joint.converged or likelihood.expected(joint.theta)[0].min() < _NOTHING * likelihood.y.mean():
            self._refuse_separation()
        if not joint.positive_definite:
            raise ConvergenceError(
                "no maximum was found: the effects of some destination cannot be told from those of others or from the "
                "offset; drop destinations of few firms, and offsets of another scale"
            )
        objective.effects = joint.theta[:own]
        return replace(
            joint, theta=joint.theta[own:], score=joint.score[own:], information=objective.reduced(joint.information)
        )

    def _refuse_separation(self) -> None:
        """Name the covariates that fit cells without exports perfectly."""
        sample, design = self.sample, self.sample.designs[""]
        numbers = [sample.columns[name] for name in ("firm", "destination")]
        rows = np.flatnonzero(informative(sample.outcome, *numbers))
        found = perfect_fit(sample.outcome[rows], design.matrix[rows], *(number[rows] for number in numbers))
        if found is None:
            return
        named = [f"{name!r} ({'+' if b > 0 else '-'})" for name, b in zip(design.names, found.slopes, strict=True) if b]
        gone = rows[found.rows]
        raise SeparationError(
            f"{len(gone)} rows in which {sample.name!r} is zero are fitted perfectly by "
            f"{', '.join(named) or 'the effects alone'}, such as that of {self._level('firm', gone[0])} and "
            f"{self._level('destination', gone[0])}: the estimate is infinite; leave the column out, or the rows"
        )

    def _level(self, group: str, row: int) -> str:
        return f"{group} {self.groups[group][1][self.sample.columns[group][row]]}"

    def notes(self, maximum: Maximum) -> list[str]:
        """Name the groups that export nothing."""
        gone = ~self.left
        if not gone.any():
            return []
        told = []
        for group in ("firm", "destination"):
            number, levels = self.groups[group]
            lost = np.setdiff1d(number[gone], number[self.left])
            names = ", ".join(str(levels[k]) for k in lost[:3]) + (", ..." if len(lost) > 3 else "")
            told.append(f"{len(lost)} {group}{'s' if len(lost) != 1 else ''}" + (f" ({names})" if len(lost) else ""))
        return [
            f"{gone.sum()} of {len(gone)} rows say nothing and are left out: {told[0]} and {told[1]} export nothing"
        ]
