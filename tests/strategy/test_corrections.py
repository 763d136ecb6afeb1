"""FLIC, FLAC and the rare-events correction against R, and what they promise of the probabilities."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, SeparationError
from exportmodels.strategy import FirthLogit, Logit, RareEventsLogit
from exportmodels.strategy.flac import Augmented

SEPARATED = pd.DataFrame({"plant": [0] * 31 + [1] * 5, "niche": [0] * 19 + [1] * 17, "age": list(range(36))})


@pytest.fixture
def firms():
    """A table of counts with two covariates; the figures of R below are of it."""
    rows = [(y, x, z) for y in (0, 1) for x in (0, 1) for z in (1, 2, 4)]
    frame = pd.DataFrame(rows, columns=["plant", "niche", "rd"])
    return frame.assign(n=[8, 9, 3, 5, 4, 1, 1, 0, 1, 2, 4, 5])


# R 4.2.2, brglm2 0.9: Firth's estimate; then glm with an offset (FLIC), or of the augmented data (FLAC).
R = {
    "flic": ([-3.56454334252, 2.19500543744, 0.635870728408], [1.12786223205, 0.865099007291, 0.339384553683]),
    "flac": ([-3.55281568976, 2.2088260818, 0.626408767445], [1.09312508669, 0.830109954883, 0.324267510029]),
    "bias": ([-3.44774756037, 2.14809784069, 0.627388179985], [1.15074745521, 0.867423515406, 0.333933848423]),
}


@pytest.mark.parametrize("correction", ["flic", "flac"])
def test_agrees_with_r(firms, correction):
    results = FirthLogit.from_formula("plant ~ niche + rd", firms, frequency="n", correction=correction).fit()
    np.testing.assert_allclose(results.params, R[correction][0], rtol=1e-8)
    np.testing.assert_allclose(results.bse, R[correction][1], rtol=1e-8)


def test_bias_and_prior_correction_agree_with_r(firms):
    """brglm2's type = "correction"; the errors of glm times n / (n + k)."""
    plain = RareEventsLogit.from_formula("plant ~ niche + rd", firms, frequency="n").fit()
    np.testing.assert_allclose(plain.params, R["bias"][0], rtol=1e-8)
    np.testing.assert_allclose(plain.bse, R["bias"][1], rtol=1e-8)
    prior = RareEventsLogit.from_formula("plant ~ niche + rd", firms, frequency="n", share=0.02).fit()
    share = np.average(firms["plant"], weights=firms["n"])
    over = np.log(0.98 / 0.02 * share / (1 - share))
    np.testing.assert_allclose(plain.params - prior.params, [over, 0, 0], atol=1e-12)
    np.testing.assert_allclose(plain.bse, prior.bse, rtol=1e-12)


@pytest.mark.parametrize("correction", ["flic", "flac"])
@pytest.mark.parametrize("weight", [None, "frequency", "weights"])
def test_probabilities_average_to_the_share(correction, weight):
    data = SEPARATED.assign(w=1.0 + np.arange(36) % 3)
    options = {} if weight is None else {weight: "w"}
    model = FirthLogit.from_formula("plant ~ niche + age", data, correction=correction, **options)
    weights = data["w"] if weight else np.ones(36)
    share = np.average(data["plant"], weights=weights)
    np.testing.assert_allclose(np.average(model.fit().predict(), weights=weights), share, rtol=1e-10)


def test_flic_leaves_the_slopes_and_their_profiles():
    plain, flic = (FirthLogit.from_formula("plant ~ niche", SEPARATED, correction=c).fit() for c in (None, "flic"))
    np.testing.assert_allclose(flic.params["niche"], plain.params["niche"], rtol=1e-12)
    np.testing.assert_allclose(flic.conf_int().loc["niche"], plain.conf_int().loc["niche"], rtol=1e-9)
    np.testing.assert_allclose(flic.conf_int().loc["Intercept"], flic.conf_int(method="wald").loc["Intercept"])


def test_score_and_information_of_the_pseudo_firms_by_differences(firms):
    model = FirthLogit.from_formula("plant ~ niche + rd", firms, frequency="n", correction="flac")
    problem = model.problem(model.sample)
    assert isinstance(problem.objective, Augmented)
    theta, h = problem.start + np.array([0.2, -0.3, 0.1]), 1e-5
    _, score, information = problem.objective.evaluate(theta)
    for k, step in enumerate(h * np.eye(3)):
        up, down = problem.objective.evaluate(theta + step), problem.objective.evaluate(theta - step)
        np.testing.assert_allclose((up[0] - down[0]) / (2 * h), score[k], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose((down[1] - up[1]) / (2 * h), information[k], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(model.sample.frequency @ problem.scores(theta), score, rtol=1e-10, atol=1e-12)


def test_corrected_bias_is_of_smaller_order():
    """Firth's estimate and the corrected one remove the same leading bias."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 1))
    y = (rng.random(400) < 1 / (1 + np.exp(1.5 - x[:, 0]))).astype(int)
    design = np.c_[np.ones(400), x]
    firth, corrected, plain = (estimator(y, design).fit().params for estimator in (FirthLogit, RareEventsLogit, Logit))
    assert np.abs(firth - corrected).max() < 0.05 * np.abs(firth - plain).max()


def test_bad_options_are_named():
    with pytest.raises(OptionError, match="correction must be one of None, 'flic', 'flac'"):
        FirthLogit.from_formula("plant ~ niche", SEPARATED, correction="both")
    with pytest.raises(OptionError, match="the model has none"):
        FirthLogit.from_formula("plant ~ 0 + age", SEPARATED, correction="flic")
    with pytest.raises(OptionError, match="between 0 and 1, not 2"):
        RareEventsLogit.from_formula("plant ~ niche", SEPARATED, share=2)
    with pytest.raises(SeparationError, match="FirthLogit"):
        RareEventsLogit.from_formula("plant ~ niche", SEPARATED).fit()


def test_notes_speak_of_the_profile_where_it_is_used_and_of_frequencies_where_there_are_any():
    firms = pd.DataFrame({"yes": [0.0, 1, 0, 1, 1, 0, 1, np.nan], "niche": [0, 0, 0, 1, 1, 1, 1, 0], "city": range(8)})
    model = FirthLogit.from_formula("yes ~ niche", firms)
    assert any("from the profile" in note for note in model.fit().notes)
    assert not any("profile" in note for note in model.fit(clusters="city").notes)
    assert "1 of 8 rows are left out because a value is missing" in model.fit().notes
    counted = FirthLogit.from_formula("yes ~ niche", firms.assign(times=2), frequency="times").fit()
    assert "1 of 8 rows are left out because a value is missing or the frequency is zero" in counted.notes
