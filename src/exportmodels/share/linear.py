"""Linear models by linearmodels, behind the formulas, results and tables of this package."""

from typing import Any

import numpy as np
import pandas as pd

from ..core.covariance import Covariance, codes, square_root
from ..core.design import Design
from ..core.errors import DataError, OptionError
from ..core.model import Model
from ..core.newton import Maximum
from ..core.outcomes import Share
from ..core.quantities import Quantity
from ..core.results import Results
from .quantities import mean_label

KINDS = {"nonrobust": "unadjusted", "robust": "robust", "clustered": "clustered"}


# Columns of another size than these, at such a multiple of their spread from zero, or whose correlations have an
# eigenvalue below this are standardized.
_SMALL, _LARGE, _NARROW = 1e-3, 1e4, 1e-3


def moderated(design: Design) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the columns, standardized where they are extreme, and the matrix that takes coefficients back.

    linearmodels judges ranks, and inverts, in the units that it is given.
    """
    moments, standard, names = design.moments, design.standardized, list(design.names)
    size = np.maximum(np.abs(moments.mean), moments.sd)
    tame = ((size > _SMALL) & (size < _LARGE) & (moments.flat | (np.abs(moments.mean) < _LARGE * moments.sd))).all()
    if tame and moments.narrowest(design.centred) > _NARROW:
        return pd.DataFrame(design.matrix, columns=names), np.eye(len(names))
    return pd.DataFrame(standard.matrix, columns=names), standard.back


class LinearResults(Results):
    """A linear fit by linearmodels.

    Attributes
    ----------
    linear : object
        The results object of linearmodels, with everything it knows. Where covariates are of extreme size or nearly
        collinear, it speaks of them standardized, and orthogonal to each other.
    """

    linear: Any = None

    @property
    def rsquared(self) -> float:
        """The part of the outcome's variance that the covariates explain, within firms where there are firm effects."""
        return float(self.linear.rsquared)


class LinearModel(Model):
    """Base of the linear models; not used by itself. A subclass gives `estimate`."""

    kind = Share()
    needs_covariates = True
    results_class = LinearResults

    @property
    def param_names(self) -> list[str]:
        """Names of the coefficients."""
        return list(self.sample.designs[""].names)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """The mean share, which a line may put outside 0 and 1."""

        def rows(theta: np.ndarray, designs: Any) -> np.ndarray:
            return designs[0] @ theta

        return {"mean": Quantity(mean_label(self), "share", rows)}

    def design_matrices(self, newdata: Any = None) -> list[np.ndarray]:
        """Return the covariates of the used rows or of new ones."""
        design = self.sample.designs[""]
        return [design.matrix if newdata is None else design.rebuild(newdata)]

    def covariates(self) -> pd.DataFrame:
        """Return the variables behind the covariates."""
        return self.sample.designs[""].variables(self.sample.labels)

    @property
    def leading(self) -> list[str]:
        """Columns that others are made orthogonal to, and not they to them, where columns are nearly collinear."""
        return self.param_names

    def moderate(self) -> tuple[pd.DataFrame, np.ndarray]:
        """Return the columns as linearmodels sees them, and what takes their coefficients to those of the user's."""
        design = self.sample.designs[""]
        names = [*self.leading, *(name for name in design.names if name not in self.leading)]
        order = [design.names.index(name) for name in names]
        columns, back = moderated(Design(design.matrix[:, order], tuple(names)))
        place = np.argsort(order)
        return columns[list(design.names)], back[np.ix_(place, place)]

    def estimate(self, columns: pd.DataFrame, cov_type: str, clusters: np.ndarray | None, debiased: bool) -> Any:
        """Return the results of linearmodels for moderated columns."""
        raise NotImplementedError

    def fit(
        self, cov_type: str | None = None, *, clusters: Any = None, debiased: bool = False, **options: Any
    ) -> Results:
        """Fit the model.

        Parameters
        ----------
        cov_type : {"nonrobust", "robust", "clustered"}, optional
            How standard errors are made.
        clusters : str or array_like, shape (n,), optional
            Cluster labels: a column name with a formula.
        debiased : bool, default False
            Take the number of coefficients off the number of observations in covariances.

        Returns
        -------
        LinearResults
            With the results object of linearmodels as `linear`.

        Raises
        ------
        OptionError
            If the covariance is not one of these.
        DataError
            If linearmodels finds no estimate, with what it says.
        """
        if options:
            raise OptionError(f"{next(iter(options))}= is an option of likelihoods; this model is linear")
        labels = None if clusters is None else self.sample.align(clusters, "clusters", self.frame)
        kind = self.covariance_kind(cov_type, labels)
        if kind not in KINDS:
            raise OptionError(f"cov_type={kind!r} is not there for linear models; use 'robust' or 'clustered'")
        from linearmodels.panel.utility import AbsorbingEffectError

        names = self.param_names
        try:
            columns, back = self.moderate()
            linear = self.estimate(columns, KINDS[kind], labels, debiased)
            matrix = back @ linear.cov.loc[names, names].to_numpy() @ back.T
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, AbsorbingEffectError) as error:
            raise DataError(f"linearmodels finds no estimate: {error}") from error
        theta = back @ linear.params[names].to_numpy()
        groups = None if labels is None else codes(labels)[1]
        covariance = Covariance(square_root(matrix), kind, groups)
        # the intercept beside firm effects is a function of the slopes, so that the covariance may have lower rank
        information = np.linalg.pinv(matrix, hermitian=True)
        positive = np.linalg.matrix_rank(matrix, hermitian=True) == len(matrix)
        solved = Maximum(theta, np.nan, 0 * theta, information, 0, 0.0, np.linalg.cond(matrix), bool(positive), True)
        results = self.results_class(self, theta, covariance, solved)
        results.linear = linear  # type: ignore[attr-defined]
        return results
