"""Tests of irrelevant alternatives against both fits' contributions and covariances, summed over choices by hand."""

import numpy as np
import pandas as pd
import pytest

from exportmodels.core.errors import OptionError
from exportmodels.strategy import ConditionalLogit, MultinomialLogit, NestedLogit, iia_test
from exportmodels.strategy.iia import _without_alternatives

RNG = np.random.default_rng(23)
FIRMS, MODES = 70, ["a", "b", "c", "d"]
WEIGHTS = {"weights": "w", "frequency": "copies"}


def wide():
    x = RNG.normal(size=FIRMS)
    utility = np.column_stack([0 * x, 0.3 + x, -0.2 - x, 0.5 * x]) + RNG.gumbel(size=(FIRMS, 4))
    frame = pd.DataFrame({"mode": np.array(MODES)[utility.argmax(axis=1)], "x": x})
    return frame.assign(w=RNG.uniform(0.5, 2, FIRMS), copies=RNG.integers(1, 4, FIRMS))


def long():
    firm = np.repeat(np.arange(FIRMS), 4)
    data = pd.DataFrame({"firm": firm, "mode": np.tile(MODES, FIRMS), "cost": RNG.normal(size=4 * FIRMS)})
    data = data.assign(known=RNG.normal(0, 0.5, 4 * FIRMS), only_d=(data["mode"] == "d") * 1.0, b=data["mode"] == "b")
    data = data.assign(w=RNG.uniform(0.5, 2, FIRMS)[firm], copies=RNG.integers(1, 4, FIRMS)[firm])
    utility = data["known"] - 0.8 * data["cost"] + 0.4 * data["b"] + RNG.gumbel(size=4 * FIRMS)
    data["pick"] = (utility == utility.groupby(firm).transform("max")).astype(int)
    return data.assign(b=data["b"].astype(float)).sample(frac=1, random_state=2)


WIDE, LONG = wide(), long()


def stacked(frame, modes):
    """Return choices among `modes` as attributes (n, J, p), and what was picked: a constant and x for each but "a"."""
    x = np.zeros((len(frame), len(modes), 2 * (len(modes) - 1)))
    for j in range(1, len(modes)):
        x[:, j, 2 * j - 2], x[:, j, 2 * j - 1] = 1.0, frame["x"]
    return x, (frame["mode"].to_numpy()[:, None] == modes).astype(float), np.zeros((len(frame), len(modes)))


def sorted_sets(frame, modes, names):
    """Return the same of sets whose picks are among `modes`."""
    kept = frame[frame["mode"].isin(modes)].sort_values(["firm", "mode"])
    sets = len(kept) // len(modes)
    offset = kept["known"].to_numpy().reshape(sets, -1)
    return kept[names].to_numpy().reshape(sets, len(modes), -1), kept["pick"].to_numpy().reshape(sets, -1), offset


def contributions(x, picked, offset, weight, theta):
    """Return contributions to the estimate (n, p) of choices whose likelihoods are so weighted, and the information."""
    odds = np.exp(x @ theta + offset)
    p = odds / odds.sum(axis=1, keepdims=True)
    apart = x - np.einsum("nj,njk->nk", p, x)[:, None]
    information = np.einsum("n,nj,njk,njl->kl", weight, p, apart, apart)
    scores = np.einsum("nj,njk->nk", picked - p, x)
    np.testing.assert_allclose(weight @ scores, 0, atol=1e-6)
    return scores @ np.linalg.inv(information), information


def statistic(names, whole, part, weights, copies, robust, places):
    """Return the statistic of the gap between two fits' coefficients; `places` are those that both have."""
    (full, full_x), (less, less_x), chose = whole, part, places["chose"]
    weight = weights * copies
    first, information = contributions(*full_x, weight, full[names["full"]].to_numpy())
    second, restricted = contributions(*less_x, weight[chose], less[names["less"]].to_numpy())
    gap = (less - full)[names["both"]].to_numpy()
    if robust:
        difference = -first[:, places["full"]]
        difference[chose] += second[:, places["less"]]
        difference *= weights[:, None]
        covariance = (difference * copies[:, None]).T @ difference
    else:
        pick = np.ix_(places["full"], places["full"])
        covariance = (
            np.linalg.inv(restricted)[np.ix_(places["less"], places["less"])] - np.linalg.inv(information)[pick]
        )
    return gap @ np.linalg.solve(covariance, gap), covariance


@pytest.mark.parametrize("method", ["robust", "hausman"])
@pytest.mark.parametrize("weighted", [False, True])
def test_levels(weighted, method):
    results = MultinomialLogit.from_formula("mode ~ x", WIDE, **WEIGHTS if weighted else {}).fit()
    stay = WIDE[WIDE["mode"] != "c"]
    less = MultinomialLogit.from_formula("mode ~ x", stay, **WEIGHTS if weighted else {}).fit()
    one = np.ones(FIRMS)
    weights, copies = (WIDE["w"].to_numpy(), WIDE["copies"].to_numpy()) if weighted else (one, one)
    names = [f"[{mode}] {name}" for mode in "bcd" for name in ("Intercept", "x")]
    both = [name for name in names if "[c]" not in name]
    exact, covariance = statistic(
        {"full": names, "less": both, "both": both},
        (results.params, stacked(WIDE, MODES)),
        (less.params, stacked(stay, ["a", "b", "d"])),
        weights,
        copies,
        method == "robust",
        {"chose": (WIDE["mode"] != "c").to_numpy(), "full": [0, 1, 4, 5], "less": [0, 1, 2, 3]},
    )
    judge(results, "c", method, exact, covariance, 4)


