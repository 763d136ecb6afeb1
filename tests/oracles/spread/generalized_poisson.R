# Generalized Poisson counts by an independent likelihood: Var = m (1 + a m^(p-1))^2, alpha itself linear.
source("R/figures.R"); source("R/likelihood.R"); source("R/counts.R")

gp <- function(case, data, outcome, covariates, form, ..., alpha = "1") row_model(sprintf("counts_%s_%s", case, form),
  "spread.GeneralizedPoisson", data, outcome, list(log_mean = covariates, alpha = alpha),
  function(d) function(eta) counts[[form]](d[[outcome]], eta), null = list(log_mean = "1", alpha = "1"), ...)

for (form in c("gp1", "gp2")) {
  gp("biochemists", "biochemists", "art", "fem + mar + kid5 + phd + ment", form, clusters = "lab", call = list(form = form))
  gp("biochemists_frequency", "biochemists", "art", "fem + ment", form, call = list(form = form, frequency = "repeats"))
  gp("quine", "quine", "days", "eth + sex + age", form, call = list(form = form))
  gp("biochemists_alpha", "biochemists", "art", "fem + ment", form, call = list(form = form, alpha = "fem"), alpha = "fem")
}
