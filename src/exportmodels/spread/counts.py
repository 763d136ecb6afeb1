"""What count models share: brackets and ceilings, quantities in export countries, limits of the dispersion named."""

from typing import Any, ClassVar

import numpy as np

from ..core.design import Design
from ..core.errors import ConvergenceError, OptionError, rows
from ..core.family_model import FamilyModel
from ..core.frames import numbers
from ..core.model import Model
from ..core.newton import Maximum
from ..core.options import within
from ..core.outcomes import Count, Outcome, refuse
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.sample import Sample
from ..data.yardsticks import published_for
from ..inference.separation import refuse_separation
from .consul import Consul
from .count_results import CountResults
from .families import Between, CountFamily, Truncated
from .poisson_gamma import NegativeBinomial2, NegativeBinomialP, Poisson

DISTRIBUTIONS: dict[str, CountFamily] = {
    "poisson": Poisson(),
    "nb1": NegativeBinomialP(1.0),
    "nb2": NegativeBinomial2(),
    "nbp": NegativeBinomialP(),
    "gp1": Consul(1),
    "gp2": Consul(2),
}

# At log alpha of minus this the variance is the mean to a thousandth; at plus this the limit is as good as reached.
_FARTHEST = 12.0
# Predictors that add to a distribution what it can be without; a hurdle replaces the zeros instead.
_CONTAINING = ("log_alpha", "alpha", "power", "inflation")
# Cells without variation are looked for where a predictor comes this far.
_EXTREME = 10.0
# Probabilities up to a limit are added up count by count.
_LARGEST_LIMIT = 10_000


