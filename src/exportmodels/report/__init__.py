"""The report: figures, tables, findings and the page."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "building": ["build"],
        "figures": ["figure"],
        "telling": ["GroupedFindings", "findings"],
        "rendering": ["RegressionTable"],
        "tables": ["table"],
    },
)
