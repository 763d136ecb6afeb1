"""Likelihood-ratio tests of parameters on the edge of what they can be: no frailty, no rounders, no immunes."""

import numpy as np
from scipy.special import chdtrc

from ..core.errors import OptionError
from ..core.frames import matrix_of
from ..core.hypotheses import Test
from ..core.options import at_least, checked


@checked
def boundary_test(
    name: str, statistic: float, covariance: np.ndarray | None = None, *, draws: int = 20_000, seed: int = 0
) -> Test:
    """Test that parameters which cannot be negative are zero.

    Parameters
    ----------
    name : str
        What is tested.
    statistic : float
        Twice the difference of the log-likelihoods.
    covariance : ndarray, shape (k, k), optional
        The asymptotic covariance of the k parameters, up to a factor, were they free to be negative; one parameter by
        default.
    draws, seed : int
        Of the simulation of the weights, for three parameters or more.

    Returns
    -------
    Test
        The statistic, its degrees of freedom (the largest of the mixture) and the p-value.

    Raises
    ------
    OptionError
        If the covariance is not positive definite.

    Notes
    -----
    Under the null the statistic is a mixture of chi-squared distributions with 0, 1, ..., k degrees of freedom
    (chi-bar-squared) [1]_. One parameter has weights of a half each; two have (1/4 - a, 1/2, 1/4 + a) with a the arc
    sine of their correlation over 2 pi.

    References
    ----------
    .. [1] Self, S. G. and Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood
       ratio tests under nonstandard conditions. Journal of the American Statistical Association 82, 605-610.

    Examples
    --------
    >>> from exportmodels.inference import boundary_test
    >>> print(boundary_test("no frailty", 2.706))
    no frailty: chi2(1) = 2.7060, p = 0.04999 (on the boundary: half of the null distribution is at zero)
    """
    covariance = np.eye(1) if covariance is None else np.atleast_2d(matrix_of(covariance, "covariance"))
    k = len(covariance)
    square = k > 0 and covariance.shape == (k, k) and np.isfinite(covariance).all()
    if (
        not square
        or np.abs(covariance - covariance.T).max() > 1e-6 * np.abs(covariance).max()
        or np.linalg.eigvalsh(covariance)[0] <= 0
    ):
        raise OptionError("the covariance of the tested parameters must be positive definite")
    weights = _weights(covariance, at_least("draws", draws, 1), at_least("seed", seed, 0))
    if np.isnan(statistic):
        raise OptionError("the statistic is not known: it must be a number")
    statistic = max(float(statistic), 0.0)
    df = np.arange(1, len(weights))
    pvalue = float(weights[1:] @ chdtrc(df, statistic)) if statistic > 0 else 1.0
    share = "half" if len(weights) == 2 else f"{weights[0]:.0%}"
    return Test(
        name, statistic, len(covariance), pvalue, f"on the boundary: {share} of the null distribution is at zero"
    )


def _weights(covariance: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return the chances that 0, 1, ..., k coordinates of the projected normal vector are positive."""
    k = len(covariance)
    if k == 1:
        return np.array([0.5, 0.5])
    if k == 2:
        angle = np.arcsin(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])) / (2 * np.pi)
        return np.array([0.25 - angle, 0.5, 0.25 + angle])
    from scipy.optimize import nnls

    root = np.linalg.cholesky(np.linalg.inv(covariance)).T
    normal = np.random.default_rng(seed).standard_normal((draws, k))
    positive = [int((nnls(root, z)[0] > 0).sum()) for z in normal]
    return np.bincount(positive, minlength=k + 1) / draws
