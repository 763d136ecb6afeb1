"""What is said of a fit: tests, effects, resampling, exact tests, bounds."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "bounds": ["Bounds", "nonresponse_bounds"],
        "exact": ["ExactTest", "fisher_exact", "midp_exact"],
        "multiplicity": ["adjust"],
        "raking": ["Raked", "rake"],
        "separation": ["Separation", "detect_separation"],
    },
)
