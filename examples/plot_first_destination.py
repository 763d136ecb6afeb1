"""
Where first: countries as choices
=================================

Which country does a firm enter first? The alternatives are countries, and what explains the choice are *their*
attributes: distance and market size. Firms and choices here are drawn at random (they are synthetic, and say nothing of
real firms); distances and market sizes are rounded real ones, as seen from Brussels.
"""

# %%
# Data are long: one row a firm and country. Niche firms are drawn so that distance hardly stops them.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from exportmodels.strategy import ConditionalLogit, NestedLogit, iia_test

countries = pd.DataFrame(
    {
        "country": ["Netherlands", "France", "Germany", "Poland", "Spain", "United States", "China", "Brazil"],
        "distance": [0.17, 0.26, 0.65, 1.16, 1.32, 6.2, 7.97, 9.6],  # thousands of kilometres
        "market": np.log([0.9, 2.7, 3.4, 0.5, 1.5, 14.4, 5.1, 1.7]),  # log of GDP in trillions of dollars, 2009
        "region": ["near"] * 3 + ["europe"] * 2 + ["overseas"] * 3,
    }
)
rng = np.random.default_rng(2009)
firms = pd.DataFrame({"firm": range(300), "niche": rng.integers(0, 2, 300)})
choices = firms.merge(countries, how="cross")
shared = pd.Series(rng.gumbel(size=900), pd.MultiIndex.from_product([range(300), ["near", "europe", "overseas"]]))
taste = shared.loc[list(zip(choices["firm"], choices["region"], strict=True))].to_numpy()
utility = (
    -(0.5 - 0.4 * choices["niche"]) * choices["distance"]
    + 0.8 * choices["market"]
    + 0.7 * taste
    + 0.5 * rng.gumbel(size=len(choices))
)
choices["first"] = (utility == utility.groupby(choices["firm"]).transform("max")).astype(int)
print(choices.head(8).round(2).to_string(index=False))

# %%
# What is the same for all countries of a firm cancels: there is no intercept, and *niche* enters by how a firm weighs
# distance.

model = ConditionalLogit.from_formula(
    "first ~ distance + distance:niche + market", choices, choice_set="firm", alternative="country"
)
results = model.fit()
print(results.summary())

# %%
# In probabilities, country by country, for niche and mass firms:

findings = results.findings("niche").table
print(findings[["quantity", "group", "estimate", "lower", "upper"]].round(3).to_string(index=False))

# %%
# And as a picture.

order = countries.sort_values("distance")["country"]
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for shift, level, mark in ((-0.1, 0, "s"), (0.1, 1, "o")):
    part = findings[findings["group"] == f"niche={level}"].set_index("quantity")
    part = part.loc[[f"probability of first: {country}" for country in order]]
    bars = [part["estimate"] - part["lower"], part["upper"] - part["estimate"]]
    place = np.arange(len(order)) + shift
    axes.errorbar(place, part["estimate"], bars, fmt=mark, color="black", mfc="white" if level else "black", capsize=2)
axes.set_xticks(range(len(order)), order, rotation=30, ha="right")
axes.set(
    ylabel="probability of the first destination", title="mass firms (squares) and niche firms (circles), synthetic"
)

# %%
# The conditional logit says that the odds between two countries do not depend on the others. Neighbours may be closer
# substitutes of each other than of China. Leaving a country out then changes the odds among the rest; a test by it has
# little power where few firms choose that country:

for country in ("Netherlands", "France", "United States"):
    print(iia_test(results, country))

# %%
# The nested logit says how close the countries of a region are: a dissimilarity of one is no closeness at all. The
# firms were drawn with closeness, and the likelihood-ratio test sees it.

nested = NestedLogit.from_formula(
    "first ~ distance + distance:niche + market", choices, choice_set="firm", nest="region", alternative="country"
).fit()
print(nested.params.round(2).to_string())
print(nested.lr_test(results))
