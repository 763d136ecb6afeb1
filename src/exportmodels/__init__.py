"""Statistical models of why, when, how much and how widely small firms sell abroad."""

from ._lazy import attach

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = attach(
    __name__,
    {name: [] for name in ("timing", "share", "spread", "strategy", "inference", "survey", "data", "report", "laws")},
)
