"""Results of exact conditional inference: estimates, exact tests, intervals, and notes where there is no maximum."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd

from ..core.errors import OptionError
from ..core.options import checked_methods, choose
from ..core.summary import Summary
from ..inference.tilted import Tilted

if TYPE_CHECKING:
    from .exact_logit import ExactLogit

TESTS = {"probability": "at_most_as_probable", "score": "farther_out"}


@checked_methods
@dataclass(frozen=True)
class ExactResults:
    """Exact conditional inference.

    Parameters
    ----------
    model : ExactLogit
        What was fitted.
    distributions : dict of str to Tilted
        The conditional distribution of each coefficient's sufficient statistic, above its smallest conceivable value.
    """

    model: "ExactLogit"
    distributions: dict[str, Tilted]

    def __repr__(self) -> str:
        return f"<ExactLogit results: {self.nobs} firms, {len(self.distributions)} coefficients>"

    def _series(self, values: list[Any], name: str) -> pd.Series:
        return pd.Series(values, index=list(self.distributions), name=name)

    @cached_property
    def median_unbiased(self) -> pd.Series:
        """Whether an estimate is median unbiased because the likelihood rises for ever, shape (p,)."""
        return self._series([d.extreme != 0 and not d.degenerate for d in self.distributions.values()], "unbiased")

    @cached_property
    def params(self) -> pd.Series:
        """Conditional maximum-likelihood estimates, median unbiased where there are none; shape (p,)."""
        found = [
            d.median_unbiased() if d.extreme or d.degenerate else d.estimate() for d in self.distributions.values()
        ]
        return self._series(found, "params")

    @cached_property
    def bse(self) -> pd.Series:
        """Standard errors of conditional maximum-likelihood estimates; a median unbiased estimate has none (NaN)."""
        pairs = zip(self.distributions.values(), self.params, strict=True)
        return self._series(
            [np.nan if d.extreme or d.degenerate else d.standard_error(value) for d, value in pairs], "bse"
        )

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided exact p-values of the coefficients being zero, shape (p,); see `test` for others."""
        return self._series([self.test(name) for name in self.distributions], "pvalues")

    def test(self, name: str, method: str | None = None, midp: bool = False) -> float:
        """Return the exact p-value of a coefficient being zero.

        Parameters
        ----------
        name : str
            The coefficient.
        method : {"probability", "score"}, optional
            Add up outcomes that are at most as probable as what was observed, or at least as far from the mean.
            Default: probability, as Fisher's test, and score in samples of the distribution, whose probabilities are
            rough.
        midp : bool, default False
            Count what was observed by half: less cautious, and no longer a guarantee.
        """
        method = method or ("probability" if self.model.draws is None else "score")
        which = choose("method", method, TESTS)
        return getattr(self._distribution(name), which)(0.5 if midp else 1.0)

    def _distribution(self, name: str) -> Tilted:
        if name not in self.distributions:
            raise OptionError(f"{name!r} is no coefficient; there are: {', '.join(self.distributions)}")
        return self.distributions[name]

    def conf_int(self, alpha: float = 0.05, midp: bool = False) -> pd.DataFrame:
        """Return exact intervals, shape (p, 2), columns 0 and 1; infinite where the likelihood rises for ever."""
        limits = [d.interval("two-sided", alpha, 0.5 if midp else 1.0) for d in self.distributions.values()]
        return pd.DataFrame(limits, index=list(self.distributions))

    def table(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return odds ratios with exact intervals and p-values: odds_ratio, lower, upper, p, median_unbiased."""
        limits = np.exp(self.conf_int(alpha))
        return pd.DataFrame(
            {
                "odds_ratio": np.exp(self.params),
                "lower": limits[0],
                "upper": limits[1],
                "p": self.pvalues,
                "median_unbiased": self.median_unbiased,
            }
        )

    @property
    def nobs(self) -> int:
        """Number of firms."""
        return self.model.nobs

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know of this fit."""
        known = [name for name, d in self.distributions.items() if d.degenerate]
        rising = [name for name in self.params.index if self.median_unbiased[name]]
        notes = ["odds ratios are conditional on the sums of all other covariates and the number of events"]
        if rising:
            notes.append(f"the likelihood rises for ever in {', '.join(rising)}: median unbiased estimates, no errors")
        if known:
            notes.append(
                f"nothing can be said of {', '.join(known)}: the other covariates determine who says yes; round them, "
                "or leave some out"
            )
        if self.model.draws is not None:
            notes.append(f"from {self.model.draws} sampled outcomes: p-values are valid, limits far out are rough")
        return notes

    def effects(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: the intercept is conditioned away, and probabilities need one."""
        raise OptionError(
            "the intercept is conditioned away, so there are odds ratios, no probabilities; FirthLogit has both"
        )

    predict = findings = effects

    def summary(self, alpha: float = 0.05) -> Summary:
        """Return the coefficients and exact intervals as a printable table."""
        limits = self.conf_int(alpha)
        table = pd.DataFrame(
            {
                "coef": self.params,
                "std err": self.bse,
                "odds ratio": np.exp(self.params),
                "exact P": self.pvalues,
                f"[{alpha / 2:.3f}": limits[0],
                f"{1 - alpha / 2:.3f}]": limits[1],
            }
        )
        events = int(self.model.groups()[0].events.sum())
        header = [
            ("Outcome", self.model.endog_names),
            ("Model", "ExactLogit"),
            ("Firms", f"{self.nobs}"),
            ("Events", f"{events}"),
        ]
        return Summary(self.model.title, header, table, self.notes)
