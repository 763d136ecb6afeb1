"""Tests of the mean share against the regressions that define them, firm by firm."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, norm

from exportmodels.core.errors import OptionError
from exportmodels.share import Beta, Bracketed, Fractional, compare_links, p_test

N = 80
rng = np.random.default_rng(0)
DATA = pd.DataFrame({"x": rng.normal(size=N), "z": rng.uniform(0, 1, N), "city": np.arange(N) % 11})
DATA["share"] = rng.binomial(8, norm.cdf(-0.3 + 0.7 * DATA["x"] + 0.4 * DATA["x"] ** 2)) / 8
DATA["times"], DATA["weight"] = rng.integers(1, 4, N) * 1.0, rng.uniform(0.5, 2, N)
MEANS = {"logit": lambda u: 1 / (1 + np.exp(-u)), "cloglog": lambda u: 1 - np.exp(-np.exp(u)), "probit": norm.cdf}
OPTIONS = {"plain": {}, "times": {"frequency": "times"}, "weight": {"weights": "weight"}}
OPTIONS |= {"both": {"frequency": "times", "weights": "weight"}, "scale": {"scale": "z", "link": "probit"}}


def fit(link="logit", **options):
    return Fractional.from_formula("share ~ x", DATA, link=link, **options).fit()


def given(options):
    return (DATA[options[name]].to_numpy() if name in options else np.ones(N) for name in ("frequency", "weights"))


def by_hand(results, added, options, city=None):
    """Regress one on the products of residual and what is added, cleaned of the mean's own gradient; count fitted ones.

    `added` takes the index and the mean's slope in it.
    """
    times, weight = given(options)
    x = np.column_stack([np.ones(N), DATA["x"]])
    mean_of = MEANS[options.get("link", "logit")]

    def index(theta):
        return x @ theta[:2] * (np.exp(-theta[2] * DATA["z"].to_numpy()) if len(theta) > 2 else 1)

    theta, h = results.params.to_numpy(), 1e-6
    steps = h * np.eye(len(theta))
    gradient = np.column_stack([(mean_of(index(theta + s)) - mean_of(index(theta - s))) / (2 * h) for s in steps])
    u = index(theta)
    mean, slope = mean_of(u), (mean_of(u + h) - mean_of(u - h)) / (2 * h)
    sd = np.sqrt(mean * (1 - mean))
    extra = np.column_stack(added(u, slope, mean)) / sd[:, None]
    own, total = gradient / sd[:, None], times * weight
    clean = extra - own @ np.linalg.solve(own.T @ (total[:, None] * own), own.T @ (total[:, None] * extra))
    products = clean * ((DATA["share"].to_numpy() - mean) / sd * weight)[:, None]
    rows = np.repeat(products, times.astype(int), axis=0)
    if city is not None:
        rows = np.array([(times[:, None] * products)[city == one].sum(axis=0) for one in sorted(set(city))])
    fitted = rows @ np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0]
    return fitted.sum(), np.linalg.matrix_rank(rows)


def same(test, wanted):
    assert test.statistic == pytest.approx(wanted[0], rel=1e-5)
    assert test.df == wanted[1]
    assert test.pvalue == pytest.approx(chi2.sf(*wanted), rel=1e-4)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_powers_of_the_index(options):
    results = fit(**options)
    cubed = lambda u, slope, mean: [slope * u**2, slope * u**3]  # noqa: E731
    test = results.reset()
    same(test, by_hand(results, cubed, options))
    assert (test.name, test.note) == ("RESET, powers up to 3", "robust score test")
    same(results.reset(2), by_hand(results, lambda u, slope, mean: [slope * u**2], options))
    same(results.reset(3, clusters="city"), by_hand(results, cubed, options, DATA["city"]))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_powers_of_the_link(options):
    results = fit(**options)
    powers = lambda u, slope, mean: [mean * np.log(mean), (1 - mean) * np.log(1 - mean)]  # noqa: E731
    test = results.ggoff()
    same(test, by_hand(results, powers, options))
    assert test.name == "GGOFF test of the link"
    same(results.ggoff(clusters="city"), by_hand(results, powers, options, DATA["city"]))


def test_a_power_that_the_link_has_itself_adds_nothing():
    options = {"link": "cloglog"}  # (1 - F) log (1 - F) is minus the slope of F
    same(fit(**options).ggoff(), by_hand(fit(**options), lambda u, slope, mean: [mean * np.log(mean)], options))


def test_how_many_powers():
    results = fit()
    for powers in (1, 10):
        with pytest.raises(OptionError, match="powers must be at least 2"):
            results.reset(powers)
    assert results.reset(9).df <= 8


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_rivals_prediction(options):
    kept = {name: value for name, value in options.items() if name not in ("link", "scale")}
    results, rival = fit(**options), fit("cloglog", **kept)
    theirs = rival.predict().to_numpy()
    wanted = lambda u, slope, mean: [theirs - mean]  # noqa: E731
    test = results.p_test(rival)
    same(test, by_hand(results, wanted, options))
    assert test.name == "P test against Fractional response model (cloglog)"
    same(results.p_test(rival, clusters="city"), by_hand(results, wanted, options, DATA["city"]))


def moment(results, rival, options, means, loglikes):
    """The mean of (r - m)(y - m) / (m (1 - m)), and its variance with that of the estimate, by differences."""
    times, weight = given(options)
    theta, y = results.params.to_numpy(), DATA["share"].to_numpy()
    p, h = len(theta), 1e-4
    unit = h * np.eye(p)
    mean = means(theta)
    direction = (rival.predict().to_numpy() - mean) / (mean * (1 - mean))
    total = times * weight
    score = np.column_stack([(loglikes(theta + s) - loglikes(theta - s)) / (2 * h) for s in unit])
    whole = lambda t: total @ loglikes(t)  # noqa: E731
    hessian = [[whole(theta + a + b) - whole(theta + a - b) - whole(theta - a + b) + whole(theta - a - b)
                for b in unit] for a in unit]  # fmt: skip
    bread = np.linalg.inv(-np.array(hessian) / (4 * h * h))
    pull = np.array([(total * direction) @ (means(theta + s) - means(theta - s)) / (2 * h) for s in unit])
    own = weight * (direction * (y - mean) - score @ bread @ pull)
    return (total @ (direction * (y - mean))) ** 2 / (times @ own**2)


@pytest.mark.parametrize(
    "options", [{}, {"frequency": "times"}, {"weights": "weight"}], ids=["plain", "times", "weight"]
)
def test_the_rival_of_any_model(options):
    results, rival = fit(**options), fit("cloglog", **options)
    x, y = np.column_stack([np.ones(N), DATA["x"]]), DATA["share"].to_numpy()
    logit = MEANS["logit"]
    loglikes = lambda t: y * np.log(logit(x @ t)) + (1 - y) * np.log1p(-logit(x @ t))  # noqa: E731
    test = p_test(results, rival)
    wanted = moment(results, rival, options, lambda t: logit(x @ t), loglikes)
    assert test.statistic == pytest.approx(wanted, rel=1e-4)
    assert (test.df, test.note) == (1, "robust moment test")
    assert test.name == "P test against Fractional response model (cloglog)"
    assert test.pvalue == pytest.approx(chi2.sf(wanted, 1), rel=1e-3)


def test_rivals_that_are_refused():
    results = fit()
    some = Fractional.from_formula("share ~ x", DATA.head(50)).fit()
    with pytest.raises(OptionError, match="fitted on 50 rows, this model on 80"):
        results.p_test(some)
    with pytest.raises(OptionError, match="rest on 80 and 50 rows"):
        p_test(results, some)
    with pytest.raises(OptionError, match="nothing to test"):
        p_test(results, results)
    inside = DATA.assign(share=DATA["share"].clip(0.02, 0.98), answer="<10%")
    answers = Bracketed.from_formula("answer ~ x", inside.assign(answer=["<10%", "26-50%"] * 40)).fit()
    with pytest.raises(OptionError, match="exact shares, not brackets"):
        p_test(answers, Fractional.from_formula("share ~ x", inside).fit())
    tall = Beta.from_formula("share ~ x", inside).fit()
    assert p_test(tall, Fractional.from_formula("share ~ x", inside).fit()).df == 1


def test_fits_side_by_side():
    fits = {link: fit(link) for link in ("logit", "cloglog", "probit")}
    table = compare_links(fits)
    assert list(table.index) == list(fits)
    names = ["llf", "reset", "ggoff", "P against logit", "P against cloglog", "P against probit"]
    assert list(table.columns) == names
    assert table.loc["cloglog", "llf"] == fits["cloglog"].llf
    assert table.loc["cloglog", "reset"] == fits["cloglog"].reset().pvalue
    assert table.loc["probit", "ggoff"] == fits["probit"].ggoff().pvalue
    assert table.loc["logit", "P against probit"] == fits["logit"].p_test(fits["probit"]).pvalue
    assert np.isnan(np.diag(table.iloc[:, 3:])).all() and table.isna().to_numpy().sum() == 3
    by_city = compare_links(fits, clusters=DATA["city"])
    assert by_city.loc["logit", "reset"] == fits["logit"].reset(clusters="city").pvalue
    assert by_city.loc["logit", "ggoff"] == fits["logit"].ggoff(clusters="city").pvalue
    assert by_city.loc["logit", "P against probit"] == fits["logit"].p_test(fits["probit"], "city").pvalue
