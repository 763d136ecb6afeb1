"""Tests of the independence of irrelevant alternatives: do the others still decide alike when some are taken away."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.covariance import inverse
from ..core.errors import OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.options import checked
from ..core.results import Results
from .conditional import ConditionalLogit
from .multinomial import MultinomialLogit


@checked
def iia_test(results: Results, drop: str | Sequence[str], method: str = "robust") -> Test:
    """Test whether the odds among the remaining alternatives change when some are left out.

    Parameters
    ----------
    results : Results
        A fit of `MultinomialLogit`, or of `ConditionalLogit` with `alternative=` given.
    drop : str or sequence of str
        Levels or alternatives to leave out, the choosers of them with them.
    method : {"robust", "hausman"}
        How the covariance of the difference is found: from the firms' contributions to both estimates, which is always
        positive semidefinite and allows for misspecification [2]_; or as the difference of the two covariances [1]_.

    Returns
    -------
    Test
        Chi-squared, with as many degrees of freedom as there are coefficients in both fits.

    Raises
    ------
    OptionError
        If the alternatives are unknown, one is the base, fewer than two remain, or the difference of the two
        covariances is not positive definite (the classical statistic then has no distribution).

    Notes
    -----
    Both estimates use the same choices, so some of their differences vary very little, and the robust covariance
    overstates such small variances in samples of a few thousand: the test then rejects less often than its level says.
    `NestedLogit` tests against a named alternative, and has more power.

    References
    ----------
    .. [1] Hausman, J. and McFadden, D. (1984). Specification tests for the multinomial logit model. Econometrica 52,
       1219-1240.
    .. [2] Weesie, J. (1999). Seemingly unrelated estimation and the cluster-adjusted sandwich estimator. Stata
       Technical Bulletin 52, 34-47.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import MultinomialLogit, iia_test
    >>> firms = pd.DataFrame({"mode": list("abc") * 3, "rd": [0] * 3 + [2] * 3 + [5] * 3})
    >>> firms["n"] = [20, 30, 25, 40, 15, 30, 25, 14, 8]
    >>> print(iia_test(MultinomialLogit.from_formula("mode ~ rd", firms, frequency="n").fit(), drop="c"))
    independence of c: chi2(2) = 1.3449, p = 0.5104
    """
    gone = [drop] if isinstance(drop, str) else list(drop)
    if method not in ("robust", "hausman"):
        raise OptionError(f"method must be 'robust' or 'hausman', not {method!r}")
    model = results.model
    if isinstance(model, MultinomialLogit) and model.penalty is None:
        restricted = _without_levels(model, gone)
    elif isinstance(model, ConditionalLogit) and "alternative" in model.sample.columns:
        restricted = _without_alternatives(model, gone)
    else:
        raise OptionError("the test is of MultinomialLogit (no penalty) or of ConditionalLogit with alternative= given")
    names = [name for name in results.params.index if name in restricted.params.index]
    gap = (restricted.params - results.params)[names].to_numpy()
    if method == "robust":
        difference = _influence(restricted)[names].sub(_influence(results)[names], fill_value=0.0).to_numpy()
        covariance = difference.T @ difference
    else:
        covariance = (_model_based(restricted) - _model_based(results)).loc[names, names].to_numpy()
    scale = np.sqrt(np.abs(np.diag(covariance)))
    unit = np.where(scale > 0, scale, 1.0)  # so that no covariate's unit decides which directions are rounding
    covariance, gap = covariance / np.outer(unit, unit), gap / unit
    if method == "hausman" and np.linalg.eigvalsh(covariance)[0] <= 0:
        raise OptionError(
            "the difference of the two covariances is not positive definite, so the Hausman-McFadden statistic has "
            "no distribution here; use method='robust'"
        )
    statistic = float(gap @ np.linalg.pinv(covariance, hermitian=True) @ gap)
    return chi_squared(f"independence of {', '.join(gone)}", statistic, len(gap))


def _check(gone: list[str], known: Sequence[str]) -> None:
    unknown = [name for name in gone if name not in known]
    if unknown:
        raise OptionError(f"{unknown[0]!r} is no alternative; there are: {', '.join(known)}")
    if len(set(known) - set(gone)) < 2:
        raise OptionError("two alternatives at least must remain")


def _options(model: MultinomialLogit | ConditionalLogit, kept: np.ndarray) -> dict[str, np.ndarray | None]:
    sample = model.sample
    columns = {"weights": sample.weights, "frequency": sample.frequency}
    return {name: None if values is None else values[kept] for name, values in columns.items()}


def _without_levels(model: MultinomialLogit, gone: list[str]) -> Results:
    _check(gone, model.levels)
    if model.levels[0] in gone:
        raise OptionError(f"{model.levels[0]!r} is the base, with which the others are compared; drop another level")
    sample, design = model.sample, model.sample.designs[""]
    level = np.array(model.levels, dtype=object)[sample.outcome.astype(int)]
    kept = ~np.isin(level.astype(str), gone)
    remaining = [name for name in model.levels if name not in gone]
    outcome = pd.Series(pd.Categorical(level[kept], remaining), index=sample.labels[kept], name=sample.name)
    exog = pd.DataFrame(design.matrix[kept], columns=list(design.names), index=sample.labels[kept])
    return MultinomialLogit(outcome, exog, **_options(model, kept)).fit()  # type: ignore[arg-type]


def _without_alternatives(model: ConditionalLogit, gone: list[str]) -> Results:
    _check(gone, model.alternatives.names)
    sample, design = model.sample, model.sample.designs[""]
    number = pd.factorize(sample.columns["choice_set"])[0]
    leaves = np.isin(sample.columns["alternative"].astype(str), gone)
    picks = np.bincount(number, sample.outcome * leaves)[number] > 0
    kept = ~leaves & ~picks
    matrix = design.matrix[kept]
    within = matrix - pd.DataFrame(matrix).groupby(number[kept]).transform("mean").to_numpy()
    varying = np.abs(within).max(axis=0) > 1e-12 * np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    exog = pd.DataFrame(matrix[:, varying], columns=np.array(design.names)[varying], index=sample.labels[kept])
    return ConditionalLogit(
        pd.Series(sample.outcome[kept], index=sample.labels[kept], name=sample.name),
        exog,
        choice_set=sample.columns["choice_set"][kept],
        offset=None if sample.offset is None else sample.offset[kept],
        **_options(model, kept),  # type: ignore[arg-type]
    ).fit()


def _bread(results: Results) -> tuple[np.ndarray, np.ndarray]:
    problem = results.model.problem(results.model.sample)
    return problem.back, inverse(results.certificate.information)


def _model_based(results: Results) -> pd.DataFrame:
    """Return the inverse information in the user's coordinates, whatever the covariance of the fit."""
    back, bread = _bread(results)
    names = list(results.params.index)
    return pd.DataFrame(back @ bread @ back.T, index=names, columns=names)


def _influence(results: Results) -> pd.DataFrame:
    """Return each firm's (or choice's) contribution to the estimate, one row a unit."""
    sample, (back, bread) = results.model.sample, _bread(results)
    scores = results.model.problem(sample).scores(results.certificate.theta)
    frequency = np.ones(len(scores)) if sample.frequency is None else sample.frequency
    weighted = scores if sample.weights is None else scores * sample.weights[:, None]
    influence = pd.DataFrame(
        (weighted * np.sqrt(frequency)[:, None]) @ bread @ back.T, index=sample.labels, columns=results.params.index
    )
    unit = sample.columns.get("choice_set")
    return influence if unit is None else influence.groupby(unit).sum()
