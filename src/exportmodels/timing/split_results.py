"""What a fitted split population says of the follow-up, and the test of no immune share."""

from functools import cached_property
from typing import TYPE_CHECKING

from ..core.errors import OptionError
from ..core.hypotheses import Test
from ..core.results import Results
from .discrete_hazard_results import boundary_test

if TYPE_CHECKING:
    from .split_population import SplitPopulation

# By the longest time watched so many of those that ever have the event should have had it.
_DONE = 0.95


class SplitResults(Results):
    """A fitted split-population model."""

    model: "SplitPopulation"

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know of this fit, and first what the follow-up can tell."""
        return [self.too_short or f"Follow-up: {self.model.follow_up}.", *super().notes]

    @property
    def too_short(self) -> str:
        """Why the follow-up may be too short to tell "never" from "not yet"; empty where it seems long enough."""
        check, done = self.model.follow_up, self.model.done_by_the_end(self.params.to_numpy())
        reasons = [str(check)] if check.short else []
        if done < _DONE:
            reasons.append(
                f"of the firms that ever have the event only {100 * done:.0f} % have it, by these estimates, within "
                "the longest time watched"
            )
        if not reasons:
            return ""
        return (
            f'Follow-up may be too short to tell "never" from "not yet": {"; ".join(reasons)}. The share that ever has '
            "the event then rests on the shape that dist= assumes; compare several."
        )

    def immune_test(self) -> Test:
        """Test that every firm has the event sooner or later, against one immune share for all.

        Returns
        -------
        Test
            Twice the difference of the log-likelihoods of the model with a constant incidence and the one without. An
            immune share of zero lies at the end of its range: the statistic is zero in half of the samples without
            immune firms, and chi-squared in the other half.
        """
        if self.model.sample.weights is not None:
            raise OptionError("with sampling weights the likelihood is a pseudo-likelihood, and not to be compared")
        without, with_it = self.model.without_immune()
        return boundary_test("likelihood-ratio test of an immune share", without, with_it)
