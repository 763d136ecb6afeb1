"""The multinomial discrete hazard against statsmodels on the firm-year table, and against its own definitions."""

import pickle

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError, OutcomeError, SeparationError
from exportmodels.timing import CompetingHazard, DiscreteHazard, person_period

MOVES = np.array(["none", "export", "import"])


def firms(n=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"niche": rng.integers(0, 2, n), "size": rng.normal(50, 3, n)})
    frame["entry"] = rng.integers(0, 2, n)
    frame["years"] = frame.entry + rng.integers(0, 5, n)
    frame["code"] = np.where(rng.random(n) < 0.3, 0, 1 + (rng.random(n) < 0.3 + 0.3 * frame.niche))
    return frame.assign(move=MOVES[frame.code], any=(frame.code > 0).astype(int), copies=1 + frame.index % 3)


def fit(data, **options):
    options = {"event": "move", "censored": "none", "entry": "entry", "baseline": "linear"} | options
    return CompetingHazard.from_formula("years ~ niche + size", data, **options)


def test_agrees_with_a_multinomial_logit_of_the_firm_year_table():
    import statsmodels.api as sm

    data = firms()
    table = person_period(data, "years", "any", "entry")
    design = np.column_stack([np.ones(len(table)), table["period"], table["niche"], table["size"]])
    other = sm.MNLogit(np.where(table["any"] == 1, table["code"], 0), design).fit(disp=0, tol=1e-13)
    model = fit(data)
    results = model.fit()
    np.testing.assert_allclose(results.llf, other.llf, rtol=1e-12)
    np.testing.assert_allclose(results.params, other.params.T.ravel(), rtol=1e-7)
    np.testing.assert_allclose(results.bse, other.bse.T.ravel(), rtol=1e-7)
    rows = model.problem(model.sample).scores(np.linalg.solve(model.problem(model.sample).back, results.params))
    np.testing.assert_allclose(rows.sum(axis=0), 0, atol=1e-8)
    null = CompetingHazard.from_formula(
        "years ~ 1", data, event="move", censored="none", entry="entry", baseline="linear"
    )
    np.testing.assert_allclose(results.llnull, null.fit().llf, rtol=1e-12)


def test_one_move_is_a_logit_hazard():
    data = firms().assign(move=lambda d: np.where(d.code > 0, "export", "none"))
    ours, other = (
        fit(data, baseline="dummies").fit("robust"),
        DiscreteHazard.from_formula("years ~ niche + size", data, event="any", entry="entry", link="logit").fit(
            "robust"
        ),
    )
    np.testing.assert_allclose(ours.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(ours.bse, other.bse, rtol=1e-9)


def test_frequencies_are_repeated_rows_and_order_does_not_matter():
    data = firms().assign(size=lambda d: d["size"].round())
    many = fit(data.loc[data.index.repeat(data.copies)])
    for kind in ("nonrobust", "robust"):
        one = fit(data, frequency="copies").fit(kind)
        np.testing.assert_allclose(one.bse, many.fit(kind).bse, rtol=1e-8)
        np.testing.assert_allclose(fit(data[::-1], frequency="copies").fit(kind).bse, one.bse, rtol=1e-8)


def test_shares_add_up_to_those_who_moved():
    results = fit(firms()).fit()
    within = results.predict(which="first")
    curves = [results.predict(which=f"incidence {cause}") for cause in ("export", "import")]
    np.testing.assert_allclose(within["export"], curves[0].iloc[:, results.model.horizon], rtol=1e-12)
    assert (sum(curves) < 1).all(axis=None)
    assert (np.diff(curves[0], axis=1) > 0).all()
    waiting = 1 - sum(curves).iloc[:, : results.model.horizon]
    np.testing.assert_allclose(results.predict(), waiting.sum(axis=1), rtol=1e-12)
    table = results.findings("niche").table
    assert ((table.lower < table.estimate) & (table.estimate < table.upper)).all()
    pd.testing.assert_series_equal(pickle.loads(pickle.dumps(results)).predict(), results.predict())


@pytest.mark.parametrize(
    ("changes", "options", "error", "message"),
    [
        ({}, {"event": None}, OptionError, "event= is needed"),
        ({}, {"censored": "never"}, None, ""),
        ({"move": "none"}, {}, OutcomeError, "there are no events"),
        ({"move": lambda d: np.where(d.niche == 1, d.move, "none")}, {}, SeparationError, "niche = 0 has the event"),
        ({"years": 1.5}, {}, OutcomeError, "must be whole years"),
    ],
)
def test_bad_input_is_refused(changes, options, error, message):
    data = firms().assign(**changes)
    if error is None:
        with pytest.raises(OptionError, match="name it with censored="):
            fit(data, **options)
        return
    with pytest.raises(error, match=message):
        fit(data, **options).fit()
