"""Fractional response with an endogenous covariate: what its instruments do not explain enters as a control."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..core.covariance import inverse
from ..core.design import Design, build_design
from ..core.errors import DataError, OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.links import LINKS
from ..core.newton import Maximum
from ..core.options import choose
from ..core.outcomes import Share
from ..core.problem import Problem
from ..core.quantities import Quantity
from ..core.results import Results
from ..core.sample import Sample
from ..core.standardizing import Standardized
from .quantities import mean_share
from .stacked import Solved, weighted_gram
from .summed import Summed, SummedModel

# A first step that leaves less than this of the covariate's spread leaves the rounding of its digits.
_NOTHING_LEFT = 1e-6


class ControlResults(Results):
    """A fitted control-function model."""

    model: "ControlFractional"

    def exogeneity_test(self) -> Test:
        """Test whether the covariate is exogenous after all: whether the control matters."""
        return self.wald_test([name for name in self.params.index if name.startswith("[control] ")])

    def first_stage(self) -> Test:
        """Test, robustly, whether the instruments move the covariate; the statistic over df should exceed 10."""
        w, pi, residual, weight = self.model.first_step(self.model.sample)
        bread = np.linalg.inv(weighted_gram(w.matrix, w.matrix, weight))
        sampling = 1.0 if self.model.sample.weights is None else self.model.sample.weights
        covariance = bread @ weighted_gram(w.matrix, w.matrix, weight * sampling * residual**2) @ bread
        k = self.model.sample.designs["instruments"].matrix.shape[1]
        excluded, block = (w.back @ pi)[-k:], (w.back @ covariance @ w.back.T)[-k:, -k:]
        statistic = float(excluded @ np.linalg.solve(block, excluded))
        return chi_squared("instruments in the first stage", statistic, k, "robust")


class ControlFractional(SummedModel):
    """Fractional response model with a control function.

    The share of sales made abroad when a covariate has causes in common with it: firms that export much may do more R&D
    because they export. Instruments move the covariate and nothing else; the part of it that they and the other
    covariates leave unexplained stands for the common causes and enters as a control.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Shares between 0 and 1, both included.
    exog : array_like or data frame, shape (n, p)
        Covariates, the endogenous one among them; a constant is not added.
    endogenous : str
        Name of the endogenous covariate's column in the design; it should be continuous.
    instruments : array_like or str, shape (n, q)
        Instruments beside the other covariates (terms with a formula).
    link : {"probit", "logit", "cloglog", "loglog", "cauchit"}
        The function F of the mean.
    weights, frequency : array_like, shape (n,), optional
        Sampling weights; how many identical firms a row stands for.
    missing : {"drop", "raise"}
        What is done with incomplete rows.

    Raises
    ------
    OptionError
        If the endogenous covariate is no column of the design, or there are no instruments.
    OutcomeError
        If a share lies outside 0 and 1.

    Notes
    -----
    First step: least squares of the covariate on the other covariates and the instruments, with residual v. Second
    step: Bernoulli quasi-likelihood with mean F(x'b + r v), r under `[control]`. Standard errors count the first step:
    the scores of both are stacked; the bootstrap repeats both. `effects()` hold each firm's v and so average over the
    common causes; predictions for new rows are those of a firm with v = 0.

    References
    ----------
    .. [1] Wooldridge, J. M. (2014). Quasi-maximum likelihood estimation and testing for nonlinear models with
       endogenous explanatory variables. Journal of Econometrics 182, 226-234.
    .. [2] Murphy, K. M. and Topel, R. H. (1985). Estimation and inference in two-step econometric models. Journal of
       Business and Economic Statistics 3, 370-379.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from exportmodels.share import ControlFractional
    >>> rng = np.random.default_rng(5)
    >>> firms = pd.DataFrame({"subsidy": rng.normal(size=1000)})
    >>> unseen = rng.normal(size=1000)
    >>> firms["rd"] = firms["subsidy"] + unseen + rng.normal(size=1000)
    >>> firms["share"] = 1 / (1 + np.exp(0.5 - 0.4 * firms["rd"] - unseen))
    >>> model = ControlFractional.from_formula("share ~ rd", firms, endogenous="rd", instruments="subsidy")
    >>> results = model.fit()
    >>> print(results.params.round(3).to_string())
    Intercept      -0.245
    rd              0.205
    [control] rd    0.270
    >>> print(results.exogeneity_test())
    Wald test of [control] rd = 0: chi2(1) = 195.8972, p = 1.641e-44
    """

    kind = Share()
    equations = {"instruments": "instruments"}
    column_options = ("frequency", "weights")
    anchored = ("instruments",)
    default_covariance = "robust"
    variants = ({}, {"link": "cloglog"})
    results_class = ControlResults

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        endogenous: str,
        instruments: Any,
        link: str = "probit",
        weights: Any = None,
        frequency: Any = None,
        missing: str = "drop",
    ):
        self.link, self.endogenous = link, endogenous
        self._link = choose("link", link, LINKS)
        if instruments is None:
            raise OptionError("a control function needs instruments=: what moves the covariate and nothing else")
        super().__init__(
            outcome,
            exog,
            equations={"instruments": instruments},
            weights=weights,
            frequency=frequency,
            missing=missing,
        )
        names = self.sample.designs[""].names
        if endogenous not in names:
            raise OptionError(f"endogenous={endogenous!r} is no column of the design; it has: {', '.join(names)}")
        self.sample = self._controlled(self.sample)
        self.refuse_collinear()

    @property
    def title(self) -> str:
        """The first line of the summary."""
        return f"Fractional response model with a control function ({self.link}, {self.endogenous} endogenous)"

    @property
    def family(self) -> Summed:
        """The Bernoulli family of the covariates and the control."""
        return Summed(self._link, "control")

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The mean share."""
        return {"mean": mean_share(self, self.family)}

    def first_step(self, sample: Sample) -> tuple[Standardized, np.ndarray, np.ndarray, np.ndarray]:
        """Return the first step's regressors, coefficients of their standardized columns, residuals, and weights."""
        design, instruments = sample.designs[""], sample.designs["instruments"].matrix
        place = design.names.index(self.endogenous)
        columns = pd.DataFrame(np.column_stack([np.delete(design.matrix, place, axis=1), instruments]))
        w = build_design(columns, sample.labels, where="first step").standardized  # refuses collinear instruments
        weight = np.ones(len(columns)) if sample.total_weight is None else sample.total_weight
        moved, root = design.matrix[:, place], np.sqrt(weight)
        pi = np.linalg.lstsq(w.matrix * root[:, None], moved * root, rcond=None)[0]
        left = moved - w.matrix @ pi
        if left.std() < _NOTHING_LEFT * moved.std():
            raise DataError(
                f"covariates and instruments explain {self.endogenous!r} to its last digits, so that nothing of it is "
                "endogenous; leave out a covariate that nearly repeats it, or fit Fractional"
            )
        return w, pi, left, weight

    def _controlled(self, sample: Sample) -> Sample:
        control = Design(self.first_step(sample)[2][:, None], (self.endogenous,), None, anchored=True)
        return replace(sample, designs={**sample.designs, "control": control})

    def covariates(self) -> pd.DataFrame:
        """Return the variables behind the covariates, instruments and control left out."""
        return self.sample.designs[""].variables(self.sample.labels)

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return covariates and control; the used rows keep their control, new ones have none."""
        own, control = self.sample.designs[""], self.sample.designs["control"].matrix
        if newdata is None:
            return [own.matrix, control]
        matrix = own.rebuild(newdata)
        used = self.sample.places(newdata)
        return [matrix, np.zeros((len(matrix), 1)) if used is None else control[used]]

    def problem(self, sample: Sample) -> Problem:
        """Solve both steps."""
        sample = self._controlled(sample)
        second = super().problem(sample)
        maximum = super().solve(second, second.start)
        super().examine(maximum, second)
        control = float(second.back[-1] @ maximum.theta)
        regressors, _, residual, weight = self.first_step(sample)
        w, x = regressors.matrix, self.rows_objective(sample)[1][0].matrix
        first, bend = self.family.whole.derivatives(sample.outcome, (x @ maximum.theta)[None])
        bread, gram = inverse(maximum.information), weighted_gram(w, w, weight)
        # the first step moves the mean, and the control's part of every column
        through = -control * weighted_gram(x, w, weight * bend[0, 0])
        through -= np.outer(second.back[-1], (weight * first[0]) @ w)
        through = bread @ through @ inverse(gram)
        influence = (x * first[0][:, None]) @ bread + (w * residual[:, None]) @ through.T
        spread = float(weight @ residual**2 / weight.sum())
        solved = Solved(maximum.theta, influence, bread + spread * through @ gram @ through.T)
        return replace(solved.problem(), back=second.back)

    def solve(self, problem: Problem, start: np.ndarray, max_iter: int = 100) -> Maximum:
        """Return the solution of both steps, which has no likelihood."""
        return replace(super().solve(problem, start, max_iter), loglike=np.nan)
