"""By which route: niche or mass, sprinkler or waterfall, entry mode."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "brant": ["brant_test"],
        "entry_order": ["classify_entry"],
        "cloglog": ["CLogLog"],
        "conditional": ["ConditionalLogit"],
        "diagnostics": ["hosmer_lemeshow", "influence", "link_test"],
        "discrimination": ["Calibration", "ROC", "calibration", "roc"],
        "exact_logit": ["ExactLogit"],
        "firth_logit": ["FirthLogit"],
        "iia": ["iia_test"],
        "framing": ["growth_drivers", "motives", "typology"],
        "logit": ["Logit"],
        "multinomial": ["MultinomialLogit"],
        "nested": ["NestedLogit"],
        "ordered_logit": ["OrderedLogit"],
        "ordered_probit": ["OrderedProbit"],
        "probit": ["Probit"],
        "published_classes": ["published_drivers"],
        "rare_events": ["RareEventsLogit"],
        "tabulation": ["tabulate"],
    },
)
