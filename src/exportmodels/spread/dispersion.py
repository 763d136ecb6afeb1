"""Whether counts vary more than Poisson, and how well a count model fits each count."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ..core.errors import ConvergenceError, OptionError
from ..core.options import checked
from ..core.results import Results
from ..inference.boundary import boundary_test
from .counts import CountModel
from .negative_binomial import NegativeBinomial
from .poisson import Poisson
from .zero_truncated import ZeroTruncated


@checked
def dispersion_tests(results: Results) -> pd.DataFrame:
    """Test a Poisson fit, or a zero-truncated one, against over-dispersion.

    Parameters
    ----------
    results : Results
        A fit of `Poisson`, or of `ZeroTruncated` with dist="poisson", to exact counts, without sampling weights.

    Returns
    -------
    DataFrame
        statistic and p, one row a test: the two regression tests, against variance m (1 + a) and m + a m^2; the score
        test and the likelihood-ratio test against NB2. All are one-sided: large values speak for over-dispersion. The
        last statistic is chi-squared with half of its null distribution at zero, the others are standard normal. Of
        truncated counts there is the likelihood ratio alone.

    Raises
    ------
    OptionError
        If the fit is no Poisson fit to exact counts.

    Notes
    -----
    The regression tests [1]_ regress ((y - m)^2 - y) / m on a constant, or on m, without weights for its variance but
    with errors robust to it. The score test [2]_ is sum((y - m)^2 - y) / sqrt(2 sum m^2).

    References
    ----------
    .. [1] Cameron, A. C. and Trivedi, P. K. (1990). Regression-based tests for overdispersion in the Poisson model.
       Journal of Econometrics 46, 347-364.
    .. [2] Dean, C. and Lawless, J. F. (1989). Tests for detecting overdispersion in Poisson regression models. Journal
       of the American Statistical Association 84, 467-472.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.spread import Poisson, dispersion_tests
    >>> firms = pd.DataFrame({"countries": [0, 1, 30, 2, 5, 1, 60, 12, 0, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> print(dispersion_tests(Poisson.from_formula("countries ~ niche", firms).fit()).round(4).to_string())
                                    statistic       p
    regression, variance m (1 + a)     1.7351  0.0414
    regression, variance m + a m^2     1.8117  0.0350
    score, NB2                        12.4315  0.0000
    likelihood ratio, NB2             26.1350  0.0000
    """
    model = results.model
    truncated = isinstance(model, ZeroTruncated) and model.dist == "poisson"
    if not isinstance(model, CountModel) or not (truncated or isinstance(model, Poisson)) or not _exact(model):
        raise OptionError(
            "dispersion_tests takes a fit of spread.Poisson, or of spread.ZeroTruncated with dist='poisson', to exact "
            "counts without a ceiling"
        )
    if model.sample.weights is not None:
        raise OptionError("with sampling weights there is no likelihood to test; use robust errors")
    rows = {} if truncated else _whole_counts(results)
    rows["likelihood ratio, NB2"] = _likelihood_ratio(results)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["statistic", "p"])


def _exact(model: CountModel) -> bool:
    return model.observed(model.sample).ndim == 1 and model.at_most is None


def _whole_counts(results: Results) -> dict[str, tuple[float, float]]:
    """Return the tests that rest on mean and variance of Poisson counts."""
    model = results.model
    y, mu = model.sample.outcome, results.predict().to_numpy()
    weight = np.ones(len(y)) if model.sample.frequency is None else model.sample.frequency
    score = (weight @ ((y - mu) ** 2 - y)) / np.sqrt(2 * weight @ mu**2)
    return {
        "regression, variance m (1 + a)": _normal(_regression(y, mu, np.ones_like(mu), weight)),
        "regression, variance m + a m^2": _normal(_regression(y, mu, mu, weight)),
        "score, NB2": _normal(score),
    }


def _normal(statistic: float) -> tuple[float, float]:
    return float(statistic), float(ndtr(-statistic))


def _regression(y: np.ndarray, mu: np.ndarray, on: np.ndarray, weight: np.ndarray) -> float:
    excess = ((y - mu) ** 2 - y) / mu
    slope = (weight @ (on * excess)) / (weight @ on**2)
    spread = np.sqrt(weight @ (on * (excess - slope * on)) ** 2)
    return float(slope * (weight @ on**2) / spread)


def _likelihood_ratio(results: Results) -> tuple[float, float]:
    sample = results.model.sample
    wide = ZeroTruncated if isinstance(results.model, ZeroTruncated) else NegativeBinomial
    try:
        wider = wide(sample.outcome, sample.designs[""].matrix, frequency=sample.frequency, offset=sample.offset).fit()
    except ConvergenceError:  # no over-dispersion: the two likelihoods are the same
        return 0.0, 1.0
    test = boundary_test("no over-dispersion", 2 * (wider.llf - results.llf))
    return test.statistic, test.pvalue


@checked
def rootogram(results: Results, most: int | None = None, ax: Any = None) -> Any:
    """Draw how many firms have each count, hanging from how many the model expects.

    Parameters
    ----------
    results : Results
        A fit of a count model to exact counts.
    most : int, optional
        The largest count that is drawn; by default the 98th percentile of the counts, at most 60.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        Bars hang from the curve of expected frequencies, in square roots; a bar that does not reach zero shows too few
        firms, one that goes below it too many.

    Raises
    ------
    OptionError
        If the fit is not of a count model, or counts are known in brackets only.

    References
    ----------
    .. [1] Kleiber, C. and Zeileis, A. (2016). Visualizing count data regressions using rootograms. The American
       Statistician 70, 296-303.
    """
    import matplotlib.pyplot as plt

    counts, observed, expected = frequencies(results, most)
    ax = plt.subplots(figsize=(6, 3.6))[1] if ax is None else ax
    top = np.sqrt(expected)
    ax.bar(counts, np.sqrt(observed), bottom=top - np.sqrt(observed), width=0.85, color="0.75", edgecolor="0.35")
    ax.plot(counts, top, color="black", marker="o", markersize=3.5, linewidth=1.2, label="expected")
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set_xlabel(results.model.endog_names)
    ax.set_ylabel("square root of number of firms")
    ax.legend(frameon=False)
    return ax


def frequencies(results: Results, most: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts, how many firms have each, and how many the model expects; weights count."""
    model = results.model
    if not isinstance(model, CountModel) or model.observed(model.sample).ndim > 1:
        raise OptionError("this takes a fit of a count model to exact counts")
    y, family = model.sample.outcome, model.family
    weight = model.sample.total_weight
    weight = np.ones(len(y)) if weight is None else weight
    most = int(min(np.quantile(y, 0.98), 60)) if most is None else most
    counts = np.arange(family.least, most + 1)
    eta = model.predictors(results.params.to_numpy(), model.design_matrices())
    observed = np.array([weight[y == k].sum() for k in counts])
    return counts, observed, np.array([weight @ family.probability(int(k), eta) for k in counts])
