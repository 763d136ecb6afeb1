"""Diagnostics of binary models: goodness of fit, the link, and firms that the fit hangs on."""

from copy import copy
from dataclasses import replace

import numpy as np
import pandas as pd

from ..core.design import build_design
from ..core.errors import OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.options import checked
from ..core.results import Results
from .binary import BinaryModel
from .jeffreys import CURVATURES

# Identical firms have the same probability to so many decimals.
_DECIMALS = 13


def binary_fit(results: Results) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, probability and number of firms of each row of a binary fit; refuse other models and weights."""
    model = results.model
    if not isinstance(model, BinaryModel):
        raise OptionError(f"this is for binary models, not {type(model).__name__}")
    if model.sample.weights is not None:
        raise OptionError("this rests on counts of firms, and knows no sampling weights")
    frequency = model.sample.frequency
    count = np.ones(len(model.sample.labels)) if frequency is None else frequency
    return model.sample.outcome, results.predict().to_numpy().round(_DECIMALS), count


def risk_groups(probability: np.ndarray, count: np.ndarray, groups: int) -> np.ndarray:
    """Return the group of each row by quantiles of its probability, equal probabilities together."""
    if groups < 3:
        raise OptionError(f"groups must be at least 3, not {groups}")
    every = np.repeat(probability, count.astype(int))
    groups = min(groups, 10 * len(every))  # that many ends divide all that can be divided
    ends = np.unique(np.quantile(every, np.linspace(0, 1, groups + 1)))
    return np.unique(np.searchsorted(ends[1:-1], probability), return_inverse=True)[1]


@checked
def hosmer_lemeshow(results: Results, groups: int = 10) -> Test:
    """Test whether yeses in groups of rising probability are as many as predicted.

    Parameters
    ----------
    results : Results
        A fit of a binary model.
    groups : int, default 10
        Number of groups, divided at quantiles of the fitted probabilities; fewer where many firms share one.

    Returns
    -------
    Test
        Chi-squared with two degrees of freedom less than there are groups.

    Raises
    ------
    OptionError
        If the model is not binary or weighted, or the probabilities make fewer than three groups.

    References
    ----------
    .. [1] Hosmer, D. W. and Lemeshow, S. (1980). Goodness of fit tests for the multiple logistic regression model.
       Communications in Statistics A9, 1043-1069.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from exportmodels.strategy import Logit, hosmer_lemeshow
    >>> firm = np.arange(40)
    >>> firms = pd.DataFrame({"rd": firm % 20, "global": (firm * 7 % 11 < firm % 9).astype(int)})
    >>> print(hosmer_lemeshow(Logit.from_formula("Q('global') ~ rd", firms).fit(), groups=5))
    Hosmer-Lemeshow test: chi2(3) = 5.2500, p = 0.1544 (5 groups)
    """
    outcome, probability, count = binary_fit(results)
    group = risk_groups(probability, count, groups)
    firms, yes, expected = (np.bincount(group, count * part) for part in (1.0, outcome, probability))
    if len(firms) < 3:
        raise OptionError(f"the fitted probabilities make only {len(firms)} groups; the test needs three or more")
    statistic = ((yes - expected) ** 2 / (expected * (1 - expected / firms))).sum()
    few = f"; {int((expected < 1).sum())} groups expect less than one yes" if (expected < 1).any() else ""
    return chi_squared("Hosmer-Lemeshow test", statistic, len(firms) - 2, f"{len(firms)} groups{few}")


@checked
def link_test(results: Results) -> Test:
    """Test whether the square of the linear predictor adds anything, as it does where link or terms are wrong.

    Parameters
    ----------
    results : Results
        A fit of a binary model.

    Returns
    -------
    Test
        Wald's test of the squared predictor in a refit on the predictor and its square.

    References
    ----------
    .. [1] Pregibon, D. (1980). Goodness of link tests for generalized linear models. Applied Statistics 29, 15-24.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import Logit, link_test
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1] * 4, "rd": [0, 1, 1, 0, 2, 4, 3, 4] * 4})
    >>> print(link_test(Logit.from_formula("Q('global') ~ rd", firms).fit()))
    link test: chi2(1) = 0.5281, p = 0.4674 (coefficient of the squared predictor -0.24)
    """
    model = results.model
    if not isinstance(model, BinaryModel):
        raise OptionError(f"the link test is of binary models, not {type(model).__name__}")
    eta = model.predictors(results.params.to_numpy(), model.design_matrices())[0]
    terms = pd.DataFrame({"Intercept": 1.0, "predictor": eta, "squared": eta**2}, index=model.sample.labels)
    again = copy(model)
    again.__dict__.pop("separation", None)
    design = build_design(terms, model.sample.labels)
    again.sample = replace(model.sample, designs={"": design}, offset=None)
    fit = again.fit()
    slope = float(fit.params["squared"])
    statistic = float((slope / fit.bse["squared"]) ** 2)
    return chi_squared("link test", statistic, 1, f"coefficient of the squared predictor {slope:.3g}")


@checked
def influence(results: Results) -> pd.DataFrame:
    """Return how much each firm bends the fit.

    Parameters
    ----------
    results : Results
        A fit of a binary model.

    Returns
    -------
    DataFrame
        One row a firm (or a group of identical firms, of which one is looked at): `probability`, `leverage`, `pearson`
        and `deviance` residuals, `cook` (Cook's distance), and `dfbeta x`, the change of each coefficient in standard
        errors when the firm joins the others.

    Notes
    -----
    Changes are those of one Newton step from the fit [1]_: with score residual s_i and leverage h_i they are
    I^-1 x_i s_i / (1 - h_i). Cook's distance is r_i^2 h_i / (p (1 - h_i)^2), with the Pearson residual r_i.

    References
    ----------
    .. [1] Pregibon, D. (1981). Logistic regression diagnostics. Annals of Statistics 9, 705-724.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import Logit, influence
    >>> firms = pd.DataFrame({"global": [0, 0, 1, 0, 1, 1, 0, 1], "rd": [0, 1, 1, 0, 2, 4, 3, 4]})
    >>> table = influence(Logit.from_formula("Q('global') ~ rd", firms).fit())
    >>> print(table[["leverage", "cook", "dfbeta rd"]].round(3).loc[[2, 6]])
       leverage   cook  dfbeta rd
    2     0.210  0.358     -0.407
    6     0.265  0.719     -0.822
    """
    outcome, probability, count = binary_fit(results)
    model: BinaryModel = results.model  # type: ignore[assignment]
    x = model.design_matrices()[0]
    eta = model.predictors(results.params.to_numpy(), [x])
    v = CURVATURES[model.link](eta[0])[0]
    inverse = np.linalg.inv(x.T @ (x * (count * v)[:, None]))
    leverage = v * np.einsum("ij,ij->i", x @ inverse, x)
    pearson = (outcome - probability) / np.sqrt(probability * (1 - probability))
    score = model.family.derivatives(outcome, eta)[0][0]
    changes = (x @ inverse) * (score / (1 - leverage))[:, None] / np.sqrt(np.diag(inverse))
    table = pd.DataFrame(
        {
            "probability": probability,
            "leverage": leverage,
            "pearson": pearson,
            "deviance": np.sign(outcome - probability) * np.sqrt(-2 * model.family.loglike(outcome, eta)),
            "cook": pearson**2 * leverage / (x.shape[1] * (1 - leverage) ** 2),
        },
        index=model.sample.labels,
    )
    return table.join(pd.DataFrame(changes, table.index, [f"dfbeta {name}" for name in model.param_names]))
