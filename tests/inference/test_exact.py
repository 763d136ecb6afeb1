"""Exact tests of tables against R's figures, against their own definitions, and against bad tables."""

import json
from itertools import product
from math import comb, factorial, prod
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError
from exportmodels.inference import fisher_exact, midp_exact

FIGURES = Path(__file__).parents[1] / "oracles" / "figures"
ORACLES = [json.loads(path.read_text()) for path in sorted(FIGURES.glob("exact_*.json")) if "logit" not in path.stem]
TWO_BY_TWO = [pytest.param(case, id=case["case"]) for case in ORACLES if "odds_ratio" in case]
LARGER = [pytest.param(case, id=case["case"]) for case in ORACLES if "odds_ratio" not in case]
SIDES = ["two-sided", "less", "greater"]


def close(value):
    return pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("oracle", TWO_BY_TWO)
def test_fisher_agrees_with_r(oracle):
    two_sided, less, greater = (fisher_exact(oracle["table"], side) for side in SIDES)
    assert two_sided.odds_ratio == close(oracle["odds_ratio"])
    assert [two_sided.pvalue, less.pvalue, greater.pvalue] == close(
        [oracle["fisher"][side] for side in ("pvalue", "less", "greater")]
    )
    assert two_sided.conf_int == close(oracle["fisher"]["conf_int"])
    assert less.conf_int == close(oracle["fisher"]["conf_int_less"])
    assert greater.conf_int == close(oracle["fisher"]["conf_int_greater"])


@pytest.mark.parametrize("oracle", TWO_BY_TWO)
def test_midp_agrees_with_r(oracle):
    two_sided, less, greater = (midp_exact(oracle["table"], side) for side in SIDES)
    assert two_sided.odds_ratio == close(oracle["odds_ratio"])
    assert [two_sided.pvalue, less.pvalue, greater.pvalue] == close(
        [oracle["midp"][side] for side in ("pvalue", "less", "greater")]
    )
    assert two_sided.conf_int == close(oracle["midp"]["conf_int"])


@pytest.mark.parametrize("oracle", LARGER)
def test_larger_tables_agree_with_r(oracle):
    assert fisher_exact(oracle["table"]).pvalue == close(oracle["pvalue"])
    assert fisher_exact(np.transpose(oracle["table"])).pvalue == close(oracle["pvalue"])


def test_a_larger_table_has_the_pvalue_of_its_definition():
    table = np.array([[3, 1, 0], [1, 2, 4]])
    first, second = table.sum(axis=1)
    columns = table.sum(axis=0)

    def weight(row):
        return prod(comb(int(column), int(count)) for column, count in zip(columns, row, strict=True))

    rows = [row for row in product(*(range(column + 1) for column in columns)) if sum(row) == first]
    extreme = sum(weight(row) for row in rows if weight(row) <= weight(table[0]))
    assert fisher_exact(table).pvalue == close(extreme / comb(int(first + second), int(first)))


def test_equally_probable_tables_count_although_rounding_differs():
    table = np.ones((3, 3), dtype=int)  # the most probable table, so p = 1
    assert fisher_exact(table).pvalue == close(1.0)
    diagonal = np.diag([3, 3, 3])  # the least probable, six times over
    assert fisher_exact(diagonal).pvalue == close(6 * factorial(3) ** 6 / (factorial(9) * factorial(3) ** 3))


@pytest.mark.parametrize("test", [fisher_exact, midp_exact])
def test_swapping_both_rows_and_columns_changes_nothing_and_swapping_one_inverts(test):
    result = test([[9, 5], [2, 15]])
    both = test([[15, 2], [5, 9]])
    inverse = test([[2, 15], [9, 5]])
    assert both.pvalue == close(result.pvalue)
    assert both.conf_int == close(result.conf_int)
    assert inverse.odds_ratio == close(1 / result.odds_ratio)
    assert inverse.conf_int == close((1 / result.conf_int[1], 1 / result.conf_int[0]))


def test_midp_interval_excludes_one_exactly_when_the_pvalue_is_below_alpha():
    for a, b in product(range(11), range(9)):
        if 0 < a + b < 18:
            result = midp_exact([[a, 10 - a], [b, 8 - b]])
            assert (result.pvalue < 0.05) == (not result.conf_int[0] <= 1 <= result.conf_int[1])


def test_random_tables_give_the_exact_pvalue_within_their_error():
    table = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
    exact = fisher_exact(table).pvalue
    drawn = fisher_exact(table, draws=20_000, seed=1)
    assert abs(drawn.pvalue - exact) < 5 * np.sqrt(exact * (1 - exact) / 20_000)
    assert drawn.pvalue == fisher_exact(table, draws=20_000, seed=1).pvalue


