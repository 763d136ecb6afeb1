"""Which shares and options models of shares with ends refuse, and which cells they name."""

import sys
from pathlib import Path

import numpy as np
import pytest

from exportmodels.core.errors import OptionError, OutcomeError, SeparationError
from exportmodels.share import Beta, ExtendedBeta, InflatedBeta, Tobit, TruncatedRegression, TwoPart
from exportmodels.share.amounts import EndedShare, LimitedShare, ends

sys.path.insert(0, str(Path(__file__).parent))
from ended_firms import BELOW, DATA, FIRMS, INSIDE


def test_limits():
    assert ends(None, 1) == (-np.inf, 1.0)
    assert ends(0, None) == (0.0, np.inf)
    assert ends(-1e101, 1e101) == (-np.inf, np.inf)
    for low, high in [(1, 0), (1, 1), (None, -np.inf)]:
        with pytest.raises(OptionError, match="the lower limit must lie below the upper one"):
            ends(low, high)
    for model in (Tobit, TruncatedRegression):
        with pytest.raises(OptionError, match="needs a limit"):
            model.from_formula("share ~ x", INSIDE, lower=None, upper=None)


def test_shares_at_ends_that_are_not_reached():
    for model, data, words in [
        (Beta, FIRMS, r"exactly 0 in rows 0, 8; use share\.InflatedBeta"),
        (Beta, FIRMS[FIRMS["share"] > 0], r"exactly 1 in rows 3, 10; use share\.InflatedBeta"),
        (ExtendedBeta, INSIDE, r"nowhere exactly 0 or 1; use share\.Beta"),
        (InflatedBeta, BELOW, "nowhere exactly 1"),
        (TwoPart, INSIDE, "nowhere exactly 0"),
        (TruncatedRegression, FIRMS, r"strictly between 0 and 1 here; rows 0, 3, .* hold 0; .*share\.Tobit"),
    ]:
        with pytest.raises(OutcomeError, match=words):
            model.from_formula("share ~ x", data)
    with pytest.raises(OutcomeError, match=r"exactly 0 in rows .*; say inflate='both', or use share\.Fractional"):
        InflatedBeta.from_formula("share ~ x", FIRMS, inflate="one")
    with pytest.raises(OutcomeError, match=r"exactly 1 in rows .*; use dist='fractional' or share\.InflatedBeta"):
        TwoPart.from_formula("share ~ x", FIRMS, dist="beta")
    with pytest.raises(OutcomeError, match="must lie between 0 and 1"):
        Tobit.from_formula("share ~ x", FIRMS.assign(share=2 * FIRMS["share"]))
    assert Tobit.from_formula("share ~ x", FIRMS.assign(share=2 * FIRMS["share"]), upper=None).nobs == 12
    assert Tobit.from_formula("share ~ x", FIRMS.assign(share=FIRMS["share"] - 1), lower=-1).nobs == 12
    with pytest.raises(OutcomeError, match=r"does not vary: every value is 0\.5"):
        Tobit.from_formula("share ~ x", FIRMS.assign(share=0.5))


def test_shares_that_can_be_estimated():
    y = np.array([0.0, 0.3, 0.7])
    assert EndedShare(needed=(0.0,)).estimable(y)
    assert not EndedShare(needed=(0.0, 1.0)).estimable(y)
    assert EndedShare(piled=True).estimable(y)
    assert EndedShare(piled=True).estimable(1 - y)
    assert not EndedShare(piled=True).estimable(y[1:])
    assert EndedShare().estimable(y[1:])
    assert not EndedShare().estimable(y[:1].repeat(3))
    both = np.column_stack([y, [0.1, 0.3, 0.7]])  # a bracket that begins at zero is not zero
    assert not EndedShare(needed=(0.0,)).estimable(both)
    assert EndedShare(needed=(0.0,)).estimable(np.column_stack([y, y]))
    assert LimitedShare(upper=0.5, within="x").upper == 0.5


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        (Beta, {"link": "log"}, "link must be"),
        (Beta, {"bias": "remove"}, "bias must be"),
        (ExtendedBeta, {"dist": "beta"}, "dist must be"),
        (ExtendedBeta, {"link": "log"}, "link must be"),
        (InflatedBeta, {"inflate": "two"}, "inflate must be"),
        (InflatedBeta, {"link": "log"}, "link must be"),
        (InflatedBeta, {"inflate": "zero", "one": "z"}, "^one= gives covariates"),
        (TwoPart, {"dist": "gamma"}, "dist must be"),
        (TwoPart, {"link": "log"}, "link must be"),
        (TwoPart, {"participation": "log"}, "participation must be"),
        (TwoPart, {"scale": "z"}, "^scale= gives covariates"),
        (TwoPart, {"precision": "z"}, "^precision= gives covariates"),
        (TwoPart, {"dist": "truncated", "link": "probit"}, "which a truncated normal law has not"),
    ],
)
def test_options_that_are_refused(model, options, words):
    with pytest.raises(OptionError, match=words):
        model.from_formula("share ~ x", DATA[model], **options)


# what is said of a fit


@pytest.mark.parametrize(
    ("options", "said"), [({}, "of 12 values, 2 at 0, 2 at 1"), ({"upper": None}, "of 12 values, 2 at 0")]
)
def test_a_tobit_model_counts_what_is_censored(options, said):
    assert Tobit.from_formula("share ~ x", FIRMS, **options).notes(None) == [f"{said} are censored"]
    times = said.replace("12", "17").replace("2 at 1", "3 at 1")
    assert Tobit.from_formula("share ~ x", FIRMS, frequency="times", **options).notes(None) == [f"{times} are censored"]


@pytest.mark.parametrize(("value", "sign"), [(0.0, "-"), (0.4, r"\+")])
def test_cells_of_exporters_or_none_are_named(value, sign):
    share = np.where(FIRMS["z"] == 1, value + 0.01 * FIRMS.index * (value > 0), FIRMS["share"])
    with pytest.raises(SeparationError, match=rf"by 'z' \({sign}\)\. All firms sell abroad, or none does,"):
        TwoPart.from_formula("share ~ x", FIRMS.assign(share=share), participate="z").fit()


def test_cells_of_exporters_who_sell_everything_are_named():
    share = np.where(FIRMS["z"] == 1, 1.0 * (FIRMS.index % 3 > 0), FIRMS["share"].clip(0, 0.9))
    with pytest.raises(SeparationError, match=r"'z' \(\+\)\. All exporters sell everything abroad"):
        TwoPart.from_formula("share ~ z", FIRMS.assign(share=share), participate="x").fit()
