"""Brant's test: are the effects of an ordered model the same at all thresholds."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..core.errors import OptionError
from ..core.links import LINKS
from ..core.options import checked
from ..core.results import Results
from .logit import Logit
from .ordered import OrderedModel
from .probit import Probit

_BINARY: dict[str, Any] = {"logit": Logit, "probit": Probit}


@checked
def brant_test(results: Results) -> pd.DataFrame:
    """Test the parallel effects of an ordered model, all together and covariate by covariate.

    One binary model a threshold (more than level j, or not) is fitted, and their coefficients are compared.

    Parameters
    ----------
    results : Results
        A fit of `OrderedLogit` or `OrderedProbit` without `nonparallel` covariates.

    Returns
    -------
    DataFrame
        chi2, df and p; the first row, "all", tests all covariates together.

    Raises
    ------
    SeparationError
        If a covariate predicts perfectly whether firms are above some level; see `nonparallel` and a likelihood-ratio
        test instead.
    OptionError
        If the fit is of another model, has effects that are not parallel, sampling weights, or two levels only.

    Notes
    -----
    With W_jl = diag(d_j d_l cov_jl), d = f / (F (1 - F)) and cov_jl = P(y > l) P(y <= j) for j <= l, the covariance of
    the binary estimates b_j and b_l is (X'W_jj X)^-1 (X'W_jl X) (X'W_ll X)^-1 [1]_; the test is Wald's of b_1 = ... =
    b_(J-1).

    References
    ----------
    .. [1] Brant, R. (1990). Assessing proportionality in the proportional odds model for ordinal logistic regression.
       Biometrics 46, 1171-1178.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.strategy import OrderedLogit, brant_test
    >>> firms = pd.DataFrame({"scale": [1, 2, 3] * 2, "niche": [0] * 3 + [1] * 3, "firms": [9, 6, 4, 2, 6, 9]})
    >>> print(brant_test(OrderedLogit.from_formula("scale ~ niche", firms, frequency="firms").fit()).round(3))
            chi2  df      p
    all    0.278   1  0.598
    niche  0.278   1  0.598
    """
    model = results.model
    if not isinstance(model, OrderedModel) or "cut" in model.sample.designs:
        raise OptionError("Brant's test is of an ordered model without nonparallel= covariates")
    if model.sample.weights is not None:
        raise OptionError("Brant's test knows no sampling weights; fit with nonparallel= and use wald_test")
    if len(model.levels) < 3:
        raise OptionError("with two levels there is one threshold, and nothing to compare")
    slopes, covariance = _binary_slopes(model)
    names = list(model.sample.designs[""].names)
    rows = {"all": _equal(slopes, covariance, list(range(len(names))))}
    rows |= {name: _equal(slopes, covariance, [j]) for j, name in enumerate(names)}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["chi2", "df"])
    return table.astype({"df": int}).assign(p=chdtrc(table["df"], table["chi2"]))


def _binary_slopes(model: OrderedModel) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes of the binary models (J - 1, p) and their joint covariance ((J - 1) p, (J - 1) p)."""
    level, design = model.sample.outcome, model.sample.designs[""]
    x = pd.DataFrame(np.c_[np.ones(len(level)), design.matrix], columns=["Intercept", *design.names])
    link, frequency = LINKS[model.link], model.sample.frequency
    count = np.ones(len(level)) if frequency is None else frequency
    slopes, influence, above = [], [], []
    for j, cut in enumerate(model.levels[:-1]):
        outcome = pd.Series((level > j).astype(float), name=f"{model.endog_names} above {cut}")
        fit = _BINARY[model.link](outcome, x, frequency=frequency).fit()
        eta = x.to_numpy() @ fit.params.to_numpy()
        (yes, no), (yes_slope, *_) = link.logs(eta), link.slopes(eta)
        pull = yes_slope / np.exp(no)  # f / (F (1 - F))
        p = np.exp(yes)
        own = x.to_numpy() * pull[:, None]
        bread = np.linalg.inv((own * (count * p * np.exp(no))[:, None]).T @ own)
        slopes.append(fit.params.to_numpy()[1:])
        influence.append(own @ bread)
        above.append((p, np.exp(no)))
    blocks = [
        [
            ((influence[j] * (count * above[max(j, k)][0] * above[min(j, k)][1])[:, None]).T @ influence[k])[1:, 1:]
            for k in range(len(slopes))
        ]
        for j in range(len(slopes))
    ]
    return np.array(slopes), np.block(blocks)


def _equal(slopes: np.ndarray, covariance: np.ndarray, chosen: list[int]) -> tuple[float, int]:
    """Return Wald's statistic of the chosen slopes being the same at all thresholds, and its degrees of freedom."""
    cuts, p = slopes.shape
    differences = np.hstack([-np.ones((cuts - 1, 1)), np.eye(cuts - 1)])
    contrast = np.kron(differences, np.eye(p)[chosen])
    gap = contrast @ slopes.ravel()
    return float(gap @ np.linalg.solve(contrast @ covariance @ contrast.T, gap)), len(gap)
