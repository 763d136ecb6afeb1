"""Is the mean share right? RESET, goodness-of-functional-form and P tests of fractional models.

All three are score tests for variables that the mean leaves out, robust to everything but the mean: the residuals,
weighted by the Bernoulli variance, must not go with what of those variables the model's own gradient does not explain.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..core.covariance import cluster_sums, codes, inverse, square_root
from ..core.errors import OptionError
from ..core.hypotheses import Test, chi_squared
from ..core.options import checked
from ..core.problem import problem_of
from ..core.results import Results

if TYPE_CHECKING:
    from .fractional import Fractional

# Length of a difference step, in standard errors.
_STEP = 1e-4


class FractionalResults(Results):
    """A fitted fractional response model, with the tests of its mean."""

    model: "Fractional"

    def reset(self, powers: int = 3, clusters: Any = None) -> Test:
        """Test the mean against powers of the index (Ramsey's RESET).

        Parameters
        ----------
        powers : int, default 3
            The highest power; 2 adds the square, 3 the square and the cube.
        clusters : str or array_like, shape (n,), optional
            Cluster labels, under which the test is robust.
        """
        if not 2 <= powers <= 9:
            raise OptionError("RESET adds powers from the square to at most the ninth; powers must be at least 2")
        index, slope = self._index()
        extra = [slope * index**power for power in range(2, powers + 1)]
        return self._omitted(f"RESET, powers up to {powers}", extra, clusters)

    def ggoff(self, clusters: Any = None) -> Test:
        """Test the link: F against F^a and 1 - (1 - F)^a, the generalized goodness-of-functional-form test [1]_.

        Parameters
        ----------
        clusters : str or array_like, shape (n,), optional
            Cluster labels, under which the test is robust.

        References
        ----------
        .. [1] Ramalho, E. A., Ramalho, J. J. S. and Murteira, J. M. R. (2014). A generalized goodness-of-functional
           form test for binary and fractional regression models. The Manchester School 82, 488-507.
        """
        log_yes, log_no = self.model.link_function.logs(self._index()[0])
        extra = [np.exp(log_yes) * log_yes, np.exp(log_no) * log_no]
        return self._omitted("GGOFF test of the link", extra, clusters)

    def p_test(self, rival: Results, clusters: Any = None) -> Test:
        """Test the mean against a rival's: does the rival's prediction add anything (the P test [1]_)?

        Parameters
        ----------
        rival : Results
            A fit on the same firms that predicts a mean share: another link, other covariates, a two-part model.
        clusters : str or array_like, shape (n,), optional
            Cluster labels, under which the test is robust.

        References
        ----------
        .. [1] Davidson, R. and MacKinnon, J. G. (1981). Several tests for model specification in the presence of
           alternative hypotheses. Econometrica 49, 781-793.
        """
        theirs = rival.predict()
        if not theirs.index.equals(self.model.sample.labels):
            raise OptionError(
                f"the rival is fitted on {len(theirs)} rows, this model on {len(self.model.sample.labels)}; fit both "
                "on the same complete rows"
            )
        return self._omitted(
            f"P test against {rival.model.title}", [theirs.to_numpy() - self.predict().to_numpy()], clusters
        )

    def _index(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the index u and the slope F'(u)."""
        eta = self.model.predictors(self.params.to_numpy(), self.model.design_matrices())
        index = self.model.index(eta)
        link = self.model.link_function
        return index, link.probability(index) * link.slopes(index)[0]

    def _omitted(self, name: str, extra: list[np.ndarray], clusters: Any) -> Test:
        """Test whether the mean leaves out variables, given by how they would move it."""
        sample = self.model.sample
        gradient = self.model.mean_gradient(self.params.to_numpy())
        link, index = self.model.link_function, self._index()[0]
        spread = np.exp(0.5 * np.sum(link.logs(index), axis=0))
        weight = np.ones(len(index)) if sample.total_weight is None else sample.total_weight
        unit = np.sqrt(weight) / spread
        inner, outer = gradient * unit[:, None], np.column_stack(extra) * unit[:, None]
        rest = outer - inner @ np.linalg.lstsq(inner, outer, rcond=None)[0]
        residual = (sample.outcome - link.probability(index)) / spread
        scores = rest / np.sqrt(weight)[:, None] * residual[:, None]
        return chi_squared(name, *_quadratic(scores, sample, self._labels(clusters)), "robust score test")

    def _labels(self, clusters: Any) -> np.ndarray | None:
        return None if clusters is None else self.model.sample.align(clusters, "clusters", self.model.frame)


def _quadratic(scores: np.ndarray, sample: Any, clusters: np.ndarray | None) -> tuple[float, int]:
    """Return the sum of weighted scores in units of its own robust covariance, and its degrees of freedom."""
    frequency = 1.0 if sample.frequency is None else sample.frequency[:, None]
    sampling = 1.0 if sample.weights is None else sample.weights[:, None]
    total = (scores * frequency * sampling).sum(axis=0)
    if clusters is None:
        meat = (scores * sampling).T @ (scores * sampling * frequency)
    else:
        number, groups = codes(clusters)
        sums = cluster_sums(scores * frequency * sampling, number, groups)
        meat = sums.T @ sums
    rank = np.linalg.matrix_rank(meat, hermitian=True)
    return float(total @ np.linalg.pinv(meat, hermitian=True) @ total), int(rank)


@checked
def compare_links(results: dict[str, FractionalResults], clusters: Any = None) -> pd.DataFrame:
    """Lay tests of several fits side by side: RESET, GGOFF, and the P test of each against each other.

    Parameters
    ----------
    results : dict of str to FractionalResults
        Fits on the same firms, by name.
    clusters : str or array_like, shape (n,), optional
        Cluster labels, under which the tests are robust.

    Returns
    -------
    DataFrame
        One row a fit: the quasi-log-likelihood, and p-values of RESET, GGOFF, and of the P test against each fit.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from exportmodels.share import Fractional, compare_links
    >>> rng = np.random.default_rng(0)
    >>> firms = pd.DataFrame({"age": rng.uniform(0, 40, 500)})
    >>> firms["share"] = rng.binomial(10, np.exp(-np.exp(1 - 0.08 * firms["age"]))) / 10
    >>> fits = {link: Fractional.from_formula("share ~ age", firms, link=link).fit() for link in ("logit", "loglog")}
    >>> print(compare_links(fits).round(3).to_string())
                llf  reset  ggoff  P against logit  P against loglog
    logit  -267.873  0.000    0.0              NaN               0.0
    loglog -266.720  0.701    0.4            0.399               NaN
    """
    table = {}
    for name, fit in results.items():
        row = {"llf": fit.llf, "reset": fit.reset(clusters=clusters).pvalue, "ggoff": fit.ggoff(clusters).pvalue}
        for other, rival in results.items():
            row[f"P against {other}"] = fit.p_test(rival, clusters).pvalue if other != name else np.nan
        table[name] = row
    return pd.DataFrame.from_dict(table, orient="index")


@checked
def p_test(results: Results, rival: Results) -> Test:
    """Test the mean share of any model against a rival's: does the rival's prediction add anything?

    Parameters
    ----------
    results : Results
        The fit whose mean is tested: one-part, two-part, Tobit, beta.
    rival : Results
        A fit on the same firms that predicts a mean share in another way.

    Returns
    -------
    Test
        One degree of freedom; robust to everything but the mean.

    Notes
    -----
    The moment sum_i (r_i - m_i) (y_i - m_i) / (m_i (1 - m_i)), with m the model's mean and r the rival's, is zero on
    average where the model's mean is right; its variance counts that m is estimated. For a fractional logit this is the
    P test of `FractionalResults.p_test`.
    """
    model = results.model
    ours, theirs = results.predict(), rival.predict()
    if not theirs.index.equals(ours.index):
        raise OptionError(f"the fits rest on {len(ours)} and {len(theirs)} rows; fit both on the same complete rows")
    if any(part.ndim != 1 or not ((part > 0) & (part < 1)).all() for part in (ours.to_numpy(), theirs.to_numpy())):
        raise OptionError("the test compares predictions of a mean share, between 0 and 1; these fits predict others")
    if model.sample.outcome.ndim != 1:
        raise OptionError("the test needs exact shares, not brackets of them")
    mean, quantity, designs = ours.to_numpy(), model.quantity("mean"), model.design_matrices()
    weight = np.ones(len(mean)) if model.sample.total_weight is None else model.sample.total_weight
    direction = (theirs.to_numpy() - mean) / (mean * (1 - mean))
    problem = problem_of(model)
    root = square_root(inverse(results.certificate.information))
    theta, steps = results.params.to_numpy(), problem.back @ root * _STEP
    slopes = [
        (quantity.rows(theta + step, designs) - quantity.rows(theta - step, designs)) / (2 * _STEP) for step in steps.T
    ]
    pull = np.array(slopes) @ (weight * direction)
    own = problem.scores(results.certificate.theta) @ root @ pull
    moments = (direction * (model.sample.outcome - mean))[:, None]
    total = float(weight @ moments[:, 0])
    frequency = 1.0 if model.sample.frequency is None else model.sample.frequency
    sampling = 1.0 if model.sample.weights is None else model.sample.weights
    variance = float(np.sum(frequency * (sampling * (moments[:, 0] - own)) ** 2))
    if variance == 0:
        raise OptionError("the two fits predict the same for every firm: there is nothing to test")
    return chi_squared(f"P test against {rival.model.title}", total**2 / variance, 1, "robust moment test")
