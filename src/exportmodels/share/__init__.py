"""How much: foreign sales over turnover."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "beta": ["Beta"],
        "bracketed": ["Bracketed"],
        "control_fractional": ["ControlFractional"],
        "extended_beta": ["ExtendedBeta"],
        "fractional": ["Fractional"],
        "functional_form": ["compare_links", "p_test"],
        "inflated_beta": ["InflatedBeta"],
        "iv_share": ["IVShare"],
        "panel_share": ["PanelShare", "hausman_test"],
        "panel_fractional": ["PanelFractional"],
        "selection": ["Selection"],
        "tobit": ["Tobit"],
        "two_part": ["TwoPart"],
        "truncated": ["TruncatedRegression"],
    },
)
