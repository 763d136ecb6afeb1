"""Where the options of a split population go: distribution, intervals, steps, covariances, draws of the sample."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import ConvergenceError, DataError, OptionError, SeparationError
from exportmodels.timing import SplitPopulation

N = 240
RNG = np.random.default_rng(2)
FIRMS = pd.DataFrame({"niche": RNG.integers(0, 2, N), "size": RNG.normal(size=N), "sector": RNG.integers(0, 12, N)})
WAITED = np.where(RNG.random(N) < 0.6, RNG.exponential(2, N), np.inf)
FIRMS["time"], FIRMS["moved"] = np.minimum(WAITED, 12.0), (WAITED <= 12) * 1
FIRMS["years"] = np.floor(FIRMS["time"]).astype(int)
FIRMS["lower"] = np.floor(FIRMS["time"])
FIRMS["upper"] = np.where(FIRMS["moved"] == 1, FIRMS["lower"] + 1, np.inf)


def model_of(outcome="time", data=FIRMS, **options):
    return SplitPopulation.from_formula(f"{outcome} ~ niche", data, **{"event": "moved"} | options)


@pytest.mark.parametrize(("dist", "outcome"), [("lognormal", "time"), ("discrete", "years")])
def test_the_summary_says_the_distribution(dist, outcome):
    assert model_of(outcome, dist=dist).title == f"Split-population duration model ({dist})"
    with pytest.raises(OptionError, match="dist must be one of 'exponential'"):
        model_of(dist="gamma")


@pytest.mark.filterwarnings("ignore:Follow-up may be too short")
def test_events_known_to_an_interval():
    """Half of a year around the event tells about what the exact time tells."""
    ours = SplitPopulation.from_formula("lower ~ niche", FIRMS, upper="upper").fit()
    assert ours.params.iloc[-1] == pytest.approx(model_of().fit().params.iloc[-1], abs=0.05)
    with pytest.raises(OptionError, match="event= is needed"):
        SplitPopulation.from_formula("lower ~ niche", FIRMS)


@pytest.mark.parametrize("options", [{}, {"start": np.array([0.5, 0.0, 0.0, 0.0])}], ids=["own starts", "given start"])
def test_a_climb_of_one_step_is_not_finished(options):
    with pytest.raises(ConvergenceError, match="1 Newton steps"):
        model_of().fit(max_iter=1, **options)


def test_covariances_are_those_asked_for():
    model = model_of()
    kinds = {"nonrobust": model.fit(), "robust": model.fit("robust"), "clustered": model.fit(clusters="sector")}
    problem = model.problem(model.sample)
    theta = np.linalg.solve(problem.back, kinds["robust"].params)
    scores = problem.scores(theta) @ np.linalg.inv(problem.back)
    bread = kinds["nonrobust"].cov_params().to_numpy()
    grouped = pd.DataFrame(scores).groupby(FIRMS["sector"]).sum().to_numpy()
    for kind, meat in (("robust", scores.T @ scores), ("clustered", grouped.T @ grouped)):
        assert kinds[kind].cov_type == kind
        ratio = kinds[kind].cov_params().to_numpy() / (bread @ meat @ bread)
        np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-6)
        assert ratio[0, 0] == pytest.approx(1, abs=0.12)  # but for the small-sample factor


def test_a_draw_in_which_a_level_has_no_event_has_no_estimate():
    model = model_of()
    kept = ((FIRMS["moved"] == 0) | (FIRMS["niche"] == 1)).to_numpy().astype(float)
    with pytest.raises(SeparationError, match=r"niche = 0 has the event.*without \[incidence\] covariates"):
        model.problem(model.sample.reweighted(kept))


def test_all_coefficients_of_the_incidence_are_named_where_a_part_has_no_immune_firms():
    data = FIRMS.assign(moved=FIRMS["moved"] | FIRMS["niche"], time=FIRMS["time"].clip(upper=6))
    model = SplitPopulation.from_formula("time ~ 1", data, event="moved", incidence="niche")
    with pytest.raises(SeparationError, match=r"of '\[incidence\] Intercept', '\[incidence\] niche' have no finite"):
        model.fit()


def test_incomplete_rows_are_dropped_or_named():
    gaps = FIRMS.assign(niche=FIRMS["niche"].where(FIRMS.index > 1))
    assert len(model_of(data=gaps).sample.labels) == N - 2
    with pytest.raises(DataError, match="rows 0, 1"):
        model_of(data=gaps, missing="raise")
