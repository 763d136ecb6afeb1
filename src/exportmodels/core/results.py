"""The results object: what every fit gives, under the names that statsmodels users know."""

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from . import hypotheses
from .covariance import Covariance
from .delta import delta
from .effects import average_effects, group_findings
from .family import block_diagonal
from .findings import Findings
from .newton import Maximum
from .options import checked_methods, upper_end
from .quantities import Quantity
from .special import chi_squared_tail, normal_quantile, two_sided
from .summary import Summary, summarize

if TYPE_CHECKING:
    from .model import Model


@checked_methods
class Results:
    """A fitted model.

    Parameters
    ----------
    model : Model
        What was fitted.
    theta : ndarray, shape (p,)
        The estimates, in the user's coordinates.
    covariance : Covariance
        Their covariance and its kind.
    certificate : Maximum
        The engine's evidence that this is a maximum.
    llnull : float, optional
        The log-likelihood without covariates, NaN where there is none; None for one that the model finds when asked.
    """

    default_model_infos: ClassVar[dict[str, Any]] = {
        "N": lambda r: f"{r.nobs:d}",
        "Log-likelihood": lambda r: f"{r.llf:.2f}",
        "Pseudo R2": lambda r: f"{r.prsquared:.3f}",
        "AIC": lambda r: f"{r.aic:.1f}",
    }

    def __init_subclass__(cls, **options: Any) -> None:
        """Have the methods of every kind of results refuse arguments of other types."""
        super().__init_subclass__(**options)
        checked_methods(cls)

    def __init__(
        self,
        model: "Model",
        theta: np.ndarray,
        covariance: Covariance,
        certificate: Maximum,
        llnull: float | None = np.nan,
    ):
        self.model = model
        self.covariance = covariance
        self.certificate = certificate
        self._llnull = llnull
        self.params = pd.Series(theta, index=model.param_names, name="params")

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know of this fit: rows left out, few clusters, few events, boundary estimates."""
        return [*self._missing_note(), *self.covariance.notes, *self.model.notes(self.certificate)]

    def _missing_note(self) -> list[str]:
        sample = self.model.sample
        why = "a value is missing" + (" or the frequency is zero" if sample.frequency is not None else "")
        return [f"{sample.missing} of {len(sample.used)} rows are left out because {why}"] if sample.missing else []

    @property
    def bse(self) -> pd.Series:
        """Standard errors, shape (p,)."""
        return pd.Series(np.sqrt(np.diag(self.covariance.matrix)), index=self.params.index, name="bse")

    @property
    def tvalues(self) -> pd.Series:
        """Estimates over their standard errors (z statistics), shape (p,)."""
        return (self.params / self.bse).rename("tvalues")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided normal p-values, shape (p,)."""
        return pd.Series(two_sided(self.tvalues.to_numpy()), index=self.params.index, name="pvalues")

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return Wald intervals, shape (p, 2), columns 0 and 1."""
        half = normal_quantile(upper_end(alpha)) * self.bse
        return pd.DataFrame({0: self.params - half, 1: self.params + half})

    def cov_params(self) -> pd.DataFrame:
        """Return the covariance of the estimates, shape (p, p)."""
        return pd.DataFrame(self.covariance.matrix, index=self.params.index, columns=self.params.index)

    @property
    def cov_type(self) -> str:
        """The kind of covariance."""
        return self.covariance.kind

    @property
    def nobs(self) -> int:
        """Number of firms."""
        return self.model.nobs

    @property
    def llf(self) -> float:
        """The maximized log-likelihood (weighted, where there are sampling weights)."""
        return self.certificate.loglike

    @property
    def df_model(self) -> int:
        """Number of coefficients beside intercepts and ancillary parameters."""
        return len(self.params) - sum(map(self.model.ancillary, self.params.index))

    @property
    def df_resid(self) -> int:
        """Number of firms less number of coefficients."""
        return self.nobs - len(self.params)

    @property
    def aic(self) -> float:
        """Akaike's criterion; NaN with sampling weights, under which `llf` is no log-likelihood of a sample."""
        return np.nan if self.model.sample.weights is not None else 2 * len(self.params) - 2 * self.llf

    @property
    def bic(self) -> float:
        """Schwarz's criterion; NaN with sampling weights, as `aic`."""
        return self.aic + (math.log(self.nobs) - 2) * len(self.params)

    @cached_property
    def llnull(self) -> float:
        """The log-likelihood without covariates, NaN where there is none."""
        return float(self.model.null_loglike() if self._llnull is None else self._llnull)

    @property
    def prsquared(self) -> float:
        """McFadden's pseudo R squared; NaN where there is no model without covariates."""
        return 1 - self.llf / self.llnull if self.llnull else np.nan

    @property
    def llr(self) -> float:
        """Likelihood-ratio statistic against the model without covariates."""
        return 2 * (self.llf - self.llnull)

    @property
    def llr_pvalue(self) -> float:
        """Its p-value."""
        return chi_squared_tail(self.df_model, self.llr) if self.df_model else np.nan

    @property
    def converged(self) -> bool:
        """Whether the certificate holds."""
        return self.certificate.converged

    def point(self, quantity: Quantity) -> tuple[np.ndarray, np.ndarray]:
        """Return what a quantity's `rows` takes, and a square root of its covariance, for the delta method."""
        theta, root = self.params.to_numpy(), self.covariance.root
        if not quantity.beside:
            return theta, root
        return np.r_[theta, np.zeros(quantity.beside)], block_diagonal([root, np.eye(quantity.beside)])

    def predict(
        self, newdata: Any = None, which: str | Quantity = "mean", *, alpha: float | None = None
    ) -> pd.Series | pd.DataFrame:
        """Predict in the outcome's units.

        Parameters
        ----------
        newdata : data frame or array_like, optional
            Rows to predict for; the fitted rows by default. Where the fit has an offset, new rows bring theirs in a
            column of its name; those with the labels of the fitted rows may leave it out; rows of an array have none.
        which : str or Quantity, default "mean"
            One of the model's quantities, see `model.quantities`, or another that the model makes.
        alpha : float, optional
            Where given, return intervals of level 1 - alpha by the delta method.

        Returns
        -------
        Series of shape (n,), or DataFrame
            Predictions; with `alpha` a frame with estimate, se, lower, upper; for several outcomes one column each.

        Raises
        ------
        FormulaError, DataError
            If the new rows lack a column, miss a value, or hold a level that the fit has not seen.
        """
        quantity = self.model.quantity(which)
        designs = self.model.design_matrices(newdata)
        if newdata is None:
            index = self.model.sample.labels
        else:
            index = newdata.index if isinstance(newdata, pd.DataFrame) else pd.RangeIndex(len(designs[0]))
        theta, root = self.point(quantity)
        if alpha is None:
            with np.errstate(over="ignore", invalid="ignore"):  # rows far from all that was seen
                values = quantity.rows(theta, designs)
            if values.ndim == 1:
                return pd.Series(values, index=index, name=which if isinstance(which, str) else quantity.label)
            return pd.DataFrame(values, index=index, columns=list(quantity.columns or range(values.shape[1])))
        with np.errstate(over="ignore", invalid="ignore"):
            at = delta(lambda t: np.ravel(quantity.rows(t, designs)), theta, root)
        lower, upper = at.interval(alpha, quantity.scale)
        if quantity.columns:
            index = pd.MultiIndex.from_product([index, quantity.columns])
        return pd.DataFrame({"estimate": at.estimate, "se": at.se, "lower": lower, "upper": upper}, index=index)

    def effects(
        self, variables: list[str] | None = None, which: str | Quantity = "mean", alpha: float = 0.05
    ) -> pd.DataFrame:
        """Average marginal effects on a quantity, with delta-method errors.

        For every firm a number is moved by a little (a derivative), a 0/1 variable from 0 to 1, a category from its
        first level to each other one; the changes of the predictions are averaged over the firms, with their weights.

        Parameters
        ----------
        variables : list of str, optional
            Columns of the data; by default all covariates that the quantity depends on.
        which : str or Quantity, default "mean"
            The quantity.
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            estimate, se, z, p, lower, upper; one row a variable (and level, and outcome).
        """
        return average_effects(self, variables, which, alpha)

    def findings(self, by: str, alpha: float = 0.05) -> Findings:
        """Say the model in the outcome's units for groups: every firm is put into each group in turn.

        Parameters
        ----------
        by : str
            A 0/1 or categorical covariate.
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        Findings
            A table and sentences: each group's value with its interval, the differences, and the published figure.
        """
        return Findings(group_findings(self, by, self.model.quantities, alpha), by, alpha)

    def wald_test(self, hypotheses_: Any) -> hypotheses.Test:
        """Test linear restrictions by their Wald statistic, under the covariance of the fit.

        Parameters
        ----------
        hypotheses_ : str, list of str, or array_like of shape (r, p)
            `"niche"`, `["niche", "age"]` (jointly zero), `"niche = 0.5, age = 2 * rd_high"`, or R with R b = 0.
        """
        return hypotheses.wald_test(self, hypotheses_)

    def lr_test(self, restricted: "Results") -> hypotheses.Test:
        """Compare with a restricted fit on the same firms by twice the difference of the log-likelihoods."""
        return hypotheses.lr_test(self, restricted)

    def summary(self, alpha: float = 0.05) -> Summary:
        """Return the coefficients, the fit and the certificate as a printable table."""
        return summarize(self, alpha)

    def __repr__(self) -> str:
        name = type(self.model).__name__
        return f"<{name} results: {self.nobs} firms, {len(self.params)} coefficients, llf {self.llf:.4f}>"
