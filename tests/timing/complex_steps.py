"""Derivatives of a function written in complex arithmetic: exact slopes, and differences of them for the curvature."""

import numpy as np


def gradient(function, theta, step=1e-30):
    """Return the derivatives of a function of p numbers, one row a number, from its imaginary part."""
    moves = 1j * step * np.eye(len(theta))
    return np.array([np.imag(function(theta + move)) / step for move in moves])


def curvature(function, theta, step=1e-3):
    """Return second derivatives, from fourth-order differences of exact slopes."""
    moves = step * np.eye(len(theta))
    steps = ((1, 8), (-1, -8), (2, -1), (-2, 1))
    return np.array(
        [sum(factor * gradient(function, theta + k * move) for k, factor in steps) / (12 * step) for move in moves]
    )
