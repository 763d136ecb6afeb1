"""Change the mathematics in small ways and see whether the tests notice: `make mutants` (AREAS="core share")."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1]
SCRATCH = ROOT / "mutants"


@dataclass(frozen=True)
class Area:
    """Modules that are changed, and the tests that must notice: those of the area, which take seconds, not minutes.

    mutmut leaves functions with a decorator alone; of a `bare` area, `@checked` is taken off the copies first.
    """

    folder: str
    modules: str
    tests: str
    bare: bool = False


AREAS = {
    "core": Area(
        "core",
        "newton covariance delta family links bernoulli",
        "core strategy/test_binary_models.py share/test_fractional.py",
    ),
    "tests": Area(
        "core",
        "hypotheses profile effects results special",
        "core strategy/test_binary_models.py strategy/test_corrections.py share/test_fractional.py",
    ),
    "share": Area(
        "share",
        "fractional beta_law beta_integral corners bracketed brackets normal",
        "share/test_normal_algebra.py share/test_beta_algebra.py share/test_bracket_reading.py "
        "share/test_share_options.py",
    ),
    "selection": Area(
        "share",
        "selection_law bivariate two_step stacked selection",
        "share/test_selection_algebra.py share/test_two_step_algebra.py share/test_selection_options.py",
    ),
    "ends": Area(
        "share",
        "extended_law hurdle_law heteroskedastic concave beta_bias",
        "share/test_extended_algebra.py share/test_parts_algebra.py share/test_concave_algebra.py "
        "share/test_beta_bias_algebra.py",
    ),
    "panels": Area(
        "share",
        "gee panel_fractional summed control_fractional functional_form",
        "share/test_panel_algebra.py share/test_control_algebra.py share/test_mean_tests_algebra.py "
        "share/test_parts_algebra.py",
        bare=True,
    ),
    "limits": Area(
        "share",
        "beta inflated_beta extended_beta truncated tobit two_part amounts",
        "share/test_ended_options.py share/test_ended_refusals.py share/test_concave_algebra.py "
        "share/test_beta_bias_algebra.py",
    ),
    "lines": Area(
        "share",
        "linear iv_share panel_share",
        "share/test_linear_algebra.py",
        bare=True,
    ),
    "spread": Area(
        "spread",
        "families poisson poisson_gamma negative_binomial zero_truncated zeros logs consul",
        "spread/test_count_algebra.py spread/test_count_parts.py spread/test_count_zeros.py "
        "spread/test_count_options.py",
    ),
    "timing": Area(
        "timing",
        "partial_likelihood tie_sums risk_sets exact_ties latencies censoring generalized_gamma",
        "timing/test_partial_likelihood_algebra.py timing/test_latency_algebra.py "
        "timing/test_generalized_gamma_algebra.py",
    ),
    "strategy": Area(
        "strategy",
        "ordered ordered_parts ordered_information ordinal intervals multinomial softmax jeffreys jeffreys_rows",
        "strategy/test_choice_algebra.py strategy/test_interval_algebra.py strategy/test_level_models.py "
        "strategy/test_collinear_penalty.py",
    ),
    "choices": Area(
        "strategy",
        "choice_sets nested_sets conditional nested choice_model iia",
        "strategy/test_choice_set_algebra.py strategy/test_choice_effects.py strategy/test_iia_algebra.py "
        "strategy/test_conditional.py strategy/test_nested.py",
        bare=True,
    ),
    "exact": Area(
        "strategy",
        "exact_network exact_logit",
        "strategy/test_exact_algebra.py strategy/test_exact_logit.py",
    ),
    "checks": Area(
        "strategy",
        "brant discrimination diagnostics",
        "strategy/test_diagnostics.py strategy/test_ordered.py",
        bare=True,
    ),
    "corrected": Area(
        "strategy",
        "rare_events flac firth_logit penalized binary",
        "strategy/test_correction_algebra.py strategy/test_corrections.py strategy/test_binary_models.py",
    ),
    "trade": Area(
        "spread",
        "two_way gravity gravity_separation",
        "spread/test_gravity_algebra.py spread/test_gravity.py",
    ),
    "concentration": Area(
        "spread",
        "indices sequence entries dispersion",
        "spread/test_concentration_algebra.py spread/test_dispersion_algebra.py spread/test_entry_algebra.py "
        "spread/test_concentration.py spread/test_dispersion.py",
        bare=True,
    ),
    "heaps": Area(
        "spread",
        "bounded heaps heaped_count hurdle zero_inflated counts regions",
        "spread/test_heap_algebra.py spread/test_mixed_count_models.py spread/test_count_limits.py "
        "spread/test_regions.py spread/test_counts.py",
        bare=True,
    ),
    "resampling": Area(
        "inference",
        "resampling wild_scores",
        "inference/test_resampled_statistics.py inference/test_score_bootstrap_algebra.py",
        bare=True,
    ),
    "tables": Area(
        "inference",
        "exact freeman_halton tilted multiplicity",
        "inference/test_tilted_algebra.py inference/test_exact_table_algebra.py inference/test_multiplicity.py",
        bare=True,
    ),
    "comparisons": Area(
        "inference",
        "vuong boundary events pooling contrasts separation bounds raking weights",
        "inference/test_comparison_algebra.py inference/test_pooling_algebra.py inference/test_separation_algebra.py "
        "inference/test_bounds.py inference/test_raking.py",
        bare=True,
    ),
    "frailty": Area(
        "timing",
        "mixed_hazards normal_frailty frailty",
        "timing/test_frailty_algebra.py timing/test_frailty_parts.py",
    ),
    "hazards": Area(
        "timing",
        "discrete_hazard_likelihood proportional_objective discrete_hazard_baselines competing_likelihood "
        "competing_hazard",
        "timing/test_hazard_algebra.py timing/test_hazard_baselines.py timing/test_first_moves_algebra.py "
        "timing/test_competing_hazard.py",
    ),
    "split": Area(
        "timing",
        "mixing split_latency split_discrete split_starts split_population",
        "timing/test_split_algebra.py timing/test_split_options.py timing/test_split_population.py "
        "timing/test_frailty_algebra.py::test_gamma_frailty timing/test_frailty_algebra.py::test_mixed_hazards",
    ),
    "cox": Area(
        "timing",
        "cox_batch cox_cells fine_gray_likelihood",
        "timing/test_cox_at_once_algebra.py timing/test_fine_gray_algebra.py",
    ),
    "curves": Area(
        "timing",
        "cumulated nelson_aalen survival_curves adjusted_curves",
        "timing/test_curve_algebra.py timing/test_curve_findings.py timing/test_adjusted_algebra.py",
    ),
    "incidence": Area(
        "timing",
        "aalen_johansen gray incidence_curves",
        "timing/test_incidence_algebra.py oracles/test_checks.py::test_incidence_and_grays_test",
    ),
    "ranks": Area(
        "timing",
        "rank_tests score_tests concordance entry_spells",
        "timing/test_rank_algebra.py timing/test_rank_tests.py timing/test_concordance.py "
        "timing/test_market_entries.py timing/test_added_terms_algebra.py oracles/test_checks.py::test_rank_tests",
        bare=True,
    ),
    "samples": Area(
        "core",
        "design standardizing sample outcomes levels frames",
        "core/test_standardizing_algebra.py core/test_sample_rows.py core/test_outcome_reading.py",
    ),
    "evidence": Area(
        "laws",
        "evidence statistical simulation drawing",
        "laws/test_evidence_algebra.py laws/test_drawn_samples.py",
        bare=True,
    ),
}

# Sentences for the reader of an error or a warning are not changed: no test should hold every word of them.
SENTENCES = (r"^\s*raise\b", r"^\s*f?\"[^\"]*\"[,)]*$", r"^\s*\"\"\"")


def main() -> None:
    """Run the areas that are named, or all, and print what became of the mutants of each module."""
    for name in sys.argv[1:] or AREAS:
        area, place = AREAS[name], SCRATCH / name
        prepare(area, place)
        subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "1"], cwd=place, check=False)
        print(f"\n{name}: module, mutants, killed, survived, without a test, too slow or stopped")
        for module in area.modules.split():
            print("  " + ", ".join(map(str, told(area, place, module))))
        print(f"  Survivors: cd {place} && mutmut results; mutmut show NAME", flush=True)


def prepare(area: Area, place: Path) -> None:
    """Copy the package to a place of its own, where mutants do no harm, and say there what is changed and tested.

    What became of earlier mutants is forgotten: it is kept by their text, and would outlive a change of the tests.
    """
    shutil.rmtree(place / "mutants", ignore_errors=True)
    for part in ("src", "tests", "pyproject.toml", "README.md"):
        source, target = ROOT / part, place / part
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    changed = [f"src/exportmodels/{area.folder}/{module}.py" for module in area.modules.split()]
    for copy in (place / path for path in changed if area.bare):
        copy.write_text(re.sub(r"(?m)^ *@checked\n", "", copy.read_text(encoding="utf-8")), encoding="utf-8")
    settings = {
        "source_paths": ["src"],
        "only_mutate": changed,
        "do_not_mutate_patterns": SENTENCES,
        "pytest_add_cli_args": ["-m", "not slow", "-p", "no:xdist", "-W", "ignore"],
        "pytest_add_cli_args_test_selection": [f"tests/{test}" for test in area.tests.split()],
        "also_copy": ["README.md"],
    }
    lines = [f"{name} =\n" + "".join(f"    {value}\n" for value in values) for name, values in settings.items()]
    (place / "setup.cfg").write_text("[mutmut]\n" + "".join(lines), encoding="utf-8")


def told(area: Area, place: Path, module: str) -> tuple[str, int, int, int, int, int]:
    """Return the counts of a module."""
    kept = place / "mutants" / "src" / "exportmodels" / area.folder / f"{module}.py.meta"
    codes = json.loads(kept.read_text())["exit_code_by_key"].values() if kept.exists() else []
    found = Counter(status_by_exit_code[code] for code in codes)
    clear = [found[status] for status in ("killed", "survived", "no tests")]
    return (module, len(codes), *clear, len(codes) - sum(clear))


if __name__ == "__main__":
    main()
