"""The score bootstrap: tests with few clusters for models that are too slow, or too fragile, to refit."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.covariance import cluster_sums, several
from ..core.errors import DataError, OptionError
from ..core.hypotheses import restrictions
from ..core.newton import maximize
from ..core.options import at_least, checked
from ..core.problem import problem_of
from ..core.profile import Constrained
from ..core.results import Results

# Six-point weights of Webb, better than signs where there are fewer than about ten clusters.
_WEBB = np.sqrt([0.5, 1.0, 1.5])


@dataclass(frozen=True)
class ScoreBootstrap:
    """Result of a score bootstrap test.

    Parameters
    ----------
    name : str
        The hypothesis.
    statistic : float
        The studentized score at the restricted estimate.
    pvalue : float
        Share of bootstrap statistics at least as large in absolute value.
    clusters, replications : int
        Number of clusters (firms, where none are given) and of bootstrap draws.
    """

    name: str
    statistic: float
    pvalue: float
    clusters: int
    replications: int

    def __str__(self) -> str:
        return (
            f"score bootstrap test of {self.name}: t = {self.statistic:.4f}, p = {self.pvalue:.4g} "
            f"({self.clusters} clusters, {self.replications} draws)"
        )


@checked
def score_bootstrap(
    results: Results,
    hypothesis: str,
    *,
    clusters: Any = None,
    replications: int = 9999,
    weights: str = "rademacher",
    seed: int = 0,
) -> ScoreBootstrap:
    """Test one linear restriction by perturbing the clusters' scores at the restricted estimate.

    Parameters
    ----------
    results : Results
        A fit of this package.
    hypothesis : str
        One restriction: `"niche"` (equal to zero) or `"niche = 0.5"`.
    clusters : str or array_like, shape (n,), optional
        Cluster labels; every firm is its own cluster by default.
    replications : int, default 9999
        Number of bootstrap draws.
    weights : {"rademacher", "webb"}
        Signs, or Webb's six points for fewer than about ten clusters.
    seed : int, default 0
        Makes the draws repeatable.

    Returns
    -------
    ScoreBootstrap
        The statistic and its bootstrap p-value.

    Notes
    -----
    With the restricted estimate b, information H(b) and cluster scores s_g(b), the statistic studentizes
    r = R H^-1 sum_g s_g; bootstrap draws replace s_g by w_g s_g with random weights w_g [1]_. Nothing is refitted.

    References
    ----------
    .. [1] Kline, P. and Santos, A. (2012). A score based approach to wild bootstrap inference. Journal of Econometric
       Methods 1, 23-41.

    Examples
    --------
    >>> import pandas as pd
    >>> from exportmodels.inference import score_bootstrap
    >>> from exportmodels.share import Fractional
    >>> firms = pd.DataFrame({"share": [0, .1, .3, .8, .05, 0, .6, 1] * 4, "niche": [0, 0, 1, 1, 0, 0, 1, 1] * 4})
    >>> results = Fractional.from_formula("share ~ niche", firms).fit()
    >>> score_bootstrap(results, "niche").pvalue < 0.01
    True
    """
    if weights not in ("rademacher", "webb"):
        raise OptionError(f"weights must be 'rademacher' or 'webb', not {weights!r}")
    at_least("replications", replications, 1), at_least("seed", seed, 0)
    model = results.model
    matrix, value, name = restrictions(hypothesis, list(results.params.index))
    if len(matrix) != 1:
        raise OptionError("the score bootstrap tests one restriction at a time")
    problem = problem_of(model)
    contrast = matrix[0] @ problem.back
    theta = _restricted(problem.objective, contrast, float(value[0]), np.linalg.solve(problem.back, results.params))
    information = problem.objective.evaluate(theta)[2]
    scores = problem.scores(theta)
    total = model.sample.total_weight
    if clusters is None:
        number, groups = np.arange(len(scores)), len(scores)
    else:
        number, groups = several(model.sample.align(clusters, "clusters", model.frame), "score bootstrap")
    sums = cluster_sums(scores if total is None else scores * total[:, None], number, groups)
    along = sums @ np.linalg.solve(information, contrast)
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], size=(replications, groups))
    draws = signs if weights == "rademacher" else signs * rng.choice(_WEBB, size=signs.shape)
    if np.ptp(along) == 0:
        raise DataError("the score is the same in all clusters, so that it has no error")
    observed = _studentized(along[None])[0]
    drawn = _studentized(draws * along)
    pvalue = float(np.mean(np.abs(drawn) >= abs(observed) * (1 - 1e-12)))
    return ScoreBootstrap(name, float(observed), pvalue, groups, replications)


def _restricted(objective: Any, contrast: np.ndarray, value: float, start: np.ndarray) -> np.ndarray:
    _, _, directions = np.linalg.svd(contrast[None])
    plane = directions[1:].T
    held = Constrained(objective, plane, contrast * value / (contrast @ contrast))
    if plane.shape[1] == 0:
        return held.point
    return held.point + plane @ maximize(held, plane.T @ start).theta


def _studentized(along: np.ndarray) -> np.ndarray:
    """Return sums over clusters, over the square root of the sum of squares about their mean."""
    spread = ((along - along.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    with np.errstate(divide="ignore"):  # draws that are the same in all clusters
        return along.sum(axis=1) / np.sqrt(spread)
