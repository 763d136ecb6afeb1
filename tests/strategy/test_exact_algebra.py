"""The exact conditional distribution against all outcomes written out: groups of firms, strata, offsets, samples."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import DataError, OptionError
from exportmodels.strategy import ExactLogit
from exportmodels.strategy.exact_logit import whole_units
from exportmodels.strategy.exact_network import enumerated, sampled

ROWS = pd.DataFrame(
    {
        "yes": [1, 0, 1, 0, 1, 0, 1, 0, 1, 0],
        "niche": [1, 1, 0, 0, 1, 0, 0, 1, 1, 0],
        "rd": [3, 0, -1, -1, 0.5, 0.5, 3, 3, 0, -1],
        "lean": [0.4, 0.4, -0.6, 0.4, 0.0, 0.0, 0.4, 0.4, 0.4, -0.6],
        "sector": ["b", "a", "b", "a", "b", "b", "a", "b", "b", "a"],
        "n": [2, 1, 1, 2, 1, 2, 1, 1, 1, 2],
    }
)
FIRMS = ROWS.loc[ROWS.index.repeat(ROWS["n"])].reset_index(drop=True)
OUTCOMES = np.array(list(product((0, 1), repeat=len(FIRMS))))
NAMES = ["niche", "rd"]
CASES = [{}, {"strata": "sector"}, {"offset": "lean"}, {"strata": "sector", "offset": "lean"}]
CASES = [(names, options) for options in CASES for names in (["rd"], NAMES, NAMES[::-1])]


def by_hand(names, options, j, beta=0.0):
    """Return the values of a covariate's sum given all other sums, and their probabilities."""
    x, y = FIRMS[names].to_numpy(), FIRMS["yes"].to_numpy()
    strata = FIRMS["sector"].to_numpy() if "strata" in options else np.zeros(len(y))
    sums, weight = OUTCOMES @ x, OUTCOMES @ FIRMS["lean"].to_numpy() if "offset" in options else 0.0 * OUTCOMES[:, 0]
    same = (np.delete(sums, j, axis=1) == np.delete(y @ x, j)).all(axis=1)
    for stratum in set(strata):
        same &= OUTCOMES[:, strata == stratum].sum(axis=1) == y[strata == stratum].sum()
    total = pd.Series(np.exp(weight + beta * sums[:, j])[same]).groupby(sums[same, j]).sum()
    return total.index.to_numpy(), (total / total.sum()).to_numpy(), y @ x[:, j]


@pytest.mark.parametrize(("names", "options"), CASES)
def test_all_outcomes_are_counted(names, options):
    results = ExactLogit.from_formula(f"yes ~ {' + '.join(names)}", ROWS, frequency="n", **options).fit()
    for j, name in enumerate(names):
        values, chance, observed = by_hand(names, options, j)
        found = results.distributions[name]
        np.testing.assert_allclose(found.support - found.observed, values - observed, atol=1e-12)
        np.testing.assert_allclose(found.null, chance, rtol=1e-10)
        if not found.extreme:
            values, chance, observed = by_hand(names, options, j, results.params[name])
            assert values @ chance == pytest.approx(observed, rel=1e-8)  # the score of the conditional likelihood
            spread = (values - observed) ** 2 @ chance
            assert results.bse[name] == pytest.approx(spread**-0.5, rel=1e-6)


@pytest.mark.parametrize(("names", "options"), CASES)
def test_samples_have_the_distribution(names, options):
    draws = 20_000
    model = ExactLogit.from_formula(f"yes ~ {' + '.join(names)}", ROWS, frequency="n", **options)
    groups, unit, observed = model.groups()
    with np.errstate(all="raise"):
        for j in range(len(names)):
            support, log_count = sampled(groups, j, observed, draws, np.random.default_rng(3))
            values, chance, at = by_hand(names, options, j)
            count = np.exp(log_count)
            assert count.sum() == pytest.approx(draws + 1)  # what was observed is one of them
            found = dict(zip(np.round((support - observed[j]) * unit[j], 9), count, strict=True))
            for value, p in zip(np.round(values - at, 9), chance, strict=True):
                drawn = found.pop(value, 0.0) - (value == 0)
                assert drawn == pytest.approx(p * draws, abs=4.5 * np.sqrt(p * (1 - p) * draws) + 1e-9)
            assert not found


