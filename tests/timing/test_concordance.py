"""Concordance against R 4.2.2, survival 3.5-3 (concordance, timewt = "n/G2" for Uno), and by its definition."""

import numpy as np
import pytest
from oracles import load

from exportmodels.core.errors import OptionError
from exportmodels.timing import Cox

LUNG, HEART = load("cox_lung_efron").frame, load("cox_heart_efron").frame


def lung(formula="quarter ~ age + sex + ecog", **options):
    return Cox.from_formula(formula, LUNG, event="event", **options).fit()


def heart():
    return Cox.from_formula("stop ~ age + year + surgery + transplant", HEART, event="event", entry="start").fit()


@pytest.mark.parametrize(
    ("results", "options", "figures"),
    [
        (lung, {}, [0.645341579664094, 0.0277510708156401, 11318, 6195, 111]),
        (
            lung,
            {"method": "uno"},
            [0.636101453356734, 0.0261395847925781, 13864.4044291424, 7902.33369635391, 136.3003275957],
        ),
        (lung, {"horizon": 5}, [0.645563396575659, 0.0281250762927937, 11106, 6073, 109]),
        (lambda: lung("time ~ age + sex + ecog"), {}, [0.636773814609141, 0.0256254517648098, 11863, 6740, 125]),
        (lambda: lung("time ~ age + ecog", strata="sex"), {}, [0.607653319817537, 0.0268278869827505, 5932, 3808, 125]),
        (heart, {}, [0.635760123921221, 0.0330796245569992, 2873, 1646, 0]),
        (
            lambda: lung("quarter ~ sex + ecog", frequency="repeats"),
            {},
            [0.648384137736382, 0.0194215597680436, 39069, 18040, 13751],
        ),
        (
            lambda: lung("quarter ~ sex + ecog", weights="weight"),
            {},
            [0.660588320849393, 0.027711837399928, 15631.5, 6798.5, 5072],
        ),
    ],
)
def test_concordance_is_that_of_r(results, options, figures):
    ours = results().concordance(**options)
    found = [ours.estimate, ours.se, ours.concordant, ours.discordant, ours.tied]
    np.testing.assert_allclose(found, figures, rtol=1e-10)
    lower, upper = ours.conf_int()
    assert lower < ours.estimate < upper


def test_pairs_are_those_of_the_definition():
    rng = np.random.default_rng(8)
    data = HEART.sample(60, random_state=1).assign(x=rng.integers(0, 6, 60))
    results = Cox.from_formula("stop ~ x", data, event="event", entry="start").fit()
    score, counts = data["x"].to_numpy() * results.params["x"], np.zeros(3)
    stop, start, event = (data[name].to_numpy() for name in ("stop", "start", "event"))
    for i in np.flatnonzero(event == 1):
        others = (start < stop[i]) & ((stop > stop[i]) | ((stop == stop[i]) & (event == 0)))
        counts += (
            (others & (score < score[i])).sum(),
            (others & (score > score[i])).sum(),
            (others & (score == score[i])).sum(),
        )
    ours = results.concordance()
    np.testing.assert_allclose([ours.concordant, ours.discordant, ours.tied], counts)


def test_bad_options_are_named():
    with pytest.raises(OptionError, match="method must be"):
        lung().concordance("gonen")
    with pytest.raises(OptionError, match="know no late entry"):
        heart().concordance("uno")
