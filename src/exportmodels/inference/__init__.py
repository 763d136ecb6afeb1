"""What is said of a fit: tests, effects, resampling, exact tests, bounds."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "boundary": ["boundary_test"],
        "bounds": ["Bounds", "nonresponse_bounds"],
        "contrasts": ["contrast"],
        "events": ["events_per_parameter"],
        "exact": ["ExactTest", "fisher_exact", "midp_exact"],
        "multiplicity": ["adjust"],
        "pooling": ["Pooled", "pool"],
        "raking": ["Raked", "rake"],
        "resampling": ["Resampled", "bootstrap", "jackknife"],
        "separation": ["Separation", "detect_separation"],
        "tests": ["effects", "lr_test", "wald_test"],
        "vuong": ["vuong_test"],
        "wild_scores": ["ScoreBootstrap", "score_bootstrap"],
    },
)
