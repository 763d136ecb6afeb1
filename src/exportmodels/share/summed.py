"""A Bernoulli mean of two summed predictors: the model's own, and what stands for causes that are not seen."""

from dataclasses import dataclass, replace

import numpy as np

from ..core.bernoulli import Bernoulli
from ..core.design import Design, check_design
from ..core.family import LinearObjective
from ..core.family_model import FamilyModel
from ..core.links import Link
from ..core.sample import Sample
from ..core.standardizing import Standardized


@dataclass(frozen=True)
class Summed:
    """Log-likelihood y log F(eta_0 + eta_1) + (1 - y) log(1 - F(eta_0 + eta_1)), for y in [0, 1].

    Parameters
    ----------
    link : Link
        The distribution function F.
    second : str
        Name of the second predictor.
    """

    link: Link
    second: str

    @property
    def predictors(self) -> tuple[str, ...]:
        """The mean's own predictor and the second."""
        return ("probability", self.second)

    @property
    def whole(self) -> Bernoulli:
        """The Bernoulli family of the sum."""
        return Bernoulli(self.link)

    def loglike(self, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row, shape (n,)."""
        return self.whole.loglike(y, eta.sum(axis=0)[None])

    def derivatives(self, y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first (2, n) and second derivatives (2, 2, n)."""
        first, second = self.whole.derivatives(y, eta.sum(axis=0)[None])
        return np.repeat(first, 2, axis=0), np.tile(second, (2, 2, 1))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return F(eta_0 + eta_1), shape (n,)."""
        return self.link.probability(eta.sum(axis=0))

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the estimate without covariates."""
        return np.r_[self.whole.start(y, weight), 0.0]


class SummedModel(FamilyModel):
    """Base of estimators whose mean is that of two summed predictors; not used by itself.

    Their columns are standardized together: an intercept takes up the means of both.
    """

    @property
    def family(self) -> Summed:
        """The mathematics, as the options choose it."""
        raise NotImplementedError

    def refuse_collinear(self) -> None:
        """Raise `DataError` if columns of one predictor are collinear with those of the other."""
        design = self.predictor_designs(self.sample)[0]
        assert design is not None
        check_design(design, self.sample.labels, f"with {self.family.second}")

    def predictor_designs(self, sample: Sample) -> list[Design | None]:
        """Return the design of the sum."""
        own, second = (sample.designs[name] for name in ("", self.family.second))
        names = [f"[{self.family.second}] {name}" for name in second.names]
        return [Design(np.hstack([own.matrix, second.matrix]), (*own.names, *names))]

    def rows_objective(self, sample: Sample) -> tuple[LinearObjective, list[Standardized]]:
        """Return the log-likelihood of the sum, and the standardized design behind it."""
        objective, parts = super().rows_objective(sample)
        return replace(objective, family=self.family.whole), parts