def test_the_number_of_ways_is_that_of_outcomes():
    groups, _, observed = ExactLogit.from_formula("yes ~ niche + rd", ROWS, frequency="n", strata="sector").groups()
    x, y, sector = FIRMS[NAMES].to_numpy(), FIRMS["yes"].to_numpy(), (FIRMS["sector"] == "a").to_numpy()
    same = (OUTCOMES @ sector == y @ sector) & (OUTCOMES.sum(axis=1) == y.sum()) & (OUTCOMES @ x[:, 1] == y @ x[:, 1])
    assert np.exp(enumerated(groups, 0, observed)[1]).sum() == pytest.approx(same.sum())
    assert groups.size.sum() == len(FIRMS) and (np.diff(groups.stratum) >= 0).all()


@pytest.mark.parametrize("midp", [False, True])
def test_values_of_p_add_up_outcomes(midp):
    results = ExactLogit.from_formula("yes ~ niche + rd", ROWS, frequency="n").fit()
    for j, name in enumerate(NAMES):
        values, chance, observed = by_hand(NAMES, {}, j)
        at = chance[values == observed][0]
        far = np.abs(values - values @ chance) - np.abs(observed - values @ chance)
        for method, out, ties in (
            ("probability", chance < at * (1 - 1e-9), np.abs(chance - at) <= 1e-9 * at),
            ("score", far > 1e-9, np.abs(far) <= 1e-9),
        ):
            own = values == observed
            expected = chance[out | (ties & ~own)].sum() + (0.5 if midp else 1.0) * at
            found = results.test(name, method, midp=midp)
            if not midp or ties.sum() == 1:
                assert found == pytest.approx(expected, rel=1e-9)
        assert results.test(name) == results.test(name, "probability") == results.pvalues[name]
    drawn = ExactLogit.from_formula("yes ~ niche + rd", ROWS, frequency="n", draws=1000).fit()
    assert drawn.test("rd") == drawn.test("rd", "score") != drawn.test("rd", "probability")


def test_a_table_holds_odds_ratios():
    results = ExactLogit.from_formula("yes ~ niche + rd", ROWS, frequency="n").fit()
    table, limits = results.table(0.2), np.exp(results.conf_int(0.2))
    assert list(table.columns) == ["odds_ratio", "lower", "upper", "p", "median_unbiased"]
    np.testing.assert_allclose(table["odds_ratio"], np.exp(results.params))
    np.testing.assert_allclose(table[["lower", "upper"]], limits)
    np.testing.assert_allclose(table["p"], results.pvalues)
    assert results.table().loc["rd", "lower"] < table.loc["rd", "lower"]


@pytest.mark.parametrize(
    ("column", "steps", "unit"),
    [
        ([0.1, 0.2, 123456.7], [0, 1, 1234566], 0.1),
        ([0.0, 0.1234567, 0.1], [0, 1234567, 1000000], 1e-7),
        ([0.0, 1.1234567, 1.0], [0, 1000000, 890110], 1.1234567e-6),  # seven decimals are too many
        ([0.0, 12.1234567, 1.0], [0, 1000000, 82485], 12.1234567e-6),
        ([3.0, 3.000006, 3.000002], [0, 3, 1], 2e-6),
        ([5e7, 1e8, 7e7], [0, 5, 2], 1e7),
    ],
)
def test_covariates_in_whole_steps(column, steps, unit):
    found, size = whole_units(np.array(column))
    assert found.dtype == np.int64
    assert found.tolist() == steps and size == pytest.approx(unit, rel=1e-9)


def test_options():
    with pytest.raises(DataError, match="missing"):
        ExactLogit.from_formula("yes ~ rd", ROWS.assign(rd=[np.nan, *ROWS["rd"][1:]]), missing="raise")
    for draws in (999, 10_000_001):
        with pytest.raises(OptionError, match="draws must be at least 1000"):
            ExactLogit.from_formula("yes ~ rd", ROWS, draws=draws)
    with pytest.raises(OptionError, match="seed"):
        ExactLogit.from_formula("yes ~ rd", ROWS, seed=-1)
    one, other = (ExactLogit.from_formula("yes ~ niche + rd", ROWS, draws=1000, seed=seed).fit() for seed in (0, 1))
    assert (one.pvalues != other.pvalues).any()


def test_samples_of_many_firms_do_not_overflow():
    """Three thousand firms, of whom half say yes: a sum of draws without replacement, whose moments are known."""
    firms = pd.DataFrame({"x": [0, 0, 1, 1, 2, 2], "yes": [0, 1] * 3, "n": [400, 600, 500, 500, 600, 400]})
    model = ExactLogit.from_formula("yes ~ x", firms, frequency="n", draws=4000)
    found = model.fit().distributions["x"]
    mean, variance = 1500.0, 1500 * 0.5 * 3000 / 2999 * 2 / 3
    assert found.support @ found.null == pytest.approx(mean, abs=5 * np.sqrt(variance / 4000))
    assert (found.support - mean) ** 2 @ found.null == pytest.approx(variance, rel=0.15)