@pytest.mark.parametrize("method", ["robust", "hausman"])
@pytest.mark.parametrize("weighted", [False, True])
def test_alternatives(weighted, method):
    options = {"choice_set": "firm", "offset": "known"} | (WEIGHTS if weighted else {})
    results = ConditionalLogit.from_formula("pick ~ cost + b + only_d", LONG, alternative="mode", **options).fit()
    left = LONG.groupby("firm").filter(lambda rows: not (rows["pick"] * (rows["mode"] == "d")).any())
    stay = left[left["mode"] != "d"]
    less = ConditionalLogit.from_formula("pick ~ cost + b", stay, **options).fit()
    of_firm = LONG.groupby("firm")[["w", "copies"]].first()
    one = np.ones(FIRMS)
    weights, copies = of_firm.to_numpy().T if weighted else (one, one)
    names = ["cost", "b", "only_d"]
    exact, covariance = statistic(
        {"full": names, "less": names[:2], "both": names[:2]},
        (results.params, sorted_sets(LONG, MODES, names)),
        (less.params, sorted_sets(stay, MODES[:3], names[:2])),
        weights,
        copies,
        method == "robust",
        {"chose": of_firm.index.isin(stay["firm"]), "full": [0, 1], "less": [0, 1]},
    )
    judge(results, ["d"], method, exact, covariance, 2)


def judge(results, drop, method, exact, covariance, df):
    if method == "hausman" and np.linalg.eigvalsh(covariance)[0] <= 0:
        with pytest.raises(OptionError, match="not positive definite"):
            iia_test(results, drop, method=method)
        return
    test = iia_test(results, drop, method=method)
    assert (test.df, test.name) == (df, f"independence of {drop[0]}")
    assert test.statistic == pytest.approx(exact, rel=1e-6)


def test_robust_covariances_of_the_fit_do_not_matter():
    model = MultinomialLogit.from_formula("mode ~ x", WIDE)
    for method in ("robust", "hausman"):
        try:
            plain = iia_test(model.fit(), "b", method=method)
        except OptionError:
            continue
        assert iia_test(model.fit("robust"), "b", method=method).statistic == pytest.approx(plain.statistic, rel=1e-9)


def test_several_alternatives_go_at_once():
    results = MultinomialLogit.from_formula("mode ~ x", WIDE).fit()
    test = iia_test(results, ["c", "d"])
    assert (test.df, test.name) == (2, "independence of c, d")


def test_two_must_stay_and_the_base_among_them():
    results = MultinomialLogit.from_formula("mode ~ x", WIDE).fit()
    with pytest.raises(OptionError, match="two alternatives at least"):
        iia_test(results, ["b", "c", "d"])
    with pytest.raises(OptionError, match="'a' is the base"):
        iia_test(results, ["b", "a"])
    with pytest.raises(OptionError, match="'e' is no alternative; there are: a, b, c, d"):
        iia_test(results, ["b", "e"])
    with pytest.raises(OptionError, match="method must be"):
        iia_test(results, "b", method="other")
    with pytest.raises(OptionError, match="no penalty"):
        iia_test(MultinomialLogit.from_formula("mode ~ x", WIDE, penalty="jeffreys").fit(), "b")


def test_the_first_level_is_the_base_whatever_its_name():
    order = pd.Categorical(WIDE["mode"], ["c", "a", "d", "b"])
    results = MultinomialLogit.from_formula("mode ~ x", WIDE.assign(mode=order)).fit()
    renamed = WIDE["mode"].map(dict(zip(["c", "a", "d", "b"], "abcd", strict=True)))
    same = MultinomialLogit.from_formula("mode ~ x", WIDE.assign(mode=renamed)).fit()
    assert iia_test(results, "d").statistic == pytest.approx(iia_test(same, "c").statistic, rel=1e-9)


@pytest.mark.parametrize("unit", [1.0, 1e-14, 1e8])
def test_attributes_that_cancel_without_an_alternative_are_left_out(unit):
    home = (np.pi + LONG["firm"] % 5) * 1e8 * (LONG["mode"] != "d")
    data = LONG.assign(home=home, small=LONG["cost"] * unit)
    fit, plain = (
        ConditionalLogit.from_formula(f"pick ~ {terms}", data, choice_set="firm", alternative="mode").fit()
        for terms in ("small + b + home", "cost + b + home")
    )
    test = iia_test(fit, "d")
    assert test.df == 2
    assert test.statistic == pytest.approx(iia_test(plain, "d").statistic, rel=1e-6)


def test_sets_leave_with_their_picks():
    """Of two picks in a set one may be of the alternative that goes: its firm chose among all."""
    data = LONG.assign(pick=LONG["pick"] | ((LONG["mode"] == "d") & (LONG["firm"] % 4 == 0)).astype(int))
    fit = ConditionalLogit.from_formula("pick ~ cost + b", data, choice_set="firm", alternative="mode").fit()
    chose = data["firm"].isin(data["firm"][(data["mode"] == "d") & (data["pick"] == 1)])
    stay = data[~chose & (data["mode"] != "d")]
    less = ConditionalLogit.from_formula("pick ~ cost + b", stay, choice_set="firm").fit()
    np.testing.assert_allclose(_without_alternatives(fit.model, ["d"]).params, less.params, rtol=1e-9)


def test_models_whose_alternatives_have_no_names_are_refused():
    unnamed = ConditionalLogit.from_formula("pick ~ cost", LONG, choice_set="firm").fit()
    nested = NestedLogit.from_formula(
        "pick ~ cost", LONG.assign(near=LONG["mode"] < "c"), choice_set="firm", nest="near", alternative="mode"
    )
    for results in (unnamed, nested.fit()):
        with pytest.raises(OptionError, match="or of ConditionalLogit with alternative= given"):
            iia_test(results, "d")
