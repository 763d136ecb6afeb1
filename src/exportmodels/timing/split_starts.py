"""Starting values of a split population: its likelihood may have several maxima, above all with skewed covariates."""

import numpy as np

from ..core.design import Design

# Log-odds of ever having the event at which nearly all firms do, though an immune share is still seen.
_NEARLY_ALL = 3.0


def starting_values(start: np.ndarray, back: np.ndarray, incidence: Design | None) -> list[np.ndarray]:
    """Return several starting values, which differ in who ever has the event.

    Beside the given start they are: nearly every firm has the event, so that the years explain all; and, for each
    covariate of the incidence, the firms above its median have it, or those below. There slopes are counted in
    deviations typical of most firms, not in the standard deviation, which a few large values may fill alone.

    Parameters
    ----------
    start : ndarray, shape (p,)
        In the engine's coordinates; the incidence comes last.
    back : ndarray, shape (p, p)
        What turns these into the user's coordinates.
    incidence : Design, optional
        Covariates of the incidence; a constant by default.
    """
    matrix = np.ones((1, 1)) if incidence is None else incidence.matrix
    constant = 0 if incidence is None else incidence.constant
    first = len(start) - matrix.shape[1]
    chances: list[np.ndarray] = []
    if constant is not None:
        unit = np.eye(matrix.shape[1]) / matrix[0, constant]
        chances.append(_NEARLY_ALL * unit[constant])
        for j in range(matrix.shape[1]):
            if j != constant:
                middle = float(np.median(matrix[:, j]))
                typical = float(np.median(np.abs(matrix[:, j] - middle))) or float(matrix[:, j].std())
                slope = np.zeros(matrix.shape[1])
                slope[j] = 1 / typical
                chances += [sign * (slope - middle / typical * unit[constant]) for sign in (1.0, -1.0)]
    turn = back[first:, first:]
    return [start, *(np.r_[start[:first], np.linalg.solve(turn, chance)] for chance in chances)]
