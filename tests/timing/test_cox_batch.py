"""Refits of a small Cox model to all draws at once: the estimates, and the failures, of one refit after the other."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.covariance import bootstrap_draws, leave_one_out, refit_each
from exportmodels.inference import bootstrap
from exportmodels.timing import Cox, cox_batch


def firms(n=60, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"size": rng.normal(size=n), "niche": rng.integers(0, 2, n), "o": rng.normal(0, 0.3, n)})
    waited, seen = rng.exponential(8 * np.exp(-0.5 * frame["size"])), rng.uniform(2, 12, n)
    frame["years"], frame["exported"] = np.ceil(np.minimum(waited, seen)), (waited <= seen).astype(int)
    since = np.where(rng.random(n) < 0.4, np.floor(frame["years"] * rng.random(n)), 0.0)
    return frame.assign(
        w=rng.uniform(0.5, 2, n), copies=rng.integers(1, 3, n), sector=rng.integers(0, 6, n), since=since
    )


OPTIONS = [
    {},
    {"ties": "breslow"},
    {"entry": "since"},
    {"strata": "niche"},
    {"weights": "w"},
    {"frequency": "copies", "offset": "o"},
    {"weights": "w", "entry": "since", "frequency": "copies", "ties": "breslow"},
]


@pytest.mark.parametrize("clusters", [None, "sector"])
@pytest.mark.parametrize("options", OPTIONS)
def test_draws_at_once_give_what_single_refits_give(options, clusters):
    terms = "size + o" if "strata" in options else "size + niche"
    model = Cox.from_formula(f"years ~ {terms}", firms(), event="exported", **options)
    frequency = np.ones(60) if model.sample.frequency is None else model.sample.frequency
    labels = None if clusters is None else model.sample.align(clusters, "clusters", model.frame)
    draws = bootstrap_draws(frequency, labels, 40, 1)
    ours, failed = model.refits(draws, "")
    singly, lost = refit_each(model.refit, draws, "", False)
    assert failed == lost
    np.testing.assert_allclose(ours, singly, rtol=1e-8, atol=1e-10)


def test_draws_without_an_estimate_are_the_same(monkeypatch):
    # one niche firm of two has the event: draws without it are monotone, those without either collinear
    data = firms(30).assign(niche=0)
    data.loc[[3, 4], ["niche", "exported", "years"]] = [[1, 1, 2.0], [1, 0, 5.0]]
    model = Cox.from_formula("years ~ size + niche", data, event="exported")
    draws = bootstrap_draws(np.ones(30), None, 120, 2)
    ours, failed = model.refits(draws, "")
    monkeypatch.setattr(cox_batch, "_LARGEST", 0)
    singly, lost = model.refits(draws, "")
    assert failed == lost > 20
    np.testing.assert_allclose(ours, singly, rtol=1e-6, atol=1e-8)


def test_batches_are_split_where_memory_is_short(monkeypatch):
    results = Cox.from_formula("years ~ size + niche", firms(), event="exported").fit()
    whole = bootstrap(results, replications=50)
    monkeypatch.setattr(cox_batch, "_HELD", 1000)
    np.testing.assert_allclose(bootstrap(results, replications=50).replicates, whole.replicates, rtol=1e-12)


def test_bootstrap_and_jackknife_errors_come_from_it():
    model = Cox.from_formula("years ~ size + niche", firms(), event="exported")
    estimates, failed = refit_each(model.refit, leave_one_out(np.ones(60), None), "", False)
    spread = estimates - estimates.mean(axis=0)
    np.testing.assert_allclose(model.fit("jackknife").cov_params(), 59 / 60 * spread.T @ spread, rtol=1e-7)
    assert failed == 0
