"""Nested logit: alternatives that are close substitutes of each other form nests, two levels deep."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import OptionError, OutcomeError, SeparationError, rows
from ..core.family import block_diagonal
from ..core.levels import Choice
from ..core.newton import Maximum, maximize
from ..core.problem import Problem
from ..core.sample import Sample
from .choice_model import ChoiceModel, grouped, refuse_separated
from .choice_sets import ChoiceSets, ConditionalObjective
from .nested_sets import Cells, NestedObjective

_EXTREME = 15.0


class NestedLogit(ChoiceModel):
    """Nested logit model of two levels.

    Which alternative is picked, as in the conditional logit, but alternatives of one nest (the countries of one region,
    the entry modes with a foreign partner) may be closer substitutes of each other than of the rest.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        One row an alternative: 1 if it was picked, else 0; one pick a set.
    exog : array_like or data frame, shape (n, p)
        Attributes of the alternatives, without a constant.
    choice_set : str or array_like, shape (n,)
        Which rows are alternatives of the same choice.
    nest : str or array_like, shape (n,)
        The nest of each alternative.
    alternative : str or array_like, shape (n,), optional
        Names of the alternatives; predictions then give the share of each.
    weights : array_like, shape (n,), optional
        Sampling weights, the same for all alternatives of a set.
    frequency : array_like, shape (n,), optional
        How many identical choices a set stands for, the same for all its alternatives.
    missing : {"drop", "raise"}
        What is done with incomplete rows: alternatives with missing attributes leave their set.

    Raises
    ------
    OutcomeError
        If a set has no pick or several.
    OptionError
        If no nest ever holds two alternatives.
    DataError
        If an attribute does not vary within any set, or is collinear with others there.
    SeparationError
        If attributes predict all picks perfectly, or nobody picks from a nest of several alternatives; the message
        names them.

    Notes
    -----
    With v_j = x_j'b and the dissimilarity lambda_m of nest m, named `[dissimilarity] m`::

        P(j) = P(j | m) P(m),    P(j | m) = exp(v_j / lambda_m - I_m),    I_m = log sum_{k in m} exp(v_k / lambda_m)
        P(m) = exp(lambda_m I_m) / sum_l exp(lambda_l I_l)

    so that utility has one scale across nests [1]_ (R's mlogit calls this `unscaled = FALSE`). At lambda = 1 it is the
    conditional logit; between 0 and 1 it agrees with maximizing firms [2]_, and a note says where it does not. A nest
    that never holds two alternatives has lambda = 1, and is not listed. The likelihood need not have one maximum: fits
    start from the conditional logit, and `fit(start=...)` tries another.

    References
    ----------
    .. [1] Hensher, D. A. and Greene, W. H. (2002). Specification and estimation of the nested logit model.
       Transportation Research B 36, 1-17.
    .. [2] McFadden, D. (1978). Modelling the choice of residential location. In Karlqvist, A. et al. (eds.), Spatial
       Interaction Theory and Planning Models, 75-96. North-Holland.

    Examples
    --------
    The first destination of 60 firms, drawn at random, among two near countries and one far:

    >>> import numpy as np
    >>> import pandas as pd
    >>> from exportmodels.strategy import NestedLogit
    >>> rng = np.random.default_rng(2009)
    >>> choices = pd.DataFrame({"firm": np.repeat(range(60), 3), "country": ["France", "Germany", "China"] * 60})
    >>> choices["region"] = choices["country"].map({"France": "near", "Germany": "near", "China": "far"})
    >>> choices["cost"] = rng.uniform(1, 4, 180) + 2.0 * (choices["region"] == "far")
    >>> utility = -choices["cost"] + rng.gumbel(size=180)
    >>> choices["first"] = (utility == utility.groupby(choices["firm"]).transform("max")).astype(int)
    >>> model = NestedLogit.from_formula("first ~ cost", choices, choice_set="firm", nest="region")
    >>> print(model.fit().params.round(3).to_string())
    cost                   -0.706
    [dissimilarity] near    0.925
    """

    column_options = ("frequency", "weights", "choice_set", "nest", "alternative")
    structure: ClassVar = ("choice_set", "nest")

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        choice_set: Any,
        nest: Any,
        alternative: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        super().__init__(
            outcome,
            exog,
            columns={"choice_set": choice_set, "nest": nest, "alternative": alternative},
            weights=weights,
            frequency=frequency,
            missing=missing,
        )
        several = self.sets.picks != 1
        if several.any():
            named = rows(pd.unique(self.sample.columns["choice_set"])[several]).replace("row", "choice set")
            raise OutcomeError(f"outcome {self.endog_names!r} must have one pick in every choice set; {named} have not")
        self._nests = Choice.of(pd.Series(self.sample.columns["nest"]))
        self._free = _shared_nests(self.sample, self._nests)
        if not self._free:
            raise OptionError("no nest holds two alternatives of a choice set, so there is nothing to nest")

    @property
    def param_names(self) -> list[str]:
        """Names of the attributes, and `[dissimilarity] nest`."""
        return [*super().param_names, *(f"[dissimilarity] {self._nests.names[k]}" for k in self._free)]

    def ancillary(self, name: str) -> bool:
        """Whether a coefficient is a dissimilarity."""
        return name.startswith("[dissimilarity] ")

    def shares(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the probability of each alternative being picked from its set, shape (n,)."""
        within, nest_share, _ = self._split_shares(theta, designs)
        return within * nest_share

    def _split_shares(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """Return each alternative's probability in its nest, its nest's probability, and its nest's lambda."""
        number, nest = (column[:, 0].astype(int) for column in designs[1:])
        parts = Cells.of(number, nest, np.zeros(len(number)), self._free)
        objective = parts.objective(designs[0][parts.order], None)
        at, scale = objective.inside(theta), objective.dissimilarity(theta)
        cell = objective.cells.number
        return tuple(part[parts.place] for part in (at.share, at.nest_share[cell], scale[cell]))

    def own_change(self, theta: np.ndarray, before: list[np.ndarray], after: list[np.ndarray]) -> float:
        """Return the average change of probabilities when each alternative alone goes from one design to another."""
        own = self.sample.designs[""].matrix
        within, nest_share, scale = self._split_shares(theta, [own, *before[1:]])
        ends = []
        for matrix in (before[0], after[0]):
            lift = np.exp((matrix - own) @ theta[: own.shape[1]] / scale)
            total = 1 - within + within * lift
            odds = nest_share * total**scale
            ends.append(within * lift / total * odds / (1 - nest_share + odds))
        return float(np.average(ends[1] - ends[0], weights=self.sample.total_weight))

    def problem(self, sample: Sample) -> Problem:
        """Return the nested likelihood, attributes centred within sets and scaled, from the conditional estimate."""
        number = pd.factorize(sample.columns["choice_set"])[0]
        nest = self._nests.read(sample.columns["nest"], "nest", sample.labels).astype(int)
        parts = Cells.of(number, nest, sample.outcome, self._free)
        sorted_by_set = self.parts(sample)
        standard = sorted_by_set.standard
        weight = None
        if sample.total_weight is not None:
            weight = sample.total_weight[parts.order][parts.first]
        objective = parts.objective(standard.matrix[sorted_by_set.place][parts.order], weight)
        plain = ConditionalObjective(ChoiceSets(number[parts.order], sample.outcome[parts.order]), objective.x, weight)
        zero = np.zeros(objective.x.shape[1])
        start = np.r_[maximize(plain, zero).theta, np.ones(len(self._free))]
        return Problem(
            objective,
            start,
            block_diagonal([standard.back, np.eye(len(self._free))]),
            lambda theta: objective.scores(theta)[parts.place],
            plain.evaluate(zero)[0],
        )

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Look for separation where attributes decide everything; name nests that nobody picks from."""
        p = len(super().param_names)
        objective: NestedObjective = problem.objective  # type: ignore[assignment]
        if not maximum.converged or np.abs(objective.x @ maximum.theta[:p]).max() > _EXTREME:
            number, order = grouped(self.sample)
            plain = ConditionalObjective(number, self.sample.designs[""].matrix[order])
            refuse_separated(plain, super().param_names, self.endog_names)
        self._refuse_unpicked()
        super().examine(maximum, problem)

    def _refuse_unpicked(self) -> None:
        """Name the nests without picks: the closer their alternatives, the likelier that nobody picks from them."""
        nest = self._nests.read(self.sample.columns["nest"], "nest", self.sample.labels).astype(int)
        picks = np.bincount(nest, self.sample.outcome, len(self._nests.levels))
        never = [repr(self._nests.names[k]) for k in self._free if picks[k] == 0]
        if never:
            raise SeparationError(
                f"nobody picks from nest {' or '.join(never)}, so its dissimilarity has no estimate; leave its "
                "alternatives out of the choice sets, or merge it with another nest"
            )

    def notes(self, maximum: Maximum) -> list[str]:
        """Name the nests whose dissimilarity does not agree with maximizing firms."""
        found = maximum.theta[len(super().param_names) :]
        odd = [self._nests.names[k] for k, value in zip(self._free, found, strict=True) if value > 1]
        said = f"dissimilarity above one in {', '.join(odd)}: not what firms that maximize would do; try other nests"
        return [*super().notes(maximum), *([said] if odd else [])]


def _shared_nests(sample: Sample, nests: Choice) -> list[int]:
    """Return the nests that hold two alternatives of some choice set; the others have no dissimilarity."""
    number = pd.factorize(sample.columns["choice_set"])[0]
    nest = nests.read(sample.columns["nest"], "nest", sample.labels).astype(int)
    held = np.zeros((number.max() + 1, len(nests.levels)))
    np.add.at(held, (number, nest), 1)
    return [int(k) for k in np.flatnonzero((held > 1).any(axis=0))]
