"""Linear instrumental variables for shares: two-stage least squares, LIML and GMM, with their diagnostics."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.design import Design
from ..core.errors import OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.options import choose
from .linear import LinearModel, LinearResults, moderated

METHODS = {"2sls": "IV2SLS", "liml": "IVLIML", "gmm": "IVGMM"}


_FIRST_STAGE = {
    "partial.rsquared": "partial_rsquared",
    "shea.rsquared": "shea_rsquared",
    "f.stat": "statistic",
    "f.pval": "pvalue",
    "f.dist": "law",
}


class IVShareResults(LinearResults):
    """A fitted linear model with instruments."""

    def first_stage(self) -> pd.DataFrame:
        """Return how well the instruments move each endogenous covariate.

        Returns
        -------
        DataFrame
            rsquared, partial_rsquared and shea_rsquared; statistic, pvalue and law of the test that the instruments
            have no effect: F, or chi-squared under robust errors. One row an endogenous covariate.
        """
        return self.linear.first_stage.diagnostics.rename(columns=_FIRST_STAGE)

    def overidentification_test(self) -> Test:
        """Test whether the instruments agree with each other: Sargan's test, Wooldridge's where robust, J of GMM.

        Raises
        ------
        OptionError
            If there are as many instruments as endogenous covariates, so that there is nothing to test.
        """
        model = self.linear.model
        if model.instruments.shape[1] <= model.endog.shape[1]:
            raise OptionError("there are as many instruments as endogenous covariates: nothing to test")
        if hasattr(self.linear, "j_stat"):
            found, name = self.linear.j_stat, "J test of the instruments"
        elif self.cov_type == "nonrobust":
            found, name = self.linear.sargan, "Sargan test of the instruments"
        else:
            found, name = self.linear.wooldridge_overid, "Wooldridge's robust test of the instruments"
        return chi_squared(name, float(found.stat), found.df)

    def exogeneity_test(self) -> Test:
        """Test whether the covariates are exogenous after all, by the residuals of their first stages."""
        if not hasattr(self.linear, "wooldridge_regression"):
            raise OptionError("the test compares with two-stage least squares; fit with method='2sls'")
        found = self.linear.wooldridge_regression
        return chi_squared("Wooldridge's test of exogeneity", float(found.stat), found.df, "robust")


class IVShare(LinearModel):
    """Linear instrumental-variable model of a share.

    A line through the shares when a covariate has causes in common with them, and instruments move the covariate and
    nothing else. `ControlFractional` is its counterpart with a mean that stays between 0 and 1.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, both included.
    exog : array_like or data frame, shape (n, p)
        Covariates, the endogenous ones among them; a constant is not added.
    endogenous : str or list of str
        Names of the endogenous covariates' columns in the design.
    instruments : array_like or str, shape (n, q)
        Instruments beside the other covariates (terms with a formula); at least as many as endogenous covariates.
    method : {"2sls", "liml", "gmm"}
        Two-stage least squares; limited-information maximum likelihood, which weak instruments bias less; or two-step
        GMM.
    weights : array_like, shape (n,), optional
        Sampling weights.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OptionError
        If an endogenous covariate is no column of the design, or there are too few instruments.

    Notes
    -----
    Estimation is by `linearmodels`, whose results object is `results.linear`; errors are robust by default.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., chapters 5 and 8.
       MIT Press.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from exportmodels.share import IVShare
    >>> rng = np.random.default_rng(2)
    >>> firms = pd.DataFrame(rng.normal(size=(500, 2)), columns=["subsidy", "fair"])
    >>> unseen = rng.normal(size=500)
    >>> firms["rd"] = firms["subsidy"] + 0.5 * firms["fair"] + unseen
    >>> firms["share"] = (0.4 + 0.05 * firms["rd"] + 0.1 * unseen).clip(0, 1)
    >>> model = IVShare.from_formula("share ~ rd", firms, endogenous="rd", instruments="subsidy + fair")
    >>> results = model.fit()
    >>> print(results.params.round(3).to_string())
    Intercept    0.385
    rd           0.043
    >>> print(results.overidentification_test().df)
    1
    """

    variants = tuple({"method": method} for method in METHODS)
    equations: ClassVar = {"instruments": "instruments"}
    column_options = ("weights",)
    anchored = ("instruments",)
    default_covariance = "robust"
    results_class = IVShareResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        endogenous: str | Sequence[str],
        instruments: Any,
        method: str = "2sls",
        weights: Any = None,
        missing: str = "drop",
    ):
        self.method, self._estimator = method, choose("method", method, METHODS)
        self.endogenous = [endogenous] if isinstance(endogenous, str) else list(endogenous)
        if instruments is None:
            raise OptionError("instruments= must name what moves the endogenous covariates and nothing else")
        super().__init__(outcome, exog, equations={"instruments": instruments}, weights=weights, missing=missing)
        names, given = self.sample.designs[""].names, self.sample.designs["instruments"].names
        for name in self.endogenous:
            if name not in names:
                raise OptionError(f"endogenous={name!r} is no column of the design; it has: {', '.join(names)}")
        if len(given) < len(self.endogenous):
            raise OptionError(
                f"{len(self.endogenous)} endogenous covariates need as many instruments; {len(given)} given"
            )

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Linear instrumental-variable model of a share ({self.method.upper()})"

    @property
    def leading(self) -> list[str]:
        """The exogenous covariates: what is taken from them of the others is still theirs to explain."""
        return [name for name in self.param_names if name not in self.endogenous]

    def estimate(self, columns: pd.DataFrame, cov_type: str, clusters: np.ndarray | None, debiased: bool) -> Any:
        """Return the results of linearmodels for moderated columns."""
        from linearmodels import iv

        sample, others, extra = self.sample, self.leading, self.sample.designs["instruments"]
        both = Design(np.hstack([columns[others], extra.matrix]), (*others, *(f"z {z}" for z in extra.names)))
        instruments = moderated(both)[0].iloc[:, len(others) :].set_axis(list(extra.names), axis=1)
        model = getattr(iv, self._estimator)(
            pd.Series(sample.outcome, name=sample.name),
            columns[others] if others else None,
            columns[self.endogenous],
            instruments,
            weights=None if sample.weights is None else pd.Series(sample.weights, name="weights"),
            **({"weight_type": cov_type, **_cluster(clusters)} if self.method == "gmm" else {}),
        )
        return model.fit(cov_type=cov_type, debiased=debiased, **_cluster(clusters))


def _cluster(clusters: np.ndarray | None) -> dict[str, Any]:
    return {} if clusters is None else {"clusters": pd.factorize(clusters)[0]}
