"""How widely: export countries and regions."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "poisson": ["Poisson"],
        "negative_binomial": ["NegativeBinomial"],
        "generalized_poisson": ["GeneralizedPoisson"],
        "zero_truncated": ["ZeroTruncated"],
        "zero_inflated": ["ZeroInflated"],
        "hurdle": ["Hurdle"],
        "heaped_count": ["HeapedCount"],
        "indices": ["Concentration", "concentration"],
        "sequence": ["EntryTest", "entry_test", "sprinkler_index"],
        "gravity": ["GravityPoisson"],
        "dispersion": ["dispersion_tests", "rootogram"],
        "regions": ["Regions", "region_presence"],
    },
)
