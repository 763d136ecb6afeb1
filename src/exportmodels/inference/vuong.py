"""Vuong's comparison of two models that are not nested, with the distribution that it has."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ..core.errors import OptionError
from ..core.family_model import FamilyModel
from ..core.options import checked
from ..core.results import Results

# Points of the numerical inversion; the sum is good to six digits for three weights or more.
_POINTS = 200_000


@checked
def vuong_test(first: Results, second: Results) -> pd.DataFrame:
    """Compare two fits of different likelihoods to the same firms.

    Parameters
    ----------
    first, second : Results
        Fits without sampling weights; neither a special case of the other.

    Returns
    -------
    DataFrame
        statistic and p of: "distinguishable" (can the data tell the models apart at all), and the comparison itself
        "plain", "corrected (AIC)" and "corrected (BIC)". Positive statistics speak for the first model; p is two-sided.

    Raises
    ------
    OptionError
        If the fits are not on the same firms or of the same outcome, are the same, have sampling weights, or have no
        likelihood by rows; if one family of counts contains the other.

    Notes
    -----
    With d_i the difference of the two log-likelihoods of firm i, the comparison is sum(d) / (sqrt(n) sd(d)), standard
    normal if the models are equally far from the truth *and* distinguishable [1]_. If n var(d) is no larger than its
    own null distribution, a weighted sum of chi-squared ones, allows, they are not distinguishable and the comparison
    says nothing. A zero-inflated model against the one without inflation is nested, on the boundary, and not for this
    test [2]_: see `boundary_test`.

    References
    ----------
    .. [1] Vuong, Q. H. (1989). Likelihood ratio tests for model selection and non-nested hypotheses. Econometrica 57,
       307-333.
    .. [2] Wilson, P. (2015). The misuse of the Vuong test for non-nested models to test for zero-inflation. Economics
       Letters 127, 51-53.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.inference import vuong_test
    >>> from exportmodels.spread import NegativeBinomial, Poisson
    >>> firms = pd.DataFrame({"countries": [0, 1, 30, 2, 5, 1, 60, 12, 0, 25], "niche": [0, 0, 1, 0, 0, 0, 1, 1, 0, 1]})
    >>> fits = [NegativeBinomial.from_formula("countries ~ niche", firms, form=form).fit() for form in ("nb1", "nb2")]
    >>> print(vuong_test(*fits).round(3).to_string())
                     statistic      p
    distinguishable      1.951  0.361
    plain               -0.593  0.553
    corrected (AIC)     -0.593  0.553
    corrected (BIC)     -0.593  0.553
    """
    models = [_model(fit) for fit in (first, second)]
    rows = [model.loglike_rows(fit.params.to_numpy()) for model, fit in zip(models, (first, second), strict=True)]
    if len(rows[0]) != len(rows[1]) or not np.array_equal(first.model.sample.labels, second.model.sample.labels):
        raise OptionError("the two fits must be on the same firms, in the same order")
    if not np.array_equal(first.model.sample.outcome, second.model.sample.outcome):
        raise OptionError("the two fits must be of the same outcome: likelihoods of different ones cannot be compared")
    _refuse_nested(*models)
    frequency = first.model.sample.frequency
    weight = np.ones(len(rows[0])) if frequency is None else frequency
    n, gap = weight.sum(), rows[0] - rows[1]
    total = weight @ gap
    variance = weight @ (gap - total / n) ** 2 / n
    if variance == 0:
        raise OptionError("the two fits have the same likelihood for every firm: there is nothing to compare")
    extra = len(first.params) - len(second.params)
    corrections = {"plain": 0.0, "corrected (AIC)": extra, "corrected (BIC)": extra * np.log(n) / 2}
    found = {"distinguishable": (n * variance, _weighted_tail(n * variance, _weights(first, second, weight) ** 2))}
    for name, correction in corrections.items():
        z = (total - correction) / np.sqrt(n * variance)
        found[name] = (z, 2 * ndtr(-abs(z)))
    return pd.DataFrame.from_dict(found, orient="index", columns=["statistic", "p"])


def _refuse_nested(first: FamilyModel, second: FamilyModel) -> None:
    for wide, narrow in ((first, second), (second, first)):
        beyond = wide.beyond(narrow)
        if beyond:
            raise OptionError(
                f"{type(wide).__name__} contains {type(narrow).__name__}, which has no "
                f"{' and '.join(f'[{name}]' for name in beyond)}: nested models are not for Vuong's test; use lr_test, "
                "which knows the edge"
            )


def _model(fit: Results) -> FamilyModel:
    if not isinstance(fit.model, FamilyModel) or np.isnan(fit.llf):
        raise OptionError(f"{type(fit.model).__name__} has no log-likelihood by firms")
    if fit.model.sample.weights is not None:
        raise OptionError("with sampling weights the likelihoods are pseudo-likelihoods and cannot be compared")
    return fit.model


def _weights(first: Results, second: Results, weight: np.ndarray) -> np.ndarray:
    """Return the eigenvalues that weigh the chi-squared distributions of the difference."""
    scores, breads = [], []
    for fit in (first, second):
        theta = fit.certificate.theta
        scores.append(fit.model.problem(fit.model.sample).scores(theta))
        breads.append(np.linalg.inv(fit.certificate.information))
    f, g = scores
    own, other, cross = f.T @ (f * weight[:, None]), g.T @ (g * weight[:, None]), f.T @ (g * weight[:, None])
    matrix = np.block([[own @ breads[0], cross @ breads[1]], [-cross.T @ breads[0], -other @ breads[1]]])
    return np.linalg.eigvals(matrix).real


def _weighted_tail(value: float, weights: np.ndarray) -> float:
    """Return the chance that a weighted sum of chi-squared variables exceeds a value, by inversion of Gil-Pelaez."""
    largest = weights.max()
    weights, value = weights[weights > 1e-10 * largest] / largest, value / largest
    reach = value + weights.sum() + 20 * np.sqrt(2 * weights @ weights) + 40
    u = (np.arange(_POINTS) + 0.5) * np.pi / reach
    angle, size = -0.5 * value * u, np.ones(_POINTS)
    for weight in weights:
        angle += 0.5 * np.arctan(weight * u)
        size *= (1 + (weight * u) ** 2) ** 0.25
    area = (np.sin(angle) / (u * size)).sum() * np.pi / reach
    return float(np.clip(0.5 + area / np.pi, 0.0, 1.0))
