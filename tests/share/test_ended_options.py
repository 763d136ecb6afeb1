"""What models of shares with ends make of their options, and what they say of a share, written out firm by firm."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import betainc, expit
from scipy.stats import norm

from exportmodels.core.bernoulli import Bernoulli
from exportmodels.core.errors import ConvergenceError, DataError
from exportmodels.core.links import LINKS
from exportmodels.share import Beta, ExtendedBeta, InflatedBeta, Tobit, TruncatedRegression, TwoPart
from exportmodels.share.beta_law import BetaShare
from exportmodels.share.corners import Cornered
from exportmodels.share.extended_law import ExtendedBetaShare, exponential_nodes
from exportmodels.share.hurdle_law import Parts
from exportmodels.share.normal import NormalShare, TruncatedNormal

sys.path.insert(0, str(Path(__file__).parent))
from ended_firms import BELOW, DATA, FIRMS, INSIDE

X = np.column_stack([np.ones(12), FIRMS["x"]])


@pytest.mark.parametrize("model", DATA, ids=lambda model: model.__name__)
def test_columns_arrive(model):
    data = DATA[model]
    options = {"weights": data["weight"], "frequency": data["times"]}
    if model not in (InflatedBeta, TwoPart):
        options["offset"] = data["exposure"]
    sample = model(data["share"], X, **options).sample
    np.testing.assert_array_equal(sample.outcome, data["share"])
    np.testing.assert_array_equal(sample.designs[""].matrix, X)
    np.testing.assert_array_equal(sample.weights, data["weight"])
    np.testing.assert_array_equal(sample.frequency, data["times"])
    if "offset" in options:
        np.testing.assert_array_equal(sample.offset, data["exposure"])
    plain = model(data["share"], X).sample
    assert (plain.weights, plain.frequency, plain.offset) == (None, None, None)
    assert list(plain.designs) == (["", "participate"] if model is TwoPart else [""])
    gaps = np.where(np.arange(12)[:, None] == 2, np.nan, X)
    assert model(data["share"], gaps).sample.missing == 1
    with pytest.raises(DataError, match="missing"):
        model(data["share"], gaps, missing="raise")
    with pytest.raises(ConvergenceError, match=r"infinity|in 1 Newton steps|no estimate"):
        model.from_formula("share ~ x", data).fit(max_iter=1)


LOGIT, PROBIT = LINKS["logit"], LINKS["probit"]
ABOVE = TruncatedNormal((0.0, np.inf))
LAWS = [
    (Beta, {}, BetaShare(LOGIT), "Beta regression model (logit)"),
    (Beta, {"link": "probit"}, BetaShare(PROBIT), "Beta regression model (probit)"),
    (
        ExtendedBeta,
        {},
        ExtendedBetaShare(LOGIT, exponential_nodes(20)),
        "Extended-support beta regression model (xbx, logit)",
    ),
    (
        ExtendedBeta,
        {"dist": "xb", "link": "probit"},
        ExtendedBetaShare(PROBIT),
        "Extended-support beta regression model (xb, probit)",
    ),
    (
        InflatedBeta,
        {"link": "probit"},
        Cornered(BetaShare(PROBIT), (0.0, 1.0)),
        "Inflated beta regression model (probit, inflated at 0 and 1)",
    ),
    (Tobit, {}, NormalShare(ends=(0.0, 1.0)), "Tobit model (censored at 0 and 1)"),
    (Tobit, {"lower": None}, NormalShare(ends=(-np.inf, 1.0)), "Tobit model (censored at 1)"),
    (Tobit, {"upper": None}, NormalShare(ends=(0.0, np.inf)), "Tobit model (censored at 0)"),
    (Tobit, {"lower": 0.1, "upper": 0.9}, NormalShare(ends=(0.1, 0.9)), "Tobit model (censored at 0.1 and 0.9)"),
    (TruncatedRegression, {}, TruncatedNormal((0.0, 1.0)), None),
    (TruncatedRegression, {"upper": None}, ABOVE, None),
    (TruncatedRegression, {"lower": None}, TruncatedNormal((-np.inf, 1.0)), None),
    (TwoPart, {}, Parts(Bernoulli(LOGIT), LOGIT), "Two-part model (logit, then fractional logit)"),
    (
        TwoPart,
        {"link": "probit", "participation": "cloglog"},
        Parts(Bernoulli(PROBIT), LINKS["cloglog"]),
        "Two-part model (cloglog, then fractional probit)",
    ),
    (TwoPart, {"dist": "truncated"}, Parts(ABOVE, LOGIT), "Two-part model (logit, then truncated)"),
]


@pytest.mark.parametrize(("model", "options", "family", "title"), LAWS)
def test_the_law_is_the_one_that_is_named(model, options, family, title):
    own = model.from_formula("share ~ x", DATA[model], **options)
    assert own.family == family
    assert title is None or own.title == title


def test_the_law_of_shares_that_end_on_one_side():
    low, high = FIRMS.assign(share=FIRMS["share"].clip(0, 0.9)), FIRMS.assign(share=FIRMS["share"].clip(0.1, 1))
    for inflate, data, end in (("zero", low, 0.0), ("one", high, 1.0)):
        model = InflatedBeta.from_formula("share ~ x", data, inflate=inflate)
        assert model.family == Cornered(BetaShare(LOGIT), (end,))
        assert model.title == f"Inflated beta regression model (logit, inflated at {end:g})"
        assert list(model.quantities) == ["mean", "more_than_half", "between", "nothing" if end == 0 else "everything"]
    beta = TwoPart.from_formula("share ~ x", BELOW, dist="beta")
    assert beta.family == Parts(BetaShare(LOGIT), LOGIT)
    assert beta.title == "Two-part model (logit, then beta logit)"


NAMES = [
    (Beta, {"precision": "z"}, ["[log_precision] Intercept", "[log_precision] z"]),
    (ExtendedBeta, {"precision": "z"}, ["[log_precision] Intercept", "[log_precision] z", "[log_exceedance]"]),
    (InflatedBeta, {"zero": "z"}, ["[log_precision]", "[zero] Intercept", "[zero] z", "[one]"]),
    (InflatedBeta, {"one": "z"}, ["[log_precision]", "[zero]", "[one] Intercept", "[one] z"]),
    (InflatedBeta, {"precision": "z"}, ["[log_precision] Intercept", "[log_precision] z", "[zero]", "[one]"]),
    (Tobit, {"scale": "z"}, ["[log_scale] Intercept", "[log_scale] z"]),
    (TruncatedRegression, {"scale": "z"}, ["[log_scale] Intercept", "[log_scale] z"]),
    (TwoPart, {"participate": "z"}, ["[participate] Intercept", "[participate] z"]),
    (
        TwoPart,
        {"dist": "truncated", "scale": "z"},
        ["[log_scale] Intercept", "[log_scale] z", "[participate] Intercept", "[participate] x"],
    ),
]


@pytest.mark.parametrize(("model", "options", "names"), NAMES)
def test_covariates_arrive(model, options, names):
    assert model.from_formula("share ~ x", DATA[model], **options).param_names == ["Intercept", "x", *names]


def test_covariates_of_the_precision_of_a_second_part_arrive():
    model = TwoPart.from_formula("share ~ x", BELOW, dist="beta", precision="z", participate="z")
    names = ["log_precision", "participate"]
    assert model.param_names[2:] == [f"[{name}] {column}" for name in names for column in ("Intercept", "z")]


ETA = X @ np.array([0.2, -0.5])


def rows(model, theta, name):
    return model.quantities[name].rows(np.array(theta), model.design_matrices())


def test_what_a_beta_regression_says():
    model = Beta.from_formula("share ~ x", INSIDE)
    p = expit(ETA) * 4
    assert list(model.quantities) == ["mean", "more_than_half"]
    np.testing.assert_allclose(rows(model, [0.2, -0.5, np.log(4)], "mean"), p / 4)
    np.testing.assert_allclose(rows(model, [0.2, -0.5, np.log(4)], "more_than_half"), betainc(4 - p, p, 0.5))


def test_what_an_inflated_beta_regression_says():
    model, theta = InflatedBeta.from_formula("share ~ x", FIRMS), [0.2, -0.5, np.log(4), -1.0, -0.7]
    p, odds = expit(ETA) * 4, np.exp([0, -1.0, -0.7])
    between, zero, one = odds / odds.sum()
    wanted = {"mean": one + between * p / 4, "more_than_half": one + between * betainc(4 - p, p, 0.5)}
    wanted |= {"between": p / 4, "nothing": np.full(12, zero), "everything": np.full(12, one)}
    assert list(model.quantities) == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_allclose(rows(model, theta, name), values, rtol=1e-10)
        assert model.quantities[name].scale == "logit"


def test_what_an_extended_beta_regression_says():
    model, theta = ExtendedBeta.from_formula("share ~ x", FIRMS, dist="xb"), [0.2, -0.5, np.log(4), np.log(0.3)]
    p = expit(ETA) * 4
    wanted = {"nothing": betainc(p, 4 - p, 0.3 / 1.6), "everything": betainc(4 - p, p, 0.3 / 1.6)}
    wanted["more_than_half"] = betainc(4 - p, p, 0.5)
    assert list(model.quantities) == ["mean", "more_than_half", "nothing", "everything"]
    for name, values in wanted.items():
        np.testing.assert_allclose(rows(model, theta, name), values, rtol=1e-9)


@pytest.mark.parametrize("limits", [(0.0, 1.0), (0.0, None), (None, 1.0), (0.1, 0.9)])
def test_what_a_tobit_model_says(limits):
    model = Tobit.from_formula("share ~ x", FIRMS, lower=limits[0], upper=limits[1])
    theta, s = [0.2, -0.5, np.log(0.4)], 0.4
    low, high = -np.inf if limits[0] is None else limits[0], np.inf if limits[1] is None else limits[1]
    a, b = (low - ETA) / s, (high - ETA) / s
    chance = norm.cdf(b) - norm.cdf(a)
    inner = ETA + s * (norm.pdf(a) - norm.pdf(b)) / chance
    ends_ = (0 if limits[0] is None else low * norm.cdf(a)) + (0 if limits[1] is None else high * norm.sf(b))
    wanted = {"mean": chance * inner + ends_, "latent": ETA, "between": inner, "probability": chance}
    wanted |= {"nothing": norm.cdf(a)} if low == 0 else {}
    wanted |= {"everything": norm.sf(b)} if high == 1 else {}
    assert list(model.quantities) == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_allclose(rows(model, theta, name), values, rtol=1e-9)
    share = limits == (0.0, 1.0)
    assert model.quantities["mean"].label == ("mean share of sales made abroad" if share else "mean of share")
    scales = [part.scale for part in model.quantities.values()]
    assert scales[:4] == ["logit" if share else "identity", "identity", "identity", "logit"]
    labels = [part.label for part in model.quantities.values()][1:4]
    wanted_labels = ["mean of share without limits", "mean of share between the limits"]
    assert labels == [*wanted_labels, "probability of share between the limits"]


@pytest.mark.parametrize(("options", "share"), [({}, True), ({"upper": None}, False)])
def test_what_a_truncated_regression_says(options, share):
    model, s = TruncatedRegression.from_formula("share ~ x", INSIDE, **options), 0.4
    a, b = (0 - ETA) / s, ((1 if share else np.inf) - ETA) / s
    seen = ETA + s * (norm.pdf(a) - norm.pdf(b)) / (norm.cdf(b) - norm.cdf(a))
    assert list(model.quantities) == ["mean", "latent"]
    np.testing.assert_allclose(rows(model, [0.2, -0.5, np.log(0.4)], "mean"), seen, rtol=1e-9)
    np.testing.assert_allclose(rows(model, [0.2, -0.5, np.log(0.4)], "latent"), ETA)
    label = "mean share of sales made abroad" if share else "mean of share"
    assert [part.label for part in model.quantities.values()] == [label, "mean of share before truncation"]


PARTS = [("fractional", FIRMS, []), ("beta", BELOW, [np.log(4)]), ("truncated", FIRMS, [np.log(0.4)])]


@pytest.mark.parametrize(("dist", "data", "shape"), PARTS, ids=[part[0] for part in PARTS])
def test_what_a_two_part_model_says(dist, data, shape):
    model = TwoPart.from_formula("share ~ x", data, dist=dist, participate="z")
    theta = [0.2, -0.5, *shape, 0.4, -0.3]
    exports = expit(0.4 - 0.3 * FIRMS["z"])
    a, p = ETA / 0.4, 4 * expit(ETA)
    above = ETA + 0.4 * norm.pdf(a) / norm.cdf(a) if dist == "truncated" else expit(ETA)
    half = betainc(4 - p, p, 0.5) if dist == "beta" else norm.sf((0.5 - ETA) / 0.4) / norm.cdf(a)
    wanted = {"mean": exports * above, "participation": exports, "exporters": above}
    wanted |= {"more_than_half": exports * half} if dist != "fractional" else {}
    assert list(model.quantities) == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_allclose(rows(model, theta, name), values, rtol=1e-9)
    scale = "log" if dist == "truncated" else "logit"
    assert [part.scale for part in model.quantities.values()] == [scale, "logit", scale, "logit"][: len(wanted)]
    assert model.quantities["mean"].label == "mean share of sales made abroad, all firms"
