"""Published figures and synthetic samples."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "figures": ["published", "contradictions", "contrasts", "yardstick", "Yardstick"],
        "bases": ["possible_bases"],
        "recounting": ["recount"],
        "flanders.sample": ["synthetic_flanders"],
        "flanders.targets": ["synthetic_targets"],
        "measuring": ["measure"],
        "yardsticks": ["published_for"],
    },
)
