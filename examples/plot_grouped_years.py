"""
Years are groups, not points in time
====================================

Studies of the duration of trade long fitted Cox's model to spells recorded in whole calendar years. Hess and Persson
(2012) showed what that does: with many spells ending in the same year, estimates made for continuous time are biased,
while a discrete-time hazard is made for such data. The same holds for the years to a first export, of which a third may
be 0 or 1. Here firms are drawn from a known model, so that one sees who finds it.
"""

# %%
# Firms start to export at a constant rate; niche firms at *e* times the rate of mass firms, a coefficient of one.
# A respondent tells whole years, or remembers only the five-year period.

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from exportmodels.timing import AFT, Cox, DiscreteHazard

rng = np.random.default_rng(2012)
n = 20_000
niche = rng.integers(0, 2, n)
time = rng.exponential(size=n) / (0.15 * np.exp(1.0 * niche))
surveyed = rng.integers(5, 31, n)


def recorded(width: int) -> pd.DataFrame:
    """Return what is known when time is told in periods of some years."""
    periods, last = np.floor(time / width), surveyed // width - 1
    exported = periods <= last
    period = np.where(exported, periods, last)
    return pd.DataFrame({"niche": niche, "period": period.astype(int), "exported": exported.astype(int)})


# %%
# Five ways to fit them. Cox with Breslow's and with Efron's handling of ties takes the periods as they are. A Weibull
# model takes the middle of each period for the exact time, or knows that the time lies somewhere in it. The
# discrete-time hazard gives each period its own effect, under the complementary log-log link.


def estimates(width: int) -> dict[str, float]:
    """Return the coefficient of niche in the hazard, by each way."""
    data = recorded(width)
    ends = data.assign(
        middle=(data["period"] + np.where(data["exported"] == 1, 0.5, 1.0)) * width,
        lower=(data["period"] + 1 - data["exported"]) * width,
        upper=np.where(data["exported"] == 1, (data["period"] + 1) * width, np.inf),
    )
    fits = {
        "Cox, Breslow": Cox.from_formula("period ~ niche", data, event="exported", ties="breslow").fit(),
        "Cox, Efron": Cox.from_formula("period ~ niche", data, event="exported").fit(),
        "Weibull, as if exact": AFT.from_formula("middle ~ niche", ends, event="exported").fit(),
        "Weibull, intervals": AFT.from_formula("lower ~ niche", ends, upper="upper").fit(),
        "Discrete hazard": DiscreteHazard.from_formula("period ~ niche", data, event="exported").fit(),
    }
    # accelerated times have the coefficients of proportional hazards times minus the scale
    return {
        name: -fit.params["niche"] / np.exp(fit.params["[log_scale]"]) if "Weibull" in name else fit.params["niche"]
        for name, fit in fits.items()
    }


widths = [1, 2, 3, 5]
table = pd.DataFrame([estimates(width) for width in widths], index=pd.Index(widths, name="years a period"))
print(table.round(3).to_string())

# %%
# The coarser the periods, the more firms share one, and the farther the methods for continuous time are off the truth
# of one; Breslow's ties most. The discrete hazard stays where it is, for its coefficient is the one of continuous time
# whatever the width; so does the Weibull model once it is told intervals.

figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
lines = {"Cox, Breslow": "v:", "Cox, Efron": "^:", "Weibull, as if exact": "s--", "Weibull, intervals": "D-"}
for name in table:
    axes.plot(table.index, table[name], lines.get(name, "o-"), label=name)
axes.axhline(1.0, color="0.5", linewidth=1)
axes.text(widths[-1], 1.005, "truth", ha="right", va="bottom", color="0.4")
axes.set(xlabel="years a period", ylabel="coefficient of niche", xticks=widths)
axes.legend(frameon=False)
plt.show()

# %%
# Hess, W. and Persson, M. (2012). The duration of trade revisited: continuous-time versus discrete-time hazards.
# *Empirical Economics* 43, 1083-1107.
