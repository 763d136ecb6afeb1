"""Exact tests of tables against all tables with the same margins, in fractions and binomial coefficients."""

from fractions import Fraction
from itertools import product
from math import comb, factorial, prod

import numpy as np
import pytest

from exportmodels.core.errors import OptionError
from exportmodels.inference import fisher_exact, freeman_halton, midp_exact
from exportmodels.inference.exact import _first_cell
from exportmodels.inference.freeman_halton import _merge, exact_pvalue, log_factorial, sampled_pvalue
from exportmodels.inference.tilted import Tilted


def fillings(total, room):
    """All ways to give a total to rows with so much room."""
    if len(room) == 1:
        return [(total,)] if total <= room[0] else []
    return [(k, *rest) for k in range(min(total, room[0]) + 1) for rest in fillings(total - k, room[1:])]


def all_tables(rows, columns):
    """All tables with given margins, column by column, as tuples of columns."""
    if len(columns) == 1:
        return [(tuple(rows),)]
    return [
        (first, *rest)
        for first in fillings(columns[0], rows)
        for rest in all_tables(tuple(r - k for r, k in zip(rows, first, strict=True)), columns[1:])
    ]


def definition(table):
    """P-value of Freeman and Halton in fractions: the weight of a table is one over its factorials."""

    def weight(columns):
        return Fraction(1, prod(factorial(int(k)) for column in columns for k in column))

    rows, columns = tuple(table.sum(axis=1).tolist()), tuple(table.sum(axis=0).tolist())
    weights = [weight(one) for one in all_tables(rows, columns)]
    return float(sum(w for w in weights if w <= weight(table.T)) / sum(weights))


