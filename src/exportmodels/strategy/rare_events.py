"""Logit for rare events: estimates corrected for bias, and for yeses that were sampled more often than they occur."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit

from ..core.errors import OptionError
from ..core.newton import Maximum
from ..core.problem import Problem
from ..core.sample import Sample
from .binary import BinaryModel


class RareEventsLogit(BinaryModel):
    """Logit model for rare events.

    For samples in which few firms do what is modelled, and for samples of all firms that do and some that do not:
    maximum-likelihood estimates are corrected for their bias, and the intercept for the share of yeses in the
    population.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 and 1, booleans, or a column of two levels, of which the second is the event.
    exog : array_like or data frame, shape (n, p)
        Covariates; a constant is not added.
    share : float, optional
        Share of yeses in the population, where the sample was drawn by the outcome.
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
    SeparationError
        If a combination of covariates predicts the outcome perfectly; the message names the columns.
    OptionError
        If the share does not lie strictly between 0 and 1, or there is no intercept to correct by it.

    See Also
    --------
    FirthLogit : Removes the same bias before it arises, and has an estimate on separated data too.

    Notes
    -----
    With the maximum-likelihood estimate b, p_i its probabilities, W = diag(p_i (1 - p_i)) and h_i the leverages, the
    bias is::

        (X'WX)^-1 X'W xi,    xi_i = Q_ii (p_i - 1/2),    Q = X (X'WX)^-1 X'

    and the covariance of b is multiplied by (n / (n + k))^2 [1]_. With the population share tau and the sample share y,
    log( (1 - tau) / tau * y / (1 - y) ) is subtracted from the intercept. Likelihood, certificate and tests by
    likelihood ratio are those of b.

    There are no sampling weights: the bias is that of the likelihood of so many firms, and `share` corrects for a
    sample drawn by the outcome. For other weights use `FirthLogit` with robust errors.

    References
    ----------
    .. [1] King, G. and Zeng, L. (2001). Logistic regression in rare events data. Political Analysis 9, 137-163.

    Examples
    --------
    Ten of forty firms in the sample have a plant abroad, but only two in a hundred of the population:

    >>> import pandas as pd
    >>> from exportmodels.strategy import RareEventsLogit
    >>> firms = pd.DataFrame({"plant": [0, 1] * 2, "niche": [0, 0, 1, 1], "n": [18, 3, 12, 7]})
    >>> results = RareEventsLogit.from_formula("plant ~ niche", firms, frequency="n", share=0.02).fit()
    >>> print(results.params.round(4).to_string())
    Intercept   -4.4461
    niche        1.1436
    >>> print(results.predict(pd.DataFrame({"niche": [0, 1]})).round(4).to_list())
    [0.0116, 0.0355]
    """

    link = "logit"
    remedy = "strategy.FirthLogit (penalized) or strategy.ExactLogit (conditional)"
    column_options = ("frequency", "offset")
    variants: ClassVar = ({}, {"share": 0.5})

    def __init__(
        self,
        outcome: Any,
        exog: Any,
        *,
        share: float | None = None,
        frequency: Any = None,
        offset: Any = None,
        missing: str = "drop",
    ):
        if share is not None and not 0 < share < 1:
            raise OptionError(
                f"share must lie between 0 and 1, not {share}; it is the share of yeses in the population"
            )
        self.share = share
        super().__init__(outcome, exog, frequency=frequency, offset=offset, missing=missing)
        if share is not None and self.sample.designs[""].constant is None:
            raise OptionError("share= corrects the intercept, and the model has none")

    def problem(self, sample: Sample) -> Problem:
        """Return the likelihood, and what corrects its maximum."""
        plain = super().problem(sample)
        n, k = sample.nobs, len(self.param_names)

        def information(theta: np.ndarray) -> np.ndarray:
            return plain.objective.evaluate(theta)[2] * ((n + k) / n) ** 2

        return replace(plain, information=information, corrected=lambda own: self._corrected(own, sample))

    def _corrected(self, own: np.ndarray, sample: Sample) -> np.ndarray:
        """Return maximum-likelihood estimates less their bias, the intercept moved to the population."""
        design = sample.designs[""]
        x, back = design.standardized.matrix, design.standardized.back
        weight = np.ones(len(sample.labels)) if sample.frequency is None else sample.frequency
        p = expit(design.matrix @ own + (0.0 if sample.offset is None else sample.offset))
        v = weight * p * (1 - p)
        inverse = np.linalg.inv(x.T @ (x * v[:, None]))
        spread = np.einsum("ij,ij->i", x @ inverse, x)
        estimate = own - back @ inverse @ (x.T @ (v * spread * (p - 0.5)))
        if self.share is not None:
            here = float(np.average(sample.outcome, weights=weight))
            constant = int(design.constant or 0)
            over = np.log((1 - self.share) / self.share * here / (1 - here))
            estimate[constant] -= over / design.matrix[0, constant]
        return estimate

    def notes(self, maximum: Maximum) -> list[str]:
        """Say what was corrected, and how few events there are."""
        notes = ["estimates are corrected for bias; the log-likelihood is that of maximum likelihood"]
        if self.share is not None:
            notes.append(f"probabilities are those of a population in which {self.share:g} of the firms say yes")
        return [*notes, *super().notes(maximum)]
