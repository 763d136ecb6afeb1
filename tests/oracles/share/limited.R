# Tobit (survival::survreg), truncated regression and fractional models with a scale of their own, in high precision.
source("R/figures.R"); source("R/likelihood.R"); source("R/binary.R")
suppressMessages(library(survival))

tobit <- function(y, lower, upper) {
  below <- y <= lower; above <- y >= upper; inside <- !below & !above
  function(eta) {
    s <- exp(eta[[2]])
    out <- log_dnorm((y - eta[[1]]) / s) - eta[[2]]
    if (any(below)) out[below] <- log_pnorm(((lower - eta[[1]]) / s)[below])
    if (any(above)) out[above] <- log_pnorm(((eta[[1]] - upper) / s)[above])
    out
  }
}

truncated_normal <- function(y, lower, upper) function(eta) {
  s <- exp(eta[[2]])
  inside <- if (is.infinite(upper)) log_pnorm((eta[[1]] - lower) / s) else
    log(pnorm((upper - eta[[1]]) / s) - pnorm((lower - eta[[1]]) / s))
  log_dnorm((y - eta[[1]]) / s) - eta[[2]] - inside
}

survreg_peer <- function(outcome, covariates, lower, upper, weights) function(d) {
  y <- d[[outcome]]; X <- design(paste("~", covariates), d)
  w <- if (is.null(weights)) rep(1, nrow(d)) else d[[weights]]
  fit <- survreg(Surv(ifelse(y <= lower, -Inf, pmin(y, upper)), ifelse(y >= upper, Inf, pmax(y, lower)), type = "interval2") ~ X - 1,
    weights = w, dist = "gaussian", control = survreg.control(rel.tolerance = 1e-14, maxiter = 500))
  unname(c(coef(fit), log(fit$scale)))
}

limited <- function(case, data, outcome, covariates, lower, upper, scale = "1", clusters = NULL, rows = NULL, truncation = FALSE, ...) {
  call <- list(lower = if (is.finite(lower)) lower, upper = if (is.finite(upper)) upper, ...)
  if (scale != "1") call$scale <- scale
  peer <- if (!truncation && scale == "1") survreg_peer(outcome, covariates, lower, upper, c(list(...)$weights, list(...)$frequency))
  row_model(case, if (truncation) "share.TruncatedRegression" else "share.Tobit", data, outcome, list(location = covariates, log_scale = scale),
    function(d) (if (truncation) truncated_normal else tobit)(d[[outcome]], lower, upper), call = call, clusters = clusters, rows = rows,
    null = if (!truncation || is.infinite(upper)) list(location = "1", log_scale = "1"), peer = peer, start = if (!is.null(peer)) peer(read_data(data)),
    packages = c(if (!is.null(peer)) "survival", "Rmpfr"))
}

limited("tobit_schools", "schools", "english", "income + expenditure + logstudents + grades", 0, 1, clusters = "county")
limited("tobit_schools_lunch", "schools", "lunch", "income + expenditure + grades", 0, 1, clusters = "county")
limited("tobit_schools_weights", "schools", "english", "income + expenditure", 0, 1, clusters = "county", weights = "students")
limited("tobit_schools_frequency", "schools", "english", "income + expenditure", 0, 1, frequency = "repeats")
limited("tobit_schools_scale", "schools", "english", "income + expenditure", 0, 1, scale = "logstudents", clusters = "county")
limited("tobit_affairs", "affairs", "affairs", "age + yearsmarried + religiousness + rating", 0, Inf)
limited("tobit_mroz", "mroz", "hours", "income + education + experience + experience2 + age + youngkids", 0, Inf)
limited("truncated_normal_mroz", "mroz", "hours", "income + education + experience + age + youngkids", 0, Inf, rows = "hours > 0", truncation = TRUE)
limited("truncated_normal_petrol", "petrol", "share", "temp + gravity", 0, 1, clusters = "batch", truncation = TRUE)
limited("truncated_normal_mroz_scale", "mroz", "hours", "income + education + age", 0, Inf, rows = "hours > 0", truncation = TRUE, scale = "age")

# Heteroskedastic fractional probit: F(x'b exp(-z'g)), z without a constant.
heteroskedastic <- function(case, link, data, outcome, covariates, scale, clusters) {
  d <- read_data(data); y <- d[[outcome]]
  X <- list(location = design(paste("~", covariates), d), log_scale = design(paste("~", scale), d)[, -1, drop = FALSE])
  base <- bernoulli(y, link)
  start <- c(glm_start(y, X$location, link), rep(0, ncol(X$log_scale)))
  fit <- maximize(function(eta) base(list(eta[[1]] * exp(-eta[[2]]))), X, start, cluster = d[[clusters]])
  figures(case, "share.Fractional", data, list(formula = paste(outcome, "~", covariates), link = link, scale = scale), "Rmpfr",
    clusters = clusters, params = fit$params, bse = fit$bse, bse_robust = fit$bse_robust, bse_clustered = fit$bse_clustered,
    cov_params = unname(fit$cov), llf = fit$llf, nobs = fit$nobs)
}
for (link in c("logit", "probit"))
  heteroskedastic(paste0("fractional_schools_scale_", link), link, "schools", "english", "income + expenditure + logstudents", "logstudents", "county")
