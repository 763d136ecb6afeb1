"""How coefficients that run off to infinity are told from others: by standard errors that no finite one has."""

import numpy as np

from ..core.covariance import inverse
from ..core.newton import Maximum

# A standard error of a standardized coefficient that only an infinite estimate has.
INFINITE = 1e3


def standardized_errors(maximum: Maximum) -> np.ndarray:
    """Return the standard errors in the engine's coordinates, infinite where there are none."""
    if not maximum.positive_definite:
        return np.full(len(maximum.theta), np.inf)
    return np.sqrt(np.diag(inverse(maximum.information)))
