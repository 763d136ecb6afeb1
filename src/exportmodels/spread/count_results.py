"""Results of count models: likelihood ratios against models at the edge of what they can be."""

from ..core.errors import OptionError
from ..core.family_model import FamilyModel
from ..core.hypotheses import Test
from ..core.results import Results
from ..inference.boundary import boundary_test

_EDGES = ("log_alpha", "inflation")


class CountResults(Results):
    """Results of a count model."""

    def lr_test(self, restricted: Results) -> Test:
        """Compare with a restricted fit on the same firms by twice the difference of the log-likelihoods.

        Dispersion and inflation cannot be negative, so a model without them lies at the edge: half of the null
        distribution is then at zero, see `exportmodels.inference.boundary_test`.

        Raises
        ------
        OptionError
            If the models are not nested, or if more than one coefficient is given up at an edge.
        """
        test = super().lr_test(restricted)
        assert isinstance(self.model, FamilyModel)
        beyond = self.model.beyond(restricted.model)
        if any(name.startswith("round_") for name in beyond):
            raise OptionError("no rounding is the edge of what shares of rounders can be; use heaping_test")
        edges = [f"[{name}]" for name in beyond if name in _EDGES]
        if not edges:
            return test
        if test.df > 1:
            raise OptionError(
                f"without {' and '.join(edges)} the restricted model lies at the edge of the full one, and gives up "
                f"{test.df - 1} further coefficient{'s' if test.df > 2 else ''}: the likelihood ratio is not "
                f"chi-squared with {test.df} degrees of freedom; give up {edges[0]} alone, as a constant"
            )
        return boundary_test(f"likelihood-ratio test of {edges[0]}", test.statistic)
