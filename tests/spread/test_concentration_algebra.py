"""Concentration by groups, its errors and intervals by hand; markets that a long frame does not list."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from exportmodels.core.covariance import bootstrap_draws
from exportmodels.core.errors import OptionError
from exportmodels.spread import concentration

RNG = np.random.default_rng(6)
LONG = pd.DataFrame({"firm": RNG.integers(0, 9, 60), "market": RNG.choice(list("uvwxyz"), 60)}).drop_duplicates()
LONG = LONG.assign(sales=RNG.gamma(0.7, 100, len(LONG)).round(1) + 0.1)


def indices(sales):
    share = np.array(sales) / sum(sales)
    h, k = sum(share**2), len(share)
    entropy = -sum(share * np.log(share))
    normal = (h - 1 / k) / (1 - 1 / k) if k > 1 else np.nan
    return [k, h, normal, entropy, np.log(k) - entropy, max(share), 1 / h]


def test_markets_that_are_not_listed_are_not_sold_to():
    found = concentration(LONG).firms
    exact = {firm: indices(rows["sales"].tolist()) for firm, rows in LONG.groupby("firm")}
    np.testing.assert_allclose(found.to_numpy(), [exact[firm] for firm in found.index], rtol=1e-12, atol=1e-12)
    assert found.index.name == "firm" and (found["markets"] < 6).any()
    other = LONG.rename(columns={"firm": "f", "market": "m", "sales": "s"})
    again = concentration(other, firm="f", market="m", value="s").firms
    pd.testing.assert_frame_equal(again, found.rename_axis("f"))
    assert concentration([[1.0, 2.0]], firm="f").firms.index.name == "f"


GROUP = pd.Series({firm: "mass" if firm % 3 else "niche" for firm in range(9)}).sample(frac=1, random_state=1)


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_left_out_firms(alpha):
    found = concentration(LONG, by=GROUP, alpha=alpha)
    quantile = ndtri(1 - alpha / 2)
    parts = dict(iter(found.firms.groupby(GROUP.reindex(found.firms.index))))
    for index in ("herfindahl", "normalized", "entropy", "theil", "top_share", "effective", "markets"):
        if index not in found.table.index.get_level_values(0):
            continue
        values = {name: part[index].dropna() for name, part in parts.items()}
        mean = {name: part.mean() for name, part in values.items()}
        error = {name: part.std(ddof=1) / np.sqrt(len(part)) for name, part in values.items()}
        mean["niche less mass"] = mean["niche"] - mean["mass"]
        error["niche less mass"] = np.hypot(error["niche"], error["mass"])
        rows = found.table.loc[index]
        for name in mean:
            row = [mean[name], error[name], *(mean[name] + sign * quantile * error[name] for sign in (-1, 1))]
            np.testing.assert_allclose(rows.loc[name], row, rtol=1e-9)
    assert found.method == "jackknife" and list(found.table.index.names) == ["index", "group"]


def test_drawn_firms():
    found = concentration(LONG, by=GROUP, intervals="bootstrap", replications=60, seed=4, alpha=0.2)
    means = {}
    for place, name in enumerate(("mass", "niche")):
        values = found.firms.loc[(GROUP.reindex(found.firms.index) == name).to_numpy(), "entropy"].to_numpy()
        drawn = bootstrap_draws(np.ones(len(values)), None, 60, 4 + place)
        means[name] = np.array([np.average(values, weights=draw) for draw in drawn])
    means["niche less mass"] = means["niche"] - means["mass"]
    rows = found.table.loc["entropy"]
    for name, draws in means.items():
        np.testing.assert_allclose(rows.loc[name, ["lower", "upper"]], np.quantile(draws, [0.1, 0.9]), rtol=1e-9)
    for name in ("mass", "niche"):
        assert rows.loc[name, "se"] == pytest.approx(means[name].std(ddof=1), rel=1e-9)
    error = np.hypot(means["mass"].std(ddof=1), means["niche"].std(ddof=1))
    assert rows.loc["niche less mass", "se"] == pytest.approx(error, rel=1e-9)


def test_groups_are_matched_by_name_or_by_place():
    firms = concentration(LONG).firms
    by_name = concentration(LONG, by=GROUP).table
    by_place = concentration(LONG, by=GROUP.reindex(firms.index).tolist()).table
    pd.testing.assert_frame_equal(by_name, by_place)
    three = concentration(LONG, by=GROUP.where(GROUP.index != 1, "other")).table.loc["herfindahl"]
    assert list(three.index) == ["mass", "niche", "other"]
    mixed = concentration(np.eye(2) + 1, by=pd.Series(["b", 1])).table.loc["entropy"]
    assert list(mixed.index) == [1, "b", "b less 1"]


def test_ends_of_the_options():
    assert len(concentration(LONG, intervals="bootstrap", replications=2).table)
    for alpha in (0.0, 1.0):
        with pytest.raises(OptionError, match="alpha must lie between"):
            concentration(LONG, alpha=alpha)
    with pytest.raises(OptionError, match="replications must be two"):
        concentration(LONG, intervals="bootstrap", replications=1)


def test_firms_without_units_of_their_own():
    far = concentration([[1e200, 3e200], [1e-200, 3e-200]]).firms
    np.testing.assert_allclose(far["herfindahl"], [0.625, 0.625])
