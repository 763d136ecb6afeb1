"""What models of shares make of their options, and what they say of a share, written out firm by firm."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from exportmodels.core.errors import ConvergenceError, DataError, OptionError, SeparationError
from exportmodels.core.links import LINKS
from exportmodels.share import Bracketed, Fractional
from exportmodels.share.beta_law import BetaShare
from exportmodels.share.corners import Cornered
from exportmodels.share.normal import NormalShare

FIRMS = pd.DataFrame(
    {
        "share": [0.0, 0.1, 0.3, 1.0, 0.05, 0.6, 0.8, 0.4],
        "answer": ["<10%", "10-25%", "26-50%", ">75%", "<10%", "51-75%", 0.8, 0.3],
        "x": [0.1, 0.4, -0.3, 1.0, -0.2, 0.9, 0.5, -0.1],
        "z": [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0],
        "times": [1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 2.0],
        "weight": [0.5, 1.0, 1.5, 1.0, 2.0, 0.7, 1.0, 1.0],
        "exposure": [0.1, 0.0, 0.2, -0.1, 0.3, 0.0, 0.1, 0.0],
    }
)
X = np.column_stack([np.ones(8), FIRMS["x"]])
LIMITS = np.array(
    [[0, 0.1], [0.1, 0.25], [0.25, 0.5], [0.75, 1], [0, 0.1], [0.5, 0.75], [0.8, 0.8], [0.3, 0.3]], dtype=float
)


@pytest.mark.parametrize(("model", "outcome"), [(Fractional, "share"), (Bracketed, "answer")])
def test_columns_arrive(model, outcome):
    sample = model(FIRMS[outcome], X, weights=FIRMS["weight"], frequency=FIRMS["times"]).sample
    np.testing.assert_array_equal(sample.outcome, FIRMS["share"] if outcome == "share" else LIMITS)
    np.testing.assert_array_equal(sample.designs[""].matrix, X)
    np.testing.assert_array_equal(sample.weights, FIRMS["weight"])
    np.testing.assert_array_equal(sample.frequency, FIRMS["times"])
    assert sample.name == outcome
    plain = model(FIRMS[outcome], X)
    assert (plain.sample.weights, plain.sample.frequency, plain.sample.offset) == (None, None, None)
    assert list(plain.sample.designs) == [""]
    gaps = np.where(np.arange(8)[:, None] == 2, np.nan, X)
    assert model(FIRMS[outcome], gaps).sample.missing == 1
    with pytest.raises(DataError, match="missing"):
        model(FIRMS[outcome], gaps, missing="raise")


# Fractional


@pytest.mark.parametrize("link", LINKS)
def test_the_link_is_the_one_that_is_named(link):
    model = Fractional(FIRMS["share"], X, link=link)
    assert (model.link, model.link_function) == (link, LINKS[link])
    assert model.title == f"Fractional response model ({link})"
    eta = np.array([[0.3, -0.8]])
    np.testing.assert_array_equal(model.family.mean(eta), LINKS[link].probability(eta[0]))
    np.testing.assert_array_equal(model.index(eta), eta[0])
    scaled = Fractional.from_formula("share ~ x", FIRMS, link=link, scale="z")
    assert scaled.title == f"Fractional response model ({link}, heteroskedastic)"
    assert scaled.param_names == ["Intercept", "x", "[log_scale] z"]
    both = np.array([[0.3, -0.8], [0.5, -0.1]])
    np.testing.assert_allclose(scaled.index(both), both[0] / np.exp(both[1]))
    np.testing.assert_allclose(scaled.family.mean(both), LINKS[link].probability(both[0] / np.exp(both[1])))


def test_the_default_link_is_the_logit():
    model = Fractional(FIRMS["share"], X, offset=FIRMS["exposure"])
    assert (model.link, model.sample.offset.tolist()) == ("logit", FIRMS["exposure"].tolist())
    with pytest.raises(OptionError, match="link must be"):
        Fractional(FIRMS["share"], X, link="log")
    assert list(model.quantities) == ["mean"]
    assert Fractional.from_formula("share ~ x", FIRMS).quantities["mean"].label == "mean share of sales made abroad"


@pytest.mark.parametrize("options", [{}, {"link": "probit"}, {"link": "cloglog", "scale": "z"}])
def test_gradients_of_mean_shares(options):
    model = Fractional.from_formula("share ~ x", FIRMS.assign(exposure=0.2), offset="exposure", **options)
    theta, h = np.array([0.2, -0.7, 0.4])[: len(model.param_names)], 1e-6
    mean = lambda t: model.family.mean(model.predictors(t, model.design_matrices()))  # noqa: E731
    unit = h * np.eye(len(theta))
    slopes = [(mean(theta + step) - mean(theta - step)) / (2 * h) for step in unit]
    np.testing.assert_allclose(model.mean_gradient(theta), np.transpose(slopes), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(("end", "sign"), [(0.0, r"\(-\)"), (1.0, r"\(\+\)")])
def test_cells_at_an_end_are_named(end, sign):
    frame = FIRMS.assign(share=FIRMS["share"].clip(0.05, 0.95).where(FIRMS["z"] == 0, end))
    with pytest.raises(SeparationError, match=rf"'share'.*'z' {sign}\. All shares are 0, or all are 1, .*"):
        Fractional.from_formula("share ~ z", frame).fit()


def test_a_search_that_is_cut_short_is_no_estimate():
    with pytest.raises(ConvergenceError, match="no maximum was found in 1 Newton steps"):
        Fractional.from_formula("share ~ x", FIRMS).fit(max_iter=1)


# Bracketed


NORMAL, LOGIT, BETA = NormalShare(), NormalShare(logit=True), BetaShare()
INF = np.inf
KNOWN = FIRMS.assign(answer=FIRMS["share"])
CHOICES = {
    "default": ({}, LOGIT, "logitnormal"),
    "zero": ({"corner": "zero"}, Cornered(LOGIT, (0.0,)), "logitnormal, corner at 0"),
    "one": ({"corner": "one"}, Cornered(LOGIT, (1.0,)), "logitnormal, corner at 1"),
    "both": ({"corner": "both"}, Cornered(LOGIT, (0.0, 1.0)), "logitnormal, corners at 0 and 1"),
    "beta": ({"dist": "beta"}, BETA, "beta"),
    "beta, both": ({"dist": "beta", "corner": "both"}, Cornered(BETA, (0.0, 1.0)), "beta, corners at 0 and 1"),
    "normal": ({"dist": "normal"}, NORMAL, "normal"),
    "normal, zero": ({"dist": "normal", "corner": "zero"}, NormalShare(ends=(0.0, INF)), "normal, corner at 0"),
    "normal, one": ({"dist": "normal", "corner": "one"}, NormalShare(ends=(-INF, 1.0)), "normal, corner at 1"),
    "tobit": ({"dist": "normal", "corner": "both"}, NormalShare(ends=(0.0, 1.0)), "normal, corners at 0 and 1"),
}


def inside(options):
    """Return firms whose shares lie at the ends that the options have a corner for, and only there."""
    corner = options.get("corner", "both" if options.get("dist") == "normal" else None)
    low, high = 0.0 if corner in ("zero", "both") else 0.02, 1.0 if corner in ("one", "both") else 0.98
    return KNOWN.assign(answer=KNOWN["answer"].clip(low, high))


@pytest.mark.parametrize(("options", "family", "title"), CHOICES.values(), ids=CHOICES)
def test_the_law_is_the_one_that_is_named(options, family, title):
    model = Bracketed.from_formula("answer ~ x", inside(options), **options)
    assert model.family == family
    assert model.title == f"Bracketed share model ({title})"
    assert (model.dist, model.corner) == (options.get("dist", "logitnormal"), options.get("corner"))
    names = ["mean", "more_than_half", "brackets"]
    ends = {"zero": ["nothing"], "one": ["everything"], "both": ["nothing", "everything"]}
    assert list(model.quantities) == names + ends.get(model.corner, [])
    assert model.quantities["mean"].scale == ("identity" if model.dist == "normal" else "logit")
    assert model.quantities["brackets"].scale == "logit"


@pytest.mark.parametrize("dist", ["logitnormal", "beta"])
@pytest.mark.parametrize(("corner", "end"), [(None, 0.0), (None, 1.0), ("zero", 1.0), ("one", 0.0)])
def test_shares_at_an_end_without_a_corner_are_refused(dist, corner, end):
    shares = {"zero": [0.0], "one": [1.0], None: []}[corner] + [0.2, 0.5, end]
    words = f"'y' is exactly {end:g} in row .*: a share with dist='{dist}' lies strictly between: say corner='both'"
    with pytest.raises(DataError, match=words.replace(".*: ", ".*; ")):
        Bracketed(pd.Series(shares, name="y"), np.ones((len(shares), 1)), dist=dist, corner=corner)


@pytest.mark.parametrize("dist", ["logitnormal", "beta"])
@pytest.mark.parametrize(("corner", "end"), [("zero", 0), ("one", 1)])
def test_corners_at_which_nobody_is_are_refused(dist, corner, end):
    with pytest.raises(DataError, match=f"'y' is nowhere exactly {end}"):
        Bracketed(pd.Series([0.2, 0.5, 0.4], name="y"), np.ones((3, 1)), dist=dist, corner=corner)
    assert Bracketed(pd.Series([0.2, 0.5, 0.4], name="y"), np.ones((3, 1)), dist="normal", corner=corner).nobs == 3


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"scale": "z"}, ["[log_scale] Intercept", "[log_scale] z"]),
        ({"dist": "beta", "precision": "z"}, ["[log_precision] Intercept", "[log_precision] z"]),
        ({"corner": "zero", "zero": "z"}, ["[log_scale]", "[zero] Intercept", "[zero] z"]),
        ({"corner": "both", "one": "z"}, ["[log_scale]", "[zero]", "[one] Intercept", "[one] z"]),
    ],
)
def test_covariates_arrive(options, names):
    model = Bracketed.from_formula("answer ~ x", inside(options), **options)
    assert model.param_names == ["Intercept", "x", *names]


@pytest.mark.parametrize(
    ("option", "options"), [("scale", {"dist": "beta"}), ("precision", {}), ("zero", {"corner": "one"}), ("one", {})]
)
def test_covariates_of_what_there_is_not_are_refused(option, options):
    with pytest.raises(OptionError, match=f"^{option}= gives covariates"):
        Bracketed.from_formula("answer ~ x", inside(options), **{option: "z"}, **options)
    with pytest.raises(OptionError, match="dist must be"):
        Bracketed.from_formula("answer ~ x", FIRMS, dist="gamma")
    with pytest.raises(OptionError, match="corner must be"):
        Bracketed.from_formula("answer ~ x", FIRMS, corner="two")


def test_published_figures_are_of_exporters():
    renamed = KNOWN.rename(columns={"share": "foreign_share"}).assign(answer=0)
    published = {}
    for corner, shares in [(None, renamed["foreign_share"].clip(0.02, 0.98)), ("both", renamed["foreign_share"])]:
        model = Bracketed.from_formula("foreign_share ~ x", renamed.assign(foreign_share=shares), corner=corner)
        published[corner] = [part.published is not None for part in model.quantities.values()]
    assert published == {None: [True, True, True], "both": [False] * 5}


def below(share):
    """The distribution function of log-odds that are normal with mean 0.2 - 0.5 x and standard deviation 1.3."""
    location = 0.2 - 0.5 * FIRMS["x"].to_numpy()
    return ndtr((np.log(share) - np.log1p(-share) - location) / 1.3)


EDGES = [1e-300, 0.1, 0.25, 0.5, 0.75, 1 - 1e-16]
THETA = np.array([0.2, -0.5, np.log(1.3)])


@pytest.mark.parametrize("options", [{}, {"frequency": "times"}, {"weights": "weight"}], ids=["", "times", "weight"])
def test_the_table_of_brackets_counts_firms_and_adds_probabilities(options):
    model = Bracketed.from_formula("answer ~ x", FIRMS, **options)
    weight = FIRMS[[*options.values()]].to_numpy().ravel() if options else np.ones(8)
    table = model.bracket_table(THETA)
    assert table.index.tolist() == ["<10%", "10-25%", "26-50%", "51-75%", ">75%"]
    assert table.index.name == "bracket"
    place = np.array([0, 1, 2, 4, 0, 3, 4, 2])
    np.testing.assert_allclose(table["observed"], [weight[place == k].sum() for k in range(5)])
    fitted = [weight @ (below(high) - below(low)) for low, high in pairwise(EDGES)]
    np.testing.assert_allclose(table["fitted"], fitted, rtol=1e-9)
    np.testing.assert_allclose(table["residual"], (table["observed"] - fitted) / np.sqrt(fitted), rtol=1e-7)


def test_results_tell_the_table_at_their_estimates():
    results = Bracketed.from_formula("answer ~ x", FIRMS).fit()
    pd.testing.assert_frame_equal(results.bracket_table(), results.model.bracket_table(results.params.to_numpy()))


def test_what_lies_in_no_bracket_is_told_apart():
    frame = FIRMS.assign(answer=["<10%", 0.0, "26-50%", ">75%", "<10%", "26-50%", 1.0, 0.6])
    model = Bracketed.from_formula("answer ~ x", frame, corner="both")
    theta = np.r_[THETA, -1.0, -2.0]
    table = model.bracket_table(theta)
    assert table.index.tolist() == ["<10%", "26-50%", ">75%", "0%", "elsewhere"]
    np.testing.assert_allclose(table["observed"], [2, 2, 2, 1, 1])
    odds = np.exp([0.0, -1.0, -2.0])
    between, zero, one = odds / odds.sum()
    parts = [below(high) - below(low) for low, high in pairwise(EDGES)]
    fitted = [between * parts[0].sum(), between * parts[2].sum(), between * parts[4].sum() + 8 * one, 8 * zero]
    np.testing.assert_allclose(table["fitted"], [*fitted, 8 - sum(fitted)], rtol=1e-9)
    quantities = {name: part.rows(theta, model.design_matrices()) for name, part in model.quantities.items()}
    np.testing.assert_allclose(quantities["nothing"], zero)
    np.testing.assert_allclose(quantities["everything"], one)
    np.testing.assert_allclose(quantities["more_than_half"], between * (1 - below(0.5)) + one)
    np.testing.assert_allclose(quantities["brackets"][:, 1], between * parts[2])
    assert model.quantities["brackets"].columns == ("<10%", "26-50%", ">75%")


@pytest.mark.parametrize(("options", "said"), [({}, "2 of 8"), ({"frequency": "times"}, "3 of 12")])
def test_notes_count_firms(options, said):
    notes = Bracketed.from_formula("answer ~ x", FIRMS, **options).fit().notes
    assert notes[-1] == f"{said} shares are known exactly, the others up to a bracket"
    assert [note.split("'")[1] for note in notes[:-1]] == ["26-50%", "51-75%"]
