"""Linear panel models of shares: fixed, random and no firm effects, and tests between them."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.errors import DataError, OptionError
from ..core.frames import numbered
from ..core.hypotheses import Test, chi_squared
from ..core.options import checked, choose
from ..core.results import Results
from ..core.standardizing import Moments
from .linear import LinearModel, LinearResults
from .panel_fractional import averages, changes_within

# Within firms, an eigenvalue of the covariates' correlations below this is one that their last digits make.
_COLLINEAR_WITHIN = 1e-12
EFFECTS = {"fixed": "PanelOLS", "random": "RandomEffects", "pooled": "PooledOLS"}


class PanelShareResults(LinearResults):
    """A fitted linear panel model."""

    model: "PanelShare"

    def mundlak_test(self) -> Test:
        """Test whether firm effects go with the covariates: whether the firms' averages matter beside random effects.

        Robust to correlation within firms, unlike Hausman's test.
        """
        model = self.model
        table = averages(model.sample.outcome, self._covariates(), model.sample.columns["firm"])
        table = table.loc[:, [name for name in table.columns if not str(name).startswith("years=")]]
        both = pd.concat([self._covariates(), table.add_prefix("average ")], axis=1)
        wide = PanelShare(
            pd.Series(model.sample.outcome, name=model.endog_names),
            both,
            firm=model.sample.columns["firm"],
            year=model.sample.columns["year"],
            effects="random",
        ).fit()
        test = wide.wald_test([name for name in wide.params.index if name.startswith("average ")])
        return chi_squared("Mundlak test", test.statistic, test.df, "clustered by firm")

    def _covariates(self) -> pd.DataFrame:
        design = self.model.sample.designs[""]
        return pd.DataFrame(design.matrix, columns=list(design.names))


class PanelShare(LinearModel):
    """Linear panel model of a share.

    A line through the shares of firms seen in several years, with firm effects taken out (fixed), drawn from a law
    (random) or left out (pooled). Its coefficients are effects on the mean share as they stand; for shares near 0 and 1
    `PanelFractional` keeps predictions inside.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, both included; one row a firm and year.
    exog : array_like or data frame, shape (n, p)
        Covariates; a constant is not added.
    firm, year : array_like or str, shape (n,)
        Which firm and year a row is of.
    effects : {"fixed", "random", "pooled"}
        The firm effects.
    time_effects : bool, default False
        Whether years have effects too (with fixed firm effects).
    weights : array_like, shape (n,), optional
        Sampling weights.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    DataError
        If a firm has two rows in one year, or a covariate does not change within firms under fixed effects.

    Notes
    -----
    y_it = x_it'b + a_i + e_it, by `linearmodels`, whose results object is `results.linear`. Errors are clustered by
    firm by default, and `debiased`: without the degrees of freedom that firm effects take, they are too small however
    many firms there are.

    References
    ----------
    .. [1] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., chapter 10. MIT
       Press.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from exportmodels.share import PanelShare
    >>> rng = np.random.default_rng(1)
    >>> firms = pd.DataFrame({"firm": np.repeat(np.arange(100), 4), "year": np.tile(np.arange(4), 100)})
    >>> unseen = np.repeat(rng.normal(size=100), 4)
    >>> firms["rd"] = unseen + rng.normal(size=400)
    >>> firms["share"] = (0.4 + 0.05 * firms["rd"] + 0.1 * unseen + 0.05 * rng.normal(size=400)).clip(0, 1)
    >>> results = PanelShare.from_formula("share ~ rd", firms, firm="firm", year="year").fit()
    >>> print(results.params.round(3).to_string())
    Intercept    0.390
    rd           0.053
    """

    variants = ({}, {"time_effects": True}, {"effects": "random"})
    column_options = ("weights", "firm", "year")
    default_covariance = "clustered"
    counted = "rows"
    results_class = PanelShareResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        firm: Any,
        year: Any,
        effects: str = "fixed",
        time_effects: bool = False,
        weights: Any = None,
        missing: str = "drop",
    ):
        self.effects, self.time_effects = effects, time_effects
        self._method = choose("effects", effects, EFFECTS)
        if time_effects and effects != "fixed":
            raise OptionError("time_effects goes with effects='fixed'; add C(year) to the formula otherwise")
        super().__init__(outcome, exog, columns={"firm": firm, "year": year}, weights=weights, missing=missing)
        self._check()

    def _check(self) -> None:
        place = pd.DataFrame(self.sample.columns)[["firm", "year"]]
        firm = pd.factorize(place["firm"])[0]
        if place.duplicated().any():
            twice, year = place[place.duplicated()].iloc[0].tolist()
            raise DataError(f"firm {twice!r} has more than one row in year {year!r}; keep one")
        design = self.sample.designs[""]
        if self.effects == "fixed":
            for j, name in enumerate(design.names):
                if j != design.constant and not changes_within(pd.Series(design.matrix[:, j]), firm):
                    raise DataError(
                        f"column {name!r} does not change within firms, so fixed effects take it up; leave it out, or "
                        "say effects='random'"
                    )
            varying = np.delete(design.matrix, [] if design.constant is None else design.constant, axis=1)
            within = varying - pd.DataFrame(varying).groupby(firm).transform("mean").to_numpy()
            if Moments.of(within).narrowest(centred=False) < _COLLINEAR_WITHIN:
                raise DataError(
                    "within firms some covariate nearly repeats others, to its last digits; leave one of them out"
                )

    @property
    def small_sample(self) -> tuple[str, ...]:
        """What linearmodels corrects for the size of the sample unasked: it counts effects, or uses their variances."""
        return {"pooled": (), "fixed": ("errors",), "random": ("estimates", "errors")}[self.effects]

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Linear panel model of a share ({self.effects} effects)"

    def fit(
        self, cov_type: str | None = None, *, clusters: Any = None, debiased: bool = True, **options: Any
    ) -> Results:
        """Fit the model; see `LinearModel.fit`. Errors are clustered by firm, and debiased, by default."""
        if clusters is None and cov_type in (None, "clustered"):
            clusters = self.sample.columns["firm"]
        return super().fit(cov_type, clusters=clusters, debiased=debiased, **options)

    def estimate(self, columns: pd.DataFrame, cov_type: str, clusters: np.ndarray | None, debiased: bool) -> Any:
        """Return the results of linearmodels for moderated columns."""
        from linearmodels import panel

        sample = self.sample
        year = sample.columns["year"]
        year = year if pd.api.types.is_numeric_dtype(year) else numbered(year)[0]
        index = pd.MultiIndex.from_arrays([pd.factorize(sample.columns["firm"])[0], year], names=["firm", "year"])
        y = pd.Series(sample.outcome, index=index, name=sample.name)
        x = columns.set_axis(index, axis=0)
        weights = None if sample.weights is None else pd.Series(sample.weights, index=index, name="weights")
        chosen = {"entity_effects": True, "time_effects": self.time_effects} if self.effects == "fixed" else {}
        options: dict[str, Any] = {"cov_type": cov_type, "debiased": debiased}
        if clusters is not None:
            options["clusters"] = pd.Series(pd.factorize(clusters)[0], index=index, name="clusters")
            options["group_debias"] = debiased
        return getattr(panel, self._method)(y, x, weights=weights, **chosen).fit(**options)


@checked
def hausman_test(fixed: Results, random: Results) -> Test:
    """Test fixed against random effects: do the coefficients that both estimate differ by more than chance?

    Parameters
    ----------
    fixed, random : Results
        Fits of `PanelShare` on the same rows under nonrobust covariances, on which the test rests; see
        `PanelShareResults.mundlak_test` for one that is robust.

    Notes
    -----
    Both covariances are taken at the residual variance of the random-effects fit, which keeps their difference
    positive.

    References
    ----------
    .. [1] Hausman, J. A. (1978). Specification tests in econometrics. Econometrica 46, 1251-1271.
    """
    if fixed.cov_type != "nonrobust" or random.cov_type != "nonrobust":
        raise OptionError("Hausman's test rests on nonrobust covariances; fit both with cov_type='nonrobust'")
    for effects, fit in (("fixed", fixed), ("random", random)):
        if not isinstance(fit.model, PanelShare) or fit.model.effects != effects:
            raise OptionError(f"{effects}= must be a fit of PanelShare with effects={effects!r}")
    both = [name for name in fixed.params.index if name in random.params.index and name != "Intercept"]
    gap = (fixed.params[both] - random.params[both]).to_numpy()
    ratio = random.linear.s2 / fixed.linear.s2  # type: ignore[attr-defined]
    spread = (ratio * fixed.cov_params().loc[both, both] - random.cov_params().loc[both, both]).to_numpy()
    values, vectors = np.linalg.eigh(spread)
    kept = values > 1e-12 * np.abs(values).max()
    if not kept.any():
        raise OptionError("the difference of the covariances is not positive; use mundlak_test()")
    statistic = float(np.sum((vectors[:, kept].T @ gap) ** 2 / values[kept]))
    note = "" if kept.all() else f"in {kept.sum()} of {len(both)} directions, the others have no positive variance"
    return chi_squared("Hausman test of random against fixed effects", statistic, int(kept.sum()), note)
