"""Firth's logit: finite estimates for few firms and separated cells, with profile-likelihood intervals."""

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..core.bernoulli import Bernoulli
from ..core.errors import OptionError
from ..core.links import LINKS
from ..core.model import Problem
from ..core.newton import Maximum, maximize
from ..core.profile import Profile
from ..core.results import Results
from ..core.sample import Sample
from ..inference.separation import Separation, detect_separation
from .binary import BinaryModel
from .jeffreys import Penalized, logit_curvature


class FirthResults(Results):
    """Results of a penalized fit: p-values and intervals come from the profile of the penalized likelihood."""

    @cached_property
    def _profiles(self) -> list[Profile]:
        problem = self.model.problem(self.model.sample)
        maximum = maximize(problem.objective, np.linalg.solve(problem.back, self.params.to_numpy()))
        pairs = zip(problem.back, self.bse, strict=True)
        return [Profile(problem.objective, maximum, contrast, se) for contrast, se in pairs]

    @property
    def _profiled(self) -> bool:
        return self.cov_type == "nonrobust"

    def conf_int(self, alpha: float = 0.05, method: str | None = None) -> pd.DataFrame:
        """Return intervals, shape (p, 2), columns 0 and 1.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level.
        method : {"profile", "wald"}, optional
            From the profile penalized likelihood, or symmetric. Default: profile, but Wald where the covariance is not
            the inverse information (the profile knows nothing of clusters).
        """
        method = method or ("profile" if self._profiled else "wald")
        if method not in ("profile", "wald"):
            raise OptionError(f"method must be 'profile' or 'wald', not {method!r}")
        if method == "wald":
            return super().conf_int(alpha)
        limits = {k: [p.limit(side, alpha) for p in self._profiles] for k, side in enumerate((-1, 1))}
        return pd.DataFrame(limits, index=self.params.index)

    @property
    def pvalues(self) -> pd.Series:
        """P-values of penalized likelihood-ratio tests (Wald ones under other covariances), shape (p,)."""
        if not self._profiled:
            return super().pvalues
        return pd.Series([p.pvalue() for p in self._profiles], index=self.params.index, name="pvalues")

    @property
    def separation(self) -> Separation:
        """Whether ordinary logit would have no estimate here, and which columns are to blame."""
        return self.model.separation  # type: ignore[attr-defined]


class FirthLogit(BinaryModel):
    """Firth's penalized logit model.

    For samples of fifty firms, and for cells in which no firm does (or every firm does) what is modelled: the estimate
    is always finite and nearly unbiased, where ordinary logit is biased away from zero or has no estimate at all.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1, booleans, or a column of two levels, of which the second is the event.
    exog : array_like or data frame, shape (n, p)
        Covariates; a constant is not added.
    weights : array_like, shape (n,), optional
        Sampling weights; they are scaled to mean one, so that the penalty keeps its size.
    frequency : array_like, shape (n,), optional
        How many identical firms a row stands for.
    offset : array_like, shape (n,), optional
        Added to the linear predictor.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If the outcome is not binary or has one class only.

    Notes
    -----
    The penalized log-likelihood is::

        sum_i  y_i x_i'b - log(1 + exp(x_i'b))  +  1/2 log det( X' W X ),    W = diag(p_i (1 - p_i))

    and is maximized with its exact Hessian. Standard errors are from the inverse of X'WX; p-values and intervals from
    the profile of the penalized likelihood [2]_, since the Wald ones fail exactly where this estimator is needed.

    References
    ----------
    .. [1] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38.
    .. [2] Heinze, G. and Schemper, M. (2002). A solution to the problem of separation in logistic regression.
       Statistics in Medicine 21, 2409-2419.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import FirthLogit
    >>> firms = pd.DataFrame({"plant": [0] * 19 + [0] * 12 + [1] * 5, "niche": [0] * 19 + [1] * 17})
    >>> results = FirthLogit.from_formula("plant ~ niche", firms).fit()
    >>> print(results.params.round(3).to_string())
    Intercept   -3.664
    niche        2.843
    >>> print(results.separation)
    The outcome 'outcome' is separated up to ties (quasi-completely) by 'Intercept' (-), 'niche' (+).
    """

    results_class = FirthResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        weights: Any = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        super().__init__(outcome, exog, weights=weights, frequency=frequency, offset=offset, missing=missing)
        if self.sample.weights is not None:
            scaled = self.sample.weights / self.sample.weights.mean()
            self.sample = replace(self.sample, weights=scaled)

    @property
    def family(self) -> Bernoulli:
        """The Bernoulli family under the logit link."""
        return Bernoulli(LINKS["logit"])

    @cached_property
    def separation(self) -> Separation:
        """Whether ordinary logit would have no estimate here."""
        design = self.sample.designs[""]
        return detect_separation(self.sample.outcome, design.matrix, design.names)

    def problem(self, sample: Sample) -> Problem:
        """Return the penalized likelihood; the start and the null model are penalized too."""
        plain = super().problem(sample)
        objective = Penalized(plain.objective, logit_curvature)  # type: ignore[arg-type]
        return replace(
            plain,
            objective=objective,
            scores=objective.scores,
            outer=None,
            information=objective.information,
            llnull=self._null(objective, plain.start),
        )

    def _null(self, objective: Penalized, start: np.ndarray) -> float:
        constant = self.sample.designs[""].constant
        if constant is None:
            return np.nan
        n = len(objective.plain.outcome)
        alone = replace(objective.plain, matrices=(np.ones((n, 1)),), bases=(np.eye(1),))
        return maximize(Penalized(alone, logit_curvature), start[[constant]]).loglike

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Ask for a maximum; separation does no harm here."""
        super(BinaryModel, self).examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Say whether ordinary logit would have failed."""
        notes = ["p-values and intervals of nonrobust fits are from the profile of the penalized likelihood"]
        if self.separation.separated:
            notes.append(self.separation.sentence(self.endog_names) + " Ordinary logit has no estimate here.")
        return notes
