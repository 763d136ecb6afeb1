"""Gamma frailty in Cox: R's marginal likelihood, exact derivatives, a likelihood integrated numerically, recovery."""

import numpy as np
import pandas as pd
import pytest
from oracles import load
from scipy.integrate import quad

from exportmodels.core.errors import ConvergenceError, OptionError
from exportmodels.timing import Cox

RATS = load("cox_rats_efron").frame


def rats(ties="efron", **options):
    return Cox.from_formula("time ~ rx", RATS, event="event", frailty="gamma", shared="litter", ties=ties, **options)


# R 4.2.2, survival 3.5-3: coxph(Surv(time, event) ~ rx + frailty(litter, distribution = "gamma", method = "em",
# eps = 1e-12)): coefficient, theta, c.loglik
@pytest.mark.parametrize(
    ("ties", "coefficient", "variance", "loglike"),
    [
        ("efron", 0.727068560916474, 2.020341842411228, -217.549814104081918),
        ("breslow", 0.721266259039345, 1.980245802915025, -217.767429039332228),
    ],
)
def test_estimate_is_that_of_r(ties, coefficient, variance, loglike):
    results = rats(ties).fit()
    np.testing.assert_allclose(results.llf, loglike, rtol=1e-12)
    np.testing.assert_allclose(results.params["rx"], coefficient, rtol=1e-6)
    np.testing.assert_allclose(np.exp(results.params["[log_variance]"]), variance, rtol=1e-6)


def test_frailties_are_those_of_r():
    # the first six of fit$frail under Efron's ties, in the order of the litters
    figures = [0.4359430604, -0.7424137109, -0.8854411915, -0.7424137109, -0.9128047986, -0.5226986112]
    table = rats().fit().frailties().sort_index()
    np.testing.assert_allclose(np.log(table["frailty"].iloc[:6]), figures, rtol=1e-6)
    assert ((table["lower"] < table["frailty"]) & (table["frailty"] < table["upper"])).all()
    assert table["events"].sum() == RATS["event"].sum()
    np.testing.assert_allclose(table["frailty"].mean(), 1, rtol=1e-9)


def test_derivatives_are_those_of_the_likelihood():
    likelihood, _ = rats().likelihood(rats().sample)
    theta, step = np.array([0.3, -0.7]), 1e-3
    _, score, information = likelihood.evaluate(theta)
    for k, direction in enumerate(np.eye(2) * step):
        at = [likelihood.evaluate(theta + m * direction) for m in (-2, -1, 1, 2)]
        slope = (at[0][0] - 8 * at[1][0] + 8 * at[2][0] - at[3][0]) / (12 * step)
        bend = (at[0][1] - 8 * at[1][1] + 8 * at[2][1] - at[3][1]) / (12 * step)
        np.testing.assert_allclose(score[k], slope, rtol=1e-8)
        np.testing.assert_allclose(information[k], -bend, rtol=1e-7)


def test_likelihood_is_the_integral_over_the_frailties():
    """At the profiled baseline the sum of the groups' log-integrals, done numerically, is the value."""
    results = rats("breslow").fit()
    likelihood, kept = results.model.likelihood(results.model.sample)
    theta, data = results.certificate.theta, RATS[kept]
    u = np.exp(-theta[-1])
    step = likelihood.hazard(theta).step
    risk = results.model.baseline.risk(results.params.to_numpy(), data[["rx"]].to_numpy(dtype=float))
    hazard = likelihood.sets.over_risk(step) * risk
    total, group = 0.0, pd.factorize(data["litter"])[0]
    event = data["event"].to_numpy()
    for g in range(group.max() + 1):
        own = group == g
        d, exposed = event[own].sum(), hazard[own].sum()

        def integrand(w, d=d, exposed=exposed):
            return w**d * np.exp(-w * exposed) * w ** (u - 1) * np.exp(-u * w)

        parts = quad(integrand, 0, 1, epsabs=0, epsrel=1e-12)[0] + quad(integrand, 1, np.inf, epsabs=0, epsrel=1e-12)[0]
        total += np.log(parts) + np.log(risk[own & (event == 1)]).sum()
    from scipy.special import gammaln

    total += len(np.unique(group)) * (u * np.log(u) - gammaln(u))
    total += np.log(step[likelihood.sets.last[event == 1]]).sum()
    count = likelihood.plain.count  # Breslow's steps hold d events each; the partial likelihood leaves d log d - d out
    np.testing.assert_allclose(results.llf, total - (count * np.log(count) - count).sum(), rtol=1e-8)


def test_predictions_average_over_frailties():
    results = rats().fit()
    new, v = pd.DataFrame({"rx": [0, 1]}), np.exp(results.params["[log_variance]"])
    times = [60.0, 90.0, 104.0]
    baseline = results.baseline_hazard()
    upto = np.searchsorted(baseline["time"], times, side="right") - 1
    hazard = (
        np.exp(results.params["rx"] * new["rx"].to_numpy())[:, None] * baseline["cumulated hazard"].to_numpy()[upto]
    )
    ours = results.predict(new, results.model.survival(times), alpha=0.05)
    np.testing.assert_allclose(ours["estimate"].to_numpy().reshape(2, 3), (1 + v * hazard) ** (-1 / v), rtol=1e-9)
    assert (ours["se"] > 0).all()
    p20 = results.predict(new, results.model.quantile(0.2))
    assert p20[1] < p20[0]
    assert results.findings("rx").table["estimate"].notna().any()


def test_variance_of_the_truth_is_recovered_and_tested():
    rng = np.random.default_rng(3)
    sector = np.repeat(np.arange(40), 25)
    x, frailty = rng.normal(size=1000), rng.gamma(2.0, 0.5, 40)
    waited = np.ceil(rng.exponential(10 / (frailty[sector] * np.exp(0.7 * x))))
    data = pd.DataFrame({"x": x, "sector": sector, "years": np.minimum(waited, 25), "exported": waited <= 25})
    results = Cox.from_formula(
        "years ~ x", data.astype(float), event="exported", frailty="gamma", shared="sector"
    ).fit()
    assert abs(results.params["x"] - 0.7) < 3 * results.bse["x"]
    assert abs(results.params["[log_variance]"] - np.log(0.5)) < 3 * results.bse["[log_variance]"]
    assert results.frailty_test().pvalue < 1e-6
    assert results.converged


def test_no_variance_is_an_error_that_says_so():
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=200), "years": np.sort(rng.integers(1, 9, 200)), "exported": 1})
    with pytest.raises(ConvergenceError, match="estimated at zero"):
        Cox.from_formula("years ~ x", data, event="exported", frailty="gamma", shared=np.tile(np.arange(20), 10)).fit()


def test_late_entry_is_noted():
    assert not any("Late entry" in note for note in rats().fit().notes)
    assert any("Late entry" in note for note in rats(entry="entry").fit().notes)


def test_contradictions_are_named():
    with pytest.raises(OptionError, match="go together"):
        Cox.from_formula("time ~ rx", RATS, event="event", frailty="gamma")
    with pytest.raises(OptionError, match="cannot be combined"):
        rats("exact")
    with pytest.raises(OptionError, match="one observation"):
        rats().fit("clustered", clusters="litter")
    with pytest.raises(OptionError, match="drawn twice"):
        rats().fit("bootstrap")
    with pytest.raises(OptionError, match="has no frailty"):
        Cox.from_formula("time ~ rx", RATS, event="event").fit().frailties()
