"""How widely: export countries and regions."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__, {"negative_binomial": ["NegativeBinomial"], "zero_truncated": ["ZeroTruncated"]}
)
