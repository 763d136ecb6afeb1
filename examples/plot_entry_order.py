"""
At once or one after the other
==============================

A sprinkler enters many markets in its first years, a waterfall one after the other. Which is which, does the order
differ from chance, and how concentrated are the sales of the two? Firms here are drawn at random (they are synthetic,
and say nothing of real firms): niche firms so that they enter early and sell evenly.
"""

# %%
# One row a firm and market, with the year of entry and the sales of the last year.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from exportmodels.share import Fractional
from exportmodels.spread import concentration, entry_test
from exportmodels.strategy import FirthLogit, classify_entry

rng = np.random.default_rng(2009)
drawn = []
for firm in range(40):
    niche = firm % 2
    size, first = rng.integers(3, 9), rng.integers(1985, 2000)
    wait = rng.integers(0, 2009 - first + 1, size - 1)
    early = rng.random(size - 1) < 0.6 * niche
    years = first + np.append(0, np.where(early, wait % 3, wait))
    sales = rng.gamma(0.4 + 1.2 * niche, 1, size)
    drawn.append(pd.DataFrame({"firm": firm, "niche": niche, "market": range(size), "year": years, "sales": sales}))
entries = pd.concat(drawn, ignore_index=True)
niche = entries.groupby("firm")["niche"].first()
group = niche.map({0: "mass", 1: "niche"})

# %%
# The index is the share of its markets that a firm entered in its first three years. The test takes a firm's first
# entry and its last year observed as given, and lets its other entries fall into any year between, with equal chances.

order = classify_entry(entries, until=2009).assign(niche=niche)
print(pd.crosstab(group, order["strategy"]).to_string())
for name in ("mass", "niche"):
    print(name, entry_test(entries[entries["firm"].map(group) == name], until=2009))

# %%
# Sprinkler or waterfall is a yes or no: any binary model explains it.

print(FirthLogit.from_formula("sprinkler ~ niche", order).fit().findings("niche"))

# %%
# Herfindahl indices of the firms, their means with intervals from leaving out one firm at a time, and the index as the
# outcome of a fractional model, which has room for other characteristics of the firms.

found = concentration(entries, by=group)
print(found.table.loc[["herfindahl", "effective"]].round(2).to_string())
firms = found.firms.assign(niche=niche)
print(Fractional.from_formula("herfindahl ~ niche + markets", firms).fit(cov_type="robust").effects().round(3))

# %%
# Each firm's entries, from its first one on: sprinklers rise at once.

figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True)
for axis, (name, part) in zip(axes, entries.groupby(entries["firm"].map(group)), strict=True):
    for _, firm_entries in part.groupby("firm"):
        years = np.sort(firm_entries["year"].to_numpy())
        axis.step(years - years[0], np.arange(1, len(years) + 1) / len(years), where="post", color="0.4", alpha=0.5)
    axis.axvline(3, color="black", linestyle=":")
    axis.set(title=f"{name} firms", xlabel="Years since first entry")
axes[0].set_ylabel("Share of eventual markets entered")
figure.tight_layout()
plt.show()
