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
from statsmodels.treatment.treatment_effects import TreatmentEffect

from exportmodels.share import Fractional, PanelShare


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
# Starters of year 4 beside firms that had not started by year 6, weighted by their chance to start given what they
# spent before. The estimate is doubly robust: it is right if either the chance or the spending is modelled rightly.

for name, panel in worlds.items():
    wide = 100 * panel.pivot_table(index="firm", columns="year", values="rd").add_prefix("rd")
    start = panel.groupby("firm")["start"].first()
    wide, start = wide[(start == 4) | (start > 6)], start[(start == 4) | (start > 6)]
    starts, before = (start == 4).astype(float), sm.add_constant(wide[["rd0", "rd1", "rd2", "rd3"]])
    chance = sm.Logit(starts, before).fit(disp=0)
    effect = TreatmentEffect(sm.OLS(wide["rd6"], before), starts, results_select=chance).aipw()
    lead, (low, high) = float(np.ravel(effect.effect)[0]), effect.conf_int()[0]
    print(f"{name}: two years on, starters lead their twins by {lead:.1f} points ({low:.1f} to {high:.1f})")

# %%
# Exporters do more R&D in both worlds, and so do future exporters: firms select themselves. The path around entry and
# the twins say in which of them exporting also raises R&D. On a survey of one year, such as the report's, none of the
# three can be run: it takes firms seen before and after they start.
