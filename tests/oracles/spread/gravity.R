# Poisson pseudo-likelihood with two sets of fixed effects (stats::glm with a column for each effect).
source("R/figures.R")

gravity <- function(case, covariates, clusters, weights = NULL) {
  d <- read_data("seatbelts")
  x <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  X <- cbind(x, model.matrix(~ factor(state) + factor(year), d))
  w <- if (is.null(weights)) rep(1, nrow(d)) else d[[weights]]
  fit <- suppressWarnings(glm.fit(X, d$fatalities, w, family = quasipoisson(), control = list(epsilon = 1e-15, maxit = 200)))
  m <- fit$fitted.values; y <- d$fatalities
  V <- solve(crossprod(X, X * (w * m)))
  own <- seq_len(ncol(x)); scores <- X * (w * (y - m))
  name <- function(V) setNames(se(V)[own], colnames(x))
  figures(case, "spread.GravityPoisson", "seatbelts", list(formula = paste("fatalities ~", covariates), firm = "state", destination = "year",
    weights = weights)[c("formula", "firm", "destination", if (!is.null(weights)) "weights")], "stats", clusters = clusters,
    params = setNames(fit$coefficients[own], colnames(x)), bse = if (is.null(weights)) name(V), bse_robust = name(sandwich_cov(V, scores)),
    bse_clustered = name(sandwich_cov(V, scores, d[[clusters]])), llf = sum(w * (y * log(m) - m - lgamma(y + 1))), nobs = nrow(d))
}
gravity("gravity_seatbelts", "speed65 + drinkage + income", "state")
gravity("gravity_seatbelts_weights", "speed65 + income + seatbelt", "state", weights = "age")
