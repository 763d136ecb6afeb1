"""
What the published counts say
=============================

The report of 2009 compares niche with mass firms in percentages. Where the number of firms behind them is known, the
counts are real data, and exact tests say which differences are more than chance among 17 niche and 19 mass firms.
"""

# %%
# Every contrast whose counts are known is one 2 x 2 table. The mid-p test gives a p-value and an interval of the odds
# ratio that agree with each other; Holm's adjustment allows for the number of contrasts looked at.

import matplotlib.pyplot as plt
import numpy as np

from exportmodels import data
from exportmodels.inference import adjust, midp_exact

contrasts = data.contrasts()
niche = contrasts[["niche_count", "niche_base"]].to_numpy()
mass = contrasts[["mass_count", "mass_base"]].to_numpy()
tests = [midp_exact([[a, n - a], [b, m - b]]) for (a, n), (b, m) in zip(niche, mass, strict=True)]

table = contrasts.assign(
    niche=(100 * niche[:, 0] / niche[:, 1]).round(),
    mass=(100 * mass[:, 0] / mass[:, 1]).round(),
    odds_ratio=[test.odds_ratio for test in tests],
    p=[test.pvalue for test in tests],
    holm=adjust([test.pvalue for test in tests], method="holm"),
)[["figure", "outcome", "category", "niche", "mass", "odds_ratio", "p", "holm"]]
print(table.sort_values("p").head(10).to_string(index=False, float_format="{:.3g}".format))

# %%
# The same as a picture: intervals of the odds ratio on a log scale. Most are wide and reach across one. An arrow
# marks an interval without end, where one of the groups has no firm, or all its firms, in the category.

order = table["p"].to_numpy().argsort()[:15][::-1]
figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
for place, row in enumerate(order):
    lower, upper = np.clip(tests[row].conf_int, 0.02, 2000)
    estimate = np.clip(tests[row].odds_ratio, 0.02, 2000)
    axes.plot([lower, upper], [place, place], color="0.6", linewidth=2)
    axes.plot(estimate, place, marker=">" if estimate == 2000 else "<" if estimate == 0.02 else "o", color="black")
labels = [f"{table['outcome'].iloc[row]} {table['category'].iloc[row]}".strip() for row in order]
axes.set_yticks(range(len(order)), labels)
axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
axes.set(xscale="log", xlabel="odds ratio, niche against mass firms (mid-p 95 % interval)")
figure.suptitle("The fifteen clearest contrasts of the report")
plt.show()
