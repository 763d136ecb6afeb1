"""Why firms do not export: items B21 to B25, asked of firms that do not."""

import numpy as np

from .dealing import deal, text_where

BARRIERS = {
    "risk": 3,
    "strategy": 4,
    "too_small": 5,
    "competition": 2,
    "finance": 4,
    "organization": 2,
    "home_position": 1,
    "product": 4,
    "culture": 1,
    "opportunities": 3,
    "knowledge": 4,
    "capacity": 2,
    "payment": 2,
    "language": 1,
    "customs": 1,
}
"""How likely each reason is among the five named; assumed (nothing is published)."""
PLANS = np.array([0.4, 0.6])


def barriers(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Draw the ranks of the five main reasons for not exporting and the plans to start; none exported in the past."""
    weights = np.array(list(BARRIERS.values()), dtype=float)
    order = np.argsort(-(np.log(weights) + rng.gumbel(size=(size, len(weights)))), axis=1)
    ranks = np.full((size, len(weights)), np.nan)
    np.put_along_axis(ranks, order[:, :5], np.arange(1.0, 6.0), axis=1)
    plans = 1 + deal(rng, PLANS, size)
    return {
        **{f"B21_{name}": ranks[:, place] for place, name in enumerate(BARRIERS)},
        "B22": np.full(size, 2),
        "B24": plans,
        "B25": text_where(plans == 1, "requests from abroad"),
    }
