"""Selection: the share of exporters, who chose to export for reasons that may also bear on how much."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.errors import ConvergenceError, DataError, IdentificationWarning, OptionError, OutcomeError
from ..core.family_model import FamilyModel
from ..core.frames import numbers, series_of
from ..core.hypotheses import Test, chi_squared
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Share, refuse
from ..core.problem import Problem
from ..core.profile import Profile
from ..core.quantities import Quantity
from ..core.results import Results
from ..core.sample import Sample
from ..core.several_starts import or_from_elsewhere
from .selection_law import FractionalSelection, NormalSelection, TwoStepSelection
from .two_step import TwoStep, refuse_certain_choice

LAWS = {"normal": NormalSelection(), "fractional": FractionalSelection()}
METHODS = {"ml": False, "two-step": True}


@dataclass(frozen=True)
class SelectedOutcome(Share):
    """A number in one column, and in another whether it is seen; where it is not, the number says nothing.

    Parameters
    ----------
    name : str
        What messages call the outcome.
    share : bool
        Whether seen numbers must lie between 0 and 1.
    """

    name: str = ""
    share: bool = False

    def read(self, values: Any, name: str, labels: pd.Index) -> np.ndarray:
        """Return the outcome and whether it is seen, shape (n, 2)."""
        y, seen = (numbers(values[side], f"outcome {self.name!r}", labels) for side in ("outcome", "seen"))
        refuse(~np.isin(seen, (0.0, 1.0)), seen, "seen", labels, "must be 0 or 1")
        if seen.all() or not seen.any():
            which = "all rows" if seen.all() else "no row"
            raise OutcomeError(
                f"outcome {self.name!r} is seen in {which}, so there is no selection; use share.Fractional, or say "
                "which rows are seen with seen="
            )
        if self.share:
            self.refuse_outside(y[seen == 1], self.name, labels[seen == 1])
        return np.column_stack([y, seen])

    def estimable(self, read: np.ndarray) -> bool:
        """Whether some are seen and some not, and the seen ones vary."""
        seen = read[:, 1] == 1
        return bool(seen.any() and not seen.all() and np.ptp(read[seen, 0]))


class SelectionResults(Results):
    """A fitted selection model."""

    model: "Selection"

    def correlation(self, alpha: float = 0.05, method: str | None = None) -> pd.Series:
        """Return the correlation of the errors of choice and share, with an interval.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level of the interval.
        method : {"profile", "wald"}, optional
            By the likelihood's profile, whose limit is -1 or 1 where it stays flat up to there; or symmetric on the
            scale of atanh(rho), with the errors of the fit. Default: profile, wald for the fractional law, whose
            quasi-likelihood has no profile.
        """
        self._need_likelihood()
        method = method or ("wald" if self.model.dist == "fractional" else "profile")
        at = self.params["[atanh_rho]"]
        if method == "wald":
            ends = self.conf_int(alpha).loc["[atanh_rho]"].to_numpy()
        elif method == "profile":
            profile = self._profile()
            ends = np.array([profile.limit(side, alpha, _FARTHEST) for side in (-1, 1)])
        else:
            raise OptionError(f"method must be 'profile' or 'wald'; not {method!r}")
        return pd.Series(np.tanh([at, *ends]), index=["rho", "lower", "upper"], name="correlation")

    def independence_test(self) -> Test:
        """Test that choice and share are independent given the covariates.

        By the likelihood ratio; for the fractional law, whose quasi-likelihood ratio is not chi-squared, by the Wald
        test of atanh(rho) with the errors of the fit.
        """
        self._need_likelihood()
        if self.model.dist == "fractional":
            name = f"Wald test of independence (rho = 0), {self.cov_type} errors"
            return chi_squared(name, self.tvalues["[atanh_rho]"] ** 2, 1)
        return chi_squared("likelihood-ratio test of independence (rho = 0)", self._profile().deviance(0.0), 1)

    def _profile(self) -> Profile:
        if self.model.dist == "fractional":
            raise OptionError("a quasi-likelihood has no profile intervals; use method='wald'")
        if self.model.sample.weights is not None:
            raise OptionError("with sampling weights the likelihood is a pseudo-likelihood; use method='wald'")
        problem, p = self.model.problem(self.model.sample), len(self.params)
        contrast = np.zeros(p)
        contrast[-1] = 1.0
        return Profile(problem.objective, self.certificate, contrast, float(self.bse.iloc[-1]))

    def _need_likelihood(self) -> None:
        if self.model.method == "two-step":
            raise OptionError("the two-step estimator has no likelihood; test [mills] instead, or use method='ml'")


class Selection(FamilyModel):
    """Selection model.

    The share that exporters sell abroad, when firms that would sell much are the ones that export: errors of the choice
    and of the share are correlated, and exporters are no random sample. `TwoPart` describes exporters as they are; this
    model asks what other firms would sell were they to export, and needs a reason to export that bears on nothing else.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares; of firms that are not seen anything, missing included.
    exog : array_like or data frame, shape (n, p)
        Covariates of the share; a constant is not added.
    select : array_like or str, shape (n, q), optional
        Covariates of the choice (terms with a formula); those of the share by default, with a warning: without an
        excluded variable, the normal law alone tells selection from a curved effect.
    seen : array_like or str, shape (n,), optional
        Whether the firm exports: 0 or 1; by default whether its share is above zero.
    dist : {"normal", "fractional"}
        Heckman's model, or a fractional probit mean of shares between 0 and 1, ones included.
    method : {"ml", "two-step"}
        Maximum likelihood, or Heckman's two steps (normal only): a probit, then least squares with the inverse Mills
        ratio, whose coefficient is `[mills]`; errors count the first step.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If all firms are seen, or none, or a share lies outside 0 and 1 where `dist="fractional"`.
    SeparationError
        If some cell of `select=` has exporters only, or none.
    ConvergenceError
        If the correlation goes to -1 or 1.

    Notes
    -----
    With m = x'b, c = z'g under `[select]`, s under `[log_scale]`, rho = tanh of `[atanh_rho]`, e = (y - m) / s::

        sum_i  log Phi(-c_i)                                                          not seen
               log phi(e_i) - log s + log Phi((c_i + rho e_i) / sqrt(1 - rho^2))      seen

    With `dist="fractional"` the mean share of those seen is Phi2(m, c; rho) / Phi(c), and a seen row adds the Bernoulli
    quasi-log-likelihood y log Phi2(m, c; rho) + (1 - y) log Phi2(-m, c; -rho); errors are robust by default.

    References
    ----------
    .. [1] Heckman, J. J. (1979). Sample selection bias as a specification error. Econometrica 47, 153-161.
    .. [2] Schwiebert, J. and Wagner, J. (2015). A generalized two-part model for fractional response variables with
       excess zeros. Annual Conference of the Verein fuer Socialpolitik, paper 113059.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from exportmodels.share import Selection
    >>> rng = np.random.default_rng(3)
    >>> firms = pd.DataFrame({"niche": rng.integers(0, 2, 400), "border": rng.integers(0, 2, 400)})
    >>> choice, taste = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 400).T
    >>> firms["share"] = np.where(firms["border"] - 0.5 + choice > 0, 0.3 + 0.2 * firms["niche"] + 0.1 * taste, 0)
    >>> results = Selection.from_formula("share ~ niche", firms, select="niche + border").fit()
    >>> print(results.params.round(2).to_string())
    Intercept             0.28
    niche                 0.20
    [select] Intercept   -0.62
    [select] niche       -0.08
    [select] border       1.08
    [log_scale]          -2.23
    [atanh_rho]           0.89
    >>> print(results.independence_test())
    likelihood-ratio test of independence (rho = 0): chi2(1) = 15.2975, p = 9.184e-05
    """

    kind = SelectedOutcome()
    equations = {"select": "select"}
    column_options = ("frequency", "weights", "seen")
    variants: ClassVar = ({}, {"method": "two-step"}, {"dist": "fractional"})
    results_class = SelectionResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        select: Any = None,
        seen: Any = None,
        dist: str = "normal",
        method: str = "ml",
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.dist, self.method = dist, method
        self._law, two_step = choose("dist", dist, LAWS), choose("method", method, METHODS)
        if two_step and dist != "normal":
            raise OptionError("the two-step estimator is of the normal model; use method='ml' with dist='fractional'")
        outcome = series_of(outcome, "y")
        self._name, index = str(outcome.name), outcome.index
        share = numbers(outcome, f"outcome {self._name!r}", index, finite=False)
        if seen is not None and len(seen := series_of(seen, "seen")) != len(share):
            raise DataError(f"seen must have as many rows as the outcome: {len(seen)} against {len(share)}")
        shown = share > 0 if seen is None else numbers(seen, "seen", index, finite=False)
        both = pd.DataFrame({"outcome": np.where(shown != 0, share, 0.0), "seen": shown}, index=index, dtype=float)
        super().__init__(
            both,
            exog,
            equations={"select": exog if select is None else select},
            weights=weights,
            frequency=frequency,
            missing=missing,
        )
        self.sample = replace(self.sample, name=self._name)
        self._warn_without_exclusion()

    def _warn_without_exclusion(self) -> None:
        outcome, choice = (self.sample.designs[name].matrix.T for name in ("", "select"))
        self._excluded = not all((outcome == column).all(axis=1).any() for column in choice)
        if not self._excluded:
            import warnings

            warnings.warn(_NO_EXCLUSION, IdentificationWarning, stacklevel=5)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        how = "two-step" if self.method == "two-step" else "maximum likelihood"
        return f"Selection model ({self.dist}, {how})"

    @property
    def outcome_type(self) -> SelectedOutcome:
        """Numbers that are seen or not; shares under the fractional law."""
        return SelectedOutcome(name=self._name, share=self.dist == "fractional")

    def covariance_kind(self, cov_type: str | None, clusters: np.ndarray | None) -> str:
        """Return the covariance that is meant: robust by default under the fractional law, a quasi-likelihood."""
        if cov_type is None and clusters is None and self.dist == "fractional":
            cov_type = "robust"
        return super().covariance_kind(cov_type, clusters)

    @property
    def family(self) -> Any:
        """The joint law of choice and share."""
        return TwoStepSelection() if self.method == "two-step" else self._law

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean share of all firms, P(exporting), mean share of exporters, and mean share were all firms to export."""
        from scipy.special import ndtr

        family, unit = self.family, "share"
        return {
            "mean": self.quantity_of(f"mean of {self._name}, all firms", unit, family.mean),
            "participation": self.quantity_of(
                "probability of selling abroad", "probability", lambda eta: ndtr(eta[1]), scale="logit"
            ),
            "exporters": self.quantity_of(f"mean of {self._name} of exporters", unit, family.selected),
            "potential": self.quantity_of(f"mean of {self._name} were all to export", unit, family.potential),
        }

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood, started from the two steps; or the two steps themselves."""
        if self.method == "two-step":
            return TwoStep.of(sample).problem()
        problem = super().problem(sample)
        if self.dist != "normal":
            return problem
        return replace(problem, start=TwoStep.of(sample).start())

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Maximize the likelihood, from other correlations too where a climb ends nowhere; the two steps have none."""
        maximum = super().solve(problem, start, max_iter)
        if self.method == "two-step":
            return replace(maximum, loglike=np.nan)
        return or_from_elsewhere(problem, maximum, _ELSEWHERE, max_iter=max_iter)

    def examine(self, maximum: Maximum, problem: Problem) -> None:
        """Name the limit, where the choice is certain or the correlation goes to one."""
        refuse_certain_choice(self.sample, self.predictors(problem.back @ maximum.theta, self.design_matrices())[1])
        if self.method == "ml" and abs(maximum.theta[-1]) > _FARTHEST:
            raise ConvergenceError(
                f"the correlation of choice and share goes to {np.sign(maximum.theta[-1]):g}, so [atanh_rho] has no "
                "estimate: the data do not tell selection from the covariates; use method='two-step' or share.TwoPart"
            )
        super().examine(maximum, problem)

    def notes(self, maximum: Maximum) -> list[str]:
        """Say how many are seen, and what identifies the selection."""
        seen, weight = self.sample.outcome[:, 1], self.sample.frequency
        count = int(seen.sum() if weight is None else weight @ seen)
        said = [f"the share of {count} of {self.sample.nobs} firms is seen"]
        return [*said, *([] if self._excluded else [_NO_EXCLUSION])]


_FARTHEST = 6.0
# Inverse hyperbolic tangents of correlations to begin at where the first one leads nowhere.
_ELSEWHERE = (-1.0, 0.0, 1.0)
_NO_EXCLUSION = (
    "no variable of the choice is left out of the share's covariates: the correlation rests on the normal law alone; "
    "give select= a reason to export that does not bear on how much"
)
