# Poisson pseudo-likelihood with two sets of fixed effects (stats::glm with a column for each effect).
source("R/figures.R")

gravity <- function(case, data, outcome, covariates, firm, destination, clusters = NULL, weights = NULL, frequency = NULL) {
  d <- read_data(data)
  x <- design(paste("~", covariates), d)[, -1, drop = FALSE]
  X <- cbind(x, model.matrix(~ factor(d[[firm]]) + factor(d[[destination]])))
  w <- if (!is.null(weights)) d[[weights]] else if (!is.null(frequency)) d[[frequency]] else rep(1, nrow(d))
  fit <- suppressWarnings(glm.fit(X, d[[outcome]], w, family = quasipoisson(), control = list(epsilon = 1e-15, maxit = 200)))
  m <- fit$fitted.values; y <- d[[outcome]]
  V <- solve(crossprod(X, X * (w * m)))
  own <- seq_len(ncol(x)); scores <- X * ((if (is.null(frequency)) w else sqrt(w)) * (y - m))
  name <- function(V) setNames(se(V)[own], colnames(x))
  call <- c(list(formula = paste(outcome, "~", covariates), firm = firm, destination = destination),
    if (!is.null(weights)) list(weights = weights), if (!is.null(frequency)) list(frequency = frequency))
  figures(case, "spread.GravityPoisson", data, call, "stats", clusters = clusters,
    params = setNames(fit$coefficients[own], colnames(x)), bse = if (is.null(weights)) name(V), bse_robust = name(sandwich_cov(V, scores)),
    bse_clustered = if (!is.null(clusters)) name(sandwich_cov(V, scores, d[[clusters]])), llf = sum(w * (y * log(m) - m - lgamma(y + 1))), nobs = if (is.null(frequency)) nrow(d) else sum(w))
}
gravity("gravity_seatbelts", "seatbelts", "fatalities", "speed65 + drinkage + income", "state", "year", "state")
gravity("gravity_seatbelts_weights", "seatbelts", "fatalities", "speed65 + income + seatbelt", "state", "year", "state", weights = "age")
gravity("gravity_quine", "quine", "days", "eth + sex", "age", "lrn")
gravity("gravity_visits", "visits", "visits", "chronic + school + gender", "health", "insurance", "age")
gravity("gravity_biochemists_frequency", "biochemists", "art", "ment + phd", "kid5", "fem", frequency = "repeats")
