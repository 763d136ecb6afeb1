"""What count models share: quantities in export countries, and the limit of no over-dispersion named."""

from ..core.errors import ConvergenceError
from ..core.family_model import FamilyModel
from ..core.model import Problem
from ..core.newton import Maximum
from ..core.quantities import Quantity
from ..data.yardsticks import published_for
from .poisson_gamma import Family, at_most

# At log alpha of minus this the variance is the mean to a thousandth; at plus this the limit is as good as reached.
_FARTHEST = 12.0


class CountModel(FamilyModel):
    """Base of the count models; not used by itself."""

    unit = "export countries"

    @property
    def family(self) -> Family:
        """The count family, as the options choose it."""
        raise NotImplementedError

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean number of export countries, P(one country) and P(more than ten)."""
        family = self.family
        return {
            "mean": self.quantity_of(
                "mean number of export countries",
                self.unit,
                family.mean,
                scale="log",
                published=published_for("countries"),
            ),
            "single": self.quantity_of(
                "probability of a single export country",
                "probability",
                lambda eta: family.probability(1, eta),
                scale="logit",
                published=published_for("countries", "percent", "1"),
            ),
            "more_than_10": self.quantity_of(
                "probability of more than 10 export countries",
                "probability",
                lambda eta: 1 - at_most(family, 10, eta),
                scale="logit",
                published=published_for("countries", "percent", ">10"),
            ),
        }

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Name the limit, where the dispersion goes to zero or to infinity."""
        names = self.param_names
        if "[log_alpha]" in names:
            log_alpha = (problem.back @ maximum.theta)[names.index("[log_alpha]")]
            if log_alpha < -_FARTHEST:
                raise ConvergenceError(
                    f"outcome {self.endog_names!r} shows no over-dispersion, so alpha goes to zero and [log_alpha] has "
                    "no estimate; use the Poisson model, which is its limit"
                )
            if log_alpha > _FARTHEST:
                raise ConvergenceError(
                    f"outcome {self.endog_names!r} is so dispersed that alpha goes to infinity (the logarithmic-series "
                    "limit): too many firms have one; use dist='poisson' with robust errors, or fewer covariates"
                )
        super().examine(maximum, problem)
