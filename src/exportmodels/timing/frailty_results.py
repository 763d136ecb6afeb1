"""What a Cox fit with gamma frailty says of its groups, and the test of whether they differ."""

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from ..core.errors import OptionError
from ..core.hypotheses import Test
from ..core.options import upper_end
from .discrete_hazard_results import boundary_test
from .shared_frailty import FrailtyLikelihood

if TYPE_CHECKING:
    from .cox_results import CoxResults


def _likelihood(results: "CoxResults") -> tuple[FrailtyLikelihood, np.ndarray]:
    likelihood, kept = results.model.likelihood(results.model.sample)
    if not isinstance(likelihood, FrailtyLikelihood):
        raise OptionError("the model has no frailty; build it with frailty='gamma' and shared=")
    return likelihood, kept


def frailties(results: "CoxResults", alpha: float) -> pd.DataFrame:
    """Return the groups' expected frailties; see `CoxResults.frailties`."""
    likelihood, _ = _likelihood(results)
    theta, sample = results.certificate.theta, results.model.sample
    shape = np.exp(-theta[-1]) + likelihood.events
    frailty = np.exp(likelihood.log_frailty(theta))
    number, levels = pd.factorize(sample.columns["shared"])
    table = {
        "firms": np.bincount(number, sample.frequency),
        "events": likelihood.events,
        "frailty": frailty,
        "lower": gammaincinv(shape, alpha / 2) * frailty / shape,
        "upper": gammaincinv(shape, upper_end(alpha)) * frailty / shape,
    }
    return pd.DataFrame(table, index=pd.Index(levels, name="group"))


def frailty_test(results: "CoxResults") -> Test:
    """Test for frailty; see `CoxResults.frailty_test`."""
    _likelihood(results)
    other = copy(results.model)
    other.frailty = None
    return boundary_test("likelihood-ratio test of gamma frailty", other.fit("nonrobust").llf, results.llf)
