"""What a selection model makes of its options, and what it says of choice and share, written out firm by firm."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from exportmodels.core.errors import ConvergenceError, DataError, IdentificationWarning, OptionError, OutcomeError
from exportmodels.share import Selection
from exportmodels.share.selection import SelectedOutcome
from exportmodels.share.selection_law import FractionalSelection, NormalSelection, TwoStepSelection

N = 80


def firms(seed=0, rho=0.5):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=N), "z": rng.normal(size=N), "times": rng.integers(1, 4, N) * 1.0})
    choice, taste = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], N).T
    frame["seen"] = (0.3 + frame["z"] + choice > 0).astype(float)
    share = (0.5 + 0.1 * frame["x"] + 0.2 * taste).clip(0.01, 0.99)
    return frame.assign(share=share.where(frame["seen"] == 1, 0.0), weight=rng.uniform(0.5, 2, N))


DATA = firms()
X = np.column_stack([np.ones(N), DATA["x"]])
Z = np.column_stack([np.ones(N), DATA["z"]])


def model(data=DATA, **options):
    return Selection.from_formula("share ~ x", data, select="z", **options)


def test_columns_arrive():
    sample = Selection(DATA["share"], X, select=Z, weights=DATA["weight"], frequency=DATA["times"]).sample
    np.testing.assert_array_equal(sample.outcome, DATA[["share", "seen"]])
    np.testing.assert_array_equal(sample.designs[""].matrix, X)
    np.testing.assert_array_equal(sample.designs["select"].matrix, Z)
    np.testing.assert_array_equal(sample.weights, DATA["weight"])
    np.testing.assert_array_equal(sample.frequency, DATA["times"])
    assert sample.name == "share"
    plain = Selection(DATA["share"], X, select=Z).sample
    assert (plain.weights, plain.frequency) == (None, None)
    gaps = np.where(np.arange(N)[:, None] == 2, np.nan, X)
    assert Selection(DATA["share"], gaps, select=Z).sample.missing == 1
    with pytest.raises(DataError, match="missing"):
        Selection(DATA["share"], gaps, select=Z, missing="raise")


def test_the_choice_has_the_covariates_of_the_share_unless_others_are_given():
    with pytest.warns(IdentificationWarning, match="rests on the normal law alone"):
        alike = Selection.from_formula("share ~ x", DATA)
        part = Selection.from_formula("share ~ x + z", DATA, select="z")
    np.testing.assert_array_equal(alike.sample.designs["select"].matrix, X)
    for one in (alike, part):
        assert sum("normal law alone" in note for note in one.notes(None)) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not any("normal law alone" in note for note in model().notes(None))
        Selection(DATA["share"], X, select=Z)  # columns without names are told apart by what they hold


def test_who_is_seen():
    said = model(DATA.assign(share=DATA["share"].where(DATA["seen"] == 1)), seen="seen").sample.outcome
    np.testing.assert_array_equal(said, model().sample.outcome)
    zero = DATA.assign(share=DATA["share"].where(DATA["seen"] == 1, 0.7))  # what is not seen says nothing
    np.testing.assert_array_equal(model(zero, seen="seen").sample.outcome, said)
    unknown = DATA.assign(share=DATA["share"].where(DATA.index != DATA.index[DATA["seen"] == 1][0]))
    assert model(unknown, seen="seen").sample.missing == 1
    assert model(DATA.assign(seen=DATA["seen"].where(DATA.index != 3)), seen="seen").sample.missing == 1
    below = DATA.assign(share=DATA["share"] - 0.4)
    np.testing.assert_array_equal(model(below).sample.outcome[:, 1], below["share"] > 0)


def test_rows_keep_their_labels():
    named = DATA.set_axis([f"firm {i}" for i in range(N)], axis=0)
    for sample in (model(named).sample, Selection(named["share"], X, select=Z).sample):
        assert list(sample.labels) == list(named.index)
    with pytest.raises(DataError, match=r"^outcome 'share' must be finite; row firm 7 holds inf"):
        model(named.assign(share=named["share"].where(named.index != "firm 7", np.inf)))
    for column, message in (("share", "outcome 'share'"), ("seen", "seen")):
        wrong = named.astype({column: object})
        wrong.loc["firm 7", column] = "much"
        with pytest.raises(DataError, match=f"^{message} .*row firm 7 holds"):
            Selection(wrong["share"], X, select=Z, seen=wrong["seen"])
    with pytest.raises(OutcomeError, match=r"'seen' must be 0 or 1; row firm 7 holds 2"):
        model(named.assign(seen=named["seen"].where(named.index != "firm 7", 2.0)), seen="seen")
    assert Selection(DATA["share"].to_numpy(), X, select=Z).sample.name == "y"


def test_what_is_refused():
    with pytest.raises(DataError, match=f"as many rows as the outcome: {N - 1} against {N}"):
        Selection(DATA["share"], X, select=Z, seen=DATA["seen"].iloc[1:])
    with pytest.raises(OutcomeError, match="'share' is seen in no row, so there is no selection"):
        model(DATA.assign(share=0.0))
    with pytest.raises(OutcomeError, match="'share' is seen in all rows, so there is no selection"):
        model(DATA.assign(share=0.5))
    with pytest.raises(OptionError, match="dist must be"):
        model(dist="beta")
    with pytest.raises(OptionError, match="method must be"):
        model(method="steps")
    with pytest.raises(OptionError, match="of the normal model"):
        model(method="two-step", dist="fractional")
    with pytest.raises(OutcomeError, match="'share' must lie between 0 and 1"):
        model(DATA.assign(share=2 * DATA["share"]), dist="fractional")
    assert model(DATA.assign(share=2 * DATA["share"])).nobs == N


def test_outcomes_that_can_be_estimated():
    kind = SelectedOutcome()
    y = np.array([[0.2, 1.0], [0.4, 1.0], [0.0, 0.0]])
    assert kind.estimable(y)
    assert not kind.estimable(y[:2])
    assert not kind.estimable(y[2:])
    assert not kind.estimable(y[[0, 0, 2]])


@pytest.mark.parametrize(
    ("options", "family", "title", "kind"),
    [
        ({}, NormalSelection(), "normal, maximum likelihood", "nonrobust"),
        ({"method": "two-step"}, TwoStepSelection(), "normal, two-step", "nonrobust"),
        ({"dist": "fractional"}, FractionalSelection(), "fractional, maximum likelihood", "robust"),
    ],
)
def test_the_law_is_the_one_that_is_named(options, family, title, kind):
    own = model(**options)
    assert own.family == family
    assert own.title == f"Selection model ({title})"
    assert own.outcome_type == SelectedOutcome(name="share", share="dist" in options)
    assert own.covariance_kind(None, None) == kind
    assert own.covariance_kind(None, np.arange(N)) == "clustered"
    assert own.covariance_kind("robust", None) == "robust"
    assert own.covariance_kind("nonrobust", None) == "nonrobust"


@pytest.mark.parametrize(("options", "said"), [({}, None), ({"frequency": "times"}, "times")])
def test_notes_count_who_is_seen(options, said):
    times = np.ones(N) if said is None else DATA[said]
    seen, all_ = int((times * DATA["seen"]).sum()), int(times.sum())
    assert model(**options).notes(None) == [f"the share of {seen} of {all_} firms is seen"]


THETA = np.array([0.4, 0.1, 0.3, 0.8, np.log(0.3), 0.6])


def test_quantities_are_those_of_the_law():
    own = model()
    a = Z @ THETA[2:4]
    share = X @ THETA[:2]
    seen = share + 0.3 * np.tanh(0.6) * norm.pdf(a) / norm.cdf(a)
    wanted = {"mean": norm.cdf(a) * seen, "participation": norm.cdf(a), "exporters": seen, "potential": share}
    assert list(own.quantities) == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_allclose(own.quantities[name].rows(THETA, own.design_matrices()), values, rtol=1e-12)
    assert own.quantities["mean"].label == "mean of share, all firms"
    assert [part.unit for part in own.quantities.values()] == ["share", "probability", "share", "share"]
    assert [part.scale for part in own.quantities.values()] == ["identity", "logit", "identity", "identity"]


def independent(times):
    """The log-likelihood of a probit and of a normal line, each by itself."""
    from scipy.optimize import minimize

    sign = np.where(DATA["seen"] == 1, 1, -1)
    probit = minimize(lambda g: -times @ norm.logcdf(sign * (Z @ g)), np.zeros(2), method="BFGS", tol=1e-9)
    kept = times * DATA["seen"].to_numpy()
    root = np.sqrt(kept)
    y = DATA["share"].to_numpy()
    b = np.linalg.lstsq(X * root[:, None], y * root, rcond=None)[0]
    variance = kept @ (y - X @ b) ** 2 / kept.sum()
    return -probit.fun - 0.5 * kept.sum() * (np.log(2 * np.pi * variance) + 1)


@pytest.mark.parametrize("options", [{}, {"frequency": "times"}])
def test_independence_by_the_likelihood_ratio(options):
    times = DATA["times"].to_numpy() if options else np.ones(N)
    results = model(**options).fit()
    test = results.independence_test()
    assert test.statistic == pytest.approx(2 * (results.llf - independent(times)), rel=1e-6)
    assert (test.df, test.name) == (1, "likelihood-ratio test of independence (rho = 0)")


def test_independence_of_fractions_by_their_errors():
    results = model(dist="fractional").fit()
    test = results.independence_test()
    assert test.statistic == pytest.approx((results.params.iloc[-1] / results.bse.iloc[-1]) ** 2)
    assert (test.df, test.name) == (1, "Wald test of independence (rho = 0), robust errors")


def test_intervals_of_the_correlation():
    results = model().fit()
    t, error = results.params.iloc[-1], results.bse.iloc[-1]
    wald = results.correlation(0.1, "wald")
    np.testing.assert_allclose(wald, np.tanh([t, t - 1.6448536269514722 * error, t + 1.6448536269514722 * error]))
    assert list(wald.index) == ["rho", "lower", "upper"]
    assert wald.name == "correlation"
    for alpha, quantile in ((0.05, 3.841458820694124), (0.5, 0.454936423119572)):
        rho, *ends = results.correlation(alpha)
        assert rho == pytest.approx(np.tanh(t))
        assert ends[0] < rho < ends[1]
        for end in ends:
            deviance = results._profile().deviance(np.arctanh(end))
            assert deviance == pytest.approx(quantile, rel=1e-4)
    np.testing.assert_array_equal(results.correlation(), results.correlation(0.05, "profile"))
    fractional = model(dist="fractional").fit()
    np.testing.assert_array_equal(fractional.correlation(0.2), fractional.correlation(0.2, "wald"))


@pytest.mark.parametrize(("seed", "side"), [(4, 1), (9, -1)])
def test_intervals_are_open_where_the_likelihood_stays_flat(seed, side):
    results = model(firms(seed).head(30)).fit()
    ends = results.correlation().to_numpy()[1:] * side
    assert max(ends) == 1.0
    assert results._profile().deviance(6.0 * side) < 3.84


def test_a_search_that_is_cut_short_is_no_estimate():
    with pytest.raises(ConvergenceError, match="no maximum was found in 1 Newton steps"):
        model().fit(max_iter=1)


def test_correlations_that_are_refused():
    with pytest.raises(OptionError, match="method must be 'profile' or 'wald'; not 'exact'"):
        model().fit().correlation(method="exact")
    with pytest.raises(OptionError, match="quasi-likelihood has no profile"):
        model(dist="fractional").fit().correlation(method="profile")
    with pytest.raises(OptionError, match="pseudo-likelihood; use method='wald'"):
        model(weights="weight").fit().correlation()
    steps = model(method="two-step").fit()
    for ask in (steps.correlation, steps.independence_test):
        with pytest.raises(OptionError, match="two-step estimator has no likelihood"):
            ask()


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_correlation_that_goes_to_one_is_named(sign):
    a = 0.3 + DATA["z"].to_numpy()
    u = np.random.default_rng(1).normal(size=N)
    seen = a + u > 0
    data = DATA.assign(share=np.where(seen, 0.5 + 0.1 * DATA["x"] + sign * 0.2 * u, np.nan), seen=1.0 * seen)
    with pytest.raises(ConvergenceError, match=f"correlation of choice and share goes to {sign}, so"):
        model(data, seen="seen").fit()
