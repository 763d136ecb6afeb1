"""The laws of repeated samples: that they call wrong estimators wrong, how seldom right ones, and ours under them."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from exportmodels import laws
from exportmodels.laws import statistical
from exportmodels.laws.evidence import Evidence
from exportmodels.laws.ours import ModelAdapter, all_ours
from exportmodels.spread import ZeroTruncated
from exportmodels.strategy import Logit

SIMULATED = {adapter.name: adapter for adapter in all_ours() if "draws" in adapter.capabilities}


class HalvedErrors(ModelAdapter):
    """Forgets that a variance is the square of a standard error, or the like."""

    def fit(self, case, covariance=None):
        fitted = super().fit(case, covariance)
        return replace(fitted, bse=fitted.bse / 2)


class Biased(ModelAdapter):
    """Adds a standard error to every coefficient."""

    def fit(self, case, covariance=None):
        fitted = super().fit(case, covariance)
        return replace(fitted, params=fitted.params + fitted.bse)


class OneSided(ModelAdapter):
    """Gives the p-values of one side as those of two."""

    def fit(self, case, covariance=None):
        fitted = super().fit(case, covariance)
        return replace(fitted, pvalues=fitted.pvalues / 2)


class Forgetful(ModelAdapter):
    """Looks at the first three hundred rows only."""

    def fit(self, case, covariance=None):
        return super().fit(case.take(np.arange(min(300, len(case)))), covariance)


@pytest.mark.parametrize(
    ("wrong", "law"),
    [(HalvedErrors, "coverage"), (Biased, "centre"), (OneSided, "p-values"), (Forgetful, "consistency")],
)
@pytest.mark.parametrize("model", [Logit, pytest.param(ZeroTruncated, marks=pytest.mark.slow)])
def test_a_wrong_estimator_is_called_wrong_by_its_law(wrong, law, model):
    verdict = laws.check_statistics(wrong(model, {}), draws=300)
    assert law in verdict.counterexamples
    assert "evidence" in verdict.counterexamples[law].message
    others = {"coverage", "p-values", "centre", "consistency"} - {law}
    if wrong in (OneSided, HalvedErrors):
        assert not others & set(verdict.counterexamples)


def test_standard_errors_ten_percent_off_are_within_the_band():
    class Rough(ModelAdapter):
        def fit(self, case, covariance=None):
            fitted = super().fit(case, covariance)
            return replace(fitted, bse=1.1 * fitted.bse)

    assert laws.check_statistics(Rough(Logit, {}), draws=200).held


def test_the_evidence_reaches_a_bound_no_more_often_than_its_inverse_says():
    rng, alpha, alarms = np.random.default_rng(0), 0.05, 0
    for _ in range(300):
        evidence = Evidence(0.9, 0.98)
        for _ in range(60):
            evidence.observe(rng.random(1) < 0.9)  # the edge of the band, where it is most likely
            if evidence.against >= 1 / alpha:
                alarms += 1
                break
    assert 0 < alarms <= 300 * alpha


def test_the_expected_wealth_is_one_at_the_edges_of_the_band_and_less_within():
    for p, inside in ((0.9, False), (0.98, False), (0.95, True)):
        won, lost = Evidence(0.9, 0.98), Evidence(0.9, 0.98)
        won.observe([True])
        lost.observe([False])
        sides = p * np.exp(won._won) + (1 - p) * np.exp(lost._lost)
        assert sides.max() == pytest.approx(1.0) if not inside else sides.max() < 1


def test_bands_hold_the_nominal_rate_and_widen_with_what_is_tolerated():
    for level in (0.05, 0.25, 0.5):
        assert statistical.rejected(level, 1.0) == pytest.approx(level)
        assert statistical.rejected(level, 1 / 1.2) < level < statistical.rejected(level, 1.2)


def test_an_estimator_of_another_package_is_held_to_them():
    assert laws.check_statistics(sm.Logit, draws=60).table["verdict"].eq("held").all()


def test_two_samples_are_no_evidence():
    assert laws.check_statistics(HalvedErrors(Logit, {}), draws=2).held


@pytest.mark.slow
@pytest.mark.parametrize("name", SIMULATED)
def test_our_estimators_hold_the_laws_of_repeated_samples(name):
    verdict = laws.check_statistics(SIMULATED[name], draws=200)
    assert verdict.held, str(verdict)
    assert (verdict.table["verdict"] == "held").all(), str(verdict.table)
