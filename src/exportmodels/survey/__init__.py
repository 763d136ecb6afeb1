"""The questionnaire, reading and checking answers, and the firms table."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "questionnaire": ["Questionnaire"],
        "reading": ["read"],
        "checking": ["check"],
        "deriving": ["derive"],
        "variables": ["columns"],
        "enterprise": ["check_enterprise", "read_enterprise_survey"],
    },
)
