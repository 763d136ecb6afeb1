"""Results of a Cox fit: the baseline, hazard ratios, and medians with intervals from those of the curve."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..core.findings import Findings
from ..core.hypotheses import Test
from ..core.quantities import Quantity
from ..core.results import Results
from .cox_quantities import Quantile
from .quantiles import curve_quantile

if TYPE_CHECKING:
    from .adjusted_curves import AdjustedCurves
    from .concordance import Concordance
    from .cox import Cox

# Adjusted curves are shown at so many times; limits of medians are looked for among so many.
_CURVE, _LIMITS = 100, 250


class CoxResults(Results):
    """A fitted Cox model."""

    model: "Cox"

    @property
    def nobs(self) -> int:
        """Number of firms, whatever the number of their rows."""
        firms = self.model.sample.columns.get("firm")
        return super().nobs if firms is None else len(pd.unique(firms))

    def hazard_ratios(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return exp(coefficients) with their intervals.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level of the intervals.

        Returns
        -------
        DataFrame
            hazard ratio, lower, upper, p; one row a coefficient.
        """
        limits = np.exp(self.conf_int(alpha))
        table = {"hazard ratio": np.exp(self.params), "lower": limits[0], "upper": limits[1], "p": self.pvalues}
        return pd.DataFrame(table)

    def baseline_hazard(self) -> pd.DataFrame:
        """Return the baseline of a firm whose covariates are all zero, at the times with events.

        Returns
        -------
        DataFrame
            time, hazard (the step then), cumulated hazard, survival; with strata, the stratum first.
        """
        model, coefficients = self.model, self.params.to_numpy()
        risk = model.baseline.risk(coefficients, np.zeros((1, len(model.sample.designs[""].names))))
        parts = []
        for g, level in enumerate(model.strata_levels or [None]):
            time, step = model.baseline.steps(coefficients, g)
            total = np.cumsum(step * risk)
            columns = {"time": time, "hazard": step * risk, "cumulated hazard": total, "survival": np.exp(-total)}
            parts.append(pd.DataFrame(columns if level is None else {"stratum": level, **columns}))
        return pd.concat(parts, ignore_index=True)

    def frailties(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return the groups' expected frailties, given their events.

        Parameters
        ----------
        alpha : float, default 0.05
            One less the level of the intervals: quantiles of the gamma distribution of each group's frailty given its
            events, the coefficients and the baseline taken as known.

        Returns
        -------
        DataFrame
            firms, events, frailty, lower, upper; one row a group.
        """
        from .frailty_results import frailties

        return frailties(self, alpha)

    def frailty_test(self) -> Test:
        """Test for differences between groups that no covariate shows, against the same model without frailty.

        Returns
        -------
        Test
            Twice the difference of the log-likelihoods. A variance of zero lies at the end of its range: the statistic
            is zero in half of the samples without frailty, and chi-squared in the other half.
        """
        from .frailty_results import frailty_test

        return frailty_test(self)

    def residuals(self, kind: str = "martingale") -> pd.Series | pd.DataFrame:
        """Return residuals.

        Parameters
        ----------
        kind : str
            `"martingale"` (events less those expected), `"deviance"` (the same, more symmetric), `"score"` (what a row
            adds to the score), `"dfbeta"` (about how far the estimate moves without the row), `"schoenfeld"`
            (covariates at an event less their mean at risk), `"scaled schoenfeld"` (their sum with the estimate shows
            an effect over time).

        Returns
        -------
        Series of shape (n,), or DataFrame
            One row a used row; for Schoenfeld's one row an event, in order of time, its time first.
        """
        from .cox_residuals import residuals

        return residuals(self, kind)

    def proportionality_test(self, transform: str = "km") -> pd.DataFrame:
        """Test whether effects change with time, against the alternative b + c g(t), by the score of c.

        Parameters
        ----------
        transform : {"km", "rank", "log", "identity"}
            The function g of time: one less the Kaplan-Meier curve, the rank of the time, log t, or t.

        Returns
        -------
        DataFrame
            statistic, df, p; one row a term, and one for all together. The test is that of R's cox.zph from version 3.

        References
        ----------
        Grambsch, P. M. and Therneau, T. M. (1994). Proportional hazards tests and diagnostics based on weighted
        residuals. Biometrika 81, 515-526.
        """
        from .proportionality import proportionality_test

        return proportionality_test(self, transform)

    def concordance(self, method: str = "harrell", horizon: float | None = None) -> "Concordance":
        """Return how often, of two firms that can be compared, the one with the higher hazard has the event first.

        Parameters
        ----------
        method : {"harrell", "uno"}
            Every pair counts the same; or pairs are weighted by the inverse square of the share of firms not yet cut
            off, so that the figure does not depend on how many are.
        horizon : float, optional
            Count events up to this time only.

        Returns
        -------
        Concordance
            The estimate, its error from the firms' influence, and an interval. Firms of different strata are not
            compared.

        References
        ----------
        Uno, H., Cai, T., Pencina, M. J., D'Agostino, R. B. and Wei, L. J. (2011). On the C-statistics for evaluating
        overall adequacy of risk prediction procedures with censored survival data. Statistics in Medicine 30,
        1105-1117.
        """
        from .concordance import concordance

        return concordance(self, method, horizon)

    def predict(
        self, newdata: Any = None, which: str | Quantity = "mean", *, alpha: float | None = None
    ) -> pd.Series | pd.DataFrame:
        """Predict in the outcome's units; see `Results.predict`.

        Intervals of a median, or another quantile, are the times at which the limits of the survival curve fall below
        it; infinity where they do not within the time observed.
        """
        quantity = self.model.quantity(which)
        if alpha is None or not isinstance(quantity, Quantile):
            return super().predict(newdata, which, alpha=alpha)
        table = pd.DataFrame({"estimate": super().predict(newdata, quantity)})
        times = self.model.baseline.knots(_LIMITS)
        curve = self.model.survival(list(times))
        limits = super().predict(newdata, curve, alpha=alpha)
        for limit in ("lower", "upper"):
            shares = limits[limit].to_numpy().reshape(-1, len(times))
            table[limit] = [curve_quantile(times, share, quantity.p) for share in shares]
        return table

    def adjusted_curves(
        self,
        by: str,
        times: Sequence[float] | None = None,
        alpha: float = 0.05,
        *,
        method: str = "delta",
        replications: int = 999,
        seed: int = 0,
        progress: bool | None = None,
    ) -> "AdjustedCurves":
        """Return survival by group, adjusted for the other covariates.

        Every firm is put into each group in turn, and the predicted curves are averaged (g-computation).

        Parameters
        ----------
        by : str
            A 0/1 or categorical covariate, or the strata.
        times : sequence of float, optional
            Ascending times; by default those with events, at most 100 of them.
        alpha : float, default 0.05
            One less the level of the intervals.
        method : {"delta", "bootstrap"}
            Errors from the covariance of the fit and the baseline's own variance, or from refits to firms drawn with
            replacement, which also lets the firms that are averaged over vary.
        replications, seed : int
            Of the bootstrap.
        progress : bool, optional
            Show a progress bar over refits; by default on a terminal.

        Returns
        -------
        AdjustedCurves
            The curves, their differences and a plot.
        """
        from .adjusted_curves import adjusted_curves

        at = list(self.model.baseline.knots(_CURVE)) if times is None else times
        return adjusted_curves(
            self, by, at, alpha, method=method, replications=replications, seed=seed, progress=progress
        )

    def findings(self, by: str, alpha: float = 0.05) -> Findings:
        """Say the model in the outcome's units for groups; see `Results.findings`.

        Medians are those of each group's adjusted curve: every firm is put into the group, and the curves averaged.
        """
        found = super().findings(by, alpha)
        return Findings(pd.concat([found.table, self._medians(by, alpha)], ignore_index=True), by, alpha)

    def _medians(self, by: str, alpha: float) -> pd.DataFrame:
        median, times = self.model.quantity("median"), self.model.baseline.knots(_LIMITS)
        rows = []
        for level, own in self.adjusted_curves(by, list(times), alpha).table().groupby("group", sort=False):
            values = (curve_quantile(times, own[name].to_numpy(), 0.5) for name in ("estimate", "lower", "upper"))
            rows.append((median.label, median.unit, f"{by}={level}", *values))
        return pd.DataFrame(rows, columns=["quantity", "unit", "group", "estimate", "lower", "upper"])
