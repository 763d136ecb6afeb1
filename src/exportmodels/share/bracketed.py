"""Bracketed shares: answers known exactly or up to a bracket, by maximum likelihood under a law of the share."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ..core.family_model import FamilyModel
from ..core.newton import Maximum
from ..core.options import choose
from ..core.quantities import Quantity
from ..core.results import Results
from ..data.yardsticks import published_for
from .beta_law import BetaShare
from .brackets import Bracket, ShareLimits, read_answers
from .corners import Cornered, ShareFamily, refuse_idle
from .normal import NormalShare, limits
from .quantities import above_half, everything, mean_share, nothing

CORNERS: dict[str | None, tuple[float, ...]] = {None: (), "zero": (0.0,), "one": (1.0,), "both": (0.0, 1.0)}
DISTRIBUTIONS: dict[str, ShareFamily] = {
    "logitnormal": NormalShare(logit=True),
    "normal": NormalShare(),
    "beta": BetaShare(),
}


class BracketedResults(Results):
    """A fitted model of bracketed shares."""

    def bracket_table(self) -> pd.DataFrame:
        """Return how many firms answered each bracket, and how many the model expects.

        Known shares are counted in the bracket they lie in, shares of exactly 1 in the one that ends there: its answers
        do not say whether they are. A row for shares of 0, and one for what a normal law puts outside 0 and 1, make the
        fitted numbers add up to the firms.

        Returns
        -------
        DataFrame
            observed, fitted and their Pearson residual, one row a bracket.
        """
        return self.model.bracket_table(self.params.to_numpy())  # type: ignore[attr-defined]


class Bracketed(FamilyModel):
    """Bracketed share model.

    The share of sales made abroad when firms answered "26 - 50 %" instead of a number. A bracket says that the share
    lies between its limits and nothing more; known shares and brackets may be mixed, row by row.

    Parameters
    ----------
    outcome : array_like, shape (n,) or (n, 2)
        Brackets as printed (`"26 - 50 %"`) or as categories, known shares between 0 and 1, both mixed; or two columns,
        the lower and upper limit of each share, equal where it is known: `"lower + upper ~ niche"` in a formula.
    exog : array_like or data frame, shape (n, p)
        Covariates of the location; a constant is not added.
    dist : {"logitnormal", "beta", "normal"}
        The law of the share: normal log-odds or a beta law, which stay between 0 and 1, or a normal law, which need
        not.
    corner : {None, "zero", "one", "both"}
        Whether shares of exactly 0 (firms that do not export), or exactly 1, are a case of their own. The normal law
        then is a Tobit model: its mass beyond the end lies at the end. The others get a probability of the end, with
        covariates of its own.
    scale : array_like or str, shape (n, q), optional
        Covariates of the log standard deviation (terms with a formula), for the normal laws; a constant by default.
    precision : array_like or str, shape (n, q), optional
        Covariates of the log precision, for the beta law; a constant by default.
    zero, one : array_like or str, shape (n, q), optional
        Covariates of the log-odds of a corner against a share between; a constant by default. Not for the normal law.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OutcomeError
        If an answer is no bracket, lies outside 0 and 1, or at an end that the law cannot reach.
    OptionError
        If covariates are given of a predictor that the model does not have.

    Notes
    -----
    A bracket is open below and closed above. Brackets in whole per cents ("10-25%", "26-50%") leave a gap of one; it is
    closed at the lower bracket's limit, and the notes of the fit say so. With l and u the limits of firm i, and F the
    distribution function (normal with location x'b and standard deviation exp(z'g), or beta with mean logistic(x'b) and
    precision exp(z'g)), the log-likelihood is::

        sum_i  log f(y_i)            where the share is known
               log(F(u_i) - F(l_i))  where it is not

    References
    ----------
    .. [1] Stewart, M. B. (1983). On least squares estimation when the dependent variable is grouped. Review of Economic
       Studies 50, 737-753.
    .. [2] Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd ed., section 19.2. MIT
       Press.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.share import Bracketed
    >>> firms = pd.DataFrame({"share": ["<10%", "10-25%", ">75%", "51-75%", "<10%", "26-50%", 0.6, 0.2],
    ...                       "niche": [0, 0, 1, 1, 0, 1, 1, 0]})
    >>> results = Bracketed.from_formula("share ~ niche", firms).fit()
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(3).to_string())
    0    0.122
    1    0.615
    >>> print(results.notes[0])
    bracket '26-50%' is read as above 25% up to 50%: the gap between 25% and 26% is closed
    """

    kind = ShareLimits()
    equations = {"scale": "log_scale", "precision": "log_precision", "zero": "zero", "one": "one"}
    column_options = ("frequency", "weights")
    variants: ClassVar = (
        {"corner": "both"},
        {"dist": "beta", "corner": "both"},
        {"dist": "normal", "corner": "both"},
    )
    results_class = BracketedResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        dist: str = "logitnormal",
        corner: str | None = None,
        scale: Any = None,
        precision: Any = None,
        zero: Any = None,
        one: Any = None,
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.dist, self.corner = dist, corner
        self._law, self._ends = choose("dist", dist, DISTRIBUTIONS), choose("corner", corner, CORNERS)
        equations = {"log_scale": scale, "log_precision": precision, "zero": zero, "one": one}
        refuse_idle(self.equations, equations, self.family.predictors)
        answers = read_answers(outcome)
        self.brackets, self._reading, self._name = answers.brackets, answers.notes, answers.name
        super().__init__(
            answers.limits,
            exog,
            equations=equations,
            weights=weights,
            frequency=frequency,
            missing=missing,
        )
        self.sample = replace(self.sample, name=answers.name)

    @property
    def title(self) -> str:
        """The first line of the summary."""
        corners = {None: "", "zero": ", corner at 0", "one": ", corner at 1", "both": ", corners at 0 and 1"}
        return f"Bracketed share model ({self.dist}{corners[self.corner]})"

    @property
    def outcome_type(self) -> ShareLimits:
        """Limits of shares; without a corner the logit-normal law cannot reach the ends."""
        normal = self.dist == "normal"
        return ShareLimits(
            name=self._name,
            unreached=tuple(end for end in (0.0, 1.0) if not normal and end not in self._ends),
            needed=() if normal else self._ends,
            instead=f"a share with dist={self.dist!r} lies strictly between: say corner='both' (or 'zero', 'one'), or "
            "use share.Fractional",
        )

    @property
    def family(self) -> ShareFamily:
        """The law of the share, with its corners."""
        if not self._ends:
            return self._law
        if isinstance(self._law, NormalShare) and not self._law.logit:
            return replace(
                self._law, ends=(0.0 if 0.0 in self._ends else -np.inf, 1.0 if 1.0 in self._ends else np.inf)
            )
        return Cornered(self._law, self._ends)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Mean share, P(share > 50 %), the probabilities of the brackets, and of the corners."""
        family = self.family
        mean = mean_share(self, family)
        parts = {
            # a normal law may have its mean outside 0 and 1
            "mean": replace(mean, scale="identity") if self.dist == "normal" else mean,
            "more_than_half": above_half(self, family),
            "brackets": self.quantity_of(
                "probability of a share in the bracket",
                "probability",
                lambda eta: np.column_stack([self._within(bracket, eta) for bracket in self.brackets]),
                scale="logit",
                columns=tuple(bracket.label for bracket in self.brackets),
                published=published_for("foreign_share", "percent"),
            ),
        }
        if 0.0 in self._ends:
            # the report's figures are of exporters
            parts = {name: replace(part, published=None) for name, part in parts.items()}
            parts["nothing"] = nothing(self, family)
        if 1.0 in self._ends:
            parts["everything"] = everything(self, family)
        return parts

    def _within(self, bracket: Bracket, eta: np.ndarray) -> np.ndarray:
        return self.family.below(bracket.upper, eta) - self.family.below(bracket.lower, eta)

    def bracket_table(self, params: np.ndarray) -> pd.DataFrame:
        """Return observed and fitted numbers of firms in each bracket; see `BracketedResults.bracket_table`."""
        eta = self.predictors(params, self.design_matrices())
        weight = np.ones(eta.shape[1]) if self.sample.total_weight is None else self.sample.total_weight
        lower, upper = limits(self.sample.outcome)
        rows = {}
        for bracket in self.brackets:
            known = (lower == upper) & (bracket.lower < upper) & (upper <= bracket.upper)
            answered = (lower == bracket.lower) & (upper == bracket.upper)
            rows[bracket.label] = (weight @ (known | answered), weight @ self._within(bracket, eta))
        rows["0%"] = (weight @ ((lower == 0) & (upper == 0)), weight @ self.family.below(0.0, eta))
        observed, fitted = np.array([*rows.values()]).T
        rest = weight.sum() - np.array([observed.sum(), fitted.sum()])
        table = pd.DataFrame({"observed": observed, "fitted": fitted}, index=pd.Index(rows, name="bracket"))
        table.loc["elsewhere"] = rest
        table = table[(table > 1e-9 * weight.sum()).any(axis=1)]
        return table.assign(residual=(table["observed"] - table["fitted"]) / np.sqrt(table["fitted"]))

    def notes(self, maximum: Maximum) -> list[str]:
        """Say which gaps between brackets were closed, and how many answers are known exactly."""
        lower, upper = limits(self.sample.outcome)
        known = lower == upper
        count = int(known.sum() if self.sample.frequency is None else self.sample.frequency[known].sum())
        return [*self._reading, f"{count} of {self.sample.nobs} shares are known exactly, the others up to a bracket"]
