# Bracketed shares: interval regression under the normal and the logit-normal law, exact and bracketed answers mixed.
# A row with lower == upper is exact and adds the log density on the share scale (the logit's Jacobian included);
# otherwise log P(lower < share <= upper). Checked against survival::survreg(type = "interval2").
source("R/figures.R"); source("R/likelihood.R")
suppressMessages(library(survival))

# log(Phi(b) - Phi(a)), in the tail where it is precise
log_between <- function(a, b) {
  flip <- asNumeric(a + b) > 0
  low <- a; high <- b
  low[flip] <- -b[flip]; high[flip] <- -a[flip]
  top <- log_pnorm(high)
  top + log1mexp(top - log_pnorm(low))
}

bracketed_normal <- function(lower, upper) {
  exact <- lower == upper
  left <- is.infinite(lower); right <- is.infinite(upper); both <- !(exact | left | right)
  lo <- precise(ifelse(left, 0, lower)); hi <- precise(ifelse(right, 0, upper))
  function(eta) {
    mu <- eta[[1]]; s <- exp(eta[[2]])
    out <- precise(rep(0, length(lower)))
    a <- (lo - mu) / s; b <- (hi - mu) / s
    out[exact] <- (log_dnorm(a) - eta[[2]])[exact]
    out[left] <- log_pnorm(b[left])
    out[right] <- log_pnorm(-a[right])
    out[both] <- log_between(a[both], b[both])
    out
  }
}

logit <- function(p) { out <- log(precise(p) / (1 - precise(p))); out }
as_limits <- function(p) ifelse(p == 0, -Inf, ifelse(p == 1, Inf, qlogis(p)))

bracketed <- function(case, data, dist, covariates, clusters, scale = NULL, weights = NULL, ...) {
  d <- read_data(data)
  X <- design(paste("~", covariates), d)
  Z <- if (is.null(scale)) constant(nrow(d)) else design(paste("~", scale), d)
  exact <- d$lower == d$upper
  if (dist == "normal") { lower <- d$lower; upper <- d$upper; jacobian <- 0 }
  if (dist == "logitnormal") {
    lower <- as_limits(d$lower); upper <- as_limits(d$upper)
    jacobian <- precise(ifelse(exact, -log(d$lower * (1 - d$lower)), 0))
    jacobian[exact] <- -log(precise(d$lower[exact]) * (1 - precise(d$lower[exact])))
  }
  density <- bracketed_normal(lower, upper)
  if (dist == "logitnormal") {            # limits to full precision
    lo <- d$lower; hi <- d$upper
    density <- local({
      inner <- function(p) { q <- precise(rep(0, length(p))); ok <- p > 0 & p < 1; q[ok] <- logit(p[ok]); q }
      environment(density)$lo <- inner(lo); environment(density)$hi <- inner(hi)
      density
    })
  }
  loglik <- function(eta) density(eta) + jacobian
  w <- if (!is.null(weights)) d[[weights]]
  start <- survreg(Surv(ifelse(is.infinite(lower), NA, lower), ifelse(is.infinite(upper), NA, upper), type = "interval2") ~ X - 1,
    dist = "gaussian", weights = if (is.null(w)) rep(1, nrow(d)) else w, control = survreg.control(rel.tolerance = 1e-13, maxiter = 200))
  first <- c(coef(start), log(start$scale), rep(0, ncol(Z) - 1))
  fit <- maximize(loglik, list(location = X, log_scale = Z), unname(first), weights = w, cluster = d[[clusters]])
  extra <- list()
  if (is.null(scale)) extra <- list(agreement_with_survreg = agree(first, fit$params))
  out <- do.call(estimates, c(list(fit), extra))
  call <- c(list(formula = paste("lower + upper ~", covariates), dist = dist),
    if (!is.null(scale)) list(scale = paste("~", scale)), if (!is.null(weights)) list(weights = weights))
  do.call(figures, c(list(case, "share.Bracketed", data, call, c("survival", "Rmpfr"), clusters = clusters), out))
}

for (dist in c("normal", "logitnormal")) {
  bracketed(paste0("bracketed_lunch_", dist), "lunch", dist, "income + expenditure + logstudents + grades", "county")
  bracketed(paste0("bracketed_lunch_scale_", dist), "lunch", dist, "income + expenditure", "county", scale = "logstudents")
  bracketed(paste0("bracketed_lunch_weights_", dist), "lunch", dist, "income + expenditure", "county", weights = "weight")
  bracketed(paste0("bracketed_petrol_", dist), "petrol", dist, "temp + gravity", "batch")
}
