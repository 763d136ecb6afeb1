"""When: years from founding to first export."""

from .._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adjusted_curves": ["AdjustedCurves"],
        "aft": ["AFT"],
        "concordance": ["Concordance"],
        "cox": ["Cox"],
        "cox_results": ["CoxResults"],
        "competing_hazard": ["CompetingHazard"],
        "cumulative_incidence": ["CumulativeIncidence"],
        "incidence_curves": ["IncidenceCurves"],
        "discrete_hazard": ["DiscreteHazard"],
        "discrete_hazard_results": ["HazardResults"],
        "fine_gray": ["FineGray"],
        "firm_years": ["person_period"],
        "entry_spells": ["market_entries"],
        "split_population": ["SplitPopulation"],
        "split_results": ["SplitResults"],
        "durations": ["Durations"],
        "rank_tests": ["RankTest", "logrank_test"],
        "nelson_aalen": ["HazardCurves", "NelsonAalen"],
        "kaplan_meier": ["KaplanMeier"],
        "survival_curves": ["SurvivalCurves"],
    },
)
