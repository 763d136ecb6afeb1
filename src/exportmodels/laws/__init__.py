"""Laws that any estimator of an outcome type must obey on all data."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adapter": ["Adapter", "Fitted", "NoEstimate", "adapt"],
        "case": ["Case"],
        "catalogue": ["LAWS", "applicable"],
        "checking": ["check_estimator", "suite"],
        "statistical": ["check_statistics"],
        "strategies": [],
        "trial": ["Law", "LawBroken", "Trial", "law"],
        "verdict": ["Counterexample", "Verdict"],
    },
)
