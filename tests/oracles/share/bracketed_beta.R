# Bracketed shares under a beta law, and with ends of their own: independent likelihoods in double precision.
source("R/figures.R"); source("R/likelihood.R"); source("R/numerical.R")

# log P(lower < share <= upper), from the nearer tail; log density where both are equal
between <- function(lower, upper, density, below, above) {
  out <- density
  wide <- lower < upper
  p <- ifelse(below$lower > 0.5, above$lower - above$upper, below$upper - below$lower)
  out[wide] <- log(p[wide])
  out
}
within <- list(
  beta = function(lower, upper, eta) {
    m <- plogis(eta[[1]]); f <- exp(eta$log_precision); a <- m * f; b <- (1 - m) * f
    between(lower, upper, dbeta(pmin(pmax(lower, 1e-12), 1 - 1e-12), a, b, log = TRUE),
      list(lower = pbeta(lower, a, b), upper = pbeta(upper, a, b)),
      list(lower = pbeta(lower, a, b, lower.tail = FALSE), upper = pbeta(upper, a, b, lower.tail = FALSE)))
  },
  logitnormal = function(lower, upper, eta) {
    s <- exp(eta$log_scale); z <- function(y) (qlogis(y) - eta[[1]]) / s
    inner <- pmin(pmax(lower, 1e-12), 1 - 1e-12)
    between(lower, upper, dnorm(z(inner), log = TRUE) - eta$log_scale - log(inner) - log1p(-inner),
      list(lower = pnorm(z(lower)), upper = pnorm(z(upper))), list(lower = pnorm(-z(lower)), upper = pnorm(-z(upper))))
  })

bracketed <- function(case, data, covariates, dist, clusters = NULL, spread = "1", zero = NULL, ...) {
  second <- c(beta = "log_precision", logitnormal = "log_scale")[[dist]]
  equations <- c(setNames(list(covariates, spread), c("location", second)), if (!is.null(zero)) list(zero = zero))
  call <- c(list(dist = dist), if (!is.null(zero)) list(corner = "zero"), if (spread != "1") list(precision = spread),
    if (!is.null(zero) && zero != "1") list(zero = zero), list(...))
  d <- read_data(data)
  start <- c(qlogis(mean(pmin(pmax((d$lower + d$upper) / 2, 0.05), 0.95))), rep(0, ncol(design(paste("~", covariates), d)) - 1), 0.5,
    rep(0, ncol(design(paste("~", spread), d)) - 1), if (!is.null(zero)) rep(0, ncol(design(paste("~", zero), d))))
  row_model(case, "share.Bracketed", data, "lower", equations, function(d) function(eta) {
    inside <- within[[dist]](d$lower, d$upper, eta)
    if (is.null(zero)) inside else ifelse(d$upper == 0, plogis(eta$zero, log.p = TRUE), plogis(-eta$zero, log.p = TRUE) + inside)
  }, call = call, clusters = clusters, left = "lower + upper", double = TRUE, packages = "numDeriv", start = start)
}

bracketed("bracketed_petrol_beta", "petrol", "temp + gravity", "beta", clusters = "batch")
bracketed("bracketed_lunch_beta", "lunch", "income + expenditure + logstudents + grades", "beta", clusters = "county")
bracketed("bracketed_lunch_precision_beta", "lunch", "income + expenditure", "beta", clusters = "county", spread = "logstudents")
bracketed("bracketed_lunch_weights_beta", "lunch", "income + expenditure", "beta", clusters = "county", weights = "weight")
for (dist in c("beta", "logitnormal")) {
  bracketed(paste0("bracketed_answers_zero_", dist), "answers", "income + logstudents", dist, clusters = "county", zero = "income")
  bracketed(paste0("bracketed_answers_zero_frequency_", dist), "answers", "income", dist, zero = "1", frequency = "repeats")
}
