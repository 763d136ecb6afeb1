"""What models of choices among alternatives share: choice sets, probabilities, effects of own attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.delta import delta
from ..core.design import Design, check_design
from ..core.effects import changes, coefficient_table, known_variables, with_value
from ..core.errors import DataError, OptionError, OutcomeError, SeparationError, WeightError, rows
from ..core.frames import to_pandas
from ..core.levels import Choice, Picks
from ..core.model import Model
from ..core.newton import Maximum
from ..core.quantities import Quantity
from ..core.results import Results
from ..core.sample import Sample
from ..core.standardizing import Standardized
from ..data import published_for
from ..inference.separation import recession
from .choice_sets import ChoiceSets, ConditionalObjective


class ChoiceResults(Results):
    """Results of a choice among alternatives: effects are those of an alternative's own attributes."""

    def effects(
        self, variables: list[str] | None = None, which: str | Quantity = "mean", alpha: float = 0.05
    ) -> pd.DataFrame:
        """Average effects of an alternative's own attributes on its probability, with delta-method errors.

        One alternative at a time is changed, the others of its set stay; the changes of its probability are averaged
        over all alternatives. (A change of all alternatives at once leaves every probability where it is.)

        Parameters
        ----------
        variables : list of str, optional
            Columns of the data; all covariates by default.
        which : {"mean", "probability"}
            Both are the probability; there is no other quantity of one alternative.
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            estimate, se, z, p, lower, upper; one row a variable (and level).
        """
        if which not in ("mean", "probability"):
            raise OptionError("effects of an alternative's own attributes are on its probability: which='probability'")
        model, frame = self.model, self.model.covariates()
        chosen = known_variables(frame, frame.columns if variables is None else variables)
        tables = []
        for name in chosen:
            for label, before, after, span in changes(frame[name]):
                ends = [model.design_matrices(with_value(frame, name, value)) for value in (before, after)]

                def change(theta: np.ndarray, ends: list = ends, span: float = span) -> np.ndarray:
                    return np.atleast_1d(model.own_change(theta, *ends) / span)  # type: ignore[attr-defined]

                effect = delta(change, self.params.to_numpy(), self.covariance.root)
                tables.append(coefficient_table(effect.estimate, effect.se, [f"{name}{label}"], alpha))
        return pd.concat(tables)


