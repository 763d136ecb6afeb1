"""Cells without variation: coefficients that are infinite because all shares along them are 0, or all are 1."""

import numpy as np

from ..core.design import Design
from ..core.errors import SeparationError
from ..inference.separation import recession


def refuse_separation(design: Design, up: np.ndarray, down: np.ndarray, outcome: str, said: str) -> None:
    """Raise `SeparationError`, with the columns, if some direction of a predictor never lowers the likelihood.

    Parameters
    ----------
    design : Design
        The predictor's covariates.
    up, down : ndarray of bool, shape (n,)
        The rows whose likelihood rises in the predictor, and those whose likelihood falls; a share between is both.
    outcome : str
        The outcome's name.
    said : str
        What is so along the direction, for the message.
    """
    found = recession(np.vstack([design.matrix[up], -design.matrix[down]]), design.names)
    if found.separated:
        raise SeparationError(
            f"{found.sentence(outcome)} {said} along it, and the estimate is infinite; merge the level, or leave the "
            "column out"
        )
