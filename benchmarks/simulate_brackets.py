"""What bracketing costs: known shares, the report's brackets in the likelihood, and the mid-points that people use.

Shares are drawn from a logit-normal law with a niche effect on their mean. Each sample is fitted three times: with the
shares known, with their brackets by `Bracketed`, and with the mid-points of the brackets taken for shares by least
squares. The table compares the mean share of mass firms, and the difference of mean shares, niche less mass.
"""

import sys

import numpy as np
import pandas as pd

from exportmodels.share import Bracketed

EDGES = np.array([0.0, 0.10, 0.25, 0.50, 0.75, 1.0])
MIDDLES = (EDGES[:-1] + EDGES[1:]) / 2
# location and scale of the log-odds: a firm like the report's, and firms most of which sell little abroad
TRUTHS = {"spread out": (-1.0, 1.5, 1.2), "mostly small": (-3.0, 1.5, 1.0)}


def sample(rng: np.random.Generator, n: int, truth: tuple[float, float, float]) -> pd.DataFrame:
    """Draw firms, known and bracketed."""
    base, effect, scale = truth
    niche = np.arange(n) % 2
    share = 1 / (1 + np.exp(-(base + effect * niche + scale * rng.standard_normal(n))))
    place = np.clip(np.searchsorted(EDGES, share) - 1, 0, 4)
    limits = {"lower": EDGES[place], "upper": EDGES[place + 1], "middle": MIDDLES[place]}
    return pd.DataFrame({"niche": niche, "share": share, **limits})


QUANTITIES = ("mass", "difference")


def modelled(formula: str, data: pd.DataFrame) -> list[tuple[float, float]]:
    """Return estimate and standard error of each quantity by `Bracketed`."""
    table = Bracketed.from_formula(formula, data).fit().findings("niche").table.head(3)
    return list(zip(table["estimate"].iloc[[0, 2]], table["se"].iloc[[0, 2]], strict=True))


def least_squares(data: pd.DataFrame) -> list[tuple[float, float]]:
    """Return estimate and standard error of each quantity by means of mid-points."""
    groups = data.groupby("niche")["middle"]
    mean, variance = groups.mean(), groups.var() / groups.size()
    return [(mean[0], np.sqrt(variance[0])), (mean[1] - mean[0], np.sqrt(variance.sum()))]


WAYS = {
    "known shares": lambda data: modelled("share ~ niche", data),
    "brackets": lambda data: modelled("lower + upper ~ niche", data),
    "mid-points": least_squares,
}


def simulate(n: int, draws: int, seed: int = 2009) -> pd.DataFrame:
    """Return bias, spread, mean standard error and coverage of each way, for each truth and quantity."""
    rows = []
    for name, truth in TRUTHS.items():
        rng = np.random.default_rng(seed)
        mass, niche = sample(rng, 4_000_000, truth).groupby("niche")["share"].mean()
        fits = [[way(data) for way in WAYS.values()] for data in (sample(rng, n, truth) for _ in range(draws))]
        for q, true in enumerate((mass, niche - mass)):
            for w, way in enumerate(WAYS):
                estimate, se = np.array(fits)[:, w, q].T
                rows.append(
                    {
                        "shares": name,
                        "mean share": QUANTITIES[q],
                        "way": way,
                        "truth": true,
                        "bias": estimate.mean() - true,
                        "sd": estimate.std(),
                        "mean se": se.mean(),
                        "coverage": np.mean(np.abs(estimate - true) < 1.96 * se),
                    }
                )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    n, draws = (int(value) for value in (*sys.argv[1:], "1000", "1000")[:2])
    print(simulate(n, draws).round(4).to_string(index=False))
