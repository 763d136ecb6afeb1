"""Results of discrete-time hazards: firms counted as firms, and tests of link, proportionality and frailty."""

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..core.errors import BoundaryError, OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.options import choose
from ..core.results import Results
from ..inference import boundary as inference
from .discrete_hazard_checks import spells_of
from .discrete_hazard_likelihood import GridObjective
from .frailty import FRAILTIES
from .score_tests import Added, added_terms, squared_predictor, times_clock

if TYPE_CHECKING:
    from .discrete_hazard import DiscreteHazard


class HazardResults(Results):
    """A fitted discrete-time hazard."""

    model: "DiscreteHazard"

    @property
    def nobs(self) -> int:
        """Number of firms, whatever the number of their rows."""
        firm = self.model.sample.columns.get("firm")
        return super().nobs if firm is None else len(pd.unique(firm))

    @property
    def df_model(self) -> int:
        """Number of coefficients beside those of the baseline and the frailty."""
        return len(self.params) - len(self.model.baseline.names) - (self.model.frailty is not None)

    def link_test(self) -> Test:
        """Test the link: whether the square of the linear predictor says more.

        Returns
        -------
        Test
            A score test with one degree of freedom; a small p speaks against the link, or the form of a covariate.
        """
        return self._added("score test of the link", squared_predictor, 1)

    def proportionality_test(self, variables: list[str] | None = None, clock: str = "t") -> Test:
        """Test whether effects stay the same over time.

        Parameters
        ----------
        variables : list of str, optional
            Coefficients to be tested jointly; by default all covariates whose effects the model keeps from changing.
        clock : {"t", "log"}
            The function of time that would change them: the year, or log(t + 1).

        Returns
        -------
        Test
            A score test with a degree of freedom for each coefficient.
        """
        names = list(self.model.sample.designs[""].names)
        variables = None if variables is None else list(variables)
        unknown = [name for name in variables or () if name not in names]
        if unknown:
            raise OptionError(f"{unknown[0]!r} is no covariate; there are: {', '.join(names)}")
        chosen = [names.index(name) for name in variables] if variables else list(range(len(names)))
        if clock == "t":
            chosen = _unchanging(chosen, names, self.model.varying, asked=bool(variables))
        years = np.arange(self.model.baseline.periods, dtype=float)
        times = choose("clock", clock, {"t": years, "log": np.log1p(years)})
        return self._added("score test of effects that do not change", times_clock(chosen, times), len(chosen))

    def _added(self, name: str, terms: Added, df: int) -> Test:
        model, sample = self.model, self.model.sample
        if model.frailty is not None or sample.weights is not None:
            raise OptionError("score tests are made without frailty and sampling weights; fit without them first")
        clock = np.arange(model.baseline.periods, dtype=float) if model.varying else None
        identity = np.eye(len(self.params))
        grid = GridObjective(
            model.link_function,
            spells_of(sample),
            sample.designs[""].matrix,
            sample.total_weight,
            model.baseline.matrix,
            identity,
            model.varying,
            clock,
        )
        return chi_squared(name, added_terms(grid, self.params.to_numpy(), terms), df)

    def frailty_test(self, frailty: str = "gamma") -> Test:
        """Test for lasting differences between firms that no covariate shows.

        Parameters
        ----------
        frailty : {"gamma", "normal"}
            Their distribution under the alternative; that of the fit where it has one.

        Returns
        -------
        Test
            Twice the difference of the log-likelihoods. A variance of zero lies at the end of its range, so that the
            statistic is zero in half of the samples without frailty, and chi-squared in the other half [1]_.

        References
        ----------
        .. [1] Self, S. G. and Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and
           likelihood ratio tests under nonstandard conditions. JASA 82, 605-610.
        """
        if self.model.sample.weights is not None:
            raise OptionError("with sampling weights the likelihood is a pseudo-likelihood, and not to be compared")
        kind = self.model.frailty or frailty
        with_it = self.llf if self.model.frailty else _loglike(self.model, kind)
        without = _loglike(self.model, None) if self.model.frailty else self.llf
        return boundary_test(f"likelihood-ratio test of {kind} frailty", without, with_it)


def _unchanging(chosen: list[int], names: list[str], varying: list[int], *, asked: bool) -> list[int]:
    """Return the covariates whose effects the model does not let change with the year already."""
    left = [j for j in chosen if j not in varying]
    if not left or (asked and left != chosen):
        taken = next(names[j] for j in chosen if j in varying)
        raise OptionError(
            f"the model has the effect of {taken!r} change with t already: its own coefficient, {f'{taken}:t'!r}, "
            "tests that; or choose clock='log'"
        )
    return left


def _loglike(model: "DiscreteHazard", frailty: str | None) -> float | None:
    """Return the maximum under another frailty; None where its variance is zero."""
    other = copy(model)
    other.frailty, other.frailty_family = frailty, None if frailty is None else choose("frailty", frailty, FRAILTIES)
    try:
        return other.fit("nonrobust").llf
    except BoundaryError:
        return None


def boundary_test(name: str, without: float | None, with_it: float | None) -> Test:
    """Compare likelihoods where the null is the end of one parameter's range; None stands for a maximum at that end."""
    assert without is not None
    test = inference.boundary_test(name, 0.0 if with_it is None else 2 * (with_it - without))
    return replace(test, note="null at the boundary: half chi2(0), half chi2(1)")