def test_a_crosstab_is_a_table():
    firms = pd.DataFrame({"niche": [1, 1, 1, 0, 0, 0, 0], "rd_high": [1, 1, 0, 0, 0, 0, 1]})
    result = fisher_exact(pd.crosstab(firms["niche"], firms["rd_high"]))
    assert result.table == ((3, 1), (1, 2))


def test_a_result_reads_as_two_lines():
    assert str(fisher_exact([[8, 0], [0, 5]])) == (
        "Fisher's exact test, 2 x 2 table, n = 13\nodds ratio inf (95% interval 3.933 to inf), p = 0.0008 (two-sided)"
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([1, 2, 3], "two rows and two columns"),
        ([[1, 2]], "two rows and two columns"),
        ([[0.41, 0.59], [0.2, 0.8]], "percentages must be turned into counts"),
        ([[1, -2], [3, 4]], "row 1, column 2 holds -2"),
        ([[1, np.nan], [3, 4]], "row 1, column 2 holds nan"),
        ([["a", "b"], ["c", "d"]], "counts, not values of type"),
        ([[0, 0], [3, 4]], "row 1 of the table holds no firms"),
        ([[0, 3], [0, 4]], "column 1 of the table holds no firms"),
    ],
)
@pytest.mark.parametrize("test", [fisher_exact, midp_exact])
def test_what_is_no_table_of_counts_is_refused(test, table, message):
    with pytest.raises(DataError, match=message):
        test(table)


def test_options_are_checked():
    with pytest.raises(OptionError, match="alternative must be one of"):
        fisher_exact([[1, 2], [3, 4]], "both")
    with pytest.raises(OptionError, match="alpha must lie"):
        midp_exact([[1, 2], [3, 4]], alpha=95)
    with pytest.raises(OptionError, match="has no direction"):
        fisher_exact([[1, 2, 3], [3, 4, 5]], "less")
    with pytest.raises(OptionError, match="leave out draws="):
        fisher_exact([[1, 2], [3, 4]], draws=100)
    with pytest.raises(OptionError, match="draws must be a whole number of at least 1"):
        fisher_exact([[1, 2, 3], [3, 4, 5]], draws=0)
    with pytest.raises(DataError, match="use fisher_exact"):
        midp_exact([[1, 2, 3], [3, 4, 5]])


def test_a_table_too_large_to_enumerate_says_how_to_go_on():
    table = np.random.default_rng(5).multinomial(600, np.ones(48) / 48).reshape(6, 8)
    with pytest.raises(OptionError, match="draws=100_000"):
        fisher_exact(table)
    assert 0 < fisher_exact(table, draws=1000, seed=1).pvalue < 1


@pytest.mark.slow
@pytest.mark.parametrize("odds_ratio", [1.0, 4.0])
def test_fisher_intervals_cover_at_least_their_level_and_midp_intervals_about(odds_ratio):
    """Coverage is added up over all tables of two binomials, not simulated."""
    first, second, base = 17, 19, 0.3
    odds = odds_ratio * base / (1 - base)
    other = odds / (1 + odds)
    covered = {fisher_exact: 0.0, midp_exact: 0.0}
    for a, b in product(range(first + 1), range(second + 1)):
        chance = comb(first, a) * other**a * (1 - other) ** (first - a)
        chance *= comb(second, b) * base**b * (1 - base) ** (second - b)
        for test in covered:
            if a + b in (0, first + second):
                covered[test] += chance
                continue
            lower, upper = test([[a, first - a], [b, second - b]]).conf_int
            covered[test] += chance * (lower <= odds_ratio <= upper)
    assert covered[fisher_exact] >= 0.95
    assert 0.94 <= covered[midp_exact] <= covered[fisher_exact]


@pytest.mark.slow
def test_the_levels_that_the_documentation_states():
    """Rejections at 5 % of a true hypothesis, two groups of 17 firms, at the worst of 97 common probabilities."""
    firms = range(18)
    tables = [(a, b) for a, b in product(firms, firms) if 0 < a + b < 34]
    common = np.linspace(0.02, 0.98, 97)
    worst = {}
    for test in (fisher_exact, midp_exact):
        rejected = [(a, b) for a, b in tables if test([[a, 17 - a], [b, 17 - b]]).pvalue < 0.05]
        level = sum(comb(17, a) * comb(17, b) * common ** (a + b) * (1 - common) ** (34 - a - b) for a, b in rejected)
        worst[test.__name__] = round(100 * float(np.max(level)), 1)
    assert worst == {"fisher_exact": 2.4, "midp_exact": 5.8}