class ChoiceModel(Model):
    """Base of models of choices among alternatives in long format; not used by itself."""

    kind = Picks()
    absorbed = True
    needs_covariates = True
    results_class = ChoiceResults
    structure: ClassVar[tuple[str, ...]] = ("choice_set",)

    def __init__(self, outcome: Any, exog: Any, *, columns: dict[str, Any], **options: Any):
        super().__init__(outcome, exog, columns=columns, **options)
        self._names = {role: str(getattr(columns[role], "name", None) or role) for role in self.structure}
        _refuse_uneven(self.sample)
        self._known = ChoiceParts.of(self.sample)
        self._known.refuse_silence()

    def parts(self, sample: Sample) -> "ChoiceParts":
        """Return a sample sorted by choice set."""
        return self._known if self._known.sample is sample else ChoiceParts.of(sample)

    @property
    def sets(self) -> ChoiceSets:
        """The choice sets of the used rows, sorted by set."""
        return self.parts(self.sample).sets

    @property
    def nobs(self) -> int:
        """Number of choices."""
        weight = self.sample.frequency
        sets, order = grouped(self.sample)
        return len(sets.first) if weight is None else int(weight[order][sets.first].sum())

    @property
    def param_names(self) -> list[str]:
        """Names of the coefficients."""
        return list(self.sample.designs[""].names)

    def fit(self, cov_type: str | None = None, *, clusters: Any = None, **options: Any) -> Results:
        """Maximize the likelihood; see `Model.fit`. Resampling draws whole choice sets; clusters hold whole ones."""
        if clusters is None and cov_type in ("bootstrap", "jackknife"):
            clusters = self.sample.columns["choice_set"]
        elif clusters is not None:
            labels = self.sample.align(clusters, "clusters", self.frame)
            sets, order = grouped(self.sample)
            if (labels[order] != labels[order][sets.first][sets.number]).any():
                raise DataError("clusters must hold whole choice sets; some set has alternatives in two clusters")
        return super().fit(cov_type, clusters=clusters, **options)

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the matrix of the attributes and, as columns, each row's choice set (and nest) and any offset."""
        designs = super().design_matrices(newdata)
        n, labels = len(designs[0]), self.sample.labels
        bare = pd.DataFrame(index=labels if n == len(labels) else range(n))  # rows of an array are in their old sets
        frame = to_pandas(newdata) if hasattr(newdata, "columns") else bare
        codes, used = [], self.sample.places(frame)
        for role, name in self._names.items():
            if name in frame.columns:
                values: Any = frame[name]
            elif used is not None:
                values = self.sample.columns[role][used]
            else:
                raise DataError(f"the new rows need the column {name!r} ({role}=), as the fitted ones have")
            if role == "choice_set":
                number = pd.factorize(values)[0]
            else:  # numbered as in the likelihood, whatever their order in the rows
                known = Choice.of(pd.Series(self.sample.columns[role]))
                number = pd.Index(known.levels).get_indexer(values)
                if (number < 0).any():
                    raise DataError(
                        f"column {name!r} holds a {role} that the fit has not seen: {', '.join(known.names)}"
                    )
            codes.append(number[:, None].astype(float))
        return [*designs, *codes, *self.sample.offsets(newdata, n)]

    def shares(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the probability of each alternative being picked from its set, shape (n,)."""
        raise NotImplementedError

    def own_change(self, theta: np.ndarray, before: list[np.ndarray], after: list[np.ndarray]) -> float:
        """Return the average change of probabilities when each alternative alone goes from one design to another."""
        raise NotImplementedError

    def _share_of_each(self, theta: np.ndarray, designs: Sequence[np.ndarray]) -> np.ndarray:
        """Return the probability of each row's alternative in the column of that alternative, zero elsewhere."""
        shares = self.shares(theta, designs)
        if len(shares) != len(self.sample.labels):
            raise OptionError("shares of the alternatives are of the fitted rows; predict() new ones row by row")
        named = self.sample.columns["alternative"]
        return (named[:, None] == np.array(self.alternatives.levels, dtype=object)) * shares[:, None]

    @property
    def alternatives(self) -> Choice:
        """The named alternatives."""
        return Choice.of(self.sample.columns["alternative"])

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The probability that an alternative is picked, and the share of each named alternative."""
        name = self.endog_names
        found = {
            "probability": Quantity(f"probability of {name}", "probability", self.shares, scale="logit", told=False)
        }
        if "alternative" in self.sample.columns:
            found["shares"] = Quantity(
                f"probability of {name}",
                "probability",
                self._share_of_each,
                scale="logit",
                finish=lambda mean: mean / mean.sum(),
                columns=self.alternatives.names,
                published=published_for(name, "percent"),
            )
        return found

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how many sets say nothing."""
        silent = int(((self.sets.picks == 0) | (self.sets.picks == self.sets.size)).sum())
        said = (
            f"{silent} of {len(self.sets.first)} choice sets say nothing: all or none of their alternatives are picked"
        )
        return [said] if silent else []


@dataclass(frozen=True)
class ChoiceParts:
    """A sample sorted by choice set, its attributes centred within sets.

    Parameters
    ----------
    sample : Sample
        The sample.
    sets : ChoiceSets
        The sets of the sorted rows.
    order, place : ndarray of int, shape (n,), or slice
        The sample's row that stands at each place, and where each of its rows stands; all, where it is sorted.
    within : Design
        The attributes less their mean in the set.
    """

    sample: Sample
    sets: ChoiceSets
    order: np.ndarray | slice
    place: np.ndarray | slice
    within: Design

    @classmethod
    def of(cls, sample: Sample) -> "ChoiceParts":
        """Sort a sample and centre its attributes within sets."""
        sets, order = grouped(sample)
        place = order if isinstance(order, slice) else np.argsort(order, kind="stable")
        matrix = sample.designs[""].matrix[order]
        within = matrix - sets.of_row(sets.total(matrix) / sets.size[:, None])
        return cls(sample, sets, order, place, Design(within, sample.designs[""].names))

    @property
    def standard(self) -> Standardized:
        """The centred attributes, scaled."""
        return self.within.standardized

    @property
    def weight(self) -> np.ndarray | None:
        """The weight of each set."""
        weight = self.sample.total_weight
        return None if weight is None else weight[self.order][self.sets.first]

    def refuse_silence(self) -> None:
        """Refuse sets in which nothing is to be learned, and attributes that are the same for all alternatives."""
        sets, sample = self.sets, self.sample
        if ((sets.picks == 0) | (sets.picks == sets.size)).all():
            raise OutcomeError(
                f"outcome {sample.name!r}: in every choice set all or none of the alternatives are picked"
            )
        size = np.maximum(np.abs(sample.designs[""].matrix).max(axis=0), 1e-300)
        same = np.abs(self.within.matrix).max(axis=0) <= 1e-12 * size
        if same.any():
            raise DataError(
                f"column {self.within.names[int(np.argmax(same))]!r} is the same for all alternatives of every choice "
                "set, so it cancels; let it enter in a product with an attribute"
            )
        check_design(self.within, sample.labels[self.order])


def refuse_separated(objective: ConditionalObjective, names: list[str], outcome: str) -> None:
    """Raise the error that names the attributes, if they predict all picks perfectly."""
    found = recession(objective.rising(), names)
    if found.separated:
        raise SeparationError(
            f"{found.sentence(outcome)} The maximum-likelihood estimate is infinite; leave the attribute out, or merge "
            "the alternatives that nobody picks"
        )


def _refuse_uneven(sample: Sample) -> None:
    """Refuse weights that differ among the alternatives of a choice."""
    sets, order = grouped(sample)
    for role in ("frequency", "weights"):
        values = getattr(sample, role)
        if values is None:
            continue
        uneven = values[order] != sets.of_row(values[order][sets.first])
        if uneven.any():
            named = rows(sample.labels[order][uneven])
            raise WeightError(
                f"{role} must be the same for all alternatives of a choice; {named} differ from the first"
            )


def grouped(sample: Sample) -> tuple[ChoiceSets, np.ndarray | slice]:
    """Return the choice sets of the rows sorted by set, and the order that sorts them (all, where they are sorted)."""
    number = pd.factorize(sample.columns["choice_set"])[0]
    order: np.ndarray | slice = slice(None)
    if (np.diff(number) < 0).any():
        order = np.argsort(number, kind="stable")
    return ChoiceSets(number[order], sample.outcome[order]), order
