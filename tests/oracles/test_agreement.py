"""Every estimator against R: likelihood, coefficients, all standard errors, tests and predictions, case by case."""

from functools import cache

import numpy as np
import pytest
from oracles import cases, load

TOLERANCE = 1e-8
# What does not agree yet, and why; a case that agrees again fails until it is taken from here.
KNOWN_FAULTS: dict[str, str] = {}


@cache
def fitted(case, kind="nonrobust"):
    oracle = load(case)
    model = oracle.model()
    if kind == "clustered":
        return model.fit("clustered", clusters=oracle["clusters"])
    return model.fit(kind)


def reached(case):
    """The case and its tolerance; skips while the estimator is still to be written."""
    oracle = load(case)
    if oracle.public is None:
        pytest.skip(f"{oracle.estimator} is not there yet")
    return oracle, oracle["tolerance"]["value"] if "tolerance" in oracle else TOLERANCE


def with_faults(numbers):
    """Every case that has one of the numbers, with the fault that is known of it."""
    found = [(case, number) for number in numbers for case in cases(having=number)]
    return [
        pytest.param(*pair, marks=[pytest.mark.slow, pytest.mark.xfail(strict=True, reason=KNOWN_FAULTS[pair[0]])])
        if pair[0] in KNOWN_FAULTS
        else pair
        for pair in found
    ]


def plain(oracle):
    return "robust" if "bse_robust" in oracle and "bse" not in oracle else "nonrobust"


def close(ours, figures, tolerance):
    names = list(figures)
    np.testing.assert_allclose(ours[names].to_numpy(), [figures[name] for name in names], rtol=tolerance)


@pytest.mark.parametrize(("case", "number"), with_faults(["params"]))
def test_likelihood_and_coefficients(case, number):
    oracle, tolerance = reached(case)
    results = fitted(case, plain(oracle))
    for name in ("llf", "llnull", "penalized_llf", "nobs"):
        if name in oracle:
            np.testing.assert_allclose(getattr(results, name), oracle[name], rtol=tolerance, err_msg=name)
    close(results.params, oracle[number], tolerance)


@pytest.mark.parametrize(("case", "number"), with_faults(["bse", "bse_robust", "bse_clustered"]))
def test_standard_errors(case, number):
    oracle, tolerance = reached(case)
    kind = {"bse": "nonrobust"}.get(number, number.removeprefix("bse_"))
    results = fitted(case, kind)
    close(results.bse, oracle[number], tolerance)
    if kind == "nonrobust" and "cov_params" in oracle:
        names = list(oracle["params"])
        scale = np.outer(results.bse[names], results.bse[names])
        ours = results.cov_params().loc[names, names].to_numpy()
        np.testing.assert_allclose(ours / scale, np.array(oracle["cov_params"]) / scale, atol=tolerance, rtol=0)


@pytest.mark.parametrize("case", cases(having="tests"))
def test_tests(case):
    oracle, tolerance = reached(case)
    figures = oracle["tests"]
    dropped = figures.get("dropped", list(oracle["params"]))
    for kind, number in (("nonrobust", "wald"), ("robust", "wald_robust"), ("clustered", "wald_clustered")):
        if number in figures:
            results = fitted(case, kind)
            restriction = np.eye(len(results.params))[[results.params.index.get_loc(name) for name in dropped]]
            test = results.wald_test(restriction)
            np.testing.assert_allclose([test.statistic, test.df], [figures[number], figures["df"]], rtol=tolerance)
    results = fitted(case)
    if "restricted" in figures:
        test = results.lr_test(oracle.model(figures["restricted"]).fit())
        np.testing.assert_allclose(test.statistic, figures["lr"], rtol=tolerance)
    elif "lr" in figures:
        np.testing.assert_allclose(results.llr, figures["lr"], rtol=tolerance)


@pytest.mark.parametrize("case", cases(having="profile_interval"))
def test_profile_intervals(case):
    oracle, _ = reached(case)
    limits, figures = fitted(case).conf_int(1 - oracle["profile_interval"]["level"]), oracle["profile_interval"]
    for column, end in ((0, "lower"), (1, "upper")):
        close(limits[column], figures[end], 1e-6)  # ends of intervals are roots of a profile, good to fewer digits


@pytest.mark.parametrize("case", cases(having="mean_head"))
def test_predictions(case):
    oracle, tolerance = reached(case)
    ours = fitted(case, plain(oracle)).predict().iloc[: len(oracle["mean_head"])]
    np.testing.assert_allclose(ours, oracle["mean_head"], rtol=tolerance)