TABLES = [
    [[3, 1, 0], [1, 2, 4]],
    [[2, 0, 1], [0, 3, 0], [1, 1, 2]],
    [[0, 4], [3, 1], [2, 2], [1, 0]],
    [[5, 0, 0, 1], [1, 2, 2, 1]],
    [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    [[2, 2], [2, 2], [0, 3]],
]


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_pvalues_of_larger_tables(table):
    exact = definition(np.array(table))
    assert exact_pvalue(np.array(table)) == pytest.approx(exact, rel=1e-12)
    assert exact_pvalue(np.array(table).T) == pytest.approx(exact, rel=1e-12)
    assert fisher_exact(table).pvalue == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("table", TABLES[:4], ids=str)
def test_pvalues_from_random_tables(table):
    table, exact = np.array(table), definition(np.array(table))
    found = sampled_pvalue(table, 4000, 3)
    assert abs(found - exact) < 5 * np.sqrt(exact * (1 - exact) / 4000) + 1 / 4001
    assert fisher_exact(table, draws=4000, seed=3).pvalue == found != sampled_pvalue(table, 4000, 4)
    assert found * 4001 == pytest.approx(round(found * 4001), abs=1e-9)


def test_the_observed_table_counts_among_the_random_ones():
    """The only least probable table of many: nearly no random one is like it, and p is one over the draws and one."""
    assert sampled_pvalue(np.diag([30, 30, 30]), 99, 0) == 0.01
    assert sampled_pvalue(np.ones((3, 3), dtype=int), 99, 0) == 1.0


def test_a_network_that_is_too_large(monkeypatch):
    table = np.array(TABLES[1])
    network = freeman_halton._Network(table)
    exact_pvalue(table)
    for steps, enough in ((10_000, True), (5, False)):
        monkeypatch.setattr(freeman_halton, "STEPS", steps)
        if enough:
            assert exact_pvalue(table) == pytest.approx(definition(table))
        else:
            with pytest.raises(OptionError, match=r"3 x 3, n = 10"):
                exact_pvalue(table)
            assert len(list(zip(range(5), network.edges(network.source, 0), strict=False))) == 5
    assert network.future((0, 0, 0), 3) == (0.0, 0.0)


def test_pasts_of_the_same_value_are_one():
    value, count = _merge([(np.array([1.0, 2.0]), np.array([1.0, 4.0])), (np.array([2.0 + 1e-13]), np.array([3.0]))])
    np.testing.assert_allclose(value, [1.0, 2.0])
    np.testing.assert_array_equal(count, [1.0, 7.0])
    assert len(_merge([(np.array([1.0, 1.0 + 1e-8]), np.ones(2))])[0]) == 2
    np.testing.assert_allclose(log_factorial([0, 1, 5]), np.log([1, 1, 120]), atol=1e-15)


@pytest.mark.parametrize(
    "table",
    [[[3, 1], [2, 6]], [[0, 4], [5, 2]], [[4, 0], [1, 3]], [[2, 2], [2, 2]], [[9, 5], [1, 2]], [[7, 7], [3, 0]]],
)
def test_two_by_two_tables(table):
    """All quantities from binomial coefficients."""
    (a, b), (c, d) = table
    support = list(range(max(0, a + c - (c + d)), min(a + b, a + c) + 1))
    weight = [comb(a + b, x) * comb(c + d, a + c - x) for x in support]
    total, own = sum(weight), weight[support.index(a)]
    less, greater = (sum(w for x, w in zip(support, weight, strict=True) if sign * (x - a) < 0) for sign in (1, -1))
    both = sum(w for w in weight if w <= own)
    exact = {"less": less + own, "greater": greater + own, "two-sided": both}
    middle = {"less": less + own / 2, "greater": greater + own / 2}
    middle["two-sided"] = min(total, 2 * min(middle.values()))
    for side in exact:
        assert fisher_exact(table, side).pvalue == pytest.approx(exact[side] / total, rel=1e-12)
        assert midp_exact(table, side).pvalue == pytest.approx(middle[side] / total, rel=1e-12)
    for test, share in ((fisher_exact, 1), (midp_exact, 0.5)):
        found = test(table, alpha=0.1)
        law = Tilted(np.array(support, dtype=float), np.log(weight), a)
        np.testing.assert_allclose(found.conf_int, np.exp(law.interval("two-sided", 0.1, share)), rtol=1e-9)
        assert found.odds_ratio == pytest.approx(np.exp(law.estimate()), rel=1e-9)


def test_rounding_makes_no_probability_larger_than_one():
    for a, b in product(range(1, 12), range(1, 9)):
        symmetric = np.array([[a, b], [a, b]])
        larger = np.array([[a, b, a], [a, b, a]])
        assert fisher_exact(symmetric).pvalue <= 1 and midp_exact(symmetric).pvalue <= 1
        assert exact_pvalue(larger) <= 1
        for law in (_first_cell(symmetric), _first_cell(np.array([[a, b], [b, a]]))):
            assert max(law.at_most_as_probable(), law.farther_out(), law.tail("less"), law.tail("greater")) <= 1


def test_what_a_result_says():
    found = midp_exact([[3, 1], [2, 6]], "less", alpha=0.1)
    assert (found.method, found.table, found.alternative, found.alpha) == (
        "Mid-p exact test",
        ((3, 1), (2, 6)),
        "less",
        0.1,
    )
    assert str(found).startswith("Mid-p exact test, 2 x 2 table, n = 12\nodds ratio ")
    assert f"(90% interval 0 to {found.conf_int[1]:.4g}), p = {found.pvalue:.4f} (less)" in str(found)
    found = fisher_exact([[3, 1], [2, 6]], "greater", alpha=0.2)
    assert (found.method, found.table, found.alternative, found.alpha) == (
        "Fisher's exact test",
        ((3, 1), (2, 6)),
        "greater",
        0.2,
    )
    found = fisher_exact(TABLES[0])
    assert str(found) == f"Fisher's exact test, 2 x 3 table, n = 11\np = {found.pvalue:.4f} (two-sided)"
