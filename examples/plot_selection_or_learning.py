"""
Does R&D make exporters, or exporting R&D?
==========================================

The report of 2009 finds that exporters, niche firms above all, do more R&D and leaves open which comes first. Three
comparisons tell self-selection from learning by exporting. They are run here on two worlds that are made up, so that
the truth is known: in both, firms with more R&D start to export; in the second, R&D also rises by 1.5 per cent of
turnover after the start.
"""

# %%
# Two worlds
# ----------
# The share of turnover that 500 firms spend on R&D, over nine years. Firms start to export sooner the more they do.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.spatial import KDTree
from statsmodels.treatment.treatment_effects import TreatmentEffect

from exportmodels.share import Fractional, PanelShare
from exportmodels.strategy import Logit


def world(learning: float, firms: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    good = rng.normal(size=firms)
    chance = 1 / (1 + np.exp(2.2 - 1.2 * good))
    start = np.where(rng.random((firms, 9)) < chance[:, None], np.arange(9), 99)[:, 3:].min(axis=1)
    panel = pd.MultiIndex.from_product([range(firms), range(9)], names=["firm", "year"]).to_frame(index=False)
    panel["start"] = start[panel["firm"]]
    panel["exports"] = (panel["year"] >= panel["start"]).astype(float)
    usual = 0.10 + 0.02 * good[panel["firm"]] + 0.002 * panel["year"]
    rd = usual + learning * panel["exports"] + 0.004 * rng.normal(size=len(panel))
    return panel.assign(rd=rd.clip(0, 1))


worlds = {"selection alone": world(0.0), "selection and learning": world(0.015)}

# %%
# The comparison that does not tell
# ---------------------------------
# Exporters do more R&D in both worlds: the premium adds up selection and learning.

for name, panel in worlds.items():
    premium = Fractional.from_formula("rd ~ exports", panel).fit(clusters="firm").effects().iloc[0]
    print(f"{name}: exporters spend {100 * premium['estimate']:.1f} points more")

# %%
# Before entry
# ------------
# Do those who will start spend more two years and more before they do? Yes, in both worlds: this is the self-selection,
# and learning cannot make it.

for name, panel in worlds.items():
    early = panel[panel["year"] == 1].assign(starts=lambda d: (d["start"] < 99).astype(float))
    lead = Fractional.from_formula("rd ~ starts", early).fit().effects().iloc[0]
    print(f"{name}: later starters lead by {100 * lead['estimate']:.1f} points (error {100 * lead['se']:.1f})")

# %%
# Around entry
# ------------
# With firm and year effects out, what happens in the years around the first export? The year before is the reference.


def event_study(panel: pd.DataFrame) -> pd.DataFrame:
    since = (panel["year"] - panel["start"]).where(panel["start"] < 99).clip(-4, 4)
    years = [k for k in range(-4, 5) if k != -1]
    dummies = {f"at_{k + 4}": (since == k).astype(float) for k in years}
    model = PanelShare.from_formula(
        "rd ~ " + " + ".join(dummies), panel.assign(**dummies), firm="firm", year="year", time_effects=True
    )
    results = model.fit()
    path = pd.DataFrame({"estimate": results.params, "se": results.bse}).drop("Intercept")
    return path.set_axis(years, axis=0)


figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
for axis, (name, panel) in zip(axes, worlds.items(), strict=True):
    path = 100 * event_study(panel)
    axis.axhline(0, color="0.6", linewidth=0.8)
    axis.axvline(-0.5, color="0.6", linewidth=0.8, linestyle=":")
    axis.errorbar(path.index, path["estimate"], 1.96 * path["se"], fmt="o", markersize=4, capsize=2)
    axis.set(title=name, xlabel="years since the first export")
axes[0].set_ylabel("R&D, points of turnover")

# %%
# Against twins
# -------------
# Starters of year 4 beside firms that had not started by year 6: each with the three that are nearest in what they
# spent on average in the four years before (`scipy.spatial.KDTree`). Starters without three firms near, a tenth of a
# standard deviation away at most, are left out and counted: no comparison speaks of them.
#
# The errors are those of Abadie and Imbens (2006, *Econometrica* 74, 235-267). A bootstrap is not valid here: how often
# a firm serves as a twin does not settle down as samples grow. They hold for distances in covariates as they stand; for
# an estimated chance to start there would be another term (Abadie and Imbens, 2016, *Econometrica* 84, 781-807).

BEFORE = ["rd0", "rd1", "rd2", "rd3"]
TWINS, REACH = 3, 0.1


def cohort(panel: pd.DataFrame) -> pd.DataFrame:
    """One row a firm: R&D of each year in points, and whether it started in year 4."""
    wide = 100 * panel.pivot_table(index="firm", columns="year", values="rd").add_prefix("rd")
    start = panel.groupby("firm")["start"].first()
    wide = wide.assign(level=wide[BEFORE].mean(axis=1), starts=(start == 4).astype(float))
    return wide[(start == 4) | (start > 6)].reset_index(drop=True)


def matched(firms: pd.DataFrame) -> tuple[float, float, np.ndarray]:
    """The lead of starters over their twins in year 6, its error, and how much each firm counts in it."""
    y, starts = firms["rd6"].to_numpy(), firms["starts"].to_numpy() == 1
    place = firms[["level"]].to_numpy() / firms["level"].std()
    own, others = np.flatnonzero(starts), np.flatnonzero(~starts)
    tree = KDTree(place[others])
    away, near = tree.query(place[own], TWINS)
    own, near = own[away[:, -1] < REACH], others[near[away[:, -1] < REACH]]
    times = np.bincount(near.ravel(), minlength=len(y))
    leads = y[own] - y[near].mean(axis=1)
    # the noise of firms alike: each beside the two nearest, itself left out
    alike = others[tree.query(place[others], 3)[1][:, 1:]]
    noise = 2 / 3 * (y[others] - y[alike].mean(axis=1)) ** 2
    again = times[others] * (times[others] - 1) / TWINS**2
    variance = (np.sum((leads - leads.mean()) ** 2) + np.sum(again * noise)) / len(own) ** 2
    count = times / TWINS
    count[own] = 1.0
    return leads.mean(), np.sqrt(variance), count


def balance(firms: pd.DataFrame, count: np.ndarray) -> pd.DataFrame:
    """Differences of starters from others, and from twins, in standard deviations of starters; ratios of variances."""
    chance = Logit.from_formula("starts ~ " + " + ".join(BEFORE), firms).fit().predict()
    table = firms[BEFORE].assign(change=firms["rd3"] - firms["rd0"], log_odds=np.log(chance / (1 - chance)))
    starts, rows = firms["starts"].to_numpy() == 1, {}
    for name, weight in (("others", np.ones(len(firms))), ("twins", count)):
        mean, variance = {}, {}
        for side in (True, False):
            part = np.where(starts == side, weight, 0.0)
            mean[side] = np.average(table, axis=0, weights=part)
            variance[side] = np.average((table - mean[side]) ** 2, axis=0, weights=part)
        rows[f"difference, {name}"] = (mean[True] - mean[False]) / table[starts].std()
        rows[f"variances, {name}"] = variance[True] / variance[False]
    return pd.DataFrame(rows, index=table.columns)


cohorts = {name: cohort(panel) for name, panel in worlds.items()}
counts = {}
for name, firms in cohorts.items():
    lead, error, counts[name] = matched(firms)
    starters, kept = firms["starts"].sum(), counts[name][firms["starts"] == 1].sum()
    print(f"{name}: {kept:.0f} of {starters:.0f} starters have twins")
    print(f"two years on, they lead their twins by {lead:.2f} points (error {error:.2f})")

# %%
# Were twins alike before? The differences should be gone (a tenth of a standard deviation is a common line), and the
# variances alike, in what was matched and in what was not. Up to year 3 both worlds are the same.

table = balance(firms, counts[name])
print(table.round(2).to_string())

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
rows = np.arange(len(table))[::-1]
left.axvspan(-0.1, 0.1, color="0.92")
left.axvline(0, color="0.6", linewidth=0.8)
left.plot(table["difference, others"], rows, "o", color="C0", fillstyle="none", label="from all others")
left.plot(table["difference, twins"], rows, "o", color="C0", label="from twins")
labels = [f"R&D, year {year}" for year in range(4)] + ["its change", "log-odds of starting"]
left.set(xlabel="starters' difference, standard deviations", yticks=rows, yticklabels=labels)
left.legend(frameon=False, loc="center")

years = [f"rd{year}" for year in range(7)]
for (name, firms), style in zip(cohorts.items(), ("--", "-"), strict=True):
    starts = firms["starts"] == 1
    right.plot(range(7), np.average(firms[years], axis=0, weights=counts[name] * starts), style, color="C1", label=name)
right.plot(range(7), np.average(firms[years], axis=0, weights=counts[name] * ~starts), color="C0", label="their twins")
right.axvline(3.5, color="0.6", linewidth=0.8, linestyle=":")
right.set(xlabel="year", ylabel="R&D, points of turnover", ylim=(10, 14))
right.legend(title="starters", alignment="left", frameon=False, loc="upper left")

# %%
# The same comparison by weights in place of twins, which is right if either the chance to start or the spending is
# modelled rightly, and keeps the starters that have no twins:

for name, firms in cohorts.items():
    before = sm.add_constant(firms[BEFORE])
    chance = sm.Logit(firms["starts"], before).fit(disp=0)
    effect = TreatmentEffect(sm.OLS(firms["rd6"], before), firms["starts"], results_select=chance).aipw()
    lead, (low, high) = float(np.ravel(effect.effect)[0]), effect.conf_int()[0]
    print(f"{name}: doubly robust, starting is worth {lead:.1f} points ({low:.1f} to {high:.1f})")

# %%
# Exporters do more R&D in both worlds, and so do future exporters: firms select themselves. The path around entry and
# the twins say in which of them exporting also raises R&D. On a survey of one year, such as the report's, none of the
# three can be run: it takes firms seen before and after they start.