class CountModel(FamilyModel):
    """Base of the count models; not used by itself."""

    column_options = (*FamilyModel.column_options, "upper")
    results_class = CountResults
    unit: ClassVar[str] = "export countries"
    least: ClassVar[int] = 0

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        equations: dict[str, Any] | None = None,
        upper: Any = None,
        top_code: int | None = None,
        at_most: int | None = None,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        self.at_most = _limit(at_most, "at_most", self.least + 1)
        self.top_code = _limit(top_code, "top_code", self.least + 1)
        super().__init__(
            outcome,
            exog,
            columns={"upper": upper},
            equations=equations,
            weights=weights,
            frequency=frequency,
            offset=offset,
            missing=missing,
        )
        if upper is not None:
            self._check_upper()

    def _check_upper(self) -> None:
        lower, labels = self.sample.outcome, self.sample.labels
        upper = numbers(self.sample.columns["upper"], "upper", labels, finite=False)
        finite = np.isfinite(upper)
        most = np.inf if self.at_most is None else self.at_most
        refuse(finite & (upper != np.floor(upper)), upper, "upper", labels, "must be whole numbers or infinite")
        wide = finite & (upper - lower > _LARGEST_LIMIT)
        refuse(wide, upper, "upper", labels, f"must be infinite where it is more than {_LARGEST_LIMIT} above the count")
        refuse(upper < lower, upper, "upper", labels, f"must not lie below the outcome {self.endog_names!r}")
        refuse(finite & (upper > most), upper, "upper", labels, f"must be at most {most}, which at_most says")
        self.sample.columns["upper"] = upper

    @property
    def outcome_type(self) -> Outcome:
        """A count of at least `least`, and of at most `at_most` where that is given."""
        return Count(unit=self.unit, at_least=self.least, at_most=self.at_most)

    @property
    def counts(self) -> CountFamily:
        """The distribution of counts, as the options choose it, before truncation and brackets."""
        raise NotImplementedError

    @property
    def family(self) -> CountFamily:
        """The distribution of what is observed."""
        whole = not self.least and self.at_most is None
        family = self.counts if whole else Truncated(self.counts, self.least, self.at_most)
        return Between(family) if self.top_code is not None or "upper" in self.sample.columns else family

    def observed(self, sample: Sample) -> np.ndarray:
        """Return the counts (n,), or where some are brackets their limits (n, 2)."""
        lower = sample.outcome
        upper = sample.columns.get("upper", lower)
        if self.top_code is not None:
            upper = np.where(lower >= self.top_code, np.inf, upper)
            lower = np.minimum(lower, self.top_code)
        return lower if upper is lower else np.column_stack([lower, upper])

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean number of export countries, P(one country) and P(more than ten)."""
        return count_quantities(self, self.family)

    def beyond(self, other: Model) -> tuple[str, ...]:
        """Return the predictors by which the distribution contains that of another count model."""
        if not isinstance(other, CountModel) or other.family.least != self.family.least:
            return ()
        own, others = self.family.predictors, other.family.predictors
        more = tuple(name for name in own if name not in others)
        nested = set(others) <= set(own) and set(other.param_names) <= set(self.param_names)
        return more if nested and all(name in _CONTAINING or name.startswith("round_") for name in more) else ()

    @property
    def cells(self) -> list[tuple[Design | None, np.ndarray, np.ndarray, str]]:
        """Each predictor's design, the rows whose likelihood rises and falls in it, and what a cell without both is."""
        y = self.observed(self.sample)
        lower, upper = (y, y) if y.ndim == 1 else y.T
        least, most = self.family.least, np.inf if self.at_most is None else self.at_most
        limited = self.at_most is not None or y.ndim > 1
        said = f"All counts are {least}{', or all are at the upper limit,' if limited else ''}"
        return [(self.sample.designs[""], lower > least, upper < most, said)]

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Name the cell without variation, or the limit that a part of the distribution goes to."""
        theta = problem.back @ maximum.theta
        eta = self.predictors(theta, self.design_matrices())
        if not maximum.converged or np.abs(eta).max() > _EXTREME:
            for design, up, down, said in self.cells:
                if design is not None:
                    refuse_separation(design, up, down, self.endog_names, said)
            self.name_limits(dict(zip(self.param_names, theta, strict=True)), eta, maximum)
        super().examine(maximum, problem)

    def name_limits(self, estimates: dict[str, float], eta: np.ndarray, maximum: Maximum) -> None:
        """Raise the error that names the limit, where the dispersion goes to zero or infinity, or a mean to zero."""
        log_alpha = estimates.get("[log_alpha]", 0.0)
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
        low = eta[0] < -_EXTREME
        if not maximum.converged and low.any():
            raise ConvergenceError(
                f"the mean before truncation goes to zero for {low.sum()} of {len(low)} firms, such as "
                f"{rows(self.sample.labels[low])} (the logarithmic-series limit): too many of them have one for the "
                "dispersion that all firms share; use dist='nb2', or give the dispersion these covariates by alpha="
            )


def dispersion(family: CountFamily, alpha: Any) -> dict[str, Any]:
    """Return the equation that covariates of the dispersion belong to, or refuse them where there is none."""
    named = [name for name in family.predictors if name in ("log_alpha", "alpha")]
    if not named and alpha is not None:
        raise OptionError("alpha= takes covariates of the dispersion, and dist='poisson' has none; leave it out")
    return dict.fromkeys(named, alpha)


def count_quantities(model: FamilyModel, family: CountFamily) -> dict[str, Quantity]:
    """Return mean, P(one country) and P(more than ten) under a count distribution of the model's first predictors."""
    own = slice(len(family.predictors))
    return {
        "mean": model.quantity_of(
            "mean number of export countries",
            "export countries",
            lambda eta: family.mean(eta[own]),
            scale="log",
            published=published_for("countries"),
        ),
        "single": model.quantity_of(
            "probability of a single export country",
            "probability",
            lambda eta: family.probability(1, eta[own]),
            scale="logit",
            published=published_for("countries", "percent", "1"),
        ),
        "more_than_10": model.quantity_of(
            "probability of more than 10 export countries",
            "probability",
            lambda eta: 1 - family.at_most(10, eta[own]),
            scale="logit",
            published=published_for("countries", "percent", ">10"),
        ),
    }


def _limit(value: int | None, name: str, least: int) -> int | None:
    return None if value is None else within(name, value, least, _LARGEST_LIMIT)
