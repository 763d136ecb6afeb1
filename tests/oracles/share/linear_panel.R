# Linear panel models of shares by plm: within, random (Swamy and Arora) and pooled, with errors clustered by firm.
source("R/figures.R"); suppressMessages({ library(plm); library(lmtest) })

linear_panel <- function(case, data, outcome, covariates, effects, time_effects = FALSE) {
  d <- pdata.frame(read_data(data), c("state", "year"))
  model <- c(fixed = "within", random = "random", pooled = "pooling")[[effects]]
  fit <- plm(as.formula(paste(outcome, "~", covariates)), d, model = model, effect = if (time_effects) "twoways" else "individual")
  b <- coef(fit); n <- nobs(fit); G <- length(unique(d$state))
  names(b) <- sub("(Intercept)", "Intercept", names(b), fixed = TRUE)
  slopes <- sum(names(b) != "Intercept")
  # linearmodels counts an intercept beside the slopes; firm effects are nested in the clusters and cost no degrees of
  # freedom, unless there are year effects too: it then counts both
  years <- if (time_effects) G - 1 + length(unique(d$year)) - 1 else 0
  stata <- G / (G - 1) * (n - 1) / (n - slopes - 1 - years)
  V <- vcov(fit)
  clustered <- vcovHC(fit, method = "arellano", type = "HC0", cluster = "group") * stata
  name <- function(V) setNames(sqrt(diag(V)), names(b))
  figures(case, "share.PanelShare", data, c(list(formula = paste(outcome, "~", covariates), firm = "state", year = "year", effects = effects),
    if (time_effects) list(time_effects = TRUE)), "plm", clusters = "state", params = b, bse = name(V), bse_clustered = name(clustered))
  invisible(fit)
}

for (effects in c("fixed", "random", "pooled"))
  linear_panel(paste0("linear_panel_jobless_", effects), "jobless", "unemployment", "income + beertax + miles", effects)
linear_panel("linear_panel_jobless_years", "jobless", "unemployment", "income + beertax + miles", "fixed", time_effects = TRUE)
for (effects in c("fixed", "pooled"))
  linear_panel(paste0("linear_panel_seatbelts_", effects), "seatbelts", "seatbelt", "speed65 + income + age", effects)

# Hausman's test of random against fixed effects, both covariances at the residual variance of the random-effects fit.
hausman <- function(case, data, outcome, covariates) {
  d <- pdata.frame(read_data(data), c("state", "year"))
  fit <- function(model) plm(as.formula(paste(outcome, "~", covariates)), d, model = model)
  fixed <- fit("within"); random <- fit("random")
  s2 <- function(f) deviance(f) / df.residual(f)
  b <- names(coef(fixed))
  gap <- coef(fixed) - coef(random)[b]
  V <- vcov(fixed) / s2(fixed) * s2(random) - vcov(random)[b, b]
  figures(case, "share.hausman_test", data, list(formula = paste(outcome, "~", covariates), firm = "state", year = "year"), "plm",
    statistic = drop(gap %*% solve(V, gap)), df = length(b))
}
hausman("hausman_jobless", "jobless", "unemployment", "income + beertax + miles")
hausman("hausman_jobless_employment", "jobless", "employment", "income + beertax")
